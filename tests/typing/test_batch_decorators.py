"""What type checkers see of the decorators of queues, streams and buckets; two of them check it, pytest runs it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, assert_type

import pytest

from lambdarouter import (
    App,
    ConfigurationError,
    DocumentDbChange,
    DynamoDbRecord,
    FirehoseRecord,
    KafkaRecord,
    KinesisRecord,
    LogEvent,
    MqMessage,
    PartialFailure,
    PipesItem,
    S3BatchTask,
    S3Record,
    SqsRecord,
    Transformed,
    Window,
)
from lambdarouter.sources.sqs import SqsTrigger


def test_handlers_are_handed_back_as_they_are() -> None:
    app = App()

    async def work(body: str, message: SqsRecord) -> None:
        assert_type(message.attributes, dict[str, str])
        assert_type(message.group_id, str | None)
        assert_type(message.sent, datetime | None)

    kept = app.sqs("jobs", attributes={"kind": ["a"]}, partial=False, on_invalid="drop", concurrency=3)(work)
    coroutine: Coroutine[Any, Any, None] = kept("x", SqsRecord({"attributes": {}}))
    coroutine.close()

    def count(batch: list[KinesisRecord], window: Window) -> list[KinesisRecord]:
        assert_type(window.state, dict[str, Any])
        assert_type(batch[0].data, bytes)
        return []

    assert app.kinesis("clicks", partition_key="a*")(count) is count

    def uploaded(record: S3Record) -> int | None:
        assert_type(record.key, str)
        return record.size

    assert app.s3(["a", "b"], events="ObjectCreated:*", suffix=[".a"], via=SqsTrigger("q"))(uploaded) is uploaded

    def changed(new: dict[str, Any], change: DynamoDbRecord) -> bool:
        assert_type(change.old_image, dict[str, Any] | None)
        return change.is_expired

    assert app.dynamodb("orders", events=["INSERT"], via="pipes:target")(changed) is changed

    def placed(record: KafkaRecord) -> bytes | None:
        assert_type(record.headers, list[tuple[str, bytes]])
        return record.header("trace")

    assert app.kafka("orders", partial=True)(placed) is placed

    def clean(record: FirehoseRecord) -> Transformed:
        return Transformed(record.data, partition_keys={"a": "b"})

    assert app.firehose("clicks")(clean) is clean

    def others(
        message: MqMessage, change: DocumentDbChange, event: LogEvent, task: S3BatchTask, item: PipesItem
    ) -> tuple[bytes, str, str, str, str]:
        return message.data, change.operation, event.message, task.key, item.origin

    assert others.__name__ == "others"
    assert_type(PartialFailure(["1"]).failed, list[Any])


def test_wrong_options_are_wrong_types() -> None:
    app = App()
    options: tuple[Callable[[], object], ...] = (
        lambda: app.sqs("jobs", partial="no")(lambda: None),  # type: ignore[arg-type]
        lambda: app.sqs("jobs", on_invalid="ignore")(lambda: None),  # type: ignore[arg-type]
        lambda: app.dynamodb("orders", events="UPDATE")(lambda: None),  # type: ignore[arg-type]
        lambda: app.s3(5)(lambda: None),  # type: ignore[arg-type]
        lambda: app.mq("orders", partial=True)(lambda: None),  # type: ignore[call-arg]
        lambda: app.pipes("source")(lambda: None),  # type: ignore[arg-type]
    )
    for wrong in options:
        with pytest.raises(ConfigurationError):
            wrong()
