"""Measures lambdarouter beside handlers written by hand, and beside its peers: ``make bench``.

peers.toml says who takes part, cases.py what is measured, budgets.py what may come out, contenders/ how each of them
does it. All of it happens below build/bench, in environments that are made once. docs/performance.md holds the tables,
docs/performance/ the plots and a summary of the last run. build/bench/values.json has every value of every round, and
report.md beside it the tables that were printed, with another lambdarouter's where `--before` names its wheel.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks import environments, imports, loop, measure, report
from tests.benchmarks.cases import TOPICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.cases import Case, Topic
    from tests.benchmarks.environments import Contender
    from tests.benchmarks.measure import Values

RUNNERS = {
    "calls": measure.calls,
    "start": measure.start,
    "memory": measure.memory,
    "imports": imports.imports,
    "loop": loop.cycles,
    "first": loop.first,
}
PAGE = environments.ROOT / "docs" / "performance.md"
DOCS = environments.ROOT / "docs" / "performance"

# What `--quick` measures, of whom, and how often.
QUICK = ("cold", "http_api", "batch", "loop")
QUICK_CONTENDERS = ("bare", "bare_pydantic", "lambdarouter", "powertools", "powertools_validation", "awslambdaric")
QUICK_ROUNDS, QUICK_SECONDS = 3, 0.05


def say(text: str) -> None:
    """Tell how far it is, beside the results."""
    print(f"{time.strftime('%H:%M:%S')} load {os.getloadavg()[0]:.2f}  {text}", file=sys.stderr, flush=True)  # noqa: T201


def measured(name: str, topic: Topic, contenders: Sequence[Contender]) -> Values:
    """All rounds of a topic."""
    cases: list[Case] = list(topic.cases())
    who = [each for each in contenders if each.name in (topic.contenders or [each.name])]
    values: Values = {}
    for number in range(topic.rounds):
        say(f"{name}, round {number + 1} of {topic.rounds}")
        RUNNERS[topic.runner](topic, cases, who, values)
    return values


def impossible(topic: Topic) -> str:
    """Why a topic cannot be measured here; empty where it can."""
    if topic.runner == "memory" and not Path("/proc/self/status").exists():
        return "this system has no /proc, which tells how much memory a process had"
    return loop.impossible() if topic.runner in ("loop", "first") else ""


def machine(python: str) -> dict[str, Any]:
    """On what this was measured."""
    processor = Path("/proc/cpuinfo").read_text("utf-8") if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(": ")[2] for line in processor.splitlines() if line.startswith("model name")]
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": environments.run([python, "-V"]).strip(),
    }


def machine_table(found: dict[str, Any]) -> str:
    """The machine in a sentence, and who has which versions."""
    where = "{python} on {cores} cores of {processor}, {system}, {date}; load average {load} at the start.".format(
        **found
    )
    rows = [f"| {name} | {versions} |" for name, versions in found["versions"].items() if versions]
    return "\n".join([where, "", "| | versions |", "| --- | --- |", *rows])


def write(topics: dict[str, Any], found: dict[str, Any]) -> None:
    """The summary, with what an earlier run has measured of other topics; the page's tables; the plots."""
    DOCS.mkdir(exist_ok=True)
    file = DOCS / "summary.json"
    before = json.loads(file.read_text("utf-8"))["topics"] if file.exists() else {}
    merged = {name: topics.get(name) or before[name] for name in TOPICS if name in topics or name in before}
    file.write_text(json.dumps({"machine": found, "topics": merged}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    tables = {name: report.table(topic) for name, topic in topics.items()}
    report.fill(PAGE, tables | {"budgets": report.budgets_table(merged), "machine": machine_table(found)})
    say("drawing")
    python = environments.make("plots", sys.executable, environments.PLOTTING)
    environments.run([python, environments.staged("plots.py"), file, DOCS])


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the most telling topics, few rounds; writes nothing")
    parser.add_argument("--only", metavar="TOPIC,...", help=f"some of {', '.join(TOPICS)}")
    parser.add_argument(
        "--before", metavar="WHEEL", type=Path, help="another lambdarouter, to compare with; not written to docs"
    )
    parser.add_argument("--rounds", type=int, help="rounds of each topic, instead of its own number")
    found = parser.parse_args()
    if unknown := set((found.only or "").split(",")) - {"", *TOPICS}:
        parser.error(f"no topic is called {', '.join(sorted(unknown))}")
    return found


def chosen(asked: argparse.Namespace) -> dict[str, Topic]:
    """The topics that the command line asks for and that can be measured here, as often as it says."""
    topics = {}
    for name in asked.only.split(",") if asked.only else QUICK if asked.quick else TOPICS:
        topic = TOPICS[name]
        if asked.quick:
            topic = topic._replace(rounds=QUICK_ROUNDS, seconds=min(topic.seconds, QUICK_SECONDS))
        if asked.rounds:
            topic = topic._replace(rounds=asked.rounds)
        if why := impossible(topic):
            say(f"{name} is left out: {why}")
        else:
            topics[name] = topic
    return topics


def without_before(values: Values) -> Values:
    """What the page shows: `--before` is for whoever changes the code."""
    return {
        case: {who: found for who, found in rows.items() if who.split(" + ")[0] != "before"}
        for case, rows in values.items()
    }


def main() -> None:
    """Measure what the command line asks for."""
    asked = arguments()
    labels = environments.labels()
    who = QUICK_CONTENDERS if asked.quick else environments.peers()
    contenders = environments.contenders(sys.executable, who, asked.before)
    environments.compile_stage(contenders[0].python)
    found = machine(contenders[0].python) | {
        "load": f"{os.getloadavg()[0]:.2f}",
        "versions": {labels[each.name]: environments.versions(each) for each in contenders if each.name != "before"},
    }
    topics = chosen(asked)
    values = {name: measured(name, topic, contenders) for name, topic in topics.items()}
    (environments.BUILD / "values.json").write_text(json.dumps(values, indent=1), "utf-8")
    summaries = {name: report.summarize(topic, name, values[name], labels) for name, topic in topics.items()}
    tables = [f"{summary['title']}\n\n{report.table(summary)}\n" for summary in summaries.values()]
    text = "\n".join([*tables, report.budgets_table(summaries)])
    (environments.BUILD / "report.md").write_text(text + "\n", "utf-8")
    print(text)  # noqa: T201
    if not asked.quick:
        shown = {name: report.summarize(topics[name], name, without_before(values[name]), labels) for name in topics}
        write(shown, found)


if __name__ == "__main__":
    main()
