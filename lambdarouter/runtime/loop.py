"""The classic loop: one invocation at a time, on the main thread.

The thread waits in a blocking `recv`, which signals interrupt; no other thread is needed for that. Async handlers run
in the persistent event loop of the engine, which is made when one is first called.
"""

from __future__ import annotations

import json
import os
import sys

from lambdarouter.runtime.context import LambdaContext
from lambdarouter.runtime.fault import Fault
from lambdarouter.runtime.log import ERROR, WARNING, log
from lambdarouter.runtime.protocol import DisconnectedError, RefusedError
from lambdarouter.runtime.result import MarshalError, TooLargeError, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from lambdarouter.core.route import Completion
    from lambdarouter.runtime.client import Client
    from lambdarouter.runtime.protocol import Invocation

    class Target(Protocol):
        """An `App`, or a `Plain` function."""

        @property
        def tainted(self) -> bool:
            """Whether something could not be stopped, and the process is to be replaced."""

        def start(self) -> None:
            """Get ready, ahead of the first event."""

        def complete(self, event: Any, context: Any) -> Completion:
            """Handle an event."""


__all__ = ["Exit", "Loop"]

_TRACE = "_X_AMZN_TRACE_ID"


class Exit(BaseException):
    """The process is to end, with this status, and without waiting for what could not be stopped."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Loop:
    """Takes invocations and answers them. Ends by raising: `Exit`, or a `RuntimeApiError` that cannot be mended."""

    __slots__ = ("_client", "_target")

    def __init__(self, target: Target, client: Client) -> None:
        self._target = target
        self._client = client

    def run(self) -> None:
        """Serve for ever."""
        environment = os.environ
        take, serve = self._client.next, self.serve
        while True:
            invocation = take()
            trace = invocation.trace_id
            if trace:
                environment[_TRACE] = trace
            elif _TRACE in environment:
                del environment[_TRACE]
            serve(invocation)

    def serve(self, invocation: Invocation) -> None:
        """Answer one invocation."""
        context = LambdaContext(invocation)
        try:
            event = _event(invocation)
            completion = self._target.complete(event, context)
            if completion.error is None:
                body, content_type = encode(completion.reply)
        except (_UnreadableError, MarshalError, TooLargeError) as error:
            self._fail(invocation, Fault(error, kind=_KINDS[type(error)], request_id=invocation.request_id))
        except BaseException as error:  # SystemExit and its like: Lambda is told first
            self._fail(invocation, _ending(error, invocation))
            raise Exit(_status(error)) from error
        else:
            if completion.error is None:
                self._respond(invocation, body, content_type)
            else:
                self._fail(invocation, Fault(completion.error, request_id=invocation.request_id))
        if self._target.tainted:
            log.note(
                WARNING,
                "something could not be stopped at the deadline and still runs: this environment is given up",
                requestId=invocation.request_id,
            )
            raise Exit(1)

    def _respond(self, invocation: Invocation, body: bytes, content_type: str) -> None:
        try:
            self._client.respond(invocation, body, content_type)
        except (RefusedError, DisconnectedError) as error:
            _survive(error, invocation)

    def _fail(self, invocation: Invocation, fault: Fault) -> None:
        log.fault(fault)
        sys.stdout.flush()
        try:
            self._client.fail(invocation, fault.body(), fault.kind, fault.cause())
        except (RefusedError, DisconnectedError) as error:
            _survive(error, invocation)


class _UnreadableError(Exception):
    """The event is not the JSON that it is said to be."""


_KINDS: dict[type[BaseException], str] = {
    _UnreadableError: "Runtime.UnmarshalError",
    MarshalError: "Runtime.MarshalError",
    TooLargeError: "Function.ResponseSizeTooLarge",
}


def _event(invocation: Invocation) -> Any:
    """The event: JSON whatever its content type says, and bytes where it is none and does not claim to be."""
    try:
        return json.loads(invocation.body.decode())
    except (ValueError, RecursionError) as error:
        if not invocation.is_json:
            return invocation.body
        msg = f"Unable to unmarshal input: {error}"
        raise _UnreadableError(msg) from error


def _ending(error: BaseException, invocation: Invocation) -> Fault:
    """What ends the process, as Lambda is told."""
    if isinstance(error, SystemExit):
        message = f"the handler ended the process: exit status {error.code}"
        return Fault(error, kind="Runtime.ExitError", message=message, request_id=invocation.request_id)
    return Fault(error, request_id=invocation.request_id)


def _status(error: BaseException) -> int:
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _survive(error: RefusedError | DisconnectedError, invocation: Invocation) -> None:
    """What the API says of one answer is no reason to end, unless it says so: the next invocation may go well."""
    if isinstance(error, RefusedError) and error.fatal:
        raise error
    log.note(ERROR, str(error), requestId=invocation.request_id)
