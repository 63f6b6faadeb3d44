from __future__ import annotations

import re
import signal
import subprocess
import sys
from os import environ
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import ROOT, SHOP, Run


@pytest.mark.parametrize("options", [[], ["--reload", "--timeout", "30"]], ids=["plain", "reload"])
def test_the_app_is_served_until_it_is_interrupted(options: list[str], tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "lambdarouter.cli", "serve", str(SHOP), "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env={**environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        try:
            url = _url_of(process)
            assert httpx.get(f"{url}/orders/7", timeout=60).status_code == 401
        finally:
            process.send_signal(signal.SIGINT)


def _url_of(process: subprocess.Popen[str]) -> str:
    """Where the server says that it listens, once it does."""
    assert process.stdout is not None
    url, started = "", False
    while not (url and started):
        line = process.stdout.readline()
        assert line, "it ended before it served"
        found = re.search(r"running on (http://127\.0\.0\.1:\d+)", line)
        url = found[1] if found else url
        started = started or "startup complete" in line
    return url


def test_without_uvicorn_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)

    result = run("serve", str(SHOP))

    assert result.exit_code == 2
    assert "lambdarouter[serve]" in result.stderr


def test_what_is_no_app_is_said_before_anything_listens(run: Run) -> None:
    result = run("serve", "nowhere.py")

    assert result.exit_code == 2
    assert "there is no file nowhere.py" in result.stderr
