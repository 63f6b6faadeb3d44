"""The command line, `lambdarouter`: send events to an app, list its routes, classify events. Needs the extra `cli`."""

from __future__ import annotations

import sys
from importlib import import_module

__all__ = ["main"]

_NEEDED = ("typer", "rich")


def main() -> None:
    """Run the command line of this process. Exit status 2: it was used wrongly; 1: Lambda would see an error."""
    try:
        for needed in _NEEDED:
            import_module(needed)
    except ModuleNotFoundError as error:
        if error.name not in _NEEDED:
            raise
        sys.stderr.write(f'the command line needs {error.name}: pip install "lambdarouter[cli]"\n')
        sys.exit(2)
    from lambdarouter.cli.commands import app

    app(prog_name="lambdarouter")
