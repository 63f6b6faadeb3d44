"""Text from a path, a query or a header into the parameter's type.

`str`, `int`, `float` and `bool` in their canonical spelling are converted here, so that a plain app never loads
pydantic. Everything else (another type, an odd spelling, a wrong value) is pydantic's to convert or to refuse, which
makes what is accepted exactly what its lax mode accepts.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["is_list", "is_scalar", "members_of", "text_converter"]

_PLAIN = (str, int, float, bool)
# Classes that pydantic reads from one string, by where they are defined: naming them would import them.
_SCALAR_MODULES = frozenset(
    {
        "datetime",
        "_pydatetime",
        "uuid",
        "decimal",
        "ipaddress",
        "pathlib",
        "pathlib._local",
        "pydantic.networks",
        "pydantic.types",  # SecretStr and its like
    }
)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "True": True, "False": False}
_DIGITS = frozenset("0123456789")
_INT_DIGITS = 15  # beyond, leave the judgement (and Python's limit on long integers) to pydantic


def members_of(annotation: Any) -> tuple[Any, ...]:
    """A union's members without None; any other annotation is its own only member."""
    if type(annotation).__name__ in ("UnionType", "Union", "_UnionGenericAlias"):
        return tuple(member for member in annotation.__args__ if member is not type(None))
    return (annotation,)


def is_scalar(annotation: Any) -> bool:
    """Whether one string holds such a value: str, numbers, dates, UUIDs, enums, literals, and unions of them."""
    return all(map(_is_scalar, members_of(annotation)))


def _is_scalar(annotation: Any) -> bool:
    if hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if type(annotation).__name__ == "_LiteralGenericAlias":
        return True
    if type(annotation).__name__ == "NewType":
        return is_scalar(annotation.__supertype__)
    if not isinstance(annotation, type):
        return False
    if annotation in _PLAIN or annotation is bytes or annotation.__module__ in _SCALAR_MODULES:
        return True
    return any(base.__module__ == "enum" for base in annotation.__mro__) or issubclass(annotation, _PLAIN)


def is_list(annotation: Any) -> bool:
    """Whether the annotation is a list, tuple or set of scalars: a parameter that may be given several times."""
    for member in members_of(annotation):
        if type(member).__name__ == "NewType" and is_list(member.__supertype__):
            continue
        if getattr(member, "__origin__", None) not in (list, tuple, set, frozenset):
            return False
        if not all(item is Ellipsis or is_scalar(item) for item in member.__args__):
            return False
    return True


def text_converter(declared: Any, location: tuple[str, ...]) -> Callable[[Any], Any]:
    """The conversion of a parameter declared so; it raises `InvalidPayloadError` naming `location`.

    A list takes the sequence of all values, everything else the one string (or a value that is made from it already).
    """
    members = members_of(declared)
    quick = _QUICK.get(members[0]) if len(members) == 1 and isinstance(members[0], type) else None
    validate: Callable[[Any], Any] | None = None

    def convert(text: Any) -> Any:
        nonlocal validate
        if quick is not None and isinstance(text, str):
            value = quick(text)
            if value is not None:
                return value
        if validate is None:
            from lambdarouter.core import binding  # noqa: PLC0415 - pydantic: only where it is needed

            validate = binding.value_validator(declared, location)
        return validate(text)

    return convert


def _int(text: str) -> int | None:
    digits = text[1:] if text[:1] == "-" else text
    return int(text) if digits and len(digits) <= _INT_DIGITS and _DIGITS.issuperset(digits) else None


def _float(text: str) -> float | None:
    whole, _, fraction = text.partition(".")
    if fraction and not _DIGITS.issuperset(fraction):
        return None
    number = _int(whole)
    return None if number is None or len(fraction) > _INT_DIGITS else float(text)


_QUICK: dict[type, Callable[[str], Any]] = {
    str: lambda text: text,
    int: _int,
    float: _float,
    bool: _BOOLEANS.get,
}
