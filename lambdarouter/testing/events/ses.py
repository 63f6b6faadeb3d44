"""Mail received by Amazon SES, as the Lambda action of a receipt rule sees it: headers and verdicts, no body.

Shape after "Contents of notifications for Amazon SES email receiving" and "Invoke Lambda function action" in
the SES developer guide.
"""

from __future__ import annotations

import re
from email.utils import format_datetime, parseaddr

from lambdarouter.testing.events.common import MOMENT, REGION, arn, identifier, iso_millis

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["ses"]

_COMMON = {
    "return-path": "returnPath",
    "date": "date",
    "message-id": "messageId",
    "sender": "sender",
    "subject": "subject",
}
_COMMON_LISTS = {"from": "from", "reply-to": "replyTo", "to": "to", "cc": "cc", "bcc": "bcc"}
_SEPARATOR = re.compile(r',\s*(?=(?:[^"]*"[^"]*")*[^"]*$)')  # a comma, but none inside a quoted name


def ses(
    *,
    recipients: str | Sequence[str],
    sender: str = "sender@example.com",
    subject: str | None = "",
    headers: Mapping[str, str | Sequence[str]] | None = None,
    spam: str = "PASS",
    virus: str = "PASS",
    spf: str = "PASS",
    dkim: str = "PASS",
    dmarc: str = "PASS",
    dmarc_policy: str = "none",
    action: str = "Lambda",
    invocation_type: str = "RequestResponse",
) -> dict[str, Any]:
    """Build the event of one mail from `sender` to `recipients` ("ses").

    `sender` may carry a name (``Ada <ada@example.com>``); the envelope has the bare address. `headers` are
    added to the mail's own, or stand in their place (``{"To": …}`` for a blind copy). Verdicts are PASS,
    FAIL, GRAY, PROCESSING_FAILED or DISABLED; the event has `dmarc_policy` only when `dmarc` is FAIL. SES
    waits for the function's disposition when `invocation_type` is RequestResponse, not when it is Event.
    """
    addresses = [recipients] if isinstance(recipients, str) else list(recipients)
    source = parseaddr(sender)[1] or sender
    domain = source.rpartition("@")[2] or "example.com"
    message_id = identifier(source, *addresses, subject or "").replace("-", "")
    date = format_datetime(MOMENT)
    own = {
        "Return-Path": f"<{source}>",
        "Received": (
            f"from mail.{domain} (mail.{domain} [203.0.113.25]) by inbound-smtp.{REGION}.amazonaws.com"
            f" with SMTP id {message_id} for {addresses[0]}; {date}"
        ),
        "MIME-Version": "1.0",
        "From": sender,
        "Date": date,
        "Message-ID": f"<{message_id}@{domain}>",
        "Subject": subject,
        "To": ", ".join(addresses),
        "Content-Type": "text/plain; charset=UTF-8",
    }
    sent = _headers(own, headers or {})
    receipt: dict[str, Any] = {
        "timestamp": iso_millis(MOMENT),
        "processingTimeMillis": 574,
        "recipients": addresses,
        "spamVerdict": {"status": spam},
        "virusVerdict": {"status": virus},
        "spfVerdict": {"status": spf},
        "dkimVerdict": {"status": dkim},
        "dmarcVerdict": {"status": dmarc},
    }
    if dmarc == "FAIL":
        receipt["dmarcPolicy"] = dmarc_policy
    receipt["action"] = _action(action, invocation_type, message_id)
    return {
        "Records": [
            {
                "eventSource": "aws:ses",
                "eventVersion": "1.0",
                "ses": {
                    "mail": {
                        "timestamp": iso_millis(MOMENT),
                        "source": source,
                        "messageId": message_id,
                        "destination": list(addresses),
                        "headersTruncated": False,
                        "headers": [{"name": name, "value": value} for name, value in sent],
                        "commonHeaders": _common_headers(sent),
                    },
                    "receipt": receipt,
                },
            }
        ]
    }


def _headers(own: Mapping[str, str | None], given: Mapping[str, str | Sequence[str]]) -> list[tuple[str, str]]:
    given_names = {name.lower(): name for name in given}
    values = {given_names.get(name.lower(), name): value for name, value in own.items()} | dict(given)
    return [
        (name, value)
        for name, each in values.items()
        if each is not None
        for value in ([each] if isinstance(each, str) else each)
    ]


def _common_headers(sent: Sequence[tuple[str, str]]) -> dict[str, Any]:
    common: dict[str, Any] = {}
    for name, value in sent:
        lower = name.lower()
        if lower in _COMMON:
            common[_COMMON[lower]] = parseaddr(value)[1] if lower == "return-path" else value
        elif lower in _COMMON_LISTS:
            common.setdefault(_COMMON_LISTS[lower], []).extend(_SEPARATOR.split(value))
    return common


def _action(action: str, invocation_type: str, message_id: str) -> dict[str, str]:
    if action == "Lambda":
        function = arn("lambda", "function:back-office")
        return {"type": action, "functionArn": function, "invocationType": invocation_type}
    described = {"type": action, "topicArn": arn("sns", "received-mail")}
    if action == "S3":
        described |= {"bucketName": "received-mail", "objectKey": f"inbox/{message_id}"}
    return described
