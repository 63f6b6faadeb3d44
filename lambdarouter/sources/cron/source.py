"""The cron source: from a tick to the jobs that are due."""

from __future__ import annotations

from lambdarouter.core.route import Declined, Match, Routes
from lambdarouter.core.source import Source
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.view import Record, field, timestamp
from lambdarouter.errors import ConfigurationError, InvalidEventError
from lambdarouter.sources.cron.schedule import Crontab, Every, period, tick_window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from lambdarouter.core.route import Outcome, Registry
    from lambdarouter.sources.cron.schedule import Schedule

__all__ = ["CronRoutes", "CronSource", "CronTrigger", "Tick", "check_tick"]

_DEFAULT_TICK = "1h"
_YEARS = range(1970, 9900)  # windows reach back, and croniter looks ahead, by decades for some leap days


class Tick(Record):
    """One scheduled invocation, and for a job the slot it is run for.

    `time` is when AWS scheduled the invocation (UTC), `slot` when the job was due, in the job's time zone; a job with
    several slots in one tick gets one `Tick` for each.
    """

    time: datetime = field("time", of=timestamp)
    event_id: str = field("id", default="")

    def __init__(self, raw: Any, slot: datetime | None = None) -> None:
        super().__init__(raw)
        self._slot = slot

    @property
    def slot(self) -> datetime:
        """The time at which the job was due."""
        return self.time if self._slot is None else self._slot

    @property
    def id(self) -> str:
        """The slot, which is the same however often AWS delivers the tick; before there is one, the event's id."""
        return self.locate() if self._slot is None else self._slot.isoformat()

    @property
    def rule(self) -> str:
        """The name of the EventBridge rule or schedule, empty where the event does not say.

        A schedule outside the default group is named with its group: "night/hourly".
        """
        resources = self.raw.get("resources")
        arn = resources[0] if isinstance(resources, list) and resources else ""
        name = arn.partition("/")[2] if isinstance(arn, str) else ""
        return name.removeprefix("default/")


class CronRoutes(Routes):
    """The jobs of an app, and the ticks that drive them."""

    __slots__ = ("_rule",)

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._rule: str | None = None

    def window(self, tick: Tick) -> tuple[datetime, datetime]:
        """(previous tick, this tick].

        Raises `ConfigurationError` where undeclared rules change, `InvalidEventError` for a time without neighbours.
        """
        declared = self.registry.settings.tick
        if declared is None or isinstance(declared, str):
            if self._rule is None:
                self._rule = tick.rule or None  # a tick made by hand may name none
            elif tick.rule not in ("", self._rule):
                # The new one from here on, or a single stray tick would fail all those of the real rule after it.
                before, self._rule = self._rule, tick.rule
                both = f"App(tick={{{before!r}: ..., {tick.rule!r}: ...}})"
                msg = (
                    f"this environment was ticked by the rule {before!r} and now by {tick.rule!r}: each would run "
                    f"the same slots. Remove one, or declare both: {both}"
                )
                raise ConfigurationError(msg)
            every = declared or _DEFAULT_TICK
        elif tick.rule in declared:
            every = declared[tick.rule]
        else:
            msg = f"the rule {tick.rule!r} is not declared: App(tick=...) names {', '.join(map(repr, declared))}"
            raise ConfigurationError(msg)
        if tick.time.year not in _YEARS:
            msg = f"time is {tick.time.isoformat()}, expected a year from {_YEARS[0]} to {_YEARS[-1]}"
            raise InvalidEventError(msg)
        return tick_window(tick.time, period(every))


class CronSource(Source):
    """Ticks: every slot that came due since the previous one."""

    names = ("cron.rule", "cron.scheduler")
    decorator = '@app.cron("0 * * * *")'
    record = Tick
    routes = CronRoutes

    def parse(self, event: Any, name: str) -> Tick:
        """The tick."""
        return Tick(event)

    def split(self, event: Tick) -> Sequence[Tick]:
        """The tick is the one record."""
        return (event,)

    def match(self, record: Tick, routes: CronRoutes) -> Sequence[Match | Outcome]:
        """A call for each due slot of each job; a job with none declines."""
        if not len(routes):
            return (Declined(record, None, "the app has no cron jobs"),)
        after, until = routes.window(record)
        found: list[Match | Outcome] = []
        for route in routes:
            slots = route.trigger.schedule.slots(after, until)  # type: ignore[attr-defined]
            if slots:
                found += [Match(route, Tick(record.raw, slot)) for slot in slots]
            else:
                found.append(self.decline(record, route, f"not due in ({after:%H:%M}, {until:%H:%M}] UTC"))
        return found


class CronTrigger(Trigger):
    """`@app.cron("0 */3 * * *")` or `@app.cron(every="3h")`: run a job when it is due.

    `expression`: a crontab line of five fields or an alias such as "@daily"; `timezone`: the IANA zone on whose wall
    clock it is read. `every`: a period such as "3h", "45m" or "2d", counted from the Unix epoch, and `offset` into it.
    `concurrency`: how many slots of one tick run at once.
    """

    __slots__ = ("schedule",)

    source = CronSource

    def __init__(
        self,
        expression: str | None = None,
        *,
        every: str | None = None,
        offset: str | None = None,
        timezone: str | None = None,
        concurrency: int | None = None,
    ) -> None:
        super().__init__(concurrency=concurrency)
        self.schedule: Schedule
        if expression is not None and every is None:
            if offset is not None:
                msg = "offset= goes with every=; a crontab line says its minute and hour itself"
                raise ConfigurationError(msg)
            self.schedule = Crontab(expression, timezone="UTC" if timezone is None else timezone)
        elif every is not None and expression is None:
            if timezone is not None:
                msg = "timezone= goes with a crontab line; every= counts from the Unix epoch, in UTC"
                raise ConfigurationError(msg)
            self.schedule = Every(every, offset=offset)
        else:
            msg = 'a job has either a crontab line, @app.cron("0 * * * *"), or a period, @app.cron(every="1h")'
            raise ConfigurationError(msg)

    def describe(self) -> str:
        """The schedule."""
        return str(self.schedule)


def check_tick(tick: str | Mapping[str, str]) -> None:
    """Refuse what `App(tick=...)` cannot mean, with `ConfigurationError`."""
    if isinstance(tick, str):
        period(tick)
        return
    if not tick:
        msg = 'App(tick={}) declares no rule: it maps rule names to periods, such as {"hourly": "1h"}'
        raise ConfigurationError(msg)
    for every in tick.values():
        period(every)
