"""What a user pool's triggers may answer: one class for each trigger that has something to fill in.

Each holds the JSON object that Cognito gets as `response`. An attribute that was never set is not in it, unless Cognito
sent it so. A value of the wrong type is refused where it is set: Cognito would refuse the whole reply, without saying
where.
"""

from __future__ import annotations

from lambdarouter.core.view import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Self

__all__ = [
    "CognitoResponse",
    "CreateAuthChallengeResponse",
    "CustomMessageResponse",
    "DefineAuthChallengeResponse",
    "InboundFederationResponse",
    "PreSignUpResponse",
    "TokenGenerationResponse",
    "UserMigrationResponse",
    "VerifyAuthChallengeResponse",
]


class _Answer:
    """An attribute that is a key of the response: read as it is (None where it is not set), checked when it is set."""

    __slots__ = ("key", "kind", "name", "within")

    def __init__(self, key: str, kind: type, *within: str) -> None:
        self.key = key
        self.kind = kind
        self.within = within
        self.name = key

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, response: CognitoResponse | None, owner: type) -> Any:
        if response is None:
            return self
        at: Any = response.raw
        for key in self.within:
            at = at.get(key) if isinstance(at, dict) else None
        return at.get(self.key) if isinstance(at, dict) else None

    def __set__(self, response: CognitoResponse, value: Any) -> None:
        if not isinstance(value, self.kind):
            msg = f"{type(response).__name__}.{self.name} is {kind_of(value)}, expected {kind_of(self.kind())}"
            raise TypeError(msg)
        at = response.raw
        for key in self.within:
            if not isinstance(at.get(key), dict):
                at[key] = {}
            at = at[key]
        at[self.key] = value


def _answer(key: str, kind: type, *within: str) -> Any:
    return _Answer(key, kind, *within)


class CognitoResponse:
    """The response of any trigger: `raw`, the object that Cognito gets. Keywords set its attributes."""

    # The part of a triggerSource before its underscore.
    trigger: ClassVar[str] = ""

    def __init__(self, **answers: Any) -> None:
        self.raw: dict[str, Any] = {}
        for name, value in answers.items():
            if not isinstance(getattr(type(self), name, None), _Answer):
                msg = f"{type(self).__name__} has no {name!r}"
                raise TypeError(msg)
            setattr(self, name, value)

    @classmethod
    def over(cls, raw: dict[str, Any]) -> Self:
        """A response that fills in `raw`."""
        response = cls()
        response.raw = raw
        return response

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.raw!r})"


class PreSignUpResponse(CognitoResponse):
    """Whether the user is confirmed, and the address or number verified, without a code."""

    trigger = "PreSignUp"
    auto_confirm_user: bool = _answer("autoConfirmUser", bool)
    auto_verify_email: bool = _answer("autoVerifyEmail", bool)
    auto_verify_phone: bool = _answer("autoVerifyPhone", bool)


class CustomMessageResponse(CognitoResponse):
    """The texts to send, with the code and username parameters of the event in them."""

    trigger = "CustomMessage"
    sms_message: str = _answer("smsMessage", str)
    email_message: str = _answer("emailMessage", str)
    email_subject: str = _answer("emailSubject", str)


class DefineAuthChallengeResponse(CognitoResponse):
    """The next challenge, or the end of the authentication."""

    trigger = "DefineAuthChallenge"
    challenge_name: str = _answer("challengeName", str)
    issue_tokens: bool = _answer("issueTokens", bool)
    fail_authentication: bool = _answer("failAuthentication", bool)


class CreateAuthChallengeResponse(CognitoResponse):
    """The challenge: what the client sees, and what the answer is verified with."""

    trigger = "CreateAuthChallenge"
    public_challenge_parameters: dict[str, str] = _answer("publicChallengeParameters", dict)
    private_challenge_parameters: dict[str, str] = _answer("privateChallengeParameters", dict)
    challenge_metadata: str = _answer("challengeMetadata", str)


class VerifyAuthChallengeResponse(CognitoResponse):
    """Whether the answer is correct."""

    trigger = "VerifyAuthChallengeResponse"
    answer_correct: bool = _answer("answerCorrect", bool)


class UserMigrationResponse(CognitoResponse):
    """The user of the old directory."""

    trigger = "UserMigration"
    user_attributes: dict[str, str] = _answer("userAttributes", dict)
    final_user_status: str = _answer("finalUserStatus", str)
    message_action: str = _answer("messageAction", str)
    desired_delivery_mediums: list[str] = _answer("desiredDeliveryMediums", list)
    force_alias_creation: bool = _answer("forceAliasCreation", bool)
    enable_sms_mfa: bool = _answer("enableSMSMFA", bool)


class InboundFederationResponse(CognitoResponse):
    """The attributes of a federated user, as the pool is to keep them."""

    trigger = "InboundFederation"
    user_attributes_to_map: dict[str, str] = _answer("userAttributesToMap", dict)


class TokenGenerationResponse(CognitoResponse):
    """What to change in the tokens: the first three in version 1 of the event, the others in version 2 and 3."""

    trigger = "TokenGeneration"
    claims: dict[str, str] = _answer("claimsToAddOrOverride", dict, "claimsOverrideDetails")
    suppressed_claims: list[str] = _answer("claimsToSuppress", list, "claimsOverrideDetails")
    groups: dict[str, Any] = _answer("groupOverrideDetails", dict, "claimsOverrideDetails")
    id_token_claims: dict[str, Any] = _answer(
        "claimsToAddOrOverride", dict, "claimsAndScopeOverrideDetails", "idTokenGeneration"
    )
    id_token_suppressed_claims: list[str] = _answer(
        "claimsToSuppress", list, "claimsAndScopeOverrideDetails", "idTokenGeneration"
    )
    access_token_claims: dict[str, Any] = _answer(
        "claimsToAddOrOverride", dict, "claimsAndScopeOverrideDetails", "accessTokenGeneration"
    )
    access_token_suppressed_claims: list[str] = _answer(
        "claimsToSuppress", list, "claimsAndScopeOverrideDetails", "accessTokenGeneration"
    )
    scopes_to_add: list[str] = _answer("scopesToAdd", list, "claimsAndScopeOverrideDetails", "accessTokenGeneration")
    scopes_to_suppress: list[str] = _answer(
        "scopesToSuppress", list, "claimsAndScopeOverrideDetails", "accessTokenGeneration"
    )
    group_override_details: dict[str, Any] = _answer("groupOverrideDetails", dict, "claimsAndScopeOverrideDetails")
