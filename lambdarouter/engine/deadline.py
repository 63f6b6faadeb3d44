"""The reply leaves before Lambda kills the function, whatever handlers do.

At the limit (the invocation's deadline less `deadline_margin`) no more work is started, and what runs is stopped:

- awaiting code is cancelled once;
- code that blocks the main thread, sync or inside an `async def`, is interrupted by a timer signal whose handler
  raises `Interrupted`;
- what still runs half a margin later (it swallowed its cancellation, or sits in a thread) is left behind and reported
  failed.

One interval timer serves the process. It is armed anew for every invocation and never disarmed, which would cost as
much again: a ring that finds no invocation in progress turns the timer off. While an event loop runs, a ring first
asks it for a sign of life, and interrupts only if the loop has not come round by the next ring.
"""

from __future__ import annotations

import signal
from _thread import get_ident
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from lambdarouter.core.context import Context

__all__ = ["Deadline", "Interrupted"]


class Interrupted(BaseException):
    """Raised by the timer in code that blocks past the limit; a BaseException, so that `except Exception` lets it by."""


class Deadline:
    """The limit of one invocation, and what to stop when it is reached."""

    __slots__ = ("_waiting", "inside", "limit", "loop", "margin", "on_abandon", "stopped", "tasks")

    def __init__(self, context: Context, margin: float) -> None:
        self.margin = margin
        # time.monotonic() seconds, None where there is no deadline.
        self.limit = None if context.deadline is None else context.deadline - margin
        # Whether user code runs on this thread, with no event loop: where a ring may interrupt at once.
        self.inside = False
        self.loop: AbstractEventLoop | None = None
        self.tasks: set[Task[Any]] = set()
        self.on_abandon: Callable[[], None] | None = None
        self.stopped = False
        self._waiting = False

    @property
    def expired(self) -> bool:
        """Whether the limit has passed: from now on, nothing is started."""
        return self.limit is not None and monotonic() >= self.limit

    def start(self) -> None:
        """Arm the timer for this invocation."""
        if self.limit is not None:
            _alarm.arm(self)

    def finish(self) -> None:
        """Let go of the timer: what rings from now on is stale."""
        _alarm.release(self)

    def enter(self, loop: AbstractEventLoop, task: Task[Any], on_abandon: Callable[[], None]) -> None:
        """Go on in an event loop: `task` is what to cancel, `on_abandon` is called when waiting is over."""
        self.inside = False
        self.tasks.add(task)
        self.on_abandon = on_abandon
        if self.limit is not None and not _alarm.watches(self):
            loop.call_later(max(0.0, self.limit - monotonic()), self.stop)
        self.loop = loop

    def stop(self) -> None:
        """Cancel what awaits, once, and stop waiting for it half a margin later. Called in the loop, at the limit."""
        if self.stopped or self.on_abandon is None or self.loop is None:
            return
        self.stopped = True
        for task in tuple(self.tasks):
            task.cancel()
        self.loop.call_later(self.margin / 2, self.on_abandon)

    def ring(self) -> None:
        """Answer the timer, in the signal handler: on the main thread, between two bytecodes."""
        if self.loop is None:
            if self.inside:
                raise Interrupted
        elif self._waiting:
            raise Interrupted  # the loop has not come round since the last ring: somebody blocks it
        else:
            self._waiting = True
            self.loop.call_soon_threadsafe(self._alive)

    def _alive(self) -> None:
        self._waiting = False
        self.stop()


class _Alarm:
    """The process's interval timer, and the invocation it is armed for."""

    __slots__ = ("deadline", "thread")

    def __init__(self) -> None:
        self.deadline: Deadline | None = None
        self.thread: int | None = None

    def arm(self, deadline: Deadline) -> None:
        if self.thread != get_ident() and not self._install():
            return
        if self.deadline is not None or signal.getsignal(signal.SIGALRM) != self._ring:
            # Another invocation is being watched (several share an event loop), or the app has put the signal to a
            # use of its own since: this one has only its cancellation.
            return
        self.deadline = deadline
        assert deadline.limit is not None  # noqa: S101 - for the type checker: start() asks
        signal.setitimer(signal.ITIMER_REAL, max(deadline.limit - monotonic(), 1e-6), deadline.margin / 4 or 0.01)

    def release(self, deadline: Deadline) -> None:
        if self.deadline is deadline:
            self.deadline = None

    def watches(self, deadline: Deadline) -> bool:
        return self.deadline is deadline

    def _install(self) -> bool:
        """Take SIGALRM, where it is free. Only the main thread can; a handler of the app's own is left alone."""
        if self.thread is not None or not hasattr(signal, "setitimer"):
            return False
        try:
            if signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
                return False
            signal.signal(signal.SIGALRM, self._ring)
        except ValueError:
            return False  # not the main thread
        self.thread = get_ident()
        return True

    def _ring(self, _signum: int, _frame: FrameType | None) -> None:
        deadline = self.deadline
        if deadline is None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        elif deadline.expired:
            deadline.ring()


_alarm = _Alarm()
