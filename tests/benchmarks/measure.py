"""Runs topics round by round: in each round every contender once, so that what disturbs the machine disturbs all."""

from __future__ import annotations

import json
import marshal
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import environments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.benchmarks.cases import Case, Topic
    from tests.benchmarks.environments import Contender

__all__ = ["Values", "calls", "memory", "start", "takes_part"]

# Case by case, contender by contender: one value for each round.
Values = dict[str, dict[str, list[float]]]
CONTENDERS = Path(__file__).with_name("contenders")


def takes_part(contender: Contender, case: Case) -> bool:
    """Whether the contender's file has what the case needs."""
    if not (CONTENDERS / f"{contender.module}.py").is_file():
        return False  # a runtime, which loop.py measures
    module = import_module(f"tests.benchmarks.contenders.{contender.module}")
    gateways = getattr(module, "GATEWAYS", ("rest", "v2"))
    return hasattr(module, case.build) and case.options.get("gateway", "v2") in gateways


def _failed(contender: Contender, said: str) -> None:
    sys.exit(f"{contender.name} failed:\n{said}")


def _apps(cases: Iterable[Case]) -> Iterable[list[Case]]:
    """The cases, apart by the handler that they are sent to."""
    apps: dict[str, list[Case]] = {}
    for case in cases:
        apps.setdefault(json.dumps([case.build, case.options]), []).append(case)
    return apps.values()


def calls(topic: Topic, cases: Sequence[Case], contenders: Iterable[Contender], values: Values) -> None:
    """One round of cases that processes of `workers/calls.py` measure.

    Each handler has a process of its own: what one loads (asyncio, say) would count for those that come after it.
    """
    everybody = list(contenders)
    for app in _apps(cases):
        for contender in everybody:
            own = [case for case in app if takes_part(contender, case)]
            if not own:
                continue
            ran = subprocess.run(
                [contender.python, "-P", environments.staged("workers/calls.py"), contender.module, str(topic.seconds)],
                input=json.dumps([case._asdict() for case in own]),
                env=environments.variables(),
                capture_output=True,
                text=True,
                check=False,
            )
            if ran.returncode:
                _failed(contender, ran.stderr)
            for case, value in zip(own, json.loads(ran.stdout.splitlines()[-1]), strict=True):
                values.setdefault(case.key, {}).setdefault(contender.name, []).append(value)


def _file(case: Case) -> Path:
    """The case as a file that is read without an import."""
    path = environments.BUILD / "cases" / f"{case.build}.marshal"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(marshal.dumps(case._asdict()))
    return path


def _argv(contender: Contender, case: Case) -> list[str]:
    return [contender.python, "-P", str(environments.staged("workers/start.py")), contender.module, str(_file(case))]


def _each(cases: Sequence[Case], contenders: Iterable[Contender]) -> list[tuple[Case, Contender]]:
    everybody = list(contenders)
    return [(case, contender) for case in cases for contender in everybody if takes_part(contender, case)]


def start(topic: Topic, cases: Sequence[Case], contenders: Iterable[Contender], values: Values) -> None:
    """One round of processes, from their start to their end, in seconds."""
    environment = environments.variables()
    for case, contender in _each(cases, contenders):
        command = _argv(contender, case)
        begun = time.perf_counter()
        process = os.posix_spawn(command[0], command, environment)
        _, status = os.waitpid(process, 0)
        value = time.perf_counter() - begun
        if status:
            _failed(contender, f"{case.name}: status {status}")
        values.setdefault(case.key, {}).setdefault(contender.name, []).append(value)


def memory(topic: Topic, cases: Sequence[Case], contenders: Iterable[Contender], values: Values) -> None:
    """One round of the same processes: the most memory they had, in bytes."""
    for case, contender in _each(cases, contenders):
        command = [*_argv(contender, case), "memory"]
        ran = subprocess.run(command, env=environments.variables(), capture_output=True, text=True, check=False)
        if ran.returncode:
            _failed(contender, ran.stderr)
        values.setdefault(case.key, {}).setdefault(contender.name, []).append(float(ran.stdout.splitlines()[-1]))
