"""What came of an event, and how it reads where a test fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import Allow, App, Call, Completion, Deny, Depends, Header, HttpError, SqsRecord, Unauthorized
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import Decision, Response, Result, TestClient
from lambdarouter.testing.events import sns
from lambdarouter.testing.result import explained


class Order(BaseModel):
    id: int


def get_db() -> str:
    return "db"


def broken_db() -> str:
    raise RuntimeError("the database is away")


def failing_teardown() -> Iterator[str]:
    yield "db"
    raise RuntimeError("cannot close")


def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    if token == "":
        raise Unauthorized
    return Allow("ada", scope="orders") if token == "ok" else Deny()


def shop() -> App:  # noqa: C901 - one of each
    app = App(store=MemoryStore())

    app.authorizer()(staff)

    @app.sns("orders")
    def announce(order: Order) -> int:
        if order.id < 0:
            raise ValueError(order.id)
        return order.id

    @app.sns("orders")
    async def audit(order: Order) -> None: ...

    @app.sns("orders", attributes={"kind": "created"})
    def only_created() -> None: ...

    @app.sns("once", once=True)
    def just_once() -> None: ...

    @app.get("/orders/{order_id}", auth=staff)
    def read(order_id: int) -> Order:
        return Order(id=order_id)

    @app.get("/two")
    def two(a: int, b: int) -> int:
        return a + b

    @app.get("/typed")
    def typed() -> Order:
        return object()  # type: ignore[return-value]

    @app.get("/away")
    def away(db: Annotated[str, Depends(broken_db)]) -> str:
        return db

    @app.get("/left")
    def left(db: Annotated[str, Depends(failing_teardown)]) -> str:
        return db

    @app.get("/refused")
    def refused() -> None:
        raise HttpError(409, "no")

    @app.sqs("jobs")
    def pack(order: Order) -> None:
        if order.id < 0:
            raise ValueError("too small")

    @app.sqs("whole")
    def together(records: list[SqsRecord]) -> None: ...

    return app


@pytest.fixture
def client() -> TestClient:
    return TestClient(shop())


# Who ran ------------------------------------------------------------------------------------------------------


def test_a_result_is_a_completion_that_knows_its_event_and_who_ran(client: TestClient) -> None:
    event = sns("orders", {"id": 1})
    result = client.invoke(event)

    assert type(result) is Result
    assert result.event is event
    assert result.ran == ["announce", "audit"]
    assert [outcome.status for outcome in result.outcomes] == ["ok", "ok", "declined"]
    assert result.unwrap() is None


def test_who_fails_ran(client: TestClient) -> None:
    assert client.sns("orders", {"id": -1}).ran == ["announce", "audit"]
    assert client.get("/refused").ran == ["refused"]


def test_who_was_not_reached_did_not_run(client: TestClient) -> None:
    assert client.sns("orders", {"id": "x"}).ran == []  # the payload is invalid
    assert client.sqs("jobs", {"id": 1}, {"id": "x"}, "no json").ran == ["pack"]
    assert client.get("/orders/17").ran == []  # the guard refuses
    assert client.get("/orders/17", headers={"authorization": "no"}).ran == []
    assert client.get("/orders/x", headers={"authorization": "ok"}).ran == []
    assert client.get("/two", params={"a": "x", "b": "y"}).ran == []  # several mistakes are told at once
    assert client.get("/nowhere").ran == []
    assert client.get("/away").ran == []  # what it depends on fails
    client.sns("once", "a")
    assert client.sns("once", "a").ran == []  # skipped: it has run before


def test_of_a_batch_of_one_handler_who_was_not_reached_did_not_run() -> None:
    app = App()

    @app.sqs("jobs")
    def pack(order: Order) -> None: ...

    assert TestClient(app).sqs("jobs", {"id": 1}, {"id": "x"}, {"id": 2}, "no json").ran == ["pack", "pack"]


def test_who_fails_after_its_end_ran(client: TestClient) -> None:
    assert client.get("/typed").status == 500
    assert client.get("/typed").ran == ["typed"]
    assert client.get("/left").ran == ["left"]


def test_of_a_queue_in_order_what_is_behind_a_failure_did_not_run(client: TestClient) -> None:
    result = client.sqs("jobs.fifo", {"id": 1}, {"id": -1}, {"id": 2}, group="g")
    assert result.ran == []  # nobody's queue
    app = App()

    @app.sqs("jobs.fifo")
    def pack(order: Order) -> None:
        if order.id < 0:
            raise ValueError("too small")

    assert TestClient(app).sqs("jobs.fifo", {"id": 1}, {"id": -1}, {"id": 2}, group="g").ran == ["pack", "pack"]


def test_who_takes_a_whole_batch_ran_once(client: TestClient) -> None:
    assert client.sqs("whole", {"id": 1}, {"id": 2}).ran == ["together"]


def test_an_authorizer_ran(client: TestClient) -> None:
    assert client.authorize(token="ok").ran == ["staff"]


# How it reads -------------------------------------------------------------------------------------------------


def failed_assertion(check: Any) -> str:
    with pytest.raises(AssertionError) as info:
        check()
    return str(info.value)


def test_a_failed_assertion_names_who_failed_on_what_and_why(client: TestClient) -> None:
    result = client.sqs("jobs", {"id": 1}, {"id": -1})
    record = result.outcomes[1].record.id

    told = f"pack failed on {record}: ValueError: too small"
    assert explained("==", result.ran, ["pack"]) == ["['pack', 'pack'] == ['pack']", told]
    assert explained("==", [], result.failed) == ["[] == ['pack']", told]
    assert explained("==", result.ran, None) == ["['pack', 'pack'] == None", told]
    assert explained("==", [1], [2]) is None
    assert explained("==", 1, client.sqs("jobs", {"id": 1}).ran) is None


def test_a_failed_assertion_of_a_status_shows_the_body_and_the_error_behind_it(client: TestClient) -> None:
    def check_body() -> None:
        assert client.get("/refused").status == 200

    def check_error() -> None:
        assert client.get("/away").status == 200

    assert '"detail":"no"' in failed_assertion(check_body)
    text = failed_assertion(check_error)
    assert "away failed on" in text
    assert "RuntimeError: the database is away" in text


def test_a_repr_tells_the_first_failures_and_how_many_more(client: TestClient) -> None:
    assert repr(client.sns("orders", {"id": 1})) == "<Result sns reply=None ran=['announce', 'audit']>"
    text = repr(client.sqs("jobs", *({"id": -each} for each in range(1, 6))))
    assert text.count("pack failed on") == 3
    assert text.endswith("; 2 more>")
    unknown = client.invoke({"what": "is this"})
    assert repr(unknown).startswith("<Result invoke nobody failed on the event: UnknownEventError: ")


def test_an_error_that_is_no_outcomes_is_told_first() -> None:
    app = App()

    @app.middleware
    def ignored(call: Call) -> Iterator[None]:
        yield

    @app.sns("orders")
    def announce() -> object:
        return object()

    @app.sns("orders")
    def fail() -> None:
        raise ValueError("x")

    @app.sns("orders")
    def fail_too() -> None:
        raise ValueError("y")

    text = repr(TestClient(app).sns("orders", "a"))
    assert text.startswith("<Result sns error: BatchError: 2 of 3 calls failed")
    assert "fail_too failed on" in text


# Decisions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["token", "request_v1", "request_v2", "websocket"])
def test_a_decision_is_read_as_api_gateway_reads_it(client: TestClient, kind: Any) -> None:
    allowed = client.authorize("GET", "/orders/17", token="ok", kind=kind)
    assert isinstance(allowed, Decision)
    assert allowed.allowed is True
    assert allowed.context["scope"] == "orders"
    assert client.authorize("GET", "/orders/17", token="no", kind=kind).allowed is False
    refused = client.authorize("GET", "/orders/17", token="", kind=kind)
    assert (refused.allowed, dict(refused.context), refused.policy) == (False, {}, None)


def test_a_simple_decision_is_a_plain_yes_or_no() -> None:
    app = App()
    app.authorizer(simple=True)(staff)
    client = TestClient(app)
    allowed, refused = (client.authorize("GET", "/x", headers={"authorization": token}) for token in ("ok", "no"))
    assert (allowed.allowed, allowed.policy, allowed.context["scope"]) == (True, None, "orders")
    assert (refused.allowed, refused.policy) == (False, None)


def test_a_policy_covers_what_it_names_and_a_deny_counts_more() -> None:
    asked = "arn:aws:execute-api:eu-west-1:123456789012:a1/prod/GET/orders/[17]"

    def decision(*statements: tuple[str, Any]) -> Decision:
        reply = {
            "principalId": "ada",
            "policyDocument": {
                "Statement": [{"Effect": effect, "Resource": resource} for effect, resource in statements]
            },
        }
        return Decision(Completion("authorizer.token", (), reply), {"methodArn": asked})

    assert decision(("Allow", asked)).allowed
    assert decision(("Allow", ["x", "arn:aws:execute-api:*/prod/GET/orders/?17?"])).allowed
    assert not decision(("Allow", "arn:aws:execute-api:*/POST/*")).allowed
    assert not decision(("Allow", "*"), ("Deny", "*/GET/*")).allowed
    assert not decision().allowed
    assert not Decision(Completion("authorizer.token", (), None), {}).allowed


def test_a_reply_that_is_none_of_http_says_so() -> None:
    response = Response(Completion("http.v2", (), "text"), {}, "GET", "/x")
    with pytest.raises(RuntimeError, match=r"GET /x got 'text', which is no HTTP reply"):
        _ = response.status
