"""How the parameters of an HTTP handler are filled: from the path, the query, the headers, the body."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.http import Allow, Body, Cookie, Header, Path, Query, named_getter, provide_marked
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.request import Values
from lambdarouter.core.scalar import is_list, is_scalar, members_of, text_converter
from lambdarouter.core.source import payload_getter
from lambdarouter.errors import ConfigurationError, HttpError, InvalidPayloadError
from lambdarouter.sources.http.path import PATH, PLAIN
from lambdarouter.sources.http.request import HttpRequest
from lambdarouter.sources.http.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lambdarouter.core.handler import Getter
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match
    from lambdarouter.sources.http.path import Converter
    from lambdarouter.sources.http.trigger import HttpTrigger

__all__ = ["provide"]

_MARKS = (Header, Query, Cookie, Path)


# Where the values of a group are found.
_GROUPS: dict[type, Callable[[Any], Values]] = {
    Query: lambda record: record.query,
    Header: lambda record: record.headers,
    Cookie: lambda record: Values(record.cookies.items()),
}


def provide(parameter: Parameter, trigger: HttpTrigger) -> Getter | None:
    """The getter of a parameter, or None where nothing of a request fills it."""
    marker = parameter.marker
    if marker is None:
        return _by_type(parameter, trigger)
    if isinstance(marker, Body):
        return _body(parameter)
    from lambdarouter.sources.http.group import group_getter, is_group  # noqa: PLC0415 - only where there are marks

    if type(marker) in _GROUPS and is_group(parameter.annotation):
        return group_getter(parameter, type(marker).__name__.lower(), _GROUPS[type(marker)])
    if type(marker).__name__ in ("Form", "File"):
        return _of_form(parameter, marker)
    if isinstance(marker, Path):
        name = marker.name or parameter.name
        if name not in trigger.converters:
            msg = f"the parameter {parameter.name!r} is marked as Path, but {trigger.path!r} has no such parameter"
            raise ConfigurationError(msg)
        return _path(parameter, name, trigger.converters[name])
    return provide_marked(parameter, _MARKS)


def _by_type(parameter: Parameter, trigger: HttpTrigger) -> Getter | None:  # noqa: PLR0911 - one for each kind
    """What an unmarked parameter is: by its type, by its name in the path, else query or body."""
    wanted = parameter.annotation
    if isinstance(wanted, type) and issubclass(HttpRequest, wanted) and wanted is not object:
        parameter.where = "record"
        return lambda match, invocation: match.record
    if _is_named(wanted, "Identity", "lambdarouter.core.identity"):
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
    if _is_upload(wanted):
        return _of_form(parameter, None)
    if isinstance(wanted, type) and issubclass(wanted, Response):
        msg = (
            f"the parameter {parameter.name!r} is a {wanted.__name__}, which a handler returns and does not get; "
            "headers and cookies for a reply of any kind go into request.response_headers"
        )
        raise ConfigurationError(msg)
    return None if wanted is EMPTY else _body(parameter)


def _is_named(wanted: Any, name: str, module: str) -> bool:
    """Whether the annotation is this class, whose module is loaded only where a handler takes one."""
    return getattr(wanted, "__name__", "") == name and wanted.__module__ == module


def _path(parameter: Parameter, name: str, converter: Converter) -> Getter:
    """A path parameter: its converter's value where that is what is wanted, else its text as the annotation says."""
    from_text = named_getter(parameter, "path", name)
    if converter in (PLAIN, PATH):
        if parameter.declared in (str, EMPTY):  # its text, which a route that answers has
            return lambda match, invocation: match.record.path_params[name]
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


def _of_form(parameter: Parameter, marker: Any) -> Getter | None:
    from lambdarouter.sources.http.form import File  # noqa: PLC0415 - for forms only

    name = parameter.name if marker is None else marker.name or parameter.name
    if marker is None or isinstance(marker, File):
        return _file(parameter, name)
    from lambdarouter.sources.http.group import group_getter, is_group  # noqa: PLC0415

    if is_group(parameter.annotation):
        return group_getter(parameter, "form", lambda record: record.form())
    if is_scalar(parameter.annotation) or is_list(parameter.annotation):
        return named_getter(parameter, "form", name)
    return None


def _is_upload(wanted: Any) -> bool:
    """Whether an unmarked parameter can only be a file: an `UploadFile`, or a list of them."""
    kinds = [kind for member in members_of(wanted) for kind in getattr(member, "__args__", (member,))]
    return any(_is_named(kind, "UploadFile", "lambdarouter.sources.http.form") for kind in kinds)


def _file(parameter: Parameter, name: str) -> Getter:
    """A file of a form, as it is or as its bytes, or a list."""
    from importlib.util import find_spec  # noqa: PLC0415 - for forms only

    from lambdarouter.sources.http.form import UploadFile  # noqa: PLC0415

    if find_spec("python_multipart") is None:
        msg = f"the parameter {parameter.name!r} is a file of a multipart form: install lambdarouter[multipart]"
        raise ConfigurationError(msg)
    (member,) = members_of(parameter.annotation)[:1]
    several = getattr(member, "__origin__", None) is list
    kind = member.__args__[0] if several else member
    if kind not in (UploadFile, bytes) or len(members_of(parameter.annotation)) > 1:
        msg = f"the parameter {parameter.name!r} is a file: it is an UploadFile, bytes, or a list of either"
        raise ConfigurationError(msg)
    parameter.where, parameter.alias = "file", name
    default = parameter.default

    def get(match: Match, invocation: Invocation) -> Any:
        files = match.record.form().files(name)
        if not files:
            if default is not EMPTY:
                return default
            msg = f"file.{name}: Field required"
            raise InvalidPayloadError(msg, [{"loc": ("file", name), "msg": "Field required", "type": "missing"}])
        found = [file.data if kind is bytes else file for file in files]
        return found if several else found[0]

    return get


def _auth(match: Match, invocation: Invocation) -> Any:
    return match.record.auth


def _body(parameter: Parameter) -> Getter | None:
    """The body, as JSON or as it comes; the default if it is empty."""
    # With None or without: an absent body is told by its default.
    attribute = {(str,): "text", (bytes,): "body"}.get(members_of(parameter.annotation), "content")
    get, default = payload_getter(parameter, attribute, "body"), parameter.default
    if get is None:
        return None
    parameter.where = "body"
    if attribute == "content":
        return _json_body(parameter.convert, default)
    if default is EMPTY:
        return get
    return lambda match, invocation: get(match, invocation) if match.record.content else default


def _json_body(convert: Any, default: Any) -> Getter:
    """The body as JSON: 415 where something else is sent."""
    # A `Decoder` is asked once for what it calls: to go by way of it takes 1,400 instructions, of 25,000.
    ready = None if type(convert) is codec.Decoder else convert

    def body(match: Match, invocation: Invocation) -> Any:
        nonlocal ready
        request = match.record
        content = request.content
        if not content:
            if default is not EMPTY:
                return default
            msg = "body: Field required"
            raise InvalidPayloadError(msg, [{"loc": ("body",), "msg": "Field required", "type": "missing"}])
        media = request.media_type
        if media != "application/json" and media is not None and not _is_json(media):
            raise HttpError(415, f"the body is {media:.100}; this route takes application/json")
        if ready is None:
            ready = convert.loaded()
        return ready(content)

    return body


def _is_json(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
