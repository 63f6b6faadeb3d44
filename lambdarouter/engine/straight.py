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

# Looked up once: a C type's method is not what CPython is quick to find.
_set_current = current.set

__all__ = ["await_plain", "is_plain", "make_plain", "straight"]


def is_plain(route: Route) -> bool:
    """Whether nothing stands around the handler's calls but what the app has for all."""
    if route.alone:
        return True
    handler = route.handler
    return not (route.once or handler.dependencies or handler.streams or any(route.layers))


def make_plain(work: Work, matches: Any, route: Route, whole: bool) -> Any:  # noqa: FBT001 - on the way of every event
    """Make an event's one call, of a plain handler; what is left to do then, `attempt` or `await_plain` does.

    Returns the reply, unless the `whole` outcome is wanted, or there is more to it than what the handler returned: then
    `EMPTY`, and `work` has it. A ring of the deadline's timer may interrupt the call.
    """
    match, source, deadline, outcome = matches[0], work.source, work.deadline, None
    limit = deadline.limit
    if limit is not None and monotonic() >= limit:
        deadline.inside = False
    else:
        _set_current((work, matches, 0))
        try:
            handler = route.handler
            value = handler.call(match, work)
            if type(value) is not handler.plain_type and handler.must_await(value):
                work.returned = value
            else:
                if not whole:
                    reply = source.short_reply(match, value)
                    if reply is not EMPTY:
                        return reply
                outcome = _outcome(work, match, value)
        except Exception as error:  # noqa: BLE001 - user code: an error is data here
            work.take_call(matches)
            work.done[0] = _failed(work, match, error)  # by no name here: the error's frames would hold the error
            return EMPTY
        except BaseException as error:  # noqa: BLE001 - raised again, if it is not about this call
            work.take_call(matches)
            work.done[0] = cut_short(error, match, deadline)
            return EMPTY
        finally:
            deadline.inside = False
    work.take_call(matches)
    work.done[0] = outcome
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
        work.done[0] = _outcome(work, match, value)
    except Exception as error:  # noqa: BLE001 - user code: an error is data here
        work.done[0] = _failed(work, match, error)
    except BaseException as error:  # noqa: BLE001 - raised again, if it is not about this call
        work.done[0] = cut_short(error, match, deadline) or work.done[0]
    return EMPTY


def _failed(work: Work, match: Match, error: Exception) -> Outcome:
    """The outcome of a call that raised this; where there are exception handlers, they are yet to see it."""
    if work.has_rescues(match.route):
        work.unrescued = error
    return work.source.failed(match, error)


def _outcome(work: Work, match: Match, value: Any) -> Outcome | None:
    """The outcome of a call that returned this; None where that is a stream, which is yet to begin."""
    result = work.source.result(match, value)
    if work.source.streams and getattr(result, "chunks", None) is not None:
        work.returned = value
        return None
    return Outcome(match.record, match.route, result)


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
            handler = match.route.handler  # type: ignore[union-attr] # these have one
            value = handler.call(match, work)
            if type(value) is not handler.plain_type and handler.must_await(value):
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
