"""What a plain handler returns that is not its reply yet: an awaitable, or pieces to stream. Loaded when one does."""

from __future__ import annotations

from binascii import b2a_base64
from contextvars import copy_context

from lambdarouter.core.invocation import current
from lambdarouter.core.route import Completion, Match
from lambdarouter.core.signature import call_kind
from lambdarouter.core.view import Record
from lambdarouter.engine.attempt import in_thread, is_ours, own_cancellation
from lambdarouter.engine.drive import Here, run_without_loop
from lambdarouter.engine.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, Never

    from anyio import CapacityLimiter

    from lambdarouter.core.stream import Sink
    from lambdarouter.engine.deadline import Deadline
    from lambdarouter.errors import DeadlineExceeded

__all__ = ["complete", "go_on"]


def go_on(value: Any, context: Any, deadline: Deadline, sink: Sink | None, late: Callable[[], DeadlineExceeded]) -> Any:
    """Await a value, and consume what it streams; the completion. Raises what the handler raises, or `late()`."""
    here = Here()
    work = _work(deadline, context, sink, late)
    deadline.inside = False
    return _drive(_consumed(value, work, here), deadline)


def _drive(coroutine: Coroutine[Any, Any, Any], deadline: Deadline) -> Any:
    context = copy_context()
    done, value = context.run(run_without_loop, coroutine)
    if not done:
        from lambdarouter.engine.loop import drive  # noqa: PLC0415 - asyncio: only where it is needed

        value = drive(coroutine, context, deadline)
    return value


async def complete(
    handler: Callable[[Any, Any], Any],
    event: Any,
    context: Any,
    *,
    deadline: Deadline,
    sink: Sink | None,
    threads: CapacityLimiter | None,
    late: Callable[[], DeadlineExceeded],
) -> Any:
    """Call a handler in the running event loop; with `threads`, what blocks runs in one of them. The completion."""
    import asyncio  # noqa: PLC0415 - the caller runs a loop

    work = _work(deadline, context, sink, late)
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    task = loop.create_task(_handled(handler, event, context, work, Here.in_loop(threads)))
    task.add_done_callback(lambda _: over.set())
    deadline.start()
    deadline.enter(loop, task, over.set)
    try:
        await over.wait()
        return task.result() if task.done() else work.abandon()
    except Exception as error:  # noqa: BLE001 - the handler's, for Lambda to see
        return Completion(work.name, error=error)
    finally:
        deadline.finish()


async def _handled(
    handler: Callable[[Any, Any], Any], event: Any, context: Any, work: _Plain, here: Here
) -> Completion:
    current.set((work, work.matches, 0))
    try:
        if here.threads is None or call_kind(handler) != "function":
            value = handler(event, context)
        else:
            value = await in_thread(work, here.threads, handler, event, context)
    except BaseException as error:
        if is_ours(error, work.deadline):
            raise work.too_late() from None
        raise
    return await _consumed(value, work, here)


async def _consumed(value: Any, work: _Plain, here: Here) -> Completion:
    if hasattr(value, "__await__"):
        value = await _awaited(value, work, here)
    if hasattr(value, "__next__") or hasattr(value, "__anext__"):
        return await _streamed(value, work, here)
    return Completion(work.name, reply=value)


class _Plain(Work):
    """The call as the engine's. `too_late` makes the error of one that was not done in time."""

    too_late: Callable[[], DeadlineExceeded]

    def abandon(self) -> Never:
        """It could not be stopped."""
        self.deadline.left_behind = True
        raise self.too_late()


def _work(deadline: Deadline, context: Any, sink: Sink | None, late: Callable[[], DeadlineExceeded]) -> _Plain:
    work = _Plain(None, context, deadline.margin, (), {}, sink)
    work.name, work.deadline, work.too_late = "handler", deadline, late
    work.take([Match(None, Record(None))])
    return work


async def _awaited(awaitable: Any, work: _Plain, here: Here) -> Any:
    await here.loop(awaitable)
    try:
        return await awaitable
    except BaseException as error:
        if is_ours(error, work.deadline):
            raise work.too_late() from None
        failure = own_cancellation(error)
        if failure is None:
            raise
        raise failure from error


async def _streamed(iterator: Any, work: _Plain, here: Here) -> Completion:
    """Hand what a handler yields on, as the engine does with a route's."""
    from lambdarouter.core.stream import Stream, chunks_of  # noqa: PLC0415 - only for streams
    from lambdarouter.engine.stream import finish  # noqa: PLC0415 - as above

    chunks = chunks_of(iterator)
    if hasattr(iterator, "__anext__"):
        await here.loop()
    work.chunks = [chunks]
    await _pull(chunks, work, here)
    head = chunks.first
    if isinstance(head, dict) and "statusCode" in head:
        chunks.first, chunks.pulled = None, False
        await _pull(chunks, work, here)
    else:
        head = None
    stream = Stream(head, chunks, lambda body: _whole(head, body))
    return await finish(work, Completion(work.name, reply=stream), _failed, here)


async def _pull(chunks: Any, work: _Plain, here: Here) -> None:
    deadline = work.deadline
    try:
        deadline.inside = here.driven
        if hasattr(chunks, "apull"):
            await chunks.apull()
        elif here.threads is not None:
            await in_thread(work, here.threads, chunks.pull)
        else:
            chunks.pull()
    except BaseException as error:
        if is_ours(error, deadline):
            raise work.too_late() from None
        raise
    finally:
        deadline.inside = False


def _failed(work: Work) -> Completion:
    outcome = work.done[0]
    return Completion(work.name, error=None if outcome is None else outcome.error)


def _whole(head: dict[str, Any] | None, body: bytes) -> Any:
    """The buffered reply of a stream."""
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        if head is None:
            return body
        text, encoded = b2a_base64(body, newline=False).decode(), True
    return text if head is None else {**head, "body": text, "isBase64Encoded": encoded}
