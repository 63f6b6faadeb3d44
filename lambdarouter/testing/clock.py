"""The clock of an app's cron: it goes on from tick to tick, and says what ran.

A tick's time is in its event, so nothing is frozen or patched: the clock makes the ticks that AWS would send meanwhile,
and the store that the client lends the app goes by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from heapq import merge
from time import time
from typing import Any, Generic, NamedTuple, TypeVar

from lambdarouter.sources.cron.schedule import Every
from lambdarouter.sources.cron.source import DEFAULT_TICK, Tick
from lambdarouter.testing.events import cron
from lambdarouter.testing.events.common import MOMENT
from lambdarouter.testing.result import Ran
from lambdarouter.testing.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambdarouter.app import App
    from lambdarouter.testing.result import Result
    from lambdarouter.testing.steps import Steps

__all__ = ["Clock", "Elapsed", "Now", "Run", "rules_of"]

AdvanceT = TypeVar("AdvanceT")
_RULE = "hourly"  # that ticks where the app names none


def rules_of(app: App) -> Mapping[str, str]:
    """The rules that tick an app, by name, with their periods."""
    tick = app._engine.settings.tick  # noqa: SLF001 - what an app shows of itself are its routes
    return tick if isinstance(tick, Mapping) else {_RULE: tick or DEFAULT_TICK}


class Now:
    """The time of a client and of all that `given` makes of it. The seconds of a call pass as usual."""

    __slots__ = ("_ahead", "at")

    def __init__(self) -> None:
        self.move(MOMENT)

    def move(self, at: datetime) -> None:
        """From here on it is this time."""
        self.at: datetime = at
        self._ahead = at.timestamp() - time()

    def seconds(self) -> float:
        """The time since 1970, for a store."""
        return time() + self._ahead


class Run(NamedTuple):
    """One run of a job: the slot that it was run for, and the job's name, without its module.

    The slot is as its zone's clocks showed it, with that offset, and equals the same moment in any other zone.
    """

    time: datetime
    name: str

    def __repr__(self) -> str:
        return f"({self.time.isoformat(timespec='minutes')} {self.name})"


class Elapsed:
    """What came of the time from `start` to `end` (both in UTC): the `results` of its ticks, in order."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start: datetime = start
        self.end: datetime = end
        self.results: list[Result] = []

    @property
    def ran(self) -> list[Run]:
        """What ran, tick by tick, each by its slots: `[(time, name), …]`.

        Those that failed ran, those that declined or were skipped did not.
        """
        ran: Ran[Run] = Ran(self.failures)
        for result in self.results:
            ran += sorted((_run(outcome) for outcome in result.reached()), key=lambda run: run.time)
        return ran

    @property
    def failed(self) -> list[Result]:
        """The results of the ticks that failed, which AWS would send again."""
        return [result for result in self.results if result.error is not None]

    def failures(self) -> list[str]:
        """A line for each of the first failures."""
        failed = self.failed
        lines = [f"{result.event['time']}: {result.told()}" for result in failed[:_MOST_TICKS]]
        return lines + ([f"{len(failed) - _MOST_TICKS} more ticks failed"] if len(failed) > _MOST_TICKS else [])

    def __repr__(self) -> str:
        start, end = (at.isoformat(timespec="minutes") for at in (self.start, self.end))
        told = "; ".join(self.failures()) or f"ran={list(self.ran)}"
        return f"<Elapsed ({start}, {end}] ticks={len(self.results)} {told}>"


_MOST_TICKS = 3  # whose failures are told


class Clock(Generic[AdvanceT]):
    """The time as far as the app's cron knows it. `advance` returns an `Elapsed`, or a coroutine of one."""

    def __init__(self, app: App, now: Now, drive: Callable[[Steps[Elapsed]], AdvanceT]) -> None:
        self._app = app
        self._now = now
        self._drive = drive

    @property
    def now(self) -> datetime:
        """The time, in UTC; 1 January 2026, 09:00, until it is set."""
        return self._now.at

    def set(self, at: datetime | str) -> None:
        """Make it this time, an aware datetime or ISO 8601 text with an offset. Nothing runs.

        Raises ValueError for a time without a zone.
        """
        self._now.move(_instant(at))

    def advance(
        self,
        by: timedelta | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        until: datetime | str | None = None,
    ) -> AdvanceT:
        """Go on, by so much or `until` a time, through every tick that the app would get meanwhile.

        Ticks come at whole multiples of the period of each rule that `App(tick=…)` names (by default an hour): those
        after `now`, up to the new time. Each is delivered once, also where it fails. A day is 24 hours.

        Raises ValueError for a time that is past or has no zone, TypeError for none or several.
        """
        given = timedelta(days=days, hours=hours, minutes=minutes)
        if (by is not None) + bool(given) + (until is not None) != 1:
            msg = "the clock goes on by a timedelta, by days=, hours= and minutes=, or until= a time: give one of them"
            raise TypeError(msg)
        start = self.now
        end = start + (given if by is None else by) if until is None else _instant(until)
        if end < start:
            msg = f"the clock is at {start.isoformat()} and goes on from there, not to {end.isoformat()}; set it first"
            raise ValueError(msg)
        return self._drive(self._steps(Elapsed(start, end)))

    def _steps(self, elapsed: Elapsed) -> Steps[Elapsed]:
        for at, rule in _ticks(rules_of(self._app), elapsed.start, elapsed.end):
            self._now.move(at)
            elapsed.results.append((yield Step(cron.rule(at, rule=rule))))
        self._now.move(elapsed.end)
        return elapsed

    def __repr__(self) -> str:
        return f"<Clock {self.now.isoformat()}>"


def _ticks(rules: Mapping[str, str], start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """The ticks in (start, end], in order, with the rule of each."""
    return merge(
        *([(at, rule) for at in Every(every).slots(start, end)] for rule, every in rules.items()),
        key=lambda tick: tick[0],
    )


def _run(outcome: Any) -> Run:
    tick: Tick = outcome.record
    assert tick.jobs is not None  # noqa: S101 - for the type checker: what ran was matched
    # With a fixed offset: Python compares times of one zone by what its clocks show, and they show some twice.
    slot = tick.slot.astimezone(timezone(tick.slot.utcoffset() or timedelta(0)))
    return Run(slot, tick.jobs.name(outcome.route).rpartition(".")[2])


def _instant(given: Any) -> datetime:
    """A time of the caller's, in UTC."""
    at = given
    if isinstance(given, str):
        try:
            at = datetime.fromisoformat(given)
        except ValueError:
            msg = f"time is {given!r}; expected ISO 8601 with an offset, such as '2026-01-01T03:00Z'"
            raise ValueError(msg) from None
    if not isinstance(at, datetime):
        msg = f"time is {given!r}; expected an aware datetime or ISO 8601 text such as '2026-01-01T03:00Z'"
        raise TypeError(msg)
    if at.utcoffset() is None:
        msg = f"time is {given!r}, which has no zone: say which, as in {at.isoformat()}Z or datetime(..., tzinfo=UTC)"
        raise ValueError(msg)
    return at.astimezone(UTC)
