"""The contract of the kafka room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import kafka
from tests.contract.table import ABSENT, RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.kafka("orders")
        def work(order: Order) -> None: ...

    build = kafka.msk if name == "kafka.msk" else kafka.self_managed
    return {
        "one": lambda app, fn: app.kafka("orders")(fn),
        "several": lambda app, fn: app.kafka("orders")(fn),
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

    @app.kafka("*")
    def work(value: bytes | None) -> None: ...
