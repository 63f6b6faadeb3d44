"""AWS's Lambda emulator, with a runtime in it: ours, or AWS's own."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.pace import seconds

__all__ = ["AWS", "OURS", "Answer", "Emulator", "emulated", "free_port"]

ROOT = Path(__file__).parents[2]
OURS = ("-c", "from lambdarouter.runtime.serve import run; run()")
AWS = ("-m", "awslambdaric")


def free_port() -> int:
    """A port that nothing listens on, for programs that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Answer:
    """What the caller of the function got."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Emulator:
    """A running emulator. It serves one invocation at a time, and dies of two."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log

    def invoke(self, event: Any, *, client_context: Any = None, headers: dict[str, str] | None = None) -> Answer:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        if client_context is not None:
            sent["X-Amz-Client-Context"] = base64.b64encode(json.dumps(client_context).encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", "/2015-03-31/functions/function/invocations", body, sent)
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read())
        connection.close()
        return answer

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def wait_for(self, text: str) -> None:
        """Wait until the log says this."""
        until = time.monotonic() + seconds(10)
        while text not in self.log:
            assert time.monotonic() < until, f"{text!r} is not in the log:\n{self.log}"
            time.sleep(0.01)


@contextlib.contextmanager
def emulated(
    binary: str,
    directory: Path,
    code: str,
    *,
    runtime: tuple[str, ...] = OURS,
    timeout: float = 60,
    environment: dict[str, str] | None = None,
    options: tuple[str, ...] = (),
    command: tuple[str, ...] = (),
) -> Iterator[Emulator]:
    """The emulator, with a function of this code, `function.handler`, and a timeout in whole seconds.

    `command` is what it starts, instead of `runtime` in this interpreter.
    """
    (directory / "function.py").write_text(code)
    port, api, log = free_port(), free_port(), directory / "log"
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(directory), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "_HANDLER": "function.handler",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(int(timeout)),
        **(environment or {}),
    }
    with log.open("wb") as output:
        program = subprocess.Popen(
            [
                binary,
                *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
                *("--runtime-api-address", f"127.0.0.1:{api}"),
                *options,
                *(command or (sys.executable, *runtime, "function.handler")),
            ],
            cwd=directory,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + seconds(10)
        while True:
            assert program.poll() is None, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.01)
        yield Emulator(port, log)
    finally:
        program.terminate()
        program.wait(30)
