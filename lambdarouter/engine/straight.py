"""Calls of plain handlers: what `attempt` does, without a coroutine for each.

`make_plain` is for the one call that most events are, `await_plain` for the awaitable that it may return. `straight` is
for many calls: a batch may have 10,000 records. For a handler that does little, the way to it is most of the time.
"""

from __future__ import annotations

from time import monotonic

from lambdarouter.core.invocation import current
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.route import Outcome
from lambdarouter.engine.attempt import cut_short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lambdarouter.core.route import Match, Route
    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.work import Work

    Failed = dict[tuple[int, str], Match]

__all__ = ["await_plain", "is_plain", "make_plain", "straight"]


def is_plain(work: Work, route: Route) -> bool:
    """Whether nothing stands around the handler's calls."""
    handler = route.handler
    around = (route.layers and route.middleware) or work.middleware or work.rescues or route.rescues
    return not (around or route.once is not None or handler.dependencies or handler.streams)


def make_plain(work: Work, whole: bool) -> Any:  # noqa: FBT001 - on the way of every event
    """Make the event's one call, where the handler is plain; what is left to do then, `attempt` does.

    Returns the reply, unless the outcome is wanted as a `whole`, or there is more to it than what the handler returned:
    then `EMPTY`.
    """
    match, source, deadline = work.matches[0], work.source, work.deadline
    route = match.route
    limit = deadline.limit
    if route is None or not is_plain(work, route) or (limit is not None and monotonic() >= limit):
        return EMPTY
    current.set((work, work.matches, 0))
    try:
        # From here on a ring of the deadline's timer may interrupt this thread.
        deadline.inside = True
        value = route.handler.call(match, work)
        if hasattr(value, "__await__"):
            work.returned = value
            return EMPTY
        if not whole:
            reply = source.short_reply(match, value)
            if reply is not EMPTY:
                return reply
        _keep(work, match, value)
    except Exception as error:  # noqa: BLE001 - user code: an error is data here
        work.done[0] = source.failed(match, error)
    except BaseException as error:  # noqa: BLE001 - raised again, if it is not about this call
        work.done[0] = cut_short(error, match, deadline) or work.done[0]
    finally:
        deadline.inside = False
    return EMPTY


async def await_plain(work: Work, whole: bool) -> Any:  # noqa: FBT001 - as above
    """Go on, in an event loop, where the handler returned an awaitable to `make_plain`. Returns what that does."""
    match, source, deadline = work.matches[0], work.source, work.deadline
    if deadline.expired:
        return EMPTY
    awaitable, work.returned = work.returned, None
    try:
        value = await awaitable
        if not whole:
            reply = source.short_reply(match, value)
            if reply is not EMPTY:
                return reply
        _keep(work, match, value)
    except Exception as error:  # noqa: BLE001 - user code: an error is data here
        work.done[0] = source.failed(match, error)
    except BaseException as error:  # noqa: BLE001 - raised again, if it is not about this call
        work.done[0] = cut_short(error, match, deadline) or work.done[0]
    return EMPTY


def _keep(work: Work, match: Match, value: Any) -> None:
    """The outcome of a call that returned this, unless it is a stream, which is yet to begin."""
    result = work.source.result(match, value)
    if work.source.streams and getattr(result, "chunks", None) is not None:
        work.returned = value
    else:
        work.done[0] = Outcome(match.record, match.route, result)


def straight(
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
        current.set((work, matches, index))
        try:
            # From here on a ring of the deadline's timer may interrupt this thread.
            deadline.inside = driven
            value = match.route.handler.call(match, work)  # type: ignore[union-attr] # these have one
            if hasattr(value, "__await__"):
                return position, value
            done[index] = Outcome(match.record, match.route, source.result(match, value))
        except Exception as error:  # noqa: BLE001 - user code: an error is data here
            done[index] = source.failed(match, error)
        except BaseException as error:  # noqa: BLE001 - raised again, if it is not about this call
            done[index] = cut_short(error, match, deadline) or done[index]
        finally:
            deadline.inside = False
        if key is not None:
            outcome = done[index]
            if outcome is not None and outcome.error is not None:
                failed[id(match.route), key] = match
    return len(indexes), None
