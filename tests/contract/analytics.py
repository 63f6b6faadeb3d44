"""The contract of the analytics room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App
from lambdarouter.testing.events import analytics
from tests.contract.table import ABSENT, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.analytics("clicks")
        def work(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.analytics("clicks")(fn),
        "event": lambda: analytics("clicks", {"id": 1}),
        "typed": typed,
        "invalid": lambda: analytics("clicks", {"id": "x"}),
        "nobody": lambda: analytics("others", {"id": 1}),
    }


def results(result: str, event: Any) -> dict[str, Any]:
    """The reply that says the same of every record."""
    return {"records": [{"recordId": each["recordId"], "result": result} for each in event["records"]]}


REPLIES: dict[str, Any] = {
    "all well": results("Ok", analytics("clicks", {"id": 1})),
    "one of three fails": ABSENT,
    "all fail": results("DeliveryFailed", analytics("clicks", {"id": 1})),
    "invalid payload": results("DeliveryFailed", analytics("clicks", {"id": "x"})),
    "nobody": results("DeliveryFailed", analytics("others", {"id": 1})),
    "declined": ABSENT,
    "deadline": results("DeliveryFailed", analytics("clicks", {"id": 1})),
}

# What an app without any route answers.
EMPTY: dict[str, Any] = {}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.analytics("*")
    def work(data: bytes) -> None: ...
