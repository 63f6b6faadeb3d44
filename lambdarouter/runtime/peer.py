"""One connection of our own Runtime API: a caller's or a runtime's, request by request."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from lambdarouter.runtime.protocol import MalformedError, Message, Receiver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["Peer", "Reply"]

_REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 410: "Gone"}
_REASONS |= {413: "Payload Too Large", 502: "Bad Gateway", 504: "Gateway Timeout"}
_TRAILERS = "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body"


class Reply(Exception):  # noqa: N818 - no error: an answer that ends a call, wherever it is
    """The answer to a request."""

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers: dict[str, str] = dict(headers or {"Content-Type": "application/json"})


class Peer:
    """One connection of a caller or a runtime, request by request."""

    def __init__(
        self,
        handle: Callable[[Message, Peer], Awaitable[None]],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._handle = handle
        self._reader = reader
        self._writer = writer
        self._receiver = Receiver()
        self._message: Message | None = None

    async def serve(self) -> None:
        """Handle requests until the other end goes."""
        while True:
            try:
                head = await self._head()
            except MalformedError as error:
                await self.answer(400, str(error).encode(), {"Connection": "close"})
                return
            try:
                await self._handle(head, self)
            except Reply as reply:
                await self.answer(reply.status, reply.body, reply.headers)
            if head.closes:
                return
            if self._message is None:
                return  # answered before its end: what is left of it is no request
            self._message = None

    async def _head(self) -> Message:
        message = self._receiver.feed(b"")
        while message is None and self._receiver.head is None:
            message = self._receiver.feed(await self._read())
        self._message = message
        head = message or self._receiver.head
        assert head is not None  # noqa: S101 - for the type checker
        return head

    async def _read(self) -> bytes:
        data = await self._reader.read(65536)
        if not data:
            raise ConnectionResetError
        return data

    async def whole(self) -> Message:
        """The request with all of its body."""
        while self._message is None:
            self._message = self._receiver.feed(await self._read())
        return self._message

    async def piece(self) -> tuple[bytes, Message | None]:
        """What has come of the body, and the message where that was its end."""
        if self._message is None:
            taken = self._receiver.take()
            if taken:
                return taken, None
            self._message = self._receiver.feed(await self._read())
        if self._message is None:
            return self._receiver.take(), None
        return self._message.body, self._message

    async def closed(self) -> None:
        """Wait until the other end goes; it has nothing to say meanwhile."""
        with suppress(ConnectionError):
            if await self._reader.read(1):
                await asyncio.Event().wait()  # it talks out of turn: nobody will answer that

    async def answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """A whole response."""
        await self.write(_head_of(status, {**headers, "Content-Length": str(len(body))}) + body)

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of a response whose body comes in chunks."""
        await self.write(_head_of(status, {**headers, "Transfer-Encoding": "chunked", "Trailer": _TRAILERS}))

    async def write(self, data: bytes) -> None:
        """Write, at the pace of the other end."""
        self._writer.write(data)
        await self._writer.drain()


def _head_of(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
