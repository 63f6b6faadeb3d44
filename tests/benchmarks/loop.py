"""Measures runtimes against `runtime_api.c`, both on one core, so that a cycle is processor time and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks import environments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.benchmarks.cases import Case, Topic
    from tests.benchmarks.environments import Contender
    from tests.benchmarks.measure import Values

__all__ = ["MOCK", "cycles", "first", "impossible", "loops"]

# Whose values are the mock's own share of a cycle.
MOCK = "the API's own share"
_WARM_UP, _CYCLES = 200, 2000


class Loop(NamedTuple):
    """A runtime with a handler: its command, and the contender whose handler it loads."""

    name: str
    command: Sequence[str | Path]
    serves: str


def impossible() -> str:
    """Why loops cannot be measured here; empty where they can."""
    if not shutil.which("cc"):
        return "there is no C compiler (cc) for runtime_api.c"
    return "" if hasattr(os, "sched_setaffinity") else "this system cannot keep a process on one core"


def loops(contenders: Iterable[Contender]) -> list[Loop]:
    """The runtimes of those contenders that are there."""
    python = {contender.name: contender.python for contender in contenders}
    served = "tests.benchmarks.workers.served.handler"
    raw: list[str | Path] = [environments.staged("workers/raw_loop.py")]
    ours: list[str | Path] = ["-c", "from lambdarouter.runtime.serve import run; run()", served]
    older: list[str | Path] = ["-m", "lambdarouter.runtime", served]  # which every version has
    theirs: list[str | Path] = ["-m", "awslambdaric", served]
    found = [
        ("raw socket + bare", "bare", raw, "bare"),
        ("lambdarouter + bare", "lambdarouter", ours, "bare"),
        ("lambdarouter + lambdarouter", "lambdarouter", ours, "lambdarouter"),
        ("before + bare", "before", older, "bare"),
        ("before + before", "before", older, "lambdarouter"),
        ("awslambdaric + bare", "awslambdaric", theirs, "bare"),
        ("awslambdaric + Powertools", "powertools", theirs, "powertools"),
        ("awslambdaric + FastAPI", "fastapi", theirs, "fastapi"),
    ]
    return [Loop(name, [python[who], "-P", *words], serves) for name, who, words, serves in found if who in python]


def _server() -> Path:
    """The Runtime API, compiled from the stage's copy."""
    program = environments.BUILD / "runtime_api"
    source = environments.staged("runtime_api.c")
    if not program.is_file() or program.stat().st_mtime < source.stat().st_mtime:
        environments.run(["cc", "-O2", "-o", program, source])
    return program


def _settings(loop: Loop, port: str) -> dict[str, str]:
    """What Lambda tells a runtime in its environment, and served.py whose handler to load."""
    return environments.variables(
        AWS_EXECUTION_ENV="AWS_Lambda_python{}.{}".format(*sys.version_info),  # awslambdaric goes by it
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE="256",
        AWS_LAMBDA_FUNCTION_NAME="benchmarks",
        AWS_LAMBDA_FUNCTION_VERSION="$LATEST",
        AWS_LAMBDA_LOG_GROUP_NAME="benchmarks",
        AWS_LAMBDA_LOG_STREAM_NAME="benchmarks",
        AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{port}",
        AWS_REGION="eu-west-1",
        BENCHMARKS_SERVE=loop.serves,
        LAMBDA_TASK_ROOT=str(environments.STAGE),
    )


def _serve(loop: Loop, case: Case, count: int) -> tuple[float, float, float]:
    """(seconds to the first request for an event, seconds of a cycle, of these the API's own)."""
    file, log = environments.BUILD / "event.json", environments.BUILD / "loop.log"
    file.write_text(json.dumps(case.events[0]), "utf-8")
    command: list[str | Path] = [_server(), file, str(_WARM_UP), str(count), "42"]
    with log.open("w") as output, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as api:
        assert api.stdout is not None
        settings = _settings(loop, api.stdout.readline().strip())
        begun = time.monotonic()
        served = subprocess.Popen(loop.command, env=settings, cwd=environments.STAGE, stdout=output, stderr=output)
        try:
            asked = float(api.stdout.readline() or "nan")
            cycle, share = map(float, (api.stdout.readline() or "nan nan").split())
        finally:
            served.kill()
            served.wait()
    if api.returncode:
        sys.exit(f"{loop.name} failed:\n{log.read_text('utf-8')}")
    return asked - begun, cycle, share


def _pinned(loop: Loop, case: Case, count: int) -> tuple[float, float, float]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        return _serve(loop, case, count)
    finally:
        os.sched_setaffinity(0, cores)


def cycles(topic: Topic, cases: Sequence[Case], contenders: Iterable[Contender], values: Values) -> None:
    """One round of whole cycles, in seconds: from one event to the next."""
    for case in cases:
        rows = values.setdefault(case.key, {})
        for loop in loops(contenders):
            _, cycle, share = _pinned(loop, case, _CYCLES)
            rows.setdefault(loop.name, []).append(cycle)
            if loop.name == case.base:
                rows.setdefault(MOCK, []).append(share)


def first(topic: Topic, cases: Sequence[Case], contenders: Iterable[Contender], values: Values) -> None:
    """One round of starts, in seconds: to the first request for an event."""
    for case in cases:
        rows = values.setdefault(case.key, {})
        for loop in loops(contenders):
            rows.setdefault(loop.name, []).append(_serve(loop, case, 1)[0])
