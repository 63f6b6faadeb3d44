"""Any `handler(event, context)`, with what an `App` has: async, streams, and an answer before the deadline."""

from __future__ import annotations

from binascii import b2a_base64
from contextvars import copy_context

from lambdarouter.core.context import Context
from lambdarouter.core.invocation import current
from lambdarouter.core.route import Completion, Match
from lambdarouter.core.signature import call_kind
from lambdarouter.core.view import Record
from lambdarouter.engine.attempt import in_thread, is_ours, own_cancellation
from lambdarouter.engine.deadline import Deadline, Interrupted
from lambdarouter.engine.drive import Here, run_without_loop
from lambdarouter.errors import DeadlineExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from anyio import CapacityLimiter

    from lambdarouter.core.stream import Sink
    from lambdarouter.engine.work import Work

__all__ = ["Plain"]

_MARGIN = 0.1  # seconds, as App has it


class Plain:
    """A handler function, called as an `App` is.

    What it yields, or a generator that it returns, is a stream; a first dict with a "statusCode" is the head of an HTTP
    reply. Where nothing streams, the pieces are gathered.
    """

    def __init__(self, handler: Callable[[Any, Any], Any]) -> None:
        self.handler = handler
        # Something could not be stopped at a deadline and still runs.
        self.tainted = False

    # There is nothing to tear down.
    has_teardown = False

    def start(self) -> None:
        """There is nothing to start."""

    def close(self) -> None:
        """Nor to close."""

    def complete(self, event: Any, context: Any, *, sink: Sink | None = None) -> Completion:
        """Call the handler; what awaits is awaited in the environment's event loop."""
        deadline = Deadline(Context(context), _MARGIN)
        deadline.start()
        try:
            deadline.inside = True
            value = self.handler(event, context)
            if hasattr(value, "__await__"):
                value = self._drive(_awaited(value, deadline, Here(driven=True)), deadline)
            if hasattr(value, "__next__") or hasattr(value, "__anext__"):
                work = _work(deadline, context, sink)
                return self._drive(_streamed(value, work, Here(driven=True)), deadline)  # type: ignore[no-any-return]
            return Completion(_NAME, reply=value)
        except Interrupted:
            return Completion(_NAME, error=_late())
        except Exception as error:  # noqa: BLE001 - the handler's, for Lambda to see
            return Completion(_NAME, error=error)
        finally:
            deadline.inside = False
            deadline.finish()

    async def acomplete(
        self, event: Any, context: Any, *, sink: Sink | None = None, threads: CapacityLimiter | None = None
    ) -> Completion:
        """`complete`, in the running event loop; with `threads`, what blocks runs in one of them."""
        import asyncio  # noqa: PLC0415 - the caller runs a loop

        work = _work(Deadline(Context(context), _MARGIN), context, sink)
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        task = loop.create_task(self._handled(event, context, work, threads))
        task.add_done_callback(lambda _: over.set())
        work.deadline.start()
        work.deadline.enter(loop, task, over.set)
        try:
            await over.wait()
            return task.result() if task.done() else self._abandon()
        except Exception as error:  # noqa: BLE001 - the handler's, for Lambda to see
            return Completion(_NAME, error=error)
        finally:
            work.deadline.finish()

    async def _handled(self, event: Any, context: Any, work: Work, threads: CapacityLimiter | None) -> Completion:
        here = Here(driven=False, threads=threads)
        current.set((work, work.matches[0]))
        try:
            if threads is None or call_kind(self.handler) != "function":
                value = self.handler(event, context)
            else:
                value = await in_thread(work, threads, self.handler, event, context)
        except BaseException as error:
            self.tainted = self.tainted or work.deadline.left_behind
            if is_ours(error, work.deadline):
                raise _late() from None
            raise
        if hasattr(value, "__await__"):
            value = await _awaited(value, work.deadline, here)
        if hasattr(value, "__next__") or hasattr(value, "__anext__"):
            return await _streamed(value, work, here)
        return Completion(_NAME, reply=value)

    def _drive(self, coroutine: Coroutine[Any, Any, Any], deadline: Deadline) -> Any:
        deadline.inside = False
        context = copy_context()
        done, value = context.run(run_without_loop, coroutine)
        if not done:
            from lambdarouter.engine.loop import drive  # noqa: PLC0415 - asyncio: only where it is needed

            value = drive(coroutine, context, deadline, self._abandon)
        return value

    def _abandon(self) -> Any:
        self.tainted = True
        raise _late()


_NAME = "handler"


def _work(deadline: Deadline, context: Any, sink: Sink | None) -> Work:
    """The call as the engine's."""
    from lambdarouter.engine.work import Work  # noqa: PLC0415 - a plain sync reply needs none

    work = Work(None, Context(context), _MARGIN, ())
    work.name, work.deadline = _NAME, deadline
    work.take([Match(None, Record(None))])
    if sink is not None:
        work.sink = sink
    return work


async def _awaited(awaitable: Any, deadline: Deadline, here: Here) -> Any:
    await here.loop(awaitable)
    try:
        return await awaitable
    except BaseException as error:
        if is_ours(error, deadline):
            raise _late() from None
        failure = own_cancellation(error)
        if failure is None:
            raise
        raise failure from error


async def _streamed(iterator: Any, work: Work, here: Here) -> Completion:
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
    return await finish(work, Completion(_NAME, reply=stream), _failed, here)


async def _pull(chunks: Any, work: Work, here: Here) -> None:
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
            raise _late() from None
        raise
    finally:
        deadline.inside = False


def _failed(work: Work) -> Completion:
    outcome = work.done[0]
    return Completion(_NAME, error=None if outcome is None else outcome.error)


def _whole(head: dict[str, Any] | None, body: bytes) -> Any:
    """The buffered reply of a stream."""
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        if head is None:
            return body
        text, encoded = b2a_base64(body, newline=False).decode(), True
    return text if head is None else {**head, "body": text, "isBase64Encoded": encoded}


def _late() -> DeadlineExceeded:
    return DeadlineExceeded(f"the handler was not done {_MARGIN:g} s before the invocation's deadline")
