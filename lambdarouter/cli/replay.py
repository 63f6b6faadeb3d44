"""`lambdarouter replay FILE…`: send an app what was recorded."""

from __future__ import annotations

from lambdarouter.cli.invoke import leave
from lambdarouter.cli.output import fail, write
from lambdarouter.cli.scenario import AppOption, Files, app_of, found, opened, sent, tell

__all__ = ["replay"]


def replay(files: Files, *, app: AppOption = None) -> None:
    """Send an app the recorded events of all files, one after the other, and tell what is other than it was.

    They go to one app, which the first file names where --app does not. Exit status 1: something is other; 2: a file
    is no scenario, or the app cannot be started. What the app prints goes to stderr.
    """
    from lambdarouter.testing import ScenarioError
    from lambdarouter.testing.scenario.file import load
    from lambdarouter.testing.surroundings import environment

    paths = found(files)
    count = differing = 0
    try:
        scenarios = [load(path) for path in paths]
        with environment(scenarios[0].environment):
            target = app_of(scenarios[0], app)
            with opened(target) as client:
                for path, scenario in zip(paths, scenarios, strict=True):
                    with environment(scenario.environment):
                        for each in sent(client, scenario):
                            tell(path, each, good="same", bad="DIFFERS")
                            count += 1
                            differing += bool(each.differences)
    except ScenarioError as error:
        fail(str(error))
    write(f"{count} {'event' if count == 1 else 'events'}, {differing} {'differs' if differing == 1 else 'differ'}")
    leave(target, int(bool(differing)))
