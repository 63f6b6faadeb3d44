"""An endpoint of AWS's JSON APIs on this machine, for real boto3 clients: keeps what it is told, and accepts it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

import pytest

from lambdarouter.core import aws

__all__ = ["Endpoint", "answering", "closing_clients", "endpoint", "object_endpoint"]


class Endpoint(ThreadingHTTPServer):
    """`calls`: (operation, arguments) in order; `refusals`: errors to answer the next calls with.

    `answers`: what an operation is answered with, or a function of its arguments that says so: an object, or the name
    of an error; by default an empty object.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusals: list[str] = []
        self.answers: dict[str, Any] = {}

    @property
    def call(self) -> tuple[str, dict[str, Any]]:
        """The only call."""
        [call] = self.calls
        return call


class _Call(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        if "X-Amz-Target" not in self.headers:
            self._write()
            return
        arguments = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        self.server.calls.append((operation, arguments))
        answer = self.server.answers.get(operation, {})
        answer = answer(arguments) if callable(answer) else answer
        if self.server.refusals:
            answer = self.server.refusals.pop(0)
        refused = isinstance(answer, str)
        body = json.dumps({"__type": answer, "message": "refused"} if refused else answer).encode()
        self.send_response(400 if refused else 200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _write(self) -> None:
        """Take an object, as S3 does: what is said of it is in the headers, and it comes in chunks."""
        body = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        told = {name.lower(): value for name, value in self.headers.items()}
        self.server.calls.append((self.path.strip("/"), told | {"body": body}))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None: ...


@contextmanager
def answering(server: HTTPServer) -> Iterator[None]:
    """Have a server answer meanwhile."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def closing_clients() -> Iterator[None]:
    """Close the clients that were made meanwhile."""
    try:
        yield
    finally:
        for client in aws._clients.values():
            client.close()


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """What clients that are made meanwhile talk to."""
    with Endpoint() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        patch.setattr(aws, "_clients", {})
        with answering(server), closing_clients():
            yield server


@contextmanager
def object_endpoint() -> Iterator[Endpoint]:
    """`endpoint`, with a client of S3 that leaves out the request's route before the host's name."""
    import boto3
    from botocore.config import Config

    with endpoint() as server:
        config = Config(inject_host_prefix=False)
        aws._clients["s3"] = boto3.client("s3", config=config)
        yield server
