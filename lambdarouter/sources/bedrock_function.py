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
from lambdarouter.core.single import FilterTrigger
from lambdarouter.core.view import field
from lambdarouter.errors import InvalidPayloadError, NoRouteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.trigger import Shared

__all__ = ["BedrockFunctionCall", "BedrockFunctionSource", "BedrockFunctionTrigger"]


class BedrockFunctionCall(AgentCall):
    """An agent's call of one function."""

    function: str = field("function")


class BedrockFunctionSource(AgentSource):
    """Functions of action groups: one handler, its text, REPROMPT or FAILURE."""

    names = ("bedrock.function",)
    decorator = "@app.bedrock_function(function)"
    record = BedrockFunctionCall

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

    `function`, `action_group`: names or globs, or lists of them. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source = BedrockFunctionSource

    def __init__(
        self,
        function: str | Sequence[str],
        *,
        action_group: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"function": function, "action_group": action_group}, **shared)
