"""Streamed replies, through our own Runtime API."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lambdarouter.core.stream import Stream
from lambdarouter.runtime.client import Client
from lambdarouter.runtime.protocol import DisconnectedError, Invocation, Message
from lambdarouter.runtime.server import RuntimeServer
from lambdarouter.runtime.stream import Sender, streamed
from lambdarouter.testing.events import http
from tests.pace import in_real_time, seconds
from tests.runtime.local import PATH, api, serving

STREAMS = {"LAMBDAROUTER_INVOKE_MODE": "RESPONSE_STREAM"}
NULS = b"\0" * 8

# Each handler writes to a file what becomes of it, and waits for one that the test makes.
GATE = """
import asyncio, pathlib, time
from lambdarouter import App, Request, StreamingResponse
here = pathlib.Path(__file__).parent

def wait():
    while not (here / "go").exists():
        time.sleep(0.01)

async def wait_async():
    while not (here / "go").exists():
        await asyncio.sleep(0.01)

app = handler = App()
"""

SYNC = """
@app.get("/")
def pieces():
    try:
        yield "first,"
        wait()
        yield "second"
    finally:
        (here / "closed").write_text("yes")
"""

ASYNC = """
@app.get("/")
async def pieces():
    try:
        yield "first,"
        await wait_async()
        yield "second"
    finally:
        (here / "closed").write_text("yes")
"""

RESPONSE = """
@app.get("/")
async def reply() -> StreamingResponse:
    async def pieces():
        yield b"first,"
        await wait_async()
        yield b"second"
    return StreamingResponse(pieces(), headers={"x-mine": "1"}, cookies=["a=1; Secure", "b=2"])
"""

PLAIN = """
def handler(event, context):
    yield {"statusCode": 200, "headers": {"content-type": "text/plain; charset=utf-8"}, "cookies": []}
    yield "first,"
    wait()
    yield "second"
"""

PLAIN_ASYNC = """
async def handler(event, context):
    yield {"statusCode": 200, "headers": {"content-type": "text/plain; charset=utf-8"}, "cookies": []}
    yield "first,"
    await wait_async()
    yield "second"
"""

GET = http.url("GET", "/")


def wait_for(path: Path) -> None:
    until = time.monotonic() + seconds(10)
    while not path.exists():
        assert time.monotonic() < until, path.with_name("log").read_text()
        time.sleep(0.01)


@pytest.mark.parametrize("code", [SYNC, ASYNC, RESPONSE, PLAIN, PLAIN_ASYNC])
def test_the_first_chunk_arrives_while_the_handler_still_waits(tmp_path: Path, code: str) -> None:
    with serving(tmp_path, GATE + code, environment=STREAMS) as api:
        call = api.call(GET)
        seen = call.until(b"first,")
        head, _, body = seen.partition(NULS)
        assert not (tmp_path / "go").exists()
        (tmp_path / "go").touch()
        reply = call.reply()

    assert body == b"first,"
    assert json.loads(head)["statusCode"] == 200
    assert reply.headers["content-type"] == "application/vnd.awslambda.http-integration-response"
    assert reply.body == b"second"
    assert reply.trailers == {}
    if code is RESPONSE:
        assert json.loads(head)["cookies"] == ["a=1; Secure", "b=2"]
        assert json.loads(head)["headers"]["x-mine"] == "1"


def test_a_plain_stream_has_no_head(tmp_path: Path) -> None:
    code = """
def handler(event, context):
    yield b"one"
    yield ""
    yield "two"
"""
    with serving(tmp_path, code, environment=STREAMS) as api:
        reply = api.invoke("event")

    assert (reply.headers["content-type"], reply.body) == ("application/octet-stream", b"onetwo")


FAILING = """
@app.get("/before")
{colour}def before():
    raise ValueError("early")
    yield "never"

@app.get("/amid")
{colour}def amid():
    yield "begun"
    raise FileNotFoundError("late")
"""


@pytest.mark.parametrize("colour", ["", "async "])
def test_an_error_amid_the_stream_goes_along_in_the_trailers(tmp_path: Path, colour: str) -> None:
    with serving(tmp_path, GATE + FAILING.format(colour=colour), environment=STREAMS) as api:
        reply = api.invoke(http.url("GET", "/amid"))
        again = api.invoke(http.url("GET", "/amid"))

    assert reply.body.endswith(b"begun")
    assert reply.trailers["lambda-runtime-function-error-type"] == "Function.FileNotFoundError"
    told = json.loads(base64.b64decode(reply.trailers["lambda-runtime-function-error-body"]))
    assert (told["errorType"], told["errorMessage"]) == ("FileNotFoundError", "late")
    assert "in amid" in told["stackTrace"][-1]
    assert again.trailers.keys() == reply.trailers.keys()
    assert "late" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("colour", ["", "async "])
def test_an_error_before_the_first_chunk_is_an_ordinary_reply(tmp_path: Path, colour: str) -> None:
    with serving(tmp_path, GATE + FAILING.format(colour=colour), environment=STREAMS) as api:
        reply = api.invoke(http.url("GET", "/before"))

    head, _, body = reply.body.partition(NULS)
    assert json.loads(head)["statusCode"] == 500
    assert json.loads(body)["title"] == "Internal Server Error"


def test_an_error_of_a_plain_generator_before_its_first_chunk_is_an_ordinary_error(tmp_path: Path) -> None:
    code = "def handler(event, context):\n    raise ValueError('early')\n    yield 'never'"
    with serving(tmp_path, code, environment=STREAMS) as api:
        reply = api.invoke("event")

    assert reply.headers["x-amz-function-error"] == "Unhandled"
    assert (reply.json["errorType"], reply.json["errorMessage"]) == ("ValueError", "early")


ENDLESS = """
@app.get("/")
{colour}def pieces():
    try:
        while True:
            yield b"x" * 100_000
            with (here / "count").open("a") as file:
                file.write("1")
    finally:
        (here / "closed").write_text("yes")

@app.get("/other")
def other():
    return "ok"
"""


@pytest.mark.parametrize("colour", ["", "async "])
def test_a_caller_that_goes_closes_the_generator(tmp_path: Path, colour: str) -> None:
    with serving(tmp_path, GATE + ENDLESS.format(colour=colour), environment=STREAMS) as api:
        call = api.call(GET)
        call.piece()
        call.close()
        wait_for(tmp_path / "closed")

        assert api.invoke(http.url("GET", "/other")).body.endswith(b"ok")


def test_a_caller_that_goes_cancels_a_generator_that_waits(tmp_path: Path) -> None:
    with serving(tmp_path, GATE + ASYNC, environment=STREAMS) as api:
        call = api.call(GET)
        call.until(b"first,")
        call.close()
        wait_for(tmp_path / "closed")


@in_real_time
@pytest.mark.parametrize("colour", ["", "async "])
def test_a_caller_that_reads_slowly_slows_the_handler_down(tmp_path: Path, colour: str) -> None:
    with serving(tmp_path, GATE + ENDLESS.format(colour=colour), environment=STREAMS) as api:
        call = api.call(GET)
        call.piece()
        wait_for(tmp_path / "count")
        produced = 0
        while produced != (produced := (tmp_path / "count").stat().st_size):
            time.sleep(seconds(0.3))
        call.close()

    # What fits into the buffers on the way.
    assert produced < 400


async def stopped_in_a_stream() -> set[Any]:
    """Stop our own API while a runtime streams to a caller that reads nothing. The tasks that it leaves."""
    async with RuntimeServer() as server:
        port = await server.start()
        caller, waiting = await asyncio.open_connection("127.0.0.1", port)
        waiting.write(f"POST {PATH} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        reader, runtime = await asyncio.open_connection("127.0.0.1", port)
        runtime.write(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        name = head.partition("lambda-runtime-aws-request-id: ")[2].partition("\r\n")[0]
        lines = [f"POST /2018-06-01/runtime/invocation/{name}/response HTTP/1.1", "Transfer-Encoding: chunked"]
        runtime.write("\r\n".join([*lines, "Lambda-Runtime-Function-Response-Mode: streaming", "", ""]).encode())
        runtime.transport.set_write_buffer_limits(high=0)
        caller._transport.pause_reading()  # type: ignore[attr-defined] # nothing else stops it from reading ahead
        full = False
        while not full:
            runtime.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            try:
                await asyncio.wait_for(runtime.drain(), seconds(0.3))
            except TimeoutError:
                full = True
    for connection in (waiting, runtime):
        connection.transport.abort()
    await asyncio.sleep(0)
    return asyncio.all_tasks() - {asyncio.current_task()}


@in_real_time
def test_our_own_api_leaves_nothing_when_it_is_stopped_in_a_stream() -> None:
    assert asyncio.run(stopped_in_a_stream()) == set()


@in_real_time
@pytest.mark.parametrize("code", [SYNC, ASYNC])
def test_the_deadline_ends_a_stream_with_its_error(tmp_path: Path, code: str) -> None:
    with serving(tmp_path, GATE + code, timeout=seconds(1), environment=STREAMS) as api:
        reply = api.invoke(GET)

    assert reply.body.endswith(b"first,")
    assert reply.trailers["lambda-runtime-function-error-type"] == "Function.DeadlineExceeded"
    assert (tmp_path / "closed").exists()


OTHERS = """
@app.get("/json")
def body():
    return {"a": 1}

@app.get("/cookies")
def cookies():
    from lambdarouter import Response
    return Response(b"\\xff\\x00", headers={"content-type": "image/png"}, cookies=["a=1", "b=2"])
"""


@pytest.mark.parametrize("build", [http.url, http.rest])
def test_replies_that_are_no_streams_take_the_same_form(tmp_path: Path, build: Any) -> None:
    with serving(tmp_path, GATE + OTHERS, environment=STREAMS) as api:
        plain, binary = api.invoke(build("GET", "/json")), api.invoke(build("GET", "/cookies"))

    head, _, body = plain.body.partition(NULS)
    assert (json.loads(head)["statusCode"], json.loads(body)) == (200, {"a": 1})
    head, _, body = binary.body.partition(NULS)
    assert (json.loads(head)["cookies"], body) == (["a=1", "b=2"], b"\xff\x00")


@pytest.mark.parametrize("build", [http.alb, http.v2])
def test_front_ends_that_take_no_stream_get_the_whole_reply(tmp_path: Path, build: Any) -> None:
    (tmp_path / "go").touch()
    with serving(tmp_path, GATE + SYNC, environment=STREAMS) as api:
        reply = api.invoke(build("GET", "/"))

    assert (reply.json["statusCode"], reply.json["body"]) == (200, "first,second")


@pytest.mark.parametrize("code", [SYNC, ASYNC, RESPONSE, PLAIN, PLAIN_ASYNC])
def test_a_function_that_is_not_set_up_for_it_replies_whole(tmp_path: Path, code: str) -> None:
    (tmp_path / "go").touch()
    with serving(tmp_path, GATE + code) as api:
        reply = api.invoke(GET)

    body = reply.json["body"]
    assert (base64.b64decode(body).decode() if reply.json.get("isBase64Encoded") else body) == "first,second"


def test_a_wrong_invoke_mode_is_reported(tmp_path: Path) -> None:
    with serving(tmp_path, SYNC, environment={"LAMBDAROUTER_INVOKE_MODE": "stream"}) as api:
        until = time.monotonic() + seconds(10)
        while not api.server.failures:
            assert time.monotonic() < until
            time.sleep(0.01)

    (failure,) = api.server.failures
    assert failure["kind"] == "Runtime.InvalidSetting"
    assert "RESPONSE_STREAM" in failure["errorMessage"]


@pytest.mark.parametrize(
    "reply",
    [
        None,
        "text",
        {"body": "no status"},
        {"statusCode": "200", "body": ""},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "a", "isBase64Encoded": True},
        {"statusCode": 200, "body": "half a pair: \ud800"},
        {"statusCode": 200, "headers": ["a: b"]},
    ],
)
def test_what_is_no_reply_of_http_has_no_streams_form(reply: Any) -> None:
    assert streamed(reply) is None


def test_a_reply_with_lists_of_headers_has_a_streams_form() -> None:
    reply = {
        "statusCode": 201,
        "headers": {"x-one": 1},
        "multiValueHeaders": {"X-Tag": ["a", 2], "Set-Cookie": ["b=2", "c=3"]},
        "cookies": ["a=1"],
        "body": "aGk=",
        "isBase64Encoded": True,
    }
    stream = streamed(reply)
    assert stream is not None
    assert stream.head == {
        "statusCode": 201,
        "headers": {"x-one": "1", "X-Tag": "a, 2"},
        "cookies": ["a=1", "b=2", "c=3"],
    }
    assert list(stream.chunks) == [b"hi"]
    empty = streamed({"statusCode": 204})
    assert empty is not None
    assert list(empty.chunks) == []


def taken(request_id: str = "one") -> Invocation:
    return Invocation(Message(b"HTTP/1.1 200 OK", {b"lambda-runtime-aws-request-id": request_id.encode()}))


def test_a_stream_for_which_there_is_no_connection_has_not_begun() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    sender = Sender(Client("127.0.0.1", port), taken(), None, http=False)
    with pytest.raises(DisconnectedError, match="no connection to the Runtime API for the streamed reply"):
        sender(Stream(None, iter([b"a"]), lambda _: None))
    assert not sender.begun


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_stream_that_is_refused_is_the_senders_trouble_and_no_error_of_the_handlers(colour: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"

    with api() as function:
        sender = Sender(Client("127.0.0.1", function.port), taken("of nobody"), None, http=False)
        sent = sender(Stream(None, pieces() if colour == "async" else iter([b"a"]), lambda _: None))
        if sent is not None:

            async def wait() -> None:
                await sent

            asyncio.run(wait())
    assert sender.begun
    assert sender.trouble is not None
