"""The contract of the connect_campaign room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import connect_campaign
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.connect_campaign("welcome")(fn),
        "event": lambda: connect_campaign("welcome", {"name": "Ada"}),
        "value": {"a": 1},
        "nobody": lambda: connect_campaign("farewell"),
        "nobody has": lambda app: app.connect_campaign("welcome")(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": {"a": 1},
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": ABSENT,
    "nobody": NoRouteError,
    "declined": ABSENT,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.connect_campaign()
    def block() -> None: ...
