from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.cron.period import period, tick_window
from lambdarouter.sources.cron.schedule import Crontab, Every, Schedule

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ROOT = Path(__file__).parents[3]

moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


# Time zones


@pytest.mark.parametrize("name", ["UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "America/Port-au-Prince"])
def test_a_time_zone_is_known_by_its_iana_name(name: str) -> None:
    assert Crontab("0 0 * * *", timezone=name).timezone == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "europe/madrid",
            "unknown time zone 'europe/madrid': expected an IANA name, perhaps 'Europe/Madrid'",
        ),
        ("Madrid", "perhaps 'Europe/Madrid'"),
        ("New York", "perhaps 'America/New_York'"),
        ("Mars/Olympus", 'expected an IANA name, such as "Europe/Madrid"'),
        ("Europe", "unknown time zone 'Europe'"),
        ("", "unknown time zone ''"),
        ("+02:00", "unknown time zone"),
        ("../../etc/passwd", "unknown time zone '../../etc/passwd'"),
        ("Europe/../Europe/Madrid", "unknown time zone"),
        ("/usr/share/zoneinfo/Europe/Madrid", "unknown time zone"),
        ("Europe//Madrid", "unknown time zone"),
        ("Europe/Madrid/", "unknown time zone"),
        ("Europe/Madrid\0", "unknown time zone"),
        ("Európa/Madrid", "unknown time zone"),
        (None, "timezone None: expected the name of a zone"),
        (ZoneInfo("Europe/Madrid"), "expected the name of a zone"),
    ],
)
def test_what_is_no_time_zone_is_refused(name: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Crontab("0 0 * * *", timezone=name)


def test_a_file_without_time_zone_data_is_no_time_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Nowhere").write_text("TZ")
    monkeypatch.setenv("PYTHONTZPATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="unknown time zone 'Nowhere'"):
        Crontab("0 0 * * *", timezone="Nowhere")


def test_a_zone_whose_file_is_not_where_files_are_looked_for_is_zoneinfos_to_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ZoneInfo("Europe/Madrid")
    monkeypatch.setenv("PYTHONTZPATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    schedule = Crontab("0 0 * * *", timezone="Europe/Madrid")
    monkeypatch.undo()
    noon = datetime(2026, 5, 1, 12, tzinfo=known)
    assert schedule.slots(noon - DAY, noon) == [datetime(2026, 5, 1, tzinfo=known)]


# Every


@given(
    st.integers(1, 4000).flatmap(lambda every: st.tuples(st.just(every), st.integers(0, every - 1))),
    moments,
    st.timedeltas(timedelta(0), 2 * DAY),
)
def test_every_is_the_epoch_modulo(every_and_offset: tuple[int, int], after: datetime, length: timedelta) -> None:
    every, offset = every_and_offset
    schedule = Every(f"{every}m", offset=f"{offset}m")
    first, last = int(after.timestamp()) + 1, int((after + length).timestamp())
    due = [t for t in range(first, last + 1) if t % 60 == 0 and (t - offset * 60) % (every * 60) == 0]
    assert schedule.slots(after, after + length) == [datetime.fromtimestamp(t, UTC) for t in due]


def test_every_goes_on_across_midnight_where_the_crontab_line_starts_anew() -> None:
    after, until = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)
    gaps = [
        {later - earlier for earlier, later in itertools.pairwise(schedule.slots(after, until))}
        for schedule in (Every("5h"), Crontab("0 */5 * * *"))
    ]
    assert gaps == [{5 * HOUR}, {5 * HOUR, 4 * HOUR}]


def test_every_seven_days_is_on_thursdays_unless_an_offset_moves_it() -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    for offset, weekday in ((None, "Thursday 00:00"), ("1d9h", "Friday 09:00")):
        slots = Every("7d", offset=offset).slots(start, start + 70 * DAY)
        assert ({f"{slot:%A %H:%M}" for slot in slots}, len(slots)) == ({weekday}, 10)


@pytest.mark.parametrize("offset", ["3h", "4h", "1d"])
def test_an_offset_is_smaller_than_its_period(offset: str) -> None:
    with pytest.raises(ConfigurationError, match=f"offset '{offset}': expected less than the period '3h'"):
        Every("3h", offset=offset)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1m", 60),
        ("45m", 2700),
        ("3h", 10800),
        ("2d", 172800),
        ("1h30m", 5400),
        (" 1D 2h3m ", 93780),
        ("90 m", 5400),
    ],
)
def test_a_period_is_days_hours_and_minutes(text: str, seconds: int) -> None:
    assert period(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "h",
        "90s",
        "1.5h",
        "-3h",
        "30m1h",
        "1h1h",
        "3h!",
        "hourly",
        "rate(3 hours)",
        "²h",
        "1000000d",
        None,
    ],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is no period: expected days, hours and minutes"):
        period(text)
    with pytest.raises(ConfigurationError, match="is no period"):
        Every(text)


@pytest.mark.parametrize("text", ["0m", "0d0h"])
def test_a_period_takes_time(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no time at all: expected a period of at least a minute"):
        Every(text)


# The tick


@pytest.mark.parametrize(
    ("tick", "phase"),
    [
        ("1h", 0 * HOUR),
        ("15m", 15 * MINUTE),
        ("5m", 10 * MINUTE),
        ("1d", 6 * HOUR),  # cron(0 6 * * ? *)
        ("3h", 1 * HOUR),
        ("90m", 30 * MINUTE),
    ],
)
@given(jitters=st.lists(st.floats(-90, 90), min_size=2, max_size=20))
def test_the_windows_of_jittered_ticks_meet_on_the_boundaries(
    tick: str, phase: timedelta, jitters: list[float]
) -> None:
    start, seconds = datetime(2026, 5, 1, tzinfo=UTC) + phase, period(tick)
    for number, jitter in enumerate(jitters):
        due = start + timedelta(seconds=number * seconds)
        window = tick_window(due + timedelta(seconds=jitter), seconds)
        assert window == (due - timedelta(seconds=seconds), due)


@given(st.lists(st.floats(-90, 90), min_size=24, max_size=24))
def test_jitter_neither_loses_nor_doubles_a_slot(jitters: list[float]) -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    for schedule in (Every("1h"), Every("20m"), Crontab("59 * * * *"), Crontab("1,59 */2 * * *")):
        found = [
            slot
            for number, jitter in enumerate(jitters, 1)
            for slot in schedule.slots(*tick_window(start + number * HOUR + timedelta(seconds=jitter), 3600))
        ]
        assert found == schedule.slots(start, start + 24 * HOUR)


@pytest.mark.parametrize("tick", ["1h", "2d", "30m", "5m"])
def test_a_rule_that_ticks_far_from_any_boundary_has_windows_that_end_at_its_minute(tick: str) -> None:
    minute, seconds = datetime(2026, 5, 1, 16, 53, tzinfo=UTC), period(tick)
    for stray in (-30, -1, 0, 20, 29):
        time = minute + timedelta(seconds=stray)
        assert tick_window(time, seconds) == (minute - timedelta(seconds=seconds), minute)


def test_ninety_seconds_are_near_and_a_second_more_is_not() -> None:
    hour = datetime(2026, 5, 1, 9, tzinfo=UTC)
    for sign in (-1, 1):
        assert tick_window(hour + sign * timedelta(seconds=90), 3600)[1] == hour
        minute = hour + sign * 2 * MINUTE
        assert tick_window(hour + sign * timedelta(seconds=91), 3600) == (minute - HOUR, minute)


def test_ticks_of_a_minute_or_two_take_the_nearest_boundary() -> None:
    time = datetime(2026, 5, 1, 9, 0, 29, tzinfo=UTC)
    assert tick_window(time, 60)[1] == time.replace(second=0)
    assert tick_window(time + timedelta(seconds=2), 60)[1] == time.replace(minute=1, second=0)
    assert tick_window(time + timedelta(seconds=2), 120)[1] == time.replace(second=0)
    assert tick_window(time + timedelta(seconds=32), 120)[1] == time.replace(minute=2, second=0)
    assert tick_window(time + timedelta(seconds=2), 420)[1] == time.replace(minute=1, second=0)


def test_a_window_is_in_utc_whatever_the_zone_of_the_event_time() -> None:
    time = datetime(2026, 5, 1, 12, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
    for late in (timedelta(0), 20 * MINUTE):
        after, until = tick_window(time + late, 3600)
        assert (after.tzinfo, until.tzinfo) == (UTC, UTC)
        assert until == datetime(2026, 5, 1, 7, tzinfo=UTC) + late


# What it says, and what it costs


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        (Crontab("0 */3 * * *", timezone="Europe/Madrid"), "0 */3 * * * (Europe/Madrid)"),
        (Crontab("  0\t*/3  * * MON\n"), "0 */3 * * MON (UTC)"),
        (Crontab("@daily"), "@daily (UTC)"),
        (Every("3h"), "every 3h"),
        (Every(" 3h ", offset=" 1h "), "every 3h offset 1h"),
        (Every("3h", offset="0h"), "every 3h offset 0h"),
    ],
)
def test_a_schedule_says_when_it_is_due(schedule: Schedule, text: str) -> None:
    assert str(schedule) == text
    assert repr(schedule) == f"<{type(schedule).__name__} {text}>"


@pytest.mark.parametrize("expression", [None, 5, b"0 0 * * *", ["0 0 * * *"]])
def test_an_expression_is_a_string(expression: str) -> None:
    with pytest.raises(ConfigurationError, match="expected a string, such as"):
        Crontab(expression)


def test_what_is_refused_is_shown() -> None:
    with pytest.raises(ConfigurationError, match=r"^cron expression '61 \* \* \* \*': minute '61'"):
        Crontab("61 * * * *")


SLOW = {
    *("anyio", "asyncio", "croniter", "dataclasses", "dateutil", "difflib", "email", "http"),
    *("importlib.metadata", "importlib.resources", "inspect", "logging", "pydantic", "structlog", "typing"),
    *("tzdata", "urllib", "zoneinfo"),
}
PROGRAM = """
import json, sys

sys.path += json.loads(sys.argv[1])
from lambdarouter.sources.cron.schedule import Crontab, Every

imported = set(sys.modules)
Crontab("0 */3 * * MON-FRI")
Crontab("@daily", timezone="Europe/Madrid")
Every("3h", offset="1h")
print(json.dumps([sorted(imported), sorted(set(sys.modules) - imported)]))
"""


@pytest.mark.parametrize("place", ["system", "package"])
def test_making_schedules_imports_nothing_and_their_module_nothing_slow(place: str, tmp_path: Path) -> None:
    zones = tmp_path / ("tzdata/zoneinfo" if place == "package" else "zoneinfo")
    (zones / "Europe").mkdir(parents=True)
    (zones / "Europe/Madrid").write_bytes(b"TZif2")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, json.dumps([str(ROOT), str(tmp_path)])],
        env=os.environ | {"PYTHONTZPATH": str(zones) if place == "system" else ""},
        check=True,
        capture_output=True,
        text=True,
    )
    imported, added = json.loads(done.stdout)
    assert SLOW.isdisjoint(imported)
    assert added == []
