"""What events cost, counted and not timed: event loops, their rounds and timers, tasks and threads."""

from __future__ import annotations

import asyncio
import selectors
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lambdarouter import App, Router
from lambdarouter.engine.loop import event_loop
from lambdarouter.testing.events import cron, http, sns, sqs
from tests.engine.batch import LambdaContext

EVENTS, JOBS = 10, 200


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Count what is made while this thread has its event loop already."""
    counts, loop = Counter[str](), event_loop()
    new_event_loop, start_thread = asyncio.new_event_loop, threading.Thread.start

    def make_task(loop: Any, coroutine: Any, **options: Any) -> Any:
        counts["tasks"] += 1
        return asyncio.Task(coroutine, loop=loop, **options)

    def make_loop() -> Any:
        counts["loops"] += 1
        return new_event_loop()

    def start(thread: threading.Thread) -> None:
        counts["threads"] += 1
        start_thread(thread)

    loop.set_task_factory(make_task)
    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "new_event_loop", make_loop)
        patch.setattr(threading.Thread, "start", start)
        try:
            yield counts
        finally:
            loop.set_task_factory(None)


def does_nothing() -> None: ...


async def never_waits() -> None: ...


async def waits() -> None:
    await asyncio.sleep(0)


async def leaves_a_call() -> None:
    asyncio.get_running_loop().call_soon(does_nothing)


def many(register: Callable[[App], Any], handler: Any) -> App:
    app = App()
    for _ in range(JOBS):
        register(app)(handler)
    return app


def daily(app: App) -> Any:
    return app.cron("0 3 * * *")


def in_turn(app: App) -> Any:
    return app.cron("0 3 * * *", concurrency=1)


def subscribed(app: App) -> Any:
    return app.sns("orders")


TICK, NOTE, GET = cron.rule("2026-01-01T03:00Z"), sns("orders", "hello"), http.v2("GET", "/")


@pytest.mark.parametrize(("handler", "tasks"), [(does_nothing, 0), (never_waits, 1), (waits, 1)])
def test_a_request_makes_no_loop_no_thread_and_a_task_only_where_something_awaits(
    handler: Any, tasks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App()
    app.get("/")(handler)
    with counting(monkeypatch) as counts:
        for _ in range(EVENTS):
            assert app(GET)["statusCode"] == 204
    assert counts == Counter(tasks=tasks * EVENTS)


class Selector(selectors.DefaultSelector):
    """Counts how often the loop asks it: once in each of its rounds."""

    rounds = 0

    def select(self, timeout: float | None = None) -> Any:
        self.rounds += 1
        return super().select(timeout)


class Loop(asyncio.SelectorEventLoop):
    """Counts its timers, and its rounds."""

    timers = 0

    def __init__(self) -> None:
        self.asked = Selector()
        super().__init__(self.asked)

    def call_at(self, *args: Any, **options: Any) -> asyncio.TimerHandle:  # type: ignore[override] # by *Ts
        self.timers += 1
        return super().call_at(*args, **options)


@pytest.mark.parametrize(("handler", "rounds"), [(never_waits, 1), (leaves_a_call, 2), (waits, 2)])
def test_an_async_request_takes_few_rounds_of_the_loop_and_no_timer_of_its_own(
    handler: Any, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, loop = App(), Loop()
    app.get("/")(handler)

    def send() -> None:
        app(GET, LambdaContext(60))  # the loop's timer is set, and left to those that follow
        assert loop.timers == 1
        loop.asked.rounds = 0
        for _ in range(EVENTS):
            app(GET, LambdaContext(120))

    monkeypatch.setattr(asyncio, "new_event_loop", lambda: loop)
    thread = threading.Thread(target=send)  # one that has no loop yet
    thread.start()
    thread.join()
    loop.close()
    assert (loop.asked.rounds, loop.timers) == (rounds * EVENTS, 1)


@pytest.mark.parametrize(("register", "event"), [(daily, TICK), (subscribed, NOTE)])
def test_handlers_that_never_wait_have_no_task_of_their_own(
    register: Any, event: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = many(register, never_waits)
    with counting(monkeypatch) as counts:
        for _ in range(EVENTS):
            assert len(app.complete(event).outcomes) == JOBS
    assert counts == Counter(tasks=2 * EVENTS)  # the event's, and one that calls them all


def test_handlers_that_wait_have_one_task_each_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    app = many(daily, waits)
    with counting(monkeypatch) as counts:
        for _ in range(EVENTS):
            assert app(TICK) is None
    assert counts["tasks"] <= (JOBS + 1) * EVENTS
    assert counts.keys() == {"tasks"}


def test_sync_jobs_that_never_wait_share_their_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    app = many(daily, does_nothing)
    with counting(monkeypatch) as counts:
        for _ in range(EVENTS):
            assert app(TICK) is None
    # How many begin before the first has done everything is up to the operating system: one, or a few.
    assert EVENTS <= counts["threads"] < counts["tasks"] < JOBS * EVENTS / 4


def test_jobs_in_turn_make_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = many(in_turn, does_nothing)
    with counting(monkeypatch) as counts:
        for _ in range(EVENTS):
            assert app(TICK) is None
    assert counts == Counter()


def test_a_thread_has_one_loop_for_all_its_events() -> None:
    app, loops = App(), set[Any]()

    @app.get("/")
    async def handler() -> None:
        loops.add(asyncio.get_running_loop())

    for _ in range(EVENTS):
        app(GET)
    assert loops == {event_loop()}


def calls_for(app: App, event: dict[str, Any]) -> int:
    """The functions of Python's that are called for an event."""
    for _ in range(2):
        app(event)
    calls = 0

    def count(frame: Any, kind: str, argument: Any) -> None:
        nonlocal calls
        calls += kind == "call"

    sys.setprofile(count)
    try:
        app(event)
    finally:
        sys.setprofile(None)
    return calls


def get(router: Router) -> None:
    router.get("/x")(lambda: {"a": 1})


def queue(router: Router) -> None:
    router.sqs("jobs", concurrency=1)(lambda body: None)


@pytest.mark.parametrize(
    ("register", "event"), [(get, http.v2("GET", "/x")), (queue, sqs("jobs", *["x"] * 20))], ids=["request", "batch"]
)
def test_a_router_and_an_exception_handler_that_is_not_needed_cost_next_to_nothing(
    register: Callable[[Router], None], event: dict[str, Any]
) -> None:
    bare, whole = App(), App()
    register(bare)
    outer, inner = Router(), Router()
    register(inner)
    outer.include(inner)
    whole.include(outer)
    whole.exception_handler(KeyError)(lambda error: {})
    inner.exception_handler(ValueError)(lambda error: {})
    # One asks whether there is anything around the handler.
    assert calls_for(whole, event) <= calls_for(bare, event) + 1
