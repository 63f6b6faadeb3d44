"""What waits for a function's word: CloudFormation's hooks and macros, ECS deployments, Transfer's workflows, calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    CloudFormationHookEvent,
    ConfigurationError,
    EcsDeploymentHook,
    HttpError,
    InProgress,
    MacroEvent,
    NonCompliant,
    ObjectReply,
    ObjectRequest,
    SipEvent,
    SipReply,
    WorkflowStep,
)
from lambdarouter.testing.events import (
    chime_sip,
    cloudformation_hook,
    cloudformation_macro,
    ecs_deployment,
    s3_object_lambda,
    transfer_workflow,
)
from tests.aws_endpoint import Endpoint, endpoint, object_endpoint


@pytest.fixture
def service() -> Iterator[Endpoint]:
    with endpoint() as server:
        yield server


@pytest.fixture
def s3() -> Iterator[Endpoint]:
    with object_endpoint() as server:
        yield server


# --- CloudFormation hooks --------------------------------------------------------------------------------------------


def still_at_it() -> InProgress:
    return InProgress()


class Bucket(BaseModel):
    BucketName: str


def test_a_hook_lets_an_operation_go_on_stops_it_or_asks_for_time() -> None:
    app = App()

    @app.cloudformation_hook("AWS::S3::Bucket", point="CREATE_*")
    def check(properties: Bucket, event: CloudFormationHookEvent) -> NonCompliant | InProgress | None:
        if properties.BucketName == "public":
            return NonCompliant("no public buckets" + "!" * 2000)
        if properties.BucketName == "slow" and event.invocation == 1:
            return InProgress(after=30, details={"scan": 17})
        return None

    def answer(name: str, **options: Any) -> Any:
        reply = app(cloudformation_hook("AWS::S3::Bucket", {"BucketName": name}, **options))
        assert reply.pop("clientRequestToken")
        return reply

    assert answer("fine") == {"hookStatus": "SUCCESS"}
    refused = answer("public")
    assert refused["message"].startswith("no public buckets!")
    assert len(refused.pop("message")) == 1024
    assert refused == {"hookStatus": "FAILED", "errorCode": "NonCompliant"}
    assert answer("slow") == {
        "hookStatus": "IN_PROGRESS",
        "callbackContext": {"scan": 17},
        "callbackDelaySeconds": 30,
    }
    assert answer("slow", invocation=2, callback_context={"scan": 17}) == {"hookStatus": "SUCCESS"}
    assert answer("public", point="DELETE_PRE_PROVISION") == {"hookStatus": "SUCCESS"}


def test_a_word_that_is_made_once_and_returned_again_stays_as_it_is() -> None:
    app, details = App(), Bucket(BucketName="b")
    again: InProgress = InProgress(after=5, details={"bucket": details})
    app.cloudformation_hook()(lambda: again)
    app.ecs_deployment()(lambda: again)

    for _ in range(2):
        assert app(cloudformation_hook())["callbackContext"] == {"bucket": {"BucketName": "b"}}
        assert app(ecs_deployment("POST_SCALE_UP"))["hookDetails"] == {"bucket": {"BucketName": "b"}}
    assert again.details == {"bucket": details}


def test_a_hook_that_fails_shows_what_it_was_meant_to_show() -> None:
    app = App()

    @app.cloudformation_hook("STACK")
    def check(event: CloudFormationHookEvent) -> None:
        assert event.payload_url == "https://example.com/presigned"
        raise HttpError(503, "the scanner is down")

    app.cloudformation_hook("Custom::A")(lambda: True)
    app.cloudformation_hook("Custom::B")(still_at_it)

    stack = app(cloudformation_hook("STACK"))
    assert (stack["errorCode"], stack["message"]) == ("InternalFailure", "503: the scanner is down")
    assert "a hook returns None, NonCompliant" in app(cloudformation_hook("Custom::A"))["message"]
    assert "@app.cloudformation_hook" in app(cloudformation_hook("Custom::C"))["message"]
    waiting = app(cloudformation_hook("Custom::B"))
    assert (waiting["callbackContext"], waiting["callbackDelaySeconds"]) == ({}, 1)
    assert (repr(InProgress(after=5)), repr(NonCompliant("no"))) == ("InProgress(after=5)", "NonCompliant('no')")


# --- CloudFormation macros -------------------------------------------------------------------------------------------


def test_a_macro_rewrites_a_fragment() -> None:
    app = App()

    @app.cloudformation_macro("Tagged")
    def tagged(fragment: dict[str, Any], macro: MacroEvent) -> dict[str, Any]:
        assert macro.template_parameters == {"Stage": "live"}
        return fragment | {"Tags": [{"Key": "owner", "Value": macro.parameters["owner"]}]}

    event = cloudformation_macro("Tagged", {"A": 1}, {"owner": "ada"}, template_parameters={"Stage": "live"})

    assert app(event) == {
        "requestId": event["requestId"],
        "status": "success",
        "fragment": {"A": 1, "Tags": [{"Key": "owner", "Value": "ada"}]},
    }


def test_a_macro_that_returns_nothing_or_fails_fails_the_operation() -> None:
    app = App()
    app.cloudformation_macro("Empty")(lambda: None)
    app.cloudformation_macro("Broken")(lambda: 1 // 0)

    assert "not None" in app(cloudformation_macro("Empty", {}))["errorMessage"]
    assert app(cloudformation_macro("Broken", {}))["errorMessage"].startswith("ZeroDivisionError")
    assert "the macro 'Nobodys'" in app(cloudformation_macro("Nobodys", {}))["errorMessage"]


# --- ECS -------------------------------------------------------------------------------------------------------------


def test_a_deployment_goes_on_waits_or_is_rolled_back() -> None:
    app = App()

    @app.ecs_deployment(["POST_SCALE_UP", "POST_TEST_*"])
    async def check(hook: EcsDeploymentHook) -> NonCompliant | InProgress | None:
        if not hook.details:
            return InProgress(after=60, details={"started": "yes"})
        return NonCompliant("too many errors") if hook.stage == "POST_SCALE_UP" else None

    app.ecs_deployment("PRE_SCALE_UP")(still_at_it)

    assert app(ecs_deployment("POST_SCALE_UP")) == {
        "hookStatus": "IN_PROGRESS",
        "callBackDelay": 60,
        "hookDetails": {"started": "yes"},
    }
    assert app(ecs_deployment("POST_TEST_TRAFFIC_SHIFT", {"started": "yes"})) == {"hookStatus": "SUCCEEDED"}
    assert app(ecs_deployment("POST_SCALE_UP", {"started": "yes"})) == {"hookStatus": "FAILED"}
    assert app(ecs_deployment("PRE_SCALE_UP")) == {"hookStatus": "IN_PROGRESS"}


# --- Transfer Family -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["fine.csv", "virus.exe"])
def test_a_workflow_is_told_how_its_step_went(service: Endpoint, key: str) -> None:
    app = App()

    @app.transfer_workflow(workflow="w-1*", server="s-1*")
    def scan(step: WorkflowStep) -> None:
        assert (step.bucket, step.username) == ("uploads", "ada")
        if step.key == "virus.exe":
            raise RuntimeError

    event = transfer_workflow(key)

    assert app(event) is None
    operation, arguments = service.call
    assert operation == "SendWorkflowStepState"
    assert arguments == {
        "WorkflowId": "w-1234567890abcdef0",
        "ExecutionId": event["serviceMetadata"]["executionDetails"]["executionId"],
        "Token": event["token"],
        "Status": "SUCCESS" if key == "fine.csv" else "FAILURE",
    }


# --- Calls -----------------------------------------------------------------------------------------------------------


def no_actions() -> list[Any]:
    return []


def test_a_call_gets_actions_and_keeps_its_attributes() -> None:
    app = App()

    @app.chime_sip("NEW_INBOUND_CALL", application="shop")
    def greet(call: SipEvent) -> SipReply:
        tag = call.participants[0]["ParticipantTag"]
        return SipReply([{"Type": "Speak", "Parameters": {"ParticipantTag": tag}}], attributes={"order": "17"})

    app.chime_sip("ACTION_SUCCESSFUL")(lambda: None)
    app.chime_sip("DIGITS_RECEIVED")(no_actions)

    assert app(chime_sip(application="shop")) == {
        "SchemaVersion": "1.0",
        "Actions": [{"Type": "Speak", "Parameters": {"ParticipantTag": "LEG-A"}}],
        "TransactionAttributes": {"order": "17"},
    }
    # Null leaves the actions that run; an empty list stops them.
    assert app(chime_sip("ACTION_SUCCESSFUL")) == {"SchemaVersion": "1.0", "Actions": None}
    assert app(chime_sip("DIGITS_RECEIVED")) == {"SchemaVersion": "1.0", "Actions": []}


@pytest.mark.parametrize("value", ["Hangup", {"Type": "Hangup"}, ["Hangup"], 5, [{"Type": "Pause"}] * 11])
def test_what_are_no_actions_is_an_error(value: Any) -> None:
    app = App()
    app.chime_sip()(lambda: value)

    assert isinstance(app.complete(chime_sip()).error, (TypeError, ValueError))


# --- S3 Object Lambda ------------------------------------------------------------------------------------------------


def test_an_object_is_written_through_s3(s3: Endpoint) -> None:
    app = App()

    @app.s3_object_lambda(access_point="*/redacted")
    def redacted(request: ObjectRequest) -> ObjectReply:
        assert request.input_url.startswith("https://uploads.")
        return ObjectReply("ä" * 3, content_type="text/plain; charset=utf-8", metadata={"masked": "yes"})

    assert app(s3_object_lambda()) is None
    operation, told = s3.call
    assert operation == "WriteGetObjectResponse"
    assert told["x-amz-request-route"] == "io-use1-001"
    assert told["x-amz-request-token"] == "example"
    assert told["x-amz-fwd-status"] == "200"
    assert told["x-amz-fwd-header-content-type"] == "text/plain; charset=utf-8"
    assert told["x-amz-meta-masked"] == "yes"
    assert ("ä" * 3).encode() in told["body"]


def test_a_body_alone_is_an_object_without_headers_of_its_own(s3: Endpoint) -> None:
    app = App()
    app.s3_object_lambda()(lambda: b"whole")

    assert app(s3_object_lambda()) is None
    _, told = s3.call
    assert b"whole" in told["body"]
    assert not [name for name in told if name.startswith(("x-amz-meta-", "x-amz-fwd-header-content-type"))]


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [(HttpError(404, "no such report"), "404", "no such report"), (RuntimeError("s3cret"), "500", "could not be made")],
)
def test_an_error_is_written_without_internals(s3: Endpoint, error: Exception, status: str, said: str) -> None:
    app = App()

    @app.s3_object_lambda()
    def body() -> bytes:
        raise error

    app(s3_object_lambda())

    _, told = s3.call
    assert told["x-amz-fwd-status"] == status
    assert said in told["x-amz-fwd-error-message"]
    assert "s3cret" not in str(told)


def test_what_is_no_body_and_what_nobody_takes_is_a_500(s3: Endpoint) -> None:
    app = App()
    app.s3_object_lambda(access_point="*/redacted")(lambda: {"a": 1})

    app(s3_object_lambda())
    app(s3_object_lambda(access_point="plain"))

    assert [told["x-amz-fwd-status"] for _, told in s3.calls] == ["500", "500"]


def test_head_and_list_requests_are_answered_with_the_handlers_value() -> None:
    app = App()

    @app.s3_object_lambda(["HEAD", "LIST"])
    def told(request: ObjectRequest) -> dict[str, Any]:
        if request.operation == "LIST":
            raise HttpError(403)
        return {"statusCode": 200, "headers": {"ETag": "x"}}

    assert app(s3_object_lambda("HEAD")) == {"statusCode": 200, "headers": {"ETag": "x"}}
    assert app(s3_object_lambda("LIST")) == {"statusCode": 403, "errorCode": "RequestRefused", "errorMessage": "403"}


def test_a_request_of_no_known_operation_has_no_input() -> None:
    request = ObjectRequest({"xAmzRequestId": "r"})

    assert (request.operation, request.input_url) == ("", "")


def test_an_operation_that_does_not_exist_is_refused_at_import() -> None:
    with pytest.raises(ConfigurationError, match="it is one of GET, HEAD, LIST"):
        App().s3_object_lambda("PUT")(lambda: b"")  # type: ignore[arg-type]
