"""What commands print: tables for people, aligned lines for pipes, and the one line that says what was done wrong."""

from __future__ import annotations

import json
import sys
from codecs import lookup
from typing import Any, NoReturn

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "complain",
    "draw",
    "fail",
    "indented",
    "is_terminal",
    "table",
    "terminal_width",
    "write",
    "write_document",
]

_GAP = 2
_NARROWEST = 8


def fail(message: str) -> NoReturn:
    """Say what the user did wrong, on stderr, and exit with status 2."""
    complain(message)
    raise typer.Exit(2)


def complain(message: str) -> None:
    """Say what the user did wrong, on stderr, and go on."""
    typer.echo(f"Error: {message}", err=True)


def is_terminal() -> bool:
    """Whether stdout is one, or is to be treated as one (FORCE_COLOR)."""
    return _console().is_terminal


def write(line: str) -> None:
    """Print a line, whatever the encoding of stdout can or cannot express."""
    encoding = sys.stdout.encoding or "utf-8"
    typer.echo(line.encode(encoding, "backslashreplace").decode(encoding))


def write_document(document: Any, *, yaml: bool) -> None:
    """Print a document as JSON, or as YAML where PyYAML is installed."""
    if not yaml:
        # Escapes of other encodings' backslashreplace are not JSON's.
        write(json.dumps(document, indent=2, ensure_ascii=lookup(sys.stdout.encoding or "utf-8").name != "utf-8"))
        return
    try:
        from yaml import safe_dump
    except ModuleNotFoundError:
        fail("--yaml needs PyYAML: pip install pyyaml")
    write(safe_dump(document, sort_keys=False, allow_unicode=True).rstrip())


def indented(text: Text) -> None:
    """Print a paragraph, wrapped and indented."""
    _console().print(Padding(text, (0, 0, 0, _GAP)))


def draw(lines: Sequence[Text]) -> None:
    """Print lines as they are, styled on a terminal; what it has no room for is cut."""
    console = _console()
    for line in lines:
        line.rstrip()
        if console.is_terminal:
            console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
        else:
            write(line.plain)


def terminal_width() -> int:
    """The columns of the terminal; a pipe has any number."""
    console = _console()
    return console.width if console.is_terminal else sys.maxsize


def table(
    columns: Sequence[str], rows: Sequence[Sequence[Text]], *, whole: Sequence[str] = (), wrap: bool = True
) -> None:
    """Print a table that fits the terminal. What is too long is wrapped, or cut with `wrap=False`.

    Cells of the columns in `whole` are neither. Cut cells keep their beginning, those of the first column their end.
    In a pipe: one line a row, columns aligned, nothing cut, no colour.
    """
    console = _console()
    if not console.is_terminal:
        _lines([columns, *[[cell.plain for cell in row] for row in rows]])
        return
    drawn = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold underline")
    widths = _widths(columns, rows, whole, console.width)
    for column, width in zip(columns, widths, strict=True):
        drawn.add_column(
            column, width=width, no_wrap=column in whole or not wrap, overflow="fold" if wrap else "ellipsis"
        )
    for row in rows:
        cells = zip(row, widths, strict=True)
        drawn.add_row(*(row if wrap else [_cut(*cell, end=at == 0) for at, cell in enumerate(cells)]))
    console.print(drawn)


def _console() -> Console:
    return Console(markup=False, highlight=False, emoji=False)


def _widths(columns: Sequence[str], rows: Sequence[Sequence[Text]], whole: Sequence[str], width: int) -> list[int]:
    """A width for each column: those in `whole` get what they need, the others a share of the rest."""
    needed = [
        max(cell_len(line) for text in (column, *cells) for line in str(text).split("\n"))
        for column, *cells in zip(columns, *rows, strict=True)
    ]
    given = [need if column in whole else 0 for column, need in zip(columns, needed, strict=True)]
    left = width - sum(given) - _GAP * (len(columns) - 1)
    # The first column says what the row is about: its share is twice that of another.
    weight = [0 if column in whole else 1 if at else 2 for at, column in enumerate(columns)]
    for at in sorted(filter(weight.__getitem__, range(len(columns))), key=lambda at: needed[at] / weight[at]):
        given[at] = max(_NARROWEST, min(needed[at], left * weight[at] // sum(weight)))
        left -= given[at]
        weight[at] = 0
    return given


def _cut(text: Text, width: int, *, end: bool) -> Text:
    line, newline, _ = text.plain.partition("\n")
    if newline and not line.endswith("…"):
        line += " …"  # the lines below it are left out
    if cell_len(line) > width:
        line = f"…{set_cell_size(line[::-1], width - 1)[::-1]}" if end else f"{set_cell_size(line, width - 1)}…"
    return Text(line, style=text.style)


def _lines(rows: Sequence[Sequence[str]]) -> None:
    lines = [[" ".join(cell.split("\n")) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
        write((" " * _GAP).join(padded).rstrip())
