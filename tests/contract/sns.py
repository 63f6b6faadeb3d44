"""The contract of the sns room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import sns
from tests.contract.table import RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.sns("orders")
        def announce(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.sns("orders")(fn),
        "several": lambda app, fn: app.sns("orders")(fn),
        "event": lambda: sns("orders", {"id": 1}),
        "typed": typed,
        "invalid": lambda: sns("orders", {"id": "x"}),
        "declining": lambda app, fn: app.sns("orders", attributes={"kind": "created"})(fn),
        "nobody": lambda: sns("newsletters", "x"),
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

    @app.sns("*")
    def announce(message: str) -> None: ...
