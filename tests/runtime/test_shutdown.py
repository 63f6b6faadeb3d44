"""The environment's end, of which only an extension is told: where there can be none, the function goes on without."""

from __future__ import annotations

import signal
import socket

import pytest

from lambdarouter.runtime.client import Client
from lambdarouter.runtime.shutdown import listen
from tests.engine.batch import fresh
from tests.pace import in_real_time
from tests.runtime.test_client import peer, refusal


def test_an_extension_that_is_refused_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with peer(lambda *_: refusal(403)) as server:
        listen(Client("127.0.0.1", server.port))
    assert [message.start for message in server.requests] == [b"POST /2020-01-01/extension/register HTTP/1.1"]
    assert server.requests[0].headers[b"lambda-extension-name"] == b"lambdarouter"
    told = capsys.readouterr().out
    assert told.startswith("[WARNING]")
    assert "nothing torn down then: POST /extension/register" in told
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_api_that_cannot_be_reached_for_it_is_a_warning_too(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    listen(Client("127.0.0.1", port))
    assert "the environment's end will not be told" in capsys.readouterr().out


ENDS = """
import os, signal, time
from lambdarouter import App
from lambdarouter.runtime.loop import TerminatedError
from lambdarouter.runtime.shutdown import _terminate
from lambdarouter.testing.events import sns
from tests.engine.batch import LambdaContext
from tests.pace import seconds

signal.signal(signal.SIGTERM, _terminate)
app = App(deadline_margin=seconds(0.1))

@app.sns("orders")
def handler():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        time.sleep(seconds(0.3))  # beyond the limit: the timer rings

try:
    app(sns("orders", "x"), LambdaContext(seconds(0.3)))
except TerminatedError:
    print("terminated")
"""


@in_real_time
def test_at_the_deadline_the_environments_end_is_not_taken_for_a_call_that_is_late() -> None:
    ran = fresh(ENDS)
    assert ran.stdout == "terminated\n", ran.stderr
