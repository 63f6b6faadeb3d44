"""Streams: replies that are produced piece by piece.

A handler that yields, or returns a reply with an iterator as its body, gives `Chunks`. The source's `respond` puts them
into a `Stream`, which the engine hands to a *sink* (of the runtime, or of an ASGI server) where there is one. Nothing
streams without a sink: the engine then gathers the chunks, and Lambda gets what `Stream.whole` makes of them.
"""

from __future__ import annotations

from lambdarouter.core.parameter import EMPTY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from typing import Any, Protocol, Self

    class Sink(Protocol):
        """Consumes a stream: at once, or in the awaitable it returns.

        It need not consume all of it: a peer that is gone is no failure. What it raises is the invocation's.
        """

        def __call__(self, stream: Stream, /) -> Awaitable[None] | None: ...


__all__ = ["AsyncChunks", "Chunks", "Stream", "chunks_in", "chunks_of"]


def as_bytes(piece: Any) -> bytes:
    """What a plain stream is made of: bytes as they are, text as UTF-8. Raises TypeError for anything else."""
    if isinstance(piece, str):
        return piece.encode()
    if isinstance(piece, (bytes, bytearray, memoryview)):
        return bytes(piece)
    msg = f"a stream is made of str and bytes, not {type(piece).__name__}"
    raise TypeError(msg)


class Chunks:
    """An iterator's pieces as non-empty bytes, the first of which can be had ahead of the others.

    `write` turns a piece into bytes. `first` is the first piece as the iterator gave it, once it has been pulled.
    """

    __slots__ = ("_ahead", "first", "iterator", "pulled", "write")

    @property
    def chunks(self) -> Self:
        """Itself: what a handler yielded, as a reply that holds its chunks."""
        return self

    def __init__(self, iterator: Any, write: Callable[[Any], bytes] = as_bytes) -> None:
        self.iterator: Any = iterator
        self.write: Callable[[Any], bytes] = write
        self.pulled: bool = False
        # EMPTY where there is none.
        self.first: Any = EMPTY
        self._ahead: bytes | None = None

    def pull(self) -> None:
        """Get the first piece that is not empty, where that has not been done. Raises what the iterator raises."""
        if not self.pulled:
            self.pulled = True
            self.first = next((piece for piece in self.iterator if not _is_empty(piece)), EMPTY)

    def written(self, write: Callable[[Any], bytes]) -> None:
        """Write the pieces like this. Raises what `write` raises for the first one, where that is pulled."""
        self.write = write
        if self.first is not EMPTY:
            self._ahead = write(self.first)

    def _take_ahead(self) -> bytes | None:
        if self.first is EMPTY:
            return None
        chunk, piece = self._ahead, self.first
        self._ahead, self.first = None, EMPTY
        return self.write(piece) if chunk is None else chunk

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        chunk = self._take_ahead()
        while not chunk:
            chunk = self.write(next(self.iterator))
        return chunk

    def close(self) -> None:
        """End a generator where it is; other iterators are let go. Raises what the generator raises."""
        if hasattr(self.iterator, "close"):
            self.iterator.close()


class AsyncChunks(Chunks):
    """`Chunks` of an async iterator."""

    __slots__ = ()

    async def apull(self) -> None:
        """`pull`, in an event loop."""
        if not self.pulled:
            self.pulled = True
            async for piece in self.iterator:
                if not _is_empty(piece):
                    self.first: Any = piece
                    return

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = self._take_ahead()
        while not chunk:
            chunk = self.write(await anext(self.iterator))
        return chunk

    async def aclose(self) -> None:
        """`close`, in an event loop."""
        if hasattr(self.iterator, "aclose"):
            await self.iterator.aclose()


def _is_empty(piece: Any) -> bool:
    return isinstance(piece, (str, bytes)) and not piece


def chunks_of(iterable: Any, write: Callable[[Any], bytes] = as_bytes) -> Chunks:
    """The chunks of an iterable, sync or async. Raises TypeError where it is neither."""
    if hasattr(iterable, "__aiter__"):
        return AsyncChunks(aiter(iterable), write)
    return Chunks(iter(iterable), write)


def chunks_in(value: Any) -> Chunks | None:
    """The chunks that a value is (a handler's yields), or holds as its `chunks` (a reply)."""
    chunks = getattr(value, "chunks", None)
    return chunks if isinstance(chunks, Chunks) else None


class Stream:
    """A reply produced piece by piece; what a source's `respond` returns where it streams.

    `head`: for HTTP `{"statusCode": int, "headers": {str: str}, "cookies": [str]}`; None for a plain stream.
    `chunks`: an iterator of non-empty `bytes`, or an async one (`is_async`). They raise what the handler raises, and
    `DeadlineExceeded` at the deadline. `whole(body)` is the buffered reply, for where nothing streams; a body of more
    than `limit` bytes is given up before it is complete.
    """

    __slots__ = ("chunks", "head", "limit", "whole")

    def __init__(
        self,
        head: dict[str, Any] | None,
        chunks: Iterator[bytes] | AsyncIterator[bytes],
        whole: Callable[[bytes], Any],
        *,
        limit: int = 6_291_556,
    ) -> None:
        self.head: dict[str, Any] | None = head
        self.chunks: Any = chunks
        self.whole: Callable[[bytes], Any] = whole
        self.limit: int = limit

    @property
    def is_async(self) -> bool:
        """Whether `chunks` is an async iterator."""
        return hasattr(self.chunks, "__anext__")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Every chunk, of either kind of iterator."""
        if self.is_async:
            async for chunk in self.chunks:
                yield chunk
        else:
            for chunk in self.chunks:
                yield chunk

    def __repr__(self) -> str:
        return f"<Stream {'plain' if self.head is None else self.head.get('statusCode')}>"
