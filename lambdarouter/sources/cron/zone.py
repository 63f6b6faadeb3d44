"""Time zones: their names, checked at import, and what their clocks show, asked when slots are computed.

zoneinfo takes 10 ms to import: an app with jobs may never serve a tick in this environment.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo

__all__ = ["check_zone", "first_instant", "instants", "wall", "zone_of"]

# Where CPython looks for time zones unless PYTHONTZPATH says otherwise.
_ZONE_DIRECTORIES = "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo"
_ZONE_PUNCTUATION = str.maketrans("", "", "+-_")


def check_zone(name: str) -> None:
    """Refuse what is no time zone; look for its file as zoneinfo does, without importing it."""
    if not isinstance(name, str):
        msg = f'timezone {name!r}: expected the name of a zone, such as "Europe/Madrid"'
        raise ConfigurationError(msg)
    # IANA's names consist of these characters; there are no dots, so that no name leads out of the directories.
    spelled = all(part.isascii() and part.translate(_ZONE_PUNCTUATION).isalnum() for part in name.split("/"))
    if name != "UTC" and not (spelled and (_has_zone_file(name) or _is_zone(name))):
        msg = f"unknown time zone {name!r}: expected an IANA name, {_nearest_zone(name)}"
        raise ConfigurationError(msg)


def zone_of(name: str) -> tzinfo:
    """The zone of a name that was checked."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - for ticks of zones other than UTC

    return ZoneInfo(name)


def wall(time: datetime, zone: tzinfo) -> datetime:
    """What the zone's clocks show then, as a naive time."""
    return time.astimezone(zone).replace(tzinfo=None)


def instants(shown: datetime, zone: tzinfo) -> list[datetime]:
    """When the zone's clocks show this naive time, in UTC: once, twice where they go back, never where they skip it."""
    if zone is UTC:
        return [shown.replace(tzinfo=UTC)]
    found = []
    for fold in (0, 1):
        instant = shown.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if instant not in found and wall(instant, zone) == shown:
            found.append(instant)
    return found


def first_instant(shown: datetime, zone: tzinfo) -> datetime:
    """When the zone's clocks first show this naive time, in UTC; if they skip it, the first full minute they show."""
    while not (found := instants(shown, zone)):
        shown = shown.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return found[0]


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
