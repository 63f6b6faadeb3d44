"""What a client is asked for by mistake is refused before an event is made of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lambdarouter import App, Router
from lambdarouter.testing import AsyncTestClient, TestClient


@pytest.fixture
def client() -> TestClient:
    return TestClient(App())


@pytest.mark.parametrize("path", ["orders", "", "?a=1", "https://example.com/orders"])
def test_a_path_without_its_slash_is_refused(client: TestClient, path: str) -> None:
    message = re.escape(f"path is {path!r}; it starts with a slash, such as '/orders/17'")
    with pytest.raises(ValueError, match=message):
        client.get(path)
    with pytest.raises(ValueError, match=message):
        client.authorize("GET", path, token="Bearer staff")


@pytest.mark.parametrize("name", ["params", "headers", "cookies"])
def test_what_is_no_mapping_of_names_to_values_is_refused(client: TestClient, name: str) -> None:
    options: Any = {name: "a=1"}
    with pytest.raises(TypeError, match=f"{name} is 'a=1'; it is a mapping, such as"):
        client.get("/echo", **options)
    if name != "cookies":
        with pytest.raises(TypeError, match=f"{name} is 'a=1'; it is a mapping, such as"):
            client.authorize("GET", "/echo", **options)


def test_a_path_that_is_no_text_is_refused(client: TestClient) -> None:
    path: Any = 17
    with pytest.raises(TypeError, match="path is 17; it is text, such as"):
        client.get(path)


@pytest.mark.parametrize(("time", "kind"), [("tomorrow", ValueError), (3, TypeError), (None, TypeError)])
def test_a_tick_at_no_time_is_refused(client: TestClient, time: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=f"time is {time!r}; it is a datetime or ISO 8601 text such as '2026-"):
        client.tick(time)


@pytest.mark.parametrize("app", [None, "app", Router()])
def test_a_client_sends_to_an_app_and_to_nothing_else(app: Any) -> None:
    for kind in (TestClient, AsyncTestClient):
        with pytest.raises(TypeError, match=f"app is {re.escape(repr(app))}; a client sends its events to"):
            kind(app)
