"""When jobs are due: crontab lines, fixed periods and single times.

A schedule is checked when it is made, while the app is imported. What only a tick needs (croniter, zoneinfo) is
imported when slots are computed: an app with jobs may never serve a tick in this environment.

croniter says on which days a crontab line is due, which takes it 0.2 ms; the times of such a day are its hours and
minutes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.cron.grammar import crontab_lines
from lambdarouter.sources.cron.period import period, seconds_of
from lambdarouter.sources.cron.zone import check_zone, first_instant, instants, wall, zone_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import ClassVar, Literal

    Dst = Literal["once", "skip", "both"]

__all__ = ["At", "Crontab", "Every", "Schedule"]

_POLICIES = ("once", "skip", "both")
_DAY = timedelta(days=1)
_EVERY_DAY = ["* * *"]
_MOST_DAYS = 8  # that are remembered


class Schedule(ABC):
    """The times at which a job is due. `str(schedule)` is how it is listed."""

    __slots__ = ()

    # The zone in which its slots are given.
    timezone: str
    # The option of @app.cron that it comes from.
    option: ClassVar[str]

    @abstractmethod
    def slots(self, after: datetime, until: datetime) -> list[datetime]:
        """The times with after < slot <= until, ascending, each once; what is given and returned is aware."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


class Crontab(Schedule):
    """A crontab line of five fields, on the wall clock of `timezone`, an IANA name; slots are in that zone.

    Each field is `*`, a value, a range `a-b`, a step `*/n` or `a-b/n`, or a list of these. Months and days of the
    week have their English three-letter names, in any case; Sunday is 0 and 7. @hourly, @daily, @midnight, @weekly,
    @monthly, @yearly and @annually are known. Where day-of-month and day-of-week are both restricted (anything but
    `*`), a day that fits either is meant; `*/2` counts as restricted there, as in croniter and unlike in Vixie cron.

    `dst` says what a change of the clocks means. "once": each time of the wall clock counts once. One in the gap is
    due at the first minute after it (and is the same slot as one that is due then anyway), one that the clock shows
    twice is due the first time; so `*/15 * * * *` pauses while an hour repeats. "skip": the same, but one in the gap
    is not due at all. "both": one that the clock shows twice is due both times, one in the gap right after it.

    Raises ConfigurationError for what is malformed, for what AWS, Quartz and Jenkins have beyond the five fields (the
    message gives the five-field form if there is one), for what is never due (`0 0 31 2 *`) and for unknown zones.
    """

    __slots__ = ("_days", "_fits", "_hours", "_minutes", "dst", "expression", "timezone")

    option = "a crontab line"

    def __init__(self, expression: str, *, timezone: str = "UTC", dst: Dst = "once") -> None:
        if not isinstance(expression, str):
            msg = f'cron expression {expression!r}: expected a string, such as "0 */3 * * *"'
            raise ConfigurationError(msg)
        self.expression: str = " ".join(expression.split())
        try:
            lines = crontab_lines(self.expression)
        except ConfigurationError as error:
            msg = f"cron expression {expression!r}: {error}"
            raise ConfigurationError(msg) from None
        check_zone(timezone)
        if dst not in _POLICIES:
            msg = f'dst is {dst!r}; it is "once", "skip" or "both"'
            raise ConfigurationError(msg)
        self.timezone: str = timezone
        self.dst = dst
        # The lines differ in their days alone.
        minutes, hours, _ = lines[0].split(maxsplit=2)
        self._minutes = _values(minutes, 60)
        self._hours = _values(hours, 24)
        self._days = [line.split(maxsplit=2)[2] for line in lines]
        # What croniter said of the last few days.
        self._fits: dict[datetime, bool] = {}

    def __str__(self) -> str:
        return f"{self.expression} ({self.timezone})"

    def slots(self, after: datetime, until: datetime) -> list[datetime]:
        """The slots in (after, until], in the schedule's time zone."""
        zone = zone_of(self.timezone)
        # Where clocks have just gone back, the window may hold later times than the wall clock shows at its end (a day
        # before, it still stood as it did then), and earlier ones than at its start.
        first = min(wall(after, zone), wall(after + _DAY, zone) - _DAY)
        last = max(wall(until, zone), wall(until - _DAY, zone) + _DAY)
        # Compared in UTC: Python compares two times of one zone by their wall clocks.
        start, end = after.astimezone(UTC), until.astimezone(UTC)
        due: set[datetime] = set()
        for shown in self._shown(first, last):
            found = instants(shown, zone)
            if self.dst != "both":
                del found[1:]
            if not found and self.dst != "skip":
                found = [first_instant(shown, zone)]
            due.update(instant for instant in found if start < instant <= end)
        return [instant.astimezone(zone) for instant in sorted(due)]

    def _shown(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """The naive times that the line names, as the wall clock shows them, from the first to the last."""
        day = first.replace(hour=0, minute=0, second=0, microsecond=0)
        while day <= last:
            begin = first.hour if day <= first else 0
            end = last.hour if last < day + _DAY else 23
            hours = [hour for hour in self._hours if begin <= hour <= end]
            if hours and self._falls_on(day):
                times = (day.replace(hour=hour, minute=minute) for hour in hours for minute in self._minutes)
                yield from (time for time in times if first <= time <= last)
            day += _DAY

    def _falls_on(self, day: datetime) -> bool:
        """Whether the line names the day, given as its naive midnight."""
        if self._days == _EVERY_DAY:
            return True
        fits = self._fits.get(day)
        if fits is None:
            from croniter import croniter  # noqa: PLC0415 - 40 ms, for such days only

            if len(self._fits) >= _MOST_DAYS:
                self._fits.clear()
            fits = self._fits[day] = any(croniter.match(f"0 0 {days}", day) for days in self._days)
        return fits


def _values(column: str, count: int) -> Sequence[int]:
    return range(count) if column == "*" else tuple(map(int, column.split(",")))


class Every(Schedule):
    """A fixed period from the Unix epoch on: due at each t with (t - offset) % period == 0; slots are in UTC.

    Both are text as `period` reads it: `Every("3h", offset="1h")`. The period need not divide a day: "5h" is due
    every five hours, across midnight and clock changes, where the crontab line `0 */5 * * *` starts anew each day and
    leaves four hours between 20:00 and 0:00. Days begin at 0:00 UTC; "7d" is due on Thursdays, as 1 January 1970 was
    one.

    Raises ConfigurationError for what `period` refuses, and for an offset that is not smaller than the period.
    """

    __slots__ = ("_offset", "_period", "_text")

    timezone = "UTC"
    option = "every="

    def __init__(self, every: str, *, offset: str | None = None) -> None:
        self._period = period(every)
        self._offset = 0 if offset is None else seconds_of(offset)
        if self._offset >= self._period:
            msg = f"offset {offset!r}: expected less than the period {every!r}, in which it moves the slots"
            raise ConfigurationError(msg)
        self._text = f"every {every.strip()}" + (f" offset {offset.strip()}" if offset is not None else "")

    def __str__(self) -> str:
        return self._text

    def slots(self, after: datetime, until: datetime) -> list[datetime]:
        """The slots in (after, until], in UTC."""
        origin, step = datetime.fromtimestamp(self._offset, UTC), timedelta(seconds=self._period)
        numbers = range((after - origin) // step + 1, (until - origin) // step + 1)
        return [origin + number * step for number in numbers]


class At(Schedule):
    """Single times: ISO 8601 text such as "2026-03-01T09:00", datetimes, or a list of them; slots are in `timezone`.

    A time without an offset is on the wall clock of `timezone`; where clocks skip it, it is due right after the gap,
    where they show it twice, the first time. One in the past is never due again, and no error: deployed code grows
    old.

    Raises ConfigurationError for what is no time, and for none.
    """

    __slots__ = ("_times", "timezone")

    option = "at="

    def __init__(self, at: str | datetime | Sequence[str | datetime], *, timezone: str = "UTC") -> None:
        self._times = [_time(one) for one in (at if isinstance(at, (list, tuple)) else (at,))]
        if not self._times:
            msg = "at= names no time: the job would never be due"
            raise ConfigurationError(msg)
        check_zone(timezone)
        self.timezone: str = timezone

    def __str__(self) -> str:
        shown = ", ".join(time.isoformat(" ", "minutes") for time in self._times)
        return f"at {shown}" + (f" ({self.timezone})" if any(time.tzinfo is None for time in self._times) else "")

    def slots(self, after: datetime, until: datetime) -> list[datetime]:
        """The times in (after, until], in the schedule's time zone."""
        start, end, zone = after.astimezone(UTC), until.astimezone(UTC), zone_of(self.timezone)
        due = {first_instant(time, zone) if time.tzinfo is None else time.astimezone(UTC) for time in self._times}
        return [instant.astimezone(zone) for instant in sorted(due) if start < instant <= end]


def _time(given: object) -> datetime:
    time = given if isinstance(given, datetime) else _read(given)
    if time is None:
        msg = f'at={given!r}: expected ISO 8601, such as "2026-03-01T09:00" or "2026-03-01T09:00+01:00", or a datetime'
        raise ConfigurationError(msg)
    if not _FIRST <= time.year <= _LAST:
        msg = f"at={given!r}: expected a year from {_FIRST} to {_LAST}"
        raise ConfigurationError(msg)
    return time


def _read(text: object) -> datetime | None:
    # A date alone would pass for midnight, of which nobody who writes it need have thought.
    if not isinstance(text, str) or ":" not in text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


_FIRST, _LAST = 1970, 9899
