"""Replies that travel by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from lambdarouter import (
    App,
    Delivery,
    Event,
    Outcome,
)
from tests.engine.batch import BatchSource, BatchTrigger, LambdaContext, batch


class Delivered(BatchSource):
    """Its reply travels by itself, as the event says."""

    def respond(self, event: Event, outcomes: Sequence[Outcome]) -> Any:
        sent = event.raw["sent"]

        def send() -> None:
            sent.append([outcome.status for outcome in outcomes])
            if event.raw.get("fails"):
                raise ConnectionError("not sent")

        async def send_async() -> None:
            await asyncio.sleep(0)
            send()

        return Delivery(send_async if event.raw.get("async") else send, {"reply": "for Lambda"})


class DeliveredTrigger(BatchTrigger):
    __slots__ = ()
    source = Delivered


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("records", [1, 2])
def test_a_delivery_is_sent_before_lambda_gets_its_reply(kind: str, records: int) -> None:
    app = App()
    app.on(DeliveredTrigger())(lambda: None)
    event = batch(*["x"] * records) | {"sent": [], "async": kind == "async"}
    assert app(event, LambdaContext(60)) == {"reply": "for Lambda"}
    assert event["sent"] == [["ok"] * records]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_delivery_tells_of_failures_too(kind: str) -> None:
    app = App()
    app.on(DeliveredTrigger())(lambda: 1 // 0)
    event = batch("x") | {"sent": [], "async": kind == "async"}
    assert app(event, LambdaContext(60)) == {"reply": "for Lambda"}
    assert event["sent"] == [["failed"]]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_delivery_that_fails_fails_the_invocation(kind: str) -> None:
    app = App()
    app.on(DeliveredTrigger())(lambda: None)
    event = batch("x") | {"sent": [], "async": kind == "async", "fails": True}
    completion = app.complete(event, LambdaContext(60))
    assert isinstance(completion.error, ConnectionError)
    assert completion.reply is None
    with pytest.raises(ConnectionError, match="not sent"):
        app(event, LambdaContext(60))
