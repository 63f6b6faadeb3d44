"""The contract of the websocket room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App
from lambdarouter.testing.events import websocket
from tests.contract.table import ABSENT, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.websocket("say")
        def say(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.websocket("say")(fn),
        "event": lambda: websocket("say", {"id": 1}),
        "typed": typed,
        "invalid": lambda: websocket("say", {"id": "x"}),
        "nobody": lambda: websocket("other", {"id": 1}),
    }


REPLIES: dict[str, Any] = {
    "all well": 200,
    "one of three fails": ABSENT,
    "all fail": 500,
    "invalid payload": 422,
    "nobody": 404,
    "declined": ABSENT,
    "deadline": 504,
}

# What an app without any route answers.
EMPTY = {"statusCode": 404}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.websocket("$connect")
    def connect() -> None: ...

    @app.websocket("$disconnect")
    def disconnect() -> None: ...

    @app.websocket("$default")
    def default(message: str) -> None: ...
