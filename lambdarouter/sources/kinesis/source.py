"""The kinesis source: its views, its lanes, what it reports."""

from __future__ import annotations

from binascii import Error as Base64Error, a2b_base64

from lambdarouter.core.batch import PartialTrigger
from lambdarouter.core.conversion import base64_text, seconds_since_1970
from lambdarouter.core.pattern import Patterns, Resources
from lambdarouter.core.view import Record, field
from lambdarouter.core.window import StreamEvent, StreamSource
from lambdarouter.sources.kinesis.aggregate import parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Self, Unpack

    from lambdarouter.core.batch import PartialShared
    from lambdarouter.core.source import Source
    from lambdarouter.core.view import Event, View
    from lambdarouter.sources.kinesis.aggregate import Part

__all__ = ["KinesisEvent", "KinesisRecord", "KinesisSource", "KinesisTrigger"]


class KinesisRecord(Record):
    """One record of the stream, or one of those that a record of the stream aggregates.

    https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
    """

    data: bytes = field("kinesis", "data", of=base64_text)
    partition_key: str = field("kinesis", "partitionKey")
    # Text: numbers with more digits than a float keeps.
    sequence_number: str = field("kinesis", "sequenceNumber")
    arrived: datetime | None = field("kinesis", "approximateArrivalTimestamp", of=seconds_since_1970, default=None)
    encryption: str | None = field("kinesis", "encryptionType", default=None)
    # Of an aggregated record, where its sender chose the shard.
    explicit_hash_key: str | None = field("kinesis", "explicitHashKey", default=None)
    event_id: str = field("eventID", default="")
    stream_arn: str = field("eventSourceARN")
    region: str = field("awsRegion", default="")
    # Which of the records in `aggregate`, the record of the stream they came in, counted from 0; None alone.
    sub_sequence_number: int | None = None
    aggregate: KinesisRecord | None = None

    @property
    def id(self) -> str:
        """The event's id (shard and sequence number), with the sub-sequence number of an aggregated record."""
        found = self.peek("eventID") or self.peek("kinesis", "sequenceNumber") or self.locate()
        return found if self.sub_sequence_number is None else f"{found}/{self.sub_sequence_number}"

    @property
    def shard_id(self) -> str:
        """The shard, such as "shardId-000000000006"."""
        return self.event_id.partition(":")[0]

    @property
    def stream(self) -> str:
        """The stream's name, without the rest of its ARN."""
        return stream_of(self.stream_arn)

    def part(self, number: int, part: Part) -> Self:
        """One of the records that this one aggregates."""
        made = type(self)(self.raw, self._path, self._index)
        made.aggregate = self
        made.sub_sequence_number = number
        made.data, made.partition_key, made.explicit_hash_key = part.data, part.partition_key, part.hash_key
        return made


def stream_of(arn: str) -> str:
    """The stream's name in its ARN, or in a consumer's (`…:stream/NAME/consumer/…`)."""
    return arn.rpartition(":stream/")[2].partition("/")[0]


class KinesisEvent(StreamEvent):
    """A batch of one shard."""


class KinesisSource(StreamSource):
    """Records: all matching handlers, the failed ones by sequence number."""

    names: tuple[str, ...] = ("kinesis",)
    decorator = "@app.kinesis(stream)"
    event: type[Event] = KinesisEvent
    record: type[View] = KinesisRecord
    payload: str | None = "data"
    whence = "eventSourceARN"

    def split(self, event: Any) -> Sequence[KinesisRecord]:
        """The records, those of the Kinesis Producer Library taken apart."""
        split: list[KinesisRecord] = []
        for record in super().split(event):
            assert isinstance(record, KinesisRecord)  # noqa: S101 - for the type checker
            # The magic number in base64, as far as it is the same whatever follows.
            text = record.peek("kinesis", "data")
            found = parts(record.data) if text is not None and text.startswith("84maw") and _is_base64(text) else None
            if found:
                split += [record.part(number, part) for number, part in enumerate(found)]
            else:
                split.append(record)
        return split

    def ordering_key(self, record: KinesisRecord) -> str | None:
        """The partition key."""
        return record.partition_key

    def delivered(self, record: Any) -> Any:
        """Of an aggregated record, the record of the stream that it came in."""
        return getattr(record, "aggregate", None) or record

    def identifier(self, record: KinesisRecord) -> str | None:
        """The sequence number."""
        return record.peek("kinesis", "sequenceNumber") or None

    def origin(self, record: KinesisRecord) -> str:
        """The stream, by name."""
        return f"the Kinesis stream {record.stream!r}"


def _is_base64(text: str) -> bool:
    try:
        a2b_base64(text, strict_mode=True)
    except (Base64Error, ValueError):
        return False
    return True


class KinesisTrigger(PartialTrigger):
    """`@app.kinesis("clicks")`: run for the records of this stream.

    `stream`: a name, an ARN, or a glob of either, or a list of them. `partition_key`: a key or a glob, or a list of
    them, that this handler wants. `shared`: the options of every trigger whose source can be told which records failed.
    """

    __slots__ = ("_key", "_streams")

    source: type[Source] = KinesisSource

    def __init__(
        self,
        stream: str | Sequence[str],
        *,
        partition_key: str | Sequence[str] | None = None,
        **shared: Unpack[PartialShared],
    ) -> None:
        super().__init__(**shared)
        self._streams = Resources(stream, "stream", "kinesis", stream_of, "stream/")
        self._key = None if partition_key is None else Patterns(partition_key, "partition_key")

    def claims(self, record: KinesisRecord) -> bool:
        """By the stream's name or ARN."""
        return self._streams.match(record.stream_arn)

    def declines(self, record: KinesisRecord) -> str | None:
        """By partition key."""
        if self._key is None or self._key.match(record.partition_key):
            return None
        return f"the partition key is {record.partition_key!r:.100}, not {self._key.text}"

    def describe(self) -> str:
        """The stream, and the partition key."""
        return self._streams.text if self._key is None else f"{self._streams.text} partition_key={self._key.text}"
