"""The app's HTTP side for any ASGI server: `application = asgi(app)`, served with `uvicorn shop:application`.

There is no second way of handling requests: each becomes the event that a Lambda function URL would have sent for it,
and takes the way of all events through the app, with the same routes, guards and middleware. What a handler streams is
sent piece by piece. The app's lifespan is the server's.

ASGI is https://asgi.readthedocs.io/en/latest/specs/www.html; the event,
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote
from uuid import uuid4

import anyio
import anyio.to_thread

from lambdarouter.app import App
from lambdarouter.core.log import report
from lambdarouter.errors import ConfigurationError, HttpError
from lambdarouter.sources.http.gateways import UrlRequest
from lambdarouter.sources.http.problem import problem
from lambdarouter.sources.http.streaming import is_text, octets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any

    from lambdarouter.core.stream import Stream

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["Asgi", "asgi"]

# What Lambda takes, in bytes: an app that is also deployed there meets its limit here.
_BODY_LIMIT = 6 * 1024 * 1024
_THREADS = 40
_BODILESS = (204, 304)


def asgi(
    app: App, *, max_body: int | None = _BODY_LIMIT, timeout: float | None = None, threads: int = _THREADS
) -> Asgi:
    """Make the ASGI application of an app's HTTP routes.

    `max_body`: bytes of a request's body, beyond which it is answered with 413; None for no limit. `timeout`: seconds
    that a request may take, as the function's timeout is on Lambda; None for no limit. `threads`: how many sync
    handlers run at once, in threads; async ones run in the server's event loop. A reply has no limit.
    """
    return Asgi(app, max_body=max_body, timeout=timeout, threads=threads)


class Asgi:
    """The ASGI application that `asgi` makes."""

    def __init__(self, app: App, *, max_body: int | None, timeout: float | None, threads: int) -> None:
        if not isinstance(app, App):
            msg = f"asgi() takes a lambdarouter.App, not {type(app).__name__}"
            raise ConfigurationError(msg)
        for option, value in (("max_body", max_body), ("timeout", timeout), ("threads", threads)):
            limits = value is not None or option == "threads"
            if limits and (not isinstance(value, (int, float)) or isinstance(value, bool) or value <= 0):
                msg = f"{option} is {value!r}; it is a number above 0"
                raise ConfigurationError(msg)
        self.app = app
        self._max_body = max_body
        self._timeout = timeout
        self._threads = threads
        self._limiter: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the server's, or its lifespan."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._live(receive, send)
        elif kind == "http":
            await self._answer(scope, receive, send)
        elif kind == "websocket":
            # WebSocket APIs live on API Gateway, which has the connections; an app sees single messages.
            await send({"type": "websocket.close", "code": 1000, "reason": "no WebSocket here"})
        else:
            msg = f"the ASGI server has a connection of the type {kind!r}, which nobody here knows"
            raise ValueError(msg)

    async def _live(self, receive: Receive, send: Send) -> None:
        """The lifespan protocol: the server's start and end are the app's."""
        while True:
            message = await receive()
            starts = message["type"] == "lifespan.startup"
            phase = "startup" if starts else "shutdown"
            try:
                await (self.app.astart() if starts else self.app.aclose())
            except Exception as error:  # noqa: BLE001 - the app's own; the server logs it, and ends
                await send({"type": f"lifespan.{phase}.failed", "message": f"{type(error).__name__}: {error}"})
                return
            await send({"type": f"lifespan.{phase}.complete"})
            if not starts:
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = _Peer(scope, receive, send)
        body = await peer.read(self._max_body)
        if peer.gone:
            return
        request = str(uuid4())
        asked = UrlRequest({"requestContext": {"requestId": request}})
        if body is None:
            error = HttpError(413, f"the body has more than {self._max_body} bytes")
            await peer.reply(asked.answer(problem(error, asked, debug=False)))
            return
        if self._limiter is None:  # made where an event loop runs
            self._limiter = anyio.CapacityLimiter(self._threads)
        event = _event(scope, body, request)
        context = _Context(request, self._timeout)
        completion = await self.app.acomplete(event, context, sink=peer.stream, threads=self._limiter)
        if peer.began:
            if completion.error is not None:
                # The status is sent: what is left is to break off the connection, which the server does, and logs why.
                raise completion.error
        elif completion.error is not None:
            report(completion.error, hurry=False, request_id=request, source=completion.name)
            await peer.reply(asked.answer(problem(completion.error, asked, debug=False)))
        else:
            await peer.reply(completion.reply)


class _Context:
    """What Lambda's context says here: the request's id, and the time that is left, where there is a limit."""

    def __init__(self, request: str, timeout: float | None) -> None:
        self.aws_request_id = request
        self.function_name = "asgi"
        if timeout is not None:
            self._end = anyio.current_time() + timeout
            self.get_remaining_time_in_millis = self._remaining

    def _remaining(self) -> int:
        return max(0, round((self._end - anyio.current_time()) * 1000))


class _Peer:
    """The client, as the server lets us speak to it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._is_head = scope["method"].upper() == "HEAD"
        self._receive = receive
        self._send = send
        # Whether the status has been sent.
        self.began = False
        # Whether there is nobody left to reply to.
        self.gone = False

    async def read(self, limit: int | None) -> bytes | None:
        """The request's body; None where it is beyond the limit."""
        pieces, size = [], 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.gone = True
                return b""
            piece = message.get("body", b"")
            size += len(piece)
            if limit is not None and size > limit:
                return None
            pieces.append(piece)
            if not message.get("more_body", False):
                return b"".join(pieces)

    async def reply(self, reply: dict[str, Any]) -> None:
        """Send a reply that is complete, in the shape of a function URL's."""
        text = reply["body"]
        body = a2b_base64(text) if reply["isBase64Encoded"] else text.encode()
        headers = reply["headers"]
        # The answer to HEAD has no body, whose length nobody knows.
        bare = self._is_head or reply["statusCode"] in _BODILESS
        if not bare and not any(name.lower() == "content-length" for name in headers):
            headers = {**headers, "content-length": str(len(body))}
        await self._begin(reply["statusCode"], headers, reply.get("cookies", ()))
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def stream(self, stream: Stream) -> None:
        """Send a reply piece by piece; the engine's sink. Ends early where the client is gone."""
        assert stream.head is not None  # noqa: S101 - for the type checker: HTTP has one
        await self._begin(stream.head["statusCode"], stream.head["headers"], stream.head["cookies"])
        failure: Exception | None = None
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch, group.cancel_scope)
            try:
                await self._pass_on(stream)
            except Exception as error:  # noqa: BLE001 - out of the group, which would wrap it
                failure = error
            group.cancel_scope.cancel()
        if failure is not None:
            raise failure
        if not self.gone:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pass_on(self, stream: Stream) -> None:
        if stream.is_async:
            async for chunk in stream.chunks:
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            return
        following = partial(next, stream.chunks, None)
        while (chunk := await anyio.to_thread.run_sync(following)) is not None:
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _watch(self, scope: anyio.CancelScope) -> None:
        """Stop the stream when the client goes: what it waits for may never come."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        scope.cancel()

    async def _begin(self, status: int, headers: dict[str, str], cookies: Any) -> None:
        self.began = True
        pairs = [(name.encode("latin-1"), octets(value)) for name, value in headers.items()]
        pairs += [(b"set-cookie", octets(cookie)) for cookie in cookies]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})


def _event(scope: Scope, body: bytes, request: str) -> dict[str, Any]:
    """The event that a function URL would have sent for this request."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";") if cookie.strip()]
        else:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    client = scope.get("client") or ("", 0)
    server = scope.get("server") or ("localhost", None)
    scheme = scope.get("scheme", "http")
    # What the server knows: a client could have made up its own.
    headers |= {"x-forwarded-proto": scheme, "x-forwarded-for": str(client[0])}
    headers.setdefault("host", server[0] if server[1] is None else f"{server[0]}:{server[1]}")
    path = _raw_path(scope)
    now = datetime.now(UTC)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": scope.get("query_string", b"").decode("latin-1"),
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "asgi",
            # Where a function URL has its domain, which is always asked through HTTPS.
            "asgi": {**scope.get("asgi", {}), "http_version": scope.get("http_version", "1.1")},
            "http": {
                "method": scope["method"].upper(),
                "path": path,
                "protocol": f"HTTP/{scope.get('http_version', '1.1')}",
                "sourceIp": str(client[0]),
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request,
            "routeKey": "$default",
            "stage": "$default",
            "time": f"{now:%d/%b/%Y:%H:%M:%S +0000}",
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if body:
        text = _text(body, headers)
        event["body"] = b2a_base64(body, newline=False).decode() if text is None else text
        event["isBase64Encoded"] = text is None
    return event


def _text(body: bytes, headers: dict[str, str]) -> str | None:
    """The body where it is text, which travels as it is."""
    if "content-encoding" in headers or not is_text(headers.get("content-type", "")):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _raw_path(scope: Scope) -> str:
    """The path as the client sent it, below where the application is mounted."""
    root = scope.get("root_path", "").rstrip("/")
    raw = scope.get("raw_path")
    path: str = quote(scope["path"], safe="/:@!$&'()*+,;=~-._") if raw is None else raw.decode("latin-1")
    path = path.partition("?")[0]
    for prefix in (root, quote(root)):
        if prefix and (path == prefix or path.startswith(f"{prefix}/")):
            path = path[len(prefix) :]
            break
    return path if path.startswith("/") else f"/{path}"
