"""Connect outbound campaigns: a handler for the "Lambda function" blocks of journeys.

::

    @app.connect_campaign("welcome-*")
    def welcome(event: CampaignEvent) -> dict:
        return {"Items": {"CustomerProfiles": [{"ProfileId": each["ProfileId"]} for each in event.profiles]}}

`campaign` is the campaign's name or a glob, or a list of them. `CampaignEvent` is passed by its type. The campaign gets
the value as JSON.

Delivery: synchronous. A handler that raises, and a campaign of no route, fail the block for all of its profiles. Each
profile has an idempotency token, which stays the same when the block is tried again.
https://docs.aws.amazon.com/connect/latest/adminguide/enable-outbound-campaigns.html
"""

from __future__ import annotations

from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["CampaignEvent", "ConnectCampaignSource", "ConnectCampaignTrigger"]


class CampaignEvent(SingleRecord):
    """One block of a journey, and the profiles that are in it."""

    _id_path = ("InvocationMetadata", "CampaignContext", "ActionId")

    campaign: str = field("InvocationMetadata", "CampaignContext", "CampaignName", default="")
    campaign_id: str = field("InvocationMetadata", "CampaignContext", "CampaignId", default="")
    run_id: str = field("InvocationMetadata", "CampaignContext", "RunId", default="")
    action_id: str = field("InvocationMetadata", "CampaignContext", "ActionId", default="")
    # Each with "ProfileId", "CustomerData" (JSON text) and "IdempotencyToken".
    profiles: list[dict[str, Any]] = field("Items", "CustomerProfiles", of=list, default=list)


class ConnectCampaignSource(SynchronousSource):
    """Blocks of journeys: one handler, its value."""

    names: tuple[str, ...] = ("connect.campaign",)
    decorator = "@app.connect_campaign(campaign)"
    record: type[View] = CampaignEvent

    def origin(self, record: CampaignEvent) -> str:
        """The campaign."""
        return f"the Connect campaign {record.campaign!r}"


class ConnectCampaignTrigger(FilterTrigger):
    """`@app.connect_campaign("welcome-*")`: answer the blocks of this campaign.

    `campaign`: the campaign's name or a glob, or a list of them; without, every campaign. `shared`: the options of
    every trigger.
    """

    __slots__ = ()

    source: type[Source] = ConnectCampaignSource

    def __init__(self, campaign: str | Sequence[str] | None = None, **shared: Unpack[Shared]) -> None:
        super().__init__({"campaign": campaign}, **shared)
