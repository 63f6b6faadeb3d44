"""Batches with bad records, duplicates and another order: of every source that sends batches."""

from __future__ import annotations

from collections.abc import Callable
from json import dumps
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import App, BatchError, InvalidEventError, InvalidPayloadError, S3BatchTask, S3Record
from lambdarouter.testing import TestClient, corrupted, duplicated, events, reordered


class Order(BaseModel):
    id: int


def documents(*ids: int) -> list[dict[str, int]]:
    return [{"_id": number, "id": number} for number in ids]


def orders(*ids: int) -> list[Order]:
    return [Order(id=number) for number in ids]


# Of every source: a batch of the orders 0, 1 and 2; `app.<room>` with its arguments.
BATCHES: dict[str, tuple[Callable[..., Any], str, dict[str, Any]]] = {
    "sqs": (lambda ids: events.sqs("jobs", *orders(*ids)), "sqs", {"queue": "jobs"}),
    "sns": (lambda ids: events.sns("orders", *orders(*ids)), "sns", {"topic": "orders"}),
    "dynamodb": (
        lambda ids: events.dynamodb("orders", *((None, order) for order in orders(*ids))),
        "dynamodb",
        {"table": "orders"},
    ),
    "kinesis": (
        lambda ids: events.kinesis("clicks", *orders(*ids), partition_key=[str(number) for number in ids]),
        "kinesis",
        {"stream": "clicks"},
    ),
    "firehose": (lambda ids: events.firehose("clicks", *orders(*ids)), "firehose", {"stream": "clicks"}),
    "analytics": (lambda ids: events.analytics("app", *orders(*ids)), "analytics", {"application": "app"}),
    "kafka.msk": (
        lambda ids: events.kafka.msk("orders", *orders(*ids), partition=list(ids)),
        "kafka",
        {"topic": "orders", "partial": True},
    ),
    "kafka.self_managed": (
        lambda ids: events.kafka.self_managed("orders", *orders(*ids), partition=list(ids)),
        "kafka",
        {"topic": "orders", "partial": True},
    ),
    "mq.activemq": (lambda ids: events.mq.activemq("orders", *orders(*ids)), "mq", {"queue": "orders"}),
    "mq.rabbitmq": (lambda ids: events.mq.rabbitmq("orders", *orders(*ids)), "mq", {"queue": "orders"}),
    "documentdb": (
        lambda ids: events.documentdb("orders", *documents(*ids)),
        "documentdb",
        {"collection": "orders"},
    ),
    "logs": (lambda ids: events.logs("group", *orders(*ids)), "logs", {"group": "group"}),
    "pipes of sqs": (
        lambda ids: events.pipes(events.sqs("jobs", *orders(*ids))),
        "sqs",
        {"queue": "jobs", "via": "pipes:target"},
    ),
    "pipes of kinesis": (
        lambda ids: events.pipes(events.kinesis("clicks", *orders(*ids), partition_key=[str(each) for each in ids])),
        "kinesis",
        {"stream": "clicks", "via": "pipes:target"},
    ),
    "pipes of dynamodb": (
        lambda ids: events.pipes(events.dynamodb("orders", *((None, order) for order in orders(*ids)))),
        "dynamodb",
        {"table": "orders", "via": "pipes:target"},
    ),
    "s3": (lambda ids: events.s3.notification("b", *map(str, ids)), "s3", {"bucket": "b"}),
    "s3.batch": (lambda ids: events.s3_batch("b", *map(str, ids)), "s3_batch", {"bucket": "b"}),
}

# What Lambda is told where the record 1 of three cannot be read: as the rooms' pages say.
TOLD: dict[str, Any] = {
    "sqs": lambda event: {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]},
    "sns": InvalidPayloadError,
    "s3": InvalidEventError,
    "dynamodb": lambda event: {
        "batchItemFailures": [{"itemIdentifier": event["Records"][1]["dynamodb"]["SequenceNumber"]}]
    },
    "kinesis": lambda event: {
        "batchItemFailures": [{"itemIdentifier": event["Records"][1]["kinesis"]["sequenceNumber"]}]
    },
    "firehose": lambda event: ["Ok", "ProcessingFailed", "Ok"],
    "analytics": lambda event: ["Ok", "DeliveryFailed", "Ok"],
    "kafka.msk": lambda event: {"batchItemFailures": [{"itemIdentifier": {"partition": "orders-1", "offset": 15}}]},
    "kafka.self_managed": lambda event: {
        "batchItemFailures": [{"itemIdentifier": {"partition": "orders-1", "offset": 15}}]
    },
    "mq.activemq": InvalidPayloadError,
    "mq.rabbitmq": InvalidPayloadError,
    "documentdb": InvalidPayloadError,
    "logs": InvalidPayloadError,
    "pipes of sqs": lambda event: {"batchItemFailures": [{"itemIdentifier": event[1]["messageId"]}]},
    "pipes of kinesis": lambda event: {"batchItemFailures": [{"itemIdentifier": event[1]["sequenceNumber"]}]},
    "pipes of dynamodb": lambda event: {
        "batchItemFailures": [{"itemIdentifier": event[1]["dynamodb"]["SequenceNumber"]}]
    },
    "s3.batch": lambda event: ["Succeeded", "PermanentFailure", "Succeeded"],
}


def built(name: str, *ids: int) -> Any:
    return BATCHES[name][0](ids)


def client_of(name: str, seen: list[int]) -> TestClient:
    """A client of an app whose handler, called one by one, notes the orders that it gets."""
    _, room, options = BATCHES[name]
    app = App()

    def take(order: Order) -> None:
        seen.append(order.id)

    def take_object(record: S3Record) -> None:
        seen.append(int(record.key))

    def take_task(task: S3BatchTask) -> None:
        seen.append(int(task.key))

    handler = {"s3": take_object, "s3_batch": take_task}.get(room, take)
    getattr(app, room)(**options, concurrency=1)(handler)
    return TestClient(app)


def told(reply: Any) -> Any:
    """A reply, of results only how they ended."""
    results = reply.get("records") or reply.get("results") if isinstance(reply, dict) else None
    return reply if results is None else [each.get("result") or each["resultCode"] for each in results]


@pytest.mark.parametrize("name", BATCHES)
def test_a_bad_record_fails_as_the_sources_page_says_and_spares_the_others(name: str) -> None:
    seen: list[int] = []
    event = corrupted(built(name, 0, 1, 2), 1)

    completion = client_of(name, seen).invoke(event)

    assert seen == [0, 2]
    (failed,) = completion.failed
    assert isinstance(failed.error, (InvalidPayloadError, InvalidEventError))
    expected = TOLD[name]
    if isinstance(expected, type):
        assert isinstance(completion.error, expected)
    else:
        assert completion.error is None
        assert told(completion.reply) == expected(event)


@pytest.mark.parametrize(
    "name", sorted(BATCHES.keys() - {"s3"})
)  # whose ids have the key, which is all that can be bad
def test_a_bad_record_keeps_its_id(name: str) -> None:
    event = built(name, 0, 1, 2)

    ids = [outcome.record.id for outcome in client_of(name, []).invoke(event).outcomes]

    assert [outcome.record.id for outcome in client_of(name, []).invoke(corrupted(event, 1)).outcomes] == ids


@pytest.mark.parametrize("name", BATCHES)
def test_when_all_records_are_bad_all_fail(name: str) -> None:
    seen: list[int] = []
    completion = client_of(name, seen).invoke(corrupted(built(name, 0, 1), 0, -1))

    assert seen == []
    assert len(completion.failed) == 2
    if name in ("firehose", "analytics", "s3.batch"):
        assert len(set(told(completion.reply))) == 1
    else:
        assert isinstance(completion.error, BatchError)


@pytest.mark.parametrize("name", BATCHES)
def test_a_duplicate_is_handled_again_under_the_same_id(name: str) -> None:
    seen: list[int] = []
    completion = client_of(name, seen).invoke(duplicated(built(name, 0, 1, 2), 1))

    assert seen == [0, 1, 1, 2]
    assert completion.error is None
    if not name.startswith("mq."):  # whose ids senders choose: they say where a message stands
        first, second = (outcome.record.id for outcome in completion.outcomes[1:3])
        assert first == second


@pytest.mark.parametrize("name", BATCHES)
def test_records_come_in_the_order_that_is_given(name: str) -> None:
    seen: list[int] = []
    client = client_of(name, seen)

    client.invoke(reordered(built(name, 0, 1, 2), 2, 0)).unwrap()
    client.invoke(reordered(built(name, 0, 1, 2), -1)).unwrap()

    assert seen == [2, 0, 1, 2, 0, 1]


@pytest.mark.parametrize("change", [corrupted, duplicated, reordered])
@pytest.mark.parametrize("name", BATCHES)
def test_the_event_that_is_given_stays_as_it_is(name: str, change: Callable[..., Any]) -> None:
    event = built(name, 0, 1, 2)
    before = dumps(event)  # not the event: to that, the order of partitions makes no difference

    changed = change(event, 1)
    assert dumps(event) == before
    assert dumps(changed) != before


def test_a_duplicate_shares_nothing_with_its_equal() -> None:
    first, second = duplicated(events.sqs("jobs", "a"), 0)["Records"]
    first["attributes"]["ApproximateReceiveCount"] = "9"
    assert second["attributes"]["ApproximateReceiveCount"] == "1"


def test_records_stay_in_their_partitions_and_queues() -> None:
    event = events.kafka.msk("orders", "a", "b", "c", "d", partition=[0, 0, 1, 1])

    changed = reordered(duplicated(event, 3), 4, 1)

    offsets = {name: [each["offset"] for each in records] for name, records in changed["records"].items()}
    assert offsets == {"orders-1": [16, 15, 16], "orders-0": [16, 15]}


def test_a_removed_item_is_corrupted_too() -> None:
    (record,) = corrupted(events.dynamodb("t", ({"id": 1}, None)), 0)["Records"]
    assert not {"NewImage", "OldImage"} & record["dynamodb"].keys()
    assert record["dynamodb"]["Keys"] == {"id": {"N": "1"}}


@pytest.mark.parametrize("change", [corrupted, duplicated, reordered])
def test_a_position_that_is_none_is_refused(change: Callable[..., Any]) -> None:
    event = events.sqs("jobs", "a", "b")
    with pytest.raises(IndexError, match="there is no record 2: the event has 2, counted from 0"):
        change(event, 2)
    with pytest.raises(IndexError, match="no record -3"):
        change(event, -3)
    with pytest.raises(ValueError, match="give the positions"):
        change(event)


@pytest.mark.parametrize("change", [corrupted, duplicated, reordered])
def test_an_event_that_is_no_batch_is_refused(change: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="'alarm' is no batch of records: those are sqs, sns"):
        change(events.alarm("a"), 0)


def test_an_item_of_a_pipe_that_has_its_payload_elsewhere_is_refused() -> None:
    item = {"eventSource": "aws:unheard", "eventSourceARN": "arn"}
    with pytest.raises(TypeError, match="not known where an item of 'aws:unheard'"):
        corrupted([item], 0)
