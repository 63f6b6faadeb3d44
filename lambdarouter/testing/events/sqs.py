"""A batch of SQS messages, as an event source mapping hands them to a function.

Shape after "Using Lambda with Amazon SQS" in the Lambda developer guide.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5

from lambdarouter.testing.events.common import MOMENT, REGION, arn, epoch_millis, identifier, json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["sqs"]


def sqs(
    queue: str,
    *bodies: Any,
    attributes: Mapping[str, str | float | bytes] | None = None,
    group: str | Sequence[str] | None = None,
) -> dict[str, Any]:
    """Build one message for each of `bodies`, from `queue`, a name or an ARN ("sqs").

    A body that is not text is sent as JSON. `attributes` become every message's messageAttributes: text a String, a
    number a Number, bytes a Binary (base64). `group`: the message group of all, or one for each; the queue's name then
    ends in ".fifo", or it is a fair queue.
    """
    if not bodies:
        message = "a batch has at least one message"
        raise ValueError(message)
    groups = [group] * len(bodies) if group is None or isinstance(group, str) else list(group)
    queue_arn = queue if queue.startswith("arn:") else arn("sqs", queue)
    texts = [body if isinstance(body, str) else json_text(body) for body in bodies]
    return {
        "Records": [
            _record(queue_arn, number, text, attributes or {}, of)
            for number, (text, of) in enumerate(zip(texts, groups, strict=True))
        ]
    }


def _record(
    queue_arn: str, number: int, text: str, attributes: Mapping[str, str | float | bytes], group: str | None
) -> dict[str, Any]:
    system = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": str(epoch_millis(MOMENT)),
        "SenderId": "AIDACKCEVSQ6C2EXAMPLE",
        "ApproximateFirstReceiveTimestamp": str(epoch_millis(MOMENT) + 1),
    }
    if group is not None:
        system["MessageGroupId"] = group
        if queue_arn.endswith(".fifo"):
            system["SequenceNumber"] = str(18849496460467696128 + number)
            system["MessageDeduplicationId"] = identifier(queue_arn, text, str(number)).replace("-", "")
    return {
        "messageId": identifier(queue_arn, str(number), text),
        "receiptHandle": b64encode(f"receipt {queue_arn} {number}".encode()).decode(),
        "body": text,
        "attributes": system,
        "messageAttributes": {name: _attribute(name, value) for name, value in attributes.items()},
        "md5OfBody": md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def _attribute(name: str, value: str | float | bytes) -> dict[str, Any]:
    lists: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    if isinstance(value, str):
        return {"stringValue": value, **lists, "dataType": "String"}
    if isinstance(value, bytes):
        return {"binaryValue": b64encode(value).decode(), **lists, "dataType": "Binary"}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"stringValue": str(value), **lists, "dataType": "Number"}
    message = f"attribute {name!r}: SQS has text, numbers and bytes, not {type(value).__name__}"
    raise TypeError(message)
