"""Named arguments: by name, in either spelling, typed, missing, null."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, cast

import pytest
from pydantic import BaseModel, Field

from lambdarouter import Context, Header, InvalidPayloadError, Match, Record
from lambdarouter.core.argument import argument_getter
from lambdarouter.core.invocation import Invocation
from lambdarouter.core.parameter import EMPTY, Parameter

NOWHERE = cast("Invocation", None)


class Line(BaseModel):
    sku: str


def value(arguments: dict[str, Any], name: str, annotation: Any, default: Any = EMPTY, *, as_text: bool = False) -> Any:
    parameter = Parameter(name, annotation, default)
    get = argument_getter(parameter, "raw", as_text=as_text)
    assert get is not None
    assert parameter.where == "argument"
    return get(Match(None, Record(arguments)), NOWHERE)


@pytest.mark.parametrize(
    ("arguments", "name", "annotation", "expected"),
    [
        ({"id": "17"}, "id", int, 17),
        ({"orderId": 17}, "order_id", int, 17),
        ({"order_id": 1, "orderId": 2}, "order_id", int, 1),
        ({"day": "2026-01-01"}, "day", date, date(2026, 1, 1)),
        ({"line": {"sku": "tea"}}, "line", Line, Line(sku="tea")),
        ({"lines": [{"sku": "tea"}]}, "lines", list[Line], [Line(sku="tea")]),
        ({"properties": {"a": [1], "b": "x"}}, "properties", dict[str, object], {"a": [1], "b": "x"}),
        ({}, "page", int | None, None),
        ({"page": None}, "page", int | None, None),
    ],
)
def test_an_argument_is_found_by_name_and_validated(
    arguments: dict[str, Any], name: str, annotation: Any, expected: Any
) -> None:
    assert value(arguments, name, annotation) == expected


@pytest.mark.parametrize(
    ("text", "annotation", "expected"),
    [
        ("17", int, 17),
        ("true", bool, True),
        ("17", str, "17"),
        ("2026-01-01", date, date(2026, 1, 1)),
        ('["a"]', list[str], ["a"]),
        ('{"sku": "tea"}', Line, Line(sku="tea")),
        ("[1]", list, [1]),
    ],
)
def test_text_is_read_as_annotated(text: str, annotation: Any, expected: Any) -> None:
    assert value({"x": text}, "x", annotation, as_text=True) == expected


def test_an_argument_is_read_again_and_again() -> None:
    get = argument_getter(Parameter("x", list[int]), "raw", as_text=True)

    assert get is not None
    assert [get(Match(None, Record({"x": text})), NOWHERE) for text in ("[1]", "[2]")] == [[1], [2]]


def test_what_is_missing_or_null_is_the_default() -> None:
    assert value({}, "page", int, 1) == 1
    assert value({"page": None}, "page", int, 1) == 1
    with pytest.raises(InvalidPayloadError, match="the argument 'page' is missing"):
        value({"page": None}, "page", int)


@pytest.mark.parametrize("as_text", [False, True])
def test_what_does_not_fit_is_refused_under_its_name(*, as_text: bool) -> None:
    with pytest.raises(InvalidPayloadError, match="page"):
        value({"page": "x"}, "page", int, as_text=as_text)
    with pytest.raises(InvalidPayloadError, match="lines"):
        value({"lines": '["x"'}, "lines", list[int], as_text=as_text)
    with pytest.raises(InvalidPayloadError, match="page"):
        value({"page": "7"}, "page", Annotated[int, Field(gt=7)], as_text=as_text)


def test_a_class_that_holds_no_data_and_a_marked_parameter_are_no_arguments() -> None:
    for annotation in (Context, Annotated[str, Header()], EMPTY):
        assert argument_getter(Parameter("x", annotation), "raw") is None
