from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given, strategies as st
from pydantic import Field, TypeAdapter

from lambdarouter import (
    App,
    BatchError,
    Context,
    Declined,
    Depends,
    InvalidPayloadError,
    MalformedPayloadError,
    NoRouteError,
    Record,
    SnsRecord,
)
from lambdarouter.sources.sns import SnsEvent
from lambdarouter.testing.events import sns
from tests.sources.topic import ARN, Order, Refund, recorder, statuses

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sns"


def taken(event: Any, *args: Any, **options: Any) -> bool:
    """Whether a route with these options runs for the event, or else declines or does not claim it."""
    app = App()
    seen = recorder(app, *args, **options)
    app.complete(event)
    return bool(seen)


# Which topic


@pytest.mark.parametrize(
    ("topic", "takes"),
    [
        ("orders", True),
        (ARN, True),
        ("ord*", True),
        ("order?", True),
        ("*", True),
        ("arn:aws:sns:*:123456789012:orders", True),
        ("arn:aws*:sns:eu-west-1:*:ord*", True),
        (["stock", "orders"], True),
        (["stock", ARN], True),
        (("stock", "ord*"), True),
        ("order", False),
        ("Orders", False),
        ("orders.fifo", False),
        ("orders?", False),
        ("arn:aws:sns:us-east-1:123456789012:orders", False),
        ("arn:aws:sns:eu-west-1:111122223333:orders", False),
        (["stock", "returns"], False),
    ],
)
def test_a_topic_is_named_by_name_by_arn_or_by_a_glob_of_either(topic: Any, *, takes: bool) -> None:
    assert taken(sns(ARN, "hello"), topic) is takes


def test_a_notification_of_a_topic_that_no_route_names_fails_the_invocation_and_names_the_decorator() -> None:
    app = App()
    seen = recorder(app, "stock")
    recorder(app, "returns-*", attributes={"kind": ["lost", "broken"]})

    completion = app.complete(sns("orders", "hello"))

    assert isinstance(completion.error, NoRouteError)
    for part in ("'orders'", "@app.sns(topic)", "stock", "returns-* kind=lost|broken"):
        assert part in str(completion.error)
    assert seen == []
    with pytest.raises(NoRouteError):
        app(sns("orders", "hello"))


def test_an_app_without_sns_routes_raises_and_names_the_decorator() -> None:
    with pytest.raises(NoRouteError, match=r"'orders'.*@app\.sns\(topic\).*none"):
        App()(sns("orders", "hello"))


# Attributes


@pytest.mark.parametrize(
    ("attributes", "wanted", "takes"),
    [
        ({"kind": "created"}, {"kind": "created"}, True),
        ({"kind": "created"}, {"kind": ["changed", "created"]}, True),
        ({"kind": "created"}, {"kind": {"created"}}, True),
        ({"kind": "created"}, {"kind": "changed"}, False),
        ({"kind": "created"}, {"other": "created"}, False),
        ({"n": 7}, {"n": 7}, True),
        ({"n": 7}, {"n": 7.0}, True),
        ({"n": 12.5}, {"n": [1, 12.5]}, True),
        ({"n": 7}, {"n": "7"}, False),
        ({"n": "7"}, {"n": 7}, False),
        ({"tags": ["sea", "ports"]}, {"tags": "ports"}, True),
        ({"tags": ["sea", "ports"]}, {"tags": ["land", "sea"]}, True),
        ({"tags": ["sea", "ports"]}, {"tags": "land"}, False),
        ({"tags": []}, {"tags": "land"}, False),
        ({"sum": b"\x00\xff"}, {"sum": b"\x00\xff"}, True),
        ({"sum": b"\x00\xff"}, {"sum": [b"\x00", b"\x01"]}, False),
        ({"kind": "created", "n": 7}, {"kind": "created", "n": 7}, True),
        ({"kind": "created", "n": 7}, {"kind": "created", "n": 8}, False),
        ({}, {"kind": "created"}, False),
        ({}, {}, True),
    ],
)
def test_a_route_takes_what_has_the_attributes_it_wants(
    attributes: Mapping[str, Any], wanted: Any, *, takes: bool
) -> None:
    assert taken(sns("orders", "x", attributes=attributes), "orders", attributes=wanted) is takes


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ({"Type": "String", "Value": "7"}, "7"),
        ({"Type": "Number", "Value": "7"}, 7),
        ({"Type": "Number", "Value": "-1.5e3"}, -1500.0),
        ({"Type": "Binary", "Value": "AAH+/w=="}, b"\x00\x01\xfe\xff"),
        ({"Type": "String.Array", "Value": '["a", 1, true, null]'}, ["a", 1, True, None]),
        # What does not hold what it declares stays the text it is.
        ({"Type": "Number", "Value": "seven"}, "seven"),
        ({"Type": "Number", "Value": "true"}, "true"),
        ({"Type": "Number", "Value": "[7]"}, "[7]"),
        ({"Type": "Number", "Value": '"7"'}, '"7"'),
        ({"Type": "Number", "Value": "9" * 5000}, "9" * 5000),
        ({"Type": "Binary", "Value": "not base64"}, "not base64"),
        ({"Type": "Binary", "Value": "é"}, "é"),
        ({"Type": "String.Array", "Value": '{"a": 1}'}, '{"a": 1}'),
        ({"Type": "String.Array", "Value": "[" * 100_000}, "[" * 100_000),
        ({"Type": "Colour", "Value": "red"}, "red"),
        ({"Type": ["Number"], "Value": "7"}, "7"),
        ({"Value": "red"}, "red"),
        ({"Type": "String", "Value": None}, None),
        ({"Type": "String"}, None),
    ],
)
def test_an_attribute_is_read_in_its_declared_type(attribute: Any, value: Any) -> None:
    event = sns("orders", "x")
    event["Records"][0]["Sns"]["MessageAttributes"] = {"it": attribute, "oddity": "no attribute at all"}
    app = App()
    seen = recorder(app, "orders")
    app(event)
    assert seen[0].attributes == {"it": value}
    assert type(seen[0].attributes["it"]) is type(value)


@given(attributes=st.dictionaries(st.text(), st.fixed_dictionaries({"Type": st.text(), "Value": st.text()})))
def test_no_attribute_that_a_sender_can_write_breaks_a_filter(attributes: Any) -> None:
    event = sns("orders", "x")
    event["Records"][0]["Sns"]["MessageAttributes"] = attributes
    app = App()
    recorder(app, "orders", attributes={"kind": "never sent"})
    completion = app.complete(event)
    assert completion.error is None
    assert statuses(completion) == ["declined"]


def test_a_notification_that_a_filter_declines_is_success_with_an_outcome_that_says_why() -> None:
    app = App()
    seen = recorder(app, "orders", attributes={"kind": ["created", "changed"]})
    completion = app.complete(sns("orders", "x", attributes={"kind": "cancelled"}))
    assert completion.reply is None
    assert completion.error is None
    (outcome,) = completion.outcomes
    assert isinstance(outcome, Declined)
    assert outcome.value == "attribute 'kind' is 'cancelled', not 'created' or 'changed'"
    assert seen == []


def test_unmatched_fail_makes_a_declined_notification_a_failure() -> None:
    app = App()
    recorder(app, "orders", attributes={"kind": "created"}, unmatched="fail")
    completion = app.complete(sns("orders", "x", attributes={"kind": "cancelled"}))
    assert isinstance(completion.error, NoRouteError)
    assert 'unmatched="fail"' in str(completion.error)
    assert "'cancelled'" in str(completion.error)


def test_a_filter_of_one_route_takes_nothing_from_another() -> None:
    app = App()
    created = recorder(app, "orders", attributes={"kind": "created"})
    everything = recorder(app, "ord*")
    completion = app.complete(sns("orders", "x", attributes={"kind": "cancelled"}))
    assert statuses(completion) == ["declined", "ok"]
    assert (len(created), len(everything)) == (0, 1)


# Parameters


def received(annotation: Any, message: str) -> Any:
    """The argument of a handler whose one parameter is annotated so."""
    app, got = App(), []

    def handler(it: Any) -> None:
        got.append(it)

    handler.__annotations__["it"] = annotation
    app.sns("orders")(handler)
    app(sns("orders", message))
    return got[0]


@pytest.mark.parametrize(
    ("annotation", "message", "argument"),
    [
        (str, '{"id": 17}', '{"id": 17}'),
        (str, "", ""),
        (bytes, "größe", "größe".encode()),
        (dict, '{"id": 17}', {"id": 17}),
        (dict[str, int], '{"id": "17"}', {"id": 17}),
        (list, "[1]", [1]),
        (list[Order], '[{"id": 1}]', [Order(id=1)]),
        (int, "17", 17),
        (Order, '{"id": 17}', Order(id=17)),
        (Order | Refund, '{"refund": 3}', Refund(refund=3)),
        (Order | None, "null", None),
        (Annotated[Order, Field(strict=True)], '{"id": 17}', Order(id=17)),
        (Any, '{"id": 17}', {"id": 17}),
    ],
)
def test_the_one_remaining_parameter_is_the_message_in_its_annotation(
    annotation: Any, message: str, argument: Any
) -> None:
    got = received(annotation, message)
    assert got == argument
    assert type(got) is type(argument)


@pytest.mark.parametrize(
    ("annotation", "message", "kind", "said"),
    [
        (Order, '{"id": "x"}', InvalidPayloadError, "message.id"),
        (Order, '{"id": 17', MalformedPayloadError, "message"),
        (Order, "", MalformedPayloadError, "message"),
        (Order | Refund, "{}", InvalidPayloadError, "message"),
        (dict, "[1]", InvalidPayloadError, "message is JSON, but not an object"),
        (list, '{"id": 1}', InvalidPayloadError, "message is JSON, but not an array"),
        (dict, "{", MalformedPayloadError, "message is not JSON"),
        (dict, "[" * 100_000, MalformedPayloadError, "message is not JSON"),
    ],
)
def test_a_message_that_does_not_fit_is_the_senders_fault_and_fails_the_invocation(
    annotation: Any, message: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(InvalidPayloadError, match=said) as caught:
        received(annotation, message)
    assert type(caught.value) is kind


def topic_of(record: SnsRecord) -> str:
    return record.topic


def test_a_handler_may_take_the_record_the_event_the_context_a_dependency_or_nothing() -> None:
    app = App()
    got: dict[str, Any] = {}

    @app.sns("orders")
    def everything(
        order: Order, record: SnsRecord, event: SnsEvent, context: Context, topic: Annotated[str, Depends(topic_of)]
    ) -> None:
        got["everything"] = (order, record.id, [each.id for each in event.records], context.raw, topic)

    @app.sns("orders")
    def bare(record) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - that is the point
        got["bare"] = record.subject

    @app.sns("orders")
    def base(record: Record) -> None:
        got["base"] = record.id

    @app.sns("orders")
    async def nothing() -> None:
        got["nothing"] = True

    event = sns("orders", Order(id=17), subject="Order 17")
    message_id = event["Records"][0]["Sns"]["MessageId"]
    app(event)
    assert got == {
        "everything": (Order(id=17), message_id, [message_id], None, "orders"),
        "bare": "Order 17",
        "base": message_id,
        "nothing": True,
    }


def test_the_record_shows_what_the_notification_holds() -> None:
    app = App()
    seen = recorder(app, "*")
    app(json.loads((FIXTURES / "order_of_all_attribute_types.json").read_text()))
    (record,) = seen
    assert record.topic == "orders"
    assert record.topic_arn == ARN
    assert record.subscription_arn.startswith(ARN + ":")
    assert record.subject is None
    assert record.message_id == record.id == record.raw["Sns"]["MessageId"]
    assert record.timestamp.isoformat() == "2026-01-01T09:00:00+00:00"
    assert record.attributes == {
        "kind": "created",
        "priority": 7,
        "price": 12.5,
        "tags": ["sea", "ports"],
        "checksum": b"\x00\x01\xfe\xff",
    }
    assert TypeAdapter(dict[str, Any]).validate_json(record.message)["id"] == 19


# Several records, failures


def test_nothing_is_acknowledged_that_was_not_handled() -> None:
    app, handled = App(), []

    @app.sns("orders")
    def handle(order: Order) -> None:
        handled.append(order.id)
        if order.id == 2:
            raise LookupError("no stock")

    event = sns("orders", {"id": 1}, {"id": 2}, {"id": 3})
    event["Records"] += sns("unheard-of", {"id": 4})["Records"] + sns("orders", "no JSON")["Records"]
    completion = app.complete(event)

    assert sorted(handled) == [1, 2, 3]
    assert statuses(completion) == ["ok", "failed", "ok", "failed", "failed"]
    assert isinstance(completion.error, BatchError)
    assert [type(error) for error in completion.error.exceptions] == [
        LookupError,
        NoRouteError,
        MalformedPayloadError,
    ]
    with pytest.raises(BatchError):
        app(event)


def test_one_failure_is_raised_as_itself_and_the_other_handlers_still_run() -> None:
    app, error = App(), LookupError("no stock")
    seen = recorder(app, "orders")

    @app.sns("orders")
    async def fail(message: str) -> None:
        raise error

    completion = app.complete(sns("orders", "x"))
    assert completion.error is error
    assert statuses(completion) == ["ok", "failed"]
    assert len(seen) == 1


def test_a_glob_of_arns_may_begin_with_its_wildcard() -> None:
    app, seen = App(), []

    @app.sns("*:123456789012:orders")
    def announce(message: str) -> None:
        seen.append(message)

    app(sns("orders", "hello"))
    assert seen == ["hello"]
