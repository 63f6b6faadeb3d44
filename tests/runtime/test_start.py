"""What a start costs: the modules that are loaded, and the time to the first `/invocation/next`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pace import in_real_time
from tests.runtime.emulator import AWS, OURS, ROOT

HEAVY = {
    *("pydantic", "anyio", "asyncio", "structlog", "dataclasses", "inspect", "typing", "logging", "email", "http"),
    *("urllib", "importlib.metadata", "threading", "socket", "ssl", "subprocess", "pathlib", "traceback", "decimal"),
}

BARE = "def handler(event, context):\n    return event"
APP = """
from lambdarouter import App
handler = app = App()

@app.get("/")
def read():
    return "ok"
"""


def first_next(directory: Path, runtime: tuple[str, ...]) -> tuple[float, str]:
    """The seconds from the start of the process to its first request, and what it writes after that."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(directory), str(ROOT)]),
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",  # where AWS's own polls from a thread
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listening.getsockname()[1]}",
        }
        began = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, *runtime, "function.handler"],
            env=environment,
            cwd=directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as program:
            connection, _ = listening.accept()
            with connection:
                assert b"/invocation/next" in connection.recv(4096)
                took = time.perf_counter() - began
            listening.close()
            program.kill()
            written = program.stdout.read().decode() if program.stdout else ""
    return took, written


@pytest.mark.parametrize("code", [BARE, APP])
def test_nothing_heavy_is_loaded_for_a_sync_handler(tmp_path: Path, code: str) -> None:
    report = "\nimport sys, atexit\nnames = lambda: print('|'.join(sorted(sys.modules)), flush=True)\n"
    # The runtime's own modules are there when the function's is imported; the engine's with the App.
    (tmp_path / "function.py").write_text(code + report + "names()\n")
    _, written = first_next(tmp_path, OURS)

    loaded = {name for name in written.split("\n")[0].split("|") if name}
    assert "lambdarouter.runtime.loop" in loaded
    before = subprocess.run(
        [sys.executable, "-c", "import sys; print('|'.join(sys.modules))"], capture_output=True, text=True, check=True
    )
    assert sorted(loaded & HEAVY - set(before.stdout.strip().split("|"))) == []


@in_real_time
def test_the_first_event_is_asked_for_well_before_awss_runtime_does(
    require: Callable[[str], str], tmp_path: Path
) -> None:
    require("awslambdaric")
    (tmp_path / "function.py").write_text(BARE)
    pairs = [(first_next(tmp_path, OURS)[0], first_next(tmp_path, AWS)[0]) for _ in range(12)]

    # The best of each: what else runs on the machine makes starts slower, never faster.
    ours, theirs = (min(times) for times in zip(*pairs, strict=True))
    assert ours / theirs < 0.8, pairs
