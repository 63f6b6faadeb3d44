"""The benchmarks do not rot: whoever needs no peers answers each of their cases once, and the page has room for all."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.benchmarks import environments, loop, measure, report
from tests.benchmarks.budgets import BUDGETS, Budget
from tests.benchmarks.cases import TOPICS, Case
from tests.benchmarks.environments import Contender
from tests.benchmarks.measure import Values

ROOT = Path(__file__).parents[1]
CONTENDERS = [Contender(name, name, sys.executable) for name in ("bare", "bare_pydantic", "lambdarouter")]


@pytest.fixture(autouse=True)
def _without_a_stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Everything is run where it stands, with this interpreter."""
    monkeypatch.setattr(environments, "STAGE", ROOT)
    monkeypatch.setattr(environments, "BUILD", tmp_path)


def smallest(name: str) -> list[Case]:
    """The topic's cases, of those that differ by size the smallest."""
    return list({case.name: case for case in reversed(list(TOPICS[name].cases()))}.values())


def of(runner: str) -> list[str]:
    return [name for name, topic in TOPICS.items() if topic.runner == runner]


def test_every_call_is_answered_as_its_case_expects() -> None:
    topics = [name for name in of("calls") if name != "concurrency"]  # seconds of waiting, in handlers of "batch"
    cases = [case for name in topics for case in smallest(name)]
    values: Values = {}

    measure.calls(TOPICS["batch"]._replace(seconds=0), cases, CONTENDERS, values)

    assert set(values) == {case.key for case in cases}
    assert [key for key, rows in values.items() if "lambdarouter" not in rows] == []
    assert min(value for rows in values.values() for found in rows.values() for value in found) > 0


@pytest.mark.parametrize("name", [*of("start"), *(of("memory") if Path("/proc/self/status").exists() else ())])
def test_processes_answer_their_first_event(name: str) -> None:
    topic, values = TOPICS[name], Values()

    {"start": measure.start, "memory": measure.memory}[topic.runner](topic, smallest(name), CONTENDERS, values)
    summary = report.summarize(topic, name, values, environments.labels())

    assert list(values["20 plain routes"]) == ["bare", "lambdarouter"]
    assert list(values["20 validated routes"]) == ["bare", "bare_pydantic", "lambdarouter"]
    assert [budget["other"] for budget in summary["budgets"]] == ["bare", "bare + pydantic"]
    assert report.table(summary).splitlines()[2].startswith("| bare | ")


@pytest.mark.skipif(bool(loop.impossible()), reason=loop.impossible())
def test_loops_serve_what_the_mock_of_the_api_sends() -> None:
    values: Values = {}

    loop.first(TOPICS["first"], smallest("first"), CONTENDERS, values)

    assert list(values["to the first request"]) == [
        "raw socket + bare",
        "lambdarouter + bare",
        "lambdarouter + lambdarouter",
    ]


def test_a_wrong_reply_ends_the_run_and_is_shown() -> None:
    (case,) = [case._replace(text="nothing like it") for case in smallest("http_api") if case.name == "GET static"]

    with pytest.raises(SystemExit, match=r"GET static: .*'statusCode': 200"):
        measure.calls(TOPICS["http_api"]._replace(seconds=0), [case], CONTENDERS, {})


def test_every_budget_is_of_a_case_that_is_measured_of_both() -> None:
    everybody = [Contender(name, name, "") for name in environments.peers()]
    loops = {each.name for each in loop.loops(everybody)}

    for budget in BUDGETS:
        cases = {case.key: case for case in TOPICS[budget.topic].cases()}
        for key, who in ((budget.case, budget.contender), (budget.other_case or budget.case, budget.other)):
            takes_part = who in loops or not who or measure.takes_part(Contender(who, who, ""), cases[key])
            assert takes_part, budget


def test_a_budget_compares_what_was_measured_in_one_round() -> None:
    values = {"x": {"bare": [1.0, 2.0, 4.0], "lambdarouter": [3.0, 8.0, 4.0]}, "y": {"lambdarouter": [1.0, 1.0, 1.0]}}

    assert Budget("", "x", "bare", 2).measured(values) == 3
    assert Budget("", "x", "bare", 2, "s").measured(values) == 2
    assert Budget("", "x", "", 2, "s").measured(values) == 4
    assert Budget("", "x", "lambdarouter", 2, other_case="y").measured(values) == 4
    assert Budget("", "x", "chalice", 2).measured(values) is None


def test_the_page_has_a_place_for_every_table_and_shows_every_plot() -> None:
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")

    assert re.findall(r"<!-- table: (\w+) -->\n", page) == ["machine", "budgets", *TOPICS]
    assert re.findall(r"\(performance/(\w+)\.svg\)", page) == list(TOPICS)


def test_a_page_without_a_place_for_a_table_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- table: cold -->\nold\n<!-- end -->\n")

    report.fill(page, {"cold": "| new |"})

    assert page.read_text() == "<!-- table: cold -->\n\n| new |\n\n<!-- end -->\n"
    with pytest.raises(KeyError, match="has no place for the table 'warm'"):
        report.fill(page, {"warm": ""})


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.84e-6, "s", "12.8 µs"),
        (0.5, "s", "500 ms"),
        (3e-10, "s", "0.3 ns"),
        (6.3e6, "B", "6.01 MB"),
        (1.5, "B", "1.5 B"),
    ],
)
def test_quantities_have_three_digits_and_the_unit_that_suits_them(value: float, unit: str, text: str) -> None:
    assert report.quantity(value, unit) == text
