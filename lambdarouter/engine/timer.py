"""The timer of an event loop that handles one event at a time: it tells each of its limit."""

from __future__ import annotations

from math import inf
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle
    from collections.abc import Callable

__all__ = ["Timer"]


class Timer:
    """Left as it is where it rings before an event's limit: to set and cancel one for each takes a microsecond."""

    __slots__ = ("_due", "_handle", "_limit", "_loop", "_stop")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        # Of the event in progress.
        self._limit = inf
        self._stop: Callable[[], None] | None = None
        # When it rings.
        self._due = inf
        self._handle: TimerHandle | None = None

    def watch(self, limit: float, stop: Callable[[], None]) -> None:
        """Call `stop` when it is `limit` by `time.monotonic()`."""
        self._limit, self._stop = limit, stop
        if limit < self._due:
            if self._handle is not None:
                self._handle.cancel()
            self._due = limit
            self._handle = self._loop.call_later(max(0.0, limit - monotonic()), self._ring)

    def release(self) -> None:
        """Forget the event: it is over."""
        self._stop = None

    def _ring(self) -> None:
        self._due, self._handle = inf, None
        if self._stop is None:
            return
        if monotonic() >= self._limit:
            self._stop()
        else:
            self.watch(self._limit, self._stop)
