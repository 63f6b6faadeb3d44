"""The event loop: one for the environment, or the one that runs already."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import threading
import warnings
import weakref
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import pytest

from lambdarouter import (
    App,
    Call,
    Context,
    DeadlineExceeded,
    Delivery,
    Depends,
    Event,
    Outcome,
    Request,
)
from lambdarouter.testing.events import http, sns
from tests.engine.batch import BOUND, BatchSource, BatchTrigger, LambdaContext, batch, fresh, statuses
from tests.engine.lifespan import Lifespan
from tests.pace import in_real_time, seconds

ROOT = Path(__file__).parents[2]


def test_async_handlers_of_several_events_run_in_one_event_loop() -> None:
    app, loops = App(), list[asyncio.AbstractEventLoop]()

    @app.sns("orders")
    @app.get("/")
    async def handler() -> None:
        loops.append(asyncio.get_running_loop())

    for event in (sns("orders", "x"), http.v2("GET", "/"), sns("orders", "x", "y")):
        app(event)
    assert len(loops) == 4
    assert len(set(loops)) == 1
    assert not loops[0].is_closed()


def test_a_background_task_of_one_event_goes_on_in_the_next() -> None:
    app, done = App(), list[asyncio.Task[None]]()
    gate = asyncio.Event()

    async def background() -> None:
        await gate.wait()

    @app.sns("start")
    async def start() -> None:
        done.append(asyncio.create_task(background()))

    @app.sns("finish")
    async def finish() -> None:
        gate.set()
        await done[0]

    app(sns("start", "x"))
    app(sns("finish", "x"), LambdaContext(60))
    assert done[0].done()


def test_a_background_task_goes_on_with_every_event_though_none_of_them_waits() -> None:
    app, steps, kept = App(), list[int](), list[asyncio.Task[None]]()

    async def background() -> None:
        for step in range(10):
            steps.append(step)
            await asyncio.sleep(0)

    @app.sns("start")
    async def start() -> None:
        kept.append(asyncio.create_task(background()))

    @app.sns("orders")
    async def handler() -> int:
        return len(steps)

    app(sns("start", "x"))
    for _ in range(3):
        before = len(steps)
        app(sns("orders", "x"))
        assert len(steps) > before
    kept[0].cancel()


def test_what_a_handler_begins_and_does_not_await_has_begun_before_the_reply() -> None:
    app, begun = App(), list[str]()

    async def background() -> None:
        begun.append("background")

    @app.sns("orders")
    async def handler(message: str) -> None:
        asyncio.get_running_loop().call_soon(begun.append, "call")
        begun.append(asyncio.create_task(background()).get_name())

    for _ in range(2):
        begun.clear()
        app(sns("orders", "x"))
        assert begun[1:] == ["call", "background"]


def test_what_a_handler_asked_for_at_its_tasks_end_or_at_once_is_called_before_the_reply() -> None:
    app, called = App(), list[str]()

    @app.sns("orders")
    async def handler(message: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        if message == "end":
            task.add_done_callback(lambda _: called.append(message))
        else:
            asyncio.get_running_loop().call_later(0, called.append, message)

    for message in ("end", "at once", "end", "at once"):
        app(sns("orders", message), LambdaContext(60))
        assert called.pop() == message


def test_the_process_ends_after_a_handler_used_worker_threads_of_anyio() -> None:
    program = """
import time, anyio
from lambdarouter import App
from lambdarouter.testing.events import http

app = App()

@app.get("/")
async def handler() -> int:
    return await anyio.to_thread.run_sync(lambda: 1)

for _ in range(3):
    print(app(http.v2("GET", "/"))["body"])
"""
    # anyio ends its threads when the task that began them is done.
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert ended.stdout.split() == [b"1"] * 3


def test_an_async_handler_that_fails_after_it_was_left_behind_is_not_reported_by_asyncio(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, go = App(), asyncio.Event()

    @app.sns("orders")
    async def handler(message: str) -> None:
        while message == "late" and not go.is_set():
            with suppress(asyncio.CancelledError):
                await go.wait()
        go.set()
        await asyncio.sleep(0.01)
        if message == "late":
            raise ValueError(message)

    app(sns("orders", "first"))
    go.clear()
    with pytest.raises(DeadlineExceeded):
        app(sns("orders", "late"), LambdaContext(0.15))
    for _ in range(2):
        app(sns("orders", "next"), LambdaContext(60))
        gc.collect()
    assert caplog.records == []


def test_an_async_handler_runs_in_a_task_that_is_like_any_other() -> None:
    app = App()

    @app.get("/x")
    async def handler() -> list[bool]:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        await anyio.sleep(0.001)
        try:
            async with asyncio.timeout(0):
                await asyncio.Event().wait()
        except TimeoutError:
            return [task in asyncio.all_tasks(), loop.is_running(), asyncio.current_task() is task]
        return []

    for _ in range(2):
        assert json.loads(app(http.v2("GET", "/x"), LambdaContext(60))["body"]) == [True, True, True]


def test_what_was_awaited_is_not_closed() -> None:
    closed = list[str]()

    class Client:
        """As some libraries' are: to be awaited when it is first used."""

        def __await__(self) -> Generator[Any, Any, str]:
            yield from asyncio.sleep(0).__await__()
            return "connected"

        def close(self) -> None:
            closed.append("client")

    app, client = App(), Client()
    app.sns("orders")(lambda: client)
    for _ in range(2):  # the first event starts the environment, and so goes the long way
        assert statuses(app.complete(sns("orders", "x"))) == ["ok"]
    assert closed == []


def test_nothing_is_kept_of_an_event_that_is_over_not_even_for_the_garbage_collector() -> None:
    class Value: ...

    app = App()

    @app.sns("orders")
    async def handler() -> Value:
        return Value()

    gc.disable()
    try:
        for _ in range(2):
            value = weakref.ref(app.complete(sns("orders", "x"), LambdaContext(60)).outcomes[0].value)
            assert value() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_what_ended_the_loop_for_one_event_neither_ends_it_for_the_next_nor_is_reported(
    kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    app = App()

    @app.sns("orders")
    async def handler(message: str) -> str:
        if message == "stop":
            raise kind(3)
        for _ in range(5):
            await asyncio.sleep(0)
        return message

    for _ in range(2):
        with pytest.raises(kind):
            app(sns("orders", "stop"))
        assert [outcome.value for outcome in app.complete(sns("orders", "x")).outcomes] == ["x"]
    gc.collect()
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_what_another_task_ends_the_loop_with_cancels_the_event_and_not_the_next(kind: type[BaseException]) -> None:
    app, did = App(), list[Any]()

    async def end() -> None:
        raise kind(3)

    @app.sns("orders")
    async def handler(message: str) -> str:
        if message == "stop":
            did.append(asyncio.create_task(end()))
            try:
                await asyncio.Event().wait()
            finally:
                did.append("cleaned up")
        await asyncio.sleep(0)
        return message

    for _ in range(2):
        with pytest.raises(kind):
            app(sns("orders", "stop"))
        assert did.pop() == "cleaned up"
        assert isinstance(did.pop().exception(), kind)
        assert [outcome.value for outcome in app.complete(sns("orders", "x")).outcomes] == ["x"]


ENDS = """
import asyncio, threading
from lambdarouter import App
from lambdarouter.testing.events import sns

app, there, kept = App(), threading.Event(), []

@app.sns("orders")
async def handler(message: str):
    if message == "hang":
        there.set()
        await asyncio.Event().wait()
    kept.append(asyncio.get_running_loop())
    kept.append(asyncio.create_task(asyncio.Event().wait()))
    await asyncio.sleep(0)

"""


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(
            "threading.Thread(target=app, args=[sns('orders', 'hang')], daemon=True).start()\nthere.wait()",
            id="another thread runs it",
        ),
        pytest.param("app(sns('orders', 'x'))\nkept[0].close()", id="somebody closed it"),
    ],
)
def test_a_program_ends_quietly_whatever_has_become_of_a_loop(end: str) -> None:
    ran = fresh(ENDS + end)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.anyio
async def test_inside_a_running_loop_a_call_handles_what_needs_no_loop() -> None:
    app = App()
    app.get("/")(lambda: "sync")
    assert app(http.v2("GET", "/"), LambdaContext(60))["body"] == "sync"
    app.on(BatchTrigger(concurrency=1))(lambda: None)
    assert app(batch("x", "y")) == {"failed": []}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "kind",
    [
        "async handler",
        "awaitable",
        "several calls",
        "async dependency",
        "async generator dependency",
        "async middleware",
        "async delivery",
    ],
)
async def test_inside_a_running_loop_a_call_that_needs_one_says_what_to_use_instead(kind: str) -> None:
    app = App()

    async def awaits() -> str:
        await asyncio.sleep(0)
        return "value"

    async def generates() -> AsyncGenerator[str, None]:
        yield "value"

    class Delivering(BatchSource):
        def respond(self, event: Event, outcomes: Sequence[Outcome]) -> Any:
            return Delivery(awaits, "sent")  # type: ignore[arg-type]

    class DeliveringTrigger(BatchTrigger):
        __slots__ = ()
        source = Delivering

    def needs(value: str) -> str:
        return value

    needs.__annotations__["value"] = Annotated[str, Depends(awaits if kind == "async dependency" else generates)]
    trigger = DeliveringTrigger() if kind == "async delivery" else BatchTrigger()
    if kind == "async handler":
        app.on(trigger)(awaits)
    elif kind == "awaitable":
        app.on(trigger)(partial(awaits))
    elif "dependency" in kind:
        app.on(trigger)(needs)
    else:
        app.on(trigger)(lambda: "value")
    if kind == "async middleware":

        @app.middleware
        async def around(call: Call) -> AsyncGenerator[None, None]:
            yield

    event = batch("x", "y") if kind == "several calls" else batch("x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # above all: "coroutine ... was never awaited"
        with pytest.raises(RuntimeError, match=r"await app\.acomplete\(event, context\)"):
            app(event)
        with pytest.raises(RuntimeError, match="running event loop"):
            app.complete(event)
    completion = await app.acomplete(event)
    assert [outcome.value for outcome in completion.outcomes] == ["value"] * len(event["batch"])
    assert completion.reply == ("sent" if kind == "async delivery" else {"failed": []})


@in_real_time
@pytest.mark.anyio
async def test_overlapping_invocations_keep_their_own_context_record_and_dependencies() -> None:
    app, number = App(), ContextVar[int]("number")
    barrier = asyncio.Barrier(20)
    open_sessions = set[str]()

    @app.middleware
    async def around(call: Call) -> AsyncGenerator[None, None]:
        number.set(int(call.context.request_id))
        await asyncio.sleep(0)
        yield
        assert number.get() == int(call.context.request_id)
        call.reply["middleware"] = number.get()

    @app.get("/{name}")
    async def handler(
        name: str, request: Request, context: Context, session: Annotated[str, Depends(session_of)], q: int
    ) -> dict[str, Any]:
        open_sessions.add(session)
        await barrier.wait()  # all twenty are in flight here
        assert request.path == f"/{name}"
        assert session in open_sessions
        return {"name": name, "request": context.request_id, "session": session, "q": q, "var": number.get()}

    completions = await asyncio.gather(
        *[app.acomplete(http.v2("GET", f"/{n}", query={"q": str(n)}), LambdaContext(60, str(n))) for n in range(20)]
    )
    for n, completion in enumerate(completions):
        assert json.loads(completion.reply["body"]) == {
            "name": str(n),
            "request": str(n),
            "session": f"session {n}",
            "q": n,
            "var": n,
            "middleware": n,
        }
    assert len(open_sessions) == 20


def session_of(context: Context) -> Generator[str, None, None]:
    yield f"session {context.request_id}"


@in_real_time
@pytest.mark.anyio
async def test_overlapping_invocations_keep_their_own_deadlines() -> None:
    app = App(deadline_margin=seconds(0.2))
    gate = asyncio.Event()

    @app.sns("orders")
    async def handler() -> None:
        await gate.wait()

    first = asyncio.create_task(app.acomplete(sns("orders", "x"), LambdaContext(seconds(0.4))))
    second = asyncio.create_task(app.acomplete(sns("orders", "x"), LambdaContext(seconds(0.3))))
    third = asyncio.create_task(app.acomplete(sns("orders", "x"), LambdaContext(60)))
    fourth = asyncio.create_task(app.acomplete(sns("orders", "x")))
    assert [statuses(await task) for task in (first, second)] == [["DeadlineExceeded"]] * 2
    assert not third.done()
    gate.set()
    assert [statuses(await task) for task in (third, fourth)] == [["ok"]] * 2
    assert not app._engine.environment.tainted


@pytest.mark.anyio
async def test_a_cancelled_invocation_cancels_its_calls() -> None:
    app, cancelled = App(), asyncio.Event()
    running = asyncio.Event()

    @app.sns("orders")
    async def handler() -> None:
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    task = asyncio.create_task(app.acomplete(sns("orders", "x", "y"), LambdaContext(60)))
    await running.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(BOUND):
        await cancelled.wait()


def test_invocations_of_several_threads_keep_apart() -> None:
    app, barrier = App(), threading.Barrier(5, timeout=BOUND)

    @app.get("/{name}")
    async def handler(name: str, context: Context) -> str:
        barrier.wait()
        return f"{name} {context.request_id}"

    replies: dict[int, Any] = {}

    def send(n: int) -> None:
        replies[n] = app(http.v2("GET", f"/{n}"), LambdaContext(60, str(n)))["body"]

    threads = [threading.Thread(target=send, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BOUND)
    assert replies == {n: f"{n} {n}" for n in range(5)}


@pytest.mark.parametrize("lives", [False, True])
def test_the_loop_of_a_thread_ends_with_it_unless_something_lives_there(*, lives: bool) -> None:
    lifespan, loops = Lifespan(), list[asyncio.AbstractEventLoop]()
    app = App(lifespan=lifespan) if lives else App()

    @app.get("/")
    async def handler() -> None:
        loops.append(asyncio.get_running_loop())

    for _ in range(2):
        thread = threading.Thread(target=app, args=(http.v2("GET", "/"),))
        thread.start()
        thread.join(BOUND)
    assert [loop.is_closed() for loop in loops] == [not lives, True]
    assert lifespan.log == ["start"] * lives
