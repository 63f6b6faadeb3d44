"""Events as the command line is given them: files, standard input, text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lambdarouter.cli.output import fail

__all__ = ["from_file", "from_text", "shown"]


def from_file(name: str) -> Any:
    """The event in a file, or on standard input where the name is "-"; exits with status 2 where it holds none."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        fail(f"{name} cannot be read: {error.strerror or error}")
    where = shown(name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail(f"{where} is not UTF-8 text: {error.reason} at byte {error.start}")
    return from_text(text, where)


def shown(name: str) -> str:
    """The name of the file an event is in, as people know it."""
    return "standard input" if name == "-" else name


def from_text(text: str, where: str) -> Any:
    """The event in a JSON text; `where` names it in the error."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        fail(f"{where} is not JSON: {error}")
