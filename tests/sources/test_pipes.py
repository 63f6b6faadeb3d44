"""EventBridge Pipes: bare lists of items."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    BatchError,
    ConfigurationError,
    DynamoDbRecord,
    KinesisRecord,
    NoRouteError,
    SqsRecord,
)
from lambdarouter.sources.pipes import PipesEvent, PipesItem, PipesTrigger
from lambdarouter.testing.events import dynamodb, kinesis, pipes, sqs


class Order(BaseModel):
    id: int


def reported(reply: Any) -> list[str]:
    return [item["itemIdentifier"] for item in reply["batchItemFailures"]]


def test_an_item_is_known_by_its_sources_id_or_its_place() -> None:
    assert PipesItem({"messageId": "m"}).id == "m"
    assert PipesItem({"eventID": "e"}).id == "e"
    assert PipesItem({}, "items", 2).id == "items[2]"


def test_as_a_target_the_items_are_those_of_their_own_source_and_failures_are_reported_as_there() -> None:
    app = App()

    @app.sqs("orders", via="pipes:target")
    def placed(order: Order, message: SqsRecord) -> None:
        assert message.queue == "orders"
        if order.id == 2:
            raise ValueError

    @app.kinesis("clicks", via="pipes:target")
    def clicked(data: str, record: KinesisRecord) -> None:
        assert record.stream == "clicks"
        if data == "2":
            raise ValueError

    @app.dynamodb("orders", via="pipes:target", events="INSERT")
    def changed(new: dict[str, Any], change: DynamoDbRecord) -> None:
        if new["id"] == 2:
            raise ValueError

    messages = sqs("orders", {"id": 1}, {"id": 2})
    assert reported(app(pipes(messages))) == [messages["Records"][1]["messageId"]]
    records = kinesis("clicks", "1", "2", "3", partition_key=["a", "b", "b"])
    sequence = [record["kinesis"]["sequenceNumber"] for record in records["Records"]]
    assert reported(app(pipes(records))) == sequence[1:]
    changes = dynamodb("orders", (None, {"id": 1}), (None, {"id": 2}), ({"id": 3}, None))
    assert reported(app(pipes(changes))) == [changes["Records"][1]["dynamodb"]["SequenceNumber"]]
    assert app(pipes(sqs("orders", {"id": 1}))) == {"batchItemFailures": []}


def test_as_an_enrichment_the_reply_is_the_list_of_results_and_any_failure_raises() -> None:
    app = App()

    @app.sqs("orders", via="pipes:enrichment", attributes={"kind": "a"})
    def enrich(order: Order) -> dict[str, int]:
        return {"id": order.id, "twice": order.id * 2}

    items = pipes(sqs("orders", {"id": 1}, {"id": 2}, attributes={"kind": "a"}))
    assert app(items) == [{"id": 1, "twice": 2}, {"id": 2, "twice": 4}]
    other = pipes(sqs("orders", {"id": 3}))
    assert app(items + other)[2] == other[0]
    error = app.complete(pipes(sqs("orders", {"id": 1}, {"id": "x"}, {"id": "y"}, attributes={"kind": "a"}))).error
    assert isinstance(error, BatchError)


def test_a_pipe_that_no_route_declares_is_nobodys() -> None:
    app = App()
    app.sqs("orders")(lambda: None)
    error = app.complete(pipes(sqs("orders", "x"))).error
    assert isinstance(error, NoRouteError)
    assert "@app.pipes(role)" in str(error)
    app.sqs("others", via="pipes:target")(lambda: None)
    assert isinstance(app.complete(pipes(sqs("orders", "x"))).error, NoRouteError)


def test_a_fifo_queues_groups_keep_their_order_through_a_pipe() -> None:
    app, ran = App(), list[str]()

    @app.sqs("orders.fifo", via="pipes:target")
    def placed(body: str) -> None:
        ran.append(body)
        if body == "1":
            raise ValueError

    items = pipes(sqs("orders.fifo", *"0123", group=["a", "a", "b", "a"]))
    assert reported(app(items)) == [items[1]["messageId"], items[3]["messageId"]]
    assert sorted(ran) == ["0", "1", "2"]


def test_items_may_be_taken_as_they_are_whatever_their_source() -> None:
    app = App()

    @app.pipes("enrichment", origin="arn:aws:sqs:*")
    def enrich(item: PipesItem, event: PipesEvent) -> Any:
        return item.event_source, item.raw["body"], len(event.raw)

    assert app(pipes(sqs("orders", "x"))) == [("aws:sqs", "x", 1)]
    assert isinstance(app.complete(pipes(kinesis("clicks", "x"))).error, NoRouteError)
    assert isinstance(app.complete([{"eventSource": "aws:mq"}]).error, NoRouteError)
    with pytest.raises(ConfigurationError, match="nobody can fill"):

        @app.pipes("target")
        def typed(order: Order) -> None: ...


@pytest.mark.parametrize("role", ["", "source", None, 5])
def test_a_role_that_a_pipe_does_not_have_is_refused(role: Any) -> None:
    with pytest.raises(ConfigurationError, match="role is"):
        PipesTrigger(role)


def test_a_trigger_describes_itself() -> None:
    assert repr(PipesTrigger("target")) == "PipesTrigger(target)"
    assert repr(PipesTrigger("target", origin="arn:*")) == "PipesTrigger(target arn:*)"
