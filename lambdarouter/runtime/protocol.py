"""The Lambda Runtime API as values and bytes, with no input or output: what is sent, and what arrives.

`Receiver` takes the bytes that arrive, as they come, and gives whole messages; the functions below it give the bytes
to send. Both ends are here: the runtime's, and the server's, for our own Runtime API.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

from lambdarouter.errors import RuntimeApiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Never

__all__ = [
    "API",
    "LARGEST_HEAD",
    "LARGEST_RESPONSE",
    "DisconnectedError",
    "Invocation",
    "MalformedError",
    "Message",
    "Receiver",
    "RefusedError",
    "chunk",
    "last_chunk",
    "quoted",
    "request",
]

API = "/2018-06-01/runtime"
# What Lambda takes as a buffered reply, in bytes: 6 MiB and a little.
LARGEST_RESPONSE = 6 * 1024 * 1024 + 100
# The client context is a header, and may have some KB.
LARGEST_HEAD = 64 * 1024
# An event has at most 6 MiB; whoever announces ten times as much has lost the thread.
_LARGEST_BODY = 64 * 1024 * 1024
_CHUNKED = -1
_SHORT = 512
_LINE = 256  # of a chunk's size and its extensions


class DisconnectedError(RuntimeApiError):
    """The connection to the Runtime API cannot be made, or broke."""


class MalformedError(RuntimeApiError):
    """What the Runtime API sent is not HTTP/1.1, or not of this API: its fault, and nothing it sends can be trusted."""


class RefusedError(RuntimeApiError):
    """The Runtime API answered a call with an error. `status` is HTTP's, `kind` the API's word for it.

    `fatal`: no invocation will come any more, and the process should end.
    """

    def __init__(self, call: str, message: Message) -> None:
        self.status: int = message.status
        kind, text = _error_of(message.body)
        self.kind: str = kind
        # https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html: "Non-recoverable state. Runtime should exit."
        self.fatal: bool = self.status >= 500 or self.kind == "InvalidFunctionResponseMode" or call.startswith("GET")  # noqa: PLR2004
        super().__init__(f"{call} was answered with {self.status} {self.kind}: {text}".rstrip(": "))


class Message:
    """A request or a response, whole. `start` is its first line, the names of headers and trailers in lower case.

    `closes`: whether the sender will close the connection.
    """

    __slots__ = ("body", "closes", "headers", "start", "trailers")

    def __init__(self, start: bytes, headers: dict[bytes, bytes]) -> None:
        self.start: bytes = start
        self.headers: dict[bytes, bytes] = headers
        self.body: bytes = b""
        self.trailers: dict[bytes, bytes] = {}
        told = headers.get(b"connection")
        self.closes: bool = (told is not None and b"close" in told.lower()) or start.startswith(b"HTTP/1.0")

    @property
    def status(self) -> int:
        """The status of a response; 0 in a request."""
        return int(self.start[9:12]) if self.start.startswith(b"HTTP/1.") else 0


class Receiver:
    """Puts the messages of one direction of a connection together.

    `feed` it whatever arrives, in any pieces; it returns a `Message` once one is whole. What comes behind it is kept
    for the next `feed`. Raises `MalformedError`.
    """

    __slots__ = ("_buffer", "_last", "_left", "_pieces", "_size", "head")

    def __init__(self) -> None:
        self._buffer = b""
        self._pieces: list[bytes] = []
        self._left = 0
        self._size = 0
        # The last short message that came in one piece, with its bytes.
        self._last: tuple[bytes, Message] | None = None
        # The message whose body is still coming.
        self.head: Message | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing of a further message has arrived."""
        return self.head is None and not self._buffer

    def take(self) -> bytes:
        """The part of the body that has arrived since; the whole message will be without it."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken

    def feed(self, data: bytes) -> Message | None:
        """Take what has arrived; b"" looks at what was kept."""
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        head = self.head
        if head is None:
            if self._last is not None and data == self._last[0]:
                return self._last[1]  # the API's answers to replies are alike, mostly: a tenth of a cycle
            end = data.find(b"\r\n\r\n")
            if end > LARGEST_HEAD or (end < 0 and len(data) > LARGEST_HEAD):
                msg = f"a head of more than {LARGEST_HEAD} bytes"
                _reject(msg, data)
            if end < 0:
                self._buffer = data
                return None
            head = _head(data[:end])
            if head.start[9:10] == b"1" and head.status:
                return self.feed(data[end + 4 :])  # 100 Continue, and its like: the response is still to come
            left = _length(head)
            if left == len(data) - end - 4:  # as nearly always
                head.body = data[end + 4 :]
                if len(data) <= _SHORT:
                    self._last = data, head
                return head
            self.head, self._left, self._size = head, left, 0
            data = data[end + 4 :]
            if left == _CHUNKED:
                self._left = 0
                head.trailers = _PENDING
        return self._chunked(head, data) if head.trailers is _PENDING else self._counted(head, data)

    def _counted(self, head: Message, data: bytes) -> Message | None:
        if len(data) < self._left:
            self._left -= len(data)
            self._pieces.append(data)
            return None
        self._pieces.append(data[: self._left])
        self._buffer = data[self._left :]
        return self._whole(head)

    def _chunked(self, head: Message, data: bytes) -> Message | None:
        """`_left` is what is missing of a chunk and the line break behind it; 0 between chunks."""
        at = 0
        while True:
            if self._left:
                piece = data[at : at + self._left]
                at += len(piece)
                # The last two bytes are the line break.
                behind = 2 - min(2, self._left - len(piece))
                self._left -= len(piece)
                if behind:
                    piece = self._broken(piece, behind)
                if piece:
                    self._pieces.append(piece)
                if self._left:
                    return None
            end = data.find(b"\r\n", at)
            if end < 0 or end - at > _LINE:
                if len(data) - at > _LINE:
                    _reject("a chunk without its size", data[at:])
                self._buffer = data[at:]
                return None
            size = _chunk_size(data[at:end])
            if size == 0:
                return self._end(head, data, at, end)
            self._size += size
            if self._size > _LARGEST_BODY and not self._streams(head):
                _reject_size(self._size)
            self._left = size + 2
            at = end + 2

    @staticmethod
    def _streams(head: Message) -> bool:
        return b"lambda-runtime-function-response-mode" in head.headers

    def _broken(self, piece: bytes, behind: int) -> bytes:
        """A chunk's end, less the line break behind it, which may come byte by byte."""
        total = behind  # bytes of the break that have arrived by now
        here = min(len(piece), total)
        expected = b"\r\n"[total - here : total]
        if piece[len(piece) - here :] != expected:
            _reject("a chunk that is longer or shorter than its size", piece[len(piece) - here :])
        return piece[: len(piece) - here]

    def _end(self, head: Message, data: bytes, at: int, end: int) -> Message | None:
        """The last chunk, of no bytes, with its trailers."""
        if data.startswith(b"\r\n", end + 2):
            head.trailers = {}
            self._buffer = data[end + 4 :]
            return self._whole(head)
        over = data.find(b"\r\n\r\n", end)
        if over < 0:
            if len(data) - end > LARGEST_HEAD:
                msg = f"trailers of more than {LARGEST_HEAD} bytes"
                _reject(msg, data[end:])
            self._buffer = data[at:]
            return None
        head.trailers = _head(data[at:over]).headers
        self._buffer = data[over + 4 :]
        return self._whole(head)

    def _whole(self, head: Message) -> Message:
        head.body = self.take()
        self.head = None
        return head


# In the place of trailers that are still to come.
_PENDING: dict[bytes, bytes] = {}


def _head(data: bytes) -> Message:
    lines = data.split(b"\r\n")
    # Checked all at once, because this is done for every event: no half line breaks, no NUL. `in` takes twice as long,
    # as it first tries to take the bytes for an int.
    text = b"".join(lines)
    if max(text.rfind(b"\r"), text.rfind(b"\n"), text.rfind(b"\0")) >= 0:
        _reject("a head with a broken line", data)
    start = lines.pop(0)
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon:
            _reject("a header that is none", line)
        headers[name.lower()] = value.strip()
    if headers and min(headers) < b"!":
        # It begins with a space: the line goes on from the one before (RFC 9112, 5.2). Or there is no name.
        _reject("a head with a broken line", data)
    if len(headers) < len(lines):
        _check_repeated(lines, data)
    return Message(start, headers)


def _check_repeated(lines: list[bytes], data: bytes) -> None:
    """Refuse a head that answers twice how long its body is."""
    told: dict[bytes, bytes] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        if told.setdefault(name.lower(), value.strip()) != value.strip() and name.lower() in _ONCE:
            _reject("two answers to how long the body is", data)


_ONCE = (b"content-length", b"transfer-encoding")


def _length(head: Message) -> int:
    """How long the body is, or `_CHUNKED`."""
    start, headers = head.start, head.headers
    is_response = start.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")) and start[9:12].isdigit()
    if not is_response and not start.endswith((b" HTTP/1.1", b" HTTP/1.0")):
        _reject("neither a request nor a response of HTTP/1.1", start)
    if b"transfer-encoding" in headers:
        if headers[b"transfer-encoding"].lower() != b"chunked" or b"content-length" in headers:
            _reject("a transfer encoding other than chunked alone", start)
        return _CHUNKED
    text = headers.get(b"content-length")
    if text is None:
        if not is_response or start[9:12] in (b"204", b"304"):
            return 0
        # What ends with the connection may also have been cut off: an event must not be taken for whole.
        _reject("a response that does not say how long it is", start)
    if not text.isdigit() or len(text) > _DIGITS:
        _reject("a Content-Length that is no number", text)
    size = int(text)
    if size > _LARGEST_BODY:
        _reject_size(size)
    return size


_DIGITS = 16


def _chunk_size(line: bytes) -> int:
    text = line.partition(b";")[0].strip()
    if not text or len(text) > _DIGITS or not _HEX.issuperset(text):
        _reject("a chunk's size that is no number", line)
    return int(text, 16)


_HEX = frozenset(b"0123456789abcdefABCDEF")


def _reject(what: str, seen: bytes) -> Never:
    msg = f"the other end of the Runtime API sent {what}: {seen[:60]!r}"
    raise MalformedError(msg)


def _reject_size(size: int) -> Never:
    msg = f"the other end of the Runtime API sends {size} bytes or more; {_LARGEST_BODY} are the most"
    raise MalformedError(msg)


def _error_of(body: bytes) -> tuple[str, str]:
    """What the API says of an error: `{"errorMessage", "errorType"}`."""
    import json  # noqa: PLC0415 - only where something went wrong

    try:
        told = json.loads(body)
        return str(told.get("errorType", "")), str(told.get("errorMessage", ""))
    except (ValueError, AttributeError, RecursionError):
        return "", body[:200].decode("utf-8", "replace")


class Invocation:
    """What `/invocation/next` gave: the event's bytes, and the headers that tell about it.

    Raises `MalformedError` where it has no request id, without which nothing can be answered.
    """

    __slots__ = ("_headers", "body", "echo", "identifier", "request_id", "trace_id")

    def __init__(self, message: Message) -> None:
        headers = self._headers = message.headers
        request_id = headers.get(b"lambda-runtime-aws-request-id")
        if not request_id:
            _reject("an event without a request id", message.start)
        self.identifier: bytes = request_id  # as it came
        # A caller can choose it (and AWS's own runtimes quote it): see `quoted`.
        self.request_id: str = request_id.decode("utf-8", "replace")
        self.body: bytes = message.body
        # Names this attempt; it goes back with the answer if it came, and the API refuses another.
        self.echo: bytes = headers.get(b"lambda-runtime-invocation-id", b"")
        # X-Ray's trace header.
        self.trace_id: str = self._text(b"lambda-runtime-trace-id")

    @property
    def deadline_ms(self) -> int:
        """When Lambda kills the function, in milliseconds since the epoch; 0 where that is not told."""
        text = self._headers.get(b"lambda-runtime-deadline-ms", b"")
        return int(text) if text.isdigit() else 0

    @property
    def function_arn(self) -> str:
        """The ARN that the caller used."""
        return self._text(b"lambda-runtime-invoked-function-arn")

    @property
    def tenant_id(self) -> str:
        """The tenant of a function with tenant isolation."""
        return self._text(b"lambda-runtime-aws-tenant-id")

    @property
    def client_context(self) -> str:
        """What a mobile client told of itself, as JSON."""
        return self._text(b"lambda-runtime-client-context")

    @property
    def cognito_identity(self) -> str:
        """Who called through Amazon Cognito, as JSON."""
        return self._text(b"lambda-runtime-cognito-identity")

    @property
    def is_json(self) -> bool:
        """Whether the event is said to be JSON, or nothing is said."""
        kind = self._headers.get(b"content-type", b"")
        return not kind or kind.startswith(b"application/json")

    def _text(self, name: bytes) -> str:
        return self._headers.get(name, b"").decode("utf-8", "replace")


def quoted(request_id: str) -> str:
    """A request id as part of a path."""
    if request_id.isascii() and request_id.replace("-", "").isalnum():
        return request_id
    return "".join(
        chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or byte in b"-._~") else f"%{byte:02X}"
        for byte in request_id.encode("utf-8", "replace")
    )


def request(method: str, path: str, host: str, headers: Mapping[str, str], length: int | None = None) -> bytes:
    """The head of a request; `length` is that of the body to follow, -1 one in chunks, None no body."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"User-Agent: {_AGENT}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value]
    if length is not None:
        lines.append("Transfer-Encoding: chunked" if length == _CHUNKED else f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


_AGENT = "lambdarouter"


def chunk(data: bytes) -> bytes:
    """A piece of a body in chunks; none for no bytes, which would end it."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def last_chunk(trailers: Mapping[str, str]) -> bytes:
    """The end of a body in chunks."""
    return ("0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in trailers.items()) + "\r\n").encode()
