"""EventBridge's event patterns: compiled when the route is registered, matched against the raw event.

The semantics are those of AWS's documentation and of its open-source matcher (event-ruler): an event matches when every
field that the pattern names has a value that one of the alternatives accepts. A list in the event offers each of its
values; of a list of objects, one object has to fit the pattern as a whole. Where a rule with the pattern could not be
created, neither can the route.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from lambdarouter.core.view import kind_of
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeAlias

    # One alternative of a field: does this value (a string, a number, a boolean or None) fit?
    Test: TypeAlias = Callable[[Any], bool]

__all__ = ["EventPattern"]

_LARGEST = 5_000_000_000  # EventBridge compares numbers up to this, either side of zero
_MISSING = object()


class EventPattern:
    """A compiled pattern; `matches(event)` says whether the event fits. A wrong one raises `ConfigurationError`."""

    __slots__ = ("_node", "_text")

    def __init__(self, pattern: Mapping[str, Any]) -> None:
        self._node = _object(pattern, ())
        self._text = json.dumps(pattern, separators=(",", ":"))

    def matches(self, event: Any) -> bool:
        """Whether the event (or any other JSON object) matches."""
        return self._node.matches(event, event)

    def __str__(self) -> str:
        return self._text


class _Object:
    """The fields of one object of the pattern: all have to match, and of each `$or` one of its objects."""

    __slots__ = ("alternatives", "fields")

    def __init__(self, fields: dict[str, _Object | _Leaf], alternatives: list[_Object]) -> None:
        self.fields = fields
        self.alternatives = alternatives

    def matches(self, value: Any, event: Any) -> bool:
        if isinstance(value, list):
            objects = [each for each in _flat(value) if isinstance(each, dict)]
            return any(self.matches(each, event) for each in objects or ({},))
        if not isinstance(value, dict):
            value = {}  # in which a field can still be absent
        return all(node.matches(value.get(key, _MISSING), event) for key, node in self.fields.items()) and (
            not self.alternatives or any(each.matches(value, event) for each in self.alternatives)
        )


class _Leaf:
    """The alternatives of one field; `path` leads to it from the event where absence is one of them."""

    __slots__ = ("path", "tests")

    def __init__(self, tests: Sequence[Test], path: tuple[str, ...] | None) -> None:
        self.tests = tests
        self.path = path

    def matches(self, value: Any, event: Any) -> bool:
        if any(test(each) for each in _scalars(value) for test in self.tests):
            return True
        # A field is absent when no object of a list has it, not when one of them has not.
        return self.path is not None and next(_scalars_at(event, self.path), _MISSING) is _MISSING


def _flat(values: list[Any]) -> Iterator[Any]:
    """The elements of a list, and of the lists in it, however deep."""
    waiting = [iter(values)]
    while waiting:
        for each in waiting[-1]:
            if isinstance(each, list):
                waiting.append(iter(each))
                break
            yield each
        else:
            waiting.pop()


def _scalars(value: Any) -> Iterator[Any]:
    """The values that a field offers: itself, or those of a list. An object is no value."""
    for each in _flat([value]):
        if each is not _MISSING and not isinstance(each, dict):
            yield each


def _scalars_at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if not path:
        yield from _scalars(value)
        return
    for each in _flat([value]):
        if isinstance(each, dict) and path[0] in each:
            yield from _scalars_at(each[path[0]], path[1:])


# --- Compiling -------------------------------------------------------------------------------------------------------


def _refuse(path: tuple[str, ...], problem: str) -> ConfigurationError:
    where = f"pattern, at {'.'.join(path)}" if path else "pattern"
    return ConfigurationError(f"{where}: {problem}")


def _shown(value: Any) -> str:
    return f"{value!r:.80}"


def _object(pattern: Any, path: tuple[str, ...]) -> _Object:
    if not isinstance(pattern, Mapping) or not pattern:
        problem = f"{_shown(pattern)} is no object with fields, such as {{'source': ['shop.orders']}}"
        raise _refuse(path, problem)
    fields: dict[str, _Object | _Leaf] = {}
    alternatives: list[_Object] = []
    for key, value in pattern.items():
        if not isinstance(key, str):
            raise _refuse(path, f"{_shown(key)} is no name of a field")
        if key == "$or":
            alternatives = _alternatives(value, path)
        elif isinstance(value, Mapping):
            fields[key] = _object(value, (*path, key))
        else:
            fields[key] = _leaf(value, (*path, key))
    return _Object(fields, alternatives)


def _alternatives(value: Any, path: tuple[str, ...]) -> list[_Object]:
    if not isinstance(value, (list, tuple)) or len(value) < 2:  # noqa: PLR2004 - one alternative is none
        raise _refuse((*path, "$or"), f"{_shown(value)} is no list of two objects or more")
    return [_object(each, path) for each in value]


def _leaf(value: Any, path: tuple[str, ...]) -> _Leaf:
    if not isinstance(value, (list, tuple)):
        raise _refuse(path, f"{_shown(value)} has to be in a list: [{_shown(value)}]")
    if not value:
        raise _refuse(path, "an empty list matches nothing")
    absent = [item for item in value if _is_absence(item)]
    tests = [_test(item, path) for item in value if not _is_absence(item)]
    return _Leaf(tests, path if absent else None)


def _is_absence(item: Any) -> bool:
    return isinstance(item, Mapping) and dict(item) == {"exists": False} and item["exists"] is False


def _test(item: Any, path: tuple[str, ...]) -> Test:
    if not isinstance(item, Mapping):
        return _equals(item, path)
    if len(item) != 1:
        raise _refuse(path, f"{_shown(item)} has {len(item)} operators; each alternative has one")
    [(operator, operand)] = item.items()
    compile_ = _OPERATORS.get(operator)
    if compile_ is None:
        raise _refuse(path, f"{operator!r} is no operator; there are {', '.join(_OPERATORS)}, and $or")
    return compile_(operand, (*path, operator))


def _equals(wanted: Any, path: tuple[str, ...]) -> Test:
    if _is_number(wanted):
        return lambda value: _is_number(value) and value == wanted
    if wanted is None or isinstance(wanted, (str, bool)):
        return lambda value: type(value) is type(wanted) and value == wanted
    raise _refuse(path, f"{_shown(wanted)} is {kind_of(wanted)}; values are strings, numbers, booleans and None")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text_of(value: Any, path: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise _refuse(path, f"{_shown(value)} is {kind_of(value)}, expected a string")
    return value


def _exists(operand: Any, path: tuple[str, ...]) -> Test:
    if operand is not True:
        raise _refuse(path, f"{_shown(operand)} is neither True nor False")
    return lambda value: True


def _ignoring_case(operand: Any, path: tuple[str, ...]) -> Test:
    wanted = _text_of(operand, path).lower()
    return lambda value: isinstance(value, str) and value.lower() == wanted


def _affix(method: str) -> Callable[[Any, tuple[str, ...]], Test]:
    """`prefix` and `suffix`: a string, or {"equals-ignore-case": a string}."""

    def compile_(operand: Any, path: tuple[str, ...]) -> Test:
        fits = getattr(str, method)
        if isinstance(operand, Mapping):
            if set(operand) != {"equals-ignore-case"}:
                raise _refuse(path, f"{_shown(operand)} is neither a string nor {{'equals-ignore-case': a string}}")
            folded = _text_of(operand["equals-ignore-case"], path).lower()
            return lambda value: isinstance(value, str) and fits(value.lower(), folded)
        wanted = _text_of(operand, path)
        return lambda value: isinstance(value, str) and fits(value, wanted)

    return compile_


def _wildcard(operand: Any, path: tuple[str, ...]) -> Test:
    r"""`*` is any text, `\*` an asterisk and `\\` a backslash. Matched without going back, so in linear time."""
    text = _text_of(operand, path)
    parts, at = [""], 0
    while at < len(text):
        character = text[at]
        if character == "\\":
            at += 1
            if text[at : at + 1] not in ("*", "\\"):
                raise _refuse(path, rf"{text!r} has a backslash that escapes nothing: write \\* or \\\\")
            parts[-1] += text[at]
        elif character == "*":
            if at and parts[-1] == "" and len(parts) > 1:
                raise _refuse(path, f"{text!r} has two wildcards next to each other")
            parts.append("")
        else:
            parts[-1] += character
        at += 1
    return lambda value: isinstance(value, str) and _glob(value, parts)


def _glob(value: str, parts: list[str]) -> bool:
    first, *middle = parts
    if not middle:
        return value == first
    last = middle.pop()
    if not value.startswith(first):
        return False
    at = len(first)
    for part in middle:
        found = value.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(value) - at >= len(last) and value.endswith(last)


def _cidr(operand: Any, path: tuple[str, ...]) -> Test:
    from ipaddress import ip_address, ip_network  # noqa: PLC0415 - only for patterns with addresses

    try:
        network = ip_network(_text_of(operand, path), strict=False)
    except ValueError as error:
        raise _refuse(path, f"{operand!r} is no block of addresses such as '10.0.0.0/24': {error}") from None

    def fits(value: Any) -> bool:
        try:
            return isinstance(value, str) and ip_address(value) in network
        except ValueError:
            return False

    return fits


def _numeric(operand: Any, path: tuple[str, ...]) -> Test:
    if not isinstance(operand, (list, tuple)) or len(operand) not in (2, 4):
        raise _refuse(path, f"{_shown(operand)} is no comparison such as ['>', 0] or ['>=', 0, '<', 5]")
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    for comparison, bound in pairs:
        if not isinstance(comparison, str) or comparison not in _COMPARISONS:
            raise _refuse(path, f"{_shown(comparison)} is none of {', '.join(_COMPARISONS)}")
        if not _is_number(bound) or not -_LARGEST <= bound <= _LARGEST:
            raise _refuse(path, f"{_shown(bound)} is no number from {-_LARGEST} to {_LARGEST}")
    if len(pairs) > 1:
        (lower, bottom), (upper, top) = pairs
        if lower not in (">", ">=") or upper not in ("<", "<="):
            raise _refuse(path, f"{_shown(operand)} is no range: it has a lower bound, then an upper one")
        if bottom >= top:
            raise _refuse(path, f"{_shown(operand)} is a range that no number is in")
    tests = [(_COMPARISONS[comparison], bound) for comparison, bound in pairs]
    return lambda value: _is_number(value) and all(compare(value, bound) for compare, bound in tests)


_COMPARISONS: dict[Any, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


def _anything_but(operand: Any, path: tuple[str, ...]) -> Test:
    """Anything but a string, a number, a list of either, or what another operator accepts; also of a list."""
    if isinstance(operand, Mapping):
        if len(operand) != 1 or next(iter(operand)) not in _NEGATED:
            raise _refuse(path, f"{_shown(operand)} is none of the operators {', '.join(_NEGATED)}")
        [(operator, operands)] = operand.items()
        inner = (*path, operator)
        several = operands if isinstance(operands, (list, tuple)) else [operands]
        # Unlike on its own, an empty prefix would leave nothing.
        if not several or not all(isinstance(each, str) and each for each in several):
            raise _refuse(inner, f"{_shown(operands)} is neither a string nor a list of strings")
        tests = [_NEGATED[operator](each, inner) for each in several]
        return lambda value: not any(test(value) for test in tests)
    values = list(operand) if isinstance(operand, (list, tuple)) else [operand]
    if not values or not (all(isinstance(each, str) for each in values) or all(map(_is_number, values))):
        raise _refuse(path, f"{_shown(operand)} is neither a string or a number, nor a list of strings or of numbers")
    tests = [_equals(each, path) for each in values]
    return lambda value: not any(test(value) for test in tests)


_NEGATED: dict[str, Callable[[Any, tuple[str, ...]], Test]] = {
    "prefix": _affix("startswith"),
    "suffix": _affix("endswith"),
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
}
_OPERATORS: dict[str, Callable[[Any, tuple[str, ...]], Test]] = {
    **_NEGATED,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "exists": _exists,
    "cidr": _cidr,
}
