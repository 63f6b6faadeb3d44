"""A payload that is part of AWS's JSON already (a bus event's detail, a direct invocation's input), as a parameter.

Rooms whose payload is text use `payload_getter` of `core.source`; the annotations mean the same in both.
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import members_of, text_converter
from lambdarouter.core.source import is_payload
from lambdarouter.core.view import kind_of
from lambdarouter.errors import InvalidPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lambdarouter.core.handler import Getter
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match

__all__ = ["value_converter", "value_getter"]


def value_getter(
    parameter: Parameter, attribute: str, what: str | None = None, *, beyond_json: bool = False
) -> Getter | None:
    """The record's `attribute`, a JSON value, as the parameter's annotation; a default stands for null.

    `what` names the value in errors; by default as the attribute is called. `beyond_json`: the value may hold bytes,
    sets and decimals. None for a class that holds no payload.
    """
    if parameter.marker is not None or parameter.annotation is EMPTY or not is_payload(parameter.annotation):
        return None
    parameter.where = "payload"
    convert = value_converter(parameter, what or attribute, beyond_json=beyond_json)
    default = parameter.default

    def get(match: Match, invocation: Invocation) -> Any:
        value = getattr(match.record, attribute)
        return default if value is None and default is not EMPTY else convert(value)

    return get


def value_converter(parameter: Parameter, what: str, *, beyond_json: bool = False) -> Callable[[Any], Any]:
    """A function that turns a JSON value into the parameter's annotation. It raises `InvalidPayloadError`.

    `str` and `bytes` are a string as it is, and the JSON text of everything else. `beyond_json`: as for `value_getter`.
    """
    declared = parameter.declared
    if members_of(parameter.annotation) in ((str,), (bytes,)):
        as_bytes = members_of(parameter.annotation) == (bytes,)
        check = None if declared is parameter.annotation else text_converter(declared, (what,))
        return lambda value: _text(value, check, what, as_bytes=as_bytes)
    if declared in (dict, list):
        return lambda value: _plain(value, declared, what)
    parse = codec.Decoder(declared, what)

    # As JSON text again: a strict model takes JSON's words for dates and enums, and Python's only from Python.
    def read(value: Any) -> Any:
        return parse(_json(value, what))

    return _python_first(declared, what, read) if beyond_json else read


def _python_first(declared: Any, what: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Take the value as Python has it, bytes as bytes; only where it does not fit so, by way of JSON."""
    validate: Callable[[Any], Any] | None = None

    def convert(value: Any) -> Any:
        nonlocal validate
        if validate is None:
            from lambdarouter.core import binding  # noqa: PLC0415 - pydantic: only where it is needed

            validate = binding.value_validator(declared, (what,))
        try:
            return validate(value)
        except InvalidPayloadError:
            return read(value)

    return convert


def _json(value: Any, what: str) -> str:
    try:
        return codec.encode(value)
    except TypeError as error:
        msg = f"the {what} has no JSON form: {error}"
        raise InvalidPayloadError(msg, [{"loc": (what,), "msg": str(error), "type": "json_type"}]) from error


def _text(value: Any, check: Callable[[Any], Any] | None, what: str, *, as_bytes: bool) -> Any:
    text: Any = value if isinstance(value, str) else _json(value, what)
    if as_bytes:
        text = text.encode("utf-8", "surrogatepass")
    return text if check is None else check(text)


def _plain(value: Any, kind: type, what: str) -> Any:
    if isinstance(value, kind):
        return value
    expected = "an object" if kind is dict else "an array"
    msg = f"the {what} is {kind_of(value)}, expected {expected}"
    raise InvalidPayloadError(
        msg, [{"loc": (what,), "msg": f"Input should be {expected}", "type": f"{kind.__name__}_type"}]
    )
