"""Values of a handler's types: each one is such as pydantic accepts in JSON, and the smallest is small."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Annotated, Any, Literal, NewType, NotRequired
from uuid import UUID

import pytest
from hypothesis import Phase, find, given, settings, strategies as st
from pydantic import (
    AliasChoices,
    AliasPath,
    AwareDatetime,
    BaseModel,
    Field,
    HttpUrl,
    NaiveDatetime,
    PastDate,
    RootModel,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    dataclasses,
    model_validator,
)
from typing_extensions import TypeAliasType, TypedDict

from lambdarouter import ConfigurationError
from lambdarouter.core import codec
from lambdarouter.testing.values import is_kind, values


class Kind(Enum):
    NEW = "new"
    OLD = "old"


class Line(BaseModel):
    sku: Annotated[str, Field(pattern=r"^[a-z]{3}$")]
    count: int = Field(ge=1, le=3)


class Order(BaseModel):
    id: int = Field(gt=0, alias="orderId")
    total: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]
    price: Annotated[Decimal, Field(ge=0)]
    lines: list[Line] = Field(min_length=1, max_length=2)
    by_name: dict[str, Line] = Field(min_length=1)
    share: float = Field(gt=0, lt=1)
    rate: Annotated[float, Field(ge=0, le=1)]
    tags: set[Annotated[str, StringConstraints(min_length=2, max_length=3)]] = set()
    due: datetime
    seen: AwareDatetime | NaiveDatetime
    born: PastDate
    after: timedelta
    uid: UUID
    page: HttpUrl
    secret: SecretStr
    blob: bytes
    note: str | None = None
    kind: Kind = Kind.NEW
    other: Any = None
    deep: int = Field(0, validation_alias=AliasPath("deep", "er"))


class Note(BaseModel):
    id: int = Field(alias="noteId")
    first: int = Field(validation_alias=AliasChoices(AliasPath("a", "b"), "first", "uno"))
    text: str | None = None


class Tree(BaseModel):
    value: int
    children: list[Tree] = []


class Range(BaseModel):
    low: int
    high: int

    @model_validator(mode="after")
    def is_in_order(self) -> Range:
        if self.low > self.high:
            raise ValueError
        return self


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    name: str


class Lines(RootModel[list[Line]]): ...


@dataclass
class Plain:
    id: int
    line: Line
    tags: list[str] = field(default_factory=list)
    size: int = 0
    total: int = field(init=False, default=0)


@dataclasses.dataclass
class Checked:
    id: Annotated[int, Field(ge=5)]


class Named(TypedDict):
    id: int
    name: NotRequired[Annotated[str, Field(min_length=2)]]


UserId = NewType("UserId", int)
Ids = TypeAliasType("Ids", list[int])

KINDS: dict[str, Any] = {
    "model": Order,
    "recursive": Tree,
    "validator": Range,
    "tagged union": Annotated[Cat | Dog, Field(discriminator="kind")],
    "root model": Lines,
    "dataclass": Plain,
    "pydantic dataclass": Checked,
    "typed dict": Named,
    "new type": UserId,
    "type statement": Ids,
    "enum": Kind,
    "literal": Literal["a", 1],
    "any": Any,
    "object": object,
    "text": str,
    "number": int,
    "fraction": float,
    "decimal": Decimal,
    "dict": dict,
    "mapping": Mapping[str, Line],
    "ids by day": dict[date, list[UserId]],
    "sequence": Sequence[Order | None],
    "pair": tuple[int, str],
    "tuple": tuple[int, ...],
    "frozen set": frozenset[int],
    "constrained number": Annotated[int, Field(gt=3, le=9)],
    "multiple": Annotated[int, Field(ge=5, multiple_of=100)],
    "multiple of any size": Annotated[int, Field(multiple_of=1000)],
    "documented": Annotated[str, "what it is"],
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_value_is_one_that_a_handler_takes_as_json(kind: Any) -> None:
    accept = TypeAdapter(kind).validate_json

    @settings(max_examples=25)
    @given(values(kind))
    def check(value: Any) -> None:
        accept(codec.encode(value))

    check()


PHASES = [Phase.generate, Phase.shrink]  # and no explanation, which takes longer than both


def smallest(kind: Any, fits: Callable[[Any], bool] = lambda value: True) -> Any:
    # Of one seed: from a few, what is found first takes more than the 500 steps that there are.
    return find(values(kind), fits, settings=settings(database=None, max_examples=500, phases=PHASES), random=Random(0))  # noqa: S311 - no secret


def test_the_smallest_value_is_small() -> None:
    assert smallest(Tree) == {"value": 0}
    assert smallest(Line) == {"sku": "aaa", "count": 1}
    assert smallest(Plain) == {"id": 0, "line": {"sku": "aaa", "count": 1}}
    assert smallest(Named) == {"id": 0}
    assert smallest(Range) == {"low": 0, "high": 0}
    assert smallest(Lines) == []
    assert smallest(Annotated[Cat | Dog, Field(discriminator="kind")]) == {"kind": "cat", "lives": 0}


def test_a_model_is_drawn_under_its_aliases_without_or_with_what_has_a_default() -> None:
    assert smallest(Note) == {"noteId": 0, "first": 0}
    assert smallest(Note, lambda note: "text" in note)["text"] is None
    assert smallest(Tree, lambda tree: "children" in tree and tree["children"]) == {
        "value": 0,
        "children": [{"value": 0}],
    }


def test_bytes_may_be_any() -> None:
    assert smallest(bytes, lambda data: not data.isascii()) == b"\x80"


def test_a_strategy_is_taken_as_it_is() -> None:
    assert smallest(st.just(5)) == 5


def test_a_type_that_nobody_can_validate_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="cannot validate"):
        values(type("Connection", (), {}))


def test_types_aliases_and_strategies_stand_for_values_and_values_for_themselves() -> None:
    assert all(map(is_kind, [*KINDS.values(), st.text()]))
    assert not any(map(is_kind, ["orders", 5, None, {"id": int}, [int], Order.model_construct(id=1), Kind.NEW]))
