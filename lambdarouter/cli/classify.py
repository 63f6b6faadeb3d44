"""`lambdarouter classify FILE…`: which source each event comes from."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from lambdarouter.cli.event import from_file, shown
from lambdarouter.cli.output import table
from lambdarouter.engine.classify import classify as name_of

__all__ = ["classify"]


def classify(files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Event files; - is stdin.")]) -> None:
    """Tell which source each event comes from, such as "sns" or "http.v2"; "invoke" where it is none of AWS's."""
    rows = [(Text(shown(file)), Text(name_of(from_file(file)), style="bold")) for file in files]
    table(("event", "source"), rows, whole=("source",))
