"""What a front end that streams gets of a streamed reply."""

from __future__ import annotations

from typing import Any

from lambdarouter.testing.response import decoded, headers_of
from lambdarouter.testing.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from lambdarouter.core.request import Values
    from lambdarouter.core.stream import Stream
    from lambdarouter.testing.result import Result
    from lambdarouter.testing.steps import Steps

__all__ = ["Streamed", "stream_steps"]


def stream_steps(event: Any, context: Any = None, take: int | None = None) -> Steps[Streamed]:
    """The one step of a front end that streams."""
    streamed = Streamed(take)
    streamed.completion = yield Step(event, context, sink=streamed)
    return streamed


class Streamed:
    """What a front end that streams got of a reply.

    `head`: the stream's head; `chunks`: its pieces, as they came; both are empty where the reply did not stream, and
    stands in the `completion`. The completion's error is what broke the stream off. Iterating gives the chunks.

    They are all there, or as many as were taken, before the call returns: to hand them out one by one, the app would
    have to run in a thread of its own, where Lambda's deadline cannot interrupt it as it does on Lambda.
    """

    def __init__(self, take: int | None = None) -> None:
        self.head: dict[str, Any] | None = None
        self.chunks: list[bytes] = []
        self.completion: Result
        self._take = take

    @property
    def status(self) -> int:
        """The status code. Raises RuntimeError where no stream had begun."""
        status: int = self._begun["statusCode"]
        return status

    @property
    def headers(self) -> Values:
        """The headers, cookies among them. Raises RuntimeError where no stream had begun."""
        return headers_of(self._begun)

    @property
    def body(self) -> bytes:
        """The chunks in one."""
        return b"".join(self.chunks)

    @property
    def text(self) -> str:
        """The body as text, in the charset that the Content-Type names, or UTF-8."""
        return decoded(self.body, headers_of(self.head or {}))

    def lines(self) -> list[str]:
        """The text's lines, however they were cut into chunks."""
        return self.text.splitlines()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.chunks)

    def __call__(self, stream: Stream, /) -> Awaitable[None] | None:
        """Take the stream, or hang up early."""
        self.head = stream.head
        if stream.is_async:
            return self._gather(stream)
        for chunk in stream.chunks:
            if self._got(chunk):
                return None
        return None

    def __repr__(self) -> str:
        return f"<Streamed {self.head} {len(self.chunks)} chunks, {self.completion!r}>"

    @property
    def _begun(self) -> dict[str, Any]:
        if self.head is None:
            msg = f"no stream had begun: {self.completion!r}"
            raise RuntimeError(msg) from self.completion.error
        return self.head

    async def _gather(self, stream: Stream) -> None:
        async for chunk in stream.chunks:
            if self._got(chunk):
                return

    def _got(self, chunk: bytes) -> bool:
        self.chunks.append(chunk)
        return len(self.chunks) == self._take
