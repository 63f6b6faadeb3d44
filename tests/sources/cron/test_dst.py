"""What a job does where clocks change: the three policies, against walks along the clock, minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from lambdarouter import App, Tick
from lambdarouter.sources.cron import Crontab
from lambdarouter.testing.events import cron
from tests.sources.cron.test_crontab import Line, due_once, in_utc, in_windows, minutes
from tests.sources.cron.test_oracle import ZONES, anything, changes

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def due_skip(line: str, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    """Policy "skip", walked: due when the clock shows the time, and has not shown it before."""
    read, shown, due = Line(line), set[datetime](), []
    for time in minutes(after - DAY, until):
        wall = time.astimezone(zone).replace(tzinfo=None, fold=0)
        if wall not in shown and read.fits(wall) and time > after:
            due.append(time)
        shown.add(wall)
    return due


def due_both(line: str, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    """Policy "both", walked: due whenever the clock shows the time, or jumps over it."""
    read, due = Line(line), []
    before = after.astimezone(zone).replace(tzinfo=None, second=0)
    for time in minutes(after, until):
        wall = time.astimezone(zone).replace(tzinfo=None, fold=0)
        jumped = max(0, (wall - before) // timedelta(minutes=1) - 1)
        if any(read.fits(wall - back * timedelta(minutes=1)) for back in range(jumped + 1)):
            due.append(time)
        before = wall
    return due


WALKS: Any = {"once": due_once, "skip": due_skip, "both": due_both}


@pytest.mark.parametrize("dst", WALKS)
@pytest.mark.parametrize("name", ZONES)
@settings(max_examples=8)
@given(line=anything)
def test_around_every_change_the_slots_are_those_of_a_walk_along_the_clock(name: str, dst: Any, line: str) -> None:
    zone, schedule = ZoneInfo(name), Crontab(line, timezone=name, dst=dst)
    for change, _ in changes(name, ZONES[name]):
        after, until = change - 3 * HOUR, change + 4 * HOUR
        expected = WALKS[dst](line, zone, after, until)
        assert in_utc(schedule.slots(after, until)) == expected
        assert in_windows(schedule, after, until) == expected


def night(dst: Any, line: str, date: str, name: str = "Europe/Madrid") -> list[str]:
    """What runs from 22:00 UTC the day before until 06:00, tick by tick."""
    app, ran = App(), list[str]()

    @app.cron(line, timezone=name, dst=dst, concurrency=1)
    def job(tick: Tick) -> None:
        ran.append(tick.slot.strftime("%H:%M%z"))

    evening = datetime.fromisoformat(date).replace(tzinfo=UTC) - 2 * HOUR
    for number in range(9):
        app(cron.rule(evening + number * HOUR))
    return ran


SPRING, AUTUMN = "2026-03-29", "2026-10-25"


@pytest.mark.parametrize(
    ("dst", "date", "line", "ran"),
    [
        ("once", SPRING, "30 2 * * *", ["03:00+0200"]),
        ("skip", SPRING, "30 2 * * *", []),
        ("both", SPRING, "30 2 * * *", ["03:00+0200"]),
        ("once", AUTUMN, "30 2 * * *", ["02:30+0200"]),
        ("skip", AUTUMN, "30 2 * * *", ["02:30+0200"]),
        ("both", AUTUMN, "30 2 * * *", ["02:30+0200", "02:30+0100"]),
        # Several in the gap are one, and one with what is due then anyway.
        (
            "once",
            SPRING,
            "*/20 1-3 * * *",
            ["01:00+0100", "01:20+0100", "01:40+0100", "03:00+0200", "03:20+0200", "03:40+0200"],
        ),
        ("skip", SPRING, "10 1-3 * * *", ["01:10+0100", "03:10+0200"]),
        ("once", SPRING, "10 1-3 * * *", ["01:10+0100", "03:00+0200", "03:10+0200"]),
        ("both", AUTUMN, "0 1-3 * * *", ["01:00+0200", "02:00+0200", "02:00+0100", "03:00+0100"]),
    ],
)
def test_a_night_in_madrid(dst: Any, date: str, line: str, ran: list[str]) -> None:
    assert night(dst, line, date) == ran


def test_the_two_runs_of_a_time_that_comes_twice_have_ids_of_their_own() -> None:
    schedule = Crontab("30 2 * * *", timezone="Europe/Madrid", dst="both")
    start = datetime(2026, 10, 25, tzinfo=UTC)
    first, second = (Tick({}, slot).id for slot in schedule.slots(start, start + 3 * HOUR))
    assert (first, second) == ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00")


def test_on_lord_howe_only_half_an_hour_comes_twice() -> None:
    both = Crontab("*/15 1 * * *", timezone="Australia/Lord_Howe", dst="both")
    start = datetime(2026, 4, 4, 13, tzinfo=UTC)
    assert [f"{slot:%H:%M %z}" for slot in both.slots(start, start + 4 * HOUR)] == [
        "01:00 +1100",
        "01:15 +1100",
        "01:30 +1100",
        "01:45 +1100",
        "01:30 +1030",
        "01:45 +1030",
    ]
