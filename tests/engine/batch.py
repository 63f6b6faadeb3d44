"""A third-party source of many records with ordering keys and partial failures, and Lambda's context with its clock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from lambdarouter import Completion, Event, Outcome, Record, Source, Trigger, field
from tests.pace import VARIABLE, seconds

__all__ = ["BOUND", "BatchRecord", "BatchSource", "BatchTrigger", "LambdaContext", "batch", "fresh", "statuses"]

ROOT = Path(__file__).parents[2]

# In seconds, a bound for what would otherwise hang; nothing waits for it to pass.
BOUND = 60.0


class LambdaContext:
    """What AWS's runtime passes: the request's id, and the time that is left."""

    def __init__(self, seconds: float, request_id: str = "5f0a0b26-0000-4000-8000-000000000001") -> None:
        self.aws_request_id = request_id
        self._end = monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._end - monotonic()) * 1000))


class BatchRecord(Record):
    key: str | None = field("key", default=None)
    text: str = field("text")
    to: str = field("to", default="")

    @property
    def id(self) -> str:
        return str(self.raw.get("id"))


class BatchSource(Source):
    names: tuple[str, ...] = ("example.batch",)
    decorator = "@app.on(BatchTrigger())"
    record = BatchRecord
    payload = "text"

    def recognises(self, event: Any) -> bool:
        return isinstance(event, dict) and "batch" in event

    def split(self, event: Event) -> Sequence[BatchRecord]:
        return [BatchRecord(raw, "batch", index) for index, raw in enumerate(event.raw["batch"])]

    def ordering_key(self, record: BatchRecord) -> str | None:
        return record.key

    def respond(self, event: Event, outcomes: Sequence[Outcome]) -> Any:
        return {"failed": [outcome.record.id for outcome in outcomes if outcome.error is not None]}


class BatchTrigger(Trigger):
    """Takes the records that are sent `to` it."""

    __slots__ = ("to",)

    source = BatchSource

    def __init__(self, to: str = "", *, concurrency: int | None = None) -> None:
        super().__init__(concurrency=concurrency)
        self.to = to

    def claims(self, record: BatchRecord) -> bool:
        return record.to == self.to

    def describe(self) -> str:
        return self.to


def batch(*records: str | Mapping[str, Any]) -> dict[str, Any]:
    """Build an event of records, each its text or its fields; ids count from 0."""
    fields = [{"text": record} if isinstance(record, str) else dict(record) for record in records]
    return {"batch": [{"id": str(number), "text": "", **each} for number, each in enumerate(fields)]}


def statuses(completion: Completion) -> list[str]:
    """Sum up each outcome: "ok", "declined", or the name of the error."""
    return [
        outcome.status if outcome.error is None else type(outcome.error).__name__ for outcome in completion.outcomes
    ]


def fresh(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter, where nothing is imported yet."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        env={"PATH": "", "PYTHONPATH": str(ROOT), VARIABLE: str(seconds(1)), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
