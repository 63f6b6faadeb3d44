"""The builders' shapes: their names, and their keys against those of other people's real events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdarouter.engine.classify import classify
from lambdarouter.testing.events import (
    EXAMPLES,
    analytics,
    authorizer,
    cloudformation,
    cron,
    documentdb,
    dynamodb,
    eventbridge,
    firehose,
    http,
    kafka,
    kinesis,
    logs,
    mq,
    pipes,
    s3,
    s3_batch,
    ses,
    sns,
    sqs,
    websocket,
)


def leanest_and_fullest(name: str) -> list[dict[str, Any]]:
    """Each builder with as few and with as many of its arguments as it takes."""
    request: dict[str, Any] = {"headers": {"X-Tag": ["a", "b"]}, "query": {"a": "1"}, "cookies": {"c": "2"}}
    sent = request | {"json": {"id": 17}}
    variables = {"release": "42"}
    builds: dict[str, list[Callable[[], dict[str, Any]]]] = {
        "http.rest": [
            lambda: http.rest("GET", "/"),
            lambda: http.rest("PUT", "/o/1", authorizer={"principalId": "a"}, stage_variables=variables, **sent),
        ],
        "http.v2": [
            lambda: http.v2("GET", "/"),
            lambda: http.v2(
                "PUT",
                "/o/1",
                stage="live",
                authorizer={"a": 1},
                route_key="PUT /o/{id}",
                stage_variables=variables,
                **sent,
            ),
        ],
        "http.url": [
            lambda: http.url("GET", "/"),
            lambda: http.url("PUT", "/o/1", iam={"userId": "a"}, **sent),
        ],
        "http.alb": [
            lambda: http.alb("GET", "/"),
            lambda: http.alb("PUT", "/o/1", **sent),
            lambda: http.alb("PUT", "/o/1", multi_value=True, **sent),
        ],
        "http.lattice_v1": [lambda: http.lattice_v1("GET", "/"), lambda: http.lattice_v1("PUT", "/o/1", **sent)],
        "http.lattice_v2": [
            lambda: http.lattice_v2("GET", "/"),
            lambda: http.lattice_v2("PUT", "/o/1", identity={"type": "AWS_IAM", "principal": "arn"}, **sent),
        ],
        "authorizer.token": [lambda: authorizer.token("GET", "/o/1", "Bearer t")],
        "authorizer.request_v1": [
            lambda: authorizer.request_v1("GET", "/"),
            lambda: authorizer.request_v1("GET", "/o/1", stage_variables=variables, **request),
        ],
        "authorizer.request_v2": [
            lambda: authorizer.request_v2("GET", "/"),
            lambda: authorizer.request_v2("GET", "/o/1", route_key="GET /o/{id}", stage_variables=variables, **request),
        ],
        "authorizer.websocket": [
            authorizer.websocket,
            lambda: authorizer.websocket(headers={"Authorization": "t"}, query={"a": ["1", "2"]}),
        ],
        "cloudformation": [
            lambda: cloudformation("Create"),
            lambda: cloudformation("Update", old_properties={"a": 1}, response_url="https://example.com"),
        ],
        "cron.rule": [lambda: cron.rule("2026-01-01T03:00Z", rule="nightly")],
        "cron.scheduler": [lambda: cron.scheduler("2026-01-01T03:00Z", schedule="office/nightly")],
        "eventbridge": [
            lambda: eventbridge("s", "t"),
            lambda: eventbridge("s", "t", {"a": 1}, resources=["arn"], replay="r"),
        ],
        "sns": [lambda: sns("t", "m"), lambda: sns("t", {"a": 1}, "b", subject="s", attributes={"k": "v"})],
        "ses": [
            lambda: ses(recipients="a@example.com", sender="b@example.com", subject="s"),
            lambda: ses(
                recipients=["a@example.com", "c@example.com"],
                sender="B <b@example.com>",
                subject="s",
                headers={"Cc": "d@example.com"},
                dmarc="FAIL",
                action="S3",
            ),
        ],
        "websocket": [
            lambda: websocket("$connect"),
            lambda: websocket("$connect", query={"a": ["1", "2"]}, headers={"Cookie": "a=1"}),
            lambda: websocket("$disconnect"),
            lambda: websocket("say", {"a": 1}, authorizer={"principalId": "a"}),
            lambda: websocket("$default", b"x"),
        ],
        "sqs": [
            lambda: sqs("q", "m"),
            lambda: sqs("q.fifo", {"a": 1}, "b", attributes={"k": b"v", "n": "t"}, group="g"),
        ],
        "s3": [
            lambda: s3.notification("b", "k"),
            lambda: s3.notification("b", "a b", "k", event="ObjectRemoved:Delete", version_id="v"),
        ],
        "s3.eventbridge": [
            lambda: s3.eventbridge("b", "k"),
            lambda: s3.eventbridge("b", "k", deletion_type="Permanently Deleted"),
        ],
        "s3.test": [lambda: s3.test("b")],
        "kinesis": [
            lambda: kinesis("s", "m"),
            lambda: kinesis("s", b"x", {"a": 1}, partition_key=["a", "b"], state={}, final=True),
            lambda: kinesis("s", state={"n": 1}, final=True),
        ],
        "dynamodb": [
            lambda: dynamodb("t", (None, {"id": 1})),
            lambda: dynamodb(
                "t",
                ({"id": 1}, {"id": 1, "b": b"x", "s": {"a"}, "l": [None, True, {"m": "x"}]}),
                ({"id": 1}, None),
                state={},
                final=True,
            ),
        ],
        "analytics": [lambda: analytics("a", "x"), lambda: analytics("a", b"x", stream="s")],
        "documentdb": [
            lambda: documentdb("c", {"_id": 1}),
            lambda: documentdb("c", {"_id": 1}, database="d", operation="delete"),
        ],
        "firehose": [lambda: firehose("s", "a"), lambda: firehose("s", b"a", {"b": 1}, partition_key="k")],
        "kafka.msk": [
            lambda: kafka.msk("t", "a"),
            lambda: kafka.msk("t", None, b"x", {"a": 1}, key="k", headers={"h": b"v"}),
        ],
        "kafka.self_managed": [lambda: kafka.self_managed("t", "a", key=b"k")],
        "logs": [lambda: logs("g", "a"), lambda: logs("g", "a", {"b": 1}, stream="s", control=True)],
        "mq.activemq": [lambda: mq.activemq("q", "a"), lambda: mq.activemq("q", b"a", {"b": 1}, properties={"p": "v"})],
        "mq.rabbitmq": [lambda: mq.rabbitmq("q", "a"), lambda: mq.rabbitmq("q", b"a", headers={"h": "v", "n": 1})],
        "s3.batch": [lambda: s3_batch("b", "k"), lambda: s3_batch("b", "k", "l", version_id="v", arguments={"a": "b"})],
        "pipes": [lambda: pipes(sqs("q", "m")), lambda: pipes(kinesis("s", "m"))],
    }
    return [build() for build in builds.get(name, [EXAMPLES[name]])]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_builder_gives_its_name_with_any_arguments(name: str) -> None:
    assert {classify(event) for event in leanest_and_fullest(name)} == {name}


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_a_builder_gives_survives_json(name: str) -> None:
    for event in leanest_and_fullest(name):
        assert json.loads(json.dumps(event, allow_nan=False)) == event


# The corpus's directory of each name; the keys sent but not built, with the reason; then the other way round.
LABELS = {
    "http.rest": "apigw_rest",
    "http.v2": "apigw_http_v2",
    "http.url": "function_url",
    "http.alb": "alb",
    "http.lattice_v1": "vpc_lattice_v1",
    "http.lattice_v2": "vpc_lattice_v2",
    "authorizer.token": "authorizer_token",
    "authorizer.request_v1": "authorizer_request_v1",
    "authorizer.request_v2": "authorizer_request_v2",
    "authorizer.websocket": "authorizer_websocket",
    "cron.rule": "eventbridge_scheduled",
    "cron.scheduler": "scheduler",
    "sns": "sns",
    "ses": "ses",
    "sqs": "sqs",
    "s3.eventbridge": "s3_eventbridge",
}
# Of the other rooms, what a sample has depends on what its author left out: test_example_keys.py compares those.
HTTP_API_1 = "an HTTP API's payload format 1.0"
API_KEY = "with an API key only"
MUTUAL_TLS = "with mutual TLS only"
STRAY = "a test's own invention"
WITHHELD = {
    "http.rest": {
        "version": HTTP_API_1,
        "params": STRAY,
        "query": STRAY,
        "otherField": STRAY,
        "requestContext.operationName": "where the API's definition names its operations",
        "requestContext.identity.apiKey": API_KEY,
        "requestContext.identity.apiKeyId": API_KEY,
        "requestContext.identity.clientCert": MUTUAL_TLS,
        "requestContext.identity.otherField": STRAY,
        "requestContext.identity.vpceId": "private APIs",
        "requestContext.identity.vpcId": "private APIs",
    },
    "http.v2": {
        "requestContext.authentication": MUTUAL_TLS,
        "requestContext.routeId": "WebSocket APIs; in a widely copied sample",
    },
    "http.url": {
        "stageVariables": STRAY,
        "pathParameters": STRAY,
        "requestContext.authentication": STRAY,
    },
    "http.alb": {"resource": STRAY, "stageVariables": STRAY, "pathParameters": STRAY, "version": STRAY},
    "http.lattice_v2": {
        "query_string_parameters": STRAY,
        "requestContext.identity.sessionName": "signed requests",
        "requestContext.identity.x509SanDns": MUTUAL_TLS,
    },
    "authorizer.request_v1": {
        "version": HTTP_API_1,
        "identitySource": HTTP_API_1,
        "authorizationToken": HTTP_API_1,
        "requestContext.identity.apiKey": API_KEY,
        "requestContext.identity.clientCert": MUTUAL_TLS,
        "requestContext.http": STRAY,
        "requestContext.routeKey": STRAY,
        "requestContext.time": STRAY,
        "requestContext.timeEpoch": STRAY,
    },
    "authorizer.request_v2": {"requestContext.authentication": MUTUAL_TLS},
    "authorizer.websocket": {"body": STRAY, "isBase64Encoded": STRAY},
    "cron.rule": {
        "replay-name": "replays from an archive",
        "ingestion-time": "EventBridge Pipes and archives",
    },
    "sns": {
        "Records[].Sns.SigningCertURL": "the spelling of HTTP deliveries",
        "Records[].Sns.UnsubscribeURL": "the spelling of HTTP deliveries",
    },
    "sqs": {
        "Records[].attributes.AWSTraceHeader": "with active tracing",
        "Records[].attributes.DeadLetterQueueSourceArn": "dead-letter queues",
        "Records[].md5OfMessageAttributes": "newer than AWS's documentation",
    },
}
ADDED = {
    "http.rest": {"requestContext.deploymentId": "newer than most samples"},
    "ses": {"Records[].ses.receipt.action.encoding": "SNS actions"},
}
# What a sender, an API's developer or a handler names: not AWS's keys.
FREE = {
    "MessageAttributes",
    "authentication",
    "authorizer",
    "body",
    "clientCert",
    "detail",
    "headers",
    "messageAttributes",
    "multiValueHeaders",
    "multiValueQueryStringParameters",
    "pathParameters",
    "queryStringParameters",
    "query_string_parameters",
    "stageVariables",
}


def keys(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield f"{path}{key}"
            if key not in FREE:
                yield from keys(each, f"{path}{key}.")
    elif isinstance(value, list):
        for each in value:
            yield from keys(each, f"{path[:-1]}[].")


@pytest.mark.parametrize("name", LABELS)
def test_a_builder_has_the_keys_of_real_events(name: str, corpus: Path) -> None:
    manifest = (json.loads(line) for line in (corpus / "manifest.jsonl").read_text().splitlines())
    samples = [
        set(keys(json.loads((corpus / entry["path"]).read_text())))
        for entry in manifest
        if entry["label"] == LABELS[name] and entry["quality"] == "full"
    ]
    built = [set(keys(event)) for event in leanest_and_fullest(name)]
    withheld = WITHHELD.get(name, {})
    allowed = {key for key in set().union(*samples) if key.startswith(tuple(f"{each}." for each in withheld))}

    assert set().union(*samples) - set().union(*built) - allowed == withheld.keys()
    assert set().union(*built) - set().union(*samples) <= ADDED.get(name, {}).keys()
    for event in built:
        assert set.intersection(*samples) <= event
