"""Which source takes which event, and the routes each source has in one app."""

from __future__ import annotations

from lambdarouter import sources
from lambdarouter.core.handler import depend
from lambdarouter.core.route import Route
from lambdarouter.core.signature import place_of
from lambdarouter.core.trigger import Trigger
from lambdarouter.errors import ConfigurationError, UnknownEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeVar

    from lambdarouter.core.handler import Dependency, Handler
    from lambdarouter.core.parameter import Depends
    from lambdarouter.core.route import Routes, Settings
    from lambdarouter.core.source import Source

    R = TypeVar("R", bound=Routes)

__all__ = ["Registrar"]


class Registrar:
    """The routes of an app by source. One instance of a source class serves all its routes."""

    __slots__ = ("_named", "_routes", "_taken", "direct", "settings", "shared")

    def __init__(self, settings: Settings) -> None:
        self.settings: Settings = settings
        self._routes: dict[type[Source], tuple[Source, Routes]] = {}
        # (name, source, routes) by the event's name; in `direct` where the name alone decides, and the source does
        # nothing before it matches.
        self._named: dict[str, tuple[str, Source, Routes]] = {}
        self.direct: dict[str, tuple[str, Source, Routes]] = {}
        # Dependencies with scope="app", in order of registration.
        self.shared: dict[Any, Dependency] = {}
        # The ids of every route's trigger and function, which the route keeps alive.
        self._taken: set[tuple[int, int]] = set()

    def add(
        self,
        trigger: Trigger,
        fn: Callable[..., Any],
        layers: tuple[list[Callable[..., Any]], ...],
        rescues: tuple[Mapping[Any, Handler], ...],
        dependencies: Sequence[Depends] = (),
    ) -> Route:
        """Plan a handler and take its route in. A `ConfigurationError` names the function, its file and line.

        `dependencies` are made before the handler's own, and after its guard.
        """
        if (id(trigger), id(fn)) in self._taken:
            # Under a second prefix, what has a path is another trigger; all else would be handled twice.
            msg = (
                f"{trigger!r} is registered with this handler already, which a router included twice does: include it "
                "once. HTTP routes that need a second prefix go into a router of their own"
            )
            raise ConfigurationError(msg, place_of(fn))
        source, routes = self._enter(trigger.source)
        try:
            handler = source.plan(fn, trigger)
            if dependencies:
                depend(handler, dependencies, lambda parameter: source.provide(parameter, trigger), source.choices())
            own = trigger.layer()
            route = Route(trigger, handler, source, layers if own is None else (*layers, [own]), rescues)
            if trigger.once is not None:
                from lambdarouter.engine.once import protect  # noqa: PLC0415 - only for routes that ask for it

                namesakes = sum(other.once is not None and other.name == route.name for other in self.all())
                route.once, route.alone = protect(route, self.settings, namesakes), False
            if trigger.via:
                self._enclose(route)
            else:
                routes.add(route)
        except ConfigurationError as error:
            error.where = error.where or place_of(fn)
            raise
        self._taken.add((id(trigger), id(fn)))
        for name in source.adopts:
            if name not in self._named or not len(self._named[name][2]):
                self._name(name, source, routes)
        self._share(handler)
        return route

    def _share(self, handler: Handler) -> None:
        for dependency in handler.dependencies:
            for inner in (*dependency.handler.dependencies, dependency):
                if inner.scope == "app":
                    self.shared.setdefault(inner.key, inner)

    def share_anew(self) -> None:
        """Find out once more what is made for the app, after handlers have come to depend on something else."""
        self.shared.clear()
        for route in self.all():
            self._share(route.handler)

    def _enclose(self, route: Route) -> None:
        """Keep a route with the source of its outermost envelope."""
        route.hops = tuple(hop if isinstance(hop, Trigger) else _trigger(hop) for hop in route.trigger.via)
        for hop in route.hops:
            if not hop.source.encloses:
                msg = f"via names {hop!r}, whose records hold no events of other sources; those of {_enclosing()} do"
                raise ConfigurationError(msg)
        handler = route.handler
        every = [*handler.parameters, *(p for each in handler.dependencies for p in each.handler.parameters)]
        other = next((parameter.name for parameter in every if parameter.where in ("event", "batch", "window")), None)
        if other is not None:
            msg = f"the parameter {other!r} is of the whole event, which with via= is another source's: take the record"
            raise ConfigurationError(msg)
        outer = self._enter(route.hops[0].source)[1]
        if outer.envelopes is None:
            from lambdarouter.engine.envelope import Envelopes  # noqa: PLC0415 - only where something is enclosed

            outer.envelopes = Envelopes()
        outer.envelopes.add(route)

    def _enter(self, kind: type[Source]) -> tuple[Source, Routes]:
        entry = self._routes.get(kind)
        if entry is None:
            source = kind()
            entry = self._routes[kind] = (source, kind.routes(self))
            for name in kind.names:
                other = self._named.get(name)
                if other is None or name in other[1].adopts:  # only until its own room has a route
                    self._name(name, *entry)
                else:
                    msg = f"{kind.__name__} and {type(other[1]).__name__} both take {name!r} events: an app has one"
                    del self._routes[kind]
                    raise ConfigurationError(msg)
        return entry

    def _name(self, name: str, source: Source, routes: Routes) -> None:
        self._named[name] = entry = (name, source, routes)
        if name == "invoke" or source.prepares or source.reserve:
            self.direct.pop(name, None)
        else:
            self.direct[name] = entry

    def tables(self, kind: type[R]) -> list[R]:
        """The routes of every source that keeps them so: how an authorizer finds what HTTP guards."""
        return [routes for _, routes in self._routes.values() if isinstance(routes, kind)]

    def find(self, name: str, event: Any) -> tuple[str, Source, Routes]:
        """The source and routes that take the event classified as `name`, and its name (a third-party source's own).

        Raises `UnknownEventError`.
        """
        if name == "invoke":
            for source, routes in self._routes.values():
                if source.recognises(event):
                    return source.names[0] if source.names else name, source, routes
        entry = self._named.get(name)
        if entry is None:
            room = sources.source_of(name)
            if room is None:  # the one name that is no App's: a test says so
                raise UnknownEventError(_DURABLE)
            # Made for the event, and not kept: events of several threads would enter the room at the same time.
            return name, room(), room.routes(self)
        return entry

    def all(self) -> list[Route]:
        """Every route of the app, source by source."""
        found: list[Route] = []
        for _, routes in self._routes.values():
            found += [*routes, *(() if routes.envelopes is None else routes.envelopes.routes)]
        return found


def _trigger(hop: str) -> Trigger:
    """The trigger of a hop such as "sqs:uploads-queue"."""
    room, _, name = hop.partition(":")
    if room not in sources.ROOMS:
        msg = f"via names {hop!r}, and there is no source {room!r}; those that hold events of others are {_enclosing()}"
        raise ConfigurationError(msg)
    made: Any = getattr(getattr(sources, room), sources.ROOMS[room][0].removesuffix("Source") + "Trigger")
    try:
        trigger: Trigger = made(name)
    except TypeError as error:
        msg = f"via names {hop!r}, which is not enough for @app.{room}: {error}"
        raise ConfigurationError(msg) from None
    return trigger


def _enclosing() -> str:
    """The rooms whose records may hold events of other sources, for messages."""
    return ", ".join(
        room for room, (source, _) in sources.ROOMS.items() if getattr(getattr(sources, room), source).encloses
    )


_DURABLE = (
    "this is an invocation of a durable function: it needs AWS's durable execution SDK as its handler "
    "(aws-durable-execution-sdk-python), not an App"
)
