"""What a front end that streams gets of a streamed reply."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any

    from lambdarouter.core.route import Completion
    from lambdarouter.core.stream import Stream

__all__ = ["Streamed"]


class Streamed:
    """What a front end that streams got of a reply.

    `head`: the stream's head; `chunks`: its pieces, as they came; both are empty where the reply did not stream, and
    stands in the `completion`. The completion's error is what broke the stream off.
    """

    def __init__(self, take: int | None = None) -> None:
        self.head: dict[str, Any] | None = None
        self.chunks: list[bytes] = []
        self.completion: Completion
        self._take = take

    @property
    def body(self) -> bytes:
        """The chunks in one."""
        return b"".join(self.chunks)

    def __call__(self, stream: Stream, /) -> Awaitable[None] | None:
        """Take the stream, or hang up early."""
        self.head = stream.head
        if stream.is_async:
            return self._gather(stream)
        for chunk in stream.chunks:
            if self._got(chunk):
                return None
        return None

    async def _gather(self, stream: Stream) -> None:
        async for chunk in stream.chunks:
            if self._got(chunk):
                return

    def _got(self, chunk: bytes) -> bool:
        self.chunks.append(chunk)
        return len(self.chunks) == self._take
