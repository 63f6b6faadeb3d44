"""A year of ticks as AWS may deliver them: twice, up to six hours late, off by up to 90 seconds, or not at all.

Execution environments come and go meanwhile; only the store stays. What ran is compared with cronsim, tick by tick with
a plain reading of the policies.
"""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pytest

from lambdarouter import App, Completion, Tick
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing.events import cron
from tests.sources.cron.test_oracle import oracle, ours

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Job(NamedTuple):
    line: str
    zone: str
    dst: Any = "once"
    catch_up: Any = "none"

    def slots(self, after: datetime, until: datetime) -> list[datetime]:
        """By cronsim where it has the policy; the rest is what test_dst.py compares with walks along the clock."""
        if self.dst == "once":
            return oracle(self.line, self.zone, after, until)
        return ours(self.line, self.zone, after, until, self.dst)


# One for each zone whose clocks change that year, in the hours in which they do.
YEAR_2026 = [
    Job("30 2 * * *", "Europe/Madrid", catch_up="all"),
    Job("15,45 1-2 * * *", "Europe/Madrid", dst="both"),
    Job("15,45 1-2 * * *", "America/New_York", dst="skip", catch_up="last"),
    Job("20 1,2 * * *", "Australia/Lord_Howe", catch_up="all"),
    Job("50 1 * * *", "Australia/Lord_Howe", dst="both", catch_up="all"),
    Job("30 2,3 * * *", "Africa/Casablanca", catch_up="last"),
    Job("30 0,23 * * *", "America/Santiago"),
    Job("0 1-3 * * *", "Antarctica/Troll", catch_up="all"),
    Job("30 2 * * *", "Pacific/Auckland", catch_up="last"),
    Job("30 23 * * *", "America/Nuuk"),
    Job("10 0 * * *", "Africa/Cairo", catch_up="all"),
    Job("0 9 * * MON-FRI", "Asia/Kolkata", catch_up="all"),
    Job("5 4 29 2 *", "UTC", catch_up="all"),
    Job("40 1 * * SUN", "America/Havana", dst="both"),
]
# Volgograd went over to Moscow's time on 27 December 2020; Juba left its zone on 1 February 2021.
YEAR_OF_CHANGED_RULES = [
    Job("30 1,2 * * *", "Europe/Volgograd", catch_up="all"),
    Job("30 1 * * *", "Europe/Volgograd", dst="both"),
    Job("30 23 * * *", "Africa/Juba", catch_up="last"),
    Job("30 2 * * *", "Africa/Casablanca", catch_up="all"),
    Job("30 2 * * *", "Europe/Volgograd", dst="skip"),
]


class Delivery(NamedTuple):
    at: datetime
    tick: datetime  # the hour that it stands for
    time: datetime  # as the event says it


def deliveries(random: Random, start: datetime, days: int) -> list[Delivery]:
    """What arrives of a year's hourly ticks, in the order in which it arrives."""
    found, gap_until = [], start
    for number in range(1, days * 24 + 1):
        tick = start + number * HOUR
        if tick < gap_until:
            continue
        if random.random() < 0.01:  # the rule was disabled, or the account throttled
            gap_until = tick + random.randrange(1, 13) * HOUR
            continue
        time = tick + timedelta(seconds=random.randrange(-90, 91))
        late = random.uniform(0, 6 * 3600) if random.random() < 0.05 else random.uniform(0, 5)
        found.append(Delivery(time + timedelta(seconds=late), tick, time))
        if random.random() < 0.05:  # at least once
            again = found[-1].at + timedelta(seconds=random.uniform(1, 6 * 3600))
            found.append(Delivery(again, tick, time))
    return sorted(found)


def expected(job: Job, arrived: list[Delivery], start: datetime, until: datetime) -> set[datetime]:
    """Which slots run: those whose tick arrives, and of those that were overtaken what the policy says."""
    by_tick: dict[datetime, list[datetime]] = {}
    for slot in job.slots(start, until):
        end = start + -(-(slot - start) // HOUR) * HOUR
        by_tick.setdefault(end, []).append(slot)
    ran, latest = set[datetime](), None
    for _, tick, _ in arrived:
        own = by_tick.get(tick, [])
        if job.catch_up == "none" or latest is None:
            ran.update(own)
        elif tick > latest:
            missed = [slot for end in sorted(by_tick) if latest < end < tick for slot in by_tick[end]]
            ran.update(own, missed if job.catch_up == "all" else missed[-1:])
        latest = tick if latest is None else max(latest, tick)
    return ran


def environment(jobs: list[Job], store: MemoryStore, ran: Counter[tuple[int, datetime]]) -> App:
    app = App(store=store)
    for number, job in enumerate(jobs):

        def run(tick: Tick, number: int = number) -> None:
            ran[number, tick.slot.astimezone(UTC)] += 1

        options: Any = {} if job.catch_up == "none" else {"catch_up": job.catch_up, "horizon": "2d"}
        app.cron(job.line, timezone=job.zone, dst=job.dst, once=True, concurrency=1, **options)(run)
    return app


@pytest.mark.parametrize(
    ("jobs", "start", "days"),
    [
        pytest.param(YEAR_2026, datetime(2026, 1, 1, tzinfo=UTC), 365, id="2026"),
        pytest.param(YEAR_OF_CHANGED_RULES, datetime(2020, 12, 1, tzinfo=UTC), 120, id="changed rules"),
    ],
)
def test_in_a_year_of_bad_deliveries_every_slot_ran_exactly_once_or_as_its_policy_says(
    jobs: list[Job], start: datetime, days: int
) -> None:
    random = Random(days)  # noqa: S311 - the same year every time
    arrived = deliveries(random, start, days)
    now, ran = start, Counter[tuple[int, datetime]]()

    def clock() -> float:
        return now.timestamp()

    store = MemoryStore(clock=clock)
    app = environment(jobs, store, ran)
    for delivery in arrived:
        now = delivery.at
        if random.random() < 0.05:
            app = environment(jobs, store, ran)  # a new one, which knows nothing of the one before
        completion: Completion = app.complete(cron.rule(delivery.time))
        assert completion.error is None

    assert sum(later.tick < sooner.tick for sooner, later in itertools.pairwise(arrived)) > 0
    for number, job in enumerate(jobs):
        found = {slot: times for (which, slot), times in ran.items() if which == number}
        assert found == dict.fromkeys(expected(job, arrived, start, start + days * DAY), 1), job
        if job.catch_up == "all":
            # From the first tick to the last: nothing that cronsim has is missing.
            first, last = arrived[0].tick - HOUR, max(delivery.tick for delivery in arrived)
            assert set(found) == set(job.slots(first, last)), job
