"""`lambdarouter replay`: recordings of an app, sent to it again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lambdarouter import App
from lambdarouter.testing import events, record
from tests.cli.conftest import SHOP, Run

COUNTER = """
from lambdarouter import App

app = App()
count = 0


@app.invoke(when=lambda payload: "add" in payload)
def add(payload: dict) -> int:
    global count
    count += payload["add"] * {factor}
    return count
"""


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What an app that counts was sent, and answered."""
    monkeypatch.chdir(tmp_path)
    app, total = App(), [0]

    @app.invoke(when=lambda payload: "add" in payload)
    def add(payload: dict[str, int]) -> int:
        total[0] += payload["add"]
        return total[0]

    record(app, tmp_path / "recorded")
    app({"add": 1})
    app({"add": 2})
    return tmp_path


def test_the_events_of_all_files_go_to_one_app_in_order(run: Run, recorded: Path) -> None:
    (recorded / "counter.py").write_text(COUNTER.format(factor=1))

    result = run("replay", "recorded", "--app", "counter:app")

    assert result.exit_code == 0, result.output
    first, second, last = result.stdout.splitlines()
    assert re.fullmatch(r"same     recorded/\d{8}T\d{12}-invoke-[0-9a-f]+\.scenario\.json: 1 invoke", first)
    assert second.startswith("same     recorded/")
    assert last == "2 events, 0 differ"


def test_what_is_other_than_it_was_is_told(run: Run, recorded: Path) -> None:
    (recorded / "counter.py").write_text(COUNTER.format(factor=3))

    result = run("replay", "recorded", "--app", "counter:app")

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("DIFFERS  ")
    assert lines[1] == "  reply: expected 1, saw 3"
    assert lines[-1] == "2 events, 2 differ"


def test_a_file_that_is_none_is_refused_before_anything_is_sent(run: Run, recorded: Path) -> None:
    (recorded / "a.scenario.json").write_text("{}")
    result = run("replay", "recorded", "a.scenario.json", "--app", str(SHOP))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a.scenario.json: invocations: Field required" in result.stderr


def test_one_that_cannot_be_sent_ends_it(run: Run, recorded: Path) -> None:
    (recorded / "a.scenario.json").write_text(json.dumps({"invocations": [{"get": {"path": "x"}}]}))
    result = run("replay", "a.scenario.json", "--app", str(SHOP))
    assert result.exit_code == 2
    assert "invocations[0].get: path is 'x'" in result.stderr
    (recorded / "b.scenario.json").write_text(
        json.dumps({"invocations": [{"event": events.http.v2("GET", "/health")}]})
    )
    assert run("replay", "b.scenario.json", "--app", str(SHOP)).stdout.endswith("1 event, 0 differ\n")
