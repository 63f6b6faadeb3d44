"""Where the contenders run: an environment for each, with pinned versions, below build/bench."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BUILD",
    "PLOTTING",
    "ROOT",
    "STAGE",
    "Contender",
    "compile_stage",
    "contenders",
    "labels",
    "make",
    "peers",
    "run",
    "staged",
    "variables",
    "versions",
]

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "bench"
STAGE = BUILD / "stage"
PEERS = Path(__file__).with_name("peers.toml")
CONSTRAINTS = ROOT / "constraints.txt"
PLOTTING = ["matplotlib==3.11.2"]


class Contender(NamedTuple):
    """Who is measured: its name, its file in contenders/, and the interpreter of its environment."""

    name: str
    module: str
    python: str


def run(command: Iterable[str | Path]) -> str:
    """Run a program; what it wrote. Raises `SystemExit` with its complaints."""
    words = [str(word) for word in command]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(words)}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def _pip(python: Path, *arguments: str | Path) -> None:
    run([python, "-m", "pip", "-qq", "--disable-pip-version-check", *arguments])


def make(name: str, interpreter: str, requires: list[str]) -> Path:
    """The interpreter of the environment `name`, which is made unless it is there with these packages."""
    directory = BUILD / "venvs" / name
    python, stamp = directory / "bin" / "python", directory / "made-of"
    contents = "\n".join([run([interpreter, "-VV"]), *requires, CONSTRAINTS.read_text("utf-8")])
    if not stamp.is_file() or stamp.read_text("utf-8") != contents:
        print(f"making {directory.relative_to(ROOT)} ...", file=sys.stderr)  # noqa: T201
        shutil.rmtree(directory, ignore_errors=True)
        run([interpreter, "-m", "venv", directory])
        if requires:
            _pip(python, "install", "--constraint", CONSTRAINTS, *requires)
        _compile(python, directory / "lib")
        stamp.write_text(contents, "utf-8")
    return python


def _compile(python: Path, where: Path) -> None:
    run([python, "-m", "compileall", "-q", "-j", "0", where])


def _install(python: Path, wheel: Path) -> None:
    """Put a wheel in the place of an older one. Never an editable install, whose hook would slow down the start."""
    _pip(python, "install", "--force-reinstall", "--no-deps", wheel)
    _compile(python, python.parents[1] / "lib")


def _dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [str(requirement) for requirement in project["dependencies"]]


def _wheel(python: Path) -> Path:
    directory = BUILD / "wheel"
    shutil.rmtree(directory, ignore_errors=True)
    _pip(python, "wheel", "--no-deps", "--wheel-dir", directory, ROOT)
    (wheel,) = directory.glob("*.whl")
    return wheel


def peers() -> dict[str, Any]:
    """Who can take part: peers.toml."""
    return tomllib.loads(PEERS.read_text("utf-8"))


def labels() -> dict[str, str]:
    """What tables call the contenders, in the order of their rows."""
    found = {}
    for name, peer in peers().items():
        found[name] = peer["label"]
        if name == "lambdarouter":
            found["before"] = "before"
    return found


def contenders(interpreter: str, names: Iterable[str], before: Path | None) -> list[Contender]:
    """The contenders of these names, their environments made; `before` is a wheel of another lambdarouter."""
    found = []
    for name in names:
        requires = peers()[name]["requires"] if name != "lambdarouter" else _dependencies()
        python = make(name, interpreter, requires)
        if name == "lambdarouter":
            _install(python, _wheel(python))
        found.append(Contender(name, name, str(python)))
    if before is not None:
        python = make("before", interpreter, _dependencies())
        _install(python, before)
        found.append(Contender("before", "lambdarouter", str(python)))
    return found


def compile_stage(interpreter: str | Path) -> None:
    """Put a compiled copy of these files where the contenders find it, and the checkout's lambdarouter not."""
    shutil.rmtree(STAGE, ignore_errors=True)
    copy = STAGE / "tests" / "benchmarks"
    shutil.copytree(Path(__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    # Packages, lest a `tests` that some distribution brings along is found in their place.
    for package in (copy.parent, copy, copy / "contenders", copy / "workers"):
        (package / "__init__.py").touch()
    _compile(Path(interpreter), STAGE)


def staged(file: str) -> Path:
    """The stage's copy of a file of this directory."""
    return STAGE / "tests" / "benchmarks" / file


def versions(contender: Contender) -> str:
    """What the contender's environment has of what it asked for: "fastapi 0.165.0, mangum 0.22.0"."""
    ask = "import sys, importlib.metadata as m; print(', '.join(f'{n} {m.version(n)}' for n in sys.argv[1:]))"
    wanted = peers().get(contender.name, {"requires": []})["requires"]
    names = [re.split(r"[^\w.-]", requirement)[0] for requirement in wanted]
    if contender.module == "lambdarouter":
        names = ["lambdarouter", "pydantic", "anyio"]
    return run([contender.python, "-c", ask, *names]).strip()


def variables(**more: str) -> dict[str, str]:
    """The environment variables of everything that is measured."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    set_ = {"PYTHONPATH": str(STAGE), "PYTHONDONTWRITEBYTECODE": "1", "AWS_DEFAULT_REGION": "eu-west-1"}
    return {**kept, **set_, "POWERTOOLS_SERVICE_NAME": "benchmarks", **more}
