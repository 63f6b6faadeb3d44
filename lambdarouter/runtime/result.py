"""A handler's result as the bytes of a reply: JSON as AWS's runtime writes it."""

from __future__ import annotations

import sys

from lambdarouter.core.codec import encoder
from lambdarouter.errors import has_utf8
from lambdarouter.runtime.protocol import LARGEST_RESPONSE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["MarshalError", "TooLargeError", "encode"]


class MarshalError(Exception):
    """The result has no JSON form."""


class TooLargeError(Exception):
    """The reply is larger than Lambda takes."""


def encode(value: Any) -> tuple[bytes, str]:
    """The body and the content type of a reply. Bytes are sent as they are.

    Raises `MarshalError`, which names the value at fault, or `TooLargeError`.
    """
    if type(value) is bytes:
        body, content_type = value, "application/unknown"
    else:
        body, content_type = _json(value), "application/json"
    if len(body) > LARGEST_RESPONSE:
        msg = f"the reply has {len(body)} bytes; Lambda takes {LARGEST_RESPONSE} at most: stream it, or put it into S3"
        raise TooLargeError(msg)
    return body, content_type


def _json(value: Any) -> bytes:
    try:
        return _join(_encode(value, 0)).encode()
    except _Decimals:
        return _with_decimals(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise MarshalError(_what_is_wrong(value, error)) from error


class _Decimals(Exception):  # noqa: N818 - no error: the encoder cannot write them
    pass


def _foreign(value: object) -> Any:
    if _is_decimal(value):
        raise _Decimals
    return _refused(value)


def _refused(value: object) -> Any:
    raise TypeError(type(value).__name__)


def _is_decimal(value: object) -> bool:
    """Whether it is a Decimal, such as boto3 reads from DynamoDB; there is none where its module is not loaded."""
    decimal = sys.modules.get("decimal")
    return decimal is not None and isinstance(value, decimal.Decimal)


def _with_decimals(value: Any) -> bytes:
    """AWS's runtime writes a Decimal as the number it is, digit for digit; the encoder can only put in a text."""
    import json  # noqa: PLC0415 - as below
    import os  # noqa: PLC0415
    import re  # noqa: PLC0415 - only for decimals

    mark = os.urandom(16).hex()

    def default(found: object) -> Any:
        if not _is_decimal(found):
            return _refused(found)
        return f"{mark}{'NaN' if found.is_nan() else found}"  # type: ignore[attr-defined]

    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=default)
        return re.sub(rf'"{mark}([^"]*)"', r"\1", text).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MarshalError(_what_is_wrong(value, error)) from error


def _what_is_wrong(value: Any, error: Exception) -> str:
    if isinstance(error, RecursionError) or "ircular" in str(error):
        return "Unable to marshal response: the result contains itself, or is nested too deep for JSON"
    found = _at_fault(value, "the result")
    return f"Unable to marshal response: {found or error}"


def _at_fault(value: Any, where: str) -> str | None:
    """The first value without a JSON form, by its path."""
    if isinstance(value, str):
        return None if has_utf8(value) else f"{where} is text with half a surrogate pair, which has no UTF-8"
    if isinstance(value, dict):
        faults = (_at_fault_of_item(key, inner, where) for key, inner in value.items())
    elif isinstance(value, (list, tuple)):
        faults = (_at_fault(inner, f"{where}[{index}]") for index, inner in enumerate(value))
    elif value is None or isinstance(value, (int, float)) or _is_decimal(value):
        return None
    else:
        return f"{where} is a {type(value).__name__}, which is not JSON serializable"
    return next((fault for fault in faults if fault), None)


def _at_fault_of_item(key: Any, value: Any, where: str) -> str | None:
    if key is not None and not isinstance(key, (str, int, float)):
        return f"{where} has the key {key!r:.60}, a {type(key).__name__}; keys are str"
    return _at_fault(key, f"a key of {where}") or _at_fault(value, f"{where}[{key!r:.60}]")


# As in `core.codec`; but NaN is written as it is, and so are keys, as AWS's runtime does.
_encode = encoder(_foreign, allow_nan=True)
_join = "".join
