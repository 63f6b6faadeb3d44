"""Options that no event could ever match are refused where they are written, in every room in the same way."""

from __future__ import annotations

from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, sources
from lambdarouter.core.check import check_choices, check_resources, check_words

_ACCOUNT = "eu-west-1:123456789012"


@pytest.mark.parametrize("given", [None, "A", "B", ["A"], ("A", "B"), {"B"}])
def test_a_word_or_a_list_of_words_or_nothing_is_taken(given: Any) -> None:
    check_choices("state", given, ("A", "B"))


@pytest.mark.parametrize("given", ["c", "", [], ["A", "C"], 7, [None], True])
def test_anything_else_is_refused_with_what_there_is(given: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_choices("state", given, ("A", "B"))
    assert str(caught.value) == f"state is {given!r}; it is one of A, B"


def test_the_nearest_word_is_named_whatever_its_case() -> None:
    with pytest.raises(ConfigurationError, match=r"^state is 'alram', perhaps 'ALARM'; it is one of OK, ALARM$"):
        check_choices("state", "alram", ("OK", "ALARM"))


def test_one_word_is_no_list_where_an_option_takes_no_list() -> None:
    check_choices("kind", "A", ("A", "B"), several=False)
    with pytest.raises(ConfigurationError, match=r"kind is \['A'\]; it is one of A, B"):
        check_choices("kind", ["A"], ("A", "B"), several=False)


def test_a_word_of_an_open_set_may_be_new_but_no_other_spelling_of_a_known_one() -> None:
    for given in (None, "Known", "New", "kno*", "know?", ["Known", "New"]):
        check_words("word", given, ("Known",), str.istitle)
    for wrong in ("known", "KNOWN", "new", ["Known", "new"]):
        with pytest.raises(ConfigurationError, match=r"word is .*, which can never match.*; AWS says Known"):
            check_words("word", wrong, ("Known",), str.istitle)


@pytest.mark.parametrize("kind", ["", "table/", None])
def test_a_glob_that_could_be_an_arn_is_taken(kind: str | None) -> None:
    for glob in ("*", "arn:*", "a*:orders", "?rn:aws:sqs:*", "*:sqs:*:orders", f"arn:aws:sqs:{_ACCOUNT}:*", "*/orders"):
        check_resources("queue", glob, "sqs", kind=kind)


@pytest.mark.parametrize(
    "wrong", ["orders eu", "größe-*", "b*:orders", "arn:aws:sns:*:orders", f"arn:aws:sqs:{_ACCOUNT}", "a/b", "sqs:*"]
)
def test_what_is_neither_name_nor_arn_nor_a_glob_of_either_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="queue is "):
        check_resources("queue", wrong, "sqs")


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("alarm", {"name": "a", "state": "alarm"}, "state is 'alarm', perhaps 'ALARM'"),
    ("alexa", {"request": "Intent"}, "request is 'Intent', .* perhaps 'IntentRequest'"),
    ("alexa", {"request": "launchRequest"}, "perhaps 'LaunchRequest'"),
    ("alexa", {"intent": "Order Intent"}, "intent is 'Order Intent'"),
    ("alexa", {"skill": "orders"}, r"begins with 'amzn1.ask.skill.'"),
    ("alexa_home", {"namespace": "PowerController"}, "begins with 'Alexa'"),
    ("alexa_home", {"name": "Turn On"}, "name is 'Turn On'"),
    ("analytics", {"application": f"arn:aws:kinesisanalytics:{_ACCOUNT}:clicks"}, "application/NAME"),
    ("appsync", {"type_name": "Query.order"}, "type_name is 'Query.order'"),
    ("appsync", {"field_name": "Query/order"}, "field_name is .* perhaps 'order'"),
    ("appsync_authorizer", {"api": "https://a.appsync-api.eu-west-1.amazonaws.com"}, "api is "),
    ("appsync_events", {"channel": "/a", "operation": "publish"}, "operation is 'publish', perhaps 'PUBLISH'"),
    ("appsync_events", {"channel": "orders/*"}, "begins with '/'"),
    ("authorizer", {"covers": ["get /reports"]}, "METHOD /path"),
    ("bedrock", {"method": "FETCH", "path": "/a"}, "method is 'FETCH'"),
    ("bedrock", {"method": "GET", "path": "a"}, "path is 'a'"),
    ("bedrock", {"method": "GET", "path": "/a", "action_group": "a group"}, "action_group is 'a group'"),
    ("bedrock_function", {"function": "place order"}, "function is 'place order'"),
    ("bedrock_function", {"function": "place", "action_group": "a.b"}, "action_group is 'a.b'"),
    ("chime_sip", {"event_type": "new_inbound_call"}, "perhaps 'NEW_INBOUND_CALL'"),
    ("chime_sip", {"application": "orders/1"}, "application is 'orders/1'"),
    ("cloudformation", {"resource_type": "Domain"}, "begins with 'Custom::' or 'AWS::CloudFormation::CustomResource'"),
    ("cloudformation", {"on": ["Create", "Remove"]}, r"on is \['Create', 'Remove'\]; it is one of"),
    ("cloudformation_hook", {"target": "Stack"}, "perhaps 'STACK'"),
    ("cloudformation_hook", {"target": "AWS:S3:Bucket"}, "target is 'AWS:S3:Bucket'"),
    ("cloudformation_hook", {"point": "preCreate"}, "point is 'preCreate'"),
    ("cloudfront", {"event_type": "request"}, "event_type is 'request'"),
    ("cloudfront", {"distribution": "d111.cloudfront.net"}, "distribution is 'd111.cloudfront.net'"),
    ("codecommit", {"repository": f"arn:aws:codecommit:{_ACCOUNT}:shop"}, "name alone, perhaps 'shop'"),
    ("cognito", {"trigger": "PreSignup"}, "perhaps 'PreSignUp'"),
    ("cognito", {"trigger": "PreSignup_AdminCreateUser"}, "perhaps 'PreSignUp'"),
    ("cognito", {"trigger": ["PreSignUp", "PreTokenGeneration"]}, "perhaps 'TokenGeneration'"),
    ("cognito", {"pool": f"arn:aws:cognito-idp:{_ACCOUNT}:userpool/eu-west-1_a"}, "alone, perhaps 'eu-west-1_a'"),
    ("cognito", {"client": "my-app"}, "client is 'my-app'"),
    ("cognito_sync", {"dataset": "my settings"}, "dataset is 'my settings'"),
    ("dashboard", {"dashboard": "the shop"}, "dashboard is 'the shop'"),
    ("destination", {"condition": "Failure"}, "condition is 'Failure'"),
    ("destination", {"function": "orders:live"}, "function is 'orders:live'"),
    ("destination", {"function": f"arn:aws:lambda:{_ACCOUNT}:orders"}, "function:NAME"),
    ("destination_stream", {"stream": "stream/orders"}, "name alone, perhaps 'orders'"),
    ("documentdb", {"operations": "INSERT"}, "perhaps 'insert'"),
    ("dynamodb", {"table": "a", "events": "UPDATE"}, "events is 'UPDATE'"),
    ("dynamodb", {"table": f"arn:aws:dynamodb:{_ACCOUNT}:orders"}, "table/NAME"),
    ("dynamodb", {"table": f"arn:aws:dynamodb:{_ACCOUNT}:table/a"}, r"write 'a', or 'arn:.*:table/a/stream/\*'"),
    ("ecs_deployment", {"stage": "PostScaleUp"}, "perhaps 'POST_SCALE_UP'"),
    ("eventbridge", {"pattern": {"detial": {"total": [1]}}}, "no event has the field 'detial', perhaps 'detail'"),
    ("eventbridge", {"pattern": {"detail_type": ["OrderPlaced"]}}, "perhaps 'detail-type'"),
    ("eventbridge", {"pattern": {"$or": [{"source": ["a"]}, {"sorce": ["a"]}]}}, "perhaps 'source'"),
    ("eventbridge", {"pattern": {"account": [123456789012]}}, "at account: 123456789012 can never match"),
    ("eventbridge", {"pattern": {"source": {"name": ["a"]}}}, "at source: .* the field is text"),
    ("firehose", {"stream": f"arn:aws:firehose:{_ACCOUNT}:clicks"}, "deliverystream/NAME"),
    ("iot", {"kind": "lamp"}, "kind is 'lamp'"),
    ("iot", {"kind": ["button"]}, r"kind is \['button'\]"),
    ("iot", {"click": "single"}, "perhaps 'SINGLE'"),
    ("iot", {"operation": "create"}, "perhaps 'CREATED'"),
    ("iot", {"kind": "registry", "click": "SINGLE"}, "buttons alone have clicks"),
    ("iot", {"kind": "button", "operation": "CREATED"}, "registry alone has operations"),
    ("iot", {"click": "SINGLE", "operation": "CREATED"}, "can never match"),
    ("iot_provisioning", {"template": "sensors/v1"}, "template is 'sensors/v1'"),
    ("ivs_chat", {"room": "lobby"}, "begins with 'arn:'"),
    ("kafka", {"topic": f"arn:aws:kafka:{_ACCOUNT}:topic/shop/1/orders"}, "name alone, perhaps 'orders'"),
    ("kinesis", {"stream": f"arn:aws:kinesis:{_ACCOUNT}:clicks"}, "stream/NAME"),
    ("lex", {"invocation": "Hook"}, "invocation is 'Hook'"),
    ("lex", {"intent": "Book a hotel"}, "intent is 'Book a hotel'"),
    ("lex", {"bot": "shop/1"}, "bot is 'shop/1'"),
    ("logs", {"group": f"arn:aws:logs:{_ACCOUNT}:log-group:/aws/lambda/orders:*"}, "group is 'arn:"),
    ("pipes", {"role": "target", "origin": "orders"}, "begins with 'arn:'"),
    ("route", {"path": "/a", "methods": ["get"]}, "unknown method 'get'"),
    ("s3", {"bucket": "s3://uploads"}, "name alone, perhaps 'uploads'"),
    ("s3", {"bucket": "arn:aws:s3:::uploads/*"}, "is no ARN of that kind"),
    ("s3", {"bucket": "a", "events": "ObjectCreate:*"}, "perhaps 'ObjectCreated'"),
    ("s3", {"bucket": "a", "events": "s3:ObjectCreated"}, r"write 'ObjectCreated:\*'"),
    ("s3", {"bucket": "a", "events": ["ObjectCreated:put"]}, "perhaps 'ObjectCreated:Put'"),
    ("s3_batch", {"bucket": "https://s3.amazonaws.com/uploads/"}, "name alone, perhaps 'uploads'"),
    ("s3_object_lambda", {"operation": "PUT"}, "operation is 'PUT'"),
    ("s3_object_lambda", {"access_point": "redacting"}, "begins with 'arn:'"),
    ("sagemaker", {"kind": "posthuman"}, "kind is 'posthuman', perhaps 'prehuman'"),
    ("sagemaker", {"kind": ["prehuman"]}, r"kind is \['prehuman'\]"),
    ("sagemaker", {"kind": "prehuman", "job": f"arn:aws:sagemaker:{_ACCOUNT}:labeling-job/cats"}, "perhaps 'cats'"),
    ("secrets", {"secret": "shop:db"}, "secret is 'shop:db'"),
    ("secrets", {"secret": f"arn:aws:secretsmanager:{_ACCOUNT}:shop"}, "secret:NAME"),
    ("ses", {"recipient": "support.example.com"}, "for a domain write"),
    ("ses", {"spam": "pass"}, "verdicts"),
    ("sns", {"topic": "https://sns.eu-west-1.amazonaws.com/orders"}, "name alone, perhaps 'orders'"),
    ("sns", {"topic": f"arn:aws:sns:{_ACCOUNT}:orders:2bcfbf39"}, "is no ARN of that kind"),
    ("sqs", {"queue": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"}, "name alone, perhaps 'jobs'"),
    ("sqs", {"queue": ["jobs", f"arn:aws:sns:{_ACCOUNT}:jobs"]}, "arn:aws:sqs:REGION:ACCOUNT:NAME"),
    ("transfer_authorizer", {"server": "files"}, "begins with 's-'"),
    ("transfer_authorizer", {"protocol": "sftp"}, "perhaps 'SFTP'"),
    ("transfer_workflow", {"workflow": "s-1"}, "begins with 'w-'"),
    ("transfer_workflow", {"server": "w-1"}, "begins with 's-'"),
    ("vpn_authorizer", {"endpoint": "vpn"}, "begins with 'cvpn-endpoint-'"),
    ("websocket", {"route_key": "$conect"}, r"perhaps '\$connect'"),
    ("websocket", {"route_key": "$message"}, r"API Gateway has \$connect, \$disconnect, \$default"),
    ("workmail", {"direction": "inbound"}, "perhaps 'INBOUND'"),
    ("workmail", {"sender": "example.com"}, "for a domain write"),
    ("workmail", {"recipient": ["*@example.com", "ada"]}, "'ada' has no @"),
]


@pytest.mark.parametrize(("room", "options", "said"), WRONG)
def test_what_no_event_can_match_is_refused_at_import(room: str, options: dict[str, Any], said: str) -> None:
    app = App()
    with pytest.raises(ConfigurationError, match=said):
        getattr(app, room)(**options)(lambda: None)
    assert app.routes == []


# Names of any text, numbers, functions and rooms without a filter, and cron, whose options have tests of their own.
UNCHECKED = {
    "cloudformation_macro",
    "codedeploy",
    "codepipeline",
    "config",
    "connect",
    "connect_campaign",
    "cron",
    "http",
    "invoke",
    "iot_authorizer",
    "mq",
}


def test_every_room_is_in_the_table_or_has_nothing_to_check() -> None:
    assert {room for room, _, _ in WRONG} - {"route"} | UNCHECKED == set(sources.ROOMS)


@pytest.mark.parametrize(
    ("room", "options"),
    [
        ("alexa", {"request": ["AudioPlayer.PlaybackStarted", "NewRequest", "*"], "intent": "AMAZON.HelpIntent"}),
        ("alexa", {"intent": "AMAZON.SearchAction<object@WeatherForecast[temperature]>"}),
        ("alexa_home", {"namespace": "Alexa.New.Thing", "name": "New*"}),
        ("appsync_events", {"channel": "*/orders"}),
        ("authorizer", {"covers": ["* /reports", "GET /reports/*"]}),
        ("bedrock", {"method": "get", "path": "*"}),
        ("chime_sip", {"event_type": "NEW_THING"}),
        ("cloudformation", {"resource_type": ["Custom::Domain", "AWS::CloudFormation::CustomResource", "*Domain"]}),
        ("cloudformation_hook", {"target": ["STACK", "New::A::B", "NEW"], "point": "NEW_POINT"}),
        ("cognito", {"trigger": ["PreSignUp_NewOccasion", "NewTrigger_*", "*"], "pool": "eu-west-1_aB3"}),
        ("destination", {"function": [f"arn:aws:lambda:{_ACCOUNT}:function:orders:$LATEST", "orders"]}),
        ("destination_stream", {"stream": f"arn:aws:dynamodb:{_ACCOUNT}:table/orders/stream/2026-01-01T00:00:00.000"}),
        ("documentdb", {"operations": ["insert", "shardCollection"]}),
        ("dynamodb", {"table": [f"arn:aws:dynamodb:{_ACCOUNT}:table/a/stream/2026-01-01T00:00:00.000", "*:table/a/*"]}),
        ("ecs_deployment", {"stage": "NEW_STAGE"}),
        ("eventbridge", {"pattern": {"replay-name": [{"exists": False}], "new-field": [{"exists": False}]}}),
        ("eventbridge", {"pattern": {"$or": [{"source": ["a", {"prefix": "b"}]}, {"detail": {"a": [1, None]}}]}}),
        ("iot", {"kind": "button", "click": ["SINGLE", "NEW"]}),
        ("iot", {"kind": "registry", "operation": "CREATED"}),
        ("iot", {"click": "LONG"}),
        ("kinesis", {"stream": [f"arn:aws:kinesis:{_ACCOUNT}:stream/a/consumer/b:1", "arn:*"]}),
        ("logs", {"group": "/aws/lambda/orders#1_a-b.c"}),
        ("pipes", {"role": "target", "origin": ["arn:aws:sqs:*", "*:orders"]}),
        ("s3", {"bucket": "My_old.bucket-1", "events": ["s3:ObjectCreated:New", "LifecycleTransition", "*:Put"]}),
        ("s3", {"bucket": "a", "events": ["ObjectAnnotation:*", "ObjectRetention:Put", "Object*"]}),
        ("s3_batch", {"bucket": f"arn:aws:s3:{_ACCOUNT}:accesspoint/uploads"}),
        ("secrets", {"secret": ["shop/db+1@x=y.z", f"arn:aws:secretsmanager:{_ACCOUNT}:secret:shop/db-AbCdEf"]}),
        ("sns", {"topic": ["orders.fifo", f"arn:aws-cn:sns:{_ACCOUNT}:orders"]}),
        ("sqs", {"queue": ["jobs.fifo", "arn:aws:sqs:*:*:jobs-?", "*"]}),
        ("websocket", {"route_key": "send$"}),
    ],
)
def test_what_an_event_could_match_is_taken(room: str, options: dict[str, Any]) -> None:
    app = App()
    getattr(app, room)(**options)(lambda: None)
    assert len(app.routes) == 1


@pytest.mark.parametrize(
    ("room", "options", "name"),
    [
        ("sqs", {"queue": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"}, "jobs"),
        ("logs", {"group": f"arn:aws:logs:{_ACCOUNT}:log-group:/aws/lambda/orders"}, "/aws/lambda/orders"),
        # Who follows a hint is to get the events that were meant, and no others.
        ("logs", {"group": f"arn:aws:logs:{_ACCOUNT}:log-group:/aws/lambda/orders:*"}, None),
        ("destination", {"function": "orders:prod"}, None),
        ("appsync_authorizer", {"api": "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql"}, None),
        ("logs", {"group": "https://console.aws.amazon.com/cloudwatch/home#logsV2:log-groups/log-group/orders"}, None),
    ],
)
def test_a_name_is_suggested_where_it_is_sure_to_be_meant(room: str, options: dict[str, Any], name: str | None) -> None:
    with pytest.raises(ConfigurationError, match="can never match") as caught:
        getattr(App(), room)(**options)(lambda: None)
    _, hint, said = str(caught.value).partition("; write the name alone, perhaps ")
    assert said == (f"{name!r}" if hint else "")
    assert bool(hint) is (name is not None)


@pytest.mark.parametrize(
    ("room", "option"),
    [
        ("codecommit", "branch"),
        ("cognito", "pool"),
        ("destination", "function"),
        ("destination_stream", "stream"),
        ("secrets", "secret"),
        ("workmail", "recipient"),
    ],
)
def test_an_option_is_called_in_errors_and_lists_as_it_is_written(room: str, option: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{option} is '', which can never match"):
        getattr(App(), room)(**{option: ""})(lambda: None)
    app = App()
    getattr(app, room)(**{option: "shop*"})(lambda: None)
    assert app.routes[0].trigger.describe() in (f"{option}=shop*", "shop*")
