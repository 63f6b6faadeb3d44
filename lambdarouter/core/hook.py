"""Hooks that hold something up until they say how it goes on: deployments, stack operations."""

from __future__ import annotations

from lambdarouter.core.single import SynchronousSource, plain
from lambdarouter.errors import HttpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from lambdarouter.core.route import Match, Outcome

__all__ = ["HookSource", "InProgress", "NonCompliant", "message_of"]


class InProgress:
    """The hook cannot tell yet: call it again.

    `after`: in how many seconds. `details`: what it is to find then (text, numbers, objects).
    """

    __slots__ = ("after", "details")

    def __init__(self, *, after: int | None = None, details: Mapping[str, Any] | None = None) -> None:
        self.after: int | None = after
        self.details: Mapping[str, Any] | None = details

    def __repr__(self) -> str:
        return f"InProgress(after={self.after})"


class NonCompliant:
    """The hook's no: what it looked at is not to be. `message` says why."""

    __slots__ = ("message",)

    def __init__(self, message: str) -> None:
        self.message: str = message

    def __repr__(self) -> str:
        return f"NonCompliant({self.message!r})"


class HookSource(SynchronousSource):
    """One handler's word: None (it may go on), `NonCompliant` or `InProgress`; an error is a failure, and logged.

    A room says what is answered in each case: `succeeded`, `refused`, `waiting`, `broken`.
    """

    def succeeded(self, record: Any) -> dict[str, Any]:
        """The reply where it may go on."""
        raise NotImplementedError

    def refused(self, record: Any, verdict: NonCompliant) -> dict[str, Any]:
        """The reply where the handler said no."""
        raise NotImplementedError

    def waiting(self, record: Any, verdict: InProgress) -> dict[str, Any]:
        """The reply where the handler is to be called again."""
        raise NotImplementedError

    def broken(self, record: Any, error: Exception) -> dict[str, Any]:
        """The reply where the handler failed, or there is none."""
        raise NotImplementedError

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """The reply that the value is. Raises TypeError for a value that is none of a hook's."""
        record = match.record
        if value is None:
            return self.succeeded(record)
        if isinstance(value, NonCompliant):
            return self.refused(record, value)
        if isinstance(value, InProgress):
            return self.waiting(record, InProgress(after=value.after, details=plain(value.details)))
        msg = f"a hook returns None, NonCompliant(message) or InProgress(...), not {value!r:.60}"
        raise TypeError(msg)

    def respond(self, event: Any, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """The one outcome's reply; where the filter declined, it may go on."""
        outcome = outcomes[0]
        if outcome.error is not None:
            return self.broken(event, outcome.error)
        found: dict[str, Any] = outcome.value if outcome.status == "ok" else self.succeeded(event)
        return found


def message_of(error: Exception) -> str:
    """What a hook's caller is shown of an error."""
    return str(error) if isinstance(error, HttpError) else f"{type(error).__name__}: {error}"
