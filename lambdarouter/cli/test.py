"""`lambdarouter test FILE…`: run scenario files."""

from __future__ import annotations

import typer

from lambdarouter.cli.invoke import leave
from lambdarouter.cli.output import complain, write
from lambdarouter.cli.scenario import AppOption, Files, app_of, found, opened, sent, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lambdarouter.app import App
    from lambdarouter.testing.scenario.run import Checked

__all__ = ["test"]


def test(files: Files, *, app: AppOption = None) -> None:  # noqa: PT028 - no test itself
    """Send an app the invocations of scenario files, and tell what of them is not as expected.

    Exit status 1: something is not; 2: a file is no scenario, or its app cannot be started. What the app prints goes
    to stderr.
    """
    from lambdarouter.testing import ScenarioError

    apps: list[App] = []
    count = failed = 0
    complete = True
    for path in found(files):
        try:
            for each in _run(path, app, apps):
                tell(path, each, good="ok", bad="FAILED")
                count += 1
                failed += bool(each.differences)
        except ScenarioError as error:
            complain(str(error))
            complete = False
        except typer.Exit:  # which has been said
            complete = False
    write(f"{count} {'invocation' if count == 1 else 'invocations'}, {failed} failed")
    status = int(bool(failed)) if complete else 2
    for each_app in apps:
        if each_app.tainted:
            leave(each_app, status)
    raise typer.Exit(status)


def _run(path: Path, target: str | None, apps: list[App]) -> Iterator[Checked]:
    """A file on its own: its environment, from the app's import on, and a client of its own."""
    from lambdarouter.testing.scenario.file import load
    from lambdarouter.testing.surroundings import environment

    scenario = load(path)
    with environment(scenario.environment):
        app = app_of(scenario, target)
        apps.append(app)
        with opened(app) as client:
            yield from sent(client, scenario)
