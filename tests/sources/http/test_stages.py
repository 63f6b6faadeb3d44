"""The stage of an API is no part of the path, whichever payload its event has."""

from __future__ import annotations

from typing import Any

import pytest

from lambdarouter import App, Request
from lambdarouter.testing.events import http


def app_of(*paths: str) -> App:
    app = App()
    for path in paths:
        app.get(path)(answer(path))
    return app


def answer(route: str) -> Any:
    def handler(request: Request) -> dict[str, str]:
        return {"route": route, "path": request.path}

    return handler


@pytest.mark.parametrize("domain", ["a1b2c3d4e5", "api"], ids=["own domain", "custom domain"])
@pytest.mark.parametrize(
    ("stage", "raw_path", "handler"),
    [
        ("prod", "/prod/orders", "/orders"),
        ("prod", "/prod", "/"),
        ("prod", "/prod/", "/"),
        ("prod", "/prod/prod/orders", None),
        ("prod", "/production/orders", None),
        ("prod", "/orders", "/orders"),
        ("$default", "/orders", "/orders"),
        ("$default", "/$default/orders", None),
        ("", "//orders", None),
    ],
)
def test_payload_2_puts_a_named_stage_in_front_of_the_path_whatever_the_domain(
    stage: str, raw_path: str, handler: str | None, domain: str
) -> None:
    event = http.v2("GET", "/orders")
    event["rawPath"] = raw_path
    event["requestContext"] |= {"stage": stage, "domainPrefix": domain}
    reply = app_of("/", "/orders")(event)
    assert reply["statusCode"] == (404 if handler is None else 200)
    assert handler is None or f'"{handler}"' in reply["body"]


def payload_1(path: str, **context: Any) -> dict[str, Any]:
    event = http.rest("GET", "/orders") | {"version": "1.0", "path": path}
    event["requestContext"] |= {"stage": "dev", "path": path} | context
    return event


@pytest.mark.parametrize(
    ("path", "context", "status"),
    [
        ("/dev/orders", {}, 200),
        ("/dev/dev/orders", {}, 404),
        ("/development/orders", {}, 404),
        ("/orders", {"stage": "$default"}, 200),
        ("/$default/orders", {"stage": "$default"}, 404),
        # Behind a custom domain, the path is the URL's, where an API mapping may stand and no stage does.
        ("/orders", {"domainPrefix": "api"}, 200),
        ("/dev/orders", {"domainPrefix": "api"}, 200),  # "dev" is the base path of the mapping
        ("/dev/orders", {"domainPrefix": None, "apiId": None}, 404),
        ("/dev/orders", {"domainPrefix": "", "apiId": ""}, 404),
    ],
)
def test_payload_1_of_an_http_api_has_a_named_stage_in_its_path_on_the_apis_own_domain(
    path: str, context: dict[str, Any], status: int
) -> None:
    assert app_of("/orders")(payload_1(path, **context))["statusCode"] == status


def test_the_stage_of_payload_1_is_taken_off_before_the_path_is_decoded() -> None:
    reply = app_of("/a/{b}")(payload_1("/dev/a/x%2Fy"))
    assert '"path":"/a/x%2Fy"' in reply["body"]


@pytest.mark.parametrize("path", ["/dev/a/x%20%C3%BC%3F", "/dev/a/x \u00fc?"])
def test_the_path_of_payload_1_is_the_same_whether_the_gateway_has_decoded_it_or_not(path: str) -> None:
    app = App()
    app.get("/a/{b}")(lambda b: b)
    assert app(payload_1(path))["body"] == "x \u00fc?"


def test_the_stage_of_a_rest_api_is_not_in_its_path() -> None:
    assert app_of("/orders")(http.rest("GET", "/orders", stage="orders"))["statusCode"] == 200
    assert app_of("/orders")(http.rest("GET", "/dev/orders", stage="dev"))["statusCode"] == 404
