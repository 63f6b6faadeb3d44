"""What handlers say of themselves to a Bedrock agent: descriptions and arguments, in the schemas that Bedrock takes.

Bedrock knows a part of OpenAPI 3.0, so pydantic's schemas are put into that form. References are written out, and the
values of an enum stand in the description, as Bedrock has no `enum`. Imported where somebody asks for a schema.
https://docs.aws.amazon.com/bedrock/latest/userguide/agents-api-schema.html
"""

from __future__ import annotations

import json
import re

from lambdarouter.core import binding
from lambdarouter.core.argument import spellings
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.signature import docstring_of
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Literal

    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Route
    from lambdarouter.core.single import FilterTrigger

__all__ = ["SCALARS", "Argument", "arguments_of", "check_name", "description_of", "routes_of", "schemas_of"]

SCALARS = ("string", "number", "integer", "boolean")
_REFERENCE = "#/$defs/"
_NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,100}")
_KEPT = (
    *("type", "format", "description", "default", "pattern", "minLength", "maxLength", "minimum", "maximum"),
    *("multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required", "deprecated"),
)


class Argument:
    """One argument that the agent fills in. `schema` is OpenAPI 3.0's; `names` are those that the handler goes by."""

    __slots__ = ("description", "names", "required", "schema")

    def __init__(self, parameter: Parameter, schema: dict[str, Any], place: str) -> None:
        self.names: tuple[str, str] = spellings(parameter.name)
        optional = schema.pop("nullable", False)  # it comes as text, or not at all
        self.required: bool = parameter.required and not optional
        self.schema: dict[str, Any] = schema
        notes = [*_said(parameter.declared), schema.pop("description", "")]
        self.description: str = " ".join(dict.fromkeys(" ".join(note.split()) for note in notes if note))
        if not self.description:
            msg = (
                f"the parameter {parameter.name!r} has no description, by which the agent knows what to ask for: write "
                f'Annotated[T, Field(description="...")], or Annotated[T, "..."]'
            )
            raise ConfigurationError(msg, place)
        if parameter.default is not EMPTY and parameter.default is not None:
            schema["default"] = binding.jsonable(parameter.default)


def routes_of(routes: Iterable[Route], group: str | None, decorator: str) -> list[Route]:
    """Those of an action group (None: all of them). Raises `ConfigurationError` where there are none."""
    found = []
    for route in routes:
        trigger: FilterTrigger = route.trigger  # type: ignore[assignment] # of an agent's decorator
        patterns = trigger.named("action_group")
        if group is None or patterns is None or patterns.match(group):
            found.append(route)
    if not found:
        where = "" if group is None else f" of the action group {group!r}"
        msg = f"the app has no route{where} made with {decorator}"
        raise ConfigurationError(msg)
    return found


def description_of(route: Route, limit: int) -> str:
    """What the agent decides by whether to call it: the docstring of the handler. `limit`: in characters."""
    text = " ".join(" ".join(docstring_of(route.handler.fn)).split())
    if not text:
        msg = "the handler has no docstring, by which the agent decides when to call it: say what it does, and when"
        raise ConfigurationError(msg, route.place)
    if len(text) > limit:
        msg = f"the docstring has {len(text)} characters; Bedrock takes a description of {limit}"
        raise ConfigurationError(msg, route.place)
    return text


def check_name(name: str, what: str, place: str) -> str:
    """A name as Bedrock takes it."""
    if _NAME.fullmatch(name) is None:
        msg = f"{what} is {name!r}; Bedrock takes letters and digits, each followed by one - or _ at most, up to 100"
        raise ConfigurationError(msg, place)
    return name


def arguments_of(route: Route) -> list[Argument]:
    """The arguments of a route's handler, then those of what it depends on, each once."""
    handlers = [route.handler, *(dependency.handler for dependency in route.handler.dependencies)]
    parameters: dict[str, Parameter] = {}
    for handler in handlers:
        for parameter in handler.parameters:
            if parameter.where == "argument":
                parameters.setdefault(parameter.name, parameter)
    schemas = schemas_of([parameter.declared for parameter in parameters.values()], "validation", route.place)
    return [
        Argument(parameter, schema, route.place) for parameter, schema in zip(parameters.values(), schemas, strict=True)
    ]


def _said(declared: Any) -> list[str]:
    """The texts that an annotation carries: plain ones, and `Doc`."""
    notes = [getattr(item, "documentation", item) for item in getattr(declared, "__metadata__", ())]
    return [note for note in notes if isinstance(note, str)]


def schemas_of(
    annotations: Sequence[Any], mode: Literal["validation", "serialization"], place: str
) -> list[dict[str, Any]]:
    """The schemas of types as they are read or written, in the form of OpenAPI 3.0, whole."""
    if not annotations:
        return []
    found, shared = binding.json_schemas(
        [(annotation, mode, place) for annotation in annotations], _REFERENCE + "{model}"
    )
    return [_Plain(shared, place).of(schema) for schema in found]


class _Plain:
    """Schemas of JSON Schema 2020-12 as those of OpenAPI 3.0; `shared` are those that are referred to."""

    def __init__(self, shared: dict[str, Any], place: str) -> None:
        self._shared = shared
        self._place = place
        self._inside: list[str] = []

    def of(self, schema: Any) -> dict[str, Any]:
        """One schema, with what it holds."""
        if not isinstance(schema, dict):
            return {}  # `true`: anything
        if isinstance(schema.get("type"), list):
            rest = {key: value for key, value in schema.items() if key != "type"}
            return self.of({**_words(schema), "anyOf": [{**rest, "type": each} for each in schema["type"]]})
        if "$ref" in schema:
            return {**self._referred(schema["$ref"].removeprefix(_REFERENCE)), **_words(schema)}
        made = {key: schema[key] for key in _KEPT if schema.get(key) is not None}
        if made.get("type") == "null":
            del made["type"]
            made["nullable"] = True
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if exclusive in schema:
                made |= {bound: schema[exclusive], exclusive: True}
        if "enum" in schema or "const" in schema:
            _list_values(made, schema["enum"] if "enum" in schema else [schema["const"]])
        self._descend(made, schema)
        for union in ("anyOf", "oneOf", "allOf"):
            if union in schema:
                self._unite(made, union, schema[union])
        return made

    def _referred(self, name: str) -> dict[str, Any]:
        if name in self._inside:
            msg = f"{name} holds itself, which takes a reference, and Bedrock has none: give the agent a flatter type"
            raise ConfigurationError(msg, self._place)
        self._inside.append(name)
        try:
            return self.of(self._shared[name])
        finally:
            self._inside.pop()

    def _unite(self, made: dict[str, Any], union: str, members: Sequence[Any]) -> None:
        """One member as itself; several scalars, which all come as text, as one; others side by side."""
        if union != "allOf" and any(member.get("type") == "null" for member in members):
            made["nullable"] = True
        plain = [self.of(member) for member in members if member.get("type") != "null"]
        types = {member.get("type") for member in plain}
        if len(plain) == 1:
            made.update({**plain[0], **made})
        elif union != "allOf" and types <= set(SCALARS):
            made["type"] = types.pop() if len(types) == 1 else "number" if types == {"number", "integer"} else "string"
            notes = dict.fromkeys(member["description"] for member in plain if "description" in member)
            if notes and "description" not in made:
                made["description"] = " ".join(notes)
        else:
            made[union] = plain

    def _descend(self, made: dict[str, Any], schema: dict[str, Any]) -> None:
        if "properties" in schema:
            made["properties"] = {name: self.of(each) for name, each in schema["properties"].items()}
        if isinstance(schema.get("additionalProperties"), bool):
            made["additionalProperties"] = schema["additionalProperties"]
        elif "additionalProperties" in schema:
            made["additionalProperties"] = self.of(schema["additionalProperties"])
        if made.get("type") == "array":
            places = schema.get("prefixItems")
            if places:  # 3.0 has one schema for all items
                made["items"] = {}
                self._unite(made["items"], "anyOf", places)
            else:
                made["items"] = self.of(schema.get("items"))


def _words(schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema may say beside a reference."""
    return {key: schema[key] for key in ("description", "default") if schema.get(key) is not None}


def _list_values(made: dict[str, Any], values: Sequence[Any]) -> None:
    """The values of an enum, told in words."""
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    if None in values:
        made["nullable"] = True
    shown = [value for value in values if value is not None]
    types = {kinds.get(type(value), "string") for value in shown}
    made.setdefault("type", types.pop() if len(types) == 1 else "string")
    words = ", ".join(value if isinstance(value, str) else json.dumps(value) for value in shown)
    made["description"] = f"{made.get('description', '')} One of: {words}.".strip()
