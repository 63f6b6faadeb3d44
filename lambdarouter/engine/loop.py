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
    from typing import Any

    from lambdarouter.engine.deadline import Deadline

__all__ = ["drive", "event_loop"]

_kept = threading.local()


def event_loop() -> asyncio.AbstractEventLoop:
    """This thread's persistent event loop."""
    loop: asyncio.AbstractEventLoop | None = getattr(_kept, "loop", None)
    if loop is None or loop.is_closed():
        loop = _kept.loop = asyncio.new_event_loop()
        atexit.register(_close, loop)
    return loop


def drive(coroutine: Coroutine[Any, Any, Any], deadline: Deadline, abandon: Callable[[], Any]) -> Any:
    """Go on with a coroutine in the loop. Where it does not end in time, it is left there, and `abandon` answers.

    Raises RuntimeError in a thread whose event loop is running: there is no way to wait in it.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        coroutine.close()
        msg = (
            "app(event) was called inside a running event loop, and this event needs one of its own (an async handler, "
            "or several calls at once): use `completion = await app.invoke(event, context)`"
        )
        raise RuntimeError(msg)
    loop = event_loop()
    task = loop.create_task(coroutine)
    deadline.enter(loop, task, loop.stop)
    try:
        return loop.run_until_complete(task)
    except RuntimeError:
        if task.done():
            raise
        return abandon()


def _close(loop: asyncio.AbstractEventLoop) -> None:
    if not loop.is_closed() and not loop.is_running():
        loop.close()
