"""Kafka, Amazon MQ, DocumentDB, Firehose, Analytics, S3 Batch and Logs: what their contracts do not show."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    AnalyticsRecord,
    App,
    ConfigurationError,
    DocumentDbChange,
    InvalidEventError,
    InvalidPayloadError,
    KafkaRecord,
    LogEvent,
    MqMessage,
    NoRouteError,
    NotAttempted,
    PermanentFailure,
    S3BatchTask,
    Transformed,
)
from lambdarouter.sources.firehose import FirehoseEvent, FirehoseRecord, FirehoseTrigger
from lambdarouter.sources.kafka import KafkaEvent
from lambdarouter.sources.logs import LogsEvent
from lambdarouter.sources.mq import ActiveMqMessage, RabbitMqMessage
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing.events import analytics, documentdb, firehose, kafka, logs, mq, s3_batch


class Order(BaseModel):
    id: int


# --- Kafka -----------------------------------------------------------------------------------------------------------


def test_a_kafka_record_has_everything_that_kafka_says() -> None:
    event = kafka.msk("orders", {"id": 1}, key="ada", headers={"trace": b"\xff\x01"}, partition=3)
    raw = event["records"]["orders-3"][0]
    raw["keySchemaMetadata"] = {"dataFormat": "AVRO", "schemaId": 7}
    raw["headers"] += [{"trace": [-1]}, {"text": "x"}, {"none": None}, 5]
    record = KafkaRecord(raw)
    assert (record.topic, record.partition, record.offset, record.id) == ("orders", 3, 15, "orders-3@15")
    assert (record.key, record.value) == (b"ada", b'{"id":1}')
    assert record.headers == [("trace", b"\xff\x01"), ("trace", b"\xff"), ("text", b"x"), ("none", b"")]
    assert (record.header("trace"), record.header("other")) == (b"\xff", None)
    assert (record.key_format, record.key_schema_id, record.value_format) == ("AVRO", "7", None)
    assert record.timestamp is not None
    assert record.timestamp.year == 2026
    assert KafkaRecord({"partition": "x"}, "records.t-0", 2).id == "records.t-0[2]"
    assert KafkaRecord({"topic": "t", "partition": "4", "offset": 1}).partition == 4


def test_a_partition_stops_at_its_failure_and_is_reported_from_there_on() -> None:
    app, ran = App(), list[str]()

    @app.kafka("orders", partial=True)
    def placed(value: str) -> None:
        ran.append(value)
        if value == "b":
            raise ValueError

    event = kafka.msk("orders", "a", "b", "c")
    event["records"] |= kafka.msk("orders", "d", "e", partition=1)["records"]
    event["records"]["orders-2"] = None
    completion = app.complete(event)
    assert sorted(ran) == ["a", "b", "d", "e"]
    assert [item["itemIdentifier"] for item in completion.reply["batchItemFailures"]] == [
        {"partition": "orders-0", "offset": 16},
        {"partition": "orders-0", "offset": 17},
    ]
    assert isinstance(completion.outcomes[2].error, NotAttempted)


def test_without_partial_any_failure_raises_and_success_is_null() -> None:
    app = App()

    @app.kafka("ord*")
    def placed(order: Order) -> None: ...

    assert app.complete(kafka.self_managed("orders", {"id": 1})).reply is None
    completion = app.complete(kafka.self_managed("orders", {"id": 1}, {"id": "x"}))
    assert isinstance(completion.error, InvalidPayloadError)


def test_a_mapping_with_partial_gets_an_empty_list_where_all_is_well() -> None:
    app = App()
    app.kafka("orders", partial=True)(lambda: None)
    assert app(kafka.msk("orders", "a")) == {"batchItemFailures": []}


def test_a_tombstone_is_none_where_the_handler_allows_it() -> None:
    app = App()

    @app.kafka("orders", concurrency=1)
    def optional(value: Order | None, key: bytes | None, event: KafkaEvent) -> Any:
        return value, key

    @app.kafka("orders", concurrency=1)
    def defaulted(value: str = "nothing") -> str:
        return value

    @app.kafka("orders", concurrency=1)
    def strict(order: Order) -> None: ...

    @app.kafka("orders", concurrency=1)
    def keyed(key: str) -> None: ...

    completion = app.complete(kafka.msk("orders", None))
    assert [outcome.value for outcome in completion.outcomes[:2]] == [(None, None), "nothing"]
    assert "has no value (a tombstone)" in str(completion.outcomes[2].error)
    assert "has no key" in str(completion.outcomes[3].error)


def test_a_kafka_record_that_cannot_be_reported_fails_the_batch() -> None:
    app = App()
    app.kafka("orders", partial=True)(lambda: None)
    event = kafka.msk("orders", "a", "b")
    event["records"]["orders-0"][0]["offset"] = None
    event["records"]["orders-0"][0]["topic"] = "others"
    assert isinstance(app.complete(event).error, InvalidEventError)


def test_headers_that_are_no_list_are_an_error_where_they_are_read() -> None:
    with pytest.raises(InvalidEventError, match=r"headers is a string .*, expected a list of headers"):
        _ = KafkaRecord({"headers": "x"}).headers


def test_a_key_that_is_no_payload_is_refused_at_import() -> None:
    with pytest.raises(ConfigurationError, match=r"'key: App'.* one parameter for the value, or `key`"):

        @App().kafka("orders")
        def placed(key: App) -> None: ...


# --- Amazon MQ -------------------------------------------------------------------------------------------------------


def test_each_broker_says_more_in_a_view_of_its_own() -> None:
    app, seen = App(), list[Any]()

    @app.mq("orders")
    def active(message: ActiveMqMessage | None = None) -> None: ...

    @app.mq("orders")
    def work(data: str, message: MqMessage) -> None:
        seen.append((type(message), data, message.queue, message.redelivered))

    app.complete(mq.activemq("orders", "a", properties={"kind": "x"}))
    app.complete(mq.rabbitmq("orders", "b", virtual_host="/shop", headers={"kind": "ü", "n": 1}))
    assert seen == [(ActiveMqMessage, "a", "orders", False), (RabbitMqMessage, "b", "orders", False)]


def test_the_messages_have_what_their_brokers_say() -> None:
    raw = mq.activemq("orders", b"\x00", properties={"kind": "x"})["messages"][0]
    message = ActiveMqMessage(raw, "messages", 0)
    assert (message.properties, message.message_type, message.priority) == ({"kind": "x"}, "jms/bytes-message", 4)
    assert message.broker_out is not None
    assert message.id.startswith("ID:b-")
    assert ActiveMqMessage({"destination": {"physicalname": "q"}}).queue == "q"
    for destination in ({"physicalname": 5}, "q"):
        with pytest.raises(InvalidEventError, match="physical name"):
            _ = ActiveMqMessage({"destination": destination}).queue

    app = App()

    @app.mq("orders")
    def work(message: RabbitMqMessage) -> Any:
        return message.virtual_host, message.headers, message.message_id, message.id

    completion = app.complete(mq.rabbitmq("orders", "b", virtual_host="/shop", headers={"kind": "ü", "n": 1}))
    assert completion.outcomes[0].value == ("/shop", {"kind": "ü", "n": 1}, None, "rmqMessagesByQueue.orders::/shop[0]")
    with pytest.raises(InvalidEventError, match="map of headers"):
        _ = RabbitMqMessage({"basicProperties": {"headers": [1]}}).headers


def test_a_message_that_can_never_be_read_may_be_dropped() -> None:
    app = App()

    @app.mq("orders", on_invalid="drop")
    def work(order: Order) -> None: ...

    assert app.complete(mq.activemq("orders", "{", {"id": 1})).error is None


# --- DocumentDB ------------------------------------------------------------------------------------------------------


def test_a_change_has_its_document_or_none() -> None:
    app = App()

    @app.documentdb("shop.orders")
    def changed(document: dict[str, Any] | None, change: DocumentDbChange) -> Any:
        assert change.time is not None
        return document, change.operation, change.namespace, change.key

    (inserted,) = app.complete(documentdb("orders", {"_id": 1, "a": 2})).outcomes
    assert inserted.value == ({"_id": 1, "a": 2}, "insert", "shop.orders", {"_id": 1})
    (deleted,) = app.complete(documentdb("orders", {"_id": 1}, operation="delete")).outcomes
    assert deleted.value == (None, "delete", "shop.orders", {"_id": 1})
    assert isinstance(app.complete(documentdb("others", {"_id": 1})).error, NoRouteError)
    dropped = DocumentDbChange({"event": {"ns": {"db": "shop"}, "operationType": "dropDatabase"}}, "events", 0)
    assert (dropped.namespace, dropped.id, dropped.update) == ("shop", "events[0]", None)


def test_the_changes_of_a_document_run_in_order() -> None:
    app, ran = App(), list[int]()

    @app.documentdb("orders")
    def changed(document: dict[str, Any]) -> None:
        ran.append(document["n"])
        if document["n"] == 0:
            raise ValueError

    app.complete(documentdb("orders", {"_id": 1, "n": 0}, {"_id": 2, "n": 1}, {"_id": 1, "n": 2}))
    assert sorted(ran) == [0, 1]


# --- Data Firehose ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, b"came"),
        ("text\n", b"text\n"),
        (b"\x00", b"\x00"),
        ({"a": "ü"}, '{"a":"ü"}'.encode()),
        (Order(id=1), b'{"id":1}'),
        (Transformed([1]), b"[1]"),
        (Transformed(), b"came"),
    ],
    ids=str,
)
def test_what_a_handler_returns_is_the_new_data(value: Any, data: bytes) -> None:
    app = App()
    app.firehose("clicks")(lambda: value)
    (record,) = app(firehose("clicks", "came"))["records"]
    assert (record["result"], b64decode(record["data"])) == ("Ok", data)
    assert "metadata" not in record


def test_every_id_is_there_exactly_once_whatever_happens() -> None:
    app = App()

    @app.firehose("clicks", on_invalid="drop")
    def clean(order: Order, record: FirehoseRecord, event: FirehoseEvent) -> Any:
        assert record.stream_arn == event.stream_arn
        if order.id == 1:
            raise ValueError
        if order.id == 2:
            return Transformed(partition_keys={"a": 1})  # type: ignore[dict-item]
        if order.id == 3:
            return object()
        return Transformed({"id": order.id}, partition_keys={"a": "b"})

    app.firehose("clicks")(lambda: 1 / 0)  # never: the first answers
    event = firehose("clicks", *[{"id": n} for n in range(4)], "{", partition_key="k")
    records = app(event)["records"]
    assert [record["recordId"] for record in records] == [record["recordId"] for record in event["records"]]
    failed = "ProcessingFailed"
    assert [record["result"] for record in records] == ["Ok", failed, failed, failed, "Dropped"]
    assert records[0]["metadata"] == {"partitionKeys": {"a": "b"}}
    assert records[1]["data"] == event["records"][1]["data"]


class Sieve(FirehoseTrigger):
    """A trigger of one's own, with a filter."""

    def declines(self, record: FirehoseRecord) -> str | None:
        return "not mine" if record.data == b"leave" else None


def test_a_record_that_a_filter_declines_is_delivered_as_it_came() -> None:
    app = App()
    app.on(Sieve("clicks"))(lambda: "new")
    event = firehose("clicks", "leave", "take")
    declined, taken = app(event)["records"]
    assert (declined["result"], b64decode(declined["data"])) == ("Ok", b"leave")
    assert (taken["result"], b64decode(taken["data"])) == ("Ok", b"new")


def test_a_record_that_comes_again_is_answered_as_before_or_fails() -> None:
    app, ran = App(store=MemoryStore()), list[bytes]()

    @app.firehose("clicks", once=lambda record: record.data.decode())
    def clean(data: bytes) -> Any:
        ran.append(data)
        return b"\xff" if data == b"no text" else {"was": data.decode()}

    first = app(firehose("clicks", "a", "b", "no text"))["records"]
    again = app(firehose("clicks", "b", "a", "no text"))["records"]
    assert [record["result"] for record in first] == ["Ok"] * 3
    assert [record["result"] for record in again] == ["Ok", "Ok", "ProcessingFailed"]
    assert [record["data"] for record in again[:2]] == [first[1]["data"], first[0]["data"]]
    assert sorted(ran) == [b"a", b"b", b"no text"]


def test_a_reply_that_would_be_too_large_fails_the_records_that_do_not_fit(capfd: pytest.CaptureFixture[str]) -> None:
    app = App()
    app.firehose("clicks")(lambda: b"x" * 2_000_000)
    reply = app(firehose("clicks", *"abcd"))
    assert [record["result"] for record in reply["records"]] == ["Ok", "Ok", "ProcessingFailed", "ProcessingFailed"]
    assert len(json.dumps(reply)) < 6_291_556
    assert "the reply is full" in capfd.readouterr().err


def test_a_reply_of_many_small_records_stays_within_lambdas_limit_too() -> None:
    app = App()
    app.firehose("clicks")(lambda: Transformed(b"x" * 30, partition_keys={"day": "é" * 40}))
    reply = app(firehose("clicks", *["a"] * 20_000))
    assert {record["result"] for record in reply["records"]} == {"Ok", "ProcessingFailed"}
    assert len(json.dumps(reply)) < 6_291_556


def test_records_that_failed_leave_their_data_out_of_a_reply_that_is_full() -> None:
    app = App()

    @app.firehose("clicks")
    def clean(data: bytes) -> bytes:
        if data.startswith(b"bad"):
            raise ValueError
        return b"x" * 4_000_000

    reply = app(firehose("clicks", "good", "bad" * 500_000))
    assert [record["result"] for record in reply["records"]] == ["Ok", "ProcessingFailed"]
    assert reply["records"][1]["data"] == ""
    assert len(json.dumps(reply)) < 6_291_556


def test_a_record_without_an_id_cannot_be_answered() -> None:
    app = App()
    app.firehose("clicks")(lambda: None)
    event = firehose("clicks", "a")
    event["records"][0]["recordId"] = None
    assert isinstance(app.complete(event).error, InvalidEventError)


def test_an_id_that_comes_twice_is_answered_twice_in_the_order_of_the_records() -> None:
    app = App()
    app.firehose("clicks")(lambda data: data.data.upper())
    event = firehose("clicks", "a", "b")
    event["records"][1]["recordId"] = event["records"][0]["recordId"]
    first, second = app(event)["records"]
    assert first["recordId"] == second["recordId"]
    assert (b64decode(first["data"]), b64decode(second["data"])) == (b"A", b"B")


def test_a_handler_of_one_record_cannot_take_them_all() -> None:
    with pytest.raises(ConfigurationError, match="one record at a time"):

        @App().firehose("clicks")
        def clean(batch: list[FirehoseRecord]) -> None: ...


# --- Kinesis Data Analytics ------------------------------------------------------------------------------------------


def test_an_applications_input_is_transformed_and_its_output_delivered() -> None:
    app = App()

    @app.analytics("clicks")
    def clean(order: Order, record: AnalyticsRecord) -> Any:
        assert record.retry_hint == 0
        return {"id": order.id + 1}

    records = app(analytics("clicks", {"id": 1}, "{", stream="s"))["records"]
    assert [record["result"] for record in records] == ["Ok", "ProcessingFailed"]
    assert b64decode(records[0]["data"]) == b'{"id":2}'
    records = app(analytics("clicks", {"id": 1}, "{"))["records"]
    assert [sorted(record.items())[1][1] for record in records] == ["Ok", "DeliveryFailed"]


# --- S3 Batch Operations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [None, {"mode": "copy"}])
def test_a_task_is_answered_by_its_id(arguments: dict[str, str] | None) -> None:
    app = App()

    @app.s3_batch("uploads")
    def work(task: S3BatchTask) -> Any:
        assert task.user_arguments == (arguments or {})
        assert (task.bucket, task.version_id) == ("uploads", None)
        assert task.job_id
        if task.key == "no":
            raise PermanentFailure("x" * 5000)
        if task.key == "later":
            raise ValueError("busy")
        return {"key": task.key}

    event = s3_batch("uploads", "a b+ü", "no", "later", arguments=arguments)
    reply = app(event)
    assert (reply["invocationId"], reply["invocationSchemaVersion"]) == (
        event["invocationId"],
        event["invocationSchemaVersion"],
    )
    first, second, third = reply["results"]
    assert (first["resultCode"], first["resultString"]) == ("Succeeded", '{"key":"a b+ü"}')
    assert (second["resultCode"], len(second["resultString"])) == ("PermanentFailure", 1024)
    assert (third["resultCode"], third["resultString"]) == ("TemporaryFailure", "ValueError: busy")


def test_tasks_of_nobodys_bucket_and_without_an_id() -> None:
    app = App()
    app.s3_batch("uploads")(lambda: None)
    (result,) = app(s3_batch("others", "a"))["results"]
    assert result["resultCode"] == "PermanentFailure"
    event = s3_batch("uploads", "a")
    event["tasks"][0]["taskId"] = None
    assert isinstance(app.complete(event).error, InvalidEventError)


@pytest.mark.parametrize("key", ["%FF", "a%C3", None, 7])
def test_a_task_whose_key_cannot_be_read_is_not_tried_again(key: Any) -> None:
    app = App()

    @app.s3_batch("uploads")
    def move(task: S3BatchTask) -> str:
        return task.key

    event = s3_batch("uploads", "a", "b")
    event["tasks"][0]["s3Key"] = key
    broken, fine = app(event)["results"]

    assert broken["resultCode"] == "PermanentFailure"
    assert "tasks[0].s3Key" in broken["resultString"]
    assert (fine["resultCode"], fine["resultString"]) == ("Succeeded", "b")


# --- CloudWatch Logs -------------------------------------------------------------------------------------------------


def test_log_events_have_their_group_and_stream() -> None:
    app = App()

    @app.logs("/aws/lambda/*", stream="*LATEST*")
    def seen(line: str, event: LogEvent, whole: LogsEvent) -> Any:
        assert event.time.year == 2026
        assert whole.content["subscriptionFilters"] == ["example-filter"]
        return line, event.group, event.owner

    completion = app.complete(logs("/aws/lambda/orders", "a", "b"))
    assert [outcome.value for outcome in completion.outcomes] == [
        ("a", "/aws/lambda/orders", "123456789012"),
        ("b", "/aws/lambda/orders", "123456789012"),
    ]


def test_the_control_message_calls_nobody() -> None:
    completion = App().complete(logs("g", "CWL CONTROL MESSAGE", control=True))
    assert (completion.reply, completion.error, list(completion.outcomes)) == (None, None, [])


def data(content: bytes) -> dict[str, Any]:
    return {"awslogs": {"data": b64encode(content).decode()}}


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (data(b"plain"), "no gzipped data"),
        ({"awslogs": {"data": "!"}}, "no gzipped data"),
        ({"awslogs": {"data": 5}}, "expected a string"),
        (data(gzip.compress(b"[]")[:-4]), "is cut off"),
        (data(gzip.compress(b"[]")), "no logEvents"),
        (data(gzip.compress(b"{")), "not JSON"),
        (data(gzip.compress(b"\xff")), "not JSON"),
        (data(gzip.compress(b'"' + b"0" * (65 * 1024 * 1024) + b'"', 1)), "more than 67108864 bytes"),
    ],
    ids=["plain", "no base64", "number", "cut", "list", "broken", "no UTF-8", "bomb"],
)
def test_data_that_is_no_batch_of_log_events_is_refused(event: Any, message: str) -> None:
    error = App().complete(event).error
    assert isinstance(error, InvalidEventError)
    assert message in str(error)


# --- All -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "build",
    [kafka.msk, mq.activemq, mq.rabbitmq, firehose, analytics, documentdb, logs, s3_batch],
    ids=lambda build: f"{build.__module__.rpartition('.')[2]}.{build.__name__}",
)
def test_a_builder_wants_records(build: Any) -> None:
    with pytest.raises(ValueError, match="at least one"):
        build("x")


def test_triggers_describe_themselves() -> None:
    app = App()
    app.kafka("a")(lambda: None)
    app.mq(["a", "b"])(lambda: None)
    app.documentdb("a", operations=["insert"])(lambda: None)
    app.documentdb("a")(lambda: None)
    app.firehose()(lambda: None)
    app.analytics("a")(lambda: None)
    app.s3_batch("a")(lambda: None)
    app.logs("a", stream="b")(lambda: None)
    app.logs("a")(lambda: None)
    assert [route.trigger.describe() for route in app.routes] == [
        "a",
        "a|b",
        "a insert",
        "a",
        "*",
        "a",
        "a",
        "a stream=b",
        "a",
    ]
