"""APP on the command line, and what is said where it is none."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import lambdarouter.target as targets
from lambdarouter.cli.origin import stack_trace
from lambdarouter.cli.output import fail
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambdarouter.app import App

__all__ = ["Target", "load"]

Target = Annotated[
    str,
    typer.Argument(
        metavar="APP",
        help="The app: module:attribute, or path/to/app.py:attribute. Without an attribute it is the module's only "
        "App, or the one called app.",
    ),
]


def load(target: str) -> App:
    """Import the app. What is wrong with `target`, or with the module, is said in the user's terms; exit status 2."""
    try:
        return targets.load(target, Path.cwd())
    except targets.TargetError as error:
        cause = error.__cause__
        fail(str(error) if cause is None else f"{error}\n{stack_trace(cause)}")
    except ConfigurationError as error:
        fail(str(error))
