"""Values as text: what an annotation says may be given, and how it is read. Every reader raises ValueError."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Reader", "alternatives", "merged", "of_origin", "reader"]


class Reader(NamedTuple):
    """What is expected, in a word for the help, and the function that reads a text."""

    takes: str
    read: Callable[[str], Any]


def alternatives(hint: Any) -> tuple[Any, ...]:
    """The types of a union; the only one of anything else."""
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


def of_origin(hint: Any, origin: Any) -> Any:
    """The alternative of `hint` that is a generic type's, such as Sequence's; None without one."""
    return next((each for each in alternatives(hint) if get_origin(each) is origin), None)


def reader(hint: Any) -> Reader:
    """How one value of an annotation is read."""
    kinds = set(alternatives(hint))
    if Any in kinds:
        return Reader("JSON|TEXT|@FILE", _json_or_text)
    for each in kinds:
        if get_origin(each) in _GENERIC:
            return _GENERIC[get_origin(each)](each)
    if datetime in kinds:
        return Reader("TIME", _time)
    if bytes in kinds:
        return Reader("TEXT|@FILE", lambda text: _content(text) if text.startswith("@") else text)
    if kinds >= {int, str}:
        return Reader("INTEGER|TEXT", lambda text: int(text) if text.isdecimal() else text)
    return Reader("INTEGER", _integer) if int in kinds else Reader("TEXT", str)


def merged(parts: Iterable[Mapping[str, Any]], hint: Any) -> dict[str, Any]:
    """One mapping of several; a name comes twice only where `hint`, that of the values, has lists of them."""
    found: dict[str, Any] = {}
    for name, value in (entry for part in parts for entry in part.items()):
        if name not in found:
            found[name] = value
        elif of_origin(hint, Sequence):
            found[name] = [*_listed(found[name]), *_listed(value)]
        else:
            msg = f"{name!r} is given twice, and has one value"
            raise ValueError(msg)
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _content(text: str) -> bytes:
    """What is in the file that `@FILE` names; `@-` is standard input."""
    name = text.removeprefix("@")
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        msg = f"the file {name!r} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ValueError(msg) from error


def _json_or_text(text: str) -> Any:
    if text.startswith("@"):
        content = _content(text)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content
    try:
        return _loaded(text)
    except ValueError:
        return text


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refused)
    except RecursionError as error:
        msg = "it is nested too deeply"
        raise ValueError(msg) from error


def _refused(constant: str) -> Any:
    msg = f"{constant} is no JSON"
    raise ValueError(msg)


def _json(text: str, hint: Any) -> Any:
    if text.startswith("@"):
        text = _content(text).decode("utf-8-sig", "replace")
    try:
        value = _loaded(text)
    except ValueError as error:
        msg = f"{text!r:.200} is not JSON: {error}"
        raise ValueError(msg) from error
    if not _fits(value, hint):
        msg = f"{text!r:.200} is not {_expected(hint)}"
        raise ValueError(msg)
    return value


def _entries(text: str, hint: Any) -> Any:
    if text.lstrip().startswith("{") or text.startswith("@"):
        return _json(text, hint)
    name, equals, value = text.partition("=")
    if not (name and equals):
        msg = f"{text!r:.200} is neither NAME=VALUE nor a JSON object"
        raise ValueError(msg)
    return {name: reader(get_args(hint)[1]).read(value)}


def _fits(value: Any, hint: Any) -> bool:
    """Whether what JSON holds is what an annotation says."""
    return any(_is(value, each) for each in alternatives(hint))


def _is(value: Any, kind: Any) -> bool:
    arguments = get_args(kind)
    if get_origin(kind) is tuple:
        return isinstance(value, list) and len(value) == len(arguments)
    if get_origin(kind) is Sequence:
        return isinstance(value, list) and all(_fits(each, arguments[0]) for each in value)
    if get_origin(kind) in {Mapping, dict}:
        return isinstance(value, dict) and all(_fits(each, arguments[1]) for each in value.values())
    return kind is Any or type(value) is kind


def _expected(hint: Any) -> str:
    found = of_origin(hint, tuple)
    if found is not None:
        return f"a JSON array of {len(get_args(found))}"
    values = get_args(of_origin(hint, Mapping) or of_origin(hint, dict))[1]
    if Any in alternatives(values):
        return "a JSON object"
    names = {str: "text", int: "whole numbers", NoneType: "null"}
    kinds = [names[each] for each in alternatives(values) if each in names]
    return f"a JSON object with {' or '.join([*kinds, *(['lists of text'] if of_origin(values, Sequence) else [])])}"


def _time(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        msg = f"{text!r:.200} is no time; ISO 8601 is expected, such as 2026-01-01T03:00Z"
        raise ValueError(msg) from error
    return text


def _choice(text: str, choices: Sequence[str]) -> str:
    if text not in choices:
        msg = f"{text!r:.200} is none of {', '.join(choices)}"
        raise ValueError(msg)
    return text


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        msg = f"{text!r:.200} is no whole number"
        raise ValueError(msg) from error


_GENERIC: dict[Any, Callable[[Any], Reader]] = {
    Literal: lambda kind: Reader("|".join(get_args(kind)), lambda text: _choice(text, get_args(kind))),
    Mapping: lambda kind: Reader("NAME=VALUE|JSON", lambda text: _entries(text, kind)),
    dict: lambda kind: Reader("NAME=VALUE|JSON", lambda text: _entries(text, kind)),
    tuple: lambda kind: Reader("JSON", lambda text: tuple(_json(text, kind))),
}
