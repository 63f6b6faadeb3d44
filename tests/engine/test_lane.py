"""How many calls run at once, and which must run in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator

import pytest
from hypothesis import given, strategies as st

from lambdarouter import App, Call, Context, NotAttempted, Trigger
from tests.engine.batch import BOUND, BatchRecord, BatchTrigger, LambdaContext, batch, fresh, statuses


def counted(app: App, trigger: Trigger, barrier_size: int, *, is_async: bool) -> list[int]:
    """Register a handler that waits until `barrier_size` calls are there; the list gets the number of calls at once."""
    running, seen = set[object](), list[int]()
    loop_barrier = asyncio.Barrier(barrier_size)
    thread_barrier, lock = threading.Barrier(barrier_size, timeout=BOUND), threading.Lock()

    def enter() -> object:
        call = object()
        with lock:
            running.add(call)
            seen.append(len(running))
        return call

    def handler() -> None:
        call = enter()
        thread_barrier.wait()
        with lock:
            running.remove(call)

    async def async_handler() -> None:
        call = enter()
        await loop_barrier.wait()
        running.remove(call)

    app.on(trigger)(async_handler if is_async else handler)
    return seen


@pytest.mark.parametrize(
    ("concurrency", "is_async", "expected"),
    [(None, True, 100), (None, False, 10), (7, True, 7), (3, False, 3), (150, True, 150), (16, False, 16)],
)
def test_as_many_calls_of_a_route_run_at_once_as_concurrency_says(
    concurrency: int | None, *, is_async: bool, expected: int
) -> None:
    app = App()
    seen = counted(app, BatchTrigger(concurrency=concurrency), expected, is_async=is_async)
    # The barrier lets groups of exactly that size pass: with fewer at once nobody would come through.
    completion = app.complete(batch(*["x"] * expected * 2), LambdaContext(BOUND))
    assert statuses(completion) == ["ok"] * expected * 2
    assert max(seen) == expected


def test_each_route_has_its_own_bound() -> None:
    app = App()
    barrier = threading.Barrier(8, timeout=BOUND)  # 3 of one route and 5 of the other, all at once

    @app.on(BatchTrigger("a", concurrency=3))
    def first() -> None:
        barrier.wait()

    @app.on(BatchTrigger("b", concurrency=5))
    def second() -> None:
        barrier.wait()

    event = batch(*[{"to": "a"}] * 3, *[{"to": "b"}] * 5)
    assert app(event, LambdaContext(BOUND)) == {"failed": []}


@pytest.mark.parametrize("is_async", [False, True])
def test_a_route_with_more_to_do_keeps_its_bound_beside_those_that_share_their_workers(*, is_async: bool) -> None:
    app = App()
    seen = {name: counted(app, BatchTrigger(name, concurrency=2), 2, is_async=is_async) for name in "abc"}
    event = batch(*[{"to": "a"}] * 8, *[{"to": "b"}] * 2, *[{"to": "c"}] * 2)
    assert app(event, LambdaContext(BOUND)) == {"failed": []}
    assert [max(calls) for calls in seen.values()] == [2, 2, 2]


def test_with_concurrency_1_records_run_in_order_on_the_calling_thread_without_asyncio() -> None:
    program = """
import sys, threading
from lambdarouter import App
from tests.engine.batch import BatchTrigger, batch
app, seen = App(), []

@app.on(BatchTrigger(concurrency=1))
def handler(text: str):
    seen.append((text, threading.current_thread() is threading.main_thread()))
    if text == "3":
        raise ValueError

reply = app(batch(*map(str, range(20))))
assert reply == {"failed": ["3"]}, reply
assert seen == [(str(number), True) for number in range(20)], seen
# The logger of the one failure is the only thing that may have loaded more.
print("asyncio" in sys.modules, "anyio" in sys.modules)
"""
    silent = program.replace('if text == "3":', "if False:").replace('["3"]', "[]")
    ran = fresh(silent)
    assert (ran.returncode, ran.stdout.strip()) == (0, "False False"), ran.stderr
    assert fresh(program).returncode == 0


def test_with_concurrency_1_async_calls_run_one_after_the_other() -> None:
    app, running, order = App(), set[str](), list[str]()

    @app.on(BatchTrigger(concurrency=1))
    async def handler(text: str) -> None:
        assert not running
        running.add(text)
        await asyncio.sleep(0)
        running.remove(text)
        order.append(text)

    assert app(batch(*"abcdef"), LambdaContext(BOUND)) == {"failed": []}
    assert order == list("abcdef")


def test_a_sync_handler_with_concurrency_1_stays_on_the_main_thread_beside_other_routes() -> None:
    app, threads = App(), list[threading.Thread]()

    @app.on(BatchTrigger("careful", concurrency=1))
    def careful() -> None:
        threads.append(threading.current_thread())

    @app.on(BatchTrigger("quick"))
    def quick() -> None:
        assert threading.current_thread() is not threading.main_thread()

    event = batch(*[{"to": "careful"}, {"to": "quick"}] * 5)
    assert app(event, LambdaContext(BOUND)) == {"failed": []}
    assert threads == [threading.main_thread()] * 5


# The concurrency, whether the handler is async, and whether there is middleware around it.
MODES: dict[str, tuple[int | None, bool, bool]] = {
    "async": (None, True, False),
    "two tasks": (2, True, False),
    "one task": (1, True, False),
    "threads": (None, False, False),
    "two threads": (2, False, False),
    "inline": (1, False, False),
    "inline in middleware": (1, False, True),
}


def failing(mode: str) -> tuple[App, list[str]]:
    """Make an app whose handler fails for the text "fail"; the list gets the ids of the records it was run for."""
    concurrency, is_async, wrapped = MODES[mode]
    app, ran = App(), list[str]()

    def handle(record: BatchRecord) -> None:
        ran.append(record.id)
        if record.text == "fail":
            raise ValueError(record.id)

    async def handle_async(record: BatchRecord) -> None:
        await asyncio.sleep(0)
        handle(record)

    def around(call: Call) -> Generator[None, None, None]:
        yield

    app.on(BatchTrigger(concurrency=concurrency))(handle_async if is_async else handle)
    if wrapped:
        app.middleware(around)
    return app, ran


@pytest.mark.parametrize("mode", MODES)
def test_after_a_failure_the_rest_of_its_lane_is_not_attempted_and_other_lanes_go_on(mode: str) -> None:
    app, ran = failing(mode)
    event = batch(
        {"key": "a"},
        {"key": "b"},
        {"key": "a", "text": "fail"},
        {"key": "b"},
        {"key": "a"},
        {},
        {"key": "a"},
        {"text": "fail"},
        {"key": "b"},
    )
    completion = app.complete(event, LambdaContext(BOUND))
    lost = "NotAttempted"
    assert statuses(completion) == ["ok", "ok", "ValueError", "ok", lost, "ok", lost, "ValueError", "ok"]
    assert completion.reply == {"failed": ["2", "4", "6", "7"]}
    assert sorted(ran) == ["0", "1", "2", "3", "5", "7", "8"]
    assert [name for name in ran if name in "138"] == ["1", "3", "8"]
    assert str(completion.outcomes[4].error) == ("4 was not run: 2 has the same ordering key and failed before it")


@pytest.mark.parametrize("mode", MODES)
@given(records=st.lists(st.tuples(st.sampled_from([None, "a", "b", "c"]), st.booleans()), max_size=25))
def test_whatever_fails_every_record_has_one_outcome_and_keys_keep_their_order(
    mode: str, records: list[tuple[str | None, bool]]
) -> None:
    app, ran = failing(mode)
    event = batch(*[{"key": key, "text": "fail" if fails else ""} for key, fails in records])
    completion = app.complete(event, LambdaContext(BOUND))

    expected, stopped = list[str](), set[str]()
    for key, fails in records:
        expected.append("NotAttempted" if key in stopped else "ValueError" if fails else "ok")
        if fails and key is not None:
            stopped.add(key)
    assert statuses(completion) == expected
    assert [outcome.record.id for outcome in completion.outcomes] == [str(n) for n in range(len(records))]
    attempted = [str(number) for number, status in enumerate(expected) if status != "NotAttempted"]
    assert sorted(ran, key=int) == attempted
    for key in ("a", "b", "c"):
        lane = [str(number) for number, (of, _) in enumerate(records) if of == key and str(number) in attempted]
        assert [number for number in ran if number in lane] == lane
    for outcome in completion.outcomes:
        assert (outcome.error is None) == (outcome.record.id not in completion.reply["failed"])


def test_a_lane_is_of_one_route_another_handler_of_the_same_records_goes_on() -> None:
    app, ran = App(), list[str]()

    @app.on(BatchTrigger())
    def fails(record: BatchRecord) -> None:
        raise ValueError(record.id)

    @app.on(BatchTrigger())
    def works(record: BatchRecord) -> None:
        ran.append(record.id)

    completion = app.complete(batch({"key": "a"}, {"key": "a"}), LambdaContext(BOUND))
    assert ran == ["0", "1"]
    assert [
        (outcome.route.handler.fn is fails, type(outcome.error))
        for outcome in completion.outcomes
        if outcome.route is not None
    ] == [(True, ValueError), (False, type(None)), (True, NotAttempted), (False, type(None))]


def test_an_event_of_a_hundred_sync_records_needs_ten_threads_not_a_hundred() -> None:
    app, threads = App(), set[int]()

    @app.on(BatchTrigger())
    def handler(context: Context) -> None:
        threads.add(threading.get_ident())

    assert app(batch(*["x"] * 100), LambdaContext(BOUND)) == {"failed": []}
    assert 1 <= len(threads) <= 10
