"""What is packed into text: JSON, base64 of text or of bytes, gzip in base64, JSON Web Tokens."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Unpacked", "unpacked"]

_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}\Z")
_TOKEN = re.compile(r"eyJ[\w-]+={0,2}\.[\w-]+={0,2}\.[\w-]*={0,2}\Z")  # load balancers pad the parts
_GZIP = b"\x1f\x8b"
_LONGEST = 16 * 1024 * 1024  # bytes of what gzip unpacks to
_AS_GZIP = zlib.MAX_WBITS + 16


class Unpacked:
    """The `content` of a text, as JSON's types, and how to `pack` another. `is_binary`: a character is a byte.

    `is_token`: it is a JSON Web Token, of which all is secret.
    """

    def __init__(
        self, content: Any, pack: Callable[[Any], str], *, is_binary: bool = False, is_token: bool = False
    ) -> None:
        self.content = content
        self.pack = pack
        self.is_binary = is_binary
        self.is_token = is_token


def unpacked(text: str) -> Unpacked | None:
    """What is packed into the text; None where that is nothing."""
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            return Unpacked(json.loads(text), _dumps)
        except (ValueError, RecursionError):
            return None
    if _TOKEN.match(text):
        return _token(text)
    if len(text) % 4 == 0 and _BASE64.match(text):
        return _base64(text)
    return None


def _dumps(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"))


def _token(text: str) -> Unpacked | None:
    head, claims, signature = text.split(".")
    try:
        parts = [
            json.loads(urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)))
            for part in (head, claims)
        ]
    except (ValueError, RecursionError):
        return None

    def pack(content: Any) -> str:
        made = [urlsafe_b64encode(_dumps(part).encode()).decode().rstrip("=") for part in content[:2]]
        return ".".join((*made, content[2]))

    return Unpacked([*parts, signature], pack, is_token=True)


def _base64(text: str) -> Unpacked | None:
    try:
        octets = b64decode(text, validate=True)
        is_gzip = octets.startswith(_GZIP)
        if is_gzip:
            reader = zlib.decompressobj(_AS_GZIP)
            octets = reader.decompress(octets, _LONGEST)
            if reader.unconsumed_tail:
                return None
    except (Error, zlib.error):
        return None
    try:
        content, encoding = octets.decode(), "utf-8"
    except UnicodeDecodeError:
        content, encoding = octets.decode("latin-1"), "latin-1"

    def pack(content: Any) -> str:
        octets = content.encode(encoding)
        if is_gzip:
            writer = zlib.compressobj(wbits=_AS_GZIP)
            octets = writer.compress(octets) + writer.flush()
        return b64encode(octets).decode()

    return Unpacked(content, pack, is_binary=encoding == "latin-1")
