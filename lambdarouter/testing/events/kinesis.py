"""A batch of a Kinesis stream's records.

Shape after "Using Lambda with Kinesis Data Streams" in the Lambda developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, MOMENT, REGION, arn, base64_of, iso, moment, one_each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

__all__ = ["kinesis", "window_of"]

_SHARD = "shardId-000000000006"
_FIRST = 49590338271490256608559692538361571095921575989136588898


def kinesis(
    stream: str,
    *data: Any,
    partition_key: str | Sequence[str] = "1",
    time: datetime | str = MOMENT,
    state: Mapping[str, Any] | None = None,
    final: bool = False,
) -> dict[str, Any]:
    """Build one record for each of `data`, of `stream`, a name or an ARN ("kinesis").

    Data that is neither text nor bytes is sent as JSON. `partition_key`: that of all, or one for each. `time`: when the
    first arrived. With `state` it is of a tumbling window, whose last event (`final`) may have no data.
    """
    if not data and state is None:
        message = "a batch has at least one record; only a window may end without"
        raise ValueError(message)
    stream_arn = stream if stream.startswith("arn:") else arn("kinesis", f"stream/{stream}")
    keys = one_each("partition_key", partition_key, len(data))
    event: dict[str, Any] = {
        "Records": [
            _record(stream_arn, number, each, key, moment(time))
            for number, (each, key) in enumerate(zip(data, keys, strict=True))
        ]
    }
    return event if state is None else event | window_of(stream_arn, _SHARD, state, final=final)


def window_of(stream_arn: str, shard: str, state: Mapping[str, Any], *, final: bool) -> dict[str, Any]:
    """Make what an event of a tumbling window has beside its records."""
    return {
        "window": {"start": iso(MOMENT), "end": iso(MOMENT.replace(minute=2))},
        "state": dict(state),
        "shardId": shard,
        "eventSourceARN": stream_arn,
        "isFinalInvokeForWindow": final,
        "isWindowTerminatedEarly": False,
    }


def _record(stream_arn: str, number: int, data: Any, key: str, arrived: datetime) -> dict[str, Any]:
    sequence = str(_FIRST + number)
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": key,
            "sequenceNumber": sequence,
            "data": base64_of(data),
            "approximateArrivalTimestamp": arrived.timestamp() + number / 1000,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{_SHARD}:{sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{ACCOUNT}:role/lambda-role",
        "awsRegion": REGION,
        "eventSourceARN": stream_arn,
    }
