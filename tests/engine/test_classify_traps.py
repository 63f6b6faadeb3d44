"""Events that look like something else: seen in real samples, or one mark short of a rule."""

from __future__ import annotations

from typing import Any

import pytest

from lambdarouter.engine.classify import classify

KINESIS_STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"


def record(**keys: object) -> dict[str, object]:
    return {"Records": [keys]}


def context(**keys: object) -> dict[str, object]:
    return {"requestContext": keys}


TRAPS: list[tuple[str, str, Any]] = [
    ("a REST event with a connectionId", "http.rest", {"httpMethod": "GET", **context(connectionId="c")}),
    (
        "a REST event whose eventType is no WebSocket's",
        "http.rest",
        {"httpMethod": "GET", **context(connectionId="c", eventType="OTHER")},
    ),
    (
        "a WebSocket handshake with httpMethod and resource",
        "websocket",
        {"httpMethod": "GET", "resource": "/", **context(connectionId="c", eventType="CONNECT")},
    ),
    ("a WebSocket message without headers", "websocket", context(connectionId="c", eventType="MESSAGE")),
    (
        "a v1 authorizer with requestContext.http",
        "authorizer.request_v1",
        {"type": "REQUEST", "methodArn": "arn", "version": "1.0", **context(http={"method": "GET"})},
    ),
    (
        "an authorizer whose version is the integer 2",
        "authorizer.request_v1",
        {"type": "REQUEST", "methodArn": "arn", "version": 2},
    ),
    ("a request whose version is the integer 0", "http.v2", {"version": 0, **context(http={})}),
    (
        "a REST event of nulls",
        "http.rest",
        {"httpMethod": "GET", "body": None, "headers": None, **context()},
    ),
    (
        "a load balancer's event with multiValueHeaders only",
        "http.alb",
        {"httpMethod": "GET", "multiValueHeaders": {}, **context(elb={})},
    ),
    (
        "a Kafka batch, whose records are an object",
        "kafka.msk",
        {"eventSource": "aws:kafka", "records": {"orders-0": []}},
    ),
    (
        "an AppSync subscription without events",
        "appsync.events",
        {"info": {"channel": {"path": "/a"}, "operation": "SUBSCRIBE"}, "events": None},
    ),
    (
        "a resolver call without source and identity",
        "appsync.resolver",
        {"source": None, "identity": None, "info": {"fieldName": "a", "parentTypeName": "Query"}},
    ),
    ("an EventBridge event of three keys", "eventbridge", {"detail-type": "a", "source": "b", "detail": {}}),
    (
        "a custom event that calls itself scheduled",
        "eventbridge",
        {"detail-type": "Scheduled Event", "source": "shop"},
    ),
    (
        "another event of EventBridge itself",
        "eventbridge",
        {"detail-type": "Rule Disabled", "source": "aws.events"},
    ),
    (
        "CloudTrail's record of an S3 call",
        "eventbridge",
        {
            "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.s3",
            "detail": {"eventName": "GetObject"},
        },
    ),
    (
        "an EventBridge event of an alarm",
        "eventbridge",
        {"detail-type": "a", "source": "b", "alarmArn": "c", "alarmData": {}},
    ),
    ("a detail-type that is a pattern's list", "invoke", {"detail-type": ["a"], "source": "b"}),
    ("a source that is a list", "invoke", {"detail-type": "a", "source": ["b"]}),
    (
        "a client's Host header beside AWS's domainName",
        "http.v2",
        {**context(http={}, domainName="api.example.com"), "headers": {"host": "a.lambda-url.x.on.aws"}},
    ),
    (
        "Bedrock's call, which has an httpMethod",
        "bedrock.api",
        {"httpMethod": "GET", "actionGroup": "g", "agent": {}, "apiPath": "/"},
    ),
    (
        "a destination's record, which has version and requestContext",
        "destination",
        {"version": "1.0", "requestPayload": {}, **context(condition="Success")},
    ),
    (
        "a destination's record of an invocation with null",
        "destination",
        {"requestPayload": None, "responseContext": {}, **context(condition="Success")},
    ),
    (
        "a failed batch, whose record looks like a destination's",
        "destination.stream",
        {"responseContext": {}, "KinesisBatchInfo": {}, **context(condition="RetryAttemptsExhausted")},
    ),
    (
        "an authorizationToken beside a methodArn",
        "invoke",
        {"authorizationToken": "t", "methodArn": "arn", **context(apiId="abc")},
    ),
    ("a requestContext without a request", "invoke", context(requestId="r")),
    ("no records and no window", "invoke", {"Records": [], "eventSourceARN": KINESIS_STREAM}),
    (
        "a window of some other stream",
        "invoke",
        {"Records": [], "window": {}, "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:kinesis"},
    ),
    (
        "a window of a stream without an ARN",
        "invoke",
        {"Records": [], "window": {}, "eventSourceARN": "kinesis"},
    ),
    ("a record that is no object", "invoke", {"Records": ["aws:sqs"]}),
    ("Records that is no list", "invoke", {"Records": {"0": {"eventSource": "aws:sqs"}}}),
    ("a record of an unknown source", "invoke", record(eventSource="aws:new")),
    ("a record of an S3-compatible store", "s3", record(eventSource="store:s3", s3={})),
    ("a batch of an unknown source", "invoke", {"eventSource": "aws:new"}),
    ("records of no delivery stream", "invoke", {"invocationId": "i", "records": {}}),
    ("an empty list", "invoke", []),
    ("a list of numbers", "invoke", [1, 2]),
    ("a list of which one item is not AppSync's", "invoke", [{"info": {"fieldName": "a"}}, {"info": {}}]),
    ("a list of which one item has no eventSource", "invoke", [{"eventSource": "aws:sqs"}, {}]),
    ("a list of which one item is no object", "invoke", [{"eventSource": "aws:sqs"}, None]),
    ("another event of a thing", "invoke", {"eventType": "THING_SEEN"}),
    ("another event that only ends alike", "invoke", {"eventType": "SOME_EVENT"}),
    ("Bedrock without path and function", "invoke", {"actionGroup": "g", "agent": {}}),
    ("null", "invoke", None),
    ("a string", "invoke", "Records"),
    ("a number", "invoke", 1),
]


@pytest.mark.parametrize(("name", "event"), [trap[1:] for trap in TRAPS], ids=[trap[0] for trap in TRAPS])
def test_an_event_that_looks_like_another_gets_its_own_name(name: str, event: object) -> None:
    assert classify(event) == name
