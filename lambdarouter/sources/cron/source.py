"""The cron source: from a tick to the jobs that are due."""

from __future__ import annotations

from lambdarouter.core.conversion import timestamp
from lambdarouter.core.route import Declined, Match, Outcome, Routes
from lambdarouter.core.source import Source
from lambdarouter.core.store import key_of
from lambdarouter.core.view import Record, field
from lambdarouter.errors import ConfigurationError, InvalidEventError, StoreError
from lambdarouter.sources.cron.ledger import ask, claim
from lambdarouter.sources.cron.period import period, tick_window
from lambdarouter.sources.cron.span import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Any

    from lambdarouter.core.context import Context
    from lambdarouter.core.handler import Handler
    from lambdarouter.core.route import Registry, Route
    from lambdarouter.core.trigger import Trigger
    from lambdarouter.core.view import View
    from lambdarouter.sources.cron.trigger import CronTrigger

__all__ = ["DEFAULT_TICK", "CronRoutes", "CronSource", "Tick"]

DEFAULT_TICK = "1h"

# What a schedule's own input has for its time until EventBridge Scheduler fills it in.
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
_SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
_YEARS = range(1970, 9900)  # windows reach back, and croniter looks ahead, by decades for some leap days


def _timestamp(text: object) -> datetime:
    if text == _SCHEDULED_TIME:
        msg = (
            f"time is the placeholder {_SCHEDULED_TIME!r}: only EventBridge Scheduler fills it in, in the input of a "
            "schedule; a rule needs no input"
        )
        raise InvalidEventError(msg)
    return timestamp(text)


class Tick(Record):
    """One scheduled invocation, and for a job the slot it is run for.

    `time` is when AWS scheduled the invocation (UTC), `slot` when the job was due, in the job's time zone; a job with
    several slots in one tick gets one `Tick` for each.
    """

    time: datetime = field("time", of=_timestamp)
    event_id: str = field("id", default="")

    # What matching needs to know: the time that the tick stands for.
    span: Span | None = None

    def __init__(self, raw: Any, slot: datetime | None = None, jobs: CronRoutes | None = None) -> None:
        super().__init__(raw)
        self._slot = slot
        # Whose jobs they are, for what stands around a call.
        self.jobs = jobs

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

    __slots__ = ("_names", "_rule", "horizon")

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._rule: str | None = None
        self._names: dict[str, list[Route]] = {}
        # How far back some job catches up with missed slots, in seconds; None where none does.
        self.horizon: int | None = None

    def add(self, route: Route) -> None:
        """Take a job in. Raises `ConfigurationError` where it needs a store and the app has none."""
        trigger: CronTrigger = route.trigger  # type: ignore[assignment]
        if trigger.needs_store and self.registry.settings.store is None:
            msg = f"{trigger.needs_store} needs a store, where runs are remembered: App(store=...)"
            raise ConfigurationError(msg)
        if trigger.catch_up != "none":
            self.horizon = max(trigger.horizon, self.horizon or 0)
        self._names.setdefault(route.name, []).append(route)
        super().add(route)

    def name(self, route: Route) -> str:
        """The job's name: its handler's, with a number where several have that one (lambdas, jobs made in a loop)."""
        number = self._names[route.name].index(route)
        return f"{route.name}#{number + 1}" if number else route.name

    def span(self, tick: Tick) -> Span:
        """The time that the tick stands for, (previous tick, this tick].

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
            every = declared or DEFAULT_TICK
        elif tick.rule in declared:
            every = declared[tick.rule]
        else:
            msg = f"the rule {tick.rule!r} is not declared: App(tick=...) names {', '.join(map(repr, declared))}"
            raise ConfigurationError(msg)
        if tick.time.year not in _YEARS:
            msg = f"time is {tick.time.isoformat()}, expected a year from {_YEARS[0]} to {_YEARS[-1]}"
            raise InvalidEventError(msg)
        return Span(*tick_window(tick.time, period(every)))

    async def enter(self, tick: Tick, context: Context, *, in_loop: bool) -> Span:
        """The time that the tick stands for, as the ledger knows it. Raises StoreError where it cannot be asked."""
        span, settings = self.span(tick), self.registry.settings
        store = settings.store
        assert store is not None  # noqa: S101 - for the type checker: `add` refused the job otherwise
        key = key_of("cron.ledger", context.function_name, tick.rule)
        call = (claim, store, key, int(span.end.timestamp()), self.horizon or 0)
        try:
            span.take(await ask(store, *call) if in_loop else call[0](*call[1:]))
        except ConfigurationError:
            raise
        except Exception as error:
            if settings.on_store_error == "fail":
                msg = "nothing was run: the store could not be asked which ticks there were"
                raise StoreError(msg) from error
            from lambdarouter.core.log import warn  # noqa: PLC0415 - only where something went wrong

            warn("the store could not be asked which ticks there were: missed slots are not caught up with", error)
        return span


class CronSource(Source):
    """Ticks: every slot that came due since the previous one."""

    names: tuple[str, ...] = ("cron.rule", "cron.scheduler")
    decorator = '@app.cron("0 * * * *")'
    record: type[View] = Tick
    routes: type[Routes] = CronRoutes
    prepares = True

    def parse(self, event: Any, name: str) -> Tick:
        """The tick."""
        return Tick(event)

    async def prepare(self, event: Tick, routes: CronRoutes, context: Context, *, in_loop: bool) -> None:
        """Enter the tick into the ledger, where the app has one."""
        if routes.horizon is not None:
            event.span = await routes.enter(event, context, in_loop=in_loop)

    def split(self, event: Tick) -> Sequence[Tick]:
        """The tick is the one record."""
        return (event,)

    def match(self, record: Tick, routes: CronRoutes) -> Sequence[Match | Outcome]:
        """A call for each due slot of each job; a job with none declines."""
        if not len(routes):
            return (Declined(record, None, "the app has no cron jobs"),)
        span = record.span or routes.span(record)
        found: list[Match | Outcome] = []
        for route in routes:
            trigger: CronTrigger = route.trigger  # type: ignore[assignment]
            slots = span.slots(trigger)
            if slots:
                found += [self._call(route, trigger, Tick(record.raw, slot, routes)) for slot in slots]
            else:
                found.append(self.decline(record, route, span.why_not(trigger)))
        return found

    def plan(self, fn: Callable[..., Any], trigger: Trigger) -> Handler:
        """Plan a job; a sync one that has to be left behind, or to wait its turn, runs in a thread."""
        handler = super().plan(fn, trigger)
        handler.in_thread = trigger.layer() is not None
        return handler

    def _call(self, route: Route, trigger: CronTrigger, tick: Tick) -> Match | Outcome:
        try:
            enabled = trigger.enabled(tick)
        except Exception as error:  # noqa: BLE001 - user code: it fails its own job, and no other
            return Outcome(tick, route, error=error)
        return Match(route, tick) if enabled else self.decline(tick, route, "enabled= said no")
