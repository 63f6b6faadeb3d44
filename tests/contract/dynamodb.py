"""The contract of the dynamodb room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import dynamodb
from tests.contract.table import RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.dynamodb("orders")
        def work(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.dynamodb("orders")(fn),
        "several": lambda app, fn: app.dynamodb("orders")(fn),
        "event": lambda: dynamodb("orders", (None, {"id": 1})),
        "typed": typed,
        "invalid": lambda: dynamodb("orders", (None, {"id": "x"})),
        "declining": lambda app, fn: app.dynamodb("orders", events="REMOVE")(fn),
        "nobody": lambda: dynamodb("others", (None, {"id": 1})),
    }


# One record in the event, so a failure is of every record: raised.
REPLIES: dict[str, Any] = {
    "all well": {"batchItemFailures": []},
    "one of three fails": Boom,
    "all fail": BatchError,
    "invalid payload": InvalidPayloadError,
    "nobody": NoRouteError,
    "declined": {"batchItemFailures": []},
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.dynamodb("*")
    def work(item: dict[str, Any]) -> None: ...
