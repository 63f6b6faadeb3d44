"""The ledger of ticks, and the slots that jobs catch up with."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter import App, ConfigurationError, Declined, Tick
from lambdarouter.core.store import Store, key_of
from lambdarouter.errors import StoreError
from lambdarouter.sources.cron.ledger import Place, claim
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.stores.sqlite import SqliteStore
from lambdarouter.testing import LambdaContext, TestClient
from lambdarouter.testing.events import cron

HOUR = 3600
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def place(found: Place) -> tuple[int | None, int | None]:
    return found.before, found.after


class Seen:
    """A ledger as plain as can be: what each tick was told, and the latest."""

    def __init__(self) -> None:
        self.before: dict[int, int | None] = {}

    def claim(self, end: int) -> tuple[int | None, int | None]:
        earlier = [tick for tick in self.before if tick < end]
        later = [tick for tick in self.before if tick > end]
        if end in self.before:
            return self.before[end], None
        if later:
            return max(earlier, default=None), min(later)
        self.before[end] = max(earlier, default=None)
        return self.before[end], None


@given(st.lists(st.integers(0, 30) | st.integers(0, 30).map(lambda n: n * 2), min_size=1, max_size=40))
def test_a_tick_is_told_where_it_stands_whenever_and_however_often_it_comes(ticks: list[int]) -> None:
    store, seen = MemoryStore(), Seen()
    for tick in ticks:
        assert place(claim(store, "key", tick * HOUR, 60 * HOUR)) == tuple(
            None if time is None else time * HOUR for time in seen.claim(tick)
        )


def test_a_year_of_punctual_ticks_is_a_short_note() -> None:
    store = MemoryStore()
    for hour in range(0, 8760, 24):
        for tick in range(hour, hour + 24):
            claim(store, "key", tick * HOUR, 0)
    assert store.read("key") == f"[[0,{8759 * HOUR},{HOUR}]]"


def test_a_tick_too_old_to_be_a_late_delivery_stands_for_itself_and_leaves_the_ledger_as_it_is() -> None:
    store = MemoryStore()
    for hour in (100, 101, 102):
        claim(store, "key", hour * HOUR, 0)
    note = store.read("key")
    assert place(claim(store, "key", 54 * HOUR, 0)) == (None, 100 * HOUR)
    assert place(claim(store, "key", 53 * HOUR, 0)) == (None, None)
    assert place(claim(store, "key", 53 * HOUR, 60 * HOUR)) == (None, 100 * HOUR)
    assert store.read("key") == note


def test_what_is_too_old_to_matter_is_forgotten() -> None:
    store = MemoryStore()
    for hour in (0, 7, 14, 15, 100, 101):
        claim(store, "key", hour * HOUR, 0)
    assert json.loads(store.read("key") or "") == [[15 * HOUR, 100 * HOUR, 85 * HOUR], [101 * HOUR, 101 * HOUR, 0]]
    store = MemoryStore()
    for hour in (0, 7, 14, 15, 100, 101):
        claim(store, "key", hour * HOUR, 200 * HOUR)
    assert len(json.loads(store.read("key") or "")) == 3


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_ticks_that_are_entered_at_once_have_a_chain_of_predecessors(kind: str, tmp_path: Path) -> None:
    store: Store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "store.db")
    places = dict[int, Place]()
    barrier = threading.Barrier(20)

    def enter(end: int) -> None:
        barrier.wait()
        places[end] = claim(store, "key", end, 0)

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entered = sorted(end for end, found in places.items() if found.after is None)
    assert [places[end].before for end in entered] == [None, *entered[:-1]]
    for end, found in places.items():
        if found.after is not None:
            assert found.after == min(later for later in entered if later > end)


def test_a_note_that_is_no_ledger_is_said_to_be_none() -> None:
    for note in ("hello", "{}x", "[1]", '[["a","b","c"]]'):
        store = MemoryStore()
        store.swap("key", None, note)
        with pytest.raises(ConfigurationError, match="no ledger of ticks"):
            claim(store, "key", 0, 0)


def test_a_ledger_that_never_stands_still_is_given_up() -> None:
    class Busy(MemoryStore):
        def swap(self, key: str, old: str | None, new: str) -> bool:
            return False

    with pytest.raises(RuntimeError, match="the ledger 'key' changed 100 times"):
        claim(Busy(), "key", 0, 0)


# What a job catches up with


class Jobs:
    """An app with a job for each policy, in ever new environments that share a store."""

    def __init__(self, store: MemoryStore | None = None, *, every: str = "1h", **options: Any) -> None:
        self.store = store or MemoryStore()
        self.every = every
        self.options = options
        self.ran: list[tuple[str, str]] = []

    def tick(self, time: str | datetime, **event: Any) -> dict[str, list[str]]:
        app = App(store=self.store, **self.options)
        for policy in ("none", "last", "all"):
            self.job(app, policy)
        self.ran = []
        self.completion = TestClient(app, store=app.store).invoke(cron.rule(time, **event))
        assert self.completion.error is None
        return {policy: [slot for found, slot in self.ran if found == policy] for policy in ("none", "last", "all")}

    def job(self, app: App, policy: Any) -> None:
        horizon = None if policy == "none" else "6h"

        @app.cron(every=self.every, catch_up=policy, horizon=horizon, concurrency=1)
        def job(tick: Tick) -> None:
            self.ran.append((policy, f"{tick.slot:%d %H:%M}"))


def test_slots_of_ticks_that_never_came_are_caught_up_with_as_each_job_says() -> None:
    jobs = Jobs()
    assert jobs.tick("2026-01-01T03:00Z") == {policy: ["01 03:00"] for policy in ("none", "last", "all")}
    assert jobs.tick("2026-01-01T04:00Z") == {policy: ["01 04:00"] for policy in ("none", "last", "all")}
    assert jobs.tick("2026-01-01T08:00Z") == {
        "none": ["01 08:00"],
        "last": ["01 07:00", "01 08:00"],
        "all": ["01 05:00", "01 06:00", "01 07:00", "01 08:00"],
    }


def test_a_repetition_of_a_tick_catches_up_with_the_same_slots() -> None:
    jobs = Jobs()
    jobs.tick("2026-01-01T03:00Z")
    first = jobs.tick("2026-01-01T06:00Z")
    assert jobs.tick("2026-01-01T06:00Z") == first
    assert jobs.tick("2026-01-01T07:00Z")["all"] == ["01 07:00"]
    assert jobs.tick("2026-01-01T06:00Z") == first


def test_a_tick_that_comes_after_its_slots_were_caught_up_with_runs_them_only_for_jobs_that_do_not() -> None:
    jobs = Jobs()
    jobs.tick("2026-01-01T03:00Z")
    assert jobs.tick("2026-01-01T05:00Z")["all"] == ["01 04:00", "01 05:00"]
    assert jobs.tick("2026-01-01T04:00Z") == {"none": ["01 04:00"], "last": [], "all": []}
    declined = jobs.completion.outcomes[-1]
    assert isinstance(declined, Declined)
    assert declined.value == "this tick is late, and the one of 05:00 UTC has caught up with its slots"


def test_nothing_older_than_the_horizon_is_caught_up_with_unless_its_own_tick_comes_after_all() -> None:
    jobs = Jobs()
    jobs.tick("2026-01-01T00:00Z")
    assert jobs.tick("2026-01-01T12:00Z")["all"] == [f"01 {hour:02}:00" for hour in range(7, 13)]
    assert jobs.tick("2026-01-01T05:00Z")["all"] == ["01 05:00"]
    assert jobs.tick("2026-01-01T07:00Z")["all"] == []


def test_a_tick_made_by_hand_for_the_future_keeps_no_job_from_running_until_then() -> None:
    jobs = Jobs()
    jobs.tick("2026-01-01T03:00Z")
    jobs.tick("2026-06-01T03:00Z")
    for hour in ("04", "05"):
        assert jobs.tick(f"2026-01-01T{hour}:00Z") == {policy: [f"01 {hour}:00"] for policy in ("none", "last", "all")}


def test_the_first_tick_of_an_app_has_missed_nothing() -> None:
    assert Jobs().tick("2026-01-01T12:00Z")["all"] == ["01 12:00"]


@pytest.mark.parametrize("horizons", [("10d", "6h"), ("6h", "10d")])
def test_the_ledger_goes_back_as_far_as_the_job_that_looks_back_furthest(horizons: tuple[str, str]) -> None:
    store, ran = MemoryStore(), list[str]()
    for day in ("01", "06", "03"):  # the last one three days late
        app = App(store=store)
        for horizon in horizons:

            def job(tick: Tick, horizon: str = horizon) -> None:
                ran.append(f"{horizon} {tick.slot:%d}")

            app.cron("@daily", catch_up="all", horizon=horizon, concurrency=1)(job)
        assert app.complete(cron.rule(f"2026-01-{day}T00:00Z")).error is None
    assert sorted(ran) == [*(f"10d {day:02}" for day in range(1, 7)), "6h 01", "6h 03", "6h 06"]


def test_each_rule_has_a_ledger_of_its_own() -> None:
    jobs = Jobs(tick={"one": "1h", "two": "1h"})
    jobs.tick("2026-01-01T03:00Z", rule="one")
    assert jobs.tick("2026-01-01T06:00Z", rule="two")["all"] == ["01 06:00"]
    assert jobs.tick("2026-01-01T06:00Z", rule="one")["all"] == ["01 04:00", "01 05:00", "01 06:00"]


def test_the_ticks_of_a_rate_rule_meet_however_they_stray() -> None:
    jobs, found = Jobs(every="1m"), list[str]()
    strays = (0, 40, -90, 90, -60, 15)
    start = datetime(2026, 1, 1, 3, 23, 58, tzinfo=UTC)
    for number, stray in enumerate(strays):
        ran = jobs.tick(start + timedelta(hours=number, seconds=stray))
        assert ran["none"] == ran["all"]
        found += ran["none"]
    assert len(found) == len(set(found))
    assert found == sorted(found)
    assert len(found) == 6 * 60  # after 02:24, up to 08:24


def test_a_rule_that_ticks_more_often_than_it_was_said_to_runs_no_slot_twice() -> None:
    jobs = Jobs(every="10m")
    jobs.tick("2026-01-01T03:00Z")
    assert jobs.tick("2026-01-01T03:30Z") == {
        policy: ["01 03:10", "01 03:20", "01 03:30"] for policy in ("none", "last", "all")
    }


def test_a_missed_tick_of_a_minute_or_two_is_not_taken_for_one_that_strayed() -> None:
    jobs = Jobs(every="1m", tick="2m")
    jobs.tick("2026-01-01T03:00Z")
    assert jobs.tick("2026-01-01T03:04Z") == {
        "none": ["01 03:03", "01 03:04"],
        "last": ["01 03:02", "01 03:03", "01 03:04"],
        "all": ["01 03:01", "01 03:02", "01 03:03", "01 03:04"],
    }


def test_jobs_that_do_not_catch_up_need_no_ledger() -> None:
    store = MemoryStore()
    app = App(store=store)
    app.cron("@hourly", overlap="skip")(lambda: None)
    assert TestClient(app, store=app.store).tick("2026-01-01T03:00Z").error is None
    assert store._notes == {}


def test_a_ledger_is_kept_under_the_functions_and_the_rules_name() -> None:
    jobs = Jobs()
    jobs.tick("2026-01-01T03:00Z", rule="nightly")
    assert set(jobs.store._notes) == {key_of("cron.ledger", LambdaContext().function_name, "nightly")}


class Down(MemoryStore):
    def read(self, key: str) -> str | None:
        raise ConnectionError("no store")


def test_without_its_ledger_a_tick_fails_and_runs_nothing() -> None:
    app, ran = App(store=Down()), list[str]()
    app.cron("@hourly", catch_up="all")(lambda: ran.append("all"))
    completion = TestClient(app, store=app.store).tick("2026-01-01T03:00Z")
    assert isinstance(completion.error, StoreError)
    assert ran == []


def test_without_its_ledger_a_tick_may_run_what_is_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    app, ran = App(store=Down(), on_store_error="run"), list[str]()
    app.cron("@hourly", catch_up="all")(lambda: ran.append("all"))
    assert TestClient(app, store=app.store).tick("2026-01-01T03:00Z").error is None
    assert ran == ["all"]
    assert "which ticks there were" in capsys.readouterr().err


def test_a_broken_ledger_is_an_error_whatever_a_store_that_is_down_may_do() -> None:
    store = MemoryStore()
    store.swap(key_of("cron.ledger", LambdaContext().function_name, "hourly"), None, "hello")
    app = App(store=store, on_store_error="run")
    app.cron("@hourly", catch_up="all")(lambda: None)
    assert isinstance(TestClient(app, store=app.store).tick("2026-01-01T03:00Z").error, ConfigurationError)


def test_in_an_event_loop_a_store_that_blocks_is_asked_in_a_thread() -> None:
    threads = list[str]()

    class Slow(MemoryStore):
        blocking = True

        def read(self, key: str) -> str | None:
            threads.append(threading.current_thread().name)
            return super().read(key)

    app = App(store=Slow())
    app.cron("@hourly", catch_up="all")(lambda: None)
    assert asyncio.run(app.acomplete(cron.rule("2026-01-01T03:00Z"))).error is None
    assert app.complete(cron.rule("2026-01-01T04:00Z")).error is None
    in_thread, inline = threads
    assert in_thread != threading.main_thread().name
    assert inline == threading.main_thread().name


@given(st.lists(st.integers(0, 48), min_size=1, max_size=30), st.integers(1, 4))
def test_whatever_comes_and_goes_a_job_that_catches_up_with_all_runs_every_slot_exactly_once(
    hours: list[int], width: int
) -> None:
    """In any order; only slots of ticks before the first, and after the last, may be missing."""
    store, ran = MemoryStore(), list[datetime]()
    for hour in dict.fromkeys(hours):
        app = App(store=store, tick=f"{width}h")

        @app.cron("30 * * * *", catch_up="all", horizon="30d", concurrency=1)
        def job(tick: Tick) -> None:
            ran.append(tick.slot)

        assert app.complete(cron.rule(MIDNIGHT + timedelta(hours=hour * width))).error is None
    assert len(ran) == len(set(ran))
    first = MIDNIGHT + timedelta(hours=hours[0] * width)
    last = MIDNIGHT + timedelta(hours=max(hours) * width)
    since_first = {slot for slot in ran if slot > first}
    halves = itertools.takewhile(lambda s: s <= last, (first + timedelta(minutes=30 + 60 * n) for n in range(1000)))
    assert since_first == set(halves)
