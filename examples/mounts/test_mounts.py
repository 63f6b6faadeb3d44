from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openapi_spec_validator import validate

from lambdarouter.testing import LambdaContext, TestClient
from lambdarouter.testing.events import sns

HERE = Path(__file__).parent
STAFF = {"authorization": "Bearer staff"}


@pytest.fixture(scope="module")
def mounts() -> Iterator[ModuleType]:
    """The app's module, once: Django is configured once in a process."""
    spec = spec_from_file_location("mounts_example", HERE / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def client(mounts: ModuleType) -> Iterator[TestClient]:
    yield TestClient(mounts.app)
    mounts.app.close()


def body_of(reply: Any) -> Any:
    return json.loads(reply["body"])


def test_the_document_of_the_routes_is_valid(mounts: ModuleType) -> None:
    document = mounts.app.openapi()
    validate(document)
    assert document["paths"]


@pytest.mark.parametrize("gateway", ["http.rest", "http.v2", "http.url", "http.alb"])
def test_fastapi_is_served_below_its_path(client: TestClient, mounts: ModuleType, gateway: Any) -> None:
    mounts.SENT.clear()
    headers = {"host": "shop.example.com"}
    found = client.get("/shop/items/7", gateway=gateway, headers=headers).reply
    stage = "/prod" if gateway == "http.rest" else ""
    assert body_of(found) == {"id": 7, "url": f"https://shop.example.com{stage}/shop/items/7"}

    assert client.get("/shop/items/x", gateway=gateway).reply["statusCode"] == 422
    created = client.post("/shop/items", gateway=gateway, json={"id": 1, "name": "tea"}).reply
    assert created["statusCode"] == 201
    assert mounts.SENT == ["mail about tea"]
    assert "/prod/shop/openapi.json" in client.get("/shop/docs", gateway="http.rest").reply["body"]


def test_a_route_of_the_app_wins_over_the_mount_around_it(client: TestClient) -> None:
    assert body_of(client.get("/shop/health").reply) == {"ok": True}


def test_starlettes_lifespan_is_entered_once_and_left_with_the_app(mounts: ModuleType) -> None:
    mounts.LIFE.clear()
    client = TestClient(mounts.app)

    for _ in range(3):
        reply = client.get("/ops/status", headers=STAFF).reply
        assert body_of(reply) == {"pool": "a pool of connections", "function": LambdaContext().function_name}
    assert mounts.LIFE == ["entered"]
    mounts.app.close()
    assert mounts.LIFE == ["entered", "left"]


def test_starlettes_streams_are_streamed_where_that_is_possible(client: TestClient) -> None:
    expected = [b"line 0\n", b"line 1\n", b"line 2\n"]

    assert client.stream("GET", "/ops/lines", headers=STAFF).chunks == expected
    assert client.get("/ops/lines", headers=STAFF).reply["body"].encode() == b"".join(expected)


def test_the_guard_is_in_front_of_the_mount(client: TestClient) -> None:
    assert client.get("/ops/status").reply["statusCode"] == 401
    assert client.get("/ops/status", headers={"authorization": "Bearer me"}).reply["statusCode"] == 403


def test_django_is_served_below_its_path(client: TestClient) -> None:
    reply = client.get("/site/hello/grüße", params={"q": ["1", "2"]}).reply

    assert body_of(reply) == {"hello": "grüße", "q": ["1", "2"], "path": "/site/hello/grüße"}
    assert client.get("/site/nowhere").reply["statusCode"] == 404


def test_flask_is_served_below_its_path(client: TestClient) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}

    reply = client.post("/old/form", body="a=1&b=two+words", headers=headers).reply

    assert body_of(reply) == {"fields": {"a": "1", "b": "two words"}, "root": "/old"}


def test_the_other_triggers_are_as_ever(client: TestClient, mounts: ModuleType) -> None:
    mounts.SENT.clear()
    client.invoke(sns("orders", {"id": 1, "name": "tea"})).unwrap()

    assert mounts.SENT == ["announced tea"]
