"""What a user of the deployed service can write never changes whose event it is.

The events below are whole, and hold `USER` wherever AWS passes on what a user, a sender or a device wrote.
The tests put other things there: any JSON, and whole events of other sources.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter.engine.classify import classify

if TYPE_CHECKING:
    from collections.abc import Callable

USER = "⟨written by a user⟩"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/orders"

REST_CONTEXT = {
    "accountId": "123456789012",
    "apiId": "abc123",
    "authorizer": USER,
    "domainName": "abc123.execute-api.eu-west-1.amazonaws.com",
    "httpMethod": "POST",
    "identity": {"sourceIp": "192.0.2.1", "userAgent": USER},
    "path": USER,
    "resourceId": "xyz789",
    "resourcePath": "/{proxy+}",
    "stage": "prod",
}
V2_CONTEXT = {
    "apiId": "abc123",
    "authorizer": USER,
    "domainName": "abc123.execute-api.eu-west-1.amazonaws.com",
    "http": {"method": "POST", "path": USER, "sourceIp": "192.0.2.1", "userAgent": USER},
    "routeKey": "$default",
    "stage": "$default",
}
WEBSOCKET_CONTEXT = {
    "apiId": "abc123",
    "authorizer": USER,
    "connectionId": "AbCdEf=",
    "domainName": "abc123.execute-api.eu-west-1.amazonaws.com",
    "eventType": "MESSAGE",
    "identity": {"userAgent": USER},
    "routeKey": "$default",
}
REST_INPUT = {
    "headers": USER,
    "multiValueHeaders": USER,
    "path": USER,
    "pathParameters": USER,
    "queryStringParameters": USER,
    "multiValueQueryStringParameters": USER,
}
V2_INPUT = {
    "cookies": USER,
    "headers": USER,
    "pathParameters": USER,
    "queryStringParameters": USER,
    "rawPath": USER,
    "rawQueryString": USER,
}
BODY = {"body": USER, "isBase64Encoded": False}

AUTHORIZERS: dict[str, dict[str, Any]] = {
    "authorizer.token": {"type": "TOKEN", "methodArn": ARN, "authorizationToken": USER},
    "authorizer.request_v1": {
        **REST_INPUT,
        "type": "REQUEST",
        "methodArn": ARN,
        "httpMethod": "GET",
        "resource": "/{proxy+}",
        "stageVariables": USER,
        "requestContext": REST_CONTEXT,
    },
    "authorizer.request_v2": {
        **V2_INPUT,
        "type": "REQUEST",
        "version": "2.0",
        "routeArn": ARN,
        "identitySource": USER,
        "routeKey": "$default",
        "stageVariables": USER,
        "requestContext": V2_CONTEXT,
    },
    "authorizer.websocket": {
        **REST_INPUT,
        "type": "REQUEST",
        "methodArn": ARN,
        "stageVariables": USER,
        "requestContext": {**WEBSOCKET_CONTEXT, "eventType": "CONNECT", "routeKey": "$connect"},
    },
}

EVENTS: dict[str, Any] = {
    **AUTHORIZERS,
    "http.rest": {
        **REST_INPUT,
        **BODY,
        "httpMethod": "POST",
        "resource": "/{proxy+}",
        "requestContext": REST_CONTEXT,
    },
    "http.v2": {
        **V2_INPUT,
        **BODY,
        "version": "2.0",
        "routeKey": "$default",
        "requestContext": V2_CONTEXT,
    },
    "http.url": {
        **V2_INPUT,
        **BODY,
        "version": "2.0",
        "routeKey": "$default",
        "requestContext": {**V2_CONTEXT, "domainName": "abc.lambda-url.eu-west-1.on.aws"},
    },
    "http.alb": {
        **REST_INPUT,
        **BODY,
        "httpMethod": "POST",
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing"}},
    },
    "http.lattice_v1": {
        "raw_path": "/orders",
        "method": "POST",
        "headers": USER,
        "query_string_parameters": USER,
        "body": USER,
    },
    "http.lattice_v2": {
        **BODY,
        "version": "2.0",
        "path": USER,
        "method": "POST",
        "headers": USER,
        "queryStringParameters": USER,
        "requestContext": {"serviceNetworkArn": "arn", "serviceArn": "arn", "identity": {"principal": USER}},
    },
    "websocket": {**BODY, "headers": USER, "requestContext": WEBSOCKET_CONTEXT},
    "cloudfront": {
        "Records": [
            {
                "cf": {
                    "config": {"eventType": "viewer-request"},
                    "request": {"headers": USER, "uri": USER, "querystring": USER, "body": USER},
                }
            }
        ]
    },
    "sns": {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "Sns": {"TopicArn": "arn", "Subject": USER, "Message": USER, "MessageAttributes": USER},
            }
        ]
    },
    "sqs": {
        "Records": [
            {
                "messageId": "1",
                "body": USER,
                "attributes": {"MessageGroupId": USER, "SenderId": USER},
                "messageAttributes": USER,
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:jobs",
            },
            USER,
        ]
    },
    "s3": {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "uploads"}, "object": USER}}]},
    "dynamodb": {
        "Records": [{"eventSource": "aws:dynamodb", "dynamodb": {"Keys": USER, "NewImage": USER, "OldImage": USER}}]
    },
    "kinesis": {"Records": [{"eventSource": "aws:kinesis", "kinesis": {"partitionKey": USER, "data": USER}}]},
    "ses": {"Records": [{"eventSource": "aws:ses", "ses": {"mail": USER, "receipt": {"recipients": USER}}}]},
    "codecommit": {"Records": [{"eventSource": "aws:codecommit", "codecommit": USER, "customData": USER}]},
    "pipes": [{"eventSource": "aws:sqs", "body": USER, "messageAttributes": USER}],
    "kafka.msk": {
        "eventSource": "aws:kafka",
        "records": {"orders-0": [{"topic": "orders", "key": USER, "value": USER, "headers": USER}]},
    },
    "mq.activemq": {"eventSource": "aws:mq", "messages": [{"data": USER, "properties": USER, "type": USER}]},
    "mq.rabbitmq": {
        "eventSource": "aws:rmq",
        "rmqMessagesByQueue": {"jobs::/": [{"basicProperties": {"headers": USER, "type": USER}, "data": USER}]},
    },
    "documentdb": {
        "eventSource": "aws:docdb",
        "events": [{"event": {"fullDocument": USER, "documentKey": USER}}],
    },
    "authorizer.appsync": {
        "authorizationToken": "a token",
        "requestContext": {
            "apiId": "abc",
            "queryString": "query { a }",
            "operationName": USER,
            "variables": USER,
        },
        "requestHeaders": USER,
    },
    "appsync.events": {
        "info": {"channel": {"path": USER, "segments": USER}, "channelNamespace": {"name": "chat"}},
        "identity": USER,
        "request": {"headers": USER},
        "events": [{"id": "1", "payload": USER}],
    },
    "appsync.resolver": {
        "arguments": USER,
        "identity": USER,
        "source": USER,
        "request": {"headers": USER},
        "prev": USER,
        "info": {
            "fieldName": "orders",
            "parentTypeName": "Query",
            "variables": USER,
            "selectionSetList": USER,
        },
    },
    "appsync.batch": [
        {"arguments": USER, "identity": USER, "source": USER, "info": {"fieldName": "a", "variables": USER}}
    ],
    "cron.scheduler": {"detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": "{}"},
    "cron.rule": {"detail-type": "Scheduled Event", "source": "aws.events", "detail": USER},
    "s3.eventbridge": {
        "detail-type": "Object Created",
        "source": "aws.s3",
        "detail": {"bucket": {"name": "uploads"}, "object": USER},
    },
    "eventbridge": {"detail-type": "Order Placed", "source": "shop", "detail": USER, "resources": USER},
    "logs": {"awslogs": {"data": "H4sIAAAAAAAA"}},
    "analytics": {"applicationArn": "arn", "invocationId": "1", "records": [{"recordId": "1", "data": USER}]},
    "firehose": {
        "deliveryStreamArn": "arn",
        "invocationId": "1",
        "records": [{"recordId": "1", "data": USER, "kinesisRecordMetadata": {"partitionKey": USER}}],
    },
    "cognito": {
        "triggerSource": "PreSignUp_SignUp",
        "userPoolId": "eu-west-1_abc",
        "userName": USER,
        "request": {"userAttributes": USER, "clientMetadata": USER, "validationData": USER},
        "response": {},
    },
    "cognito.sync": {
        "eventType": "SyncTrigger",
        "identityPoolId": "p",
        "datasetName": "d",
        "datasetRecords": USER,
    },
    "lex.v2": {
        "bot": {"name": "b"},
        "inputTranscript": USER,
        "interpretations": USER,
        "requestAttributes": USER,
        "sessionId": USER,
        "sessionState": {"intent": USER, "sessionAttributes": USER},
    },
    "lex.v1": {
        "bot": {"name": "b"},
        "currentIntent": {"slots": USER},
        "inputTranscript": USER,
        "userId": USER,
    },
    "alexa.skill": {
        "version": "1.0",
        "session": {"attributes": USER},
        "context": {"System": {"user": USER}},
        "request": {"type": "IntentRequest", "intent": USER},
    },
    "bedrock.api": {
        "actionGroup": "g",
        "agent": {"name": "a"},
        "apiPath": "/orders",
        "httpMethod": "POST",
        "inputText": USER,
        "parameters": USER,
        "requestBody": USER,
        "sessionAttributes": USER,
    },
    "connect": {
        "Name": "ContactFlowEvent",
        "Details": {"ContactData": {"Attributes": USER}, "Parameters": USER},
    },
    "s3.object_lambda": {
        "xAmzRequestId": "r",
        "getObjectContext": {"inputS3Url": USER},
        "userRequest": {"url": USER, "headers": USER},
    },
    "s3.batch": {
        "invocationSchemaVersion": "1.0",
        "invocationId": "1",
        "tasks": [{"taskId": "t", "s3Key": USER}],
    },
    "destination": {
        "version": "1.0",
        "requestContext": {"condition": "RetriesExhausted", "functionArn": "arn"},
        "requestPayload": USER,
        "responseContext": {"statusCode": 200},
        "responsePayload": USER,
    },
    "authorizer.transfer": {
        "serverId": "s",
        "protocol": "SFTP",
        "username": "ada",
        "password": USER,
        "sourceIp": USER,
    },
    "authorizer.vpn": {"connection-id": "c", "endpoint-id": "e", "username": USER, "common-name": USER},
    "authorizer.iot": {
        "token": USER,
        "signatureVerified": False,
        "protocolData": {"http": {"headers": USER, "queryString": USER}, "mqtt": USER},
    },
    "iot.provisioning": {"claimCertificateId": "c", "clientId": USER, "parameters": USER},
    "iot.registry": {"eventType": "THING_EVENT", "thingName": USER, "attributes": USER},
    "dashboard": {"widgetContext": {"forms": USER, "params": USER}},
    "sagemaker.prehuman": {"labelingJobArn": "arn", "dataObject": USER},
    "workmail": {"flowDirection": "INBOUND", "envelope": {"mailFrom": USER}, "subject": USER, "sender": USER},
    "ivs.chat": {
        "RoomArn": "arn",
        "MessageId": "m",
        "Content": USER,
        "Attributes": USER,
        "Sender": {"UserId": "u", "Attributes": USER},
    },
    "chime.sip": {"InvocationEventType": "DIGITS_RECEIVED", "CallDetails": {"Participants": USER}},
}

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=6,
)
hostile = any_json | st.sampled_from(list(EVENTS.values()))


def filled(value: Any, content: Callable[[], Any]) -> Any:
    """`value` with something of its own in each place of `USER`."""
    if value == USER:
        return content()
    if isinstance(value, dict):
        return {key: filled(inner, content) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, content) for inner in value]
    return value


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_here_has_its_name(name: str) -> None:
    assert classify(EVENTS[name]) == name


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_forged_inside_another_changes_nothing(name: str) -> None:
    for forged in [None, *EVENTS.values()]:
        content = itertools.repeat(forged).__next__
        assert classify(filled(EVENTS[name], content)) == name


@given(st.sampled_from(sorted(EVENTS)), st.data())
def test_what_users_write_never_changes_whose_event_it_is(name: str, data: st.DataObject) -> None:
    assert classify(filled(EVENTS[name], lambda: data.draw(hostile))) == name


@given(source=st.text().filter(lambda text: not text.startswith("aws.")), kind=st.text(), detail=hostile)
def test_no_sender_of_custom_events_can_pass_for_a_schedule(source: str, kind: str, detail: object) -> None:
    # PutEvents refuses sources that start with "aws.".
    for detail_type in (kind, "Scheduled Event", "Object Created"):
        event = {"source": source, "detail-type": detail_type, "detail": detail, "resources": []}
        assert classify(event) == "eventbridge"


REQUEST_KEYS = {key for name, event in EVENTS.items() if name.startswith("http.") for key in event}
CONTEXT_KEYS = {key for event in EVENTS.values() if isinstance(event, dict) for key in event.get("requestContext", {})}


@given(st.sampled_from(sorted(AUTHORIZERS)), st.data())
def test_an_authorizer_event_is_never_taken_for_a_request(name: str, data: st.DataObject) -> None:
    event = filled(AUTHORIZERS[name], lambda: data.draw(hostile))
    # More than a user can do: any key of any kind of request, also inside requestContext, with any value.
    request = data.draw(st.dictionaries(st.sampled_from(sorted(REQUEST_KEYS - {"requestContext"})), hostile))
    context = data.draw(st.dictionaries(st.sampled_from(sorted(CONTEXT_KEYS)), hostile))
    event |= request | {"requestContext": {**event.get("requestContext", {}), **context}}
    assert classify(event).startswith("authorizer.")
    assert classify({**event, "requestContext": data.draw(hostile)}).startswith("authorizer.")
