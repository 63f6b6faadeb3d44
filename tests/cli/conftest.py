from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from os import environ
from pathlib import Path
from typing import Protocol

import pytest
from typer.testing import CliRunner, Result

from lambdarouter.cli.commands import app

ROOT = Path(__file__).parents[2]
SHOP = Path(__file__).with_name("shop.py")
CLOCKWORK = Path(__file__).with_name("clockwork.py")
FIXTURES = sorted((ROOT / "fixtures").glob("*/*.json"))


class Run(Protocol):
    def __call__(self, *arguments: str, stdin: str | bytes = "", **environment: str) -> Result: ...


class RunProcess(Protocol):
    def __call__(
        self, *arguments: str, stdin: str = "", cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """The command line in this process; what it imports is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", sys.path[:])

    def run(*arguments: str, stdin: str | bytes = "", **environment: str) -> Result:
        clean = {"FORCE_COLOR": None, "COLUMNS": None, **environment}
        return CliRunner().invoke(app, arguments, input=stdin, env=clean, catch_exceptions=False)

    yield run
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "/")
        if file in (SHOP, CLOCKWORK) or file.is_relative_to(tmp_path):
            del sys.modules[name]


@pytest.fixture
def run_process(tmp_path: Path) -> RunProcess:
    """The command line as users start it: a process of its own."""

    def run_process(
        *arguments: str, stdin: str = "", cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lambdarouter.cli", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            cwd=cwd or tmp_path,
            env={
                **{name: value for name, value in environ.items() if name not in ("FORCE_COLOR", "COLUMNS")},
                "PYTHONPATH": str(ROOT),
                "PYTHONIOENCODING": "utf-8",
                **environment,
            },
        )

    return run_process
