"""HTTP requests, with what a browser adds to them: cookies that it has been given, redirects that it follows."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from lambdarouter.testing.events import http
from lambdarouter.testing.form import form_body, text_pairs
from lambdarouter.testing.response import Response, headers_of
from lambdarouter.testing.steps import DecisionT, Driven, ResponseT, ResultT, Step
from lambdarouter.testing.stream import stream_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal, TypedDict, Unpack

    from lambdarouter.testing.cookies import Cookies
    from lambdarouter.testing.form import Files
    from lambdarouter.testing.steps import Steps
    from lambdarouter.testing.stream import Streamed

    FullName = Literal["http.rest", "http.v2", "http.url", "http.alb", "http.lattice_v1", "http.lattice_v2"]
    Gateway = FullName | Literal["rest", "v2", "url", "alb", "lattice_v1", "lattice_v2"]

    class RequestOptions(TypedDict, total=False):
        """What a request may have; from `stage` on, what only some gateways know."""

        gateway: Gateway
        headers: Mapping[str, str | Sequence[str]] | None
        params: Mapping[str, Any] | None
        cookies: Mapping[str, str] | None
        body: str | bytes | None
        json: Any
        data: Mapping[str, Any] | None
        files: Files | None
        follow_redirects: bool
        stage: str
        authorizer: Mapping[str, Any] | None
        resource: str
        route_key: str
        stage_variables: Mapping[str, str] | None
        iam: Mapping[str, Any] | None
        multi_value: bool
        identity: Mapping[str, Any] | None


__all__ = ["Requests", "check_path", "grouped", "one_of"]

_GATEWAYS = {
    "http.rest": http.rest,
    "http.v2": http.v2,
    "http.url": http.url,
    "http.alb": http.alb,
    "http.lattice_v1": http.lattice_v1,
    "http.lattice_v2": http.lattice_v2,
}
_MOST_REDIRECTS = 20
# The one site that all gateways are to the client's cookies, where no Host header says otherwise.
_HOST = "app.example.com"
_REDIRECTS = (301, 302, 303, 307, 308)
_OF_A_BODY = ("body", "json", "data", "files")


class Requests(Driven[ResultT, ResponseT, DecisionT]):
    """The part of a client that sends HTTP requests."""

    cookies: Cookies
    headers: Mapping[str, str | Sequence[str]]

    def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> ResponseT:
        """Send an HTTP request through `gateway`: "v2", an HTTP API (the default), or "rest", "url", "alb".

        `headers`, `params`: names to a value or a list of values; `cookies`, besides those that the client has. One
        body: `json` (models, too), `data` (a form's fields), `files` (`{"scan": ("a.png", b"...", "image/png")}`, with
        `data` for the other fields) or `body` (text or bytes). `follow_redirects`: whether to go where a reply sends
        the client, within the app; at most 20 times. `lambdarouter.testing.events.http` tells what else each gateway
        knows.
        """
        return self.drive(self._exchange(method, path, dict(options)))

    def get(self, path: str, **options: Unpack[RequestOptions]) -> ResponseT:
        """Send a GET request; options as for `request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Unpack[RequestOptions]) -> ResponseT:
        """Send a POST request; options as for `request`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[RequestOptions]) -> ResponseT:
        """Send a PUT request; options as for `request`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[RequestOptions]) -> ResponseT:
        """Send a PATCH request; options as for `request`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[RequestOptions]) -> ResponseT:
        """Send a DELETE request; options as for `request`."""
        return self.request("DELETE", path, **options)

    def head(self, path: str, **options: Unpack[RequestOptions]) -> ResponseT:
        """Send a HEAD request; options as for `request`."""
        return self.request("HEAD", path, **options)

    def options(self, path: str, **options: Unpack[RequestOptions]) -> ResponseT:
        """Send an OPTIONS request; options as for `request`."""
        return self.request("OPTIONS", path, **options)

    def _exchange(self, method: str, path: str, options: dict[str, Any]) -> Steps[Response]:
        """A request, and those that it is redirected to."""
        follow = options.pop("follow_redirects", False)
        history: list[Response] = []
        while True:
            response = yield from self._request(method, path, options, history)
            onward = _onward(response, options) if follow else None
            if onward is None:
                return response
            if len(history) == _MOST_REDIRECTS:
                msg = f"{_MOST_REDIRECTS} redirects, and the last leads on to {onward}: {response!r}"
                raise RuntimeError(msg)
            history.append(response)
            path = onward
            method, options = _redirected(response.status, method, options)

    def _stream(self, method: str, path: str, take: int | None, options: dict[str, Any]) -> Steps[Streamed]:
        """A request of a front end that streams."""
        url = self._url(path, options)
        streamed = yield from stream_steps(self._event(method, path, url, options), take=take)
        result = streamed.completion
        streamed.completion = Response(result, result.event, method.upper(), _shown(path, options))
        sent = streamed.head if streamed.head is not None else result.reply
        if isinstance(sent, dict):
            self.cookies.keep(url, headers_of(sent).all("set-cookie"))
        return streamed

    def _request(
        self, method: str, path: str, options: dict[str, Any], history: Sequence[Response] = ()
    ) -> Steps[Response]:
        url = self._url(path, options)
        event = self._event(method, path, url, options)
        result = yield Step(event)
        response = Response(result, event, method.upper(), _shown(path, options), history)
        if response.is_sent:
            self.cookies.keep(url, response.headers.all("set-cookie"))
        return response

    def _url(self, path: str, options: dict[str, Any]) -> str:
        """The URL, as far as cookies go."""
        check_path(path)
        return f"https://{_header(self._all_headers(options), 'host') or _HOST}{path.partition('?')[0]}"

    def _event(self, method: str, path: str, url: str, options: dict[str, Any]) -> Any:
        given = {name: value for name, value in options.items() if name not in ("params", "cookies", "data", "files")}
        if "query" in given:
            msg = "query= is a request's params= here"
            raise TypeError(msg)
        build: Any = one_of(_GATEWAYS, _full_name(given.pop("gateway", "http.v2")), "gateway")
        headers = self._all_headers(options)
        bodies = [name for name in _OF_A_BODY if options.get(name) is not None]
        if len(bodies) > 1 and bodies != ["data", "files"]:
            msg = f"a request has one body: give one of {', '.join(bodies)}; files may stand beside data"
            raise TypeError(msg)
        if bodies and bodies[0] in ("data", "files"):
            kind, given["body"] = form_body(options.get("data"), options.get("files"))
            if _header(headers, "content-type") is None:
                headers.append(("Content-Type", kind))
        if _header(headers, "cookie") is None:
            own = dict(text_pairs(options.get("cookies"), "cookies"))
            sent = [pair for pair in self.cookies.sent_to(url) if pair[0] not in own] + list(own.items())
            if sent:
                headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in sent)))
        given["headers"] = grouped(headers)
        given["query"] = grouped(text_pairs(options.get("params"), "params"))
        return build(method, path, **given)

    def _all_headers(self, options: dict[str, Any]) -> list[tuple[str, str]]:
        """The client's headers, and over them the request's."""
        own = text_pairs(options.get("headers"), "headers")
        named = {name.lower() for name, _ in own}
        return [pair for pair in text_pairs(self.headers, "headers") if pair[0].lower() not in named] + own


def _onward(response: Response, options: dict[str, Any]) -> str | None:
    """The path that a reply redirects to; None where it does not, or leads away from the app."""
    if not response.is_sent or response.status not in _REDIRECTS:
        return None
    location = response.headers.get("location")
    if not location:
        return None
    host = _header(text_pairs(options.get("headers"), "headers"), "host")
    # What the gateway calls itself where the request named no host.
    ours = {host or _HOST, headers_of(response.event).get("host")}
    target = urlsplit(urljoin(f"https://{host or _HOST}{response.url}", location))
    if target.scheme not in ("http", "https") or target.netloc not in ours:
        return None
    path = target.path or "/"
    # On an API's own domain the stage is a part of the URL; requests are sent without it.
    stage = options.get("stage")
    if stage and path.startswith(f"/{stage}/"):
        path = path.removeprefix(f"/{stage}")
    return f"{path}?{target.query}" if target.query else path


def _redirected(status: int, method: str, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The method and options of the request that follows a redirect, as browsers have it (RFC 9110, 15.4)."""
    again = {name: value for name, value in options.items() if name != "params"}
    turned = (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST")  # noqa: PLR2004
    if not turned:
        return method, again
    again = {name: value for name, value in again.items() if name not in _OF_A_BODY}
    headers = again.get("headers") or {}
    again["headers"] = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    return "GET", again


def _shown(path: str, options: dict[str, Any]) -> str:
    query = urlencode(text_pairs(options.get("params"), "params"), quote_via=quote)
    return path + ("&" if "?" in path else "?") + query if query else path


def _header(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    return next((value for each, value in headers if each.lower() == name), None)


def grouped(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Names with all their values."""
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def _full_name(gateway: Any) -> Any:
    full = f"http.{gateway}"
    return full if full in _GATEWAYS else gateway


def one_of(builders: Mapping[str, Any], name: str, what: str) -> Any:
    """The builder of this name. Raises ValueError with the names of all."""
    try:
        return builders[name]
    except KeyError:
        msg = f"{what} is {name!r}; it is one of {', '.join(builders)}"
        raise ValueError(msg) from None


def check_path(path: Any) -> None:
    """Raise TypeError or ValueError for what is no path."""
    if not isinstance(path, str):
        msg = f"path is {path!r}; it is text, such as '/orders/17'"
        raise TypeError(msg)
    if not path.startswith("/"):
        msg = f"path is {path!r}; it starts with a slash, such as '/orders/17'"
        raise ValueError(msg)
