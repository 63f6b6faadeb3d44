"""What ticks cost: nothing is imported before it is needed, and many jobs are as cheap each as few."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import thread_time

import pytest

from lambdarouter import App
from lambdarouter.testing.events import cron
from tests.pace import in_real_time

ROOT = Path(__file__).parents[3]

PROGRAM = """
import json, sys
from lambdarouter import App
from lambdarouter.stores.memory import MemoryStore

app = App(store=MemoryStore())
seen = {}


def note(step):
    slow = ("croniter", "zoneinfo", "asyncio", "anyio", "structlog", "typing", "dataclasses", "inspect", "logging")
    seen[step] = [name for name in slow if name in sys.modules]


for number in range(100):
    app.cron(f"{number % 60} 5 * * MON-FRI", timezone="Europe/Madrid", dst="skip", catch_up="last")(lambda: None)
    app.cron("@daily", overlap="skip", timeout=30, jitter=1, enabled=lambda: True, once=True)(lambda: None)
note("registered")


plain = App()
plain.cron(every="1h")(lambda: None)
plain.cron(at="2026-01-01T03:00+01:00")(lambda: None)
plain({"detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-01-01T03:00:00Z"})
note("ticked, without crontab lines")
app({"detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-01-01T03:00:00Z"})
note("ticked, nothing due")
every_day = App()
every_day.cron("0 * * * *", concurrency=1)(lambda: None)
every_day.cron("0 4 * * *", timezone="Europe/Madrid", concurrency=1)(lambda: None)
every_day({"detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-01-01T03:00:00Z"})
note("ticked, something due on every day")
app({"detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-01-01T04:00:00Z"})
note("ticked, something due on some days")
print(json.dumps(seen))
"""


def test_croniter_is_imported_for_days_that_are_named_and_an_event_loop_when_something_needs_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    seen = json.loads(done.stdout)
    assert seen["registered"] == []
    assert seen["ticked, without crontab lines"] == []
    assert seen["ticked, nothing due"] == ["zoneinfo"]
    assert seen["ticked, something due on every day"] == ["zoneinfo"]
    assert "croniter" in seen["ticked, something due on some days"]


def ticking(jobs: int) -> float:
    """Seconds of this thread's own for a tick, at best: what others take of the processor is not counted."""
    app = App()
    for number in range(jobs):
        app.cron(f"{number % 60} {number % 24} * * *", timezone="Europe/Madrid", concurrency=1)(lambda: None)
    best = float("inf")
    for hour in range(5):
        began = thread_time()
        app(cron.rule(f"2026-01-01T{hour:02}:00Z"))
        best = min(best, thread_time() - began)
    return best


@in_real_time
@pytest.mark.parametrize("jobs", [50, 200])
def test_a_job_among_many_costs_no_more_than_one_of_a_few(jobs: int) -> None:
    assert ticking(jobs) / jobs < 3 * ticking(5) / 5


@in_real_time
def test_registering_a_job_costs_less_than_a_millisecond() -> None:
    app = App()
    began = thread_time()
    for number in range(200):
        app.cron(f"*/{number % 50 + 2} 1-5,{number % 24} * JAN-DEC MON-FRI", timezone="Europe/Madrid")(lambda: None)
    assert (thread_time() - began) / 200 < 0.001
