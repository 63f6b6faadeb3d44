"""A batch of changes of a DynamoDB table, as its stream has them.

Shape after "Using AWS Lambda with Amazon DynamoDB" in the Lambda developer guide.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum

from lambdarouter.testing.events.common import MOMENT, REGION, arn, identifier, json_text, json_value, moment
from lambdarouter.testing.events.kinesis import window_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Literal

__all__ = ["dynamodb"]


def dynamodb(
    table: str,
    *changes: tuple[Any, Any],
    keys: Sequence[str] = ("id",),
    view_type: Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"] = "NEW_AND_OLD_IMAGES",
    principal: str | None = None,
    state: Mapping[str, Any] | None = None,
    final: bool = False,
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build one record for each of `changes`, pairs of the old and the new item, of `table`, a name ("dynamodb").

    (None, item) inserts, (item, item) modifies, (item, None) removes. Items are mappings, models or dataclasses. `keys`
    names the attributes of the table's key, `view_type` the images that the stream has. `principal`: who removed it,
    where that was a service ("dynamodb.amazonaws.com" for the time to live). `time`: when they changed. With `state`
    the event is of a tumbling window, whose last (`final`) may be empty.
    """
    if not changes and state is None:
        message = "a batch has at least one change; only a window may end without"
        raise ValueError(message)
    stream = arn("dynamodb", f"table/{table}/stream/2026-01-01T00:00:00.000")
    records = [_record(stream, number, change, keys, view_type) for number, change in enumerate(changes)]
    for record in records:
        record["dynamodb"]["ApproximateCreationDateTime"] = moment(time).timestamp()
        if principal is not None:
            record["userIdentity"] = {"principalId": principal, "type": "Service"}
    event: dict[str, Any] = {"Records": records}
    return (
        event
        if state is None
        else event | window_of(stream, "shardId-00000001514764800000-a1b2c3d4", state, final=final)
    )


def _record(stream: str, number: int, change: tuple[Any, Any], keys: Sequence[str], view_type: str) -> dict[str, Any]:
    if not isinstance(change, (tuple, list)) or len(change) != 2:  # noqa: PLR2004 - a pair
        message = f"{change!r:.80} is no change: one is (old item, new item), None for what was not there or is gone"
        raise TypeError(message)
    old, new = ({} if item is None else _item(item) for item in change)
    item = new or old
    if not item:
        message = "a change has an old item, a new one, or both"
        raise ValueError(message)
    if absent := [key for key in keys if key not in item]:
        message = f"the item has no {' and no '.join(absent)}: `keys` names the attributes of the table's key"
        raise ValueError(message)
    images = {"NewImage": new, "OldImage": old}
    shown = {name: image for name, image in images.items() if image and name in _IMAGES[view_type]}
    return {
        "eventID": identifier(stream, str(number)).replace("-", ""),
        "eventName": "INSERT" if not old else "MODIFY" if new else "REMOVE",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "Keys": {key: item[key] for key in keys},
            **shown,
            "SequenceNumber": str(4421584500000000017450439091 + number),
            "SizeBytes": len(json_text(sorted(item))),
            "StreamViewType": view_type,
        },
        "eventSourceARN": stream,
    }


def _item(value: Any) -> dict[str, Any]:
    typed: dict[str, Any] | None = _typed(value).get("M")
    if typed is None:
        message = f"{value!r:.80} is no item: one is a mapping, a model or a dataclass"
        raise TypeError(message)
    return typed


_IMAGES: dict[str, tuple[str, ...]] = {
    "KEYS_ONLY": (),
    "NEW_IMAGE": ("NewImage",),
    "OLD_IMAGE": ("OldImage",),
    "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage"),
}


def _typed(value: Any) -> dict[str, Any]:
    """Write a value in DynamoDB's JSON; what it has no type for (dates, UUIDs …) as JSON has it."""
    if isinstance(value, Enum):
        return _typed(value.value)
    if isinstance(value, (set, frozenset)):
        return _set(value)
    model = _fields(value)
    if model is not None:
        return _typed(model)
    for types, write in _WRITE:
        if isinstance(value, types):
            written: dict[str, Any] = write(value)
            return written
    return _typed(json_value(value))


def _set(value: set[Any] | frozenset[Any]) -> dict[str, Any]:
    members = [_typed(each) for each in value]
    kinds = {kind for member in members for kind in member}
    if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        message = f"{value!r:.80} cannot be a set of DynamoDB: it has members of one type, text, numbers or bytes"
        raise TypeError(message)
    (kind,) = kinds
    return {f"{kind}S": sorted(member[kind] for member in members)}


def _fields(value: Any) -> dict[str, Any] | None:
    """A model's fields as Python's values: as JSON, decimals, bytes and sets would not be told apart."""
    serializer = getattr(type(value), "__pydantic_serializer__", None)
    if serializer is not None:
        found: dict[str, Any] = serializer.to_python(value, by_alias=True)
        return found
    if not hasattr(type(value), "__dataclass_fields__"):
        return None
    from dataclasses import fields  # noqa: PLC0415 - loaded: it made the class

    return {each.name: getattr(value, each.name) for each in fields(value)}


_WRITE: list[tuple[Any, Any]] = [
    (type(None), lambda value: {"NULL": True}),
    (bool, lambda value: {"BOOL": value}),
    (str, lambda value: {"S": value}),
    (bytes, lambda value: {"B": b64encode(value).decode()}),
    ((int, float, Decimal), lambda value: {"N": str(value)}),
    ((list, tuple), lambda value: {"L": [_typed(each) for each in value]}),
    (Mapping, lambda value: {"M": {name: _typed(each) for name, each in value.items()}}),
]
