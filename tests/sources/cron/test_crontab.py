from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.cron.schedule import Crontab

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# first and last value of each field
BOUNDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
NAMES = {name: number for names in (MONTHS, WEEKDAYS) for number, name in enumerate(names, names is MONTHS)}


class Line:
    """A reading of crontab lines that shares nothing with the package's: value by value, minute by minute."""

    def __init__(self, text: str) -> None:
        self.columns = text.lower().split()
        self.values = [
            {value for value in range(first, last + 1) if self.has(place, value)}
            for place, (first, last) in enumerate(BOUNDS)
        ]

    def fits(self, wall: datetime) -> bool:
        now = (wall.minute, wall.hour, wall.day, wall.month, wall.isoweekday() % 7)
        minute, hour, day, month, weekday = (value in found for value, found in zip(now, self.values, strict=True))
        either = self.columns[2] != "*" and self.columns[4] != "*"
        return minute and hour and month and (day or weekday if either else day and weekday)

    def has(self, place: int, value: int) -> bool:
        same = {value, 7} if place == 4 and value == 0 else {value}
        for item in self.columns[place].split(","):
            body, _, step = item.partition("/")
            low, _, high = body.partition("-")
            start = BOUNDS[place][0] if low == "*" else self.number(low)
            end = BOUNDS[place][1] if low == "*" else self.number(high or low)
            if any(start <= one <= end and (one - start) % int(step or 1) == 0 for one in same):
                return True
        return False

    def number(self, text: str) -> int:
        return NAMES[text] if text.isalpha() else int(text)


def minutes(after: datetime, until: datetime) -> Iterator[datetime]:
    """Every full minute in (after, until], in UTC."""
    time = after.astimezone(UTC).replace(second=0, microsecond=0)
    while (time := time + MINUTE) <= until:
        yield time


def due_once(line: str, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    """Policy "once", walked: a time of the wall clock is due when the clock reaches or passes it first."""
    read, due = Line(line), []
    reached = (after - DAY).astimezone(zone).replace(tzinfo=None)
    for time in minutes(after - DAY, until):
        wall = time.astimezone(zone).replace(tzinfo=None)
        passed = False
        while reached < wall:
            reached += MINUTE
            passed = read.fits(reached) or passed
        if passed and time > after:
            due.append(time)
    return due


def in_utc(slots: list[datetime]) -> list[datetime]:
    return [slot.astimezone(UTC) for slot in slots]


def in_windows(schedule: Crontab, start: datetime, end: datetime) -> list[datetime]:
    """The slots, in UTC, of all the hourly windows from start to end."""
    hours = [start + number * HOUR for number in range((end - start) // HOUR + 1)]
    return [slot for window in itertools.pairwise(hours) for slot in in_utc(schedule.slots(*window))]


@st.composite
def items(draw: st.DrawFn, first: int, last: int) -> str:
    low = draw(st.integers(first, last))
    high = draw(st.integers(low, last))
    forms = [f"{low}", f"{low}-{high}", f"*/{draw(st.integers(2, last - first))}"]
    if high > low:
        forms.append(f"{low}-{high}/{draw(st.integers(1, high - low))}")
    if last == 6:
        forms += ["7", f"{low}-7", "sun", "Mon-FRI"]
    if last == 12:
        forms += ["DEC", "jan-Mar"]
    return draw(st.sampled_from(forms))


columns = [st.just("*") | st.lists(items(first, last), min_size=1, max_size=3).map(",".join) for first, last in BOUNDS]
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.tuples(*columns), moments, st.timedeltas(timedelta(0), 2 * DAY))
def test_the_slots_are_the_minutes_that_the_fields_fit(
    line: tuple[str, ...], after: datetime, length: timedelta
) -> None:
    text = " ".join(line)
    try:
        schedule = Crontab(text)
    except ConfigurationError as error:
        assert "never comes" in str(error)  # noqa: PT017 - drawn now and then
    else:
        read = Line(text)
        assert schedule.slots(after, after + length) == [
            time for time in minutes(after, after + length) if read.fits(time)
        ]


@pytest.mark.parametrize(
    "line",
    [
        "0 0 29 2 *",
        "0 0 29 2 MON",
        "0 0 31 2 MON",
        "0 0 31 * *",
        "0 0 30,31 1,2,4 *",
        "0 0 13 * FRI",
        "0 0 */2 * SAT,SUN",
        "0 0 1 1 *",
        "0 0 * * 7",
        "0 0 28-31 feb mon-fri/2",
    ],
)
def test_rare_days_come_when_the_calendar_has_them(line: str) -> None:
    first, last = datetime(2023, 12, 31, 12, tzinfo=UTC), datetime(2032, 12, 31, 12, tzinfo=UTC)
    midnights = [datetime(2024, 1, 1, tzinfo=UTC) + number * DAY for number in range((last - first).days)]
    read = Line(line)
    expected = [midnight for midnight in midnights if read.fits(midnight)]
    assert Crontab(line).slots(first, last) == expected
    by_hour = [Crontab(line).slots(slot - HOUR, slot) for slot in expected[:50]]
    assert by_hour == [[slot] for slot in expected[:50]]


def test_a_window_has_its_end_and_not_its_start() -> None:
    hour = datetime(2026, 5, 1, 9, tzinfo=UTC)
    schedule = Crontab("0 * * * *")
    assert schedule.slots(hour - HOUR, hour) == [hour]
    assert schedule.slots(hour - timedelta(seconds=1), hour + timedelta(seconds=1)) == [hour]
    assert schedule.slots(hour, hour + 59 * MINUTE) == []
    assert schedule.slots(hour, hour) == []


def test_slots_are_in_the_zone_of_the_schedule_whatever_the_zone_of_the_window() -> None:
    zone, half_past = ZoneInfo("Asia/Kolkata"), timezone(timedelta(hours=-3, minutes=-30))
    until = datetime(2026, 5, 1, 12, tzinfo=UTC)
    (slot,) = Crontab("0 9 * * *", timezone="Asia/Kolkata").slots((until - DAY).astimezone(half_past), until)
    assert (slot.tzinfo, slot.isoformat()) == (zone, "2026-05-01T09:00:00+05:30")
    (slot,) = Crontab("0 9 * * *").slots((until - DAY).astimezone(half_past), until)
    assert (slot.tzinfo, slot.isoformat()) == (UTC, "2026-05-01T09:00:00+00:00")


# Where clocks change


def test_a_slot_in_the_gap_is_due_right_after_it() -> None:
    night = datetime(2026, 3, 28, 12, tzinfo=UTC)
    (slot,) = Crontab("30 2 * * *", timezone="Europe/Madrid").slots(night, night + DAY)
    assert slot.isoformat() == "2026-03-29T03:00:00+02:00"
    # ... and is one with those that are due then anyway
    slots = Crontab("*/20 2,3 * * *", timezone="Europe/Madrid").slots(night, night + DAY)
    assert [f"{slot:%H:%M}" for slot in slots] == ["03:00", "03:20", "03:40"]


def test_a_slot_that_the_clock_shows_twice_is_due_the_first_time() -> None:
    night = datetime(2026, 10, 24, 12, tzinfo=UTC)
    (slot,) = Crontab("30 2 * * *", timezone="Europe/Madrid").slots(night, night + DAY)
    assert slot.isoformat() == "2026-10-25T02:30:00+02:00"
    slots = Crontab("30 1-3 * * *", timezone="Europe/Madrid").slots(night, night + DAY)
    assert in_utc(slots) == [datetime(2026, 10, 24, 23, 30, tzinfo=UTC) + hours * HOUR for hours in (0, 1, 3)]


ZONES = ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata"]


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The days of the year, at 0:00 UTC, during which the zone's clocks change."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + number * DAY for number in range(365)]
    return [day for day in days if day.astimezone(zone).utcoffset() != (day + DAY).astimezone(zone).utcoffset()]


@pytest.mark.parametrize("line", ["*/15 * * * *", "30 1,2 * * *", "5,35 */2 * * *", "59 23 * * SUN"])
@pytest.mark.parametrize("name", [*ZONES, "Africa/Casablanca", "Antarctica/Troll", "America/Scoresbysund"])
def test_around_every_change_hourly_windows_hold_each_slot_once_as_a_walk_along_the_clock_finds_them(
    name: str, line: str
) -> None:
    zone, schedule = ZoneInfo(name), Crontab(line, timezone=name)
    for day in changes(zone, 2026) or [datetime(2026, 3, 29, tzinfo=UTC)]:
        after, until = day - DAY, day + 2 * DAY
        whole = schedule.slots(after, until)
        assert in_utc(whole) == due_once(line, zone, after, until)
        assert in_utc(whole) == in_windows(schedule, after, until)


def test_the_day_that_samoa_skipped_is_due_when_it_is_over() -> None:
    zone = ZoneInfo("Pacific/Apia")
    (slot,) = Crontab("0 12 30 12 *", timezone="Pacific/Apia").slots(
        datetime(2011, 12, 30, 9, tzinfo=UTC), datetime(2011, 12, 30, 10, tzinfo=UTC)
    )
    assert slot == datetime(2011, 12, 31, tzinfo=zone)


@pytest.mark.parametrize("name", ZONES)
def test_the_windows_of_a_whole_year_hold_each_slot_exactly_once(name: str) -> None:
    schedule = Crontab("0,30 1-3 * * *", timezone=name)
    start, end = datetime(2025, 12, 31, 7, tzinfo=UTC), datetime(2026, 12, 31, 7, tzinfo=UTC)
    found = in_windows(schedule, start, end)
    assert found == sorted(set(found)) == in_utc(schedule.slots(start, end))
    # Six a day; a gap from 2:00 to 3:00 joins three of them in one, one from 2:00 to 2:30 two.
    lost = {"Europe/Madrid": 2, "America/New_York": 2, "Australia/Lord_Howe": 1}
    assert len(found) == 6 * 365 - lost.get(name, 0)
