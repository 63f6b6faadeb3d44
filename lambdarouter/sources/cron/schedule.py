"""When jobs are due: crontab lines, fixed periods, and the window of one tick.

A schedule is checked when it is made, while the app is imported. What only a tick needs (croniter, zoneinfo) is
imported when slots are computed: an app with jobs may never serve a tick in this environment.
"""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from math import gcd

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.cron.grammar import crontab_lines, whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo

__all__ = ["Crontab", "Every", "Schedule", "period", "tick_window"]

_HOUR = 3600
_UNITS = {"d": 24 * _HOUR, "h": _HOUR, "m": 60}  # in the order in which they are written
_JITTER = 90  # seconds
# Where CPython looks for time zones unless PYTHONTZPATH says otherwise.
_ZONE_DIRECTORIES = "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo"
_ZONE_PUNCTUATION = str.maketrans("", "", "+-_")


class Schedule(ABC):
    """The times at which a job is due. `str(schedule)` is how it is listed."""

    __slots__ = ()

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

    When clocks change, each time of the wall clock counts once: one in the gap is due at the first minute after it
    (and is the same slot as one that is due then anyway), one that the clock shows twice is due the first time. So
    `*/15 * * * *` pauses while an hour repeats: where that is wrong, use `Every`, or UTC.

    Raises ConfigurationError for what is malformed, for what AWS, Quartz and Jenkins have beyond the five fields (the
    message gives the five-field form if there is one), for what is never due (`0 0 31 2 *`) and for unknown zones.
    """

    __slots__ = ("_lines", "expression", "timezone")

    def __init__(self, expression: str, *, timezone: str = "UTC") -> None:
        if not isinstance(expression, str):
            msg = f'cron expression {expression!r}: expected a string, such as "0 */3 * * *"'
            raise ConfigurationError(msg)
        self.expression = " ".join(expression.split())
        try:
            self._lines = crontab_lines(self.expression)
        except ConfigurationError as error:
            msg = f"cron expression {expression!r}: {error}"
            raise ConfigurationError(msg) from None
        _check_zone(timezone)
        self.timezone = timezone

    def __str__(self) -> str:
        return f"{self.expression} ({self.timezone})"

    def slots(self, after: datetime, until: datetime) -> list[datetime]:
        """The slots in (after, until], in the schedule's time zone."""
        from croniter import croniter_range  # noqa: PLC0415 - 40 ms, for ticks only

        zone = _zone(self.timezone)
        # croniter sees naive times of the wall clock only: what it does with aware ones around a clock change
        # depends on the fields. Where clocks have just gone back, the window may hold later times than the
        # wall clock shows at its end; a day before, it still stood as it did then.
        day = timedelta(days=1)
        first, last = _wall(after, zone), max(_wall(until, zone), _wall(until - day, zone) + day)
        walls = {wall for line in self._lines for wall in croniter_range(first, last, line)}
        # Compared in UTC: Python compares two times of one zone by their wall clocks.
        start, end = after.astimezone(UTC), until.astimezone(UTC)
        instants = {instant for wall in walls if start < (instant := _instant(wall, zone)) <= end}
        return [instant.astimezone(zone) for instant in sorted(instants)]


class Every(Schedule):
    """A fixed period from the Unix epoch on: due at each t with (t - offset) % period == 0; slots are in UTC.

    Both are text as `period` reads it: `Every("3h", offset="1h")`. The period need not divide a day: "5h" is due
    every five hours, across midnight and clock changes, where the crontab line `0 */5 * * *` starts anew each day and
    leaves four hours between 20:00 and 0:00. Days begin at 0:00 UTC; "7d" is due on Thursdays, as 1 January 1970 was
    one.

    Raises ConfigurationError for what `period` refuses, and for an offset that is not smaller than the period.
    """

    __slots__ = ("_offset", "_period", "_text")

    def __init__(self, every: str, *, offset: str | None = None) -> None:
        self._period = period(every)
        self._offset = 0 if offset is None else _seconds(offset)
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


def period(text: str) -> int:
    """The seconds in "45m", "3h", "2d" or "1h30m"; ConfigurationError for anything else and for no time.

    There are no seconds: a minute is the finest period at which EventBridge ticks.
    """
    seconds = _seconds(text)
    if seconds == 0:
        msg = f'{text!r} is no time at all: expected a period of at least a minute, such as "45m" or "3h"'
        raise ConfigurationError(msg)
    return seconds


def tick_window(time: datetime, tick: int) -> tuple[datetime, datetime]:
    """The window of one tick's slots: (previous tick, this tick], both in UTC.

    `time` is the event's time (aware), `tick` the seconds between ticks. AWS fires a little early or late, so a time
    within 90 seconds of a full hour counts as that hour (for a tick that is no whole number of hours: of a multiple
    of the greatest period that divides both). So the windows of successive ticks meet, and jitter neither loses a
    slot nor doubles one. A `rate()` rule ticks at any minute of the hour: there the window ends at `time`. Only a
    rule that ticks 90 seconds from the hour, give or take its jitter, may be now on this side and now on that: no
    single event can tell. Where the multiples are less than 3 minutes apart (ticks of a minute or two, or of 7), every
    time counts as the nearest one, and that rule is one that ticks half way between two.
    """
    epoch, grid = datetime.fromtimestamp(0, UTC), timedelta(seconds=gcd(tick, _HOUR))
    boundary = epoch + (time - epoch + grid / 2) // grid * grid
    end = boundary if abs(time - boundary) <= timedelta(seconds=_JITTER) else time.astimezone(UTC)
    return end - timedelta(seconds=tick), end


def _seconds(text: str) -> int:
    total, rest = 0, text.strip().lower() if isinstance(text, str) else ""
    for unit, seconds in _UNITS.items():
        number, found, after = rest.partition(unit)
        if found and (value := whole_number(number.strip())) is not None:
            total, rest = total + value * seconds, after.strip()
            if not rest:
                return total
    msg = f'{text!r} is no period: expected days, hours and minutes, such as "45m", "3h", "2d" or "1h30m"'
    raise ConfigurationError(msg)


def _check_zone(name: str) -> None:
    """Refuse what is no time zone; look for its file as zoneinfo does, which would take 10 ms to import."""
    if not isinstance(name, str):
        msg = f'timezone {name!r}: expected the name of a zone, such as "Europe/Madrid"'
        raise ConfigurationError(msg)
    # IANA's names consist of these characters; there are no dots, so that no name leads out of the directories.
    spelled = all(part.isascii() and part.translate(_ZONE_PUNCTUATION).isalnum() for part in name.split("/"))
    if name != "UTC" and not (spelled and (_has_zone_file(name) or _is_zone(name))):
        msg = f"unknown time zone {name!r}: expected an IANA name, {_nearest_zone(name)}"
        raise ConfigurationError(msg)


def _has_zone_file(name: str) -> bool:
    directories = os.environ.get("PYTHONTZPATH", _ZONE_DIRECTORIES).split(os.pathsep)
    directories += [f"{entry}/tzdata/zoneinfo" for entry in sys.path]  # the package: all there is on Lambda
    for directory in directories:
        try:
            with open(f"{directory}/{name}", "rb") as file:  # noqa: PTH123 - pathlib costs more than the check
                return file.read(4) == b"TZif"
        except OSError:
            continue
    return False


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - for zones without a plain file, as in a zip archive

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found; not a zone's file; a directory
        return False
    return True


def _nearest_zone(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for the message only
    from zoneinfo import available_timezones  # noqa: PLC0415 - the same

    zones = sorted(available_timezones())
    spellings = {zone.rpartition("/")[2].lower(): zone for zone in zones}
    spellings |= {zone.lower(): zone for zone in zones}
    close = get_close_matches(name.lower().replace(" ", "_"), spellings, n=1)
    return f"perhaps {spellings[close[0]]!r}" if close else 'such as "Europe/Madrid"'


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - for ticks of zones other than UTC

    return ZoneInfo(name)


def _wall(time: datetime, zone: tzinfo) -> datetime:
    return time.astimezone(zone).replace(tzinfo=None)


def _instant(wall: datetime, zone: tzinfo) -> datetime:
    """When the wall clock first shows this minute, in UTC; if clocks skip it, the first minute they show."""
    while True:
        instant = wall.replace(tzinfo=zone).astimezone(UTC)
        if _wall(instant, zone) == wall:
            return instant
        wall += timedelta(minutes=1)
