"""The pytest plugin: fixtures of the app and its client. pytest finds it wherever lambdarouter is installed.

`lambda_app` is the app that the setting `lambdarouter_app` names (`app:app`, from pytest's root directory), or what a
fixture of that name in your tests returns; `lambda_client` is a `TestClient` of it, and `lambda_context` a context.
`-p no:lambdarouter` leaves the plugin out.
"""

from __future__ import annotations

import sys

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdarouter.app import App
    from lambdarouter.testing.client import TestClient
    from lambdarouter.testing.context import LambdaContext

__all__ = ["lambda_app", "lambda_client", "lambda_context", "pytest_addoption", "pytest_assertrepr_compare"]

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


@pytest.fixture
def lambda_app(pytestconfig: pytest.Config) -> App:
    """The app that the setting lambdarouter_app names. Define a fixture of this name to test another."""
    target = pytestconfig.getini(_SETTING)
    if not target:
        pytest.fail(
            f'which app is meant? Set {_SETTING} = "app:app" in pytest\'s settings ([tool.pytest] of pyproject.toml), '
            "or define a fixture lambda_app that returns it",
            pytrace=False,
        )
    from lambdarouter.target import TargetError, load  # noqa: PLC0415 - every run of pytest loads this module

    try:
        return load(target, pytestconfig.rootpath)
    except TargetError as error:
        if error.__cause__ is not None:
            raise  # with the traceback of the developer's module
        pytest.fail(f"{_SETTING}: {error}", pytrace=False)


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
