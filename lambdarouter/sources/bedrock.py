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

from lambdarouter.core import codec
from lambdarouter.core.agent import AgentCall, AgentSource, named_values
from lambdarouter.core.single import FilterTrigger
from lambdarouter.core.view import field
from lambdarouter.errors import HttpError, InvalidPayloadError, NoRouteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.trigger import Shared

__all__ = ["BedrockCall", "BedrockSource", "BedrockTrigger"]


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

    names = ("bedrock.api",)
    decorator = "@app.bedrock(method, path)"
    record = BedrockCall

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
    group's name or a glob, or a list of them. `shared`: the options of every trigger.
    """

    __slots__ = ("method", "path")

    source = BedrockSource
    reads = {"method": "http_method", "path": "api_path"}  # noqa: RUF012 - as all of a trigger, it never changes

    def __init__(
        self,
        method: str,
        path: str,
        *,
        action_group: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"method": method.upper(), "path": path, "action_group": action_group}, **shared)
        self.method = method.upper()
        self.path = path
