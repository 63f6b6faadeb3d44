"""Payloads into annotations and values out of them: what is refused, what never leaves, and what stays unsaid."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict  # pydantic takes typing.TypedDict from Python 3.12 on

from lambdarouter import App, BatchError, ConfigurationError, InvalidPayloadError, MalformedPayloadError, SnsRecord
from lambdarouter.core import binding
from lambdarouter.testing.events import sns

SECRET = '{"id": "hunter2", "sku": ["hunter2"]}'


class Order(BaseModel):
    id: int
    sku: str


class Secretive(Order):
    password: str = "hunter2"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: int
    inner: list[Order] = []


@dataclass
class Line:
    sku: str
    count: int


class Row(TypedDict):
    sku: str


class Incomplete(BaseModel):
    later: Later


class Later(BaseModel):
    id: int


def received(annotation: Any, *messages: Any) -> Any:
    """What an SNS handler with one parameter annotated so gets of a message."""
    got: list[Any] = []

    def handler(payload: Any) -> None:
        got.append(payload)

    handler.__annotations__["payload"] = annotation
    app = App()
    app.sns("orders")(handler)
    completion = app.complete(sns("orders", *messages))
    completion.unwrap()
    return got[0]


@pytest.mark.parametrize(
    ("annotation", "message", "payload"),
    [
        (str, "text as it came", "text as it came"),
        (str, '{"id": 1}', '{"id": 1}'),
        (bytes, "bytes ☃", "bytes ☃".encode()),
        (dict, {"id": 1}, {"id": 1}),
        (dict[str, int], {"id": "1"}, {"id": 1}),
        (list, [1], [1]),
        (list[int], ["1"], [1]),
        (int, "5", 5),
        (Order, {"id": "1", "sku": "a"}, Order(id=1, sku="a")),
        (Order | None, "null", None),
        (Order | list[Order], [{"id": 1, "sku": "a"}], [Order(id=1, sku="a")]),
        (Line, {"sku": "a", "count": 2}, Line("a", 2)),
        (Row, {"sku": "a"}, {"sku": "a"}),
        (Incomplete, {"later": {"id": 1}}, Incomplete(later=Later(id=1))),
        (Any, "[1, null]", [1, None]),
        (Annotated[str, Field(max_length=5)], "short", "short"),
        (Annotated[bytes, Field(max_length=5)], "short", b"short"),
    ],
    ids=str,
)
def test_a_payload_is_decoded_and_validated_into_its_annotation(annotation: Any, message: Any, payload: Any) -> None:
    got = received(annotation, message)
    assert got == payload
    assert type(got) is type(payload)


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (dict, "[]"),
        (dict, "1"),
        (list, "{}"),
        (Order, "[]"),
        (Order, {"id": "x", "sku": "a"}),
        (Order, {}),
        (Row, {}),
        (Annotated[str, Field(max_length=5)], "too long"),
        (Annotated[bytes, Field(max_length=5)], "too long"),
    ],
    ids=str,
)
def test_a_payload_that_does_not_fit_is_the_senders_fault(annotation: Any, message: Any) -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        received(annotation, message)
    assert not isinstance(caught.value, MalformedPayloadError)
    assert caught.value.errors
    assert all(error["loc"][0] == "message" for error in caught.value.errors)


@pytest.mark.parametrize("annotation", [dict, list, Order, int, Any], ids=str)
@pytest.mark.parametrize("message", ["", "{", "nope", "[1,]"])
def test_a_payload_that_is_no_json_is_malformed(annotation: Any, message: str) -> None:
    with pytest.raises(MalformedPayloadError, match=r"^(the )?message"):
        received(annotation, message)


def test_every_reason_is_listed_by_place_and_the_first_are_told() -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        received(Strict, {"id": "x", "inner": [{"id": 1, "sku": "a"}, {"sku": 3}], "more": 1})
    assert [error["loc"] for error in caught.value.errors] == [
        ("message", "id"),
        ("message", "inner", 1, "id"),
        ("message", "inner", 1, "sku"),
        ("message", "more"),
    ]
    assert str(caught.value) == (
        "message.id: Input should be a valid integer, unable to parse string as an integer; "
        "message.inner.1.id: Field required; message.inner.1.sku: Input should be a valid string (and 1 more)"
    )
    assert all(set(error) == {"loc", "msg", "type"} for error in caught.value.errors)


def test_the_place_of_what_is_wrong_may_be_any_text_and_is_told_in_one_short_line() -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        received(Strict, {"id": 1, "inner": [], "a\n[ERROR] forged\x1b" + "x" * 100_000: 1, "b": 1})
    text = str(caught.value)
    assert text.startswith(r"message.a [ERROR] forged\x1bxxx")
    assert text.endswith("x…; message.b: Extra inputs are not permitted")
    assert text.isprintable()
    assert len(text) < 300


@pytest.mark.parametrize("annotation", [Order, dict[str, int], list[int], Annotated[str, Field(max_length=3)]], ids=str)
def test_nothing_of_the_payload_is_in_the_error_nor_in_its_traceback(annotation: Any) -> None:
    with pytest.raises(InvalidPayloadError) as caught:
        received(annotation, SECRET)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.errors)
    assert "hunter2" not in told
    assert caught.value.__cause__ is None


def test_several_bad_messages_are_each_told() -> None:
    with pytest.raises(BatchError) as caught:
        received(Order, "{", {"id": 1})
    assert [type(error) for error in caught.value.exceptions] == [MalformedPayloadError, InvalidPayloadError]


def test_an_annotation_that_pydantic_cannot_validate_is_a_configuration_error_that_shows_it() -> None:
    class Opaque:
        pass

    with pytest.raises(ConfigurationError, match=r"pydantic cannot validate .*Opaque"):
        binding.json_validator(list[Opaque], "message")


def test_a_payload_annotated_with_a_class_that_holds_no_data_is_refused_at_registration() -> None:
    def handler(record: SnsRecord, session: Opaque) -> None: ...

    with pytest.raises(ConfigurationError, match="nobody can fill the parameter 'session: Opaque'"):
        App().sns("orders")(handler)


class Opaque:
    pass


# --- Out -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "value", "text"),
    [
        (Order, Order(id=1, sku="a"), '{"id":1,"sku":"a"}'),
        (Order, {"id": 1, "sku": "a", "password": "hunter2"}, '{"id":1,"sku":"a"}'),
        (Order, Secretive(id=1, sku="a"), '{"id":1,"sku":"a"}'),
        (list[Order], [Secretive(id=1, sku="a")], '[{"id":1,"sku":"a"}]'),
        (dict[str, Order], {"a": Secretive(id=1, sku="a")}, '{"a":{"id":1,"sku":"a"}}'),
        (Order | None, Secretive(id=1, sku="a"), '{"id":1,"sku":"a"}'),
        (Order | None, None, "null"),
        (Line, Line("a", 1), '{"sku":"a","count":1}'),
        (Line, {"sku": "a", "count": 1, "password": "hunter2"}, '{"sku":"a","count":1}'),
        (Row, {"sku": "a", "password": "hunter2"}, '{"sku":"a"}'),
        (list[int], ["1"], "[1]"),
        (Incomplete, {"later": {"id": 1, "password": "hunter2"}}, '{"later":{"id":1}}'),
    ],
    ids=str,
)
def test_a_field_that_the_declared_type_does_not_have_never_leaves(declared: Any, value: Any, text: str) -> None:
    assert binding.reply_writer(declared)(value) == text


def test_an_object_with_the_declared_fields_is_read_by_its_attributes() -> None:
    class FromDatabase:
        id = 1
        sku = "a"
        password = "hunter2"

    assert binding.reply_writer(Order)(FromDatabase()) == '{"id":1,"sku":"a"}'


def test_values_of_the_types_that_are_spared_are_not_written() -> None:
    write = binding.reply_writer(Order, (Line, type(None)))
    assert write(Line("a", 1)) is None
    assert write(None) is None
    assert write(Order(id=1, sku="a")) == '{"id":1,"sku":"a"}'


@pytest.mark.parametrize("value", [None, {}, {"id": "hunter2", "sku": "a"}, "hunter2", [1]], ids=repr)
def test_a_value_that_does_not_fit_its_declared_type_is_the_handlers_mistake(value: Any) -> None:
    with pytest.raises(TypeError, match="does not fit its declared return type: reply") as caught:
        binding.reply_writer(Order)(value)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
