"""Invocation: what the calls of one event share, and the call that a middleware or a log line belongs to."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lambdarouter.core.context import Context
    from lambdarouter.core.route import Match, Route
    from lambdarouter.core.view import Event, Record

__all__ = ["Call", "Invocation", "current"]


class Invocation:
    """One event on its way: its classified `name`, its typed view, Lambda's context, and the dependencies made for it.

    `child` gives a single call of several its own cache, for dependencies that read the record.
    """

    __slots__ = ("cache", "context", "event", "name", "parent", "teardowns")

    def __init__(self, name: str, event: Event, context: Context, parent: Invocation | None = None) -> None:
        self.name = name
        self.event = event
        self.context = context
        self.parent = parent
        # Both are made on first use: most calls have no dependencies.
        self.cache: dict[Any, Any] | None = None
        self.teardowns: list[Callable[[BaseException | None], Any]] | None = None

    def child(self) -> Invocation:
        """A scope for one call; what it does not find in its own cache, it finds in this one's."""
        return Invocation(self.name, self.event, self.context, self)


# The call in progress, for log lines: (invocation, match). Everything else is handed down as an argument.
current: ContextVar[tuple[Invocation, Match] | None] = ContextVar("lambdarouter_call", default=None)


class Call:
    """What middleware sees of one call. It may set `reply` (before its yield: without yielding at all; or after it).

    `route` is None where no route took the record: HTTP's 404s and preflights.
    """

    __slots__ = ("_invocation", "_match", "reply")

    def __init__(self, match: Match, invocation: Invocation) -> None:
        self._match = match
        self._invocation = invocation
        self.reply: Any = None

    @property
    def record(self) -> Record:
        """The record the handler is called for: the request, the message, the tick."""
        record: Record = self._match.record
        return record

    @property
    def route(self) -> Route | None:
        """The route that took the record, with its trigger and handler."""
        return self._match.route

    @property
    def context(self) -> Context:
        """The invocation's context."""
        return self._invocation.context

    @property
    def source(self) -> str:
        """The event's classified name, such as "sns" or "http.v2"."""
        return self._invocation.name

    def __repr__(self) -> str:
        who = "nobody" if self.route is None else self.route.name
        return f"<Call {self.source} {who} {self.record!r}>"
