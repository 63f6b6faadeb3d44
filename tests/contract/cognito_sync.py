"""The contract of the cognito_sync room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import cognito_sync
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.cognito_sync("settings")(fn),
        "event": lambda: cognito_sync("settings", {"volume": "11"}),
        "value": {},
        "declining": lambda app, fn: app.cognito_sync("others")(fn),
        "nobody": lambda: cognito_sync("settings", {}),
    }


REPLIES: dict[str, Any] = {
    "all well": cognito_sync("settings", {}),
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": ABSENT,
    "nobody": NoRouteError,
    "declined": cognito_sync("settings", {"volume": "11"}),
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.cognito_sync()
    def synchronised() -> None: ...
