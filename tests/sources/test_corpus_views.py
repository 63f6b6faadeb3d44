"""Real sample events through every room: their name, and every field of the views that handlers get.

The samples are other projects' data, in a folder beside the checkout; without it these tests are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdarouter import View, classify
from lambdarouter.core.view import field
from lambdarouter.sources import source_of
from tests.confusion import name_of

Sample = tuple[str, str, Any]

# What some samples cannot give: the view's attribute, and why.
NO_TIME = "redacted: a word stands in the time's place, or blanks in it"
NOT_BASE64 = "the body claims to be base64 and is not, or is an object: a client's mistake, answered with 400"
WINDOW = "of tumbling windows alone, which no sample is of"
NOT_AN_ITEM = "written by hand: plain values, where DynamoDB has typed ones"
KNOWN = {
    "AlarmEvent.changed": NO_TIME,
    "AlarmEvent.time": NO_TIME,
    "DestinationEvent.timestamp": NO_TIME,
    "EventBridgeEvent.time": NO_TIME,
    "SqsRecord.first_received": NO_TIME,
    "SqsRecord.sent": NO_TIME,
    "SqsRecord.body": "redacted: the body is an object in the text's place",
    "AlbRequest.body": NOT_BASE64,
    "AlbRequest.content": NOT_BASE64,
    "AlbRequest.text": NOT_BASE64,
    "HttpApiRequest.body": NOT_BASE64,
    "HttpApiRequest.content": NOT_BASE64,
    "HttpApiRequest.text": NOT_BASE64,
    "RestRequest.body": NOT_BASE64,
    "RestRequest.content": NOT_BASE64,
    "RestRequest.text": NOT_BASE64,
    "DynamoDbEvent.stream_arn": WINDOW,
    "DynamoDbEvent.window_end": WINDOW,
    "DynamoDbEvent.window_start": WINDOW,
    "KinesisEvent.stream_arn": WINDOW,
    "KinesisEvent.window_end": WINDOW,
    "KinesisEvent.window_start": WINDOW,
    "DynamoDbRecord.item": NOT_AN_ITEM,
    "DynamoDbRecord.keys": NOT_AN_ITEM,
    "DynamoDbRecord.new_image": NOT_AN_ITEM,
    "DynamoDbRecord.old_image": NOT_AN_ITEM,
    "RotationEvent.step": "a spelling of the step that Secrets Manager does not use",
}


@pytest.fixture(scope="module")
def samples(corpus: Path) -> dict[str, list[Sample]]:
    """By quality: the path, the name and the event of every sample."""
    found: dict[str, list[Sample]] = {}
    for line in (corpus / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        event = json.loads((corpus / row["path"]).read_text(encoding="utf-8"))
        found.setdefault(row["quality"], []).append((row["path"], name_of(row["label"]), event))
    return found


def attributes(view: View) -> Iterator[str]:
    """The fields and the properties of a view."""
    for kind in type(view).__mro__:
        for name, value in vars(kind).items():
            if not name.startswith("_") and isinstance(value, (property, type(field("x")))):
                yield name


def unreadable(event: Any, name: str) -> list[str]:
    """What of an event the views of its room cannot read, with the error."""
    kind = source_of(name)
    if kind is None:
        return []
    source = kind()
    view = source.parse(event, name)
    faults = []
    for each in [view, *source.split(view)]:
        for attribute in attributes(each):
            try:
                getattr(each, attribute)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
                faults.append(f"{type(each).__name__}.{attribute}: {type(error).__name__}: {error}")
    return sorted(set(faults))


def test_every_field_of_a_complete_sample_can_be_read(samples: dict[str, list[Sample]]) -> None:
    faults = [
        (path, fault)
        for path, name, event in [*samples["full"], *samples["redacted"]]
        for fault in unreadable(event, name)
    ]

    assert [(path, fault) for path, fault in faults if fault.partition(":")[0] not in KNOWN] == []
    # Few enough to be the samples' fault, and each of them still one.
    assert len({path for path, fault in faults if KNOWN[fault.partition(":")[0]] is not WINDOW}) < 40
    assert {fault.partition(":")[0] for _, fault in faults} == KNOWN.keys()


def test_every_complete_sample_has_its_name(samples: dict[str, list[Sample]]) -> None:
    assert [path for path, name, event in [*samples["full"], *samples["redacted"]] if classify(event) != name] == []


def test_trimmed_samples_are_read_as_far_as_they_go(
    samples: dict[str, list[Sample]], record_property: Callable[[str, object], None]
) -> None:
    whole = [
        path for path, name, event in samples["partial"] if classify(event) == name and not unreadable(event, name)
    ]

    record_property("trimmed samples read without an error", f"{len(whole)} of {len(samples['partial'])}")
    assert len(whole) >= len(samples["partial"]) // 2
