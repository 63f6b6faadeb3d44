"""The environment's life: start, snapshot, growth, end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdarouter.testing.events import http
from tests.pace import in_real_time, seconds
from tests.runtime.emulator import emulated
from tests.runtime.local import Api, api, runtime

LIFE = """
import pathlib
from contextlib import asynccontextmanager
from lambdarouter import App

told = pathlib.Path(__file__).with_name("told")
def tell(what):
    with told.open("a") as file:
        file.write(what + " ")

@asynccontextmanager
async def lifespan(app):
    tell("begun")
    yield
    tell("ended")

handler = app = App(lifespan=lifespan)

@app.get("/")
def read():
    tell("event")
    return "ok"

@app.get("/hang")
def hang():
    import signal, time
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])  # what the deadline does not stop
    time.sleep(60)
"""


def wait_until(holds: Callable[[], object], what: str = "") -> None:
    until = time.monotonic() + seconds(10)
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def told(directory: Path) -> list[str]:
    path = directory / "told"
    return path.read_text().split() if path.exists() else []


def test_the_lifespan_begins_before_the_first_event_and_ends_at_sigterm(tmp_path: Path) -> None:
    with api() as function, runtime(function.port, tmp_path, LIFE) as program:
        wait_until(lambda: told(tmp_path) == ["begun"])
        assert function.invoke(http.v2("GET", "/")).json["body"] == "ok"
        program.send_signal(signal.SIGTERM)
        assert program.wait(seconds(10)) == 0
    assert told(tmp_path) == ["begun", "event", "ended"]


def test_ctrl_c_ends_the_lifespan_too(tmp_path: Path) -> None:
    with api() as function, runtime(function.port, tmp_path, LIFE) as program:
        assert function.invoke(http.v2("GET", "/")).json["body"] == "ok"
        program.send_signal(signal.SIGINT)
        assert program.wait(seconds(10)) == 130
    assert told(tmp_path) == ["begun", "event", "ended"]


def test_sigterm_ends_the_lifespan_where_invocations_run_side_by_side(tmp_path: Path) -> None:
    environment = {"AWS_LAMBDA_MAX_CONCURRENCY": "3"}
    with api() as function, runtime(function.port, tmp_path, LIFE, environment=environment) as program:
        assert function.invoke(http.v2("GET", "/")).json["body"] == "ok"
        program.send_signal(signal.SIGTERM)
        assert program.wait(seconds(10)) == 0
    assert told(tmp_path) == ["begun", "event", "ended"]


def test_lambdas_emulator_ends_the_lifespan(require: Callable[[str], str], tmp_path: Path) -> None:
    with emulated(require("aws-lambda-rie"), tmp_path, LIFE) as function:
        assert function.invoke(http.v2("GET", "/")).json["body"] == "ok"
    assert told(tmp_path) == ["begun", "event", "ended"]


def test_an_app_without_anything_to_tear_down_registers_no_extension(tmp_path: Path) -> None:
    with api() as function, runtime(function.port, tmp_path, "def handler(event, context): return 1") as program:
        assert function.invoke("x").json == 1
        program.send_signal(signal.SIGTERM)
        assert program.wait(seconds(10)) == -signal.SIGTERM


SNAPSHOT = """
import pathlib, random
from lambdarouter import App
import snapshot_restore_py

told = pathlib.Path(__file__).with_name("told")
def tell(what):
    with told.open("a") as file:
        file.write(what + " ")

handler = app = App()
snapshot_restore_py.register_before_snapshot(tell, "before-1")
snapshot_restore_py.register_after_restore(tell, "after-1")

@app.before_snapshot
async def before():
    tell("before-2")

@app.after_restore
def after():
    tell("after-2")

@app.get("/")
def read():
    return "ok"
"""
SNAP_START = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}


def restored(function: Api) -> None:
    async def restore() -> None:
        function.server.restored.set()

    function.run(restore)


def test_hooks_run_around_the_snapshot(require: Callable[[str], str], tmp_path: Path) -> None:
    require("snapshot_restore_py")
    with api() as function, runtime(function.port, tmp_path, SNAPSHOT, environment=SNAP_START):
        wait_until(lambda: told(tmp_path) == ["before-2", "before-1"])
        restored(function)
        assert function.invoke(http.v2("GET", "/")).json["body"] == "ok"
    assert told(tmp_path) == ["before-2", "before-1", "after-1", "after-2"]


@pytest.mark.parametrize(
    ("hook", "kind", "status"),
    [("before_snapshot", "Runtime.BeforeSnapshotError", 64), ("after_restore", "Runtime.AfterRestoreError", 65)],
)
def test_a_hook_that_fails_is_reported(tmp_path: Path, hook: str, kind: str, status: int) -> None:
    code = f"""
from lambdarouter import App
handler = app = App()

@app.{hook}
def fails():
    raise OSError("no")
"""
    with api() as function, runtime(function.port, tmp_path, code, environment=SNAP_START) as program:
        restored(function)
        assert program.wait(seconds(10)) == status
    (failure,) = function.server.failures
    assert (failure["kind"], failure["errorType"], failure["errorMessage"]) == (kind, "OSError", "no")


GROWS = "kept = []\ndef handler(event, context):\n    kept.append(bytearray(event))\n    return len(kept)"


@pytest.mark.parametrize("count", ["1", "2"])
def test_a_process_that_has_grown_too_large_ends_after_its_reply(tmp_path: Path, count: str) -> None:
    environment = {"LAMBDAROUTER_RECYCLE_MB": "200", "AWS_LAMBDA_MAX_CONCURRENCY": count}
    with api() as function, runtime(function.port, tmp_path, GROWS, environment=environment) as program:
        assert function.invoke(1).json == 1
        assert function.invoke(300_000_000).json == 2
        assert program.wait(seconds(10)) == 1
    assert "memory" in (tmp_path / "log").read_text() or "grown to" in (tmp_path / "log").read_text()


def test_a_wrong_memory_setting_is_reported(tmp_path: Path) -> None:
    environment = {"LAMBDAROUTER_RECYCLE_MB": "90%"}
    with api() as function, runtime(function.port, tmp_path, GROWS, environment=environment) as program:
        assert program.wait(seconds(10)) == 1
    assert "it is a number of megabytes" in function.server.failures[0]["errorMessage"]


@in_real_time
def test_a_timeout_ends_the_lifespan_where_lambda_sends_sigterm(require: Callable[[str], str], tmp_path: Path) -> None:
    with emulated(require("aws-lambda-rie"), tmp_path, LIFE, timeout=seconds(1)) as function:
        assert b"timed out" in function.invoke(http.v2("GET", "/hang")).body
    assert told(tmp_path)[:2] == ["begun", "ended"]
