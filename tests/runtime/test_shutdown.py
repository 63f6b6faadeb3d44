"""The environment's end, of which only an extension is told: where there can be none, the function goes on without."""

from __future__ import annotations

import signal
import socket

import pytest

from lambdarouter.runtime.client import Client
from lambdarouter.runtime.shutdown import listen
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
