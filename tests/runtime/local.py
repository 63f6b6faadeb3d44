"""Our own Runtime API in a thread, a runtime beside it, and a caller."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

from lambdarouter.runtime.protocol import Message, Receiver
from lambdarouter.runtime.server import RuntimeServer
from tests.pace import seconds

__all__ = ["Api", "Call", "Reply", "api", "runtime", "serving"]

ROOT = Path(__file__).parents[2]
PATH = "/2015-03-31/functions/function/invocations"


class Reply:
    """What the caller got, whole."""

    def __init__(self, message: Message) -> None:
        self.status = message.status
        self.headers = {name.decode(): value.decode() for name, value in message.headers.items()}
        self.trailers = {name.decode(): value.decode() for name, value in message.trailers.items()}
        self.body = message.body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Call:
    """An invocation, from the caller's side. `piece` waits for what comes next."""

    def __init__(self, port: int, event: Any, headers: dict[str, str]) -> None:
        self._receiver = Receiver()
        self.connection = socket.create_connection(("127.0.0.1", port), seconds(20))
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        lines = [f"POST {PATH} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        self._message: Message | None = None

    def piece(self) -> bytes:
        """The bytes of the body that come next; none at its end."""
        while self._message is None:
            taken = self._receiver.take()
            if taken:
                return taken
            self._feed()
        taken, self._message.body = self._message.body, b""
        return taken

    def until(self, text: bytes) -> bytes:
        """The body up to and with this."""
        seen = b""
        while text not in seen:
            piece = self.piece()
            assert piece, seen
            seen += piece
        return seen

    def reply(self) -> Reply:
        while self._message is None:
            self._feed()
        self.close()
        return Reply(self._message)

    def _feed(self) -> None:
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionResetError("the API closed the connection")
        self._message = self._receiver.feed(data)

    def close(self) -> None:
        self.connection.close()


class Api:
    """The API, running in a thread of its own."""

    def __init__(self, server: RuntimeServer, loop: asyncio.AbstractEventLoop, port: int) -> None:
        self.server = server
        self.port = port
        self._loop = loop

    def call(self, event: Any, **headers: str) -> Call:
        """Begin an invocation; `trace_id="…"` is sent as X-Amzn-Trace-Id."""
        names = {"trace_id": "X-Amzn-Trace-Id", "tenant": "X-Amz-Tenant-Id", "request_id": "X-Amzn-RequestId"}
        return Call(self.port, event, {names.get(name, name): value for name, value in headers.items()})

    def invoke(self, event: Any, **headers: str) -> Reply:
        return self.call(event, **headers).reply()

    def run(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Run a coroutine in the API's loop."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(seconds(20))


@contextlib.contextmanager
def api(*, timeout: float = 30.0) -> Iterator[Api]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = RuntimeServer(timeout=timeout)
    try:
        port = asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        yield Api(server, loop, port)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextlib.contextmanager
def runtime(
    port: int,
    directory: Path,
    code: str,
    *,
    handler: str = "function.handler",
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """Our runtime as a process, with a function of this code; what it writes is in `directory / "log"`."""
    (directory / "function.py").write_text(code)
    with (directory / "log").open("w") as log:
        program = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "lambdarouter.runtime", handler],
            cwd=directory,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
                "AWS_LAMBDA_FUNCTION_NAME": "function",
                "LAMBDA_TASK_ROOT": str(directory),
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield program
    finally:
        program.kill()
        program.wait()


@contextlib.contextmanager
def serving(
    directory: Path, code: str, *, timeout: float = 30.0, environment: Mapping[str, str] | None = None
) -> Iterator[Api]:
    """The API and our runtime in it."""
    with api(timeout=timeout) as running, runtime(running.port, directory, code, environment=environment):
        yield running
