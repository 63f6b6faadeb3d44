"""The rooms of destinations."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from lambdarouter import App, ConfigurationError, DestinationEvent, FailedBatch, NoRouteError
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import destination, destination_stream, sns, sqs


class Order(BaseModel):
    id: int


def test_a_record_is_known_by_function_and_condition() -> None:
    app = App()

    @app.destination("ord*", condition=["RetriesExhausted", "EventAgeExceeded"])
    def failed(order: Order, record: DestinationEvent) -> None:
        assert order.id == 17
        assert (record.function, record.condition, record.attempts) == ("orders", "RetriesExhausted", 3)
        assert (record.error, record.status, record.response["errorType"]) == ("Unhandled", 200, "RuntimeError")
        assert record.id == record.request_id
        assert record.timestamp.year == 2026

    app.destination("arn:aws:lambda:eu-west-1:123456789012:function:orders:*")(lambda: None)
    app.destination("refunds")(lambda: None)
    client = TestClient(app)

    assert [outcome.status for outcome in client.invoke(destination("orders", {"id": 17})).outcomes] == ["ok", "ok"]
    success = client.invoke(destination("orders", {"id": 17}, condition="Success", response=1))
    assert [outcome.status for outcome in success.outcomes] == ["declined", "ok"]
    with pytest.raises(NoRouteError, match="the RetriesExhausted of the function 'stock'"):
        client.invoke(destination("stock")).unwrap()
    assert DestinationEvent({}).function == ""


def test_a_condition_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="it is one of Success, RetriesExhausted, EventAgeExceeded"):
        App().destination(condition="Failure")(lambda: None)  # type: ignore[arg-type]


def test_a_failed_batch_says_where_it_stands() -> None:
    app = App()

    @app.destination_stream(["orders", "*:stream/clicks"])
    def lost(batch: FailedBatch) -> object:
        return (batch.stream, batch.size, batch.shard_id, batch.start == batch.end, batch.condition, batch.error)

    client = TestClient(app)
    of_table = client.invoke(destination_stream("orders", table=True, size=3)).outcomes[0].value
    assert of_table == ("orders", 3, "shardId-000000000001", True, "RetryAttemptsExhausted", "Unhandled")
    assert client.invoke(destination_stream("clicks")).outcomes[0].value[0] == "clicks"
    with pytest.raises(NoRouteError, match=r"a failed batch of the stream 'arn:aws:kinesis.*/others'"):
        client.invoke(destination_stream("others")).unwrap()


def test_a_batch_of_kafka_has_no_shard() -> None:
    batch = FailedBatch({"KafkaBatchInfo": {"batchSize": "x"}})

    assert (batch.stream, batch.shard_id, batch.start, batch.end, batch.size) == ("", "", "", "", 0)
    assert FailedBatch({}).info == {}


def test_a_destination_that_is_a_queue_or_a_topic_holds_the_records_that_via_declares() -> None:
    app = App()

    @app.destination("orders", via="sqs:failed-orders")
    def failed(order: Order, record: DestinationEvent) -> str:
        return f"{order.id} of version {record.executed_version}"

    @app.destination_stream("clicks", via="sns:lost-batches")
    def lost(batch: FailedBatch) -> str:
        return batch.stream

    client = TestClient(app)

    queued = client.invoke(sqs("failed-orders", destination("orders", {"id": 17}), destination("stock", {"id": 1})))
    assert queued.outcomes[0].value == "17 of version $LATEST"
    assert isinstance(queued.outcomes[1].error, NoRouteError)
    assert len(queued.reply["batchItemFailures"]) == 1

    told = client.invoke(sns("lost-batches", destination_stream("clicks")))
    assert [outcome.value for outcome in told.outcomes] == ["clicks"]
    # As it is, nobody declared it.
    with pytest.raises(NoRouteError, match=r"@app\.destination_stream\(stream\)"):
        client.invoke(destination_stream("clicks")).unwrap()
