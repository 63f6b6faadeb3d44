"""The contract of the config room; what Config is told is in its tests."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, Compliance, ConfigEvent, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import config
from tests.aws_endpoint import endpoint as around
from tests.contract.table import ABSENT, RAISES, Boom, Order

__all__ = ["EMPTY", "REPLIES", "around", "kit", "register"]


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.config("orders")
        def evaluate(parameters: Order) -> None: ...

    return {
        "one": lambda app, fn: app.config("orders")(fn),
        "event": lambda: config("orders", {}, {"id": "1"}),
        "value": Compliance.COMPLIANT,
        "typed": typed,
        "invalid": lambda: config("orders", {}, {"id": "x"}),
        "nobody": lambda: config("buckets", {}),
    }


REPLIES: dict[str, Any] = {
    "all well": None,
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

    @app.config("*")
    def evaluate(event: ConfigEvent) -> None: ...
