"""Periods such as "3h", and the window of slots that one tick stands for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import gcd

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.cron.grammar import whole_number

__all__ = ["period", "seconds_of", "tick_window"]

_HOUR = 3600
_UNITS = {"d": 24 * _HOUR, "h": _HOUR, "m": 60}  # in the order in which they are written
_JITTER = 90  # seconds


def period(text: str) -> int:
    """The seconds in "45m", "3h", "2d" or "1h30m"; ConfigurationError for anything else and for no time.

    There are no seconds: a minute is the finest period at which EventBridge ticks.
    """
    seconds = seconds_of(text)
    if seconds == 0:
        msg = f'{text!r} is no time at all: expected a period of at least a minute, such as "45m" or "3h"'
        raise ConfigurationError(msg)
    return seconds


def tick_window(time: datetime, tick: int) -> tuple[datetime, datetime]:
    """The window of one tick's slots: (previous tick, this tick], both in UTC.

    `time` is the event's time (aware), `tick` the seconds between ticks. AWS fires a little early or late, so a time
    within 90 seconds of a full hour counts as that hour (for a tick that is no whole number of hours: of a multiple
    of the greatest period that divides both), and any other as the nearest full minute. So the windows of successive
    ticks meet, and jitter neither loses a slot nor doubles one. A `rate()` rule ticks at any minute of the hour, and at
    any second: only one that ticks half way between two minutes, or 90 seconds from the hour, may be now on this side
    and now on that, which no single event can tell. Where the multiples are less than 3 minutes apart (ticks of a
    minute or two, or of 7), every time counts as the nearest one.
    """
    grid = timedelta(seconds=gcd(tick, _HOUR))
    end = _nearest(time, grid)
    if abs(time - end) > timedelta(seconds=_JITTER):
        end = _nearest(time, timedelta(minutes=1))
    return end - timedelta(seconds=tick), end


def _nearest(time: datetime, grid: timedelta) -> datetime:
    epoch = datetime.fromtimestamp(0, UTC)
    return epoch + (time - epoch + grid / 2) // grid * grid


def seconds_of(text: str) -> int:
    """The seconds in a period, or in no time at all ("0h"); ConfigurationError for anything else."""
    total, rest = 0, text.strip().lower() if isinstance(text, str) else ""
    for unit, seconds in _UNITS.items():
        number, found, after = rest.partition(unit)
        if found and (value := whole_number(number.strip())) is not None:
            total, rest = total + value * seconds, after.strip()
            if not rest:
                return total
    msg = f'{text!r} is no period: expected days, hours and minutes, such as "45m", "3h", "2d" or "1h30m"'
    raise ConfigurationError(msg)
