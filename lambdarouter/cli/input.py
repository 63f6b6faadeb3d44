"""Events as the command line is given them: files, standard input, text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lambdarouter.cli.output import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["NoEventError", "from_file", "from_text", "read", "shown"]


class NoEventError(Exception):
    """What should be an event is none; the text is a line for the user."""


def read(named: Iterable[tuple[str, Callable[[], Any]]]) -> tuple[list[tuple[str, Any]], bool]:
    """Read events, each with its name, and tell whether all could be read: the others are complained of."""
    events = []
    complete = True
    for name, reader in named:
        try:
            events.append((name, reader()))
        except NoEventError as error:
            complain(str(error))
            complete = False
    return events, complete


def from_file(name: str) -> Any:
    """The event in a file, or on standard input where the name is "-". Raises `NoEventError`."""
    where = shown(name)
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror or error}"
        raise NoEventError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{where} is not UTF-8 text: {error.reason} at byte {error.start}"
        raise NoEventError(msg) from error
    return from_text(text, where)


def shown(name: str) -> str:
    """The name of the file an event is in, as people know it."""
    return "standard input" if name == "-" else name


def from_text(text: str, where: str) -> Any:
    """The event in a JSON text; `where` names it in the error. Raises `NoEventError`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{where} is not JSON: {error}"
        raise NoEventError(msg) from error
