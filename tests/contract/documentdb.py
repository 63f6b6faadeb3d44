"""The contract of the documentdb room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import documentdb
from tests.contract.table import RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.documentdb("orders")
        def work(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.documentdb("orders")(fn),
        "several": lambda app, fn: app.documentdb("orders")(fn),
        "event": lambda: documentdb("orders", {"_id": 1, "id": 1}),
        "typed": typed,
        "invalid": lambda: documentdb("orders", {"_id": 1, "id": "x"}),
        "declining": lambda app, fn: app.documentdb("orders", operations="delete")(fn),
        "nobody": lambda: documentdb("others", {"_id": 1}),
    }


REPLIES: dict[str, Any] = {
    "all well": None,
    "one of three fails": Boom,
    "all fail": BatchError,
    "invalid payload": InvalidPayloadError,
    "nobody": NoRouteError,
    "declined": None,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.documentdb("*")
    def work(document: dict[str, Any] | None) -> None: ...
