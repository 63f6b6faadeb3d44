"""`lambdarouter classify FILE…`: which source each event comes from."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from lambdarouter.cli.input import from_file, read, shown
from lambdarouter.cli.output import table
from lambdarouter.engine.classify import classify as name_of

__all__ = ["classify"]


def classify(files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Event files; - is stdin.")]) -> None:
    """Tell which source each event comes from, such as "sns" or "http.v2"; "invoke" where it is none of AWS's."""
    events, complete = read((shown(file), partial(from_file, file)) for file in files)
    if events:
        rows = [(Text(name), Text(name_of(event), style="bold")) for name, event in events]
        table(("event", "source"), rows, whole=("source",))
    if not complete:
        raise typer.Exit(2)
