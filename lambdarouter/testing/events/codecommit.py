"""Runs of a CodeCommit repository's trigger.

Shape after "Manage triggers for a repository" in the CodeCommit user guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, MOMENT, REGION, arn, identifier, iso_millis

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["codecommit"]


def codecommit(repository: str, *refs: str, trigger: str = "push") -> dict[str, Any]:
    """Build a push of `refs`, such as "refs/heads/main", to a repository ("codecommit")."""
    return {
        "Records": [
            {
                "awsRegion": REGION,
                "codecommit": {
                    "references": [{"commit": identifier(ref).replace("-", "") + "0" * 8, "ref": ref} for ref in refs]
                },
                "customData": None,
                "eventId": identifier(repository, *refs),
                "eventName": "ReferenceChanges",
                "eventPartNumber": 1,
                "eventSource": "aws:codecommit",
                "eventSourceARN": arn("codecommit", repository),
                "eventTime": iso_millis(MOMENT),
                "eventTotalParts": 1,
                "eventTriggerConfigId": identifier(trigger),
                "eventTriggerName": trigger,
                "eventVersion": "1.0",
                "userIdentityARN": f"arn:aws:iam::{ACCOUNT}:user/ada",
            }
        ]
    }
