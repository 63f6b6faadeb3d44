"""The last touches to a reply: tags, compression, the headers that an app gives all of them, what HEAD leaves out."""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError, check_header
from lambdarouter.sources.http.response import BODILESS, Response, StreamingResponse, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lambdarouter.sources.http.cors import Cors
    from lambdarouter.sources.http.request import HttpRequest

__all__ = ["Replies", "finish"]

# What OWASP advises for APIs, as far as it does no harm to pages.
# https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
_SECURITY = {
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
# Of these, each value counts, whoever says it.
_LISTS = {"set-cookie", "vary"}
_LEAST = 1024  # bytes of a body that are worth compressing


class Replies:
    """What `App(...)` says of all replies; made once, when the app is."""

    __slots__ = ("compress", "cors", "security")

    def __init__(self, *, cors: Cors | None, compress: bool | int, security_headers: bool | Mapping[str, str]) -> None:
        self.cors: Cors | None = cors
        if compress is not False and compress is not True and (type(compress) is not int or compress < 0):
            msg = f"compress is {compress!r}; it is True, or the number of bytes from which on a body is compressed"
            raise ConfigurationError(msg)
        # The least size of a body that is compressed; None: none is.
        self.compress: int | None = None if compress is False else _LEAST if compress is True else compress
        given: Any = {} if security_headers is False else {} if security_headers is True else security_headers
        try:
            for name, value in given.items():
                check_header(name, value)
        except (AttributeError, ValueError) as error:
            msg = f"security_headers is {security_headers!r}; it is True, or maps names of headers to values: {error}"
            raise ConfigurationError(msg) from error
        known = {} if security_headers is False else _SECURITY
        own = {name.lower(): value for name, value in given.items()}
        # One that is given as "" is left out.
        self.security: list[tuple[str, str]] = [(name, value) for name, value in (known | own).items() if value]


def finish(request: HttpRequest, response: Response, trigger: Any) -> Response:
    """The reply as it is to leave; `trigger` is its route's, None where there is none."""
    own = None if response.is_repeat else request.own_headers
    # A copy: a handler may return one response time and again.
    if response.chunks is None:
        response = made(response.body, response.status, list(response.headers), list(response.cookies))
    else:
        response = StreamingResponse(response.chunks, response.status, response.headers, response.cookies)
    if own:
        present = {name for name, _ in response.headers} - _LISTS
        response.headers += [pair for pair in own.multi_items() if pair[0] not in present]
    if trigger is not None and trigger.etag:
        response = _tagged(request, response)
    replies = request.settings.replies
    if replies is not None:
        if replies.compress is not None:
            from lambdarouter.sources.http.compression import compressed  # noqa: PLC0415 - only where it is wanted

            compressed(request, response, replies.compress)
        if replies.security:
            present = {name for name, _ in response.headers}
            response.headers += [pair for pair in replies.security if pair[0] not in present]
    cors = request.cors
    if cors is not None and not any(name == "access-control-allow-origin" for name, _ in response.headers):
        response.headers += cors.reply_headers(request.peek_header("origin"))
    if response.status in BODILESS:
        response = _without_body(response, keep_type=response.status == 304)  # noqa: PLR2004 - Not Modified
    elif request.bodiless:
        _tell_length(response)
        response = _without_body(response, keep_type=True)
    return response


def _tagged(request: HttpRequest, response: Response) -> Response:
    """A plain 200 with its entity tag, or 304 to a client that has it."""
    if response.status != 200 or response.chunks is not None or request.method not in ("GET", "HEAD"):  # noqa: PLR2004
        return response
    from lambdarouter.sources.http.conditional import etag_of, precondition  # noqa: PLC0415 - only with etag=True

    tag = next((value for name, value in response.headers if name == "etag"), None)
    if tag is None:
        body = response.body
        tag = etag_of(body if isinstance(body, bytes) else (body or "").encode())
        response.headers.append(("etag", tag))
    status = precondition(request, tag)
    return response if status is None else made(None, status, response.headers, response.cookies)


def _tell_length(response: Response) -> None:
    """HEAD has the Content-Length of the body that GET would have; of a stream's, only its handler may know it."""
    body = response.body
    if body is not None and not any(name == "content-length" for name, _ in response.headers):
        size = len(body) if isinstance(body, bytes) else len(body.encode())
        response.headers.append(("content-length", str(size)))


def _without_body(response: Response, *, keep_type: bool) -> Response:
    dropped = () if keep_type else ("content-type", "content-length", "content-encoding")
    headers = [pair for pair in response.headers if pair[0] not in dropped]
    return made(None, response.status, headers, response.cookies)
