"""Straight through many records: what `attempt` does for plain handlers, one after the other, without a coroutine each.

A batch may have 10,000 records, and for a handler that does little the way to it is most of the time.
"""

from __future__ import annotations

from time import monotonic

from lambdarouter.core.invocation import current
from lambdarouter.core.route import Outcome
from lambdarouter.engine.attempt import is_ours, own_cancellation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lambdarouter.core.route import Match, Route
    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.work import Work

    Failed = dict[tuple[int, str], Match]

__all__ = ["is_plain", "straight"]


def is_plain(work: Work, route: Route) -> bool:
    """Whether nothing stands around the handler's calls."""
    handler = route.handler
    around = work.middleware or work.rescues or route.middleware or route.rescues or route.once is not None
    return not (around or handler.dependencies or handler.streams or work.source.streams)


def straight(  # noqa: C901 - written out, as `attempt` is
    work: Work, indexes: Sequence[int], here: Here, failed: Failed, give_up: Callable[[Work, list[int], Match], None]
) -> tuple[int, Any]:
    """Make these calls in order, as far as they need no event loop.

    Returns how many are done with, and what the next one returned, to be awaited; None at the end.
    """
    matches, done, memory, source = work.matches, work.done, work.memory, work.source
    deadline, driven = work.deadline, here.driven
    limit = deadline.limit
    for position, index in enumerate(indexes):
        match = matches[index]
        key = match.key
        if key is not None and failed and (before := failed.get((id(match.route), key))) is not None:
            give_up(work, [index], before)
            continue
        if (limit is not None and monotonic() >= limit) or (memory is not None and memory.is_short()):
            break
        current.set((work, match))
        try:
            # From here on a ring of the deadline's timer may interrupt this thread.
            deadline.inside = driven
            value = match.route.handler.call(match, work)  # type: ignore[union-attr] # these have one
            if hasattr(value, "__await__"):
                return position, value
            done[index] = Outcome(match.record, match.route, source.result(match, value))
        except Exception as error:  # noqa: BLE001 - user code: an error is data here
            done[index] = source.failed(match, error)
        except BaseException as error:
            if not is_ours(error, deadline):
                failure = own_cancellation(error)
                if failure is None:
                    raise
                done[index] = Outcome(match.record, match.route, error=failure)
        finally:
            deadline.inside = False
        if key is not None:
            outcome = done[index]
            if outcome is not None and outcome.error is not None:
                failed[id(match.route), key] = match
    return len(indexes), None
