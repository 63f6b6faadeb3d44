"""Calls with named arguments (of a GraphQL field, of an agent's function), which are a handler's parameters."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import is_scalar, text_converter
from lambdarouter.core.single import SynchronousSource
from lambdarouter.core.source import is_payload
from lambdarouter.core.value import value_converter
from lambdarouter.errors import InvalidPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.core.handler import Getter
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match
    from lambdarouter.core.trigger import Trigger

__all__ = ["ArgumentSource", "argument_getter", "spellings"]


def spellings(name: str) -> tuple[str, str]:
    """The names by which an argument may come for a parameter: its own, and that in camelCase."""
    first, *rest = name.split("_")
    return name, first + "".join(part.title() for part in rest)


class ArgumentSource(SynchronousSource):
    """One handler, whose parameters are the arguments by name.

    `arguments`: the record's attribute that holds them, by name; `argument`: what messages call one of them; `as_text`:
    whether they come as text (objects and lists as JSON text), or as JSON values.
    """

    arguments: str = "arguments"
    argument: str = "an argument"
    as_text: bool = True

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The record by its type, and its arguments by name."""
        getter = super().provide(parameter, trigger)
        return getter or argument_getter(parameter, self.arguments, as_text=self.as_text)

    def choices(self) -> str:
        """What a parameter may be."""
        return f"{super().choices()}, {self.argument}"


def argument_getter(parameter: Parameter, attribute: str, *, as_text: bool = False) -> Getter | None:
    """The argument of the parameter's name, validated into its annotation; None for a class that holds no data.

    `attribute` of the record holds the arguments by name. `order_id` also takes `orderId`. An argument that is missing
    is the default, or None where the annotation allows it. With `as_text`, arguments are text, objects and lists JSON.
    """
    if parameter.marker is not None or parameter.annotation is EMPTY or not is_payload(parameter.annotation):
        return None
    parameter.where = "argument"
    name = parameter.name
    names = spellings(name)
    if not as_text:
        convert = value_converter(parameter, name)
    elif is_scalar(parameter.annotation):
        convert = text_converter(parameter.declared, (name,))
    else:
        convert = codec.Decoder(parameter.declared, name)
    default = parameter.default
    if default is EMPTY and type(None) in getattr(parameter.annotation, "__args__", ()):
        default = None

    def get(match: Match, invocation: Invocation) -> Any:
        given = getattr(match.record, attribute)
        for each in names:
            if given.get(each) is not None:
                return convert(given[each])
        if default is not EMPTY:
            return default
        msg = f"the argument {name!r} is missing"
        raise InvalidPayloadError(msg, [{"loc": (name,), "msg": "Field required", "type": "missing"}])

    return get
