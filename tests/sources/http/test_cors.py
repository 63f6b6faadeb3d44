"""CORS: preflights, and the headers of every reply."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import re
from collections.abc import Iterator
from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, Cors, Deny, HttpError, Response, Router
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import http
from tests.sources.http.conftest import Answer, Gateway

SHOP, EVIL = "https://shop.example.com", "https://evil.example.org"


def shop(cors: Cors | None = None, **options: Any) -> App:
    """An app with some routes, whose handlers must not run for a preflight."""
    app = App(cors=cors, **options)

    @app.get("/orders")
    def read() -> str:
        return "orders"

    @app.post("/orders")
    def create() -> str:
        raise HttpError(409)

    @app.delete("/orders/{order_id}")
    def delete(order_id: int) -> str:
        raise RuntimeError

    return app


def preflight(
    send: Gateway, app: App, path: str = "/orders", origin: str | None = SHOP, method: str | None = "POST", **more: str
) -> Answer:
    headers = {"origin": origin, "access-control-request-method": method, **more}
    return send(app, "OPTIONS", path, headers={name: value for name, value in headers.items() if value is not None})


def allowed(answer: Answer, name: str = "origin") -> str | None:
    return answer.header(f"access-control-allow-{name}")


# --- Preflights ------------------------------------------------------------------------------------------------------


def test_a_preflight_is_answered_without_the_handler(gateway: Gateway) -> None:
    answer = preflight(gateway, shop(Cors(SHOP)), "/orders", **{"access-control-request-headers": "x-a, content-type"})
    assert (answer.status, answer.body) == (204, b"")
    assert allowed(answer) == SHOP
    assert allowed(answer, "methods") == "GET, HEAD, POST"
    assert allowed(answer, "headers") == "x-a, content-type"
    assert answer.header("access-control-max-age") == "600"
    assert answer.header("vary") == "origin, access-control-request-headers"
    assert allowed(answer, "credentials") is None


def test_a_preflight_for_any_origin_is_the_same_for_all(gateway: Gateway) -> None:
    answer = preflight(gateway, shop(Cors("*", headers=["x-a"], max_age=60, methods=["GET", "PUT"])))
    assert answer.headers == {
        "access-control-allow-origin": ["*"],
        "access-control-allow-methods": ["GET, PUT"],
        "access-control-allow-headers": ["x-a"],
        "access-control-max-age": ["60"],
    }


def test_a_preflight_is_told_of_its_own_paths_methods_whatever_was_asked_before(gateway: Gateway) -> None:
    app = App(cors=Cors(SHOP))

    @app.get("/orders/{order_id}")
    def read(order_id: str) -> str:
        raise RuntimeError

    @app.post("/orders/search")
    def search() -> str:
        raise RuntimeError

    for _ in range(2):
        for path, methods in (("/orders/search", "GET, HEAD, POST"), ("/orders/1", "GET, HEAD")):
            answer = preflight(gateway, app, path, method="GET")
            assert allowed(answer, "methods") == methods


def test_a_preflight_for_a_path_with_parameters_is_answered(gateway: Gateway) -> None:
    answer = preflight(gateway, shop(Cors(SHOP, credentials=True)), "/orders/17", method="DELETE")
    assert (answer.status, allowed(answer, "methods"), allowed(answer, "credentials")) == (204, "DELETE", "true")
    # What does not fit the parameter is for the request itself to find out.
    assert preflight(gateway, shop(Cors(SHOP)), "/orders/x", method="DELETE").status == 204


def test_a_preflight_of_another_origin_is_refused(gateway: Gateway) -> None:
    answer = preflight(gateway, shop(Cors(SHOP)), origin=EVIL)
    assert (answer.status, allowed(answer), answer.header("vary")) == (403, None, "origin")


def test_a_preflight_for_a_method_that_there_is_not_tells_those_that_there_are(send: Gateway) -> None:
    answer = preflight(send, shop(Cors(SHOP)), method="PATCH")
    assert (answer.status, allowed(answer, "methods")) == (204, "GET, HEAD, POST")


def test_a_preflight_for_a_path_that_there_is_not_lets_the_page_read_its_404(send: Gateway) -> None:
    app = shop(Cors(SHOP))
    assert preflight(send, app, "/nowhere", method="PUT").status == 204
    answer = send(app, "PUT", "/nowhere", headers={"origin": SHOP})
    assert (answer.status, allowed(answer)) == (404, SHOP)


def test_a_route_that_is_added_later_is_among_the_methods(send: Gateway) -> None:
    app = shop(Cors(SHOP))
    assert allowed(preflight(send, app), "methods") == "GET, HEAD, POST"
    assert allowed(preflight(send, app), "methods") == "GET, HEAD, POST"
    app.put("/orders")(lambda: None)
    assert allowed(preflight(send, app), "methods") == "GET, HEAD, POST, PUT"


@pytest.mark.parametrize(("origin", "method"), [(None, "POST"), (SHOP, None), (None, None)])
def test_options_that_are_no_preflight_go_their_way(send: Gateway, origin: Any, method: Any) -> None:
    answer = preflight(send, shop(Cors(SHOP)), origin=origin, method=method)
    assert answer.status == 204
    assert answer.header("allow") == "GET, HEAD, OPTIONS, POST"
    assert allowed(answer, "methods") is None


def test_without_cors_a_preflight_is_a_request_like_any_other(send: Gateway) -> None:
    app = App()
    app.options("/orders")(lambda: "mine")
    assert preflight(send, app).body == b"mine"
    assert preflight(send, App()).status == 404


def test_requested_headers_that_could_not_be_sent_are_not_repeated(send: Gateway) -> None:
    answer = preflight(send, shop(Cors(SHOP)), **{"access-control-request-headers": "x-a\r\nset-cookie: a=1"})
    assert (answer.status, allowed(answer, "headers")) == (204, None)


@pytest.mark.parametrize("method", ["PUT\r\nset-cookie: a=1", "PÜT", "P\0T"])
def test_a_requested_method_that_could_not_be_sent_is_not_repeated(send: Gateway, method: str) -> None:
    answer = preflight(send, shop(Cors(SHOP)), "/nowhere", method=method)
    assert (answer.status, allowed(answer, "methods")) == (204, "")


@pytest.mark.parametrize("anyone", [re.compile(r"[^~]*"), lambda origin: True], ids=["expression", "function"])
@pytest.mark.parametrize("origin", [f"{SHOP}\r\nset-cookie: a=1", "https://sh\u00f6p.example.com", "https://\0"])
def test_an_origin_that_could_not_be_sent_is_not_repeated_whatever_is_allowed(
    send: Gateway, anyone: Any, origin: str
) -> None:
    app = shop(Cors(anyone, credentials=True))
    answer = send(app, "GET", "/orders", headers={"origin": origin})
    assert (answer.status, allowed(answer)) == (200, None)
    assert preflight(send, app, origin=origin).status == 403
    assert allowed(send(app, "GET", "/orders", headers={"origin": SHOP})) == SHOP


def test_a_preflight_needs_no_guard_and_runs_no_dependency(send: Gateway) -> None:
    def nobody() -> Deny:
        raise AssertionError

    app = App(cors=Cors(SHOP), auth=nobody)
    app.post("/orders")(lambda: None)
    assert preflight(send, app).status == 204


def test_middleware_sees_preflights_without_a_route(send: Gateway) -> None:
    app = shop(Cors(SHOP))
    seen: list[Any] = []

    @app.middleware
    def layer(call: Any) -> Iterator[None]:
        yield
        seen.append((call.route, call.reply.status))

    answer = preflight(send, app)
    assert (answer.status, answer.headers["access-control-allow-origin"], seen) == (204, [SHOP], [(None, 204)])


# --- Replies ---------------------------------------------------------------------------------------------------------


def test_every_reply_tells_who_may_read_it(gateway: Gateway) -> None:
    app = shop(Cors(SHOP, credentials=True, expose=["x-total", "etag"]))
    for method, path, status in (
        ("GET", "/orders", 200),
        ("HEAD", "/orders", 200),
        ("POST", "/orders", 409),
        ("PUT", "/orders", 405),
        ("GET", "/nowhere", 404),
        ("DELETE", "/orders/x", 422),
        ("DELETE", "/orders/1", 500),
    ):
        answer = gateway(app, method, path, headers={"Origin": SHOP})
        assert (answer.status, allowed(answer), allowed(answer, "credentials")) == (status, SHOP, "true")
        assert answer.header("access-control-expose-headers") == "x-total, etag"
        assert answer.header("vary") == "origin"


@pytest.mark.parametrize("origin", [None, EVIL, "null", ""])
def test_a_reply_to_others_does_not_and_still_varies(gateway: Gateway, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    answer = gateway(shop(Cors([SHOP, "https://other.example.com"])), "GET", "/orders", headers=headers)
    assert (answer.status, allowed(answer), answer.header("vary")) == (200, None, "origin")


def test_a_reply_for_any_origin_does_not_vary(gateway: Gateway) -> None:
    answer = gateway(shop(Cors("*")), "GET", "/orders")
    assert (allowed(answer), answer.header("vary")) == ("*", None)


def test_a_streamed_reply_tells_it_too() -> None:
    app = App(cors=Cors(SHOP))

    @app.get("/x")
    def pieces() -> Iterator[str]:
        yield "a"

    streamed = TestClient(app).stream("GET", "/x", headers={"origin": SHOP})
    assert streamed.head is not None
    assert streamed.head["headers"]["access-control-allow-origin"] == SHOP


def test_what_an_exception_handler_returns_tells_it_too(send: Gateway) -> None:
    app = shop(Cors(SHOP))
    app.exception_handler(409)(lambda: Response("no", 409))
    answer = send(app, "POST", "/orders", headers={"origin": SHOP})
    assert (answer.body, allowed(answer)) == (b"no", SHOP)


def test_what_a_handler_says_itself_counts(send: Gateway) -> None:
    app = App(cors=Cors(SHOP))
    app.get("/x")(lambda: Response("x", headers={"access-control-allow-origin": "*"}))
    assert allowed(send(app, "GET", "/x", headers={"origin": SHOP})) == "*"


def test_other_vary_headers_stay(send: Gateway) -> None:
    app = App(cors=Cors(SHOP))
    app.get("/x")(lambda: Response("x", headers={"vary": "accept"}))
    assert send(app, "GET", "/x", headers={"origin": SHOP}).header("vary") in ("accept, origin", "accept,origin")


@pytest.mark.parametrize("path", ["/orders", "/nowhere"])
def test_a_function_of_origins_that_fails_is_a_500_and_logged(
    send: Gateway, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def fails(origin: str) -> bool:
        raise ZeroDivisionError

    app = shop(Cors(fails))
    assert send(app, "GET", path, headers={"origin": SHOP}).status == 500
    assert "ZeroDivisionError" in capfd.readouterr().err
    assert preflight(send, app, path).status == 500
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_function_of_origins_that_fails_is_logged_in_every_event(capfd: pytest.CaptureFixture[str]) -> None:
    app = shop(Cors(lambda origin: 1 // 0 == 1))
    for _ in range(3):
        assert app(http.v2("GET", "/nowhere", headers={"origin": SHOP}))["statusCode"] == 500
        assert "ZeroDivisionError" in capfd.readouterr().err


# --- Whose CORS ------------------------------------------------------------------------------------------------------


def test_the_nearest_says_it_route_router_app(send: Gateway) -> None:
    app, outer, inner = App(cors=Cors("https://app.example.com")), Router(prefix="/o"), Router(prefix="/i")
    outer = Router(prefix="/o", cors=Cors("https://outer.example.com"))
    for router in (app, outer, inner):
        router.get("/x")(lambda: "x")
        router.get("/own", cors=Cors("https://own.example.com"))(lambda: "x")
        router.sns("topic")(lambda: None)
    outer.include(inner)
    app.include(outer)
    for path, name in (
        ("/x", "app"),
        ("/o/x", "outer"),
        ("/o/i/x", "outer"),
        ("/own", "own"),
        ("/o/own", "own"),
        ("/o/i/own", "own"),
    ):
        origin = f"https://{name}.example.com"
        assert allowed(send(app, "GET", path, headers={"origin": origin})) == origin
        assert preflight(send, app, path, origin=origin, method="GET").status == 204
        assert preflight(send, app, path, origin=EVIL, method="GET").status == 403
        # A 405 is the path's.
        assert allowed(send(app, "PUT", path, headers={"origin": origin})) == origin
        assert preflight(send, app, path, origin=origin, method="PUT").status == 204


def test_a_route_without_cors_in_an_app_without_it_is_not_answered_for(send: Gateway) -> None:
    app = App()
    app.get("/open", cors=Cors("*"))(lambda: "x")
    app.get("/closed")(lambda: "x")
    assert preflight(send, app, "/open", method="GET").status == 204
    assert preflight(send, app, "/closed", method="GET").header("access-control-allow-origin") is None
    assert allowed(send(app, "GET", "/closed", headers={"origin": SHOP})) is None
    assert send(app, "PUT", "/closed", headers={"origin": SHOP}).status == 405


# --- Origins ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origins", "yes", "no"),
    [
        (SHOP, [SHOP], ["http://shop.example.com", SHOP + ":8443", SHOP + "/", SHOP.upper(), "null", EVIL]),
        ([SHOP, "null"], [SHOP, "null"], [EVIL]),
        (
            "https://*.example.com",
            ["https://a.example.com", "https://a.b.example.com"],
            [
                "https://example.com",
                "https://.example.com/",
                "https://evil.org/.example.com",
                "https://evil.org:1.example.com",
                "https://evil.org#.example.com",
                "https://evil.org\\.example.com",
                "https://a.example.com.evil.org",
                "http://a.example.com",
                "https://.example.com"[:20],
            ],
        ),
        ("https://app-*.example.com:8443", ["https://app-1.example.com:8443"], ["https://app-1.example.com"]),
        (
            re.compile(r"https://pr-\d+\.example\.com"),
            ["https://pr-17.example.com"],
            ["https://pr-x.example.com", "https://pr-17.example.com.evil.org", "xhttps://pr-17.example.com"],
        ),
        (lambda origin: origin.endswith(".test"), ["https://a.test"], [SHOP]),
        (
            [SHOP, re.compile(r"https://b"), lambda origin: origin == "https://c"],
            [SHOP, "https://b", "https://c"],
            [EVIL],
        ),
        ("*", [SHOP, EVIL, "null"], []),
        ({SHOP}, [SHOP], [EVIL]),
    ],
    ids=str,
)
def test_origins_are_told_by_list_pattern_or_function(origins: Any, yes: list[str], no: list[str]) -> None:
    cors = Cors(origins)
    assert [origin for origin in yes if not cors.allows(origin)] == []
    assert [origin for origin in no if cors.allows(origin)] == []


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"origins": []}, "origins"),
        ({"origins": ["*", SHOP]}, "alone"),
        ({"origins": "*", "credentials": True}, "Name origins"),
        ({"origins": [SHOP, "null"], "credentials": True}, "any page"),
        ({"origins": "shop.example.com"}, "no origin"),
        ({"origins": "https://shop.example.com/"}, "no origin"),
        ({"origins": "https://Shop.example.com"}, "no origin"),
        ({"origins": "https://"}, "no origin"),
        ({"origins": "*.example.com"}, "no origin"),
        ({"origins": "https://*.*.example.com"}, "one"),
        ({"origins": 5}, "no origin"),
        ({"origins": SHOP, "headers": "x-a"}, "headers"),
        ({"origins": SHOP, "headers": ["x a"]}, "headers"),
        ({"origins": SHOP, "expose": [1]}, "expose"),
        ({"origins": SHOP, "methods": "GET"}, "methods"),
        ({"origins": SHOP, "max_age": -1}, "max_age"),
        ({"origins": SHOP, "max_age": "600"}, "max_age"),
    ],
    ids=str,
)
def test_what_no_browser_would_send_or_take_is_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        Cors(**options)


@pytest.mark.parametrize("value", [SHOP, ["*"], True])
def test_cors_is_a_cors(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="it is a Cors"):
        App(cors=value)
    with pytest.raises(ConfigurationError, match="it is a Cors"):
        Router(cors=value)
    with pytest.raises(ConfigurationError, match="it is a Cors"):
        App().get("/x", cors=value)(lambda: None)


def test_a_cors_tells_its_origins() -> None:
    assert repr(Cors("*")) == "Cors('*')"
    assert repr(Cors(SHOP)) == f"Cors({SHOP!r})"
