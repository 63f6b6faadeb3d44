"""When an app's jobs will run: their slots, the ticks that run them, and whether those come often enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import gcd
from typing import NamedTuple

from lambdarouter.sources.cron.period import period
from lambdarouter.sources.cron.source import DEFAULT_TICK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdarouter.core.route import Route
    from lambdarouter.sources.cron.schedule import Schedule
    from lambdarouter.sources.cron.trigger import CronTrigger

__all__ = ["Advice", "Job", "Run", "advice", "in_words", "periods_of", "runs", "tick_of"]

_EPOCH = datetime.fromtimestamp(0, UTC)
_FEW_DAYS, _MANY, _YEAR = timedelta(days=8), 100, timedelta(days=366)


class Job(NamedTuple):
    """A job under the name that is shown."""

    name: str
    route: Route

    @property
    def trigger(self) -> CronTrigger:
        """Its options."""
        trigger: CronTrigger = self.route.trigger  # type: ignore[assignment] # of @app.cron
        return trigger

    @property
    def schedule(self) -> Schedule:
        """When it is due."""
        return self.trigger.schedule


class Run(NamedTuple):
    """A slot, in the job's zone, and the tick that runs it, in UTC."""

    tick: datetime
    slot: datetime


class Advice(NamedTuple):
    """What is wrong with a tick for a job: how often the job is due in one, and by how much it is late, at most."""

    job: Job
    at_once: int
    late: timedelta
    needs: int  # seconds between ticks


def periods_of(tick: str | Mapping[str, str] | None) -> dict[str, int]:
    """The seconds between the ticks of each rule; "" where the app names none."""
    if tick is None or isinstance(tick, str):
        return {"": period(tick or DEFAULT_TICK)}
    return {rule: period(every) for rule, every in tick.items()}


def in_words(seconds: int) -> str:
    """A period as it is written: 5400 is "1h30m"."""
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    parts = ((days, "d"), (hours, "h"), (rest // 60, "m"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


def tick_of(slot: datetime, seconds: int) -> datetime:
    """The tick that runs a slot, where ticks come at whole multiples of their period."""
    step = timedelta(seconds=seconds)
    return _EPOCH - (_EPOCH - slot) // step * step


def runs(job: Job, seconds: int, start: datetime, end: datetime) -> list[Run]:
    """What the ticks in (start, end] run, in order."""
    step = timedelta(seconds=seconds)
    slots = job.schedule.slots(start - step, end)
    found = (Run(tick_of(slot, seconds), slot) for slot in slots)
    return [run for run in found if start < run.tick <= end]


def advice(job: Job, seconds: int, now: datetime) -> Advice | None:
    """What a tick of so many seconds is too coarse for, if it is."""
    step, needs = timedelta(seconds=seconds), seconds
    counts: dict[datetime, int] = {}
    late = timedelta(0)
    for slot in _typical(job, now):
        tick = tick_of(slot, seconds)
        counts[tick] = counts.get(tick, 0) + 1
        late = max(late, tick - slot)
        # A single time with seconds is no reason for a tick that AWS does not have.
        needs = max(60, gcd(needs, int((slot - _EPOCH).total_seconds()) // 60 * 60))
    at_once = max(counts.values(), default=1)
    return Advice(job, at_once, late, needs) if needs < step.total_seconds() else None


def _typical(job: Job, now: datetime) -> list[datetime]:
    """Slots that show what the job needs: a few days of them, or where those are few, a year with all its changes."""
    soon = job.schedule.slots(now, now + _FEW_DAYS)
    return soon if len(soon) > _MANY else job.schedule.slots(now, now + _YEAR)
