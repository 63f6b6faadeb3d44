"""A guard in process: the authorizer function of `auth=`, run before its route where API Gateway has not run it."""

from __future__ import annotations

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

__all__ = ["Guard"]


class Guard(Dependency):
    """A dependency that every route with this `auth=` has: made first, and refusing the request by raising."""

    __slots__ = ("name",)

    leads = True

    def __init__(self, fn: Callable[..., Any]) -> None:
        super().__init__(plan_guard(fn), "invocation", per_record=True)
        self.name = name_of(fn)
        # Apart from a `Depends` on the same function, whose value would be a verdict nobody has looked at.
        self.key = (Guard, fn)

    def given(self, match: Match) -> Any:
        """The verdict API Gateway got from this very guard. The stamp of another guard counts for nothing."""
        verdict = match.record.stamped(self.name)
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
