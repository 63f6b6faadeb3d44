"""What stands around a job's run: `timeout=`, `jitter=` and `overlap=`."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter import App, Completion, ConfigurationError, DeadlineExceeded, Declined, Tick
from lambdarouter.core.store import Entry, key_of
from lambdarouter.errors import InFlight, StoreError
from lambdarouter.sources.cron.guard import delay
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import LambdaContext
from lambdarouter.testing.events import cron
from tests.pace import in_real_time, seconds

THREE = cron.rule("2026-01-01T03:00Z")


def complete(app: App, event: Any = THREE, *, within: float = 30) -> Completion:
    return app.complete(event, LambdaContext(timeout=within))


# timeout


@in_real_time
def test_an_async_job_is_cancelled_at_its_timeout_and_the_others_go_on() -> None:
    app, log = App(), list[str]()
    stopped = asyncio.Event()

    @app.cron("@hourly", timeout=seconds(0.05))
    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            log.append("stopped")
            stopped.set()

    @app.cron("@hourly")
    async def patient() -> None:
        await stopped.wait()
        log.append("patient")

    completion = complete(app)
    assert log == ["stopped", "patient"]
    error = completion.error
    assert isinstance(error, TimeoutError)
    assert "endless was stopped: its slot 2026-01-01T03:00:00+00:00 took longer than timeout=" in str(error)
    assert not app.tainted


@in_real_time
@pytest.mark.parametrize("others", [0, 1])
def test_a_sync_job_is_left_behind_at_its_timeout_and_taints_the_environment(others: int) -> None:
    app, over = App(), threading.Event()

    @app.cron("@hourly", timeout=seconds(0.05))
    def endless() -> None:
        over.wait(60)

    for _ in range(others):
        app.cron("@hourly")(lambda: None)

    try:
        completion = complete(app)
        assert isinstance(completion.error, TimeoutError)
        assert not over.is_set()
        assert app.tainted
    finally:
        over.set()


def test_a_job_that_is_in_time_is_not_touched_and_its_own_timeouts_are_its_own() -> None:
    app, error = App(), TimeoutError("of the job's own")

    @app.cron("@hourly", timeout=60)
    async def quick() -> str:
        await asyncio.sleep(0)
        return "done"

    @app.cron("@hourly", timeout=60)
    def sync() -> str:
        return threading.current_thread().name

    @app.cron("@hourly", timeout=60)
    async def failing() -> None:
        raise error

    completion = complete(app)
    first, second, third = completion.outcomes
    assert first.value == "done"
    assert second.value != threading.main_thread().name
    assert third.error is error
    assert completion.error is error


@in_real_time
def test_the_invocations_deadline_comes_before_a_longer_timeout() -> None:
    app = App()

    @app.cron("@hourly", timeout=60)
    async def endless() -> None:
        await asyncio.Event().wait()

    assert isinstance(complete(app, within=seconds(0.3)).error, DeadlineExceeded)


# jitter


@given(st.text(max_size=20), st.text(max_size=30), st.floats(0.001, 899))
def test_a_delay_is_below_the_jitter_and_the_same_at_every_attempt(job: str, slot: str, jitter: float) -> None:
    assert 0 <= delay(job, slot, jitter) < jitter
    assert delay(job, slot, jitter) == delay(job, slot, jitter)


def test_delays_are_spread_evenly() -> None:
    delays = sorted(delay(f"jobs.number_{n}", "2026-01-01T03:00:00+00:00", 100) for n in range(1000))
    assert all(abs(found - expected / 10) < 5 for expected, found in enumerate(delays))


def test_a_run_is_put_off_by_its_delay() -> None:
    app, slept = App(), list[float]()

    @app.cron("@hourly", jitter=0.01)
    async def job(tick: Tick) -> float:
        return asyncio.get_running_loop().time()

    loop_time = list[float]()

    @app.middleware
    async def watch(call: Any) -> Any:
        loop_time.append(asyncio.get_running_loop().time())
        yield
        slept.append(call.reply - loop_time[0])

    outcome = complete(app).outcomes[0]
    assert outcome.route is not None
    assert slept[0] >= delay(outcome.route.name, "2026-01-01T03:00:00+00:00", 0.01) > 0


# overlap


class Jobs:
    """An app with one job, which is let go by hand; `ran` has the slots it began with."""

    def __init__(self, store: MemoryStore, overlap: Any, *, expression: str = "@hourly") -> None:
        self.app, self.ran = App(store=store), list[str]()
        self.inside, self.go = asyncio.Event(), asyncio.Event()

        @self.app.cron(expression, overlap=overlap)
        async def job(tick: Tick) -> None:
            self.ran.append(f"{tick.slot:%H:%M}")
            self.inside.set()
            await self.go.wait()


def test_with_overlap_skip_a_slot_is_skipped_while_another_run_is_not_over() -> None:
    async def main() -> None:
        jobs = Jobs(MemoryStore(), "skip")
        first = asyncio.create_task(jobs.app.acomplete(THREE))
        await jobs.inside.wait()
        (outcome,) = (await jobs.app.acomplete(cron.rule("2026-01-01T04:00Z"))).outcomes
        assert isinstance(outcome, Declined)
        assert outcome.value == 'overlap="skip": the run of 2026-01-01T03:00:00+00:00 is not over'
        jobs.go.set()
        assert (await first).error is None
        assert (await jobs.app.acomplete(cron.rule("2026-01-01T05:00Z"))).error is None
        assert jobs.ran == ["03:00", "05:00"]

    asyncio.run(main())


def test_with_overlap_skip_the_same_slot_fails_so_that_it_is_tried_again() -> None:
    async def main() -> None:
        jobs = Jobs(MemoryStore(), "skip")
        first = asyncio.create_task(jobs.app.acomplete(THREE))
        await jobs.inside.wait()
        error = (await jobs.app.acomplete(THREE)).error
        assert isinstance(error, InFlight)
        assert "is running for this very slot, 2026-01-01T03:00:00+00:00, or was killed" in str(error)
        jobs.go.set()
        assert (await first).error is None

    asyncio.run(main())


def test_with_overlap_queue_a_slot_waits_for_the_other_run() -> None:
    async def main() -> None:
        jobs = Jobs(MemoryStore(), "queue")
        first = asyncio.create_task(jobs.app.acomplete(THREE))
        await jobs.inside.wait()
        second = asyncio.create_task(jobs.app.acomplete(cron.rule("2026-01-01T04:00Z")))
        for _ in range(100):
            await asyncio.sleep(0)
        assert jobs.ran == ["03:00"]
        jobs.go.set()
        assert (await first).error is None
        assert (await second).error is None
        assert jobs.ran == ["03:00", "04:00"]

    asyncio.run(main())


@in_real_time
def test_a_slot_that_waits_until_the_deadline_fails() -> None:
    store = MemoryStore()
    jobs = Jobs(store, "queue")
    (route,) = jobs.app.routes
    store.acquire(key_of("cron.lease", LambdaContext().function_name, route.name), "somebody", 60, "an older slot")
    assert isinstance(complete(jobs.app, within=seconds(0.3)).error, DeadlineExceeded)
    assert jobs.ran == []


def test_a_lease_is_given_back_when_the_job_fails() -> None:
    app, ran = App(store=MemoryStore()), list[str]()

    @app.cron("@hourly", overlap="skip")
    def failing(tick: Tick) -> None:
        ran.append(tick.id)
        raise ValueError(tick.id)

    for _ in range(2):
        assert isinstance(complete(app).error, ValueError)
    assert len(ran) == 2


@in_real_time
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_run_that_could_not_be_stopped_keeps_its_lease_and_one_that_was_stopped_does_not(kind: str) -> None:
    app, over = App(store=MemoryStore()), threading.Event()
    if kind == "sync":

        @app.cron("@hourly", overlap="skip", timeout=seconds(0.05))
        def job() -> None:
            over.wait(60)
    else:

        @app.cron("@hourly", overlap="skip", timeout=seconds(0.05))
        async def job_async() -> None:
            await asyncio.Event().wait()

    try:
        assert isinstance(complete(app).error, TimeoutError)
        (outcome,) = complete(app, cron.rule("2026-01-01T04:00Z")).outcomes
        assert outcome.status == ("declined" if kind == "sync" else "failed")
    finally:
        over.set()


def test_a_lease_that_was_left_behind_ends_with_the_invocation_that_took_it() -> None:
    now = [0.0]
    store = MemoryStore(clock=lambda: now[0])
    leases = list[tuple[float, str]]()

    class Watched(MemoryStore):
        def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
            leases.append((seconds, mark))
            return store.acquire(key, owner, seconds, mark)

        def release(self, key: str, owner: str) -> None: ...  # as if the process had been killed

    app, ran = App(store=Watched()), list[str]()

    @app.cron("@hourly", overlap="skip")
    def job(tick: Tick) -> None:
        ran.append(f"{tick.slot:%H:%M}")

    complete(app, within=30)
    ((length, mark),) = leases
    assert 29 < length <= 30
    assert mark == "2026-01-01T03:00:00+00:00"
    assert isinstance(complete(app, cron.rule("2026-01-01T04:00Z")).outcomes[0], Declined)
    now[0] = 31
    complete(app, cron.rule("2026-01-01T05:00Z"))
    assert ran == ["03:00", "05:00"]


@pytest.mark.parametrize("overlap", ["skip", "queue"])
def test_the_slots_of_one_tick_run_one_by_one_in_order_and_none_is_skipped(overlap: Any) -> None:
    app, log = App(store=MemoryStore()), list[str]()

    @app.cron("*/15 * * * *", overlap=overlap)
    async def job(tick: Tick) -> None:
        log.append(f"in {tick.slot:%M}")
        await asyncio.sleep(0)
        log.append(f"out {tick.slot:%M}")

    assert complete(app).error is None
    assert log == [f"{way} {minute}" for minute in ("15", "30", "45", "00") for way in ("in", "out")]


def test_two_jobs_do_not_keep_each_other_from_running_even_under_one_name() -> None:
    app, barrier = App(store=MemoryStore()), threading.Barrier(3, timeout=30)
    for _ in range(3):

        @app.cron("@hourly", overlap="queue")
        def job() -> None:
            barrier.wait()

    assert complete(app).error is None


def test_a_store_that_blocks_is_asked_off_the_event_loop() -> None:
    threads = set[str]()

    class Slow(MemoryStore):
        blocking = True

        def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
            threads.add(threading.current_thread().name)
            return super().acquire(key, owner, seconds, mark)

        def release(self, key: str, owner: str) -> None:
            threads.add(threading.current_thread().name)
            super().release(key, owner)

    app = App(store=Slow())
    app.cron("@hourly", overlap="queue")(lambda: None)
    assert complete(app).error is None
    assert threads
    assert threading.main_thread().name not in threads


class Down(MemoryStore):
    def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
        raise ConnectionError("no store")


def test_a_store_that_is_down_fails_the_job_that_needs_a_lease_and_no_other() -> None:
    app, ran = App(store=Down()), list[str]()
    app.cron("@hourly", overlap="skip")(lambda: ran.append("leased"))
    app.cron("@hourly")(lambda: ran.append("free"))
    assert isinstance(complete(app).error, StoreError)
    assert ran == ["free"]


def test_a_store_that_is_down_may_be_done_without(capsys: pytest.CaptureFixture[str]) -> None:
    app, ran = App(store=Down(), on_store_error="run"), list[str]()
    app.cron("@hourly", overlap="skip")(lambda: ran.append("leased"))
    assert complete(app).error is None
    assert ran == ["leased"]
    assert "no store" in capsys.readouterr().err


def test_a_lease_that_cannot_be_given_back_does_not_fail_the_run_that_is_over(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Forgetful(MemoryStore):
        def release(self, key: str, owner: str) -> None:
            raise ConnectionError("gone")

    app = App(store=Forgetful())
    app.cron("@hourly", overlap="skip")(lambda: None)
    assert complete(app).error is None
    assert "its lease runs out" in capsys.readouterr().err


# Configuration


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"timeout": 0}, "timeout is 0; it is a number of seconds, above 0 and below 900"),
        ({"timeout": "30s"}, "timeout is '30s'; it is a number"),
        ({"timeout": True}, "timeout is True"),
        ({"jitter": -1}, "jitter is -1"),
        ({"jitter": 900}, "jitter is 900"),
        ({"jitter": float("nan")}, "jitter is nan"),
        ({"overlap": "never"}, "overlap is 'never'; it is 'allow', 'skip' or 'queue'"),
        ({"overlap": "skip", "concurrency": 5}, "leave out concurrency=5"),
        ({"overlap": "skip"}, r"overlap='skip' needs a store, where runs are remembered: App\(store=...\)"),
        ({"catch_up": "all"}, "catch_up='all' needs a store"),
        ({"catch_up": "some"}, "catch_up is 'some'; it is 'none', 'last' or 'all'"),
        ({"horizon": "6h"}, "horizon= goes with catch_up="),
        ({"catch_up": "all", "horizon": "soon"}, "'soon' is no period"),
    ],
)
def test_options_that_mean_nothing_are_refused_at_import(options: Any, said: str) -> None:
    app = App()

    def job() -> None: ...

    with pytest.raises(ConfigurationError, match=said) as caught:
        app.cron("@hourly", **options)(job)
    assert f"({__file__}:" in str(caught.value)
    assert app.routes == []


# Side by side


def test_200_due_jobs_that_wait_at_one_barrier_pass_it_and_are_joined() -> None:
    app, barrier = App(), asyncio.Barrier(200)
    passed = list[int]()

    def add(number: int, **options: Any) -> None:
        @app.cron("@hourly", **options)
        async def job() -> None:
            await barrier.wait()
            await asyncio.sleep(0)
            passed.append(number)

    for number in range(200):
        add(number, **({"timeout": 60} if number % 2 else {}))
    completion = complete(app, cron.rule(datetime(2026, 1, 1, 3, tzinfo=UTC)))
    assert completion.error is None
    assert sorted(passed) == list(range(200))
    assert len(completion.outcomes) == 200


def test_200_slots_of_one_job_pass_one_barrier_where_it_may_run_them_all_at_once() -> None:
    app, barrier = App(tick="1d"), asyncio.Barrier(200)

    @app.cron(every="6m", concurrency=240)
    async def job(tick: Tick) -> None:
        if tick.slot.hour >= 4:
            await barrier.wait()

    assert complete(app, cron.rule("2026-01-01T23:54Z")).error is None
