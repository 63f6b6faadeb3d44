"""Where one JSON value is not another."""

from __future__ import annotations

from json import dumps
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["differences"]

_LONGEST = 160  # characters of a value that are shown
_BEFORE = 40  # of them before the place where two texts part
_NUMBERS = (int, float)


def differences(expected: Any, seen: Any, path: str) -> Iterator[str]:
    """A line for each place at which they differ: "reply.id: expected 1, saw 2". Numbers are compared as JSON's."""
    if isinstance(expected, dict) and isinstance(seen, dict):
        for key in [*expected, *(key for key in seen if key not in expected)]:
            place = f"{path}.{key}"
            if key not in seen:
                yield f"{place}: expected {_shown(expected[key])}, saw no such key"
            elif key not in expected:
                yield f"{place}: expected no such key, saw {_shown(seen[key])}"
            else:
                yield from differences(expected[key], seen[key], place)
    elif isinstance(expected, list) and isinstance(seen, list):
        for number, pair in enumerate(zip(expected, seen, strict=False)):
            yield from differences(*pair, f"{path}[{number}]")
        for number in range(len(seen), len(expected)):
            yield f"{path}[{number}]: expected {_shown(expected[number])}, saw the end of the list"
        for number in range(len(expected), len(seen)):
            yield f"{path}[{number}]: expected the end of the list, saw {_shown(seen[number])}"
    elif not _equal(expected, seen):
        at = _parting(expected, seen) if isinstance(expected, str) and isinstance(seen, str) else 0
        yield f"{path}: expected {_shown(expected, at)}, saw {_shown(seen, at)}"


def _equal(expected: Any, seen: Any) -> bool:
    """True is no 1."""
    numbers = type(expected) in _NUMBERS and type(seen) in _NUMBERS
    return bool(expected == seen) and (numbers or type(expected) is type(seen))


def _parting(expected: str, seen: str) -> int:
    """The first place at which two texts differ."""
    pairs = zip(expected, seen, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(expected), len(seen)))


def _shown(value: Any, at: int = 0) -> str:
    """A value as JSON, of a long one what is around `at`."""
    if isinstance(value, str) and at > _BEFORE and len(value) > _LONGEST:
        value = f"…{value[at - _BEFORE :]}"
    text = dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
