"""The pytest plugin: fixtures of the app and its client. pytest finds it wherever lambdarouter is installed.

It also collects scenario files (`*.scenario.yaml`, `.yml`, `.json`): one test a file, as its invocations build on each
other. `lambda_app` is the app that the setting `lambdarouter_app` names (`app:app`, from pytest's root directory), or
what a fixture of that name in your tests returns; `lambda_client` is a `TestClient` of it, and `lambda_context` a
context. `-p no:lambdarouter` leaves the plugin out.
"""

from __future__ import annotations

import sys

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from lambdarouter.app import App
    from lambdarouter.testing.client import TestClient
    from lambdarouter.testing.context import LambdaContext
    from lambdarouter.testing.scenario.run import Checked

__all__ = [
    "lambda_app",
    "lambda_client",
    "lambda_context",
    "pytest_addoption",
    "pytest_assertrepr_compare",
    "pytest_collect_file",
]

_SETTING = "lambdarouter_app"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tell pytest of the setting."""
    parser.addini(_SETTING, "the app of the fixture lambda_app: module:attribute, or path/to/app.py:attribute")


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Where `result.ran` or `result.failed` is not as expected, say who failed, on which record, and why."""
    if "lambdarouter.testing.result" not in sys.modules:
        return None  # nothing of ours is compared, and every run of pytest loads this module
    from lambdarouter.testing.result import explained  # noqa: PLC0415 - loaded

    return explained(op, left, right)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take scenario files for tests."""
    if ".scenario." not in file_path.name:
        return None
    from lambdarouter.testing.scenario.file import SUFFIXES  # noqa: PLC0415 - only where there is one

    return _ScenarioFile.from_parent(parent, path=file_path) if file_path.name.endswith(SUFFIXES) else None


class _ScenarioFile(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        yield _ScenarioItem.from_parent(self, name=self.path.name.partition(".")[0])


class _ScenarioItem(pytest.Item):
    def runtest(self) -> None:
        """Run the file against the app that it names, or the setting does."""
        from lambdarouter.testing.scenario.file import load  # noqa: PLC0415 - as above
        from lambdarouter.testing.scenario.run import run_scenario  # noqa: PLC0415
        from lambdarouter.testing.surroundings import environment  # noqa: PLC0415

        scenario = load(self.path)
        with environment(scenario.environment):
            app = _loaded(scenario.app, self.config, scenario.where) if scenario.app else _set_up(self.config)
            run = run_scenario(app, scenario)
        if run.failures:
            raise _NotAsExpected("\n".join(map(_told, run.checked)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Of what is not as expected, and of a file that is none, the text says it all."""
        if isinstance(excinfo.value, _NotAsExpected) or type(excinfo.value).__name__ == "ScenarioError":
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """What the test is called in reports."""
        return self.path, None, f"scenario {self.name}"


class _NotAsExpected(Exception):  # noqa: N818 - of the app's behaviour, which no traceback explains
    pass


def _told(checked: Checked) -> str:
    word = "FAILED" if checked.differences else "ok    "
    return "\n  ".join([f"{word}  {checked.name}", *checked.differences])


@pytest.fixture
def lambda_app(pytestconfig: pytest.Config) -> App:
    """The app that the setting lambdarouter_app names. Define a fixture of this name to test another."""
    return _set_up(pytestconfig)


def _set_up(config: pytest.Config) -> App:
    target = config.getini(_SETTING)
    if not target:
        pytest.fail(
            f'which app is meant? Set {_SETTING} = "app:app" in pytest\'s settings ([tool.pytest.ini_options] of '
            "pyproject.toml), or define a fixture lambda_app that returns it",
            pytrace=False,
        )
    return _loaded(target, config, _SETTING)


def _loaded(target: str, config: pytest.Config, where: str) -> App:
    """Import the app that is named at `where`."""
    from lambdarouter.target import TargetError, load  # noqa: PLC0415 - every run of pytest loads this module

    try:
        return load(target, config.rootpath)
    except TargetError as error:
        if error.__cause__ is not None:
            raise  # with the traceback of the developer's module
        pytest.fail(f"{where}: {error}", pytrace=False)


@pytest.fixture
def lambda_client(lambda_app: App) -> Iterator[TestClient]:
    """A `TestClient` of `lambda_app`, whose lifespan is entered before the test and left after it."""
    from lambdarouter.testing.client import TestClient  # noqa: PLC0415 - as above

    with TestClient(lambda_app) as client:
        yield client


@pytest.fixture
def lambda_context() -> LambdaContext:
    """A context of 30 seconds, for handlers that are called directly."""
    from lambdarouter.testing.context import LambdaContext  # noqa: PLC0415 - as above

    return LambdaContext()
