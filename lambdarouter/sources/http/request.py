"""An HTTP request, as every gateway's is seen: what handlers read, and what a gateway's own class fills in."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.http import Allow, stamp_of
from lambdarouter.core.request import NO_PARAMS, Request
from lambdarouter.core.route import Settings
from lambdarouter.core.view import field
from lambdarouter.errors import HttpError, MalformedPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from lambdarouter.core.identity import Identity
    from lambdarouter.core.request import ResponseHeaders
    from lambdarouter.sources.http.cors import Cors
    from lambdarouter.sources.http.form import FormData, Limits
    from lambdarouter.sources.http.response import Response

__all__ = ["HttpRequest", "headers_of", "without_base"]


class HttpRequest(Request):
    """A request with a body, on its way to a route."""

    # Whether the reply is to have no body: the request is a HEAD.
    bodiless = False
    limit = 6_291_556
    # The CORS that goes for the reply, and whether there is anything to add to it.
    cors: Cors | None = None
    finishes: bool = False
    _decoded_body: bytes | None = None
    _form: FormData | None = None
    # Whether the path comes percent-encoded, as the client sent it.
    encoded_path = True
    # What tells that the body is base64.
    base64_flag = "isBase64Encoded"
    raw_path: str = field("path")

    def __init__(self, raw: Any) -> None:
        # What every request changes has no default on the class, see `Invocation`.
        self.raw = raw
        self.path_params = NO_PARAMS
        # What the route that answers it was told, once there is one, and what the app was.
        self.trigger: Any = None
        self.settings: Settings = _UNTOLD
        # The path that is routed, once it is.
        self.routed: str | None = None

    @property
    def limits(self) -> Limits | None:
        """How much is read of a body, where the route or the app says."""
        own: Limits | None = None if self.trigger is None else self.trigger.limits
        return own or self.settings.limits

    @property
    def path(self) -> str:  # type: ignore[override]
        """The path that is routed: without a stage, and without a base path."""
        path = self.routed
        if path is None:
            path = self.routed = without_base(self.line()[1], self.settings.base_path)
        return path

    def line(self) -> tuple[str, str]:
        """The method, and the path without what the gateway's stage or mapping put before it, read in one go."""
        return self.method, self.raw_path

    @property
    def raw_query(self) -> str:
        """The query string, percent-encoded; of gateways that send it in pieces, put together again."""
        pairs = list(self.query.multi_items())
        if not pairs:
            return ""
        from urllib.parse import urlencode  # noqa: PLC0415 - 10 ms, for who asks

        return urlencode(pairs)

    @property
    def host(self) -> str:
        """The host that the client asked for, in lower case, without a port; empty where nobody tells."""
        named = self.peek("requestContext", "domainName") or self.headers.get("host") or ""
        if named.startswith("["):  # an IPv6 address
            return named.partition("]")[0].lower() + "]"
        return named.partition(":")[0].lower()

    @property
    def scheme(self) -> str:
        """How the client reached the gateway: "https", or "http" where a load balancer or VPC Lattice took that."""
        if self.peek("requestContext", "domainName") is not None:
            return "https"
        return "http" if self.headers.get("x-forwarded-proto") == "http" else "https"

    @property
    def forwarded_for(self) -> list[str]:
        """The addresses of X-Forwarded-For, the client's first: its sender may have made up all but the last."""
        listed = ",".join(self.headers.all("x-forwarded-for")).split(",")
        return [address.strip() for address in listed if address.strip()]

    @property
    def gateway_context(self) -> Mapping[str, Any]:
        """The gateway's own words on the request: the event's `requestContext`, empty where there is none."""
        found = self.raw.get("requestContext")
        return found if isinstance(found, dict) else {}

    @property
    def identity(self) -> Identity:
        """Whom the gateway authenticated, and how. What the app's own guard found out is in `auth`."""
        from lambdarouter.core.identity import identity_of  # noqa: PLC0415 - for who asks

        return identity_of(self.raw)

    @property
    def response_headers(self) -> ResponseHeaders:
        """See `Request`; whoever has asked has the reply finished."""
        self.finishes = True
        return super().response_headers

    @property
    def body(self) -> bytes:
        """The body's bytes, empty where there is none. Raises `MalformedPayloadError` for base64 that is none."""
        text = self.content
        return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")

    @property
    def text(self) -> str:
        """The body as UTF-8 text. Raises `MalformedPayloadError` where it is not."""
        body = self.content
        if isinstance(body, str):
            return body
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            msg = f"the body is not UTF-8: {error}"
            raise MalformedPayloadError(msg) from error

    def json(self) -> Any:
        """The body as JSON, unvalidated. Raises `MalformedPayloadError` where it is not."""
        return codec.decode(self.content, "body")

    def form(self) -> FormData:
        """The body as a form, urlencoded or multipart, within the route's `Limits`.

        Raises `HttpError` 415 for another media type and 413 for what is too much, `MalformedPayloadError` for what is
        no form. Without a body and a Content-Type, the form is empty.
        """
        if self._form is None:
            from lambdarouter.sources.http.form import DEFAULT, parse_form  # noqa: PLC0415 - for forms only

            self._form = parse_form(self.content, self.media_type, self.limits or DEFAULT)
        return self._form

    @property
    def content(self) -> str | bytes:
        """The body as it came, text or decoded bytes: what a JSON parser takes."""
        raw, limits = self.raw, self.limits
        text = raw.get("body")
        if text is None:
            return ""
        if not isinstance(text, str):
            msg = f"the event's body is a {type(text).__name__}; gateways send a string or null"
            raise MalformedPayloadError(msg)
        encoded = raw.get(self.base64_flag) is True
        if limits is not None:
            _check_size(
                len(text) // 4 * 3 - text.count("=", -2) if encoded else len(text.encode("utf-8", "surrogatepass")),
                limits,
            )
        if not encoded:
            return text
        if self._decoded_body is None:
            from binascii import a2b_base64  # noqa: PLC0415 - a library of its own, for binary bodies only

            try:
                self._decoded_body = a2b_base64(text, strict_mode=True)
            except ValueError as error:
                msg = f"the body claims to be base64 and is not: {error}"
                raise MalformedPayloadError(msg) from error
        return self._decoded_body

    def peek_header(self, name: str) -> str | None:
        """A header's first value, without a look at the others; `name` in lower case, as HTTP/2 has it."""
        headers = self.raw.get("headers")
        if isinstance(headers, dict):
            found = headers.get(name) or headers.get(name.title())
            if isinstance(found, str):
                return found
        return self.headers.get(name)

    @property
    def media_type(self) -> str | None:
        """The Content-Type, read without the other headers: with most bodies, nobody asks for those."""
        headers = self.raw.get("headers")
        if isinstance(headers, dict):
            found = headers.get("content-type") or headers.get("Content-Type")
            if isinstance(found, str):
                return found
        return self.headers.get("content-type")

    def segments(self) -> list[str] | None:
        """The path's segments, percent-decoded; None where there is nothing to decode. HttpError 400: not UTF-8."""
        path = self.path
        if not self.encoded_path or "%" not in path or path[:1] != "/":  # the last is nobody's path, decoded or not
            return None
        from urllib.parse import unquote  # noqa: PLC0415 - 10 ms, for paths that need it

        try:
            return [unquote(segment, errors="strict") for segment in path.split("/")[1:]]
        except UnicodeDecodeError:
            raise HttpError(400, "the path is not UTF-8") from None

    def stamped(self, guard: str) -> Allow | None:
        """The verdict of this guard, where API Gateway had it decide already: its stamp is in the context."""
        return stamp_of(self._authorizer(), guard)

    def _authorizer(self) -> Any:
        context = self.raw.get("requestContext")
        return context.get("authorizer") if isinstance(context, dict) else None

    def check(self, response: Response) -> None:
        """Raise ValueError for a response that this gateway could not be given, or would refuse."""
        room = self.limit - _ENVELOPE
        for name, value in headers_of(response):
            room -= len(name) + len(codec.encode_basestring_ascii(value)) + len('"":[],')
        size = _size(response.body or "", room)
        if size > room:
            msg = (
                f"the reply has {size + self.limit - room} bytes as it travels, the gateway takes {self.limit}: page "
                "it, or put it into S3 and redirect to a presigned URL"
            )
            raise ValueError(msg)

    def answer(self, response: Response) -> dict[str, Any]:
        """The reply in this gateway's shape."""
        raise NotImplementedError

    def answer_json(self, text: str, status: int, media: str = "application/json") -> dict[str, Any]:
        """`answer` to a response of JSON without headers of its own, as nearly all are."""
        return {
            "statusCode": status,
            "headers": {"content-type": media},
            "body": text,
            "isBase64Encoded": False,
        }


_UNTOLD = Settings()


def without_base(path: str, bases: Sequence[str]) -> str:
    """The path after the first of the app's base paths that it starts with."""
    for base in bases:
        if path == base or path.startswith(base + "/"):
            return path[len(base) :] or "/"
    return path


def _check_size(size: int, limits: Limits) -> None:
    if limits.body is not None and size > limits.body:
        raise HttpError(413, f"the body has {size} bytes; this route takes {limits.body}")


def headers_of(response: Response) -> Iterator[tuple[str, str]]:
    """The response's headers, its cookies among them."""
    yield from response.headers
    for cookie in response.cookies:
        yield "set-cookie", cookie


# Bytes of a reply around body and headers: status, its description, names and brackets.
_ENVELOPE = 256


# What is escaped of a text in ASCII.
_ESCAPED = bytes((*range(32), 127)) + b'"\\'


def _size(body: str | bytes, room: int) -> int:
    """The bytes of a body as the runtime sends it, at most: in JSON, bytes as base64; exact where it exceeds `room`.

    What is not ASCII counts as six bytes for each UTF-16 unit: Lambda's runtime for Python 3.11 escapes it in its JSON.
    """
    if isinstance(body, bytes):
        return (len(body) + 2) // 3 * 4
    # Written as JSON, to be measured, a text of 1 MB takes 2.3 ms; to count in it what is escaped, 0.6 ms.
    ascii_ = body.isascii()
    most = len(body) * (6 if ascii_ else 12)
    if most > room and ascii_:
        plain = len(body.encode().translate(None, _ESCAPED))
        most = plain + (len(body) - plain) * 6
    return most if most <= room else len(codec.encode_basestring_ascii(body))
