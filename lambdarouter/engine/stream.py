"""Replies that are produced piece by piece: into a sink, or gathered where there is none.

The first piece is there before a reply is made of the stream, so that what fails before it is answered like any other
failure. After the last one, or where the stream ends early, the handler's generator is closed and its dependencies are
torn down, in the task that made them.
"""

from __future__ import annotations

from lambdarouter.core.route import Completion, Outcome
from lambdarouter.core.stream import AsyncChunks, Stream
from lambdarouter.engine.attempt import in_thread, is_ours, own_cancellation, rescued
from lambdarouter.engine.deadline import Interrupted
from lambdarouter.engine.dependency import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.work import Work

__all__ = ["finish"]


async def finish(
    work: Work, completion: Completion, respond: Callable[[Work], Completion], here: Here, *, again: bool = False
) -> Completion:
    """Consume the stream that is the completion's reply, if it is one, and end what its handler began.

    Returns what the completion is then: where nothing had been sent, a failure is answered as any other.
    """
    stream, sink = completion.reply, work.sink
    before = work.failed or completion.error or _error_of(work)
    failure: BaseException | None = before
    reply, sent = completion.reply, False
    work.deadline.answering = False
    if isinstance(stream, Stream):
        try:
            if sink is None:
                reply = stream.whole(await _gather(stream, work, here))
            else:
                reply, sent = None, True
                watched = _watch(stream, work, here)
                consumed = sink(watched)
                if consumed is not None:
                    await here.loop(consumed)
                    try:
                        await consumed
                    finally:
                        if watched.chunks.running:  # in a thread of the sink's, which nobody can stop
                            work.deadline.left_behind = True
                failure = watched.chunks.failure or failure
        except BaseException as error:  # noqa: BLE001 - what stands is raised or answered below
            failure = error
    failure = await _close(work, failure, here)
    work.deadline.answering = True
    if failure is before:
        completion.reply = reply
        return completion
    match, stands = work.matches[0], _standing(failure, work)
    work.done[0] = Outcome(match.record, match.route, error=stands)
    if sent:
        return Completion(work.name, work.outcomes(), error=stands)
    work.chunks = None
    if not again:
        await rescued(work, 0, stands, here)
    completion = respond(work)
    if work.chunks is not None:  # an exception handler's own
        completion = await finish(work, completion, respond, here, again=True)
    return completion


def _error_of(work: Work) -> Exception | None:
    """What the call has failed with; one that is not done by now was late."""
    outcome = work.done[0]
    return work.late() if outcome is None else outcome.error


def _standing(failure: BaseException | None, work: Work) -> Exception:
    """What broke a stream off, as an outcome's error; raises what is nobody's."""
    assert failure is not None  # noqa: S101 - for the type checker: it has failed
    if isinstance(failure, Exception):
        return failure
    if is_ours(failure, work.deadline):
        return work.late()
    own = own_cancellation(failure)
    if own is None:
        raise failure
    return own


async def _gather(stream: Stream, work: Work, here: Here) -> bytes:
    """The whole body. Raises ValueError where it outgrows the limit."""
    chunks, body = _watch(stream, work, here).chunks, bytearray()
    while (chunk := await _next(chunks, work, here)) is not None:
        body += chunk
        if len(body) > stream.limit:
            msg = (
                f"the streamed reply has more than {stream.limit} bytes, which is what a front end that does not "
                "stream takes: let it stream, page it, or put it into S3 and redirect to a presigned URL"
            )
            raise ValueError(msg)
    return bytes(body)


async def _next(chunks: Any, work: Work, here: Here) -> bytes | None:
    """The next chunk, None at the end; a sync one in a thread where others live in the event loop."""
    chunk: bytes | None
    if isinstance(chunks, _AsyncWatched):
        chunk = await anext(chunks, None)
    elif here.threads is None:
        chunk = next(chunks, None)
    else:
        chunk = await in_thread(work, here.threads, next, chunks, None)
    return chunk


def _watch(stream: Stream, work: Work, here: Here) -> Stream:
    kind = _AsyncWatched if stream.is_async else _Watched
    return Stream(stream.head, kind(stream.chunks, work, here), stream.whole, limit=stream.limit)


class _Watched:
    """Chunks within the deadline: it stops the handler's code, and no code of the sink's."""

    __slots__ = ("_chunks", "_here", "_work", "failure", "running")

    def __init__(self, chunks: Any, work: Work, here: Here) -> None:
        self._chunks = chunks
        self._work = work
        self._here = here
        # What the handler raised, should the sink not pass it on.
        self.failure: Exception | None = None
        # Whether the handler's code, if it is sync, is producing a chunk.
        self.running: bool = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        deadline = self._work.deadline
        if deadline.expired:
            raise self._late()
        try:
            deadline.inside, self.running = self._here.driven, True
            chunk: bytes = next(self._chunks)
        except StopIteration:
            raise
        except Exception as error:
            self.failure = error
            raise
        except Interrupted:
            raise self._late() from None
        finally:
            deadline.inside = self.running = False
        return chunk

    def _late(self) -> Exception:
        self.failure = self._work.late()
        return self.failure


class _AsyncWatched(_Watched):
    __slots__ = ()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._work.deadline.expired:
            raise self._late()
        try:
            chunk: bytes = await anext(self._chunks)
        except StopAsyncIteration:
            raise
        except Exception as error:
            self.failure = error
            raise
        except BaseException as error:
            if is_ours(error, self._work.deadline):
                raise self._late() from None
            raise
        return chunk


async def _close(work: Work, failure: BaseException | None, here: Here) -> BaseException | None:
    """Close the generators, then tear down the dependencies; returns the failure that stands."""
    for chunks in reversed(work.chunks or ()):
        try:
            if isinstance(chunks, AsyncChunks):
                await here.loop()
                await chunks.aclose()
            else:
                work.deadline.inside = here.driven
                chunks.close()
        except BaseException as error:  # noqa: BLE001 - user code; the caller raises or answers what stands
            failure = failure or error
        finally:
            work.deadline.inside = False
    if work.teardowns:
        work.deadline.inside = here.driven
        failure = await clean(work, failure, here)
        work.deadline.inside = False
    return failure
