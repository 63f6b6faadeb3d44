"""What AppSync Events asks a channel namespace's Lambda function.

Shape after "Direct data source integrations using Lambda" in the AppSync Events developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import identifier, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["appsync_events"]


def appsync_events(channel: str, *payloads: Any) -> dict[str, Any]:
    """Build a publication of `payloads` on a channel, or without any a subscription to it ("appsync.events")."""
    segments = channel.strip("/").split("/")
    events = [
        {"id": identifier("event", channel, str(number)), "payload": json_value(payload)}
        for number, payload in enumerate(payloads)
    ]
    return {
        "identity": None,
        "result": None,
        "request": {"headers": {}, "domainName": None},
        "info": {
            "channel": {"path": channel, "segments": segments},
            "channelNamespace": {"name": segments[0]},
            "operation": "PUBLISH" if payloads else "SUBSCRIBE",
        },
        "error": None,
        "prev": None,
        "stash": {},
        "outErrors": [],
        "events": events or None,
    }
