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
    who = sorted({who: 0 for rows in values.values() for who in rows}, key=lambda each: order.get(each, len(order)))
    cases = {}
    for case in topic.cases():
        rows = values.get(case.key, {})
        base = rows.get(case.base)
        cases[case.key] = {
            "name": case.name,
            "size": case.size,
            "base": labels.get(case.base, case.base),
            "rows": {
                labels.get(each, each): {
                    "median": median(rows[each]),
                    "ratio": median(one / two for one, two in zip(rows[each], base, strict=True)) if base else None,
                }
                for each in who
                if each in rows
            },
        }
    budgets = []
    for budget in BUDGETS:
        found = budget.measured(values) if budget.topic == name else None
        if found is not None:
            contender = budget.contender
            budgets.append(
                {
                    "case": budget.case if contender == "lambdarouter" else f"{budget.case}, {contender}",
                    "other": budget.other_case or labels.get(budget.other, budget.other),
                    "at_most": budget.at_most,
                    "unit": budget.unit,
                    "measured": found,
                    "met": found <= budget.at_most,
                }
            )
    return {
        "title": topic.title,
        "unit": topic.unit,
        "axis": topic.axis,
        "contenders": [labels.get(each, each) for each in who],
        "cases": cases,
        "budgets": budgets,
    }


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join([_row(head), _row(["---"] * len(head)), *map(_row, rows)])


def _cell(case: dict[str, Any], contender: str, unit: str) -> str:
    found = case["rows"].get(contender)
    if found is None:
        return ""
    ratio = "" if found["ratio"] is None or contender == case["base"] else f" ({_short(found['ratio'])} ×)"
    return quantity(found["median"], unit) + ratio


def _cells(topic: dict[str, Any], cases: Sequence[dict[str, Any]], series: str = "") -> list[list[str]]:
    """A row for each contender that takes part in any of the cases."""
    who = [each for each in topic["contenders"] if any(each in case["rows"] for case in cases)]
    return [[each + series, *(_cell(case, each, topic["unit"]) for case in cases)] for each in who]


def table(topic: dict[str, Any]) -> str:
    """A topic's table: contenders down; cases, or sizes, across. In brackets: times the base."""
    cases = list(topic["cases"].values())
    if not topic["axis"]:
        return _grid(["", *(f"{case['name']} (× {case['base']})" for case in cases)], _cells(topic, cases))
    lines = list(dict.fromkeys(case["name"] for case in cases))
    series = [[case for case in cases if case["name"] == name] for name in lines]
    rows = [row for name, some in zip(lines, series, strict=True) for row in _cells(topic, some, f", {name}")]
    in_bytes = topic["axis"] == "bytes"
    sizes = [quantity(case["size"], "B") if in_bytes else f"{case['size']:,}" for case in series[0]]
    return _grid(["" if in_bytes else topic["axis"], *sizes], rows)


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
