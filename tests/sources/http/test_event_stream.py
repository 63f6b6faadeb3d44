"""Server-sent events."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import App, Response, ServerSentEvent, StreamingResponse
from lambdarouter.testing import TestClient


class Order(BaseModel):
    id: int


class Secretive(Order):
    password: str = "hunter2"


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (ServerSentEvent("a"), "data: a\n\n"),
        (ServerSentEvent(""), "data: \n\n"),
        (ServerSentEvent("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (ServerSentEvent("a\x0bb\u2028c"), "data: a\x0bb\u2028c\n\n"),
        (ServerSentEvent({"a": [1]}), 'data: {"a":[1]}\n\n'),
        (ServerSentEvent(Order(id=1)), 'data: {"id":1}\n\n'),
        (ServerSentEvent(0), "data: 0\n\n"),
        (
            ServerSentEvent("x", event="order", id="17", retry=500, comment="hi"),
            ": hi\nevent: order\nid: 17\nretry: 500\ndata: x\n\n",
        ),
        (ServerSentEvent(comment="ping"), ": ping\n\n"),
        (ServerSentEvent(id=""), "id: \n\n"),
    ],
    ids=str,
)
def test_an_event_is_written_as_the_standard_has_it(event: ServerSentEvent, text: str) -> None:
    assert event.encode() == text.encode()


@pytest.mark.parametrize(
    "options",
    [
        {"event": "a\nb"},
        {"event": "a\rb"},
        {"id": "a\n"},
        {"id": "a\0"},
        {"retry": -1},
        {"retry": "5"},
        {"retry": True},
    ],
    ids=str,
)
def test_an_event_that_would_be_read_as_another_is_refused(options: Any) -> None:
    with pytest.raises(ValueError, match="server-sent event"):
        ServerSentEvent("x", **options)


def test_a_generator_of_events_is_an_event_stream() -> None:
    app = App(compress=0)

    @app.get("/events")
    async def events() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent("a", id="1")
        yield ServerSentEvent("b", id="2")

    streamed = TestClient(app).stream("GET", "/events", headers={"accept-encoding": "gzip, br"})
    assert streamed.chunks == [b"id: 1\ndata: a\n\n", b"id: 2\ndata: b\n\n"]
    assert streamed.head is not None
    # Nothing compresses it: what a proxy gathers, a browser waits for.
    assert streamed.head["headers"] == {"content-type": "text/event-stream", "cache-control": "no-cache"}


def test_other_pieces_of_an_event_stream_are_the_data_of_events() -> None:
    app = App()

    @app.get("/events")
    def events() -> Iterator[Any]:
        yield ServerSentEvent("a")
        yield "b"
        yield {"c": 1}

    @app.get("/declared")
    def declared() -> StreamingResponse:
        return StreamingResponse(iter([Order(id=1), "x"]), content_type="text/event-stream; charset=utf-8")

    client = TestClient(app)
    assert client.get("/events").unwrap()["body"] == 'data: a\n\ndata: b\n\ndata: {"c":1}\n\n'
    assert client.get("/declared").unwrap()["body"] == 'data: {"id":1}\n\ndata: x\n\n'


def test_the_declared_type_of_pieces_is_that_of_their_json() -> None:
    app = App()

    @app.get("/lines")
    def lines() -> Iterator[Order]:
        yield Secretive(id=1)
        yield Secretive(id=2)

    reply = TestClient(app).get("/lines").unwrap()
    assert [json.loads(line) for line in reply["body"].splitlines()] == [{"id": 1}, {"id": 2}]
    assert reply["headers"]["content-type"] == "application/jsonl"


def test_a_piece_that_is_none_is_null_where_the_declared_type_allows_it() -> None:
    app = App()

    @app.get("/lines")
    def lines() -> Iterator[Order | None]:
        yield Secretive(id=1)
        yield None

    assert TestClient(app).get("/lines").unwrap()["body"] == '{"id":1}\nnull\n'


@pytest.mark.parametrize(
    "piece",
    [Response("x"), ServerSentEvent(Response("x")), ServerSentEvent("x")],
    ids=["reply", "event of one", "event"],
)
def test_a_piece_that_writes_itself_breaks_a_stream_of_another_kind_off(piece: Any) -> None:
    app = App()

    @app.get("/pieces")
    def pieces() -> Iterator[Order | ServerSentEvent]:
        yield ServerSentEvent("a") if isinstance(getattr(piece, "data", None), Response) else Order(id=1)
        yield piece

    sent = TestClient(app).stream("GET", "/pieces")
    assert len(sent.chunks) == 1
    assert isinstance(sent.completion.error, TypeError)


def test_a_piece_that_does_not_fit_is_a_500_where_it_is_the_first_and_breaks_the_stream_off_later() -> None:
    app = App()

    @app.get("/{bad}")
    def lines(bad: int) -> Iterator[Order]:
        for number in range(3):
            yield {"id": "x"} if number == bad else Order(id=number)  # type: ignore[misc] # the mistake meant

    client = TestClient(app)
    first = client.stream("GET", "/0")
    assert first.completion.unwrap()["statusCode"] == 500
    later = client.stream("GET", "/1")
    assert later.chunks == [b'{"id":0}\n']
    assert isinstance(later.completion.error, TypeError)


def test_a_stream_without_pieces_has_the_media_type_of_what_it_declares() -> None:
    app = App()

    @app.get("/events")
    def events() -> Iterator[ServerSentEvent]:
        yield from ()

    @app.get("/lines")
    def lines() -> Iterator[Order]:
        yield from ()

    @app.get("/bytes")
    async def as_bytes() -> AsyncIterator[bytes]:
        for piece in (b"", b""):
            yield piece

    @app.get("/anything")
    def anything():  # type: ignore[no-untyped-def] # noqa: ANN202 - a handler need not say
        yield from ()

    app.get("/response")(lambda: StreamingResponse(iter(())))
    types = {
        path: TestClient(app).get(f"/{path}").unwrap()["headers"]["content-type"]
        for path in ("events", "lines", "bytes", "anything", "response")
    }
    assert types == {
        "events": "text/event-stream",
        "lines": "application/jsonl",
        "bytes": "application/octet-stream",
        "anything": "text/plain; charset=utf-8",
        "response": "text/plain; charset=utf-8",
    }


def test_a_text_that_is_none_is_sent_as_bytes_and_several_values_of_a_header_as_one() -> None:
    app = App()
    headers = [("x-tag", "a"), ("x-tag", "b"), ("set-cookie", "c=1"), ("content-type", "text/plain")]
    app.get("/x")(lambda: StreamingResponse(iter([b"\xff"]), headers=headers))
    reply = TestClient(app).get("/x").unwrap()
    assert reply["isBase64Encoded"] is True
    streamed = TestClient(app).stream("GET", "/x")
    assert streamed.head == {
        "statusCode": 200,
        "headers": {"x-tag": "a, b", "content-type": "text/plain"},
        "cookies": ["c=1"],
    }


def test_an_event_tells_what_it_is() -> None:
    assert repr(ServerSentEvent("x", event="order", id="1")) == "<ServerSentEvent order 1>"
    assert repr(StreamingResponse(iter(()), 201)) == "<StreamingResponse 201>"


def test_what_a_stream_says_of_caches_itself_counts() -> None:
    app = App()

    @app.get("/events")
    def events() -> StreamingResponse:
        headers = {"content-type": "text/event-stream", "cache-control": "no-store"}
        return StreamingResponse(iter(["a"]), headers=headers)

    head = TestClient(app).stream("GET", "/events").head
    assert head is not None
    assert head["headers"] == {"content-type": "text/event-stream", "cache-control": "no-store"}


@pytest.mark.parametrize("body", ["text", b"bytes"])
def test_a_body_in_one_piece_is_no_stream(body: Any) -> None:
    with pytest.raises(TypeError, match="return a Response"):
        StreamingResponse(body)
