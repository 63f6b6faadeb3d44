"""What an operation of the OpenAPI document takes: parameters, single or in groups, and the body."""

from __future__ import annotations

from contextlib import suppress

from lambdarouter.core import binding
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import is_list, members_of
from lambdarouter.sources.http.path import PATH, PLAIN
from lambdarouter.sources.http.security import CREDENTIALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Route
    from lambdarouter.sources.http.form import Limits
    from lambdarouter.sources.http.schemas import Schemas

    Add = Callable[[int, str], None]

__all__ = ["refuse_inputs", "request_body", "shown_parameters"]

_PARAMETERS = ("path", *CREDENTIALS)
# A model, a dataclass, a TypedDict: its fields are parameters of their own.
_GROUP_MARKS = ("__pydantic_fields__", "__dataclass_fields__", "__total__")
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_CONVERTED = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "uuid": {"type": "string", "format": "uuid"},
    "path": {"type": "string"},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Names this request: sent again under the same key, it gets the reply that was sent.",
    "schema": {"type": "string", "maxLength": 255},
}


def _is_group(parameter: Parameter) -> bool:
    kind = parameter.annotation
    return isinstance(kind, type) and any(hasattr(kind, mark) for mark in _GROUP_MARKS)


def shown_parameters(route: Route, parameters: Sequence[Parameter], schemas: Schemas) -> list[dict[str, Any]]:
    """The Parameter Objects of a route."""
    trigger: Any = route.trigger
    shown: list[dict[str, Any]] = []
    for parameter in parameters:
        if parameter.where in CREDENTIALS and _is_group(parameter):
            _expand(parameter, shown, route, schemas)
        elif parameter.where in _PARAMETERS:
            shown.append(_parameter(parameter, route, schemas))
    taken = {parameter["name"] for parameter in shown if parameter.get("in") == "path"}
    for name, converter in trigger.converters.items():
        if name not in taken:  # it is part of the path all the same
            schema = _CONVERTED.get(converter.name, {"type": "string", "minLength": 1})
            shown.append({"name": name, "in": "path", "required": True, "schema": dict(schema)})
    if trigger.once is not None and trigger.once.key is None:
        shown.append(dict(_KEY, required=True) if trigger.once.required else dict(_KEY))
    schemas.at_last(lambda: _settle(shown))
    return shown


def _settle(shown: list[dict[str, Any]]) -> None:
    """What a handler and its dependencies both read is one parameter, and required where one of them requires it."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for parameter in shown:
        name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
        first = found.setdefault((parameter["in"], name), parameter)
        if parameter.get("required"):
            first["required"] = True
    shown[:] = found.values()


def _parameter(parameter: Parameter, route: Route, schemas: Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {"name": parameter.alias, "in": parameter.where}
    is_path = parameter.where == "path"
    if parameter.required or is_path:
        made["required"] = True
    trigger: Any = route.trigger
    converter = trigger.converters.get(parameter.alias) if is_path else None

    def finish(schema: dict[str, Any]) -> None:
        _optional(schema, parameter)
        if converter is not None and parameter.declared is EMPTY and converter.name in _CONVERTED:
            schema.clear()
            schema.update(_CONVERTED[converter.name])
        if is_path and schema == {"type": "string"} and converter is not PATH:
            schema["minLength"] = 1
        _hoist(schema, made)

    made["schema"] = schemas.of(
        parameter.declared if parameter.declared is not EMPTY else str, route.place, then=finish
    )
    return made


def _hoist(schema: dict[str, Any], made: dict[str, Any]) -> None:
    """What a schema says of the whole parameter."""
    if "description" in schema:
        made["description"] = schema.pop("description")
    if schema.pop("deprecated", False):
        made["deprecated"] = True


def _optional(schema: dict[str, Any], parameter: Parameter | None) -> None:
    """The default; and without null, which nobody can send as text: an optional parameter is left out."""
    kinds = schema.get("anyOf")
    if isinstance(kinds, list):
        kinds = [kind for kind in kinds if kind != {"type": "null"}]
        schema["anyOf"] = kinds
        if len(kinds) == 1:
            del schema["anyOf"]
            schema.update(kinds[0])
    if schema.get("default", EMPTY) is None:
        del schema["default"]
    if parameter is not None and parameter.default is not EMPTY and parameter.default is not None:
        with suppress(TypeError):  # a default that is an object of the app's own says nothing to a client
            schema["default"] = binding.jsonable(parameter.default)


def _expand(group: Parameter, shown: list[dict[str, Any]], route: Route, schemas: Schemas) -> None:
    """A group's fields as parameters, in its place; a model says what they are only in its schema."""
    place: dict[str, Any] = {}
    shown.append(place)
    fields = getattr(group.annotation, "__pydantic_fields__", {})

    def finish(schema: dict[str, Any]) -> None:
        model = schemas.resolve(schema)
        needed = model.get("required", ()) if group.required else ()
        made = []
        for name, described in model.get("properties", {}).items():
            # An alias is the header's name as it stands; a field's own name is written with dashes.
            is_own = not fields or (name in fields and fields[name].alias is None)
            sent = name.replace("_", "-") if group.where == "header" and is_own else name
            parameter: dict[str, Any] = {"name": sent, "in": group.where}
            if name in needed:
                parameter["required"] = True
            parameter["schema"] = {key: value for key, value in described.items() if key != "title"}
            _optional(parameter["schema"], None)
            _hoist(parameter["schema"], parameter)
            made.append(parameter)
        index = next(index for index, each in enumerate(shown) if each is place)
        shown[index : index + 1] = made

    schemas.of(group.declared, route.place, then=finish)


def request_body(route: Route, parameters: Sequence[Parameter], schemas: Schemas) -> dict[str, Any] | None:
    """The Request Body Object of a route, None where it takes no body."""
    body = next((parameter for parameter in parameters if parameter.where == "body"), None)
    if body is not None:
        return _body(body, route, schemas)
    form = [parameter for parameter in parameters if parameter.where in ("form", "file")]
    return _form(form, route, schemas) if form else None


def _body(body: Parameter, route: Route, schemas: Schemas) -> dict[str, Any]:
    kinds = members_of(body.annotation)
    made: dict[str, Any] = {"required": body.required}

    def finish(schema: dict[str, Any]) -> None:
        if "description" in schema:
            made["description"] = schema.pop("description")

    if kinds == (str,):
        made["content"] = {"text/plain": {"schema": schemas.of(body.declared, route.place, then=finish)}}
    elif kinds == (bytes,):
        made["content"] = {"application/octet-stream": {}}
    else:
        made["content"] = {"application/json": {"schema": schemas.of(body.declared, route.place, then=finish)}}
    return made


def _form(form: Sequence[Parameter], route: Route, schemas: Schemas) -> dict[str, Any]:
    """A form, in either encoding; one with files is multipart."""
    groups = [schemas.of(parameter.declared, route.place) for parameter in form if _is_group(parameter)]
    single = [parameter for parameter in form if not _is_group(parameter)]
    properties = {parameter.alias: _field(parameter, route, schemas) for parameter in single}
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    needed = [parameter.alias for parameter in single if parameter.required]
    if needed:
        schema["required"] = needed
    if groups:
        schema = {"allOf": [*groups, schema]} if single else groups[0]
    media = [_MULTIPART] if any(parameter.where == "file" for parameter in form) else [_URLENCODED, _MULTIPART]
    required = any(parameter.required for parameter in form)
    return {"required": required, "content": {each: {"schema": schema} for each in media}}


def _field(parameter: Parameter, route: Route, schemas: Schemas) -> dict[str, Any]:
    if parameter.where == "file":
        one = {"type": "string", "format": "binary"}
        several = getattr(members_of(parameter.annotation)[0], "__origin__", None) is list
        return {"type": "array", "items": one} if several else one
    declared = parameter.declared if parameter.declared is not EMPTY else str
    return schemas.of(declared, route.place, then=lambda schema: _optional(schema, parameter))


def refuse_inputs(route: Route, parameters: Sequence[Parameter], limits: Limits | None, add: Add) -> None:
    """Add the statuses with which the framework refuses what a request holds, and why; `limits` are the app's."""
    trigger: Any = route.trigger
    limits = trigger.limits or limits
    if trigger.converters:
        add(400, "The path is not UTF-8")
    if any(converter not in (PLAIN, PATH) for converter in trigger.converters.values()):
        add(404, "There is no such path")
    for parameter in parameters:
        if parameter.where == "body":
            _refuse_body(parameter, add)
            if limits is not None and limits.body is not None:
                add(413, "The body is too large")
        elif parameter.where in ("form", "file"):
            add(400, "The body is not the form that it claims to be")
            add(413, "The form is too large")
            add(415, "The body is no form")
            add(422, "A field is missing, or does not fit")
        elif parameter.where in _PARAMETERS and _can_misfit(parameter, trigger):
            add(422, "A parameter is missing, or does not fit")
    if trigger.once is not None:
        add(400, "The Idempotency-Key is missing, or is none")
        add(409, "A request with this Idempotency-Key is being handled")
        add(422, "This Idempotency-Key was used for another request")


def _refuse_body(body: Parameter, add: Add) -> None:
    kinds = members_of(body.annotation)
    if kinds == (bytes,):
        add(400, "The body cannot be read")
    elif kinds == (str,):
        add(400, "The body is not UTF-8")
    else:
        add(400, "The body is not JSON")
        add(415, "The body is of another media type")
        add(422, "The body is missing, or does not fit")
    if kinds in ((str,), (bytes,)) and body.declared is not body.annotation:
        add(422, "The body does not fit")


def _can_misfit(parameter: Parameter, trigger: Any) -> bool:
    """Whether a request without this parameter, or with any text for it, can be refused."""
    if parameter.where == "path":
        converter = trigger.converters[parameter.alias]
        if converter not in (PLAIN, PATH):
            # Its value fits where it is of the type that is wanted, and no more is.
            name = getattr(parameter.declared, "__name__", "").lower()
            return parameter.declared is not EMPTY and name != converter.name
    elif parameter.required:
        return True
    kinds = members_of(parameter.declared)
    texts = (str,), (list[str],), (EMPTY,), (str, list[str])
    return kinds not in texts or (is_list(parameter.annotation) and kinds != (list[str],))
