"""`lambdarouter emulate HANDLER`: the function in our runtime, behind a Runtime API on this machine."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from lambdarouter.cli.output import fail

__all__ = ["emulate"]

_PATIENCE = 2.0  # seconds that a runtime is given to end, as Lambda gives it


def emulate(
    handler: Annotated[
        str,
        typer.Argument(metavar="HANDLER", help="The handler: module:function, or module.function as Lambda has it."),
    ],
    *,
    port: Annotated[int, typer.Option(help="The port of the API; 0 is any that is free.")] = 9000,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.001, help="The function's timeout, for each event.")
    ] = 30.0,
    stream: Annotated[bool, typer.Option("--stream", help="Send replies as they are produced.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, help="How many events the function gets at once.")] = 1,
) -> None:
    """Run a function as Lambda does, in lambdarouter's runtime, and let AWS's SDKs and curl send it events.

    A runtime that ends is replaced, as Lambda replaces one. Exit status 1: it ends before it takes an event.
    """
    module, colon, function = handler.rpartition(":")
    if (module or function).endswith(".py"):
        fail(f"{handler} is a file: HANDLER is module:function (shop.main:handler), from where Lambda has the code")
    environment = {
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        **os.environ,
        "AWS_LAMBDA_MAX_CONCURRENCY": str(concurrency),
        "LAMBDAROUTER_INVOKE_MODE": "response_stream" if stream else "buffered",
    }
    try:
        status = asyncio.run(_run(f"{module}.{function}" if colon else handler, port, timeout, environment))
    except KeyboardInterrupt:
        status = 0
    raise typer.Exit(status)


async def _run(handler: str, port: int, longest: float, environment: dict[str, str]) -> int:
    from lambdarouter.runtime.server import RuntimeServer

    async with RuntimeServer(timeout=longest) as server:
        found = await server.start(port=port)
        typer.echo(f"http://127.0.0.1:{found}/2015-03-31/functions/function/invocations", err=True)
        environment["AWS_LAMBDA_RUNTIME_API"] = f"127.0.0.1:{found}"
        taken = -1
        while server.invocations > taken:
            taken = server.invocations
            status = await _runtime(handler, environment)
            typer.echo(f"the runtime has ended with status {status}", err=True)
        return 1


async def _runtime(handler: str, environment: dict[str, str]) -> int:
    command = (sys.executable, "-m", "lambdarouter.runtime", handler)
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _PATIENCE)
            except TimeoutError:  # in the middle of an invocation that nobody waits for any more
                process.kill()
                await process.wait()
