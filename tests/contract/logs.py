"""The contract of the logs room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import logs
from tests.contract.table import RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.logs("orders")
        def work(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.logs("orders")(fn),
        "several": lambda app, fn: app.logs("orders")(fn),
        "event": lambda: logs("orders", {"id": 1}),
        "typed": typed,
        "invalid": lambda: logs("orders", {"id": "x"}),
        "declining": lambda app, fn: app.logs("orders", stream="x")(fn),
        "nobody": lambda: logs("others", "x"),
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

    @app.logs("*")
    def work(line: str) -> None: ...
