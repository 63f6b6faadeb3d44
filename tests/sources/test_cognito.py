"""The cognito rooms: who answers a trigger, and with what."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    CognitoEvent,
    CognitoSyncEvent,
    ConfigurationError,
    CreateAuthChallengeResponse,
    CustomMessageResponse,
    DefineAuthChallengeResponse,
    InboundFederationResponse,
    NoRouteError,
    PreSignUpResponse,
    TokenGenerationResponse,
    UserMigrationResponse,
    VerifyAuthChallengeResponse,
)
from lambdarouter.sources.cognito import CognitoResponse
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import cognito, cognito_sync


def answer(app: App, event: Any) -> Any:
    before = copy.deepcopy(event)
    reply = TestClient(app).invoke(event).unwrap()
    assert event == before
    assert {**event, "response": None} == {**reply, "response": None}
    return reply["response"]


def test_a_response_is_filled_in_over_what_cognito_sent() -> None:
    app = App()

    @app.cognito("PreSignUp")
    async def sign_up(response: PreSignUpResponse) -> None:
        assert not response.auto_confirm_user
        response.auto_confirm_user = True

    sent = cognito("PreSignUp_SignUp")
    assert answer(app, sent) == {"autoConfirmUser": True, "autoVerifyEmail": False, "autoVerifyPhone": False}
    assert answer(app, sent | {"response": None}) == {"autoConfirmUser": True}


class Verdict(BaseModel):
    answerCorrect: bool  # noqa: N815 - the handler's own model of Cognito's object


@pytest.mark.parametrize(
    "value",
    [VerifyAuthChallengeResponse(answer_correct=True), {"answerCorrect": True}, Verdict(answerCorrect=True)],
)
def test_a_response_may_be_returned(value: Any) -> None:
    app = App()
    app.cognito("VerifyAuthChallengeResponse")(lambda: value)

    assert answer(app, cognito("VerifyAuthChallengeResponse_Authentication")) == {"answerCorrect": True}


def test_every_response_has_its_keys() -> None:
    made: list[tuple[CognitoResponse, dict[str, Any]]] = [
        (CustomMessageResponse(sms_message="a", email_subject="b"), {"smsMessage": "a", "emailSubject": "b"}),
        (DefineAuthChallengeResponse(issue_tokens=True), {"issueTokens": True}),
        (
            CreateAuthChallengeResponse(public_challenge_parameters={"a": "b"}, challenge_metadata="c"),
            {"publicChallengeParameters": {"a": "b"}, "challengeMetadata": "c"},
        ),
        (UserMigrationResponse(enable_sms_mfa=True), {"enableSMSMFA": True}),
        (InboundFederationResponse(user_attributes_to_map={"a": "b"}), {"userAttributesToMap": {"a": "b"}}),
        (
            TokenGenerationResponse(claims={"a": "b"}, suppressed_claims=["c"]),
            {"claimsOverrideDetails": {"claimsToAddOrOverride": {"a": "b"}, "claimsToSuppress": ["c"]}},
        ),
        (
            TokenGenerationResponse(scopes_to_add=["a"], id_token_claims={"b": 1}),
            {
                "claimsAndScopeOverrideDetails": {
                    "accessTokenGeneration": {"scopesToAdd": ["a"]},
                    "idTokenGeneration": {"claimsToAddOrOverride": {"b": 1}},
                }
            },
        ),
    ]
    for response, raw in made:
        assert response.raw == raw
    token = TokenGenerationResponse(scopes_to_add=["a"])
    assert token.scopes_to_add == ["a"]
    assert not token.claims
    assert not token.id_token_claims
    assert repr(PreSignUpResponse(auto_verify_email=True)) == "PreSignUpResponse({'autoVerifyEmail': True})"


def test_a_wrong_answer_is_refused_where_it_is_given() -> None:
    with pytest.raises(TypeError, match=r"PreSignUpResponse\.auto_confirm_user is a string, expected a boolean"):
        PreSignUpResponse(auto_confirm_user="yes")
    with pytest.raises(TypeError, match="PreSignUpResponse has no 'raw'"):
        PreSignUpResponse(raw={})


def test_a_value_that_is_no_response_is_the_handlers_failure() -> None:
    app = App()
    app.cognito()(lambda: True)

    with pytest.raises(TypeError, match="the handler returned a boolean; a trigger's handler returns its response"):
        answer(app, cognito("PreSignUp_SignUp"))


def test_a_handler_that_raises_refuses_with_its_own_error() -> None:
    app = App()

    @app.cognito("PreSignUp")
    def sign_up() -> None:
        raise PermissionError("not today")

    with pytest.raises(PermissionError, match="not today"):
        answer(app, cognito("PreSignUp_SignUp"))


def test_the_first_handler_that_fits_answers_and_other_clients_pass() -> None:
    app = App()
    app.cognito("PreSignUp_AdminCreateUser")(lambda: {"autoVerifyEmail": True})
    app.cognito(["PreSignUp", "PostConfirmation"], client="web")(lambda: {"autoConfirmUser": True})

    assert answer(app, cognito("PreSignUp_AdminCreateUser", client="web")) == {"autoVerifyEmail": True}
    assert answer(app, cognito("PreSignUp_SignUp", client="web")) == {"autoConfirmUser": True}
    unchanged = cognito("PreSignUp_SignUp", client="cli")
    assert answer(app, unchanged) == unchanged["response"]
    with pytest.raises(NoRouteError, match="the trigger 'PreAuthentication_Authentication' of the user pool"):
        answer(app, cognito("PreAuthentication_Authentication"))


def test_two_handlers_of_one_trigger_are_refused() -> None:
    app = App()
    app.cognito("PreSignUp")(lambda: None)
    with pytest.raises(ConfigurationError, match=r"already answers trigger=PreSignUp; .*never run"):
        app.cognito("PreSignUp")(lambda: None)


@pytest.mark.parametrize("trigger", [None, "PostConfirmation", ["PreSignUp", "CustomMessage"]])
def test_the_response_of_another_trigger_is_refused_at_registration(trigger: Any) -> None:
    def sign_up(response: PreSignUpResponse) -> None: ...

    with pytest.raises(ConfigurationError, match="is the response of 'PreSignUp', but the handler is for"):
        App().cognito(trigger)(sign_up)

    def any_response(response: CognitoResponse) -> None:
        response.raw["custom"] = 1

    app = App()
    app.cognito(trigger)(any_response)
    event = cognito("PostConfirmation_ConfirmSignUp" if trigger != ["PreSignUp", "CustomMessage"] else "PreSignUp_X")
    assert answer(app, event)["custom"] == 1


def test_what_a_parameter_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="it could be CognitoEvent, the trigger's response"):

        @App().cognito("PreSignUp")
        def sign_up(user: str) -> None: ...


def test_an_event_is_read_by_attribute() -> None:
    event = CognitoEvent(cognito("PreSignUp_SignUp", {"validationData": {"a": "b"}, "clientMetadata": None}))

    assert (event.trigger, event.trigger_source) == ("PreSignUp", "PreSignUp_SignUp")
    assert (event.user_name, event.client_id, event.version) == ("ada", "1example23456789", "1")
    assert (event.validation_data, event.client_metadata, event.session) == ({"a": "b"}, {}, [])
    assert (event.user_attributes["email"], event.password, event.challenge_answer) == ("ada@example.com", None, None)
    assert event.id == "the event"


def test_records_of_a_dataset_are_changed_or_returned() -> None:
    app = App()

    @app.cognito_sync("settings")
    def settings(event: CognitoSyncEvent) -> Any:
        event.records["volume"]["newValue"] = "11"
        return None if "theme" in event.records else {"volume": {"op": "remove"}}

    client = TestClient(app)
    event = cognito_sync("settings", {"volume": "5", "theme": "dark"})

    reply = client.invoke(event).unwrap()
    assert reply["datasetRecords"]["volume"]["newValue"] == "11"
    assert event["datasetRecords"]["volume"]["newValue"] == "5"
    reply = client.invoke(cognito_sync("settings", {"volume": "5"})).unwrap()
    assert reply["datasetRecords"] == {"volume": {"op": "remove"}}
    others = cognito_sync("others", {"a": "b"})
    assert client.invoke(others).unwrap() == others


def test_records_that_are_none_are_the_handlers_or_the_events_failure() -> None:
    app = App()
    app.cognito_sync()(lambda: [1])
    with pytest.raises(TypeError, match="the handler returned a list; it returns the dataset's records"):
        TestClient(app).invoke(cognito_sync("settings", {})).unwrap()
    error = TestClient(App()).invoke(cognito_sync("settings", {})).error
    assert "the Cognito Sync dataset 'settings'" in str(error)

    reading = App()

    @reading.cognito_sync()
    def seen(event: CognitoSyncEvent) -> None:
        assert event.records

    error = TestClient(reading).invoke(cognito_sync("settings", {}) | {"datasetRecords": []}).error
    assert "datasetRecords is a list" in str(error)
