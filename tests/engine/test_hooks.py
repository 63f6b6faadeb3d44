"""What a source and a trigger may add to the way of an event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from threading import current_thread, main_thread
from typing import Any

import pytest

from lambdarouter import App, Call, Context, Declined, Outcome
from tests.engine.batch import BatchSource, BatchTrigger, batch, statuses


class LayeredTrigger(BatchTrigger):
    """A trigger with a middleware of its own."""

    seen: list[str]

    def layer(self) -> Callable[[Call], Any]:
        async def layer(call: Call) -> AsyncGenerator[None, None]:
            self.seen.append("layer")
            yield

        return layer

    __slots__ = ("seen",)


def test_a_triggers_own_layer_is_inside_all_middleware() -> None:
    app, seen = App(), list[str]()
    trigger = LayeredTrigger()
    trigger.seen = seen

    @app.middleware
    def outer(call: Call) -> Generator[None, None, None]:
        seen.append("middleware")
        yield

    @app.on(trigger)
    def handler() -> None:
        seen.append("handler")

    app(batch({"id": 1, "text": ""}))
    assert seen == ["middleware", "layer", "handler"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("failed", [False, True])
def test_an_outcome_that_a_middleware_replies_is_what_becomes_of_the_record(count: int, *, failed: bool) -> None:
    app, error = App(), ValueError("not today")

    @app.middleware
    def refuse(call: Call) -> Generator[None, None, None]:
        if failed:
            call.reply = Outcome(call.record, call.route, error=error)
        else:
            call.reply = Declined(call.record, call.route, "not today")
        return
        yield

    @app.on(BatchTrigger())
    def handler() -> None:
        raise AssertionError

    completion = app.complete(batch(*({"id": number, "text": ""} for number in range(count))))
    assert statuses(completion) == ["ValueError" if failed else "declined"] * count
    assert completion.reply == {"failed": [str(number) for number in range(count)] if failed else []}


class ThreadedSource(BatchSource):
    """A source whose sync handlers run in threads, always."""

    def plan(self, fn: Any, trigger: Any) -> Any:
        handler = super().plan(fn, trigger)
        handler.in_thread = True
        return handler


class ThreadedTrigger(LayeredTrigger):
    source = ThreadedSource
    __slots__ = ()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("concurrency", [None, 1])
def test_a_handler_that_has_to_be_left_behind_runs_in_a_thread_even_alone(count: int, concurrency: int | None) -> None:
    app, threads = App(), set[str]()
    trigger = ThreadedTrigger(concurrency=concurrency)
    trigger.seen = []

    @app.on(trigger)
    def handler() -> None:
        threads.add(current_thread().name)

    app(batch(*({"id": number, "text": ""} for number in range(count))))
    assert threads
    assert main_thread().name not in threads


class PreparedSource(BatchSource):
    """A source that finds something out before it matches."""

    prepares = True

    async def prepare(self, event: Any, routes: Any, context: Context, *, in_loop: bool) -> None:
        event.found = (in_loop, context.request_id)
        if in_loop:
            await asyncio.sleep(0)
        if event.raw.get("broken"):
            raise ConnectionError("nothing to be found")

    def match(self, record: Any, routes: Any) -> Any:
        return [Declined(record, route, "found") for route in routes]


class PreparedTrigger(BatchTrigger):
    source = PreparedSource
    __slots__ = ()


def test_a_source_that_prepares_is_asked_before_it_matches_and_told_whether_it_may_block() -> None:
    app = App()
    app.on(PreparedTrigger())(lambda: None)
    event = batch({"id": 1, "text": ""})
    assert statuses(app.complete(event)) == ["declined"]
    assert statuses(asyncio.run(app.acomplete(event))) == ["declined"]
    completion = app.complete(event | {"broken": True})
    assert isinstance(completion.error, ConnectionError)
    assert completion.outcomes == []
