"""The cookies that a client keeps from one request to the next, as a browser does."""

from __future__ import annotations

from collections.abc import MutableMapping
from email.message import Message
from http.cookiejar import Cookie, CookieJar
from urllib.request import Request as UrlRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

__all__ = ["Cookies"]


class Cookies(MutableMapping[str, str]):
    """The cookies by name; one set here goes to every host and path, until it is deleted.

    Those of replies follow the standard library's rules for domain, path, expiry and Secure.
    """

    def __init__(self) -> None:
        self._jar = CookieJar()

    def __getitem__(self, name: str) -> str:
        for cookie in self._jar:
            if cookie.name == name:
                return cookie.value or ""
        raise KeyError(name)

    def __setitem__(self, name: str, value: str) -> None:
        self._jar.set_cookie(_cookie(name, value))

    def __delitem__(self, name: str) -> None:
        found = [cookie for cookie in self._jar if cookie.name == name]
        if not found:
            raise KeyError(name)
        for cookie in found:
            self._jar.clear(cookie.domain, cookie.path, cookie.name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(cookie.name for cookie in self._jar))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        return f"Cookies({dict(self)})"

    def sent_to(self, url: str) -> list[tuple[str, str]]:
        """The cookies that a request to the URL carries, the most specific first."""
        request = UrlRequest(url)  # noqa: S310 - nothing is opened: it is how the jar wants to be asked
        self._jar.add_cookie_header(request)
        pairs = (pair.partition("=") for pair in (request.get_header("Cookie") or "").split("; ") if pair)
        return [(name, value) for name, _, value in pairs]

    def keep(self, url: str, lines: Iterable[str]) -> None:
        """Keep what a reply from the URL sets in these Set-Cookie headers, and forget what has expired."""
        reply: Any = _Reply(lines)
        self._jar.extract_cookies(reply, UrlRequest(url))  # noqa: S310 - as above


class _Reply:
    """A reply as the jar knows it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._message = Message()
        for line in lines:
            self._message["Set-Cookie"] = line

    def info(self) -> Message:
        return self._message


def _cookie(name: str, value: str) -> Cookie:
    return Cookie(
        version=0,
        name=name,
        value=value,
        port=None,
        port_specified=False,
        domain="",
        domain_specified=False,
        domain_initial_dot=False,
        path="/",
        path_specified=True,
        secure=False,
        expires=None,
        discard=True,
        comment=None,
        comment_url=None,
        rest={},
    )
