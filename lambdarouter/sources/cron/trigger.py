"""`@app.cron(...)`: the options of one job."""

from __future__ import annotations

from lambdarouter.core.signature import call_kind, read_signature
from lambdarouter.core.trigger import Trigger
from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.cron.guard import guarded
from lambdarouter.sources.cron.period import period
from lambdarouter.sources.cron.schedule import At, Crontab, Every
from lambdarouter.sources.cron.source import CronSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import Any, Literal, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.sources.cron.schedule import Dst, Schedule
    from lambdarouter.sources.cron.source import Tick

    CatchUp = Literal["none", "last", "all"]
    Overlap = Literal["allow", "skip", "queue"]
    Enabled = Callable[[], bool] | Callable[[Tick], bool]

__all__ = ["CronTrigger", "check_tick"]

_DAY = "1d"
_LONGEST = 900  # seconds that Lambda lets an invocation take


class CronTrigger(Trigger):
    """`@app.cron("0 */3 * * *")`, `@app.cron(every="3h")` or `@app.cron(at="2026-03-01T09:00")`: run a job when due.

    `expression`: a crontab line of five fields or an alias such as "@daily". `every`: a period such as "3h", "45m" or
    "2d", counted from the Unix epoch, and `offset` into it. `at`: single times, ISO 8601 text or datetimes, one or a
    list. `timezone`: the IANA zone on whose wall clock a crontab line, or an `at` without an offset, is read.
    `dst`: what a change of the clocks means to a crontab line: "once" (a slot in the gap runs right after it, one that
    comes twice runs once), "skip" (one in the gap does not run) or "both" (one that comes twice runs twice).
    `catch_up`: which slots of ticks that never came are run by the next one: "none", the "last" or "all", as far as
    they lie within `horizon`, a period (default "1d"); it needs a store.
    `timeout`: the seconds after which a run is stopped and has failed: an async job is cancelled; a sync one, which
    then runs in a thread, is left behind. `jitter`: each run is put off by a part of so many seconds, the same for a
    slot whenever it is tried.
    `overlap`: what becomes of a slot while another run of the job is not over, in any environment: "allow" it, "skip"
    it, or "queue" it until the other is over; the latter two need a store, and take a tick's slots one by one.
    `enabled`: a function that is asked when the job is due, of the `Tick` or of nothing; False: it does not run.
    `tags`: names to find jobs by. `shared`: the options of every trigger; `concurrency` is how many slots of one tick
    run at once.
    """

    __slots__ = ("_enabled", "catch_up", "horizon", "jitter", "overlap", "schedule", "tags", "timeout")

    source: type[Source] = CronSource

    def __init__(
        self,
        expression: str | None = None,
        *,
        every: str | None = None,
        offset: str | None = None,
        at: str | datetime | Sequence[str | datetime] | None = None,
        timezone: str | None = None,
        dst: Dst | None = None,
        catch_up: CatchUp = "none",
        horizon: str | None = None,
        timeout: float | None = None,
        jitter: float | None = None,
        overlap: Overlap = "allow",
        enabled: Enabled | None = None,
        tags: str | Sequence[str] = (),
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(**shared)
        self.schedule: Schedule = _schedule(expression, every=every, offset=offset, at=at, timezone=timezone, dst=dst)
        self.catch_up: str = _one_of("catch_up", catch_up, ("none", "last", "all"))
        if horizon is not None and catch_up == "none":
            msg = 'horizon= goes with catch_up="last" or "all": it says how far back missed slots are caught up with'
            raise ConfigurationError(msg)
        # Seconds.
        self.horizon: int = period(_DAY if horizon is None else horizon)
        self.timeout: float | None = _seconds("timeout", timeout)
        self.jitter: float | None = _seconds("jitter", jitter)
        self.overlap: str = _one_of("overlap", overlap, ("allow", "skip", "queue"))
        if overlap != "allow":
            if self.concurrency not in (None, 1):
                msg = f"overlap={overlap!r} lets the job run once at a time: leave out concurrency={self.concurrency}"
                raise ConfigurationError(msg)
            self.concurrency: int | None = 1
        self._enabled = None if enabled is None else _asked(enabled)
        self.tags: tuple[str, ...] = _names(tags)

    @property
    def asks(self) -> bool:
        """Whether the job has an `enabled=`."""
        return self._enabled is not None

    def enabled(self, tick: Tick) -> bool:
        """Whether the job is to run for this slot; raises what the function raises."""
        return self._enabled is None or bool(self._enabled(tick))

    @property
    def needs_store(self) -> str | None:
        """The option that needs the app to have a store, as it was written."""
        if self.catch_up != "none":
            return f"catch_up={self.catch_up!r}"
        return None if self.overlap == "allow" else f"overlap={self.overlap!r}"

    def layer(self) -> Callable[..., Any] | None:
        """What puts a run off, keeps two apart and ends one that takes too long."""
        plain = self.timeout is None and self.jitter is None and self.overlap == "allow"
        return None if plain else guarded

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


def _schedule(
    expression: str | None, *, every: str | None, offset: str | None, at: Any, timezone: str | None, dst: Dst | None
) -> Schedule:
    given = sum(option is not None for option in (expression, every, at))
    if given != 1:
        msg = (
            'a job has either a crontab line, @app.cron("0 * * * *"), or a period, @app.cron(every="1h"), or single '
            'times, @app.cron(at="2026-03-01T09:00")'
        )
        raise ConfigurationError(msg)
    if every is None and offset is not None:
        msg = "offset= goes with every=; a crontab line says its minute and hour itself"
        raise ConfigurationError(msg)
    if expression is None and dst is not None:
        msg = "dst= goes with a crontab line: every= counts in UTC, and at= is due once"
        raise ConfigurationError(msg)
    if every is not None:
        if timezone is not None:
            msg = "timezone= goes with a crontab line or at=; every= counts from the Unix epoch, in UTC"
            raise ConfigurationError(msg)
        return Every(every, offset=offset)
    zone = "UTC" if timezone is None else timezone
    if expression is None:
        return At(at, timezone=zone)
    return Crontab(expression, timezone=zone, dst="once" if dst is None else dst)


def _asked(enabled: Any) -> Callable[[Tick], Any]:
    """The function as one of the tick."""
    if not callable(enabled):
        msg = f"enabled is {enabled!r}; it is a function, which is asked when the job is due: enabled=lambda: False"
        raise ConfigurationError(msg)
    if call_kind(enabled) != "function":
        msg = "enabled= is a plain function: look up in the job what has to be awaited"
        raise ConfigurationError(msg)
    needed = sum(parameter.required for parameter in read_signature(enabled))
    if needed > 1:
        msg = "enabled= is a function of the Tick or of nothing; this one needs more"
        raise ConfigurationError(msg)
    fn: Callable[..., Any] = enabled
    return fn if needed else lambda _: fn()


def _names(tags: Any) -> tuple[str, ...]:
    if not isinstance(tags, (str, list, tuple, set, frozenset)):
        msg = f"tags is {tags!r}; it is a name or a list of names"
        raise ConfigurationError(msg)
    names = (tags,) if isinstance(tags, str) else tuple(tags)
    for name in names:
        if not isinstance(name, str) or not name:
            msg = f'tags holds {name!r}; a tag is a name, such as "nightly"'
            raise ConfigurationError(msg)
    return names


def _one_of(option: str, given: str, choices: tuple[str, ...]) -> str:
    if given not in choices:
        msg = f"{option} is {given!r}; it is {', '.join(map(repr, choices[:-1]))} or {choices[-1]!r}"
        raise ConfigurationError(msg)
    return given


def _seconds(option: str, given: float | None) -> float | None:
    # bool is an int.
    if given is not None and (type(given) not in (int, float) or not 0 < given < _LONGEST):
        msg = f"{option} is {given!r}; it is a number of seconds, above 0 and below {_LONGEST}"
        raise ConfigurationError(msg)
    return given
