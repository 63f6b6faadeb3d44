"""`lambdarouter emulate`, as a program."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run
from tests.pace import in_real_time, seconds


@contextmanager
def emulating(
    directory: Path, code: str, *options: str, handler: str = "function:handler"
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    (directory / "function.py").write_text(code)
    with (directory / "log").open("wb") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "lambdarouter.cli", "emulate", handler, "--port", "0", *options],
            cwd=directory,
            env={"PATH": "", "PYTHONPATH": f"{directory}:{ROOT}"},
            stdout=log,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert program.stderr is not None
    try:
        line = program.stderr.readline()
        assert line.startswith("http://127.0.0.1:"), line + program.stderr.read()
        yield program, int(line.split(":")[2].split("/")[0])
    finally:
        program.kill()
        program.wait()
        program.stderr.close()


@contextmanager
def invoke(port: int, event: object) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds(30))
    try:
        connection.request("POST", "/2015-03-31/functions/function/invocations", json.dumps(event))
        yield connection.getresponse()
    finally:
        connection.close()


@in_real_time
def test_a_function_is_served_and_replaced_when_it_ends(tmp_path: Path) -> None:
    code = "import os\ndef handler(event, context):\n    return [event, os.getpid()] if event else os._exit(3)"
    with emulating(tmp_path, code, "--timeout", str(seconds(1))) as (program, port):
        with invoke(port, "first") as answer:
            _, first = json.loads(answer.read())
        with invoke(port, "") as answer:
            assert answer.getheader("x-amz-function-error") == "Unhandled"
            assert b"timed out" in answer.read()
        with invoke(port, "second") as answer:
            assert json.loads(answer.read())[1] != first
        program.send_signal(signal.SIGINT)
        assert program.wait(20) == 0
        assert "ended with status 3" in (program.stderr.read() if program.stderr else "")


def test_replies_stream_and_events_overlap_where_that_is_wanted(tmp_path: Path) -> None:
    code = "def handler(event, context):\n    yield 'one'\n    yield 'two'"
    with (
        emulating(tmp_path, code, "--stream", "--concurrency", "2", handler="function.handler") as (_, port),
        invoke(port, "x") as answer,
    ):
        assert answer.getheader("content-type") == "application/octet-stream"
        assert answer.read() == b"onetwo"


def test_a_function_that_cannot_start_is_given_up_and_says_why_once(tmp_path: Path) -> None:
    with emulating(tmp_path, "raise RuntimeError('no table')") as (program, _):
        assert program.communicate(timeout=30)[1] == "the runtime has ended with status 1\n"
        assert program.returncode == 1
    log = (tmp_path / "log").read_bytes().decode()
    assert log.startswith("[ERROR] RuntimeError: no table\nTraceback (most recent call last):\n")
    assert log.count("no table')\n") == 1
    assert "\r" not in log


@pytest.mark.parametrize("handler", ["function.py", "function.py:handler"])
def test_a_file_is_no_handler(run: Run, handler: str) -> None:
    result = run("emulate", handler)
    assert result.exit_code == 2
    assert f"{handler} is a file: HANDLER is module:function" in result.stderr
