from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lambdarouter import (
    App,
    BatchError,
    Completion,
    ConfigurationError,
    Context,
    Declined,
    InvalidEventError,
    Tick,
)
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing.events import cron

FIXTURES = Path(__file__).parents[3] / "fixtures"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
MADRID, NEW_YORK, KOLKATA = ZoneInfo("Europe/Madrid"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")


class Office:
    """An app with five jobs, and the slots each was run for."""

    def __init__(self, **options: Any) -> None:
        self.app = App(**options)
        self.ran: list[tuple[str, datetime]] = []
        self.job("sweep", every="3h")
        self.job("count", every="2h", offset="1h")
        self.job("madrid", "30 6 * * *", timezone="Europe/Madrid")
        self.job("new_york", "0 9 * * MON-FRI", timezone="America/New_York")
        self.job("kolkata", "0 */8 * * *", timezone="Asia/Kolkata")

    def job(self, name: str, *args: Any, **options: Any) -> None:
        def run(tick: Tick) -> None:
            self.ran.append((name, tick.slot))

        self.app.cron(*args, **options)(run)

    def tick(self, event: Any) -> list[tuple[str, datetime]]:
        """What runs for this event."""
        self.ran = []
        assert self.app(event) is None
        return sorted(self.ran)


def hours(*numbers: float) -> set[datetime]:
    return {MIDNIGHT + timedelta(hours=number) for number in numbers}


# 1 January 2026, a Thursday. Madrid is at UTC+1, New York at UTC-5, Kolkata at UTC+5:30: its 00:00, 08:00 and 16:00
# are 18:30, 02:30 and 10:30 UTC, which the hourly tick after them finds.
DUE = {
    "sweep": hours(0, 3, 6, 9, 12, 15, 18, 21),
    "count": hours(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23),
    "madrid": hours(5.5),
    "new_york": hours(14),
    "kolkata": hours(2.5, 10.5, 18.5),
}


@pytest.mark.parametrize("build", [cron.rule, cron.scheduler])
def test_24_hourly_ticks_run_exactly_the_slots_of_the_day_each_at_its_tick(build: Any) -> None:
    office, found = Office(), {name: set[datetime]() for name in DUE}
    for number in range(24):
        time = MIDNIGHT + timedelta(hours=number)
        ran = office.tick(build(time))
        for name, slot in ran:
            assert time - timedelta(hours=1) < slot <= time
            assert slot not in found[name]
            found[name].add(slot)
        expected = {name for name, slots in DUE.items() if any(time - timedelta(hours=1) < s <= time for s in slots)}
        assert {name for name, _ in ran} == expected
    assert found == DUE


def test_a_slot_is_in_the_zone_of_its_job() -> None:
    office = Office()
    ((name, slot),) = office.tick(cron.rule("2026-01-01T14:00Z"))
    assert (name, slot.tzinfo, slot.isoformat()) == ("new_york", NEW_YORK, "2026-01-01T09:00:00-05:00")
    assert {slot.tzinfo for name, slot in office.tick(cron.rule("2026-01-01T06:00Z")) if name == "madrid"} == {MADRID}
    assert {slot.tzinfo for name, slot in office.tick(cron.rule("2026-01-01T11:00Z")) if name == "kolkata"} == {KOLKATA}


@pytest.mark.parametrize("number", range(24))
def test_jitter_of_up_to_90_seconds_changes_nothing(number: int) -> None:
    time = MIDNIGHT + timedelta(hours=number)
    punctual = Office().tick(cron.rule(time))
    for seconds in (-90, -89, -1, 1, 59, 60, 90):
        assert Office().tick(cron.rule(time + timedelta(seconds=seconds))) == punctual


def test_a_tick_delivered_again_or_from_an_archive_gives_the_same_slots() -> None:
    event = cron.rule("2026-01-01T03:00Z")
    office = Office()
    first = office.tick(event)
    assert first == [("count", MIDNIGHT + timedelta(hours=3)), *first[1:]]
    assert [name for name, _ in first] == ["count", "kolkata", "sweep"]
    assert office.tick(event) == first
    assert office.tick(event | {"replay-name": "again"}) == first
    assert Office().tick(event) == first


def test_a_late_tick_ends_its_window_where_it_stands() -> None:
    # No rule is that late; a rate() rule may tick at any minute, and then its window does.
    assert [name for name, _ in Office().tick(cron.rule("2026-01-01T03:20Z"))] == ["count", "kolkata", "sweep"]
    assert [name for name, _ in Office().tick(cron.rule("2026-01-01T03:31Z"))] == ["count", "sweep"]


def test_a_job_with_several_slots_in_one_tick_is_called_for_each() -> None:
    app, seen = App(), list[tuple[str, str, str]]()

    @app.cron("*/15 * * * *")
    async def often(tick: Tick) -> None:
        seen.append((tick.slot.isoformat(), tick.id, tick.time.isoformat()))

    completion = app.complete(cron.rule("2026-01-01T03:00Z"))
    slots = [f"2026-01-01T{at}:00+00:00" for at in ("02:15", "02:30", "02:45", "03:00")]
    assert sorted(seen) == [(slot, slot, "2026-01-01T03:00:00+00:00") for slot in slots]
    assert [outcome.record.id for outcome in completion.outcomes] == slots
    assert [outcome.status for outcome in completion.outcomes] == ["ok"] * 4


def test_nothing_due_is_null_with_an_outcome_for_each_job() -> None:
    office = Office()
    completion = office.app.complete(cron.rule("2026-01-01T20:00Z"))
    assert completion.error is None
    assert completion.reply is None
    assert office.ran == []
    assert len(completion.outcomes) == 5
    for outcome in completion.outcomes:
        assert isinstance(outcome, Declined)
        assert outcome.route is not None
        assert outcome.value == "not due in (19:00, 20:00] UTC"


def test_an_app_without_jobs_has_nothing_due() -> None:
    completion = App().complete(cron.rule("2026-01-01T20:00Z"))
    assert (completion.reply, completion.error) == (None, None)
    (outcome,) = completion.outcomes
    assert isinstance(outcome, Declined)
    assert outcome.value == "the app has no cron jobs"


def test_a_failing_job_stops_no_other_and_is_raised_as_itself() -> None:
    app, ran, error = App(), list[str](), RuntimeError("disk full")

    @app.cron("@hourly")
    def first() -> None:
        ran.append("first")

    @app.cron("@hourly")
    def failing() -> None:
        raise error

    @app.cron("@hourly")
    async def last(context: Context) -> None:
        ran.append("last")

    completion = app.complete(cron.rule("2026-01-01T03:00Z"))
    assert sorted(ran) == ["first", "last"]
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "failed", "ok"]
    assert completion.error is error
    with pytest.raises(RuntimeError, match="disk full"):
        app(cron.rule("2026-01-01T03:00Z"))


def test_with_once_a_retry_runs_only_what_failed() -> None:
    app, ran = App(store=MemoryStore()), list[str]()
    fails = {"failing"}

    def add(name: str, **options: Any) -> None:
        @app.cron("0,30 * * * *", once=True, **options)
        def job(tick: Tick) -> None:
            ran.append(f"{name} {tick.slot:%M}")
            if name in fails:
                raise RuntimeError(name)

    add("sound")
    add("failing")
    add("timed", timeout=60, overlap="queue")
    event = cron.rule("2026-01-01T03:00Z")
    assert isinstance(app.complete(event).error, BatchError)
    assert sorted(ran) == ["failing 00", "failing 30", "sound 00", "sound 30", "timed 00", "timed 30"]
    ran.clear()
    fails.clear()
    completion = app.complete(event)
    assert completion.error is None
    assert sorted(ran) == ["failing 00", "failing 30"]
    assert sorted(outcome.status for outcome in completion.outcomes) == ["ok", "ok", *["skipped"] * 4]
    ran.clear()
    assert app(event) is None
    assert ran == []


def test_a_failing_slot_stops_no_other_slot_of_its_job() -> None:
    app, ran = App(), list[int]()

    @app.cron("*/20 * * * *", concurrency=1)
    def often(tick: Tick) -> None:
        ran.append(tick.slot.minute)
        if tick.slot.minute != 40:
            raise ValueError(tick.slot.minute)

    completion = app.complete(cron.rule("2026-01-01T03:00Z"))
    assert ran == [20, 40, 0]
    assert isinstance(completion.error, BatchError)
    assert [error.args for error in completion.error.exceptions] == [(20,), (0,)]


def the_tick(event: Any) -> Tick:
    app, seen = App(), list[Tick]()

    @app.cron(every="1h")
    def job(tick: Tick) -> None:
        seen.append(tick)

    app(event)
    return seen[0]


def test_the_tick_shows_what_ticked() -> None:
    event = cron.rule("2026-01-01T03:00:30Z", rule="hourly")
    tick = the_tick(event)
    assert (tick.rule, tick.event_id, tick.raw) == ("hourly", event["id"], event)
    assert tick.time == datetime(2026, 1, 1, 3, 0, 30, tzinfo=UTC)
    assert tick.slot == datetime(2026, 1, 1, 3, tzinfo=UTC)
    assert tick.id == "2026-01-01T03:00:00+00:00"
    assert the_tick(cron.scheduler("2026-01-01T03:00Z", schedule="night/hourly")).rule == "night/hourly"


def test_before_a_job_is_found_the_tick_has_no_slot_but_its_own_time() -> None:
    tick = Tick(cron.rule("2026-01-01T03:00:30Z"))
    assert tick.slot == tick.time
    assert tick.id == "the event"


@pytest.mark.parametrize("resources", [None, [], [None], {}, "rule/hourly", [""]])
def test_a_tick_made_by_hand_may_name_no_rule(resources: Any) -> None:
    tick = the_tick(cron.rule("2026-01-01T03:00Z") | {"resources": resources})
    assert (tick.rule, tick.slot.hour) == ("", 3)


def test_an_input_that_a_schedule_is_given_is_a_tick_where_it_has_the_marks_of_one() -> None:
    event = json.loads((FIXTURES / "cron.scheduler/input_of_its_own.json").read_text())
    tick = the_tick(event)
    assert (tick.rule, tick.time, tick.event_id) == ("hourly", MIDNIGHT + timedelta(hours=3), "d32c5kddcf5bb8c3")
    assert tick.raw["team"] == "harbour"


def test_a_placeholder_that_nobody_filled_in_is_said_to_be_one() -> None:
    office = Office()
    with pytest.raises(InvalidEventError, match="only EventBridge Scheduler fills it in"):
        office.app(cron.rule("2026-01-01T03:00Z") | {"time": "<aws.scheduler.scheduled-time>"})
    assert office.ran == []


# The period of the tick


def quarters(**options: Any) -> tuple[App, list[str]]:
    app, ran = App(**options), list[str]()

    @app.cron("*/5 * * * *")
    def job(tick: Tick) -> None:
        ran.append(f"{tick.slot:%H:%M}")

    return app, ran


def test_the_period_of_the_tick_is_declared() -> None:
    app, ran = quarters(tick="15m")
    app(cron.rule("2026-01-01T03:00Z"))
    assert sorted(ran) == ["02:50", "02:55", "03:00"]


def test_several_rules_declare_their_periods_by_name() -> None:
    app, ran = quarters(tick={"often": "5m", "ten": "10m"})
    app(cron.rule("2026-01-01T03:05Z", rule="often"))
    assert ran == ["03:05"]
    ran.clear()
    app(cron.scheduler("2026-01-01T03:10Z", schedule="ten"))
    assert sorted(ran) == ["03:05", "03:10"]


def test_the_tick_of_a_rule_that_is_not_declared_raises_and_runs_nothing() -> None:
    app, ran = quarters(tick={"often": "5m", "ten": "10m"})
    for event in (cron.rule("2026-01-01T03:00Z", rule="other"), cron.rule("2026-01-01T03:00Z") | {"resources": []}):
        with pytest.raises(ConfigurationError, match=r"the rule '(other)?' is not declared.*'often', 'ten'"):
            app(event)
    assert ran == []


@pytest.mark.parametrize("options", [{}, {"tick": "1h"}])
def test_two_rules_that_nobody_declared_are_an_error_because_each_would_run_every_slot(options: Any) -> None:
    app, ran = quarters(**options)
    app(cron.rule("2026-01-01T03:00Z", rule="one"))
    ran.clear()
    with pytest.raises(
        ConfigurationError, match=r"'one' and now by 'two'.*App\(tick=\{'one': \.\.\., 'two': \.\.\.\}\)"
    ):
        app(cron.rule("2026-01-01T03:00Z", rule="two"))
    assert ran == []
    with pytest.raises(ConfigurationError, match="'two' and now by 'one'"):
        app(cron.rule("2026-01-01T04:00Z", rule="one"))
    with pytest.raises(ConfigurationError, match="'one' and now by 'two'"):
        app(cron.rule("2026-01-01T04:00Z", rule="two"))
    app(cron.rule("2026-01-01T05:00Z") | {"resources": []})  # which is nobody's rule
    assert len(ran) == 12


def test_a_stray_tick_costs_one_error_and_the_repetition_of_the_failed_tick_runs() -> None:
    app, ran = quarters()
    app(cron.rule("2026-01-01T03:00Z", rule="ExampleRule"))
    ran.clear()
    with pytest.raises(ConfigurationError, match="'ExampleRule' and now by 'hourly'"):
        app(cron.rule("2026-01-01T04:00Z", rule="hourly"))
    for hour in ("04", "05"):
        app(cron.rule(f"2026-01-01T{hour}:00Z", rule="hourly"))
    assert len(ran) == 24


@pytest.mark.parametrize(
    ("tick", "said"),
    [
        ("hourly", "'hourly' is no period"),
        ("0m", "'0m' is no time at all"),
        ("", "'' is no period"),
        ({}, r"App\(tick=\{\}\) declares no rule"),
        ({"hourly": "1h", "often": "soon"}, "'soon' is no period"),
    ],
)
def test_a_period_that_is_none_is_refused_when_the_app_is_made(tick: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        App(tick=tick)


# Ticks that are not what AWS documents


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (None, "time is missing or null"),
        ("yesterday", r"time is a string \('yesterday'\), expected a timestamp"),
        ("", r"time is a string \(''\), expected a timestamp"),
        (1767236400, r"time is a number \(1767236400\), expected a timestamp"),
        ([], "time is a list, expected a timestamp"),
        ("2026-02-30T03:00:00Z", "expected a timestamp"),
        ("0001-01-01T00:00:00Z", "time is 0001-01-01T00:00:00.00:00, expected a year from 1970 to 9899"),
        ("9999-12-31T23:59:59Z", "time is 9999-12-31T23:59:59.00:00, expected a year from 1970 to 9899"),
    ],
)
def test_a_tick_whose_time_cannot_be_read_raises_and_runs_nothing(time: Any, said: str) -> None:
    office = Office()
    with pytest.raises(InvalidEventError, match=said):
        office.app(cron.rule("2026-01-01T03:00Z") | {"time": time})
    without = cron.rule("2026-01-01T03:00Z")
    del without["time"]
    assert isinstance(office.app.complete(without).error, InvalidEventError)
    assert office.ran == []


@pytest.mark.parametrize(
    "path", sorted(FIXTURES.glob("cron.*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_every_fixture_runs_what_is_due_or_raises(path: Path) -> None:
    office = Office()
    completion: Completion = office.app.complete(json.loads(path.read_text()))
    if path.stem == "time_malformed":
        assert isinstance(completion.error, InvalidEventError)
    else:
        assert completion.error is None
        assert completion.reply is None
        assert Counter(outcome.status for outcome in completion.outcomes)["ok"] == len(office.ran) > 0


# Jobs that are not to run


def test_a_job_is_asked_whether_it_is_enabled_when_it_is_due() -> None:
    app, ran, asked = App(), list[str](), list[datetime]()
    switch = {"on": False}

    @app.cron(every="1h", enabled=lambda: switch["on"])
    def switched() -> None:
        ran.append("switched")

    def on_even_hours(tick: Tick) -> bool:
        asked.append(tick.slot)
        return tick.slot.hour % 2 == 0

    @app.cron("30 * * * *", enabled=on_even_hours)
    def even(tick: Tick) -> None:
        ran.append(f"{tick.slot:%H:%M}")

    completion = app.complete(cron.rule("2026-01-01T03:00Z"))
    assert ran == ["02:30"]
    assert asked == [MIDNIGHT + timedelta(hours=2.5)]
    declined, _ = completion.outcomes
    assert isinstance(declined, Declined)
    assert declined.value == "enabled= said no"
    assert declined.record.id == "2026-01-01T03:00:00+00:00"
    switch["on"] = True
    app(cron.rule("2026-01-01T04:00Z"))
    assert ran == ["02:30", "switched"]


def test_a_function_that_fails_to_say_whether_a_job_is_enabled_fails_that_job_alone() -> None:
    app, ran = App(), list[str]()

    @app.cron(every="1h", enabled=lambda: 1 / 0 > 1)
    def broken() -> None:
        ran.append("broken")

    @app.cron(every="1h")
    def sound() -> None:
        ran.append("sound")

    completion = app.complete(cron.rule("2026-01-01T03:00Z"))
    assert isinstance(completion.error, ZeroDivisionError)
    assert ran == ["sound"]


# Configuration


async def not_yet() -> bool:
    return False


@pytest.mark.parametrize(
    ("args", "options", "said"),
    [
        ((), {}, "either a crontab line"),
        (("@hourly",), {"every": "1h"}, "either a crontab line"),
        (("@hourly",), {"offset": "1h"}, "offset= goes with every="),
        ((), {"every": "1h", "timezone": "Europe/Madrid"}, "timezone= goes with a crontab line or at="),
        ((), {"every": "1h", "offset": "1h"}, "offset '1h'"),
        ((), {"every": ""}, "'' is no period"),
        ((), {"offset": "1h"}, "either a crontab line"),
        (("0 0 31 2 *",), {}, "0 0 31 2"),
        (("@hourly",), {"timezone": "Europe/Madird"}, "unknown time zone 'Europe/Madird'.*Europe/Madrid"),
        (("@hourly",), {"concurrency": 0}, "concurrency is 0"),
        ((5,), {}, "cron expression 5: expected a string"),
        (("@hourly",), {"timezone": 5}, "timezone 5: expected the name"),
        (("@hourly",), {"timezone": ""}, "unknown time zone ''"),
        ((), {"every": 5}, "5 is no period"),
        ((), {"every": 0}, "0 is no period"),
        ((), {"every": "3h", "offset": 1}, "1 is no period"),
        ((), {"at": "2026-03-01T09:00", "every": "3h"}, "either a crontab line"),
        ((), {"at": "2026-03-01T09:00", "dst": "skip"}, "dst= goes with a crontab line"),
        ((), {"every": "3h", "dst": "once"}, "dst= goes with a crontab line"),
        ((), {"at": "2026-03-01"}, "at='2026-03-01': expected ISO 8601"),
        (("@hourly",), {"dst": "twice"}, 'dst is \'twice\'; it is "once", "skip" or "both"'),
        (("@hourly",), {"enabled": False}, "enabled is False; it is a function"),
        (("@hourly",), {"enabled": not_yet}, "enabled= is a plain function"),
        (("@hourly",), {"enabled": lambda a, b: True}, "of the Tick or of nothing"),
        (("@hourly",), {"tags": ["a", ""]}, "tags holds ''"),
        (("@hourly",), {"tags": 5}, "tags is 5; it is a name or a list of names"),
    ],
)
def test_options_that_exclude_each_other_are_refused_at_import_with_function_file_and_line(
    args: Any, options: Any, said: str
) -> None:
    app = App()

    def job() -> None: ...

    with pytest.raises(ConfigurationError, match=said) as caught:
        app.cron(*args, **options)(job)
    assert f"job ({__file__}:{job.__code__.co_firstlineno}): " in str(caught.value)
    assert app.routes == []


def test_a_job_has_no_payload() -> None:
    app = App()
    with pytest.raises(ConfigurationError, match=r"'order: dict'; it could be Tick, Context"):

        @app.cron("@hourly")
        def job(order: dict) -> None: ...  # type: ignore[type-arg]


def test_one_function_may_have_several_schedules() -> None:
    app, ran = App(), list[str]()

    @app.cron("0 3 * * *")
    @app.cron("0 2 * * *", timezone="UTC")
    def job(tick: Tick) -> None:
        ran.append(f"{tick.slot:%H}")

    for hour in range(24):
        app(cron.rule(MIDNIGHT + timedelta(hours=hour)))
    assert ran == ["02", "03"]
    assert [route.trigger.describe() for route in app.routes] == ["0 2 * * * (UTC)", "0 3 * * * (UTC)"]
