"""The contract of the eventbridge room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import eventbridge
from tests.contract.table import RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.eventbridge("shop.orders")
        def placed(order: Order) -> None: ...

    pattern = {"detail": {"id": [{"numeric": [">", 1]}]}}
    return {
        "one": lambda app, fn: app.eventbridge("shop.orders", "OrderPlaced")(fn),
        "several": lambda app, fn: app.eventbridge("shop.*")(fn),
        "event": lambda: eventbridge("shop.orders", "OrderPlaced", {"id": 1}),
        "typed": typed,
        "invalid": lambda: eventbridge("shop.orders", "OrderPlaced", {"id": "x"}),
        "declining": lambda app, fn: app.eventbridge("shop.orders", pattern=pattern)(fn),
        "nobody": lambda: eventbridge("shop.refunds", "RefundAsked", {"id": 1}),
        "nobody has": lambda app: app.eventbridge("shop.orders")(lambda: None),
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

    @app.eventbridge()
    def seen(detail: dict[str, Any]) -> None: ...
