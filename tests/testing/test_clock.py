"""The clock of the client: which ticks it makes, and what it says ran."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from lambdarouter import App, Context, Declined, StoreError, Tick
from lambdarouter.cli.forecast import Job, periods_of, runs
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import AsyncTestClient, TestClient
from lambdarouter.testing.clock import Run
from lambdarouter.testing.result import explained
from tests.sources.cron.test_oracle import ZONES, anything, changes, oracle

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EIGHT = datetime(2026, 1, 1, 8, tzinfo=UTC)


def clockwork(**options: Any) -> App:
    app = App(**options)

    @app.cron("*/30 * * * *", concurrency=1)
    def sample() -> None: ...

    @app.cron(every="2h")
    async def sweep(tick: Tick) -> None:
        if tick.slot.hour == 14:
            raise LookupError("no broom")

    return app


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def told(ran: list[Any]) -> list[str]:
    return [f"{run.time:%H:%M} {run.name}" for run in ran]


# The time --------------------------------------------------------------------------------------------------------


def test_the_clock_begins_when_everything_in_the_events_happens_and_stays_where_it_is_put() -> None:
    client = TestClient(clockwork())
    assert client.clock.now == at("2026-01-01T09:00Z")
    client.clock.set(datetime(2026, 3, 29, 3, 30, tzinfo=ZoneInfo("Europe/Madrid")))
    assert repr(client.clock) == "<Clock 2026-03-29T01:30:00+00:00>"
    client.tick("2026-07-01T00:00Z")
    assert client.clock.now == at("2026-03-29T01:30Z")


@pytest.mark.parametrize(
    ("options", "now"),
    [
        ({"by": timedelta(minutes=90)}, "10:30"),
        ({"hours": 1, "minutes": 30}, "10:30"),
        ({"days": 0.5}, "21:00"),
        ({"until": "2026-01-01T12:00+01:00"}, "11:00"),
        ({"until": at("2026-01-01T09:00Z")}, "09:00"),
    ],
)
def test_the_clock_goes_on(options: Any, now: str) -> None:
    client = TestClient(clockwork())
    elapsed = client.clock.advance(**options)
    assert (elapsed.start, elapsed.end) == (at("2026-01-01T09:00Z"), client.clock.now)
    assert f"{client.clock.now:%H:%M}" == now


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, TypeError, "give one of them"),
        ({"by": HOUR, "hours": 1}, TypeError, "give one of them"),
        ({"hours": 1, "until": "2026-01-02T00:00Z"}, TypeError, "give one of them"),
        ({"hours": -1}, ValueError, r"is at 2026-01-01T09:00:00\+00:00 and goes on from there"),
        ({"until": "2026-01-01T08:59Z"}, ValueError, "set it first"),
        ({"until": datetime(2026, 1, 2)}, ValueError, "no zone: say which, as in 2026-01-02T00:00:00Z"),  # noqa: DTZ001
        ({"until": "2026-01-02T00:00"}, ValueError, "no zone"),
        ({"until": "noon"}, ValueError, "expected ISO 8601 with an offset"),
        ({"until": 17}, TypeError, "expected an aware datetime"),
    ],
)
def test_where_to_is_said_once_aware_and_ahead(options: Any, error: type[Exception], message: str) -> None:
    client = TestClient(clockwork())
    with pytest.raises(error, match=message):
        client.clock.advance(**options)
    assert client.clock.now == at("2026-01-01T09:00Z")


def test_the_clock_is_not_put_to_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="no zone"):
        TestClient(clockwork()).clock.set(datetime(2026, 1, 2))  # noqa: DTZ001


# What ran --------------------------------------------------------------------------------------------------------


def test_what_ran_is_told_by_slot_and_name_and_compares_to_a_list() -> None:
    client = TestClient(clockwork())
    client.clock.set(EIGHT)
    elapsed = client.clock.advance(hours=2)

    assert elapsed.ran == [
        (at("2026-01-01T08:30Z"), "sample"),
        (at("2026-01-01T10:00+01:00"), "sample"),
        (at("2026-01-01T09:30Z"), "sample"),
        (at("2026-01-01T10:00Z"), "sample"),
        (at("2026-01-01T10:00Z"), "sweep"),
    ]
    assert [result.event["time"] for result in elapsed.results] == ["2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"]
    assert [result.event["resources"][0].rpartition("/")[2] for result in elapsed.results] == ["hourly"] * 2
    assert elapsed.failed == []
    assert repr(elapsed.ran[0]) == "(2026-01-01T08:30+00:00 sample)"
    assert repr(client.clock.advance(hours=1)) == (
        "<Elapsed (2026-01-01T10:00+00:00, 2026-01-01T11:00+00:00] ticks=1 "
        "ran=[(2026-01-01T10:30+00:00 sample), (2026-01-01T11:00+00:00 sample)]>"
    )


def test_a_tick_at_the_beginning_is_over_and_one_at_the_end_is_not() -> None:
    client = TestClient(clockwork())
    for _ in range(4):
        client.clock.advance(minutes=30)
    assert told(client.clock.advance(hours=1).ran) == ["11:30 sample", "12:00 sample", "12:00 sweep"]


def test_what_failed_is_told_first() -> None:
    client = TestClient(clockwork())
    elapsed = client.clock.advance(hours=5)

    assert told(elapsed.ran)[-1] == "14:00 sweep"
    assert [result.ran[-1] for result in elapsed.failed] == ["sweep"]
    assert isinstance(elapsed.failed[0].error, LookupError)
    line = "2026-01-01T14:00:00Z: sweep failed on 2026-01-01T14:00:00+00:00: LookupError: no broom"
    assert line in repr(elapsed)
    assert line in (explained("==", elapsed.ran, []) or [])


def test_of_many_ticks_that_failed_the_first_are_told() -> None:
    client = TestClient(clockwork())
    assert repr(client.clock.advance(days=9)).endswith("; 6 more ticks failed>")


def test_what_only_failed_before_it_ran_did_not_run() -> None:
    app = App()

    def unsure() -> bool:
        raise LookupError("no such flag")

    @app.cron("@hourly", enabled=unsure)
    def asked() -> None: ...

    @app.cron("@hourly", enabled=lambda: False)
    def off() -> None: ...

    elapsed = TestClient(app).clock.advance(hours=1)
    assert (elapsed.ran, len(elapsed.failed)) == ([], 1)
    assert isinstance(elapsed.results[0].outcomes[1], Declined)


def test_jobs_of_one_name_are_told_apart() -> None:
    app = App()
    for _ in range(2):
        app.cron("@hourly", concurrency=1)(lambda: None)
    assert [run.name for run in TestClient(app).clock.advance(hours=1).ran] == ["<lambda>", "<lambda>#2"]


# Ticks -----------------------------------------------------------------------------------------------------------


def test_every_declared_rule_ticks() -> None:
    client = TestClient(clockwork(tick={"nightly": "1d", "often": "12h"}))
    elapsed = client.clock.advance(days=1)
    assert [(each.event["time"], each.event["resources"][0].rpartition("/")[2]) for each in elapsed.results] == [
        ("2026-01-01T12:00:00Z", "often"),
        ("2026-01-02T00:00:00Z", "nightly"),
        ("2026-01-02T00:00:00Z", "often"),
    ]
    assert len(elapsed.ran) == 24 + 6 + 48 + 12 + 24 + 6


@pytest.mark.parametrize(
    ("tick", "rule"),
    [({"nightly": "1d"}, "nightly"), ("5m", "hourly"), (None, "hourly"), ({"a": "1h", "hourly": "1d"}, "hourly")],
)
def test_a_tick_has_the_rule_that_the_app_names(tick: Any, rule: str) -> None:
    result = TestClient(clockwork(tick=tick)).tick("2026-01-01T00:00Z")
    assert "sample" in result.ran
    assert result.event["resources"][0].endswith(f":rule/{rule}")


def test_ticks_come_as_often_as_declared() -> None:
    client = TestClient(clockwork(tick="20m"))
    elapsed = client.clock.advance(hours=1)
    assert [result.ran for result in elapsed.results] == [[], ["sample"], ["sample", "sweep"]]


# What is like a real tick ----------------------------------------------------------------------------------------


def test_a_time_that_clocks_show_twice_is_told_twice() -> None:
    app = App()

    @app.cron("30 2 * * *", timezone="Europe/Madrid", dst="both", concurrency=1)
    def night() -> None: ...

    client = TestClient(app)
    client.clock.set("2026-10-24T23:00+02:00")
    ran = client.clock.advance(days=1).ran
    assert ran == [(at("2026-10-25T00:30Z"), "night"), (at("2026-10-25T01:30Z"), "night")]
    assert repr(ran) == "[(2026-10-25T02:30+02:00 night), (2026-10-25T02:30+01:00 night)]"


def test_what_was_missed_while_the_clock_was_set_is_caught_up_with() -> None:
    app = App(store=MemoryStore())

    @app.cron("@hourly", catch_up="all", concurrency=1)
    def measure() -> None: ...

    @app.cron("@hourly", catch_up="last", horizon="2h", concurrency=1)
    def latest() -> None: ...

    client = TestClient(app)
    client.clock.advance(hours=1)
    client.clock.set("2026-01-01T13:00Z")
    assert told(client.clock.advance(hours=1).ran) == [
        *("11:00 measure", "12:00 measure", "13:00 measure", "13:00 latest", "14:00 measure", "14:00 latest")
    ]
    assert told(client.clock.advance(hours=1).ran) == ["15:00 measure", "15:00 latest"]


def test_single_times_run_once() -> None:
    app = App()

    @app.cron(at=["2026-01-01T12:10Z", "2026-01-05T00:00+01:00"], timezone="Europe/Madrid")
    def party() -> None: ...

    assert TestClient(app).clock.advance(days=30).ran == [
        (at("2026-01-01T12:10Z"), "party"),
        (at("2026-01-04T23:00Z"), "party"),
    ]


def test_no_run_waits_because_of_jitter() -> None:
    app = App()

    @app.cron("@hourly", jitter=899)
    def late() -> None: ...

    client = TestClient(app)
    assert len(client.clock.advance(hours=10).ran) == 10
    assert client.tick("2026-01-01T00:00Z").ran == ["late"]
    assert app._engine.settings.jitter


def test_the_lent_store_goes_by_the_clock() -> None:
    app = App(store=MemoryStore())

    @app.cron("@daily", once=True)
    def daily() -> None: ...

    client = TestClient(app)
    midnight = "2026-01-02T00:00Z"
    assert told(client.clock.advance(until=midnight).ran) == ["00:00 daily"]
    client.clock.advance(hours=23)
    assert [outcome.status for outcome in client.tick(midnight).outcomes] == ["skipped"]
    client.clock.set("2026-01-03T00:01Z")  # what is done is known for a day
    assert [outcome.status for outcome in client.tick(midnight).outcomes] == ["ok"]


def test_a_run_that_hangs_keeps_the_job_until_its_lease_ends() -> None:
    app, started, released = App(store=MemoryStore()), asyncio.Event(), asyncio.Event()

    @app.cron("@hourly", overlap="skip")
    async def job(tick: Tick) -> None:
        if tick.slot.hour == 10:
            started.set()
            await released.wait()

    async def story() -> None:
        async with AsyncTestClient(app) as client:
            hanging = asyncio.create_task(client.given(timeout=600).clock.advance(hours=1))
            await started.wait()
            assert (await client.tick("2026-01-01T11:00Z")).ran == []
            client.clock.set("2026-01-01T11:00Z")
            assert (await client.tick("2026-01-01T11:00Z")).ran == ["job"]
            released.set()
            await hanging

    asyncio.run(story())


class BrokenStore(MemoryStore):
    def swap(self, key: str, old: str | None, new: str) -> bool:
        raise ConnectionError("the store is away")


def test_a_tick_that_failed_as_a_whole_has_failed() -> None:
    app = App(store=BrokenStore())

    @app.cron("@hourly", catch_up="all")
    def measure() -> None: ...

    elapsed = TestClient(app, store=BrokenStore()).clock.advance(hours=2)
    assert elapsed.ran == []
    assert [type(result.error) for result in elapsed.failed] == [StoreError] * 2


# Clients ---------------------------------------------------------------------------------------------------------


def test_an_async_client_has_the_same_clock() -> None:
    async def story() -> tuple[list[Run], list[Run]]:
        async with AsyncTestClient(clockwork()) as client:
            client.clock.set(EIGHT)
            elapsed = await client.clock.advance(days=2)
            assert client.clock.now == EIGHT + 2 * DAY
        other = TestClient(clockwork())
        other.clock.set(EIGHT)
        return elapsed.ran, await asyncio.to_thread(lambda: other.clock.advance(days=2).ran)

    ours, theirs = asyncio.run(story())
    assert ours == theirs
    assert len(ours) == 96 + 24


def test_in_other_circumstances_the_clock_is_the_same() -> None:
    app = App()

    @app.cron("@hourly")
    def job(context: Context) -> float:
        return round(context.remaining())

    client = TestClient(app)
    elapsed = client.given(timeout=60).clock.advance(hours=1)
    assert elapsed.results[0].outcomes[0].value == 60
    assert client.clock.now == at("2026-01-01T10:00Z")


# Forecast and oracle ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tick", ["1h", "7h", "20m"])
@settings(max_examples=10)
@given(
    jobs=st.lists(st.tuples(anything, st.sampled_from(sorted(ZONES))), min_size=1, max_size=4),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_what_ran_is_what_was_foretold_and_what_cronsim_says(
    tick: str, jobs: list[tuple[str, str]], start: datetime
) -> None:
    app, expected = App(tick=tick), []
    seconds = periods_of(tick)[""]
    end = start + DAY
    for number, (line, zone) in enumerate(jobs):

        async def job() -> None: ...

        job.__qualname__ = f"job_{number}"
        app.cron(line, timezone=zone)(job)
        route = app.routes[-1]
        expected += [(run.slot.astimezone(UTC), job.__qualname__) for run in runs(Job("", route), seconds, start, end)]

    client = TestClient(app)
    client.clock.set(start)
    ran = client.clock.advance(until=end).ran
    assert sorted(ran) == sorted(expected)
    for number, (line, zone) in enumerate(jobs):
        if any(abs(change - start) < 2 * DAY for change, _ in changes(zone, start.year)):
            continue  # what becomes of slots there is for test_oracle.py
        slots = [run.time for run in ran if run.name == f"job_{number}"]
        window = sorted(slot for slot in oracle(line, zone, start - 7 * HOUR, end))
        assert slots == [slot for slot in window if start < tick_after(slot, seconds) <= end]


def tick_after(slot: datetime, seconds: int) -> datetime:
    """The first tick that is no earlier."""
    rest = int(slot.timestamp()) % seconds
    return slot + timedelta(seconds=(seconds - rest) % seconds)


def test_a_year_of_hourly_ticks_is_cronsims() -> None:
    app = App()

    @app.cron("30 2 * * *", timezone="Europe/Madrid", concurrency=1)
    def night() -> None: ...

    client = TestClient(app)
    client.clock.set("2026-01-01T00:00Z")
    elapsed = client.clock.advance(days=365)
    assert len(elapsed.results) == 8760
    assert [run.time for run in elapsed.ran] == oracle("30 2 * * *", "Europe/Madrid", elapsed.start, elapsed.end)
