"""The HTTP source and its trigger."""

from __future__ import annotations

from functools import partial

from lambdarouter.core.http import (
    Allow,
    Body,
    Cookie,
    Header,
    Path,
    Query,
    named_getter,
    provide_marked,
)
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.route import Match, Outcome
from lambdarouter.core.scalar import is_list, is_scalar, members_of
from lambdarouter.core.signature import return_type
from lambdarouter.core.source import Source, is_payload, payload_getter
from lambdarouter.core.trigger import Trigger
from lambdarouter.errors import ConfigurationError, HttpError, InvalidPayloadError
from lambdarouter.sources.http.described import Described
from lambdarouter.sources.http.gateways import GATEWAYS, HttpRequest
from lambdarouter.sources.http.guard import Guard
from lambdarouter.sources.http.response import JSON_HEADERS, Response, problem, to_response
from lambdarouter.sources.http.router import HttpRoutes, parse_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from typing import Any, Concatenate, ParamSpec

    from lambdarouter.core.handler import Getter, Handler
    from lambdarouter.core.http import Deny
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter

    P = ParamSpec("P")

__all__ = ["HttpSource", "HttpTrigger", "delete", "get", "head", "options", "patch", "post", "put"]

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_MARKS = (Header, Query, Cookie, Path)


class HttpSource(Source):
    """Requests, whichever gateway they come through: one handler answers."""

    names = tuple(GATEWAYS)
    decorator = "@app.route(path)"
    record = HttpRequest
    routes = HttpRoutes
    wraps_unmatched = True

    def parse(self, event: Any, name: str) -> HttpRequest:
        """The request, as its gateway tells it."""
        return GATEWAYS[name](event)

    def split(self, event: HttpRequest) -> Sequence[HttpRequest]:
        """The request is the one record."""
        return (event,)

    def match(self, record: HttpRequest, routes: HttpRoutes) -> Sequence[Match | Outcome]:
        """The route of method and path, or 404, or 405 with Allow."""
        record.debug = routes.registry.settings.debug
        try:
            segments = record.segments()
        except ValueError:
            return (Outcome(record, error=HttpError(400, "the path is not UTF-8")),)
        method = record.method
        if segments is None:
            route, params, allowed = routes.find(method, record.path)
        else:
            route, params, allowed = routes.find_segments(method, segments)
        if route is not None:
            record.path_params = params
            return (Match(route, record),)
        error = HttpError(405, headers={"allow": ", ".join(sorted(allowed))}) if allowed else HttpError(404)
        return (Outcome(record, error=error),)

    def result(self, match: Match, value: Any) -> Response:
        """The handler's value as a response, within the gateway's limit of size."""
        route: Any = match.route
        response = (
            to_response(value, None, None)
            if route is None
            else to_response(value, route.trigger.status, route.handler.write)
        )
        body, record = response.body, match.record
        # A character takes twelve bytes of the reply at most ("\\ud83d\\ude00"): a short body fits, whatever is in it.
        if response.headers is not JSON_HEADERS or (body is not None and len(body) > record.limit // 13):
            record.check(response)
        return response

    def respond(self, event: HttpRequest, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """The gateway's reply; an error is a problem document."""
        outcome = outcomes[0]
        response = outcome.value
        if outcome.error is not None:
            response = problem(outcome.error, event.id, debug=event.debug)
        return event.answer(response)

    def reports(self, outcome: Outcome) -> bool:
        """What the client did wrong is not for the log."""
        error = outcome.error
        return not (isinstance(error, InvalidPayloadError) or (isinstance(error, HttpError) and error.status < 500))  # noqa: PLR2004

    def plan(self, fn: Callable[..., Any], trigger: Trigger) -> Handler:
        """Plan the handler, with the guard before everything else it depends on."""
        handler = super().plan(fn, trigger)
        assert isinstance(trigger, HttpTrigger)  # noqa: S101 - its decorator made it
        handler.write = _writer(return_type(fn))
        if trigger.auth is not None:
            guard = Guard(trigger.auth)
            # What the guard itself depends on is made when it runs: not where API Gateway has run it.
            handler.dependencies = (guard, *handler.dependencies)
        return handler

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """Framework types, marks, path parameters, query parameters, and the body."""
        assert isinstance(trigger, HttpTrigger)  # noqa: S101
        marker = parameter.marker
        if marker is None:
            return _by_type(parameter, trigger)
        if isinstance(marker, Body):
            return _body(parameter)
        if isinstance(marker, Path) and (marker.name or parameter.name) not in trigger.parameters:
            msg = f"the parameter {parameter.name!r} is marked as Path, but {trigger.path!r} has no such parameter"
            raise ConfigurationError(msg)
        return provide_marked(parameter, _MARKS)

    def choices(self) -> str:
        """What a parameter may be."""
        return (
            "a name in the path, a query parameter (annotated as a scalar), the JSON body (annotated as a model or a "
            "dict), Request, Context, Allow (with auth=), or Annotated[T, Header() | Cookie() | Depends(f) | …]"
        )


def _by_type(parameter: Parameter, trigger: HttpTrigger) -> Getter | None:
    """What an unmarked parameter is: by its type, by its name in the path, else query or body."""
    wanted = parameter.annotation
    if isinstance(wanted, type) and issubclass(HttpRequest, wanted) and wanted is not object:
        parameter.where = "record"
        return lambda match, invocation: match.record
    if members_of(wanted) == (Allow,):
        if trigger.auth is None:
            msg = f"the parameter {parameter.name!r} is an Allow, which only a guard gives: set auth= on the route"
            raise ConfigurationError(msg)
        return _auth
    if parameter.name in trigger.parameters:
        return named_getter(parameter, "path", parameter.name)
    if is_scalar(wanted) or is_list(wanted):
        return named_getter(parameter, "query", parameter.name)
    return None if wanted is EMPTY else _body(parameter)


def _auth(match: Match, invocation: Invocation) -> Any:
    return match.record.auth


def _body(parameter: Parameter) -> Getter | None:
    """The body, as JSON or as it comes: 415 where JSON is wanted and something else sent, the default if empty."""
    wanted = parameter.annotation
    attribute = "text" if wanted is str else "body" if wanted is bytes else "content"
    parse = payload_getter(parameter, attribute, "body")
    if parse is None:
        return None
    parameter.where = "body"
    default, is_json = parameter.default, attribute == "content"

    def body(match: Match, invocation: Invocation) -> Any:
        request = match.record
        if not request.content and (is_json or default is not EMPTY):
            if default is not EMPTY:
                return default
            msg = "body: Field required"
            raise InvalidPayloadError(msg, [{"loc": ("body",), "msg": "Field required", "type": "missing"}])
        media = request.media_type
        if is_json and media is not None and not _is_json(media):
            raise HttpError(415, f"the body is {media:.100}; this route takes application/json")
        return parse(match, invocation)

    return body


def _is_json(media: str) -> bool:
    if media == "application/json":
        return True
    kind = media.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _writer(returns: Any) -> Callable[[Any], str | None] | None:
    """The JSON of a declared return type, or None where the value itself says enough."""
    union = members_of(returns)
    members = [member for member in union if not (isinstance(member, type) and issubclass(member, Response))]
    if returns is EMPTY or all(map(_is_plain, members)):
        return None
    # A Response is sent as it is, and None is no content: what is left is what JSON is written for.
    declared = members[0]
    for member in members[1:]:
        declared = declared | member
    optional = union != (returns,) and type(None) in returns.__args__
    if not is_payload(declared):
        msg = f"the declared return type {returns!r} has no JSON form: return a model, a dataclass, data or a Response"
        raise ConfigurationError(msg)
    write = None

    def lazily(value: Any) -> str | None:
        nonlocal write
        if value is None and optional:
            return None
        if write is None:
            from lambdarouter.core import binding  # noqa: PLC0415 - pydantic: only where it is needed

            write = binding.reply_writer(declared)
        return write(value)

    return lazily


def _is_plain(annotation: Any) -> bool:
    """Whether values of this type are JSON as they are, so that pydantic would change nothing."""
    if getattr(annotation, "__origin__", None) in (dict, list):
        return all(_is_plain(member) for item in annotation.__args__ for member in members_of(item))
    return annotation in _PLAIN or getattr(annotation, "__name__", "") == "Any"


_PLAIN = (dict, list, str, bytes, int, float, bool, None, type(None), object)


class HttpTrigger(Trigger):
    """`@app.route("/orders/{order_id}", methods=["GET"])`, and one decorator for each method: `@app.get(path)`.

    `path`: segments, each literal or a parameter `{name}`; empty for a router's prefix itself. `status`: of replies
    that are no `Response`; 200, or 204 for None, by default. `auth`: the authorizer function that guards the route.

    For the OpenAPI document alone: `tags`, `summary` (else the docstring's first line), `deprecated`, `operation_id`
    (else the function's name), `responses` (replies that the signature does not tell: a status to a description of its
    problem document, or to the type of its JSON), `documented=False` to leave the route out.
    """

    __slots__ = ("auth", "described", "methods", "parameters", "path", "status")

    source = HttpSource

    def __init__(
        self,
        path: str,
        methods: Sequence[str] = ("GET",),
        *,
        status: int | None = None,
        auth: Callable[..., Allow | Deny | Awaitable[Allow | Deny]] | None = None,
        tags: Sequence[str] = (),
        summary: str | None = None,
        deprecated: bool = False,
        operation_id: str | None = None,
        responses: Mapping[int, Any] | None = None,
        documented: bool = True,
    ) -> None:
        super().__init__()
        self.described = Described(
            tags=tags,
            summary=summary,
            deprecated=deprecated,
            operation_id=operation_id,
            responses=responses,
            documented=documented,
        )
        # An empty path is the prefix of a router itself; without one, the router refuses it.
        self.parameters = {name for name, is_parameter in (parse_path(path) if path else ()) if is_parameter}
        if isinstance(methods, str) or not methods:
            msg = f'methods is {methods!r}; it is a list such as ["GET", "POST"]'
            raise ConfigurationError(msg)
        unknown = [method for method in methods if method not in _METHODS]
        if unknown:
            msg = f"unknown method {unknown[0]!r}; methods are {', '.join(_METHODS)}, in upper case"
            raise ConfigurationError(msg)
        if status is not None and not (isinstance(status, int) and 200 <= status <= 599):  # noqa: PLR2004 - HTTP's final statuses
            msg = f"status is {status!r}; a reply's status is 200 to 599"
            raise ConfigurationError(msg)
        if auth is not None and not callable(auth):
            msg = f"auth is {auth!r}; it is the function that @app.authorizer() registers, itself"
            raise ConfigurationError(msg)
        self.path = path
        self.methods = tuple(dict.fromkeys(methods))
        self.status = status
        self.auth = auth

    def prefixed(self, prefix: str) -> HttpTrigger:
        """The same route under a prefix."""
        twin = HttpTrigger(prefix + self.path, self.methods, status=self.status, auth=self.auth)
        twin.described = self.described
        return twin

    def describe(self) -> str:
        """Methods and path."""
        return f"{'|'.join(self.methods)} {self.path}"


def _verb(
    trigger: Callable[Concatenate[str, Sequence[str], P], HttpTrigger], method: str
) -> Callable[Concatenate[str, P], HttpTrigger]:
    """The trigger with its method fixed; the other options stay as they are, for type checkers too."""

    def of(path: str, /, *args: P.args, **options: P.kwargs) -> HttpTrigger:
        return trigger(path, (method,), *args, **options)

    of.__name__ = of.__qualname__ = method.lower()
    of.__doc__ = f"`@app.{method.lower()}(path)`: answer {method} requests. Options as for `@app.route`."
    # What inspect.signature and help show.
    of.__wrapped__ = partial(trigger, methods=(method,))  # type: ignore[attr-defined,arg-type]
    return of


get = _verb(HttpTrigger, "GET")
post = _verb(HttpTrigger, "POST")
put = _verb(HttpTrigger, "PUT")
patch = _verb(HttpTrigger, "PATCH")
delete = _verb(HttpTrigger, "DELETE")
head = _verb(HttpTrigger, "HEAD")
options = _verb(HttpTrigger, "OPTIONS")
