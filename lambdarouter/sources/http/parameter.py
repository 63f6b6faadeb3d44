"""How the parameters of an HTTP handler are filled: from the path, the query, the headers, the body."""

from __future__ import annotations

from lambdarouter.core.http import Allow, Body, Cookie, Header, Path, Query, named_getter, provide_marked
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import is_list, is_scalar, members_of, text_converter
from lambdarouter.core.source import payload_getter
from lambdarouter.errors import ConfigurationError, HttpError, InvalidPayloadError
from lambdarouter.sources.http.converter import PATH, PLAIN
from lambdarouter.sources.http.request import HttpRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.core.handler import Getter
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match
    from lambdarouter.sources.http.converter import Converter
    from lambdarouter.sources.http.trigger import HttpTrigger

__all__ = ["provide"]

_MARKS = (Header, Query, Cookie, Path)


def provide(parameter: Parameter, trigger: HttpTrigger) -> Getter | None:
    """The getter of a parameter, or None where nothing of a request fills it."""
    marker = parameter.marker
    if marker is None:
        return _by_type(parameter, trigger)
    if isinstance(marker, Body):
        return _body(parameter)
    if isinstance(marker, Path):
        name = marker.name or parameter.name
        if name not in trigger.converters:
            msg = f"the parameter {parameter.name!r} is marked as Path, but {trigger.path!r} has no such parameter"
            raise ConfigurationError(msg)
        return _path(parameter, name, trigger.converters[name])
    return provide_marked(parameter, _MARKS)


def _by_type(parameter: Parameter, trigger: HttpTrigger) -> Getter | None:
    """What an unmarked parameter is: by its type, by its name in the path, else query or body."""
    wanted = parameter.annotation
    if isinstance(wanted, type) and issubclass(HttpRequest, wanted) and wanted is not object:
        parameter.where = "record"
        return lambda match, invocation: match.record
    if getattr(wanted, "__name__", "") == "Identity" and _is_identity(wanted):
        return lambda match, invocation: match.record.identity
    if members_of(wanted) == (Allow,):
        if trigger.auth is None:
            msg = f"the parameter {parameter.name!r} is an Allow, which only a guard gives: set auth= on the route"
            raise ConfigurationError(msg)
        return _auth
    if parameter.name in trigger.converters:
        return _path(parameter, parameter.name, trigger.converters[parameter.name])
    if is_scalar(wanted) or is_list(wanted):
        return named_getter(parameter, "query", parameter.name)
    return None if wanted is EMPTY else _body(parameter)


def _is_identity(wanted: type) -> bool:
    from lambdarouter.core.identity import Identity  # noqa: PLC0415 - for handlers that take one

    return wanted is Identity


def _path(parameter: Parameter, name: str, converter: Converter) -> Getter:
    """A path parameter: its converter's value where that is what is wanted, else its text as the annotation says."""
    from_text = named_getter(parameter, "path", name)
    if converter in (PLAIN, PATH):
        return from_text
    wanted = tuple(kind for kind in members_of(parameter.annotation) if isinstance(kind, type))
    check = None
    if parameter.declared is not parameter.annotation:
        check = text_converter(parameter.declared, ("path", name))
    as_it_is = parameter.annotation is EMPTY

    def get(match: Match, invocation: Invocation) -> Any:
        value = match.record.path_params.converted[name]
        if as_it_is:
            return value
        if isinstance(value, wanted):
            return value if check is None else check(value)
        return from_text(match, invocation)

    return get


def _auth(match: Match, invocation: Invocation) -> Any:
    return match.record.auth


def _body(parameter: Parameter) -> Getter | None:
    """The body, as JSON or as it comes: 415 where JSON is wanted and something else sent, the default if empty."""
    wanted = parameter.annotation
    attribute = "text" if wanted is str else "body" if wanted is bytes else "content"
    parse = payload_getter(parameter, attribute, "body")
    if parse is None:
        return None
    parameter.where = "body"
    default, is_json = parameter.default, attribute == "content"

    def body(match: Match, invocation: Invocation) -> Any:
        request = match.record
        if not request.content and (is_json or default is not EMPTY):
            if default is not EMPTY:
                return default
            msg = "body: Field required"
            raise InvalidPayloadError(msg, [{"loc": ("body",), "msg": "Field required", "type": "missing"}])
        media = request.media_type
        if is_json and media is not None and not _is_json(media):
            raise HttpError(415, f"the body is {media:.100}; this route takes application/json")
        return parse(match, invocation)

    return body


def _is_json(media: str) -> bool:
    if media == "application/json":
        return True
    kind = media.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
