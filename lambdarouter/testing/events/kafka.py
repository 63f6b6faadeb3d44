"""A batch of a Kafka topic's records, from Amazon MSK or from a self-managed cluster.

Shape after "Using Lambda with Amazon MSK" and "… with self-managed Apache Kafka" in the Lambda developer guide.
"""

from __future__ import annotations

from base64 import b64encode

from lambdarouter.testing.events.common import MOMENT, arn, epoch_millis, json_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["msk", "self_managed"]

_SERVERS = "b-1.example.kafka.eu-west-1.amazonaws.com:9098,b-2.example.kafka.eu-west-1.amazonaws.com:9098"


def msk(
    topic: str,
    *values: Any,
    key: str | bytes | None = None,
    partition: int = 0,
    offset: int = 15,
    headers: Mapping[str, bytes] | None = None,
) -> dict[str, Any]:
    """Build one record for each of `values`, of one partition ("kafka.msk"); None is a tombstone.

    A value that is neither text nor bytes is sent as JSON. `offset` is the first record's.
    """
    return {
        "eventSource": "aws:kafka",
        "eventSourceArn": arn("kafka", "cluster/orders/0c6a3cf2-0000-4000-8000-000000000001-2"),
        **_batch(topic, values, key, partition, offset, headers),
    }


def self_managed(
    topic: str,
    *values: Any,
    key: str | bytes | None = None,
    partition: int = 0,
    offset: int = 15,
    headers: Mapping[str, bytes] | None = None,
) -> dict[str, Any]:
    """Build the same of a self-managed cluster ("kafka.self_managed")."""
    return {"eventSource": "SelfManagedKafka", **_batch(topic, values, key, partition, offset, headers)}


def _batch(  # noqa: PLR0917 - of the two above
    topic: str,
    values: tuple[Any, ...],
    key: str | bytes | None,
    partition: int,
    offset: int,
    headers: Mapping[str, bytes] | None,
) -> dict[str, Any]:
    if not values:
        message = "a batch has at least one record"
        raise ValueError(message)
    records = [
        {
            "topic": topic,
            "partition": partition,
            "offset": offset + number,
            "timestamp": epoch_millis(MOMENT),
            "timestampType": "CREATE_TIME",
            "key": _base64(key),
            "value": _base64(value),
            "headers": [{name: list(content)} for name, content in (headers or {}).items()],
        }
        for number, value in enumerate(values)
    ]
    return {"bootstrapServers": _SERVERS, "records": {f"{topic}-{partition}": records}}


def _base64(value: Any) -> str | None:
    if value is None:
        return None
    content = value if isinstance(value, bytes) else (value if isinstance(value, str) else json_text(value)).encode()
    return b64encode(content).decode()
