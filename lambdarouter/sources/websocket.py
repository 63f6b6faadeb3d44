"""WebSocket APIs: a handler for each route, and the connection to answer on.

::

    @app.websocket("$connect", auth=staff)
    def connect(connection: Connection, room: str = "lobby") -> None: ...


    @app.websocket("order")
    def take(order: Order, connection: Connection) -> None:
        connection.send({"taken": order.id})

A route key is one of the API's: `$connect`, `$disconnect`, `$default`, or what the API's route selection expression
finds in a message. A message of a route that no handler has goes to `$default`.

**Parameters.** In the handlers of messages, the one remaining parameter is the message: `str` as it came, anything else
as validated JSON. In those of `$connect`, scalars are query parameters. `Connection`, `WebSocketRequest`, `Identity`,
`Context` and, behind a guard, `Allow` are passed by their type; headers, cookies and the query are there when a client
connects, and marked.

**Refusing.** In `$connect`, raising `HttpError` (401, 403, 404 …) refuses the client with that status; so does a guard,
and a `$connect` that no handler has. `subprotocols` names those the handler speaks, best first: the first that the
client offers is agreed upon.

**Replies.** What a handler returns reaches the client only where its route has a route response: text as it is,
anything else as JSON. `connection.send` reaches it always.

Delivery: synchronous, exactly one handler, no retries. A handler that fails is 500, and logged: the client gets an
"Internal server error", and stays connected. `$disconnect` comes after the connection is gone, most times.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html
"""

from __future__ import annotations

from binascii import Error as Base64Error, a2b_base64

from lambdarouter.core import codec
from lambdarouter.core.check import nearest
from lambdarouter.core.connection import Connection
from lambdarouter.core.guard import Guard
from lambdarouter.core.http import (
    Allow,
    Cookie,
    GuardedRoutes,
    Header,
    Query,
    check_guard,
    named_getter,
    provide_marked,
    stamp_of,
    status_of,
)
from lambdarouter.core.identity import Identity, identity_of
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.request import Request
from lambdarouter.core.route import Match, Outcome
from lambdarouter.core.scalar import is_list, is_scalar, members_of
from lambdarouter.core.source import Source, payload_getter
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.view import field
from lambdarouter.errors import ConfigurationError, HttpError, InvalidPayloadError, MalformedPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from typing import Any, Self, Unpack

    from lambdarouter.core.handler import Getter, Handler
    from lambdarouter.core.http import Deny
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Registry, Route, Routes
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["WebSocketRequest", "WebSocketSource", "WebSocketTrigger"]

_CONNECT, _DISCONNECT, _DEFAULT = _PREDEFINED = "$connect", "$disconnect", "$default"


class WebSocketRequest(Request):
    """What a client did: it connected, sent a message, or is gone.

    `route_key` is the API's route, `event_type` "CONNECT", "MESSAGE" or "DISCONNECT". `headers`, `query` and `cookies`
    are those it connected with, and there only then. `path` is the route key.
    """

    route_key: str = field("requestContext", "routeKey", default="")
    event_type: str = field("requestContext", "eventType", default="")
    connection_id: str = field("requestContext", "connectionId")
    # Why the connection is gone, as the client or API Gateway says.
    disconnect_code: int | None = field("requestContext", "disconnectStatusCode", of=int, default=None)
    disconnect_reason: str = field("requestContext", "disconnectReason", default="")
    method: str = field(of=lambda _: "")
    path: str = field("requestContext", "routeKey", default="")
    # The subprotocol that was agreed upon.
    subprotocol: str | None = None
    _bytes: bytes | None = None

    @property
    def id(self) -> str:
        """API Gateway's id of the event."""
        return self.peek("requestContext", "requestId") or "the event"

    @property
    def connection(self) -> Connection:
        """The connection, to answer on."""
        return Connection(self.connection_id, endpoint=_endpoint(self))

    @property
    def identity(self) -> Identity:
        """Whom the API's authorizer let in, and as what; API Gateway tells with every message."""
        return identity_of(self.raw)

    @property
    def content(self) -> str | bytes:
        """The message as it came: text, or decoded bytes. Raises `MalformedPayloadError` for base64 that is none."""
        body = self.raw.get("body")
        if not isinstance(body, str):
            return ""
        if self.raw.get("isBase64Encoded") is not True:
            return body
        if self._bytes is None:
            try:
                self._bytes = a2b_base64(body, strict_mode=True)
            except (Base64Error, ValueError) as error:
                msg = f"the message claims to be base64 and is not: {error}"
                raise MalformedPayloadError(msg) from error
        return self._bytes

    @property
    def text(self) -> str:
        """The message as text. Raises `MalformedPayloadError` where it is not UTF-8."""
        content = self.content
        try:
            return content if isinstance(content, str) else content.decode()
        except UnicodeDecodeError as error:
            msg = f"the message is not UTF-8: {error}"
            raise MalformedPayloadError(msg) from error

    def stamped(self, guard: str) -> Allow | None:
        """The verdict of this guard, where API Gateway had it decide when the client connected."""
        context = self.raw.get("requestContext")
        return stamp_of(context.get("authorizer") if isinstance(context, dict) else None, guard)


def _endpoint(request: WebSocketRequest) -> str | None:
    """Where the API is managed: on its own domain, which a custom domain's base path says nothing of."""
    domain, stage = request.peek("requestContext", "domainName") or "", request.stage
    api = request.peek("requestContext", "apiId")
    if api is not None and not domain.startswith(f"{api}."):
        from os import environ  # noqa: PLC0415 - loaded: for custom domains

        region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
        domain = f"{api}.execute-api.{region}.amazonaws.com" if region else domain
    return f"https://{domain}/{stage}" if domain else None


class WebSocketRoutes(GuardedRoutes):
    """The routes of WebSocket APIs, by route key. An authorizer is asked about `$connect` alone."""

    __slots__ = ("_by_key",)

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._by_key: dict[str, Route] = {}

    def add(self, route: Route) -> None:
        """Take a route in. Raises `ConfigurationError` where its route key has a handler."""
        trigger: Any = route.trigger
        other = self._by_key.setdefault(trigger.route_key, route)
        if other is not route:
            msg = f"the route key {trigger.route_key!r} has a handler already: {other.place}"
            raise ConfigurationError(msg)
        super().add(route)

    def find(self, key: str) -> Route | None:
        """The route of this key; `$default` for a message of a route that has none."""
        found = self._by_key.get(key)
        return found if found is not None or key in (_CONNECT, _DISCONNECT) else self._by_key.get(_DEFAULT)

    def guard_for(self, method: str, path: str) -> tuple[Callable[..., Any] | None, Mapping[str, str]]:
        """The guard of `$connect`: the only question that an authorizer is asked."""
        route: Any = self._by_key.get(_CONNECT) if not method and path == _CONNECT else None
        return None if route is None else route.trigger.auth, {}

    def patterns(self) -> Iterable[tuple[Callable[..., Any] | None, str, str]]:
        """Nothing: a policy for `$connect` covers no requests."""
        return ()


class WebSocketSource(Source):
    """WebSocket events: exactly one handler, and a status."""

    names: tuple[str, ...] = ("websocket",)
    decorator = "@app.websocket(route_key)"
    record: type[View] = WebSocketRequest
    routes: type[Routes] = WebSocketRoutes

    def parse(self, event: Any, name: str) -> WebSocketRequest:
        """The event is the request."""
        return WebSocketRequest(event)

    def split(self, event: WebSocketRequest) -> Sequence[WebSocketRequest]:
        """The request is the one record."""
        return (event,)

    def match(self, record: WebSocketRequest, routes: WebSocketRoutes) -> Sequence[Match | Outcome]:
        """The handler of the route key, or 404, which refuses a client that connects. Nobody needs a `$disconnect`."""
        key = record.route_key
        route = routes.find(key)
        if route is None:
            gone = key == _DISCONNECT and len(routes) > 0
            return (Outcome(record, error=None if gone else HttpError(404, f"no handler has the route key {key!r}")),)
        if key == _CONNECT:
            trigger: Any = route.trigger
            record.subprotocol = trigger.agree(record.headers.all("sec-websocket-protocol"))
        return (Match(route, record),)

    def result(self, match: Match, value: Any) -> str | None:
        """What a route response would send: text as it is, anything else as JSON."""
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bytes):
            msg = "a route response is text: send bytes with connection.send"
            raise TypeError(msg)
        return codec.encode(value)

    def respond(self, event: WebSocketRequest, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """The status, and a body where there is one. An error's body tells what the client did wrong, if anything."""
        outcome = outcomes[0]
        if outcome.error is not None:
            return {"statusCode": status_of(outcome.error), "body": _told(outcome.error)}
        reply: dict[str, Any] = {"statusCode": 200}
        if outcome.value is not None:
            reply["body"] = outcome.value
        if event.subprotocol is not None:
            reply["headers"] = {"Sec-WebSocket-Protocol": event.subprotocol}
        return reply

    def reports(self, outcome: Outcome) -> bool:
        """What the client did wrong is not for the log."""
        return outcome.error is None or status_of(outcome.error) >= 500  # noqa: PLR2004

    def plan(self, fn: Callable[..., Any], trigger: Trigger) -> Handler:
        """Plan the handler, with the guard before everything else it depends on."""
        handler = super().plan(fn, trigger)
        options: Any = trigger
        if options.auth is not None:
            guard = (Guard if options.route_key == _CONNECT else _GuardOnceConnected)(options.auth)
            if options.route_key != _CONNECT and not guard.unmistakable:
                msg = (
                    f"the guard {guard.handler.place} is no function of its module's own, and messages carry nothing "
                    "but a guard's name: several closures, methods or partials could have this one"
                )
                raise ConfigurationError(msg)
            handler.depend_on((guard, *handler.direct))
        return handler

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:  # noqa: PLR0911 - one for each kind
        """Framework types and marks; query parameters in `$connect`, the message elsewhere."""
        wanted, options = parameter.annotation, trigger
        assert isinstance(options, WebSocketTrigger)  # noqa: S101 - its decorator made it
        if wanted in _TYPES:
            return _TYPES[wanted]
        if members_of(wanted) == (Allow,) and options.auth is not None:
            return lambda match, invocation: match.record.auth
        if parameter.marker is not None:
            return provide_marked(parameter, (Header, Query, Cookie))
        view = self.provide_view(parameter)
        if view is not None or wanted is EMPTY:
            return view
        if options.route_key == _CONNECT:
            return named_getter(parameter, "query", parameter.name) if is_scalar(wanted) or is_list(wanted) else None
        if options.route_key == _DISCONNECT:
            return None
        attribute = {(str,): "text", (bytes,): "content"}.get(members_of(wanted), "content")
        return payload_getter(parameter, attribute, "message")

    def choices(self) -> str:
        """What a parameter may be."""
        return (
            "Connection, WebSocketRequest, Identity, Context, Allow (with auth=), Annotated[T, Header() | Query() | "
            "Cookie() | Depends(f)], a query parameter in $connect, and the message in other routes than $disconnect"
        )


_TYPES: dict[Any, Getter] = {
    Connection: lambda match, invocation: match.record.connection,
    Identity: lambda match, invocation: match.record.identity,
}


class _GuardOnceConnected(Guard):
    """That of a route other than `$connect`: there is API Gateway's verdict, and nothing to ask about without one."""

    __slots__ = ()

    def given(self, match: Match) -> Any:
        verdict = super().given(match)
        if verdict is EMPTY:
            raise HttpError(403, _UNASKED)
        return verdict


_UNASKED = (
    "API Gateway tells no verdict of this route's authorizer: it asks when a client connects, where $connect has that "
    "authorizer; messages carry no credentials, so nobody can ask now"
)


def _told(error: Exception) -> str:
    """What a client is told where its route has a route response."""
    told: dict[str, Any] = {"status": status_of(error)}
    if isinstance(error, HttpError) and error.detail is not None:
        told["detail"] = error.detail
    elif isinstance(error, InvalidPayloadError):
        told |= {"detail": str(error), "errors": error.errors}
    return codec.encode(told)


class WebSocketTrigger(Trigger):
    """`@app.websocket("$connect")`: answer a route of a WebSocket API.

    `route_key`: "$connect", "$disconnect", "$default", or a key of the API's own. `auth`: the authorizer function that
    guards it. API Gateway asks it when a client connects and hands its verdict on with every message; where it does
    not, `$connect` asks in process, and messages, which carry no credentials, are refused. `public`: whether the route
    is open in an app or router that has a guard. `subprotocols`: what a handler of `$connect` speaks, best first.
    `shared`: the options of every trigger.
    """

    __slots__ = ("auth", "public", "route_key", "subprotocols")

    source: type[Source] = WebSocketSource

    def __init__(
        self,
        route_key: str,
        *,
        auth: Callable[..., Allow | Deny | Awaitable[Allow | Deny]] | None = None,
        public: bool = False,
        subprotocols: Sequence[str] = (),
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(**shared)
        if not isinstance(route_key, str) or not route_key:
            msg = f'route_key is {route_key!r}; it is "$connect", "$disconnect", "$default" or a key of the API\'s own'
            raise ConfigurationError(msg)
        if route_key.startswith("$") and route_key not in _PREDEFINED:
            msg = (
                f"route_key is {route_key!r}{nearest(route_key, _PREDEFINED)}: of the keys that begin with $, API "
                f"Gateway has {', '.join(_PREDEFINED)}, and an API's own begin otherwise"
            )
            raise ConfigurationError(msg)
        check_guard(auth, public=public)
        if isinstance(subprotocols, str) or (subprotocols and route_key != _CONNECT):
            msg = f'subprotocols is {subprotocols!r}; it is a list, of @app.websocket("$connect") alone'
            raise ConfigurationError(msg)
        self.route_key: str = route_key
        self.auth: Callable[..., Allow | Deny | Awaitable[Allow | Deny]] | None = auth
        self.public: bool = public
        self.subprotocols: tuple[str, ...] = tuple(subprotocols)

    def agree(self, offered: Sequence[str]) -> str | None:
        """The first of its subprotocols that the client offers, None where there is none."""
        names = [name.strip() for line in offered for name in line.split(",")]
        return next((name for name in self.subprotocols if name in names), None)

    def inherits(self, cors: Any, auth: Any) -> Self:
        """The same route with the guard of what it stands in, where it has none of its own."""
        twin = self.twin()
        if not self.public:
            twin.auth = self.auth or auth
        return twin

    def describe(self) -> str:
        """The route key."""
        return self.route_key
