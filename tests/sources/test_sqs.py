"""The SQS room."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    BatchError,
    ConfigurationError,
    InvalidEventError,
    NoRouteError,
    NotAttempted,
    SqsRecord,
    classify,
)
from lambdarouter.sources.sqs import SqsEvent, SqsTrigger
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import sqs

ARN = "arn:aws:sqs:eu-west-1:123456789012:jobs"


class Job(BaseModel):
    id: int


def test_a_record_has_everything_that_sqs_says() -> None:
    event = sqs("jobs.fifo", {"id": 1}, attributes={"n": 1.5, "b": b"\x00", "s": "x"}, group="g")
    record = SqsRecord(event["Records"][0], "Records", 0)
    assert (record.id, record.message_id) == (event["Records"][0]["messageId"],) * 2
    assert (record.queue, record.queue_arn, record.is_fifo) == ("jobs.fifo", ARN + ".fifo", True)
    assert record.message_attributes == {"n": 1.5, "b": b"\x00", "s": "x"}
    assert record.sent == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert record.first_received == datetime(2026, 1, 1, 9, 0, 0, 1000, tzinfo=UTC)
    assert (record.receive_count, record.group_id) == (1, "g")
    assert record.sequence_number
    assert record.deduplication_id
    assert record.trace_header is None
    assert record.body == '{"id":1}'


def test_what_is_missing_or_null_is_none_or_empty_and_only_the_body_has_to_be_there() -> None:
    record = SqsRecord({"messageId": "", "attributes": None, "messageAttributes": None}, "Records", 3)
    assert record.id == "Records[3]"
    assert (record.attributes, record.message_attributes, record.receive_count, record.sent) == ({}, {}, 0, None)
    with pytest.raises(InvalidEventError, match=r"Records\[3\].body is missing or null"):
        _ = record.body
    assert SqsRecord(5).id == "the event"


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ({"dataType": "Number.float", "stringValue": "1e3"}, 1000.0),
        ({"dataType": "Number", "stringValue": "seven"}, "seven"),
        ({"dataType": "Number", "stringValue": "true"}, "true"),
        ({"dataType": "Binary.gif", "binaryValue": "!"}, "!"),
        ({"dataType": "Binary", "binaryValue": None}, None),
        ({"dataType": "String.date", "stringValue": "2026"}, "2026"),
        ({"dataType": None, "stringValue": None}, None),
    ],
)
def test_an_attribute_that_does_not_hold_what_it_declares_stays_as_it_is(item: Any, value: Any) -> None:
    assert SqsRecord({"messageAttributes": {"a": item, "b": 5}}).message_attributes == {"a": value}


def test_attributes_that_are_no_object_are_the_events_fault() -> None:
    with pytest.raises(InvalidEventError, match="map of attributes"):
        _ = SqsRecord({"messageAttributes": [1]}).message_attributes


@pytest.mark.parametrize("queue", ["jobs", "jo*", ARN, "arn:aws:sqs:*:jobs", ["x", "jobs"], "*"])
def test_a_queue_is_named_by_name_arn_or_glob(queue: Any) -> None:
    app = App()
    app.sqs(queue)(lambda: None)
    assert app(sqs("jobs", "x")) == {"batchItemFailures": []}
    assert app(sqs(ARN, "x")) == {"batchItemFailures": []}


@pytest.mark.parametrize("queue", ["", [], 5, "arn:aws:sns:eu-west-1:123456789012:jobs", "arn:aws:sqs"])
def test_a_queue_that_can_never_match_is_refused(queue: Any) -> None:
    with pytest.raises(ConfigurationError, match="queue is"):
        SqsTrigger(queue)


def test_attributes_choose_among_the_handlers_of_a_queue() -> None:
    app = App()
    app.sqs("jobs", attributes={"kind": ["a", "b"]})(lambda: "ab")
    app.sqs("jobs", attributes={"kind": "c"}, unmatched="fail")(lambda: "c")
    completion = TestClient(app).sqs("jobs", "x", attributes={"kind": "c"})
    assert completion.outcomes[0].status == "declined"
    assert completion.outcomes[1].value == "c"
    completion = TestClient(app).sqs("jobs", "x", attributes={"kind": "a"})
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "failed"]
    assert isinstance(completion.error, NoRouteError)


def test_the_event_and_the_payload_are_passed_by_type() -> None:
    app = App()

    @app.sqs("jobs", concurrency=1)
    def work(job: Job, event: SqsEvent, message: SqsRecord) -> int:
        assert len(event.records) == 2
        return job.id + len(message.body)

    completion = TestClient(app).sqs("jobs", {"id": 1}, {"id": 2})
    assert [outcome.value for outcome in completion.outcomes] == [9, 10]


def test_a_fifo_group_is_reported_from_its_first_failure_on_whichever_handler_failed() -> None:
    app, ran = App(), list[tuple[str, str]]()

    @app.sqs("jobs.fifo")
    def fails(body: str) -> None:
        ran.append(("fails", body))
        if body == "b":
            raise ValueError(body)

    @app.sqs("jobs.fifo")
    def works(body: str) -> None:
        ran.append(("works", body))

    event = sqs("jobs.fifo", *"abcde", group=["g", "g", "h", "g", "h"])
    completion = app.complete(event)
    ids = [record["messageId"] for record in event["Records"]]
    assert completion.reply == {"batchItemFailures": [{"itemIdentifier": ids[1]}, {"itemIdentifier": ids[3]}]}
    assert ("fails", "d") not in ran
    assert ("works", "d") in ran
    (skipped,) = [o for o in completion.outcomes if isinstance(o.error, NotAttempted)]
    assert skipped.record.id == ids[3]


def test_an_invalid_message_of_a_fifo_queue_stops_its_group() -> None:
    app, ran = App(), list[int]()

    @app.sqs("jobs.fifo", concurrency=1)
    def work(job: Job) -> None:
        ran.append(job.id)

    event = sqs("jobs.fifo", {"id": 1}, "{", {"id": 3}, {"id": 4}, group=["g", "g", "g", "h"])
    reply = app(event)
    assert ran == [1, 4]
    assert len(reply["batchItemFailures"]) == 2


def test_the_groups_of_a_standard_queue_set_no_order() -> None:
    app = App()

    @app.sqs("jobs")
    def work(body: str) -> None:
        if body == "a":
            raise ValueError

    completion = TestClient(app).sqs("jobs", "a", "b", group="tenant")
    assert [outcome.status for outcome in completion.outcomes] == ["failed", "ok"]
    assert len(completion.reply["batchItemFailures"]) == 1


@pytest.mark.parametrize("missing", [None, "", 5])
def test_a_failed_message_without_an_id_fails_the_batch_because_it_cannot_be_reported(missing: Any) -> None:
    app = App()

    @app.sqs("jobs")
    def work(body: str) -> None:
        if body == "a":
            raise ValueError

    event = sqs("jobs", "a", "b")
    event["Records"][0]["messageId"] = missing
    assert isinstance(app.complete(event).error, InvalidEventError)
    event["Records"][0]["body"] = "fine"
    assert app(event) == {"batchItemFailures": []}


def test_messages_of_nobodys_queue_beside_others_are_reported() -> None:
    app = App()
    app.sqs("jobs")(lambda: None)
    event = sqs("jobs", "a")
    event["Records"] += sqs("others", "b")["Records"]
    completion = app.complete(event)
    assert completion.reply == {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}
    assert "@app.sqs(queue)" in str(completion.outcomes[1].error)
    assert "the SQS queue 'others'" in str(completion.outcomes[1].error)


def test_a_record_without_its_queue_has_failed_and_no_other() -> None:
    app = App()
    app.sqs("*")(lambda: None)
    event = sqs("jobs", "a", "b")
    del event["Records"][0]["eventSourceARN"]
    completion = app.complete(event)
    assert isinstance(completion.outcomes[0].error, InvalidEventError)
    assert len(completion.reply["batchItemFailures"]) == 1


def test_no_messages_are_nobodys_event() -> None:
    assert classify({"Records": []}) == "invoke"


def test_all_failures_together_are_raised() -> None:
    app = App()

    @app.sqs("jobs")
    def work(body: str) -> None:
        raise ValueError(body)

    completion = TestClient(app).sqs("jobs", "a", "b")
    assert isinstance(completion.error, BatchError)
    assert sorted(map(str, completion.error.exceptions)) == ["a", "b"]


def test_the_builder_refuses_what_sqs_cannot_send() -> None:
    with pytest.raises(ValueError, match="at least one message"):
        sqs("jobs")
    with pytest.raises(TypeError, match="not bool"):
        sqs("jobs", "x", attributes={"a": True})
    assert json.loads(sqs("jobs", {"a": 1})["Records"][0]["body"]) == {"a": 1}


def test_a_trigger_describes_itself() -> None:
    assert repr(SqsTrigger(["jobs", "bulk-*"], attributes={"kind": "a"})) == "SqsTrigger(jobs|bulk-* kind=a)"
