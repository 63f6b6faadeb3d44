"""Bedrock agents: a handler for each operation of an action group that is defined by an API schema.

::

    @app.bedrock("GET", "/orders/{orderId}")
    def read(order_id: int, call: BedrockCall) -> Order: ...

`method` and `path` are the operation's, the path as it stands in the schema; `action_group` narrows it. Parameters are
the operation's parameters and the properties of its body, by name (`order_id` takes `orderId` too), read from the text
that the agent sends into their annotations. `BedrockCall` is passed by its type. The agent gets the value as JSON.

Delivery: synchronous; the agent waits. Arguments that do not fit answer 400 with what is wrong, so that the agent can
ask again; `HttpError` its status; any other error 500, with the details in the log; an operation of no route 404.
https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html
"""

from __future__ import annotations

import re

from lambdarouter.core import codec
from lambdarouter.core.agent import AgentCall, AgentSource, named_values
from lambdarouter.core.check import check_beginning, check_characters, check_words
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.signature import return_type
from lambdarouter.core.single import FilterTrigger
from lambdarouter.core.view import field
from lambdarouter.errors import ConfigurationError, HttpError, InvalidPayloadError, NoRouteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.action_group import Argument
    from lambdarouter.core.route import Match, Outcome, Route
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["BedrockCall", "BedrockSource", "BedrockTrigger", "api_schema"]


def _properties(raw: Any) -> dict[str, Any]:
    """The properties of a body, of whichever media type it has."""
    contents = raw.values() if isinstance(raw, dict) else ()
    found: dict[str, Any] = {}
    for content in contents:
        if isinstance(content, dict):
            found.update(named_values(content.get("properties")))
    return found


class BedrockCall(AgentCall):
    """An agent's call of one operation."""

    api_path: str = field("apiPath")
    http_method: str = field("httpMethod", default="")
    body: dict[str, Any] = field("requestBody", "content", of=_properties, default=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        """The parameters and the properties of the body, by name."""
        return {**self.body, **self.parameters}


class BedrockSource(AgentSource):
    """Operations of action groups: one handler, a status and a body."""

    names: tuple[str, ...] = ("bedrock.api",)
    decorator = "@app.bedrock(method, path)"
    record: type[View] = BedrockCall

    def origin(self, record: BedrockCall) -> str:
        """The operation."""
        return f"the agent's operation {record.http_method} {record.api_path} of {record.action_group!r}"

    def result(self, match: Match, value: Any) -> str:
        """The body: the value as JSON."""
        return codec.encode(value)

    def respond(self, event: BedrockCall, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """The status and the body, in the agent's envelope."""
        outcome = outcomes[0]
        status, body = (200, outcome.value) if outcome.error is None else _failed(outcome.error)
        response = {
            "apiPath": event.peek("apiPath"),
            "httpMethod": event.peek("httpMethod"),
            "httpStatusCode": status,
            "responseBody": {"application/json": {"body": body}},
        }
        return self.around(event, response)


def _failed(error: Exception) -> tuple[int, str]:
    """The status of an error, and what the agent is to know of it."""
    if isinstance(error, InvalidPayloadError):
        return 400, codec.encode({"error": str(error), "errors": error.errors})
    if isinstance(error, HttpError):
        return error.status, codec.encode({"error": str(error)})
    if isinstance(error, NoRouteError):
        return 404, codec.encode({"error": "no such operation"})
    return 500, codec.encode({"error": "internal error"})


class BedrockTrigger(FilterTrigger):
    """`@app.bedrock("GET", "/orders/{orderId}")`: answer this operation of an action group.

    `method`: the HTTP method; `path`: the path as the schema has it, parameters in braces and all. `action_group`: the
    group's name or a glob, or a list of them. `require_confirmation`: whether the agent's schema has it ask the user
    before each call. `shared`: the options of every trigger.
    """

    __slots__ = ("method", "path", "require_confirmation")

    source: type[Source] = BedrockSource
    reads: Mapping[str, str] = {"method": "http_method", "path": "api_path"}

    def __init__(
        self,
        method: str,
        path: str,
        *,
        action_group: str | Sequence[str] | None = None,
        require_confirmation: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"method": method.upper(), "path": path, "action_group": action_group}, **shared)
        check_words("method", method.upper(), _METHODS)
        check_beginning("path", path, "/")
        check_characters("action_group", action_group, "_-")
        self.method: str = method.upper()
        self.path: str = path
        self.require_confirmation: bool = require_confirmation


def api_schema(routes: Iterable[Route], group: str | None, title: str, version: str) -> dict[str, Any]:
    """The OpenAPI 3.0 document of an action group, as JSON's own types: what `@app.bedrock` routes take and return.

    Raises `ConfigurationError` for what Bedrock cannot take. The document is to be 3.0.0, each operation to have a
    description, an id and responses: https://docs.aws.amazon.com/bedrock/latest/userguide/agents-api-schema.html
    """
    from lambdarouter.core.action_group import routes_of  # noqa: PLC0415 - pydantic: only for who asks

    listed = routes_of(routes, group, BedrockSource.decorator)
    paths: dict[str, Any] = {}
    seen: dict[str, Route] = {}
    for route in listed:
        trigger: BedrockTrigger = route.trigger  # type: ignore[assignment]
        operations = paths.setdefault(trigger.path, {})
        if trigger.method.lower() in operations:
            msg = f"{trigger.method} {trigger.path} has several handlers; ask for the schema of one action group"
            raise ConfigurationError(msg, route.place)
        operations[trigger.method.lower()] = _operation(route, trigger, seen)
    return {"openapi": "3.0.0", "info": {"title": title, "version": version}, "paths": paths}


def _operation(route: Route, trigger: BedrockTrigger, seen: dict[str, Route]) -> dict[str, Any]:
    from lambdarouter.core.action_group import arguments_of, check_name, description_of  # noqa: PLC0415 - as above

    if not trigger.path.startswith("/") or trigger.method not in _METHODS:
        msg = f"Bedrock takes no operation {trigger.method} {trigger.path}: a path starts with a slash"
        raise ConfigurationError(msg, route.place)
    name = route.name.rpartition(".")[2].strip("_")
    if name in seen:
        name = f"{name}_{trigger.method.lower()}_{'_'.join(re.findall('[0-9a-zA-Z]+', trigger.path))}"
    made: dict[str, Any] = {
        "operationId": check_name(name, "the operation's id, which is the function's name,", route.place),
        "description": description_of(route, _LONGEST_DESCRIPTION),
    }
    seen[name] = route
    parameters, rest = _in_path(route, trigger.path, arguments_of(route))
    if trigger.method in _WITH_BODY:
        if rest:
            made["requestBody"] = _body(rest)
    else:
        for argument in rest:
            if "type" not in argument.schema or argument.schema["type"] == "object":
                msg = f"the parameter {argument.names[0]!r} is no plain value or list; a body, of POST, takes objects"
                raise ConfigurationError(msg, route.place)
            parameters.append(_parameter(argument.names[0], "query", argument))
    if parameters:
        made["parameters"] = parameters
    made["responses"] = {"200": _reply(route)}
    if trigger.require_confirmation:
        made["x-requireConfirmation"] = "ENABLED"
    return made


def _in_path(route: Route, path: str, arguments: Sequence[Argument]) -> tuple[list[dict[str, Any]], list[Argument]]:
    """The parameters that stand in the path, and the other arguments."""
    rest, found = list(arguments), []
    for name in re.findall(r"\{([^{}]*)\}", path):
        argument = next((each for each in rest if name in each.names), None)
        if argument is None:
            msg = f"the path has {{{name}}}, and the handler no parameter of that name: the agent has to know its type"
            raise ConfigurationError(msg, route.place)
        rest.remove(argument)
        found.append(_parameter(name, "path", argument))
    return found, rest


def _parameter(name: str, where: str, argument: Argument) -> dict[str, Any]:
    required = argument.required or where == "path"
    return {
        "name": name,
        "in": where,
        "description": argument.description,
        "required": required,
        "schema": argument.schema,
    }


def _body(arguments: Sequence[Argument]) -> dict[str, Any]:
    properties = {each.names[0]: {**each.schema, "description": each.description} for each in arguments}
    required = [each.names[0] for each in arguments if each.required]
    schema = {"type": "object", "properties": properties} | ({"required": required} if required else {})
    return {"required": bool(required), "content": {"application/json": {"schema": schema}}}


def _reply(route: Route) -> dict[str, Any]:
    """What the agent gets: JSON of the declared return type."""
    from lambdarouter.core.action_group import schemas_of  # noqa: PLC0415 - as above

    declared = return_type(route.handler.fn)
    if declared is EMPTY or declared is None:
        return {"description": "Success"}
    (schema,) = schemas_of([declared], "serialization", route.place)
    return {
        "description": schema.get("description", "Success"),
        "content": {"application/json": {"schema": schema}},
    }


_LONGEST_DESCRIPTION = 1200  # characters; said of functions, and as much as an agent reads
_WITH_BODY = ("POST", "PUT", "PATCH")
_METHODS = ("GET", "DELETE", "HEAD", "OPTIONS", *_WITH_BODY)
