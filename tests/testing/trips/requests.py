"""Who asks and waits for an answer: requests, authorizers, conversations."""

from __future__ import annotations

import json
from typing import Any

from tests.testing.trips.trip import ORDER, SENT, Trip

__all__ = ["TRIPS"]

REQUEST: dict[str, Any] = {"headers": {"X-Tag": "a"}, "query": {"q": "1 2"}, "cookies": {"c": "3"}}
READ: dict[Any, Any] = {
    "method": "PUT",
    "path": "/orders/17",
    "cookies": {"c": "3"},
    lambda request: request.headers.get("x-tag"): "a",
    lambda request: request.query.get("q"): "1 2",
}
UPLOAD = {"json": ORDER, **REQUEST}
UPLOADED = {"text": SENT, "media_type": "application/json", **READ}
IDENTITY = {"sub": "s", "username": "ada"}
BODY = {"body": "as `json`, one or the other"}
API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5"
AGENT: dict[str, Any] = {"action_group": "g", "session": {"a": "b"}, "prompt_session": {"c": "d"}, "input_text": "hi"}
ASKED = {
    "action_group": "g",
    "session_attributes": {"a": "b"},
    "prompt_session_attributes": {"c": "d"},
    "input_text": "hi",
}
LEX: dict[str, Any] = {
    "bot": "B",
    "invocation": "DialogCodeHook",
    "transcript": "in Madrid",
    "confirmation": "Confirmed",
    "session": {"a": "b"},
}
SPOKEN = {
    "intent": "Book",
    "slots": {"city": "Madrid", "nights": None},
    "bot": "B",
    "invocation": "DialogCodeHook",
    "transcript": "in Madrid",
    "confirmation": "Confirmed",
    "session_attributes": {"a": "b"},
}

TRIPS = {
    "http.rest": Trip(
        "PUT",
        "/orders/17",
        stage="live",
        authorizer={"principalId": "ada"},
        resource="/orders/{id}",
        stage_variables={"release": "42"},
        reads={
            **UPLOADED,
            "stage": "live",
            lambda request: request.gateway_context["authorizer"]: {"principalId": "ada"},
            lambda request: request.raw["pathParameters"]: {"id": "17"},
            lambda request: request.raw["stageVariables"]: {"release": "42"},
        },
        without=BODY,
        **UPLOAD,
    ),
    "http.v2": Trip(
        "PUT",
        "/orders/17",
        stage="live",
        authorizer={"who": "ada"},
        route_key="PUT /orders/{id}",
        stage_variables={"release": "42"},
        reads={
            **UPLOADED,
            "stage": "live",
            lambda request: request.gateway_context["authorizer"]: {"lambda": {"who": "ada"}},
            lambda request: request.raw["pathParameters"]: {"id": "17"},
            lambda request: request.raw["stageVariables"]: {"release": "42"},
        },
        without=BODY,
        **UPLOAD,
    ),
    "http.url": Trip(
        "PUT",
        "/orders/17",
        iam={"userId": "u"},
        reads={**UPLOADED, lambda request: request.gateway_context["authorizer"]: {"iam": {"userId": "u"}}},
        without=BODY,
        **UPLOAD,
    ),
    "http.alb": Trip("PUT", "/orders/17", multi_value=True, reads=UPLOADED, without=BODY, **UPLOAD),
    "http.lattice_v1": Trip("PUT", "/orders/17", reads=UPLOADED, without=BODY, **UPLOAD),
    "http.lattice_v2": Trip(
        "PUT",
        "/orders/17",
        body=b"\xff",
        identity={"principal": "p"},
        reads={**READ, "content": b"\xff", lambda request: request.gateway_context["identity"]["principal"]: "p"},
        without={"json": "as `body`, one or the other"},
        **REQUEST,
    ),
    "authorizer.token": Trip(
        "GET",
        "/orders/17",
        "Bearer t",
        stage="live",
        reads={
            "method": "GET",
            "path": "/orders/17",
            "arn": f"{API}/live/GET/orders/17",
            lambda request: request.headers.get("authorization"): "Bearer t",
        },
    ),
    "authorizer.request_v1": Trip(
        "PUT",
        "/orders/17",
        stage="live",
        resource="/orders/{id}",
        stage_variables={"release": "42"},
        reads={
            **READ,
            "stage": "live",
            lambda request: request.raw["pathParameters"]: {"id": "17"},
            lambda request: request.raw["stageVariables"]: {"release": "42"},
        },
        **REQUEST,
    ),
    "authorizer.request_v2": Trip(
        "PUT",
        "/orders/17",
        stage="live",
        route_key="PUT /orders/{id}",
        stage_variables={"release": "42"},
        reads={
            **READ,
            "stage": "live",
            lambda request: request.raw["pathParameters"]: {"id": "17"},
            lambda request: request.raw["stageVariables"]: {"release": "42"},
        },
        **REQUEST,
    ),
    "authorizer.websocket": Trip(
        headers={"X-Tag": "a"},
        query={"q": "1"},
        stage="live",
        reads={
            "stage": "live",
            lambda request: request.headers.get("x-tag"): "a",
            lambda request: request.query.get("q"): "1",
        },
    ),
    "websocket": Trip(
        "say",
        ORDER,
        connection="c",
        stage="live",
        authorizer={"principalId": "ada"},
        reads={
            "route_key": "say",
            "content": SENT,
            "stage": "live",
            lambda request: request.raw["requestContext"]["authorizer"]: {"principalId": "ada"},
            "connection_id": "c",
        },
        without={"headers": "sent with $connect alone", "query": "sent with $connect alone"},
    ),
    "alexa.home": Trip(
        "Alexa.PowerController",
        "TurnOn",
        {"brightness": 4},
        endpoint="lamp",
        reads={
            "namespace": "Alexa.PowerController",
            "name": "TurnOn",
            "payload": {"brightness": 4},
            "endpoint_id": "lamp",
        },
    ),
    "alexa.skill": Trip(
        intent="Order",
        slots={"item": "tea", "size": None},
        skill="s",
        user="u",
        locale="de-DE",
        confirmation="CONFIRMED",
        attributes={"n": 1},
        reads={
            "request": "IntentRequest",
            "intent": "Order",
            "slots": {"item": "tea"},  # the filled ones
            "skill": "s",
            "user_id": "u",
            "locale": "de-DE",
            "confirmation": "CONFIRMED",
            "attributes": {"n": 1},
        },
        without={"request": "an intent's is IntentRequest"},
    ),
    "appsync.resolver": Trip(
        "Order",
        "customer",
        {"id": 17},
        source={"o": 1},
        identity=IDENTITY,
        headers={"x-tag": "a"},
        selection=["id", "name"],
        reads={
            "type_name": "Order",
            "field_name": "customer",
            "arguments": {"id": 17},
            "source": {"o": 1},
            "identity.username": "ada",
            lambda record: record.headers["x-tag"]: "a",
            "selection": ["id", "name"],
        },
        without={"user": "`identity` stands in its place", "groups": "of a `user`"},
    ),
    "appsync.batch": Trip(
        "Order",
        "customer",
        {"id": 17},
        arguments={"a": 1},
        reads={"type_name": "Order", "field_name": "customer", "source": {"id": 17}, "arguments": {"a": 1}},
    ),
    "appsync.events": Trip(
        "/orders/new",
        ORDER,
        reads={"channel": "/orders/new", "payload": ORDER, "operation": "PUBLISH", "namespace": "orders"},
    ),
    "authorizer.appsync": Trip(
        "t",
        api="a",
        query="query { a }",
        operation_name="Orders",
        variables={"a": 1},
        reads={"token": "t", "api": "a", "query": "query { a }", "operation_name": "Orders", "variables": {"a": 1}},
        without={"operation": "of AppSync Events", "channel": "of AppSync Events"},
    ),
    "authorizer.iot": Trip(
        "t",
        username="u",
        password=b"\xff",
        client_id="c",
        signature_verified=True,
        reads={"token": "t", "username": "u", "password": b"\xff", "client_id": "c", "signature_verified": True},
    ),
    "authorizer.transfer": Trip(
        "ada",
        "p",
        protocol="FTPS",
        server="s-1",
        reads={"username": "ada", "password": "p", "protocol": "FTPS", "server": "s-1"},
    ),
    "authorizer.vpn": Trip(
        "ada",
        endpoint="e",
        platform="win",
        schema="v2",
        reads={"username": "ada", "endpoint": "e", "platform": "win", "schema_version": "v2"},
    ),
    "bedrock.api": Trip(
        "PUT",
        "/orders/{id}",
        {"id": 17},
        body={"to": "Zoë"},
        reads={
            "http_method": "PUT",
            "api_path": "/orders/{id}",
            "parameters": {"id": "17"},
            "body": {"to": "Zoë"},
            **ASKED,
        },
        **AGENT,
    ),
    "bedrock.function": Trip(
        "place", {"id": 17}, reads={"function": "place", "parameters": {"id": "17"}, **ASKED}, **AGENT
    ),
    "chime.sip": Trip(
        "ACTION_SUCCESSFUL",
        attributes={"a": "b"},
        action={"Type": "Speak"},
        application="app",
        reads={
            "event_type": "ACTION_SUCCESSFUL",
            "attributes": {"a": "b"},
            "action": {"Type": "Speak"},
            "application": "app",
        },
    ),
    "cloudfront": Trip(
        "origin-response",
        "/books",
        method="PUT",
        querystring="a=1",
        headers={"X-Tag": "a"},
        status=404,
        reads={
            "event_type": "origin-response",
            "uri": "/books",
            "method": "PUT",
            "querystring": "a=1",
            lambda record: record.request["headers"]["x-tag"][0]["value"]: "a",
            lambda record: record.response["status"]: "404",
        },
    ),
    "connect": Trip(
        {"a": "b"},
        attributes={"c": "d"},
        channel="CHAT",
        customer="+1",
        queue="support",
        reads={
            "parameters": {"a": "b"},
            "attributes": {"c": "d"},
            "channel": "CHAT",
            "customer_address": "+1",
            "queue": "support",
        },
    ),
    "connect.campaign": Trip(
        "welcome",
        {"name": "Zoë"},
        reads={
            "campaign": "welcome",
            lambda record: [json.loads(each["CustomerData"]) for each in record.profiles]: [{"name": "Zoë"}],
        },
    ),
    "ivs.chat": Trip(
        "hello",
        room="support",
        sender="zoe",
        attributes={"a": "b"},
        sender_attributes={"c": "d"},
        reads={
            "content": "hello",
            lambda record: record.room.rpartition("/")[2]: "support",
            "sender": "zoe",
            "attributes": {"a": "b"},
            "sender_attributes": {"c": "d"},
        },
    ),
    "lex.v1": Trip("Book", {"city": "Madrid", "nights": None}, reads=SPOKEN, **LEX),
    "lex.v2": Trip(
        "Book", {"city": "Madrid", "nights": None}, locale="es_ES", reads={**SPOKEN, "locale": "es_ES"}, **LEX
    ),
}
