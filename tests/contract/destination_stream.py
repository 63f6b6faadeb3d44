"""The contract of the destination_stream room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import destination_stream
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.destination_stream("orders")(fn),
        "several": lambda app, fn: app.destination_stream("ord*")(fn),
        "event": lambda: destination_stream("orders"),
        "nobody": lambda: destination_stream("others"),
        "nobody has": lambda app: app.destination_stream("orders")(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": None,
    "one of three fails": Boom,
    "all fail": BatchError,
    "invalid payload": ABSENT,
    "nobody": NoRouteError,
    "declined": ABSENT,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.destination_stream()
    def lost() -> None: ...
