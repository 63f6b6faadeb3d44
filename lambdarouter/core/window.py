"""Tumbling windows: a stream's records counted together, with a state that goes from one invocation to the next."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.batch import Batch, BatchMatch, PartialSource, takes_batch
from lambdarouter.core.conversion import timestamp
from lambdarouter.core.view import Event, field
from lambdarouter.errors import ConfigurationError, InvalidEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Any

    from lambdarouter.core.handler import Getter, Handler
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.series import Series
    from lambdarouter.core.trigger import Trigger

__all__ = ["StreamEvent", "StreamSource", "Window"]

_MOST_STATE = 1024 * 1024


class Window:
    """A tumbling window, as a handler of its batches sees it.

    `state`: what the handler left in it in the last invocation of this window, a JSON object of at most 1 MB; it may be
    changed, or replaced. `start`, `end`: when the window begins and ends. `shard_id`: windows are per shard.
    `is_final`: nothing comes after this; the batch may be empty. `is_terminated_early`: Lambda ended it because the
    state became too large. https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
    """

    __slots__ = ("end", "is_final", "is_terminated_early", "shard_id", "start", "state")

    def __init__(self, event: StreamEvent) -> None:
        self.start: datetime = event.window_start
        self.end: datetime = event.window_end
        self.shard_id: str = event.shard_id
        self.is_final: bool = event.is_final
        self.is_terminated_early: bool = event.is_terminated_early
        self.state: dict[str, Any] = event.state


class StreamEvent(Event):
    """A batch of one shard, of a tumbling window where the event source mapping has one."""

    raw_window: dict[str, Any] | None = field("window", of=dict, default=None)
    window_start: datetime = field("window", "start", of=timestamp)
    window_end: datetime = field("window", "end", of=timestamp)
    state: dict[str, Any] = field("state", of=dict, default=dict)
    shard_id: str = field("shardId", default="")
    stream_arn: str = field("eventSourceARN")
    is_final: bool = field("isFinalInvokeForWindow", of=bool, default=False)
    is_terminated_early: bool = field("isWindowTerminatedEarly", of=bool, default=False)
    _window: Window | None = None

    @property
    def window(self) -> Window | None:
        """The tumbling window; None where the mapping has none. The same object for all who ask."""
        if self._window is None and self.raw_window is not None:
            self._window = Window(self)
        return self._window


class StreamSource(PartialSource):
    """A source of one shard's records: partial failures, and tumbling windows."""

    event: type[Event] = StreamEvent

    def match_all(self, event: StreamEvent, routes: Any) -> list[Match | Outcome] | Series:
        """A window may end without records: then its handlers are called with an empty batch."""
        items = super().match_all(event, routes)
        if items or event.raw_window is None:
            return items
        probe = self.record({"eventSourceARN": event.stream_arn})
        claimed = [route for route in routes if route.trigger.claims(probe)]
        if not claimed:
            return [self.unclaimed(probe, routes)]
        return [BatchMatch(route, Batch([])) for route in claimed if route in routes.whole]

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The window, for handlers of the batch."""
        if parameter.annotation is Window and parameter.marker is None:
            parameter.where = "window"
            return _window
        return super().provide(parameter, trigger)

    def plan(self, fn: Callable[..., Any], trigger: Trigger) -> Handler:
        """Plan a handler: the state of a window is nothing that calls running side by side could share."""
        handler = super().plan(fn, trigger)
        if any(parameter.where == "window" for parameter in handler.parameters) and not takes_batch(handler):
            msg = f"a handler with the Window takes the whole batch: add a parameter list[{self.record.__name__}]"
            raise ConfigurationError(msg)
        return handler

    def reply(self, event: StreamEvent, failures: Sequence[Any]) -> Any:
        """The failures; in a window, always with its state."""
        reply = super().reply(event, failures)
        if event.raw_window is not None:
            state: Any = event.state if event._window is None else event._window.state  # noqa: SLF001 - a view of ours
            if not isinstance(state, dict):
                msg = f"the window's state is {type(state).__name__}; it is a dict that JSON can hold"
                raise TypeError(msg)
            size = len(codec.encode(state).encode())
            if size > _MOST_STATE:
                msg = f"the window's state is {size} bytes of JSON, more than the {_MOST_STATE} that Lambda takes"
                raise ValueError(msg)
            reply["state"] = state
        return reply


def _window(match: Match, invocation: Invocation) -> Any:
    event: Any = invocation.event
    if event.window is None:
        msg = (
            "the handler takes a Window, and the event has none: set the event source mapping's TumblingWindowInSeconds"
        )
        raise InvalidEventError(msg)
    return event.window
