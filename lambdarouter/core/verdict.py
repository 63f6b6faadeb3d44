"""Sources whose caller asks a yes or no: it gets a no where the handler fails, does not exist or is late."""

from __future__ import annotations

from lambdarouter.core.single import SynchronousSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lambdarouter.core.route import Match, Outcome

__all__ = ["VerdictSource", "no_verdict"]


def no_verdict(value: Any, expected: str) -> TypeError:
    """The error of a value that is no verdict."""
    return TypeError(f"the handler returned {value!r:.60}, which is no verdict: return {expected}")


class VerdictSource(SynchronousSource):
    """One handler's verdict. A room says what a handler may return (`verdict`), and what a no is (`refusal`)."""

    def verdict(self, record: Any, value: Any) -> Any:
        """The reply for the handler's value. Raises TypeError for a value that is no verdict: silence is no yes."""
        raise NotImplementedError

    def refusal(self, record: Any) -> Any:
        """The reply that refuses."""
        raise NotImplementedError

    def result(self, match: Match, value: Any) -> Any:
        """The reply that the value is."""
        return self.verdict(match.record, value)

    def respond(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """The verdict; an error is a refusal, and in the log."""
        outcome = outcomes[0]
        return outcome.value if outcome.status == "ok" else self.refusal(event)
