"""The invoke room: who gets a payload, and what the caller gets back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from lambdarouter import (
    App,
    ConfigurationError,
    InvalidPayloadError,
    InvokeEvent,
    MalformedPayloadError,
    Match,
    Outcome,
    Record,
    Source,
    Trigger,
    UnknownEventError,
)
from lambdarouter.testing import TestClient


class Refund(BaseModel):
    action: Literal["refund"]
    id: int


class Cancel(BaseModel):
    action: Literal["cancel"]
    id: int


@dataclass
class Receipt:
    day: date


def reply(app: App, payload: Any) -> Any:
    return TestClient(app).invoke(payload).unwrap()


def test_a_payload_goes_to_the_handler_whose_model_it_fits() -> None:
    app = App()

    @app.invoke()
    def cancel(order: Cancel) -> str:
        return f"cancel {order.id}"

    @app.invoke()
    def refund(order: Refund) -> Receipt:
        return Receipt(date(2026, 1, order.id))

    assert reply(app, {"action": "cancel", "id": 3}) == "cancel 3"
    assert reply(app, {"action": "refund", "id": "7"}) == {"day": "2026-01-07"}


def test_what_fits_nobody_goes_to_the_handler_of_anything_wherever_it_was_registered() -> None:
    app = App()

    @app.invoke()
    def anything(payload: dict[str, Any] | None) -> str:
        return "anything"

    @app.invoke()
    def refund(order: Refund) -> str:
        return "refund"

    assert reply(app, {"action": "refund", "id": 1}) == "refund"
    assert reply(app, {"action": "refund"}) == "anything"
    assert reply(app, None) == "anything"


def test_what_fits_nobody_is_refused_with_what_was_seen_and_what_there_is() -> None:
    app = App()
    app.invoke(when=lambda payload: payload == 1)(lambda: "one")

    @app.invoke()
    def refund(order: Refund) -> None: ...

    with pytest.raises(
        UnknownEventError, match=r"sends an object with 'a'\. .*@app\.invoke\(\) \(its .*when=<lambda>, "
    ):
        reply(app, {"a": 1})


def test_the_only_handler_says_what_does_not_fit_it() -> None:
    app = App()

    @app.invoke()
    def refund(order: Refund) -> None: ...

    with pytest.raises(InvalidPayloadError, match=r"payload\.id: Field required"):
        reply(app, {"action": "refund"})
    with pytest.raises(InvalidPayloadError):
        reply(app, "refund")


def test_a_predicate_decides_before_the_model_validates() -> None:
    app = App()

    @app.invoke(when=lambda payload: "id" in payload)
    def refund(order: Refund) -> None: ...

    with pytest.raises(InvalidPayloadError):
        reply(app, {"id": 1})
    with pytest.raises(UnknownEventError):
        reply(app, {"action": "refund"})
    with pytest.raises(TypeError):
        reply(app, 5)


@pytest.mark.parametrize(
    ("annotation", "payload", "expected"),
    [
        (str, "text", "text"),
        (str, {"a": 1}, '{"a":1}'),
        (bytes, "é", "é"),
        (Any, [1], [1]),
        (object, None, None),
        (int, "17", 17),
        (list, [1], [1]),
        (list[int], ["1"], [1]),
        (dict, {"a": None}, {"a": None}),
    ],
)
def test_a_payload_comes_as_it_is_annotated(annotation: Any, payload: Any, expected: Any) -> None:
    app = App()

    def echo(payload: Any) -> Any:
        return payload

    echo.__annotations__["payload"] = annotation
    if annotation is object:
        with pytest.raises(ConfigurationError):
            app.invoke()(echo)
        return
    app.invoke()(echo)

    assert reply(app, payload) == expected


@pytest.mark.parametrize(("payload", "seen"), [([1], "a list"), (None, "null"), ("x", "a string"), ({}, "no keys")])
def test_whatever_nobody_takes_is_named(payload: Any, seen: str) -> None:
    with pytest.raises(UnknownEventError, match=f"sends .*{seen}"):
        reply(App(), payload)


def test_constraints_are_a_shape_too() -> None:
    app = App()

    @app.invoke()
    def short(payload: Annotated[str, Field(max_length=3)]) -> str:
        return f"short {payload}"

    @app.invoke()
    def other(payload: str) -> str:
        return f"long {payload}"

    assert reply(app, "abc") == "short abc"
    assert reply(app, "abcd") == "long abcd"


def test_a_list_or_an_object_in_the_others_place_is_refused() -> None:
    app = App()

    @app.invoke()
    def of_object(payload: dict) -> None: ...  # type: ignore[type-arg]

    with pytest.raises(InvalidPayloadError, match="the payload is a list, expected an object"):
        reply(app, [])


def test_two_handlers_of_anything_are_refused() -> None:
    app = App()
    app.invoke()(lambda: None)
    with pytest.raises(ConfigurationError, match=r"already takes any payload.*when="):
        app.invoke()(lambda: None)
    with pytest.raises(ConfigurationError, match="it is a function of the payload"):
        app.invoke(when="refund")(lambda: None)  # type: ignore[arg-type]


def test_the_invocation_is_the_record() -> None:
    app = App()

    @app.invoke()
    def seen(event: InvokeEvent) -> Any:
        return [event.payload, event.id]

    assert reply(app, {"a": 1}) == [{"a": 1}, "the event"]


def test_a_value_without_json_is_the_handlers_failure() -> None:
    app = App()
    app.invoke()(object)

    completion = TestClient(app).invoke({})

    assert isinstance(completion.error, TypeError)
    assert completion.outcomes[0].status == "failed"


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize(
    ("pieces", "whole"),
    [(["one ", "two"], "one two"), ([b"\xc3", b"\xa9"], "é"), ([{"n": 1}, {"n": 2}], '{"n":1}\n{"n":2}\n'), ([], "")],
)
def test_a_handler_that_yields_streams_and_is_whole_where_nothing_does(
    pieces: list[Any], whole: str, colour: str
) -> None:
    app = App()

    def sync() -> Iterator[Any]:
        yield from pieces

    async def asynchronous() -> AsyncIterator[Any]:
        for piece in pieces:
            yield piece

    app.invoke()(sync if colour == "sync" else asynchronous)
    sunk = []

    async def sink(stream: Any) -> None:
        assert stream.head is None
        sunk.extend([chunk async for chunk in stream])

    assert reply(app, {}) == whole
    app.complete({}, sink=sink).unwrap()
    assert b"".join(sunk).decode() == whole


def test_bytes_that_are_no_text_need_a_stream() -> None:
    app = App()

    @app.invoke()
    def binary() -> Iterator[bytes]:
        yield b"\xff"

    with pytest.raises(TypeError, match="only a caller that takes a stream"):
        reply(app, {})


def test_a_third_party_source_comes_before_the_handlers_of_anything() -> None:
    class Beacon(Source):
        names = ("beacon",)

        def recognises(self, event: Any) -> bool:
            return isinstance(event, dict) and "beaconArn" in event

        def split(self, event: Any) -> list[Record]:
            return [Record(event.raw)]

        def match(self, record: Any, routes: Any) -> list[Match | Outcome]:
            return [Match(route, record) for route in routes]

    class BeaconTrigger(Trigger):
        __slots__ = ()
        source = Beacon

    app = App()
    app.invoke()(lambda: "anything")
    app.on(BeaconTrigger())(lambda: None)

    assert TestClient(app).invoke({"beaconArn": "x"}).name == "beacon"
    assert reply(app, {"other": 1}) == "anything"


def test_text_that_is_no_json_is_the_senders_mistake() -> None:
    # What a state machine's input template sends when it forgets to quote.
    app = App()

    @app.invoke()
    def refund(order: Refund) -> None: ...

    with pytest.raises(InvalidPayloadError) as caught:
        reply(app, "{not json")
    assert not isinstance(caught.value, MalformedPayloadError)
