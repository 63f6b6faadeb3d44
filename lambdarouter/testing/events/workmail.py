"""Mail that an email flow rule of WorkMail hands to Lambda.

Shape after "Configuring AWS Lambda for Amazon WorkMail" in the WorkMail administrator guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["workmail"]


def workmail(
    *recipients: str, sender: str = "ada@example.com", subject: str = "", direction: str = "INBOUND"
) -> dict[str, Any]:
    """Build one mail to `recipients` ("workmail"); `direction` is INBOUND or OUTBOUND."""
    return {
        "summaryVersion": "2018-10-10",
        "envelope": {
            "mailFrom": {"address": sender},
            "recipients": [{"address": recipient} for recipient in recipients],
        },
        "sender": {"address": sender},
        "subject": subject,
        "messageId": identifier(sender, subject, *recipients),
        "invocationId": identifier("invocation", sender, subject).replace("-", ""),
        "flowDirection": direction,
        "truncated": False,
    }
