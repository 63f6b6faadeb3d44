"""Values of any type that a handler may declare, as hypothesis draws them and a sender would write them in JSON.

A model is drawn as the object that its JSON holds: under its aliases, with and without what has a default. Constraints
steer what is drawn, as far as they are pydantic's own, and no value leaves that pydantic would refuse.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import UTC
from decimal import Decimal
from functools import cache
from inspect import isclass
from json import dumps
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    NamedTuple,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from lambdarouter.core import binding, codec
from lambdarouter.errors import InvalidPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["HALVES", "JSON", "TEXT", "is_kind", "of_shape", "values"]

TEXT: SearchStrategy[str] = st.text()
_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | _FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)
HALVES: SearchStrategy[str] = st.text(st.characters(categories=["Cs", "Ll"]), min_size=1).map(dumps)
"""JSON texts with halves of surrogate pairs, which JSON can escape and Unicode cannot encode."""

_PLAIN: list[tuple[Any, SearchStrategy[Any]]] = [
    (Any, JSON),
    (object, JSON),
    (str, TEXT),
    (float, _FLOATS),
    (Decimal, st.decimals(allow_nan=False, allow_infinity=False, places=2)),
    (bytes, TEXT.map(str.encode)),  # JSON has no others
    (None, st.none()),
]
# Of pydantic's own types, by the format in their JSON schema.
_FORMATS: dict[str, SearchStrategy[Any]] = {
    "date": st.dates(),
    "date-time": st.datetimes(timezones=st.just(UTC)) | st.datetimes(),
    "email": st.emails(),
    "ipvanyaddress": st.ip_addresses(),
    "uri": st.from_regex(r"https://[a-z]{1,20}\.example/[a-z0-9/]{0,20}", fullmatch=True),
    "uuid": st.uuids(),
}
_PAIRS = (dict, Mapping)
_COLLECTIONS = (list, set, frozenset, tuple, deque, Collection, Iterable, Sequence, AbstractSet)
_BY_ANOTHER = ("__value__", "__supertype__")  # what a `type` statement names, what a NewType is made of


def is_kind(given: Any) -> bool:
    """Whether this is a type or a strategy, and so stands for values, or is a value itself."""
    alias = get_origin(given) is not None or any(hasattr(given, name) for name in _BY_ANOTHER)
    return alias or given is Any or isclass(given) or isinstance(given, SearchStrategy)


def values(kind: Any) -> SearchStrategy[Any]:
    """Values of a type that, written as JSON, a handler which declares it accepts; a strategy is taken as it is.

    Raises `ConfigurationError` for what pydantic cannot validate.
    """
    if isinstance(kind, SearchStrategy):
        return kind
    if kind is bytes:
        return st.binary()
    return of_shape(kind).filter(_accepts(kind))


def _accepts(kind: Any) -> Callable[[Any], bool]:
    validate = binding.json_validator(kind, "value")

    def accepts(value: Any) -> bool:
        try:
            validate(codec.encode(value))
        except (InvalidPayloadError, TypeError):
            return False
        return True

    return accepts


def of_shape(kind: Any) -> SearchStrategy[Any]:
    """Values that have the type's shape, whatever its validators say of them."""
    for plain, strategy in _PLAIN:
        if kind is plain:
            return strategy
    origin = get_origin(kind)
    if origin in _SPECIAL:
        return _SPECIAL[origin](*get_args(kind))
    if (origin or kind) in (*_PAIRS, *_COLLECTIONS):
        return _collection(kind, {})
    another = [getattr(kind, name) for name in _BY_ANOTHER if hasattr(kind, name)]
    return of_shape(another[0]) if another else _of_class(kind)


def _of_class(kind: Any) -> SearchStrategy[Any]:
    if _fields(kind) is not None:
        return _object(kind)
    if isclass(kind) and kind.__module__.partition(".")[0] == "pydantic":
        return _of_format(kind)
    return st.from_type(kind)


def _collection(kind: Any, sizes: dict[str, Any]) -> SearchStrategy[Any]:
    origin, arguments = get_origin(kind) or kind, get_args(kind)
    within: dict[str, Any] = {"max_size": max(4, sizes.get("min_size", 0)), **sizes}
    if origin in _PAIRS:
        keys, items = map(of_shape, arguments or (str, Any))
        return st.dictionaries(keys, items, **within)
    if origin is tuple and arguments and arguments[-1] is not ...:
        return st.tuples(*map(of_shape, arguments))
    return st.lists(of_shape(arguments[0] if arguments else Any), **within)


def _constrained(kind: Any, *metadata: Any) -> SearchStrategy[Any]:
    limits = list(_flat(metadata))

    def limit(*names: str) -> Any:
        found = (getattr(each, name, None) for each in limits for name in names)
        return next((each for each in found if each is not None), None)

    if limit("pattern") is not None:
        return st.from_regex(limit("pattern"), fullmatch=True)  # in Python, $ stands before a line's end too
    if (get_origin(kind) or kind) in (*_PAIRS, *_COLLECTIONS):
        sizes = {"min_size": limit("min_length"), "max_size": limit("max_length")}
        return _collection(kind, {name: size for name, size in sizes.items() if size is not None})
    low, high = limit("ge", "gt"), limit("le", "lt")
    if kind is float:
        edges: dict[str, Any] = {"exclude_min": limit("gt") is not None, "exclude_max": limit("lt") is not None}
        return st.floats(low, high, allow_nan=False, allow_infinity=False, **edges)
    if kind is Decimal:
        places, digits = limit("decimal_places"), limit("max_digits")
        if digits is not None:
            most = 10 ** (digits - (places or 0)) - 1
            low, high = -most if low is None else low, most if high is None else high
        return st.decimals(low, high, allow_nan=False, allow_infinity=False, places=2 if places is None else places)
    if kind is int and (step := limit("multiple_of")) is not None:
        return st.integers(low and -(-low // step), high and high // step).map(lambda count: count * step)
    # hypothesis warns of those that it does not know.
    known = [each for each in limits if type(each).__module__ == "annotated_types"]
    annotated: Any = Annotated[kind, *known] if known else None
    return st.from_type(annotated) if known else of_shape(kind)


def _either(kinds: tuple[Any, ...]) -> SearchStrategy[Any]:
    # None is the simplest, so hypothesis is to find it first.
    return st.one_of(*map(of_shape, sorted(kinds, key=lambda kind: kind is not NoneType)))


_SPECIAL: dict[Any, Callable[..., SearchStrategy[Any]]] = {
    Annotated: _constrained,
    NotRequired: of_shape,
    Required: of_shape,
    Union: lambda *kinds: _either(kinds),
    UnionType: lambda *kinds: _either(kinds),
}


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    """The constraints, also those in `Field(...)`, `StringConstraints(...)` and the like."""
    for each in metadata:
        if hasattr(each, "metadata"):
            yield from each.metadata
        elif hasattr(each, "__is_annotated_types_grouped_metadata__"):
            yield from each
        else:
            yield each


class _Field(NamedTuple):
    """One of an object's: its name in JSON, its type, and whether it has to be there."""

    name: str
    values: SearchStrategy[Any]
    is_required: bool


def _fields(kind: Any) -> Iterator[_Field] | None:
    """What a model, a dataclass or a TypedDict has; None for another type."""
    found = getattr(kind, "model_fields", None) or getattr(kind, "__pydantic_fields__", None)
    if found is not None:
        return (
            _Field(_name(name, field), _constrained(field.annotation, *field.metadata), field.is_required())
            for name, field in found.items()
        )
    if hasattr(kind, "__required_keys__"):  # a TypedDict, also one of typing_extensions
        marks = {NotRequired: False, Required: True}  # `__required_keys__` knows none that are written as text
        return (
            _Field(name, of_shape(hint), marks.get(get_origin(hint), name in kind.__required_keys__))
            for name, hint in _hints(kind)
        )
    if isclass(kind) and is_dataclass(kind):
        made = {each.name: each.default is each.default_factory for each in fields(kind) if each.init}
        return (_Field(name, of_shape(hint), made[name]) for name, hint in _hints(kind) if name in made)
    return None


def _hints(kind: Any) -> Iterable[tuple[str, Any]]:
    return get_type_hints(kind, include_extras=True).items()


def _name(name: str, field: Any) -> str:
    alias = field.validation_alias
    return next((each for each in getattr(alias, "choices", [alias]) if isinstance(each, str)), name)


@cache
def _object(kind: Any) -> SearchStrategy[Any]:
    # Deferred: a model may have a field of its own type.
    return st.deferred(lambda: _drawn_object(kind))


def _drawn_object(kind: Any) -> SearchStrategy[Any]:
    found = list(_fields(kind) or ())
    if getattr(kind, "__pydantic_root_model__", False):
        return found[0].values
    needed = {field.name: field.values for field in found if field.is_required}
    return st.fixed_dictionaries(needed, optional={each.name: each.values for each in found if not each.is_required})


def _of_format(kind: Any) -> SearchStrategy[Any]:
    ((schema,), _) = binding.json_schemas([(kind, "validation", repr(kind))], "{model}")
    return _FORMATS.get(schema.get("format", ""), TEXT).filter(_accepts(kind))
