"""One request class per gateway: how its event is read, and how it wants its reply.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

from binascii import Error as Base64Error, a2b_base64, b2a_base64
from json.encoder import encode_basestring_ascii

from lambdarouter.core import codec
from lambdarouter.core.http import GUARD_KEY, PRINCIPAL_KEY, Allow, Request, Values, is_plain, pairs, query_pairs
from lambdarouter.core.view import field
from lambdarouter.errors import MalformedPayloadError
from lambdarouter.sources.http.response import TITLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from lambdarouter.sources.http.cors import Cors
    from lambdarouter.sources.http.finish import Replies
    from lambdarouter.sources.http.response import Response

__all__ = ["GATEWAYS", "AlbRequest", "HttpApiRequest", "HttpRequest", "RestRequest", "UrlRequest"]

# In bytes: Lambda's limit for a whole reply, and ALB's.
_REPLY_LIMIT, _ALB_LIMIT = 6_291_556, 1_048_576


class HttpRequest(Request):
    """A request with a body, on its way to a route.

    `debug`: whether a 500 may say what went wrong. `raises`: whether it fails the invocation instead of being answered.
    """

    debug = False
    raises = False
    # Whether the reply is to have no body: the request is a HEAD.
    bodiless = False
    # What the app says of all replies, the CORS that goes for this one, and whether there is anything to add to it.
    replies: Replies | None = None
    cors: Cors | None = None
    finishes = False
    # What `App(base_path=)` takes off the path.
    bases: Sequence[str] = ()
    limit = _REPLY_LIMIT
    _decoded_body: bytes | None = None
    _routed: str | None = None
    # Whether the path comes percent-encoded, as the client sent it.
    encoded_path = True
    raw_path: str = field("path")

    @property
    def path(self) -> str:  # type: ignore[override]
        """The path that is routed: without a stage, and without a base path."""
        path = self._routed
        if path is None:
            path = self._mapped_path()
            for base in self.bases:
                if path == base or path.startswith(base + "/"):
                    path = path[len(base) :] or "/"
                    break
            self._routed = path
        return path

    def _mapped_path(self) -> str:
        """The path without what the gateway's stage or mapping put before it."""
        return self.raw_path

    @property
    def raw_query(self) -> str:
        """The query string, percent-encoded; of gateways that send it in pieces, put together again."""
        pairs = list(self.query.items())
        if not pairs:
            return ""
        from urllib.parse import urlencode  # noqa: PLC0415 - 10 ms, for who asks

        return urlencode(pairs)

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

    @property
    def content(self) -> str | bytes:
        """The body as it came, text or decoded bytes: what a JSON parser takes."""
        raw = self.raw.get("body")
        if raw is None:
            return ""
        if not isinstance(raw, str):
            msg = f"the event's body is a {type(raw).__name__}; gateways send a string or null"
            raise MalformedPayloadError(msg)
        if self.raw.get("isBase64Encoded") is not True:
            return raw
        if self._decoded_body is None:
            try:
                self._decoded_body = a2b_base64(raw, strict_mode=True)
            except (Base64Error, ValueError) as error:
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
        """The path's segments, percent-decoded; None where there is nothing to decode. ValueError: not UTF-8."""
        if not self.encoded_path or "%" not in self.path:
            return None
        from urllib.parse import unquote  # noqa: PLC0415 - 10 ms, for paths that need it

        return [unquote(segment, errors="strict") for segment in self.path.split("/")[1:]]

    def stamped(self, guard: str) -> Allow | None:
        """The verdict of this guard, where API Gateway had it decide already: its stamp is in the context."""
        context = self._authorizer()
        if not isinstance(context, dict) or context.get(GUARD_KEY) != guard:
            return None
        ours = (GUARD_KEY, PRINCIPAL_KEY, "principalId", "integrationLatency", "integrationStatus")
        return Allow(str(context.get(PRINCIPAL_KEY, "")), **{k: v for k, v in context.items() if k not in ours})

    def _authorizer(self) -> Any:
        context = self.raw.get("requestContext")
        return context.get("authorizer") if isinstance(context, dict) else None

    def check(self, response: Response) -> None:
        """Raise ValueError for a response that this gateway could not be given, or would refuse."""
        size = _size(response)
        if size > self.limit:
            msg = (
                f"the reply has {size} bytes as it travels, the gateway takes {self.limit}: page it, or put it into S3 "
                "and redirect to a presigned URL"
            )
            raise ValueError(msg)

    def answer(self, response: Response) -> dict[str, Any]:
        """The reply in this gateway's shape."""
        raise NotImplementedError


def _headers(response: Response) -> Iterator[tuple[str, str]]:
    """The response's headers, its cookies among them."""
    yield from response.headers
    for cookie in response.cookies:
        yield "set-cookie", cookie


# Bytes of a reply around body and headers: status, its description, names and brackets.
_ENVELOPE = 256


def _size(response: Response) -> int:
    """The bytes of a reply as the runtime sends it, at most: JSON, binary bodies in it as base64.

    What is not ASCII counts as six bytes for each UTF-16 unit: Lambda's runtime for Python 3.11 escapes it in its JSON.
    """
    body = response.body
    size = (len(body) + 2) // 3 * 4 if isinstance(body, bytes) else len(encode_basestring_ascii(body or ""))
    for name, value in _headers(response):
        size += len(name) + len(encode_basestring_ascii(value)) + len('"":[],')
    return size + _ENVELOPE


def _without_stage(path: str, stage: str) -> str:
    """The path after a named stage, where it starts with one."""
    prefix = f"/{stage}"
    if stage and stage != "$default" and (path == prefix or path.startswith(prefix + "/")):
        return path[len(prefix) :] or "/"
    return path


def _without_base(path: str, template: str | None, params: object) -> str:
    """The path after the base path that a custom domain maps to the API.

    Gateways leave it there, and nothing in the event names it; but the path ends with the API's own resource.
    """
    if template is None or not template.startswith("/"):
        return path
    values = params if isinstance(params, dict) else {}
    filled = "/".join(
        str(values.get(segment[1:-1].removesuffix("+"), "")) if segment.startswith("{") else segment
        for segment in template.split("/")
    ).rstrip("/")
    shown = path.rstrip("/")
    if "%" in shown or "%" in filled:
        from urllib.parse import unquote  # noqa: PLC0415 - 10 ms, for paths that need it

        shown, filled = unquote(shown), unquote(filled)
    base = shown[: len(shown) - len(filled)]
    # A base path is plain text, so it is as long encoded as decoded.
    if base and base[0] == "/" and shown.endswith(filled) and path.startswith(base):
        return path[len(base) :] or "/"
    return path


def _reply(response: Response) -> dict[str, Any]:
    """What the gateways' replies have in common, which for one header and no cookie is all there is."""
    body = response.body
    base64 = isinstance(body, bytes)
    return {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": b2a_base64(body, newline=False).decode() if isinstance(body, bytes) else body or "",
        "isBase64Encoded": base64,
    }


def _has_one_header(response: Response) -> bool:
    """Whether the reply is like nearly all: a Content-Type, and nothing that a gateway wants in a way of its own."""
    return not response.cookies and len(response.headers) == 1 and response.headers[0][0] == "content-type"


def _grouped(response: Response) -> dict[str, list[str]]:
    """Every header with its values, cookies among them. Responses have their names in lower case."""
    several: dict[str, list[str]] = {}
    for name, value in _headers(response):
        several.setdefault(name, []).append(value)
    return several


class RestRequest(HttpRequest):
    """A request through a REST API, or through an HTTP API with payload 1.0.

    Of payload 1.0, `path` is the URL's, where on the API's own domain a named stage comes first; a REST API has taken
    its stage off. Both leave the base path of a custom domain's mapping there.
    """

    _api: str = field("requestContext", "apiId", default="")
    _domain: str = field("requestContext", "domainPrefix", default="")

    def _mapped_path(self) -> str:
        if self._domain != self._api:
            return _without_base(self.raw_path, self.peek("resource"), self.raw.get("pathParameters"))
        named = self._domain and self.raw.get("version") == "1.0"
        return _without_stage(self.raw_path, self.stage) if named else self.raw_path

    def answer(self, response: Response) -> dict[str, Any]:
        """`multiValueHeaders` only where a name has several values: API Gateway merges both maps."""
        reply = _reply(response)
        if not _has_one_header(response):
            several = _grouped(response)
            if any(len(values) > 1 for values in several.values()):
                reply["multiValueHeaders"] = {name: values for name, values in several.items() if len(values) > 1}
            reply["headers"] = {name: values[0] for name, values in several.items() if len(values) == 1}
        return reply


class HttpApiRequest(HttpRequest):
    """A request through an HTTP API, payload 2.0. Its path comes decoded, and starts with a named stage.

    It does so behind a custom domain too, whose URLs have no stage: `rawPath` is not the URL's path there. The base
    path of a custom domain's mapping is in it as well.
    """

    encoded_path = False
    method: str = field("requestContext", "http", "method")
    raw_path: str = field("rawPath")
    client_ip: str = field("requestContext", "http", "sourceIp", default="")
    headers: Values = field(of=lambda raw: Values(_split_headers(raw), fold=True))
    query: Values = field("rawQueryString", of=lambda text: Values(query_pairs(text)), default=Values)

    _api: str = field("requestContext", "apiId", default="")
    _domain: str = field("requestContext", "domainPrefix", default="")

    def _mapped_path(self) -> str:
        path = _without_stage(self.raw_path, self.stage)
        if self._domain and self._domain != self._api:
            template = (self.peek("routeKey") or "").partition(" ")[2]
            return _without_base(path, template, self.raw.get("pathParameters"))
        return path

    @property
    def raw_query(self) -> str:
        """The query string as the client sent it."""
        return self.peek("rawQueryString") or ""

    def _authorizer(self) -> Any:
        context = super()._authorizer()
        return context.get("lambda") if isinstance(context, dict) else None

    def answer(self, response: Response) -> dict[str, Any]:
        """Several values of a name are joined with a comma; cookies have a list of their own."""
        reply = _reply(response)
        if not _has_one_header(response):
            several = _grouped(response)
            cookies = several.pop("set-cookie", None)
            if cookies:
                reply["cookies"] = cookies
            reply["headers"] = {name: ",".join(values) for name, values in several.items()}
        return reply


class UrlRequest(HttpApiRequest):
    """A request to a function URL: an HTTP API's event, with the path as the client sent it."""

    encoded_path = True

    def _mapped_path(self) -> str:
        return self.raw_path

    def stamped(self, guard: str) -> Allow | None:
        """Function URLs run no authorizers: what looks like a stamp is not one."""
        return None

    def check(self, response: Response) -> None:
        """See `HttpRequest.check`. An ASGI server, whose requests come so, takes a reply of any size."""
        if self.raw["requestContext"].get("asgi") is None:
            super().check(response)


def _forwarded_for(raw: Any) -> str:
    # ALB appends the address it saw: the last one is the only one a client cannot make up.
    header = Values(pairs(raw.get("headers"), raw.get("multiValueHeaders")), fold=True).get("x-forwarded-for")
    return (header or "").rpartition(",")[2].strip()


class AlbRequest(HttpRequest):
    """A request through an Application Load Balancer; its query strings come percent-encoded."""

    limit = _ALB_LIMIT
    client_ip: str = field(of=_forwarded_for)
    query: Values = field(of=lambda raw: Values(_decoded(raw)))

    @property
    def id(self) -> str:
        """ALB has no request id; its trace id names the request."""
        return self.headers.get("x-amzn-trace-id") or "the request"

    def stamped(self, guard: str) -> Allow | None:
        """ALB runs no authorizers: what looks like a stamp is not one."""
        return None

    def check(self, response: Response) -> None:
        """See `HttpRequest.check`; one value a name also means that there are no more cookies than spellings."""
        super().check(response)
        cookies = len(_grouped(response).get("set-cookie", ()))
        if cookies > _MOST_COOKIES and not isinstance(self.raw.get("multiValueHeaders"), dict):
            msg = (
                f"the reply has {cookies} cookies; an ALB takes {_MOST_COOKIES}, and more only with "
                "lambda.multi_value_headers.enabled on its target group"
            )
            raise ValueError(msg)

    def answer(self, response: Response) -> dict[str, Any]:
        """`multiValueHeaders` exactly where the request came so: ALB reads only the map its target group is set to."""
        reply = _reply(response)
        reply["statusDescription"] = f"{response.status} {TITLES.get(response.status, '')}".strip()
        if isinstance(self.raw.get("multiValueHeaders"), dict):
            del reply["headers"]
            reply["multiValueHeaders"] = _grouped(response)
        elif not _has_one_header(response):
            reply["headers"] = dict(_one_each(_grouped(response)))
        return reply


# Every letter of Set-Cookie in upper or lower case.
_MOST_COOKIES = 2**9


def _one_each(several: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """ALB's mode of one value a name: values are joined, and each cookie goes under another spelling of its name."""
    for name, values in several.items():
        if name != "set-cookie":
            yield name, ", ".join(values)
            continue
        for number, value in enumerate(values):
            # Names that differ in case only are several to ALB and one to browsers.
            flips = f"{number:09b}"
            spelled = "".join(c.upper() if flip == "1" else c for c, flip in zip("setcookie", flips, strict=True))
            yield f"{spelled[:3]}-{spelled[3:]}", value


def _split_headers(raw: Any) -> Iterator[tuple[str, str]]:
    # Payload 2.0 joins several values with commas; which of a header's commas separate values, only its user knows.
    return pairs(raw.get("headers"), None)


def _decoded(raw: Any) -> Iterator[tuple[str, str]]:
    for name, value in pairs(raw.get("queryStringParameters"), raw.get("multiValueQueryStringParameters")):
        if is_plain(name) and is_plain(value):
            yield name, value
        else:
            from urllib.parse import unquote_plus  # noqa: PLC0415 - 10 ms, for queries that need it

            yield unquote_plus(name), unquote_plus(value)


GATEWAYS: dict[str, type[HttpRequest]] = {
    "http.rest": RestRequest,
    "http.v2": HttpApiRequest,
    "http.url": UrlRequest,
    "http.alb": AlbRequest,
}
