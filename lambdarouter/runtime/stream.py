"""Streamed replies: to the Runtime API piece by piece, on a connection of their own.

Lambda does not say whether an invocation can be streamed; the function's configuration has to. What was not streamed
then takes the same form, because API Gateway understands no other one.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
"""

from __future__ import annotations

import json
from binascii import Error as NotBase64Error, a2b_base64, b2a_base64
from contextlib import suppress

from lambdarouter.core.stream import Stream
from lambdarouter.engine.classify import classify
from lambdarouter.runtime.fault import Fault
from lambdarouter.runtime.protocol import DisconnectedError, RefusedError, chunk, last_chunk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task
    from collections.abc import Awaitable
    from typing import Any

    from anyio import CapacityLimiter

    from lambdarouter.errors import RuntimeApiError
    from lambdarouter.runtime.client import Client, Connection
    from lambdarouter.runtime.protocol import Invocation, Message

__all__ = ["Sender", "sender_for", "streamed"]

_HTTP = "application/vnd.awslambda.http-integration-response"
_DELIMITER = b"\0" * 8
_TYPE, _BODY = "Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body"
_CALL = "POST /invocation/response, streaming,"
# HTTP front ends that only take a buffered reply, whatever the others of the function do; those that take a stream.
_BUFFERED = frozenset({"http.v2", "http.alb", "http.lattice_v1", "http.lattice_v2"})
_STREAMING = frozenset({"http.url", "http.rest"})


def sender_for(event: Any, client: Client, invocation: Invocation, threads: CapacityLimiter | None) -> Sender | None:
    """What sends the reply to this event in a stream; None where what sent it takes none."""
    name = classify(event)
    return None if name in _BUFFERED else Sender(client, invocation, threads, http=name in _STREAMING)


def streamed(reply: Any) -> Stream | None:
    """The buffered reply of an HTTP event in the form of a stream; None where it is none."""
    if not isinstance(reply, dict) or type(reply.get("statusCode")) is not int:
        return None
    body = reply.get("body") or ""
    if not isinstance(body, str):
        return None
    try:
        data = a2b_base64(body) if reply.get("isBase64Encoded") else body.encode()
        head = _head(reply)
    except (NotBase64Error, UnicodeEncodeError, AttributeError):
        return None  # wrong as it stands, and for the front end to say so
    return Stream(head, iter((data,) if data else ()), lambda _: reply)


def _head(reply: dict[str, Any]) -> dict[str, Any]:
    headers = {str(name): str(value) for name, value in (reply.get("headers") or {}).items()}
    cookies = [str(cookie) for cookie in reply.get("cookies") or ()]
    for name, values in (reply.get("multiValueHeaders") or {}).items():
        if name.lower() == "set-cookie":
            cookies += [str(value) for value in values]
        else:
            headers[name] = ", ".join(str(value) for value in values)
    return {"statusCode": reply["statusCode"], "headers": headers, "cookies": cookies}


class Sender:
    """Sends one invocation's stream: a sink for the engine.

    `begun`: whether Lambda has got any of it, after which its error can only go along at the end. `trouble`: what went
    wrong with the sending; the caller may just be gone, so it is no failure of the handler. `http`: whether a reply
    that is no stream is made one.
    """

    __slots__ = ("_client", "_http", "_invocation", "_threads", "begun", "trouble")

    def __init__(self, client: Client, invocation: Invocation, threads: CapacityLimiter | None, *, http: bool) -> None:
        self._threads = threads
        self._http = http
        self._client = client
        self._invocation = invocation
        self.begun: bool = False
        self.trouble: RuntimeApiError | None = None

    def __call__(self, stream: Stream) -> Awaitable[None] | None:
        """Send all of it, as it is produced. Raises what the handler raises, after telling Lambda."""
        if stream.is_async:
            return self._send_async(stream)
        if self._threads is not None:
            return self._send_in_thread(stream, self._threads)
        self._send(stream)
        return None

    async def _send_in_thread(self, stream: Stream, threads: CapacityLimiter) -> None:
        """A sync generator, in an event loop that other invocations use."""
        from anyio import to_thread  # noqa: PLC0415 - loaded: it made the limiter

        await to_thread.run_sync(self._send, stream, abandon_on_cancel=True, limiter=threads)

    def finish(self, reply: Any) -> bool:
        """Send the reply of an HTTP event that was not streamed, in a stream's form. False: it is sent as it is."""
        if self.begun:
            return True
        stream = streamed(reply) if self._http else None
        if stream is None:
            return False
        self._send(stream)
        return True

    def _open(self, stream: Stream) -> tuple[Connection, bytes]:
        """A connection, and what goes ahead of the chunks. Once this is sent, the invocation has its answer."""
        headers = {
            "Content-Type": "application/octet-stream" if stream.head is None else _HTTP,
            "Lambda-Runtime-Function-Response-Mode": "streaming",
            "Trailer": f"{_TYPE}, {_BODY}",
            "Connection": "close",
        }
        head = self._client.head(self._invocation, "response", headers, -1)
        if stream.head is not None:
            head += chunk(json.dumps(stream.head).encode() + _DELIMITER)
        try:
            connection = self._client.connect()
        except OSError as error:
            msg = f"no connection to the Runtime API for the streamed reply: {error}"
            raise DisconnectedError(msg) from error
        self.begun = True
        return connection, head

    def _send(self, stream: Stream) -> None:
        connection, ahead = self._open(stream)
        chunks = iter(stream.chunks)
        try:
            self._put(connection, ahead)
            while True:
                # What the handler raises is none of the connection's errors, whatever its type.
                try:
                    piece = next(chunks)
                except StopIteration:
                    break
                except BaseException as error:
                    self._put(connection, self._error(error))
                    self._check(connection)
                    raise
                self._put(connection, chunk(piece))
            self._put(connection, last_chunk({}))
            self._check(connection)
        except _BrokenError as error:
            self._lost(error, connection)
        finally:
            connection.close()

    @staticmethod
    def _put(connection: Connection, data: bytes) -> None:
        try:
            connection.send(data)
        except OSError as error:
            raise _BrokenError(error) from error

    def _check(self, connection: Connection) -> None:
        """Look at the answer."""
        try:
            self._judge(connection.receive())
        except OSError as error:
            raise _BrokenError(error) from error

    async def _send_async(self, stream: Stream) -> None:
        from asyncio import current_task, get_running_loop  # noqa: PLC0415 - this runs in a loop

        task = current_task()
        assert task is not None  # noqa: S101 - for the type checker
        connection, ahead = self._open(stream)
        connection.socket.setblocking(False)  # noqa: FBT003 - the socket's own signature
        wire = _Wire(connection, get_running_loop(), task)
        chunks = aiter(stream.chunks)
        try:
            await wire.put(ahead)
            while True:
                try:
                    piece = await anext(chunks)
                except StopAsyncIteration:
                    break
                except BaseException as error:
                    wire.check_gone(error)
                    await wire.put(self._error(error))
                    self._judge(await wire.end())
                    raise
                await wire.put(chunk(piece))
            await wire.put(last_chunk({}))
            self._judge(await wire.end())
        except _BrokenError as error:
            self._lost(error, None)
        finally:
            await wire.close()

    def _judge(self, message: Message) -> None:
        if message.start[9:10] != b"2":
            self.trouble = RefusedError(_CALL, message)

    def _lost(self, error: _BrokenError, connection: Connection | None) -> None:
        """The connection broke. The API may have said why, just before."""
        if error.message is not None:
            self._judge(error.message)
        elif connection is not None and not isinstance(error.__cause__, TimeoutError):
            with suppress(OSError):
                self._judge(connection.receive())
        msg = f"the streamed reply could not be sent to its end: {error}"
        self.trouble = self.trouble or DisconnectedError(msg)

    def _error(self, error: BaseException) -> bytes:
        """The end of a stream that its handler broke off."""
        fault = Fault(error, request_id=self._invocation.request_id)
        body = b2a_base64(fault.body(), newline=False).decode()
        return last_chunk({_TYPE: fault.kind, _BODY: body})


class _BrokenError(Exception):
    """The connection broke, or the API answered before the end, with `message`."""

    def __init__(self, error: object, message: Message | None = None) -> None:
        super().__init__(str(error))
        self.message = message


class _Wire:
    """A connection in an event loop, on which an answer before the end stops `task`: nobody listens any more."""

    __slots__ = ("_answer", "_connection", "_loop", "_open", "_task")

    def __init__(self, connection: Connection, loop: AbstractEventLoop, task: Task[Any]) -> None:
        self._connection = connection
        self._loop = loop
        self._task = task
        # Whether the handler still produces: only then its task is stopped.
        self._open = True
        self._answer = loop.create_task(connection.receive_in(loop))
        self._answer.add_done_callback(self._answered)

    def _answered(self, _answer: Task[Message]) -> None:
        if self._open:
            self._task.cancel()

    async def put(self, data: bytes) -> None:
        """Send, at the pace of the other end."""
        try:
            await self._connection.send_in(self._loop, data)
        except OSError as error:
            self._open = False
            raise _BrokenError(error) from error
        except BaseException as error:
            self.check_gone(error)
            raise

    def check_gone(self, error: BaseException) -> None:
        """The handler will produce no more. Raises `_BrokenError` where that is because nobody listens."""
        was_open, self._open = self._open, False
        if not (was_open and self._answer.done() and type(error).__name__ == "CancelledError"):
            return
        self._task.uncancel()
        failure = self._answer.exception()
        if failure is None:
            msg = "the Runtime API answered before its end"
            raise _BrokenError(msg, self._answer.result()) from error
        raise _BrokenError(failure) from failure

    async def end(self) -> Message:
        """Wait for the answer."""
        self._open = False
        try:
            return await self._answer
        except OSError as error:
            raise _BrokenError(error) from error

    async def close(self) -> None:
        """Let go of the connection."""
        from asyncio import wait  # noqa: PLC0415 - this runs in a loop

        self._open = False
        if not self._answer.done():
            self._answer.cancel()
            await wait({self._answer})
        if not self._answer.cancelled():
            self._answer.exception()  # or a warning would say that nobody looked at it
        self._connection.close()
