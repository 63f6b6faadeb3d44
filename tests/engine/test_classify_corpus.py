"""Real sample events of public projects, from a folder beside the project; none of them is part of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambdarouter.engine.classify import NAMES, classify

if TYPE_CHECKING:
    from collections.abc import Callable

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "dev"
MANIFEST = CORPUS / "manifest.jsonl"

pytestmark = pytest.mark.skipif(not MANIFEST.is_file(), reason="no corpus of sample events beside the project")

# The corpus's label for a name, where it is another word.
NAME_OF = {
    "alb": "http.alb",
    "alexa_skill": "alexa.skill",
    "alexa_smart_home": "alexa.home",
    "apigw_http_v2": "http.v2",
    "apigw_rest": "http.rest",
    "apigw_websocket": "websocket",
    "appsync_authorizer": "authorizer.appsync",
    "appsync_batch": "appsync.batch",
    "appsync_events": "appsync.events",
    "appsync_resolver": "appsync.resolver",
    "authorizer_request_v1": "authorizer.request_v1",
    "authorizer_request_v2": "authorizer.request_v2",
    "authorizer_token": "authorizer.token",
    "authorizer_websocket": "authorizer.websocket",
    "bedrock_agent": "bedrock.api",
    "bedrock_agent_function": "bedrock.function",
    "clientvpn_connection_handler": "authorizer.vpn",
    "cloudformation_custom_resource": "cloudformation",
    "cloudwatch_alarm": "alarm",
    "cloudwatch_dashboard": "dashboard",
    "cloudwatch_logs": "logs",
    "codedeploy_hook": "codedeploy",
    "cognito_sync": "cognito.sync",
    "cognito_userpool": "cognito",
    "config_rule": "config",
    "connect_outbound_campaigns": "connect.campaign",
    "custom_json": "invoke",
    "esm_failure_record": "destination.stream",
    "eventbridge_scheduled": "cron.rule",
    "function_url": "http.url",
    "iot_1click": "iot.one_click",
    "iot_button": "iot.button",
    "iot_custom_authorizer": "authorizer.iot",
    "iot_preprovisioning_hook": "iot.provisioning",
    "iot_registry_event": "iot.registry",
    "kafka_msk": "kafka.msk",
    "kafka_self_managed": "kafka.self_managed",
    "kinesis_analytics": "analytics",
    "lambda_destination": "destination",
    "lex_v1": "lex.v1",
    "lex_v2": "lex.v2",
    "mq_activemq": "mq.activemq",
    "mq_rabbitmq": "mq.rabbitmq",
    "s3_batch": "s3.batch",
    "s3_eventbridge": "s3.eventbridge",
    "s3_object_lambda": "s3.object_lambda",
    "s3_test_event": "s3.test",
    "sagemaker_annotation_consolidation": "sagemaker.consolidation",
    "sagemaker_prehuman_task": "sagemaker.prehuman",
    "scheduler": "cron.scheduler",
    "secrets_rotation": "secrets",
    # What SNS posts to an HTTP subscription: inside a request's body, never an event of its own.
    "sns_http_subscription": "invoke",
    "stepfunctions_context": "invoke",
    "transfer_family_authorizer": "authorizer.transfer",
    "vpc_lattice_v1": "http.lattice_v1",
    "vpc_lattice_v2": "http.lattice_v2",
}

# These carry the mark of a source and are broken elsewhere: the room of that source can refuse them. The one
# of SQS says "aws:s3" and has no `s3`. None is "invoke", where a route of the app would run on it.
INVALID = {
    "invalid/apigw_rest": "http.rest",
    "invalid/apigw_websocket": "http.rest",
    "invalid/function_url": "http.url",
    "invalid/sqs": "s3",
}


def samples(*qualities: str) -> list[tuple[str, str, Any]]:
    """Path, name and event of the samples of these qualities."""
    rows = [json.loads(line) for line in MANIFEST.read_text(encoding="utf-8").splitlines()]
    return [
        (
            row["path"],
            INVALID.get(row["label"]) or NAME_OF.get(row["label"], row["label"]),
            json.loads((CORPUS / row["path"]).read_text(encoding="utf-8")),
        )
        for row in rows
        if row["quality"] in qualities
    ]


def test_every_complete_sample_gets_exactly_its_name() -> None:
    complete = samples("full", "redacted")
    assert [(path, classify(event)) for path, name, event in complete if classify(event) != name] == []
    assert len(complete) > 700


def test_a_trimmed_sample_gets_its_name_or_nobodys(record_property: Callable[[str, object], None]) -> None:
    partial = [(path, name, classify(event)) for path, name, event in samples("partial")]
    right = sum(name == answer for _, name, answer in partial)
    record_property("partial samples recognised", f"{right} of {len(partial)}")
    assert [trio for trio in partial if trio[2] not in {trio[1], "invoke"}] == []
    # Seven lack their mark: five requests have no requestContext, two SQS records no eventSource.
    assert len(partial) - right <= 7


def test_an_authorizer_keeps_its_name_however_trimmed() -> None:
    authorizers = [sample for sample in samples("full", "partial", "redacted") if sample[1].startswith("authorizer.")]
    assert [path for path, name, event in authorizers if classify(event) != name] == []
    assert len(authorizers) > 15


def test_a_sample_that_nobody_sends_belongs_to_no_source() -> None:
    # Other spellings of AWS's keys. "invoke" runs a route only where the app has one for direct invocations.
    assert {classify(event) for _, _, event in samples("nonwire")} == {"invoke"}


def test_an_invalid_sample_goes_to_the_room_that_refuses_it() -> None:
    assert [(path, classify(event)) for path, name, event in samples("invalid") if classify(event) != name] == []


def test_classifying_leaves_every_sample_as_it_was() -> None:
    for path, _, event in samples("full", "redacted", "partial", "nonwire", "invalid"):
        before = copy.deepcopy(event)
        assert classify(event) in NAMES
        assert event == before, path
