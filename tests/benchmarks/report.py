"""Turns what was measured into a summary (JSON) and tables (Markdown)."""

from __future__ import annotations

import re
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.benchmarks.budgets import BUDGETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.benchmarks.cases import Topic
    from tests.benchmarks.measure import Values

__all__ = ["budgets_table", "fill", "quantity", "summarize", "table"]

_SCALES = {"s": ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")), "B": ((2**20, "MB"), (2**10, "KB"), (1, "B"))}


def quantity(value: float, unit: str) -> str:
    """A value with the unit that suits it: 12.8 µs."""
    scale, name = next((each for each in _SCALES[unit] if abs(value) >= each[0]), _SCALES[unit][-1])
    return f"{_short(value / scale)} {name}"


def _short(number: float) -> str:
    """Three digits, and no point without something after it."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def summarize(topic: Topic, name: str, values: Values, labels: Mapping[str, str]) -> dict[str, Any]:
    """A topic's medians, ratios to each case's base (paired round by round), and budgets."""
    order = {name: place for place, name in enumerate(labels)}
    cases = {}
    for case in topic.cases():
        rows = values.get(case.key, {})
        base = rows.get(case.base)
        cases[case.key] = {
            "name": case.name,
            "size": case.size,
            "base": labels.get(case.base, case.base),
            "rows": {
                labels.get(contender, contender): {
                    "median": median(found),
                    "ratio": median(one / two for one, two in zip(found, base, strict=True)) if base else None,
                }
                for contender, found in sorted(rows.items(), key=lambda row: order.get(row[0], len(order)))
            },
        }
    budgets = []
    for budget in BUDGETS:
        found = budget.measured(values) if budget.topic == name else None
        if found is not None:
            who = budget.contender
            budgets.append(
                {
                    "case": budget.case if who == "lambdarouter" else f"{budget.case}, {who}",
                    "other": budget.other_case or labels.get(budget.other, budget.other),
                    "at_most": budget.at_most,
                    "unit": budget.unit,
                    "measured": found,
                    "met": found <= budget.at_most,
                }
            )
    return {"title": topic.title, "unit": topic.unit, "axis": topic.axis, "cases": cases, "budgets": budgets}


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join([_row(head), _row(["---"] * len(head)), *map(_row, rows)])


def _rows(cases: Sequence[dict[str, Any]]) -> list[str]:
    """Who has taken part in any of them; each case has its own in order."""
    rows: list[str] = []
    for case in cases:
        place = 0
        for row in case["rows"]:
            if row in rows:
                place = rows.index(row) + 1
            else:
                rows.insert(place, row)
                place += 1
    return rows


def _cell(case: dict[str, Any], contender: str, unit: str) -> str:
    found = case["rows"].get(contender)
    if found is None:
        return ""
    ratio = "" if found["ratio"] is None or contender == case["base"] else f" ({_short(found['ratio'])} ×)"
    return quantity(found["median"], unit) + ratio


def table(topic: dict[str, Any]) -> str:
    """A topic's table: contenders down; cases, or sizes, across. In brackets: times the base."""
    cases = list(topic["cases"].values())
    names = list(dict.fromkeys(case["name"] for case in cases))
    if not topic["axis"]:
        head = ["", *(f"{case['name']} (× {case['base']})" for case in cases)]
        return _grid(head, [[row, *(_cell(case, row, topic["unit"]) for case in cases)] for row in _rows(cases)])
    rows = []
    for name in names:
        series = [case for case in cases if case["name"] == name]
        rows += [[f"{row}, {name}", *(_cell(case, row, topic["unit"]) for case in series)] for row in _rows(series)]
    sizes = [case["size"] for case in cases if case["name"] == names[0]]
    shown = [quantity(size, "B") if topic["axis"] == "bytes" else f"{size:,}" for size in sizes]
    return _grid(["" if topic["axis"] == "bytes" else topic["axis"], *shown], rows)


def budgets_table(topics: Mapping[str, dict[str, Any]]) -> str:
    """All budgets, in the order of the topics."""
    rows = []
    for topic in topics.values():
        for budget in topic["budgets"]:
            what = f"{topic['title']}: {budget['case']}"
            if budget["unit"]:
                limit, found = (quantity(budget[key], budget["unit"]) for key in ("at_most", "measured"))
                limit += f" + {budget['other']}" if budget["other"] else ""
            else:
                limit, found = f"{budget['at_most']:g} × {budget['other']}", f"{_short(budget['measured'])} ×"
            rows.append([what, limit, found, "met" if budget["met"] else "**missed**"])
    return _grid(["what", "at most", "measured", ""], rows)


def fill(page: Path, tables: Mapping[str, str]) -> None:
    """Put tables between the page's marks, `<!-- table: cold -->` … `<!-- end -->`. Raises `KeyError` without them."""
    text = page.read_text("utf-8")
    for name, grid in tables.items():
        marks = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not marks.search(text):
            message = f"{page} has no place for the table {name!r}"
            raise KeyError(message)
        text = marks.sub(lambda found, grid=grid: f"{found[1]}\n{grid}\n\n{found[2]}", text)  # type: ignore[misc]
    page.write_text(text, "utf-8")
