"""Replies: what a handler returns, as status, headers and body."""

from __future__ import annotations

from collections.abc import Mapping

from lambdarouter.core import codec
from lambdarouter.core.stream import Chunks, chunks_of
from lambdarouter.errors import check_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable, Sequence
    from typing import Any

__all__ = ["JSON_HEADERS", "TITLES", "Response", "StreamingResponse", "to_response"]

# Of nearly every reply: what is made with it here needs no check.
JSON_HEADERS = (("content-type", "application/json"),)
_TEXT = [("content-type", "text/plain; charset=utf-8")]
_BINARY = [("content-type", "application/octet-stream")]
# Reason phrases, as RFC 9110 has them.
TITLES = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    410: "Gone",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    428: "Precondition Required",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Response:
    """A reply in full: `Response(b"...", headers={"content-type": "image/png"})`.

    `body`: text, bytes, or None for an empty one. `status`: 200, or 204 for an empty body. `headers`: a mapping, or
    pairs where a name has several values. `cookies`: Set-Cookie values as they are to be sent.
    """

    __slots__ = ("body", "cookies", "headers", "status")

    # What is sent instead of `body`, of a reply that is produced piece by piece.
    chunks: Chunks | None = None

    def __init__(
        self,
        body: str | bytes | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        cookies: Sequence[str] = (),
    ) -> None:
        if isinstance(body, str):
            if not body.isascii():
                body.encode()  # half a surrogate pair has no UTF-8, and could not leave the function
        elif body is not None and not isinstance(body, bytes):
            msg = f"a Response's body is str, bytes or None, not {type(body).__name__}: return data without a Response"
            raise TypeError(msg)
        if status is not None and not (isinstance(status, int) and 200 <= status <= 599):  # noqa: PLR2004
            msg = f"a Response's status is 200 to 599, not {status!r}"
            raise ValueError(msg)
        self.body = body
        self.status = status if status is not None else 204 if body is None else 200
        # Names in lower case, as HTTP/2 has them, so that all gateways see which belong together.
        self.headers: Sequence[tuple[str, str]] = [
            (name.lower(), value)
            for name, value in _checked(headers.items() if isinstance(headers, Mapping) else headers)
        ]
        if isinstance(cookies, str):
            msg = f"cookies is {cookies!r:.60}; it is a list of Set-Cookie values"
            raise TypeError(msg)
        self.cookies: Sequence[str] = [value for _, value in _checked(("set-cookie", cookie) for cookie in cookies)]

    def __repr__(self) -> str:
        size = 0 if self.body is None else len(self.body)
        return f"<Response {self.status}, {size} {'bytes' if isinstance(self.body, bytes) else 'characters'}>"


class StreamingResponse(Response):
    """A reply produced piece by piece: `StreamingResponse(generator(), headers={"content-type": "text/csv"})`.

    `body`: an iterator or async iterator of text, bytes, or what has a JSON form, which is then sent one a line. Its
    first piece decides the Content-Type, where `headers` do not. A generator is closed when the client is gone.
    """

    __slots__ = ("chunks",)

    def __init__(
        self,
        body: Iterable[Any] | AsyncIterable[Any],
        status: int | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        cookies: Sequence[str] = (),
    ) -> None:
        super().__init__(None, status or 200, headers, cookies)
        if isinstance(body, (str, bytes)):
            msg = f"a StreamingResponse's body is an iterator of pieces, not {type(body).__name__}: return a Response"
            raise TypeError(msg)
        self.chunks: Chunks = body if isinstance(body, Chunks) else chunks_of(body)

    def __repr__(self) -> str:
        return f"<StreamingResponse {self.status}>"


def _checked(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    headers = list(pairs)
    for name, value in headers:
        check_header(name, value)
    return headers


def to_response(value: Any, status: int | None, write: Callable[[Any], str | None] | None) -> Response:
    """A handler's value as a reply; `write` is the declared return type's JSON, where there is one."""
    if isinstance(value, Response):
        return value
    if isinstance(value, Chunks):
        return StreamingResponse(value, status)
    if write is None:
        if isinstance(value, str):
            return Response(value, status, _TEXT)
        if isinstance(value, bytes):
            return Response(value, status, _BINARY)
    text = None if value is None and write is None else (write or codec.encode)(value)
    if text is None:
        return Response(None, status)
    # What is made here needs no check of its headers: this is the way of nearly every reply.
    response = Response.__new__(Response)
    response.body = text
    response.status = status or 200
    response.headers = JSON_HEADERS
    response.cookies = ()
    return response
