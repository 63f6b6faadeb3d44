"""The contract of the invoke room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, InvalidPayloadError, UnknownEventError
from tests.contract.table import ABSENT, RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.invoke()
        def refund(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.invoke()(fn),
        "event": lambda: {"id": 1},
        "value": Order(id=1),
        "typed": typed,
        "invalid": lambda: {"id": "x"},
        "nobody": lambda: {"id": 1},
        "nobody has": lambda app: app.invoke(when=lambda payload: False)(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": {"id": 1},
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": InvalidPayloadError,
    "nobody": UnknownEventError,
    "declined": ABSENT,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.invoke()
    def anything(payload: Any) -> Any:
        return payload
