"""One call with everything around it: middleware, dependencies, the handler, and what becomes of it."""

from __future__ import annotations

from lambdarouter.core.invocation import Call, current
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.route import Completion, Outcome
from lambdarouter.core.stream import AsyncChunks, chunks_in, chunks_of
from lambdarouter.engine.deadline import Interrupted, uninterrupted
from lambdarouter.engine.dependency import clean, make

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Callable
    from typing import Any

    from anyio import CapacityLimiter

    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.route import Match
    from lambdarouter.core.stream import Chunks
    from lambdarouter.engine.deadline import Deadline
    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.once import Lease
    from lambdarouter.engine.work import Work

__all__ = ["attempt", "cut_short", "in_thread", "is_ours", "own_cancellation", "rescued", "this_task"]


async def attempt(  # noqa: C901, PLR0912 - written out: this runs for every event
    work: Work, index: int, invocation: Invocation, here: Here, returned: Any = None, *, whole: bool = True
) -> None:
    """One call with everything around it: its outcome, whatever happens, or none where the deadline stopped it.

    `returned`: what the handler has returned already (`straight` or `make_plain` called it), if there is more to it.
    Unless the `whole` outcome is wanted, the event's one call may have no outcome, but lead to a reply at once.
    """
    deadline = work.deadline
    if work.done[index] is not None or deadline.expired:
        if hasattr(returned, "close"):
            returned.close()  # nobody will await it
        return
    match = work.matches[index]
    route = match.route
    current.set((invocation, work.matches, index))
    try:
        # From here on a ring of the deadline's timer may interrupt this thread.
        deadline.inside = here.driven
        if route is not None and route.once is not None:
            await route.once.attempt(work, index, invocation, here, _make_call)
            outcome = work.done[index]
            if outcome is not None and outcome.error is not None:
                await rescued(work, index, outcome.error, here)
            return
        if route is None or work.middleware or (route.layers and route.middleware):
            value = await _wrapped(work, match, invocation, here)
            if isinstance(value, Outcome):  # a middleware's word on what becomes of the record
                work.done[index] = work.source.settled(match, value)
                return
        elif route.handler.dependencies or here.threads is not None or route.handler.streams:
            value = await _perform(work, match, invocation, here)
        else:
            # What `_perform` would do, for the plain handler that most events have: a coroutine less.
            handler = route.handler
            value = handler.call(match, invocation) if returned is None else returned
            if type(value) is not handler.plain_type and handler.must_await(value):
                await here.loop(value)
                value = await value
        if not whole and route is not None and not work.chunks:
            reply = work.source.short_reply(match, value)
            if reply is not EMPTY:
                work.completion = Completion(work.name, reply=reply)
                return
        value = work.source.result(match, value)
        if work.source.streams and getattr(value, "chunks", None) is not None:
            value = await _ready_to_stream(work, match, value, here)
        work.done[index] = Outcome(match.record, route, value)
    except Exception as error:  # noqa: BLE001 - user code: an error is data here
        work.done[index] = work.source.failed(match, error)
        await rescued(work, index, error, here)
    except BaseException as error:  # noqa: BLE001 - raised again, if it is not about this call
        work.done[index] = cut_short(error, match, deadline) or work.done[index]
    finally:
        deadline.inside = False


async def _make_call(work: Work, match: Match, invocation: Invocation, here: Here, lease: Lease) -> Any:
    """The call of a route with `once=`, on which the lease has a say."""
    assert match.route is not None  # noqa: S101 - for the type checker
    make = _wrapped if work.middleware or match.route.middleware else _perform
    return await make(work, match, invocation, here, lease)


async def rescued(work: Work, index: int, error: Exception, here: Here) -> None:
    """Let an exception handler answer in the place of an error; where the deadline stops it, the error stays."""
    # Of several calls, none is answered so: there is one reply for all of them.
    if len(work.matches) > 1 or not work.has_rescues(work.matches[index].route):
        return
    from lambdarouter.engine.rescue import rescue  # noqa: PLC0415 - only where there is any

    work.deadline.inside = here.driven
    work.failed = error
    try:
        await rescue(work, index, error, here, _pull)
    except BaseException as failure:  # noqa: BLE001 - raised again, if it is not about this call
        work.done[index] = cut_short(failure, work.matches[index], work.deadline) or work.done[index]
    finally:
        work.deadline.inside = False


async def _wrapped(work: Work, match: Match, invocation: Invocation, here: Here, lease: Lease | None = None) -> Any:
    from lambdarouter.engine.middleware import through  # noqa: PLC0415 - only where there is any

    chain = (*work.middleware, *(() if match.route is None else match.route.middleware))
    return await through(chain, Call(match, invocation), lambda: _perform(work, match, invocation, here, lease), here)


async def _perform(work: Work, match: Match, invocation: Invocation, here: Here, lease: Lease | None = None) -> Any:
    """Make the dependencies, fetch the arguments, call the handler, clean up."""
    if match.route is None:
        return _ready(match)
    handler = match.route.handler
    value, failure = None, None
    try:
        await make(handler.dependencies, match, invocation, here)
        if lease is not None and not await lease.take(work, match, here):
            value = lease.reply
        elif (here.threads is not None or handler.in_thread) and not handler.is_async:
            value = await in_thread(work, here.threads, handler.call, match, invocation)
        else:
            value = handler.call(match, invocation)
        if type(value) is not handler.plain_type and handler.must_await(value):
            await here.loop(value)
            value = await value
        if work.source.streams and (handler.streams or chunks_in(value) is not None):
            value = chunks_of(value) if handler.streams else value
            await _pull(work, value.chunks, here)
    except BaseException as error:  # noqa: BLE001 - the teardowns see it, then it is raised
        failure = error
    # A stream is not done yet: its dependencies are torn down after it.
    if invocation.teardowns and (failure is not None or not work.chunks):
        failure = await clean(invocation, failure, here)
    if failure is not None:
        try:
            raise failure
        finally:
            del failure  # its frames would hold it
    return value


async def _ready_to_stream(work: Work, match: Match, value: Any, here: Here) -> Any:
    """The source's result, once more where it could not see the first piece."""
    pulled = value.chunks.pulled
    await _pull(work, value.chunks, here)
    return value if pulled else work.source.result(match, value)


async def _pull(work: Work, chunks: Chunks, here: Here) -> None:
    """Get a stream's first piece: what fails before it is an ordinary failure."""
    if len(work.matches) > 1:
        msg = "a handler of an event with several records cannot stream: there is one reply for all of them"
        raise TypeError(msg)
    work.chunks = work.chunks or []
    if any(chunks is known for known in work.chunks):
        return
    work.chunks.append(chunks)
    if isinstance(chunks, AsyncChunks):
        await here.loop()
        await chunks.apull()
    elif here.threads is not None:
        await in_thread(work, here.threads, chunks.pull)
    else:
        chunks.pull()


def _ready(match: Match) -> Any:
    outcome, match.ready = match.ready, None
    if outcome is not None and outcome.error is not None:
        try:
            raise outcome.error
        finally:
            del outcome  # as above
    return None if outcome is None else outcome.value


@uninterrupted  # a thread that is being started would never be told to end, and keep the process alive
async def in_thread(work: Work, threads: CapacityLimiter | None, fn: Callable[..., Any], *args: Any) -> Any:
    """Call `fn` in a worker thread. A thread cannot be stopped: at the limit it is left behind."""
    from anyio import to_thread  # noqa: PLC0415 - only where threads are used

    try:
        return await to_thread.run_sync(fn, *args, abandon_on_cancel=True, limiter=threads)
    except Exception:
        raise  # the function's own error: its thread is done
    except BaseException:
        work.deadline.left_behind = True
        raise


def is_ours(error: BaseException, deadline: Deadline) -> bool:
    """Whether it was the deadline that stopped the call: by an interruption, or by cancelling its task."""
    if type(error) is Interrupted:
        return True
    if not deadline.stopped or own_cancellation(error) is not None or type(error).__name__ != "CancelledError":
        return False
    this_task().uncancel()
    return True


def cut_short(error: BaseException, match: Match, deadline: Deadline) -> Outcome | None:
    """The outcome of a call that was ended by no Exception: None where the deadline did it, which is told of later.

    Raises what is not about this call alone.
    """
    if is_ours(error, deadline):
        return None
    failure = own_cancellation(error)
    if failure is None:
        raise error
    return Outcome(match.record, match.route, error=failure)


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


def this_task() -> Task[Any]:
    """The task that runs this; there is one."""
    from asyncio import current_task  # noqa: PLC0415 - loaded: this runs in a task

    task = current_task()
    assert task is not None  # noqa: S101 - for the type checker
    return task
