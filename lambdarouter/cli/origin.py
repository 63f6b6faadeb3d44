"""Where an error comes from in the developer's own code: tracebacks without the frames of this framework."""

from __future__ import annotations

import importlib
import sysconfig
from pathlib import Path
from traceback import StackSummary, TracebackException, extract_tb

__all__ = ["place", "shown_path", "stack_trace"]

_PACKAGE = str(Path(__file__).parents[1])
_INSTALLED = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))


def shown_path(path: str | Path) -> str:
    """The path from the working directory where that is a way down, else as it is."""
    path = Path(path)
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def place(error: BaseException) -> str:
    """The last line of the developer's own code in the error's traceback, `app.py:12`; empty where there is none."""
    frames = [frame for frame in extract_tb(error.__traceback__) if not _is_ours(frame.filename)]
    own = [frame for frame in frames if not frame.filename.startswith(_INSTALLED)]
    return f"{shown_path(own[-1].filename)}:{own[-1].lineno}" if own else ""


def stack_trace(error: BaseException) -> str:
    """The traceback as Python prints it, without the framework's frames and those of the import system."""
    told = TracebackException.from_exception(error)
    _prune(told)
    if not told.stack and told.exceptions is None and told.__cause__ is None and told.__context__ is None:
        return "".join(told.format_exception_only()).rstrip()
    return "".join(told.format()).rstrip()


def _prune(told: TracebackException) -> None:
    told.stack = StackSummary.from_list([frame for frame in told.stack if not _is_ours(frame.filename)])
    for other in (told.__cause__, told.__context__, *(told.exceptions or ())):
        if other is not None:
            _prune(other)


def _is_ours(filename: str) -> bool:
    return filename.startswith((_PACKAGE, "<frozen ")) or filename == importlib.__file__
