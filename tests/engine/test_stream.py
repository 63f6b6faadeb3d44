"""Streamed replies: into a sink, gathered, broken off, and what is cleaned up when."""


# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import suppress
from typing import Annotated, Any

import anyio
import pytest

from lambdarouter import (
    App,
    ConfigurationError,
    DeadlineExceeded,
    Depends,
    Event,
    HttpError,
    Outcome,
    Record,
    Source,
    Stream,
    StreamingResponse,
    Trigger,
)
from lambdarouter.testing import AsyncTestClient, LambdaContext, TestClient
from lambdarouter.testing.events import http
from tests.pace import in_real_time, seconds


class Boom(Exception):  # noqa: N818
    pass


class Letters:
    """An app whose one route streams letters, and everything it did, in order."""

    def __init__(self, kind: str, letters: str = "abc", fail_at: int | None = None, *, margin: float = 0.1) -> None:
        self.app = App(deadline_margin=margin)
        self.did: list[str] = []
        self.letters = letters
        self.fail_at = fail_at
        did = self.did

        def resource() -> Iterator[str]:
            did.append("open")
            try:
                yield "resource"
            except BaseException as error:
                did.append(f"rollback {type(error).__name__}")
                raise
            did.append("commit")

        if kind == "sync":

            @self.app.get("/letters")
            def sync(resource: Annotated[str, Depends(resource)]) -> Iterator[str]:
                yield from self.run()

        elif kind == "async":

            @self.app.get("/letters")
            async def asynchronous(resource: Annotated[str, Depends(resource)]) -> AsyncIterator[str]:
                for letter in self.run():
                    await asyncio.sleep(0)
                    yield letter

        else:

            @self.app.get("/letters")
            def response(resource: Annotated[str, Depends(resource)]) -> StreamingResponse:
                return StreamingResponse(self.run(), 202, {"x-tag": "t"}, ["sid=1"])

    def run(self) -> Iterator[str]:
        try:
            for index, letter in enumerate(self.letters):
                if index == self.fail_at:
                    raise Boom
                yield letter
                self.did.append(letter)
        finally:
            self.did.append("closed")


KINDS = pytest.mark.parametrize("kind", ["sync", "async", "response"])


@KINDS
def test_without_a_sink_the_pieces_are_one_reply(kind: str) -> None:
    letters = Letters(kind)
    completion = TestClient(letters.app).get("/letters")
    reply = completion.unwrap()
    assert (reply["body"], reply["isBase64Encoded"]) == ("abc", False)
    assert reply["headers"]["content-type"] == "text/plain; charset=utf-8"
    assert letters.did == ["open", "a", "b", "c", "closed", "commit"]


@KINDS
def test_a_sink_gets_the_head_and_each_piece(kind: str) -> None:
    letters = Letters(kind)
    streamed = TestClient(letters.app).stream("GET", "/letters")
    assert streamed.chunks == [b"a", b"b", b"c"]
    assert streamed.head is not None
    assert streamed.head["headers"]["content-type"] == "text/plain; charset=utf-8"
    if kind == "response":
        assert streamed.head["statusCode"] == 202
        assert streamed.head["headers"]["x-tag"] == "t"
        assert streamed.head["cookies"] == ["sid=1"]
    assert (streamed.completion.reply, streamed.completion.error) == (None, None)
    assert letters.did[-2:] == ["closed", "commit"]


@KINDS
def test_pieces_reach_the_sink_before_later_ones_are_made(kind: str) -> None:
    letters = Letters(kind)
    seen: list[tuple[bytes, list[str]]] = []

    def see(chunk: bytes) -> None:
        seen.append((chunk, list(letters.did)))

    async def later(stream: Stream) -> None:
        async for chunk in stream:
            see(chunk)

    def sink(stream: Stream) -> Awaitable[None] | None:
        if stream.is_async:
            return later(stream)
        for chunk in stream.chunks:
            see(chunk)
        return None

    letters.app.complete(_event(), sink=sink)
    assert seen == [(b"a", ["open"]), (b"b", ["open", "a"]), (b"c", ["open", "a", "b"])]


@KINDS
def test_in_a_running_loop_it_is_the_same(kind: str) -> None:
    letters = Letters(kind)

    async def main() -> None:
        client = AsyncTestClient(letters.app)
        assert (await client.get("/letters")).unwrap()["body"] == "abc"
        assert (await client.stream("GET", "/letters")).chunks == [b"a", b"b", b"c"]

    asyncio.run(main())
    assert letters.did == ["open", "a", "b", "c", "closed", "commit"] * 2


@KINDS
def test_a_peer_that_hangs_up_closes_the_generator_and_is_no_failure(kind: str) -> None:
    letters = Letters(kind)
    streamed = TestClient(letters.app).stream("GET", "/letters", take=2)
    assert streamed.chunks == [b"a", b"b"]
    assert streamed.completion.error is None
    assert letters.did == ["open", "a", "closed", "commit"]


@KINDS
def test_a_sink_that_fails_fails_the_invocation_and_rolls_back(kind: str) -> None:
    letters = Letters(kind)

    def sink(stream: Stream) -> None:
        raise ConnectionResetError

    completion = letters.app.complete(_event(), sink=sink)
    assert isinstance(completion.error, ConnectionResetError)
    assert isinstance(completion.outcomes[0].error, ConnectionResetError)
    assert letters.did == ["open", "closed", "rollback ConnectionResetError"]


@KINDS
def test_what_fails_before_the_first_piece_is_answered_as_ever(kind: str) -> None:
    letters = Letters(kind, fail_at=0)
    streamed = TestClient(letters.app).stream("GET", "/letters")
    assert streamed.head is None
    assert streamed.completion.unwrap()["statusCode"] == 500
    assert letters.did == ["open", "closed", "rollback Boom"]


@KINDS
def test_what_fails_later_breaks_the_stream_off_and_is_lambdas_error(kind: str) -> None:
    letters = Letters(kind, fail_at=2)
    streamed = TestClient(letters.app).stream("GET", "/letters")
    assert streamed.chunks == [b"a", b"b"]
    assert isinstance(streamed.completion.error, Boom)
    assert letters.did == ["open", "a", "b", "closed", "rollback Boom"]


@KINDS
def test_a_sink_that_keeps_the_failure_to_itself_does_not_hide_it(kind: str) -> None:
    letters = Letters(kind, fail_at=2)

    async def later(stream: Stream) -> None:
        with pytest.raises(Boom):
            async for _ in stream:
                pass

    def sink(stream: Stream) -> Any:
        return later(stream)

    assert isinstance(letters.app.complete(_event(), sink=sink).error, Boom)


@KINDS
def test_what_fails_later_is_a_500_where_nothing_was_sent(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    letters = Letters(kind, fail_at=2)
    completion = TestClient(letters.app).get("/letters")
    assert completion.unwrap()["statusCode"] == 500
    assert isinstance(completion.outcomes[0].error, Boom)
    assert "Boom" in capfd.readouterr().err


def test_an_empty_stream_is_an_empty_body() -> None:
    letters = Letters("sync", "")
    assert TestClient(letters.app).get("/letters").unwrap()["body"] == ""
    streamed = TestClient(letters.app).stream("GET", "/letters")
    assert (streamed.chunks, streamed.completion.error) == ([], None)
    assert streamed.head is not None


def test_empty_pieces_are_left_out_wherever_they_stand() -> None:
    app = App()

    @app.get("/letters")
    def letters() -> Iterator[str]:
        yield from ("", "", "a", "", "b", "")

    assert TestClient(app).stream("GET", "/letters").chunks == [b"a", b"b"]


@pytest.mark.parametrize("failing", ["handler", "teardown"])
def test_a_teardown_that_fails_after_a_gathered_stream_is_a_500(failing: str) -> None:
    app = App()

    def resource() -> Iterator[None]:
        yield
        raise Boom

    @app.get("/letters")
    def letters(resource: Annotated[None, Depends(resource)]) -> Iterator[str]:
        yield "a"

    assert TestClient(app).get("/letters").unwrap()["statusCode"] == 500
    streamed = TestClient(app).stream("GET", "/letters")
    assert streamed.chunks == [b"a"]
    assert isinstance(streamed.completion.error, Boom)


def test_an_async_dependency_is_torn_down_in_the_task_that_made_it() -> None:
    app = App()
    tasks: list[Any] = []

    async def resource() -> AsyncIterator[str]:
        tasks.append(asyncio.current_task())
        yield "a"
        tasks.append(asyncio.current_task())

    @app.get("/letters")
    async def letters(resource: Annotated[str, Depends(resource)]) -> AsyncIterator[str]:
        yield resource

    assert TestClient(app).stream("GET", "/letters").chunks == [b"a"]
    assert len(tasks) == 2
    assert tasks[0] is tasks[1]


# --- Middleware ------------------------------------------------------------------------------------------------------


def test_middleware_sees_what_fails_before_the_first_piece() -> None:
    letters = Letters("sync", fail_at=0)

    @letters.app.middleware
    def meet(call: Any) -> Iterator[None]:
        try:
            yield
        except Boom:
            call.reply = "met"

    assert TestClient(letters.app).get("/letters").unwrap()["body"] == "met"


def test_a_stream_that_middleware_replaces_is_closed() -> None:
    letters = Letters("sync")

    @letters.app.middleware
    def replace(call: Any) -> Iterator[None]:
        yield
        call.reply = "instead"

    assert TestClient(letters.app).stream("GET", "/letters").completion.unwrap()["body"] == "instead"
    assert letters.did == ["open", "closed", "commit"]


def test_a_stream_behind_failing_middleware_is_closed_and_rolled_back() -> None:
    letters = Letters("sync")

    @letters.app.middleware
    def fail(call: Any) -> Iterator[None]:
        yield
        raise Boom

    assert TestClient(letters.app).get("/letters").unwrap()["statusCode"] == 500
    assert letters.did == ["open", "closed", "rollback Boom"]


def test_middleware_may_answer_with_a_stream() -> None:
    app = App()

    @app.middleware
    def answer(call: Any) -> Iterator[None]:
        call.reply = StreamingResponse(iter(["a", "b"]))
        return
        yield

    assert TestClient(app).stream("GET", "/anything").chunks == [b"a", b"b"]


# --- The deadline ----------------------------------------------------------------------------------------------------


@in_real_time
@pytest.mark.parametrize("kind", ["blocking", "awaiting", "endless"])
def test_at_the_deadline_a_stream_is_broken_off(kind: str) -> None:
    app = App(deadline_margin=seconds(0.2))
    did: list[str] = []

    if kind == "awaiting":

        @app.get("/x")
        async def awaiting() -> AsyncIterator[str]:
            try:
                yield "a"
                await asyncio.sleep(60)
            finally:
                did.append("closed")

    else:

        @app.get("/x")
        def blocking() -> Iterator[str]:
            try:
                yield "a"
                while kind == "endless":
                    yield "b"
                time.sleep(60)
            finally:
                did.append("closed")

    client = TestClient(app, context=LambdaContext(timeout=seconds(0.5)))
    streamed = client.stream("GET", "/x")
    assert streamed.chunks[0] == b"a"
    assert isinstance(streamed.completion.error, DeadlineExceeded)
    assert did == ["closed"]
    if kind != "endless":
        assert client.get("/x").unwrap()["statusCode"] == 504


@in_real_time
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_at_the_deadline_a_sink_that_waits_is_stopped_and_the_generator_closed(kind: str) -> None:
    letters = Letters(kind)
    letters.app = App(deadline_margin=seconds(0.2))

    @letters.app.get("/letters")
    async def stream() -> AsyncIterator[str]:
        for letter in letters.run():
            yield letter

    async def sink(stream: Stream) -> None:
        await asyncio.sleep(60)

    completion = letters.app.complete(_event(), LambdaContext(timeout=seconds(0.5)), sink=sink)
    assert isinstance(completion.error, DeadlineExceeded)
    assert letters.did == ["closed"]


@in_real_time
def test_at_the_deadline_no_further_piece_is_asked_for() -> None:
    letters = Letters("async")

    async def sink(stream: Stream) -> None:
        time.sleep(seconds(0.5))  # noqa: ASYNC251 - a peer that blocks the loop
        async for _ in stream:
            raise AssertionError

    letters.app = App(deadline_margin=seconds(0.2))

    @letters.app.get("/letters")
    async def stream() -> AsyncIterator[str]:
        for letter in letters.run():
            yield letter

    context = LambdaContext(timeout=seconds(0.4))
    completion = asyncio.run(letters.app.acomplete(_event(), context, sink=sink))
    assert isinstance(completion.error, DeadlineExceeded)
    assert letters.did == ["closed"]


@in_real_time
@KINDS
def test_at_the_deadline_a_sink_that_goes_on_gets_no_further_piece(kind: str) -> None:
    letters = Letters(kind, margin=seconds(0.2))

    async def sink(stream: Stream) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        async for _ in stream:
            raise AssertionError

    completion = letters.app.complete(_event(), LambdaContext(timeout=seconds(0.4)), sink=sink)
    assert isinstance(completion.error, DeadlineExceeded)
    assert letters.did == ["open", "closed", "rollback DeadlineExceeded"]


def test_a_cancellation_of_the_sinks_own_is_a_failure() -> None:
    letters = Letters("async")

    async def sink(stream: Stream) -> None:
        raise asyncio.CancelledError

    completion = letters.app.complete(_event(), sink=sink)
    assert isinstance(completion.error, RuntimeError)
    assert letters.did == ["open", "closed", "rollback CancelledError"]


def test_a_caller_that_is_cancelled_cancels_the_stream() -> None:
    letters = Letters("async")
    hung = asyncio.Event()

    @letters.app.get("/hang")
    async def hang() -> AsyncIterator[str]:
        try:
            yield "a"
            hung.set()
            await asyncio.sleep(60)
        finally:
            letters.did.append("closed")

    async def main() -> None:
        client = AsyncTestClient(letters.app)
        task = asyncio.create_task(client.stream("GET", "/hang"))
        await hung.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert letters.did == ["closed"]


@KINDS
def test_what_ends_the_program_is_not_kept_from_it(kind: str) -> None:
    letters = Letters(kind)

    def sink(stream: Stream) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        letters.app.complete(_event(), sink=sink)
    assert letters.did == ["open", "closed", "rollback KeyboardInterrupt"]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_generator_that_fails_while_it_is_closed_is_a_failure(kind: str) -> None:
    app = App()

    @app.get("/sync")
    def sync() -> Iterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            raise Boom

    @app.get("/async")
    async def asynchronous() -> AsyncIterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            raise Boom

    streamed = TestClient(app).stream("GET", f"/{kind}", take=1)
    assert isinstance(streamed.completion.error, Boom)


def test_iterators_that_cannot_be_closed_are_let_go() -> None:
    class Numbers:
        def __init__(self) -> None:
            self.left = ["", "a", "b"]

        def __aiter__(self) -> "Numbers":
            return self

        async def __anext__(self) -> str:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop(0)

    app = App()
    app.get("/async")(lambda: StreamingResponse(Numbers()))
    app.get("/sync")(lambda: StreamingResponse(["a", b"b", memoryview(b"c")]))
    app.get("/empty")(lambda: StreamingResponse(_nothing()))
    client = TestClient(app)
    assert client.stream("GET", "/async").chunks == [b"a", b"b"]
    assert client.stream("GET", "/sync").chunks == [b"a", b"b", b"c"]
    assert client.stream("GET", "/empty").chunks == []


async def _nothing() -> AsyncIterator[str]:
    for piece in ("", ""):
        yield piece


def test_none_is_a_piece_like_any_other() -> None:
    app = App()

    @app.get("/x")
    def pieces() -> Iterator[int | None]:
        yield None
        yield 1
        yield None

    assert TestClient(app).get("/x").unwrap()["body"] == "null\n1\nnull\n"


def test_a_stream_tells_its_status() -> None:
    assert repr(Stream({"statusCode": 200}, iter(()), bytes)) == "<Stream 200>"
    assert repr(Stream(None, iter(()), bytes)) == "<Stream plain>"


# --- The limit -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gateway", ["http.v2", "http.alb"])
def test_a_stream_is_given_up_where_its_front_end_could_not_take_it(
    gateway: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    app = App()
    pieces = []

    @app.get("/x")
    def endless() -> Iterator[bytes]:
        while True:
            pieces.append(1)
            yield b"x" * 100_000

    assert TestClient(app).get("/x", gateway=gateway).unwrap()["statusCode"] == 500
    assert "let it stream" in capfd.readouterr().err
    assert len(pieces) < 100


# --- Sources of one's own --------------------------------------------------------------------------------------------


class Ticker(Source):
    names = ("ticker",)
    streams = True

    def recognises(self, event: Any) -> bool:
        return isinstance(event, dict) and "ticker" in event

    def split(self, event: Event) -> list[Record]:
        return [Record(raw, "ticker", index) for index, raw in enumerate(event.raw["ticker"])]

    def respond(self, event: Any, outcomes: Any) -> Any:
        super().respond(event, outcomes)
        outcome: Outcome = outcomes[0]
        return Stream(None, outcome.value, lambda body: {"whole": body.decode()})


class TickerTrigger(Trigger):
    source = Ticker


def test_a_source_of_ones_own_may_stream() -> None:
    app = App()

    @app.on(TickerTrigger())
    def tick() -> Iterator[str]:
        yield "a"
        yield "ä"

    client = TestClient(app)
    assert client.invoke({"ticker": [1]}).unwrap() == {"whole": "aä"}
    streamed = client.stream_event({"ticker": [1]})
    assert (streamed.head, streamed.body) == (None, "aä".encode())


def test_several_records_of_one_event_cannot_stream() -> None:
    app = App()

    @app.on(TickerTrigger(concurrency=1))
    def tick() -> Iterator[str]:
        yield "a"

    completion = TestClient(app).invoke({"ticker": [1, 2]})
    assert "several records cannot stream" in str([str(outcome.error) for outcome in completion.outcomes])


def test_a_plain_stream_is_made_of_text_and_bytes() -> None:
    app = App()

    @app.on(TickerTrigger())
    def tick() -> Iterator[Any]:
        yield 5

    assert isinstance(TestClient(app).invoke({"ticker": [1]}).error, TypeError)


def test_sources_that_do_not_stream_refuse_generators() -> None:
    app = App()
    with pytest.raises(ConfigurationError, match="the handler is a generator"):

        @app.sns("topic")
        def handler() -> Iterator[str]:
            yield "a"


def test_a_refused_request_does_not_start_the_stream() -> None:
    app = App()

    def refuse() -> None:
        raise HttpError(403)

    @app.get("/x")
    def letters(_: Annotated[None, Depends(refuse)]) -> Iterator[str]:
        raise AssertionError
        yield

    assert TestClient(app).stream("GET", "/x").completion.unwrap()["statusCode"] == 403


@pytest.mark.parametrize("body", ["text", b"bytes"])
def test_a_streaming_response_is_not_made_of_one_string(body: Any) -> None:
    with pytest.raises(TypeError, match="an iterator of pieces"):
        StreamingResponse(body)


@in_real_time
@pytest.mark.anyio
async def test_a_generator_that_blocks_in_a_thread_before_its_first_piece_is_late() -> None:
    app, release = App(deadline_margin=seconds(1)), threading.Event()

    @app.get("/letters")
    def blocks() -> Iterator[str]:
        release.wait(60)
        yield "a"

    context = LambdaContext(timeout=seconds(1.25))
    try:
        completion = await app.acomplete(_event(), context, threads=anyio.CapacityLimiter(1))

        assert context.get_remaining_time_in_millis() > 0
        assert completion.reply["statusCode"] == 504
        assert isinstance(completion.outcomes[0].error, DeadlineExceeded)
        assert app.tainted
    finally:
        release.set()


@pytest.mark.anyio
async def test_a_generator_is_gathered_in_a_thread_where_others_share_the_loop() -> None:
    app, threads = App(), set[int]()

    @app.get("/letters")
    def letters() -> Iterator[str]:
        for letter in "abc":
            threads.add(threading.get_ident())
            yield letter

    completion = await app.acomplete(_event(), threads=anyio.CapacityLimiter(1))

    assert completion.reply["body"] == "abc"
    assert threading.get_ident() not in threads


@in_real_time
@pytest.mark.anyio
async def test_a_generator_that_blocks_in_a_thread_of_the_sinks_is_left_behind() -> None:
    app, release = App(), threading.Event()

    @app.get("/letters")
    def blocks() -> Iterator[str]:
        yield "a"
        release.wait(60)
        yield "b"

    async def sink(stream: Stream) -> None:
        await anyio.to_thread.run_sync(list, stream.chunks, abandon_on_cancel=True)

    try:
        completion = await app.acomplete(_event(), LambdaContext(timeout=seconds(0.5)), sink=sink)

        assert isinstance(completion.error, DeadlineExceeded)
        assert app.tainted
    finally:
        release.set()


def _event() -> Any:
    return http.v2("GET", "/letters")
