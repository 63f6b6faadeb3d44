"""Server-sent events: what a browser's `EventSource` reads.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from lambdarouter.sources.http.response import json_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["MEDIA", "ServerSentEvent", "event_writer"]

MEDIA = "text/event-stream"


class ServerSentEvent:
    r"""One event of a stream of them: `yield ServerSentEvent({"id": 17}, event="order", id="17")`.

    `data`: text as it is, anything else as JSON; None for an event without any. `event`: its type, "message" if there
    is none. `id`: what the browser sends back as Last-Event-ID when it reconnects. `retry`: milliseconds until it does.
    `comment`: is not shown to anybody; a comment alone keeps a connection alive.
    Raises ValueError for an `event` or `id` of several lines, and an `id` with a NUL.
    """

    __slots__ = ("comment", "data", "event", "id", "retry")

    # A declared type of pieces has no say in what it is written as.
    writes_itself = True

    def __init__(
        self,
        data: Any = None,
        *,
        event: str | None = None,
        id: str | None = None,  # noqa: A002 - the standard's names
        retry: int | None = None,
        comment: str | None = None,
    ) -> None:
        for name, text in (("event", event), ("id", id)):
            if text is not None and not _NO_LINE.isdisjoint(text):
                msg = f"the {name} of a server-sent event is {text!r:.60}; it is on one line, and has no NUL"
                raise ValueError(msg)
        if retry is not None and (type(retry) is not int or retry < 0):
            msg = f"the retry of a server-sent event is {retry!r}; it is a number of milliseconds"
            raise ValueError(msg)
        self.data: Any = data
        self.event: str | None = event
        self.id: str | None = id
        self.retry: int | None = retry
        self.comment: str | None = comment

    def encode(self, write: Callable[[Any], str | None] | None = None) -> bytes:
        """The event as it is sent; `write` is the JSON of data that is no text."""
        lines = [f": {line}" for line in _lines(self.comment)]
        if self.event is not None:
            lines.append(f"event: {self.event}")
        if self.id is not None:
            lines.append(f"id: {self.id}")
        if self.retry is not None:
            lines.append(f"retry: {self.retry}")
        data = self.data
        text = data if data is None or isinstance(data, str) else json_of(data, write)
        lines += [f"data: {line}" for line in _lines(text)]
        return ("\n".join(lines) + "\n\n").encode()

    def __repr__(self) -> str:
        return f"<ServerSentEvent {self.event or 'message'} {self.id or ''}>"


_NO_LINE = frozenset("\r\n\0")


def _lines(text: str | None) -> list[str]:
    """The lines as the standard splits them: not at every character that Python's `splitlines` knows."""
    return [] if text is None else text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def event_writer(write: Callable[[Any], str | None] | None) -> Callable[[Any], bytes]:
    """How the pieces of an event stream are written: what is no event becomes the data of one."""
    return lambda piece: (piece if isinstance(piece, ServerSentEvent) else ServerSentEvent(piece)).encode(write)
