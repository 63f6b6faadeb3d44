"""A batch of a Kafka topic's records, from Amazon MSK or from a self-managed cluster.

Shape after "Using Lambda with Amazon MSK" and "… with self-managed Apache Kafka" in the Lambda developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import MOMENT, arn, base64_of, epoch_millis, moment, one_each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

__all__ = ["msk", "self_managed"]

_SERVERS = "b-1.example.kafka.eu-west-1.amazonaws.com:9098,b-2.example.kafka.eu-west-1.amazonaws.com:9098"


def msk(
    topic: str,
    *values: Any,
    key: Any = None,
    partition: int | Sequence[int] = 0,
    offset: int = 15,
    headers: Mapping[str, str | bytes] | None = None,
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build one record for each of `values` ("kafka.msk"); None is a tombstone.

    A value or a key that is neither text nor bytes is sent as JSON. `key`, `partition`: those of all, or a list with
    one for each. `offset` is each partition's first record's; `time`: when they were created.
    """
    return {
        "eventSource": "aws:kafka",
        "eventSourceArn": arn("kafka", "cluster/orders/0c6a3cf2-0000-4000-8000-000000000001-2"),
        **_batch(topic, values, key, partition, offset, headers, time),
    }


def self_managed(
    topic: str,
    *values: Any,
    key: Any = None,
    partition: int | Sequence[int] = 0,
    offset: int = 15,
    headers: Mapping[str, str | bytes] | None = None,
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build the same of a self-managed cluster ("kafka.self_managed")."""
    return {"eventSource": "SelfManagedKafka", **_batch(topic, values, key, partition, offset, headers, time)}


def _batch(  # noqa: PLR0917 - of the two above
    topic: str,
    values: tuple[Any, ...],
    key: Any,
    partition: int | Sequence[int],
    offset: int,
    headers: Mapping[str, str | bytes] | None,
    time: datetime | str,
) -> dict[str, Any]:
    if not values:
        message = "a batch has at least one record"
        raise ValueError(message)
    keys = one_each("key", key, len(values))
    partitions = one_each("partition", partition, len(values))
    records: dict[str, list[dict[str, Any]]] = {}
    for value, of, number in zip(values, keys, partitions, strict=True):
        found = records.setdefault(f"{topic}-{number}", [])
        found.append(
            {
                "topic": topic,
                "partition": number,
                "offset": offset + len(found),
                "timestamp": epoch_millis(moment(time)),
                "timestampType": "CREATE_TIME",
                "key": None if of is None else base64_of(of),
                "value": None if value is None else base64_of(value),
                "headers": [{name: list(_bytes(content))} for name, content in (headers or {}).items()],
            }
        )
    return {"bootstrapServers": _SERVERS, "records": records}


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()
