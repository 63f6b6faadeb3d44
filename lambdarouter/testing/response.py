"""What came of an HTTP request: the reply of any gateway, read as its client gets it."""

from __future__ import annotations

from base64 import b64decode
from json import loads

from lambdarouter.core.request import Values
from lambdarouter.testing.result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from lambdarouter.core.route import Completion

__all__ = ["Response", "decoded", "headers_of"]


class Response(Result):
    """A `Result` of a request, with the reply as the client gets it, whichever the gateway.

    `reply` is still what Lambda sends. Where the invocation failed there is none: then whatever is asked of the reply
    raises RuntimeError, caused by the error. `method` and `url` (the path, and the query if any) are those of the
    request that was answered; `history` has the responses that redirected there, where `follow_redirects` was set.
    """

    def __init__(
        self, completion: Completion, event: Any, method: str, url: str, history: Sequence[Response] = ()
    ) -> None:
        super().__init__(completion, event)
        self.method = method
        self.url = url
        self.history: list[Response] = list(history)

    @property
    def status(self) -> int:
        """The status code."""
        status: int = self._sent["statusCode"]
        return status

    @property
    def headers(self) -> Values:
        """The headers, whatever the case of their names: `[name]` gives the first value, `.all(name)` every one."""
        return headers_of(self._sent)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that this reply sets, by name; those that the client has by now are in `client.cookies`."""
        pairs = (line.partition(";")[0].partition("=") for line in self.headers.all("set-cookie"))
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        body = self._sent.get("body") or ""
        return b64decode(body) if self._sent.get("isBase64Encoded") else body.encode()

    @property
    def text(self) -> str:
        """The body as text, in the charset that the Content-Type names, or UTF-8."""
        return decoded(self.content, self.headers)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        try:
            return loads(self.content)
        except ValueError as error:
            msg = f"the body of {self!r} is no JSON: {error}"
            raise ValueError(msg) from error

    def told(self) -> str:
        """The status and the body, after what failed behind them."""
        asked = f"{self.method} {self.url}"
        if not self.is_sent:
            return f"{asked}: {super().told()}"
        failed = f"{super().told()}; " if self.failed else ""
        return f"{asked} {self.status}: {failed}{self.text[:160]!r}"

    @property
    def is_sent(self) -> bool:
        """Whether there is a reply: the invocation has not failed."""
        return isinstance(self.reply, dict) and "statusCode" in self.reply

    @property
    def _sent(self) -> dict[str, Any]:
        if not self.is_sent:
            if self.error is None:
                msg = f"{self.method} {self.url} got {self.reply!r:.80}, which is no HTTP reply"
            else:
                msg = f"{self.method} {self.url} got no reply, the invocation failed: {super().told()}"
            raise RuntimeError(msg) from self.error
        reply: dict[str, Any] = self.reply
        return reply


def headers_of(sent: dict[str, Any]) -> Values:
    """The headers of a reply, of the head of a stream, or of a request's event.

    Each gateway has ways of its own for names with several values.
    """
    return Values(_pairs(sent), fold=True)


def _pairs(sent: dict[str, Any]) -> Iterator[tuple[str, str]]:
    several = sent.get("multiValueHeaders") or {}
    for name, values in several.items():
        yield from ((name, value) for value in values)
    known = {name.lower() for name in several}
    for name, value in (sent.get("headers") or {}).items():
        if name.lower() not in known:
            yield from ((name, each) for each in ([value] if isinstance(value, str) else value))
    yield from (("set-cookie", cookie) for cookie in sent.get("cookies") or ())


def decoded(content: bytes, headers: Values) -> str:
    """A body as text."""
    from email.message import Message  # noqa: PLC0415 - the recorder reads replies in deployed functions

    kind = Message()
    kind["content-type"] = headers.get("content-type") or "text/plain"
    return content.decode(kind.get_content_charset() or "utf-8", "replace")
