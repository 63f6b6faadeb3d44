"""Mounts: other people's ASGI (and WSGI) applications below a path of the app, in process, with no socket.

`app.mount("/legacy", fastapi_app)`. A mount is two routes, for the path itself and for everything below it, so guards
and middleware apply to it as to any route; its handler makes an ASGI connection of the request. The application's
lifespan is a dependency of the app's: entered once per environment, before the first event, and left with it.

https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

from asyncio import CancelledError, Event, Queue, create_task, current_task, get_running_loop, wait
from collections import deque
from typing import Annotated
from urllib.parse import quote, unquote

from lambdarouter.core.context import Context
from lambdarouter.core.log import report
from lambdarouter.core.parameter import Depends
from lambdarouter.core.signature import name_of, read_signature
from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.http.request import HttpRequest
from lambdarouter.sources.http.response import Response, StreamingResponse
from lambdarouter.sources.http.streaming import is_text, octets
from lambdarouter.sources.http.trigger import HttpTrigger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Future, Task
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Mapping
    from typing import Any, Literal

    # The scope, receive and send.
    AsgiApp = Callable[[Any, Any, Any], Coroutine[Any, Any, None]]

__all__ = ["MountTrigger", "handler_of", "triggers_of"]

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_ASGI = {"version": "3.0", "spec_version": "2.4"}
# The path parameter that holds what stands below a mount; no handler's parameter is called so.
_REST = "mounted_path"
# Of the connection between client and gateway: those of the application's own would be about another one.
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade"})
# How many messages an application may be ahead: the two of an ordinary reply need not wait for anybody.
_AHEAD = 2
# How long an application may take to end what it does when it is cancelled, in seconds.
_PATIENCE = 1.0


class MountTrigger(HttpTrigger):
    """One of the two routes of a mount: the path itself, or what is below it."""

    __slots__ = ()

    def describe(self) -> str:
        """The path, and that all methods are the application's."""
        return f"* {self.path}"


def triggers_of(path: str, **options: Any) -> list[MountTrigger]:
    """The routes of a mount at `path`: of "" or "/", everything that no other route takes."""
    if not isinstance(path, str) or (path not in ("", "/") and (not path.startswith("/") or path.endswith("/"))):
        msg = f'the path {path!r} of a mount starts with "/" and does not end with one, such as "/legacy"'
        raise ConfigurationError(msg)
    path = "" if path == "/" else path
    paths = [f"{path}/{{{_REST}:path}}", *([path] if path else [])]
    return [MountTrigger(each, _METHODS, documented=False, **options) for each in paths]


def handler_of(app: Any, *, wsgi: bool, lifespan: Literal["auto", "on", "off"]) -> Callable[..., Any]:
    """The handler of a mount. Raises `ConfigurationError` for what is no such application."""
    if lifespan not in ("auto", "on", "off"):
        msg = f'lifespan is {lifespan!r}; it is "auto", "on" or "off"'
        raise ConfigurationError(msg)
    served, shown = _served(app, wsgi=wsgi), app
    state = Depends(_Life(served, "off" if wsgi else lifespan), scope="app")

    async def mounted(request: HttpRequest, context: Context, state: dict[str, Any]) -> Response:
        return await _Connection(served, request, context, state).answer()

    mounted.__annotations__["state"] = Annotated[dict, state]
    mounted.__annotations__ |= {"request": HttpRequest, "context": Context, "return": Response}
    named = shown if hasattr(shown, "__qualname__") else type(shown)
    # What the logs and `lambdarouter routes` call it.
    mounted.__module__, mounted.__qualname__ = named.__module__, named.__qualname__
    return mounted


def _served(app: Any, *, wsgi: bool) -> AsgiApp:
    if not callable(app):
        msg = f"{app!r:.80} cannot be mounted: an ASGI application is a callable of scope, receive and send"
        raise ConfigurationError(msg)
    if wsgi:
        try:
            from a2wsgi import WSGIMiddleware  # noqa: PLC0415 - only for WSGI applications
        except ModuleNotFoundError as error:
            msg = "a WSGI application needs a2wsgi: pip install 'lambdarouter[wsgi]'"
            raise ConfigurationError(msg) from error
        application: Any = WSGIMiddleware(app)  # with types of its own for ASGI
        return application  # type: ignore[no-any-return]
    try:
        needed = [parameter.name for parameter in read_signature(app) if parameter.required]
    except ConfigurationError:
        return app  # type: ignore[no-any-return] # its types are known to type checkers only
    if len(needed) == 2:  # noqa: PLR2004 - WSGI's environ and start_response
        msg = f"{name_of(app)} takes {' and '.join(needed)}: if it is a WSGI application, mount it with wsgi=True"
        raise ConfigurationError(msg)
    return app  # type: ignore[no-any-return]


class _Life:
    """The lifespan of a mounted application: an async generator dependency that yields its state.

    Two mounts of one application have one life.
    """

    def __init__(self, app: AsgiApp, mode: str) -> None:
        self._app = app
        self._mode = mode

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Life) and self._app is other._app

    def __hash__(self) -> int:
        return id(self._app)

    async def __call__(self) -> AsyncIterator[dict[str, Any]]:
        state: dict[str, Any] = {}
        if self._mode == "off":
            yield state
            return
        told: Queue[Any] = Queue()
        said: Queue[Any] = Queue()
        scope = {"type": "lifespan", "asgi": _ASGI, "state": state}
        task = create_task(self._app(scope, told.get, said.put))
        told.put_nowait({"type": "lifespan.startup"})
        speaks = await self._hear(said, task, "startup")
        try:
            yield state
        finally:
            if speaks:
                told.put_nowait({"type": "lifespan.shutdown"})
                await self._hear(said, task, "shutdown")
            await _end(task)

    async def _hear(self, said: Queue[Any], task: Task[None], phase: str) -> bool:
        """Wait for the application's word on a phase. False: it has no lifespan. Raises where the phase has failed."""
        saying = create_task(said.get())
        await wait({saying, task}, return_when="FIRST_COMPLETED")
        if not saying.done():
            saying.cancel()
            failure = task.exception()
            if failure is not None and (self._mode == "on" or phase == "shutdown"):
                raise failure
            return False  # as servers see it: an application that knows no lifespan raises, or returns
        message = saying.result()
        if message["type"] == f"lifespan.{phase}.failed":
            await wait({task}, timeout=_PATIENCE)
            msg = f"the {phase} of the mounted application has failed: {message.get('message', '')}"
            raise RuntimeError(msg) from (task.exception() if task.done() else None)
        return True


class _Connection:
    """One request to a mounted application, and what it sends."""

    def __init__(self, app: AsgiApp, request: HttpRequest, context: Context, state: dict[str, Any]) -> None:
        body = request.body
        self._body: bytes | None = body
        self._scope = _scope(request, context, state, len(body))
        self._request = request
        self._context = context
        self._app = app
        # The messages that the application has sent and nobody has taken: beyond these, it waits.
        self._sent: deque[Any] = deque()
        self._loop = get_running_loop()
        # Resolved where there is news: for whoever takes the messages, and for the application.
        self._news: Future[None] = self._loop.create_future()
        self._room: Future[None] = self._loop.create_future()
        self._ended = Event()
        self._task: Task[None]

    async def answer(self) -> Response:
        """The application's reply, once it is known: in one, or as the stream that the rest of it will be."""
        self._task = self._loop.create_task(self._app(self._scope, self._receive, self._send))
        self._task.add_done_callback(self._over)
        try:
            start = await self._next()
            first = await self._next()
        except BaseException:
            await _end(self._task)
            raise
        status, headers, cookies = start["status"], *_heads(start.get("headers", ()))
        body, more = first.get("body", b""), first.get("more_body", False)
        length = next((value for name, value in headers if name == "content-length"), None)
        if more and length != str(len(body)):
            return StreamingResponse(self._stream(body), status, headers, cookies)
        response = Response(_text_or_bytes(body, headers), status, headers, cookies)
        try:
            while more:
                more = (await self._next()).get("more_body", False)
            await self._finish()
        except CancelledError:
            # The deadline, while the application did something after its reply: the reply is there, and is sent.
            await _end(self._task)
            task = current_task()
            assert task is not None  # noqa: S101 - for the type checker: this runs in one
            task.uncancel()
            self._report(TimeoutError("the mounted application was still at work after its reply, and was stopped"))
        except Exception as error:  # noqa: BLE001 - the application's, after it has replied (with a 500, say)
            self._report(error)
        return response

    async def _stream(self, body: bytes) -> AsyncGenerator[bytes, None]:
        try:
            more = True
            while True:
                if body:
                    yield bytes(body)
                if not more:
                    break
                message = await self._next()
                body, more = message.get("body", b""), message.get("more_body", False)
            await self._finish()
        finally:
            await _end(self._task)

    def _over(self, _task: Task[None]) -> None:
        self._ended.set()
        _tell(self._news)

    async def _receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        # There is no news of the client until the reply is there: then it is gone.
        await self._ended.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Mapping[str, Any]) -> None:
        kind = message["type"]
        if kind not in ("http.response.start", "http.response.body"):
            msg = f"the mounted application sent {kind!r}, which is no part of an HTTP reply"
            raise RuntimeError(msg)
        if self._ended.is_set():
            return  # as servers do: what comes after the end is for nobody
        while len(self._sent) >= _AHEAD:
            self._room = self._loop.create_future()
            await self._room
        self._sent.append(message)
        _tell(self._news)
        if kind == "http.response.body" and not message.get("more_body", False):
            self._ended.set()

    async def _next(self) -> Any:
        """The application's next message; raises what it raises, RuntimeError where it ends without a whole reply."""
        while not self._sent:
            if self._task.done():
                self._task.result()
                request = self._request
                msg = f"the mounted application ended without a whole reply to {request.method} {request.path}"
                raise RuntimeError(msg)
            await self._wait()
        _tell(self._room)
        return self._sent.popleft()

    async def _wait(self) -> None:
        """Wait until the application has sent something, or has ended."""
        self._news = self._loop.create_future()
        await self._news

    async def _finish(self) -> None:
        """Wait for what the application does after its reply: background tasks, which Lambda would freeze."""
        while not self._task.done():
            await self._wait()
        self._task.result()

    def _report(self, error: Exception) -> None:
        report(
            error,
            hurry=False,
            request_id=self._context.request_id,
            record=self._request.id,
            handler=name_of(self._app),
        )


def _tell(news: Future[None]) -> None:
    if not news.done():
        news.set_result(None)


async def _end(task: Task[None]) -> None:
    """Cancel what is left of an application; what it makes of that is for nobody."""
    if not task.done():
        task.cancel()
        await wait({task}, timeout=_PATIENCE)
    if task.done() and not task.cancelled():
        task.exception()  # it has been told, or nobody is left to be


def _scope(request: HttpRequest, context: Context, state: dict[str, Any], length: int) -> dict[str, Any]:
    """The ASGI scope of a request: `path` is the URL's, `root_path` what stands before the application's own part."""
    url, below = _paths(request)
    root = url[: len(url) - len(below)]
    below = below or "/"
    protocol = request.peek("requestContext", "http", "protocol") or request.peek("requestContext", "protocol") or ""
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": protocol.partition("/")[2] or "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": unquote(root) + unquote(below),
        "raw_path": (root + below).encode("ascii", "replace"),
        "root_path": unquote(root),
        "query_string": request.raw_query.encode("ascii", "replace"),
        "headers": list(_headers(request, length)),
        "client": (request.client_ip, 0) if request.client_ip else None,
        "server": _server(request),
        "state": state.copy(),
        "extensions": {},
        "aws.event": request.raw,
        "aws.context": context.raw,
    }


def _paths(request: HttpRequest) -> tuple[str, str]:
    """The URL's path, and the part of it below the mount; both percent-encoded."""
    routed = request.path if request.encoded_path else quote(request.path)
    shown = request.peek("requestContext", "path") or request.raw_path  # of a REST API, the former has the stage
    if not request.encoded_path:
        if request.peek("requestContext", "domainPrefix") != request.peek("requestContext", "apiId"):
            shown = shown.removeprefix(f"/{request.stage}")  # the URLs of a custom domain have no stage
        shown = quote(shown)
    url = shown if shown.endswith(routed) else routed
    # The router knows the decoded rest; of the encoded path, it is as many segments as decode to it.
    rest, segments = request.path_params.get(_REST), routed.split("/")
    if rest is not None and "%" not in routed:
        return url, f"/{rest}"
    for count in range(len(segments)) if rest is not None else ():
        below = "/".join(segments[-count - 1 :])
        if unquote(below) == rest:
            return url, f"/{below}"
    return url.rstrip("/"), ""


def _headers(request: HttpRequest, length: int) -> Iterator[tuple[bytes, bytes]]:
    for name, value in request.headers.multi_items():
        key = name.lower()
        if key not in ("cookie", "content-length", "transfer-encoding"):
            yield key.encode("latin-1", "replace"), octets(value)
    cookies = request.cookie_lines()
    if cookies:
        yield b"cookie", octets("; ".join(cookies))
    if length or "content-length" in request.headers:
        yield b"content-length", str(length).encode()


def _server(request: HttpRequest) -> tuple[str, int]:
    port = (request.headers.get("host") or "").rpartition(":")[2]
    port = port if port.isdecimal() else request.headers.get("x-forwarded-port") or ""
    return request.host or "localhost", int(port) if port.isdecimal() else 80 if request.scheme == "http" else 443


def _heads(headers: Any) -> tuple[list[tuple[str, str]], list[str]]:
    """The reply's headers, and its cookies."""
    pairs = [(bytes(name).decode("latin-1").lower(), bytes(value).decode("latin-1")) for name, value in headers]
    kept = [(name, value) for name, value in pairs if name != "set-cookie" and name not in _HOP_BY_HOP]
    return kept, [value for name, value in pairs if name == "set-cookie"]


def _text_or_bytes(body: Any, headers: list[tuple[str, str]]) -> str | bytes | None:
    """The body as a response has it: text where its Content-Type says so, and it is."""
    named = dict(headers)
    if body and "content-encoding" not in named and is_text(named.get("content-type", "")):
        try:
            return bytes(body).decode()
        except UnicodeDecodeError:
            pass
    return bytes(body) or None
