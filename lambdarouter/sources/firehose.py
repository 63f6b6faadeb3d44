"""Data Firehose: a handler that transforms every record of a delivery stream.

::

    @app.firehose("clicks")
    def clean(order: Order) -> Transformed:
        return Transformed({"id": order.id}, partition_keys={"shard": str(order.id % 8)})

`stream` is a name, an ARN, or a glob of either. One parameter takes the data: `bytes` as they came, `str` as UTF-8,
anything else as validated JSON. What the handler returns is the new data (text, bytes, or what JSON can hold); None
leaves it as it came; `Transformed` also sets partition keys, or drops the record. `FirehoseRecord` and `FirehoseEvent`
are passed by their type. The first route whose filter accepts a record answers for it.

Delivery: synchronous, in batches; Firehose tries again where the function fails (three times by default). Every record
gets its result: a handler that raises makes it `ProcessingFailed`, which Firehose writes to the error output of the
stream's bucket. A record of a stream that no route names is one, too.
https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
"""

from __future__ import annotations

from lambdarouter.core.batch import BatchTrigger
from lambdarouter.core.conversion import base64_text, milliseconds_since_1970, plain_text
from lambdarouter.core.pattern import Resources
from lambdarouter.core.transform import TransformSource
from lambdarouter.core.view import Event, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.batch import BatchShared
    from lambdarouter.core.source import Source
    from lambdarouter.core.view import View

__all__ = ["FirehoseEvent", "FirehoseRecord", "FirehoseSource", "FirehoseTrigger"]


def _record_with_base64_data(raw: Any) -> bytes:
    # A stream that MSK feeds has another name for it.
    return base64_text(raw["data"] if raw.get("data") is not None else raw.get("kafkaRecordValue"))


class FirehoseRecord(Record):
    """One record of a delivery stream."""

    record_id: str = field("recordId")
    data: bytes = field(of=_record_with_base64_data)
    arrived: datetime | None = field("approximateArrivalTimestamp", of=milliseconds_since_1970, default=None)
    # These three where a Kinesis stream feeds it.
    shard_id: str | None = field("kinesisRecordMetadata", "shardId", default=None)
    partition_key: str | None = field("kinesisRecordMetadata", "partitionKey", default=None)
    sequence_number: str | None = field("kinesisRecordMetadata", "sequenceNumber", default=None)
    # These two where a topic of MSK does.
    partition: str | None = field("mskRecordMetadata", "partitionId", of=plain_text, default=None)
    offset: str | None = field("mskRecordMetadata", "offset", of=plain_text, default=None)
    # Which stands in the event.
    stream_arn = ""

    @property
    def id(self) -> str:
        """The record's id, or where it stands."""
        return self.peek("recordId") or self.locate()


class FirehoseEvent(Event):
    """A batch of records of one delivery stream."""

    invocation_id: str = field("invocationId", default="")
    stream_arn: str = field("deliveryStreamArn")
    # The Kinesis stream, or the MSK cluster, that feeds it, where one does.
    source_stream_arn: str | None = field("sourceKinesisStreamArn", default=None)
    source_cluster_arn: str | None = field("sourceMSKArn", default=None)
    region: str = field("region", default="")
    records: list[Any] = field("records", of=list)


class FirehoseSource(TransformSource):
    """Records: one handler for each, a result for every id."""

    names: tuple[str, ...] = ("firehose",)
    decorator = "@app.firehose(stream)"
    event: type[Event] = FirehoseEvent
    record: type[View] = FirehoseRecord

    def split(self, event: FirehoseEvent) -> Sequence[FirehoseRecord]:
        """One record for each."""
        records = [FirehoseRecord(raw, "records", index) for index, raw in enumerate(event.records)]
        for record in records:
            record.stream_arn = event.stream_arn
        return records

    def origin(self, record: FirehoseRecord) -> str:
        """The delivery stream."""
        return f"the delivery stream {_name(record.stream_arn)!r}"


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


class FirehoseTrigger(BatchTrigger):
    """`@app.firehose("clicks")`: transform the records of this delivery stream.

    `stream`: a name, an ARN, or a glob of either, or a list of them. `shared`: the options of every trigger of batches;
    `on_invalid="drop"` drops a record that does not fit.
    """

    __slots__ = ("_streams",)

    source: type[Source] = FirehoseSource

    def __init__(self, stream: str | Sequence[str] = "*", **shared: Unpack[BatchShared]) -> None:
        super().__init__(**shared)
        self._streams = Resources(stream, "stream", "firehose", _name, "deliverystream/")

    def claims(self, record: FirehoseRecord) -> bool:
        """By the stream's name or ARN."""
        return self._streams.match(record.stream_arn)

    def describe(self) -> str:
        """The stream."""
        return self._streams.text
