"""Calls that a Bedrock agent makes of an action group with function details.

Shape after "Configure Lambda functions to send information a Bedrock agent elicits" in the Bedrock user guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import identifier, json_text

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
) -> dict[str, Any]:
    """Build an agent's call of one function ("bedrock.function"); values travel as text, what is not text as JSON."""
    return {
        "messageVersion": "1.0",
        "agent": {"name": "shop", "id": "ABCDEFGHIJ", "alias": "TSTALIASID", "version": "DRAFT"},
        "inputText": "",
        "sessionId": identifier("session"),
        "actionGroup": action_group,
        "function": function,
        "parameters": [
            {"name": name, "type": "string", "value": value if isinstance(value, str) else json_text(value)}
            for name, value in (parameters or {}).items()
        ],
        "sessionAttributes": dict(session or {}),
        "promptSessionAttributes": {},
    }
