"""The strategies: what they draw is of its source, in every app answered as its source wants, and shrinks to little."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import Any, Literal, assert_type

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings, strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import BaseModel, Field

from lambdarouter import App, Completion, NoRouteError, Unauthorized, classify
from lambdarouter.testing import TestClient, events, strategies
from lambdarouter.testing.events import EXAMPLES
from lambdarouter.testing.sends import Send
from lambdarouter.testing.strategy import Strategies
from tests.contract.table import ROOM_OF, contract

ROOT = Path(__file__).parents[2]
few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


PHASES = [Phase.generate, Phase.shrink]  # and no explanation, which takes longer than both


def smallest(strategy: SearchStrategy[Any], fits: Callable[[Any], bool] = lambda event: True) -> Any:
    # Of one seed: from a few, what is found first takes more than the 500 steps that there are.
    return find(strategy, fits, settings=settings(database=None, max_examples=500, phases=PHASES), random=Random(0))  # noqa: S311 - no secret


class Order(BaseModel):
    id: int = Field(ge=1)
    sku: str = Field(pattern=r"^[a-z]{3}$")
    lines: list[int] = []


# --- Every source ----------------------------------------------------------------------------------------------------


def shape(completion: Completion) -> Any:
    """The keys of a reply that is an object, the type of any other; of an error its type."""
    if completion.error is not None:
        return type(completion.error)
    reply = completion.reply
    return frozenset(reply) if isinstance(reply, dict) else type(reply)


HTTP = {"body", "headers", "isBase64Encoded", "statusCode"}
# Beside the shape of the reply to the example.
OTHER_SHAPES: dict[str, set[Any]] = {
    # The reply is in the maps that the request was in.
    "http.alb": {frozenset({*HTTP - {"headers"}, "multiValueHeaders", "statusDescription"})},
    "authorizer.request_v1": {Unauthorized},  # no credential
    "authorizer.request_v2": {Unauthorized, NoRouteError},  # an ARN with a wildcard of IAM
    "authorizer.websocket": {Unauthorized},
    "authorizer.appsync": {frozenset({"isAuthorized", "handlerContext"})},  # of AppSync Events
    "appsync.events": {type(None)},  # a subscription
    "cloudfront": {
        frozenset({"headers", "status", "statusDescription"}),  # a response goes on
        frozenset({"clientIp", "headers", "method", "origin", "querystring", "uri"}),  # a request to the origin
    },
    "s3.object_lambda": {frozenset({"statusCode"})},  # HEAD and LIST
    "websocket": {frozenset({"body", "statusCode"})},  # what is no text
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_any_event_is_of_its_source_and_is_answered_as_the_source_wants(name: str) -> None:
    room = contract(ROOM_OF[name])
    app = App()
    room.register(app)

    @few
    @given(strategies.any_event(name))
    def check(event: Any) -> None:
        json.dumps(event, allow_nan=False).encode()
        assert classify(event) == name
        before = json.dumps(event)
        completion = app.complete(event)
        assert completion.name == name
        assert completion.outcomes
        assert json.dumps(event) == before
        if name == "invoke":
            assert completion.reply == event
        else:
            assert shape(completion) in shapes, completion.error
        if completion.error is None:
            json.dumps(completion.reply, allow_nan=False).encode()

    with getattr(room, "around", nullcontext)():
        shapes = {shape(app.complete(EXAMPLES[name]())), *OTHER_SHAPES.get(name, ())}
        check()


TYPED: dict[str, tuple[Callable[[App, Any], Any], Callable[[], SearchStrategy[Any]]]] = {
    "sqs": (lambda app, take: app.sqs("orders")(take), lambda: strategies.sqs("orders", Order)),
    "sns": (lambda app, take: app.sns("orders")(take), lambda: strategies.sns("orders", Order)),
    "kinesis": (lambda app, take: app.kinesis("orders")(take), lambda: strategies.kinesis("orders", Order)),
    "kafka": (lambda app, take: app.kafka("orders")(take), lambda: strategies.kafka_msk("orders", Order)),
    "mq": (lambda app, take: app.mq("orders")(take), lambda: strategies.mq_rabbitmq("orders", Order)),
    "logs": (lambda app, take: app.logs("orders")(take), lambda: strategies.logs("orders", Order)),
    "firehose": (lambda app, take: app.firehose("orders")(take), lambda: strategies.firehose("orders", Order)),
    "dynamodb": (
        lambda app, take: app.dynamodb("orders")(take),
        lambda: strategies.dynamodb("orders", strategies.of(Order)),
    ),
    "eventbridge": (
        lambda app, take: app.eventbridge("shop", "Placed")(take),
        lambda: strategies.eventbridge("shop", "Placed", Order),
    ),
    "http": (lambda app, take: app.post("/orders")(take), lambda: strategies.http("POST", "/orders", json=Order)),
    "websocket": (
        lambda app, take: app.websocket("order")(take),
        lambda: strategies.websocket("order", Order),
    ),
    "appsync": (
        lambda app, take: app.appsync("Mutation", "order")(take),
        lambda: strategies.appsync_resolver("Mutation", "order", {"order": Order}),
    ),
}


@pytest.mark.parametrize("source", TYPED)
def test_a_model_stands_for_messages_that_reach_a_handler_which_declares_it(source: str) -> None:
    app, seen = App(), []

    def take(order: Order) -> None:
        seen.append(order)

    register, strategy = TYPED[source]
    register(app, take)

    @few
    @given(strategy())
    def check(event: Any) -> None:
        seen.clear()
        completion = app.complete(event)
        assert completion.error is None
        assert {outcome.status for outcome in completion.outcomes} == {"ok"}
        assert len(seen) == len(completion.outcomes)

    check()


# --- What is given, and what is left out -----------------------------------------------------------------------------


def test_what_is_given_stays_and_the_rest_varies() -> None:
    @few
    @given(strategies.sqs("jobs", {"id": 1}, {"id": 2}, receive_count=3))
    def check(event: Any) -> None:
        assert {record["body"] for record in event["Records"]} <= {'{"id":1}', '{"id":2}'}
        assert {record["attributes"]["ApproximateReceiveCount"] for record in event["Records"]} == {"3"}

    check()
    records = strategies.sqs("jobs", {"id": 1}).map(lambda event: event["Records"])
    smallest(records, lambda found: "MessageGroupId" in found[0]["attributes"])
    smallest(records, lambda found: "DeadLetterQueueSourceArn" in found[0]["attributes"])
    smallest(records, lambda found: found[0]["attributes"]["SentTimestamp"] != "946684800000")


def test_a_type_stands_for_values_also_inside_of_what_is_given() -> None:
    event = smallest(
        strategies.dynamodb("orders", (None, {"id": 1, "of": [Literal["ada"], int]})), lambda event: event["Records"]
    )
    assert event["Records"][0]["dynamodb"]["NewImage"] == {"id": {"N": "1"}, "of": {"L": [{"S": "ada"}, {"N": "0"}]}}


def test_of_is_for_parameters_that_have_a_type_of_their_own() -> None:
    names = strategies.of(st.sampled_from(["orders", "refunds"]))
    topics = strategies.sns(names, Order).map(lambda event: event["Records"][0]["Sns"]["TopicArn"].rpartition(":")[2])
    assert {smallest(topics), smallest(topics, lambda topic: topic == "refunds")} == {"orders", "refunds"}


def test_a_batch_shrinks_to_the_one_record_that_matters() -> None:
    event = smallest(
        strategies.sqs("jobs", Order),
        lambda event: any(json.loads(record["body"])["id"] > 99 for record in event["Records"]),
    )
    assert [record["body"] for record in event["Records"]] == ['{"id":100,"sku":"aaa"}']
    assert event["Records"][0]["messageAttributes"] == {}


def test_messages_come_twice_and_out_of_order_where_the_queue_is_no_fifo_queue() -> None:
    def ids(event: Any) -> list[str]:
        return [record["messageId"] for record in event["Records"]]

    def in_order(event: Any) -> bool:
        made = [b64decode(record["receiptHandle"]) for record in event["Records"]]
        return made == sorted(made)

    orders = strategies.sqs("jobs", "an order")
    twice = smallest(orders, lambda event: len(set(ids(event))) < len(event["Records"]))
    assert len(ids(twice)) == 2
    assert len(smallest(orders, lambda event: not in_order(event))["Records"]) == 2

    @few
    @given(strategies.sqs("jobs.fifo", Order))
    def check(event: Any) -> None:
        assert in_order(event)
        assert len(set(ids(event))) == len(event["Records"])
        assert all("MessageGroupId" in record["attributes"] for record in event["Records"])

    check()


def test_equal_messages_come_under_ids_of_their_own() -> None:
    def equal(event: Any) -> bool:
        bodies = [record["body"] for record in event["Records"]]
        ids = {record["messageId"] for record in event["Records"]}
        return len(set(bodies)) < len(bodies) == len(ids)

    assert len(smallest(strategies.sqs("jobs.fifo", Order), equal)["Records"]) == 2


HOSTILE: dict[str, Callable[[str], bool]] = {
    "empty": lambda body: body == "",
    "unicode": lambda body: not body.isascii(),
    "half a surrogate pair": lambda body: "\\ud" in body,
    "null": lambda body: body == "null",
    "huge number": lambda body: re.search(r"\d{20}", body) is not None,
}


def test_messages_of_no_type_are_whatever_anyone_may_send() -> None:
    bodies: set[str] = set()

    @settings(max_examples=200, derandomize=True)
    @given(strategies.any_event("sqs"))
    def check(event: Any) -> None:
        bodies.update(record["body"] for record in event["Records"])

    check()
    assert [name for name, is_hostile in HOSTILE.items() if not any(map(is_hostile, bodies))] == []


def test_a_change_has_a_key_that_both_images_share() -> None:
    class Item(BaseModel):
        id: int
        sku: str

    kinds = set()

    @few
    @given(strategies.dynamodb("orders", strategies.of(Item), keys=["id", "sku"]))
    def check(event: Any) -> None:
        for record in event["Records"]:
            images = [record["dynamodb"][name] for name in ("OldImage", "NewImage") if name in record["dynamodb"]]
            assert images
            assert all(image[key] == record["dynamodb"]["Keys"][key] for image in images for key in ("id", "sku"))

            kinds.add(record["eventName"])

    check()
    assert kinds == {"INSERT", "MODIFY", "REMOVE"}


def test_a_request_comes_through_any_gateway_and_text_stands_for_a_paths_parameters() -> None:
    app, seen = App(), set()

    @app.get("/orders/{order_id}/lines/{line}")
    def read(order_id: str, line: str) -> None:
        seen.add((order_id, line))

    names = set()

    @settings(max_examples=200, derandomize=True)
    @given(strategies.http("GET", "/orders/{order_id}/lines/{line}"))
    def check(event: Any) -> None:
        names.add(classify(event))
        assert app.complete(event).error is None

    check()
    assert names == {"http.rest", "http.v2", "http.url", "http.alb", "http.lattice_v1", "http.lattice_v2"}
    assert len(seen) > 5


def test_a_request_with_json_has_no_other_body() -> None:
    @few
    @given(strategies.http_rest("POST", "/orders", json=Order))
    def check(event: Any) -> None:
        assert json.loads(event["body"])["id"] >= 1
        assert event["headers"]["Content-Type"] == "application/json"

    check()


def test_any_event_is_of_the_names_that_are_given() -> None:
    @few
    @given(strategies.any_event("sns", "kinesis"))
    def check(event: Any) -> None:
        assert classify(event) in {"sns", "kinesis"}

    check()
    smallest(strategies.any_event(), lambda event: classify(event) not in {"http.rest", "invoke"})
    with pytest.raises(LookupError, match=r"'sms'.*there are http\.rest"):
        strategies.any_event("sms")


def test_arguments_that_a_builder_does_not_have_are_refused_at_once() -> None:
    with pytest.raises(TypeError, match="topic"):
        strategies.sns()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="queue"):
        strategies.sns("orders", Order, queue="jobs")  # type: ignore[call-arg]


def test_type_checkers_see_the_builders_arguments_and_a_strategy() -> None:
    assert_type(strategies.sns("orders", Order, subject="Hello"), SearchStrategy[Any])
    assert inspect.signature(strategies.sns) == inspect.signature(events.sns)


def test_there_is_a_method_for_every_builder() -> None:
    methods = [getattr(Strategies, name) for name in dir(Strategies)]
    assert set(events.BUILDERS.values()) <= {method.build for method in methods if isinstance(method, Send)}


def test_a_client_takes_what_is_drawn() -> None:
    app = App()

    @app.sns("orders")
    def announce(order: Order) -> int:
        return order.id

    client = TestClient(app)

    @few
    @given(strategies.sns("orders", Order))
    def check(event: Any) -> None:
        assert client.invoke(event).outcomes[0].value >= 1

    check()


def test_without_hypothesis_it_says_what_to_install_and_all_else_is_there() -> None:
    program = """
import sys
sys.modules["hypothesis"] = None
from lambdarouter.testing import *
TestClient
try:
    from lambdarouter.testing import strategies
except ModuleNotFoundError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "strategies are for hypothesis, which is not there: pip install 'lambdarouter[hypothesis]'\n"


def test_what_is_missing_of_something_else_is_not_said_to_be_hypothesis() -> None:
    program = """
import sys
sys.modules["lambdarouter.testing.domains"] = None
try:
    from lambdarouter.testing import strategies
except ModuleNotFoundError as error:
    print(error.name)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "lambdarouter.testing.domains\n"
