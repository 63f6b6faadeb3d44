"""The least that a loop in Python can do: two requests a cycle on a raw socket, and no errors foreseen."""

from __future__ import annotations

import _socket  # what socket.py wraps, without the milliseconds that its import takes
import os
import sys
from json import JSONEncoder, loads

from tests.benchmarks.workers.context import Context
from tests.benchmarks.workers.served import handler

__all__ = ["serve"]

encode = JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Invocation(Context):
    """The context, with what an answer's head says."""

    def __init__(self, head: dict[bytes, bytes]) -> None:
        self.head = head


def _read(connection: _socket.socket) -> tuple[dict[bytes, bytes], bytes]:
    """The fields of an answer's head, and its body."""
    data = connection.recv(65536)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += connection.recv(65536) or sys.exit()
    fields = dict(line.lower().split(b": ", 1) for line in data[:end].split(b"\r\n")[1:])
    missing = int(fields[b"content-length"]) - (len(data) - end - 4)
    while missing > 0:
        more = connection.recv(missing) or sys.exit()
        data, missing = data + more, missing - len(more)
    return fields, data[end + 4 :]


def serve(host: str, port: int) -> None:
    """Serve until the connection ends."""
    connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    connection.connect((host, port))
    connection.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
    following = f"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    while True:
        connection.sendall(following)
        fields, body = _read(connection)
        os.environ["_X_AMZN_TRACE_ID"] = fields[b"lambda-runtime-trace-id"].decode()
        reply = encode(handler(loads(body), Invocation(fields))).encode()
        path = b"/2018-06-01/runtime/invocation/%s/response" % fields[b"lambda-runtime-aws-request-id"]
        head = b"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n" % (path, host.encode(), len(reply))
        connection.sendall(head + reply)
        _read(connection)


if __name__ == "__main__":
    name, _, number = os.environ["AWS_LAMBDA_RUNTIME_API"].partition(":")
    serve(name, int(number))
