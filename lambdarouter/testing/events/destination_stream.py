"""Batches that an event source mapping gives up on.

Shape after "Retain discarded batches" in the Lambda developer guide, for Kinesis and DynamoDB.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import MOMENT, arn, identifier, iso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["destination_stream"]


def destination_stream(stream: str, *, table: bool = False, size: int = 1) -> dict[str, Any]:
    """Build a failed batch of a Kinesis stream, or of the stream of a DynamoDB table ("destination.stream")."""
    resource = f"table/{stream}/stream/2026-01-01T00:00:00.000" if table else f"stream/{stream}"
    return {
        "requestContext": {
            "requestId": identifier("request", stream),
            "functionArn": arn("lambda", "function:orders"),
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": iso(MOMENT),
        "DDBStreamBatchInfo" if table else "KinesisBatchInfo": {
            "shardId": "shardId-000000000001",
            "startSequenceNumber": "49601189658422359378836298521827638475320189012309704722",
            "endSequenceNumber": "49601189658422359378836298521827638475320189012309704722",
            "approximateArrivalOfFirstRecord": iso(MOMENT),
            "approximateArrivalOfLastRecord": iso(MOMENT),
            "batchSize": size,
            "streamArn": arn("dynamodb" if table else "kinesis", resource),
        },
    }
