"""CodePipeline, CodeDeploy and Config: what each service is told, through real boto3 clients."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    Compliance,
    ConfigEvent,
    ConfigurationError,
    Continue,
    DeploymentHook,
    Evaluation,
    PipelineJob,
)
from lambdarouter.core import aws
from lambdarouter.testing.events import codedeploy, codepipeline, config
from tests.aws_endpoint import Endpoint, endpoint
from tests.pace import in_real_time, seconds


@pytest.fixture
def service() -> Iterator[Endpoint]:
    with endpoint() as server:
        yield server


class Order(BaseModel):
    id: int


# --- CodePipeline ----------------------------------------------------------------------------------------------------


def test_a_pipeline_is_told_of_success_with_the_actions_output_variables(service: Endpoint) -> None:
    app = App()

    @app.codepipeline(function="shop")
    def check(parameters: Order, job: PipelineJob) -> dict[str, str]:
        assert job.input_artifacts[0]["name"] == "Source"
        return {"Order": str(parameters.id)}

    event = codepipeline({"id": 17})

    assert app(event) is None
    job_id = event["CodePipeline.job"]["id"]
    assert service.call == ("PutJobSuccessResult", {"jobId": job_id, "outputVariables": {"Order": "17"}})


def test_an_action_without_a_value_has_no_variables_and_one_that_goes_on_gives_a_token(service: Endpoint) -> None:
    app = App()

    @app.codepipeline()
    async def wait(job: PipelineJob) -> Continue | None:
        return Continue("again") if job.continuation_token is None else None

    app(codepipeline())
    app(codepipeline(continuation_token="again"))

    first, second = (arguments for _, arguments in service.calls)
    assert first["continuationToken"] == "again"
    assert set(second) == {"jobId"}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [({"id": "x"}, "InvalidPayloadError"), ("no JSON", "MalformedPayloadError"), ({"id": 0}, "ZeroDivisionError")],
)
def test_a_pipeline_is_told_why_an_action_failed(service: Endpoint, parameters: Any, said: str) -> None:
    app = App()
    app.codepipeline()(divide)

    app(codepipeline(parameters))

    operation, arguments = service.call
    assert operation == "PutJobFailureResult"
    assert arguments["failureDetails"]["type"] == "JobFailed"
    assert arguments["failureDetails"]["message"].startswith(said)


def divide(parameters: Order) -> None:
    1 // parameters.id


def test_a_failures_message_is_cut_to_what_codepipeline_takes(service: Endpoint) -> None:
    app = App()

    @app.codepipeline()
    def check() -> None:
        raise RuntimeError("x" * 9000)

    app(codepipeline())

    assert len(service.call[1]["failureDetails"]["message"]) == 5000


@pytest.mark.parametrize("value", ["text", {"Count": 5}, ["a"]])
def test_output_variables_that_are_no_text_by_name_fail_the_action(service: Endpoint, value: Any) -> None:
    app = App()
    app.codepipeline()(lambda: value)

    app(codepipeline())

    assert "output variables are text by name" in service.call[1]["failureDetails"]["message"]


def test_an_action_of_nobodys_function_fails_with_the_decorator_to_use(service: Endpoint) -> None:
    app = App()
    app.codepipeline(function="other")(lambda: None)

    app(codepipeline())

    assert "@app.codepipeline" in service.call[1]["failureDetails"]["message"]


def test_a_pipeline_that_cannot_be_told_fails_the_invocation(service: Endpoint) -> None:
    app = App()
    app.codepipeline()(lambda: None)
    service.refusals = ["InvalidJobStateException"]

    completion = app.complete(codepipeline())

    assert "InvalidJobStateException" in str(completion.error)
    assert completion.reply is None


@in_real_time
def test_an_action_that_hangs_is_told_as_failed_before_the_deadline(service: Endpoint) -> None:
    app = App()
    app.codepipeline()(lambda: time.sleep(60))
    aws.client("codepipeline")  # what a warm environment has
    until = time.monotonic() + seconds(1.5)

    app.complete(
        codepipeline(), SimpleNamespace(get_remaining_time_in_millis=lambda: (until - time.monotonic()) * 1000)
    )

    assert time.monotonic() < until
    assert service.call[1]["failureDetails"]["message"].startswith("DeadlineExceeded")


def test_without_boto3_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "_clients", {})
    monkeypatch.setitem(sys.modules, "boto3", None)
    app = App()
    app.codepipeline()(lambda: None)

    error = app.complete(codepipeline()).error

    assert isinstance(error, ConfigurationError)
    assert "pip install lambdarouter[aws]" in str(error)


# --- CodeDeploy ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fails", "status"), [(False, "Succeeded"), (True, "Failed")])
def test_codedeploy_is_told_how_a_hook_went(service: Endpoint, *, fails: bool, status: str) -> None:
    app = App()

    @app.codedeploy()
    def smoke(hook: DeploymentHook) -> None:
        assert hook.deployment_id == "d-1"
        if fails:
            raise RuntimeError

    event = codedeploy("d-1")

    assert app(event) is None
    assert service.call == (
        "PutLifecycleEventHookExecutionStatus",
        {
            "deploymentId": "d-1",
            "lifecycleEventHookExecutionId": event["LifecycleEventHookExecutionId"],
            "status": status,
        },
    )


def test_a_hooks_value_would_be_lost_and_is_a_failure(service: Endpoint) -> None:
    app = App()
    app.codedeploy()(lambda: "Succeeded")

    completion = app.complete(codedeploy())

    assert service.call[1]["status"] == "Failed"
    assert "returns None, and raises" in str(completion.outcomes[0].error)


# --- Config ----------------------------------------------------------------------------------------------------------


def test_config_is_told_the_compliance_of_the_item_that_changed(service: Endpoint) -> None:
    app = App()

    @app.config("orders")
    def evaluate(parameters: Order, event: ConfigEvent) -> Compliance:
        assert (parameters.id, event.rule, event.item["resourceName"]) == (17, "orders", "uploads")
        return Compliance.NON_COMPLIANT

    event = config("orders", {"resourceId": "uploads"}, {"id": "17"})

    assert app(event) is None
    assert service.call == (
        "PutEvaluations",
        {
            "Evaluations": [
                {
                    "ComplianceResourceType": "AWS::S3::Bucket",
                    "ComplianceResourceId": "uploads",
                    "ComplianceType": "NON_COMPLIANT",
                    "OrderingTimestamp": 1767258000,
                }
            ],
            "ResultToken": event["resultToken"],
            "TestMode": False,
        },
    )


def test_evaluations_go_out_a_hundred_at_a_time_with_their_annotations_cut(service: Endpoint) -> None:
    app = App()

    @app.config("volumes")
    def evaluate() -> list[Evaluation]:
        return [
            Evaluation("AWS::EC2::Volume", f"vol-{number}", Compliance.COMPLIANT, annotation="x" * 300)
            for number in range(250)
        ]

    app(config("volumes"))

    told = [arguments["Evaluations"] for _, arguments in service.calls]
    assert [len(each) for each in told] == [100, 100, 50]
    assert told[2][-1]["ComplianceResourceId"] == "vol-249"
    assert len(told[0][0]["Annotation"]) == 256


@pytest.mark.parametrize(
    ("item", "left_scope"), [({"configurationItemStatus": "ResourceDeleted"}, False), ({"tags": {}}, True)]
)
def test_what_is_gone_is_not_applicable_without_the_handler(
    service: Endpoint, item: dict[str, Any], *, left_scope: bool
) -> None:
    app = App()
    app.config("buckets")(lambda: 1 // 0)

    completion = app.complete(config("buckets", item, left_scope=left_scope))

    assert completion.outcomes[0].status == "declined"
    assert service.call[1]["Evaluations"][0]["ComplianceType"] == "NOT_APPLICABLE"


def test_a_rule_that_is_tried_out_is_told_so_and_no_evaluations_are_no_call(service: Endpoint) -> None:
    app = App()
    app.config("buckets")(lambda: Compliance.COMPLIANT)
    app.config("volumes")(lambda: None)

    app(config("buckets", {}) | {"resultToken": "TESTMODE"})
    assert app(config("volumes")) is None

    assert service.call[1]["TestMode"] is True


def test_a_compliance_without_an_item_is_nobodys(service: Endpoint) -> None:
    app = App()
    app.config("volumes")(lambda: Compliance.COMPLIANT)

    error = app.complete(config("volumes")).error

    assert "return Evaluation(resource_type, resource_id, compliance)" in str(error)
    assert service.calls == []


@pytest.mark.parametrize("value", ["MAYBE", 5, [Compliance.COMPLIANT]])
def test_what_is_no_evaluation_fails(service: Endpoint, value: Any) -> None:
    app = App()
    app.config("buckets")(lambda: value)

    assert isinstance(app.complete(config("buckets", {})).error, (TypeError, ValueError))
    assert service.calls == []


def test_an_items_time_that_cannot_be_read_is_now() -> None:
    event = ConfigEvent(config("buckets", {"configurationItemCaptureTime": "yesterday"}))

    assert abs(event.at.timestamp() - time.time()) < 60
    assert "AWS::S3::Bucket uploads COMPLIANT" in repr(event.about_item(Compliance.COMPLIANT))


@pytest.mark.parametrize("text", ["no JSON", "[]", json.dumps("text"), 5])
def test_an_invoking_event_that_is_no_object_fails_the_invocation(service: Endpoint, text: Any) -> None:
    app = App()
    app.config("buckets")(lambda: None)

    assert app.complete(config("buckets", {}) | {"invokingEvent": text}).error is not None
