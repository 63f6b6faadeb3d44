"""Calls side by side: they meet, none stops another, and there are never more of them than allowed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Annotated, Any

import pytest

from lambdarouter import App, BatchError, Call, Depends, Record
from lambdarouter.testing.events import cron, sns
from tests.engine.batch import BOUND, BatchRecord, BatchTrigger, LambdaContext, batch, statuses

Register = Callable[[App, Callable[..., Any]], object]


EVENTS: dict[str, tuple[Register, Callable[[], Any]]] = {
    "sns": (lambda app, fn: app.sns("orders")(fn), lambda: sns("orders", "hello")),
    "tick": (lambda app, fn: app.cron(every="1h")(fn), lambda: cron.rule("2026-01-01T03:00Z")),
}


@pytest.fixture(params=EVENTS)
def trigger(request: pytest.FixtureRequest) -> tuple[Register, Callable[[], Any]]:
    return EVENTS[request.param]


async def connection() -> AsyncGenerator[str, None]:
    await asyncio.sleep(0)
    yield "open"
    await asyncio.sleep(0)


async def read(record: Record) -> str:
    await asyncio.sleep(0)
    return record.id


class Session:
    """The threads in which a record's session was opened and closed."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.entered = threading.get_ident()
        self.left = 0


def session(record: Record) -> Generator[Session, None, None]:
    opened = Session(record)
    yield opened
    opened.left = threading.get_ident()


def meet(trigger: tuple[Register, Callable[[], Any]], *handlers: Callable[..., Any], app: App | None = None) -> None:
    """Let one event reach every handler; all of them must come through."""
    app = app or App()
    register, event = trigger
    for handler in handlers:
        register(app, handler)
    completion = app.complete(event(), LambdaContext(BOUND))
    assert statuses(completion) == ["ok"] * len(handlers)
    assert completion.unwrap() is None


def test_ten_async_handlers_of_one_event_pass_one_barrier(trigger: tuple[Register, Callable[[], Any]]) -> None:
    barrier = asyncio.Barrier(10)

    async def handler() -> None:
        await barrier.wait()

    meet(trigger, *[handler] * 10)


def test_ten_sync_handlers_of_one_event_pass_one_barrier(trigger: tuple[Register, Callable[[], Any]]) -> None:
    barrier = threading.Barrier(10, timeout=BOUND)

    def handler() -> None:
        barrier.wait()

    meet(trigger, *[handler] * 10)


def test_sync_and_async_handlers_of_one_event_pass_one_barrier(trigger: tuple[Register, Callable[[], Any]]) -> None:
    barrier = threading.Barrier(10, timeout=BOUND)

    def blocks() -> None:
        barrier.wait()

    async def awaits() -> None:
        await asyncio.to_thread(barrier.wait)

    meet(trigger, *[blocks, awaits] * 5)


def test_a_handler_that_keeps_the_event_loop_busy_keeps_no_others_from_starting() -> None:
    app, met = App(), threading.Event()
    barrier = threading.Barrier(8, action=met.set, timeout=BOUND)

    @app.sns("orders", concurrency=1)
    def alone() -> None:
        assert met.wait(BOUND)

    @app.sns("orders")
    def beside() -> None:
        barrier.wait()

    assert app.complete(sns("orders", *["hello"] * 8)).failed == []


def test_ten_sync_handlers_inside_an_async_middleware_pass_one_barrier(
    trigger: tuple[Register, Callable[[], Any]],
) -> None:
    barrier, app = threading.Barrier(10, timeout=BOUND), App()

    @app.middleware
    async def around(call: Call) -> AsyncGenerator[None, None]:
        await asyncio.sleep(0)
        yield
        await asyncio.sleep(0)

    def handler() -> None:
        barrier.wait()

    meet(trigger, *[handler] * 10, app=app)


def test_ten_sync_handlers_inside_an_async_middleware_that_is_an_object_pass_one_barrier(
    trigger: tuple[Register, Callable[[], Any]],
) -> None:
    barrier, app = threading.Barrier(10, timeout=BOUND), App()

    class Around:
        async def __call__(self, call: Call) -> AsyncGenerator[None, None]:
            await asyncio.sleep(0)
            yield

    app.middleware(Around())

    def handler() -> None:
        barrier.wait()

    meet(trigger, *[handler] * 10, app=app)


def test_ten_sync_handlers_that_share_an_async_dependency_pass_one_barrier(
    trigger: tuple[Register, Callable[[], Any]],
) -> None:
    barrier = threading.Barrier(10, timeout=BOUND)

    def handler(shared: Annotated[str, Depends(connection)]) -> None:
        assert shared == "open"
        barrier.wait()

    meet(trigger, *[handler] * 10)


def test_ten_sync_handlers_with_an_async_dependency_each_pass_one_barrier(
    trigger: tuple[Register, Callable[[], Any]],
) -> None:
    barrier = threading.Barrier(10, timeout=BOUND)

    def handler(mine: Annotated[str, Depends(read)]) -> None:
        assert mine
        barrier.wait()

    meet(trigger, *[handler] * 10)


def test_sync_functions_that_return_awaitables_are_awaited_side_by_side(
    trigger: tuple[Register, Callable[[], Any]],
) -> None:
    barrier = asyncio.Barrier(10)
    passed = []

    async def wait() -> None:
        passed.append(await barrier.wait())

    def handler() -> Any:
        return wait()

    meet(trigger, *[handler] * 10)
    assert sorted(passed) == list(range(10))


@pytest.mark.parametrize("colour", ["async", "sync"])
def test_one_failing_handler_cancels_no_other_and_its_error_is_raised_as_itself(
    trigger: tuple[Register, Callable[[], Any]], colour: str
) -> None:
    app, register, event = App(), *trigger
    failed, done = threading.Event(), []
    error = LookupError("this one")

    def fails() -> None:
        failed.set()
        raise error

    def works() -> None:
        assert failed.wait(BOUND)
        done.append(1)

    async def fails_async() -> None:
        fails()

    async def works_async() -> None:
        while not failed.is_set():  # noqa: ASYNC110 - the other colour of this test sets it in a thread
            await asyncio.sleep(0)
        for _ in range(10):
            await asyncio.sleep(0)  # where a cancellation would strike
        done.append(1)

    register(app, fails if colour == "sync" else fails_async)
    for _ in range(9):
        register(app, works if colour == "sync" else works_async)
    completion = app.complete(event(), LambdaContext(BOUND))
    assert statuses(completion) == ["LookupError"] + ["ok"] * 9
    assert completion.error is error
    assert len(done) == 9
    with pytest.raises(LookupError, match="this one") as caught:
        app(event(), LambdaContext(BOUND))
    assert caught.value is error


def test_a_handler_that_raises_cancelled_error_by_itself_fails_alone(
    trigger: tuple[Register, Callable[[], Any]],
) -> None:
    app, register, event = App(), *trigger

    async def waits_for_what_was_cancelled() -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    async def works() -> None:
        await asyncio.sleep(0)

    register(app, works)
    register(app, waits_for_what_was_cancelled)
    register(app, works)
    completion = app.complete(event(), LambdaContext(BOUND))
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "failed", "ok"]
    assert completion.error is completion.outcomes[1].error
    assert isinstance(completion.error.__cause__, asyncio.CancelledError)  # type: ignore[union-attr]


def test_a_single_handler_that_raises_cancelled_error_by_itself_fails(
    trigger: tuple[Register, Callable[[], Any]],
) -> None:
    app, register, event = App(), *trigger

    async def waits_for_what_was_cancelled() -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    register(app, waits_for_what_was_cancelled)
    completion = app.complete(event(), LambdaContext(BOUND))
    assert isinstance(completion.error, Exception)


def test_several_errors_become_one_batch_error_that_holds_each_as_it_was_raised(
    trigger: tuple[Register, Callable[[], Any]],
) -> None:
    app, register, event = App(), *trigger
    errors = [ValueError("first"), KeyError("second")]

    def first() -> None:
        raise errors[0]

    async def second() -> None:
        raise errors[1]

    register(app, first)
    register(app, lambda: None)
    register(app, second)
    with pytest.raises(BatchError, match="2 of 3 calls failed") as caught:
        app(event(), LambdaContext(BOUND))
    assert list(caught.value.exceptions) == errors
    assert [outcome.error for outcome in app.complete(event()).failed] == errors


@pytest.mark.parametrize("concurrency", [None, 2, 1], ids=["threads", "two threads", "inline"])
def test_a_sync_function_that_returns_an_awaitable_is_awaited(concurrency: int | None) -> None:
    app = App()

    async def later(text: str) -> str:
        await asyncio.sleep(0)
        return text.upper()

    @app.on(BatchTrigger(concurrency=concurrency))
    def handler(text: str) -> Any:
        return later(text)

    for texts in ("a", "abc"):
        completion = app.complete(batch(*texts), LambdaContext(BOUND))
        assert [outcome.value for outcome in completion.outcomes] == list(texts.upper())


def test_a_worker_threads_awaitables_see_the_loop_that_async_handlers_see() -> None:
    app, loops = App(), set[asyncio.AbstractEventLoop]()

    async def look() -> None:
        loops.add(asyncio.get_running_loop())

    @app.on(BatchTrigger())
    def wrapped() -> Any:
        return look()

    @app.on(BatchTrigger())
    async def plain() -> None:
        await look()

    assert app(batch("a", "b"), LambdaContext(BOUND)) == {"failed": []}
    assert len(loops) == 1


def test_generator_dependencies_of_a_worker_threads_record_live_in_that_thread() -> None:
    app, seen = App(), list[Session]()

    @app.on(BatchTrigger())
    def handler(mine: Annotated[Session, Depends(session)], record: BatchRecord) -> None:
        assert mine.record is record
        seen.append(mine)

    assert app(batch(*["x"] * 30), LambdaContext(BOUND)) == {"failed": []}
    assert len(seen) == 30
    for each in seen:
        assert each.entered == each.left != threading.main_thread().ident
