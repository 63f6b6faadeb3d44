"""The reply leaves before the deadline, whatever hangs around the handlers."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import contextlib
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Sequence
from typing import Annotated, Any

import pytest

from lambdarouter import App, Call, DeadlineExceeded, Delivery, Depends, Event, Outcome
from lambdarouter.testing.events import sns
from tests.engine.batch import BatchRecord, BatchSource, BatchTrigger, LambdaContext, batch, statuses
from tests.engine.hang import ASYNC, KINDS, LATE, SYNC, block_in_async, in_time, make_app, still_works, swallow_always
from tests.pace import in_real_time

pytestmark = in_real_time


@pytest.mark.parametrize("hang", KINDS)
@pytest.mark.parametrize("records", [1, 2])
def test_a_dependency_that_hangs(hang: str, records: int, release: threading.Event) -> None:
    app, torn_down = make_app(), list[str]()
    wait, tainted = ASYNC.get(hang, (None, False))

    def first() -> Generator[None, None, None]:
        try:
            yield
        finally:
            torn_down.append("first")

    shared = Depends(first, scope="invocation")

    async def awaits(_before: Annotated[None, shared]) -> None:
        assert wait is not None
        await wait(release)

    def blocks(_before: Annotated[None, shared]) -> None:
        SYNC[hang](release)

    @app.on(BatchTrigger())
    def handler(_made: Annotated[None, Depends(blocks if wait is None else awaits)]) -> None:
        raise AssertionError

    assert statuses(in_time(app, batch(*["x"] * records))) == [LATE] * records
    release.set()
    still_works(app, tainted=tainted)
    assert torn_down == ["first"]


@pytest.mark.parametrize("hang", KINDS)
@pytest.mark.parametrize("records", [1, 2])
def test_a_shared_teardown_that_hangs_fails_the_calls_that_relied_on_it(
    hang: str, records: int, release: threading.Event
) -> None:
    app, done = make_app(), list[int]()
    wait, tainted = ASYNC.get(hang, (None, False))

    async def awaits() -> AsyncGenerator[int, None]:
        yield 1
        assert wait is not None
        await wait(release)

    def blocks() -> Generator[int, None, None]:
        yield 1
        SYNC[hang](release)

    @app.on(BatchTrigger())
    def handler(made: Annotated[int, Depends(blocks if wait is None else awaits, scope="invocation")]) -> None:
        done.append(made)

    @app.on(BatchTrigger("other"))
    def other() -> None:
        done.append(2)

    records_of_other: list[Any] = [{"to": "other"}] * (records - 1)
    completion = in_time(app, batch(*["x"] * records, *records_of_other))
    # Its work may not be committed; what did not depend on it is done.
    assert statuses(completion) == [LATE] * records + ["ok"] * (records - 1)
    assert sorted(done) == [1] * records + [2] * (records - 1)
    release.set()
    still_works(app, tainted=tainted)


@pytest.mark.parametrize("hang", KINDS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_middleware_that_hangs(hang: str, when: str, release: threading.Event) -> None:
    app = make_app()
    wait, tainted = ASYNC.get(hang, (None, False))

    async def awaits(call: Call) -> AsyncGenerator[None, None]:
        assert wait is not None
        if when == "before" and call.record.raw["text"] == "hang":
            await wait(release)
        yield
        if when == "after" and call.record.raw["text"] == "hang":
            await wait(release)

    def blocks(call: Call) -> Generator[None, None, None]:
        if when == "before" and call.record.raw["text"] == "hang":
            SYNC[hang](release)
        yield
        if when == "after" and call.record.raw["text"] == "hang":
            SYNC[hang](release)

    app.middleware(blocks if wait is None else awaits)

    @app.on(BatchTrigger(concurrency=1))
    def handler() -> None:
        pass

    assert statuses(in_time(app, batch("a", "hang"))) == ["ok", LATE]
    assert statuses(in_time(app, batch("hang"))) == [LATE]
    release.set()
    still_works(app, tainted=tainted)


@pytest.mark.parametrize("hang", ["block_in_async", "sleep", "swallow_exceptions"])
def test_a_lifespan_whose_start_blocks_fails_the_event_and_the_next_one_starts_it_again(
    hang: str, release: threading.Event
) -> None:
    starts = []

    @contextlib.asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        starts.append(1)
        if len(starts) > 1:
            yield
        elif hang in SYNC:
            SYNC[hang](release)
        else:
            await block_in_async(release)

    app = make_app(lifespan=lifespan)
    app.sns("orders")(lambda: None)
    completion = in_time(app, sns("orders", "x"))
    assert isinstance(completion.error, DeadlineExceeded)
    assert completion.outcomes == []
    assert statuses(app.complete(sns("orders", "x"), LambdaContext(60))) == ["ok"]
    assert len(starts) == 2
    still_works(app)
    app.close()


def test_a_lifespan_whose_start_awaits_too_long_fails_the_event_and_goes_on_in_the_next(
    release: threading.Event,
) -> None:
    starts = []

    @contextlib.asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        starts.append(1)
        await swallow_always(release)
        yield

    app = make_app(lifespan=lifespan)
    app.sns("orders")(lambda: None)
    completion = in_time(app, sns("orders", "x"))
    assert isinstance(completion.error, DeadlineExceeded)
    assert completion.outcomes == []
    release.set()
    assert statuses(app.complete(sns("orders", "x"), LambdaContext(60))) == ["ok"]
    assert len(starts) == 1
    still_works(app)
    app.close()


@pytest.mark.parametrize("hang", SYNC)
def test_an_app_dependency_that_blocks_fails_the_event_and_the_next_one_makes_it(
    hang: str, release: threading.Event
) -> None:
    app, tries = make_app(), list[int]()

    def settings() -> str:
        tries.append(1)
        if len(tries) == 1:
            SYNC[hang](release)
        return "made"

    @app.on(BatchTrigger())
    def handler(made: Annotated[str, Depends(settings, scope="app")]) -> str:
        return made

    completion = in_time(app, batch("x"))
    assert isinstance(completion.error, DeadlineExceeded)
    assert [outcome.value for outcome in app.complete(batch("x")).outcomes] == ["made"]
    still_works(app)
    assert len(tries) == 2


def test_a_filter_that_blocks_fails_the_event(release: threading.Event) -> None:
    class Blocking(BatchTrigger):
        __slots__ = ()

        def claims(self, record: BatchRecord) -> bool:
            if record.text == "hang":
                time.sleep(60)
            return super().claims(record)

    app = make_app()
    app.on(Blocking())(lambda: None)
    assert isinstance(in_time(app, batch("a", "hang")).error, DeadlineExceeded)
    still_works(app)


SENDS: dict[str, Callable[[threading.Event], Any]] = {**SYNC, **{name: wait for name, (wait, _) in ASYNC.items()}}


@pytest.mark.parametrize("hang", SENDS)
def test_a_delivery_that_hangs_fails_the_event_after_one_attempt(hang: str, release: threading.Event) -> None:
    sent = []

    class Delivering(BatchSource):
        def respond(self, event: Event, outcomes: Sequence[Outcome]) -> Delivery | None:
            if event.raw["batch"][0].get("to") != "":
                return None

            def send() -> Any:
                sent.append(len(outcomes))
                return SENDS[hang](release)

            return Delivery(send, "sent")

    class DeliveringTrigger(BatchTrigger):
        __slots__ = ()
        source = Delivering

    app = make_app()
    app.on(DeliveringTrigger())(lambda: None)
    app.on(DeliveringTrigger("next"))(lambda: None)
    completion = in_time(app, batch({"to": ""}))
    assert isinstance(completion.error, DeadlineExceeded)
    assert completion.reply is None
    assert statuses(completion) == ["ok"]
    assert sent == [1]
    release.set()
    assert statuses(app.complete(batch({"to": "next"}), LambdaContext(60))) == ["ok"]
