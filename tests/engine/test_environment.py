"""What lives as long as the environment: the lifespan."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator

import pytest

from lambdarouter import App
from lambdarouter.core.route import Completion
from lambdarouter.engine.environment import Environment
from lambdarouter.testing.events import http, sns
from tests.engine.batch import LambdaContext, fresh, statuses
from tests.engine.lifespan import Lifespan


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_the_lifespan_is_entered_once_before_the_first_event_and_left_in_the_same_task(colour: str) -> None:
    lifespan = Lifespan()
    app = App(lifespan=lifespan)

    def handler() -> None:
        lifespan.log.append("handler")

    async def handler_async() -> None:
        handler()

    app.sns("orders")(handler if colour == "sync" else handler_async)
    assert lifespan.log == []
    for _ in range(3):
        app(sns("orders", "x"), LambdaContext(60))
    assert lifespan.app is app
    assert lifespan.log == ["start", "handler", "handler", "handler"]
    app.close()
    assert lifespan.log[-1] == "end"
    assert lifespan.tasks[0] is lifespan.tasks[1]


def test_an_event_after_the_end_starts_the_environment_anew() -> None:
    lifespan = Lifespan()
    app = App(lifespan=lifespan)
    app.sns("orders")(lambda: None)
    for _ in range(2):
        app(sns("orders", "x"))
        app.close()
        app.close()
    assert lifespan.log == ["start", "end"] * 2


def test_the_environment_may_be_started_ahead_of_the_first_event() -> None:
    lifespan = Lifespan()
    app = App(lifespan=lifespan)
    app.sns("orders")(lambda: None)
    app.start()
    assert lifespan.log == ["start"]
    app.start()
    app(sns("orders", "x"))
    assert lifespan.log == ["start"]
    app.close()


def test_a_start_that_fails_fails_its_event_and_the_next_event_tries_again() -> None:
    lifespan = Lifespan(failures=2)
    app, seen = App(lifespan=lifespan), list[str]()
    app.sns("orders")(lambda: seen.append("handler"))
    for _ in range(2):
        with pytest.raises(ConnectionError, match="no database"):
            app(sns("orders", "x"))
    assert seen == []
    app(sns("orders", "x"))
    assert seen == ["handler"]
    assert lifespan.log == ["start"] * 3
    app.close()


def test_a_request_whose_environment_does_not_start_raises() -> None:
    app = App(lifespan=Lifespan(failures=1))
    app.get("/")(lambda: None)
    with pytest.raises(ConnectionError):
        app(http.v2("GET", "/"))
    assert app(http.v2("GET", "/"))["statusCode"] == 204
    app.close()


@pytest.mark.anyio
async def test_overlapping_first_events_share_one_start() -> None:
    lifespan = Lifespan()
    app = App(lifespan=lifespan)
    app.sns("orders")(lambda: None)
    completions = await asyncio.gather(*[app.acomplete(sns("orders", "x")) for _ in range(5)])
    assert [statuses(completion) for completion in completions] == [["ok"]] * 5
    assert lifespan.log == ["start"]
    await app.aclose()
    assert lifespan.log == ["start", "end"]


def waiting_at(gate: asyncio.Event) -> App:
    """An app whose lifespan begins when the gate is opened."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        await gate.wait()
        yield

    app = App(lifespan=lifespan)
    app.sns("orders")(lambda: None)
    return app


@pytest.mark.anyio
async def test_a_first_event_that_is_given_up_does_not_stop_the_start_for_the_others() -> None:
    gate = asyncio.Event()
    app = waiting_at(gate)
    given_up = asyncio.create_task(app.acomplete(sns("orders", "x")))
    other = asyncio.create_task(app.acomplete(sns("orders", "x")))
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    gate.set()
    assert statuses(await other) == ["ok"]
    await app.aclose()


def test_a_lifespan_that_is_being_entered_in_one_event_loop_is_not_entered_in_another() -> None:
    gate = asyncio.Event()
    app = waiting_at(gate)

    async def begin() -> asyncio.Task[None]:
        starting = asyncio.create_task(app.astart())
        await asyncio.sleep(0)  # it waits at the gate
        return starting

    async def go_on(starting: asyncio.Task[None]) -> list[str]:
        gate.set()
        await starting
        done = statuses(await app.acomplete(sns("orders", "x")))
        await app.aclose()
        return done

    loop = asyncio.new_event_loop()
    try:
        starting = loop.run_until_complete(begin())
        with pytest.raises(RuntimeError, match="being entered in another event loop"):
            asyncio.run(app.astart())
        assert isinstance(asyncio.run(app.acomplete(sns("orders", "x"))).error, RuntimeError)
        assert loop.run_until_complete(go_on(starting)) == ["ok"]
    finally:
        loop.close()


class Overtaken(asyncio.SelectorEventLoop):
    """A loop in whose thread the lifespan is about to be entered when another thread's event comes to do so, too."""

    def __init__(self, other: threading.Thread) -> None:
        super().__init__()
        self.other = other

    def create_future(self) -> asyncio.Future[object]:
        if sys._getframe(1).f_code is Environment.start.__code__:
            self.other.start()
            self.other.join(0.5)  # it may have to wait for this one
        return super().create_future()


def test_of_two_threads_one_enters_the_lifespan() -> None:
    lifespan, ends = Lifespan(), list[Completion]()
    app = App(lifespan=lifespan)
    app.sns("orders")(lambda: None)

    async def event() -> None:
        ends.append(await app.acomplete(sns("orders", "x")))

    other = threading.Thread(target=lambda: asyncio.run(event()))
    loop = Overtaken(other)
    try:
        loop.run_until_complete(event())
        other.join()
        assert lifespan.log == ["start"]
        assert sorted(type(end.error).__name__ for end in ends) == ["NoneType", "RuntimeError"]
        loop.run_until_complete(app.aclose())
    finally:
        loop.close()


@pytest.mark.anyio
async def test_a_start_that_was_given_up_takes_nothing_from_the_next_one() -> None:
    log, gates, ended = list[str](), [asyncio.Event(), asyncio.Event()], asyncio.Event()

    @contextlib.asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        number = len(log)
        log.append("start")
        try:
            await gates[number].wait()
        finally:
            await ended.wait()  # what it has begun is to be ended
        yield

    app = App(lifespan=lifespan)
    app.sns("orders")(lambda: None)

    async def begun() -> asyncio.Task[Completion]:
        event = asyncio.create_task(app.acomplete(sns("orders", "x")))
        for _ in range(5):
            await asyncio.sleep(0)
        return event

    given_up = await begun()
    await app.aclose()
    events = [await begun()]
    ended.set()
    assert (await given_up).error is not None
    events.append(await begun())
    gates[1].set()
    assert [statuses(await event) for event in events] == [["ok"]] * 2
    assert log == ["start"] * 2
    await app.aclose()


def test_an_error_at_the_end_is_raised() -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        yield
        raise OSError("not closed")

    app = App(lifespan=lifespan)
    app.sns("orders")(lambda: None)
    app.close()
    app(sns("orders", "x"))
    with pytest.raises(OSError, match="not closed"):
        app.close()


def test_what_the_lifespan_left_in_the_loop_serves_the_handlers() -> None:
    queue: list[asyncio.Queue[str]] = []

    @contextlib.asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        queue.append(asyncio.Queue())
        yield

    app, got = App(lifespan=lifespan), list[str]()

    @app.sns("put")
    async def put(text: str) -> None:
        await queue[0].put(text)

    @app.sns("get")
    async def get() -> None:
        async with asyncio.timeout(10):
            got.append(await queue[0].get())

    app(sns("put", "hello"))
    app(sns("get", "x"))
    assert got == ["hello"]
    app.close()


def test_a_program_that_ends_without_closing_its_app_ends_quietly() -> None:
    ran = fresh("""
from contextlib import asynccontextmanager
from lambdarouter import App
from lambdarouter.testing.events import sns

@asynccontextmanager
async def lifespan(app):
    yield

app = App(lifespan=lifespan)

@app.sns("orders")
async def handler(): ...

app(sns("orders", "x"))
""")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
