"""Conversions of AWS's JSON values, for fields of views: `field("data", of=base64_text)`.

Each is named after what it expects, as the error says it; it raises ValueError or TypeError for anything else.
"""

from __future__ import annotations

from binascii import Error as Base64Error, a2b_base64
from datetime import UTC, datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "any_value",
    "base64_text",
    "copied",
    "copy_of_object",
    "json_object",
    "list_of_strings",
    "map_of_headers",
    "milliseconds_since_1970",
    "object_if_any",
    "plain_text",
    "seconds_since_1970",
    "timestamp",
    "url_encoded_key",
    "whole_number",
]


def any_value(raw: Any) -> Any:
    """The value as it is, of whichever type."""
    return raw


def base64_text(raw: Any) -> bytes:
    """Read base64."""
    try:
        return a2b_base64(raw, strict_mode=True)
    except Base64Error as error:
        raise ValueError from error


def plain_text(raw: Any) -> str:
    """Read what AWS writes as text or as a number."""
    if not isinstance(raw, (str, int)) or isinstance(raw, bool):
        raise TypeError
    return str(raw)


def whole_number(raw: Any) -> int:
    """Read a number, or the text of one."""
    return int(raw)


def timestamp(text: object) -> datetime:
    """Read AWS's ISO 8601 times; one without a zone is UTC. Raises ValueError or TypeError."""
    if not isinstance(text, str):
        raise TypeError
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def milliseconds_since_1970(raw: Any) -> datetime:
    """Read a time as most of AWS's batches have it, as a number or as its text."""
    return datetime.fromtimestamp(int(raw) / 1000, UTC)


def seconds_since_1970(raw: Any) -> datetime:
    """Read a time as AWS's streams have it, with a fraction or without."""
    return datetime.fromtimestamp(raw, UTC)


def url_encoded_key(raw: Any) -> str:
    """Read an object's key as S3's own events have it; one that is no UTF-8 is an error."""
    if not isinstance(raw, str):
        raise TypeError
    if "%" not in raw and "+" not in raw:
        return raw
    from urllib.parse import unquote_plus  # noqa: PLC0415 - 10 ms, for keys that need it

    return unquote_plus(raw, errors="strict")


def list_of_strings(raw: Any) -> list[str]:
    """The strings of a list; what else may be in it is left out."""
    if not isinstance(raw, list):
        raise TypeError
    return [each for each in raw if isinstance(each, str)]


def object_if_any(raw: Any) -> dict[str, Any]:
    """An object; empty where the value is none."""
    return raw if isinstance(raw, dict) else {}


def map_of_headers(raw: Any) -> dict[str, str]:
    """An object's texts, with the names in lower case."""
    return {name.lower(): value for name, value in object_if_any(raw).items() if isinstance(value, str)}


def copied(value: Any) -> Any:
    """A copy of a JSON value, for handlers to change: the event stays as it came."""
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [copied(each) for each in value]
    return value


def json_object(raw: Any) -> dict[str, Any]:
    """A copy of an object, for handlers to change."""
    if not isinstance(raw, dict):
        raise TypeError
    return copy_of_object(raw)


def copy_of_object(raw: Any) -> dict[str, Any]:
    """A copy of an object, for handlers to change; empty where the value is none."""
    return copied(raw) if isinstance(raw, dict) else {}
