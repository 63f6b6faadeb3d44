from __future__ import annotations

import json
from pathlib import Path

from lambdarouter.testing.events import cron, sns
from tests.cli.conftest import FIXTURES, Run


def test_every_file_has_a_line_with_its_name_and_its_source(run: Run) -> None:
    result = run("classify", *map(str, FIXTURES))
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines == [["event", "source"], *([str(file), file.parent.name] for file in FIXTURES)]


def test_standard_input_can_be_classified(run: Run) -> None:
    result = run("classify", "-", stdin=json.dumps(sns("orders", "m")))
    assert result.stdout.splitlines()[1] == "standard input  sns"


def test_any_json_is_classified(run: Run, tmp_path: Path) -> None:
    for text in ("null", "3", "[]", '"text"', "{}"):
        result = run("classify", "-", stdin=text)
        assert (result.exit_code, result.stdout.split()[-1]) == (0, "invoke")


def test_a_file_that_is_no_event_is_one_clear_line_and_status_2(run: Run, tmp_path: Path) -> None:
    result = run("classify", str(tmp_path / "gone.json"))
    assert result.exit_code == 2
    assert result.stderr == f"Error: {tmp_path}/gone.json cannot be read: No such file or directory\n"
    assert result.stdout == ""


def test_the_files_beside_one_that_is_no_event_are_classified_all_the_same(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tick.json").write_text(json.dumps(cron.rule("2026-01-01")))
    result = run("classify", str(tmp_path / "gone.json"), str(tmp_path / "tick.json"))
    assert result.exit_code == 2
    assert result.stderr.count("Error: ") == 1
    assert result.stdout.splitlines()[1].split() == [str(tmp_path / "tick.json"), "cron.rule"]
