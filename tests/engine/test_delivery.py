"""Replies that travel by themselves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator, Sequence
from functools import partial
from typing import Any

import pytest

from lambdarouter import App, DeadlineExceeded, Delivery, Event, Outcome
from tests.engine.batch import BatchSource, BatchTrigger, LambdaContext, batch
from tests.engine.hang import ASYNC, KINDS, SYNC, limit, make_app, margin
from tests.pace import in_real_time


class Awaitable:
    """What can be awaited and is no coroutine: it has nothing to close."""

    def __init__(self, fn: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.fn = fn

    def __await__(self) -> Generator[Any, None, None]:
        return self.fn().__await__()


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

        ways: dict[Any, Any] = {True: send_async, "object": lambda: Awaitable(send_async)}
        return Delivery(ways.get(event.raw.get("async"), send), {"reply": "for Lambda"})


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


class Quiet(Delivered):
    """What it is told of is not for the log."""

    def reports(self, outcome: Outcome) -> bool:
        return False


class QuietTrigger(BatchTrigger):
    __slots__ = ()
    source = Quiet


def test_a_delivery_of_every_event_tells_of_its_failure_and_is_sent_once() -> None:
    app = App()
    app.on(QuietTrigger())(lambda: 1 // 0)
    for _ in range(3):
        event: dict[str, Any] = batch("x") | {"sent": []}
        assert app(event, LambdaContext(60)) == {"reply": "for Lambda"}
        assert event["sent"] == [["failed"]]


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


class Reserved(Delivered):
    """Most of the time that is left is kept for sending."""

    names = ("test.reserved",)
    reserve = 60.0

    def recognises(self, event: Any) -> bool:
        return isinstance(event, dict) and "sent" in event


class ReservedTrigger(BatchTrigger):
    __slots__ = ()
    source = Reserved


@in_real_time
@pytest.mark.parametrize("hang", KINDS)
@pytest.mark.parametrize("records", [1, 2])
def test_a_delivery_with_a_reserve_is_sent_in_time_whatever_the_handler_does(hang: str, records: int) -> None:
    release = threading.Event()
    app = make_app()
    hangs = ASYNC[hang][0] if hang in ASYNC else SYNC[hang]
    app.on(ReservedTrigger())(partial(hangs, release))
    event = batch(*["x"] * records) | {"sent": []}
    context = LambdaContext(2 * margin())

    try:
        completion = app.complete(event, context)

        assert context.get_remaining_time_in_millis() > 0
        assert event["sent"] == [["failed"] * records]
        assert completion.reply == {"reply": "for Lambda"}
        assert completion.error is None
    finally:
        release.set()


@in_real_time
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_delivery_that_hangs_in_its_reserve_is_given_up_at_the_limit(kind: str) -> None:
    app = make_app()
    release = threading.Event()

    class Stuck(Reserved):
        def respond(self, event: Event, outcomes: Sequence[Outcome]) -> Any:
            async def send_async() -> None:
                await asyncio.Event().wait()

            return Delivery(send_async if kind == "async" else lambda: (release.wait(60), None)[1])

    class StuckTrigger(BatchTrigger):
        __slots__ = ()
        source = Stuck

    app.on(StuckTrigger())(lambda: None)
    context = LambdaContext(limit() + margin())
    try:
        completion = app.complete(batch("x") | {"sent": []}, context)

        assert context.get_remaining_time_in_millis() > 0
        assert isinstance(completion.error, DeadlineExceeded)
    finally:
        release.set()


@in_real_time
@pytest.mark.anyio
async def test_in_a_running_loop_a_delivery_that_blocks_holds_up_nobody_else() -> None:
    together = threading.Barrier(2, timeout=60)

    class Meeting(Delivered):
        def respond(self, event: Event, outcomes: Sequence[Outcome]) -> Any:
            return Delivery(lambda: (together.wait(), None)[1], "sent")

    class MeetingTrigger(BatchTrigger):
        __slots__ = ()
        source = Meeting

    app = App()
    app.on(MeetingTrigger())(lambda: None)

    completions = await asyncio.gather(*(app.acomplete(batch("x") | {"sent": []}) for _ in range(2)))

    assert [completion.reply for completion in completions] == ["sent", "sent"]


@in_real_time
@pytest.mark.parametrize("kind", [True, "object"], ids=["coroutine", "object"])
def test_an_asynchronous_delivery_is_too_late_where_the_handler_could_not_be_stopped(kind: Any) -> None:
    release = threading.Event()
    app = make_app()
    app.on(ReservedTrigger())(partial(ASYNC["swallow_always"][0], release))
    event = batch("x") | {"sent": [], "async": kind}
    try:
        completion = app.complete(event, LambdaContext(2 * margin()))

        assert event["sent"] == []
        assert "too late" in str(completion.error)
    finally:
        release.set()


@in_real_time
def test_a_delivery_that_cannot_be_stopped_is_not_sent_a_second_time() -> None:
    app, tries, release = make_app(), list[str](), threading.Event()

    class Stubborn(Reserved):
        def respond(self, event: Event, outcomes: Sequence[Outcome]) -> Any:
            def send() -> Any:
                tries.append("sent")
                return ASYNC["swallow_always"][0](release)

            return Delivery(send)

    class StubbornTrigger(BatchTrigger):
        __slots__ = ()
        source = Stubborn

    app.on(StubbornTrigger())(lambda: None)
    try:
        completion = app.complete(batch("x") | {"sent": []}, LambdaContext(limit() + margin()))

        assert tries == ["sent"]
        assert isinstance(completion.error, DeadlineExceeded)
    finally:
        release.set()
