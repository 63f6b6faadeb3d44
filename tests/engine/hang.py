"""Ways to hang, and an app that must answer in time all the same."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import contextlib
import threading
import time
from typing import Any

from lambdarouter import App, Completion
from tests.engine.batch import BatchTrigger, LambdaContext, batch, statuses
from tests.pace import seconds


def margin() -> float:
    """The app's margin. Wide, because a busy machine may take some of it: what hangs here hangs for a minute."""
    return seconds(1)


def limit() -> float:
    """How long an event has from its start to its limit."""
    return seconds(0.25)


LATE = "DeadlineExceeded"


def make_app(**options: Any) -> App:
    return App(deadline_margin=margin(), **options)


def in_time(app: App, event: Any) -> Completion:
    """Send an event that will hang; the reply must be there before Lambda's deadline."""
    context = LambdaContext(limit() + margin())
    completion = app.complete(event, context)
    assert context.get_remaining_time_in_millis() > 0
    return completion


def still_works(app: App, *, tainted: bool = False) -> None:
    """The same environment handles the next event, one that takes longer than anything left over could wait."""

    @app.on(BatchTrigger("next"))
    async def awaits() -> None:
        await asyncio.sleep(margin() * 0.6)

    @app.on(BatchTrigger("next"))
    def blocks() -> None:
        time.sleep(margin() * 0.6)

    assert statuses(app.complete(batch({"to": "next"}), LambdaContext(60))) == ["ok", "ok"]
    assert app._engine.environment.tainted is tainted


async def await_forever(release: threading.Event) -> None:
    await asyncio.Event().wait()


async def block_in_async(release: threading.Event) -> None:
    time.sleep(60)  # noqa: ASYNC251 - what must not hold up the reply


async def swallow_once(release: threading.Event) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    while not release.is_set():  # noqa: ASYNC110 - it is set by another thread
        await asyncio.sleep(0.01)


async def swallow_always(release: threading.Event) -> None:
    while not release.is_set():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.01)


async def swallow_exceptions_in_async(release: threading.Event) -> None:
    while not release.is_set():
        with contextlib.suppress(Exception):
            await asyncio.sleep(60)


def block(release: threading.Event) -> None:
    release.wait(60)


def sleep(release: threading.Event) -> None:
    time.sleep(60)


def spin(release: threading.Event) -> None:
    while not release.is_set():
        pass


def swallow_exceptions(release: threading.Event) -> None:
    while not release.is_set():
        with contextlib.suppress(Exception):
            time.sleep(60)


def clean_up_slowly(release: threading.Event) -> None:
    try:
        time.sleep(60)
    finally:
        time.sleep(60)


ASYNC = {
    hang.__name__: (hang, tainted)
    for hang, tainted in [
        (await_forever, False),
        (block_in_async, False),
        (swallow_once, True),
        (swallow_always, True),
        (swallow_exceptions_in_async, False),
    ]
}


SYNC = {hang.__name__: hang for hang in (block, sleep, spin, swallow_exceptions, clean_up_slowly)}


# For what is not the handler itself: one of each kind.
KINDS = ["await_forever", "block_in_async", "swallow_always", "sleep", "swallow_exceptions"]
