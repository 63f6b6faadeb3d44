"""The only socket: calls of the Runtime API, on one connection that is kept.

`_socket` is used as it is: `socket` adds nothing that is needed here and takes 5 ms to import, `http.client` 30.
"""

from __future__ import annotations

import _socket
from time import monotonic, sleep

from lambdarouter.runtime.protocol import (
    API,
    DisconnectedError,
    Invocation,
    MalformedError,
    Message,
    Receiver,
    RefusedError,
    quoted,
    request,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Mapping
    from socket import socket

__all__ = ["Client", "Connection", "address"]

_NEXT, _RESTORE = "GET /invocation/next", "GET /restore/next"
_RECEIVE = 65536
_ONE_SEND = 65536  # up to here, head and body are joined and sent at once
_STALE_AFTER = 1.0  # seconds unused, after which a connection is looked at before it is written to
_ATTEMPTS = 6
_FIRST_DELAY = 0.1  # seconds, twice as many after each attempt
_IDLE = 0.01  # between two answers of 204


def address(text: str) -> tuple[str, int]:
    """`host:port`, as AWS_LAMBDA_RUNTIME_API has it. Raises ValueError for anything else."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:  # noqa: PLR2004 - as many ports as there are
        msg = f"AWS_LAMBDA_RUNTIME_API is {text!r}; it is host:port, such as 127.0.0.1:9001"
        raise ValueError(msg)
    return host, int(port)


class Connection:
    """One connection to the Runtime API. What goes wrong with it is an OSError; it is closed then.

    `patience`: seconds without a byte, in either direction, after which the other end is taken for dead.
    """

    __slots__ = ("_receiver", "_used", "socket")

    def __init__(self, host: str, port: int, patience: float) -> None:
        self._receiver = Receiver()
        self.socket: _socket.socket = _connected(host, port, patience)
        self._used = monotonic()

    def send(self, head: bytes, body: bytes = b"") -> None:
        """Send all of a request."""
        try:
            if len(body) <= _ONE_SEND:
                self.socket.sendall(head + body if body else head)
            else:
                self.socket.sendall(head)
                self.socket.sendall(body)
        except BlockingIOError:
            raise TimeoutError(_STALLED) from None

    def receive(self, *, wait: bool = False) -> Message:
        """The next message. With `wait`, for as long as it takes to begin; Lambda freezes the process meanwhile."""
        receive, receiver = self.socket.recv, self._receiver
        while True:
            try:
                data = receive(_RECEIVE)
            except BlockingIOError:
                if wait and receiver.idle:
                    continue
                raise TimeoutError(_STALLED) from None
            if not data:
                raise ConnectionResetError(_CLOSED if receiver.idle else _CLOSED + " in the middle of an answer")
            message = receiver.feed(data)
            if message is not None:
                self._used = monotonic()
                return message

    async def send_in(self, loop: AbstractEventLoop, data: bytes) -> None:
        """`send`, in an event loop; the socket must not block."""
        await loop.sock_sendall(_as_socket(self.socket), data)

    async def receive_in(self, loop: AbstractEventLoop) -> Message:
        """`receive`, in an event loop; the socket must not block."""
        while True:
            data = await loop.sock_recv(_as_socket(self.socket), _RECEIVE)
            if not data:
                raise ConnectionResetError(_CLOSED)
            message = self._receiver.feed(data)
            if message is not None:
                return message

    @property
    def reusable(self) -> bool:
        """Whether the next request can go this way: the other end has neither closed it nor said too much."""
        if not self._receiver.idle:
            return False
        if monotonic() - self._used < _STALE_AFTER:
            return True
        try:
            self.socket.recv(1, _socket.MSG_PEEK | _socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False  # its end, or what nobody asked for

    def close(self) -> None:
        """Let go of the socket."""
        self.socket.close()


def _as_socket(raw: _socket.socket) -> socket:
    """What asyncio asks for by its annotations; it uses what both have."""
    return raw  # type: ignore[return-value]


_STALLED = "nothing moved on the connection for too long"
_CLOSED = "the connection was closed"


def _connected(host: str, port: int, patience: float) -> _socket.socket:
    error: OSError | None = None
    # The host as bytes: as text it would be taken for an international name, whose codec takes a millisecond to load.
    for family, kind, proto, _, where in _socket.getaddrinfo(host.encode(), port, 0, _socket.SOCK_STREAM):
        found = _socket.socket(family, kind, proto)
        try:
            # The kernel's timeouts, set once: Python's own would cost a system call more for each one.
            timeout = int(patience * 1e6)
            packed = b"".join(part.to_bytes(8, "little") for part in divmod(timeout, 1_000_000))
            for option in (_socket.SO_RCVTIMEO, _socket.SO_SNDTIMEO):
                found.setsockopt(_socket.SOL_SOCKET, option, packed)
            found.connect(where)
            found.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        except OSError as failed:
            found.close()
            error = failed
            continue
        return found
    raise error or OSError(f"{host} has no address")


class Client:
    """The calls of the Runtime API that a runtime makes, one at a time.

    Raises `DisconnectedError`, `MalformedError`, or `RefusedError` with what the API said.
    """

    def __init__(self, host: str, port: int, *, patience: float = 10.0) -> None:
        self._where = (host, port, patience)
        self.host: str = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._connection: Connection | None = None
        self._next = request("GET", f"{API}/invocation/next", self.host, {})
        # The constant parts of the commonest call, ready.
        before, after = request("POST", f"{API}/invocation/@/response", self.host, {}).split(b"@")
        self._respond = (before, after[:-2] + b"Content-Type: application/json\r\nContent-Length: ")

    def next(self) -> Invocation:
        """Wait for the next invocation, without limit."""
        while True:
            message = self._get(self._next)
            if message.start.startswith(b"HTTP/1.1 200"):
                return Invocation(message)
            if message.status != 204:  # noqa: PLR2004 - "no event": cargo lambda watch says so
                raise RefusedError(_NEXT, message)
            sleep(_IDLE)

    def respond(self, invocation: Invocation, body: bytes, content_type: str = "application/json") -> None:
        """Send the reply to an invocation."""
        before, after = self._respond
        if content_type == "application/json" and not invocation.echo:
            identifier = invocation.identifier
            if not identifier.replace(b"-", b"").isalnum():  # letters and digits of ASCII, of bytes
                identifier = quoted(invocation.request_id).encode()
            head = b"%b%b%b%d\r\n\r\n" % (before, identifier, after, len(body))
        else:
            head = self.head(invocation, "response", {"Content-Type": content_type}, len(body))
        self._post("POST /invocation/response", head, body)

    def fail(self, invocation: Invocation, body: bytes, kind: str, cause: bytes = b"") -> None:
        """Report an invocation's error. `kind` is its type as Lambda's metrics see it, `cause` what X-Ray shows."""
        headers = {**_error_headers(kind), "Lambda-Runtime-Function-XRay-Error-Cause": cause.decode()}
        head = self.head(invocation, "error", headers, len(body))
        self._post("POST /invocation/error", head, body)

    def fail_init(self, body: bytes, kind: str) -> None:
        """Report that the function could not be initialised."""
        self._report("/init/error", body, kind)

    def restore_next(self) -> None:
        """Wait where the snapshot is taken; this returns in a copy of the environment."""
        path = f"{API}/restore/next"
        message = self._get(request("GET", path, self.host, {}))
        if message.status != 200:  # noqa: PLR2004
            raise RefusedError(_RESTORE, message)

    def fail_restore(self, body: bytes, kind: str) -> None:
        """Report that a hook failed after the snapshot was restored."""
        self._report("/restore/error", body, kind)

    def head(self, invocation: Invocation, what: str, headers: Mapping[str, str], length: int) -> bytes:
        """The head of a request about an invocation: `what` is "response" or "error"; `length` as for `request`."""
        path = f"{API}/invocation/{quoted(invocation.request_id)}/{what}"
        echo = {"Lambda-Runtime-Invocation-Id": invocation.echo.decode("utf-8", "replace")}
        return request("POST", path, self.host, {**headers, **echo}, length)

    def another(self) -> Client:
        """A client of the same API, with a connection of its own."""
        host, port, patience = self._where
        return Client(host, port, patience=patience)

    def connect(self) -> Connection:
        """Open a connection of its own, for a stream. Raises OSError."""
        return Connection(*self._where)

    def call(self, head: bytes, body: bytes = b"") -> Message:
        """Any call, on a connection of its own. Raises OSError, or `MalformedError`."""
        connection = self.connect()
        try:
            connection.send(head, body)
            return connection.receive(wait=not body)
        finally:
            connection.close()

    def close(self) -> None:
        """Let go of the connection; the next call opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _report(self, path: str, body: bytes, kind: str) -> None:
        head = request("POST", API + path, self.host, _error_headers(kind), len(body))
        self._post(f"POST {path}", head, body)

    def _ready(self) -> Connection:
        connection = self._connection
        if connection is None or not connection.reusable:
            self.close()
            connection = self._connection = self.connect()
        return connection

    def _get(self, head: bytes) -> Message:
        """A call that may be made again: where the connection breaks, a few times, on new ones."""
        delay, attempt = 0.0, 0
        while True:
            attempt += 1
            try:
                connection = self._ready()
                connection.send(head)
                return self._done(connection.receive(wait=True))
            except OSError as error:
                self.close()
                if attempt == _ATTEMPTS:
                    msg = f"the Runtime API at {self.host} is gone, after {attempt} attempts: {error}"
                    raise DisconnectedError(msg) from error
            except MalformedError:
                self.close()
                raise
            sleep(delay)
            delay = delay * 2 or _FIRST_DELAY

    def _post(self, call: str, head: bytes, body: bytes) -> None:
        """A call that must not be made twice: once it was sent, it may have been heard."""
        try:
            message = self._sent(head, body)
        except OSError as error:
            self.close()
            msg = f"the connection to the Runtime API broke during {call}, which may not have arrived: {error}"
            raise DisconnectedError(msg) from error
        except MalformedError:
            self.close()
            raise
        if message.start[9:10] != b"2":
            raise RefusedError(call, message)

    def _sent(self, head: bytes, body: bytes) -> Message:
        connection = self._ready()
        try:
            connection.send(head, body)
        except TimeoutError:
            raise
        except OSError:
            # It has not left whole, so nobody can have acted on it, unless to refuse it: a server may do that early.
            try:
                return self._done(connection.receive())
            except OSError:
                self.close()
            connection = self._ready()
            connection.send(head, body)
        return self._done(connection.receive())

    def _done(self, message: Message) -> Message:
        if message.closes:
            self.close()
        return message


def _error_headers(kind: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": kind}
