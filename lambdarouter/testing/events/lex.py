"""Turns of a conversation with a Lex bot, V2 and V1.

Shape after "Using an AWS Lambda function" in the Lex V2 and V1 developer guides.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import identifier, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["v1", "v2"]


def v2(
    intent: str,
    slots: Mapping[str, str | None] | None = None,
    *,
    bot: str = "Hotel",
    invocation: str = "FulfillmentCodeHook",
    transcript: str = "",
    confirmation: str = "None",
    locale: str = "en_US",
    session: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build a turn of a V2 bot ("lex.v2"); a slot that is None is open.

    `invocation`: DialogCodeHook or FulfillmentCodeHook. `transcript`: what the user said. `confirmation`: the intent's,
    None, Confirmed or Denied. `session`: the session's attributes.
    """
    state = {
        "name": intent,
        "slots": {name: _slot(value) for name, value in (slots or {}).items()},
        "state": "ReadyForFulfillment" if invocation == "FulfillmentCodeHook" else "InProgress",
        "confirmationState": confirmation,
    }
    return {
        "messageVersion": "1.0",
        "invocationSource": invocation,
        "inputMode": "Text",
        "responseContentType": "text/plain; charset=utf-8",
        "sessionId": identifier("session"),
        "inputTranscript": transcript,
        "bot": {
            "id": "ABCDEFGHIJ",
            "name": bot,
            "aliasId": "TSTALIASID",
            "aliasName": "TestBotAlias",
            "localeId": locale,
            "version": "DRAFT",
        },
        "interpretations": [{"intent": state, "nluConfidence": 1}],
        "transcriptions": [
            {
                "transcription": transcript,
                "transcriptionConfidence": 1,
                "resolvedContext": {"intent": intent},
                "resolvedSlots": {},
            }
        ],
        "sessionState": {
            "activeContexts": [],
            "sessionAttributes": json_value(session or {}),
            "intent": state,
            "originatingRequestId": identifier("request"),
        },
    }


def _slot(value: str | None) -> dict[str, Any] | None:
    if value is None:
        return None
    read = {"originalValue": value, "interpretedValue": value, "resolvedValues": [value]}
    return {"shape": "Scalar", "value": read}


def v1(
    intent: str,
    slots: Mapping[str, str | None] | None = None,
    *,
    bot: str = "Hotel",
    invocation: str = "FulfillmentCodeHook",
    transcript: str = "",
    confirmation: str = "None",
    session: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build a turn of a V1 bot ("lex.v1"); a slot that is None is open.

    `invocation`: DialogCodeHook or FulfillmentCodeHook. `transcript`: what the user said. `confirmation`: the intent's,
    None, Confirmed or Denied. `session`: the session's attributes.
    """
    return {
        "messageVersion": "1.0",
        "invocationSource": invocation,
        "userId": identifier("user"),
        "sessionAttributes": json_value(session or {}),
        "requestAttributes": None,
        "bot": {"name": bot, "alias": "$LATEST", "version": "$LATEST"},
        "outputDialogMode": "Text",
        "currentIntent": {
            "name": intent,
            "slots": json_value(slots or {}),
            "slotDetails": {},
            "confirmationStatus": confirmation,
        },
        "inputTranscript": transcript,
    }
