"""A request as its client sends it, before a gateway gives it a shape: what the HTTP builders share."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import parse_qsl, quote, urlencode

from lambdarouter.testing.events.common import MOMENT, identifier, json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

__all__ = ["SOURCE_IP", "Sent", "grouped", "joined", "path_parameters"]

SOURCE_IP = "203.0.113.7"
USER_AGENT = "Mozilla/5.0 (compatible; ExampleBrowser/1.0)"
_TRACE = f"Root=1-{int(MOMENT.timestamp()):08x}-0123456789abcdef01234567"


class Sent:
    """A request as its client sent it, before a gateway gave it a shape."""

    __slots__ = ("base64", "body", "headers", "method", "path", "query", "request_id")

    def __init__(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str | Sequence[str]] | None,
        query: Mapping[str, str | Sequence[str]] | None,
        cookies: Mapping[str, str] | None,
        body: str | bytes | None,
        json: Any,
        host: str,
    ) -> None:
        path, _, inline = path.partition("?")
        self.method: str = method.upper()
        self.path: str = quote(path, safe="/%:@!$&'()*+,;=~")
        self.query: list[tuple[str, str]] = parse_qsl(inline, keep_blank_values=True) + _pairs(query)
        self.headers: list[tuple[str, str]] = _pairs(headers)
        if cookies:
            self.headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())))
        if json is not None:
            if body is not None:
                message = "a request has one body: give body= or json=, not both"
                raise TypeError(message)
            body = json_text(json)
            self._add_default("Content-Type", "application/json")
        self.base64: bool = isinstance(body, bytes)
        self.body: str | None = b64encode(body).decode() if isinstance(body, bytes) else body
        if body is not None:
            self._add_default("Content-Length", str(len(body if isinstance(body, bytes) else body.encode())))
        self._add_default("Accept", "*/*")
        self._add_default("Host", host)
        self._add_default("User-Agent", USER_AGENT)
        self._add_default("X-Amzn-Trace-Id", _TRACE)
        self._add_default("X-Forwarded-For", SOURCE_IP)
        self._add_default("X-Forwarded-Port", "443")
        self._add_default("X-Forwarded-Proto", "https")
        self.request_id: str = identifier(self.method, host, self.path, self.query_string, self.body or "")

    def _add_default(self, name: str, value: str) -> None:
        if self.header(name) is None:
            self.headers.append((name, value))

    def header(self, name: str) -> str | None:
        """Find the last value sent under `name`, in any casing."""
        lower = name.lower()
        return next((value for sent, value in reversed(self.headers) if sent.lower() == lower), None)

    @property
    def query_string(self) -> str:
        """The query as it stands in the URL, percent-encoded."""
        return urlencode(self.query, quote_via=quote)

    def lower_headers(self) -> list[tuple[str, str]]:
        """The headers with their names in lower case."""
        return [(name.lower(), value) for name, value in self.headers]


def _pairs(values: Mapping[str, str | Sequence[str]] | None) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, given in (values or {}).items()
        for value in ([given] if isinstance(given, str) else given)
    ]


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Gather the values of each name."""
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join the values of each name with commas."""
    return {name: ",".join(values) for name, values in grouped(pairs).items()}


def path_parameters(template: str, path: str) -> dict[str, str] | None:
    """Read what `path` has where `template` has ``{name}`` or a greedy ``{name+}``; None without any."""
    parameters: dict[str, str] = {}
    rest_of_path = path.strip("/").split("/")
    for segment in template.strip("/").split("/"):
        if segment.endswith("+}"):
            parameters[segment[1:-2]] = "/".join(rest_of_path)
            return parameters
        value = rest_of_path.pop(0) if rest_of_path else ""
        if segment.startswith("{"):
            parameters[segment[1:-1]] = value
    return parameters or None
