"""Bodies of forms, as browsers send them.

https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlencode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    # A file's content; or its name and content; or its name, content and media type.
    File: TypeAlias = str | bytes | tuple[str, str | bytes] | tuple[str, str | bytes, str]
    Files: TypeAlias = Mapping[str, File | Sequence[File]]

__all__ = ["form_body", "text_pairs"]


def text_pairs(values: Mapping[str, Any] | None, what: str) -> list[tuple[str, str]]:
    """Names and their values as text, a list's one by one; None is left out. TypeError for what is no mapping."""
    if values is None:
        return []
    if not isinstance(values, Mapping):
        msg = f"{what} is {values!r:.80}; it is a mapping, such as {{'name': 'value'}}"
        raise TypeError(msg)
    return [
        (name, _text(value))
        for name, given in values.items()
        for value in (given if isinstance(given, (list, tuple, set, frozenset)) else [given])
        if value is not None
    ]


def form_body(data: Mapping[str, Any] | None, files: Files | None) -> tuple[str, str | bytes]:
    """The media type and the body of a form: multipart where it has files, else URL-encoded."""
    fields = text_pairs(data, "data")
    if files is None:
        return "application/x-www-form-urlencoded", urlencode(fields)
    if not isinstance(files, Mapping):
        msg = f"files is {files!r:.80}; it is a mapping, such as {{'scan': ('a.png', b'...', 'image/png')}}"
        raise TypeError(msg)
    # By hand, these few lines: nothing that is installed writes a form, and email's generator changes line ends
    # in what it does not encode.
    parts = [_part(f'name="{_escaped(name)}"', value.encode()) for name, value in fields]
    for name, given in files.items():
        parts += [_file_part(name, file) for file in (given if isinstance(given, list) else [given])]
    boundary = f"form-{sha256(b''.join(parts)).hexdigest()[:32]}"  # the same form gives the same event
    limit = f"--{boundary}".encode()
    body = b"".join(limit + b"\r\n" + part + b"\r\n" for part in parts) + limit + b"--\r\n"
    return f"multipart/form-data; boundary={boundary}", body


def _file_part(name: str, file: Any) -> bytes:
    filename, content, *kind = (name, file) if isinstance(file, (str, bytes)) else file
    if not isinstance(content, (str, bytes)):
        msg = f"the file {name!r} has the content {content!r:.80}; it is text or bytes"
        raise TypeError(msg)
    about = f'name="{_escaped(name)}"; filename="{_escaped(filename)}"'
    return _part(about, content.encode() if isinstance(content, str) else content, *(kind or _KIND))


_KIND = ("application/octet-stream",)


def _part(about: str, content: bytes, *kind: str) -> bytes:
    lines = [f"Content-Disposition: form-data; {about}", *(f"Content-Type: {each}" for each in kind)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def _escaped(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
