"""The files of `examples/runtime` do what they are for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdarouter.testing.events import http
from tests.runtime.emulator import ROOT, Emulator, emulated

HERE = ROOT / "examples" / "runtime"


def counted(function: Emulator) -> bytes:
    head, _, body = function.invoke(http.url("GET", "/count/3")).body.partition(b"\0" * 8)
    assert b'"statusCode": 200' in head
    return body


@pytest.mark.parametrize("script", ["wrapper", "bootstrap"])
def test_the_script_starts_the_function_as_lambda_starts_it(
    require: Callable[[str], str], tmp_path: Path, script: str
) -> None:
    # Lambda's directories, as far as the scripts know them.
    binaries = tmp_path / "python" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python3").symlink_to(sys.executable)
    command = (str(HERE / script), *((sys.executable, "/var/runtime/bootstrap.py") if script == "wrapper" else ()))
    environment = {
        "LAMBDAROUTER_INVOKE_MODE": "RESPONSE_STREAM",
        "LAMBDA_TASK_ROOT": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *(path for path in sys.path if "site-packages" in path)]),
    }
    code = (HERE / "app.py").read_text("utf-8")
    with emulated(require("aws-lambda-rie"), tmp_path, code, command=command, environment=environment) as function:
        assert counted(function) == b"1\n2\n3\n"
        assert function.invoke(http.url("GET", "/health")).body.endswith(b'{"ok":true}')
