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


def _body_of(response: Response) -> tuple[str, bool]:
    """The body as text, and whether that is base64."""
    body = response.body
    if body is None:
        return "", False
    if isinstance(body, str):
        return body, False
    return b2a_base64(body, newline=False).decode(), True


class RestRequest(HttpRequest):
    """A request through a REST API, or through an HTTP API with payload 1.0."""

    def answer(self, response: Response) -> dict[str, Any]:
        """`multiValueHeaders` only where a name has several values: API Gateway merges both maps."""
        text, base64 = _body_of(response)
        headers = [*response.headers, *(("set-cookie", cookie) for cookie in response.cookies)]
        single = dict(headers)
        reply: dict[str, Any] = {
            "statusCode": response.status,
            "headers": single,
            "body": text,
            "isBase64Encoded": base64,
        }
        if len(single) < len(headers):
            several: dict[str, list[str]] = {}
            for name, value in headers:
                several.setdefault(name.lower(), []).append(value)
            reply["multiValueHeaders"] = {name: values for name, values in several.items() if len(values) > 1}
            reply["headers"] = {name: value for name, value in headers if len(several[name.lower()]) == 1}
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
        text, base64 = _body_of(response)
        reply: dict[str, Any] = {"statusCode": response.status, "headers": {}, "body": text, "isBase64Encoded": base64}
        headers: dict[str, str] = reply["headers"]
        cookies = list(response.cookies)
        for name, value in response.headers:
            if name.lower() == "set-cookie":
                cookies.append(value)
            else:
                headers[name] = f"{headers[name]},{value}" if name in headers else value
        if cookies:
            reply["cookies"] = cookies
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
        text, base64 = _body_of(response)
        headers = [*response.headers, *(("set-cookie", cookie) for cookie in response.cookies)]
        title = f"{response.status} {'OK' if response.status == 200 else ''}".strip()  # noqa: PLR2004
        reply: dict[str, Any] = {
            "statusCode": response.status,
            "statusDescription": title,
            "body": text,
            "isBase64Encoded": base64,
        }
        if isinstance(self.raw.get("multiValueHeaders"), dict):
            several: dict[str, list[str]] = {}
            for name, value in headers:
                several.setdefault(name, []).append(value)
            reply["multiValueHeaders"] = several
        else:
            reply["headers"] = _one_each(headers)
        return reply


def _one_each(headers: list[tuple[str, str]]) -> dict[str, str]:
    """ALB's mode of one value a name: values are joined, and each cookie goes under another spelling of its name."""
    single: dict[str, str] = {}
    for name, value in headers:
        if name != "set-cookie":
            single[name] = f"{single[name]}, {value}" if name in single else value
            continue
        # Names that differ in case only are several to ALB and one to browsers.
        number = sum(known.lower() == "set-cookie" for known in single)
        flips = f"{number:09b}"
        spelled = "".join(c.upper() if flip == "1" else c for c, flip in zip("setcookie", flips, strict=True))
        single[f"{spelled[:3]}-{spelled[3:]}"] = value
    return single


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
