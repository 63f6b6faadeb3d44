"""What type checkers see of the testing kit: results from `TestClient`, coroutines of them from `AsyncTestClient`.

mypy and pyright check this file; an option of the wrong type is an error where `type: ignore` stands.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, assert_type

import pytest

from lambdarouter import Allow, App, Deny, Depends, Outcome, SnsRecord
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import (
    AsyncTestClient,
    Decision,
    Elapsed,
    LambdaContext,
    Response,
    Result,
    Sent,
    Streamed,
    TestClient,
    corrupted,
    duplicated,
    redelivery,
    reordered,
)
from lambdarouter.testing.events import sns, sqs


def connect() -> str:
    return "real"


def shop() -> App:
    app = App()

    @app.authorizer()
    def guard() -> Allow | Deny:
        return Allow("ada")

    @app.get("/orders/{order_id}")
    def read(order_id: int) -> dict[str, int]:
        return {"id": order_id}

    @app.sns("orders")
    def announce(record: SnsRecord) -> str:
        return record.subject or ""

    @app.cron("0 * * * *", overlap="allow")
    def sweep(connection: Annotated[str, Depends(connect)]) -> None: ...

    return app


def test_a_client_returns_what_came_of_each_kind_of_event() -> None:
    with TestClient(shop(), headers={"accept": "*/*"}, store=MemoryStore(), strict=True) as client:
        assert_type(client, TestClient)
        assert_type(client.websocket("say", "hi").sent, list[Sent])
        assert_type(client.get("/orders/17").closed, list[str])
        assert_type(client.given(timeout=3, env={"STAGE": None}), TestClient)

        response = assert_type(client.get("/orders/17", params={"a": [1, 2]}, gateway="rest"), Response)
        assert_type(client.request("POST", "/orders", json={"id": 1}, follow_redirects=True), Response)
        assert_type(response.status, int)
        assert_type(response.text, str)
        assert_type(response.content, bytes)
        assert_type(response.cookies, dict[str, str])
        assert_type(response.headers.get("etag"), str | None)
        assert_type(response.headers.get("etag", ""), str)
        assert_type(dict(response.headers), dict[str, str])
        assert_type(response.history, list[Response])

        result = assert_type(client.sns("orders", {"id": 17}, subject="new"), Result)
        assert_type(client.sqs("jobs", "a", "b", group=["x", "y"]), Result)
        assert_type(client.kafka_msk("clicks", b"1", key="k"), Result)
        assert_type(client.tick("2026-01-01T03:00Z", rule="hourly"), Result)
        assert_type(client.invoke({"any": "event"}, LambdaContext(timeout=3)), Result)
        assert_type(result.name, str)
        assert_type(result.outcomes, Sequence[Outcome])
        assert_type(result.failed, list[Outcome])
        assert_type(result.error, Exception | None)
        assert_type(result.ran, list[str])

        decision = assert_type(client.authorize("GET", "/orders", token="Bearer x"), Decision)
        assert_type(decision.allowed, bool)
        assert_type(decision.context, Mapping[str, Any])

        elapsed = assert_type(client.clock.advance(timedelta(hours=3)), Elapsed)
        assert_type(elapsed.ran[0].time, datetime)
        assert_type(elapsed.ran[0].name, str)
        assert_type(elapsed.failed, list[Result])
        assert_type(client.clock.now, datetime)

        streamed = assert_type(client.stream("GET", "/orders/17", take=2), Streamed)
        assert_type(streamed.chunks, list[bytes])
        assert_type(streamed.completion, Result)


@pytest.mark.anyio
async def test_an_async_client_returns_coroutines_of_the_same() -> None:
    async with AsyncTestClient(shop()) as client:
        assert_type(client, AsyncTestClient)
        assert_type(client.given(memory=512), AsyncTestClient)

        coroutine = assert_type(client.get("/orders/17"), Coroutine[Any, Any, Response])
        assert_type(await coroutine, Response)
        assert_type(await client.sns("orders", {"id": 17}), Result)
        assert_type(await client.tick("2026-01-01T03:00Z", schedule="nightly"), Result)
        assert_type(await client.invoke({}), Result)
        assert_type(await client.clock.advance(hours=1, minutes=30), Elapsed)
        assert_type(await client.authorize(token="x"), Decision)
        assert_type(await client.stream("GET", "/orders/17"), Streamed)


def test_batches_are_events_like_those_they_are_made_from() -> None:
    event = sqs("jobs", "a", "b")
    result = TestClient(shop()).invoke(reordered(duplicated(corrupted(event, 1), 0), 2, 1, 0))
    assert redelivery(event, result) is not None


def test_a_dependency_is_overridden_until_the_end_of_a_with() -> None:
    client = TestClient(shop())
    with client.override(connect, lambda: "fake") as override:
        assert_type(override.fake, Callable[..., Any])
    client.close()


def test_wrong_options_are_wrong_types() -> None:
    client = TestClient(shop())
    with pytest.raises(TypeError):
        client.tick(17)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        client.clock.set(17)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        client.sns("orders", group="orders")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="gateway"):
        client.get("/orders/17", gateway="tin")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        client.get("/orders/17", query={"a": "1"})  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        sns(topic="orders", bodies=[1])  # type: ignore[call-arg]
