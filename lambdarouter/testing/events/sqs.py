"""A batch of SQS messages, as an event source mapping hands them to a function.

Shape after "Using Lambda with Amazon SQS" in the Lambda developer guide.
"""

from __future__ import annotations

from base64 import b64encode
from copy import deepcopy
from decimal import Decimal
from hashlib import md5

from lambdarouter.testing.events.common import (
    MOMENT,
    REGION,
    arn,
    epoch_millis,
    identifier,
    moment,
    one_each,
    scalar,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

__all__ = ["sqs"]


def sqs(
    queue: str,
    *bodies: Any,
    attributes: Mapping[str, Any] | None = None,
    group: str | Sequence[str] | None = None,
    receive_count: int = 1,
    dead_letter_source: str | None = None,
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build one message for each of `bodies`, from `queue`, a name or an ARN ("sqs").

    A body that is not text is sent as JSON. `attributes` become every message's messageAttributes: text a String, a
    number a Number, bytes a Binary (base64). `group`: the message group of all, or one for each; of a FIFO queue, whose
    name ends in ".fifo", they have one ("default") in any case, and those of a fair queue may. `receive_count`: how
    often they were delivered, this time included; `dead_letter_source`: the queue, a name or an ARN, whose dead letters
    they are; `time`: when they were sent.
    """
    if not bodies:
        message = "a batch has at least one message"
        raise ValueError(message)
    queue_arn = _arn(queue)
    if group is None and queue_arn.endswith(".fifo"):
        group = "default"
    groups = one_each("group", group, len(bodies))
    sent = epoch_millis(moment(time))
    system = {
        "ApproximateReceiveCount": str(receive_count),
        "SentTimestamp": str(sent),
        "SenderId": "AIDACKCEVSQ6C2EXAMPLE",
        "ApproximateFirstReceiveTimestamp": str(sent + 1),
    }
    if dead_letter_source is not None:
        system["DeadLetterQueueSourceArn"] = _arn(dead_letter_source)
    said = {name: _attribute(name, value) for name, value in (attributes or {}).items()}
    return {
        "Records": [
            _record(queue_arn, number, text_of(body), deepcopy(said), system | _grouped(queue_arn, number, body, of))
            for number, (body, of) in enumerate(zip(bodies, groups, strict=True))
        ]
    }


def _arn(queue: str) -> str:
    return queue if queue.startswith("arn:") else arn("sqs", queue)


def _grouped(queue_arn: str, number: int, body: Any, group: str | None) -> dict[str, str]:
    if group is None:
        return {}
    if not queue_arn.endswith(".fifo"):
        return {"MessageGroupId": group}
    return {
        "MessageGroupId": group,
        "SequenceNumber": str(18849496460467696128 + number),
        "MessageDeduplicationId": identifier(queue_arn, text_of(body), str(number)).replace("-", ""),
    }


def _record(
    queue_arn: str, number: int, text: str, attributes: dict[str, Any], system: dict[str, str]
) -> dict[str, Any]:
    return {
        "messageId": identifier(queue_arn, str(number), text),
        "receiptHandle": b64encode(f"receipt {queue_arn} {number}".encode()).decode(),
        "body": text,
        "attributes": system,
        "messageAttributes": attributes,
        "md5OfBody": md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def _attribute(name: str, given: Any) -> dict[str, Any]:
    value = scalar(given)
    lists: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    if isinstance(value, str):
        return {"stringValue": value, **lists, "dataType": "String"}
    if isinstance(value, bytes):
        return {"binaryValue": b64encode(value).decode(), **lists, "dataType": "Binary"}
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return {"stringValue": str(value), **lists, "dataType": "Number"}
    message = f"attribute {name!r}: SQS has text, numbers and bytes, not {type(given).__name__}"
    raise TypeError(message)
