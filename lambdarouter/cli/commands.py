"""The commands by name. Each is a module of this package with a function of its name, imported when it is asked for.

A command that has commands itself is a `typer.Typer` in the function's place.
"""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

__all__ = ["app"]

_COMMANDS = (
    "invoke",
    "event",
    "routes",
    "cron",
    "openapi",
    "bedrock",
    "serve",
    "emulate",
    "classify",
    "test",
    "replay",
)


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(f"lambdarouter.cli.{cmd_name}"), cmd_name)
        if not isinstance(command, typer.Typer):
            single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            single.command()(command)
            command = single
        return typer.main.get_command(command)


# An error of ours is shown as Python shows it; what is the user's to mend never gets that far.
app: typer.Typer = typer.Typer(
    cls=_Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
)


def _version(wanted: Any) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        typer.echo(f"lambdarouter {version('lambdarouter')}")
    except PackageNotFoundError:
        typer.echo("lambdarouter, from a source tree that is not installed")
    raise typer.Exit


@app.callback()
def lambdarouter(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """One App, one AWS Lambda function, every trigger: try an app on this machine."""
