"""Our runtime in AWS's emulator of Lambda Managed Instances, which runs invocations side by side.

That emulator takes its bootstrap from Lambda's own directories, and runs it as another user: so it is given a mount
namespace with such a directory. Needs root.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.pace import in_real_time, seconds
from tests.runtime.emulator import ROOT, Answer, free_port

COUNT = 4
BOOTSTRAP = """#!/bin/sh
cd /var/task
export LD_LIBRARY_PATH=/var/task/python/lib
exec /var/task/python/bin/python3 -c "from lambdarouter.runtime.serve import run; run()" "$_HANDLER"
"""
CODE = """
import asyncio, os, threading
there = 0

async def handler(event, context):
    global there
    match event:
        case "error": raise ValueError("bad")
        case "hang": await asyncio.Event().wait()
        case {"together": count}:
            there += 1
            while there % count:
                await asyncio.sleep(0.01)
    return [event, context.aws_request_id, os.getpid()]
"""


@contextlib.contextmanager
def managed(binary: str, directory: Path, code: str) -> Iterator[int]:
    """The emulator with this function; the port to invoke it at."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("the emulator of Managed Instances needs a mount namespace of its own (unshare -m, as root)")
    port, task = free_port(), directory / "task"
    task.mkdir()
    (task / "function.py").write_text(code)
    (task / "bootstrap").write_text(BOOTSTRAP)
    (task / "bootstrap").chmod(0o755)
    site = sysconfig.get_path("purelib")
    bound = {"python": sys.base_prefix, "site": site, "lambdarouter": str(ROOT / "lambdarouter")}
    emulator = [
        binary,
        *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{free_port()}"),
    ]
    mount = "mkdir /var/task/{0}; mount --bind {1} /var/task/{0}"
    mounts = [mount.format(name, shlex.quote(path)) for name, path in bound.items()]
    script = f"""set -e
mkdir -p /var/task
mount -t tmpfs none /var/task
cp -p {shlex.quote(str(task))}/* /var/task/
{"; ".join(mounts)}
exec {shlex.join(emulator)}
"""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": "/var/task:/var/task/site",
        "PYTHONDONTWRITEBYTECODE": "1",
        "_HANDLER": "function.handler",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(int(seconds(5))),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "lambda-managed-instances",
        "AWS_LAMBDA_MAX_CONCURRENCY": str(COUNT),
    }
    log = directory / "log"
    with log.open("wb") as output:
        program = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", script],
            env=environment,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + seconds(15)
        while b"function" not in _ready(port):
            assert program.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        yield port
    finally:
        program.terminate()
        program.wait(30)


def _ready(port: int) -> bytes:
    try:
        return invoke(port, "function").body
    except OSError:
        return b""


def invoke(port: int, event: Any) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds(20))
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/2015-03-31/functions/function/invocations", json.dumps(event), headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


@in_real_time
def test_invocations_run_side_by_side_in_one_process(require: Callable[[str], str], tmp_path: Path) -> None:
    with managed(require("aws-lambda-rie"), tmp_path, CODE) as port, ThreadPoolExecutor(COUNT) as pool:
        # Each waits for all the others.
        answers = list(pool.map(lambda _: invoke(port, {"together": COUNT}).json, range(COUNT)))
        failed = invoke(port, "error")
        late = invoke(port, "hang")
        again = invoke(port, "again")

    assert len({request_id for _, request_id, _ in answers}) == COUNT
    assert len({process for _, _, process in answers} | {again.json[2]}) == 1
    assert failed.json["errorType"] == "ValueError"
    # The emulator tells a deadline that is far too late: it gives up the invocation, and drops the answer.
    assert "imedout" in late.body.decode() or "DeadlineExceeded" in late.body.decode()
