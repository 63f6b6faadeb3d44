"""`lambdarouter test`: what it tells, and with which exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import SHOP, Run, RunProcess
from tests.pace import in_real_time, seconds
from tests.test_docs import ROOT, blocks

GOOD = """
invocations:
  - name: health
    get: {path: /health}
    expect: {status: 200, json: {ok: true}}
  - tick: {time: 2026-01-01T03:00Z}
"""
BAD = """
invocations:
  - get: {path: /health}
    expect: {status: 418}
  - sns: {topic: both-fail, messages: ["bell \\a"]}
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.scenario.yaml").write_text(GOOD)
    return tmp_path


def test_each_invocation_has_a_line(run: Run, write: Path) -> None:
    result = run("test", "good.scenario.yaml", "--app", str(SHOP))

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "ok      good.scenario.yaml: health",
        "ok      good.scenario.yaml: 2 tick",
        "2 invocations, 0 failed",
    ]
    assert result.stderr.splitlines() == ["opened", "closed"]


def test_the_scenario_of_the_documentation_is_as_expected(
    run: Run, write: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = next(block for block in blocks(ROOT / "docs" / "scenarios.md") if block.language == "yaml")
    file = write / "orders.scenario.yaml"
    file.write_text(scenario.text)
    monkeypatch.chdir(ROOT)  # from which it names the app

    result = run("test", str(file))

    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "2 invocations, 0 failed"), result.stdout


@pytest.mark.parametrize("color", [{}, {"FORCE_COLOR": "1", "COLUMNS": "200"}])
def test_what_is_not_as_expected_is_below(run: Run, write: Path, color: dict[str, str]) -> None:
    (write / "bad.scenario.yaml").write_text(BAD)

    result = run("test", ".", "--app", str(SHOP), **color)

    assert result.exit_code == 1
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert lines[1] == "  status: expected 418, saw 200"
    assert any("FAILED  bad.scenario.yaml: 2 sns" in line for line in lines)
    assert any("first failed on" in line and r"ValueError: bell \x07" in line for line in lines)
    assert lines[-1] == "4 invocations, 2 failed"
    # Each file has a client of its own, and nothing is logged.
    assert [line for line in result.stderr.splitlines() if "audited" not in line] == ["opened", "closed"] * 2


def test_a_file_that_is_broken_does_not_keep_the_others_from_running(run: Run, write: Path) -> None:
    (write / "a.scenario.json").write_text("{}")
    (write / "b.scenario.json").write_text('{"app": "gone.py", "invocations": [{"event": 1}]}')
    (write / "c.scenario.json").write_text('{"invocations": [{"event": 1}]}')

    result = run("test", ".")

    assert result.exit_code == 2
    assert result.stdout == "0 invocations, 0 failed\n"
    assert "a.scenario.json: invocations: Field required" in result.stderr
    assert "there is no file gone.py" in result.stderr
    assert "c.scenario.json names no app: give --app APP" in result.stderr


def test_a_file_names_its_app_and_is_imported_in_its_environment(run: Run, write: Path) -> None:
    (write / "reads.py").write_text(
        "import os\nfrom lambdarouter import App\napp = App()\nTABLE = os.environ['TABLE'], os.environ['AWS_REGION']\n"
        "@app.get('/')\ndef root() -> list: return list(TABLE)\n"
    )
    (write / "own.scenario.yaml").write_text(
        "app: reads:app\nregion: eu-north-1\nenv: {TABLE: orders}\n"
        "invocations:\n  - {get: {path: /}, expect: {json: [orders, eu-north-1]}}\n"
    )
    assert run("test", "own.scenario.yaml").stdout.endswith("1 invocation, 0 failed\n")


def test_an_app_that_does_not_start_is_said_with_its_traceback(run: Run, write: Path) -> None:
    (write / "broken.py").write_text(
        "from contextlib import asynccontextmanager\nfrom lambdarouter import App\n"
        "@asynccontextmanager\nasync def lifespan(app):\n    raise ValueError('no database')\n    yield\n"
        "app = App(lifespan=lifespan)\n"
    )
    result = run("test", "good.scenario.yaml", "--app", "broken.py")
    assert result.exit_code == 2
    assert "the app cannot be started\n" in result.stderr
    assert "ValueError: no database" in result.stderr


def test_a_directory_without_scenarios_is_refused(run: Run, write: Path) -> None:
    (write / "empty").mkdir()
    result = run("test", "empty")
    assert result.exit_code == 2
    assert "empty has no scenario files: they are named *.scenario.yaml" in result.stderr


@in_real_time
def test_a_thread_that_was_left_behind_does_not_keep_it_from_ending(run_process: RunProcess, tmp_path: Path) -> None:
    (tmp_path / "hangs.scenario.yaml").write_text(
        "invocations:\n"
        "  - sns: {topic: hangs, messages: [a, b]}\n"
        f"    given: {{timeout: {seconds(1)}}}\n"
        "    expect: {error: BatchError, failed: [0, 1]}\n"
    )
    result = run_process("test", "hangs.scenario.yaml", "--app", str(SHOP))
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "1 invocation, 0 failed")
