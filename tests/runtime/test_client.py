"""The socket: whatever the other end does, no hang, nothing lost or doubled, and a clear end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lambdarouter.runtime.client import Client, address
from lambdarouter.runtime.protocol import DisconnectedError, MalformedError, Message, Receiver, RefusedError
from tests.pace import in_real_time, seconds
from tests.runtime.local import runtime

NEXT = (
    b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n"
    b"Content-Length: 2\r\n\r\n{}"
)
CHUNKED = NEXT.replace(b"Content-Length: 2\r\n\r\n{}", b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
Answer = Callable[[int, Message], bytes | None]


class Peer:
    """A server that answers each request as it is told: `None`, or too little, and the connection is closed."""

    def __init__(self, answer: Answer, *, closes: bool = True) -> None:
        self.requests: list[Message] = []
        self.connections = 0
        self._answer = answer
        self._closes = closes
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with connection:
                if self._stopped(connection):
                    return
                self.connections += 1
                with contextlib.suppress(ConnectionError):
                    self._talk(connection)

    def _stopped(self, connection: socket.socket) -> bool:
        return bool(connection.getpeername()[1] == getattr(self, "_stopper", None))

    def _talk(self, connection: socket.socket) -> None:
        receiver = Receiver()
        while data := connection.recv(65536):
            message = receiver.feed(data)
            if message is None:
                continue
            self.requests.append(message)
            answer = self._answer(len(self.requests), message)
            if answer is not None:
                connection.sendall(answer)
            if answer is None or (self._closes and Receiver().feed(answer) is None):
                return

    def stop(self) -> None:
        with socket.socket() as stopper:
            stopper.bind(("127.0.0.1", 0))
            self._stopper = stopper.getsockname()[1]
            stopper.connect(("127.0.0.1", self.port))
            self._thread.join()
        self._listening.close()

    def count(self, word: bytes) -> int:
        return sum(word in message.start for message in self.requests)


@contextlib.contextmanager
def peer(answer: Answer, *, closes: bool = True) -> Iterator[Peer]:
    made = Peer(answer, closes=closes)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of connections break here: the delays between attempts are not what is tested."""
    monkeypatch.setattr("lambdarouter.runtime.client._FIRST_DELAY", 0.0)


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("whole", [NEXT, CHUNKED])
def test_an_event_that_is_cut_off_anywhere_is_asked_for_again(whole: bytes) -> None:
    for cut in range(len(whole)):
        with peer(lambda number, _, cut=cut: whole[:cut] if number == 1 else whole) as server:  # type: ignore[misc]
            client = Client("127.0.0.1", server.port)
            assert client.next().body == b"{}"
            client.close()
        assert server.count(b"/next") == 2


@pytest.mark.usefixtures("fast")
def test_a_reply_whose_receipt_is_cut_off_anywhere_is_never_sent_twice() -> None:
    for cut in range(len(ACCEPTED)):

        def answer(_: int, message: Message, cut: int = cut) -> bytes:
            return NEXT if b"/next" in message.start else ACCEPTED[:cut]

        with peer(answer) as server:
            client = Client("127.0.0.1", server.port)
            invocation = client.next()
            with pytest.raises(DisconnectedError, match="may not have arrived"):
                client.respond(invocation, b'"result"')
            assert client.next().request_id == "id-1"
            client.close()
        assert [m.body for m in server.requests if b"/response" in m.start] == [b'"result"']


def test_a_reply_goes_on_a_new_connection_where_the_old_one_was_closed_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lambdarouter.runtime.client._STALE_AFTER", 0.0)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        got: list[bytes] = []

        def serve() -> None:
            receiver = Receiver()
            first, _ = listening.accept()
            with first:
                first.recv(65536)
                first.sendall(NEXT)
            over.set()
            second, _ = listening.accept()
            with second:
                while not got:
                    message = receiver.feed(second.recv(65536))
                    if message is not None:
                        got.append(message.body)
                second.sendall(ACCEPTED)

        thread = threading.Thread(target=serve)
        thread.start()
        client = Client("127.0.0.1", listening.getsockname()[1])
        invocation = client.next()
        over.wait(10)
        client.respond(invocation, b'"result"')
        client.close()
        thread.join(10)

    assert got == [b'"result"']


@pytest.mark.usefixtures("fast")
def test_an_api_that_is_gone_is_given_up_after_some_attempts() -> None:
    with peer(lambda *_: None) as server:
        client = Client("127.0.0.1", server.port)
        with pytest.raises(DisconnectedError, match="gone, after 6 attempts"):
            client.next()
    assert len(server.requests) == 6


@in_real_time
@pytest.mark.usefixtures("fast")
def test_an_api_that_stops_in_the_middle_is_not_waited_for() -> None:
    with peer(lambda *_: NEXT[:20], closes=False) as server:
        client = Client("127.0.0.1", server.port, patience=seconds(0.05))
        with pytest.raises(DisconnectedError, match="nothing moved"):
            client.next()


@in_real_time
def test_the_next_event_is_waited_for_without_end() -> None:
    go = threading.Event()

    def answer(_: int, __: Message) -> bytes:
        go.wait(20)
        return NEXT

    with peer(answer) as server:
        client = Client("127.0.0.1", server.port, patience=seconds(0.05))
        threading.Timer(seconds(0.5), go.set).start()
        assert client.next().request_id == "id-1"
        client.close()
    assert server.count(b"/next") == 1


@in_real_time
def test_a_receipt_is_not_waited_for_without_end() -> None:
    with peer(lambda _, m: NEXT if b"/next" in m.start else b"HTTP", closes=False) as server:
        client = Client("127.0.0.1", server.port, patience=seconds(0.1))
        invocation = client.next()
        with pytest.raises(DisconnectedError, match="nothing moved"):
            client.respond(invocation, b"1")
    assert server.count(b"/response") == 1


def test_no_event_is_asked_for_again_on_the_same_connection() -> None:
    with peer(lambda number, _: b"HTTP/1.1 204 No Content\r\n\r\n" if number < 4 else NEXT) as server:
        client = Client("127.0.0.1", server.port)
        assert client.next().request_id == "id-1"
        client.close()
    assert (server.connections, len(server.requests)) == (1, 4)


def test_a_connection_that_the_api_wants_closed_is_not_used_again() -> None:
    closing = ACCEPTED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with peer(lambda _, m: NEXT if b"/next" in m.start else closing) as server:
        client = Client("127.0.0.1", server.port)
        for _ in range(3):
            client.respond(client.next(), b"1")
        client.close()
    assert server.connections == 3


def test_a_refusal_before_the_whole_request_was_read_is_heard() -> None:
    refusal = b"HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(NEXT)
                connection.recv(1000)
                connection.sendall(refusal)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        client = Client("127.0.0.1", listening.getsockname()[1])
        invocation = client.next()
        with pytest.raises(RefusedError, match="413"):
            client.respond(invocation, b"x" * 5_000_000)
        client.close()
        thread.join(10)


RESET = struct.pack("ii", 1, 0)  # of SO_LINGER: what is left unread or unsent is dropped


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


@contextlib.contextmanager
def scripted(*scenes: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server that plays one scene on each connection, one after the other; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for scene in scenes:
                connection, _ = listening.accept()
                with connection:
                    scene(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(20)
        assert not thread.is_alive()


def received(connection: socket.socket, size: int) -> int:
    """How much came, until it was so much."""
    count = 0
    while count < size and (data := connection.recv(1_000_000)):
        count += len(data)
    return count


LARGE = b"x" * 50_000_000  # more than the buffers on the way hold


def test_a_reply_that_could_not_leave_whole_is_sent_on_a_new_connection() -> None:
    got: list[int] = []

    def breaks(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(NEXT)
        connection.recv(1000)
        reset(connection)

    def takes(connection: socket.socket) -> None:
        got.append(received(connection, len(LARGE)))
        connection.sendall(ACCEPTED)

    with scripted(breaks, takes) as port:
        client = Client("127.0.0.1", port)
        client.respond(client.next(), LARGE)
        client.close()
    assert got[0] >= len(LARGE)


def test_a_refusal_at_which_the_connection_ends_is_heard_and_nothing_sent_again() -> None:
    def refuses(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(NEXT)
        connection.recv(1000)
        connection.sendall(refusal(413))
        reset(connection)

    with scripted(refuses) as port:
        client = Client("127.0.0.1", port)
        invocation = client.next()
        with pytest.raises(RefusedError, match="413"):
            client.respond(invocation, LARGE)
        client.close()


@in_real_time
def test_an_api_that_takes_no_more_of_a_reply_is_not_waited_for_without_end() -> None:
    over = threading.Event()

    def stalls(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(NEXT)
        over.wait(20)

    with scripted(stalls) as port:
        client = Client("127.0.0.1", port, patience=seconds(0.1))
        invocation = client.next()
        with pytest.raises(DisconnectedError, match="nothing moved"):
            client.respond(invocation, LARGE)
        over.set()


@pytest.mark.parametrize("ending", ["alive", "closed", "reset"])
def test_a_connection_that_was_not_used_for_a_while_is_looked_at_first(
    monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr("lambdarouter.runtime.client._STALE_AFTER", 0.0)
    over, said = threading.Event(), list[bytes]()

    def first(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(NEXT)
        if ending == "reset":
            reset(connection)
        elif ending == "closed":
            connection.close()
        over.set()
        if ending == "alive":
            second(connection)

    def second(connection: socket.socket) -> None:
        said.append(connection.recv(65536))
        connection.sendall(ACCEPTED)

    with scripted(*([first] if ending == "alive" else [first, second])) as port:
        client = Client("127.0.0.1", port)
        invocation = client.next()
        assert over.wait(20)
        client.respond(invocation, b"1")
        client.close()
    assert said[0].startswith(b"POST ")


def test_a_connection_on_which_more_was_said_than_asked_is_not_used_again() -> None:
    with peer(lambda _, m: NEXT + b"HTTP/1.1 2" if b"/next" in m.start else ACCEPTED, closes=False) as server:
        client = Client("127.0.0.1", server.port)
        invocation = client.next()
        client.respond(invocation, b"1")
        client.close()
    assert server.connections == 2


def test_an_answer_in_pieces_is_put_together_in_an_event_loop() -> None:
    async def scene() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            connection = Client("127.0.0.1", listening.getsockname()[1]).connect()
            connection.socket.setblocking(False)  # noqa: FBT003 - the socket's own signature
            other, _ = listening.accept()
            with other:
                answer = asyncio.ensure_future(connection.receive_in(asyncio.get_running_loop()))
                for piece in (ACCEPTED[:10], ACCEPTED[10:]):
                    assert not answer.done()
                    other.sendall(piece)
                    for _ in range(20):  # rounds of the loop, in which it is read
                        await asyncio.sleep(0)
                assert (await answer).status == 202
            connection.close()

    asyncio.run(scene())


def test_a_restore_that_is_refused_is_said_by_its_call() -> None:
    with (
        peer(lambda *_: refusal(403)) as server,
        contextlib.closing(Client("127.0.0.1", server.port)) as client,
        pytest.raises(RefusedError, match="GET /restore/next"),
    ):
        client.restore_next()


@pytest.mark.parametrize(("identifier", "quoted"), [(b"a/b?c", b"a%2Fb%3Fc"), (b"1-a", b"1-a"), (b"a b", b"a%20b")])
def test_a_request_id_stands_in_a_path_as_it_may(identifier: bytes, quoted: bytes) -> None:
    event = NEXT.replace(b"id-1", identifier)
    with peer(lambda _, m: event if b"/next" in m.start else ACCEPTED) as server:
        client = Client("127.0.0.1", server.port)
        client.respond(client.next(), b"1")
        client.close()
    assert server.requests[1].start == b"POST /2018-06-01/runtime/invocation/%b/response HTTP/1.1" % quoted


def test_an_attempt_is_echoed_and_a_request_id_is_quoted() -> None:
    event = NEXT.replace(b"id-1", b"a/b?c").replace(b"\r\n\r\n", b"\r\nLambda-Runtime-Invocation-Id: try-1\r\n\r\n")
    with peer(lambda _, m: event if b"/next" in m.start else ACCEPTED) as server:
        client = Client("127.0.0.1", server.port)
        invocation = client.next()
        client.respond(invocation, b"1")
        client.fail(invocation, b"{}", "Function.X", b"{}")
        client.close()

    _, response, error = server.requests
    assert response.start == b"POST /2018-06-01/runtime/invocation/a%2Fb%3Fc/response HTTP/1.1"
    assert response.headers[b"lambda-runtime-invocation-id"] == b"try-1"
    assert error.headers[b"lambda-runtime-invocation-id"] == b"try-1"
    assert error.headers[b"lambda-runtime-function-error-type"] == b"Function.X"
    assert error.headers[b"host"] == f"127.0.0.1:{server.port}".encode()


@pytest.mark.parametrize("text", ["", "host", "host:", ":9001", "host:x", "host:0", "host:65536"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="it is host:port"):
        address(text)


def test_addresses_of_both_kinds_are_read() -> None:
    assert address("169.254.100.1:9001") == ("169.254.100.1", 9001)
    assert address("[::1]:9001") == ("::1", 9001)
    assert Client("::1", 9001).host == "[::1]:9001"


def test_an_answer_that_is_no_http_is_the_end() -> None:
    with peer(lambda *_: b"SSH-2.0\r\n\r\n", closes=False) as server:
        client = Client("127.0.0.1", server.port)
        with pytest.raises(MalformedError):
            client.next()


# The process ------------------------------------------------------------------------------------------------------

ECHO = "def handler(event, context):\n    return event"


def refusal(status: int, kind: str = "") -> bytes:
    body = b'{"errorMessage":"no","errorType":"%b"}' % kind.encode()
    return b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


@pytest.mark.parametrize(
    "receipt", [refusal(400, "InvalidRequestID"), refusal(403), refusal(410, "InvokeTimeout"), refusal(413), b""]
)
def test_a_reply_that_is_refused_is_logged_and_the_next_event_taken(tmp_path: Path, receipt: bytes) -> None:
    over = threading.Event()

    def answer(_: int, message: Message) -> bytes | None:
        if b"/next" not in message.start:
            return receipt or None
        if server.count(b"/response") == 3:
            over.set()
            return refusal(403)
        return NEXT

    with peer(answer) as server, runtime(server.port, tmp_path, ECHO) as program:
        assert over.wait(seconds(20))
        assert program.wait(seconds(20)) == 1
    assert (server.count(b"/response"), server.count(b"/error")) == (3, 0)
    assert (tmp_path / "log").read_text().count("[ERROR]") == 4


@pytest.mark.parametrize(
    ("receipt", "text"),
    [
        (refusal(500), "500"),
        (refusal(400, "InvalidFunctionResponseMode"), "InvalidFunctionResponseMode"),
        (b"nonsense\r\n\r\n", "sent neither a request nor a response"),
    ],
)
def test_what_cannot_be_mended_ends_the_process_with_status_1(tmp_path: Path, receipt: bytes, text: str) -> None:
    def answer(_: int, message: Message) -> bytes:
        return NEXT if b"/next" in message.start else receipt

    with peer(answer, closes=False) as server, runtime(server.port, tmp_path, ECHO) as program:
        assert program.wait(seconds(20)) == 1
    assert server.count(b"/response") == 1
    assert text in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("environment", "handler", "text"),
    [
        ({"AWS_LAMBDA_RUNTIME_API": ""}, "function.handler", "AWS_LAMBDA_RUNTIME_API is not set"),
        ({"_HANDLER": ""}, "", "usage: python -m lambdarouter.runtime"),
    ],
)
def test_a_wrong_start_is_told_with_status_2(
    tmp_path: Path, environment: dict[str, str], handler: str, text: str
) -> None:
    with runtime(1, tmp_path, ECHO, handler=handler, environment=environment) as program:
        assert program.wait(seconds(20)) == 2
    assert text in (tmp_path / "log").read_text()


def test_proxies_are_ignored(tmp_path: Path) -> None:
    proxies = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "x"}

    def answer(_: int, message: Message) -> bytes:
        if server.count(b"/response"):
            return refusal(403)
        return NEXT if b"/next" in message.start else ACCEPTED

    with peer(answer) as server, runtime(server.port, tmp_path, ECHO, environment=proxies) as program:
        assert program.wait(seconds(20)) == 1
    assert server.count(b"/response") == 1
