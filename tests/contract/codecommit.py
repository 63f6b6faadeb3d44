"""The contract of the codecommit room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import codecommit
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.codecommit("shop")(fn),
        "several": lambda app, fn: app.codecommit("sh*")(fn),
        "event": lambda: codecommit("shop", "refs/heads/main"),
        "declining": lambda app, fn: app.codecommit("shop", branch="release")(fn),
        "nobody": lambda: codecommit("others", "refs/heads/main"),
        "nobody has": lambda app: app.codecommit("shop")(lambda: None),
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

    @app.codecommit()
    def pushed() -> None: ...
