"""The cognito source: one trigger of a user pool, answered with the event and its response."""

from __future__ import annotations

from lambdarouter.core.check import check_characters, check_words
from lambdarouter.core.conversion import any_value, copy_of_object
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource, plain
from lambdarouter.core.view import field, kind_of
from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.cognito.response import CognitoResponse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.handler import Getter
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared, Trigger
    from lambdarouter.core.view import View

__all__ = ["CognitoEvent", "CognitoSource", "CognitoTrigger"]


class CognitoEvent(SingleRecord):
    """A trigger of a user pool. What it does not carry reads as empty, or None.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
    """

    trigger_source: str = field("triggerSource")
    user_pool_id: str = field("userPoolId")
    user_name: str | None = field("userName", default=None)
    region: str = field("region", default="")
    client_id: str = field("callerContext", "clientId", default="")
    request: dict[str, Any] = field("request", of=dict, default=dict)
    user_attributes: dict[str, str] = field("request", "userAttributes", of=dict, default=dict)
    # What the app's client sent along: anyone can write it.
    client_metadata: dict[str, str] = field("request", "clientMetadata", of=dict, default=dict)
    validation_data: dict[str, str] = field("request", "validationData", of=dict, default=dict)
    # CustomMessage: the placeholders of the code and the name.
    code_parameter: str | None = field("request", "codeParameter", default=None)
    username_parameter: str | None = field("request", "usernameParameter", default=None)
    # The challenges so far, and the one in question.
    session: list[dict[str, Any]] = field("request", "session", of=list, default=list)
    challenge_name: str | None = field("request", "challengeName", default=None)
    challenge_answer: Any = field("request", "challengeAnswer", of=any_value, default=None)
    private_challenge_parameters: dict[str, str] = field("request", "privateChallengeParameters", of=dict, default=dict)
    user_not_found: bool = field("request", "userNotFound", of=bool, default=False)
    new_device_used: bool = field("request", "newDeviceUsed", of=bool, default=False)
    # UserMigration: as the user typed it. Never log it.
    password: str | None = field("request", "password", default=None)
    # TokenGeneration.
    group_configuration: dict[str, Any] = field("request", "groupConfiguration", of=dict, default=dict)
    scopes: list[str] = field("request", "scopes", of=list, default=list)
    # InboundFederation.
    provider_name: str | None = field("request", "providerName", default=None)
    provider_type: str | None = field("request", "providerType", default=None)
    attributes: dict[str, Any] = field("request", "attributes", of=dict, default=dict)
    # CustomEmailSender and CustomSMSSender: the code, encrypted.
    code: str | None = field("request", "code", default=None)

    @property
    def trigger(self) -> str:
        """The trigger, without its occasion: "PreSignUp" of "PreSignUp_AdminCreateUser"."""
        return self.trigger_source.partition("_")[0]

    @property
    def version(self) -> str:
        """The version of the event: "2" and "3" of TokenGeneration tell what can be changed."""
        return str(self.raw.get("version") or "1")

    @property
    def triggers(self) -> list[str]:
        """The names that a route may know it by."""
        return [self.trigger_source, self.trigger]

    @property
    def response(self) -> dict[str, Any]:
        """What Cognito is to get, as far as it is filled in."""
        if self._response is None:
            self._response = copy_of_object(self.raw.get("response"))
        return self._response

    _response: dict[str, Any] | None = None


class CognitoSource(SynchronousSource):
    """Triggers of user pools: one handler, the event with its response."""

    names: tuple[str, ...] = ("cognito",)
    decorator = "@app.cognito(trigger)"
    record: type[View] = CognitoEvent

    def origin(self, record: CognitoEvent) -> str:
        """The trigger and the pool."""
        return f"the trigger {record.trigger_source!r} of the user pool {record.user_pool_id!r}"

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """The response: what was filled in, or what the handler returned."""
        if value is None:
            response = match.record.response
        elif isinstance(value, CognitoResponse):
            response = value.raw
        else:
            response = value
        response = plain(response)
        if not isinstance(response, dict):
            msg = f"the handler returned {kind_of(response)}; a trigger's handler returns its response, or None"
            raise TypeError(msg)
        return response

    def reply(self, event: CognitoEvent, outcome: Outcome) -> dict[str, Any]:
        """The event, with the response."""
        response = event.response if outcome.status == "declined" else outcome.value
        return {**event.raw, "response": response}

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The event, and the response of the trigger."""
        wanted = parameter.annotation
        if not (isinstance(wanted, type) and issubclass(wanted, CognitoResponse)) or parameter.marker is not None:
            return super().provide(parameter, trigger)
        if wanted.trigger and not trigger.fits(wanted.trigger):  # type: ignore[attr-defined] # a CognitoTrigger
            msg = (
                f"the parameter {parameter.name!r} is the response of {wanted.trigger!r}, but the handler is for "
                f"{trigger.describe() or 'every trigger'}"
            )
            raise ConfigurationError(msg)
        parameter.where = "response"
        return lambda match, invocation: wanted.over(match.record.response)

    def choices(self) -> str:
        """What a parameter may be."""
        return "CognitoEvent, the trigger's response (PreSignUpResponse …), Context, Annotated[T, Depends(f)]"


class CognitoTrigger(FilterTrigger):
    """`@app.cognito("PreSignUp")`: answer this trigger of a user pool.

    `trigger`: a trigger source such as "PreSignUp_SignUp", the part before its underscore, a glob, or a list of them;
    without, every trigger. `pool`, `client`: ids of user pools and of their clients; other events of the trigger pass
    unchanged. `shared`: the options of every trigger.
    """

    __slots__ = ("_triggers",)

    source: type[Source] = CognitoSource
    reads: Mapping[str, str] = {"trigger": "triggers", "pool": "user_pool_id", "client": "client_id"}

    def __init__(
        self,
        trigger: str | Sequence[str] | None = None,
        *,
        pool: str | Sequence[str] | None = None,
        client: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"trigger": trigger}, {"pool": pool, "client": client}, **shared)
        given = [] if trigger is None else [trigger] if isinstance(trigger, str) else list(trigger)
        self._triggers = {name.partition("_")[0] for name in given}
        # The triggers are known, not so their occasions, after the underscore. A new trigger can be given as a glob.
        check_words("trigger", [_family(name) for name in given], _TRIGGERS)
        check_characters("pool", pool, "_-")
        check_characters("client", client, "_+")

    def fits(self, trigger: str) -> bool:
        """Whether every event of this route is of that trigger."""
        return self._triggers == {trigger}


_TRIGGERS = (
    "PreSignUp",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "CustomMessage",
    "CustomEmailSender",
    "CustomSMSSender",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
    "TokenGeneration",
    "UserMigration",
    "InboundFederation",
)


def _family(name: str) -> str:
    """The trigger of a trigger source; a glob as it is."""
    return name if "*" in name or "?" in name else name.partition("_")[0]
