"""A process that is killed while it handles a record, and one that races for keys; what tests/stores starts.

`victim.py app KIND PLACE JOURNAL RECORD LEASE STEP` handles one record under a lease of LEASE seconds and kills itself
at STEP; `victim.py race KIND PLACE OWNER RACE COUNT` says "ready", waits for a line, and tells the keys that it won.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from lambdarouter import App
from lambdarouter.core.store import Store
from lambdarouter.testing import LambdaContext, events
from tests.stores.kinds import opened

__all__ = ["STEPS", "app_of", "event_of", "main"]

# In the order in which they come.
STEPS = ("before acquire", "after acquire", "before effect", "after effect", "before finish", "after finish")


class Deadly:
    """A store that ends the process right before or after one of its steps."""

    blocking = True

    def __init__(self, store: Store, step: str) -> None:
        self._store = store
        self._step = step

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def deadly(*args: Any) -> Any:
            die_at(f"before {name}", self._step)
            done = method(*args)
            die_at(f"after {name}", self._step)
            return done

        return deadly


def die_at(step: str, fatal: str) -> None:
    if step == fatal:
        os.kill(os.getpid(), signal.SIGKILL)


def app_of(store: Any, journal: Path, step: str = "") -> App:
    """An app whose one handler writes a line into the journal; that is its effect."""
    app = App(store=store)

    @app.sns("orders", once=True)
    def announce(message: str) -> None:
        die_at("before effect", step)
        line = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(line, f"{message}\n".encode())
        os.close(line)
        die_at("after effect", step)

    return app


def event_of(record: str) -> dict[str, Any]:
    event = events.sns("orders", record)
    event["Records"][0]["Sns"]["MessageId"] = record
    return event


def main() -> None:
    what, kind, place, *rest = sys.argv[1:]
    store: Any = opened(kind, place)
    if what == "app":
        journal, record, lease, step = rest
        app = app_of(Deadly(store, step), Path(journal), step)
        store.read("connects, before time is measured")
        app(event_of(record), LambdaContext(timeout=float(lease)))
        return
    owner, race, count = rest
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    won = [key for key in map(str, range(int(count))) if store.acquire(f"{race}:{key}", owner, 3600) is None]
    sys.stdout.write(json.dumps(won))
