"""Batches as they come in life: with a record that cannot be read, one that comes twice, others out of order.

Functions of an event, such as a builder gives, that return another; the one they are given stays as it is::

    client.invoke(corrupted(sqs("jobs", order, order), 1))

A position counts the records of the event from 0, through its partitions or queues where it has several; -1 is the
last one.
"""

from __future__ import annotations

import gzip
from base64 import b64decode, b64encode
from copy import deepcopy
from hashlib import md5
from json import dumps, loads

from lambdarouter.engine.classify import classify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["corrupted", "duplicated", "reordered"]


def corrupted(event: Any, *positions: int) -> Any:
    """Make the payload of the records at `positions` unreadable, and leave what AWS says of them.

    Text is no JSON any more, bytes are no UTF-8 either (in base64, as AWS writes them), an item or a document is not
    there, an object's key does not decode. Raises IndexError for a position that is none, TypeError for an event that
    is no batch.
    """
    batch = Batch(event)
    for position in batch.checked(positions):
        batch.corrupt(position)
    return batch.event()


def duplicated(event: Any, *positions: int) -> Any:
    """Have the records at `positions` come twice: each is followed by its equal, under the same id.

    Raises as `corrupted` does.
    """
    batch = Batch(event)
    twice = batch.checked(positions)
    batch.pick([each for position in range(len(batch)) for each in [position] * (1 + (position in twice))])
    return batch.event()


def reordered(event: Any, *positions: int) -> Any:
    """Have the records at `positions` come first, in this order, and the others after them.

    Records of different partitions or queues stay in theirs. Raises as `corrupted` does.
    """
    batch = Batch(event)
    first = batch.checked(positions)
    batch.pick([*first, *(position for position in range(len(batch)) if position not in first)])
    return batch.event()


class Batch:
    """The records of an event, in a list that may be changed and is written back. TypeError where it has none."""

    def __init__(self, event: Any) -> None:
        self.name: str = classify(event)
        if self.name not in _PLACES:
            message = f"an event called {self.name!r} is no batch of records: those are {', '.join(_PLACES)}"
            raise TypeError(message)
        self._event = deepcopy(event)
        self._logged = loads(gzip.decompress(b64decode(event["awslogs"]["data"]))) if self.name == "logs" else None
        held = self._held()
        groups = held.items() if isinstance(held, dict) else [("", held)]
        # Each with the partition or the queue that it is in.
        self.records: list[tuple[str, Any]] = [(group, record) for group, records in groups for record in records]

    def __len__(self) -> int:
        return len(self.records)

    def checked(self, positions: tuple[int, ...]) -> list[int]:
        """The positions, each counted from the front. Raises IndexError, and ValueError where there are none."""
        if not positions:
            message = "give the positions of records, of which 0 is the first"
            raise ValueError(message)
        for position in positions:
            if not -len(self) <= position < len(self):
                message = f"there is no record {position}: the event has {len(self)}, counted from 0"
                raise IndexError(message)
        return [position % len(self) for position in positions]

    def pick(self, positions: list[int]) -> None:
        """Have these records, in this order."""
        self.records = [deepcopy(self.records[position]) for position in positions]

    def corrupt(self, position: int) -> None:
        """Make a record's payload unreadable."""
        record = self.records[position][1]
        source = record.get("eventSource") if self.name == "pipes" else self.name
        if source not in _UNREADABLE:
            message = f"it is not known where an item of {source!r} has its payload"
            raise TypeError(message)
        for path, content in _UNREADABLE[source].items():
            *above, name = path.split(".")
            place = record
            for key in above:
                place = place[key]
            if content is None:
                place.pop(name, None)
            else:
                place[name] = content

    def event(self) -> Any:
        """The event with the records as they are now."""
        held = self._held()
        if isinstance(held, dict):
            held.clear()
            for group, record in self.records:
                held.setdefault(group, []).append(record)
        else:
            held[:] = [record for _, record in self.records]
        if self._logged is not None:
            text = dumps(self._logged, separators=(",", ":"), ensure_ascii=False)
            self._event["awslogs"]["data"] = b64encode(gzip.compress(text.encode(), mtime=0)).decode()
        return self._event

    def _held(self) -> Any:
        """What holds the records: a list, or a dict of lists."""
        place = _PLACES[self.name]
        return self._event if place is None else (self._logged or self._event)[place]


# Where an event has its records; None: it is the list of them.
_PLACES = {
    "sqs": "Records",
    "sns": "Records",
    "s3": "Records",
    "dynamodb": "Records",
    "kinesis": "Records",
    "firehose": "records",
    "analytics": "records",
    "kafka.msk": "records",
    "kafka.self_managed": "records",
    "mq.activemq": "messages",
    "mq.rabbitmq": "rmqMessagesByQueue",
    "documentdb": "events",
    "logs": "logEvents",
    "s3.batch": "tasks",
    "pipes": None,
}

_TEXT = '{"cut": "off'
_BYTES = b64encode(b'{"cut": "\xff').decode()
_KEY = "%FF"  # which is no UTF-8

_MESSAGE: dict[str, str | None] = {"body": _TEXT, "md5OfBody": md5(_TEXT.encode(), usedforsecurity=False).hexdigest()}
_CHANGE: dict[str, str | None] = {"dynamodb.NewImage": None, "dynamodb.OldImage": None}

# By an event's name, or by the source of a pipe's item: where a record has its payload, and what is there instead.
_UNREADABLE: dict[Any, dict[str, str | None]] = {
    "sqs": _MESSAGE,
    "sns": {"Sns.Message": _TEXT},
    "s3": {"s3.object.key": _KEY},
    "dynamodb": _CHANGE,
    "kinesis": {"kinesis.data": _BYTES},
    "firehose": {"data": _BYTES},
    "analytics": {"data": _BYTES},
    "kafka.msk": {"value": _BYTES},
    "kafka.self_managed": {"value": _BYTES},
    "mq.activemq": {"data": _BYTES},
    "mq.rabbitmq": {"data": _BYTES},
    "documentdb": {"event.fullDocument": None},
    "logs": {"message": _TEXT},
    "s3.batch": {"s3Key": _KEY},
    "aws:sqs": _MESSAGE,
    "aws:kinesis": {"data": _BYTES},
    "aws:dynamodb": _CHANGE,
}
