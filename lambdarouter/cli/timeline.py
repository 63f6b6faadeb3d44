"""Jobs along time: a chart with a column for each hour (or six), and a list of what runs when."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from rich.text import Text

from lambdarouter.cli.output import draw, table, terminal_width, write
from lambdarouter.sources.cron.zone import zone_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lambdarouter.cli.forecast import Job, Run

    Due = Mapping[Job, Sequence[Run]]

__all__ = ["agenda", "chart"]

_HOUR = timedelta(hours=1)
_HOURS_OF_WEEK = 6  # in one column
_FEW = 4  # slots that are listed one by one
_MANY = 24  # ticks in a day, of one job, that are not
_NONE = timedelta(0)


def chart(due: Due, start: datetime, end: datetime, *, week: bool) -> None:
    """A line a job, with its runs where their ticks come; the hours of UTC above, and of each zone."""
    step = (_HOURS_OF_WEEK if week else 1) * _HOUR
    first = start.replace(minute=0)
    first -= timedelta(hours=first.hour % _HOURS_OF_WEEK) if week else timedelta(0)
    columns = [first + number * step for number in range((end - first) // step + 1)]
    zones = [zone for zone in dict.fromkeys(job.schedule.timezone for job in due) if zone != "UTC"]
    indent = max(len(name) for name in ["UTC", *zones, *(job.name for job in due)]) + 2
    width = 3 if indent + 3 * len(columns) <= terminal_width() else 2
    shown = [Text("● a run, 2 two of them …, in the column of the tick that runs them", style="dim")]
    if week:
        days = "".join(f"{at:%a %d}".ljust(width * 4) if at.hour == 0 else "" for at in columns)
        before = next(number for number, at in enumerate(columns) if at.hour == 0) * width
        shown.append(Text(" " * (indent + before) + days, style="bold"))
    for zone in ["UTC", *zones]:
        hours = [f"{at.astimezone(zone_of(zone)):%H}" for at in columns]
        if width == 2:  # noqa: PLR2004 - no room between them: every other one
            hours = [hour if number % 2 == 0 else "" for number, hour in enumerate(hours)]
        labels = "".join(hour.ljust(width) for hour in hours)
        shown.append(Text(zone.ljust(indent) + labels, style="bold" if zone == "UTC" else "dim"))
    for job, found in due.items():
        counts = Counter((run.tick - first) // step for run in found)
        line = Text(job.name.ljust(indent))
        for number in range(len(columns)):
            mark, style = _mark(counts[number], width)
            line.append(mark.ljust(width), style=style)
        shown.append(line)
    shown += [Text(change, style="yellow") for zone in zones for change in _changes(zone, start, end)]
    draw(shown)


def _mark(count: int, width: int) -> tuple[str, str]:
    if not count:
        return "·", "dim"
    if count == 1:
        return "●", "green"
    text = str(count)
    return text if len(text) < width else "+", "yellow"


def _changes(zone: str, start: datetime, end: datetime) -> Iterator[str]:
    """What happens to a zone's clocks, hour by hour."""
    known, time = zone_of(zone), start.replace(minute=0)
    while time < end:
        before, time = time.astimezone(known), time + _HOUR
        moved = (time.astimezone(known).utcoffset() or _NONE) - (before.utcoffset() or _NONE)
        if moved:
            way = "forward" if moved > _NONE else "back"
            minutes = abs(moved) // timedelta(minutes=1)
            yield f"{zone}: clocks go {way} by {minutes} min between {before:%a %d %b %H:%M} and the next hour"


def agenda(due: Due, *, week: bool) -> None:
    """What runs when, by tick (by day for a week): in UTC and in the job's zone. What runs often is told once."""
    ticks = {run.tick for found in due.values() for run in found}
    often, rare = {}, {}
    for job, found in due.items():
        own = {run.tick for run in found}
        if len(own) > _FEW and own == ticks:
            often[job] = "at every tick"
        elif len(own) > _MANY and not week:
            often[job] = f"at {len(own)} of {len(ticks)} ticks"
        else:
            rare[job] = found
    rows, last = [], ""
    for when, job, found in _grouped(rare, week=week):
        rows.append(
            (
                Text("" if when == last else when, style="cyan"),
                Text(job.name, style="bold"),
                Text(_slots(found)),
                Text(job.schedule.timezone, style="dim"),
            )
        )
        last = when
    if rows:
        write("")
        table(("day (UTC)" if week else "tick (UTC)", "job", "due, in its zone", "zone"), rows, whole=("zone",))
    if often:
        write("")
    for how in dict.fromkeys(often.values()):
        write(f"{how}: {', '.join(job.name for job, its in often.items() if its == how)}")


def _grouped(due: Due, *, week: bool) -> Iterator[tuple[str, Job, list[Run]]]:
    groups: dict[datetime, dict[Job, list[Run]]] = {}
    for job, found in due.items():
        for run in found:
            when = run.tick.replace(hour=0, minute=0) if week else run.tick
            groups.setdefault(when, {}).setdefault(job, []).append(run)
    for when in sorted(groups):
        for job, found in groups[when].items():
            yield f"{when:%a %d %b}" if week else f"{when:%a %d %b %H:%M}", job, found


def _slots(found: Sequence[Run]) -> str:
    times = [f"{run.slot:%H:%M}" for run in found]
    return ", ".join(times) if len(times) <= _FEW else f"{times[0]} … {times[-1]} ×{len(times)}"
