"""Other projects' sample events through the rooms for queues, streams and buckets: every field that AWS documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambdarouter import InvalidEventError, Record, View
from lambdarouter.core.window import Window
from lambdarouter.engine.classify import classify
from lambdarouter.sources import source_of

NAMES = {
    "sqs": "sqs",
    "s3": "s3",
    "s3_eventbridge": "s3.eventbridge",
    "s3_test_event": "s3.test",
    "s3_batch": "s3.batch",
    "dynamodb": "dynamodb",
    "kinesis": "kinesis",
    "firehose": "firehose",
    "kinesis_analytics": "analytics",
    "kafka_msk": "kafka.msk",
    "kafka_self_managed": "kafka.self_managed",
    "mq_activemq": "mq.activemq",
    "mq_rabbitmq": "mq.rabbitmq",
    "documentdb": "documentdb",
    "cloudwatch_logs": "logs",
}


# What the samples' authors changed, though the rest of them is whole: a part of the message, how often, and why.
CHANGED = [
    ("awslogs.data is an object", 1, "decompressed"),
    ("NewImage is an object, expected an item", 2, "unmarshalled already"),
    ("offset is missing", 1, "trimmed"),
    ("key is a string ('recordKey')", 1, "decoded"),
    ("deliveryMode is a string ('None')", 1, "printed by Python"),
    ("body is an object", 10, "decoded"),
    ("ApproximateFirstReceiveTimestamp is a string ('<", 3, "redacted"),
]


def read_everything(view: View) -> None:
    """Read every public attribute of a view."""
    for name in dir(type(view)):
        if not name.startswith("_") and not callable(getattr(type(view), name, None)):
            getattr(view, name)


def test_every_field_of_every_complete_sample_can_be_read(corpus: Path) -> None:
    rows = [json.loads(line) for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines()]
    failed, read = [], 0
    for row in rows:
        if row["label"] not in NAMES or row["quality"] not in ("full", "redacted"):
            continue
        event: Any = json.loads((corpus / row["path"]).read_text("utf-8"))
        name = classify(event)
        assert name == NAMES[row["label"]], row["path"]
        kind: Any = source_of(name)
        source = kind()
        try:
            view = source.parse(event, name)
            records = source.split(view)
            for record in records:
                assert isinstance(record, Record)
                read_everything(record)
                source.ordering_key(record)
                source.origin(record)
            if getattr(view, "raw_window", None) is not None:
                assert isinstance(view.window, Window)
        except InvalidEventError as error:
            failed.append(f"{row['path']}: {type(error).__name__}: {error}")
        read += 1
    for part, count, _ in CHANGED:
        assert sum(part in line for line in failed) <= count, part
        failed = [line for line in failed if part not in line]
    assert not failed, "\n".join(failed)
    if read < 100:
        pytest.fail(f"only {read} samples")
