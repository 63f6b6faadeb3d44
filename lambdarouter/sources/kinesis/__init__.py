"""Kinesis: a handler for every record of a stream, or for the whole batch.

::

    @app.kinesis("clicks")
    async def click(order: Order, record: KinesisRecord) -> None: ...


    @app.kinesis("clicks")
    def count(batch: list[KinesisRecord], window: Window) -> None:
        window.state["clicks"] = window.state.get("clicks", 0) + len(batch)

`stream` is a name, an ARN (also a consumer's), or a glob of either. `partition_key` (a glob) declines other records.
One parameter takes the data: `bytes` as they came, `str` as UTF-8, anything else as validated JSON. `KinesisRecord` and
`KinesisEvent` are passed by their type. Records that the Kinesis Producer Library aggregated are taken apart, and each
is a record. In a tumbling window, a handler of the batch may take the `Window` and its state.

Delivery: a shard's records in order, at least once. The records of a partition key run in order, the keys side by side.
A failed record is reported, and Lambda goes on from the lowest that failed: those after it come again, also what went
well. It does so until the record expires, unless the event source mapping limits the retries. `partial=False` where
the mapping has no `ReportBatchItemFailures`. Records of a stream that no route names are reported.
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from __future__ import annotations

from lambdarouter.sources.kinesis.source import KinesisEvent, KinesisRecord, KinesisSource, KinesisTrigger

__all__ = ["KinesisEvent", "KinesisRecord", "KinesisSource", "KinesisTrigger"]
