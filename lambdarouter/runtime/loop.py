"""The classic loop: one invocation at a time, on the main thread.

The thread waits in a blocking `recv`, which signals interrupt; no other thread is needed for that. Async handlers run
in the persistent event loop of the engine, which is made when one is first called.
"""

from __future__ import annotations

import os

from lambdarouter.core.codec import loads
from lambdarouter.core.context import running
from lambdarouter.errors import RuntimeApiError
from lambdarouter.runtime.context import LambdaContext
from lambdarouter.runtime.log import ERROR, WARNING, log
from lambdarouter.runtime.protocol import DisconnectedError, RefusedError
from lambdarouter.runtime.result import MarshalError, TooLargeError, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from anyio import CapacityLimiter

    from lambdarouter.core.stream import Sink
    from lambdarouter.runtime.client import Client
    from lambdarouter.runtime.protocol import Invocation
    from lambdarouter.runtime.stream import Sender

    class Completed(Protocol):
        """What became of an event: a `Completion`, as far as a loop needs it."""

        def unwrap(self) -> Any:
            """Return what Lambda is to get, or raise what it is to see instead."""

    class Handles(Protocol):
        """What handles events for a loop."""

        @property
        def tainted(self) -> bool:
            """Whether something could not be stopped, and the process is to be replaced."""

        def __call__(self, event: Any, context: Any, *, sink: Sink | None = None) -> Any:
            """Return what Lambda is to get, or raise what it is to see instead."""

    class Target(Handles, Protocol):
        """An `App`, or a `Plain` function."""

        @property
        def has_teardown(self) -> bool:
            """Whether `close` has anything to do."""

        def start(self) -> None:
            """Get ready, ahead of the first event."""

        def close(self) -> None:
            """Tear down what was started."""

        async def acomplete(
            self, event: Any, context: Any, *, sink: Sink | None = None, threads: CapacityLimiter | None = None
        ) -> Completed:
            """Handle an event in the running event loop."""


__all__ = ["Exit", "Loop", "TerminatedError"]

_TRACE = "_X_AMZN_TRACE_ID"


class Exit(BaseException):
    """The process is to end, with this status, and without waiting for what could not be stopped."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class TerminatedError(SystemExit):
    """Lambda ends the environment; raised on the main thread, in whatever it does. asyncio lets it by."""


class Loop:
    """Takes invocations and answers them. Ends by raising: `Exit`, or a `RuntimeApiError` that cannot be mended."""

    __slots__ = ("_client", "_memory", "_streaming", "_target", "_threads")

    def __init__(
        self,
        target: Handles,
        client: Client,
        *,
        streaming: bool = False,
        threads: CapacityLimiter | None = None,
        memory: int = 0,
    ) -> None:
        self._target = target
        self._client = client
        self._streaming = streaming
        # Where several loops share an event loop, what blocks is done in a thread.
        self._threads = threads
        # The bytes from which on the process is to be replaced, if any.
        self._memory = memory

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
            if self._memory:
                self._check_memory()

    def serve(self, invocation: Invocation) -> None:
        """Answer one invocation."""
        context = LambdaContext(invocation)
        running.set(context)
        if self._threads is None:
            log.context = context
        sender = None
        try:
            event = _event(invocation)
            if self._streaming:
                from lambdarouter.runtime.stream import sender_for  # noqa: PLC0415 - only for such functions

                sender = sender_for(event, self._client, invocation, self._threads)
            self._handle(event, context, invocation, sender)
        except (_UnreadableError, MarshalError, TooLargeError) as error:
            self._fail(error, invocation, sender, _KINDS[type(error)])
        except (RuntimeApiError, TerminatedError):
            raise
        except BaseException as error:  # SystemExit and its like: Lambda is told first
            self._fail(error, invocation, sender, *_ending(error))
            raise Exit(_status(error)) from error
        if sender is not None and sender.trouble is not None:
            _survive(sender.trouble, invocation)
        if self._target.tainted:
            log.note(
                WARNING,
                "something could not be stopped at the deadline and still runs: this environment is given up",
                requestId=invocation.request_id,
            )
            raise Exit(1)

    def _handle(self, event: Any, context: LambdaContext, invocation: Invocation, sender: Sender | None) -> None:
        try:
            reply = self._target(event, context, sink=sender)
        except Exception as error:  # noqa: BLE001 - the handler's, for Lambda to see
            self._fail(error, invocation, sender)
            return
        if sender is None or not sender.finish(reply):
            body, content_type = encode(reply)
            self._respond(invocation, body, content_type)

    def _check_memory(self) -> None:
        from lambdarouter.runtime.memory import resident  # noqa: PLC0415 - only where it is watched

        size = resident()
        if size >= self._memory:
            log.note(WARNING, f"the process has grown to {size >> 20} MB: this environment is given up")
            raise Exit(1)

    def _respond(self, invocation: Invocation, body: bytes, content_type: str) -> None:
        try:
            self._client.respond(invocation, body, content_type)
        except (RefusedError, DisconnectedError) as error:
            _survive(error, invocation)

    def _fail(
        self,
        error: BaseException,
        invocation: Invocation,
        sender: Sender | None,
        kind: str = "",
        message: str | None = None,
    ) -> None:
        from lambdarouter.runtime.fault import Fault  # noqa: PLC0415 - only where something went wrong

        fault = Fault(error, kind=kind, message=message, request_id=invocation.request_id)
        log.fault(fault)
        if sender is not None and sender.begun:
            return  # it went along with the stream
        try:
            self._client.fail(invocation, fault.body(), fault.kind, fault.cause())
        except (RefusedError, DisconnectedError) as refused:
            _survive(refused, invocation)


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
        return loads(invocation.body.decode())
    except (ValueError, RecursionError) as error:
        if not invocation.is_json:
            return invocation.body
        msg = f"Unable to unmarshal input: {error}"
        raise _UnreadableError(msg) from error


def _ending(error: BaseException) -> tuple[str, str | None]:
    """What ends the process, as Lambda is told: kind and message, where they are not the error's own."""
    if isinstance(error, SystemExit):
        return "Runtime.ExitError", f"the handler ended the process: exit status {error.code}"
    return "", None


def _status(error: BaseException) -> int:
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _survive(error: RuntimeApiError, invocation: Invocation) -> None:
    """What the API says of one answer is no reason to end, unless it says so: the next invocation may go well."""
    if isinstance(error, RefusedError) and error.fatal:
        raise error
    log.note(ERROR, str(error), requestId=invocation.request_id)
