"""The two rooms of Bedrock agents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import App, BedrockCall, BedrockFunctionCall, ConfigurationError, HttpError, InvalidPayloadError
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import bedrock, bedrock_function


class Line(BaseModel):
    sku: str


def operation(app: App, event: Any) -> tuple[int, Any]:
    response = TestClient(app).invoke(event).unwrap()["response"]
    return response["httpStatusCode"], json.loads(response["responseBody"]["application/json"]["body"])


def function(app: App, event: Any) -> tuple[str | None, str]:
    answer = TestClient(app).invoke(event).unwrap()["response"]["functionResponse"]
    return answer.get("responseState"), answer["responseBody"]["TEXT"]["body"]


def test_parameters_and_the_body_are_arguments() -> None:
    app = App()

    @app.bedrock("post", "/orders/{orderId}", action_group="ord*")
    def create(order_id: int, lines: list[Line], note: str | None = None) -> Any:
        return [order_id, lines, note]

    event = bedrock("POST", "/orders/{orderId}", {"orderId": 17}, body={"lines": [{"sku": "tea"}]})

    assert operation(app, event) == (200, [17, [{"sku": "tea"}], None])
    assert operation(app, bedrock("POST", "/orders/{orderId}", action_group="others"))[0] == 404


def test_the_call_is_read_by_attribute_and_its_session_kept() -> None:
    app = App()

    @app.bedrock("GET", "/orders")
    def read(call: BedrockCall) -> str:
        assert (call.api_path, call.http_method, call.action_group) == ("/orders", "GET", "orders")
        assert (call.agent_name, call.agent_alias, call.agent_version) == ("shop", "TSTALIASID", "DRAFT")
        assert (call.parameters, call.body, call.arguments) == ({"a": "1"}, {}, {"a": "1"})
        assert (call.input_text, call.id) == ("", call.session_id)
        call.session_attributes["b"] = "2"
        call.prompt_session_attributes["c"] = "3"
        return "é"

    event = bedrock("GET", "/orders", {"a": "1"}, session={"a": "1"})
    reply = TestClient(app).invoke(event).unwrap()

    assert (reply["sessionAttributes"], reply["promptSessionAttributes"]) == ({"a": "1", "b": "2"}, {"c": "3"})
    assert event["sessionAttributes"] == {"a": "1"}
    assert reply["response"]["responseBody"]["application/json"]["body"] == '"é"'


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (HttpError(409, "taken"), (409, {"error": "taken"})),
        (RuntimeError("a secret"), (500, {"error": "internal error"})),
    ],
)
def test_an_error_has_its_status(error: Exception, expected: Any) -> None:
    app = App()

    @app.bedrock("GET", "/orders")
    def read() -> None:
        raise error

    status, body = operation(app, bedrock("GET", "/orders"))
    assert status == expected[0]
    assert str(expected[1]["error"]) in body["error"]


def test_a_missing_argument_can_be_asked_for() -> None:
    app = App()

    @app.bedrock("GET", "/orders")
    def read(order_id: int) -> None: ...

    status, body = operation(app, bedrock("GET", "/orders"))
    assert (status, body["error"]) == (400, "the argument 'order_id' is missing")
    assert body["errors"][0]["type"] == "missing"


def test_a_function_answers_with_text() -> None:
    app = App()

    @app.bedrock_function("place*")
    def place(item: str, call: BedrockFunctionCall, quantity: int = 1) -> Any:
        return f"{call.function}: {quantity} {item}" if item != "nothing" else {"item": None}

    assert function(app, bedrock_function("placeOrder", {"item": "tea"})) == (None, "placeOrder: 1 tea")
    assert function(app, bedrock_function("placeOrder", {"item": "nothing"})) == (None, '{"item":null}')
    assert function(app, bedrock_function("placeOrder", {"item": "tea", "quantity": "many"}))[0] == "REPROMPT"


def test_a_function_can_ask_again_or_fail() -> None:
    app = App()

    @app.bedrock_function("place")
    def place(item: str) -> None:
        raise InvalidPayloadError("which size?") if item == "tea" else RuntimeError("a secret")

    assert function(app, bedrock_function("place", {"item": "tea"})) == ("REPROMPT", "which size?")
    assert function(app, bedrock_function("place", {"item": "mate"})) == ("FAILURE", "the function failed")
    assert function(app, bedrock_function("cancel")) == ("REPROMPT", "there is no such function")


def test_what_a_parameter_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"it could be BedrockFunctionCall, Context, .* an argument of the"):

        @App().bedrock_function("place")
        def place(call: BedrockCall) -> None: ...


def test_a_body_of_an_odd_form_has_no_properties() -> None:
    event = bedrock("GET", "/orders")
    event["requestBody"] = {"content": {"application/json": None}}

    assert BedrockCall(event).body == {}
    assert BedrockCall(event | {"requestBody": {"content": []}}).body == {}
