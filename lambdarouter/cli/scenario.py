"""Scenario files on the command line: found, sent, told."""

from __future__ import annotations

import sys
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lambdarouter.cli.invoke import close
from lambdarouter.cli.origin import shown_path, stack_trace
from lambdarouter.cli.output import draw, fail, indented, is_terminal, write
from lambdarouter.cli.target import load
from lambdarouter.core.log import quiet
from lambdarouter.errors import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdarouter.app import App
    from lambdarouter.testing import TestClient
    from lambdarouter.testing.scenario.model import Scenario
    from lambdarouter.testing.scenario.run import Checked

__all__ = ["AppOption", "Files", "app_of", "found", "opened", "sent", "tell"]

Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenario files, or directories with such.")]
AppOption = Annotated[
    str | None,
    typer.Option("--app", metavar="APP", help="The app, as module:attribute; else the one that a file names."),
]


def found(names: list[str]) -> list[Path]:
    """The scenario files that are meant, of directories those below."""
    from lambdarouter.testing.scenario.file import files

    paths = []
    for name in names:
        below = files(Path(name))
        if not below:
            fail(f"{name} has no scenario files: they are named *.scenario.yaml, *.scenario.yml or *.scenario.json")
        paths += below
    return paths


def app_of(scenario: Scenario, target: str | None) -> App:
    """Import the app of a scenario; exit status 2 where there is none."""
    named = target or scenario.app
    if named is None:
        fail(f"{scenario.where} names no app: give --app APP, or a line `app: module:attribute`")
    return load(named)


@contextmanager
def opened(app: App) -> Iterator[TestClient]:
    """A client of the app, its lifespan entered, and left after. Exit status 2 where it cannot be entered."""
    from lambdarouter.testing import TestClient

    client = TestClient(app)
    try:
        with redirect_stdout(sys.stderr):
            client.__enter__()
    except Exception as error:  # noqa: BLE001 - the lifespan's own
        fail(f"the app cannot be started\n{stack_trace(error)}")
    try:
        yield client
    finally:
        close(client)


def sent(client: TestClient, scenario: Scenario) -> Iterator[Checked]:
    """What comes of each invocation; what the app prints meanwhile goes to stderr, and nothing is logged."""
    from lambdarouter.testing.scenario.run import check

    checks = check(client, scenario)
    while True:
        with redirect_stdout(sys.stderr), quiet():
            each = next(checks, None)
        if each is None:
            return
        yield each


def tell(path: Path, each: Checked, *, good: str, bad: str) -> None:
    """A line of an invocation, and below it what is not as expected."""
    differs = bool(each.differences)
    word = Text((bad if differs else good).ljust(max(len(good), len(bad))), style="red" if differs else "green")
    draw([word + f"  {shown_path(path)}: {printable(each.name)}"])
    for line in map(printable, each.differences):
        if is_terminal():
            indented(Text(line))
        else:
            write(f"  {line}")
