"""Files as replies."""

from __future__ import annotations

import os

from lambdarouter.core.status import NotFound
from lambdarouter.core.stream import chunks_of
from lambdarouter.sources.http.conditional import precondition, requested_range
from lambdarouter.sources.http.response import Response, StreamingResponse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lambdarouter.sources.http.request import HttpRequest

__all__ = ["FileResponse"]

# Files up to here are sent in one piece, larger ones in pieces of as much.
_PIECE = 256 * 1024
# The date that packages carry, which says nothing of when a file changed: deployments are built with the first date
# that a zip archive knows.
_ZIP_EPOCH = 315_705_600  # 1980-01-03
# Entity tags of the files that were sent: (path, size, when anything of it changed, its date too) -> tag.
_tags: dict[tuple[str, int, int], str] = {}
_MOST_TAGS = 1000


class FileResponse(Response):
    """A file: `FileResponse("static/logo.png")`, whole or the range that is asked for.

    Answers 304 to a client that has it (ETag, Last-Modified), 206 to a Range and 416 to one outside of the file, 412
    where a condition does not hold. `filename` makes it a download of that name. The Content-Type follows from the
    name, unless `content_type` says it.

    With `root`, `path` is a client's word, relative to that directory: what does not lead to a file inside of it is a
    404. Without, `path` is trusted, and a missing file is an error (500).
    """

    __slots__ = ("path", "stat")

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        root: str | os.PathLike[str] | None = None,
        filename: str | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        cookies: Sequence[str] = (),
    ) -> None:
        self.path: str = os.fspath(path) if root is None else _inside(os.fspath(root), os.fspath(path))
        self.stat: os.stat_result = os.stat(self.path)  # noqa: PTH116 - pathlib takes 10 ms to load
        if not os.path.isfile(self.path):  # noqa: PTH113
            msg = f"{self.path!r} is not a file"
            raise OSError(msg)
        super().__init__(None, 200, headers, cookies, content_type=content_type or _media_type(filename or self.path))
        if filename is not None:
            self.headers: list[tuple[str, str]] = [*self.headers, ("content-disposition", _attachment(filename))]

    def complete(self, request: HttpRequest) -> Response:
        """The file, or what of it the request wants."""
        size, time = self.stat.st_size, self.stat.st_mtime_ns
        modified = time / 1e9 if time / 1e9 > _ZIP_EPOCH else None
        tag = _tag(self.path, size, self.stat.st_ctime_ns)
        headers = [*self.headers, ("etag", tag), ("accept-ranges", "bytes")]
        if modified is not None:
            from email.utils import formatdate  # noqa: PLC0415 - 18 ms, for files with a date

            headers.append(("last-modified", formatdate(modified, usegmt=True)))
        status = precondition(request, tag, modified)
        if status is not None:
            return Response(None, status, headers, self.cookies)
        wanted = requested_range(request, size, tag, modified)
        if wanted is False:
            return Response(None, 416, [("content-range", f"bytes */{size}")])
        start, end = (0, size) if wanted is None or wanted is True else wanted
        status = 200
        if wanted is not None:
            status = 206
            headers.append(("content-range", f"bytes {start}-{end - 1}/{size}"))
        if end - start <= _PIECE:
            with open(self.path, "rb") as file:  # noqa: PTH123
                file.seek(start)
                return Response(file.read(end - start), status, headers, self.cookies)
        headers.append(("content-length", str(end - start)))
        return StreamingResponse(chunks_of(_pieces(self.path, start, end)), status, headers, self.cookies)

    def __repr__(self) -> str:
        return f"<FileResponse {self.path}>"


def _inside(root: str, path: str) -> str:
    """The file's real path, where that is inside of the root; else 404."""
    base = os.path.realpath(root)
    try:
        found = os.path.realpath(os.path.join(base, path.lstrip("/")))  # noqa: PTH118
    except ValueError as error:  # a NUL
        raise NotFound from error
    if os.path.commonpath([base, found]) != base or not os.path.isfile(found):  # noqa: PTH113
        raise NotFound
    return found


def _tag(path: str, size: int, time: int) -> str:
    """A tag of the file's bytes: in a deployment package, every version of a file has the same date."""
    key = (path, size, time)
    tag = _tags.get(key)
    if tag is None:
        from hashlib import file_digest  # noqa: PLC0415 - 5 ms, for files

        with open(path, "rb") as file:  # noqa: PTH123
            tag = f'"{file_digest(file, "sha256").hexdigest()[:32]}"'
        if len(_tags) >= _MOST_TAGS:
            _tags.clear()
        _tags[key] = tag
    return tag


def _pieces(path: str, start: int, end: int) -> Iterator[bytes]:
    with open(path, "rb") as file:  # noqa: PTH123
        file.seek(start)
        while start < end:
            piece = file.read(min(_PIECE, end - start))
            if not piece:
                msg = f"{path!r} became shorter while it was sent"
                raise OSError(msg)
            start += len(piece)
            yield piece


def _media_type(name: str) -> str:
    from mimetypes import guess_type  # noqa: PLC0415 - 15 ms, for files

    media, encoding = guess_type(name)
    if media is None or encoding is not None:
        return f"application/{encoding}" if encoding in ("gzip", "zstd") else "application/octet-stream"
    text = media.startswith("text/") or media in ("application/javascript", "image/svg+xml")
    return f"{media}; charset=utf-8" if text else media


def _attachment(filename: str) -> str:
    """RFC 6266: a plain name for every client, and the whole of it for those that know better."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%/' else "_" for c in filename)
    if plain == filename:
        return f'attachment; filename="{plain}"'
    from urllib.parse import quote  # noqa: PLC0415 - for names that need it

    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"
