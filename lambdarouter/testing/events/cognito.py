"""Triggers of a Cognito user pool.

Shape after "Lambda trigger event" in the Cognito developer guide; `request` and `response` as each trigger has them.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import REGION, identifier, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["cognito"]

# What Cognito sends in `response`, to be filled in.
_RESPONSES: dict[str, dict[str, Any]] = {
    "PreSignUp": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
    "CustomMessage": {"smsMessage": None, "emailMessage": None, "emailSubject": None},
    "DefineAuthChallenge": {"challengeName": None, "issueTokens": None, "failAuthentication": None},
    "CreateAuthChallenge": {
        "publicChallengeParameters": None,
        "privateChallengeParameters": None,
        "challengeMetadata": None,
    },
    "VerifyAuthChallengeResponse": {"answerCorrect": None},
    "TokenGeneration": {"claimsOverrideDetails": None},
    "InboundFederation": {"userAttributesToMap": None},
}


def cognito(
    trigger_source: str,
    request: Mapping[str, Any] | None = None,
    *,
    user: str = "ada",
    attributes: Mapping[str, Any] | None = None,
    pool: str = f"{REGION}_example",
    client: str = "1example23456789",
    version: str = "1",
) -> dict[str, Any]:
    """Build a trigger of the user pool `pool` ("cognito").

    `request` is what the trigger carries beside the user's attributes: `{"session": []}`, say. `attributes`
    are added to the user's own. In version 2 and 3 of
    "TokenGeneration" the response to fill in is another.
    """
    trigger = trigger_source.partition("_")[0]
    response = _RESPONSES.get(trigger, {})
    if trigger == "TokenGeneration" and version != "1":
        response = {"claimsAndScopeOverrideDetails": None}
    known = {"sub": identifier("user", user), "email": f"{user}@example.com"}
    return {
        "version": version,
        "triggerSource": trigger_source,
        "region": REGION,
        "userPoolId": pool,
        "userName": user,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client},
        "request": {"userAttributes": known | json_value(attributes or {}), **json_value(request or {})},
        "response": dict(response),
    }
