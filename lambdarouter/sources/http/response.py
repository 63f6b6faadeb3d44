"""Replies: what a handler returns, as status, headers and body."""

from __future__ import annotations

from _collections_abc import Mapping  # `collections.abc` would load all of collections

from lambdarouter.core import codec
from lambdarouter.core.stream import Chunks, chunks_of
from lambdarouter.errors import check_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable, Sequence
    from typing import Any, Literal, Self, Unpack

    from lambdarouter.core.cookie import CookieAttributes
    from lambdarouter.sources.http.request import HttpRequest


__all__ = [
    "BODILESS",
    "JSON_HEADERS",
    "NO_HEADERS",
    "TEXT_HEADERS",
    "TITLES",
    "URL_SAFE",
    "JsonResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "json_of",
    "made",
    "to_response",
]

# The headers of nearly all replies, which are known by their identity: what is made with them here needs no check, and
# nobody may add to them.
NO_HEADERS: list[tuple[str, str]] = []
JSON_HEADERS = [("content-type", "application/json")]
TEXT_HEADERS = [("content-type", "text/plain; charset=utf-8")]
_BINARY = [("content-type", "application/octet-stream")]
# What a URL holds beside letters and digits: quoting leaves what is quoted already as it is.
URL_SAFE = "%/:?#[]@!$&'()*+,;=-._~"
# Statuses without a body.
BODILESS = frozenset((204, 205, 304))
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
    pairs where a name has several values. `cookies`: Set-Cookie values as they are to be sent; `set_cookie` writes
    them. `content_type`: unless `headers` say it, text/plain for text and application/octet-stream for bytes.
    """

    __slots__ = ("body", "cookies", "headers", "status")

    # A declared return type has no say in what it is written as.
    writes_itself = True
    # Whether it was sent before, and is sent again as it was.
    is_repeat = False
    # What is sent instead of `body`, of a reply that is produced piece by piece.
    chunks: Chunks | None = None

    def __init__(
        self,
        body: str | bytes | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        cookies: Sequence[str] = (),
        *,
        content_type: str | None = None,
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
        self.body: str | bytes | None = body
        self.status: int = status if status is not None else 204 if body is None else 200
        # Names in lower case, as HTTP/2 has them, so that all gateways see which belong together.
        self.headers: list[tuple[str, str]] = []
        if headers:
            given = _checked(headers.items() if isinstance(headers, Mapping) else headers)
            self.headers = [(name.lower(), value) for name, value in given]
        if content_type is not None:
            self.headers = [pair for pair in self.headers if pair[0] != "content-type"]
            self.headers += _checked((("content-type", content_type),))
        elif body is not None and not any(name == "content-type" for name, _ in self.headers):
            self.headers += TEXT_HEADERS if isinstance(body, str) else _BINARY
        if isinstance(cookies, str):
            msg = f"cookies is {cookies!r:.60}; it is a list of Set-Cookie values"
            raise TypeError(msg)
        self.cookies: Sequence[str] = ()
        if cookies:
            self.cookies = [value for _, value in _checked(("set-cookie", cookie) for cookie in cookies)]

    def set_cookie(self, name: str, value: str, **attributes: Unpack[CookieAttributes]) -> Self:
        """Add a cookie, and return the response. Cookies are `secure`, `http_only` and `same_site="lax"` by default.

        Beside these: `max_age` (seconds) or `expires` (a datetime with a time zone), `path` ("/" by default), `domain`,
        `partitioned`. Raises ValueError for a cookie that browsers would drop or read differently.
        """
        from lambdarouter.core.cookie import set_cookie  # noqa: PLC0415 - only for replies with cookies

        self.cookies = [*self.cookies, set_cookie(name, value, **attributes)]
        return self

    def delete_cookie(self, name: str, *, path: str = "/", domain: str | None = None) -> Self:
        """Have the browser forget a cookie that was set with this path and domain."""
        return self.set_cookie(name, "", max_age=0, path=path, domain=domain)

    def complete(self, request: HttpRequest) -> Response:
        """This reply, to this request; what depends on the request (a file's range) is settled here."""
        return self

    def __repr__(self) -> str:
        size = 0 if self.body is None else len(self.body)
        return f"<Response {self.status}, {size} {'bytes' if isinstance(self.body, bytes) else 'characters'}>"


class JsonResponse(Response):
    """Data with a status or headers of its own: `JsonResponse({"id": 17}, 201, {"location": "/orders/17"})`.

    `content` is written as a handler's value is; a declared return type has no say in it.
    """

    __slots__ = ()

    def __init__(
        self,
        content: Any,
        status: int = 200,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        cookies: Sequence[str] = (),
    ) -> None:
        super().__init__(codec.encode(content), status, headers, cookies)
        # One that says what kind of JSON it is (application/hal+json) is left as it is.
        self.headers: list[tuple[str, str]] = [
            JSON_HEADERS[0] if pair == TEXT_HEADERS[0] else pair for pair in self.headers
        ]


class RedirectResponse(Response):
    """Go there instead: `RedirectResponse("/orders/17", 303)`.

    `status`: 307 (the default) and 308 repeat the request as it was, the latter for good; 303 goes on with GET, as
    after a form; 301 and 302 leave it to the client. `location` is a URL or a path; what is not ASCII is
    percent-encoded.
    """

    __slots__ = ()

    def __init__(
        self,
        location: str,
        status: Literal[301, 302, 303, 307, 308] = 307,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        cookies: Sequence[str] = (),
    ) -> None:
        if status not in (301, 302, 303, 307, 308):
            msg = f"a RedirectResponse's status is 301, 302, 303, 307 or 308, not {status!r}"
            raise ValueError(msg)
        super().__init__(None, status, headers, cookies)
        check_header("location", location)
        if not location.isascii() or " " in location:
            from urllib.parse import quote  # noqa: PLC0415 - for locations that need it

            location = quote(location, safe=URL_SAFE)
        self.headers.append(("location", location))


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
        *,
        content_type: str | None = None,
    ) -> None:
        super().__init__(None, status or 200, headers, cookies, content_type=content_type)
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


def json_of(value: Any, write: Callable[[Any], str | None] | None) -> str:
    """The JSON of a piece of a stream: as its declared type has it, where that has a say in it."""
    return (write and write(value)) or codec.encode(value)


def to_response(value: Any, status: int | None, write: Callable[[Any], str | None] | None) -> Response:
    """A handler's value as a reply; `write` is the declared return type's JSON, where there is one."""
    if isinstance(value, Response):
        return value
    if isinstance(value, Chunks):
        return StreamingResponse(value, status)
    if write is None:
        if type(value) is tuple and _has_status(value):
            value, status = value
        if isinstance(value, str):
            if not value.isascii():
                value.encode()  # as in a Response's own __init__
            return made(value, status or 200, TEXT_HEADERS)
        if isinstance(value, bytes):
            return made(value, status or 200, _BINARY)
    text = None if value is None and write is None else (write or codec.encode)(value)
    if text is None:
        return made(None, status or 204, NO_HEADERS)
    # This is the way of nearly every reply.
    return made(text, status or 200, JSON_HEADERS)


def _has_status(value: tuple[Any, ...]) -> bool:
    """Whether an undeclared value is `(body, status)`, as many know it; two numbers are two numbers."""
    return (
        len(value) == 2  # noqa: PLR2004
        and type(value[1]) is int
        and 200 <= value[1] <= 599  # noqa: PLR2004
        and not isinstance(value[0], (int, float))
    )


def made(
    body: str | bytes | None, status: int, headers: list[tuple[str, str]], cookies: Sequence[str] = ()
) -> Response:
    """A response of what is known to be sendable: nothing is checked."""
    response = Response.__new__(Response)
    response.body = body
    response.status = status
    response.headers = headers
    response.cookies = cookies
    return response
