"""Calls that a Bedrock agent makes of an action group with function details.

Shape after "Configure Lambda functions to send information a Bedrock agent elicits" in the Bedrock user guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import identifier, json_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["bedrock_function"]


def bedrock_function(
    function: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    action_group: str = "orders",
    session: Mapping[str, str] | None = None,
    prompt_session: Mapping[str, str] | None = None,
    input_text: str = "",
) -> dict[str, Any]:
    """Build an agent's call of one function ("bedrock.function"); values travel as text, what is not text as JSON.

    `session` and `prompt_session`: the attributes of the session and of this turn. `input_text`: what the user said.
    """
    return {
        "messageVersion": "1.0",
        "agent": {"name": "shop", "id": "ABCDEFGHIJ", "alias": "TSTALIASID", "version": "DRAFT"},
        "inputText": input_text,
        "sessionId": identifier("session"),
        "actionGroup": action_group,
        "function": function,
        "parameters": [
            {"name": name, "type": "string", "value": text_of(value)} for name, value in (parameters or {}).items()
        ],
        "sessionAttributes": json_value(session or {}),
        "promptSessionAttributes": json_value(prompt_session or {}),
    }
