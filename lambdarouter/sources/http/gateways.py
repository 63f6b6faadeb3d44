"""One request class per gateway: how its event is read, and how it wants its reply.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

from binascii import Error as Base64Error, a2b_base64, b2a_base64

from lambdarouter.core import codec
from lambdarouter.core.http import GUARD_KEY, PRINCIPAL_KEY, Allow, Request, Values, pairs
from lambdarouter.core.view import field
from lambdarouter.errors import MalformedPayloadError
from lambdarouter.sources.http.response import TITLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from lambdarouter.sources.http.response import Response

__all__ = ["GATEWAYS", "AlbRequest", "HttpApiRequest", "HttpRequest", "RestRequest", "UrlRequest"]

# In bytes: Lambda's limit for a whole reply, and ALB's.
_REPLY_LIMIT, _ALB_LIMIT = 6_291_556, 1_048_576


class HttpRequest(Request):
    """A request with a body, on its way to a route. `debug`: whether a 500 may say what went wrong."""

    debug = False
    limit = _REPLY_LIMIT
    # Whether the path comes percent-encoded, as the client sent it.
    encoded_path = True

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
        try:
            return a2b_base64(raw, strict_mode=True)
        except (Base64Error, ValueError) as error:
            msg = f"the body claims to be base64 and is not: {error}"
            raise MalformedPayloadError(msg) from error

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

    def answer(self, response: Response) -> dict[str, Any]:
        """The reply in this gateway's shape."""
        raise NotImplementedError


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
    for name, value in (*response.headers, *(("set-cookie", cookie) for cookie in response.cookies)):
        several.setdefault(name, []).append(value)
    return several


class RestRequest(HttpRequest):
    """A request through a REST API, or through an HTTP API with payload 1.0."""

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
    """A request through an HTTP API, payload 2.0. Its path comes decoded, and starts with a named stage."""

    encoded_path = False
    method: str = field("requestContext", "http", "method")
    raw_path: str = field("rawPath")
    client_ip: str = field("requestContext", "http", "sourceIp", default="")
    headers: Values = field(of=lambda raw: Values(_split_headers(raw), fold=True))
    query: Values = field("rawQueryString", of=lambda text: Values(_query_pairs(text)), default=Values)

    @property
    def path(self) -> str:  # type: ignore[override]
        """The path without the stage."""
        path, stage = self.raw_path, self.stage
        if stage != "$default":
            prefix = f"/{stage}"
            if path == prefix or path.startswith(prefix + "/"):
                return path[len(prefix) :] or "/"
        return path

    def cookie_lines(self) -> list[str]:
        """The event's cookies; payload 2.0 takes them out of the headers."""
        cookies = self.raw.get("cookies")
        lines = [cookie for cookie in cookies if isinstance(cookie, str)] if isinstance(cookies, list) else []
        return lines or self.headers.all("cookie")

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

    def stamped(self, guard: str) -> Allow | None:
        """Function URLs run no authorizers: what looks like a stamp is not one."""
        return None


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


def _query_pairs(text: str) -> list[tuple[str, str]]:
    if not isinstance(text, str):
        raise TypeError
    if _is_plain(text):
        parts = [part.partition("=") for part in text.split("&") if part]
        return [(name, value) for name, _, value in parts]
    from urllib.parse import parse_qsl  # noqa: PLC0415 - 10 ms, for queries that need it

    return parse_qsl(text, keep_blank_values=True)


def _decoded(raw: Any) -> Iterator[tuple[str, str]]:
    for name, value in pairs(raw.get("queryStringParameters"), raw.get("multiValueQueryStringParameters")):
        if _is_plain(name) and _is_plain(value):
            yield name, value
        else:
            from urllib.parse import unquote_plus  # noqa: PLC0415 - see above

            yield unquote_plus(name), unquote_plus(value)


def _is_plain(text: str) -> bool:
    """Whether percent-decoding would change nothing."""
    return "%" not in text and "+" not in text


GATEWAYS: dict[str, type[HttpRequest]] = {
    "http.rest": RestRequest,
    "http.v2": HttpApiRequest,
    "http.url": UrlRequest,
    "http.alb": AlbRequest,
}
