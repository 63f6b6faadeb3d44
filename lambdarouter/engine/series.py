"""The calls of a series: what `attempt` does for plain handlers, many times over, without a coroutine for each.

A batch may have 10,000 records, and for a handler that does little the way to it is most of the time. So this keeps
nothing of a call that went well but its value.
"""

from __future__ import annotations

from time import monotonic

from lambdarouter.core.invocation import current
from lambdarouter.core.route import Outcome
from lambdarouter.engine.attempt import is_ours, own_cancellation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator
    from typing import Any

    from lambdarouter.core.series import Call, Series, Text
    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.work import Work

__all__ = ["make_calls"]


async def make_calls(  # noqa: C901, PLR0912 - as `attempt` is
    work: Work, series: Series, ways: tuple[Call, Text], indexes: Iterator[int], here: Here
) -> bool:
    """Make these calls in turn, until there are no more or the limit is reached. `ways` are the series' own.

    True: one of them wanted an event loop, and got it; the others are to be made where this began.
    """
    deadline, memory, handler, driven = work.deadline, work.memory, series.route.handler, here.driven
    fn, is_async, records, values = handler.fn, handler.is_async, series.records, series.values
    call, (key, convert) = ways
    limit = float("inf") if deadline.limit is None else deadline.limit
    check_at = limit if memory is None else 0.0
    # A sync handler is over when the next is called, so its calls take turns in one place. One that awaits may leave
    # tasks behind, and each of those belongs to its own call.
    place: Any = None
    if not is_async:
        place = [work, series, 0]
        current.set(place)
    try:
        # From here on a ring of the deadline's timer may interrupt this thread.
        deadline.inside = driven
        for index in indexes:
            if monotonic() >= check_at:
                if deadline.expired or (memory is not None and memory.is_short()):
                    return False
                check_at = limit if memory is None else min(limit, memory.due)
            if place is None:
                current.set((work, series, index))
            else:
                place[2] = index
            try:
                if key is None:
                    value = call(records[index], index)
                else:
                    try:
                        found = records[index][key]
                        argument = convert(found) if type(found) is str else None  # type: ignore[misc] # with a key
                    except Exception:  # noqa: BLE001 - told by `call`, outside of this: the error may hold a secret
                        argument = None
                    value = fn(argument) if argument is not None else call(records[index], index)
                if value is not None and (
                    is_async or (type(value) is not handler.plain_type and handler.must_await(value))
                ):
                    if driven:
                        await _go_on(work, series, index, value, here)
                        return True
                    value = await value
                values[index] = value
            except BaseException as error:  # noqa: BLE001 - raised again, if it is not about this call
                _fail(work, series, index, error)
    except BaseException as error:
        if not is_ours(error, deadline):
            raise
    finally:
        deadline.inside = False
    return False


async def _go_on(work: Work, series: Series, index: int, value: Awaitable[Any], here: Here) -> None:
    """Await in an event loop what a sync handler gave."""
    await here.loop(value)
    try:
        series.values[index] = await value
    except BaseException as error:  # noqa: BLE001 - raised again, if it is not about this call
        _fail(work, series, index, error)


def _fail(work: Work, series: Series, index: int, error: BaseException) -> None:
    """What an error means for its call. Raises it, if it is not about that call alone."""
    match = series[index]
    if isinstance(error, Exception):  # user code: an error is data here
        series.odd[index] = work.source.failed(match, error)
        return
    failure = own_cancellation(error)
    if failure is None:
        raise error
    series.odd[index] = Outcome(match.record, match.route, error=failure)
