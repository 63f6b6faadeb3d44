"""`request.response_headers`: headers that a request has for its reply, whatever that becomes."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from lambdarouter import (
    Allow,
    App,
    Call,
    Cors,
    Deny,
    HttpError,
    JsonResponse,
    Request,
    Response,
    StreamingResponse,
    WebSocketRequest,
)
from lambdarouter.asgi import asgi
from lambdarouter.core.request import ResponseHeaders
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import AsyncTestClient, TestClient
from tests.sources.http.conftest import Gateway

ASKING = {"origin": "https://a.example.com", "access-control-request-method": "GET"}
FRAME = "x-frame-options"


def labelled(call: Call) -> Iterator[None]:
    """Middleware: one header before the handler, one after it, whatever it did."""
    assert isinstance(call.record, Request)
    call.record.response_headers["X-Before"] = "1"
    try:
        yield
    finally:
        call.record.response_headers["X-After"] = "2"


def refuse(request: Request) -> Allow | Deny:
    return Deny()


def shop() -> App:
    app = App(trailing_slash="redirect", cors=Cors("*"))
    app.middleware(labelled)

    @app.middleware
    def closed(call: Call) -> Iterator[None]:
        if isinstance(call.record, Request) and call.record.path == "/closed":
            call.reply = Response("closed", 503)
            return
        yield

    @app.exception_handler(LookupError)
    def lost(error: LookupError, request: Request) -> Response:
        request.response_headers["x-lost"] = "3"
        return Response("lost", 410)

    @app.get("/pieces")
    def pieces(request: Request) -> Iterator[str]:
        yield "a"
        yield "b"

    @app.get("/number")
    def number(n: int) -> int:
        return n

    @app.get("/private", auth=refuse)
    def private() -> str:
        return "never"

    def raising(error: Exception) -> Callable[[], Any]:
        def fail() -> Any:
            raise error

        return fail

    values: dict[str, Any] = {
        "dict": {"a": 1},
        "text": "text",
        "bytes": b"bytes",
        "none": None,
        "response": Response("text", 201),
        "json": JsonResponse([1]),
    }
    for name, value in values.items():
        app.get(f"/{name}")(partial(lambda value: value, value))
    app.get("/streaming")(lambda: StreamingResponse(iter(["a"])))
    app.get("/teapot")(raising(HttpError(418, headers={"x-tea": "4"})))
    app.get("/broken")(raising(ValueError("broken")))
    app.get("/lost")(raising(KeyError("lost")))
    return app


REQUESTS = [
    ("GET", "/dict", 200),
    ("GET", "/text", 200),
    ("GET", "/bytes", 200),
    ("GET", "/none", 204),
    ("GET", "/response", 201),
    ("GET", "/json", 200),
    ("GET", "/pieces", 200),
    ("GET", "/streaming", 200),
    ("GET", "/teapot", 418),
    ("GET", "/broken", 500),
    ("GET", "/lost", 410),
    ("GET", "/closed", 503),
    ("GET", "/number?n=x", 422),
    ("GET", "/private", 403),
    ("GET", "/nowhere", 404),
    ("POST", "/dict", 405),
    ("OPTIONS", "/dict", 204),
    ("GET", "/dict/", 308),
    ("HEAD", "/dict", 200),
    ("HEAD", "/nowhere", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), REQUESTS)
def test_every_reply_has_them(gateway: Gateway, method: str, path: str, status: int) -> None:
    answer = gateway(shop(), method, path)
    assert (answer.status, answer.header("x-before"), answer.header("x-after")) == (status, "1", "2")
    assert answer.header("x-lost") == ("3" if path == "/lost" else None)
    assert answer.header("access-control-allow-origin") == "*"


@pytest.mark.parametrize("path", ["/dict", "/nowhere"])
def test_a_preflight_has_them(gateway: Gateway, path: str) -> None:
    answer = gateway(shop(), "OPTIONS", path, headers=ASKING)
    assert (answer.status, answer.header("x-before"), answer.header("x-after")) == (204, "1", "2")


@pytest.mark.parametrize("value", [{"a": 1}, "text", b"bytes", None, Response("x"), 5])
def test_a_handler_has_them_from_its_request(gateway: Gateway, value: Any) -> None:
    app = App()

    @app.get("/x")
    def handler(request: Request) -> Any:
        request.response_headers["X-Count"] = "7"
        return value

    assert gateway(app, "GET", "/x").header("x-count") == "7"


def test_a_handler_that_fails_has_set_them_all_the_same(gateway: Gateway) -> None:
    app = App()

    @app.get("/x")
    def handler(request: Request) -> None:
        request.response_headers["Retry-After"] = "30"
        raise HttpError(429)

    answer = gateway(app, "GET", "/x")
    assert (answer.status, answer.header("retry-after"), answer.problem["title"]) == (429, "30", "Too Many Requests")


def test_a_declared_type_and_status_still_count(gateway: Gateway) -> None:
    app = App()
    app.middleware(labelled)

    @app.get("/x", status=203)
    def handler() -> list[int]:
        return ["1"]  # type: ignore[list-item] # a str, which the declared type makes an int

    answer = gateway(app, "GET", "/x")
    assert (answer.status, answer.header("x-before")) == (203, "1")


# --- Who counts ------------------------------------------------------------------------------------------------------


def test_a_replys_own_header_counts(gateway: Gateway) -> None:
    app = App()

    @app.get("/x")
    def handler(request: Request) -> Response:
        request.response_headers["Content-Type"] = "text/html"
        request.response_headers["X-Who"] = "request"
        request.response_headers["X-Other"] = "request"
        return Response("text", headers={"x-who": "reply"})

    answer = gateway(app, "GET", "/x")
    assert answer.headers["x-who"] == ["reply"]
    assert answer.headers["x-other"] == ["request"]
    assert answer.headers["content-type"] == ["text/plain; charset=utf-8"]


def test_an_errors_own_header_counts(gateway: Gateway) -> None:
    app = App()

    @app.get("/x")
    def handler(request: Request) -> None:
        request.response_headers["Retry-After"] = "1"
        raise HttpError(503, headers={"Retry-After": "9"})

    assert gateway(app, "GET", "/x").headers["retry-after"] == ["9"]


def test_they_count_before_what_the_app_says_of_all_replies(gateway: Gateway) -> None:
    app = App(security_headers=True, cors=Cors("*"))

    @app.get("/x")
    def handler(request: Request) -> str:
        request.response_headers[FRAME] = "SAMEORIGIN"
        request.response_headers["Access-Control-Allow-Origin"] = "https://a.example.com"
        return "text"

    answer = gateway(app, "GET", "/x")
    assert answer.headers[FRAME] == ["SAMEORIGIN"]
    assert answer.headers["access-control-allow-origin"] == ["https://a.example.com"]


def test_each_vary_counts(send: Gateway) -> None:
    app = App()

    @app.get("/x")
    def handler(request: Request) -> Response:
        request.response_headers["Vary"] = "accept-language"
        return Response("text", headers={"vary": "accept"})

    assert send(app, "GET", "/x").headers["vary"] == ["accept", "accept-language"]


def test_an_entity_tag_is_answered_with_304(send: Gateway) -> None:
    app = App()

    @app.get("/x", etag=True)
    def handler(request: Request) -> str:
        request.response_headers["ETag"] = '"1"'
        request.response_headers["X-Version"] = "1"
        return "text"

    answer = send(app, "GET", "/x", headers={"if-none-match": '"1"'})
    assert (answer.status, answer.header("etag"), answer.header("x-version")) == (304, '"1"', "1")


def test_a_response_that_is_returned_twice_keeps_none_of_them(send: Gateway) -> None:
    app, shared = App(), Response("text")
    app.middleware(labelled)
    app.get("/x")(lambda: shared)
    for _ in range(2):
        assert send(app, "GET", "/x").headers["x-before"] == ["1"]
    assert shared.headers == [("content-type", "text/plain; charset=utf-8")]


# --- Cookies ---------------------------------------------------------------------------------------------------------


def cooked() -> App:
    app = App()

    @app.middleware
    def session(call: Call) -> Iterator[None]:
        assert isinstance(call.record, Request)
        call.record.response_headers.set_cookie("a", "1", same_site="strict")
        try:
            yield
        finally:
            call.record.response_headers.add("Set-Cookie", "b=2")

    @app.get("/x")
    def handler() -> Response:
        return Response("text").set_cookie("c", "3")

    app.get("/plain")(lambda: "text")
    return app


def test_all_cookies_reach_the_client(gateway: Gateway) -> None:
    answer = gateway(cooked(), "GET", "/x")
    if gateway.one_cookie:
        assert answer.status == 500
        return
    told = ["a=1; Path=/; Secure; HttpOnly; SameSite=Strict", "b=2", "c=3; Path=/; Secure; HttpOnly; SameSite=Lax"]
    assert sorted(answer.headers["set-cookie"]) == told


@pytest.mark.parametrize(("path", "status"), [("/plain", 200), ("/nowhere", 404)])
def test_all_cookies_reach_the_client_with_any_reply(gateway: Gateway, path: str, status: int) -> None:
    answer = gateway(cooked(), "GET", path)
    if gateway.one_cookie:
        assert answer.status == 500
        return
    assert answer.status == status
    assert len(answer.headers["set-cookie"]) == 2


# --- Streams, repeats, other front ends ------------------------------------------------------------------------------


def test_a_stream_begins_with_them() -> None:
    streamed = TestClient(shop()).stream("GET", "/pieces")
    assert (streamed.headers["x-before"], streamed.headers["x-after"]) == ("1", "2")
    assert streamed.chunks == [b"a", b"b"]


def test_a_reply_that_is_sent_again_is_as_it_was(gateway: Gateway) -> None:
    app, number = App(store=MemoryStore()), iter(range(1, 9))

    @app.middleware
    def numbered(call: Call) -> Iterator[None]:
        assert isinstance(call.record, Request)
        count = next(number)
        yield
        call.record.response_headers["x-number"] = str(count)
        call.record.response_headers[f"x-number-{count}"] = "yes"
        call.record.response_headers.set_cookie("n", str(count))

    app.post("/x", once=True)(lambda: "text")
    first = gateway(app, "POST", "/x", headers={"idempotency-key": "k"})
    again = gateway(app, "POST", "/x", headers={"idempotency-key": "k"})
    assert first.header("x-number") == "1"
    assert again.headers == first.headers


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/dict", "/pieces", "/nowhere", "/broken"])
async def test_under_an_asgi_server_they_are_sent_too(path: str) -> None:
    transport = httpx.ASGITransport(asgi(shop()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://a.example.com") as client:
        reply = await client.get(path)
    assert (reply.headers["x-before"], reply.headers["x-after"]) == ("1", "2")


@pytest.mark.anyio
async def test_async_handlers_have_them() -> None:
    app = App()

    @app.get("/x")
    async def handler(request: Request) -> dict[str, int]:
        request.response_headers["X-Count"] = "7"
        return {}

    assert (await AsyncTestClient(app).get("/x")).headers["x-count"] == "7"


def test_where_no_reply_has_headers_they_go_nowhere() -> None:
    app = App()
    app.middleware(labelled)

    @app.authorizer()
    def anybody(request: Request) -> Allow:
        request.response_headers["x-guard"] = "1"
        return Allow("ada")

    app.get("/x", auth=anybody)(lambda: {"ok": True})

    @app.websocket("$default")
    def echo(request: WebSocketRequest) -> str:
        assert request.response_headers["x-before"] == "1"
        return "hello"

    @app.websocket("$connect")
    def connect() -> None: ...

    client = TestClient(app)
    assert client.authorize("GET", "/x", token="ada").allowed
    assert client.authorize("GET", "/x", kind="request_v1").allowed
    assert client.get("/x").headers["x-guard"] == "1"
    assert client.websocket("$connect").reply["statusCode"] == 200
    assert client.websocket("$default").reply == {"statusCode": 200, "body": "hello"}


# --- The mapping -----------------------------------------------------------------------------------------------------


def test_they_are_a_mapping_whatever_the_case_of_names() -> None:
    headers = ResponseHeaders()
    headers["X-One"] = "1"
    headers["x-one"] = "one"
    headers.add("X-One", "more")
    headers.update({"X-Two": "2"})
    assert headers.setdefault("X-TWO", "other") == "2"
    assert dict(headers) == {"x-one": "one", "x-two": "2"}
    assert headers.all("X-One") == ["one", "more"]
    del headers["X-ONE"]
    assert headers.pop("x-two") == "2"
    assert not headers
    with pytest.raises(KeyError):
        del headers["x-one"]


@pytest.mark.parametrize("name", ["content-length", "Transfer-Encoding"])
def test_what_depends_on_the_body_is_refused(name: str) -> None:
    headers = ResponseHeaders()
    with pytest.raises(ValueError, match=f"{name}' is the reply's own"):
        headers[name] = "3"
    with pytest.raises(ValueError, match=f"{name}' is the reply's own"):
        headers.add(name, "3")


@pytest.mark.parametrize(("name", "value"), [("x y", "1"), ("x", "1\r\ny: 2"), ("x", 5), ("", "1")])
def test_what_could_not_be_sent_is_refused_where_it_is_set(name: str, value: Any) -> None:
    headers = ResponseHeaders()
    with pytest.raises(ValueError, match="cannot be sent"):
        headers[name] = value
    with pytest.raises(ValueError, match="cannot be sent"):
        headers.add(name, value)
    assert not headers
