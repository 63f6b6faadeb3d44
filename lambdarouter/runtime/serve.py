"""Serve a function, for as long as Lambda wants it.

`python -c "from lambdarouter.runtime.serve import run; run()" module.handler` starts it. So does `python -m
lambdarouter.runtime module.handler`, which loads five modules of the standard library more to find what to run.
"""

from __future__ import annotations

import os
import sys

from lambdarouter.errors import RuntimeApiError
from lambdarouter.runtime.client import Client, address
from lambdarouter.runtime.handler import HandlerError, load, prepare_path
from lambdarouter.runtime.log import ERROR, capture, log
from lambdarouter.runtime.loop import Exit, Loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Never

    from lambdarouter.runtime.loop import Target

__all__ = ["main", "run"]

_USAGE = "usage: python -m lambdarouter.runtime module.handler (or _HANDLER in the environment)\n"


def run() -> Never:
    """Serve the handler that the command line names, and end the process."""
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # No thread that a handler left behind may keep the process.
    os._exit(status)


def main(arguments: list[str]) -> int:
    """Serve until the process is to end; the exit status."""
    environment = os.environ
    name = arguments[0] if arguments else environment.get("_HANDLER", "")
    where = environment.get("AWS_LAMBDA_RUNTIME_API", "")
    if not name or not where:
        sys.stderr.write(
            _USAGE if not name else "AWS_LAMBDA_RUNTIME_API is not set: this runs in AWS Lambda\n" + _USAGE
        )
        return 2
    try:
        client = Client(*address(where))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    log.configure(environment)
    capture()
    prepare_path()
    try:
        return _serve(name, client)
    except Exit as end:
        return end.status
    except KeyboardInterrupt:
        return 130
    except RuntimeApiError as error:
        log.note(ERROR, str(error))
        return 1


def _serve(name: str, client: Client) -> int:
    environment = os.environ
    try:
        streaming, count, memory = _streams(environment), _concurrency(environment), _memory(environment)
        target = _target(load(name))
        target.start()
    except HandlerError as error:
        return _not_started(client, error.cause, error.kind, error.message)
    except BaseException as error:  # noqa: BLE001 - the lifespan's: whatever it is, Lambda is told
        return _not_started(client, error)
    if environment.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        from lambdarouter.runtime.snapstart import restore  # noqa: PLC0415 - only for SnapStart

        restore(client)
    if target.has_teardown:
        from lambdarouter.runtime.shutdown import listen  # noqa: PLC0415 - only where there is something to do

        listen(client)
    try:
        if count > 1:
            from lambdarouter.runtime.concurrent import Concurrent  # noqa: PLC0415 - asyncio and anyio, only for this

            Concurrent(target, client.another, count, streaming=streaming, memory=memory).run()
        else:
            Loop(target, client, streaming=streaming, memory=memory).run()
    except (SystemExit, KeyboardInterrupt) as end:
        # The environment's end, or Ctrl-C.
        target.close()
        return 130 if isinstance(end, KeyboardInterrupt) else 0
    except Exit:
        if not target.tainted:
            target.close()  # a handler has ended the process, or it is to be replaced
        raise
    return 0


def _memory(environment: Mapping[str, str]) -> int:
    if "LAMBDAROUTER_RECYCLE_MB" not in environment:
        return 0
    from lambdarouter.runtime.memory import limit  # noqa: PLC0415 - only where it is watched

    try:
        return limit(environment)
    except ValueError as error:
        raise HandlerError(None, kind="Runtime.InvalidSetting", message=str(error)) from error


def _streams(environment: Mapping[str, str]) -> bool:
    """Whether the function's replies are streamed; an invocation does not say so. Raises `HandlerError`."""
    mode = environment.get("LAMBDAROUTER_INVOKE_MODE", "buffered").lower()
    if mode not in ("buffered", "response_stream"):
        msg = f"LAMBDAROUTER_INVOKE_MODE is {mode!r}; it is BUFFERED or RESPONSE_STREAM, as a function URL has it"
        raise HandlerError(None, kind="Runtime.InvalidSetting", message=msg)
    return mode == "response_stream"


def _concurrency(environment: Mapping[str, str]) -> int:
    """How many invocations Lambda sends at once; 1 where it does not say."""
    text = environment.get("AWS_LAMBDA_MAX_CONCURRENCY", "")
    return int(text) if text.isdigit() else 1


def _not_started(client: Client, error: BaseException | None, kind: str = "", message: str | None = None) -> int:
    from lambdarouter.runtime.fault import Fault  # noqa: PLC0415 - only where something went wrong

    fault = Fault(error, kind=kind, message=message)
    log.fault(fault)
    client.fail_init(fault.body(), fault.kind)
    return 1


def _target(handler: Any) -> Target:
    app = sys.modules.get("lambdarouter.app")
    if app is not None and isinstance(handler, app.App):
        target: Target = handler
        return target
    from lambdarouter.runtime.plain import Plain  # noqa: PLC0415 - an App brings its engine along

    return Plain(handler)
