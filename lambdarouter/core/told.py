"""Services that wait to be told, through their API, how a handler went."""

from __future__ import annotations

from lambdarouter.core.route import Delivery
from lambdarouter.core.single import SynchronousSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lambdarouter.core.route import Match, Outcome

__all__ = ["ToldSource"]


class ToldSource(SynchronousSource):
    """One handler: it returns, or it raises, and the service is told before the deadline (`tell`)."""

    reserve: float = 3.0

    def tell(self, event: Any, outcome: Outcome) -> None:
        """Call the service's API."""
        raise NotImplementedError

    def result(self, match: Match, value: Any) -> Any:
        """Nothing: that the handler returned is all that counts. Raises TypeError for a value, which would be lost."""
        if value is not None:
            msg = f"a handler of {self.decorator} returns None, and raises to fail; this one returned {value!r:.60}"
            raise TypeError(msg)

    def respond(self, event: Any, outcomes: Sequence[Outcome]) -> Delivery:
        """Tell the service."""
        outcome = outcomes[0]
        return Delivery(lambda: self.tell(event, outcome))
