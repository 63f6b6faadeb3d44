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
from tests.runtime.local import serving

HEAVY = {
    *("pydantic", "anyio", "asyncio", "structlog", "dataclasses", "inspect", "typing", "logging", "email", "http"),
    *(
        "runpy",
        "importlib.util",
        "urllib",
        "importlib.metadata",
        "threading",
        "socket",
        "ssl",
        "subprocess",
        "pathlib",
        "traceback",
        "decimal",
    ),
}

# All that a plain handler loads of the package until its first event is asked for, and what an App adds to it is in
# tests/test_imports.py. Each module is some 70 µs of every start.
MODULES = {
    *("lambdarouter", "lambdarouter.errors", "lambdarouter.core", "lambdarouter.core.codec"),
    *("lambdarouter.core.context", "lambdarouter.engine", "lambdarouter.engine.deadline", "lambdarouter.runtime"),
    *("lambdarouter.runtime.client", "lambdarouter.runtime.context", "lambdarouter.runtime.handler"),
    *("lambdarouter.runtime.log", "lambdarouter.runtime.loop", "lambdarouter.runtime.plain"),
    *("lambdarouter.runtime.protocol", "lambdarouter.runtime.result", "lambdarouter.runtime.serve"),
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


# What a sync handler holds: no module, thread or descriptor more with the hundredth event than with the second.
GROWTH = """
import os, sys

def handler(event, context):
    return {"modules": sorted(sys.modules), "threads": len(os.listdir("/proc/self/task")),
            "open": len(os.listdir("/proc/self/fd")), "blocks": sys.getallocatedblocks()}
"""


def test_a_hundred_events_make_no_thread_no_loop_and_keep_no_memory(tmp_path: Path) -> None:
    with serving(tmp_path, GROWTH) as running:
        _, second, *_, last = [running.invoke({"number": number}).json for number in range(100)]

    own = {name for name in second["modules"] if name.split(".")[0] == "lambdarouter"}
    assert own <= MODULES, own - MODULES
    assert "asyncio" not in last["modules"]
    assert (last["modules"], last["open"]) == (second["modules"], second["open"])
    assert last["threads"] == 1
    # Some blocks come and go with the interpreter's own free lists; one kept for each event would be nearly a hundred.
    assert last["blocks"] - second["blocks"] < 50


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


@pytest.mark.parametrize("start", [OURS, ("-m", "lambdarouter.runtime")])
def test_modules_are_searched_for_in_the_task_first_and_then_in_the_working_directory(
    tmp_path: Path, start: tuple[str, ...]
) -> None:
    task, here = tmp_path / "task", tmp_path / "here"
    for directory in (task, here):
        directory.mkdir()
        (directory / "both.py").write_text(f"print({directory.name!r})")
    (here / "beside.py").write_text("print(__file__)")
    (task / "function.py").write_text("import both, beside, os; os._exit(0)")
    environment = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1", "LAMBDA_TASK_ROOT": str(task), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-u", *start, "function.handler"]
    ran = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=True)

    assert ran.stdout.split() == ["task", str(here / "beside.py")]
