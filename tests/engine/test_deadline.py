"""The reply leaves before the deadline, whatever hangs, and the next event finds everything in order."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import threading
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from lambdarouter import Call, DeadlineExceeded
from lambdarouter.testing.events import cron, http, sns
from tests.engine.batch import BatchRecord, BatchTrigger, LambdaContext, batch, statuses
from tests.engine.hang import ASYNC, LATE, SYNC, in_time, make_app, margin, still_works
from tests.pace import in_real_time

pytestmark = in_real_time


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("hang", ASYNC)
def test_a_single_async_handler_that_hangs(hang: str, release: threading.Event, *, first: bool) -> None:
    app = make_app()
    wait, tainted = ASYNC[hang]
    if not first:
        app.complete({"batch": []})  # starts the environment: what follows goes the straight way

    @app.on(BatchTrigger())
    async def handler() -> None:
        await wait(release)

    completion = in_time(app, batch("hang"))
    assert statuses(completion) == [LATE]
    assert completion.reply == {"failed": ["0"]}
    release.set()
    still_works(app, tainted=tainted)


@pytest.mark.parametrize("hang", ASYNC)
def test_async_handlers_that_hang_beside_others_that_are_done(hang: str, release: threading.Event) -> None:
    app = make_app()
    wait, tainted = ASYNC[hang]
    done = []

    @app.on(BatchTrigger())
    async def handler(text: str) -> None:
        if text == "hang":
            for _ in range(10):
                await asyncio.sleep(0)  # the others come first: one that blocks holds them up
            await wait(release)
        done.append(text)

    completion = in_time(app, batch("a", "hang", "b", "c"))
    assert statuses(completion) == ["ok", LATE, "ok", "ok"]
    assert done == ["a", "b", "c"]
    assert completion.reply == {"failed": ["1"]}
    assert "was not done with 1 before the invocation's deadline" in str(completion.outcomes[1].error)
    release.set()
    still_works(app, tainted=tainted)


@pytest.mark.parametrize("hang", SYNC)
def test_a_sync_handler_that_blocks_the_main_thread(hang: str, release: threading.Event) -> None:
    app = make_app()

    @app.on(BatchTrigger())
    def handler() -> None:
        SYNC[hang](release)

    completion = in_time(app, batch("hang"))
    assert statuses(completion) == [LATE]
    assert completion.reply == {"failed": ["0"]}
    still_works(app)


@pytest.mark.parametrize("hang", SYNC)
def test_records_in_turn_after_one_that_blocks_are_not_started(hang: str, release: threading.Event) -> None:
    app, started = make_app(), list[str]()

    @app.on(BatchTrigger(concurrency=1))
    def handler(text: str) -> None:
        started.append(text)
        if text == "hang":
            SYNC[hang](release)

    completion = in_time(app, batch("a", "hang", "b"))
    assert statuses(completion) == ["ok", LATE, LATE]
    assert started == ["a", "hang"]
    still_works(app)


def test_sync_handlers_that_block_in_threads_beside_others_that_are_done(release: threading.Event) -> None:
    app, done = make_app(), list[str]()

    @app.on(BatchTrigger())
    def handler(text: str) -> None:
        if text == "hang":
            release.wait(60)
        done.append(text)

    completion = in_time(app, batch("a", "hang", "b", "hang", "c"))
    assert statuses(completion) == ["ok", LATE, "ok", LATE, "ok"]
    assert sorted(done) == ["a", "b", "c"]
    assert completion.reply == {"failed": ["1", "3"]}
    release.set()
    still_works(app, tainted=True)  # a thread cannot be stopped


def test_work_that_waits_behind_blocked_threads_is_not_started(release: threading.Event) -> None:
    app, started = make_app(), list[str]()

    @app.on(BatchTrigger(concurrency=2))
    def handler(record: BatchRecord) -> None:
        started.append(record.id)
        release.wait(60)

    completion = in_time(app, batch(*["x"] * 6))
    assert statuses(completion) == [LATE] * 6
    release.set()
    still_works(app, tainted=True)
    assert sorted(started) == ["0", "1"]


def test_sync_handlers_that_block_in_threads_beneath_async_middleware(release: threading.Event) -> None:
    app = make_app()

    @app.middleware
    async def around(call: Call) -> AsyncGenerator[None, None]:
        await asyncio.sleep(0)
        yield

    @app.on(BatchTrigger())
    def handler(text: str) -> None:
        if text == "hang":
            release.wait(60)

    assert statuses(in_time(app, batch("a", "hang", "b"))) == ["ok", LATE, "ok"]
    release.set()
    still_works(app, tainted=True)


def test_an_awaitable_that_a_worker_threads_function_gave_is_cancelled(release: threading.Event) -> None:
    app, cancelled = make_app(), list[str]()

    async def forever(text: str) -> None:
        try:
            if text == "hang":
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(text)
            raise

    @app.on(BatchTrigger())
    def handler(text: str) -> Any:
        return forever(text)

    assert statuses(in_time(app, batch("a", "hang", "b"))) == ["ok", LATE, "ok"]
    assert cancelled == ["hang"]
    still_works(app)


def test_an_async_handler_is_cancelled_once_and_may_clean_up(release: threading.Event) -> None:
    app, cleaned = make_app(), list[str]()

    @app.on(BatchTrigger())
    async def handler(text: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            cleaned.append(text)

    assert statuses(in_time(app, batch("a"))) == [LATE]
    assert statuses(in_time(app, batch("b", "c"))) == [LATE, LATE]
    assert sorted(cleaned) == ["a", "b", "c"]
    still_works(app)


def test_a_request_that_hangs_is_answered(release: threading.Event) -> None:
    app = make_app()

    @app.get("/slow")
    def slow() -> None:
        release.wait(60)

    @app.get("/slow-async")
    async def slow_async() -> None:
        await asyncio.Event().wait()

    for path in ("/slow", "/slow-async"):
        completion = in_time(app, http.v2("GET", path))
        assert statuses(completion) == [LATE]
        assert completion.reply["statusCode"] >= 500
    still_works(app)


@pytest.mark.parametrize("event", [sns("orders", "x"), cron.rule("2026-01-01T03:00Z")])
def test_sns_and_cron_raise_what_was_late(event: Any, release: threading.Event) -> None:
    app = make_app()

    @app.sns("orders")
    @app.cron(every="1h")
    async def hangs() -> None:
        await asyncio.Event().wait()

    @app.sns("orders")
    @app.cron(every="1h")
    def works() -> None:
        pass

    completion = in_time(app, event)
    assert sorted(statuses(completion)) == [LATE, "ok"]
    assert isinstance(completion.error, DeadlineExceeded)
    assert "hangs was not done with" in str(completion.error)


@pytest.mark.parametrize("started", [False, True], ids=["first", "started"])
def test_an_event_that_comes_with_no_time_left_starts_nothing(release: threading.Event, *, started: bool) -> None:
    app = make_app()
    if started:
        app.start()

    @app.on(BatchTrigger())
    def handler() -> None:
        raise AssertionError

    assert statuses(app.complete(batch("a"), LambdaContext(margin() / 2))) == [LATE]
    assert statuses(app.complete(batch("a", "b"), LambdaContext(margin() / 2))) == [LATE, LATE]
    still_works(app)
