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

# What a part of a sample's path says of its values, where they are not what AWS sends.
NOT_BASE64 = "the body claims to be base64, or text, and is not: a client's mistake, answered with 400"
NOT_AN_ITEM = "written by hand: plain values, where DynamoDB has typed ones"
BROKEN = {
    "/localstack__": "redacted: words stand in the place of times, and objects in that of texts",
    "alb/powertools-lambda-java__": NOT_BASE64,
    "apigw_http_v2/aws-lambda-": NOT_BASE64,
    "apigw_rest/powertools-lambda-python__apiGatewayProxyEvent": NOT_BASE64,
    "apigw_rest/serverless-patterns__alb-lambda-rest-api": NOT_BASE64,
    "cloudwatch_alarm/aws-lambda-rust-runtime__example-cloudwatch-alarm-metric": "blanks within the times",
    "cloudwatch_logs/powertools-lambda-typescript__": "the data is an object, where it is base64 of gzip",
    "dynamodb/powertools-lambda-typescript__dynamodb.test.ts": NOT_AN_ITEM,
    "kafka_msk/datadog-lambda-extension__": "a record without topic, partition and offset",
    "kafka_msk/powertools-lambda-typescript__": "a list of servers, and values that are not base64",
    "kinesis/powertools-lambda-python__conftest": "a padding too many, which some versions of Python refuse",
    "mq_rabbitmq/serverless-patterns__README.md-L151": "'None' in the place of null",
    "secrets_rotation/aws-lambda-java-libs__": "a spelling of the step that Secrets Manager does not use",
    "sqs/datadog-lambda-python__sns-sqs-java": "the body is an object in the text's place",
}
# There in a tumbling window alone, which no sample is of.
OF_WINDOWS = ("window_start", "window_end", "stream_arn")


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
    records: list[Any] = []
    faults = []
    try:
        records = list(source.split(view))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
        faults.append(f"{kind.__name__}.split: {type(error).__name__}: {error}")
    for each in [view, *records]:
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
        if fault.partition(":")[0].partition(".")[2] not in OF_WINDOWS
    ]
    used = {part for part in BROKEN for path, _ in faults if part in path}

    assert [(path, fault) for path, fault in faults if not any(part in path for part in BROKEN)] == []
    assert BROKEN.keys() - used <= {"kinesis/powertools-lambda-python__conftest"}
    assert len({path for path, _ in faults}) <= 40


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
