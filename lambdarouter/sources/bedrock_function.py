"""Bedrock agents: a handler for each function of an action group that is defined by function details.

::

    @app.bedrock_function("placeOrder")
    def place(item: str, quantity: int = 1) -> str: ...

`function` is the function's name or a glob, or a list of them; `action_group` narrows it. Parameters are those of the
function, by name (`order_id` takes `orderId` too), read from the text that the agent sends into their annotations.
`BedrockFunctionCall` is passed by its type. The agent gets the value as text: a string as it is, anything else as JSON.

Delivery: synchronous; the agent waits. Arguments that do not fit, and a function of no route, answer REPROMPT, and the
agent asks the user again. Any other error answers FAILURE, which ends the session's turn, with the details in the log.
https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.agent import AgentCall, AgentSource
from lambdarouter.core.check import check_characters
from lambdarouter.core.single import FilterTrigger
from lambdarouter.core.view import field
from lambdarouter.errors import ConfigurationError, InvalidPayloadError, NoRouteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.action_group import Argument
    from lambdarouter.core.route import Match, Outcome, Route
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["BedrockFunctionCall", "BedrockFunctionSource", "BedrockFunctionTrigger", "function_schema"]


class BedrockFunctionCall(AgentCall):
    """An agent's call of one function."""

    function: str = field("function")


class BedrockFunctionSource(AgentSource):
    """Functions of action groups: one handler, its text, REPROMPT or FAILURE."""

    names: tuple[str, ...] = ("bedrock.function",)
    decorator = "@app.bedrock_function(function)"
    record: type[View] = BedrockFunctionCall

    def origin(self, record: BedrockFunctionCall) -> str:
        """The function."""
        return f"the agent's function {record.function!r} of {record.action_group!r}"

    def result(self, match: Match, value: Any) -> str:
        """The text."""
        return value if isinstance(value, str) else codec.encode(value)

    def respond(self, event: BedrockFunctionCall, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """The text, and the state where there is one, in the agent's envelope."""
        error = outcomes[0].error
        answer: dict[str, Any] = {}
        if error is None:
            text = outcomes[0].value
        elif isinstance(error, (InvalidPayloadError, NoRouteError)):
            answer = {"responseState": "REPROMPT"}
            text = str(error) if isinstance(error, InvalidPayloadError) else "there is no such function"
        else:
            answer = {"responseState": "FAILURE"}
            text = "the function failed"
        answer["responseBody"] = {"TEXT": {"body": text}}
        return self.around(event, {"function": event.peek("function"), "functionResponse": answer})


class BedrockFunctionTrigger(FilterTrigger):
    """`@app.bedrock_function("placeOrder")`: answer this function of an action group.

    `function`, `action_group`: names or globs, or lists of them. `require_confirmation`: whether the agent's schema has
    it ask the user before each call. `shared`: the options of every trigger.
    """

    __slots__ = ("require_confirmation",)

    source: type[Source] = BedrockFunctionSource

    def __init__(
        self,
        function: str | Sequence[str],
        *,
        action_group: str | Sequence[str] | None = None,
        require_confirmation: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"function": function, "action_group": action_group}, **shared)
        check_characters("function", function, "_-")
        check_characters("action_group", action_group, "_-")
        self.require_confirmation: bool = require_confirmation


def function_schema(routes: Iterable[Route], group: str | None, max_parameters: int) -> dict[str, Any]:
    """The `functionSchema` of an action group, as JSON's own types: what `@app.bedrock_function` routes take.

    Raises `ConfigurationError` for what Bedrock cannot take.
    https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_FunctionSchema.html
    """
    from lambdarouter.core.action_group import arguments_of, check_name, description_of, routes_of  # noqa: PLC0415 - pydantic: only for who asks

    functions: dict[str, dict[str, Any]] = {}
    for route in routes_of(routes, group, BedrockFunctionSource.decorator):
        trigger: BedrockFunctionTrigger = route.trigger  # type: ignore[assignment]
        arguments = arguments_of(route)
        if len(arguments) > max_parameters:
            msg = (
                f"the function has {len(arguments)} parameters, and Bedrock's quota is {max_parameters}: take fewer, "
                "use an API schema (@app.bedrock), or say max_parameters= where your account's quota is higher"
            )
            raise ConfigurationError(msg, route.place)
        for name in trigger.named("function") or ():
            check_name(name, "the function's name, which here cannot be a glob,", route.place)
            if name in functions:
                msg = f"the function {name!r} has several handlers; ask for the schema of one action group"
                raise ConfigurationError(msg, route.place)
            functions[name] = {"name": name, "description": description_of(route, _LONGEST_DESCRIPTION)}
            if arguments:
                details = {check_name(each.names[0], "a parameter", route.place): each for each in arguments}
                functions[name]["parameters"] = {key: _detail(each, route) for key, each in details.items()}
            if trigger.require_confirmation:
                functions[name]["requireConfirmation"] = "ENABLED"
    return {"functions": list(functions.values())}


def _detail(argument: Argument, route: Route) -> dict[str, Any]:
    """A ParameterDetail: a scalar, or a list of them."""
    from lambdarouter.core.action_group import SCALARS  # noqa: PLC0415 - as above

    kind = argument.schema.get("type")
    items = argument.schema.get("items", {}).get("type", "string")
    if kind not in (*SCALARS, "array") or items not in SCALARS:
        what = "a list of anything but such" if kind == "array" else kind or "of no one type"
        msg = (
            f"the parameter {argument.names[0]!r} is {what}; a function takes string, number, integer, boolean and "
            "lists of these: take the object's fields one by one, or use an API schema (@app.bedrock)"
        )
        raise ConfigurationError(msg, route.place)
    if len(argument.description) > _LONGEST_PARAMETER:
        msg = (
            f"the description of the parameter {argument.names[0]!r} has {len(argument.description)} characters; "
            f"Bedrock takes {_LONGEST_PARAMETER}"
        )
        raise ConfigurationError(msg, route.place)
    return {"type": kind, "description": argument.description, "required": argument.required}


_LONGEST_DESCRIPTION = 1200  # characters
_LONGEST_PARAMETER = 500
