"""The contract of the mq room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import mq
from tests.contract.table import ABSENT, RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.mq("orders")
        def work(order: Order) -> None: ...

    build = mq.activemq if name == "mq.activemq" else mq.rabbitmq
    return {
        "one": lambda app, fn: app.mq("orders")(fn),
        "several": lambda app, fn: app.mq("orders")(fn),
        "event": lambda: build("orders", {"id": 1}),
        "typed": typed,
        "invalid": lambda: build("orders", {"id": "x"}),
        "nobody": lambda: build("others", "x"),
    }


REPLIES: dict[str, Any] = {
    "all well": None,
    "one of three fails": Boom,
    "all fail": BatchError,
    "invalid payload": InvalidPayloadError,
    "nobody": NoRouteError,
    "declined": ABSENT,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.mq("*")
    def work(data: bytes) -> None: ...
