"""Trigger: the options of one decorator call, which are the filter of one route."""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Literal, Self

    from lambdarouter.core.source import Source

__all__ = ["Trigger"]


class Trigger:
    """The base of every room's trigger. Immutable after construction; the constructor is the decorator's signature.

    A subclass names its `source` and says which records it `claims` (they come from the topic, queue or path it
    names) and which of those it `declines` (a filter said no). Wrong options raise `ConfigurationError`.

    `concurrency`: how many of the route's calls for one event run at once; default 100 for async handlers and 10 for
    sync ones, which then run in threads. 1 means one after the other, in order, in the main thread.
    `unmatched`: what becomes of a record that is claimed but declined: "ignore" it, or "fail" the record.
    """

    __slots__ = ("concurrency", "unmatched")

    source: ClassVar[type[Source]]

    def __init__(self, *, concurrency: int | None = None, unmatched: Literal["ignore", "fail"] = "ignore") -> None:
        if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
            msg = f"concurrency is {concurrency!r}; it is a number of calls, 1 or more"
            raise ConfigurationError(msg)
        if unmatched not in ("ignore", "fail"):
            msg = f'unmatched is {unmatched!r}; it is "ignore" or "fail"'
            raise ConfigurationError(msg)
        self.concurrency = concurrency
        self.unmatched = unmatched

    def claims(self, record: Any) -> bool:
        """Whether this trigger names where the record came from. By default: every record of its source."""
        return True

    def declines(self, record: Any) -> str | None:
        """Why the filter refuses a record that is claimed, or None where it accepts it."""
        return None

    def prefixed(self, prefix: str) -> Self:
        """This trigger under a router's path prefix; only sources with paths have a use for it."""
        return self

    def describe(self) -> str:
        """The filter as `lambdarouter routes` prints it."""
        return ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"
