"""What EventBridge Pipes makes of a batch: a bare list of its items.

Shape after "Amazon EventBridge Pipes batching and concurrency" and the pages of its sources.
"""

from __future__ import annotations

from copy import deepcopy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["pipes"]


def pipes(event: dict[str, Any]) -> Any:
    """Build the list that a pipe sends instead of `event`, an event of SQS, Kinesis or DynamoDB ("pipes")."""
    if "Records" not in event:
        message = f"an event with Records is expected, not one with {', '.join(event) or 'nothing'}"
        raise ValueError(message)
    # What Kinesis has under a key of its own stands beside the rest.
    return [
        {**record.get("kinesis", {}), **{name: value for name, value in record.items() if name != "kinesis"}}
        for record in deepcopy(event["Records"])
    ]
