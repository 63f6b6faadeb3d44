"""One operation of the OpenAPI document: what a route takes and returns, and how it refuses."""

from __future__ import annotations

from contextlib import suppress
from inspect import cleandoc

from lambdarouter.core import binding
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import is_list, members_of
from lambdarouter.core.signature import return_type
from lambdarouter.sources.http.guard import Guard
from lambdarouter.sources.http.response import TITLES, Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, Literal

    from lambdarouter.core.handler import Handler
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Route

__all__ = ["Schemas", "guards_of", "operation", "security_of"]

_COMPONENTS = "#/components/schemas/"
# RFC 9457, with what `problem` adds.
_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong with this request."},
        "errors": {
            "type": "array",
            "description": "Each reason: where it is, what it is.",
            "items": {
                "type": "object",
                "required": ["loc", "msg", "type"],
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "msg": {"type": "string"},
                    "type": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string", "description": "Of a status from 500 on: finds the line in the log."},
    },
}
_PARAMETERS = ("path", "query", "header", "cookie")
_NO_CONTENT = 204


class Schemas:
    """The schemas that the document wants: each is filled in once all are known, as only then names are."""

    def __init__(self) -> None:
        self._wanted: list[tuple[Any, Literal["validation", "serialization"], str]] = []
        self._slots: list[tuple[dict[str, Any], Callable[[dict[str, Any]], None] | None]] = []
        self._problems: list[dict[str, Any]] = []

    def of(
        self,
        annotation: Any,
        place: str,
        *,
        written: bool = False,
        then: Callable[[dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        """The slot of a schema: as the type is read, or `written`. `then` is called with the filled slot."""
        slot: dict[str, Any] = {}
        self._wanted.append((annotation, "serialization" if written else "validation", place))
        self._slots.append((slot, then))
        return slot

    def of_problem(self) -> dict[str, Any]:
        """The slot of the schema that error replies have."""
        slot: dict[str, Any] = {}
        self._problems.append(slot)
        return slot

    def fill(self) -> dict[str, Any]:
        """Fill every slot, and return the components that they refer to."""
        found, shared = binding.json_schemas(self._wanted, _COMPONENTS + "{model}")
        for (slot, then), schema in zip(self._slots, found, strict=True):
            slot.update(schema)
            if then is not None:
                then(slot)
        # A model of the app's own keeps its name.
        name = next(name for name in ("Problem", "HttpProblem", "lambdarouter.Problem") if name not in shared)
        for slot in self._problems:
            slot["$ref"] = _COMPONENTS + name
        return shared | {name: _PROBLEM} if self._problems else shared


def guards_of(route: Route) -> list[Guard]:
    """The guards that a route's requests pass."""
    return [dependency for dependency in route.handler.dependencies if isinstance(dependency, Guard)]


def security_of(guard: Guard) -> dict[str, dict[str, Any]]:
    """The credentials that a guard takes, from its parameters: names of schemes to Security Scheme Objects.

    An Authorization header is taken for a bearer token, and so is a guard that reads the whole request.
    """
    name = guard.name.rpartition(".")[2]
    credentials = [parameter for parameter in _parameters(guard.handler) if parameter.where in _PARAMETERS[1:]]
    schemes = [
        {"type": "http", "scheme": "bearer"}
        if parameter.where == "header" and parameter.alias.lower() == "authorization"
        else {"type": "apiKey", "in": parameter.where, "name": parameter.alias}
        for parameter in credentials
    ] or [{"type": "http", "scheme": "bearer"}]
    if len(schemes) == 1:
        return {name: schemes[0]}
    aliases = [parameter.alias.replace("-", "_").lower() for parameter in credentials]
    return {f"{name}_{alias}": scheme for alias, scheme in zip(aliases, schemes, strict=True)}


def operation(route: Route, schemas: Schemas) -> dict[str, Any]:
    """The Operation Object of a route, without its id and its security."""
    trigger: Any = route.trigger
    told = trigger.described
    summary, description = _docstring(route.handler.fn)
    made: dict[str, Any] = {}
    if told.tags:
        made["tags"] = list(told.tags)
    if told.summary or summary:
        made["summary"] = told.summary or summary
    if description:
        made["description"] = description
    if told.deprecated:
        made["deprecated"] = True
    parameters = list(_parameters(route.handler))
    shown = [_parameter(parameter, route, schemas) for parameter in parameters if parameter.where in _PARAMETERS]
    named = {parameter["name"] for parameter in shown if parameter["in"] == "path"}
    # A path parameter that the handler does not take is part of the path all the same.
    shown += [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in sorted(trigger.parameters - named)
    ]
    if shown:
        made["parameters"] = _once(shown)
    body = next((parameter for parameter in parameters if parameter.where == "body"), None)
    if body is not None:
        made["requestBody"] = _request_body(body, route, schemas)
    replies = _replies(route, schemas)
    for status, reasons in _refusals(route, parameters).items():
        replies.setdefault(status, _problem(status, "; ".join(dict.fromkeys(reasons)), schemas))
    for status, said in told.responses.items():
        replies[status] = _said(status, said, route, schemas)
    made["responses"] = {str(status): replies[status] for status in sorted(replies)}
    return made


def _docstring(fn: Any) -> tuple[str, str]:
    """A docstring's first paragraph in one line, and the rest."""
    while hasattr(fn, "func"):
        fn = fn.func  # a partial has the docstring of all partials
    text = fn.__doc__ if isinstance(getattr(fn, "__doc__", None), str) else ""
    first, _, rest = cleandoc(text).partition("\n\n")
    return " ".join(first.split()), rest.strip()


def _parameters(handler: Handler) -> Iterator[Parameter]:
    """A handler's parameters, then those of what it depends on; a guard's are its credentials."""
    yield from handler.parameters
    for dependency in handler.dependencies:
        if not isinstance(dependency, Guard):
            yield from dependency.handler.parameters


def _once(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a handler and its dependencies both read is one parameter, and required where one of them requires it."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for parameter in parameters:
        key = (parameter["in"], parameter["name"].lower() if parameter["in"] == "header" else parameter["name"])
        first = found.setdefault(key, parameter)
        if parameter.get("required"):
            first["required"] = True
    return list(found.values())


def _parameter(parameter: Parameter, route: Route, schemas: Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {"name": parameter.alias, "in": parameter.where}
    if parameter.required or parameter.where == "path":
        made["required"] = True
    declared = parameter.declared if parameter.declared is not EMPTY else str

    def finish(schema: dict[str, Any]) -> None:
        _without_null(schema)
        if parameter.where == "path" and schema == {"type": "string"}:
            schema["minLength"] = 1
        if parameter.default is not EMPTY and parameter.default is not None:
            with suppress(TypeError):  # a default that is an object of the app's own says nothing to a client
                schema["default"] = binding.jsonable(parameter.default)
        if "description" in schema:
            made["description"] = schema.pop("description")
        if schema.pop("deprecated", False):
            made["deprecated"] = True

    made["schema"] = schemas.of(declared, route.place, then=finish)
    return made


def _without_null(schema: dict[str, Any]) -> None:
    """Nobody can send null as text: an optional parameter is left out."""
    kinds = schema.get("anyOf")
    if isinstance(kinds, list):
        kinds = [kind for kind in kinds if kind != {"type": "null"}]
        schema["anyOf"] = kinds
        if len(kinds) == 1:
            del schema["anyOf"]
            schema.update(kinds[0])


def _request_body(body: Parameter, route: Route, schemas: Schemas) -> dict[str, Any]:
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


def _replies(route: Route, schemas: Schemas) -> dict[int, dict[str, Any]]:
    """The replies that the declared return type tells."""
    trigger: Any = route.trigger
    told = [status for status in trigger.described.responses if status < 400]  # noqa: PLR2004 - what is no error
    declared = return_type(route.handler.fn)
    replies: dict[int, dict[str, Any]] = {}
    if route.handler.streams:
        status = trigger.status or 200
        return {status: {"description": TITLES.get(status, "Success"), **_pieces(declared, route, schemas)}}
    members = members_of(declared)
    is_none = declared is None or declared is type(None)
    if is_none or (members != (declared,) and type(None) in declared.__args__):
        status = trigger.status or _NO_CONTENT
        replies[status] = {"description": TITLES.get(status, "Success")}
    data = [] if is_none else [member for member in members if not _is_response(member)]
    status = trigger.status or 200
    if data:
        replies[status] = {"description": TITLES.get(status, "Success"), **_content(data, route, schemas)}
    elif not replies and not told:
        replies[status] = {"description": TITLES.get(status, "Success")}
    return replies


def _is_response(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Response)


def _pieces(declared: Any, route: Route, schemas: Schemas) -> dict[str, Any]:
    """The content that a generator of this type yields. What one JSON line holds is a word of OpenAPI 3.2."""
    arguments = getattr(declared, "__args__", ())
    if not arguments:
        return {}
    if arguments[0] in (str, bytes):
        return _content(arguments[:1], route, schemas)
    data = [member for member in members_of(arguments[0]) if not getattr(member, "writes_itself", False)]
    if len(data) < len(members_of(arguments[0])):
        return {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
    return {"content": {"application/jsonl": {"x-itemSchema": schemas.of(arguments[0], route.place, written=True)}}}


def _content(members: Sequence[Any], route: Route, schemas: Schemas) -> dict[str, Any]:
    """The content of a reply of these types: text, bytes, and everything else as JSON."""
    if EMPTY in members:
        return {}  # whatever the handler returns
    content: dict[str, Any] = {}
    rest = [member for member in members if member not in (str, bytes)]
    # With JSON beside it, a string is JSON too: the declared type is written as a whole.
    if str in members and not rest:
        content["text/plain"] = {"schema": {"type": "string"}}
    if bytes in members and not rest:
        content["application/octet-stream"] = {}
    if rest:
        declared = members[0]
        for member in members[1:]:
            declared = declared | member
        content["application/json"] = {"schema": schemas.of(declared, route.place, written=True)}
    return {"content": content}


def _refusals(route: Route, parameters: Sequence[Parameter]) -> dict[int, list[str]]:
    """The statuses with which the framework answers in place of the handler, and why."""
    refusals: dict[int, list[str]] = {}

    def add(status: int, reason: str) -> None:
        refusals.setdefault(status, []).append(reason)

    trigger: Any = route.trigger
    if trigger.parameters:
        add(400, "The path is not UTF-8")
    for parameter in parameters:
        if parameter.where == "body":
            _refused_body(parameter, add)
        elif parameter.where in _PARAMETERS and _can_misfit(parameter):
            add(422, "A parameter is missing, or does not fit")
    if guards_of(route):
        add(401, "The credentials are missing, or cannot be read")
        add(403, "The credentials do not suffice")
    return refusals


def _refused_body(body: Parameter, add: Any) -> None:
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


def _can_misfit(parameter: Parameter) -> bool:
    """Whether a request without this parameter, or with any text for it, can be refused."""
    if parameter.where != "path" and parameter.required:
        return True
    kinds = members_of(parameter.declared)
    texts = (str,), (list[str],), (EMPTY,), (str, list[str])
    return kinds not in texts or (is_list(parameter.annotation) and kinds != (list[str],))


def _said(status: int, said: Any, route: Route, schemas: Schemas) -> dict[str, Any]:
    """A reply that the decorator describes: by a text, or by the type of its JSON."""
    if said is None or isinstance(said, str):
        text = said or TITLES.get(status, "")
        return _problem(status, text, schemas) if status >= 400 else {"description": text}  # noqa: PLR2004 - an error
    if isinstance(said, dict):
        return said  # a Response Object of OpenAPI
    schema = schemas.of(said, route.place, written=True)
    return {"description": TITLES.get(status, ""), "content": {"application/json": {"schema": schema}}}


def _problem(status: int, description: str, schemas: Schemas) -> dict[str, Any]:
    return {
        "description": description or TITLES.get(status, "Error"),
        "content": {"application/problem+json": {"schema": schemas.of_problem()}},
    }
