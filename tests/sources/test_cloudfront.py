"""The cloudfront room."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from lambdarouter import App, CloudFrontEvent, ConfigurationError, InvalidEventError, NoRouteError
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import cloudfront


def reply(app: App, event: Any) -> Any:
    before = copy.deepcopy(event)
    sent = TestClient(app).invoke(event).unwrap()
    assert event == before
    return sent


def test_a_request_goes_on_as_the_handler_left_it_and_the_event_stays() -> None:
    app = App()

    @app.cloudfront(["viewer-request", "origin-request"], distribution="EDFDVBD6EXAMPLE")
    def rewrite(event: CloudFrontEvent) -> None:
        assert (event.method, event.uri, event.querystring, event.client_ip) == ("GET", "/A", "b=1", "203.0.113.178")
        assert (event.header("Host"), event.header("Cookie")) == (event.domain, None)
        assert event.id == event.request_id
        event.request["uri"] = event.uri.lower()

    assert reply(app, cloudfront("origin-request", "/A", querystring="b=1"))["uri"] == "/a"
    with pytest.raises(NoRouteError, match="the viewer-response event of the distribution 'EDFDVBD6EXAMPLE'"):
        reply(app, cloudfront("viewer-response"))


def test_a_response_goes_on_as_the_handler_left_it() -> None:
    app = App()

    @app.cloudfront("origin-response")
    def secure(event: CloudFrontEvent) -> None:
        event.response["status"] = "503"

    assert reply(app, cloudfront("origin-response"))["status"] == "503"
    untyped = cloudfront("origin-response")
    del untyped["Records"][0]["cf"]["config"]["eventType"]
    assert reply(app, untyped)["status"] == "503"


@pytest.mark.parametrize(("event_type", "limit"), [("viewer-request", 40 * 1024), ("origin-request", 1024 * 1024)])
def test_a_response_has_a_limit(event_type: Any, limit: int) -> None:
    app, size = App(), [limit - 7]

    @app.cloudfront(event_type)
    def answer() -> Any:
        return {"status": "200", "headers": {"a": [{"value": "bcd"}, {"value": "e"}], "f": None}, "body": "x" * size[0]}

    assert len(reply(app, cloudfront(event_type))["body"]) == limit - 7
    size[0] += 2
    with pytest.raises(ValueError, match=f"the response has {limit + 1} bytes; .* has {limit} at most"):
        reply(app, cloudfront(event_type))


def test_anything_else_is_the_handlers_failure() -> None:
    app = App()
    app.cloudfront()(lambda: "gone")
    with pytest.raises(TypeError, match="the handler returned a string; it returns a request, a response, or None"):
        reply(app, cloudfront("viewer-request"))
    with pytest.raises(ConfigurationError, match="it is one of viewer-request"):
        App().cloudfront("viewer")(lambda: None)  # type: ignore[arg-type]


def test_headers_of_another_form_are_none() -> None:
    forms: list[Any] = [None, {"host": []}, {"host": [None]}, {"host": [{"value": 5}]}]
    for headers in forms:
        assert CloudFrontEvent({"cf": {"request": {"headers": headers}}}).header("Host") is None


def test_a_request_that_is_none_is_the_events_fault() -> None:
    with pytest.raises(InvalidEventError, match=r"cf\.request is a string"):
        _ = CloudFrontEvent({"cf": {"request": "GET /"}}).request
