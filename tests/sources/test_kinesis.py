"""The Kinesis room, and tumbling windows."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import defaultdict
from hashlib import md5
from typing import Any

import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from hypothesis import given, strategies as st

from lambdarouter import App, ConfigurationError, InvalidEventError, KinesisRecord, NoRouteError, Window
from lambdarouter.sources.kinesis import KinesisEvent, KinesisTrigger
from lambdarouter.sources.kinesis.aggregate import MAGIC, parts
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import kinesis

ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"


def aggregated(*records: tuple[str, bytes], hash_key: str | None = None) -> bytes:
    aggregator = RecordAggregator()
    for key, data in records:
        aggregator.add_user_record(key, data, hash_key)
    content: bytes = aggregator.clear_and_get().get_contents()[2]
    return content


def numbers(event: Any) -> list[str]:
    return [record["kinesis"]["sequenceNumber"] for record in event["Records"]]


def reported(reply: Any) -> list[str]:
    return [item["itemIdentifier"] for item in reply["batchItemFailures"]]


def test_a_record_has_everything_that_kinesis_says() -> None:
    record = KinesisRecord(kinesis("clicks", {"id": 1}, partition_key="ada")["Records"][0])
    assert (record.data, record.partition_key, record.stream, record.stream_arn) == (b'{"id":1}', "ada", "clicks", ARN)
    assert (record.shard_id, record.region) == ("shardId-000000000006", "eu-west-1")
    assert record.arrived is not None
    assert record.arrived.year == 2026
    assert record.id == record.event_id
    assert (record.sub_sequence_number, record.aggregate, record.encryption) == (None, None, None)
    assert KinesisRecord({"kinesis": {"sequenceNumber": "5"}}).id == "5"
    assert KinesisRecord({}, "Records", 1).id == "Records[1]"
    with pytest.raises(InvalidEventError, match="expected a base64 text"):
        _ = KinesisRecord({"kinesis": {"data": "!"}}).data


@pytest.mark.parametrize("stream", ["clicks", "cl*", ARN, [ARN]])
def test_a_stream_is_named_by_name_arn_or_glob_also_for_a_consumer(stream: Any) -> None:
    app = App()
    app.kinesis(stream)(lambda: None)
    assert app(kinesis("clicks", "x")) == {"batchItemFailures": []}
    if stream in ("clicks", "cl*"):
        assert app(kinesis(f"{ARN}/consumer/me:1", "x")) == {"batchItemFailures": []}


def test_data_is_bytes_text_or_json_as_the_handler_wants() -> None:
    app = App()
    app.kinesis("clicks", concurrency=1)(_bytes)
    app.kinesis("clicks", concurrency=1)(_text)
    app.kinesis("clicks", concurrency=1)(_json)
    completion = TestClient(app).invoke(kinesis("clicks", {"a": "ü"}))
    assert [outcome.value for outcome in completion.outcomes] == ['{"a":"ü"}'.encode(), '{"a":"ü"}', {"a": "ü"}]
    completion = TestClient(app).invoke(kinesis("clicks", b"\xff"))
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "failed", "failed"]
    assert "the data is not UTF-8" in str(completion.outcomes[1].error)


def _bytes(data: bytes) -> bytes:
    return data


def _text(data: str) -> str:
    return data


def _json(data: dict[str, Any]) -> dict[str, Any]:
    return data


def test_partition_keys_run_in_order_and_a_failure_stops_its_key_alone() -> None:
    app, ran = App(), list[str]()

    @app.kinesis("clicks", partition_key=["a", "b"])
    def work(data: str) -> None:
        ran.append(data)
        if data == "2":
            raise ValueError

    event = kinesis("clicks", *"123456", partition_key=list("aababc"))
    completion = app.complete(event)
    found = numbers(event)
    assert reported(completion.reply) == [found[1], found[3]]
    assert sorted(ran) == ["1", "2", "3", "5"]
    assert completion.outcomes[5].status == "declined"


def test_aggregated_records_are_handled_one_by_one_and_reported_as_the_record_they_came_in() -> None:
    app, ran = App(), defaultdict[str, list[str]](list)

    @app.kinesis("clicks")
    def work(data: str, record: KinesisRecord) -> None:
        ran[record.partition_key].append(f"{data}/{record.sub_sequence_number}")
        if data == "3":
            raise ValueError

    content = aggregated(("a", b"1"), ("b", b"2"), ("a", b"3"), hash_key="7")
    event = kinesis("clicks", content, "4", "5", partition_key=["x", "a", "b"])
    completion = app.complete(event)
    assert ran == {"a": ["1/0", "3/2"], "b": ["2/1", "5/None"]}
    assert reported(completion.reply) == numbers(event)[:2]
    ids = [outcome.record.id for outcome in completion.outcomes]
    assert len(set(ids)) == 5
    assert ids[2].endswith("/2")
    first: Any = completion.outcomes[0].record
    assert (first.explicit_hash_key, first.aggregate.partition_key) == ("7", "x")
    assert first.sequence_number == numbers(event)[0]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=20), st.binary(max_size=300)), min_size=1, max_size=30))
def test_what_the_producer_library_packs_comes_out_again(records: list[tuple[str, bytes]]) -> None:
    found = parts(aggregated(*records))
    assert found is not None
    assert [(part.partition_key, part.data) for part in found] == records


@given(st.binary(max_size=60), st.booleans())
def test_data_that_only_looks_aggregated_is_left_as_it_is(data: bytes, right_digest: bool) -> None:  # noqa: FBT001
    digest = md5(data, usedforsecurity=False).digest() if right_digest else b"\0" * 16
    content = MAGIC + data + digest
    app, seen = App(), list[bytes]()

    @app.kinesis("clicks")
    def work(data: bytes) -> None:
        seen.append(data)

    app(kinesis("clicks", content))
    assert seen == [content] or (right_digest and parts(content))


def test_broken_aggregates_are_data() -> None:
    for body in (
        b"\x1a\x05\x08\x00",
        b"\x1a\x02\x08\x00",
        b"\x0b",
        b"\xff" * 12,
        b"\x0a\x01\xff",
        b"\x08\x01",
        b"\x22\x01x",
        b"",
    ):
        content = MAGIC + body + md5(body, usedforsecurity=False).digest()
        assert not parts(content)
    assert parts(b"x") is None
    event = kinesis("clicks", "x")
    event["Records"][0]["kinesis"]["data"] = "84maw!"
    app = App()
    app.kinesis("clicks")(lambda: None)
    assert app(event) == {"batchItemFailures": []}
    event["Records"][0]["kinesis"]["data"] = b64encode(MAGIC).decode()
    assert app(event) == {"batchItemFailures": []}


def test_a_record_without_a_sequence_number_cannot_be_reported() -> None:
    app = App()

    @app.kinesis("clicks")
    def work(data: str) -> None:
        if data == "a":
            raise ValueError

    event = kinesis("clicks", "a", "b", partition_key=["x", "y"])
    event["Records"][0]["kinesis"]["sequenceNumber"] = None
    assert isinstance(app.complete(event).error, InvalidEventError)


def test_a_whole_batch_handler_may_name_records_by_sequence_number() -> None:
    app = App()

    @app.kinesis("clicks")
    def work(batch: list[KinesisRecord]) -> Any:
        return {"batchItemFailures": [{"itemIdentifier": batch[1].sequence_number}]}

    event = kinesis("clicks", "a", "b", "c")
    assert reported(app(event)) == [numbers(event)[1]]


# --- Windows ---------------------------------------------------------------------------------------------------------


def counting() -> App:
    app = App()

    @app.kinesis("clicks")
    def count(batch: list[KinesisRecord], window: Window) -> Any:
        window.state["count"] = window.state.get("count", 0) + len(batch)
        if window.is_final:
            window.state["done"] = window.shard_id
        return [record for record in batch if record.data == b"bad"]

    return app


def test_a_windows_state_goes_into_the_reply() -> None:
    app = counting()
    assert app(kinesis("clicks", "a", "b", state={"count": 3})) == {"batchItemFailures": [], "state": {"count": 5}}
    event = kinesis("clicks", "a", "bad", state={})
    assert app(event) == {
        "batchItemFailures": [{"itemIdentifier": numbers(event)[1]}],
        "state": {"count": 2},
    }
    assert event["state"] == {"count": 2} or event["state"] == {}


def test_a_window_may_end_without_records() -> None:
    completion = counting().complete(kinesis("clicks", state={"count": 3}, final=True))
    assert completion.reply == {"batchItemFailures": [], "state": {"count": 3, "done": "shardId-000000000006"}}
    assert [outcome.status for outcome in completion.outcomes] == ["ok"]
    assert completion.outcomes[0].record.id == "no records"


def test_an_empty_end_fails_where_its_handler_does_or_nobody_has_the_stream() -> None:
    app = App()

    @app.kinesis("clicks")
    def count(batch: list[KinesisRecord], window: Window) -> None:
        raise ValueError

    assert isinstance(app.complete(kinesis("clicks", state={}, final=True)).error, ValueError)
    assert isinstance(app.complete(kinesis("others", state={}, final=True)).error, NoRouteError)


def test_a_window_that_no_handler_asks_for_keeps_its_state() -> None:
    app = App()
    app.kinesis("clicks")(lambda: None)
    assert app(kinesis("clicks", "a", state={"n": 1})) == {"batchItemFailures": [], "state": {"n": 1}}
    assert app(kinesis("clicks", state={"n": 1}, final=True)) == {"batchItemFailures": [], "state": {"n": 1}}


@pytest.mark.parametrize("state", [{"x": "y" * 1024 * 1024}, [1], {"x": object()}], ids=["large", "list", "no JSON"])
def test_a_state_that_lambda_would_not_take_fails_the_invocation(state: Any) -> None:
    app = App()

    @app.kinesis("clicks")
    def count(batch: list[KinesisRecord], window: Window) -> None:
        window.state = state

    completion = app.complete(kinesis("clicks", "a", state={}))
    assert isinstance(completion.error, (TypeError, ValueError))


def test_a_handler_with_the_window_takes_the_batch_and_needs_a_mapping_with_windows() -> None:
    with pytest.raises(ConfigurationError, match="takes the whole batch"):

        @App().kinesis("clicks")
        def one(record: KinesisRecord, window: Window) -> None: ...

    error = counting().complete(kinesis("clicks", "a")).error
    assert isinstance(error, InvalidEventError)
    assert "TumblingWindowInSeconds" in str(error)


def test_the_event_tells_its_window() -> None:
    event = KinesisEvent(kinesis("clicks", "a", state={"n": 1}))
    window = event.window
    assert window is not None
    assert window is event.window
    assert (window.start.minute, window.end.minute, window.is_final, window.is_terminated_early) == (0, 2, False, False)
    assert KinesisEvent(kinesis("clicks", "a")).window is None


def test_the_builder_wants_data_or_a_window() -> None:
    with pytest.raises(ValueError, match="at least one record"):
        kinesis("clicks")
    assert json.loads(json.dumps(kinesis("clicks", state={})))["Records"] == []


def test_a_trigger_describes_itself() -> None:
    assert repr(KinesisTrigger("clicks")) == "KinesisTrigger(clicks)"
    assert repr(KinesisTrigger("clicks", partition_key="a")) == "KinesisTrigger(clicks partition_key=a)"
