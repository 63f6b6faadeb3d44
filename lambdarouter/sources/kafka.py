"""Kafka: a handler for every record of a topic, or for the whole batch; Amazon MSK and self-managed clusters.

::

    @app.kafka("orders")
    async def placed(order: Order, record: KafkaRecord) -> None: ...

`topic` is a name or a glob. One parameter takes the value: `bytes` as they came, `str` as UTF-8, anything else as
validated JSON; a tombstone (no value) is None. A parameter called `key` takes the key in the same way. `KafkaRecord`
and `KafkaEvent` are passed by their type.

Delivery: a partition's records in order, at least once; partitions run side by side, and after a failure the rest of
its partition is not run. By default any failure fails the invocation, and the whole batch comes again. With
`partial=True`, for mappings in provisioned mode with `ReportBatchItemFailures`, the failed records are reported, each
with the rest of its partition. A record of a topic that no route names has failed.
https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from __future__ import annotations

from lambdarouter.core.batch import PartialSource, PartialTrigger
from lambdarouter.core.check import check_characters
from lambdarouter.core.conversion import base64_text, milliseconds_since_1970, plain_text, whole_number
from lambdarouter.core.pattern import Patterns
from lambdarouter.core.source import payload_getter
from lambdarouter.core.view import Event, Record, field
from lambdarouter.errors import InvalidPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.batch import BatchShared
    from lambdarouter.core.handler import Getter
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Trigger
    from lambdarouter.core.view import View

__all__ = ["KafkaEvent", "KafkaRecord", "KafkaSource", "KafkaTrigger"]


def _list_of_headers(raw: Any) -> list[tuple[str, bytes]]:
    if not isinstance(raw, list):
        raise TypeError
    return [(name, _header(value)) for item in raw if isinstance(item, dict) for name, value in item.items()]


def _header(value: Any) -> bytes:
    """A header's bytes: AWS writes numbers, which are signed where Java wrote them; text has been seen, too."""
    if isinstance(value, list):
        return bytes(number & 0xFF for number in value)
    return b"" if value is None else str(value).encode()


class KafkaRecord(Record):
    """One record of a partition."""

    topic: str = field("topic")
    partition: int = field("partition", of=whole_number)
    offset: int = field("offset", of=whole_number)
    timestamp: datetime | None = field("timestamp", of=milliseconds_since_1970, default=None)
    # "CREATE_TIME" or "LOG_APPEND_TIME".
    timestamp_type: str | None = field("timestampType", default=None)
    key: bytes | None = field("key", of=base64_text, default=None)
    # None for a tombstone.
    value: bytes | None = field("value", of=base64_text, default=None)
    # In order; a name may come several times.
    headers: list[tuple[str, bytes]] = field("headers", of=_list_of_headers, default=list)
    # Where the event source mapping has a schema registry: "AVRO", "PROTOBUF" or "JSON", and the schema's id.
    key_format: str | None = field("keySchemaMetadata", "dataFormat", default=None)
    key_schema_id: str | None = field("keySchemaMetadata", "schemaId", of=plain_text, default=None)
    value_format: str | None = field("valueSchemaMetadata", "dataFormat", default=None)
    value_schema_id: str | None = field("valueSchemaMetadata", "schemaId", of=plain_text, default=None)

    @property
    def id(self) -> str:
        """Topic, partition and offset: "orders-0@15"."""
        try:
            return f"{self.topic}-{self.partition}@{self.offset}"
        except Exception:  # noqa: BLE001 - whatever the event holds instead
            return self.locate()

    def header(self, name: str) -> bytes | None:
        """The last value of a header, or None."""
        return next((value for key, value in reversed(self.headers) if key == name), None)


class KafkaEvent(Event):
    """Records of some partitions of one cluster."""

    # Of an MSK cluster; None for a self-managed one.
    cluster_arn: str | None = field("eventSourceArn", default=None)
    bootstrap_servers: str = field("bootstrapServers", default="")
    # By topic and partition: "orders-0".
    records: dict[str, Any] = field("records", of=dict)


class KafkaSource(PartialSource):
    """Records: all matching handlers, null or an error, or the failed ones by partition and offset."""

    names: tuple[str, ...] = ("kafka.msk", "kafka.self_managed")
    decorator = "@app.kafka(topic)"
    event: type[Event] = KafkaEvent
    record: type[View] = KafkaRecord
    payload: str | None = "value"
    rest_fails = True

    def split(self, event: KafkaEvent) -> Sequence[KafkaRecord]:
        """The records of all partitions, each partition's in order."""
        return [
            KafkaRecord(raw, f"records.{partition}", index)
            for partition, records in event.records.items()
            for index, raw in enumerate(records or ())
        ]

    def ordering_key(self, record: KafkaRecord) -> str | None:
        """Topic and partition."""
        return f"{record.topic}-{record.partition}"

    def identifier(self, record: KafkaRecord) -> Any:
        """Partition and offset."""
        try:
            return {"partition": f"{record.topic}-{record.partition}", "offset": record.offset}
        except Exception:  # noqa: BLE001 - whatever the event holds instead
            return None

    def respond(self, event: KafkaEvent, outcomes: Sequence[Outcome]) -> Any:
        """Null, or with `partial=True` what failed."""
        failures = self._failures(outcomes)
        routes = [outcome.route for outcome in outcomes if outcome.route is not None]
        if failures or any(getattr(route.outermost, "partial", False) for route in routes):
            return self.reply(event, failures)
        return None

    def origin(self, record: KafkaRecord) -> str:
        """The topic."""
        return f"the Kafka topic {record.topic!r}"

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The key by name, the value as the one remaining parameter; either may be null."""
        if parameter.name == "key" and parameter.marker is None:
            getter = payload_getter(parameter, "key")
            if getter is not None:
                parameter.where = "key"
                return _or_none(getter, parameter, "key")
        getter = super().provide(parameter, trigger)
        return _or_none(getter, parameter, "value") if getter is not None and parameter.where == "payload" else getter

    def choices(self) -> str:
        """What a parameter may be."""
        return f"{super().choices()}, or `key`"


def _or_none(get: Getter, parameter: Parameter, attribute: str) -> Getter:
    """None where there is none, and the annotation allows it."""
    default = None if parameter.required else parameter.default
    optional = type(None) in getattr(parameter.annotation, "__args__", ()) or not parameter.required

    def found(match: Match, invocation: Invocation) -> Any:
        if getattr(match.record, attribute) is not None:
            return get(match, invocation)
        if not optional:
            msg = (
                f"the record has no {attribute} (a tombstone), and the parameter {parameter.name!r} does not allow None"
            )
            raise InvalidPayloadError(msg, [{"loc": (attribute,), "msg": "null", "type": "none_not_allowed"}])
        return default

    return found


class KafkaTrigger(PartialTrigger):
    """`@app.kafka("orders")`: run for the records of this topic.

    `topic`: a name or a glob, or a list of them. `partial`: whether the event source mapping has
    `ReportBatchItemFailures`, which only provisioned mode knows; without, any failure fails the invocation. `shared`:
    the options of every trigger of batches.
    """

    __slots__ = ("_topics",)

    source: type[Source] = KafkaSource

    def __init__(self, topic: str | Sequence[str], *, partial: bool = False, **shared: Unpack[BatchShared]) -> None:
        super().__init__(partial=partial, **shared)
        self._topics = Patterns(topic, "topic")
        check_characters("topic", topic, "._-")

    def claims(self, record: KafkaRecord) -> bool:
        """By the topic's name."""
        return self._topics.match(record.topic)

    def describe(self) -> str:
        """The topic."""
        return self._topics.text
