"""Events of every builder with as few and with as many of its arguments as it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambdarouter.testing.events import (
    EXAMPLES,
    alarm,
    alexa,
    alexa_home,
    analytics,
    appsync,
    appsync_authorizer,
    appsync_events,
    authorizer,
    bedrock,
    bedrock_function,
    chime_sip,
    cloudformation,
    cloudformation_hook,
    cloudfront,
    codepipeline,
    cognito,
    config,
    connect,
    cron,
    destination,
    destination_stream,
    documentdb,
    dynamodb,
    ecs_deployment,
    eventbridge,
    firehose,
    http,
    iot_authorizer,
    kafka,
    kinesis,
    lex,
    logs,
    mq,
    pipes,
    s3,
    s3_batch,
    s3_object_lambda,
    ses,
    sns,
    sqs,
    websocket,
)

__all__ = ["leanest_and_fullest"]


def leanest_and_fullest(name: str) -> list[Any]:
    """Each builder with as few and with as many of its arguments as it takes."""
    request: dict[str, Any] = {"headers": {"X-Tag": ["a", "b"]}, "query": {"a": "1"}, "cookies": {"c": "2"}}
    sent = request | {"json": {"id": 17}}
    variables = {"release": "42"}
    builds: dict[str, list[Callable[[], Any]]] = {
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
            lambda: sqs("q.fifo", {"a": 1}, "b", attributes={"k": b"v", "n": "t"}, group="g", dead_letter_source="r"),
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
            lambda: documentdb("c", {"_id": 1}, operation="update", update={"updatedFields": {}, "removedFields": []}),
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
        "alarm": [lambda: alarm("a", "OK", previous="ALARM")],
        "alexa.home": [lambda: alexa_home("Alexa.Discovery", "Discover")],
        "alexa.skill": [alexa, lambda: alexa(intent="i", slots={"a": "b", "c": None}, attributes={"a": 1})],
        "appsync.batch": [lambda: appsync.batch("Order", "customer", {"id": 17}, arguments={"a": 1})],
        "appsync.events": [lambda: appsync_events("/orders/new"), lambda: appsync_events("/orders/new", {"id": 17})],
        "appsync.resolver": [
            lambda: appsync.resolver("Query", "order"),
            lambda: appsync.resolver(
                "Order", "customer", {"a": 1}, source={"id": 17}, user="ada", groups=["staff"], selection=["id"]
            ),
        ],
        "authorizer.appsync": [
            lambda: appsync_authorizer("t"),
            lambda: appsync_authorizer("t", operation="EVENT_PUBLISH", channel="/orders/new"),
        ],
        "authorizer.iot": [iot_authorizer, lambda: iot_authorizer("t", username="u", password=b"p")],
        "bedrock.api": [lambda: bedrock("GET", "/a"), lambda: bedrock("PUT", "/a", {"p": 1}, body={"b": [1]})],
        "bedrock.function": [lambda: bedrock_function("f"), lambda: bedrock_function("f", {"p": 1})],
        "cloudformation.hook": [
            lambda: cloudformation_hook("STACK"),
            lambda: cloudformation_hook(point="UPDATE_PRE_PROVISION"),
        ],
        "cloudfront": [
            lambda: cloudfront("viewer-request"),
            lambda: cloudfront("origin-request"),
            lambda: cloudfront("origin-response"),
        ],
        "codepipeline": [codepipeline, lambda: codepipeline({"a": 1}, continuation_token="t")],
        "cognito": [
            lambda: cognito("PostConfirmation_ConfirmSignUp"),
            lambda: cognito("TokenGeneration_Authentication", {"scopes": []}, version="2"),
        ],
        "config": [lambda: config("r"), lambda: config("r", {"resourceId": "b"})],
        "connect": [connect, lambda: connect({"a": "b"}, attributes={"c": "d"}, queue="support")],
        "destination": [
            lambda: destination("f"),
            lambda: destination("f", {"a": 1}, condition="Success", response={"b": 2}),
        ],
        "destination.stream": [lambda: destination_stream("s"), lambda: destination_stream("t", table=True)],
        "ecs.deployment": [lambda: ecs_deployment("PRE_SCALE_UP"), lambda: ecs_deployment("PRE_SCALE_UP", {"a": 1})],
        "lex.v1": [lambda: lex.v1("i"), lambda: lex.v1("i", {"a": "b", "c": None}, session={"d": "e"})],
        "lex.v2": [
            lambda: lex.v2("i", invocation="DialogCodeHook"),
            lambda: lex.v2("i", {"a": "b", "c": None}, session={"d": "e"}),
        ],
        "s3.object_lambda": [s3_object_lambda, lambda: s3_object_lambda("HEAD"), lambda: s3_object_lambda("LIST")],
        "chime.sip": [
            chime_sip,
            lambda: chime_sip("ACTION_SUCCESSFUL", attributes={"a": "b"}, action={"Type": "Speak"}),
        ],
    }
    return [build() for build in builds.get(name, [EXAMPLES[name]])]
