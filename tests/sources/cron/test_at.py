from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, Tick
from lambdarouter.sources.cron import At
from lambdarouter.testing.events import cron

HOUR = timedelta(hours=1)
MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_a_single_time_is_due_in_the_one_window_that_holds_it() -> None:
    at = At("2026-03-01T09:00")
    assert at.slots(MORNING - HOUR, MORNING) == [MORNING]
    assert at.slots(MORNING, MORNING + HOUR) == []
    assert at.slots(MORNING - 2 * HOUR, MORNING - HOUR) == []


def test_a_time_without_an_offset_is_on_the_clock_of_the_zone() -> None:
    (slot,) = At("2026-03-01 09:00", timezone="Europe/Madrid").slots(MORNING - 2 * HOUR, MORNING)
    assert slot.isoformat() == "2026-03-01T09:00:00+01:00"
    (slot,) = At("2026-03-01T09:00+05:30", timezone="Europe/Madrid").slots(MORNING - 24 * HOUR, MORNING)
    assert slot.isoformat() == "2026-03-01T04:30:00+01:00"


def test_several_times_are_due_one_by_one_and_each_once() -> None:
    at = At([MORNING, "2026-03-01T09:00Z", MORNING + HOUR / 2, MORNING - 300 * HOUR])
    assert at.slots(MORNING - HOUR, MORNING + HOUR) == [MORNING, MORNING + HOUR / 2]


def test_a_time_in_the_gap_is_due_right_after_it_and_one_that_comes_twice_the_first_time() -> None:
    night = datetime(2026, 3, 29, tzinfo=UTC)
    (slot,) = At("2026-03-29T02:30", timezone="Europe/Madrid").slots(night, night + 24 * HOUR)
    assert slot.isoformat() == "2026-03-29T03:00:00+02:00"
    night = datetime(2026, 10, 25, tzinfo=UTC)
    (slot,) = At("2026-10-25T02:30", timezone="Europe/Madrid").slots(night - HOUR, night + 24 * HOUR)
    assert slot.isoformat() == "2026-10-25T02:30:00+02:00"


def test_a_job_runs_at_its_single_times() -> None:
    app, ran = App(), list[str]()

    @app.cron(at=["2026-03-01T09:00", "2026-03-01T12:30"], timezone="Europe/Madrid")
    def launch(tick: Tick) -> None:
        ran.append(tick.id)

    for hour in range(24):
        app(cron.rule(datetime(2026, 3, 1, hour, tzinfo=UTC)))
    assert ran == ["2026-03-01T09:00:00+01:00", "2026-03-01T12:30:00+01:00"]


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-03-01T09:00", "at 2026-03-01 09:00 (UTC)"),
        (["2026-03-01T09:00Z", MORNING], "at 2026-03-01 09:00+00:00, 2026-03-01 09:00+00:00"),
        (datetime(2026, 3, 1, tzinfo=timezone(HOUR)), "at 2026-03-01 00:00+01:00"),
    ],
)
def test_single_times_are_listed(at: Any, text: str) -> None:
    assert str(At(at)) == text


@pytest.mark.parametrize("at", ["", "tomorrow", "2026-03-01", "2026-02-30T09:00", 5, None, ["2026-03-01T09:00", 5]])
def test_what_is_no_time_is_refused(at: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"at=.*: expected ISO 8601, such as"):
        At(at)


def test_no_times_and_unthinkable_years_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="at= names no time"):
        At([])
    with pytest.raises(ConfigurationError, match="expected a year from 1970 to 9899"):
        At("1969-12-31T09:00")
    with pytest.raises(ConfigurationError, match="unknown time zone"):
        At("2026-03-01T09:00", timezone="Mars")
