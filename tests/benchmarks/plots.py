"""Draws a summary's topics: ``python plots.py SUMMARY DIRECTORY``. Runs in the environment that has matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

__all__ = ["main"]

COLORS = {
    "lambdarouter": "#d1495b",
    "before": "#e8a0aa",
    "bare": "#555555",
    "bare + pydantic": "#999999",
    "Powertools": "#2e6f95",
    "Powertools + validation": "#74a9c9",
    "Chalice": "#5b8e55",
    "FastAPI + Mangum": "#edae49",
    "Litestar + Mangum": "#b98b2f",
    "Flask + apig-wsgi": "#8d6a9f",
    "awslambdaric": "#7a5c43",
}


def _bars(topic: dict[str, Any]) -> Any:
    """A panel for each case: a bar for each contender, the shortest on top."""
    cases = list(topic["cases"].values())
    columns = min(len(cases), 3)
    lines = -(-len(cases) // columns)
    height = 0.8 + 0.28 * max(len(case["rows"]) for case in cases)
    figure, grid = plt.subplots(lines, columns, figsize=(4.6 * columns, height * lines), squeeze=False)
    for axes, case in zip(grid.flat, cases, strict=False):
        rows = sorted(case["rows"].items(), key=lambda row: -row[1]["median"])
        axes.barh([name for name, _ in rows], [row["median"] for _, row in rows], color=[_color(n) for n, _ in rows])
        axes.set_title(case["name"], fontsize=10)
        axes.tick_params(labelsize=8)
        axes.xaxis.set_major_formatter(mpl.ticker.EngFormatter(unit=topic["unit"]))
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
    for axes in grid.flat[len(cases) :]:
        axes.remove()
    return figure


def _color(name: str) -> str:
    return next((COLORS[part] for part in (name, *name.split(" + ")) if part in COLORS), "#777777")


def _lines(topic: dict[str, Any]) -> Any:
    """A line for each contender and series, both axes logarithmic."""
    figure, axes = plt.subplots(figsize=(8, 4.6))
    names = list(dict.fromkeys(case["name"] for case in topic["cases"].values()))
    for style, name in zip(("-", "--", ":"), names, strict=False):
        series = [case for case in topic["cases"].values() if case["name"] == name]
        for row in series[0]["rows"]:
            points = [(case["size"], case["rows"][row]["median"]) for case in series if row in case["rows"]]
            label = f"{row}, {name}" if len(names) > 1 else row
            axes.plot(*zip(*points, strict=True), style, marker="o", markersize=4, color=_color(row), label=label)
    axes.set(xscale="log", yscale="log", xlabel=topic["axis"])
    axes.yaxis.set_major_formatter(mpl.ticker.EngFormatter(unit=topic["unit"]))
    axes.xaxis.set_major_formatter(mpl.ticker.EngFormatter())
    axes.grid(visible=True, which="major", color="#dddddd")
    axes.legend(fontsize=8)
    return figure


def main(summary: Path, directory: Path) -> None:
    """One SVG for each topic."""
    mpl.use("svg")
    # The same numbers make the same file.
    mpl.rcParams.update({"svg.hashsalt": "lambdarouter", "svg.fonttype": "none", "axes.spines.top": False})
    mpl.rcParams.update({"axes.spines.right": False, "font.family": "sans-serif"})
    for name, topic in json.loads(summary.read_text("utf-8"))["topics"].items():
        figure = _lines(topic) if topic["axis"] else _bars(topic)
        figure.suptitle(topic["title"], fontsize=11)
        figure.tight_layout()
        figure.savefig(directory / f"{name}.svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
