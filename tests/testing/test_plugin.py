"""The pytest plugin, in runs of pytest of their own: projects in temporary directories, as a user has them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

APP = """
from contextlib import asynccontextmanager

from lambdarouter import App

told = []


@asynccontextmanager
async def lifespan(app):
    told.append("in")
    yield
    told.append("out")


app = App(lifespan=lifespan)


@app.get("/orders/{order_id}")
def read(order_id: int) -> dict:
    if order_id < 0:
        return {"id": 0}
    return {"id": order_id}
"""
SETTING = '[tool.pytest.ini_options]\nlambdarouter_app = "app:app"\n'
READS = """
def test_reads(lambda_client):
    assert lambda_client.get("/orders/17").reply["statusCode"] == 200
"""

RunPytest = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_pytest(tmp_path: Path) -> RunPytest:
    """Run pytest on a project of `files`, in its directory or, with `cwd`, one below."""

    def run_pytest(files: dict[str, str], *options: str, cwd: str = ".") -> subprocess.CompletedProcess[str]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options]
        return subprocess.run(command, cwd=tmp_path / cwd, capture_output=True, text=True, check=False)

    return run_pytest


@pytest.mark.parametrize("table", ["tool.pytest.ini_options", "tool.pytest"])
@pytest.mark.parametrize("target", ["app:app", "app", "app.py:app"])
@pytest.mark.parametrize("cwd", [".", "tests"])
def test_the_setting_names_the_app_from_the_root_directory(
    run_pytest: RunPytest, table: str, target: str, cwd: str
) -> None:
    setting = f'[{table}]\nlambdarouter_app = "{target}"\n'

    run = run_pytest({"pyproject.toml": setting, "app.py": APP, "tests/test_orders.py": READS}, cwd=cwd)

    assert "1 passed" in run.stdout, run.stdout


def test_a_fixture_of_the_project_takes_the_place_of_the_setting(run_pytest: RunPytest) -> None:
    own = """
import pytest
from lambdarouter import App

app = App()


@pytest.fixture
def lambda_app():
    return app


def test_it_is_the_clients(lambda_client):
    assert lambda_client.app is app
"""

    run = run_pytest({"pyproject.toml": SETTING, "app.py": "raise ValueError\n", "test_own.py": own})

    assert "1 passed" in run.stdout, run.stdout


def test_each_test_has_a_lifespan_of_its_own(run_pytest: RunPytest) -> None:
    tests = """
from app import told


def test_first(lambda_client):
    assert told == ["in"]


def test_second(lambda_client):
    assert told == ["in", "out", "in"]


def test_third():
    assert told == ["in", "out", "in", "out"]
"""

    run = run_pytest({"pyproject.toml": SETTING, "app.py": APP, "test_lifespan.py": tests})

    assert "3 passed" in run.stdout, run.stdout


def test_a_context_needs_no_app(run_pytest: RunPytest) -> None:
    test = "def test_it(lambda_context):\n    assert 0 < lambda_context.get_remaining_time_in_millis() <= 30_000\n"

    run = run_pytest({"test_context.py": test})

    assert "1 passed" in run.stdout, run.stdout


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, 'which app is meant? Set lambdarouter_app = "app:app" in pytest\'s settings'),
        ({"pyproject.toml": SETTING}, "lambdarouter_app: no module app in "),
        (
            {"pyproject.toml": SETTING, "app.py": "from lambdarouter import Router\napp = Router()\n"},
            "lambdarouter_app: app:app is no App but a Router; include it in an App",
        ),
        (
            {"pyproject.toml": SETTING.replace("app:app", "src/app.py"), "app.py": APP},
            "lambdarouter_app: there is no file src/app.py",
        ),
    ],
    ids=["no setting", "no module", "a router", "no file"],
)
def test_what_is_no_app_is_said_in_one_line(run_pytest: RunPytest, files: dict[str, str], said: str) -> None:
    run = run_pytest({"test_orders.py": READS, **files})

    assert run.returncode == 1
    assert said in run.stdout
    assert "plugin.py" not in run.stdout


def test_an_app_that_cannot_be_imported_is_shown_with_its_own_traceback(run_pytest: RunPytest) -> None:
    run = run_pytest({"pyproject.toml": SETTING, "app.py": "1 / 0\n", "test_orders.py": READS})

    assert run.returncode == 1
    assert "app.py:1: ZeroDivisionError" in run.stdout
    assert "TargetError: app cannot be imported" in run.stdout


def test_coverage_sees_every_line_of_the_app(run_pytest: RunPytest) -> None:
    tests = READS + '\n\ndef test_none(lambda_client):\n    assert lambda_client.get("/orders/-1").error is None\n'
    options = ["--cov=app", "--cov-branch", "--cov-fail-under=100"]

    run = run_pytest({"pyproject.toml": SETTING, "app.py": APP, "test_orders.py": tests}, *options)

    assert run.returncode == 0, run.stdout


def test_the_plugin_can_be_left_out(run_pytest: RunPytest) -> None:
    run = run_pytest({"test_orders.py": READS}, "-p", "no:lambdarouter")

    assert run.returncode == 1
    assert "fixture 'lambda_client' not found" in run.stdout


def test_a_run_that_does_not_use_it_loads_three_modules_of_the_package(run_pytest: RunPytest) -> None:
    test = """
import json
import sys


def test_it():
    print("LOADED", json.dumps(sorted(name for name in sys.modules if name.startswith("lambdarouter"))))
"""

    run = run_pytest({"pyproject.toml": SETTING, "app.py": APP, "test_other.py": test}, "-s")

    loaded = json.loads(run.stdout.partition("LOADED ")[2].partition("\n")[0].removesuffix("."))
    assert loaded == ["lambdarouter", "lambdarouter.testing", "lambdarouter.testing.plugin"]


FAILS = """
def test_ran(lambda_client):
    assert lambda_client.get("/orders/x").ran == ["read"]

def test_failed(lambda_client):
    assert lambda_client.get("/orders/x").failed == []

def test_plain():
    assert [1] == [2]
"""


def test_a_comparison_that_fails_says_who_failed_and_why(run_pytest: RunPytest) -> None:
    run = run_pytest({"pyproject.toml": SETTING, "app.py": APP, "tests/test_orders.py": FAILS})

    assert "3 failed" in run.stdout, run.stdout
    assert "assert [] == ['read']" in run.stdout
    assert "assert ['read'] == []" in run.stdout
    assert run.stdout.count("read failed on ") >= 2
    assert "At index 0 diff: 1 != 2" in run.stdout


SCENARIO = """
region: eu-north-1
invocations:
  - name: an order is read
    get: {path: /orders/17}
    expect: {json: {id: 17}}
  - get: {path: /orders/18}
    expect: {status: %d}
"""


@pytest.mark.parametrize("named", ["", "app: app:app"])
def test_a_scenario_file_is_a_test(run_pytest: RunPytest, named: str) -> None:
    files = {"app.py": APP, "tests/orders.scenario.yaml": named + SCENARIO % 200, "tests/a.scenario.txt": ""}
    if not named:
        files["pyproject.toml"] = SETTING

    run = run_pytest(files, "-vv")

    assert "tests/orders.scenario.yaml::orders PASSED" in run.stdout, run.stdout
    assert "1 passed" in run.stdout


def test_a_scenario_that_fails_is_told_line_by_line_without_a_traceback(run_pytest: RunPytest) -> None:
    run = run_pytest({"pyproject.toml": SETTING, "app.py": APP, "orders.scenario.yaml": SCENARIO % 201})

    assert run.returncode == 1
    assert "scenario orders" in run.stdout
    assert "ok      an order is read\nFAILED  2 get\n  status: expected 201, saw 200\n" in run.stdout
    assert "Traceback" not in run.stdout
    assert ".py:" not in run.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "orders.scenario.yaml: invocations: Field required"),
        (SCENARIO % 200, "which app is meant? Set lambdarouter_app"),
        ("app: gone.py" + SCENARIO % 200, "orders.scenario.yaml: there is no file gone.py"),
        ("app: broken.py" + SCENARIO % 200, "broken.py:1: ZeroDivisionError"),
    ],
)
def test_a_scenario_that_cannot_be_run_says_why(run_pytest: RunPytest, text: str, said: str) -> None:
    run = run_pytest({"broken.py": "1 / 0\n", "orders.scenario.yaml": text})

    assert run.returncode == 1
    assert said in run.stdout
    assert "plugin.py" not in run.stdout or "broken" in said


def test_a_comparison_of_other_things_is_told_as_ever_and_loads_nothing_of_ours(run_pytest: RunPytest) -> None:
    run = run_pytest(
        {
            "test_other.py": "import sys\n"
            "def test_other():\n    assert [1, 2] == [1, 3]\n"
            "def test_after_it():\n    assert 'lambdarouter.testing.result' not in sys.modules\n"
        }
    )

    assert "At index 1 diff: 2 != 3" in run.stdout
    assert "1 failed, 1 passed" in run.stdout, run.stdout
