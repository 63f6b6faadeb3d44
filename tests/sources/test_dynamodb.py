"""The DynamoDB room."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel

from lambdarouter import App, ConfigurationError, DynamoDbRecord, InvalidEventError, InvalidPayloadError, Window
from lambdarouter.sources.dynamodb import DynamoDbEvent, DynamoDbTrigger
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import dynamodb

STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"


class Order(BaseModel):
    id: int
    sku: str = ""
    tags: list[str] = []


def test_an_image_that_is_no_payload_is_refused_at_import() -> None:
    with pytest.raises(ConfigurationError, match=r"'new: App'.* `new`, `old` and `keys`"):

        @App().dynamodb("orders")
        def changed(new: App) -> None: ...


def test_a_record_has_everything_that_the_stream_says() -> None:
    event = dynamodb("orders", ({"id": 1, "sku": "a"}, {"id": 1, "sku": "b"}))
    record = DynamoDbRecord(event["Records"][0])
    assert (record.event_name, record.table, record.stream_arn) == ("MODIFY", "orders", STREAM)
    assert (record.keys, record.old_image, record.new_image) == (
        {"id": 1},
        {"id": 1, "sku": "a"},
        {"id": 1, "sku": "b"},
    )
    assert record.item == record.new_image
    assert record.changed is not None
    assert record.changed.year == 2026
    assert (record.view_type, record.region, record.is_expired) == ("NEW_AND_OLD_IMAGES", "eu-west-1", False)
    assert record.size
    assert record.id == record.event_id
    assert DynamoDbRecord({"dynamodb": {"SequenceNumber": "5"}}).id == "5"
    assert DynamoDbRecord(None).id == "the event"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.decimals(min_value=-(10**20), max_value=10**20, places=3).filter(lambda d: d % 1 != 0)
    | st.text()
    | st.binary()
    | st.sets(st.text(), min_size=1)
    | st.sets(st.binary(), min_size=1)
    | st.sets(st.integers(), min_size=1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_items_are_the_python_values_they_were_made_of(item: dict[str, Any]) -> None:
    event = dynamodb("orders", (None, {**item, "id": 1}))
    assert DynamoDbRecord(event["Records"][0]).new_image == {**item, "id": 1}


def test_numbers_are_exact() -> None:
    raw = {"N": {"N": "3.14159265358979323846264338327950288"}, "E": {"N": "1E+2"}, "S": {"NS": ["-1", "0.5"]}}
    item = DynamoDbRecord({"dynamodb": {"NewImage": raw}}).new_image
    assert item == {"N": Decimal("3.14159265358979323846264338327950288"), "E": 100, "S": {-1, Decimal("0.5")}}


@pytest.mark.parametrize(
    "value",
    [
        {"N": "seven"},
        {"N": 7},
        {"S": 7},
        {"BOOL": "true"},
        {"B": "!"},
        {"B": 1},
        {"X": "new"},
        {"S": "a", "N": "1"},
        {},
        "text",
        None,
        {"L": 5},
        {"M": [1]},
        {"SS": [1]},
    ],
    ids=str,
)
def test_what_is_no_typed_value_is_the_events_fault(value: Any) -> None:
    with pytest.raises(InvalidEventError, match="expected an item"):
        _ = DynamoDbRecord({"dynamodb": {"NewImage": {"a": value}}}).new_image


def test_images_and_keys_come_by_name_and_the_item_as_the_payload() -> None:
    app = App()

    @app.dynamodb("orders", events="MODIFY")
    def compare(old: Order, new: Order, keys: dict[str, Any]) -> Any:
        return old.sku, new.sku, keys

    @app.dynamodb("orders", events=["INSERT", "REMOVE"])
    def changed(item: Order, old: Order | None, change: DynamoDbRecord) -> Any:
        return item.id, item.tags, old is None, change.event_name

    a, b = {"id": 1, "sku": "a", "tags": {"x"}}, {"id": 1, "sku": "b"}
    completion = TestClient(app).invoke(dynamodb("orders", (None, a), (a, b), (b, None)))
    assert [outcome.value for outcome in completion.outcomes if outcome.status == "ok"] == [
        (1, ["x"], True, "INSERT"),
        ("a", "b", {"id": 1}),
        (1, [], False, "REMOVE"),
    ]


class Photo(BaseModel):
    id: int
    image: bytes
    price: Decimal
    tags: set[str]


def test_a_handler_gets_binary_numbers_and_sets_as_python_has_them() -> None:
    app = App()

    @app.dynamodb("photos")
    def taken(new: Photo, keys: dict[str, Any], item: dict[str, Any]) -> Any:
        return new, keys, item

    item = {"id": 1, "image": b"\xff\x00", "price": Decimal("1.5"), "tags": {"a", "b"}}
    (outcome,) = TestClient(app).invoke(dynamodb("photos", (None, item))).outcomes

    assert outcome.value == (Photo.model_validate(item), {"id": 1}, item)


class Strict(BaseModel, strict=True):
    day: date
    price: str


def test_a_strict_model_takes_dates_and_decimals_by_way_of_json() -> None:
    app = App()

    @app.dynamodb("orders")
    def changed(item: Strict) -> Any:
        return item

    event = dynamodb("orders", (None, {"id": 1, "day": "2026-01-01", "price": Decimal("1.5")}))
    assert TestClient(app).invoke(event).outcomes[0].value == Strict(day=date(2026, 1, 1), price="1.5")


@pytest.mark.parametrize("kind", [str, bytes, Order])
def test_binary_where_there_is_no_json_for_it_does_not_fit(kind: Any) -> None:
    app = App()

    def changed(item: Any) -> None: ...

    changed.__annotations__["item"] = kind
    app.dynamodb("orders")(changed)

    completion = TestClient(app).invoke(dynamodb("orders", (None, {"id": b"\xff"})))
    assert isinstance(completion.error, InvalidPayloadError)
    assert "the item has no JSON form" in str(completion.error)


def test_a_change_that_a_filter_declines_holds_up_nothing() -> None:
    app = App()
    app.dynamodb("orders", events="INSERT")(lambda: 1 / 0)
    completion = TestClient(app).invoke(dynamodb("orders", ({"id": 1}, {"id": 1})))
    assert completion.reply == {"batchItemFailures": []}
    assert [outcome.status for outcome in completion.outcomes] == ["declined"]


def test_the_changes_of_an_item_run_in_order_and_a_failure_is_reported_by_sequence_number() -> None:
    app, ran = App(), list[Any]()

    @app.dynamodb("orders")
    def changed(new: dict[str, Any]) -> None:
        ran.append((new["id"], new["n"]))
        if new["n"] == 1:
            raise ValueError

    event = dynamodb("orders", *[(None, {"id": key, "n": n}) for n, key in enumerate("abab")])
    completion = app.complete(event)
    found = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
    assert completion.reply == {"batchItemFailures": [{"itemIdentifier": found[1]}, {"itemIdentifier": found[3]}]}
    assert sorted(ran) == [("a", 0), ("a", 2), ("b", 1)]


def test_an_item_that_does_not_fit_has_failed_or_is_dropped() -> None:
    app = App()

    @app.dynamodb("orders", on_invalid="drop")
    def changed(order: Order) -> None: ...

    completion = TestClient(app).invoke(dynamodb("orders", (None, {"id": "x"}), (None, {"id": 1})))
    assert [outcome.status for outcome in completion.outcomes] == ["declined", "ok"]


def test_what_dynamodb_removes_itself_is_expired() -> None:
    event = dynamodb("orders", ({"id": 1}, None))
    event["Records"][0]["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert DynamoDbRecord(event["Records"][0]).is_expired


def test_without_images_the_item_is_none() -> None:
    event = dynamodb("orders", (None, {"id": 1}))
    del event["Records"][0]["dynamodb"]["NewImage"]
    app = App()

    @app.dynamodb("orders")
    def changed(item: Order | None, keys: Order) -> Any:
        return item, keys.id

    assert app.complete(event).outcomes[0].value == (None, 1)


def test_windows_are_as_for_kinesis() -> None:
    app = App()

    @app.dynamodb("orders")
    def count(batch: list[DynamoDbRecord], window: Window, event: DynamoDbEvent) -> None:
        window.state["n"] = window.state.get("n", 0) + len(batch)

    assert app(dynamodb("orders", (None, {"id": 1}), state={"n": 1}))["state"] == {"n": 2}
    assert app(dynamodb("orders", state={"n": 1}, final=True))["state"] == {"n": 1}


@pytest.mark.parametrize(
    "options",
    [{"events": "UPDATE"}, {"events": []}, {"events": 5}, {"table": ""}, {"table": "arn:aws:s3:::x"}],
    ids=str,
)
def test_options_that_can_never_match_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(options))} is"):
        DynamoDbTrigger(**{"table": "orders", **options})


def test_the_builder_wants_changes_of_items() -> None:
    with pytest.raises(ValueError, match="at least one change"):
        dynamodb("orders")
    with pytest.raises(ValueError, match="an old item, a new one, or both"):
        dynamodb("orders", (None, None))


def test_a_trigger_describes_itself() -> None:
    assert repr(DynamoDbTrigger("orders")) == "DynamoDbTrigger(orders)"
    assert repr(DynamoDbTrigger("o*", events=["INSERT", "MODIFY"])) == "DynamoDbTrigger(o* INSERT|MODIFY)"
