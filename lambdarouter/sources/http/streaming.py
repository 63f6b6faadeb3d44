"""Streamed replies: what the pieces are written as, and the reply in the shape of the runtime and of the gateways."""

from __future__ import annotations

from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import members_of
from lambdarouter.core.signature import return_type
from lambdarouter.core.stream import Stream
from lambdarouter.sources.http.event_stream import MEDIA as EVENT_STREAM, ServerSentEvent, event_writer
from lambdarouter.sources.http.response import Response, json_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.core.handler import Handler
    from lambdarouter.sources.http.request import HttpRequest

__all__ = ["header", "is_text", "octets", "stream", "streamed"]

_TEXT, _BINARY, _LINES = "text/plain; charset=utf-8", "application/octet-stream", "application/jsonl"


def streamed(response: Response, handler: Handler | None) -> Response:
    """A response whose chunks have their first piece, with the way its pieces are written and its Content-Type."""
    chunks = response.chunks
    write = None if handler is None else handler.write
    assert chunks is not None  # noqa: S101 - for the type checker: the caller asked
    piece, said = chunks.first, header(response, "content-type")
    if isinstance(piece, ServerSentEvent) or (said or "").startswith(EVENT_STREAM):
        media = EVENT_STREAM
        chunks.written(event_writer(write))
        if header(response, "cache-control") is None:
            response.headers = [*response.headers, ("cache-control", "no-cache")]
    elif piece is EMPTY:
        media = _declared(handler)
    elif isinstance(piece, str):
        media = _TEXT
    elif isinstance(piece, (bytes, bytearray, memoryview)):
        media = _BINARY
    else:
        media = _LINES
        chunks.written(lambda value: f"{json_of(value, write)}\n".encode())
    if said is None:
        response.headers = [*response.headers, ("content-type", media)]
    return response


def _declared(handler: Handler | None) -> str:
    """The Content-Type of a stream without pieces, as far as its handler says what they would have been."""
    declared = EMPTY if handler is None or not handler.streams else return_type(handler.fn)
    arguments = getattr(declared, "__args__", ())
    members = members_of(arguments[0]) if arguments else (str,)
    if ServerSentEvent in members:
        return EVENT_STREAM
    return {(str,): _TEXT, (bytes,): _BINARY}.get(members, _LINES)


def header(response: Response, name: str) -> str | None:
    """The first value of a response's header; `name` in lower case."""
    return next((value for key, value in response.headers if key == name), None)


def stream(request: HttpRequest, response: Response) -> Stream:
    """The response for whoever can stream it, and for the gateway where nobody can."""
    headers: dict[str, str] = {}
    cookies = [*response.cookies]
    for name, value in response.headers:
        if name == "set-cookie":
            cookies.append(value)
        else:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    head = {"statusCode": response.status, "headers": headers, "cookies": cookies}

    def whole(body: bytes) -> dict[str, Any]:
        shown = None if request.bodiless else _text_or_bytes(response, body)
        buffered = Response(shown, response.status, response.headers, response.cookies)
        request.check(buffered)
        return request.answer(buffered)

    assert response.chunks is not None  # noqa: S101 - for the type checker: the caller asked
    return Stream(head, response.chunks, whole, limit=request.limit)


def _text_or_bytes(response: Response, body: bytes) -> str | bytes:
    """The body as text where its Content-Type says so, and it is: gateways decode base64 only where they are told."""
    if header(response, "content-encoding") is None and is_text(header(response, "content-type") or ""):
        try:
            return body.decode()
        except UnicodeDecodeError:
            return body
    return body


def octets(value: str) -> bytes:
    """A header's value on the wire: Latin-1, as HTTP has it, or UTF-8 where it has more."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")


def is_text(media: str) -> bool:
    """Whether a Content-Type is text, which travels as it is, and is worth compressing."""
    kind = media.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXTUAL or kind.endswith(("+json", "+xml"))


_TEXTUAL = frozenset(
    "application/" + kind
    for kind in ("json", "jsonl", "x-ndjson", "xml", "javascript", "x-www-form-urlencoded", "yaml", "graphql", "sql")
)
