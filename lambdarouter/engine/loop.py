"""The one event loop of this thread: made when something first awaits, kept for the life of the environment.

Clients and connection pools that an app opens in it survive from one event to the next; `asyncio.run` per event would
cost ten times as much and leave them with a closed loop. Importing this module imports asyncio.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from time import monotonic

from lambdarouter.engine.deadline import Interrupted
from lambdarouter.engine.timer import Timer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence, Sized
    from contextvars import Context
    from typing import Any

    from lambdarouter.engine.deadline import Deadline

__all__ = ["drive", "event_loop", "finish"]

_kept = threading.local()


def event_loop() -> asyncio.AbstractEventLoop:
    """This thread's persistent event loop."""
    return _runner().loop


def drive(coroutine: Coroutine[Any, Any, Any], context: Context, deadline: Deadline, awaitable: Any = None) -> Any:
    """Go on with a coroutine in the loop, in the context it began in. Returns its result.

    Raises `Interrupted` where it did not end in time: it is left there. Raises RuntimeError in a thread whose event
    loop is running: there is no way to wait in it. `awaitable`, which the coroutine has yet to await, is closed then.
    """
    _refuse_inside_a_loop(
        (coroutine, awaitable),
        "app(event) was called inside a running event loop, and this event needs one of its own (an async handler, "
        "or several calls at once): use `completion = await app.acomplete(event, context)`",
    )
    runner = _runner()
    loop = runner.loop
    if not coroutine.cr_suspended:  # type: ignore[attr-defined] # by Coroutine; it is Python's own
        coroutine = runner.through(coroutine)  # one that has begun cannot be awaited by another
    task = loop.create_task(coroutine, context=context)
    deadline.enter(loop, task, loop.stop, runner.timer)
    try:
        runner.run(task)
    except (KeyboardInterrupt, SystemExit):
        if not task.done():
            # Raised by another task than this one, on which worker threads still wait: the process could not end.
            _cancel(loop, {task})
        if task.done() and not task.cancelled():
            task.exception()  # raised here already: asyncio is not to report it as one that nobody saw
        raise
    if not task.done():
        deadline.left_behind = True
        raise Interrupted
    return task.result()


def finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Go on with a coroutine in the loop, to its end, with no deadline. Raises RuntimeError as `drive` does."""
    _refuse_inside_a_loop(
        (coroutine,),
        "app.start() or app.close() was called inside a running event loop, and the app's lifespan needs one of its "
        "own: use `await app.astart()` and `await app.aclose()`",
    )
    event_loop().run_until_complete(coroutine)


def _refuse_inside_a_loop(wanted: Iterable[Any], msg: str) -> None:
    if asyncio._get_running_loop() is not None:  # noqa: SLF001 - `get_running_loop` raises where there is none
        for each in wanted:
            if hasattr(each, "close"):
                each.close()  # nobody will await it
        raise RuntimeError(msg)


class _Runner:
    """A thread's event loop, which it runs for one event after the other."""

    __slots__ = ("_ready", "_task", "loop", "timer")

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        self.timer: Timer = Timer(self.loop)
        # What the loop runs for.
        self._task: asyncio.Task[Any] | None = None
        # What the loop is about to call; of another loop than asyncio's own, nobody can tell whether that is nothing.
        self._ready: Sized = getattr(self.loop, "_ready", (None,))
        _open.add(self.loop)

    def __del__(self) -> None:
        """Close the loop, as its thread has ended. One in which something still runs is for the end of the program."""
        if self.loop.is_closed() or not asyncio.all_tasks(self.loop):
            self.loop.close()
            _open.discard(self.loop)

    def run(self, task: asyncio.Task[Any]) -> None:
        """Run the loop until the task is done, or the loop is stopped.

        `run_until_complete` takes 1.5 µs more, to find out what it was given.
        """
        self._task = task
        task.add_done_callback(self._ended)
        try:
            self.loop.run_forever()
        finally:
            self._task = None

    async def through(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """The coroutine of a task to `run`. Where it leaves nothing that is to begin, the loop stops at once.

        What it leaves begins in the loop's next round, in which the callback is called as well; that takes 1.4 µs.
        """
        try:
            return await coroutine
        finally:
            task = self._task
            if task is not None and task is asyncio.current_task(self.loop) and self._leaves_nothing(task):
                task.remove_done_callback(self._ended)
                self.loop.stop()

    def _leaves_nothing(self, task: asyncio.Task[Any]) -> bool:
        """Whether there is nothing to be called when the task ends: no callback but ours, and nothing that is due.

        Asyncio's own loop and tasks can tell. anyio ends its worker threads in a callback: without it, they stay.
        """
        if self._ready or len(getattr(task, "_callbacks", None) or ()) != 1:
            return False
        timers: Sequence[asyncio.TimerHandle] = getattr(self.loop, "_scheduled", ())
        return not timers or timers[0].when() > monotonic()  # the first of all comes first

    def _ended(self, task: asyncio.Task[Any]) -> None:
        # One that made the loop raise, or that was left behind, is heard of while the loop runs for another.
        if task is self._task:
            self.loop.stop()


def _runner() -> _Runner:
    runner: _Runner | None = getattr(_kept, "runner", None)
    if runner is None or runner.loop.is_closed():
        runner = _kept.runner = _Runner()
    return runner


# Those to be closed at the end of the program.
_open: set[asyncio.AbstractEventLoop] = set()


@atexit.register
def _close_all() -> None:
    while _open:
        _close(_open.pop())


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """As `asyncio.run` does: end what still runs (the lifespan, above all), then close."""
    if loop.is_closed() or loop.is_running():
        return
    tasks = asyncio.all_tasks(loop)
    if tasks:
        _cancel(loop, tasks)
    loop.close()


def _cancel(loop: asyncio.AbstractEventLoop, tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    # What swallows its cancellation must not keep the program from ending.
    loop.run_until_complete(asyncio.wait(tasks, timeout=1))
