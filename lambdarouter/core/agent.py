"""What the two kinds of action groups of a Bedrock agent share: the call, as an agent makes it."""

from __future__ import annotations

from lambdarouter.core.argument import ArgumentSource
from lambdarouter.core.conversion import copy_of_object
from lambdarouter.core.single import SingleRecord
from lambdarouter.core.view import View, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["AgentCall", "AgentSource", "named_values"]


def named_values(raw: Any) -> dict[str, Any]:
    """The values of a list of `{"name", "type", "value"}`, by name."""
    items = [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []
    return {item["name"]: item.get("value") for item in items if isinstance(item.get("name"), str)}


class AgentCall(SingleRecord):
    """One call of an action group. The two kinds of attributes are copies: what a handler changes, the agent keeps."""

    _id_path = ("sessionId",)

    action_group: str = field("actionGroup")
    session_id: str = field("sessionId", default="")
    # What the user said. Anyone can write it, and the arguments are the model's reading of it.
    input_text: str = field("inputText", default="")
    session_attributes: dict[str, str] = field("sessionAttributes", of=copy_of_object, default=dict)
    prompt_session_attributes: dict[str, str] = field("promptSessionAttributes", of=copy_of_object, default=dict)
    agent_name: str = field("agent", "name", default="")
    agent_id: str = field("agent", "id", default="")
    agent_alias: str = field("agent", "alias", default="")
    agent_version: str = field("agent", "version", default="")
    parameters: dict[str, Any] = field("parameters", of=named_values, default=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        """Everything that the agent filled in, by name: text, as it comes."""
        return self.parameters


class AgentSource(ArgumentSource):
    """Calls of an agent: one handler, whose parameters are the arguments by name."""

    record: type[View] = AgentCall
    argument = "an argument of the agent's call"

    def around(self, event: AgentCall, response: dict[str, Any]) -> dict[str, Any]:
        """The reply around a response, with the attributes as the handler left them."""
        return {
            "messageVersion": "1.0",
            "response": {"actionGroup": event.peek("actionGroup"), **response},
            "sessionAttributes": event.session_attributes,
            "promptSessionAttributes": event.prompt_session_attributes,
        }
