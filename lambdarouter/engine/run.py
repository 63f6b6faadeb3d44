"""The verb `run`: make the calls, inline or side by side, and turn what comes of them into outcomes.

One call runs inline. Several fan out in one anyio task group: each route has N workers that pull lanes from its queue
(a lane is the calls that must run in order: those of one ordering key, else a single call). Sync handlers run in
worker threads, async ones in tasks: one thread or task per worker, never per record.
"""

from __future__ import annotations

from collections import deque
from contextvars import Context, copy_context

from lambdarouter.core.route import Outcome
from lambdarouter.core.signature import call_kind
from lambdarouter.engine.attempt import attempt, in_thread, is_ours, own_cancellation, this_task
from lambdarouter.engine.deadline import uninterrupted
from lambdarouter.engine.dependency import clean, make_shared
from lambdarouter.engine.drive import Here, run_without_loop
from lambdarouter.engine.memory import Memory
from lambdarouter.engine.straight import is_plain, straight
from lambdarouter.errors import NotAttempted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Coroutine, Sequence
    from typing import Any

    from anyio import CapacityLimiter

    from lambdarouter.core.invocation import Invocation, Middleware
    from lambdarouter.core.route import Match, Route
    from lambdarouter.engine.work import Work

    Lane = list[int]

__all__ = ["run"]

_CONCURRENT_TASKS, _CONCURRENT_THREADS = 100, 10


async def run(work: Work, here: Here) -> None:
    """Make the several calls of the work; returns when each has its outcome, or the limit was reached."""
    work.memory = Memory.of(work.context)
    work.unsettled = []
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


async def _make_calls(work: Work, here: Here) -> None:
    routed = [index for index, match in enumerate(work.matches) if match.route is not None]
    for index, match in enumerate(work.matches):
        if match.route is None:  # nobody's record, which only middleware sees
            await attempt(work, index, work, here)
    if all(_in_turn(match.route) for match in _firsts(work)):
        await _in_order(work, routed, here)
    else:
        await here.loop()
        await _fan_out(work, routed)


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


def _firsts(work: Work) -> list[Match]:
    """One call of each route."""
    return list({id(match.route): match for match in reversed(work.matches)}.values())[::-1]


def _in_turn(route: Route | None) -> bool:
    return route is None or (route.trigger.concurrency == 1 and not _is_async(route, ()))


def _scope(work: Work, match: Match) -> Invocation:
    """One call of several has a scope of its own for the dependencies that read its record."""
    route = match.route
    return work.child() if route is not None and route.handler.dependencies else work


async def _in_order(work: Work, indexes: Sequence[int], here: Here) -> None:
    """One call after the other, as the records came. After a failure, its lane goes no further."""
    failed: dict[tuple[int, str], Match] = {}
    matches, memory = work.matches, work.memory
    plain = all(match.route is not None and is_plain(work, match.route) for match in _firsts(work))
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


def _is_async(route: Route, middleware: Sequence[Middleware]) -> bool:
    """Whether any part of the route's calls awaits."""
    return (
        route.handler.is_async
        or any(dependency.is_async for dependency in route.handler.dependencies)
        or any(call_kind(layer) == "async generator" for layer in (*middleware, *route.middleware))
    )


@uninterrupted
async def _fan_out(work: Work, indexes: Sequence[int]) -> None:
    """These calls side by side, joined. Runs in an event loop."""
    import anyio  # noqa: PLC0415 - only for several calls

    by_route: dict[int, list[int]] = {}
    for index in indexes:
        by_route.setdefault(id(work.matches[index].route), []).append(index)
    deadline = work.deadline
    # The workers are stopped one by one; this task waits for them.
    root = this_task()
    deadline.tasks.discard(root)
    try:
        async with anyio.create_task_group() as group:
            for calls in by_route.values():
                route = work.matches[calls[0]].route
                lanes = deque(_lanes(work, calls))
                assert route is not None  # noqa: S101 - for the type checker: these have one
                asked = route.trigger.concurrency
                default = _CONCURRENT_TASKS if route.handler.is_async else _CONCURRENT_THREADS
                count = min(asked or default, len(lanes))
                # With concurrency=1 a sync handler stays in this thread: it may not be thread-safe.
                threads = None if asked == 1 or route.handler.is_async else anyio.CapacityLimiter(count)
                for _ in range(count):
                    if threads is None or _is_async(route, work.middleware):
                        group.start_soon(_task_worker, work, lanes, threads)
                    else:
                        group.start_soon(_thread_worker, work, lanes, threads)
    finally:
        deadline.tasks.add(root)


async def _task_worker(work: Work, lanes: deque[Lane], threads: CapacityLimiter | None) -> None:
    task = this_task()
    here = Here(driven=False, threads=threads)
    work.deadline.tasks.add(task)
    try:
        while lanes and not work.deadline.stopped:
            await _lane(work, lanes.popleft(), here)
    finally:
        work.deadline.tasks.discard(task)


async def _thread_worker(work: Work, lanes: deque[Lane], threads: CapacityLimiter) -> None:
    task = this_task()
    work.deadline.tasks.add(task)
    try:
        await in_thread(work, threads, _pull, work, lanes, task)
    except BaseException as error:
        # At the limit the thread is left behind: its lanes stay without an outcome, which is reported.
        if not is_ours(error, work.deadline):
            raise
    finally:
        work.deadline.tasks.discard(task)


def _pull(work: Work, lanes: deque[Lane], worker: Task[Any]) -> None:
    """In a worker thread: run lanes until there are none."""
    while not work.deadline.stopped:
        try:
            lane = lanes.popleft()
        except IndexError:
            return  # another worker took the last one
        coroutine = _lane(work, lane, Here(driven=True))
        context = copy_context()
        done, _ = context.run(run_without_loop, coroutine)
        if not done:
            # It wants an event loop after all (a sync function gave an awaitable): the one that waits for this thread.
            from anyio import from_thread  # noqa: PLC0415 - loaded: this is one of its threads

            from_thread.run(_adopt, work, coroutine, context, worker)


async def _adopt(work: Work, coroutine: Coroutine[Any, Any, None], context: Context, worker: Task[Any]) -> None:
    from asyncio import get_running_loop  # noqa: PLC0415 - a started coroutine goes on only as a task

    task = get_running_loop().create_task(coroutine, context=context)
    # Meanwhile this is what the limit stops: the thread does nothing but wait for it.
    work.deadline.tasks.discard(worker)
    work.deadline.tasks.add(task)
    try:
        await task
    finally:
        work.deadline.tasks.discard(task)
        work.deadline.tasks.add(worker)


async def _clean_shared(work: Work, here: Here) -> None:
    """Tear down what the calls shared. If that fails (a commit, say), the calls that relied on it have failed."""
    first = next((outcome.error for outcome in work.done if outcome is not None and outcome.error), None)
    # Until then they are not done: whoever answers for an event that hangs here must not report them so.
    waiting = {index: outcome for index, outcome in enumerate(work.done) if outcome is not None and _relies(outcome)}
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
        if failure is not None and failure is not first:
            work.done[index] = Outcome(outcome.record, outcome.route, error=failure)
        else:
            work.done[index] = outcome


async def _clean(work: Work, failure: BaseException | None, here: Here) -> BaseException | None:
    work.deadline.inside = here.driven
    failure = await clean(work, failure, here)
    work.deadline.inside = False
    return failure


def _relies(outcome: Outcome) -> bool:
    """Whether a call that went well used what is shared."""
    if outcome.error is not None or outcome.route is None:
        return False
    return any(not dependency.per_record for dependency in outcome.route.handler.dependencies)
