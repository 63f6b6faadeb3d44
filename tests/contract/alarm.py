"""The contract of the alarm room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import alarm
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.alarm("errors")(fn),
        "several": lambda app, fn: app.alarm("err*")(fn),
        "event": lambda: alarm("errors"),
        "declining": lambda app, fn: app.alarm("errors", state="OK")(fn),
        "nobody": lambda: alarm("latency"),
        "nobody has": lambda app: app.alarm("errors")(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": None,
    "one of three fails": Boom,
    "all fail": BatchError,
    "invalid payload": ABSENT,
    "nobody": NoRouteError,
    "declined": None,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.alarm()
    def changed() -> None: ...
