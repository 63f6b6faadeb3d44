"""What type checkers see of the rooms' decorators: the options of each, and the function handed back as it is.

mypy and pyright check this file; an option of the wrong type is an error where `type: ignore` stands.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_type

import pytest

from lambdarouter import (
    AlarmEvent,
    App,
    AppSyncEvent,
    CloudFrontEvent,
    CognitoEvent,
    ConfigurationError,
    DestinationEvent,
    EventBridgeEvent,
    PreSignUpResponse,
    Router,
)


def handler() -> int:
    return 1


async def async_handler() -> list[str]:
    return ["x"]


@pytest.mark.anyio
@pytest.mark.parametrize("owner", [App, Router])
async def test_every_decorator_hands_the_handler_back_as_it_is(owner: type[Router]) -> None:
    app = owner()
    decorated = [
        app.alarm("errors", state="OK", concurrency=1)(handler),
        app.alexa("LaunchRequest", skill=["amzn1.ask.skill.a", "amzn1.ask.skill.b"])(handler),
        app.alexa_home("Alexa.PowerController", "TurnOn")(handler),
        app.appsync("Query", "order", raw=True)(handler),
        app.appsync_events("/orders/*", operation="SUBSCRIBE")(handler),
        app.bedrock("GET", "/orders", action_group="orders", require_confirmation=True)(handler),
        app.bedrock_function("place")(handler),
        app.cloudfront("viewer-request", distribution="E1")(handler),
        app.codecommit("shop", branch="main", tag=["v1"])(handler),
        app.cognito("PreSignUp", pool="p", client="c", unmatched="fail")(handler),
        app.cognito_sync("settings")(handler),
        app.connect(parameters={"action": "lookup"})(handler),
        app.connect_campaign("welcome")(handler),
        app.dashboard("shop", title="Orders")(handler),
        app.destination("orders", condition=["Success"])(handler),
        app.destination_stream("orders")(handler),
        app.eventbridge("shop.orders", ["OrderPlaced"], pattern={"detail": {"id": [17]}})(handler),
        app.invoke(when=lambda payload: payload == 1)(handler),
        app.iot("button", click="LONG")(handler),
        app.lex("BookHotel", invocation="DialogCodeHook", bot="Hotel")(handler),
        app.sagemaker("prehuman", job="reviews")(handler),
        app.workmail(direction="INBOUND", sender="a@example.com", recipient="*@example.com")(handler),
    ]
    for kept in decorated:
        assert_type(kept(), int)
        assert kept is handler
    assert_type(await app.eventbridge("shop.refunds")(async_handler)(), list[str])


def test_wrong_options_are_errors() -> None:
    app = App()
    app.alarm(state="BAD")  # type: ignore[arg-type]
    app.appsync_events()  # type: ignore[call-arg]
    app.appsync_events("/x", operation="READ")  # type: ignore[arg-type]
    app.bedrock("GET")  # type: ignore[call-arg]
    app.cloudfront("viewer")  # type: ignore[arg-type]
    app.cognito(5)  # type: ignore[arg-type]
    app.destination(condition="Failure")  # type: ignore[arg-type]
    app.eventbridge(pattern="{}")  # type: ignore[arg-type]
    app.eventbridge(detail={})  # type: ignore[call-arg]
    app.invoke("refund")  # type: ignore[call-arg, arg-type]
    app.iot("switch")  # type: ignore[arg-type]
    app.lex(invocation="Dialog")  # type: ignore[arg-type]
    app.sagemaker()  # type: ignore[call-arg]
    app.workmail("a@example.com")  # type: ignore[call-arg, arg-type]
    with pytest.raises(ConfigurationError, match=r"pattern: '\{\}' is no object with fields"):
        app.eventbridge(pattern="{}")(handler)  # type: ignore[arg-type]


def test_views_are_typed() -> None:
    event = EventBridgeEvent({"source": "a", "detail-type": "b", "time": "2026-01-01T09:00:00Z"})
    assert_type(event.source, str)
    assert_type(event.time, datetime)
    assert_type(event.detail, Any)
    assert_type(AppSyncEvent({}).arguments, dict[str, Any])
    assert_type(CognitoEvent({}).user_attributes, dict[str, str])
    assert_type(PreSignUpResponse().auto_confirm_user, bool)
    assert_type(CloudFrontEvent({}).header("Host"), str | None)
    assert_type(DestinationEvent({}).attempts, int)
    assert_type(AlarmEvent({"alarmData": {"alarmName": "a"}}).name, str)
