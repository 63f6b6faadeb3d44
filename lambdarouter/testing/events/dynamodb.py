"""A batch of changes of a DynamoDB table, as its stream has them.

Shape after "Using AWS Lambda with Amazon DynamoDB" in the Lambda developer guide.
"""

from __future__ import annotations

from base64 import b64encode

from lambdarouter.testing.events.common import MOMENT, REGION, arn, identifier, json_text
from lambdarouter.testing.events.kinesis import window_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    Item: TypeAlias = Mapping[str, Any]

__all__ = ["dynamodb"]


def dynamodb(
    table: str,
    *changes: tuple[Item | None, Item | None],
    keys: Sequence[str] = ("id",),
    state: Mapping[str, Any] | None = None,
    final: bool = False,
) -> dict[str, Any]:
    """Build one record for each of `changes`, pairs of the old and the new item, of `table`, a name ("dynamodb").

    (None, item) inserts, (item, item) modifies, (item, None) removes. Items are Python values. `keys` names the
    attributes of the table's key. With `state` the event is of a tumbling window, whose last (`final`) may be empty.
    """
    if not changes and state is None:
        message = "a batch has at least one change; only a window may end without"
        raise ValueError(message)
    stream = arn("dynamodb", f"table/{table}/stream/2026-01-01T00:00:00.000")
    event: dict[str, Any] = {
        "Records": [_record(stream, number, old, new, keys) for number, (old, new) in enumerate(changes)]
    }
    return (
        event
        if state is None
        else event | window_of(stream, "shardId-00000001514764800000-a1b2c3d4", state, final=final)
    )


def _record(stream: str, number: int, old: Item | None, new: Item | None, keys: Sequence[str]) -> dict[str, Any]:
    item = old if new is None else new
    if item is None:
        message = "a change has an old item, a new one, or both"
        raise ValueError(message)
    images = {"NewImage": new, "OldImage": old}
    return {
        "eventID": identifier(stream, str(number)).replace("-", ""),
        "eventName": "REMOVE" if new is None else "INSERT" if old is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": MOMENT.timestamp(),
            "Keys": {key: _typed(item[key]) for key in keys},
            **{name: {key: _typed(each) for key, each in image.items()} for name, image in images.items() if image},
            "SequenceNumber": str(4421584500000000017450439091 + number),
            "SizeBytes": len(json_text(sorted(item))),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": stream,
    }


def _typed(value: Any) -> dict[str, Any]:
    """Write a value in DynamoDB's JSON."""
    if isinstance(value, (set, frozenset)):
        ((kind, _),) = _typed(next(iter(value))).items()
        return {f"{kind}S": sorted(_typed(each)[kind] for each in value)}
    for types, write in _WRITE:
        if isinstance(value, types):
            written: dict[str, Any] = write(value)
            return written
    return {"N": str(value)}


_WRITE: list[tuple[Any, Any]] = [
    (type(None), lambda value: {"NULL": True}),
    (bool, lambda value: {"BOOL": value}),
    (str, lambda value: {"S": value}),
    (bytes, lambda value: {"B": b64encode(value).decode()}),
    ((list, tuple), lambda value: {"L": [_typed(each) for each in value]}),
    (dict, lambda value: {"M": {name: _typed(each) for name, each in value.items()}}),
]
