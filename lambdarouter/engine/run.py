"""The verb `run`: make the calls, inline or side by side, and turn what comes of them into outcomes.

One call runs inline. Several fan out: a crew of workers takes lanes from a queue (a lane is the calls that must run in
order: those of one ordering key, else a single call).
"""

from __future__ import annotations

from collections import deque
from functools import partial
from operator import length_hint

from lambdarouter.core.route import Outcome
from lambdarouter.engine.attempt import attempt, is_ours, own_cancellation
from lambdarouter.engine.crew import Crew, drained, is_async, most_at_once, place_of, side_by_side
from lambdarouter.engine.dependency import clean, make_shared
from lambdarouter.engine.memory import Memory
from lambdarouter.engine.series import make_calls
from lambdarouter.engine.straight import is_plain, straight
from lambdarouter.errors import InFlight, NotAttempted, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.route import Match, Route
    from lambdarouter.core.series import Series
    from lambdarouter.engine.crew import Place
    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.work import Work

    Lane = list[int]

__all__ = ["run"]


async def run(work: Work, here: Here) -> None:
    """Make the several calls of the work; returns when each has its outcome, or the limit was reached."""
    work.memory = Memory.of(work.context)
    work.unsettled = []
    series = work.series
    if series is not None:
        if _are_plain(work, [series.route]):
            await _make_series(work, series, here)
            return
        work.take(list(series))
    try:
        if await _share(work, here):
            await _make_calls(work, here)
    except BaseException as error:
        # The program is about to end, or nobody waits for the event: what the calls shared is to see it.
        await _clean(work, error, here)
        raise
    if work.teardowns:
        await _clean_shared(work, here)
    if work.unsettled:
        from lambdarouter.engine.once import settle  # noqa: PLC0415 - loaded: it left these

        await settle(work, here)


async def _make_series(work: Work, series: Series, here: Here) -> None:
    route, count = series.route, len(series)
    calls = partial(make_calls, work, series, series.ways(work))
    if _in_turn(route):
        indexes = iter(range(count))
        while await calls(indexes, here):
            pass
        return
    await here.loop()
    place, most = place_of(route, ()), most_at_once(route)
    if route.handler.is_async:
        indexes = iter(range(count))
        crew = Crew(work, place, most, partial(length_hint, indexes), partial(calls, indexes))
    else:
        queue = deque(range(count))
        crew = Crew(work, place, most, queue.__len__, lambda here: calls(drained(queue), here))
    await side_by_side(work, [crew])


async def _make_calls(work: Work, here: Here) -> None:
    routed = [index for index, match in enumerate(work.matches) if match.route is not None]
    for index, match in enumerate(work.matches):
        if match.route is None:  # nobody's record, which only middleware sees
            await attempt(work, index, work, here)
    if all(_in_turn(match.route) for match in _firsts(work)):
        await _in_order(work, routed, here)
    else:
        await here.loop()
        await side_by_side(work, _crews(work, routed))


async def _share(work: Work, here: Here) -> bool:
    """Make what the calls share. False: the limit was reached meanwhile."""
    try:
        work.deadline.inside = here.driven
        await make_shared(_firsts(work), work, here)
    except BaseException as error:
        if not is_ours(error, work.deadline):
            raise
        return False
    finally:
        work.deadline.inside = False
    return True


def _are_plain(work: Work, routes: Iterable[Route | None]) -> bool:
    """Whether nothing at all stands around the calls of these routes."""
    if work.middleware or work.source.streams:
        return False
    return all(route is not None and is_plain(route) for route in routes)


def _firsts(work: Work) -> list[Match]:
    """One call of each route."""
    return list({id(match.route): match for match in reversed(work.matches)}.values())[::-1]


def _in_turn(route: Route | None) -> bool:
    return route is None or (route.trigger.concurrency == 1 and not is_async(route, ()))


def _scope(work: Work, match: Match) -> Invocation:
    """One call of several has a scope of its own for the dependencies that are not shared."""
    route = match.route
    return work.child() if route is not None and route.handler.dependencies else work


async def _in_order(work: Work, indexes: Sequence[int], here: Here) -> None:
    """One call after the other, as the records came. After a failure, its lane goes no further."""
    failed: dict[tuple[int, str], Match] = {}
    matches, memory = work.matches, work.memory
    plain = _are_plain(work, [each.route for each in _firsts(work)])
    while plain and indexes:
        made, value = straight(work, indexes, here, failed, _give_up)
        if value is None:
            return
        index = indexes[made]
        await attempt(work, index, work, here, value)
        _note(work, index, failed)
        indexes = indexes[made + 1 :]
    for index in indexes:
        match = matches[index]
        if match.key is not None and failed:
            before = failed.get((id(match.route), match.key))
            if before is not None:
                _give_up(work, [index], before)
                continue
        if memory is not None and memory.is_short():
            return
        await attempt(work, index, _scope(work, match), here)
        _note(work, index, failed)


def _note(work: Work, index: int, failed: dict[tuple[int, str], Match]) -> None:
    """Remember a failure in its lane."""
    match, outcome = work.matches[index], work.done[index]
    if match.key is not None and outcome is not None and outcome.error is not None:
        failed[id(match.route), match.key] = match


async def _lane(work: Work, lane: Lane, here: Here) -> None:
    """The calls of one lane, in order. After the first failure the rest is not run: AWS delivers again from there."""
    for position, index in enumerate(lane):
        if work.memory is not None and work.memory.is_short():
            return
        await attempt(work, index, _scope(work, work.matches[index]), here)
        outcome = work.done[index]
        if len(lane) > 1 and outcome is not None and outcome.error is not None:
            _give_up(work, lane[position + 1 :], work.matches[index])
            return


def _give_up(work: Work, rest: Lane, failed: Match) -> None:
    for index in rest:
        match = work.matches[index]
        error = NotAttempted(
            f"{match.record.id} was not run: {failed.record.id} has the same ordering key and failed before it"
        )
        work.done[index] = Outcome(match.record, match.route, error=error)


def _lanes(work: Work, indexes: Sequence[int]) -> list[Lane]:
    """The calls in lanes: one lane per route and ordering key, and one for each call without a key."""
    lanes: list[Lane] = []
    keyed: dict[tuple[int, str], Lane] = {}
    for index in indexes:
        match = work.matches[index]
        if match.key is None:
            lanes.append([index])
            continue
        lane = keyed.get((id(match.route), match.key))
        if lane is None:
            lane = keyed[id(match.route), match.key] = []
            lanes.append(lane)
        lane.append(index)
    return lanes


def _crews(work: Work, indexes: Sequence[int]) -> list[Crew]:
    """One for each route with more to do than it may do at once, and one in each place for all others."""
    by_route: dict[int, list[int]] = {}
    for index in indexes:
        by_route.setdefault(id(work.matches[index].route), []).append(index)
    crews = []
    shared: dict[Place, deque[Lane]] = {}
    for calls in by_route.values():
        route, lanes = work.matches[calls[0]].route, _lanes(work, calls)
        assert route is not None  # noqa: S101 - for the type checker: these have one
        place, most = place_of(route, work.middleware), most_at_once(route)
        if len(lanes) > most:
            crews.append(_crew(work, place, most, deque(lanes)))
        else:
            shared.setdefault(place, deque()).extend(lanes)
    return crews + [_crew(work, place, len(lanes), lanes) for place, lanes in shared.items()]


def _crew(work: Work, place: Place, most: int, lanes: deque[Lane]) -> Crew:
    return Crew(work, place, most, lanes.__len__, partial(_make_lanes, work, lanes))


async def _make_lanes(work: Work, lanes: deque[Lane], here: Here) -> bool:
    """Run lanes until there are none. True: a call of one wanted an event loop, and has got it."""
    driven = here.driven
    for lane in drained(lanes):
        if work.deadline.stopped:
            break
        await _lane(work, lane, here)
        if driven and not here.driven:
            return True
    return False


async def _clean_shared(work: Work, here: Here) -> None:
    """End what the calls shared. If that fails (a commit, say), or one of them has, all that relied on it have."""
    sharing = {index: outcome for index, outcome in enumerate(work.done) if outcome is not None and _shares(outcome)}
    failed = next((outcome for outcome in sharing.values() if _is_failure(outcome)), None)
    first = None if failed is None else failed.error
    waiting = {index: outcome for index, outcome in sharing.items() if outcome.error is None}
    # Until then they are not done: whoever answers for an event that hangs here must not report them so.
    for index in waiting:
        work.done[index] = None
    failure = await _clean(work, first, here)
    if failure is not None and failure is not first and not isinstance(failure, Exception):
        if is_ours(failure, work.deadline):
            return
        own = own_cancellation(failure)
        if own is None:
            raise failure
        failure = own
    for index, outcome in waiting.items():
        if failed is not None and failure is first:
            work.done[index] = Outcome(outcome.record, outcome.route, error=_undone_by(failed, outcome))
        elif failure is not None:
            work.done[index] = Outcome(outcome.record, outcome.route, error=failure)
        else:
            work.done[index] = outcome


async def _clean(work: Work, failure: BaseException | None, here: Here) -> BaseException | None:
    work.deadline.inside = here.driven
    failure = await clean(work, failure, here)
    work.deadline.inside = False
    return failure


def _shares(outcome: Outcome) -> bool:
    """Whether a call used what is ended after all calls."""
    return outcome.route is not None and outcome.route.handler.shares


def _is_failure(outcome: Outcome) -> bool:
    """Whether what the calls share sees its error: a refusal by middleware, too, but not that it was not to run yet."""
    return outcome.error is not None and not isinstance(outcome.error, (InFlight, NotAttempted, StoreError))


def _undone_by(failed: Outcome, outcome: Outcome) -> Exception:
    """The error of a call that went well, but shares what has seen a failure, and may have been rolled back by it."""
    error = RuntimeError(
        f'{outcome.record.id} went well, but shares a generator of scope="invocation" with {failed.record.id}, which '
        'failed: what it did may have been rolled back. With Depends(..., scope="call") each call has its own'
    )
    error.__cause__ = failed.error
    return error
