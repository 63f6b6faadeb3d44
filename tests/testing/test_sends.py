"""One method of the client for every source: its signature, its event, and the way to a handler and back."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import nullcontext
from json import dumps
from typing import Any, assert_type

import pytest

from lambdarouter import App
from lambdarouter.testing import AsyncTestClient, Result, TestClient, events
from lambdarouter.testing.events import EXAMPLES
from lambdarouter.testing.sends import Send, Sends
from tests.contract.table import ROOM_OF, contract

METHODS = sorted(name for name, value in vars(Sends).items() if isinstance(value, Send))
ORDER = {"id": 17}

# What has a method of its own: requests, API Gateway's questions, ticks; and what no source of AWS sends.
APART = {name for name in EXAMPLES if name.split(".")[0] in {"http", "cron", "invoke"}} | {
    "authorizer.token",
    "authorizer.request_v1",
    "authorizer.request_v2",
    "authorizer.websocket",
}

CALLS: dict[str, Callable[[Any], Result]] = {
    "alarm": lambda client: client.alarm("errors"),
    "alexa.home": lambda client: client.alexa_home("Alexa.PowerController", "TurnOn", endpoint="lamp"),
    "alexa.skill": lambda client: client.alexa(intent="OrderIntent", slots={"item": "tea"}),
    "analytics": lambda client: client.analytics("app", ORDER),
    "appsync.batch": lambda client: client.appsync_batch("Order", "customer", {"id": 17}, {"id": 18}),
    "appsync.events": lambda client: client.appsync_events("/orders/new", ORDER),
    "appsync.resolver": lambda client: client.appsync_resolver("Query", "order", {"id": 17}),
    "authorizer.appsync": lambda client: client.appsync_authorizer("staff"),
    "authorizer.iot": lambda client: client.iot_authorizer("staff"),
    "authorizer.transfer": lambda client: client.transfer_authorizer("ada", "staff"),
    "authorizer.vpn": lambda client: client.vpn_authorizer(),
    "bedrock.api": lambda client: client.bedrock("GET", "/orders/{orderId}", {"orderId": 17}),
    "bedrock.function": lambda client: client.bedrock_function("placeOrder", {"id": 17}),
    "chime.sip": lambda client: client.chime_sip(),
    "cloudformation": lambda client: client.cloudformation("Create", "Custom::Shelf", {"books": 12}),
    "cloudformation.hook": lambda client: client.cloudformation_hook("AWS::S3::Bucket", {"BucketName": "uploads"}),
    "cloudformation.macro": lambda client: client.cloudformation_macro("Tagged", {"Type": "AWS::S3::Bucket"}),
    "cloudfront": lambda client: client.cloudfront("viewer-request", "/books"),
    "codecommit": lambda client: client.codecommit("shop", "refs/heads/main"),
    "codedeploy": lambda client: client.codedeploy(),
    "codepipeline": lambda client: client.codepipeline(ORDER),
    "cognito": lambda client: client.cognito("PreSignUp_SignUp"),
    "cognito.sync": lambda client: client.cognito_sync("settings", {"volume": "11"}),
    "config": lambda client: client.config("encrypted-buckets", {"resourceId": "uploads"}),
    "connect": lambda client: client.connect({"action": "lookup"}),
    "connect.campaign": lambda client: client.connect_campaign("welcome", {"name": "Ada"}),
    "dashboard": lambda client: client.dashboard("shop", {"region": "eu"}),
    "destination": lambda client: client.destination("orders", ORDER),
    "destination.stream": lambda client: client.destination_stream("orders", table=True),
    "documentdb": lambda client: client.documentdb("orders", {"_id": 1, **ORDER}),
    "dynamodb": lambda client: client.dynamodb("orders", (None, ORDER)),
    "ecs.deployment": lambda client: client.ecs_deployment("POST_SCALE_UP"),
    "eventbridge": lambda client: client.eventbridge("shop.orders", "OrderPlaced", ORDER),
    "firehose": lambda client: client.firehose("clicks", ORDER),
    "iot.button": lambda client: client.iot_button(),
    "iot.one_click": lambda client: client.iot_one_click("DOUBLE"),
    "iot.provisioning": lambda client: client.iot_provisioning("sensors"),
    "iot.registry": lambda client: client.iot_registry("lamp"),
    "ivs.chat": lambda client: client.ivs_chat("hello"),
    "kafka.msk": lambda client: client.kafka_msk("orders", ORDER),
    "kafka.self_managed": lambda client: client.kafka_self_managed("orders", ORDER),
    "kinesis": lambda client: client.kinesis("clicks", ORDER),
    "lex.v1": lambda client: client.lex_v1("BookHotel", {"city": "Madrid"}),
    "lex.v2": lambda client: client.lex_v2("BookHotel", {"city": "Madrid"}),
    "logs": lambda client: client.logs("/aws/lambda/orders", "ERROR"),
    "mq.activemq": lambda client: client.mq_activemq("orders", ORDER),
    "mq.rabbitmq": lambda client: client.mq_rabbitmq("orders", ORDER),
    "pipes": lambda client: client.pipes(events.sqs("jobs", ORDER)),
    "s3": lambda client: client.s3("uploads", "photos/summer holiday.jpg"),
    "s3.batch": lambda client: client.s3_batch("uploads", "photos/summer holiday.jpg"),
    "s3.eventbridge": lambda client: client.s3_eventbridge("uploads", "photos/summer.jpg"),
    "s3.object_lambda": lambda client: client.s3_object_lambda(),
    "s3.test": lambda client: client.s3_test("uploads"),
    "sagemaker.consolidation": lambda client: client.sagemaker_consolidation("reviews", "s3://example/answers.json"),
    "sagemaker.prehuman": lambda client: client.sagemaker_prehuman("reviews", {"source": "Good tea"}),
    "secrets": lambda client: client.secrets("createSecret", "shop/db"),
    "ses": lambda client: client.ses(recipients="ada@example.com"),
    "sns": lambda client: client.sns("orders", ORDER),
    "sqs": lambda client: client.sqs("jobs", ORDER),
    "transfer.workflow": lambda client: client.transfer_workflow("in/report.csv"),
    "websocket": lambda client: client.websocket("$default", ORDER),
    "workmail": lambda client: client.workmail("orders@example.com"),
}


def test_every_name_that_has_an_example_has_a_method() -> None:
    assert CALLS.keys() == EXAMPLES.keys() - APART
    assert len(METHODS) == len(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_a_method_sends_its_event_to_the_handler_and_returns_what_lambda_gets(name: str) -> None:
    room = contract(ROOM_OF[name])
    app = App()
    room.register(app)

    with getattr(room, "around", nullcontext)():
        completion = CALLS[name](TestClient(app))

    assert completion.name == name
    assert completion.error is None, completion
    # S3's test is for no handler.
    assert {outcome.status for outcome in completion.outcomes} == {"declined" if name == "s3.test" else "ok"}
    assert dumps(completion.reply)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_shows_its_builders_signature_and_documentation(name: str) -> None:
    build = getattr(Sends, name).build
    method = getattr(TestClient(App()), name)

    assert inspect.signature(method) == inspect.signature(build)
    assert inspect.getdoc(method) == inspect.getdoc(build)


@pytest.mark.anyio
async def test_an_async_clients_methods_are_awaited() -> None:
    app, seen = App(), []

    @app.s3("uploads")
    def take() -> str:
        seen.append(1)
        return "taken"

    async with AsyncTestClient(app) as client:
        completion = await client.s3("uploads", "a.txt")

    assert_type(completion, Result)
    assert (completion.error, seen) == (None, [1])


def test_type_checkers_see_the_builders_arguments() -> None:
    client = TestClient(App())

    assert_type(client.sqs("jobs", ORDER, receive_count=2), Result)
    with pytest.raises(TypeError):
        client.sqs("jobs", ORDER, received=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        client.s3()  # type: ignore[call-arg]
