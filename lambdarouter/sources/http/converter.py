"""Converters: what a path parameter's text may be, `{order_id:int}`, and the value it stands for."""

from __future__ import annotations

from lambdarouter.core.signature import name_of
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["PATH", "PLAIN", "Converter", "converter_of", "register_converter"]

_DIGITS = frozenset("0123456789")
_HEX = frozenset("0123456789abcdefABCDEF")
_UUID_GROUPS = (8, 4, 4, 4, 12)
_INFINITE = (float("inf"), float("-inf"))


class Converter:
    """One kind of path parameter. `convert` turns the text into a value, or raises ValueError: not this route's.

    `order` says which kind is tried first where several have a parameter in the same place: an app's own, int, float,
    uuid, plain text, a path.
    """

    __slots__ = ("convert", "name", "order")

    def __init__(self, name: str, convert: Callable[[str], Any], rank: int) -> None:
        self.name = name
        self.convert = convert
        self.order = (rank, name)

    def __repr__(self) -> str:
        return f"<Converter {self.name}>"


def _int(text: str) -> int:
    digits = text[1:] if text[:1] == "-" else text
    # Not int() alone, which takes "1_0", " 1" and the digits of every script.
    if not _DIGITS.issuperset(digits):
        raise ValueError
    return int(text)


def _float(text: str) -> float:
    whole, point, fraction = text.partition(".")
    if point and not (fraction and _DIGITS.issuperset(fraction)):
        raise ValueError
    _int(whole)
    value = float(text)
    if value in _INFINITE:  # of more digits than a float has
        raise ValueError
    return value


def _uuid(text: str) -> Any:
    groups = text.split("-")
    if tuple(map(len, groups)) != _UUID_GROUPS or not all(map(_HEX.issuperset, groups)):
        raise ValueError
    from uuid import UUID  # noqa: PLC0415 - only for paths that have one

    return UUID(text)


PLAIN = Converter("str", str, 5)
PATH = Converter("path", str, 6)
_BUILT_IN = {
    "str": PLAIN,
    "path": PATH,
    "int": Converter("int", _int, 2),
    "float": Converter("float", _float, 3),
    "uuid": Converter("uuid", _uuid, 4),
}
_own: dict[str, Converter] = {}


def register_converter(name: str, convert: Callable[[str], Any]) -> None:
    """Give paths a kind of parameter of their own: `register_converter("month", month)`, then `/bills/{when:month}`.

    `convert` gets the parameter's text, decoded and not empty, and returns the value; where it raises ValueError, the
    route is not meant, and the next one is tried. Call it before the routes that use it. Raises `ConfigurationError`
    for a name that is taken.
    """
    if not isinstance(name, str) or not name.isidentifier():
        msg = f"a converter's name is {name!r}; it is a word such as 'month', as in {{when:month}}"
        raise ConfigurationError(msg)
    if not callable(convert):
        msg = f"the converter {name!r} is {convert!r}; it is a function of the text that raises ValueError"
        raise ConfigurationError(msg)
    # A module that is loaded again brings the same function as another object.
    known = _own.get(name)
    if name in _BUILT_IN or (known is not None and name_of(known.convert) != name_of(convert)):
        taken = "built in" if known is None else name_of(known.convert)
        msg = f"the converter {name!r} is taken already ({taken}): give yours another name"
        raise ConfigurationError(msg)
    if known is None or known.convert != convert:
        _own[name] = Converter(name, convert, 1)


def converter_of(name: str) -> Converter | None:
    """The converter of this name, an app's own or built in; None where there is none."""
    return _BUILT_IN.get(name) or _own.get(name)
