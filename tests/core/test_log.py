"""The framework's log: JSON on Lambda, readable elsewhere, and never a payload or a secret in it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from lambdarouter import App, Call
from lambdarouter.core.log import call_fields, logger, quiet
from lambdarouter.testing.events import http

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _unconfigured() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


def failing() -> App:
    app = App()

    @app.get("/x")
    def handler() -> None:
        password = "hunter2"
        raise RuntimeError(len(password))

    return app


def test_on_lambda_a_line_is_one_json_object_that_names_the_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "back-office")
    event = http.rest("GET", "/x")
    failing()(event, SimpleNamespace(aws_request_id="r-1"))
    (line,) = capsys.readouterr().err.splitlines()
    entry = json.loads(line)
    assert entry["message"] == "call failed"
    assert entry["level"] == "error"
    assert entry["request_id"] == "r-1"
    assert entry["source"] == "http.rest"
    assert entry["handler"].endswith("handler")
    assert entry["record"] == event["requestContext"]["requestId"]
    assert entry["timestamp"]
    assert "RuntimeError" in line
    assert "hunter2" not in line.replace('password = \\"hunter2\\"', "")


def test_elsewhere_it_is_readable_with_the_traceback_and_without_local_variables(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    failing()(http.rest("GET", "/x"))
    logged = capsys.readouterr().err
    assert "call failed" in logged
    assert "RuntimeError: 7" in logged
    assert "hunter2" not in logged


def test_every_line_written_during_a_call_carries_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    app = App()
    logger()
    log = structlog.get_logger()

    @app.get("/x")
    def handler() -> None:
        log.info("from the handler", source="mine")

    @app.middleware
    def middleware(call: Call) -> Generator[None]:
        log.info("from middleware")
        yield

    app(http.rest("GET", "/x"), SimpleNamespace(aws_request_id="r-1"))
    app(http.rest("GET", "/y"))
    log.info("from nowhere")
    around, inside, unmatched, outside = capsys.readouterr().err.splitlines()
    assert "request_id=r-1" in around
    assert "source=http.rest" in around
    assert "handler=" in around
    assert "source=mine" in inside
    assert "source=http.rest" in unmatched
    assert "handler=" not in unmatched
    assert "source=" not in outside


def test_an_app_that_configured_structlog_keeps_its_configuration() -> None:
    written: list[str] = []

    def keep(_logger: object, _method: str, fields: structlog.typing.EventDict) -> str:
        written.append(str(fields))
        raise structlog.DropEvent

    structlog.configure(processors=[call_fields, keep])
    failing()(http.rest("GET", "/x"), SimpleNamespace(aws_request_id="r-1"))
    (line,) = written
    assert "'request_id': 'r-1'" in line


def test_a_front_end_can_keep_it_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with quiet():
        failing()(http.rest("GET", "/x"))
    assert capsys.readouterr().err == ""
    failing()(http.rest("GET", "/x"))
    assert "call failed" in capsys.readouterr().err


def test_past_the_limit_a_failure_is_one_line_without_loading_structlog() -> None:
    code = """
import sys, time
from lambdarouter import App
app = App()

@app.get("/hangs")
def hangs() -> dict:
    time.sleep(30)

class Context:
    aws_request_id = "r-1"
    def get_remaining_time_in_millis(self):
        return 300

event = {"rawPath": "/hangs", "requestContext": {"stage": "$default", "http": {"method": "GET"}}}
print(app(event, Context())["statusCode"], "structlog" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.split() == ["504", "False"]
    (line,) = ran.stderr.splitlines()
    said = json.loads(line)
    assert said["level"] == "error"
    assert said["request_id"] == "r-1"
    assert said["handler"] == "__main__.hangs"
    assert said["error"].startswith("DeadlineExceeded: ")
