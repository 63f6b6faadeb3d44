"""Processes that are killed (SIGKILL) between lease and done marker, and processes that race for keys."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from lambdarouter import InFlight
from lambdarouter.core.store import new_owner
from lambdarouter.testing import LambdaContext
from tests.pace import in_real_time, seconds
from tests.stores.kinds import SHARED, opened
from tests.stores.victim import STEPS, app_of, event_of

PROGRAM = [sys.executable, "-c", "from tests.stores.victim import main; main()"]
ROOT = Path(__file__).parents[2]


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def started() -> Iterator[Start]:
    """Starts `victim.py`; what still runs when the test is over is ended."""
    with ExitStack() as processes:

        def start(*args: str, **options: Any) -> subprocess.Popen[str]:
            process = processes.enter_context(subprocess.Popen([*PROGRAM, *args], cwd=ROOT, text=True, **options))
            processes.callback(process.kill)
            return process

        yield start


@in_real_time
@pytest.mark.parametrize("kind", SHARED)
def test_after_a_kill_at_any_step_a_retry_does_the_rest_and_no_lease_outlives_its_time(
    kind: str, place_of: Callable[[str], str], tmp_path: Path, started: Start
) -> None:
    place, journal, lease = place_of(kind), tmp_path / f"journal-{new_owner()}", seconds(1.0)
    records = {step: f"{step.replace(' ', '-')}-{new_owner()}" for step in STEPS}
    app = app_of(opened(kind, place), journal)

    victims = {
        step: started("app", kind, place, str(journal), record, str(lease), step) for step, record in records.items()
    }
    killed: dict[str, float] = {}
    first: dict[str, str] = {}
    for step, victim in victims.items():
        assert victim.wait(60) == -signal.SIGKILL
        killed[step] = time.monotonic()
    before = journal.read_text().split() if journal.exists() else []

    def attempt(step: str) -> str:
        (outcome,) = app.complete(event_of(records[step]), LambdaContext(timeout=60)).outcomes
        assert outcome.error is None or isinstance(outcome.error, InFlight)
        return "in flight" if outcome.error else outcome.status

    # What neither holds a lease nor left one can be told at once.
    for step in ("before acquire", "after finish"):
        first[step] = attempt(step)
    for step in STEPS[1:-1]:
        # The lease was taken before the kill, so it has ended by now. A millisecond is what stores round up.
        time.sleep(max(0.0, killed[step] + lease + 0.002 - time.monotonic()))
        first[step] = attempt(step)

    assert sorted(before) == sorted(records[step] for step in ("after effect", "before finish", "after finish"))
    assert first == {step: "skipped" if step == "after finish" else "ok" for step in STEPS}
    ran = Counter(journal.read_text().split())
    # Twice only where the kill fell between the effect and its done marker.
    twice = ("after effect", "before finish")
    assert ran == {record: 2 if step in twice else 1 for step, record in records.items()}
    assert {attempt(step) for step in STEPS} == {"skipped"}


@in_real_time
@pytest.mark.parametrize("kind", SHARED)
def test_until_the_dead_ones_lease_has_ended_a_retry_fails_as_in_flight(
    kind: str, place_of: Callable[[str], str], tmp_path: Path, started: Start
) -> None:
    place, journal, record = place_of(kind), tmp_path / "journal", new_owner()
    victim = started("app", kind, place, str(journal), record, "60", "before effect")
    assert victim.wait(60) == -signal.SIGKILL

    completion = app_of(opened(kind, place), journal).complete(event_of(record), LambdaContext(timeout=60))

    assert isinstance(completion.error, InFlight)
    assert not journal.exists()
    # By how long it still stands, the error says, and it is never longer than the invocation had.
    left = float(str(completion.error).rpartition("ends in ")[2].removesuffix(" s"))
    assert 0 < left <= 60


@pytest.mark.parametrize("kind", SHARED)
def test_several_processes_race_for_keys_and_each_has_one_winner(
    kind: str, place_of: Callable[[str], str], started: Start
) -> None:
    place, race, count = place_of(kind), new_owner(), 50
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [started("race", kind, place, f"process-{n}", race, str(count), **pipes) for n in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    won = [key for process in processes for key in json.loads(process.communicate(timeout=60)[0])]

    assert sorted(map(int, won)) == list(range(count))


@in_real_time
def test_killed_again_and_again_a_queue_is_still_worked_off(tmp_path: Path) -> None:
    """Whatever the kill hits, inside SQLite's own transactions too: each record once, or twice if it was in work."""
    store_file, journal = str(tmp_path / "store.db"), tmp_path / "journal"
    records = [f"r{n}" for n in range(400)]
    kills, lease = 0, seconds(0.3)
    code = (
        "import sys; from pathlib import Path; from tests.stores.victim import app_of, event_of\n"
        "from tests.stores.kinds import opened; from lambdarouter.testing import LambdaContext\n"
        "kind, place, journal, lease = sys.argv[1:]; app = app_of(opened(kind, place), Path(journal))\n"
        "print('ready', flush=True)\n"
        "for n in range(400): app.complete(event_of(f'r{n}'), LambdaContext(timeout=float(lease)))\n"
    )
    for delay in (0.01, 0.03, 0.05, 0.02, 0.04, 0.06):
        worker = subprocess.Popen(
            [sys.executable, "-c", code, "sqlite", store_file, str(journal), str(lease)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(delay)
        worker.kill()
        kills += worker.wait() == -signal.SIGKILL
        worker.stdout.close()
    time.sleep(lease)  # of the dead

    app = app_of(opened("sqlite", store_file), journal)
    for record in records:
        (outcome,) = app.complete(event_of(record), LambdaContext(timeout=60)).outcomes
        assert outcome.error is None

    ran = Counter(journal.read_text().split())
    assert kills
    assert set(ran) == set(records)
    assert sum(ran.values()) - len(records) <= kills
