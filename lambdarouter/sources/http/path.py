"""The path of a route, as its decorator writes it; and converters: what a path parameter's text may be.

`{order_id:int}` has one, which also makes the value that the text stands for.
"""

from __future__ import annotations

from lambdarouter.core.signature import name_of
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["PATH", "PLAIN", "Converter", "parse_path", "register_converter"]

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
        self.name: str = name
        self.convert: Callable[[str], Any] = convert
        self.order: tuple[int, str] = (rank, name)

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


def _converter_of(name: str) -> Converter | None:
    """The converter of this name, an app's own or built in; None where there is none."""
    return _BUILT_IN.get(name) or _own.get(name)


def parse_path(path: str) -> list[tuple[str, Converter | None]]:
    """The segments of a route's path, each with its converter if it is a parameter. Raises `ConfigurationError`."""
    if not isinstance(path, str) or not path.startswith("/"):
        msg = f'the path {path!r} does not start with "/"'
        raise ConfigurationError(msg)
    if "?" in path or "#" in path:
        msg = f"the path {path!r} holds a query or a fragment: query parameters are parameters of the handler"
        raise ConfigurationError(msg)
    if any(len(rest) > 1 and _HEX.issuperset(rest[:2]) for rest in path.split("%")[1:]):
        from urllib.parse import unquote  # noqa: PLC0415 - on the way to an error

        msg = f"the path {path!r} is percent-encoded, and requests are compared decoded: write it {unquote(path)!r}"
        raise ConfigurationError(msg)
    segments = [_segment(path, text) for text in path.split("/")[1:]]
    names = [name for name, converter in segments if converter is not None]
    if len(set(names)) < len(names):
        msg = f"the path {path!r} names a parameter twice"
        raise ConfigurationError(msg)
    if any(converter is PATH for _, converter in segments[:-1]):
        msg = f"the path {path!r} goes on after a {{name:path}}, which takes the rest of the path: it comes last"
        raise ConfigurationError(msg)
    return segments


def _segment(path: str, text: str) -> tuple[str, Converter | None]:
    if not set("{}<>*") & set(text):
        return text, None
    if text.startswith("{") and text.endswith("}"):
        name, colon, kind = text[1:-1].partition(":")
        converter = _converter_of(kind) if colon else PLAIN
        if name.isidentifier() and converter is not None:
            return name, converter
        if name.isidentifier() and kind.isidentifier():
            msg = (
                f"the path {path!r} holds {text!r}, and no converter is called {kind!r}: there are int, float, uuid "
                "and path, and those of register_converter()"
            )
            raise ConfigurationError(msg)
    # How Powertools and Flask (<id>, <int:id>), and API Gateway ({proxy+}), write what is meant.
    import re  # noqa: PLC0415 - on the way to an error

    meant = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: f"{{{m[2]}:{m[1]}}}" if m[1] else f"{{{m[2]}}}", path)
    meant = re.sub(r"\{(\w+)\+\}", r"{\1:path}", meant)
    hint = f": here {meant!r}" if meant != path else ""
    msg = f"the path {path!r} holds {text!r}; a parameter is a whole segment, written {{name}} or {{name:int}}{hint}"
    raise ConfigurationError(msg)
