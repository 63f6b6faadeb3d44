"""Measures what a start consists of: fresh interpreters that run one line, in lambdarouter's environment."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import environments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.benchmarks.cases import Case, Topic
    from tests.benchmarks.environments import Contender
    from tests.benchmarks.measure import Values

__all__ = ["LINES", "imports"]

NOTHING, UNCOMPILED = "nothing", "lambdarouter and a route, not compiled"
_ROUTE = "from lambdarouter import App; app = App(); app.get('/')(lambda: 1)"

LINES = {
    NOTHING: "pass",
    "json": "import json",
    "lambdarouter and a route": _ROUTE,
    UNCOMPILED: _ROUTE,
    "asyncio": "import asyncio",
    "anyio on asyncio": "import anyio._backends._asyncio",
    "croniter": "import croniter",
    "structlog": "import structlog",
    "pydantic and a model": "from pydantic import BaseModel; type('A', (BaseModel,), {'__annotations__': {'a': int}})",
}


def _uncompiled(python: str) -> Path:
    """A directory with a copy of the installed lambdarouter that has no .pyc files."""
    directory = environments.BUILD / "uncompiled"
    if not directory.exists():
        where = environments.run([python, "-P", "-c", "import lambdarouter; print(lambdarouter.__path__[0])"]).strip()
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(where, directory / "lambdarouter", ignore=ignore)
    return directory


def imports(topic: Topic, cases: Sequence[Case], contenders: Iterable[Contender], values: Values) -> None:
    """One round of processes, from their start to their end, in seconds."""
    (python,) = [contender.python for contender in contenders if contender.name == "lambdarouter"]
    for case in cases:
        rows = values.setdefault(case.key, {})
        for name, line in LINES.items():
            path = {"PYTHONPATH": str(_uncompiled(python))} if name == UNCOMPILED else {}
            settings = environments.variables(**path)
            begun = time.perf_counter()
            os.waitpid(os.posix_spawn(python, [python, "-P", "-c", line], settings), 0)
            rows.setdefault(name, []).append(time.perf_counter() - begun)
