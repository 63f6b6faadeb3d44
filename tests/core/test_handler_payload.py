"""Which parameter of a handler takes the payload, where some have defaults."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import App, ConfigurationError, Context, Depends, Event, Record, SnsRecord, Source, Trigger, field
from lambdarouter.testing.events import sns


class Order(BaseModel):
    id: int


def told(fn: Callable[..., Any], message: Any = '{"id": 17}') -> Any:
    """What `fn` returns for an SNS message."""
    app = App()
    app.sns("orders")(fn)
    completion = app.complete(sns("orders", message))
    assert completion.error is None
    return completion.outcomes[0].value


def test_the_one_parameter_with_a_default_is_the_payload() -> None:
    def optional(message: dict[str, int] | None = None) -> Any:
        return message

    def model(record: SnsRecord, context: Context, order: Order = Order(id=0)) -> Any:  # noqa: B008
        return order

    def keyword(*, order: Order | None = None) -> Any:
        return order

    assert told(optional) == {"id": 17}
    assert told(model) == told(keyword) == Order(id=17)


def test_object_inside_a_generic_is_any_data_and_alone_nothing_at_all() -> None:
    def values(message: dict[str, object]) -> object:
        return message

    def anything(message: object) -> None: ...

    assert told(values) == {"id": 17}
    with pytest.raises(ConfigurationError, match="nobody can fill the parameter 'message: object'"):
        told(anything)


def test_text_that_may_be_none_is_text_as_it_came() -> None:
    def text(message: str | None = None) -> Any:
        return message

    def data(message: bytes | None) -> Any:
        return message

    assert told(text, "no JSON") == "no JSON"
    assert told(data, "no JSON") == b"no JSON"


def test_a_required_parameter_takes_the_payload_before_those_with_defaults() -> None:
    def first(order: Order, retries: int = 3, label: str = "x") -> Any:
        return [order, retries, label]

    def last(*, retries: int = 3, label: str = "x", order: Order) -> Any:
        return [order, retries, label]

    assert told(first) == told(last) == [Order(id=17), 3, "x"]


def test_a_required_parameter_that_is_not_the_payload_leaves_it_to_the_one_with_a_default() -> None:
    def handler(record: SnsRecord, message: str = "") -> Any:
        return [record.topic, message]

    assert told(handler, "hello") == ["orders", "hello"]


def test_two_parameters_with_defaults_are_refused_where_nothing_says_which_is_the_payload() -> None:
    def handler(record: SnsRecord, order: Order | None = None, retries: int = 3) -> None: ...

    with pytest.raises(ConfigurationError, match="order and retries would both take the payload"):
        App().sns("orders")(handler)


def test_what_can_hold_no_payload_keeps_its_default() -> None:
    class Client: ...

    def handler(order: Order | None = None, client: Client | None = None) -> Any:
        assert client is None
        return order

    handler.__annotations__["client"] = Client
    assert told(handler) == Order(id=17)


def test_a_default_without_an_annotation_is_refused_as_nothing_would_ever_fill_it() -> None:
    def handler(record: SnsRecord, retries=3) -> None: ...  # type: ignore[no-untyped-def] # noqa: ANN001

    with pytest.raises(ConfigurationError, match=r"'retries' has a default and no annotation.*functools\.partial"):
        App().sns("orders")(handler)


def test_what_a_partial_settles_by_name_is_never_the_payload() -> None:
    def handler(record: SnsRecord, table: str) -> Any:
        return table

    assert told(functools.partial(handler, table="orders"), "secrets") == "orders"


def test_a_dependencys_defaults_are_never_filled_by_the_sender() -> None:
    def handler(message: str, path: Annotated[str, Depends(path_of)]) -> Any:
        return [message, path]

    assert told(handler, "/etc") == ["/etc", "/var"]


def path_of(path: str = "/var") -> str:
    return path


def test_the_default_stands_in_where_there_is_no_payload() -> None:
    class ParcelRecord(Record):
        text: str | None = field("text", default=None)

    class ParcelSource(Source):
        names = ("parcel",)
        event, record, payload = Event, ParcelRecord, "text"

        def recognises(self, event: Any) -> bool:
            return "Records" in event

    class Parcels(Trigger):
        source = ParcelSource

    app = App()

    @app.on(Parcels())
    def handler(order: Order = Order(id=0)) -> Any:  # noqa: B008
        return order.id

    completion = app.complete({"Records": [{"text": None}, {}, {"text": '{"id": 17}'}]})
    assert [outcome.value for outcome in completion.outcomes] == [0, 0, 17]
