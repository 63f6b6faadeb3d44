"""A guard in process: the authorizer function of `auth=`, run before its route where API Gateway has not run it."""

from __future__ import annotations

from sys import modules

from lambdarouter.core.handler import Dependency
from lambdarouter.core.http import Allow, Deny, plan_guard
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.signature import name_of
from lambdarouter.errors import HttpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lambdarouter.core.route import Match

__all__ = ["Guard", "is_unmistakable"]


class Guard(Dependency):
    """A dependency that every route with this `auth=` has: made first, and refusing the request by raising."""

    __slots__ = ("name", "unmistakable")

    leads = True

    def __init__(self, fn: Callable[..., Any]) -> None:
        super().__init__(plan_guard(fn), "call", Guard)
        self.name: str = name_of(fn)
        # Whether a stamp with this name is this guard's.
        self.unmistakable: bool = is_unmistakable(fn)
        # Apart from a `Depends` on the same function, whose value would be a verdict nobody has looked at.
        self.key: Any = (Guard, fn)

    def replaced(self, fn: Callable[..., Any]) -> Dependency:
        """Another guard in the place of this one, for which API Gateway still answers."""
        other = Guard(fn)
        other.key, other.name, other.unmistakable = self.key, self.name, self.unmistakable
        return other

    def given(self, match: Match) -> Any:
        """The verdict API Gateway got from this very guard. A stamp that may be another's counts for nothing."""
        verdict = match.record.stamped(self.name) if self.unmistakable else None
        if verdict is None:
            return EMPTY
        match.record.auth = verdict
        return verdict

    def finish(self, value: Any, match: Match) -> Any:
        """Allow goes on, Deny is 403, anything else is a mistake in the guard, and lets nobody in."""
        if isinstance(value, Deny):
            raise HttpError(403)
        if not isinstance(value, Allow):
            msg = f"the guard {self.handler.place} returned {type(value).__name__}; a verdict is Allow(...) or Deny()"
            raise TypeError(msg)
        match.record.auth = value
        return value


def is_unmistakable(fn: Any) -> bool:
    """Whether the name that a stamp has is this function's alone.

    Closures, methods, partials and objects may be several of one name: `require("user")` and `require("admin")`, say,
    of which API Gateway may have asked the other one.
    """
    name = getattr(fn, "__qualname__", "<")
    if "<" in name or hasattr(fn, "__self__"):
        return False
    if not hasattr(fn, "__wrapped__"):
        return True
    # A decorator gave it the name of what it wraps, which it may have given to others.
    found = modules.get(fn.__module__)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is fn
