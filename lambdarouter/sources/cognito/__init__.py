"""Cognito: a handler for each trigger of a user pool, with its response to fill in.

::

    @app.cognito("PreSignUp", client="1example23456789")
    def sign_up(event: CognitoEvent, response: PreSignUpResponse) -> None:
        response.auto_confirm_user = event.user_attributes["email"].endswith("@example.com")

`trigger` is a trigger source, or the part of it before the underscore: "PreSignUp" takes "PreSignUp_SignUp",
"PreSignUp_AdminCreateUser" and the others. The response is passed by its type; what Cognito gets is the event with it.
Without one, a handler may return the response, or its object as a dict.

Delivery: synchronous, within 5 seconds; Cognito tries three times. A handler that raises refuses the user, who sees the
message. A trigger that no route names raises. One that `client` or `pool` declines passes unchanged.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
"""

from __future__ import annotations

from lambdarouter.sources.cognito.response import (
    CognitoResponse,
    CreateAuthChallengeResponse,
    CustomMessageResponse,
    DefineAuthChallengeResponse,
    InboundFederationResponse,
    PreSignUpResponse,
    TokenGenerationResponse,
    UserMigrationResponse,
    VerifyAuthChallengeResponse,
)
from lambdarouter.sources.cognito.source import CognitoEvent, CognitoSource, CognitoTrigger

__all__ = [
    "CognitoEvent",
    "CognitoResponse",
    "CognitoSource",
    "CognitoTrigger",
    "CreateAuthChallengeResponse",
    "CustomMessageResponse",
    "DefineAuthChallengeResponse",
    "InboundFederationResponse",
    "PreSignUpResponse",
    "TokenGenerationResponse",
    "UserMigrationResponse",
    "VerifyAuthChallengeResponse",
]
