"""JSON out and in: the same with and without pydantic, and always JSON."""

from __future__ import annotations

import datetime as dt
import enum
import json
import math
import subprocess
import sys
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, TypeAdapter

from lambdarouter import MalformedPayloadError
from lambdarouter.core import codec
from lambdarouter.core.codec import decode, encode, loads

ROOT = str(Path(__file__).parents[2])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Kind(enum.StrEnum):
    NEW = "new"


@dataclass
class Point:
    x: int
    y: float


class Order(BaseModel):
    id: int
    at: dt.datetime


PLAIN: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    0.1,
    -0.0,
    1e16,
    1e-7,
    5e-324,
    1.7976931348623157e308,
    "",
    'quotes " and \\ and / and \b\f\n\r\t\x00\x1f\x7f',
    "ünïcode ☃ 😀 \u2028",
    [],
    {},
    [[[]]],
    (1, 2),
    {"a": {"b": [1, {"c": None}]}},
    {1: "int", 2: {True: "bool"}, 1e16: "float"},
    Kind.NEW,
    Level.LOW,
    {"kind": Kind.NEW, "level": Level.LOW},
]


@given(json_values)
def test_what_is_written_reads_back_as_it_was(value: Any) -> None:
    text = encode(value)
    assert json.loads(text) == value
    assert text.encode().decode() == text


def test_plain_data_is_written_the_same_with_and_without_pydantic_loaded() -> None:
    # Both in fresh interpreters: here, pydantic is loaded already.
    code = f"""
import sys
sys.path.insert(0, {ROOT!r})
if "with" in sys.argv: import pydantic_core
import enum, json
class Kind(enum.StrEnum):
    NEW = "new"
class Level(enum.IntEnum):
    LOW = 1
from lambdarouter.core.codec import encode
for value in {[v for v in PLAIN if not isinstance(v, enum.Enum) and v != PLAIN[-1]]!r} + [Kind.NEW, Level.LOW]:
    print(json.dumps(encode(value)))
assert ("pydantic_core" in sys.modules) == ("with" in sys.argv)
"""
    written = [
        subprocess.run(
            [sys.executable, "-c", code, how], check=True, capture_output=True, text=True
        ).stdout.splitlines()
        for how in ("with", "without")
    ]
    assert [json.loads(json.loads(line)) for line in written[0]] == [
        json.loads(json.loads(line)) for line in written[1]
    ]


def test_what_is_not_plain_json_is_written_without_pydantic_loaded_before_too() -> None:
    code = f"""
import sys
sys.path.insert(0, {ROOT!r})
import datetime, decimal, math
from lambdarouter.core.codec import encode
assert "pydantic_core" not in sys.modules
assert encode([datetime.date(2026, 1, 2), decimal.Decimal("1.10"), math.nan]) == '["2026-01-02","1.10",null]'
circular = []
circular.append(circular)
for value in (circular, object(), "half \\ud800"):
    try:
        encode(value)
    except TypeError:
        pass
    else:
        raise SystemExit(f"accepted")
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.date(2026, 1, 2), '"2026-01-02"'),
        (dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC), '"2026-01-02T03:04:05Z"'),
        (dt.timedelta(minutes=1), '"PT1M"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Decimal("1.10"), '"1.10"'),
        (Colour.RED, '"red"'),
        (Point(1, 2.5), '{"x":1,"y":2.5}'),
        (Order(id=1, at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC)), '{"id":1,"at":"2026-01-02T00:00:00Z"}'),
        ({1}, "[1]"),
        (frozenset(), "[]"),
        (b"bytes", '"bytes"'),
        ({"orders": [Order(id=1, at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))]}, None),
        (math.nan, "null"),
        ([math.inf, -math.inf], "[null,null]"),
        ({"a": math.nan}, '{"a":null}'),
    ],
    ids=repr,
)
def test_dates_models_and_the_like_are_written_as_pydantic_writes_them(value: Any, text: str | None) -> None:
    assert encode(value) == text or text is None
    json.loads(encode(value), parse_constant=pytest.fail)


def deep() -> Any:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


def circular() -> Any:
    value: dict[str, Any] = {}
    value["self"] = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [object(), circular(), deep(), "\ud800", {"\udfff": 1}, lambda: None, {"a": object()}],
    ids=lambda v: type(v).__name__ + str(id(v)),
)
def test_what_has_no_json_form_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (object(), "'object'>"),
        ({"items": [1, object()]}, "'object'>, at ['items'][1]"),
        ([{"ok": 1}, (1, {7: {object()}})], "'object'>, at [1][1][7]"),
        ({"a": ["\ud800"]}, "not allowed, at ['a'][0]"),
        ({"x" * 99: object()}, f", at ['{'x' * 59}]"),
        ({"a": circular()}, "(id repeated)"),
    ],
    ids=["alone", "in a list", "in a tuple and a set", "surrogate", "a long name", "circular"],
)
def test_what_has_no_json_form_is_named_by_its_place(value: Any, where: str) -> None:
    with pytest.raises(TypeError) as caught:
        encode(value)
    assert str(caught.value).endswith(where)


@pytest.fixture(params=["pydantic loaded", "pydantic not loaded", "no C encoder"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`encode` where pydantic is not loaded yet, and where Python has no C encoder (PyPy)."""
    if request.param != "pydantic loaded":
        monkeypatch.delitem(sys.modules, "pydantic_core")
    if request.param == "no C encoder":
        monkeypatch.setattr(codec, "make_encoder", None)
        monkeypatch.setattr(codec, "_encode", codec.encoder(codec._foreign, allow_nan=False))
        monkeypatch.setattr(codec, "_scan", codec._scanner())
    return encode


@pytest.mark.parametrize("value", [*PLAIN, math.nan, {1}, [Colour.RED], Point(1, 2.0)], ids=repr)
def test_every_way_of_writing_writes_the_same(written: Any, value: Any) -> None:
    assert json.loads(written(value)) == json.loads(codec.encode(value))
    assert json.loads(written(value)) == json.loads(TypeAdapter(Any).dump_json(value, exclude_none=False))


@pytest.mark.parametrize("value", [object(), circular(), "\ud800"], ids=["object", "circular", "surrogate"])
def test_every_way_of_writing_refuses_the_same(written: Any, value: Any) -> None:
    with pytest.raises(TypeError):
        written(value)


def test_a_key_of_none_is_null_whether_pydantic_is_loaded_or_not(written: Any) -> None:
    assert written({None: "No", "None": 1}) == '{"null":"No","None":1}'


def test_an_error_leaves_no_trace_in_what_is_written_next() -> None:
    shared = {"a": 1}
    with pytest.raises(TypeError):
        encode([shared, object()])
    assert encode([shared, shared]) == '[{"a":1},{"a":1}]'


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "nope",
        "{'a': 1}",
        '"a',
        "[1,]",
        b"\xff",
        b'"\xe9"',
        '{"a":1}'.encode("utf-16"),
        "[" * 100_000,
        "9" * 5000,
        "\ufeff{}",
    ],
    ids=lambda text: repr(text[:8]),
)
def test_what_is_not_json_is_malformed_and_says_what_was_read(text: str | bytes) -> None:
    with pytest.raises(MalformedPayloadError, match=r"^the body is not JSON: ") as caught:
        decode(text, "body")
    assert caught.value.errors[0]["loc"] == ("body",)
    assert caught.value.errors[0]["type"] == "json_invalid"


def test_text_and_utf_8_bytes_are_read() -> None:
    assert decode('{"é": [1, null]}', "body") == decode('{"é": [1, null]}'.encode(), "body") == {"é": [1, None]}


@pytest.mark.parametrize("text", ["1 ", " 1", "\n1", '{"a": 1}\r\n', "[] "])
def test_space_around_a_text_is_read_over(text: str) -> None:
    assert loads(text) == decode(text, "body") == json.loads(text)


@pytest.mark.parametrize("text", ["", "1 2", "1]", '{"a": 1}x', "[1,", "nul", "{'a': 1}"])
def test_what_stands_around_a_value_or_is_none_is_an_error_that_says_where(text: str) -> None:
    with pytest.raises(ValueError, match=r"line 1 column \d"):
        loads(text)
