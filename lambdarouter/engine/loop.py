"""The one event loop of this thread: made when something first awaits, kept for the life of the environment.

Clients and connection pools that an app opens in it survive from one event to the next; `asyncio.run` per event would
cost ten times as much and leave them with a closed loop. Importing this module imports asyncio.
"""

from __future__ import annotations

import asyncio
import atexit
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextvars import Context
    from typing import Any

    from lambdarouter.engine.deadline import Deadline

__all__ = ["drive", "event_loop", "finish"]

_kept = threading.local()


def event_loop() -> asyncio.AbstractEventLoop:
    """This thread's persistent event loop."""
    loop: asyncio.AbstractEventLoop | None = getattr(_kept, "loop", None)
    if loop is None or loop.is_closed():
        loop = _kept.loop = asyncio.new_event_loop()
        atexit.register(_close, loop)
    return loop


def drive(coroutine: Coroutine[Any, Any, Any], context: Context, deadline: Deadline, abandon: Callable[[], Any]) -> Any:
    """Go on with a coroutine in the loop, in the context it began in.

    Where it does not end in time, it is left there, and `abandon` answers.
    Raises RuntimeError in a thread whose event loop is running: there is no way to wait in it.
    """
    _refuse_inside_a_loop(
        coroutine,
        "app(event) was called inside a running event loop, and this event needs one of its own (an async handler, "
        "or several calls at once): use `completion = await app.acomplete(event, context)`",
    )
    loop = event_loop()
    task = loop.create_task(coroutine, context=context)
    deadline.enter(loop, task, loop.stop)
    try:
        return loop.run_until_complete(task)
    except RuntimeError:
        if task.done():
            raise
        return abandon()
    except (KeyboardInterrupt, SystemExit):
        # Raised by another task than this one, on which worker threads still wait: the process could not end.
        if not task.done():
            _cancel(loop, {task})
            if task.done() and not task.cancelled():
                task.exception()  # raised here already: asyncio is not to report it as one that nobody saw
        raise


def finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Go on with a coroutine in the loop, to its end, with no deadline. Raises RuntimeError as `drive` does."""
    _refuse_inside_a_loop(
        coroutine,
        "app.start() or app.close() was called inside a running event loop, and the app's lifespan needs one of its "
        "own: use `await app.astart()` and `await app.aclose()`",
    )
    event_loop().run_until_complete(coroutine)


def _refuse_inside_a_loop(coroutine: Coroutine[Any, Any, Any], msg: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    coroutine.close()
    raise RuntimeError(msg)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """At the end of the program, as `asyncio.run` does: end what still runs (the lifespan, above all), then close."""
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
