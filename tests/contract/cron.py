"""The contract of the cron room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, Tick
from lambdarouter.testing.events import cron
from tests.contract.table import ABSENT, Boom


def kit(name: str) -> dict[str, Any]:
    build = cron.rule if name == "cron.rule" else cron.scheduler
    return {
        "one": lambda app, fn: app.cron(every="1h")(fn),
        "several": lambda app, fn: app.cron(every="1h")(fn),
        "event": lambda: build("2026-01-01T03:00Z"),
        "declining": lambda app, fn: app.cron("30 6 * * *")(fn),
        "nobody": lambda: build("2026-01-01T03:00Z"),
    }


REPLIES: dict[str, Any] = {
    "all well": None,
    "one of three fails": Boom,
    "all fail": BatchError,
    "invalid payload": ABSENT,
    "nobody": None,
    "declined": None,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = None


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.cron(every="1h")
    def sweep(tick: Tick) -> None: ...
