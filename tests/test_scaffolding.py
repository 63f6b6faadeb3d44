"""What stands around the package: its dependencies, their pins, and the script that makes the environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0]


def test_an_app_pays_for_five_packages_and_no_more() -> None:
    names = [name_of(requirement) for requirement in project()["dependencies"]]

    assert names == ["anyio", "croniter", "pydantic", "structlog", "tzdata"]


def test_constraints_say_a_name_and_a_version_and_never_where_it_came_from() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()

    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_every_direct_dependency_is_pinned() -> None:
    pins = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()}
    extras = project()["optional-dependencies"].values()
    direct = {name_of(one) for group in (project()["dependencies"], *extras) for one in group}

    assert direct - pins == {"lambdarouter"}  # which names its own extras


# .ci/venv in a checkout of its own, with interpreters that are shell scripts --------------------------------


def make_environment(tmp_path: Path, answers: dict[str, str], **env: str) -> subprocess.CompletedProcess[str]:
    """Run .ci/venv where the only interpreters on PATH are `answers`: what each says when it is asked."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "venv", tmp_path / ".ci")
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in ("dirname", "rm"):
        (programs / tool).symlink_to(shutil.which(tool) or tool)
    for name, script in answers.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    return subprocess.run(
        ["/bin/sh", ".ci/venv"],
        cwd=tmp_path,
        env={"PATH": str(programs), "LANG": os.environ.get("LANG", "C"), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "lambdarouter needs Python 3.11 or newer; found no python3.\n"),
        (
            {"python3": "echo 3.9.2 old"},
            "lambdarouter needs Python 3.11 or newer; found python3 (3.9.2).\n",
        ),
        (
            {"python3": "echo 3.9.2 old", "python3.12": "exit 127"},
            "lambdarouter needs Python 3.11 or newer; found python3 (3.9.2), python3.12 (does not start).\n",
        ),
        (
            {"python3": "echo 3.11.2 nothing"},
            "python3 (3.11.2) can make no virtual environment: it has neither ensurepip nor virtualenv.\n",
        ),
    ],
    ids=["none", "old", "broken", "bare"],
)
def test_a_machine_without_a_fitting_python_is_told_what_is_missing(
    tmp_path: Path, answers: dict[str, str], said: str
) -> None:
    run = make_environment(tmp_path, answers)

    assert run.returncode == 1
    assert run.stderr.startswith(said)
    assert run.stdout == ""
    assert not (tmp_path / ".venv").exists()


def test_an_interpreter_that_is_named_and_does_not_exist_is_reported_by_its_name(tmp_path: Path) -> None:
    run = make_environment(tmp_path, {"python3": "echo 3.13.0 ensurepip"}, PYTHON="python3.99")

    assert run.returncode == 1
    assert "found no python3.99." in run.stderr


@pytest.mark.parametrize(
    ("answers", "chosen"),
    [
        ({"python3": "echo 3.12.1 ensurepip", "python3.13": "echo 3.13.0 ensurepip"}, "python3"),
        ({"python3": "echo 3.9.2 old", "python3.13": "echo 3.13.0 ensurepip"}, "python3.13"),
        ({"python3": "echo 3.11.2 nothing", "python3.12": "echo 3.12.1 virtualenv"}, "python3.12"),
    ],
    ids=["the default", "a newer one", "one with virtualenv"],
)
def test_the_first_python_that_fits_makes_the_environment(tmp_path: Path, answers: dict[str, str], chosen: str) -> None:
    run = make_environment(tmp_path, answers)

    assert run.stderr.startswith(f"Making .venv with {chosen} (")
