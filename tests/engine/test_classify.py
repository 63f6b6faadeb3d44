"""The table, rule by rule: the least event that each rule recognises, and the name it gets.

Every event here holds its marks and nothing else, so two properties can be tested over all of them: without
any one of its marks an event is somebody else's, and of all rules that it fits the first gives the name.
"""

from __future__ import annotations

import ast
import copy
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter.engine import classify as module
from lambdarouter.engine.classify import NAMES, classify

if TYPE_CHECKING:
    from collections.abc import Iterator

DYNAMODB_STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2024-01-01T00:00:00.000"
KINESIS_STREAM = "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/clicks"


def record(**keys: object) -> dict[str, object]:
    return {"Records": [keys]}


def context(**keys: object) -> dict[str, object]:
    return {"requestContext": keys}


RULES: list[tuple[str, Any]] = [
    # 0: what the framework refuses
    ("durable", {"DurableExecutionArn": "arn", "CheckpointToken": "t"}),
    # 1: bare lists
    ("appsync.batch", [{"info": {"fieldName": "orders"}}]),
    ("pipes", [{"eventSource": "aws:sqs"}]),
    # 2 to 5: Records
    ("cloudfront", record(cf={})),
    ("sns", record(EventSource="aws:sns")),
    ("sns", record(Sns={})),
    ("sqs", record(eventSource="aws:sqs")),
    ("s3", record(eventSource="aws:s3")),
    ("dynamodb", record(eventSource="aws:dynamodb")),
    ("kinesis", record(eventSource="aws:kinesis")),
    ("ses", record(eventSource="aws:ses")),
    ("codecommit", record(eventSource="aws:codecommit")),
    ("s3", record(s3={})),
    ("ses", record(ses={})),
    ("dynamodb", record(dynamodb={})),
    ("kinesis", record(kinesis={})),
    ("dynamodb", {"Records": [], "window": {}, "eventSourceARN": DYNAMODB_STREAM}),
    ("kinesis", {"Records": [], "window": {}, "eventSourceARN": KINESIS_STREAM}),
    # 6, 7: the mark stands at the top
    ("s3.test", {"Event": "s3:TestEvent"}),
    ("kafka.msk", {"eventSource": "aws:kafka"}),
    ("kafka.self_managed", {"eventSource": "SelfManagedKafka"}),
    ("kafka.self_managed", {"eventSource": "aws:SelfManagedKafka"}),
    ("mq.activemq", {"eventSource": "aws:mq"}),
    ("mq.activemq", {"eventSource": "aws:amq"}),
    ("mq.rabbitmq", {"eventSource": "aws:rmq"}),
    ("documentdb", {"eventSource": "aws:docdb"}),
    # 8, 9: API Gateway's authorizers, before every request
    ("authorizer.token", {"type": "TOKEN", "methodArn": "arn"}),
    ("authorizer.websocket", {"type": "REQUEST", "methodArn": "arn", **context(connectionId="c")}),
    ("authorizer.websocket", {"type": "REQUEST", "methodArn": "arn", **context(eventType="CONNECT")}),
    ("authorizer.websocket", {"type": "REQUEST", "routeArn": "arn", **context(connectionId="c")}),
    ("authorizer.request_v2", {"type": "REQUEST", "routeArn": "arn"}),
    ("authorizer.request_v2", {"type": "REQUEST", "methodArn": "arn", "version": "2.0"}),
    ("authorizer.request_v1", {"type": "REQUEST", "methodArn": "arn"}),
    # 10 to 15: requests and WebSocket messages
    ("http.alb", context(elb={})),
    ("http.lattice_v2", context(serviceNetworkArn="arn")),
    ("http.lattice_v2", context(serviceArn="arn")),
    ("websocket", context(connectionId="c", eventType="CONNECT")),
    ("websocket", context(connectionId="c", eventType="MESSAGE")),
    ("websocket", context(connectionId="c", eventType="DISCONNECT")),
    ("websocket", context(connectionId="c", routeKey="$default")),
    ("http.url", context(http={}, domainName="abc.lambda-url.eu-west-1.on.aws")),
    ("http.url", {**context(http={}), "headers": {"host": "abc.lambda-url.eu-west-1.on.aws"}}),
    ("http.v2", context(http={})),
    ("http.rest", {**context(), "httpMethod": "GET"}),
    ("http.rest", context(resourcePath="/orders")),
    ("http.rest", context(resourceId="abc123")),
    ("http.lattice_v1", {"raw_path": "/", "method": "GET"}),
    # 16 to 18: AppSync
    ("authorizer.appsync", {"authorizationToken": "t", **context(queryString="query { a }")}),
    ("authorizer.appsync", {"authorizationToken": "t", **context(apiId="abc")}),
    ("appsync.events", {"info": {"channel": {}}}),
    ("appsync.events", {"info": {"channelNamespace": {}}}),
    ("appsync.resolver", {"info": {"fieldName": "orders", "parentTypeName": "Query"}}),
    ("appsync.resolver", {"typeName": "Query", "fieldName": "orders"}),
    # 19: EventBridge
    ("cron.scheduler", {"detail-type": "Scheduled Event", "source": "aws.scheduler"}),
    ("cron.rule", {"detail-type": "Scheduled Event", "source": "aws.events"}),
    ("s3.eventbridge", {"detail-type": "Object Created", "source": "aws.s3", "detail": {"bucket": {}}}),
    ("eventbridge", {"detail-type": "Order Placed", "source": "shop"}),
    # 20 to 22: CloudWatch, Kinesis Data Analytics, Data Firehose
    ("alarm", {"alarmArn": "arn", "alarmData": {}}),
    ("logs", {"awslogs": {"data": "H4sI"}}),
    ("analytics", {"applicationArn": "arn", "records": []}),
    ("firehose", {"invocationId": "i", "records": []}),
    ("firehose", {"deliveryStreamArn": "arn"}),
    # 23, 24: Cognito
    ("cognito", {"triggerSource": "PreSignUp_SignUp", "userPoolId": "eu-west-1_abc"}),
    ("cognito.sync", {"eventType": "SyncTrigger"}),
    ("cognito.sync", {"identityPoolId": "p", "datasetName": "d"}),
    # 25 to 27: operations
    ("cloudformation", {"RequestType": "Create", "ResponseURL": "https://example.com"}),
    ("cloudformation", {"RequestType": "Create", "ResourceProperties": {}}),
    ("secrets", {"Step": "createSecret", "SecretId": "arn", "ClientRequestToken": "t"}),
    ("config", {"invokingEvent": "{}", "resultToken": "t"}),
    ("codepipeline", {"CodePipeline.job": {}}),
    ("codedeploy", {"LifecycleEventHookExecutionId": "e"}),
    # 28 to 30: conversations
    ("lex.v2", {"sessionState": {}, "bot": {}}),
    ("lex.v1", {"currentIntent": {}, "bot": {}}),
    ("alexa.skill", {"request": {"type": "LaunchRequest"}, "session": {}}),
    ("alexa.skill", {"request": {"type": "AudioPlayer.PlaybackStarted"}, "context": {"System": {}}}),
    ("alexa.home", {"directive": {"header": {}}}),
    ("alexa.home", {"header": {"namespace": "Alexa.ConnectedHome.Control"}}),
    ("bedrock.api", {"actionGroup": "g", "agent": {}, "apiPath": "/"}),
    ("bedrock.function", {"actionGroup": "g", "agent": {}, "function": "f"}),
    ("connect", {"Details": {"ContactData": {}}}),
    # 31 to 34: S3 and Lambda itself
    ("s3.object_lambda", {"userRequest": {}, "xAmzRequestId": "r"}),
    ("s3.batch", {"invocationSchemaVersion": "2.0", "tasks": []}),
    ("destination", {"requestPayload": {}, **context(condition="Success")}),
    ("destination.stream", {"DDBStreamBatchInfo": {}}),
    ("destination.stream", {"KinesisBatchInfo": {}}),
    ("destination.stream", {"KafkaBatchInfo": {}}),
    ("destination", {"responseContext": {}, **context(condition="Success")}),
    # 35: the other authorizers
    ("authorizer.transfer", {"serverId": "s", "username": "ada", "protocol": "SFTP"}),
    ("authorizer.vpn", {"connection-id": "c", "endpoint-id": "e"}),
    ("authorizer.iot", {"protocolData": {}, "signatureVerified": False}),
    # 36: devices, dashboards, labelling, mail, campaigns
    ("iot.button", {"serialNumber": "s", "clickType": "SINGLE"}),
    ("iot.one_click", {"deviceEvent": {}, "deviceInfo": {}}),
    ("iot.provisioning", {"claimCertificateId": "c"}),
    ("iot.registry", {"eventType": "THING_EVENT"}),
    ("iot.registry", {"eventType": "THING_GROUP_MEMBERSHIP_EVENT"}),
    ("dashboard", {"widgetContext": {}}),
    ("sagemaker.consolidation", {"labelingJobArn": "arn", "payload": {}}),
    ("sagemaker.prehuman", {"labelingJobArn": "arn"}),
    ("workmail", {"envelope": {}, "flowDirection": "INBOUND"}),
    ("connect.campaign", {"InvocationMetadata": {}, "Items": {}}),
    # 37: hooks
    ("cloudformation.macro", {"transformId": "t", "fragment": {}}),
    ("cloudformation.hook", {"hookTypeName": "A::B::C", "actionInvocationPoint": "CREATE_PRE_PROVISION"}),
    ("ecs.deployment", {"lifecycleStage": "PRE_SCALE_UP", "executionId": "e", "resourceArn": "arn"}),
    ("transfer.workflow", {"token": "t", "serviceMetadata": {}}),
    ("ivs.chat", {"RoomArn": "arn", "MessageId": "m", "Sender": {}}),
    ("chime.sip", {"InvocationEventType": "NEW_INBOUND_CALL", "CallDetails": {}}),
    # 38: anything else
    ("invoke", {}),
]


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of `value` that holds a scalar or something empty."""
    steps: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    if not steps and path:
        yield path
    for key, inner in steps:
        yield from leaves(inner, (*path, key))


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of `value`, those with something inside included."""
    for leaf in leaves(value, path):
        yield from (leaf[:length] for length in range(1, len(leaf) + 1))


def replaced(event: Any, path: tuple[str | int, ...], value: object) -> Any:
    event = copy.deepcopy(event)
    target = event
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return event


class ConflictError(Exception):
    """Two rules want different values in one place."""


def contains(event: object, marks: object) -> bool:
    if isinstance(event, dict) and isinstance(marks, dict):
        return all(key in event and contains(event[key], mark) for key, mark in marks.items())
    if isinstance(event, list) and isinstance(marks, list):
        return len(event) == len(marks) and all(map(contains, event, marks))
    return event == marks


def merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        both = one.keys() & other.keys()
        return {**one, **other, **{key: merged(one[key], other[key]) for key in both}}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [merged(*pair) for pair in zip(one, other, strict=True)]
    if one != other:
        raise ConflictError
    return one


@pytest.mark.parametrize(("name", "event"), RULES, ids=[f"{number}-{name}" for number, (name, _) in enumerate(RULES)])
def test_each_rule_names_the_least_event_that_has_its_marks(name: str, event: object) -> None:
    assert classify(event) == name


def test_the_name_of_an_event_is_gone_when_any_one_of_its_marks_is_null() -> None:
    kept = [
        (name, path) for name, event in RULES for path in leaves(event) if classify(replaced(event, path, None)) == name
    ]
    assert kept == []


def test_of_all_rules_that_an_event_fits_the_first_gives_the_name() -> None:
    compared = 0
    wrong = []
    for (_, event), (_, other) in combinations(RULES, 2):
        try:
            both = merged(event, other)
        except ConflictError:
            continue
        compared += 1
        # Not always the earlier of the two: together they may have the marks of a third.
        expected = next(name for name, marks in RULES if contains(both, marks))
        if classify(both) != expected:
            wrong.append((both, expected, classify(both)))
    assert wrong == []
    assert compared > 3000


@pytest.mark.parametrize("wrong", ["text", 1, True, [], [1], {}, {"key": 1}, None])
def test_a_value_of_the_wrong_type_in_any_place_is_stepped_over(wrong: object) -> None:
    for _, event in RULES:
        for path in places(event):
            assert classify(replaced(event, path, wrong)) in NAMES


def test_names_are_exactly_what_the_rules_answer() -> None:
    assert {name for name, _ in RULES} == NAMES


def test_no_literal_answer_in_the_code_is_missing_from_names() -> None:
    def answers(node: ast.expr | None) -> Iterator[str]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.IfExp):
            yield from (*answers(node.body), *answers(node.orelse))
        elif isinstance(node, ast.BoolOp):
            yield from (name for value in node.values for name in answers(value))

    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    returned = {name for node in ast.walk(tree) if isinstance(node, ast.Return) for name in answers(node.value)}
    assert returned - {""} <= NAMES
    assert len(returned) > 30


def test_the_module_imports_nothing_at_run_time() -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    unguarded = [statement for statement in tree.body if not isinstance(statement, ast.If)]
    imports = [
        node for statement in unguarded for node in ast.walk(statement) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert [ast.unparse(node) for node in imports] == ["from __future__ import annotations"]


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(any_json)
def test_any_json_value_has_a_name(event: object) -> None:
    assert classify(event) in NAMES


@given(st.data())
def test_anything_in_any_place_of_any_event_still_gives_a_name(data: st.DataObject) -> None:
    _, event = data.draw(st.sampled_from([rule for rule in RULES if rule[1]]))
    damaged = replaced(event, data.draw(st.sampled_from(sorted(places(event), key=str))), data.draw(any_json))
    before = copy.deepcopy(damaged)
    assert classify(damaged) in NAMES
    assert damaged == before
