"""One request class per gateway: how its event is read, and how it wants its reply.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

from lambdarouter.core.request import Values, is_plain, pairs, query_pairs
from lambdarouter.core.view import field
from lambdarouter.sources.http.request import HttpRequest, headers_of
from lambdarouter.sources.http.response import TITLES, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from lambdarouter.core.http import Allow
    from lambdarouter.sources.http.response import Response

__all__ = [
    "AlbRequest",
    "BalancedRequest",
    "HttpApiRequest",
    "RestRequest",
    "UrlRequest",
    "grouped",
    "plain_reply",
]

_ALB_LIMIT = 1_048_576  # bytes


# What is asked for every event is read from the raw event here: to read a view's field for the first time costs 0.3 µs.


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


def plain_reply(response: Response) -> dict[str, Any]:
    """What the gateways' replies have in common, which mostly is all there is.

    `headers` is None where a name has several values, or there are cookies, which gateways want in ways of their own.
    """
    body: Any = response.body
    encoded = isinstance(body, bytes)
    headers: Any = dict(response.headers)
    if response.cookies or len(headers) != len(response.headers) or "set-cookie" in headers:
        headers = None
    return {
        "statusCode": response.status,
        "headers": headers,
        "body": _base64(body) if encoded else body or "",
        "isBase64Encoded": encoded,
    }


def _base64(body: bytes) -> str:
    from binascii import b2a_base64  # noqa: PLC0415 - a library of its own, for binary replies only

    return b2a_base64(body, newline=False).decode()


def grouped(response: Response) -> dict[str, list[str]]:
    """Every header with its values, cookies among them. Responses have their names in lower case."""
    several: dict[str, list[str]] = {}
    for name, value in headers_of(response):
        several.setdefault(name, []).append(value)
    return several


class RestRequest(HttpRequest):
    """A request through a REST API, or through an HTTP API with payload 1.0.

    Of payload 1.0, `path` is the URL's, where on the API's own domain a named stage comes first; a REST API has taken
    its stage off. Both leave the base path of a custom domain's mapping there.
    """

    def line(self) -> tuple[str, str]:
        """See `HttpRequest.line`."""
        raw = self.raw
        method, path = raw.get("httpMethod"), raw.get("path")
        if type(method) is not str or type(path) is not str:
            method, path = self.method, self.raw_path  # which say what is wrong with them
        context = raw["requestContext"]  # an object, by which the event is known
        # These are equal on the API's own domain, and missing where nobody tells.
        domain = context.get("domainPrefix") or ""
        if domain != (context.get("apiId") or ""):
            path = _without_base(path, self.peek("resource"), raw.get("pathParameters"))
        elif domain and raw.get("version") == "1.0":
            path = _without_stage(path, self.stage)
        return method, path

    def answer(self, response: Response) -> dict[str, Any]:
        """`multiValueHeaders` only where a name has several values: API Gateway merges both maps."""
        reply = plain_reply(response)
        if reply["headers"] is None:
            several = grouped(response)
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

    def line(self) -> tuple[str, str]:
        """See `HttpRequest.line`."""
        raw = self.raw
        context, path = raw["requestContext"], raw.get("rawPath")
        method = context["http"].get("method")
        if type(method) is not str or type(path) is not str:
            method, path = self.method, self.raw_path  # which say what is wrong with them
        if context.get("stage") != "$default":
            path = _without_stage(path, self.stage)
        domain = context.get("domainPrefix")
        if domain and domain != context.get("apiId"):
            template = (self.peek("routeKey") or "").partition(" ")[2]
            path = _without_base(path, template, raw.get("pathParameters"))
        return method, path

    @property
    def raw_query(self) -> str:
        """The query string as the client sent it."""
        return self.peek("rawQueryString") or ""

    def _authorizer(self) -> Any:
        context = super()._authorizer()
        return context.get("lambda") if isinstance(context, dict) else None

    def answer(self, response: Response) -> dict[str, Any]:
        """Several values of a name are joined with a comma; cookies have a list of their own."""
        reply = plain_reply(response)
        if reply["headers"] is None:
            several = grouped(response)
            cookies = several.pop("set-cookie", None)
            if cookies:
                reply["cookies"] = cookies
            reply["headers"] = {name: ",".join(values) for name, values in several.items()}
        return reply


class UrlRequest(HttpApiRequest):
    """A request to a function URL: an HTTP API's event, with the path as the client sent it."""

    encoded_path = True

    def line(self) -> tuple[str, str]:
        """See `HttpRequest.line`."""
        return self.method, self.raw_path

    def stamped(self, guard: str) -> Allow | None:
        """Function URLs run no authorizers: what looks like a stamp is not one."""
        return None

    def check(self, response: Response) -> None:
        """See `HttpRequest.check`. An ASGI server, whose requests come so, takes a reply of any size."""
        if self.raw["requestContext"].get("asgi") is None:
            super().check(response)


def _forwarded_for(raw: Any) -> str:
    """The last address of X-Forwarded-For: the gateway's own, and the only one that a client cannot make up."""
    found = ""
    for headers in (raw.get("headers"), raw.get("multiValueHeaders")):
        for name, value in headers.items() if isinstance(headers, dict) else ():
            if name.lower() == "x-forwarded-for":
                found = value[-1] if isinstance(value, list) and value else value
    return found.rpartition(",")[2].strip() if isinstance(found, str) else ""


class BalancedRequest(HttpRequest):
    """A request through what only hands requests on: it gives them no id, and runs no authorizers."""

    client_ip: str = field(of=_forwarded_for)

    @property
    def id(self) -> str:
        """A trace id names the request: ALB adds one, to VPC Lattice the client may send one."""
        return self.headers.get("x-amzn-trace-id") or "the request"

    def stamped(self, guard: str) -> Allow | None:
        """What looks like a stamp is not one: no authorizer has run."""
        return None


class AlbRequest(BalancedRequest):
    """A request through an Application Load Balancer; its query strings come percent-encoded."""

    limit = _ALB_LIMIT
    query: Values = field(of=lambda raw: Values(_decoded(raw)))

    def check(self, response: Response) -> None:
        """See `HttpRequest.check`; one value a name also means that there are no more cookies than spellings."""
        super().check(response)
        cookies = len(grouped(response).get("set-cookie", ()))
        if cookies > _MOST_COOKIES and not isinstance(self.raw.get("multiValueHeaders"), dict):
            msg = (
                f"the reply has {cookies} cookies; an ALB takes {_MOST_COOKIES}, and more only with "
                "lambda.multi_value_headers.enabled on its target group"
            )
            raise ValueError(msg)

    def answer_json(self, text: str, status: int, media: str = "application/json") -> dict[str, Any]:
        """`answer`, which for ALB depends on the request."""
        return self.answer(made(text, status, [("content-type", media)]))

    def answer(self, response: Response) -> dict[str, Any]:
        """`multiValueHeaders` exactly where the request came so: ALB reads only the map its target group is set to."""
        reply = plain_reply(response)
        reply["statusDescription"] = f"{response.status} {TITLES.get(response.status, '')}".strip()
        if isinstance(self.raw.get("multiValueHeaders"), dict):
            del reply["headers"]
            reply["multiValueHeaders"] = grouped(response)
        elif reply["headers"] is None:
            reply["headers"] = dict(_one_each(grouped(response)))
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
