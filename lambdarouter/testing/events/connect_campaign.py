"""The "Lambda function" blocks of Amazon Connect outbound campaigns.

Shape after the outbound campaigns of the Connect administrator guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import identifier, json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["connect_campaign"]


def connect_campaign(campaign: str, *profiles: Mapping[str, Any]) -> dict[str, Any]:
    """Build the call of a journey's block for these customers ("connect.campaign")."""
    return {
        "InvocationMetadata": {
            "CampaignContext": {
                "CampaignId": identifier("campaign", campaign),
                "RunId": identifier("run"),
                "ActionId": identifier("action"),
                "CampaignName": campaign,
            }
        },
        "Items": {
            "CustomerProfiles": [
                {
                    "ProfileId": identifier("profile", str(number)),
                    "CustomerData": json_text(profile),
                    "IdempotencyToken": identifier("token", str(number)),
                }
                for number, profile in enumerate(profiles)
            ]
        },
    }
