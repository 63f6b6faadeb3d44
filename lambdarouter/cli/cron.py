"""`lambdarouter cron APP`: what an app's jobs are, what will run when, and what one tick would run."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NoReturn

import typer
from rich.text import Text

from lambdarouter.cli.forecast import Job, advice, in_words, periods_of, runs, tick_of
from lambdarouter.cli.invoke import client_of, close, leave
from lambdarouter.cli.output import complain, fail, table, write
from lambdarouter.cli.target import Target, load
from lambdarouter.cli.timeline import agenda, chart
from lambdarouter.core.log import quiet
from lambdarouter.core.route import Declined, Match, Outcome
from lambdarouter.errors import LambdarouterError
from lambdarouter.sources.cron.source import CronRoutes, CronSource, Tick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from lambdarouter.app import App
    from lambdarouter.cli.forecast import Advice, Run

    Told: TypeAlias = list[tuple[Job, Match | Outcome]]

__all__ = ["cron"]

_DAY = timedelta(days=1)


def cron(
    target: Target,
    *,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="Show what the tick of this time would run, and nothing else.")
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="Run it: the tick of --at, or the latest one.")] = False,
    week: Annotated[bool, typer.Option("--week", help="Look 7 days ahead instead of 24 hours.")] = False,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Where the timeline begins; by default now.")
    ] = None,
    tick: Annotated[
        str | None, typer.Option(metavar="PERIOD", help='Reckon with this tick instead of the app\'s own: "5m".')
    ] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="NAME", help="The rule that ticks, where the app declares several.")
    ] = None,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Only jobs with this tag.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line, a job each.")] = False,
) -> None:
    """Show an app's cron jobs: a table, and a timeline of what will run when, in UTC and in each job's zone.

    Warns where ticks come too seldom for a job, and says how often they have to. TIME is ISO 8601, in UTC where it says
    nothing else. With --at and --run, exit status 1: the tick would fail.
    """
    app = load(target)
    found = app._engine.registrar.tables(CronRoutes)  # noqa: SLF001 - what an app shows are its routes alone
    if not found or not len(found[0]):
        write(f"{target} has no cron jobs")
        return
    routes = found[0]
    jobs = _jobs(routes, tag)
    ticking, seconds = _rule(routes, rule, tick)
    if at is not None or run:
        time = tick_of(_now() + timedelta(seconds=1), seconds) - timedelta(seconds=seconds) if at is None else _time(at)
        if week or since is not None or tick is not None:
            fail("--at and --run are about one tick of the app's own: leave --week, --from and --tick out")
        _one_tick(app, routes, jobs, time, ticking, run=run, as_json=as_json)
    start = _now() if since is None else _time(since)
    end = start + (7 * _DAY if week else _DAY)
    due = {job: runs(job, seconds, start, end) for job in jobs}
    warnings = {job: advice(job, seconds, start) for job in jobs}
    if as_json:
        for job in jobs:
            write(json.dumps(_told(job, due[job], warnings[job])))
        return
    write(f"{len(jobs)} {'job' if len(jobs) == 1 else 'jobs'}, a tick every {in_words(seconds)}{_of(ticking)}\n")
    table(
        ("job", "schedule", "next (UTC)", "in its zone", "7 d" if week else "24 h", "options"),
        [_row(job, due[job], seconds, start) for job in jobs],
        whole=("next (UTC)", "in its zone", "7 d" if week else "24 h"),
    )
    write("")
    chart(due, start, end, week=week)
    agenda(due, week=week)
    _warn([warning for warning in warnings.values() if warning is not None], seconds)


def _now() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no time: expected ISO 8601, such as 2026-03-29T01:00Z or 2026-03-29T03:00+02:00")
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _jobs(routes: CronRoutes, tag: str | None) -> list[Job]:
    """The jobs, without the module in their names where all have the same."""
    wanted = [route for route in routes if tag is None or tag in route.trigger.tags]  # type: ignore[attr-defined] # jobs' have them
    if not wanted:
        tags = sorted({name for route in routes for name in route.trigger.tags})  # type: ignore[attr-defined] # as above
        fail(f"no job has the tag {tag!r}; tags: {', '.join(tags) or 'none'}")
    names = [routes.name(route) for route in wanted]
    modules = {name.rpartition(".")[0] for name in names}
    return [
        Job(name.rpartition(".")[2] if len(modules) == 1 else name, route)
        for name, route in zip(names, wanted, strict=True)
    ]


def _rule(routes: CronRoutes, rule: str | None, tick: str | None) -> tuple[str, int]:
    """The rule that ticks and its period; the app's most frequent one where there are several."""
    try:
        periods = periods_of(routes.registry.settings.tick if tick is None else tick)
    except LambdarouterError as error:
        fail(str(error))
    if rule is None or "" in periods:
        name = min(periods, key=periods.__getitem__)
        return rule or name, periods[name]
    if rule not in periods:
        fail(f"the app declares no rule {rule!r}; its rules: {', '.join(periods)}")
    return rule, periods[rule]


def _of(rule: str) -> str:
    return f" of the rule {rule}" if rule else ""


# The table -------------------------------------------------------------------------------------------------


def _row(job: Job, due: list[Run], seconds: int, start: datetime) -> tuple[Text, ...]:
    coming = next(iter(due or runs(job, seconds, start, start + 366 * _DAY)), None)
    return (
        Text(job.name, style="bold"),
        Text(str(job.schedule)),
        Text("" if coming is None else f"{coming.tick:%a %d %b %H:%M}", style="cyan"),
        Text("never again" if coming is None else f"{coming.slot:%a %H:%M}", style="dim" if coming is None else ""),
        Text(str(len(due)), justify="right"),
        Text(_options(job), style="dim"),
    )


def _options(job: Job) -> str:
    trigger = job.trigger
    shown = [f"#{tag}" for tag in trigger.tags]
    shown += ["once"] if trigger.once is not None else []
    dst = getattr(trigger.schedule, "dst", "once")
    shown += [f"dst={dst}"] if dst != "once" else []
    shown += [f"catch_up={trigger.catch_up}"] if trigger.catch_up != "none" else []
    shown += [f"overlap={trigger.overlap}"] if trigger.overlap != "allow" else []
    shown += [f"timeout={trigger.timeout:g}s"] if trigger.timeout is not None else []
    shown += [f"jitter={trigger.jitter:g}s"] if trigger.jitter is not None else []
    shown += ["enabled=…"] if trigger.asks else []
    return " ".join(shown)


def _warn(warnings: list[Advice], seconds: int) -> None:
    if not warnings:
        return
    write("")
    rows = []
    for job, at_once, late, needs in warnings:
        what = f"up to {in_words(_seconds(late))} late" + (f", {at_once} slots in one tick" if at_once > 1 else "")
        rows.append((Text(job.name, style="bold"), Text(what, style="yellow"), Text(in_words(needs), style="cyan")))
    table(("the tick is too coarse for", "which runs", "needs a tick of"), rows, whole=("needs a tick of",))
    finest = in_words(min(warning.needs for warning in warnings))
    write(f'\nAll on time: a rule that fires every {finest}, and App(tick="{finest}"), instead of {in_words(seconds)}.')


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())


def _told(job: Job, due: list[Run], warning: Advice | None) -> dict[str, Any]:
    return {
        "job": job.route.name,
        "schedule": str(job.schedule),
        "timezone": job.schedule.timezone,
        "tags": list(job.trigger.tags),
        "runs": [{"tick": run.tick.isoformat(), "slot": run.slot.isoformat()} for run in due],
        "needs_tick": None if warning is None else in_words(warning.needs),
    }


# One tick --------------------------------------------------------------------------------------------------


def _one_tick(
    app: App, routes: CronRoutes, jobs: list[Job], time: datetime, rule: str, *, run: bool, as_json: bool
) -> NoReturn:
    """What the tick would run, or what came of it; matched by the source itself."""
    from lambdarouter.testing.events import cron as events

    event = events.rule(time, rule=rule or "hourly")
    shown = {id(job.route): job for job in jobs}
    items: Sequence[Match | Outcome]
    if run:
        if len(jobs) < len(routes):
            fail("--run runs all jobs of a tick: leave --tag out")
        client = client_of(app)
        try:
            with redirect_stdout(sys.stderr), quiet():
                completion = client.invoke(event)
        finally:
            close(client)
        items, error = completion.outcomes, completion.error
        if error is not None and not any(item.route for item in items):
            complain(f"{type(error).__name__}: {error}")
            leave(app, 1)
    else:
        error = None
        try:
            items = CronSource().match(Tick(event), routes)
        except LambdarouterError as refused:
            fail(str(refused))
    told = [(shown[id(item.route)], item) for item in items if id(item.route) in shown]
    if as_json:
        for job, item in told:
            write(json.dumps(_item(job, item), default=str))
    elif run:
        _headline(told, time, rule)
        _outcomes(told)
    else:
        _headline(told, time, rule)
        _plan(told)
    failed = any(isinstance(item, Outcome) and item.error is not None for _, item in told)
    leave(app, int(failed or error is not None))


def _plan(told: Told) -> None:
    due = [(job, item) for job, item in told if isinstance(item, Match)]
    idle = [(job, item) for job, item in told if isinstance(item, Outcome)]
    if due:
        rows = [_slot(job, item.record) for job, item in due]
        table(("job", "due (UTC)", "in its zone", "zone"), rows, whole=("due (UTC)", "in its zone"))
    if due and idle:
        write("")
    if idle:
        table(("not run", "because"), [(Text(job.name), Text(_result(item), style="dim")) for job, item in idle])


def _item(job: Job, item: Match | Outcome) -> dict[str, Any]:
    # A job that was not due has no slot; one that was switched off has.
    tick: Tick = item.record  # type: ignore[assignment] # of the cron source
    slot = None if tick.jobs is None else tick.slot.isoformat()
    if isinstance(item, Match):
        return {"job": job.route.name, "slot": slot, "outcome": "due"}
    result = {"value": item.value} if item.error is None else {"error": _result(item)}
    return {"job": job.route.name, "slot": slot, "outcome": item.status, **result}


def _result(outcome: Outcome) -> str:
    if outcome.error is not None:
        return f"{type(outcome.error).__name__}: {outcome.error}"
    return "" if outcome.value is None else str(outcome.value)


def _headline(told: Told, time: datetime, rule: str) -> None:
    count = sum(not isinstance(item, Declined) for _, item in told)
    write(f"{count} {'run' if count == 1 else 'runs'} in the tick of {time:%a %d %b %Y %H:%M} UTC{_of(rule)}\n")


def _slot(job: Job, tick: Tick) -> tuple[Text, ...]:
    return (
        Text(job.name, style="bold"),
        Text(f"{tick.slot.astimezone(UTC):%a %H:%M}", style="cyan"),
        Text(f"{tick.slot:%a %H:%M}"),
        Text(job.schedule.timezone, style="dim"),
    )


_STYLES = {"ok": "green", "failed": "red"}


def _outcomes(told: Told) -> None:
    rows = []
    for job, outcome in told:
        assert isinstance(outcome, Outcome)  # noqa: S101 - for the type checker: it was run
        slot = "" if isinstance(outcome, Declined) else outcome.record.id
        style = _STYLES.get(outcome.status, "dim")
        rows.append((Text(job.name, style="bold"), Text(slot), Text(outcome.status, style), Text(_result(outcome))))
    table(("job", "slot", "outcome", "value"), rows, whole=("outcome",))
