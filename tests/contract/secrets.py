"""The contract of the secrets room; the steps themselves are in its tests."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, NoRouteError, RotationEvent
from lambdarouter.testing.events import secrets
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.secrets("shop/*")(fn),
        "event": lambda: secrets("testSecret", "shop/db"),
        "value": "nobody looks at it",
        "nobody": lambda: secrets("testSecret", "blog/db"),
    }


REPLIES: dict[str, Any] = {
    "all well": None,
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

    @app.secrets("*")
    def rotate(event: RotationEvent) -> None: ...
