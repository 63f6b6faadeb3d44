"""Our own Runtime API keeps Lambda's rules, whatever callers and runtimes do; both are played here."""

from __future__ import annotations

import asyncio
import json
import socket
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from lambdarouter.runtime.peer import Peer
from lambdarouter.runtime.protocol import LARGEST_RESPONSE, Message, Receiver
from lambdarouter.runtime.server import RuntimeServer
from tests.pace import seconds
from tests.runtime.local import PATH, Api, api

API = "/2018-06-01/runtime"


class Runtime:
    """A runtime's connection, whose every word the test says."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), seconds(20))
        self._receiver = Receiver()

    def say(self, start: str, body: bytes = b"", **headers: str) -> None:
        """Send a request, or as much of it as the body is of its Content-Length."""
        lines = [f"{start} HTTP/1.1", "Host: x"]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if "Transfer-Encoding" not in named:
            named.setdefault("Content-Length", str(len(body)))
        lines += [f"{name}: {value}" for name, value in named.items()]
        self._connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    def go_on(self, data: bytes) -> None:
        self._connection.sendall(data)

    def hear(self) -> Message:
        message = self._receiver.feed(b"")
        while message is None:
            data = self._connection.recv(65536)
            if not data:
                raise ConnectionResetError
            message = self._receiver.feed(data)
        return message

    def ask(self, start: str, body: bytes = b"", **headers: str) -> Message:
        self.say(start, body, **headers)
        return self.hear()

    def next(self) -> str:
        """Take an event; its request id."""
        taken = self.ask(f"GET {API}/invocation/next")
        assert taken.status == 200
        return taken.headers[b"lambda-runtime-aws-request-id"].decode()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def function() -> Iterator[Api]:
    with api() as running:
        yield running


@pytest.fixture
def program(function: Api) -> Iterator[Runtime]:
    made = Runtime(function.port)
    yield made
    made.close()


def refusal(message: Message) -> tuple[int, str]:
    return message.status, json.loads(message.body)["errorType"]


def settle(function: Api) -> None:
    """Let the API see all that has been sent to it: what is on the way is read in the loop's next rounds."""

    async def rounds() -> None:
        for _ in range(50):
            await asyncio.sleep(0)

    function.run(rounds)


def test_an_event_is_answered_by_the_runtime_that_took_it(function: Api, program: Runtime) -> None:
    call = function.call({"id": 1}, request_id="one")
    assert program.next() == "one"
    assert program.ask(f"POST {API}/invocation/one/response", b"17").status == 202
    assert call.reply().json == 17


@pytest.mark.parametrize("what", ["response", "error"])
def test_what_was_not_asked_cannot_be_answered(function: Api, program: Runtime, what: str) -> None:
    path = f"POST {API}/invocation/one/{what}"
    assert refusal(program.ask(path, b"1")) == (400, "InvalidRequestID")
    call = function.call({}, request_id="one")
    settle(function)
    assert refusal(program.ask(path, b"1")) == (400, "InvalidRequestID"), "nobody has taken it"
    assert program.next() == "one"
    echo = {"Lambda_Runtime_Invocation_Id": "of another attempt"}
    assert refusal(program.ask(path, b"1", **echo)) == (410, "InvokeTimeout")
    assert program.ask(path, b"1").status == 202
    assert call.reply().body == b"1"
    assert refusal(program.ask(path, b"1")) == (400, "InvalidRequestID"), "it is over"


@pytest.mark.parametrize("what", ["response", "error"])
def test_an_answer_that_is_late_by_its_end_is_refused(function: Api, program: Runtime, what: str) -> None:
    call = function.call({}, request_id="one")
    assert program.next() == "one"
    slow = Runtime(function.port)
    slow.say(f"POST {API}/invocation/one/{what}", b"1", Content_Length="2")
    settle(function)
    assert program.ask(f"POST {API}/invocation/one/response", b"2").status == 202
    assert call.reply().json == 2
    slow.go_on(b"7")
    assert refusal(slow.hear()) == (410, "InvokeTimeout")
    slow.close()


STREAMING = {"Lambda_Runtime_Function_Response_Mode": "streaming", "Transfer_Encoding": "chunked"}


def test_a_stream_is_the_one_answer_from_its_beginning_on(function: Api, program: Runtime) -> None:
    call = function.call({}, request_id="one")
    assert program.next() == "one"
    stream = Runtime(function.port)
    stream.say(f"POST {API}/invocation/one/response", b"1\r\na\r\n", **STREAMING)
    assert call.until(b"a") == b"a"
    assert refusal(program.ask(f"POST {API}/invocation/one/response", b"1")) == (403, "InvalidStateTransition")
    stream.go_on(b"0\r\n\r\n")
    assert stream.hear().status == 202
    assert call.reply().status == 200
    stream.close()


def test_a_stream_whose_runtime_goes_is_cut_off(function: Api, program: Runtime) -> None:
    call = function.call({}, request_id="one")
    assert program.next() == "one"
    program.say(f"POST {API}/invocation/one/response", b"1\r\na\r\n", **STREAMING)
    assert call.until(b"a") == b"a"
    program.close()
    with pytest.raises(ConnectionResetError):
        call.reply()
    call.close()


def test_there_are_two_modes_of_a_response(function: Api, program: Runtime) -> None:
    call = function.call({}, request_id="one")
    assert program.next() == "one"
    wrong = {"Lambda_Runtime_Function_Response_Mode": "slow"}
    path = f"POST {API}/invocation/one/response"
    other = Runtime(function.port)
    assert refusal(other.ask(path, b"1", **wrong)) == (400, "InvalidFunctionResponseMode")
    other.close()
    assert program.ask(path, b"1").status == 202
    assert call.reply().json == 1


def test_a_response_that_is_too_large_is_both_sides_error(function: Api, program: Runtime) -> None:
    call = function.call({}, request_id="one")
    assert program.next() == "one"
    told = program.ask(f"POST {API}/invocation/one/response", b"x" * (LARGEST_RESPONSE + 1))
    assert refusal(told) == (413, "RequestEntityTooLarge")
    reply = call.reply()
    assert (reply.status, reply.headers["x-amz-function-error"]) == (200, "Unhandled")
    assert reply.json["errorType"] == "Function.ResponseSizeTooLarge"


def test_an_event_that_nobody_answers_times_out() -> None:
    with api(timeout=0.01) as function:
        reply = function.invoke({}, request_id="one")
    assert (reply.status, reply.headers["x-amz-function-error"]) == (200, "Unhandled")
    assert reply.json == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: one Task timed out after 0.01 seconds",
    }


def test_a_request_id_is_of_one_invocation_at_a_time(function: Api, program: Runtime) -> None:
    call = function.call({}, request_id="one")
    settle(function)
    second = function.invoke({}, request_id="one")
    assert (second.status, second.json["errorType"]) == (400, "InvalidRequestID")
    assert program.next() == "one"
    assert program.ask(f"POST {API}/invocation/one/response", b"1").status == 202
    assert call.reply().json == 1


def test_an_event_whose_caller_has_gone_is_not_handed_out(function: Api, program: Runtime) -> None:
    gone = function.call({}, request_id="one")
    settle(function)
    gone.close()
    settle(function)
    call = function.call({}, request_id="two")
    assert program.next() == "two"
    assert program.ask(f"POST {API}/invocation/two/response", b"1").status == 202
    assert call.reply().json == 1
    assert function.server.invocations == 1


def test_a_runtime_that_goes_while_it_waits_takes_no_event_along(function: Api, program: Runtime) -> None:
    other = Runtime(function.port)
    other.say(f"GET {API}/invocation/next")
    settle(function)
    other.close()
    settle(function)
    call = function.call({}, request_id="one")
    assert program.next() == "one"
    assert program.ask(f"POST {API}/invocation/one/response", b"1").status == 202
    assert call.reply().json == 1


@pytest.mark.parametrize("body", [b'{"errorType": "X", "errorMessage": "m"}', b"no json", b"[1]"])
def test_a_start_that_failed_is_the_answer_to_what_waits(function: Api, program: Runtime, body: bytes) -> None:
    calls = [function.call({}, request_id=str(number)) for number in range(2)]
    settle(function)
    headers = {"Lambda_Runtime_Function_Error_Type": "Runtime.X"}
    assert program.ask(f"POST {API}/init/error", body, **headers).status == 202
    assert [(reply.status, reply.body) for reply in (call.reply() for call in calls)] == [(502, body)] * 2
    told: dict[str, Any] = json.loads(body) if body.startswith(b"{") else {"body": body.decode()}
    assert function.server.failures == [{"kind": "Runtime.X", **told}]


def test_the_clients_context_comes_in_base64(function: Api, program: Runtime) -> None:
    names = {"X-Amz-Client-Context": "***"}
    refused = function.invoke({}, **names)
    assert (refused.status, refused.json["errorType"]) == (400, "InvalidRequestContent")
    call = function.call({}, request_id="one", **{"X-Amz-Client-Context": b64encode(b'{"custom":1}').decode()})
    taken = program.ask(f"GET {API}/invocation/next")
    assert taken.headers[b"lambda-runtime-client-context"] == b'{"custom":1}'
    assert program.ask(f"POST {API}/invocation/one/response", b"1").status == 202
    assert call.reply().json == 1


def test_what_is_no_call_of_the_api_is_404_and_a_ping_is_answered(program: Runtime) -> None:
    assert refusal(program.ask("GET /2018-06-01/nowhere?x=1")) == (404, "NotFound")
    assert program.ask("GET /2018-06-01/ping").body == b"pong"


def test_what_is_no_http_is_refused_and_the_connection_closed(program: Runtime) -> None:
    program.go_on(b"SSH-2.0\r\n\r\n")
    answer = program.hear()
    assert (answer.status, answer.closes) == (400, True)
    with pytest.raises(ConnectionResetError):
        program.hear()


def test_a_request_that_is_answered_before_its_end_closes_the_connection(program: Runtime) -> None:
    program.say(f"POST {API}/invocation/one/response", b"1", Content_Length="100")
    assert program.hear().status == 400
    with pytest.raises(ConnectionResetError):
        program.hear()


def test_a_connection_that_is_to_be_closed_is(program: Runtime) -> None:
    assert program.ask("GET /2018-06-01/ping", Connection="close").status == 200
    with pytest.raises(ConnectionResetError):
        program.hear()


def test_a_caller_that_talks_out_of_turn_still_gets_its_answer(function: Api, program: Runtime) -> None:
    call = function.call({}, request_id="one")
    settle(function)
    call.connection.sendall(b"more")
    settle(function)
    assert program.next() == "one"
    assert program.ask(f"POST {API}/invocation/one/response", b"1").status == 202
    assert call.reply().json == 1


# Where a runtime goes at the very moment at which there is an event for it ------------------------------------------


class Wire:
    """The way to the other end, for a connection whose moments the test chooses; broken, nothing arrives."""

    def __init__(self, *, broken: bool = False) -> None:
        self.data = b""
        self._broken = broken

    def write(self, data: bytes) -> None:
        if not self._broken:
            self.data += data

    async def drain(self) -> None:
        if self._broken:
            raise ConnectionResetError


class Line:
    """A connection to the API without a socket."""

    def __init__(self, server: RuntimeServer, said: str, *, broken: bool = False) -> None:
        self.wire = Wire(broken=broken)
        self.reader = asyncio.StreamReader()
        self.reader.feed_data(said.encode())
        peer = Peer(server.handle, self.reader, self.wire)  # type: ignore[arg-type] # what is used of a StreamWriter
        self.task = asyncio.create_task(peer.serve())

    def took(self, request_id: str) -> bool:
        return f"Request-Id: {request_id}\r\n".encode() in self.wire.data

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})
        if not self.task.cancelled():
            assert isinstance(self.task.exception(), ConnectionResetError)


NEXT = f"GET {API}/invocation/next HTTP/1.1\r\n\r\n"


def invoke(request_id: str) -> str:
    return f"POST {PATH} HTTP/1.1\r\nX-Amzn-RequestId: {request_id}\r\nContent-Length: 2\r\n\r\n{{}}"


async def rounds(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("count", range(12))
def test_whenever_a_runtime_goes_no_event_is_lost(count: int) -> None:
    async def scene() -> None:
        server = RuntimeServer()
        first = Line(server, NEXT)
        await rounds(20)
        caller = Line(server, invoke("one"))
        await rounds(count)
        first.reader.feed_eof()
        await rounds(20)
        second = Line(server, NEXT)
        await rounds(20)
        assert (first.took("one"), second.took("one")) in ((True, False), (False, True))
        assert server.invocations == 1
        for line in (first, caller, second):
            await line.end()

    asyncio.run(scene())


def test_an_event_that_did_not_reach_its_runtime_is_the_next_ones_before_all_others() -> None:
    async def scene() -> None:
        server = RuntimeServer()
        first = Line(server, NEXT, broken=True)
        callers = [Line(server, invoke(name)) for name in ("one", "two", "three")]
        await rounds(20)
        later = []
        for name in ("one", "two", "three"):
            later.append(Line(server, NEXT))
            await rounds(20)
            assert later[-1].took(name)
        assert server.invocations == 3
        for line in (first, *callers, *later):
            await line.end()

    asyncio.run(scene())
