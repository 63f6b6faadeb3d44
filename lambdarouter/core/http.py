"""What the sources that speak HTTP share: requests, headers, the marks of parameters, verdicts, guarded routes."""

from __future__ import annotations

from lambdarouter.core.handler import plan
from lambdarouter.core.parameter import EMPTY, Marker
from lambdarouter.core.request import Request
from lambdarouter.core.route import Routes
from lambdarouter.core.scalar import is_list, text_converter
from lambdarouter.errors import (
    ConfigurationError,
    DeadlineExceeded,
    HttpError,
    InvalidPayloadError,
    MalformedPayloadError,
    Unauthorized,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Never

    from lambdarouter.core.handler import Getter, Handler
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match

__all__ = [
    "GUARD_KEY",
    "PRINCIPAL_KEY",
    "Allow",
    "Body",
    "Cookie",
    "Deny",
    "GuardedRoutes",
    "Header",
    "Named",
    "Path",
    "Query",
    "check_guard",
    "named_getter",
    "plan_guard",
    "provide_marked",
    "stamp_of",
    "status_of",
]

# A guard's stamp: API Gateway hands an authorizer's context on to the route, where these say who allowed whom.
GUARD_KEY = "lambdarouter_guard"
PRINCIPAL_KEY = "lambdarouter_principal"


class Named(Marker):
    """A mark that may rename: `Annotated[str, Header("x-request-id")]`."""

    __slots__ = ("name",)

    def __init__(self, name: str | None = None, **options: Never) -> None:
        if options or not isinstance(name, (str, type(None))):
            kind, sent = type(self).__name__, options.get("alias", "q")
            given = ", ".join(f"{option}={options[option]!r:.60}" for option in options) or repr(name)
            msg = (
                f"{kind}({given}): its one argument is the name that is sent, {kind}({sent!r}). What values are "
                f"allowed is for pydantic's Field, Annotated[int, {kind}(), Field(ge=1)], and a default is the "
                "parameter's own"
            )
            raise ConfigurationError(msg)
        self.name: str | None = name


class Header(Named):
    """The parameter is a header; by default of its own name with `-` for `_`. A list takes every value."""

    __slots__ = ()


class Query(Named):
    """The parameter is a query parameter. A list takes every value."""

    __slots__ = ()


class Path(Named):
    """The parameter is a path parameter: `{name}` in the route's path."""

    __slots__ = ()


class Cookie(Named):
    """The parameter is a cookie."""

    __slots__ = ()


class Body(Marker):
    """The parameter is the request's body, where its type alone would make it a query parameter."""

    __slots__ = ()


class Allow:
    """An authorizer's yes: who it is, and what routes may know of them.

    `context` values arrive at the route: as `request.auth.context` and, through API Gateway, in the event. Strings,
    numbers and booleans work everywhere (REST and WebSocket APIs hand all of them on as strings); lists and objects
    only from an HTTP API's simple response and in process.
    """

    __slots__ = ("context", "principal")

    def __init__(self, principal: str, /, **context: Any) -> None:
        if not isinstance(principal, str):
            msg = f"Allow() takes the principal's name as a str, not {type(principal).__name__}"
            raise TypeError(msg)
        self.principal: str = principal
        self.context: dict[str, Any] = context

    def __repr__(self) -> str:
        return f"Allow({self.principal!r}, {', '.join(self.context)})"


class Deny:
    """An authorizer's no: 403. Raise `Unauthorized` for 401. `context` reaches the gateway's access logs."""

    __slots__ = ("context",)

    def __init__(self, **context: Any) -> None:
        self.context: dict[str, Any] = context

    def __repr__(self) -> str:
        return "Deny()"


def stamp_of(context: object, guard: str) -> Allow | None:
    """The verdict of this guard in an authorizer's context, where API Gateway had it decide; else None."""
    if not isinstance(context, dict) or context.get(GUARD_KEY) != guard:
        return None
    ours = (GUARD_KEY, PRINCIPAL_KEY, "principalId", "integrationLatency", "integrationStatus")
    return Allow(str(context.get(PRINCIPAL_KEY, "")), **{k: v for k, v in context.items() if k not in ours})


def status_of(error: Exception) -> int:
    """The status that an error is answered with."""
    if isinstance(error, HttpError):
        return error.status
    if isinstance(error, InvalidPayloadError):
        return 400 if isinstance(error, MalformedPayloadError) else 422
    return 504 if isinstance(error, DeadlineExceeded) else 500


def check_guard(auth: Any, *, public: bool = False) -> None:
    """Raise `ConfigurationError` for what is no guard, and for a route that has one and is to be open."""
    if auth is not None and not callable(auth):
        msg = f"auth is {auth!r}; it is the function that @app.authorizer() registers, itself"
        raise ConfigurationError(msg)
    if type(public) is not bool:
        msg = f"public is {public!r}; it is True or False"
        raise ConfigurationError(msg)
    if public and auth is not None:
        msg = "the route has public=True and a guard (auth=): it is the one or the other"
        raise ConfigurationError(msg)


class GuardedRoutes(Routes):
    """Routes behind guards, as an authorizer needs to see them."""

    def guard_for(self, method: str, path: str) -> tuple[Callable[..., Any] | None, Mapping[str, str]]:
        """(guard, path parameters) of the route that answers this request; None where it has none, or there is none.

        `path` is percent-encoded, as ARNs have it: an encoded slash does not part segments.
        """
        raise NotImplementedError

    def patterns(self) -> Iterable[tuple[Callable[..., Any] | None, str, str]]:
        """(guard, method, path) of every request that is answered; path parameters are written as IAM's wildcard `*`.

        One that takes the rest of the path, which may be empty, is written `**`.
        """
        raise NotImplementedError


def plan_guard(fn: Callable[..., Any]) -> Handler:
    """Plan an authorizer function: one plan, for API Gateway's authorizer events and for requests in process."""
    return plan(
        fn,
        _provide_to_guard,
        choices="Request, Context, Annotated[T, Header() | Query() | Cookie() | Path() | Depends(f)]",
    )


def _provide_to_guard(parameter: Parameter) -> Getter | None:
    wanted = parameter.annotation
    if parameter.marker is None:
        if (wanted is EMPTY and parameter.required) or (isinstance(wanted, type) and issubclass(Request, wanted)):
            parameter.where = "record"
            return lambda match, invocation: match.record
        return None
    getter = provide_marked(parameter, (Header, Query, Cookie, Path))
    return None if getter is None else _credential(getter)


def _credential(getter: Getter) -> Getter:
    """A credential that is missing or unreadable is not the request's mistake (422) but no credential: 401."""

    def credential(match: Match, invocation: Invocation) -> Any:
        try:
            return getter(match, invocation)
        except InvalidPayloadError as error:
            raise Unauthorized(str(error)) from error

    return credential


def provide_marked(parameter: Parameter, marks: tuple[type[Marker], ...]) -> Getter | None:
    """The getter of a parameter marked as header, query, path or cookie; `marks` are those the source has."""
    marker = parameter.marker
    if not isinstance(marker, Named) or not isinstance(marker, marks):
        return None
    kind = type(marker).__name__.lower()
    default_name = parameter.name.replace("_", "-") if kind == "header" else parameter.name
    return named_getter(parameter, kind, marker.name or default_name)


_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "header": lambda record, name: record.headers.get(name),
    "query": lambda record, name: record.query.get(name),
    "cookie": lambda record, name: record.cookies.get(name),
    "path": lambda record, name: record.path_params.get(name),
    "form": lambda record, name: record.form().get(name),
}
_LIST_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "header": lambda record, name: record.headers.all(name) or None,
    "query": lambda record, name: record.query.all(name) or None,
    "form": lambda record, name: record.form().all(name) or None,
}


def named_getter(parameter: Parameter, kind: str, name: str) -> Getter:
    """Read `name` from the record's headers, query, cookies or path parameters and convert it."""
    parameter.where, parameter.alias = kind, name
    several = is_list(parameter.annotation)
    read = (_LIST_READERS if several else _READERS).get(kind)
    if read is None:
        msg = f"the parameter {parameter.name!r} is a list, but a {kind} has one value"
        raise ConfigurationError(msg)
    convert = text_converter(parameter.declared if parameter.declared is not EMPTY else str, (kind, name))
    default = parameter.default

    def get(match: Match, invocation: Invocation) -> Any:
        text = read(match.record, name)
        if text is not None:
            return convert(text)
        if default is not EMPTY:
            return default
        msg = f"{kind}.{name}: Field required"
        raise InvalidPayloadError(msg, [{"loc": (kind, name), "msg": "Field required", "type": "missing"}])

    return get
