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


@pytest.mark.parametrize("groups", [["a"], ["a", "b", "c"], []])
def test_other_than_one_for_each_record_is_refused(client: TestClient, groups: list[str]) -> None:
    message = f" has {len(groups)} for 2 records: give one for all of them, or a list with one for each"
    with pytest.raises(ValueError, match=f"group{message}"):
        client.sqs("jobs", "1", "2", group=groups)
    with pytest.raises(ValueError, match=f"partition_key{message}"):
        client.kinesis("clicks", "1", "2", partition_key=groups)
    with pytest.raises(ValueError, match=f"key{message}"):
        client.kafka_msk("orders", "1", "2", key=groups)
    with pytest.raises(ValueError, match=f"partition{message}"):
        client.kafka_self_managed("orders", "1", "2", partition=range(len(groups)))


@pytest.mark.parametrize("change", [{"id": 1}, {"id": 1, "sku": "tea"}, ({"id": 1},), "an", None])
def test_what_is_no_pair_of_items_is_no_change(client: TestClient, change: Any) -> None:
    with pytest.raises(TypeError, match=rf"{re.escape(repr(change))} is no change: one is \(old item, new item\)"):
        client.dynamodb("orders", change)


@pytest.mark.parametrize(("value", "kind"), [("x", TypeError), (True, TypeError), (0, ValueError), (-1, ValueError)])
def test_a_timeout_and_a_memory_are_numbers_above_0(client: TestClient, value: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=f"timeout is {value!r}; it is a number of seconds above 0"):
        client.given(timeout=value)
    with pytest.raises(kind, match=f"memory is {value!r}; it is a whole number of MB above 0"):
        client.given(memory=value)


def test_part_of_a_megabyte_is_no_memory(client: TestClient) -> None:
    memory: Any = 128.5
    with pytest.raises(TypeError, match=r"memory is 128\.5"):
        client.given(memory=memory)
    assert client.given(timeout=0.5)
