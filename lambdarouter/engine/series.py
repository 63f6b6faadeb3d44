"""The calls of a series: what `attempt` does for plain handlers, many times over, without a coroutine for each.

A batch may have 10,000 records, and for a handler that does little the way to it is most of the time. So this keeps
nothing of a call that went well but its value.
"""

from __future__ import annotations

from time import monotonic

from lambdarouter.core.invocation import current
from lambdarouter.core.route import Outcome
from lambdarouter.core.series import Turn
from lambdarouter.engine.attempt import is_ours, own_cancellation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdarouter.core.series import Call, Series
    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.work import Work

__all__ = ["make_calls"]


async def make_calls(  # noqa: C901, PLR0912 - as `attempt` is
    work: Work, series: Series, call: Call | None, indexes: Iterator[int], here: Here
) -> bool:
    """Make these calls in turn, until there are no more or the limit is reached. `call` is the series' own.

    True: one of them wanted an event loop, and got it; the others are to be made where this began.
    """
    deadline, memory, source, handler = work.deadline, work.memory, work.source, series.route.handler
    driven, records, values = here.driven, series.records, series.values
    limit = float("inf") if deadline.limit is None else deadline.limit
    check_at = limit if memory is None else 0.0
    # A sync handler is over when the next is called, so its calls take turns in one object. One that awaits may leave
    # tasks behind, and each of those belongs to its own call.
    turn, shared = Turn(series, 0), not handler.is_async
    if shared:
        current.set((work, turn))
    try:
        # From here on a ring of the deadline's timer may interrupt this thread.
        deadline.inside = driven
        for index in indexes:
            now = monotonic()
            if now >= check_at:
                if now >= limit or (memory is not None and memory.is_short()):
                    return False
                check_at = limit if memory is None else min(limit, memory.due)
            try:
                if call is None:
                    match = series[index]
                    current.set((work, match))
                    value = handler.call(match, work)
                else:
                    if shared:
                        turn.index = index
                    else:
                        current.set((work, Turn(series, index)))
                    value = call(records[index], index)
                if value is not None and hasattr(value, "__await__"):
                    if driven:
                        await here.loop(value)
                    value = await value
                values[index] = value
            except Exception as error:  # noqa: BLE001 - user code: an error is data here
                series.odd[index] = source.failed(series[index], error)
            except BaseException as error:
                failure = own_cancellation(error)
                if failure is None:
                    raise
                match = series[index]
                series.odd[index] = Outcome(match.record, match.route, error=failure)
            if driven and not here.driven:
                return True
    except BaseException as error:
        if not is_ours(error, deadline):
            raise
    finally:
        deadline.inside = False
    return False
