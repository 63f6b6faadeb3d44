"""A Runtime API of our own, for tests and local work: it streams, runs invocations side by side, and keeps the rules.

A caller sends events to the path that AWS's SDKs and emulator use; a runtime takes them at `/invocation/next`. What the
runtime sends reaches the caller piece by piece. Not modelled: throttling, memory, the credentials.
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import asyncio
import json
import uuid
from base64 import b64decode
from time import time
from urllib.parse import unquote

from lambdarouter.runtime.peer import Peer, Reply
from lambdarouter.runtime.protocol import (
    LARGEST_RESPONSE,
    Message,
    chunk,
    last_chunk,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, Self

__all__ = ["RuntimeServer"]

_ACCEPTED = b'{"status":"OK"}\n'
_ERROR_TYPE = b"lambda-runtime-function-error-type"


def _refuse(status: int, kind: str, text: str) -> Reply:
    return Reply(status, json.dumps({"errorMessage": text, "errorType": kind}).encode() + b"\n")


class _Invocation:
    """An invocation on its way, from its caller's connection to a runtime's and back."""

    def __init__(self, event: bytes, headers: dict[str, str], timeout: float) -> None:
        self.request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        # One for each attempt; a runtime echoes it.
        self.attempt = headers["Lambda-Runtime-Invocation-Id"]
        self.event = event
        self.headers = headers
        self.timeout = timeout
        # What the caller is to get: ("head", {name: value}), ("data", bytes), ("end", trailers).
        self.answer: asyncio.Queue[tuple[str, Any]] = asyncio.Queue(maxsize=16)
        self.taken = False
        # Whether a runtime has begun to answer, or nobody waits for it any more.
        self.answered = False
        self.over = asyncio.Event()


class RuntimeServer:
    """The Runtime API and the API to invoke the function, on one port.

    `timeout`: seconds an invocation may take. `restored`: to be set to let a runtime go on that waits for a restore,
    with SnapStart. `invocations` counts the events that runtimes took, `failures` holds what they reported of their
    start.
    """

    def __init__(self, *, timeout: float = 30.0, name: str = "function") -> None:
        self.timeout = timeout
        self.arn: str = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
        self.failures: list[dict[str, Any]] = []
        self.invocations: int = 0
        self.restored: asyncio.Event = asyncio.Event()
        self._waiting: asyncio.Queue[_Invocation] = asyncio.Queue()
        self._open: dict[str, _Invocation] = {}
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._connected, host, port, backlog=512)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def stop(self) -> None:
        """Close every connection: a runtime finds the API gone."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker
        self._connections.add(task)
        try:
            await Peer(self.handle, reader, writer).serve()
        except (ConnectionError, asyncio.CancelledError):
            pass  # either end has gone
        finally:
            self._connections.discard(task)
            writer.close()

    # The caller's side ----------------------------------------------------------------------------------------

    def _invocation(self, message: Message) -> _Invocation:
        """A caller's event, with what Lambda tells a runtime about it."""
        request_id = _text(message, b"x-amzn-requestid") or str(uuid.uuid4())
        headers = {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time() + self.timeout) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.arn,
            "Lambda-Runtime-Trace-Id": _text(message, b"x-amzn-trace-id"),
            "Lambda-Runtime-Aws-Tenant-Id": _text(message, b"x-amz-tenant-id"),
            "Lambda-Runtime-Client-Context": _client_context(message),
            "Lambda-Runtime-Invocation-Id": str(uuid.uuid4()),
            "Content-Type": "application/json",
        }
        return _Invocation(message.body, headers, self.timeout)

    async def _invoke(self, message: Message, connection: Peer) -> None:
        """An event from a caller: wait for its answer, and pass it on as it comes."""
        invocation = self._invocation(message)
        if invocation.request_id in self._open:
            raise _refuse(400, "InvalidRequestID", f"there is an invocation {invocation.request_id}")
        self._open[invocation.request_id] = invocation
        await self._waiting.put(invocation)
        gone = asyncio.ensure_future(connection.closed())
        passing = asyncio.ensure_future(self._pass_on(invocation, connection))
        try:
            await asyncio.wait({gone, passing}, return_when=asyncio.FIRST_COMPLETED)
            if not passing.done():
                raise ConnectionResetError
            await passing
        finally:
            await _cancel(gone, passing)
            invocation.answered = True
            invocation.over.set()
            self._open.pop(invocation.request_id, None)

    async def _pass_on(self, invocation: _Invocation, connection: Peer) -> None:
        try:
            kind, value = await asyncio.wait_for(invocation.answer.get(), invocation.timeout)
        except TimeoutError:
            text = f"{invocation.request_id} Task timed out after {invocation.timeout:.2f} seconds"
            body = json.dumps({"errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {text}"}).encode()
            raise Reply(200, body, {"X-Amz-Function-Error": "Unhandled"}) from None
        if kind == "whole":
            raise value
        await connection.begin(200, value)
        while True:
            kind, value = await invocation.answer.get()
            if kind == "end":
                await connection.write(last_chunk(value))
                return
            if kind == "broken":
                raise ConnectionResetError  # the body stays without its end: the caller sees that it is cut off
            await connection.write(chunk(value))

    # The runtime's side ---------------------------------------------------------------------------------------

    async def _next(self, connection: Peer) -> None:
        while True:
            taking = asyncio.ensure_future(self._waiting.get())
            gone = asyncio.ensure_future(connection.closed())
            try:
                await asyncio.wait({gone, taking}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                left = gone.done()
                await _cancel(gone, taking)
            if left:
                if not taking.cancelled():
                    self._put_back(taking.result())
                raise ConnectionResetError
            invocation = taking.result()
            if not invocation.answered:
                break  # its caller still waits
        headers = {name: value for name, value in invocation.headers.items() if value}
        try:
            await connection.answer(200, invocation.event, headers)
        except ConnectionError:
            self._put_back(invocation)  # nobody has it
            raise
        invocation.taken = True
        self.invocations += 1

    def _put_back(self, invocation: _Invocation) -> None:
        others = []
        while not self._waiting.empty():
            others.append(self._waiting.get_nowait())
        for one in (invocation, *others):
            self._waiting.put_nowait(one)

    def _answering(self, request_id: str, message: Message) -> _Invocation:
        """The invocation that a runtime answers. Raises the refusal where it may not."""
        invocation = self._open.get(unquote(request_id))
        if invocation is None or not invocation.taken:
            raise _refuse(400, "InvalidRequestID", "Invalid request ID")
        echo = _text(message, b"lambda-runtime-invocation-id")
        if echo and echo != invocation.attempt:
            raise _refuse(410, "InvokeTimeout", "Invoke timeout")
        if invocation.answered:
            text = "State transition from Ready to InvocationResponse failed for runtime."
            raise _refuse(403, "InvalidStateTransition", f"{text} Error: State transition is not allowed")
        return invocation

    async def _response(self, request_id: str, message: Message, connection: Peer) -> None:
        invocation = self._answering(request_id, message)
        mode = message.headers.get(b"lambda-runtime-function-response-mode", b"")
        if mode not in (b"", b"streaming"):
            raise _refuse(400, "InvalidFunctionResponseMode", "Invalid function response mode")
        content_type = {"Content-Type": _text(message, b"content-type") or "application/octet-stream"}
        if mode:
            invocation.answered = True
            await self._stream(invocation, content_type, connection)
        else:
            whole = await connection.whole()
            if invocation.answered:
                raise _refuse(410, "InvokeTimeout", "Invoke timeout")
            invocation.answered = True
            if len(whole.body) > LARGEST_RESPONSE:
                text = f"Exceeded maximum allowed payload size ({LARGEST_RESPONSE} bytes)."
                refusal = _refuse(413, "RequestEntityTooLarge", text)
                told = _refuse(200, "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum")
                told.headers["X-Amz-Function-Error"] = "Unhandled"
                await invocation.answer.put(("whole", told))
                raise refusal
            await invocation.answer.put(("whole", Reply(200, whole.body, content_type)))
        raise Reply(202, _ACCEPTED)

    async def _stream(self, invocation: _Invocation, headers: dict[str, str], connection: Peer) -> None:
        over = asyncio.ensure_future(invocation.over.wait())
        try:
            await _unless(over, invocation.answer.put(("head", headers)))
            message = None
            while message is None:
                piece, message = await _unless(over, connection.piece())
                if piece:
                    # Backpressure: the runtime waits for the caller to read.
                    await _unless(over, invocation.answer.put(("data", piece)))
            await _unless(over, invocation.answer.put(("end", _trailers(message))))
        except ConnectionError:
            if not invocation.over.is_set():
                await invocation.answer.put(("broken", None))
            raise
        finally:
            over.cancel()

    async def _error(self, request_id: str, message: Message, connection: Peer) -> None:
        invocation = self._answering(request_id, message)
        whole = await connection.whole()
        if invocation.answered:
            raise _refuse(410, "InvokeTimeout", "Invoke timeout")
        invocation.answered = True
        headers = {"Content-Type": "application/json", "X-Amz-Function-Error": "Unhandled"}
        headers["X-Error-Type"] = _text(message, _ERROR_TYPE)
        await invocation.answer.put(("whole", Reply(200, whole.body, headers)))
        raise Reply(202, _ACCEPTED)

    async def _failed(self, message: Message, connection: Peer) -> None:
        whole = await connection.whole()
        self.failures.append({"kind": _text(message, _ERROR_TYPE), **_object(whole.body)})
        # Nobody will take what waits.
        while not self._waiting.empty():
            waiting = self._waiting.get_nowait()
            waiting.answered = True
            await waiting.answer.put(("whole", Reply(502, whole.body)))
        raise Reply(202, _ACCEPTED)

    async def handle(self, message: Message, connection: Peer) -> None:
        """One request of either side: answered, or raised as `Reply`."""
        method, _, rest = message.start.decode("utf-8", "replace").partition(" ")
        path = rest.rpartition(" ")[0].partition("?")[0]
        parts = path.strip("/").split("/")
        match (method, *parts):
            case ("GET", "2018-06-01", "runtime", "invocation", "next"):
                await self._next(connection)
            case ("POST", "2018-06-01", "runtime", "invocation", request_id, "response"):
                await self._response(request_id, message, connection)
            case ("POST", "2018-06-01", "runtime", "invocation", request_id, "error"):
                await self._error(request_id, message, connection)
            case ("POST", "2018-06-01", "runtime", "init" | "restore", "error"):
                await self._failed(message, connection)
            case ("GET", "2018-06-01", "runtime", "restore", "next"):
                await self.restored.wait()
                raise Reply(200, b"")
            case ("POST", "2020-01-01", "extension", "register"):
                await connection.whole()
                raise Reply(200, b"{}", {"Lambda-Extension-Identifier": str(uuid.uuid4())})
            case ("GET", "2020-01-01", "extension", "event", "next"):
                await connection.closed()
            case ("GET", "2018-06-01", "ping"):
                raise Reply(200, b"pong", {"Content-Type": "text/plain"})
            case ("POST", "2015-03-31", "functions", _, "invocations") | (
                "POST",
                "2021-11-15",
                "functions",
                _,
                "response-streaming-invocations",
            ):
                await self._invoke(await connection.whole(), connection)
            case _:
                raise _refuse(404, "NotFound", f"there is no {method} {path}")


async def _unless(over: asyncio.Future[Any], work: Coroutine[Any, Any, Any]) -> Any:
    """Do the work, unless the caller goes meanwhile: then the runtime's connection is to go, too."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({over, task}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ConnectionResetError
        return task.result()
    finally:
        if not task.done():  # as where the server is stopped, too
            await _cancel(task)


async def _cancel(*tasks: asyncio.Task[Any] | asyncio.Future[Any]) -> None:
    """Cancel what is not done, and wait until it is: two may not read from one connection."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _text(message: Message, name: bytes) -> str:
    return message.headers.get(name, b"").decode("utf-8", "replace")


def _trailers(message: Message) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in message.trailers.items()}


def _client_context(message: Message) -> str:
    text = _text(message, b"x-amz-client-context")
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        raise _refuse(400, "InvalidRequestContent", "X-Amz-Client-Context is no base64 of UTF-8") from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    return told if isinstance(told, dict) else {"body": body.decode("utf-8", "replace")}
