"""What the builders are given: models and Python's values, which reach the handler as AWS would have sent them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from json import loads
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from lambdarouter import App, DynamoDbRecord, KafkaRecord, SnsRecord, SqsRecord
from lambdarouter.testing import TestClient, events

UID = UUID("5f0c8a52-0000-4000-8000-000000000001")


class Kind(Enum):
    NEW = "new"


class Order(BaseModel):
    id: UUID
    total: Decimal
    due: datetime
    kind: Kind
    tags: set[str]
    buyer: str = Field(alias="buyerName")


ORDER = Order(
    id=UID, total=Decimal("9.90"), due=datetime(2026, 1, 1, tzinfo=UTC), kind=Kind.NEW, tags={"a"}, buyerName="Ada"
)


@dataclass
class Item:
    id: int
    blob: bytes = b"\x00"
    prices: set[Decimal] = field(default_factory=lambda: {Decimal("1.5"), Decimal(10)})


SENDS: dict[str, tuple[str, Callable[[], Any]]] = {
    "sqs": ("jobs", lambda: events.sqs("jobs", ORDER)),
    "sns": ("orders", lambda: events.sns("orders", ORDER)),
    "kinesis": ("clicks", lambda: events.kinesis("clicks", ORDER)),
    "firehose": ("clicks", lambda: events.firehose("clicks", ORDER)),
    "analytics": ("app", lambda: events.analytics("app", ORDER)),
    "kafka": ("orders", lambda: events.kafka.msk("orders", ORDER)),
    "mq": ("orders", lambda: events.mq.rabbitmq("orders", ORDER)),
    "logs": ("group", lambda: events.logs("group", ORDER)),
    "eventbridge": ("shop", lambda: events.eventbridge("shop", "Placed", ORDER)),
    "dynamodb": ("orders", lambda: events.dynamodb("orders", (None, ORDER))),
    "documentdb": ("orders", lambda: events.documentdb("orders", {"_id": 1, **ORDER.model_dump(by_alias=True)})),
}


@pytest.mark.parametrize("room", SENDS)
def test_a_model_reaches_the_handler_as_the_model_it_was(room: str) -> None:
    origin, build = SENDS[room]
    app, seen = App(), []

    def handler(order: Order) -> None:
        seen.append(order)

    getattr(app, room)(origin)(handler)
    TestClient(app).invoke(build()).unwrap()

    assert seen == [ORDER]


def test_what_json_has_no_form_for_is_refused_with_its_type() -> None:
    with pytest.raises(TypeError, match="object cannot be sent as JSON"):
        events.sqs("jobs", object())
    with pytest.raises(TypeError, match="dict cannot be sent as JSON"):
        events.sqs("jobs", {"name": "\ud800"})


def test_an_item_may_be_a_dataclass_with_what_only_dynamodb_has() -> None:
    (record,) = events.dynamodb("items", (Item(1, b"\x01"), Item(1)))["Records"]

    assert record["dynamodb"]["NewImage"] == {
        "id": {"N": "1"},
        "blob": {"B": "AA=="},
        "prices": {"NS": ["1.5", "10"]},
    }
    assert (record["eventName"], record["dynamodb"]["OldImage"]["blob"]) == ("MODIFY", {"B": "AQ=="})


def test_an_items_dates_enums_and_nested_models_are_what_json_has_for_them() -> None:
    (record,) = events.dynamodb("orders", (None, {"id": UID, "order": ORDER}))["Records"]

    image = record["dynamodb"]["NewImage"]
    assert image["id"] == {"S": str(UID)}
    assert image["order"]["M"]["due"] == {"S": "2026-01-01T00:00:00Z"}
    assert image["order"]["M"]["kind"] == {"S": "new"}
    assert image["order"]["M"]["total"] == {"N": "9.90"}
    assert image["order"]["M"]["tags"] == {"SS": ["a"]}


def test_an_items_enum_is_what_its_value_is() -> None:
    class Rate(Enum):
        LOW = Decimal("0.5")

    (record,) = events.dynamodb("orders", (None, {"id": 1, "rate": Rate.LOW}))["Records"]
    assert record["dynamodb"]["NewImage"]["rate"] == {"N": "0.5"}


@pytest.mark.parametrize("members", [set(), {1, "a"}, {None}, frozenset({(1, 2)})])
def test_a_set_that_dynamodb_does_not_have_is_refused(members: Any) -> None:
    with pytest.raises(TypeError, match="cannot be a set of DynamoDB"):
        events.dynamodb("t", (None, {"id": 1, "set": members}))


@pytest.mark.parametrize(
    ("view_type", "images"),
    [
        ("KEYS_ONLY", set()),
        ("NEW_IMAGE", {"NewImage"}),
        ("OLD_IMAGE", {"OldImage"}),
        ("NEW_AND_OLD_IMAGES", {"NewImage", "OldImage"}),
    ],
)
def test_a_stream_has_the_images_of_its_view_type(view_type: Any, images: set[str]) -> None:
    (record,) = events.dynamodb("t", ({"id": 1}, {"id": 1, "a": 2}), view_type=view_type)["Records"]

    assert {"NewImage", "OldImage"} & record["dynamodb"].keys() == images
    assert record["dynamodb"]["StreamViewType"] == view_type


def test_a_removal_by_time_to_live_is_seen_as_one() -> None:
    (raw,) = events.dynamodb("t", ({"id": 1}, None), principal="dynamodb.amazonaws.com")["Records"]
    assert DynamoDbRecord(raw).is_expired


def test_attributes_may_be_enums_decimals_and_uuids() -> None:
    attributes = {"kind": Kind.NEW, "total": Decimal("1.5"), "id": UID, "raw": b"x"}

    (message,) = events.sqs("jobs", "x", attributes=attributes)["Records"]
    (notification,) = events.sns("orders", "x", attributes=attributes)["Records"]

    expected = {"kind": "new", "total": 1.5, "id": str(UID), "raw": b"x"}
    assert SqsRecord(message).message_attributes == expected
    assert SnsRecord(notification).attributes == expected


@pytest.mark.parametrize("build", [events.sqs, events.sns])
def test_an_attribute_that_has_no_type_is_refused(build: Callable[..., Any]) -> None:
    for value in (True, None, {"a": 1}, ORDER):
        with pytest.raises(TypeError, match=f"attribute 'k'.*not {type(value).__name__}"):
            build("x", "m", attributes={"k": value})


def test_a_message_may_be_a_later_delivery_or_a_dead_letter() -> None:
    (raw,) = events.sqs("dlq", "x", receive_count=4, dead_letter_source="jobs", time="2026-02-01T00:00Z")["Records"]
    record = SqsRecord(raw)

    assert record.receive_count == 4
    assert record.dead_letter_source_arn == "arn:aws:sqs:eu-west-1:123456789012:jobs"
    assert record.sent == datetime(2026, 2, 1, tzinfo=UTC)


def test_kafka_records_stand_in_the_partitions_they_are_given() -> None:
    event = events.kafka.msk("orders", 1, 2, 3, partition=[0, 1, 0], key=["a", None, {"id": UID}], headers={"h": "ñ"})

    assert list(event["records"]) == ["orders-0", "orders-1"]
    first, last = map(KafkaRecord, event["records"]["orders-0"])
    (other,) = map(KafkaRecord, event["records"]["orders-1"])
    assert [record.id for record in (first, last, other)] == ["orders-0@15", "orders-0@16", "orders-1@15"]
    assert (first.key, other.key) == (b"a", None)
    assert loads(b64decode(event["records"]["orders-0"][1]["key"])) == {"id": str(UID)}
    assert first.header("h") == "ñ".encode()


def test_messages_of_a_fifo_queue_have_a_group_in_any_case() -> None:
    def attributes(event: Any) -> list[Any]:
        return [record["attributes"] for record in event["Records"]]

    first, second = attributes(events.sqs("jobs.fifo", "1", "2"))
    assert first["MessageGroupId"] == second["MessageGroupId"] == "default"
    assert first["SequenceNumber"] < second["SequenceNumber"]
    assert attributes(events.sqs("jobs.fifo", "1", "2", group=["a", "b"]))[1]["MessageGroupId"] == "b"
    assert "MessageGroupId" not in attributes(events.sqs("jobs", "1"))[0]


TIMED: dict[str, Callable[[str], Any]] = {
    "sns": lambda time: events.sns("t", "m", time=time),
    "sqs": lambda time: events.sqs("q", "m", time=time),
    "s3": lambda time: events.s3.notification("b", "k", time=time),
    "s3.eventbridge": lambda time: events.s3.eventbridge("b", "k", time=time),
    "dynamodb": lambda time: events.dynamodb("t", (None, {"id": 1}), time=time),
    "kinesis": lambda time: events.kinesis("s", "d", time=time),
    "firehose": lambda time: events.firehose("s", "d", time=time),
    "kafka": lambda time: events.kafka.self_managed("t", "v", time=time),
    "mq": lambda time: events.mq.activemq("q", "m", time=time),
    "logs": lambda time: events.logs("g", "m", time=time),
    "documentdb": lambda time: events.documentdb("c", {"_id": 1}, time=time),
}


@pytest.mark.parametrize("name", TIMED)
def test_an_event_is_of_the_time_that_is_given(name: str) -> None:
    build = TIMED[name]
    assert build("2026-01-01T09:00Z") == build("2026-01-01T10:00+01:00")
    assert build("2026-01-01T09:00Z") != build("2026-01-02T09:00Z")
