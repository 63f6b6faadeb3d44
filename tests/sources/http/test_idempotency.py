"""`once=` on routes: requests with an Idempotency-Key, and the replies that are sent again."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import threading
from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from lambdarouter import (
    Allow,
    App,
    Call,
    ConfigurationError,
    Deny,
    Depends,
    Header,
    HttpError,
    Once,
    Request,
    Response,
    Router,
)
from lambdarouter.sources.http import StreamingResponse
from lambdarouter.stores.memory import MemoryStore
from tests.sources.http.conftest import Answer, Gateway

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def keyed(key: str = KEY) -> dict[str, str]:
    return {"Idempotency-Key": key}


class Till:
    """An app with one route, which counts its payments."""

    def __init__(self, once: Any = None, **options: Any) -> None:
        self.app = App(store=MemoryStore())
        self.paid: list[int] = []

        @self.app.post("/payments", status=201, once=once or True, **options)
        def pay(body: dict[str, int]) -> dict[str, int]:
            self.paid.append(body["amount"])
            return {"number": len(self.paid)}


def test_a_request_that_comes_again_gets_the_reply_that_was_sent(gateway: Gateway) -> None:
    till = Till()

    first = gateway(till.app, "POST", "/payments", json={"amount": 5}, headers=keyed())
    again = gateway(till.app, "POST", "/payments", json={"amount": 5}, headers=keyed())
    once_more = gateway.complete(till.app, "POST", "/payments", json={"amount": 5}, headers=keyed())

    assert till.paid == [5]
    assert (first.status, first.json) == (201, {"number": 1})
    assert again.raw == once_more.reply == first.raw
    assert [outcome.status for outcome in once_more.outcomes] == ["skipped"]


@pytest.mark.parametrize(
    "response",
    [
        Response("Grüße", 200, {"content-type": "text/plain"}, ["a=1; Path=/", "b=2"]),
        Response(b"\x00\xff", 203, [("content-type", "image/png"), ("x-a", "1"), ("x-a", "2")]),
        Response(None),
        Response("", 200),
        Response(None, 303, {"location": "/payments/1"}),
        Response('{"title":"no funds"}', 402, {"content-type": "application/problem+json"}),
    ],
    ids=["text and cookies", "binary", "no content", "empty", "redirect", "refused"],
)
def test_status_headers_body_and_cookies_are_sent_again_as_they_were(gateway: Gateway, response: Response) -> None:
    app = App(store=MemoryStore())
    if gateway.one_cookie and response.cookies:
        response = Response(response.body, response.status, response.headers, response.cookies[:1])
    replies = [response, Response("another", 500)]

    @app.put("/payments", once=True)
    def pay() -> Response:
        return replies.pop(0)

    first = gateway(app, "PUT", "/payments", headers=keyed())
    again = gateway(app, "PUT", "/payments", headers=keyed())

    assert again.raw == first.raw
    assert len(replies) == 1


def test_the_route_of_an_included_router_keeps_its_once(send: Gateway) -> None:
    app, router, paid = App(store=MemoryStore()), Router(prefix="/v1"), []

    @router.post("/payments", once=Once(required=False))
    def pay() -> None:
        paid.append(1)

    app.include(router)
    for _ in range(2):
        assert send(app, "POST", "/v1/payments", headers=keyed()).status == 204
    assert len(paid) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"json": {"amount": 6}},
        {"json": {"amount": 5}, "query": {"dry": "yes"}},
        {"body": '{"amount":5 }', "headers": {"Content-Type": "application/json"}},
    ],
    ids=["body", "query", "bytes"],
)
def test_another_request_under_the_same_key_is_422(send: Gateway, other: dict[str, Any]) -> None:
    till = Till()
    send(till.app, "POST", "/payments", json={"amount": 5}, headers=keyed())

    other = other | {"headers": keyed() | other.get("headers", {})}
    answer = send(till.app, "POST", "/payments", **other)

    assert answer.status == 422
    assert answer.problem["detail"] == "this Idempotency-Key was used for another request"
    assert till.paid == [5]


def test_another_path_under_the_same_key_of_one_route_is_422(send: Gateway) -> None:
    app = App(store=MemoryStore())

    @app.post("/orders/{number}/payment", once=True)
    def pay(number: int) -> int:
        return number

    assert send(app, "POST", "/orders/1/payment", headers=keyed()).json == 1
    assert send(app, "POST", "/orders/2/payment", headers=keyed()).status == 422


def test_routes_do_not_share_keys(send: Gateway) -> None:
    app = App(store=MemoryStore())

    @app.post("/a", once=True)
    def a() -> str:
        return "a"

    @app.post("/b", once=True)
    def b() -> str:
        return "b"

    assert send(app, "POST", "/a", headers=keyed()).body == b"a"
    assert send(app, "POST", "/b", headers=keyed()).body == b"b"


def test_while_the_first_is_at_it_the_second_is_409_with_retry_after(send: Gateway) -> None:
    app = App(store=MemoryStore())
    at_it, go_on = threading.Event(), threading.Event()

    @app.post("/payments", once=True)
    def pay(body: dict[str, int]) -> str:
        at_it.set()
        assert go_on.wait(60)
        return "paid"

    answers: list[Answer] = []
    request: dict[str, Any] = {"json": {"amount": 5}, "headers": keyed()}
    first = threading.Thread(target=lambda: answers.append(send(app, "POST", "/payments", **request)))
    first.start()
    assert at_it.wait(60)
    second = send(app, "POST", "/payments", **request)
    other = send(app, "POST", "/payments", **(request | {"json": {"amount": 6}}))
    go_on.set()
    first.join()
    third = send(app, "POST", "/payments", **request)

    assert (second.status, second.header("retry-after")) == (409, "1")
    assert second.problem["detail"] == "a request with this Idempotency-Key is being handled"
    assert other.status == 422
    assert (third.status, third.body) == (200, b"paid")
    assert answers[0].body == b"paid"


# The key --------------------------------------------------------------------------------------------------------


def test_without_a_key_a_request_is_400_or_handled_by_choice_of_the_route(send: Gateway) -> None:
    strict, lenient = Till(), Till(Once(required=False))

    refused = send(strict.app, "POST", "/payments", json={"amount": 5})
    assert refused.status == 400
    assert refused.problem["detail"] == "this request needs an Idempotency-Key header"
    assert strict.paid == []
    for _ in range(2):
        assert send(lenient.app, "POST", "/payments", json={"amount": 5}).status == 201
    assert lenient.paid == [5, 5]


def test_a_key_in_quotes_as_the_draft_has_it_is_the_key_without(send: Gateway) -> None:
    till = Till()
    for key in (f'"{KEY}"', KEY, f" {KEY} "):
        assert send(till.app, "POST", "/payments", json={"amount": 5}, headers=keyed(key)).status == 201
    assert till.paid == [5]


@pytest.mark.parametrize("key", ["", '""', '"', "a b", "a,b", 'a"b', '"a', "ü", "x" * 256, "a\\b", "\t"])
@pytest.mark.parametrize("required", [True, False])
def test_what_is_no_key_is_400(send: Gateway, key: str, required: bool) -> None:  # noqa: FBT001
    till = Till(Once(required=required))

    answer = send(till.app, "POST", "/payments", json={"amount": 5}, headers=keyed(key))

    assert answer.status == 400
    assert "one key of at most 255 visible ASCII characters" in answer.problem["detail"]
    assert till.paid == []


def test_several_keys_are_400(send: Gateway) -> None:
    answer = send(Till().app, "POST", "/payments", json={"amount": 5}, headers={"Idempotency-Key": ["a", "b"]})
    assert answer.status == 400


def test_a_function_of_the_request_gives_the_key_instead_of_the_header(send: Gateway) -> None:
    till = Till(lambda request: request.headers.get("x-order"))

    for order in ("1", "1", "2"):
        send(till.app, "POST", "/payments", json={"amount": 5}, headers={"X-Order": order})

    assert till.paid == [5, 5]
    assert send(till.app, "POST", "/payments", json={"amount": 5}, headers=keyed()).status == 400


# The caller -----------------------------------------------------------------------------------------------------


def who(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Deny() if token == "nobody" else Allow(token)


def test_a_key_belongs_to_its_caller_and_the_guard_comes_first(send: Gateway) -> None:
    till = Till(auth=who)

    def pay(caller: str) -> Answer:
        headers = keyed() | {"Authorization": caller}
        return send(till.app, "POST", "/payments", json={"amount": 5}, headers=headers)

    assert pay("ada").json == {"number": 1}
    assert pay("bob").json == {"number": 2}
    assert pay("ada").json == {"number": 1}
    assert pay("nobody").status == 403
    assert till.paid == [5, 5]


@pytest.mark.parametrize(
    "context",
    [
        {"authorizer": {"principalId": "NAME"}},
        {"authorizer": {"claims": {"sub": "NAME"}}},
        {"authorizer": {"jwt": {"claims": {"sub": "NAME"}}}},
        {"authorizer": {"iam": {"userArn": "NAME"}}},
        {"identity": {"userArn": "NAME"}},
        {"identity": {"principal": "NAME"}},
        {"identity": {"clientCert": {"subjectDN": "NAME"}}},
        {"authentication": {"clientCert": {"subjectDN": "NAME"}}},
        {"authorizer": {"principalId": 17}, "identity": {"userArn": "NAME"}},
    ],
    ids=str,
)
def test_without_a_guard_a_key_belongs_to_whom_aws_names(send: Gateway, context: dict[str, Any]) -> None:
    till = Till()
    numbers = []
    for name in ("ada", "bob", "ada"):
        event = send.build("POST", "/payments", json={"amount": 5}, headers=keyed())
        event["requestContext"] |= _named(context, name)
        numbers.append(Answer(till.app(event)).json["number"])
    assert numbers == [1, 2, 1]


def _named(context: Any, name: str) -> Any:
    if isinstance(context, dict):
        return {key: _named(value, name) for key, value in context.items()}
    return name


def test_a_dependency_that_refuses_comes_before_the_reply_that_was_kept(send: Gateway) -> None:
    app = App(store=MemoryStore())

    def user(request: Request) -> str:
        if "x-user" not in request.headers:
            raise HttpError(401)
        return request.headers["x-user"]

    @app.post("/payments", once=True)
    def pay(name: Annotated[str, Depends(user)]) -> str:
        return f"paid by {name}"

    assert send(app, "POST", "/payments", headers=keyed() | {"X-User": "ada"}).body == b"paid by ada"
    assert send(app, "POST", "/payments", headers=keyed()).status == 401


# What is kept ---------------------------------------------------------------------------------------------------


def test_a_handler_that_raises_leaves_the_key_free(send: Gateway) -> None:
    app = App(store=MemoryStore())
    errors: list[Exception] = [ValueError("a bug"), HttpError(402, "no funds")]

    @app.post("/payments", once=True)
    def pay() -> str:
        if errors:
            raise errors.pop(0)
        return "paid"

    assert [send(app, "POST", "/payments", headers=keyed()).status for _ in range(4)] == [500, 402, 200, 200]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_reply_that_says_not_now_is_not_kept(send: Gateway, status: int) -> None:
    app = App(store=MemoryStore())
    statuses = [status, 200, 201]

    @app.post("/payments", once=True)
    def pay() -> Response:
        return Response("", statuses.pop(0))

    assert [send(app, "POST", "/payments", headers=keyed()).status for _ in range(3)] == [status, 200, 200]


def test_a_reply_too_large_to_keep_is_not_made_again(send: Gateway) -> None:
    app = App(store=MemoryStore())
    made = []

    @app.post("/reports", once=True)
    def report() -> str:
        made.append(1)
        return "x" * 300_000

    assert send(app, "POST", "/reports", headers=keyed()).status == 200
    answer = send(app, "POST", "/reports", headers=keyed())

    assert (answer.status, answer.header("retry-after")) == (409, None)
    assert answer.problem["detail"] == "this request was handled before; its reply was too large to be kept"
    assert len(made) == 1


def test_a_reply_is_kept_as_middleware_has_made_it_and_not_made_over(send: Gateway) -> None:
    app = App(store=MemoryStore())
    count: list[int] = []

    @app.middleware
    def number(call: Call) -> Iterator[None]:
        yield
        count.append(1)
        call.reply = Response(f"{call.reply} {len(count)}")

    @app.post("/payments", once=True)
    def pay() -> str:
        return "reply"

    assert send(app, "POST", "/payments", headers=keyed()).body == b"reply 1"
    assert send(app, "POST", "/payments", headers=keyed()).body == b"reply 1"
    assert len(count) == 2


def test_a_handler_that_streams_is_refused_at_import_or_at_its_first_reply(send: Gateway) -> None:
    app = App(store=MemoryStore())

    def rows() -> Iterator[str]:
        yield "row"

    with pytest.raises(ConfigurationError, match=r"rows .*: once= cannot keep a streamed reply: return it whole"):
        app.post("/rows", once=True)(rows)

    @app.post("/later", once=True)
    def later() -> StreamingResponse:
        return StreamingResponse(rows())

    assert send(app, "POST", "/later", headers=keyed()).status == 500
    (outcome,) = send.complete(app, "POST", "/later", headers=keyed("other")).outcomes
    assert "once= cannot keep a streamed reply" in str(outcome.error)


def test_a_route_needs_a_store() -> None:
    with pytest.raises(ConfigurationError, match="once= needs a store"):
        App().post("/payments", once=True)(lambda: None)
