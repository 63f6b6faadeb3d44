"""The eventbridge source: one event of a bus, and the routes that name it."""

from __future__ import annotations

from collections.abc import Mapping

from lambdarouter.core import codec
from lambdarouter.core.check import nearest
from lambdarouter.core.conversion import list_of_strings, timestamp
from lambdarouter.core.envelope import hops_of
from lambdarouter.core.single import FilterTrigger, SingleRecord, SingleSource
from lambdarouter.core.view import field
from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.eventbridge.pattern import EventPattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.envelope import Via
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["EventBridgeEvent", "EventBridgeSource", "EventBridgeTrigger"]


def _detail(raw: Any) -> Any:
    # EventBridge Scheduler writes its detail as JSON text, "{}".
    return codec.decode(raw, "detail") if isinstance(raw, str) else raw


class EventBridgeEvent(SingleRecord):
    """One event of a bus.

    https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """

    _id_path = ("id",)

    source: str = field("source")
    detail_type: str = field("detail-type")
    # What the source says of it: nearly always an object.
    detail: Any = field("detail", of=_detail, default=dict)
    event_id: str = field("id", default="")
    account: str = field("account", default="")
    region: str = field("region", default="")
    time: datetime = field("time", of=timestamp)
    resources: list[str] = field("resources", of=list_of_strings, default=list)
    version: str = field("version", default="0")
    # Of an event that an archive replays: the replay's name.
    replay_name: str | None = field("replay-name", default=None)


class EventBridgeSource(SingleSource):
    """Events of a bus: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("eventbridge",)
    adopts: tuple[str, ...] = ("s3.eventbridge", "cron.rule", "cron.scheduler")
    decorator = "@app.eventbridge(source, detail_type)"
    record: type[View] = EventBridgeEvent
    value: str | None = "detail"

    def origin(self, record: EventBridgeEvent) -> str:
        """Its source and detail type."""
        return f"the EventBridge event {record.detail_type!r} of {record.source!r}"


class EventBridgeTrigger(FilterTrigger):
    """`@app.eventbridge("shop.orders", "OrderPlaced")`: run for these events of a bus.

    `source`, `detail_type`: names or globs, or lists of them; without, any. `pattern`: an event pattern, in the
    language of EventBridge's rules, on the whole event; an event that the first two name and it does not match is
    declined. `via`: the queue through which they come ("sqs:orders-queue"). `shared`: the options of every trigger.
    """

    __slots__ = ("_naming", "_pattern", "via")

    source: type[Source] = EventBridgeSource

    def __init__(
        self,
        source: str | Sequence[str] | None = None,
        detail_type: str | Sequence[str] | None = None,
        *,
        pattern: Mapping[str, Any] | None = None,
        via: Via = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"source": source, "detail_type": detail_type}, **shared)
        self.via: tuple[Any, ...] = hops_of(via)
        self._pattern: EventPattern | None = None
        self._naming: EventPattern | None = None
        if pattern is not None:
            self._pattern = EventPattern(pattern)
            _check_fields(pattern)
            # What the pattern says of these two names the event, as the options do.
            named = {key: pattern[key] for key in ("source", "detail-type") if key in pattern}
            self._naming = EventPattern(named) if named else None

    def claims(self, record: EventBridgeEvent) -> bool:
        """By source and detail type, wherever they are given."""
        return super().claims(record) and (self._naming is None or self._naming.matches(record.raw))

    def declines(self, record: EventBridgeEvent) -> str | None:
        """By the pattern."""
        if self._pattern is None or self._pattern.matches(record.raw):
            return None
        return f"the event does not match the pattern {self._pattern}"

    def describe(self) -> str:
        """Source, detail type and pattern."""
        named = super().describe()
        shown = [named] if named else []
        if self._pattern is not None:
            shown.append(f"pattern={self._pattern}")
        return " ".join(shown) or "all events"


def _check_fields(pattern: Mapping[str, Any]) -> None:
    """Refuse what no event can have: a field beside EventBridge's own, and in those of text anything else."""
    for name, wanted in pattern.items():
        if name == "$or":
            for each in wanted:
                _check_fields(each)
        elif name not in _FIELDS:
            # A pattern may say that there is no such field.
            if not EventPattern({name: wanted}).matches({}):
                msg = (
                    f"pattern: no event has the field {name!r}{nearest(name, _FIELDS)}; at the top there are "
                    f"{', '.join(_FIELDS)}, and what the sender says is in the detail"
                )
                raise ConfigurationError(msg)
        elif name not in ("detail", "resources"):
            other = [each for each in wanted if not isinstance(each, (str, Mapping))]
            if isinstance(wanted, Mapping) or other:
                msg = f"pattern, at {name}: {(other or [wanted])[0]!r} can never match, the field is text"
                raise ConfigurationError(msg)


_FIELDS = (
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
    "replay-name",
)
