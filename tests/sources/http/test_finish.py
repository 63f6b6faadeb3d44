"""The last touches: HEAD, statuses without a body, entity tags, security headers, and the response classes."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

from collections.abc import Iterator
from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, JsonResponse, NotFound, RedirectResponse, Response
from lambdarouter.testing import TestClient
from tests.sources.http.conftest import Answer, Gateway


def ask(send: Gateway, value: Any, method: str = "GET", app: App | None = None, **options: Any) -> Answer:
    app = App() if app is None else app
    request = {name: options.pop(name) for name in ("headers",) if name in options}
    app.get("/x", **options)(lambda: value() if callable(value) else value)
    return send(app, method, "/x", **request)


# --- HEAD and statuses without a body --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "length"),
    [("ä", "2"), (b"abc", "3"), ({"a": 1}, "7"), (Response("x", headers={"content-length": "9"}), "9")],
)
def test_head_is_get_without_the_body_and_with_its_length(gateway: Gateway, value: Any, length: str) -> None:
    get, head = ask(gateway, value), ask(gateway, value, "HEAD")
    assert (head.status, head.body, head.raw["isBase64Encoded"]) == (200, b"", False)
    assert head.header("content-length") == length
    assert head.header("content-type") == get.header("content-type")


def test_the_head_of_an_error_has_no_body_either(gateway: Gateway) -> None:
    answer = gateway(App(), "HEAD", "/nowhere")
    assert (answer.status, answer.body) == (404, b"")
    assert answer.header("content-type") == "application/problem+json"


def test_the_head_of_a_stream_does_not_run_it_to_its_end() -> None:
    app, ran = App(), []

    @app.get("/x")
    def pieces() -> Iterator[str]:
        try:
            yield "a"
            ran.append("on")
        finally:
            ran.append("closed")

    reply = TestClient(app).head("/x").unwrap()
    assert (reply["statusCode"], reply["body"]) == (200, "")
    assert ran == ["closed"]


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_without_a_body_has_none(gateway: Gateway, status: int) -> None:
    for value in (Response("text", status), {"a": 1}):
        answer = ask(gateway, value, status=status)
        assert (answer.status, answer.body, answer.raw["isBase64Encoded"]) == (status, b"", False)
        assert (answer.header("content-type") is None) is (status != 304)


def test_a_stream_with_a_status_without_a_body_is_not_sent() -> None:
    app, ran = App(), []

    @app.get("/x", status=204)
    def pieces() -> Iterator[str]:
        try:
            yield "a"
        finally:
            ran.append("closed")

    streamed = TestClient(app).stream("GET", "/x")
    assert streamed.chunks == []
    assert streamed.completion.unwrap()["body"] == ""
    assert ran == ["closed"]


# --- Entity tags -----------------------------------------------------------------------------------------------------


def test_a_tag_spares_a_client_what_it_has(gateway: Gateway) -> None:
    first = ask(gateway, {"a": 1}, etag=True)
    tag = str(first.header("etag"))
    assert (first.status, tag[0]) == (200, '"')
    again = ask(gateway, {"a": 1}, etag=True, headers={"if-none-match": f'"x", W/{tag}'})
    assert (again.status, again.body, again.header("etag")) == (304, b"", tag)
    assert ask(gateway, {"a": 2}, etag=True, headers={"if-none-match": tag}).status == 200
    assert ask(gateway, {"a": 1}, headers={"if-none-match": tag}).status == 200


def test_a_handlers_own_tag_counts(send: Gateway) -> None:
    response = Response("x", headers={"etag": 'W/"v1"'})
    assert ask(send, response, etag=True, headers={"if-none-match": '"v1"'}).status == 304
    assert ask(send, response, etag=True, headers={"if-match": '"v2"'}).status == 412


@pytest.mark.parametrize("value", [Response("x", 404), Response("x", 201), NotFound()], ids=repr)
def test_only_a_plain_reply_to_a_read_has_a_tag(send: Gateway, value: Any) -> None:
    def answer() -> Any:
        if isinstance(value, Exception):
            raise value
        return value

    assert ask(send, answer, etag=True).header("etag") is None
    app = App()
    app.post("/x", etag=True)(lambda: "x")
    assert send(app, "POST", "/x").header("etag") is None


@pytest.mark.parametrize("option", ["etag", "public"])
def test_a_routes_switches_are_true_or_false(option: str) -> None:
    with pytest.raises(ConfigurationError, match=option):
        App().get("/x", **{option: "yes"})(lambda: None)  # type: ignore[arg-type]


# --- Security headers ------------------------------------------------------------------------------------------------


def test_security_headers_go_with_every_reply(gateway: Gateway) -> None:
    for path in ("/x", "/nowhere"):
        app = App(security_headers=True)
        app.get("/x")(lambda: "x")
        answer = gateway(app, "GET", path)
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("strict-transport-security") == "max-age=31536000"
        assert answer.header("x-frame-options") == "DENY"
        assert answer.header("content-security-policy") == "frame-ancestors 'none'"
        assert answer.header("referrer-policy") == "no-referrer"


def test_a_reply_and_the_app_may_say_otherwise(send: Gateway) -> None:
    app = App(security_headers={"X-Frame-Options": "SAMEORIGIN", "referrer-policy": "", "x-own": "1"})
    answer = ask(send, Response("x", headers={"Content-Security-Policy": "default-src 'self'"}), app=app)
    assert answer.header("content-security-policy") == "default-src 'self'"
    assert answer.header("x-frame-options") == "SAMEORIGIN"
    assert answer.header("referrer-policy") is None
    assert answer.header("x-own") == "1"


@pytest.mark.parametrize("value", ["yes", {"x y": "1"}, {"x": "a\nb"}, {"x": 1}, None])
def test_security_headers_that_cannot_be_sent_are_refused(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="security_headers"):
        App(security_headers=value)


def test_a_response_that_is_returned_again_is_as_it_was(send: Gateway) -> None:
    response = Response("x")
    app = App(security_headers=True)
    first = ask(send, response, app=app)
    assert send(app, "GET", "/x").headers == first.headers
    assert response.headers == [("content-type", "text/plain; charset=utf-8")]
    assert ask(send, {"a": 1}).headers == {"content-type": ["application/json"]}


# --- Response classes ------------------------------------------------------------------------------------------------


def test_data_may_have_a_status_and_headers_of_its_own(gateway: Gateway) -> None:
    answer = ask(gateway, JsonResponse({"id": 17}, 201, {"Location": "/orders/17"}, ["a=1"]))
    assert (answer.status, answer.json, answer.header("location")) == (201, {"id": 17}, "/orders/17")
    assert answer.header("content-type") == "application/json"
    assert answer.headers["set-cookie"] == ["a=1"]
    hal = ask(gateway, JsonResponse({}, headers={"content-type": "application/hal+json"}))
    assert hal.header("content-type") == "application/hal+json"


@pytest.mark.parametrize(
    ("location", "sent"),
    [
        ("/orders/17?a=b&c=%20#x", "/orders/17?a=b&c=%20#x"),
        ("https://example.com/ä b", "https://example.com/%C3%A4%20b"),
        ("../x", "../x"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_has_a_location_that_clients_read(gateway: Gateway, location: str, sent: str, status: Any) -> None:
    answer = ask(gateway, RedirectResponse(location, status))
    assert (answer.status, answer.header("location"), answer.body) == (status, sent, b"")


def test_a_redirect_that_is_none_is_refused() -> None:
    assert RedirectResponse("/").status == 307
    with pytest.raises(ValueError, match="301, 302, 303, 307 or 308"):
        RedirectResponse("/", 200)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="location"):
        RedirectResponse("/\r\nx-other: 1")


@pytest.mark.parametrize(
    ("body", "media"),
    [("x", "text/plain; charset=utf-8"), (b"x", "application/octet-stream"), (None, None)],
)
def test_a_response_has_the_content_type_of_its_body_unless_it_says_otherwise(
    gateway: Gateway, body: Any, media: str | None
) -> None:
    assert ask(gateway, Response(body, 200)).header("content-type") == media
    html = Response(body, 200, {"content-type": "a/b"}, content_type="text/html")
    assert ask(gateway, html).header("content-type") == "text/html"


@pytest.mark.parametrize(
    ("value", "status", "body"),
    [
        (({"a": 1}, 201), 201, b'{"a":1}'),
        (("gone", 410), 410, b"gone"),
        ((None, 202), 202, b""),
        ((b"x", 203), 203, b"x"),
        (([1], 299), 299, b"[1]"),
        ((1, 200), 200, b"[1,200]"),
        (({"a": 1}, 1000), 200, b'[{"a":1},1000]'),
        (({"a": 1}, True), 200, b'[{"a":1},true]'),
        (({"a": 1}, 201, "x"), 200, b'[{"a":1},201,"x"]'),
    ],
    ids=repr,
)
def test_a_pair_of_body_and_status_is_what_many_know_it_as(
    gateway: Gateway, value: Any, status: int, body: bytes
) -> None:
    answer = ask(gateway, value)
    assert (answer.status, answer.body) == (status, body)


def test_a_declared_tuple_is_an_array_as_declared(send: Gateway) -> None:
    app = App()

    @app.get("/x")
    def pair() -> tuple[str, int]:
        return "a", 201

    answer = send(app, "GET", "/x")
    assert (answer.status, answer.json) == (200, ["a", 201])
