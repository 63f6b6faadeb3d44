"""The verb `run`: make the calls, inline or side by side, and turn what comes of them into outcomes.

One call runs inline. Several fan out in one anyio task group: each route has N workers that pull lanes from its queue
(a lane is the calls that must run in order: those of one ordering key, else a single call). Sync handlers run in
worker threads, async ones in tasks: one thread or task per worker, never per record.
"""

from __future__ import annotations

from collections import deque

from lambdarouter.core.invocation import Call, Invocation, current
from lambdarouter.core.route import Outcome
from lambdarouter.engine.deadline import Deadline, Interrupted
from lambdarouter.engine.dependency import clean, make, make_shared
from lambdarouter.engine.drive import Here, run_without_loop
from lambdarouter.engine.middleware import through
from lambdarouter.errors import DeadlineExceeded, NotAttempted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from anyio import CapacityLimiter

    from lambdarouter.core.route import Match, Route
    from lambdarouter.core.source import Source
    from lambdarouter.engine.middleware import Middleware

    Lane = list[int]

__all__ = ["Work", "is_ours", "run"]

_CONCURRENT_TASKS, _CONCURRENT_THREADS = 100, 10


class Work:
    """The calls of one event, and their outcomes as they come in: `outcomes[i]` is None until `matches[i]` is done."""

    __slots__ = ("deadline", "invocation", "matches", "middleware", "outcomes", "source")

    def __init__(
        self,
        source: Source,
        invocation: Invocation,
        matches: Sequence[Match],
        deadline: Deadline,
        middleware: Sequence[Middleware],
    ) -> None:
        self.source = source
        self.invocation = invocation
        self.matches = matches
        self.deadline = deadline
        self.middleware = middleware
        self.outcomes: list[Outcome | None] = [None] * len(matches)

    def results(self) -> list[Outcome]:
        """Every call's outcome; one that is not there was not started, or not finished, in time."""
        return [
            outcome or Outcome(match.record, match.route, error=DeadlineExceeded(_too_late(match)))
            for match, outcome in zip(self.matches, self.outcomes, strict=True)
        ]


def _too_late(match: Match) -> str:
    who = "it" if match.route is None else match.route.name
    return f"{who} was not done with {match.record.id} before the invocation's deadline, less deadline_margin"


async def run(work: Work, here: Here) -> None:
    """Make all calls of the work; returns when each has its outcome, or the limit was reached."""
    matches = work.matches
    if len(matches) == 1:
        await _alone(work, 0, work.invocation, here)
        return
    if not await _share(work, here):
        return
    if all(_in_turn(match.route) for match in matches):
        lanes = _lanes(work, range(len(matches)))
        for lane in lanes:
            await _lane(work, lane, here)
    else:
        await here.loop()
        await _fan_out(work)
    if work.invocation.teardowns:
        await _clean_shared(work, here)


async def _share(work: Work, here: Here) -> bool:
    """Make what the calls share. False: the limit was reached meanwhile."""
    try:
        work.deadline.inside = here.driven
        await make_shared(work.matches, work.invocation, here)
    except BaseException as error:
        if not is_ours(error, work.deadline):
            raise
        return False
    finally:
        work.deadline.inside = False
    return True


def _in_turn(route: Route | None) -> bool:
    return route is None or (route.trigger.concurrency == 1 and not _is_async(route, ()))


async def _alone(work: Work, index: int, invocation: Invocation, here: Here) -> None:
    """One call on this thread, where a ring of the deadline's timer may interrupt it."""
    match, deadline = work.matches[index], work.deadline
    if deadline.expired:
        return
    try:
        deadline.inside = here.driven
        work.outcomes[index] = await _attempt(work, match, invocation, here)
    except BaseException as error:
        if not is_ours(error, deadline):
            raise
    finally:
        deadline.inside = False


def is_ours(error: BaseException, deadline: Deadline) -> bool:
    """Whether it was the deadline that stopped the call: by an interruption, or by cancelling its task."""
    if type(error) is Interrupted:
        return True
    if not deadline.stopped or type(error).__name__ != "CancelledError":
        return False
    from asyncio import current_task  # noqa: PLC0415 - loaded: somebody was cancelled

    task = current_task()
    if task is not None:
        task.uncancel()
    return True


async def _attempt(work: Work, match: Match, invocation: Invocation, here: Here) -> Outcome:
    """One call with everything around it. Errors are outcomes; only interruptions and cancellations get out."""
    current.set((invocation, match))
    route = match.route
    try:
        chain = work.middleware if route is None else (*work.middleware, *route.middleware)
        if chain:
            value = await through(
                chain, Call(match, invocation), lambda: _perform(match, invocation, here), here
            )
        else:
            value = await _perform(match, invocation, here)
        return Outcome(match.record, route, work.source.result(match, value))
    except Exception as error:  # noqa: BLE001 - user code: an error is data here
        return Outcome(match.record, route, error=error)


async def _perform(match: Match, invocation: Invocation, here: Here) -> Any:
    """Make the dependencies, fetch the arguments, call the handler, clean up."""
    route = match.route
    if route is None:
        ready = match.ready
        if ready is not None and ready.error is not None:
            raise ready.error
        return None if ready is None else ready.value
    handler = route.handler
    if not handler.dependencies:
        return await _call(match, invocation, here)
    value, failure = None, None
    try:
        await make(handler.dependencies, match, invocation, here)
        value = await _call(match, invocation, here)
    except BaseException as error:  # noqa: BLE001 - the teardowns see it, then it is raised
        failure = error
    if invocation.teardowns:
        failure = await clean(invocation, failure, here)
    if failure is not None:
        raise failure
    return value


async def _call(match: Match, invocation: Invocation, here: Here) -> Any:
    handler = match.route.handler  # type: ignore[union-attr]
    if here.threads is not None and not handler.is_async:
        from anyio import to_thread  # noqa: PLC0415 - loaded: this runs in a task group

        value = await to_thread.run_sync(
            handler.call, match, invocation, abandon_on_cancel=True, limiter=here.threads
        )
    else:
        value = handler.call(match, invocation)
    if hasattr(value, "__await__"):
        await here.loop()
        value = await value
    return value


def _scope(work: Work, match: Match) -> Invocation:
    """One call of several has a scope of its own for the dependencies that read its record."""
    route = match.route
    return work.invocation.child() if route is not None and route.handler.dependencies else work.invocation


async def _lane(work: Work, lane: Lane, here: Here) -> None:
    """The calls of one lane, in order. After the first failure the rest is not run: AWS delivers again from there."""
    for position, index in enumerate(lane):
        await _alone(work, index, _scope(work, work.matches[index]), here)
        outcome = work.outcomes[index]
        if len(lane) > 1 and outcome is not None and outcome.error is not None:
            _give_up(work, lane[position + 1 :], work.matches[index])
            return


def _give_up(work: Work, rest: Lane, failed: Match) -> None:
    for index in rest:
        match = work.matches[index]
        error = NotAttempted(
            f"{match.record.id} was not run: {failed.record.id} has the same ordering key and failed before it"
        )
        work.outcomes[index] = Outcome(match.record, match.route, error=error)


def _lanes(work: Work, indexes: Sequence[int]) -> list[Lane]:
    """The calls in lanes: one lane per route and ordering key, and one for each call without a key."""
    lanes: list[Lane] = []
    keyed: dict[tuple[int, str], Lane] = {}
    ordering_key = work.source.ordering_key
    for index in indexes:
        match = work.matches[index]
        key = ordering_key(match.record)
        if key is None:
            lanes.append([index])
            continue
        lane = keyed.get((id(match.route), key))
        if lane is None:
            lane = keyed[id(match.route), key] = []
            lanes.append(lane)
        lane.append(index)
    return lanes


def _is_async(route: Route, middleware: Sequence[Middleware]) -> bool:
    """Whether any part of the route's calls awaits."""
    return (
        route.handler.is_async
        or any(dependency.is_async for dependency in route.handler.dependencies)
        or any(getattr(getattr(layer, "__code__", None), "co_flags", 0) & 0x200 for layer in (*middleware, *route.middleware))
    )


async def _fan_out(work: Work) -> None:
    """All calls side by side, joined. Runs in an event loop."""
    from asyncio import current_task  # noqa: PLC0415 - several calls: the loop is loaded

    import anyio  # noqa: PLC0415 - only for several calls

    by_route: dict[int, list[int]] = {}
    for index, match in enumerate(work.matches):
        by_route.setdefault(id(match.route), []).append(index)
    deadline = work.deadline
    # The workers are stopped one by one; this task waits for them.
    root = current_task()
    deadline.tasks.discard(root)  # type: ignore[arg-type]
    try:
        async with anyio.create_task_group() as group:
            for indexes in by_route.values():
                route = work.matches[indexes[0]].route
                lanes = deque(_lanes(work, indexes))
                assert route is not None  # noqa: S101 - for the type checker: what nobody takes is never one of several
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
        deadline.tasks.add(root)  # type: ignore[arg-type]


async def _task_worker(work: Work, lanes: deque[Lane], threads: CapacityLimiter | None) -> None:
    from asyncio import current_task  # noqa: PLC0415

    task = current_task()
    here = Here(driven=False, threads=threads)
    work.deadline.tasks.add(task)  # type: ignore[arg-type]
    try:
        while lanes and not work.deadline.stopped:
            await _lane(work, lanes.popleft(), here)
    finally:
        work.deadline.tasks.discard(task)  # type: ignore[arg-type]


async def _thread_worker(work: Work, lanes: deque[Lane], threads: CapacityLimiter) -> None:
    from asyncio import current_task  # noqa: PLC0415

    from anyio import to_thread  # noqa: PLC0415

    task = current_task()
    work.deadline.tasks.add(task)  # type: ignore[arg-type]
    try:
        await to_thread.run_sync(_pull, work, lanes, abandon_on_cancel=True, limiter=threads)
    except BaseException as error:
        # At the limit the thread is left behind: its lanes stay without an outcome, which is reported.
        if not is_ours(error, work.deadline):
            raise
    finally:
        work.deadline.tasks.discard(task)  # type: ignore[arg-type]


def _pull(work: Work, lanes: deque[Lane]) -> None:
    """In a worker thread: run lanes until there are none."""
    while not work.deadline.stopped:
        try:
            lane = lanes.popleft()
        except IndexError:
            return  # another worker took the last one
        _in_thread(_lane_in_thread(work, lane))


async def _lane_in_thread(work: Work, lane: Lane) -> None:
    here = Here(driven=True)
    for position, index in enumerate(lane):
        if work.deadline.expired:
            return
        match = work.matches[index]
        outcome = await _attempt(work, match, _scope(work, match), here)
        work.outcomes[index] = outcome
        if len(lane) > 1 and outcome.error is not None:
            _give_up(work, lane[position + 1 :], match)
            return


def _in_thread(coroutine: Any) -> None:
    """Drive a lane by hand; where it wants an event loop after all (a sync function returned an awaitable), use ours."""
    done, _ = run_without_loop(coroutine)
    if not done:
        from anyio import from_thread  # noqa: PLC0415

        from_thread.run(_adopt, coroutine)


async def _adopt(coroutine: Any) -> None:
    from asyncio import ensure_future  # noqa: PLC0415 - a started coroutine goes on only as a task

    await ensure_future(coroutine)


async def _clean_shared(work: Work, here: Here) -> None:
    """Tear down what the calls shared. If that fails (a commit, say), the calls that relied on it have failed."""
    first = next((outcome.error for outcome in work.outcomes if outcome is not None and outcome.error), None)
    work.deadline.inside = here.driven
    failure = await clean(work.invocation, first, here)
    work.deadline.inside = False
    if failure is None or failure is first:
        return
    if not isinstance(failure, Exception):
        if not is_ours(failure, work.deadline):
            raise failure
        failure = DeadlineExceeded("the dependencies' teardown was not done before the invocation's deadline")
    for index, outcome in enumerate(work.outcomes):
        if outcome is not None and outcome.error is None and outcome.route is not None:
            if any(not dependency.per_record for dependency in outcome.route.handler.dependencies):
                work.outcomes[index] = Outcome(outcome.record, outcome.route, error=failure)
