"""The verb `run`: make the calls, inline or side by side, and turn what comes of them into outcomes.

One call runs inline. Several fan out in one anyio task group: each route has N workers that pull lanes from its queue
(a lane is the calls that must run in order: those of one ordering key, else a single call). Sync handlers run in
worker threads, async ones in tasks: one thread or task per worker, never per record.
"""

from __future__ import annotations

from collections import deque

from lambdarouter.core.invocation import Call, current
from lambdarouter.core.route import Outcome
from lambdarouter.core.signature import call_kind
from lambdarouter.engine.deadline import Interrupted
from lambdarouter.engine.dependency import clean, make, make_shared
from lambdarouter.engine.drive import Here, run_without_loop
from lambdarouter.engine.middleware import through
from lambdarouter.errors import NotAttempted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from anyio import CapacityLimiter

    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.route import Match, Route
    from lambdarouter.engine.deadline import Deadline
    from lambdarouter.engine.middleware import Middleware
    from lambdarouter.engine.work import Work

    Lane = list[int]

__all__ = ["attempt", "is_ours", "own_cancellation", "run"]

_CONCURRENT_TASKS, _CONCURRENT_THREADS = 100, 10


async def run(work: Work, here: Here) -> None:
    """Make the several calls of the work; returns when each has its outcome, or the limit was reached."""
    if await _share(work, here):
        if all(_in_turn(match.route) for match in work.matches):
            for lane in _lanes(work, range(len(work.matches))):
                await _lane(work, lane, here)
        else:
            await here.loop()
            await _fan_out(work)
    if work.teardowns:
        await _clean_shared(work, here)


async def _share(work: Work, here: Here) -> bool:
    """Make what the calls share. False: the limit was reached meanwhile."""
    try:
        work.deadline.inside = here.driven
        await make_shared(work.matches, work, here)
    except BaseException as error:
        if not is_ours(error, work.deadline):
            raise
        return False
    finally:
        work.deadline.inside = False
    return True


def _in_turn(route: Route | None) -> bool:
    return route is None or (route.trigger.concurrency == 1 and not _is_async(route, ()))


def is_ours(error: BaseException, deadline: Deadline) -> bool:
    """Whether it was the deadline that stopped the call: by an interruption, or by cancelling its task."""
    if type(error) is Interrupted:
        return True
    if not deadline.stopped or own_cancellation(error) is not None or type(error).__name__ != "CancelledError":
        return False
    _this_task().uncancel()
    return True


def own_cancellation(error: BaseException) -> Exception | None:
    """The failure that a CancelledError is where nobody cancelled this task: the code awaited what was cancelled."""
    if type(error).__name__ != "CancelledError":
        return None
    from asyncio import current_task  # noqa: PLC0415 - loaded: it made the error

    try:
        task = current_task()
    except RuntimeError:  # a thread with no event loop, where nothing is ever cancelled
        task = None
    if task is not None and task.cancelling():
        return None
    failure = RuntimeError(
        "a CancelledError was raised, though nobody cancelled the call: it awaited what was cancelled"
    )
    failure.__cause__ = error
    return failure


def _this_task() -> Task[Any]:
    from asyncio import current_task  # noqa: PLC0415 - loaded: this runs in a task

    task = current_task()
    assert task is not None  # noqa: S101 - for the type checker
    return task


async def attempt(work: Work, index: int, invocation: Invocation, here: Here) -> None:
    """One call with everything around it: its outcome, whatever happens, or none where the deadline stopped it."""
    deadline = work.deadline
    if deadline.expired:
        return
    match = work.matches[index]
    route = match.route
    current.set((invocation, match))
    try:
        # From here on a ring of the deadline's timer may interrupt this thread.
        deadline.inside = here.driven
        if route is None or work.middleware or route.middleware:
            value = await _wrapped(work, match, invocation, here)
        elif route.handler.dependencies or here.threads is not None:
            value = await _perform(work, match, invocation, here)
        else:
            # What `_perform` would do, for the plain handler that most events have: a coroutine less.
            value = route.handler.call(match, invocation)
            if hasattr(value, "__await__"):
                await here.loop(value)
                value = await value
        work.done[index] = Outcome(match.record, route, work.source.result(match, value))
    except Exception as error:  # noqa: BLE001 - user code: an error is data here
        work.done[index] = Outcome(match.record, route, error=error)
    except BaseException as error:
        if not is_ours(error, deadline):
            failure = own_cancellation(error)
            if failure is None:
                raise
            work.done[index] = Outcome(match.record, route, error=failure)
    finally:
        deadline.inside = False


async def _wrapped(work: Work, match: Match, invocation: Invocation, here: Here) -> Any:
    chain = (*work.middleware, *(() if match.route is None else match.route.middleware))
    return await through(chain, Call(match, invocation), lambda: _perform(work, match, invocation, here), here)


async def _perform(work: Work, match: Match, invocation: Invocation, here: Here) -> Any:
    """Make the dependencies, fetch the arguments, call the handler, clean up."""
    if match.route is None:
        return _ready(match)
    handler = match.route.handler
    value, failure = None, None
    try:
        await make(handler.dependencies, match, invocation, here)
        if here.threads is not None and not handler.is_async:
            value = await _in_thread(work, here.threads, handler.call, match, invocation)
        else:
            value = handler.call(match, invocation)
        if hasattr(value, "__await__"):
            await here.loop(value)
            value = await value
    except BaseException as error:  # noqa: BLE001 - the teardowns see it, then it is raised
        failure = error
    if invocation.teardowns:
        failure = await clean(invocation, failure, here)
    if failure is not None:
        raise failure
    return value


def _ready(match: Match) -> Any:
    outcome = match.ready
    if outcome is not None and outcome.error is not None:
        raise outcome.error
    return None if outcome is None else outcome.value


def _scope(work: Work, match: Match) -> Invocation:
    """One call of several has a scope of its own for the dependencies that read its record."""
    route = match.route
    return work.child() if route is not None and route.handler.dependencies else work


async def _lane(work: Work, lane: Lane, here: Here) -> None:
    """The calls of one lane, in order. After the first failure the rest is not run: AWS delivers again from there."""
    for position, index in enumerate(lane):
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
        or any(call_kind(layer) == "async generator" for layer in (*middleware, *route.middleware))
    )


async def _fan_out(work: Work) -> None:
    """All calls side by side, joined. Runs in an event loop."""
    import anyio  # noqa: PLC0415 - only for several calls

    by_route: dict[int, list[int]] = {}
    for index, match in enumerate(work.matches):
        by_route.setdefault(id(match.route), []).append(index)
    deadline = work.deadline
    # The workers are stopped one by one; this task waits for them.
    root = _this_task()
    deadline.tasks.discard(root)
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
        deadline.tasks.add(root)


async def _task_worker(work: Work, lanes: deque[Lane], threads: CapacityLimiter | None) -> None:
    task = _this_task()
    here = Here(driven=False, threads=threads)
    work.deadline.tasks.add(task)
    try:
        while lanes and not work.deadline.stopped:
            await _lane(work, lanes.popleft(), here)
    finally:
        work.deadline.tasks.discard(task)


async def _thread_worker(work: Work, lanes: deque[Lane], threads: CapacityLimiter) -> None:
    task = _this_task()
    work.deadline.tasks.add(task)
    try:
        await _in_thread(work, threads, _pull, work, lanes, task)
    except BaseException as error:
        # At the limit the thread is left behind: its lanes stay without an outcome, which is reported.
        if not is_ours(error, work.deadline):
            raise
    finally:
        work.deadline.tasks.discard(task)


async def _in_thread(work: Work, threads: CapacityLimiter, fn: Callable[..., Any], *args: Any) -> Any:
    """Call `fn` in a worker thread. A thread cannot be stopped: at the limit it is left behind."""
    from anyio import to_thread  # noqa: PLC0415 - loaded: this runs in a task group

    try:
        return await to_thread.run_sync(fn, *args, abandon_on_cancel=True, limiter=threads)
    except Exception:
        raise  # the function's own error: its thread is done
    except BaseException:
        work.deadline.left_behind = True
        raise


def _pull(work: Work, lanes: deque[Lane], worker: Task[Any]) -> None:
    """In a worker thread: run lanes until there are none."""
    while not work.deadline.stopped:
        try:
            lane = lanes.popleft()
        except IndexError:
            return  # another worker took the last one
        coroutine = _lane(work, lane, Here(driven=True))
        done, _ = run_without_loop(coroutine)
        if not done:
            # It wants an event loop after all (a sync function gave an awaitable): the one that waits for this thread.
            from anyio import from_thread  # noqa: PLC0415 - loaded: this is one of its threads

            from_thread.run(_adopt, work, coroutine, worker)


async def _adopt(work: Work, coroutine: Coroutine[Any, Any, None], worker: Task[Any]) -> None:
    from asyncio import ensure_future  # noqa: PLC0415 - a started coroutine goes on only as a task

    task = ensure_future(coroutine)
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
    work.deadline.inside = here.driven
    failure = await clean(work, first, here)
    work.deadline.inside = False
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


def _relies(outcome: Outcome) -> bool:
    """Whether a call that went well used what is shared."""
    if outcome.error is not None or outcome.route is None:
        return False
    return any(not dependency.per_record for dependency in outcome.route.handler.dependencies)
