"""JSON in and out, for replies and untyped payloads."""

from __future__ import annotations

import json
import sys
from json.encoder import c_make_encoder, encode_basestring

from lambdarouter.errors import MalformedPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["decode", "encode"]


def _foreign(value: object) -> object:
    # Leaves the C encoder: what is not plain JSON is written by pydantic, in one piece.
    raise TypeError(type(value).__name__)


def _encoder() -> Callable[[Any, int], tuple[str, ...]]:
    """One reused C encoder writes a small dict in a fifth of the time of `json.dumps`, which makes one each time."""
    if c_make_encoder is None:
        plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_foreign)
        return lambda value, _indent: (plain.encode(value),)
    # markers, default, string encoder, indent, key separator, item separator, sort_keys, skipkeys, allow_nan
    # No markers: after an error they would remember values as circular that are not.
    made: Callable[[Any, int], tuple[str, ...]] = c_make_encoder(
        None, _foreign, encode_basestring, None, ":", ",", False, False, False  # noqa: FBT003 - C, positional only
    )
    return made


_encode = _encoder()
_join = "".join


def encode(value: Any) -> str:
    """Write a value as compact JSON.

    Models, dataclasses, dates, UUIDs, decimals, enums and sets are written as pydantic writes them; NaN and infinity
    are null. Raises TypeError for what has no JSON form.
    """
    if "pydantic_core" not in sys.modules:
        try:
            return _join(_encode(value, 0))
        except (TypeError, ValueError, RecursionError):
            pass  # not plain JSON
    from lambdarouter.core import binding  # noqa: PLC0415 - pydantic: only where it is needed

    return binding.to_json(value)


def decode(text: str | bytes, what: str) -> Any:
    """Read JSON. Raises `MalformedPayloadError` that calls the text `what` ("body", "message")."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"the {what} is not JSON: {error}"
        raise MalformedPayloadError(msg, [{"loc": (what,), "msg": str(error), "type": "json_invalid"}]) from error
