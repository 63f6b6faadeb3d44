"""AppSync Events: a handler for what is published on a channel, and for who subscribes to it.

::

    @app.appsync_events("/orders/*")
    def published(order: Order, event: ChannelEvent) -> Order: ...


    @app.appsync_events("/orders/*", operation="SUBSCRIBE")
    def subscribes(event: ChannelEvent) -> None: ...

`channel` is a channel's path or a glob, or a list of them; `operation` is "PUBLISH" or "SUBSCRIBE". One parameter takes
the payload; `ChannelEvent` is passed by its type. What a publish handler returns is broadcast in the payload's place,
None leaves it as it came.

Delivery: synchronous (with the data source in event mode asynchronous, and the reply does not count). A publish handler
is called for each event, side by side, and one that raises refuses that event; a subscribe handler that raises refuses
the subscription. `UnauthorizedException` refuses everything with 403. So is answered what no route names, as an error.
https://docs.aws.amazon.com/appsync/latest/eventapi/direct-lambda-integrations.html
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.check import check_beginning, check_choices
from lambdarouter.core.conversion import any_value, map_of_headers, object_if_any
from lambdarouter.core.single import FilterTrigger, SynchronousSource, plain
from lambdarouter.core.view import Event, Record, View, field
from lambdarouter.errors import LambdarouterError, Unauthorized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared

__all__ = [
    "AppSyncEventsEvent",
    "AppSyncEventsSource",
    "AppSyncEventsTrigger",
    "ChannelEvent",
    "UnauthorizedException",
]

_LIMIT = 240 * 1024  # bytes of an event, above which AppSync drops it
_OPERATIONS = ("PUBLISH", "SUBSCRIBE")


class UnauthorizedException(LambdarouterError):  # noqa: N818 - AppSync goes by the name
    """Refuses a publication or a subscription with 403."""


_REFUSALS = (UnauthorizedException, Unauthorized)


class AppSyncEventsEvent(Event):
    """What was published on a channel at once, or one subscription."""

    operation: str = field("info", "operation", default="PUBLISH")
    channel: str = field("info", "channel", "path", default="")
    segments: list[str] = field("info", "channel", "segments", of=list, default=list)
    namespace: str = field("info", "channelNamespace", "name", default="")
    headers: dict[str, str] = field("request", "headers", of=map_of_headers, default=dict)
    # Who it is: what there is depends on how the API authorizes; empty with an API key.
    identity: dict[str, Any] = field("identity", of=object_if_any, default=dict)
    # Null where somebody subscribes.
    events: list[Any] = field("events", of=list, default=list)


class ChannelEvent(Record):
    """One event of a channel; of a subscription, the channel alone."""

    event_id: str = field("id", default="")
    payload: Any = field("payload", of=any_value, default=None)
    # What it came with.
    event: AppSyncEventsEvent

    @property
    def id(self) -> str:
        """AppSync's id of the event, or its place."""
        found = self.peek("id")
        return found or self.locate()

    @property
    def operation(self) -> str:
        """PUBLISH or SUBSCRIBE."""
        return self.event.operation

    @property
    def channel(self) -> str:
        """The channel's path, such as "/orders/17"."""
        return self.event.channel

    @property
    def segments(self) -> list[str]:
        """The path's segments, such as ["orders", "17"]."""
        return self.event.segments

    @property
    def namespace(self) -> str:
        """The channel's namespace."""
        return self.event.namespace

    @property
    def identity(self) -> dict[str, Any]:
        """Who publishes or subscribes."""
        return self.event.identity

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers, names in lower case."""
        return self.event.headers


class AppSyncEventsSource(SynchronousSource):
    """Channels: one handler for each event, `{"events": [...]}`; for a subscription, null or an error."""

    names: tuple[str, ...] = ("appsync.events",)
    decorator = "@app.appsync_events(channel)"
    event: type[Event] = AppSyncEventsEvent
    record: type[View] = ChannelEvent
    value: str | None = "payload"

    def parse(self, event: Any, name: str) -> View:
        """The event."""
        return AppSyncEventsEvent(event)

    def split(self, event: AppSyncEventsEvent) -> Sequence[ChannelEvent]:
        """One record for each published event, or for the subscription."""
        if event.operation == "PUBLISH":
            records = [ChannelEvent(raw, "events", index) for index, raw in enumerate(event.events)]
        else:
            records = [ChannelEvent({})]
        for record in records:
            record.event = event
        return records

    def origin(self, record: ChannelEvent) -> str:
        """The channel."""
        return f"{record.operation} on the AppSync channel {record.channel!r}"

    def result(self, match: Match, value: Any) -> Any:
        """What is broadcast. Raises ValueError where AppSync would drop it for its size."""
        record = match.record
        if record.operation != "PUBLISH":
            return None
        payload = plain(record.payload if value is None else value)
        size = len(codec.encode(payload).encode())
        if size > _LIMIT:
            msg = f"the event has {size} bytes; AppSync drops events of more than {_LIMIT}"
            raise ValueError(msg)
        return payload

    def respond(self, event: AppSyncEventsEvent, outcomes: Sequence[Outcome]) -> Any:
        """The events, or what refuses them."""
        for outcome in outcomes:
            if isinstance(outcome.error, _REFUSALS):
                raise UnauthorizedException(str(outcome.error)) from outcome.error
        if event.operation != "PUBLISH":
            error = outcomes[0].error
            return None if error is None else {"error": _said(error)}
        return {"events": [_answer(outcome) for outcome in outcomes]}

    def reports(self, outcome: Outcome) -> bool:
        """Not what refuses everything, which is raised under AppSync's name for it."""
        return not isinstance(outcome.error, _REFUSALS)


def _answer(outcome: Outcome) -> dict[str, Any]:
    raw: Any = outcome.record.raw
    identity = {"id": raw.get("id") if isinstance(raw, dict) else None}
    if outcome.error is None:
        return identity | {"payload": outcome.value}
    return identity | {"error": _said(outcome.error)}


def _said(error: Exception) -> str:
    return f"{type(error).__name__} - {error}"


class AppSyncEventsTrigger(FilterTrigger):
    """`@app.appsync_events("/orders/*")`: run for what is published on a channel.

    `channel`: a channel's path or a glob, or a list of them. `operation`: "PUBLISH", or "SUBSCRIBE" for who subscribes.
    `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = AppSyncEventsSource

    def __init__(
        self,
        channel: str | Sequence[str],
        *,
        operation: Literal["PUBLISH", "SUBSCRIBE"] = "PUBLISH",
        **shared: Unpack[Shared],
    ) -> None:
        check_choices("operation", operation, _OPERATIONS)
        super().__init__({"operation": operation, "channel": channel}, **shared)
        check_beginning("channel", channel, "/")
