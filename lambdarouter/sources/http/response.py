"""Replies: what a handler returns, as status, headers and body."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.errors import HttpError, InvalidPayloadError, MalformedPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

__all__ = ["Response", "problem", "to_response"]

_JSON = "application/json"
_TITLES = {
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

    def __init__(
        self,
        body: str | bytes | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        cookies: Sequence[str] = (),
    ) -> None:
        self.body = body
        self.status = status if status is not None else 204 if body is None else 200
        self.headers = _checked(list(headers.items() if hasattr(headers, "items") else headers))
        self.cookies = list(cookies)

    def __repr__(self) -> str:
        size = 0 if self.body is None else len(self.body)
        return f"<Response {self.status}, {size} {'bytes' if isinstance(self.body, bytes) else 'characters'}>"


def _checked(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    for name, value in headers:
        if not isinstance(name, str) or not isinstance(value, str) or {"\r", "\n", "\0"} & {*name, *value}:
            msg = f"the header {name!r} with the value {value!r:.60} cannot be sent: both are str, on one line"
            raise ValueError(msg)
    return headers


def to_response(value: Any, status: int | None, write: Callable[[Any], str] | None) -> Response:
    """A handler's value as a reply; `write` is the declared return type's JSON, where there is one."""
    if isinstance(value, Response):
        return value
    if value is None and write is None:
        return Response(None, status)
    if write is None:
        if isinstance(value, str):
            return Response(value, status, [("content-type", "text/plain; charset=utf-8")])
        if isinstance(value, bytes):
            return Response(value, status, [("content-type", "application/octet-stream")])
        write = codec.encode
    # What is made here needs no check of its headers: this is the way of nearly every reply.
    response = Response.__new__(Response)
    response.body = write(value)
    response.status = status or 200
    response.headers = [("content-type", _JSON)]
    response.cookies = []
    return response


def problem(error: Exception, request: str, *, debug: bool) -> Response:
    """An error as problem+json (RFC 9457). What is not the client's to know stays out, unless `debug`."""
    headers: list[tuple[str, str]] = []
    body: dict[str, Any] = {}
    if isinstance(error, HttpError):
        status, headers = error.status, list(error.headers.items())
        if error.detail is not None:
            body["detail"] = error.detail
    elif isinstance(error, InvalidPayloadError):
        status = 400 if isinstance(error, MalformedPayloadError) else 422
        body["detail"] = str(error)
        if error.errors:
            body["errors"] = error.errors
    else:
        status = 504 if type(error).__name__ == "DeadlineExceeded" else 500
        if debug:
            body["detail"] = f"{type(error).__name__}: {error}"
    document = {"title": _TITLES.get(status, "Error"), "status": status, **body}
    if status >= 500:  # noqa: PLR2004 - so that a report from a user leads to the log line
        document["request_id"] = request
    return Response(codec.encode(document), status, [*headers, ("content-type", "application/problem+json")])
