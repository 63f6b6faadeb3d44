"""The authorizer source: which guard runs, and what it answers."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.guard import is_unmistakable
from lambdarouter.core.http import GUARD_KEY, PRINCIPAL_KEY, Allow, Deny, GuardedRoutes, plan_guard, status_of
from lambdarouter.core.route import Match, Outcome, Routes
from lambdarouter.core.signature import name_of
from lambdarouter.core.source import Source
from lambdarouter.core.trigger import Trigger
from lambdarouter.errors import ConfigurationError, HttpError, NoRouteError, Unauthorized
from lambdarouter.sources.authorizer.policy import Coverage
from lambdarouter.sources.authorizer.request import REQUESTS, AuthorizerRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lambdarouter.core.handler import Handler
    from lambdarouter.core.route import Registry, Route
    from lambdarouter.core.view import View

__all__ = ["AuthorizerRoutes", "AuthorizerSource", "AuthorizerTrigger"]


class AuthorizerRoutes(Routes):
    """The authorizers of an app, and what each covers."""

    __slots__ = ("_coverage",)

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._coverage: dict[Any, Coverage] = {}

    def add(self, route: Route) -> None:
        """Take an authorizer in. Its name is its stamp, so two of one name would open each other's routes."""
        for other in self.routes:
            if name_of(other.handler.fn) == name_of(route.handler.fn):
                msg = f"{other.place} is registered as an authorizer already; a guard's name says which one it is"
                raise ConfigurationError(msg)
        super().add(route)

    def select(self, request: AuthorizerRequest) -> Route:
        """The authorizer for this request. Raises `NoRouteError`: API Gateway then refuses, and keeps nothing."""
        method, path = request.method, request.encoded_path  # an ARN that is none is refused whatever the routes
        for table in self.registry.tables(GuardedRoutes):
            guard, params = table.guard_for(method, path)
            if guard is not None:
                request.path_params = params  # as in process: those of the route, not of API Gateway's resource
                for route in self.routes:
                    if route.handler.fn == guard:  # equal, not identical: a bound method is a new object each time
                        return route
                msg = (
                    f"{request.method} {request.path} is guarded by {name_of(guard)}, which @app.authorizer() does not "
                    "register: refused"
                )
                raise NoRouteError(msg)
        if len(self.routes) == 1:
            return self.routes[0]
        if not self.routes:
            msg = f"no authorizer for {request.method} {request.path}: register one with @app.authorizer()"
            raise NoRouteError(msg)
        names = ", ".join(route.name for route in self.routes)
        msg = (
            f"{request.method} {request.path} is no guarded route of this app, and which of its authorizers "
            f"({names}) is meant, nobody can tell: refused. Guard the route with auth=, or split the app"
        )
        raise NoRouteError(msg)

    def coverage(self, route: Route) -> Coverage:
        """What this authorizer's Allow covers; reckoned once, as routes are registered while the app is imported."""
        tables = self.registry.tables(GuardedRoutes)
        key = (route.handler.fn, sum(map(len, tables)))
        found = self._coverage.get(key)
        if found is None:
            patterns = [pattern for table in tables for pattern in table.patterns()]
            covers = route.trigger.covers  # type: ignore[attr-defined]
            found = self._coverage[key] = Coverage(route.handler.fn, patterns, covers)
        return found


# A WebSocket API asks when a client connects, and only then: the routes of an HTTP API mean nothing to it, and its
# limit for the whole reply is firm.
_WEBSOCKET = Coverage(None, (), ())
_WEBSOCKET_LIMIT = 8 * 1024


class AuthorizerSource(Source):
    """Authorizer events: exactly one guard answers, and whatever goes wrong refuses the request."""

    names: tuple[str, ...] = tuple(REQUESTS)
    decorator = "@app.authorizer()"
    record: type[View] = AuthorizerRequest
    routes: type[Routes] = AuthorizerRoutes

    def parse(self, event: Any, name: str) -> AuthorizerRequest:
        """The request that is to be judged."""
        return REQUESTS[name](event)

    def split(self, event: AuthorizerRequest) -> Sequence[AuthorizerRequest]:
        """The request is the one record."""
        return (event,)

    def match(self, record: AuthorizerRequest, routes: AuthorizerRoutes) -> Sequence[Match | Outcome]:
        """The guard of the route that the event's ARN names."""
        record.routes = routes
        return (Match(routes.select(record), record),)

    def result(self, match: Match, value: Any) -> Allow | Deny:
        """A verdict; anything else a guard returns lets nobody in."""
        if isinstance(value, (Allow, Deny)):
            return value
        name = "" if match.route is None else match.route.name
        msg = f"the authorizer {name} returned {type(value).__name__}; a verdict is Allow(...) or Deny()"
        raise TypeError(msg)

    def settled(self, match: Match, outcome: Outcome) -> Outcome:
        """With an error, or a verdict."""
        if outcome.error is None:
            self.result(match, outcome.value)
        return outcome

    def respond(self, event: AuthorizerRequest, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """The verdict as API Gateway wants it, or an error, at which it refuses with 500 and keeps nothing."""
        outcome = outcomes[0]
        verdict, error = outcome.value, outcome.error
        if isinstance(error, HttpError) and error.status == 403:  # noqa: PLR2004 - said on purpose
            verdict = Deny()
        elif isinstance(error, HttpError) and error.status == 401:  # noqa: PLR2004
            # API Gateway answers 401 to this message alone.
            raise Unauthorized from error
        elif error is not None:
            raise error
        assert outcome.route is not None  # noqa: S101 - who is refused without a route has an error
        return self._reply(event, outcome.route, verdict)

    def reports(self, outcome: Outcome) -> bool:
        """Not a refusal that was meant."""
        return outcome.error is None or status_of(outcome.error) >= 500  # noqa: PLR2004

    def _reply(self, request: AuthorizerRequest, route: Route, verdict: Allow | Deny) -> dict[str, Any]:
        assert isinstance(request.routes, AuthorizerRoutes)  # noqa: S101 - set by match
        websocket = not request.method
        coverage = _WEBSOCKET if websocket else request.routes.coverage(route)
        allowed = isinstance(verdict, Allow)
        context = dict(verdict.context)
        principal = verdict.principal if isinstance(verdict, Allow) else "denied"
        if allowed:
            # In place of whatever the guard says there: what a stamp says has to be so.
            name = name_of(route.handler.fn) if is_unmistakable(route.handler.fn) else ""
            context |= {GUARD_KEY: name, PRINCIPAL_KEY: principal}
        simple = route.trigger.simple and "routeArn" in request.raw  # type: ignore[attr-defined]
        if simple:
            return {"isAuthorized": allowed, "context": context}
        for name, value in context.items():
            if not isinstance(value, (str, int, float)):
                msg = (
                    f"{route.name}: the context value {name!r} is a {type(value).__name__}; through a policy API "
                    "Gateway takes strings, numbers and booleans only: write it with json.dumps"
                )
                raise TypeError(msg)
        asked = request.arn[len(request.api) + 1 :]
        policy = coverage.policy(request.api, asked, allow=allowed)
        reply = {"principalId": principal, "policyDocument": policy, "context": context}
        if websocket:
            size = len(codec.encode(reply).encode())
            if size > _WEBSOCKET_LIMIT:
                msg = (
                    f"{route.name}: the verdict has {size} bytes as JSON, and a WebSocket API takes {_WEBSOCKET_LIMIT}"
                    ": put less into the context"
                )
                raise ValueError(msg)
        return reply

    def plan(self, fn: Callable[..., Any], trigger: Trigger) -> Handler:
        """The plan that guards share with requests in process."""
        return plan_guard(fn)


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class AuthorizerTrigger(Trigger):
    """`@app.authorizer()`: answer API Gateway's authorizer events, and guard routes with `auth=`.

    `simple`: answer payload 2.0 with `{"isAuthorized": ...}`, for authorizers with simple responses enabled; a policy
    otherwise. `covers`: routes of other functions that an Allow is good for too, as "METHOD /path" with `*` for any
    text: "GET /reports/*".
    """

    __slots__ = ("covers", "simple")

    source: type[Source] = AuthorizerSource

    def __init__(self, *, simple: bool = False, covers: Sequence[str] = ()) -> None:
        super().__init__()
        self.simple: bool = simple
        several = [covers] if isinstance(covers, str) else covers
        for resource in several:
            method, _, path = resource.partition(" ")
            if (method not in _METHODS and "*" not in method) or not path.startswith("/") or "?" in path:
                msg = (
                    f'covers holds {resource!r}; it is "METHOD /path" with * for any text or method, such as '
                    '"GET /reports/*"'
                )
                raise ConfigurationError(msg)
        self.covers: list[str] = [resource.replace(" ", "", 1) for resource in several]

    def describe(self) -> str:
        """How it answers."""
        return "simple" if self.simple else "policy"
