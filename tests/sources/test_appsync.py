"""The appsync rooms: fields, batches, channels."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    AppSyncEvent,
    ChannelEvent,
    ConfigurationError,
    InvalidEventError,
    NoRouteError,
    Unauthorized,
    UnauthorizedException,
)
from lambdarouter.sources.appsync_events import AppSyncEventsEvent
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import appsync, appsync_events


class Filter(BaseModel):
    since: int


def reply(app: App, event: Any) -> Any:
    return TestClient(app).invoke(event).unwrap()


def test_arguments_are_parameters() -> None:
    app = App()

    @app.appsync("Query", "orders")
    def orders(filter: Filter, page_size: int = 10, cursor: str | None = None) -> list[Any]:  # noqa: A002
        return [filter.since, page_size, cursor]

    assert reply(app, appsync.resolver("Query", "orders", {"filter": {"since": 3}, "pageSize": "2"})) == [3, 2, None]


def test_the_event_is_read_by_attribute() -> None:
    app = App()

    @app.appsync("Order", "*")
    def customer(event: AppSyncEvent) -> str:
        assert event.identity is not None
        assert (event.identity.username, event.identity.groups) == ("ada", [])
        assert event.identity.claims["sub"] == event.identity.sub
        assert (event.type_name, event.field_name, event.source) == ("Order", "customer", {"id": 17})
        assert (event.headers, event.selection) == ({"x-a": "1"}, ["id"])
        assert (event.arguments, event.stash, event.prev, event.variables) == ({}, {}, {}, {})
        return event.id

    event = appsync.resolver("Order", "customer", source={"id": 17}, user="ada", headers={"X-A": "1"}, selection=["id"])
    assert reply(app, event) == "the event"


def test_what_a_trimmed_event_lacks_is_empty() -> None:
    event = AppSyncEvent({"typeName": "Query", "fieldName": "order", "identity": "None", "request": {"headers": None}})

    assert (event.type_name, event.field_name, event.identity, event.headers) == ("Query", "order", None, {})
    assert AppSyncEvent({"info": 5}).field_name == ""


def test_the_first_handler_of_a_field_resolves_it() -> None:
    app = App()
    app.appsync("Query", "order")(lambda: "one")
    app.appsync("Query")(lambda: "two")

    assert reply(app, appsync.resolver("Query", "order")) == "one"
    assert reply(app, appsync.resolver("Query", "other")) == "two"
    with pytest.raises(NoRouteError, match=r"the AppSync field Mutation\.order"):
        reply(app, appsync.resolver("Mutation", "order"))
    with pytest.raises(ConfigurationError, match="never run"):
        app.appsync("Query")(lambda: "three")


def test_items_of_a_batch_run_side_by_side_and_fail_alone() -> None:
    app, met = App(), asyncio.Event()

    @app.appsync("Order", "customer")
    async def customer(event: AppSyncEvent) -> Any:
        if event.source == 1:
            met.set()
        await met.wait()
        if event.source == 2:
            raise LookupError("no such customer")
        return {"of": event.source}

    assert reply(app, appsync.batch("Order", "customer", 0, 1, 2)) == [
        {"data": {"of": 0}},
        {"data": {"of": 1}},
        {"data": None, "errorMessage": "no such customer", "errorType": "LookupError"},
    ]


def test_a_handler_of_the_whole_batch_is_called_once() -> None:
    app, calls = App(), []

    @app.appsync("Order", "customer")
    def customers(batch: list[AppSyncEvent]) -> list[Any]:
        calls.append(len(batch))
        return [LookupError("none") if event.source == 1 else event.source for event in batch]

    assert reply(app, appsync.batch("Order", "customer", 0, 1, 2)) == [
        {"data": 0},
        {"data": None, "errorMessage": "none", "errorType": "LookupError"},
        {"data": 2},
    ]
    assert reply(app, appsync.resolver("Order", "customer", source=5)) == 5
    with pytest.raises(LookupError):
        reply(app, appsync.resolver("Order", "customer", source=1))
    assert calls == [3, 1, 1]


@pytest.mark.parametrize(
    ("value", "said"), [([1], "1 values for a batch of 2"), (None, "NoneType for a batch of 2"), ("ab", "str")]
)
def test_a_handler_of_the_batch_that_returns_anything_else_fails_every_item(value: Any, said: str) -> None:
    app = App()

    @app.appsync("Order", "customer")
    def customers(batch: list[AppSyncEvent]) -> Any:
        return value

    answers = reply(app, appsync.batch("Order", "customer", 0, 1))

    assert [answer["errorType"] for answer in answers] == ["TypeError", "TypeError"]
    assert said in answers[0]["errorMessage"]


def test_a_handler_of_the_batch_that_raises_fails_every_item_whatever_it_raises() -> None:
    app = App()

    @app.appsync("Order", "customer")
    def customers(batch: list[AppSyncEvent]) -> Any:
        raise InvalidEventError("bad")

    assert [answer["errorType"] for answer in reply(app, appsync.batch("Order", "customer", 0, 1))] == [
        "InvalidEventError",
        "InvalidEventError",
    ]


def test_an_item_of_another_field_is_not_the_batchs() -> None:
    app = App()

    @app.appsync("Order")
    def customers(batch: list[AppSyncEvent]) -> Any:
        return [1] * len(batch)

    mixed = appsync.batch("Order", "customer", 0) + appsync.batch("Order", "lines", 0)

    first, second = reply(app, mixed)
    assert first == {"data": 1}
    assert second["errorType"] == "InvalidEventError"


def test_raw_values_have_no_place_for_an_error() -> None:
    app = App()

    @app.appsync("Order", "customer", raw=True)
    def customer(event: AppSyncEvent) -> Any:
        return 10 // event.source

    assert reply(app, appsync.batch("Order", "customer", 1, 2)) == [10, 5]
    with pytest.raises(ZeroDivisionError):
        reply(app, appsync.batch("Order", "customer", 1, 0))


def test_a_batch_has_no_arguments_of_its_own() -> None:
    with pytest.raises(ConfigurationError, match="called once for all: the arguments are each event's own"):

        @App().appsync("Order", "customer")
        def customers(batch: list[AppSyncEvent], page: int) -> Any: ...

    with pytest.raises(ConfigurationError, match="an argument of the field"):

        @App().appsync("Order", "customer")
        def other(batch: AppSyncEventsEvent) -> Any: ...


# Channels -----------------------------------------------------------------------------------------------------


def test_what_a_handler_returns_is_broadcast_and_none_leaves_it() -> None:
    app = App()

    @app.appsync_events("/orders/*")
    def published(payload: Any, event: ChannelEvent, all_of_it: AppSyncEventsEvent) -> Any:
        assert (event.channel, event.namespace, event.segments) == ("/orders/new", "orders", ["orders", "new"])
        assert (event.operation, event.identity, event.headers) == ("PUBLISH", {}, {})
        assert event.id == event.event_id
        assert len(all_of_it.events) == 2
        return None if payload == "keep" else {"was": payload}

    one, two = reply(app, appsync_events("/orders/new", "keep", "change"))["events"]
    assert (one["payload"], two["payload"]) == ("keep", {"was": "change"})


@pytest.mark.parametrize("identity", [None, "same"])
def test_events_whose_ids_are_null_or_the_same_keep_their_order(identity: str | None) -> None:
    app = App()
    app.appsync_events("/orders/*")(lambda event: event.payload["id"] * 10)
    event = appsync_events("/orders/1", {"id": 1}, {"id": 2})
    for each in event["events"]:
        each["id"] = identity

    assert app(event) == {"events": [{"id": identity, "payload": 10}, {"id": identity, "payload": 20}]}


def test_an_event_that_appsync_would_drop_is_refused_alone() -> None:
    app = App()
    app.appsync_events("/orders/*")(lambda: None)

    small, large = reply(app, appsync_events("/orders/new", "x", "x" * 250_000))["events"]

    assert small["payload"] == "x"
    assert "250002 bytes; AppSync drops events of more than 245760" in large["error"]


def test_a_subscription_is_accepted_or_refused() -> None:
    app = App()

    @app.appsync_events("/orders/*", operation="SUBSCRIBE")
    def subscribes(event: ChannelEvent) -> str:
        if event.channel == "/orders/secret":
            raise Unauthorized
        if event.channel == "/orders/none":
            raise LookupError("no such order")
        return "whatever"

    assert reply(app, appsync_events("/orders/*")) is None
    assert reply(app, appsync_events("/orders/none")) == {"error": "LookupError - no such order"}
    assert reply(app, appsync_events("/others/none"))["error"].startswith("NoRouteError - no route for SUBSCRIBE on")
    with pytest.raises(UnauthorizedException):
        reply(app, appsync_events("/orders/secret"))


def test_one_unauthorized_event_refuses_them_all_and_the_log_has_what_else_failed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = App()

    @app.appsync_events("/orders/*")
    def published(payload: int) -> None:
        if payload == 2:
            raise UnauthorizedException("not you")
        raise LookupError("no such order")

    with pytest.raises(UnauthorizedException, match="not you"):
        reply(app, appsync_events("/orders/new", 1, 2))
    log = capfd.readouterr().err
    assert log.count("call failed") == 1
    assert "LookupError: no such order" in log


def test_an_operation_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="it is one of PUBLISH, SUBSCRIBE"):
        App().appsync_events("/orders/*", operation="publish")(lambda: None)  # type: ignore[arg-type]
