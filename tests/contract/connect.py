"""The contract of the connect room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import connect
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.connect(parameters={"action": "lookup"})
        def handler(number: int) -> None: ...

    return {
        "one": lambda app, fn: app.connect(parameters={"action": "lookup"})(fn),
        "event": lambda: connect({"action": "lookup", "number": "1"}),
        "value": {"a": 1},
        "typed": typed,
        "invalid": lambda: connect({"action": "lookup", "number": "x"}),
        "nobody": lambda: connect({"action": "other"}),
        "nobody has": lambda app: app.connect(parameters={"action": "lookup"})(lambda: None),
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

    @app.connect()
    def block() -> None: ...
