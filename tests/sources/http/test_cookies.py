"""Cookies that a reply sets: their attributes, and what browsers would drop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lambdarouter import App, JsonResponse, RedirectResponse, Response
from lambdarouter.testing.events import http
from tests.sources.http.conftest import Gateway


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, "sid=1; Path=/; Secure; HttpOnly; SameSite=Lax"),
        ({"max_age": 60, "path": "/x"}, "sid=1; Path=/x; Max-Age=60; Secure; HttpOnly; SameSite=Lax"),
        (
            {"domain": "example.com", "same_site": "none", "http_only": False},
            "sid=1; Path=/; Domain=example.com; Secure; SameSite=None",
        ),
        ({"secure": False, "same_site": "strict"}, "sid=1; Path=/; HttpOnly; SameSite=Strict"),
        ({"partitioned": True}, "sid=1; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned"),
        (
            {"expires": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)},
            "sid=1; Path=/; Expires=Fri, 02 Jan 2026 03:04:05 GMT; Secure; HttpOnly; SameSite=Lax",
        ),
        (
            {"expires": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))},
            "sid=1; Path=/; Expires=Fri, 02 Jan 2026 01:04:05 GMT; Secure; HttpOnly; SameSite=Lax",
        ),
    ],
    ids=str,
)
def test_a_cookie_is_written_with_its_attributes(gateway: Gateway, attributes: Any, said: str) -> None:
    app = App()
    app.get("/x")(lambda: Response("x").set_cookie("sid", "1", **attributes))
    assert gateway(app, "GET", "/x").headers["set-cookie"] == [said]


def test_cookies_add_up_on_every_kind_of_response(send: Gateway) -> None:
    app = App()
    app.get("/json")(lambda: JsonResponse({}).set_cookie("a", "1").set_cookie("b", "2"))
    app.get("/redirect")(lambda: RedirectResponse("/", cookies=["c=3"]).delete_cookie("d"))
    assert [cookie[:3] for cookie in send(app, "GET", "/json").headers["set-cookie"]] == ["a=1", "b=2"]
    assert send(app, "GET", "/redirect").headers["set-cookie"] == [
        "c=3",
        "d=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
    ]


@pytest.mark.parametrize(
    ("name", "value", "attributes", "why"),
    [
        ("a b", "1", {}, "header"),
        ("", "1", {}, "header"),
        ("a=b", "1", {}, "header"),
        ("sid", "a b", {}, "encode it"),
        ("sid", 'a"b', {}, "encode it"),
        ("sid", "a;b", {}, "encode it"),
        ("sid", "a,b", {}, "encode it"),
        ("sid", "ä", {}, "encode it"),
        ("sid", "a\r\nSet-Cookie: b=1", {}, "header"),
        ("sid", "x" * 5000, {}, "4096"),
        ("sid", "1", {"same_site": "none", "secure": False}, "secure=True"),
        ("sid", "1", {"partitioned": True, "secure": False}, "secure=True"),
        ("sid", "1", {"same_site": "sometimes"}, "strict, lax, none"),
        ("sid", "1", {"same_site": None}, "strict, lax, none"),
        ("sid", "1", {"path": "/;x"}, "semicolon"),
        ("sid", "1", {"domain": "a\nb"}, "one line"),
        ("sid", "1", {"expires": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 - the mistake meant
        ("__Host-sid", "1", {"path": "/x"}, 'path="/"'),
        ("__Host-sid", "1", {"domain": "example.com"}, "no domain"),
        ("__host-sid", "1", {"secure": False}, "secure=True"),
        ("__Secure-sid", "1", {"secure": False}, "secure=True"),
    ],
    ids=str,
)
def test_a_cookie_that_a_browser_would_drop_is_refused(name: str, value: str, attributes: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Response("x").set_cookie(name, value, **attributes)


def test_a_cookie_among_the_headers_goes_where_an_http_api_has_cookies() -> None:
    app = App()
    app.get("/x")(lambda: Response("", headers={"set-cookie": "a=1"}))
    reply = app.complete(http.v2("GET", "/x")).reply
    assert (reply["cookies"], list(reply["headers"])) == (["a=1"], ["content-type"])
