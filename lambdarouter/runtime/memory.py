"""The process's memory, watched: an environment that has grown too large is replaced between two invocations.

Better that than Lambda's way, which is to kill it in the middle of one.
"""

from __future__ import annotations

import os
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["limit", "resident"]

_VARIABLE = "LAMBDAROUTER_RECYCLE_MB"
_STATM = Path("/proc/self/statm")


def limit(environment: Mapping[str, str]) -> int:
    """The bytes from which on the environment is replaced; 0: never. Raises ValueError for what is no number."""
    text = environment.get(_VARIABLE, "0")
    if not text.isdigit():
        msg = f"{_VARIABLE} is {text!r}; it is a number of megabytes, below the function's memory"
        raise ValueError(msg)
    return int(text) * 1024 * 1024


def resident() -> int:
    """The bytes of memory that the process holds now."""
    return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
