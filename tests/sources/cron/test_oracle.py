"""Slots against cronsim, an implementation of Debian's cron that shares nothing with ours.

Where clocks do not change, every policy is cronsim's. Where they do, Debian's cron has two policies of its own: a line
whose minute and hour both name values is run as with `dst="once"`; one in which either begins with `*` follows real
time: as with "skip" in a gap, as with "both" where an hour comes twice.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings, strategies as st

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.cron import Crontab

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICIES: Any = ("once", "skip", "both")

# With the years in which their clocks, or the rules for them, changed.
ZONES = {
    "Europe/Madrid": 2026,
    "America/New_York": 2026,
    "America/Santiago": 2022,  # put off by a week that year, for a plebiscite
    "Australia/Lord_Howe": 2026,  # half an hour
    "Africa/Casablanca": 2026,  # back for Ramadan: the rule's winter is summer
    "Africa/Cairo": 2023,  # summer time came back
    "America/Nuuk": 2023,  # no change in autumn: a new standard time
    "Antarctica/Troll": 2026,  # two hours
    "Asia/Tehran": 2022,  # at midnight, for the last time
    "Europe/Volgograd": 2020,  # to Moscow's time, in December
    "Pacific/Apia": 2021,  # the last summer time ends
    "Asia/Kolkata": 2026,
}


def oracle(line: str, name: str, after: datetime, until: datetime) -> list[datetime]:
    zone = ZoneInfo(name)
    found = itertools.takewhile(lambda slot: slot <= until, CronSim(line, after.astimezone(zone)))
    # Two slots in a gap are one minute after it.
    return sorted({slot.astimezone(UTC) for slot in found if slot > after})


def ours(line: str, name: str, after: datetime, until: datetime, dst: Any = "once") -> list[datetime]:
    return [slot.astimezone(UTC) for slot in Crontab(line, timezone=name, dst=dst).slots(after, until)]


@cache
def changes(name: str, year: int) -> list[tuple[datetime, timedelta]]:
    """The hours of the year, in UTC, in which the zone's clocks change, and by how much."""
    zone = ZoneInfo(name)
    hours = [datetime(year, 1, 1, tzinfo=UTC) + number * HOUR for number in range(366 * 24)]
    offsets = [hour.astimezone(zone).utcoffset() or timedelta(0) for hour in hours]
    return [
        (hour, after - before)
        for hour, before, after in zip(hours, offsets, offsets[1:], strict=False)
        if before != after
    ]


def item(first: int, last: int) -> st.SearchStrategy[str]:
    values = st.integers(first, last)
    spans = st.tuples(values, values).map(sorted).filter(lambda ends: ends[0] < ends[1])
    return st.one_of(
        values.map(str),
        spans.map(lambda ends: f"{ends[0]}-{ends[1]}"),
        spans.flatmap(lambda e: st.integers(1, e[1] - e[0]).map(lambda step: f"{e[0]}-{e[1]}/{step}")),
    )


def named(first: int, last: int) -> st.SearchStrategy[str]:
    return st.lists(item(first, last), min_size=1, max_size=3).map(",".join)


def stepped(first: int, last: int) -> st.SearchStrategy[str]:
    return st.integers(2, last - first).map(lambda step: f"*/{step}")


minutes, hours = named(0, 59), named(0, 23)
# `*/2` for a day is left out: Debian's cron joins it to the other field with "and", croniter and ours with "or".
days = st.tuples(
    st.just("*") | named(1, 28),
    st.sampled_from(["*", "*", "*", "1-6", "3,10", "jan-MAR", "4,10,11"]),
    st.just("*") | named(0, 6) | st.sampled_from(["sun", "MON-FRI", "7", "6,7"]),
).map(" ".join)
any_minutes, any_hours = (st.just("*") | stepped(*ends) | named(*ends) for ends in ((0, 59), (0, 23)))
anything = st.tuples(any_minutes, any_hours, days).map(" ".join)
fixed = st.tuples(minutes, hours, days).map(" ".join)
by_the_clock = st.tuples(any_minutes, any_hours, days).filter(lambda c: "*" in c[0][0] + c[1][0]).map(" ".join)

moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(sorted(ZONES))


@given(anything, moments, st.timedeltas(timedelta(0), 3 * DAY))
def test_in_utc_the_slots_are_cronsims(line: str, after: datetime, length: timedelta) -> None:
    expected = oracle(line, "UTC", after, after + length)
    for policy in POLICIES:
        assert ours(line, "UTC", after, after + length, policy) == expected


@given(anything, zones, st.integers(0, 364), st.integers(1, 3))
def test_where_clocks_do_not_change_every_policy_is_cronsims(line: str, name: str, day: int, length: int) -> None:
    after = datetime(ZONES[name], 1, 1, tzinfo=UTC) + day * DAY
    until = after + length * DAY
    if not any(after - DAY < change < until + DAY for change, _ in changes(name, ZONES[name])):
        expected = oracle(line, name, after, until)
        for policy in POLICIES:
            assert ours(line, name, after, until, policy) == expected


@pytest.mark.parametrize("name", ZONES)
@settings(max_examples=20)
@given(line=fixed)
def test_around_every_change_lines_that_name_their_time_run_as_cronsim_runs_them(name: str, line: str) -> None:
    for change, _ in changes(name, ZONES[name]):
        after, until = change - DAY, change + DAY
        assert ours(line, name, after, until) == oracle(line, name, after, until)


# Where an hour is half an hour, or the hour after midnight is missing, cronsim's steps of an hour lead it astray; there
# the walks of test_dst.py are the oracle.
@pytest.mark.parametrize(
    "name", sorted(set(ZONES) - {"Australia/Lord_Howe", "America/Santiago", "Asia/Tehran", "Africa/Cairo"})
)
@settings(max_examples=20)
@given(line=by_the_clock)
def test_around_every_change_lines_by_the_clock_run_as_cronsim_runs_them(name: str, line: str) -> None:
    for change, by in changes(name, ZONES[name]):
        after, until = change - 5 * HOUR, change + 5 * HOUR
        policy = "both" if by < timedelta(0) else "skip"
        assert ours(line, name, after, until, policy) == oracle(line, name, after, until)


@pytest.mark.parametrize("name", ZONES)
def test_a_whole_year_of_a_nightly_job_is_cronsims(name: str) -> None:
    start = datetime(ZONES[name], 1, 1, tzinfo=UTC)
    for line in ("30 2 * * *", "15,45 0-3 * * *", "0 3 1 * *"):
        assert ours(line, name, start, start + 365 * DAY) == oracle(line, name, start, start + 365 * DAY)


@given(anything, zones, st.data())
def test_the_policies_differ_only_where_clocks_change(line: str, name: str, data: st.DataObject) -> None:
    found = changes(name, ZONES[name])
    if not found:
        return
    change, by = data.draw(st.sampled_from(found))
    try:
        once, skip, both = (set(ours(line, name, change - DAY, change + DAY, policy)) for policy in POLICIES)
    except ConfigurationError as error:  # a date that never comes
        assert "never comes" in str(error)  # noqa: PT017
        return
    assert skip <= once <= both
    if by > timedelta(0):
        assert once == both
        assert len(once - skip) <= 1  # what lies in the gap is run once, right after it
    else:
        assert once == skip
        assert both <= once | {slot - by for slot in once}
