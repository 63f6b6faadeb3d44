"""Failed stream batches: a handler for the records that an event source mapping gives up on.

::

    @app.destination_stream("orders", via="sqs:lost-batches")
    def lost(batch: FailedBatch) -> None: ...

A mapping for Kinesis, DynamoDB or Kafka tells its on-failure destination which records it gave up, not what was in
them: read those from the stream while it keeps them. `stream` is the stream's, the table's or the cluster's name or
ARN, or a glob, or a list of them. `FailedBatch` is passed by its type.

Delivery: as the destination delivers, which is a queue or a topic, and holds the event in its records (`via`). Without
`via`, for those that are sent to the function as they are: asynchronous, at least once; all matching handlers run and
are joined. A batch that no route names fails the invocation, or its message.
https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_resources
from lambdarouter.core.conversion import timestamp
from lambdarouter.core.envelope import hops_of
from lambdarouter.core.single import FilterTrigger, SingleRecord, SingleSource
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.envelope import Via
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["DestinationStreamSource", "DestinationStreamTrigger", "FailedBatch"]

_INFOS = ("KinesisBatchInfo", "DDBStreamBatchInfo", "KafkaBatchInfo")


class FailedBatch(SingleRecord):
    """A batch that an event source mapping gave up on."""

    _id_path = ("requestContext", "requestId")

    timestamp: datetime = field("timestamp", of=timestamp)
    request_id: str = field("requestContext", "requestId", default="")
    function_arn: str = field("requestContext", "functionArn", default="")
    # "RetryAttemptsExhausted", "MaximumRecordAgeExceeded" …
    condition: str = field("requestContext", "condition", default="")
    attempts: int = field("requestContext", "approximateInvokeCount", of=int, default=0)
    error: str | None = field("responseContext", "functionError", default=None)

    @property
    def info(self) -> dict[str, Any]:
        """Where the batch stands in its stream, as the service writes it."""
        for name in _INFOS:
            found = self.raw.get(name)
            if isinstance(found, dict):
                return found
        return {}

    @property
    def stream_arn(self) -> str:
        """The stream; of Kafka, the cluster."""
        return str(self.info.get("streamArn") or self.info.get("clusterArn") or "")

    @property
    def stream(self) -> str:
        """Its name: of a table's stream, the table's."""
        parts = self.stream_arn.partition("/")[2].split("/")
        return parts[0]

    @property
    def streams(self) -> list[str]:
        """The names that a route may know it by."""
        return [self.stream, self.stream_arn]

    @property
    def shard_id(self) -> str:
        """The shard; empty for Kafka."""
        return str(self.info.get("shardId") or "")

    @property
    def start(self) -> str:
        """The sequence number, or the offset, of the first record."""
        return str(self.info.get("startSequenceNumber") or self.info.get("startOffset") or "")

    @property
    def end(self) -> str:
        """The sequence number, or the offset, of the last record."""
        return str(self.info.get("endSequenceNumber") or self.info.get("endOffset") or "")

    @property
    def size(self) -> int:
        """How many records there are."""
        found = self.info.get("batchSize")
        return found if type(found) is int else 0


class DestinationStreamSource(SingleSource):
    """Failed batches: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("destination.stream",)
    decorator = "@app.destination_stream(stream)"
    record: type[View] = FailedBatch

    def origin(self, record: FailedBatch) -> str:
        """The stream."""
        return f"a failed batch of the stream {record.stream_arn!r}"


class DestinationStreamTrigger(FilterTrigger):
    """`@app.destination_stream("orders")`: run for the batches of this stream that were given up.

    `stream`: the name or ARN of the stream, the table or the cluster, or a glob, or a list of them; without, any.
    `via`: the queue or the topic through which they come ("sqs:lost-batches"). `shared`: the options of every trigger.
    """

    __slots__ = ("via",)

    source: type[Source] = DestinationStreamSource
    reads: Mapping[str, str] = {"stream": "streams"}

    def __init__(self, stream: str | Sequence[str] | None = None, *, via: Via = None, **shared: Unpack[Shared]) -> None:
        super().__init__({"stream": stream}, **shared)
        check_resources("stream", stream, "kinesis|dynamodb|kafka", kind=None)
        self.via: tuple[Any, ...] = hops_of(via)
