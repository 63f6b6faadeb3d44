"""`lambdarouter serve APP`: the app's HTTP side on this machine, for development."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from lambdarouter.cli.output import fail
from lambdarouter.cli.target import Target, load

__all__ = ["application", "serve"]

# The app for `application`, which uvicorn's reloader calls in a process of its own.
_VARIABLE = "LAMBDAROUTER_SERVE"


def serve(
    target: Target,
    *,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 is any that is free.")] = 8000,
    timeout: Annotated[
        float | None, typer.Option(help="The function's timeout, in seconds, for each request; none by default.")
    ] = None,
    reload: Annotated[bool, typer.Option("--reload", help="Start anew when a file here changes.")] = False,
) -> None:
    """Serve the app's HTTP routes with uvicorn, as a function URL would: to try them in a browser."""
    try:
        import uvicorn
    except ModuleNotFoundError:
        fail("serve needs uvicorn: pip install 'lambdarouter[serve]'")
    os.environ[_VARIABLE] = f"{'' if timeout is None else timeout}|{target}"
    if reload:
        uvicorn.run(
            "lambdarouter.cli.serve:application", factory=True, reload=True, host=host, port=port, lifespan="on"
        )
    else:
        uvicorn.run(application(), host=host, port=port, lifespan="on")


def application() -> Any:
    """The ASGI application of the app that `serve` was asked for."""
    from lambdarouter.asgi import asgi

    timeout, _, target = os.environ[_VARIABLE].partition("|")
    return asgi(load(target), timeout=float(timeout) if timeout else None)
