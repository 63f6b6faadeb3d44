"""The contract of the destination room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import destination
from tests.contract.table import RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.destination("orders")
        def handler(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.destination("orders")(fn),
        "several": lambda app, fn: app.destination("ord*")(fn),
        "event": lambda: destination("orders", {"id": 1}),
        "typed": typed,
        "invalid": lambda: destination("orders", {"id": "x"}),
        "declining": lambda app, fn: app.destination("orders", condition="Success")(fn),
        "nobody": lambda: destination("others"),
        "nobody has": lambda app: app.destination("orders")(lambda: None),
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

    @app.destination()
    def seen() -> None: ...
