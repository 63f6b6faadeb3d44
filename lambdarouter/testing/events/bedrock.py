"""Calls that a Bedrock agent makes of an action group with an API schema.

Shape after "Configure Lambda functions to send information a Bedrock agent elicits" in the Bedrock user guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import identifier, json_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["bedrock"]


def bedrock(
    method: str,
    path: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    body: Mapping[str, Any] | None = None,
    action_group: str = "orders",
    session: Mapping[str, str] | None = None,
    prompt_session: Mapping[str, str] | None = None,
    input_text: str = "",
) -> dict[str, Any]:
    """Build an agent's call of one operation ("bedrock.api"); values travel as text, what is not text as JSON.

    `body`: the properties of a JSON body. `session` and `prompt_session`: the attributes of the session and of this
    turn. `input_text`: what the user said.
    """
    event: dict[str, Any] = {
        "messageVersion": "1.0",
        "agent": {"name": "shop", "id": "ABCDEFGHIJ", "alias": "TSTALIASID", "version": "DRAFT"},
        "inputText": input_text,
        "sessionId": identifier("session"),
        "actionGroup": action_group,
        "apiPath": path,
        "httpMethod": method,
        "parameters": _values(parameters),
        "sessionAttributes": json_value(session or {}),
        "promptSessionAttributes": json_value(prompt_session or {}),
    }
    if body is not None:
        event["requestBody"] = {"content": {"application/json": {"properties": _values(body)}}}
    return event


def _values(values: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return [{"name": name, "type": "string", "value": text_of(value)} for name, value in (values or {}).items()]
