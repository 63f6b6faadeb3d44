from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter import (
    App,
    Completion,
    Request,
)
from lambdarouter.testing.events import authorizer, http

FIXTURES = sorted((Path(__file__).parents[3] / "fixtures").glob("authorizer.*/*.json"))
ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod"

EVENTS: dict[str, Callable[[str, str, str], Any]] = {
    "token": authorizer.token,
    "v1": lambda method, path, token: authorizer.request_v1(method, path, headers={"Authorization": token}),
    "v2": lambda method, path, token: authorizer.request_v2(method, path, headers={"Authorization": token}),
    "websocket": lambda method, path, token: authorizer.websocket(headers={"Authorization": token}),
}


# An authorizer event never reaches a route


def greedy() -> tuple[App, list[str]]:
    """An app that answers every path it can, and has no authorizer of its own to stop at."""
    app, ran = App(), list[str]()

    def handler(request: Request) -> str:
        ran.append(request.path)
        return "in"

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    for depth in range(7):
        path = "/" + "/".join(f"{{p{number}}}" for number in range(depth))
        app.route(path, methods=methods)(handler)
    app.route("/{rest:path}", methods=methods)(handler)
    for key in ("$connect", "$disconnect", "$default"):
        app.websocket(key)(lambda: ran.append("websocket"))
    app.cron("* * * * *")(lambda: ran.append("cron"))
    app.sns("*")(lambda: ran.append("sns"))
    app.ses()(lambda: ran.append("ses"))
    return app, ran


def never_reaches_a_route(event: Any) -> Completion:
    app, ran = greedy()
    completion = app.complete(event)
    assert ran == []
    # API Gateway's events, which name a request, are refused by an error; other services want to hear a no.
    if isinstance(event, dict) and ("methodArn" in event or "routeArn" in event):
        assert completion.error is not None
        assert completion.reply is None
    return completion


def test_the_greedy_app_does_answer_requests() -> None:
    app, ran = greedy()
    assert app(http.rest("GET", "/a/b"))["statusCode"] == 200
    assert ran == ["/a/b"]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_authorizer_fixture_reaches_a_route(path: Path) -> None:
    assert never_reaches_a_route(json.loads(path.read_text())).name == path.parent.name


def test_no_authorizer_sample_of_the_corpus_reaches_a_route_however_it_is_changed(corpus: Path) -> None:
    found = list(corpus.glob("authorizer_*/*.json"))
    assert found
    for path in found:
        event = json.loads(path.read_text())
        changes: list[dict[str, Any]] = [
            {},
            {"body": '{"a": 1}', "isBase64Encoded": False},
            {"headers": None, "queryStringParameters": None},
            {"path": "/a", "httpMethod": "GET", "rawPath": "/a", "resource": "/a"},
            {"Records": None, "detail": {}, "source": "aws.events"},
        ]
        for change in changes:
            never_reaches_a_route(copy.deepcopy(event) | change)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))
CONTROLLED = [
    "headers",
    "multiValueHeaders",
    "queryStringParameters",
    "body",
    "cookies",
    "path",
    "rawPath",
    "httpMethod",
]


@given(
    kind=st.sampled_from(sorted(EVENTS)),
    path=st.text(min_size=1).map(lambda text: "/" + text),
    change=st.dictionaries(st.sampled_from(CONTROLLED), JSON | st.dictionaries(st.text(), st.text())),
)
def test_nothing_that_a_client_writes_brings_an_authorizer_event_to_a_route(kind: str, path: str, change: Any) -> None:
    event = EVENTS[kind]("GET", "/a", "staff")
    if kind != "websocket":
        event["routeArn" if kind == "v2" else "methodArn"] = f"{ARN}/GET{path}"
    never_reaches_a_route(event | change)
