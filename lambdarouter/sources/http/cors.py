"""Cross-origin requests: which pages of other origins may read the replies.

A preflight is answered before any guard, and without the handler. What an answer needs is worked out at registration.
https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError, HttpError, check_header
from lambdarouter.sources.http.response import made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from re import Pattern
    from typing import Any

    from lambdarouter.core.route import Route
    from lambdarouter.sources.http.response import Response

    Origins = str | Pattern[str] | Callable[[str], bool]
    Headers = list[tuple[str, str]]

__all__ = ["Cors"]

# What `*` stands for in an origin: labels of a host name, never a scheme or a port.
_HOST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")
_VARY_ORIGIN = ("vary", "origin")


class Cors:
    """Who may read replies from a page of another origin: `Cors("https://shop.example.com")`.

    `origins`: "*", or one or several of: an origin (scheme, host, and port if it is not the scheme's own), one with a
    `*` in its host ("https://*.example.com"), a compiled regular expression that matches all of it, a function of the
    origin. `credentials`: whether cookies and Authorization may be sent; not with "*". `headers`: request headers that
    are allowed; any by default. `expose`: reply headers that scripts may read, beside the safelisted ones. `methods`:
    those of the routes, by default. `max_age`: seconds that a browser may remember a preflight (browsers cap it).
    """

    __slots__ = (
        "_allowed",
        "_exact",
        "_last",
        "_max_age",
        "_tests",
        "any_origin",
        "credentials",
        "expose",
        "headers",
        "known",
        "methods",
    )

    any_origin: bool
    credentials: bool
    expose: str
    headers: str | None
    methods: str | None

    def __init__(
        self,
        origins: Origins | Sequence[Origins],
        *,
        credentials: bool = False,
        headers: Sequence[str] | None = None,
        expose: Sequence[str] = (),
        methods: Sequence[str] | None = None,
        max_age: int = 600,
    ) -> None:
        listed: list[Any] = list(origins) if isinstance(origins, (list, tuple, set, frozenset)) else [origins]
        self.any_origin = "*" in listed
        if not listed or (self.any_origin and len(listed) > 1):
            msg = f'Cors(origins={origins!r}): origins are "*" alone, or those that are allowed'
            raise ConfigurationError(msg)
        if self.any_origin and credentials:
            msg = 'Cors("*", credentials=True): browsers refuse it, as every page could act as the user. Name origins'
            raise ConfigurationError(msg)
        if credentials and "null" in listed:
            msg = 'Cors("null", credentials=True): any page can give itself this origin (in a frame with "sandbox")'
            raise ConfigurationError(msg)
        if type(max_age) is not int or max_age < 0:
            msg = f"Cors(max_age={max_age!r}): it is a number of seconds"
            raise ConfigurationError(msg)
        self.credentials = credentials
        self.headers = None if headers is None else _joined("headers", headers)
        self.expose = _joined("expose", expose)
        self.methods = None if methods is None else _joined("methods", methods)
        self._max_age = ("access-control-max-age", str(max_age))
        self._exact = {origin for origin in listed if isinstance(origin, str) and "*" not in origin}
        self._tests = [_test(origin) for origin in listed if origin not in self._exact] if not self.any_origin else []
        for origin in self._exact:
            _check_origin(origin)
        # `listed` methods of the routes of one path that were asked about, with how many routes there were at the time.
        self.known: dict[Route, tuple[int, str]] = {}
        # What an allowed reply carries beside the origin.
        self._allowed: Headers = []
        if credentials:
            self._allowed.append(("access-control-allow-credentials", "true"))
        if self.expose:
            self._allowed.append(("access-control-expose-headers", self.expose))
        # What a preflight's answer ends with.
        self._last: Headers = self._allowed[:1] if credentials else []
        varies = [] if self.any_origin else ["origin"]
        if headers is None:
            varies.append("access-control-request-headers")
        if varies:
            self._last.append(("vary", ", ".join(varies)))

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin may read replies."""
        return self.any_origin or origin in self._exact or any(test(origin) for test in self._tests)

    def reply_headers(self, origin: str | None) -> Headers:
        """What a reply to a request from this origin carries; with the Vary that caches need."""
        if self.any_origin:
            return [("access-control-allow-origin", "*"), *self._allowed]
        if origin is None or not self.allows(origin):
            return [_VARY_ORIGIN]
        return [("access-control-allow-origin", origin), *self._allowed, _VARY_ORIGIN]

    def listed(self, methods: Iterable[str]) -> str:
        """The methods that a preflight is told of, where a path has these."""
        # Of a path that there is not, the method is the one that the client has asked for.
        return self.methods or ", ".join(sorted(filter(_is_sendable, methods)))

    def preflight(self, origin: str, listed: str, wanted: str | None) -> Response:
        """The answer to a preflight for a path with these methods. `wanted`: the request headers it asks for.

        Raises `HttpError` (403) for an origin that is not allowed.
        """
        if not self.allows(origin):
            raise HttpError(403, "pages of this origin may not read replies")
        headers = [
            ("access-control-allow-origin", "*" if self.any_origin else origin),
            ("access-control-allow-methods", listed),
            self._max_age,
        ]
        allowed = self.headers
        if allowed is None:
            allowed = wanted if wanted is not None and _is_sendable(wanted) else ""
        if allowed:
            headers.append(("access-control-allow-headers", allowed))
        return made(None, 204, headers + self._last)

    def __repr__(self) -> str:
        return f"Cors({'*' if self.any_origin else ', '.join(sorted(self._exact)) or '…'!r})"


def _is_sendable(text: str) -> bool:
    """Whether a header's value that a client made up may be sent back."""
    return text.isascii() and text.isprintable()


def _joined(name: str, values: Sequence[str]) -> str:
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        msg = f'Cors({name}={values!r}): it is a list such as ["x-request-id"]'
        raise ConfigurationError(msg)
    try:
        for value in values:
            check_header(value, "")
    except ValueError as error:
        msg = f"Cors({name}={values!r}): {error}"
        raise ConfigurationError(msg) from error
    return ", ".join(values)


def _check_origin(origin: str) -> None:
    scheme, separator, rest = origin.partition("://")
    if origin != "null" and (not separator or not scheme or not rest or "/" in rest or origin != origin.lower()):
        msg = (
            f"Cors: {origin!r} is no origin. Browsers send scheme and host, in lower case, without a path or a slash "
            'at the end: "https://shop.example.com", with a port only where it is not the scheme\'s own'
        )
        raise ConfigurationError(msg)


def _test(origin: Any) -> Callable[[str], bool]:
    """Whether an origin is meant by a pattern, an expression or a function."""
    if isinstance(origin, str):
        _check_origin(origin.replace("*", "x"))
        before, _, after = origin.partition("*")
        if "*" in after or "://" not in before:
            msg = f'Cors: {origin!r}: one "*" may stand in the host, such as in "https://*.example.com"'
            raise ConfigurationError(msg)
        least = len(before) + len(after)
        return lambda sent: (
            len(sent) > least
            and sent.startswith(before)
            and sent.endswith(after)
            and _HOST.issuperset(sent[len(before) : len(sent) - len(after)])
        )
    # What is allowed is sent back, so it has to be sendable, however much an expression or a function allows.
    if hasattr(origin, "fullmatch"):
        return lambda sent: _is_sendable(sent) and origin.fullmatch(sent) is not None
    if callable(origin):
        return lambda sent: _is_sendable(sent) and bool(origin(sent))
    msg = f"Cors: {origin!r} is no origin: it is text, a compiled regular expression, or a function of the origin"
    raise ConfigurationError(msg)
