"""Requests to an Alexa skill.

Shape after "Request and response JSON reference" of the Alexa Skills Kit.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import MOMENT, identifier, iso, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["alexa"]


def alexa(
    request: str = "LaunchRequest",
    *,
    intent: str | None = None,
    slots: Mapping[str, str | None] | None = None,
    skill: str = "amzn1.ask.skill.example",
    user: str = "amzn1.ask.account.EXAMPLE",
    locale: str = "en-US",
    confirmation: str = "NONE",
    attributes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build a request to a skill ("alexa.skill"): with `intent` an IntentRequest, whose open slots are None.

    `skill` and `user` are ids. `confirmation`: the intent's, NONE, CONFIRMED or DENIED; `attributes`: the session's,
    with which it is no new one.
    """
    application, account = {"applicationId": skill}, {"userId": user}
    asked: dict[str, Any] = {
        "type": request if intent is None else "IntentRequest",
        "requestId": f"amzn1.echo-api.request.{identifier('request')}",
        "timestamp": iso(MOMENT),
        "locale": locale,
    }
    if intent is not None:
        filled = {
            name: {"name": name, "confirmationStatus": "NONE"} | ({} if value is None else {"value": value})
            for name, value in (slots or {}).items()
        }
        asked["intent"] = {"name": intent, "confirmationStatus": confirmation, "slots": filled}
    return {
        "version": "1.0",
        "session": {
            "new": attributes is None,
            "sessionId": f"amzn1.echo-api.session.{identifier('session')}",
            "application": application,
            "attributes": json_value(attributes or {}),
            "user": account,
        },
        "context": {
            "AudioPlayer": {"playerActivity": "IDLE"},
            "System": {
                "application": application,
                "user": account,
                "device": {"deviceId": "amzn1.ask.device.EXAMPLE", "supportedInterfaces": {"AudioPlayer": {}}},
                "apiEndpoint": "https://api.amazonalexa.com",
                "apiAccessToken": "access-token",
            },
        },
        "request": asked,
    }
