"""Named arguments of a call (of a GraphQL field, of an agent's function) as a handler's parameters."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import is_scalar, text_converter
from lambdarouter.core.source import is_payload
from lambdarouter.core.value import value_converter
from lambdarouter.errors import InvalidPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from lambdarouter.core.handler import Getter
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match

__all__ = ["argument_getter"]


def argument_getter(
    parameter: Parameter, read: Callable[[Any], Mapping[str, Any]], *, as_text: bool = False
) -> Getter | None:
    """The argument of the parameter's name, validated into its annotation; None for a class that holds no data.

    `read` gives a record's arguments. `order_id` also takes `orderId`. An argument that is missing is the default, or
    None where the annotation allows it. With `as_text`, arguments come as text, objects and lists as JSON text.
    """
    if parameter.marker is not None or parameter.annotation is EMPTY or not is_payload(parameter.annotation):
        return None
    parameter.where = "argument"
    name = parameter.name
    first, *rest = name.split("_")
    names = (name, first + "".join(part.title() for part in rest))
    if not as_text:
        convert = value_converter(parameter, name)
    elif is_scalar(parameter.annotation):
        convert = text_converter(parameter.declared, (name,))
    else:
        convert = codec.decoder(parameter.declared, name)
    default = parameter.default
    if default is EMPTY and type(None) in getattr(parameter.annotation, "__args__", ()):
        default = None

    def get(match: Match, invocation: Invocation) -> Any:
        given = read(match.record)
        for each in names:
            if given.get(each) is not None:
                return convert(given[each])
        if default is not EMPTY:
            return default
        msg = f"the argument {name!r} is missing"
        raise InvalidPayloadError(msg, [{"loc": (name,), "msg": "Field required", "type": "missing"}])

    return get
