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
    "HTTP: the same handlers behind a REST API, an HTTP API, a function URL, a load balancer and VPC Lattice": (
        ("http.rest", "http.v2", "http.url", "http.alb", "http.lattice_v1", "http.lattice_v2")
    ),
    "Authorizers: the guard of the route that API Gateway asks about says who may pass": (
        ("authorizer.token", "authorizer.request_v1", "authorizer.request_v2", "authorizer.websocket")
    ),
    "Cron: a tick runs the jobs that came due since the last one, side by side": ("cron.rule", "cron.scheduler"),
    "SNS: every handler of the topic runs; if one fails, Lambda sees an error and tries again": ("sns",),
    "SES: every handler that matches the mail runs, and the strictest disposition is the reply": ("ses",),
    "SQS: the messages that failed are reported and come again, the others are done": ("sqs",),
    "S3: objects, told by the bucket itself or through EventBridge": ("s3", "s3.eventbridge", "s3.test"),
    "EventBridge: by source, detail type and event pattern": ("eventbridge",),
    "DynamoDB: the changes of a table's items, those of one item in order": ("dynamodb",),
    "CloudWatch alarms": ("alarm",),
    "CloudFormation: a custom resource is answered at a URL (here one that nobody listens at), or directly": (
        ("cloudformation",)
    ),
    "Direct invocations: what no source of AWS sends, if its payload fits": ("invoke",),
}
# Their services hear of a failure through their own APIs; nothing here is to talk to AWS.
TOLD_BY_API = {"codedeploy", "codepipeline", "config", "s3.object_lambda", "transfer.workflow"}

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
    for text, sources in PARTS.items():
        headline(text)
        for source in sources:
            show(f"fixtures/{source}", f"invoke ../../{APP} --event *.json")
    headline("Once: midnight's tick is delivered again, and the day is not closed again")
    show("fixtures/cron.rule", f"invoke ../../{APP} --event midnight.json")
    headline(f"A day of ticks: Monday, {MONDAY}, hour by hour")
    ticks = send_ticks()
    console.print("", timetable(ticks), sep="\n")
    headline("The other sources: recognised, and refused by name, as this app has no handler for them")
    others = send_others()
    console.print("", refusals(others), sep="\n")
    return conclude(send(ROOT, *(f"fixtures/{source}/*.json" for source in EXPECTED)), ticks, others)


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


def send_others() -> dict[str, Any]:
    """What becomes of the fixtures of every source that the app has no handler for."""
    sources = {path.name for path in ROOT.glob("fixtures/*")} - EXPECTED.keys() - TOLD_BY_API
    return send(ROOT, *(f"fixtures/{source}/*.json" for source in sorted(sources)))


def refusals(others: dict[str, Any]) -> Table:
    """A line for each source: how many events it has here, and what the first one gets."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold underline")
    counts = Counter(line["source"] for line in others.values())
    widths = max(map(len, counts)), len("events")
    table.add_column("source", width=widths[0])
    table.add_column("events", width=widths[1], justify="right")
    table.add_column("answer to the first", width=console.width - sum(widths) - 4, no_wrap=True, overflow="ellipsis")
    for line in others.values():
        if line["source"] in counts:
            table.add_row(line["source"], str(counts.pop(line["source"])), Text(refusal(line)))
    return table


def refusal(line: dict[str, Any]) -> str:
    """What its service is told: the reply, or the first error."""
    if line["error"] is None:
        return json.dumps(line["reply"])
    error = next((outcome["error"] for outcome in line["outcomes"] if "error" in outcome), line["error"])
    return f"{error['errorType']}: {error['errorMessage']}"


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
    elif "batchItemFailures" in reply:
        answer = f"repeat:{len(reply['batchItemFailures'])}" if reply["batchItemFailures"] else "done"
    else:
        answer = reply.get("statusCode") or reply.get("disposition") or "data"
    called = [outcome for outcome in line["outcomes"] if outcome["handler"] and outcome["status"] != "declined"]
    names = [call["handler"].rpartition(".")[2] + ("!" if call["status"] == "failed" else "") for call in called]
    return " ".join([str(answer), *names])


def verdict(words: str) -> str:
    answer = words.partition(" ")[0]
    if answer in {"Deny", "Unauthorized", "nobody"} or answer.startswith("4"):
        return "refused"
    return "failed" if answer.endswith("Error") or answer.startswith(("5", "repeat")) else "handled"


def conclude(fixtures: dict[str, Any], ticks: dict[str, Any], others: dict[str, Any]) -> int:
    """Hold what came out against what was expected, say so in a line, and give the exit status."""
    found = {f"{Path(path).parent.name}/{Path(path).stem}": in_words(line) for path, line in fixtures.items()}
    found |= {f"tick {hour}": in_words(line) for hour, line in ticks.items()}
    wanted = {f"{source}/{name}": words for source, names in EXPECTED.items() for name, words in names.items()}
    for hour in range(24):
        wanted[f"tick {hour:02}"] = " ".join(["null", *[job for job, hours in JOBS.items() if hour in hours]])
    for path, line in others.items():
        ran = [outcome["handler"] for outcome in line["outcomes"] if outcome["status"] == "ok"]
        found[path] = f"nobody for {line['source']}, ran {ran}"
        wanted[path] = f"nobody for {Path(path).parent.name}, ran []"
    surprises = [name for name in found | wanted if found.get(name) != wanted.get(name)]
    for name in surprises:
        console.print(f"[red]{name}: expected {wanted.get(name)!r}, got {found.get(name)!r}")
    counts = Counter(map(verdict, found.values()))
    end = f"{len(surprises)} otherwise than expected" if surprises else "each as expected"
    console.print(
        f"\n[bold {'red' if surprises else 'green'}]{len(found)} events, {end}: {counts['handled']} handled, "
        f"{counts['refused']} refused (4xx, Deny, nobody's), {counts['failed']} failed (5xx, errors, to repeat)"
    )
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
