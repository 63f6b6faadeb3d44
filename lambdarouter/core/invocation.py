"""Invocation: what the calls of one event share, and the call that a middleware or a log line belongs to."""

from __future__ import annotations

from _contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from typing import Any, TypeAlias

    from lambdarouter.core.context import Context
    from lambdarouter.core.route import Match, Route
    from lambdarouter.core.view import Record, View

    # A generator function that yields once, around the call.
    Middleware: TypeAlias = Callable[["Call"], Iterator[None] | AsyncIterator[None]]

__all__ = ["Call", "Invocation", "current"]


class Invocation:
    """One event on its way: its classified `name`, its typed view, Lambda's context, and the dependencies made for it.

    `child` gives a single call of several a scope of its own, for dependencies that read the record.
    """

    event: View
    # Defaults that few events change stand on the class: one of these is made for every event. What all of them change
    # does not: CPython 3.12 and 3.13 take 21 ns to write an attribute with a default on its class, else 4.
    cache: dict[Any, Any] | None = None
    teardowns: list[Any] | None = None

    def __init__(self, context: Context) -> None:
        self.name = "invoke"
        self.context = context
        # Where a dependency is looked up next: the event's for a call, the environment's for an event.
        self.parent: Invocation | None = None

    def child(self) -> Invocation:
        """A scope for one call; what it does not find in its own cache, it finds in this one's."""
        child = Invocation(self.context)
        child.name, child.event, child.parent = self.name, self.event, self
        return child

    def find(self, key: Any, default: Any) -> Any:
        """The dependency made under this key, in this scope or one around it."""
        scope: Invocation | None = self
        while scope is not None:
            if scope.cache is not None and key in scope.cache:
                return scope.cache[key]
            scope = scope.parent
        return default

    def keep(self, key: Any, value: Any) -> None:
        """Remember a dependency for the rest of this scope."""
        if self.cache is None:
            self.cache = {}
        self.cache[key] = value

    def clean_later(self, generator: Any) -> None:
        """Remember a generator to be ended with this scope."""
        if self.teardowns is None:
            self.teardowns = []
        self.teardowns.append(generator)


# The call in progress, for log lines: the invocation, its matches, and the index of this one, as a series makes a match
# only where somebody asks for it. Everything else is handed down as an argument.
current: ContextVar[tuple[Invocation, Sequence[Match], int] | None] = ContextVar("lambdarouter_call", default=None)


class Call:
    """What middleware sees of one call. It may set `reply` (before its yield: without yielding at all; or after it).

    `route` is None where no route took the record: HTTP's 404s and preflights.
    """

    __slots__ = ("_invocation", "_match", "_reply", "answered")

    def __init__(self, match: Match, invocation: Invocation) -> None:
        self._match = match
        self._invocation = invocation
        self._reply: Any = None
        # Whether the layer that was entered last has set the reply: None, too, can be an answer.
        self.answered: bool = False

    @property
    def reply(self) -> Any:
        """What the call is answered with: None until the handler has returned, or a middleware has set it."""
        return self._reply

    @reply.setter
    def reply(self, value: Any) -> None:
        self._reply = value
        self.answered = True

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
