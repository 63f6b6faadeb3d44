"""Text into parameters: exactly what pydantic's lax mode takes, without pydantic where the spelling is canonical."""

from __future__ import annotations

import enum
import math
import subprocess
import sys
import typing
from datetime import date, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Literal, NewType
from uuid import UUID

import pytest
from hypothesis import example, given, strategies as st
from pydantic import BaseModel, EmailStr, Field, HttpUrl, SecretStr, TypeAdapter, ValidationError

from lambdarouter import InvalidPayloadError
from lambdarouter.core.scalar import is_list, is_scalar, members_of, text_converter

# The older spellings, whose objects differ from those of `int | None`.
OptionalInt = typing.Optional[int]  # noqa: UP045
IntOrStr = typing.Union[int, str]  # noqa: UP007

ROOT = str(Path(__file__).parents[2])

# What people and scripts send for numbers and booleans, and the odd ends of it.
near_numbers = st.text(alphabet="0123456789+-._eE, \t\n_infaINFA٣x", max_size=24)
numbers = st.one_of(
    st.integers().map(str),
    st.floats().map(repr),
    st.integers(min_value=0).map(lambda n: f"000{n}"),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.from_regex(r"-?[0-9]{1,40}(\.[0-9]{0,40})?", fullmatch=True),
)
booleans = st.sampled_from(
    [
        "true",
        "false",
        "True",
        "False",
        "TRUE",
        "FALSE",
        "tRue",
        "1",
        "0",
        "1.0",
        "0.0",
        "01",
        "t",
        "f",
        "T",
        "F",
        "yes",
        "no",
        "YES",
        "y",
        "n",
        "on",
        "off",
        "On",
        "2",
        "-1",
        "None",
        "null",
    ]
)
texts = st.text(alphabet=st.characters(codec=None))
anything = st.one_of(texts, near_numbers, numbers, booleans)


def judged(convert: Any, text: str) -> tuple[str, Any]:
    try:
        value = convert(text)
    except (ValidationError, InvalidPayloadError):
        return "refused", None
    # repr tells 0.0 from -0.0, and knows NaN as itself.
    return "accepted", (type(value), repr(value))


@pytest.mark.parametrize("kind", [str, int, float, bool, OptionalInt, str | None, float | None, bool | None], ids=str)
@given(text=anything)
@example(text="")
@example(text="-0")
@example(text="-")
@example(text="-0.0")
@example(text="1.")
@example(text=".5")
@example(text="-.5")
@example(text="1_000")
@example(text="007")
@example(text="007.50")
@example(text="1e5")
@example(text=" 5 ")
@example(text="+5")
@example(text="5.0")
@example(text="٣")
@example(text="²")
@example(text="999999999999999")
@example(text="9" * 5000)
@example(text="0.1234567890123456789")
@example(text="\ud800")
@example(text="\x00")
def test_every_text_is_judged_and_converted_as_pydantics_lax_mode_does(kind: Any, text: str) -> None:
    assert judged(text_converter(kind, ("query", "q")), text) == judged(TypeAdapter(kind).validate_python, text)


CANONICAL = [
    (str, "", ""),
    (str, "ünïcode ☃", "ünïcode ☃"),
    (int, "0", 0),
    (int, "-17", -17),
    (int, "123456789012345", 123456789012345),
    (float, "2.5", 2.5),
    (float, "-3", -3.0),
    (bool, "true", True),
    (bool, "false", False),
    (bool, "1", True),
    (bool, "0", False),
    (bool, "True", True),
    (int | None, "5", 5),
    (str | None, "x", "x"),
]


def test_the_canonical_spellings_are_converted_without_pydantic() -> None:
    code = f"""
import sys
sys.path.insert(0, {ROOT!r})
from typing import Optional
from lambdarouter.core.scalar import text_converter
for kind, text, value in {[(getattr(k, "__name__", "Optional"), t, v) for k, t, v in CANONICAL]!r}:
    kind = Optional[type(value)] if kind == "Optional" else dict(str=str, int=int, float=float, bool=bool)[kind]
    converted = text_converter(kind, ("query", "q"))(text)
    assert converted == value and type(converted) is type(value), (kind, text, converted)
assert not [name for name in sys.modules if "pydantic" in name], sys.modules
"""
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Sku(str):
    __slots__ = ()


class Model(BaseModel):
    id: int


Isbn = NewType("Isbn", str)
Hardcover = NewType("Hardcover", Isbn)
Isbns = NewType("Isbns", list[Isbn])
Catalogue = NewType("Catalogue", dict[str, int])

SCALARS = [
    str,
    int,
    float,
    bool,
    bytes,
    date,
    datetime,
    timedelta,
    Decimal,
    UUID,
    Path,
    IPv4Address,
    Colour,
    Level,
    Sku,
    Isbn,
    Hardcover,
    Literal["a", "b"],
    EmailStr,
    HttpUrl,
    SecretStr,
    int | str,
    int | None,
    OptionalInt,
    IntOrStr,
    Annotated[int, Field(ge=1)],
    Annotated[int, Field(ge=1)] | None,
]


@pytest.mark.parametrize("kind", SCALARS, ids=str)
def test_what_one_string_holds_is_a_scalar(kind: Any) -> None:
    assert is_scalar(kind)
    assert not is_list(kind)
    assert is_list(list[kind])
    assert is_list(list[kind] | None)
    assert is_list(set[kind])
    assert is_list(tuple[kind, ...])


@pytest.mark.parametrize(
    "kind",
    [dict, list, dict[str, int], Model, Model | None, int | Model, list[Model], list[Model] | None, Any, Catalogue],
    ids=str,
)
def test_what_takes_more_than_a_string_is_none(kind: Any) -> None:
    assert not is_scalar(kind)
    assert not is_list(kind)


def test_a_new_type_is_what_it_is_made_of() -> None:
    assert is_list(Isbns)
    assert is_list(Isbns | None)
    assert not is_scalar(Isbns)
    assert text_converter(Isbns, ("query", "isbns"))(["1", "2"]) == ["1", "2"]


def test_the_members_of_a_union_are_told_without_none() -> None:
    assert members_of(int | None) == (int,)
    assert members_of(OptionalInt) == (int,)
    assert members_of(IntOrStr) == (int, str)
    assert members_of(list[int]) == (list[int],)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (date, "2026-01-31", date(2026, 1, 31)),
        (UUID, "00000000-0000-0000-0000-000000000001", UUID(int=1)),
        (Decimal, "1.10", Decimal("1.10")),
        (Colour, "red", Colour.RED),
        (Level, "1", Level.LOW),
        (int | str, "x", "x"),
        (list[int], ["1", "2"], [1, 2]),
        (set[int] | None, ["1", "1"], {1}),
        (tuple[int, ...], ["1"], (1,)),
        (float, "nan", math.nan),
    ],
    ids=str,
)
def test_other_types_are_converted_by_pydantic(kind: Any, text: Any, value: Any) -> None:
    converted = text_converter(kind, ("query", "q"))(text)
    assert converted == value or (converted != converted and value != value)  # noqa: PLR0124 - NaN is not itself


def test_a_refusal_names_where_the_text_was_found_and_never_the_text() -> None:
    convert = text_converter(list[int], ("query", "ids"))
    with pytest.raises(InvalidPayloadError) as caught:
        convert(["1", "secret"])
    assert caught.value.errors == [
        {
            "loc": ("query", "ids", 1),
            "msg": "Input should be a valid integer, unable to parse string as an integer",
            "type": "int_parsing",
        }
    ]
    assert "secret" not in str(caught.value)
