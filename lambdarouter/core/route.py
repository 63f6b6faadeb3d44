"""The nouns of dispatch: what is registered, what is to be called, what came of it."""

from __future__ import annotations

from lambdarouter.errors import BatchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from typing import Any, Literal, Protocol, TypeVar

    from lambdarouter.core.handler import Handler
    from lambdarouter.core.source import Source
    from lambdarouter.core.store import Store
    from lambdarouter.core.trigger import Trigger
    from lambdarouter.core.view import Record

    R = TypeVar("R", bound="Routes")

    class Enclosing(Protocol):
        """What the engine keeps of the routes with `via=`."""

        @property
        def routes(self) -> list[Route]: ...
        def add(self, route: Route) -> None: ...
        def match(self, record: Any) -> list[Match | Outcome] | None: ...

    class Registry(Protocol):
        """What a source's routes may ask of the app they belong to."""

        @property
        def settings(self) -> Settings: ...
        def tables(self, kind: type[R]) -> list[R]: ...


__all__ = [
    "Answer",
    "Completion",
    "Declined",
    "Delivery",
    "Match",
    "Outcome",
    "Route",
    "Routes",
    "Settings",
    "Skipped",
    "failed_of",
    "failure_of",
]


class Settings:
    """What `App(...)` was told, for whoever needs it."""

    __slots__ = (
        "base_path",
        "deadline_margin",
        "debug",
        "jitter",
        "limits",
        "on_store_error",
        "raise_server_errors",
        "replies",
        "security_schemes",
        "store",
        "tick",
        "trailing_slash",
    )

    def __init__(
        self,
        *,
        tick: str | Mapping[str, str] | None = None,
        deadline_margin: float = 0.1,
        debug: bool = False,
        store: Store | None = None,
        on_store_error: Literal["fail", "run"] = "fail",
        raise_server_errors: bool = False,
        replies: Any = None,
        base_path: Sequence[str] = (),
        trailing_slash: str = "ignore",
        limits: Any = None,
        security_schemes: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.tick: str | Mapping[str, str] | None = tick
        self.deadline_margin: float = deadline_margin
        self.debug: bool = debug
        # Whether a run waits because of its job's `jitter=`; in a test, none does.
        self.jitter: bool = True
        self.store: Store | None = store
        self.on_store_error = on_store_error
        self.raise_server_errors: bool = raise_server_errors
        # What is said of all HTTP replies, None where nothing is.
        self.replies: Any = replies
        self.base_path: Sequence[str] = base_path
        self.trailing_slash: str = trailing_slash
        # How much of a body is read, None where only routes say.
        self.limits: Any = limits
        # What guards take, by name, where it is not what their parameters tell.
        self.security_schemes: Mapping[str, Mapping[str, Any]] = security_schemes or {}


class Route:
    """One decorator call: a trigger and the handler behind it."""

    __slots__ = ("alone", "handler", "hops", "layers", "once", "rescues", "source", "trigger")

    def __init__(
        self,
        trigger: Trigger,
        handler: Handler,
        source: Source,
        layers: tuple[list[Callable[..., Any]], ...] = (),
        rescues: tuple[Mapping[Any, Handler], ...] = (),
    ) -> None:
        self.trigger: Trigger = trigger
        self.handler: Handler = handler
        self.source: Source = source
        # The middleware of each router around the route, outermost first: their own lists, which may still grow.
        self.layers: tuple[list[Callable[..., Any]], ...] = layers
        # What the engine needs for `once=`, None where the route does not have it; one that has is not `alone`.
        self.once: Any = None
        # The exception handlers of each router around it, likewise.
        self.rescues: tuple[Mapping[Any, Handler], ...] = rescues
        # Whether nothing can ever stand around the handler's calls but what the app has for all: the quick answer.
        self.alone: bool = not (layers or handler.dependencies or handler.streams)
        # The envelopes its events come in, outermost first.
        self.hops: tuple[Trigger, ...] = ()

    @property
    def outermost(self) -> Trigger:
        """The trigger of what Lambda gets: the route's own, or that of its first envelope."""
        return self.hops[0] if self.hops else self.trigger

    @property
    def middleware(self) -> list[Callable[..., Any]]:
        """The routers' middleware around this route, outermost first; the app's is outside of it."""
        return [middleware for layer in self.layers for middleware in layer]

    @property
    def name(self) -> str:
        """The handler's dotted name, `module.function`."""
        return self.handler.name

    @property
    def place(self) -> str:
        """Where the handler stands: `module.function (file.py:12)`."""
        return self.handler.place

    def __repr__(self) -> str:
        return f"<Route {self.trigger!r} -> {self.name}>"


class Routes:
    """The routes of one source in one app, in order of registration.

    A source with a better structure than a list (the HTTP router) subclasses this and refuses conflicts in `add`.
    """

    __slots__ = ("envelopes", "registry", "routes")

    # Those that are called once for all the records they take.
    whole: Sequence[Route] = ()

    def __init__(self, registry: Registry) -> None:
        self.registry: Registry = registry
        # The routes whose events come inside this source's records; None where there is none.
        self.envelopes: Enclosing | None = None
        self.routes: list[Route] = []

    def add(self, route: Route) -> None:
        """Take a route in. Raises `ConfigurationError` where it contradicts an earlier one."""
        self.routes.append(route)

    def __iter__(self) -> Iterator[Route]:
        return iter(self.routes)

    def __len__(self) -> int:
        return len(self.routes)


class Match:
    """One call to make: this route's handler, for this record.

    With `ready`, no handler is called: the outcome is that one (a 404, say), and only middleware still sees it; `route`
    is then None. `key` is the record's ordering key, which the engine asks the source for.
    """

    # No __slots__: one is made for every event, and CPython 3.13 takes 101 ns with them, 72 ns without.

    def __init__(self, route: Route | None, record: Any, ready: Outcome | None = None) -> None:
        self.route: Route | None = route
        self.record: Any = record
        self.ready: Outcome | None = ready
        self.key: str | None = None


class Outcome:
    """What came of one record at one route: `value`, or `error`; `route` is None where no route took the record."""

    __slots__ = ("error", "record", "route", "value")

    def __init__(
        self, record: Record, route: Route | None = None, value: Any = None, error: Exception | None = None
    ) -> None:
        self.record: Record = record
        self.route: Route | None = route
        self.value: Any = value
        self.error: Exception | None = error

    @property
    def status(self) -> str:
        """One of "ok", "declined", "skipped" and "failed"."""
        return "ok" if self.error is None else "failed"

    def __repr__(self) -> str:
        who = "nobody" if self.route is None else self.route.name
        return f"<{type(self).__name__} {self.record.id} {who} {self.status}: {self.error or self.value!r:.80}>"


class Declined(Outcome):
    """A route names where the record came from, and its filter said no: success, on purpose. `value` says why."""

    __slots__ = ()

    @property
    def status(self) -> str:
        """Always "declined"."""
        return "declined"


class Skipped(Outcome):
    """The route has `once=`, and handled the record before: success. `value` is the reply kept since then, or None."""

    __slots__ = ()

    @property
    def status(self) -> str:
        """Always "skipped"."""
        return "skipped"


class Answer(Outcome):
    """Known before any call, and nothing for the log: HTTP's 404s and preflights. `respond` makes a value of it."""

    __slots__ = ()


class Delivery:
    """A reply that travels through an API: `send` is called (and awaited) in time, then Lambda gets `reply`.

    `send` takes no arguments; where it raises, the invocation fails with that error.
    """

    __slots__ = ("reply", "send")

    def __init__(self, send: Callable[[], Awaitable[None] | None], reply: Any = None) -> None:
        self.send: Callable[[], Awaitable[None] | None] = send
        self.reply: Any = reply


class Completion:
    """The end of an invocation: the event's `name`, every `outcome`, and a `reply` or the `error` Lambda is to see."""

    __slots__ = ("error", "name", "outcomes", "reply")

    def __init__(
        self, name: str, outcomes: Sequence[Outcome] = (), reply: Any = None, error: Exception | None = None
    ) -> None:
        self.name: str = name
        self.outcomes: Sequence[Outcome] = outcomes
        self.reply: Any = reply
        self.error: Exception | None = error

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes that hold an error."""
        return failed_of(self.outcomes)

    def unwrap(self) -> Any:
        """Return the reply, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.reply

    def __repr__(self) -> str:
        end = f"error={self.error!r}" if self.error is not None else f"reply={self.reply!r:.80}"
        return f"<Completion {self.name} {list(self.outcomes)} {end}>"


def failed_of(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those that hold an error; the outcomes of a series know them."""
    known: list[Outcome] | None = getattr(outcomes, "failed", None)
    return [outcome for outcome in outcomes if outcome.error is not None] if known is None else known


def failure_of(outcomes: Sequence[Outcome]) -> Exception | None:
    """The one error of these outcomes as itself, several as a `BatchError`, none as None."""
    # Calls can fail with one shared error (a dependency of the invocation): it is told once.
    failed = failed_of(outcomes)
    errors = list({id(outcome.error): outcome.error for outcome in failed if outcome.error is not None}.values())
    if len(errors) > 1:
        return BatchError(f"{len(failed)} of {len(outcomes)} calls failed", errors)
    return errors[0] if errors else None
