"""SQS: a handler for every message of a queue, or for the whole batch.

::

    @app.sqs("orders", concurrency=10)
    async def work(order: Order, message: SqsRecord) -> None: ...


    @app.sqs("bulk")
    def load(batch: list[SqsRecord]) -> list[SqsRecord]: ...  # returns those that failed

`queue` is a name, an ARN, or a glob of either. `attributes` maps message attributes to the value, or the values, that
the route wants; a message with others is declined. One parameter takes the body: `str` as it came, anything else as
validated JSON. `SqsRecord` and `SqsEvent` are passed by their type.

Delivery: in batches, at least once. Raising fails that message alone: it is reported, and delivered again after the
queue's visibility timeout, where the event source mapping has `ReportBatchItemFailures`; without it AWS ignores the
report and deletes the message, and `partial=False` has to raise instead. Where every message failed, the invocation
fails. A FIFO queue's message groups run in order, side by side; after a failure the rest of the group is reported with
it. A message of a queue that no route names is reported.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json
from binascii import Error as Base64Error, a2b_base64

from lambdarouter.core.attribute import Attributes
from lambdarouter.core.batch import PartialSource, PartialTrigger
from lambdarouter.core.conversion import milliseconds_since_1970, whole_number
from lambdarouter.core.pattern import Resources
from lambdarouter.core.view import Event, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.attribute import AttributeValue
    from lambdarouter.core.batch import PartialShared
    from lambdarouter.core.source import Source
    from lambdarouter.core.view import View

__all__ = ["SqsEvent", "SqsRecord", "SqsSource", "SqsTrigger"]


def _map_of_attributes(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise TypeError
    return {name: _attribute(item) for name, item in raw.items() if isinstance(item, dict)}


def _attribute(item: dict[str, Any]) -> Any:
    """An attribute in its declared type; one that does not hold what it declares stays the text it is."""
    # A type may carry a label of the sender's: "Number.float", "Binary.gif".
    kind = str(item.get("dataType")).partition(".")[0]
    text = item.get("stringValue")
    if kind == "Binary":
        found = item.get("binaryValue")
        try:
            return a2b_base64(found, strict_mode=True) if isinstance(found, str) else found
        except (ValueError, Base64Error):
            return found
    if kind == "Number" and isinstance(text, str):
        try:
            number = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return number if type(number) in (int, float) else text
    return text


class SqsRecord(Record):
    """One message.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """

    body: str = field("body")
    message_id: str = field("messageId")
    receipt_handle: str = field("receiptHandle")
    md5_of_body: str = field("md5OfBody", default="")
    queue_arn: str = field("eventSourceARN")
    region: str = field("awsRegion", default="")
    # What SQS says of the message: its own names, text values.
    attributes: dict[str, str] = field("attributes", of=dict, default=dict)
    # What the sender said, by name: numbers as int or float, binary as bytes.
    message_attributes: dict[str, Any] = field("messageAttributes", of=_map_of_attributes, default=dict)
    sent: datetime | None = field("attributes", "SentTimestamp", of=milliseconds_since_1970, default=None)
    first_received: datetime | None = field(
        "attributes", "ApproximateFirstReceiveTimestamp", of=milliseconds_since_1970, default=None
    )
    # How often it was delivered, this time included; 0 where SQS does not say.
    receive_count: int = field("attributes", "ApproximateReceiveCount", of=whole_number, default=0)
    sender_id: str | None = field("attributes", "SenderId", default=None)
    trace_header: str | None = field("attributes", "AWSTraceHeader", default=None)
    # The queue whose dead letter this message is.
    dead_letter_source_arn: str | None = field("attributes", "DeadLetterQueueSourceArn", default=None)
    # The three of FIFO queues; fair queues have groups, too.
    group_id: str | None = field("attributes", "MessageGroupId", default=None)
    deduplication_id: str | None = field("attributes", "MessageDeduplicationId", default=None)
    sequence_number: str | None = field("attributes", "SequenceNumber", default=None)

    @property
    def id(self) -> str:
        """The message's id, the same in every delivery."""
        found = self.raw.get("messageId") if isinstance(self.raw, dict) else None
        return found if isinstance(found, str) and found else self.locate()

    @property
    def queue(self) -> str:
        """The queue's name, without the rest of its ARN."""
        return self.queue_arn.rpartition(":")[2]

    @property
    def is_fifo(self) -> bool:
        """Whether it comes from a FIFO queue."""
        return self.queue_arn.endswith(".fifo")


def _list_of_records(raw: Any) -> list[SqsRecord]:
    return [SqsRecord(record, "Records", index) for index, record in enumerate(raw)]


class SqsEvent(Event):
    """A batch of messages of one queue."""

    records: list[SqsRecord] = field("Records", of=_list_of_records)


class SqsSource(PartialSource):
    """Messages: all matching handlers, the failed messages by id."""

    names: tuple[str, ...] = ("sqs",)
    decorator = "@app.sqs(queue)"
    event: type[Event] = SqsEvent
    record: type[View] = SqsRecord
    payload: str | None = "body"
    rest_fails = True
    whence = "eventSourceARN"
    encloses = True

    def ordering_key(self, record: SqsRecord) -> str | None:
        """The message group of a FIFO queue; a standard queue's groups only share its throughput."""
        return record.group_id if record.is_fifo else None

    def is_ordered(self, event: Any) -> bool:
        """Only a FIFO queue's messages; an event is of one queue, but nobody says so."""
        raws = event.raw.get("Records") or ()
        return any(self.is_ordered_by(raw.get("eventSourceARN")) for raw in raws if type(raw) is dict)

    def is_ordered_by(self, origin: Any) -> bool:
        """A FIFO queue's name says so."""
        return isinstance(origin, str) and origin.endswith(".fifo")

    def identifier(self, record: SqsRecord) -> str | None:
        """The message's id."""
        return record.peek("messageId") or None

    def origin(self, record: SqsRecord) -> str:
        """The queue, by name."""
        return f"the SQS queue {record.queue!r}"


class SqsTrigger(PartialTrigger):
    """`@app.sqs("jobs")`: run for messages of this queue.

    `queue`: a name, an ARN, or a glob of either, or a list of them. `attributes`: message attributes and the value, or
    list of values, that this handler wants of each. `shared`: the options of every trigger whose source can be told
    which records failed.
    """

    __slots__ = ("_attributes", "_queues")

    source: type[Source] = SqsSource

    def __init__(
        self,
        queue: str | Sequence[str],
        *,
        attributes: Mapping[str, AttributeValue | Sequence[AttributeValue]] | None = None,
        **shared: Unpack[PartialShared],
    ) -> None:
        super().__init__(**shared)
        self._queues = Resources(queue, "queue", "sqs")
        self._attributes = Attributes(attributes)

    def claims(self, record: SqsRecord) -> bool:
        """By queue name or ARN."""
        return self._queues.match(record.queue_arn)

    def declines(self, record: SqsRecord) -> str | None:
        """By message attribute."""
        return self._attributes.decline(record.message_attributes) if self._attributes else None

    @property
    def is_filtered(self) -> bool:
        """Where it wants attributes."""
        return bool(self._attributes)

    def describe(self) -> str:
        """The queue, and the attributes."""
        return f"{self._queues.text} {self._attributes.text}".rstrip()
