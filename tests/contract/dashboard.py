"""The contract of the dashboard room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import dashboard
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.dashboard("shop")
        def handler(count: int) -> None: ...

    return {
        "one": lambda app, fn: app.dashboard("shop")(fn),
        "event": lambda: dashboard("shop", {"count": 2}),
        "value": {"a": 1},
        "typed": typed,
        "invalid": lambda: dashboard("shop", {"count": "two"}),
        "nobody": lambda: dashboard("others"),
        "nobody has": lambda app: app.dashboard("shop")(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": {"a": 1},
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": InvalidPayloadError,
    "nobody": NoRouteError,
    "declined": ABSENT,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.dashboard()
    def widget() -> str:
        return "<b>well</b>"
