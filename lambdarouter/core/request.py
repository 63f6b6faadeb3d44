"""A request, whichever source tells of it, and its names with several values: headers, query parameters."""

from __future__ import annotations

from _collections_abc import Mapping, MutableMapping  # `collections.abc` would load all of collections

from lambdarouter.core.view import Record, field
from lambdarouter.errors import check_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, ClassVar, Unpack

    from lambdarouter.core.cookie import CookieAttributes
    from lambdarouter.core.http import Allow
    from lambdarouter.core.identity import Identity

__all__ = ["NO_PARAMS", "Request", "ResponseHeaders", "Values", "is_plain", "pairs", "query_pairs"]


class Values(Mapping[str, str]):
    """Names with one or several values each, in order: headers, query parameters.

    A mapping of each name to its first value; `all` gives every one, `multi_items` every pair. `fold=True` makes names
    case-insensitive, as headers are.
    """

    __slots__ = ("_fold", "_names", "_values")

    def __init__(self, pairs: Iterable[tuple[str, str]] = (), *, fold: bool = False) -> None:
        self._fold = fold
        # How those names came that are not their own key.
        self._names: dict[str, str] = {}
        self._values: dict[str, list[str]] = {}
        values = self._values
        for name, value in pairs:
            key = name.lower() if fold else name
            if key in values:
                values[key].append(value)
            else:
                values[key] = [value]
                if key != name:
                    self._names[key] = name

    if not TYPE_CHECKING:  # a mapping's `get`, whose type depends on the default

        def get(self, name: str, default: Any = None) -> Any:
            """The first value of the name, or the default."""
            values = self._values.get(name.lower() if self._fold else name)
            return values[0] if values else default

    def all(self, name: str) -> list[str]:
        """Every value of the name, in order; empty where it is absent."""
        return list(self._values.get(name.lower() if self._fold else name, ()))

    def multi_items(self) -> Iterator[tuple[str, str]]:
        """Every (name, value) pair, names as they came; a name is there once for each of its values."""
        for key, values in self._values.items():
            for value in values:
                yield self._names.get(key, key), value

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name.lower() if self._fold else name) in self._values

    def __iter__(self) -> Iterator[str]:
        return (self._names.get(key, key) for key in self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Values):
            return self._values == other._values
        if not isinstance(other, Mapping):
            return NotImplemented
        return {key: values[0] for key, values in self._values.items()} == (
            {name.lower(): value for name, value in other.items()} if self._fold else other
        )

    __hash__: ClassVar[None] = None  # type: ignore[assignment] # Python's way to say: none

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self._values)})"


class ResponseHeaders(Values, MutableMapping[str, str]):
    """Headers for the reply, whatever becomes of the request: `request.response_headers["x-request-id"] = request.id`.

    Names are in lower case, however they are given. `add` gives a name one more value. Raises ValueError for what could
    not be sent, or tells where a body ends, which is not known before the reply.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(fold=True)

    def __setitem__(self, name: str, value: str) -> None:
        _check(name, value)
        self._values[name.lower()] = [value]

    def __delitem__(self, name: str) -> None:
        del self._values[name.lower()]

    def add(self, name: str, value: str) -> None:
        """Give the name this value, beside those that it has."""
        _check(name, value)
        self._values.setdefault(name.lower(), []).append(value)

    def set_cookie(self, name: str, value: str, **attributes: Unpack[CookieAttributes]) -> None:
        """Add a cookie, as `Response.set_cookie` does."""
        from lambdarouter.core.cookie import set_cookie  # noqa: PLC0415 - only for replies with cookies

        self.add("set-cookie", set_cookie(name, value, **attributes))


def _check(name: str, value: str) -> None:
    check_header(name, value)
    if name.lower() in ("content-length", "transfer-encoding"):
        msg = f"the header {name!r} is the reply's own: it depends on the body"
        raise ValueError(msg)


def _headers(raw: Any) -> Values:
    return Values(pairs(raw.get("headers"), raw.get("multiValueHeaders")), fold=True)


def _query(raw: Any) -> Values:
    return Values(pairs(raw.get("queryStringParameters"), raw.get("multiValueQueryStringParameters")))


def pairs(single: object, multi: object) -> Iterator[tuple[str, str]]:
    """AWS's two maps of names to values as pairs: the multi-value one holds everything; oddities are left out.

    In an event that somebody made by hand, it may not: what only the other has counts as well.
    """
    if isinstance(multi, dict) and multi:
        for name, values in multi.items():
            for value in values if isinstance(values, list) else ():
                if isinstance(value, str):
                    yield name, value
        if isinstance(single, dict) and not single.keys() <= multi.keys():
            known = {name.lower() for name in multi}
            yield from ((n, value) for n, value in pairs(single, None) if n.lower() not in known)
    elif isinstance(single, dict):
        for name, value in single.items():
            if isinstance(value, str):
                yield name, value


def query_pairs(text: str) -> list[tuple[str, str]]:
    """A query string as pairs, decoded: payload 2.0's map of it joins several values with commas."""
    if not isinstance(text, str):
        raise TypeError
    if is_plain(text):
        parts = [part.partition("=") for part in text.split("&") if part]
        return [(name, value) for name, _, value in parts]
    from urllib.parse import parse_qsl  # noqa: PLC0415 - 10 ms, for queries that need it

    return parse_qsl(text, keep_blank_values=True)


def is_plain(text: str) -> bool:
    """Whether percent-decoding would change nothing."""
    return "%" not in text and "+" not in text


NO_PARAMS: Mapping[str, str] = {}


class Request(Record):
    """An HTTP request, whichever gateway it came through; for an authorizer, the request it is to judge.

    `raw` is the gateway's event. What a guard found out is in `auth`; path parameters are in `path_params`, decoded.
    What an authorizer judges at API Gateway has no body, and tells no host, scheme, query string or identity: those are
    an AttributeError there.
    """

    if TYPE_CHECKING:  # what `sources.http.request` has for the requests that routes answer

        @property
        def raw_path(self) -> str:
            """The path as it came."""

        @property
        def raw_query(self) -> str:
            """The query string, percent-encoded."""

        @property
        def host(self) -> str:
            """The host that the client asked for, without a port."""

        @property
        def scheme(self) -> str:
            """How the client reached the gateway: "https", or "http"."""

        @property
        def forwarded_for(self) -> list[str]:
            """The addresses of X-Forwarded-For, of which a client may have made up all but the last."""

        @property
        def gateway_context(self) -> Mapping[str, Any]:
            """The event's `requestContext`."""

        @property
        def identity(self) -> Identity:
            """Whom the gateway authenticated, and how."""

        @property
        def media_type(self) -> str | None:
            """The Content-Type."""

        @property
        def content(self) -> str | bytes:
            """The body as it came, text or decoded bytes."""

        @property
        def body(self) -> bytes:
            """The body's bytes."""

        @property
        def text(self) -> str:
            """The body as UTF-8 text."""

        def json(self) -> Any:
            """The body as JSON, unvalidated."""

        def form(self) -> Any:
            """The body's fields and files, a `FormData`."""

    method: str = field("httpMethod")
    path: str = field("path")
    stage: str = field("requestContext", "stage", default="")
    client_ip: str = field("requestContext", "identity", "sourceIp", default="")
    headers: Values = field(of=_headers)
    query: Values = field(of=_query)

    # What the guard found out, None where there is none.
    auth: Allow | None = None
    # What `response_headers` has made, where anybody asked.
    own_headers: ResponseHeaders | None = None

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        # The path parameters, decoded.
        self.path_params: Mapping[str, str] = NO_PARAMS

    @property
    def id(self) -> str:
        """The gateway's request id."""
        found = self.peek("requestContext", "requestId")
        return "the request" if found is None else found

    @property
    def response_headers(self) -> ResponseHeaders:
        """Headers for the reply, whatever becomes of the request. A reply's own header of the name counts.

        Values of Set-Cookie and Vary are added to the reply's own. A reply that is sent again (`once=`) is as it was,
        and where there is none with headers, of an authorizer or a WebSocket API, they go nowhere.
        """
        if self.own_headers is None:
            self.own_headers = ResponseHeaders()
        return self.own_headers

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name; of several with one name, the first counts (browsers send the most specific first)."""
        found: dict[str, str] = {}
        for line in self.cookie_lines():
            for part in line.split(";"):
                name, separator, value = part.strip().partition("=")
                if separator and name not in found:
                    found[name] = value.strip('"')
        return found

    def cookie_lines(self) -> list[str]:
        """The Cookie headers as they came; payload 2.0 has taken them out of the headers, into a list of cookies."""
        cookies = self.raw.get("cookies")
        lines = [cookie for cookie in cookies if isinstance(cookie, str)] if isinstance(cookies, list) else []
        return lines or self.headers.all("cookie")
