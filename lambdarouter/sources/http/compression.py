"""Compressed replies: gzip, and brotli and zstd where they are installed, as Accept-Encoding has it."""

from __future__ import annotations

from lambdarouter.core.stream import AsyncChunks, Chunks, chunks_of
from lambdarouter.sources.http.event_stream import MEDIA as EVENT_STREAM
from lambdarouter.sources.http.streaming import header, is_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any, Protocol

    from lambdarouter.sources.http.request import HttpRequest
    from lambdarouter.sources.http.response import Response

    class Compressor(Protocol):
        """One stream's compressor. `flush` gives out what has been put in; `finish` ends the stream."""

        def compress(self, data: bytes) -> bytes: ...
        def flush(self) -> bytes: ...
        def finish(self) -> bytes: ...


__all__ = ["chosen_encoding", "compressed", "encodings"]

# Not text, and smaller compressed all the same.
_COMPRESSIBLE = frozenset(("application/wasm", "application/vnd.ms-fontobject", "font/otf", "font/ttf", "image/bmp"))
# Bodies are made for one reply: what takes longer to compress than to send is no gain.
_GZIP_LEVEL, _BROTLI_QUALITY, _ZSTD_LEVEL = 6, 4, 3
_found: dict[str, Callable[[], Compressor]] | None = None


class _Gzip:
    def __init__(self) -> None:
        import zlib  # noqa: PLC0415 - for those who compress

        self._sync, self._inner = zlib.Z_SYNC_FLUSH, zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 31)
        self.compress, self.finish = self._inner.compress, self._inner.flush

    def flush(self) -> bytes:
        return self._inner.flush(self._sync)


def encodings() -> dict[str, Callable[[], Compressor]]:
    """The content codings that this environment has, best first."""
    global _found  # noqa: PLW0603 - looked for once
    if _found is None:
        found: dict[str, Callable[[], Compressor]] = {}
        for name, make in (("br", _brotli), ("zstd", _zstd)):
            try:
                found[name] = make()
            except ImportError:
                continue
        found["gzip"] = _Gzip
        _found = found  # last: other threads are to find all of them
    return _found


def _brotli() -> Callable[[], Compressor]:
    import brotli  # type: ignore[import-untyped] # noqa: PLC0415 - an extra

    class Brotli:
        def __init__(self) -> None:
            self._inner = brotli.Compressor(quality=_BROTLI_QUALITY)
            self.compress, self.flush, self.finish = self._inner.process, self._inner.flush, self._inner.finish

    return Brotli


def _zstd() -> Callable[[], Compressor]:
    import zstandard  # noqa: PLC0415 - an extra

    class Zstd:
        def __init__(self) -> None:
            self._inner = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()
            self.compress, self.finish = self._inner.compress, self._inner.flush

        def flush(self) -> bytes:
            return self._inner.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    return Zstd


def chosen_encoding(accepted: str | None) -> str | None:
    """The coding that Accept-Encoding likes best, ours first among equals; None for none.

    https://www.rfc-editor.org/rfc/rfc9110.html#name-accept-encoding
    """
    if not accepted:
        return None
    weights: dict[str, float] = {}
    for item in accepted.split(","):
        name, _, rest = item.partition(";")
        weights[name.strip().lower().replace("x-gzip", "gzip")] = _weight(rest)
    others = weights.get("*", 0.0)
    plain = weights.get("identity", 0.0)
    best, chosen = 0.0, None
    for name in encodings():
        weight = weights.get(name, others)
        if weight > best and weight >= plain:
            best, chosen = weight, name
    return chosen


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def compressed(request: HttpRequest, response: Response, least: int) -> None:
    """Compress a response in place, where it is worth it and the client takes it; `least`: bytes of a body that is.

    What could be compressed says so to caches, with Vary, whether it was or not.
    """
    media = header(response, "content-type") or ""
    kind = media.partition(";")[0].strip().lower()
    if (
        not (is_text(media) or kind in _COMPRESSIBLE)
        # A proxy would gather what a browser waits for.
        or kind == EVENT_STREAM
        or response.status in (204, 206, 304)
        or header(response, "content-encoding") is not None
        or "no-transform" in (header(response, "cache-control") or "").lower()
    ):
        return
    body = response.body.encode() if isinstance(response.body, str) else response.body
    if response.chunks is None and (body is None or len(body) < least):
        return
    headers = _varied([pair for pair in response.headers if pair[0] != "content-length"])
    chosen = chosen_encoding(request.peek_header("accept-encoding"))
    if chosen is None:
        response.headers = _varied(response.headers)
        return
    make = encodings()[chosen]
    if response.chunks is not None:
        response.chunks = _streamed(response.chunks, make())  # type: ignore[misc] # a StreamingResponse's
    else:
        assert body is not None  # noqa: S101 - for the type checker: it would have returned above
        compressor = make()
        smaller = compressor.compress(body) + compressor.finish()
        if len(smaller) >= len(body):
            response.headers = headers
            return
        response.body = smaller
    # The bytes are others now, what they say is the same: a weak tag.
    response.headers = [
        (name, f"W/{value}" if name == "etag" and not value.startswith("W/") else value) for name, value in headers
    ]
    response.headers.append(("content-encoding", chosen))


def _varied(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*headers, ("vary", "accept-encoding")]


def _streamed(chunks: Chunks, compressor: Compressor) -> Chunks:
    """Each chunk compressed and flushed, so that it arrives when it is there."""
    squeezed: Any = _each_async(chunks, compressor) if isinstance(chunks, AsyncChunks) else _each(chunks, compressor)
    made = chunks_of(squeezed)
    made.pulled = True  # its first piece is: that of the chunks inside
    return made


def _each(chunks: Chunks, compressor: Compressor) -> Iterator[bytes]:
    for chunk in chunks:
        yield compressor.compress(chunk) + compressor.flush()
    yield compressor.finish()


async def _each_async(chunks: AsyncChunks, compressor: Compressor) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        yield compressor.compress(chunk) + compressor.flush()
    yield compressor.finish()
