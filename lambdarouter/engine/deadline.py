"""The reply leaves before Lambda kills the function, whatever handlers do.

At the limit (the invocation's deadline less `deadline_margin`) no more work is started, and what runs is stopped:

- awaiting code is cancelled once;
- code that blocks the main thread, sync or inside an `async def`, is interrupted by a timer signal whose handler
  raises `Interrupted`;
- what still runs half a margin later (it swallowed its cancellation, or sits in a thread) is left behind and reported
  failed.

One timer serves the process. It is never disarmed, and left as it is where it rings before an invocation's limit. A
ring that finds no invocation in progress does nothing; one that comes early sets the timer for what is left. While an
event loop runs, a ring first asks it for a sign of life, and interrupts only where two more find that the loop has not
come round: one alone may have been late because the whole process stood still, and then nobody blocks the loop. Where
several invocations share the loop, only the code of one that is late itself is interrupted: another's has its own time,
whoever waits for it.
"""

from __future__ import annotations

import atexit
import os
from _thread import get_ident
from sys import modules
from time import monotonic

try:
    # The C part alone: `signal` loads enum, 2 ms, and spends a microsecond for every event on making an enum.
    import _signal as signal  # type: ignore[import-not-found] # typeshed omits it
except ImportError:  # not CPython
    import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task, TimerHandle
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import Any, TypeVar

    from lambdarouter.engine.timer import Timer

    F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["Deadline", "Interrupted", "let_go", "uninterrupted"]

_SIGALRM = int(getattr(signal, "SIGALRM", 0))  # there is none on Windows


class Interrupted(BaseException):
    """Raised by the timer in code that blocks past the limit, and where what awaits cannot be stopped.

    No Exception, so that `except Exception` lets it by.
    """


# The code of what no ring may interrupt.
_engines_own: set[CodeType] = set()


def uninterrupted(fn: F) -> F:
    """Let no ring interrupt this function of the engine's, nor what it calls: it would leave things half done.

    A coroutine function counts only while it runs, not while it waits.
    """
    _engines_own.add(fn.__code__)
    return fn


class Deadline:
    """The limit of one invocation, and what to stop when it is reached."""

    # Defaults that few events change stand on the class, see `Invocation`.

    on_abandon: Callable[[], None] | None = None
    # What to cancel, once in a loop.
    tasks: set[Task[Any]]
    # Whether the limit was reached and what awaits has been cancelled.
    stopped: bool = False
    # Whether something was left running.
    left_behind = False
    # Whether the engine is making the reply: its own code, which no ring may interrupt.
    answering = False
    # How many rings the loop has not answered.
    _unanswered = 0
    # What is still to come in the loop: the limit, unless `_timer` tells, then the end of waiting.
    _next: TimerHandle | None = None
    _timer: Timer | None = None
    # The limit itself, while a reserve is kept.
    _whole: float | None = None

    def __init__(self, end: float | None, margin: float) -> None:
        self.margin = margin
        # Whether user code runs on this thread, with no event loop: where a ring may interrupt at once.
        self.inside: bool = False
        self.loop: AbstractEventLoop | None = None
        # time.monotonic() seconds, None where there is no deadline.
        self.limit: float | None = None if end is None else end - margin

    def reserve(self, seconds: float) -> None:
        """Bring the limit forward, for what has to be sent after it; by half of the time that is left at the most."""
        if self.limit is not None:
            self._whole = self.limit
            now = monotonic()
            self._move(max(self.limit - seconds, now + (self.limit - now) / 2))

    @property
    def reserved(self) -> bool:
        """Whether time is kept for what has to be sent."""
        return self._whole is not None

    def release_reserve(self) -> None:
        """Take the limit back to where it was, and let what is sent until then be stopped by it anew."""
        if self._whole is not None:
            self.stopped = False
            self._move(self._whole)
            self._whole = None

    def _move(self, limit: float) -> None:
        self.limit = limit
        self.start()
        if self.loop is not None:
            if self._next is not None:
                self._next.cancel()
            self._watch(self.loop, limit)

    @property
    def expired(self) -> bool:
        """Whether the limit has passed: from now on, nothing is started."""
        return self.limit is not None and monotonic() >= self.limit

    def start(self) -> None:
        """Arm the timer for this invocation's limit."""
        limit, alarm = self.limit, _alarm
        if limit is None or (alarm.thread != get_ident() and not alarm.install()):
            return
        if alarm.deadline is None:  # as nearly always
            alarm.deadline = self
        else:
            limit = alarm.join(self, limit)
        now = monotonic()
        # Code with a time limit of its own may have put an end to the timer: it is asked, which takes 0.3 µs, where
        # there can be any. Whoever sets it from Python has imported `signal`.
        rings = alarm.rings if "signal" not in modules else now + signal.getitimer(signal.ITIMER_REAL)[0]
        if not now < rings <= limit:
            alarm.set(limit - now)

    def finish(self) -> None:
        """Let go of the timer: what rings from now on is stale."""
        if _alarm.deadline is self and not _alarm.others:
            _alarm.deadline = None
        else:
            _alarm.release(self)
        if self.loop is not None:
            # The loop lives on: what it would still do for this invocation would hit the next one.
            self.on_abandon = None
            # A task's context holds the invocation in turn, which only the garbage collector would find out.
            self.tasks.clear()
            if self._timer is not None:
                self._timer.release()
            if self._next is not None:
                self._next.cancel()

    def enter(
        self, loop: AbstractEventLoop, task: Task[Any], on_abandon: Callable[[], None], timer: Timer | None = None
    ) -> None:
        """Go on in an event loop: `task` is what to cancel, `on_abandon` is called when waiting is over.

        `timer`: the loop's, where it handles one event at a time.
        """
        self.inside = False
        self.tasks = {task}
        self.on_abandon = on_abandon
        self._timer = timer
        if self.limit is not None:
            self._watch(loop, self.limit)
        self.loop = loop

    def _watch(self, loop: AbstractEventLoop, limit: float) -> None:
        # The alarm would tell as well, but user code may take the signal away; it is for code that blocks.
        if self._timer is None:
            self._next = loop.call_later(max(0.0, limit - monotonic()), self.stop)
        else:
            self._timer.watch(limit, self.stop)

    def stop(self) -> None:
        """Cancel what awaits, once, and stop waiting for it half a margin later. Called in the loop, at the limit."""
        if self.stopped or self.on_abandon is None or self.loop is None:
            return
        self.stopped = True
        for task in tuple(self.tasks):
            task.cancel()
        self._next = self.loop.call_later(self.margin / 2, self.on_abandon)

    def ring(self, frame: FrameType | None, *, alone: bool) -> None:
        """Answer the timer, in the signal handler: on the main thread, between two bytecodes of `frame`.

        `alone`: no other invocation is in progress.
        """
        if self.answering:
            return
        if self.loop is None:
            if self.inside:
                raise Interrupted
        elif not self.loop.is_running():
            return  # it was stopped: the engine is about to make the reply
        elif self._unanswered < 2:  # noqa: PLR2004 - as the module's docstring says
            if not self._unanswered:
                self.loop.call_soon_threadsafe(self._alive)
            self._unanswered += 1
        elif (alone or _running() is self) and not _is_engines_own(frame):
            raise Interrupted  # somebody blocks the loop

    def _alive(self) -> None:
        self._unanswered = 0
        if self.expired:  # it may have been taken back meanwhile, with the reserve
            self.stop()


def _running() -> Deadline | None:
    """The deadline of the call whose code runs; tasks that a handler starts inherit it."""
    from lambdarouter.core.invocation import current  # noqa: PLC0415 - loaded long since, where several events run

    call = current.get()
    invocation = None if call is None else call[0]
    while invocation is not None:
        deadline: Deadline | None = getattr(invocation, "deadline", None)
        if deadline is not None:
            return deadline
        invocation = invocation.parent
    return None


def _is_engines_own(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code in _engines_own:
            return True
        frame = frame.f_back
    return False


class _Alarm:
    """The process's timer, and the invocations it is armed for: nearly always one."""

    __slots__ = ("_handler", "deadline", "others", "rings", "thread")

    def __init__(self) -> None:
        self.deadline: Deadline | None = None
        # Those that share its event loop.
        self.others: list[Deadline] = []
        self._handler = self._ring  # one bound method, known by its identity
        self.thread: int | None = None
        # When it rings next, in time.monotonic() seconds, unless somebody else has set the process's timer since.
        self.rings = 0.0

    def join(self, deadline: Deadline, limit: float) -> float:
        """Beside others: the first limit of them all."""
        if self.deadline is not deadline and deadline not in self.others:
            self.others.append(deadline)
        first = limit if self.deadline is None else self.deadline.limit or limit
        return min(first, *(other.limit or limit for other in self.others), limit)

    def set(self, seconds: float) -> None:
        # If not, the app has put the signal to a use of its own since: this one has only its cancellation.
        if signal.getsignal(_SIGALRM) is self._handler:
            seconds = max(seconds, 1e-6)
            # No later than it rings: an event between the two would take for set what has rung.
            self.rings = monotonic() + seconds
            signal.setitimer(signal.ITIMER_REAL, seconds)

    def release(self, deadline: Deadline) -> None:
        if self.deadline is deadline:
            self.deadline = self.others.pop() if self.others else None
        elif deadline in self.others:
            self.others.remove(deadline)

    def install(self) -> bool:
        """Take SIGALRM, where it is free. Only the main thread can; a handler of the app's own is left alone."""
        if self.thread is not None or not hasattr(signal, "setitimer"):
            return False
        try:
            if signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
                return False
            signal.signal(signal.SIGALRM, self._handler)
        except ValueError:
            return False  # not the main thread
        # At exit, Python gives the signal its default back, which is to kill the process: no ring may come after that.
        atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)
        os.register_at_fork(after_in_child=self._forget)  # a child has no timer
        self.thread = get_ident()
        return True

    def _forget(self) -> None:
        self.rings = 0.0

    def _ring(self, _signum: int, frame: FrameType | None) -> None:
        if self.deadline is None:
            return
        live, now = (self.deadline, *self.others), monotonic()
        ahead = [(deadline, (deadline.limit or now) - now) for deadline in live]
        # Again soon, until they are over; one ring at a time, so that none is left for whoever has the signal next.
        again = min(left if left > 0 else deadline.margin / 8 for deadline, left in ahead)
        signal.setitimer(signal.ITIMER_REAL, again)
        self.rings = now + again
        for deadline, left in ahead:
            if left <= 0:
                deadline.ring(frame, alone=len(live) == 1)


_alarm = _Alarm()


def let_go() -> None:
    """Interrupt nothing any more: the process is about to end, and what is in progress with it."""
    _alarm.deadline = None
    _alarm.others.clear()
