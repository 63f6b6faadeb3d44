"""`make demo`: send the monolith its sources' fixtures and a day of ticks, show what becomes of each, and check it.

Exit status 1: something came out otherwise than `expected.toml` and `JOBS` say.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter
from contextlib import chdir, redirect_stdout
from datetime import datetime
from io import StringIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lambdarouter.cli.commands import app as lambdarouter
from lambdarouter.testing.events import cron

ROOT = Path(__file__).parents[2]
APP = "examples/monolith/app.py"

PARTS = {
    "http": "HTTP: the same handlers behind a REST API, an HTTP API, a function URL and a load balancer",
    "authorizer": "Authorizers: the guard of the route that API Gateway asks about says who may pass",
    "cron": "Cron: a tick runs the jobs that came due since the last one, side by side",
    "sns": "SNS: every handler of the topic runs; if one fails, Lambda sees an error and tries again",
    "ses": "SES: every handler that matches the mail runs, and the strictest disposition is the reply",
    "invoke": "What no source recognises runs nothing and is an error",
}

EXPECTED: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("expected.toml").read_text())
MONDAY = "2026-01-05"
JOBS = {  # the hours, in UTC, whose tick runs the job on that day
    "refresh_catalogue": [0, 3, 6, 9, 12, 15, 18, 21],
    "count_stock": [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23],
    "print_packing_list": [6],
    "greet_new_york": [14],
    "close_the_day": [0],
}

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def main() -> int:
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # for terminals that have no ●
    headline("The app: one file, one Lambda function, every trigger")
    show("examples/monolith", "routes app.py")
    for part, text in PARTS.items():
        headline(text)
        for directory in sorted(ROOT.glob(f"fixtures/{part}*")):
            if directory.name in EXPECTED:
                show(f"fixtures/{directory.name}", f"invoke ../../{APP} --event *.json")
    headline(f"A day of ticks: Monday, {MONDAY}, hour by hour")
    ticks = send_ticks()
    console.print("", timetable(ticks), sep="\n")
    return conclude(send(ROOT, *(f"fixtures/{source}/*.json" for source in EXPECTED)), ticks)


def headline(text: str) -> None:
    console.print()
    console.rule(Text(text, style="bold"), align="left", style="cyan")


def show(directory: str, command: str) -> None:
    """Run a command line in a directory of the checkout, and show both it and what it prints."""
    console.print(Text.assemble((f"\n{directory} $ ", "cyan"), (f"lambdarouter {command}", "bold")))
    run(ROOT / directory, *command.split())


def run(directory: Path, *words: str) -> None:
    # In this process: to start an interpreter for every command would take longer than all the rest.
    with chdir(directory):
        found = [path for word in words for path in (sorted(map(str, Path().glob(word))) if "*" in word else [word])]
        lambdarouter(found, prog_name="lambdarouter", standalone_mode=False)


def send(directory: Path, *events: str) -> dict[str, Any]:
    """What the command line tells programs about each event: an object for each file, by its path."""
    with redirect_stdout(StringIO()) as output:
        run(directory, "invoke", str(ROOT / APP), "--json", "--event", *events)
    return {line["event"]: line for line in map(json.loads, output.getvalue().splitlines())}


def send_ticks() -> dict[str, Any]:
    with TemporaryDirectory() as directory:
        for hour in range(24):
            event = cron.rule(f"{MONDAY}T{hour:02}:00Z", rule="hourly")
            Path(directory, f"{hour:02}").write_text(json.dumps(event))
        return send(Path(directory), "*")


def timetable(ticks: dict[str, Any]) -> Table:
    """A line for each job: the ticks that ran it, and when it was due on the clock of its time zone."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold underline")
    table.add_column("job, tick (UTC)", no_wrap=True)
    table.add_column("    ".join(f"{hour:02}" for hour in range(0, 24, 3)), no_wrap=True)
    table.add_column("due")
    for job in JOBS:
        slots = {hour: slot for hour, line in ticks.items() for name, slot in jobs_run(line) if name == job}
        marks = Text.assemble(*[("● ", "bold green") if hour in slots else (". ", "dim") for hour in ticks])
        due = [f"{slot:%H:%M}" for slot in slots.values()]
        zone = "".join({f" {slot:%Z}" for slot in slots.values()})
        table.add_row(job, marks, (f"{due[0]} to {due[-1]}" if len(due) > 1 else "".join(due)) + zone)
    return table


def jobs_run(line: dict[str, Any]) -> list[tuple[str, datetime]]:
    """The jobs that a tick ran, each with the slot it was due at."""
    return [
        (outcome["handler"].rpartition(".")[2], datetime.fromisoformat(outcome["record"]))
        for outcome in line["outcomes"]
        if outcome["status"] == "ok"
    ]


def in_words(line: dict[str, Any]) -> str:
    """What became of an event, as expected.toml writes it."""
    reply, error = line["reply"], line["error"]
    if error is not None:
        answer = error["errorType"]
    elif reply is None:
        answer = "null"
    elif "policyDocument" in reply:
        effects = [statement["Effect"] for statement in reply["policyDocument"]["Statement"]]
        answer = "Allow" if "Allow" in effects else "Deny"
    else:
        answer = reply.get("statusCode") or reply["disposition"]
    called = [outcome for outcome in line["outcomes"] if outcome["handler"] and outcome["status"] != "declined"]
    names = [call["handler"].rpartition(".")[2] + ("!" if call["status"] == "failed" else "") for call in called]
    return " ".join([str(answer), *names])


def verdict(words: str) -> str:
    answer = words.partition(" ")[0]
    if answer in {"Deny", "Unauthorized"} or answer.startswith("4"):
        return "refused"
    return "failed" if answer.endswith("Error") or answer.startswith("5") else "handled"


def conclude(fixtures: dict[str, Any], ticks: dict[str, Any]) -> int:
    """Hold what came out against what was expected, say so in a line, and give the exit status."""
    found = {f"{Path(path).parent.name}/{Path(path).stem}": in_words(line) for path, line in fixtures.items()}
    found |= {f"tick {hour}": in_words(line) for hour, line in ticks.items()}
    wanted = {f"{source}/{name}": words for source, names in EXPECTED.items() for name, words in names.items()}
    for hour in range(24):
        wanted[f"tick {hour:02}"] = " ".join(["null", *[job for job, hours in JOBS.items() if hour in hours]])
    surprises = [name for name in found | wanted if found.get(name) != wanted.get(name)]
    for name in surprises:
        console.print(f"[red]{name}: expected {wanted.get(name)!r}, got {found.get(name)!r}")
    counts = Counter(map(verdict, found.values()))
    end = f"{len(surprises)} otherwise than expected" if surprises else "each as expected"
    console.print(
        f"\n[bold {'red' if surprises else 'green'}]{len(found)} events, {end}: {counts['handled']} handled, "
        f"{counts['refused']} refused (4xx, Deny), {counts['failed']} failed (5xx, errors)"
    )
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
