"""The environment's end: SIGTERM, for which Lambda wants an extension to be registered.

Registering one costs two calls and a thread, and is done only where the app has something to tear down. The time is
short (the runtime gets some hundred milliseconds), and that Lambda sends the signal at all is not promised.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

from __future__ import annotations

import signal
from _thread import start_new_thread

from lambdarouter.engine.deadline import let_go
from lambdarouter.errors import RuntimeApiError
from lambdarouter.runtime.log import WARNING, log
from lambdarouter.runtime.loop import TerminatedError
from lambdarouter.runtime.protocol import RefusedError, request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.runtime.client import Client

__all__ = ["listen"]

_PATH = "/2020-01-01/extension"
_NONE = b'{"events":[]}'


def listen(client: Client) -> None:
    """Have Lambda send SIGTERM, which raises `TerminatedError`. To be called before the first invocation is asked for.

    Where the API refuses, the function goes on without.
    """
    head = request(
        "POST",
        f"{_PATH}/register",
        client.host,
        {"Lambda-Extension-Name": "lambdarouter", "Content-Type": "application/json"},
        len(_NONE),
    )
    try:
        answer = client.call(head, _NONE)
        if answer.status != 200:  # noqa: PLR2004
            raise RefusedError(_CALL, answer)
    except (OSError, RuntimeApiError) as error:
        log.note(WARNING, f"the environment's end will not be told, and nothing torn down then: {error}")
        return
    identifier = answer.headers.get(b"lambda-extension-identifier", b"").decode("utf-8", "replace")
    signal.signal(signal.SIGTERM, _terminate)
    # Lambda waits with the first invocation until the extension asks for its first event. None will come.
    start_new_thread(_wait, (client, identifier))


_CALL = "POST /extension/register"


def _terminate(_signum: int, _frame: Any) -> None:
    # The second one, and a third, would interrupt the teardown.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # At a timeout, the deadline's timer rings just when Lambda sends the signal: its error would take this one's place.
    let_go()
    raise TerminatedError(0)


def _wait(client: Client, identifier: str) -> None:
    head = request("GET", f"{_PATH}/event/next", client.host, {"Lambda-Extension-Identifier": identifier})
    try:
        client.call(head)
    except (OSError, RuntimeApiError) as error:
        # The API goes with the environment.
        log.note(WARNING, f"the wait for the environment's end was broken off: {error}")
