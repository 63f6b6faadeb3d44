"""The Kinesis Producer Library's aggregated records: many of the sender's in one of the stream's.

A magic number, a protobuf message, its MD5. The message has two tables and the records, which point into them.
https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAGIC", "Part", "parts"]

MAGIC = b"\xf3\x89\x9a\xc2"
_DIGEST = 16
_VARINT, _BYTES = 0, 2  # wire types; the format has no others


class Part:
    """One of the records: its data, its partition key, its explicit hash key or None."""

    __slots__ = ("data", "hash_key", "partition_key")

    def __init__(self, data: bytes, partition_key: str, hash_key: str | None) -> None:
        self.data: bytes = data
        self.partition_key: str = partition_key
        self.hash_key: str | None = hash_key


def parts(data: bytes) -> list[Part] | None:
    """The records in aggregated data; None for data that is not aggregated, whatever its first bytes are."""
    body, digest = data[len(MAGIC) : -_DIGEST], data[-_DIGEST:]
    if not data.startswith(MAGIC) or len(data) <= len(MAGIC) + _DIGEST:
        return None
    from hashlib import md5  # noqa: PLC0415 - only for data that looks so

    if md5(body, usedforsecurity=False).digest() != digest:
        return None
    try:
        return _read(body)
    except (IndexError, ValueError, UnicodeDecodeError):
        return None


def _read(body: bytes) -> list[Part]:
    keys: list[str] = []
    hash_keys: list[str] = []
    found: list[dict[int, int | bytes]] = []
    for number, value in _fields(body):
        if isinstance(value, bytes):
            if number == 1:
                keys.append(value.decode())
            elif number == 2:  # noqa: PLR2004 - the numbers of the format's fields
                hash_keys.append(value.decode())
            elif number == 3:  # noqa: PLR2004
                found.append(dict(_fields(value)))
    made: list[Part] = []
    for record in found:
        key, hash_key, data = record.get(1), record.get(2), record.get(3)
        if not isinstance(key, int) or not isinstance(data, bytes):
            raise ValueError  # noqa: TRY004 - as of any message that is not of the format
        made.append(Part(data, keys[key], hash_keys[hash_key] if isinstance(hash_key, int) else None))
    return made


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        value, at = _varint(message, at)
        if kind == _VARINT:
            yield number, value
        elif kind == _BYTES:
            if at + value > len(message):
                raise ValueError
            yield number, message[at : at + value]
            at += value
        else:
            raise ValueError


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the bit that says there is more
            return value, at
        shift += 7
        if shift > 63:  # noqa: PLR2004 - ten bytes hold the largest number
            raise ValueError
