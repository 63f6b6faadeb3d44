"""The contract of the firehose room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App
from lambdarouter.testing.events import firehose
from tests.contract.table import ABSENT, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.firehose("clicks")
        def work(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.firehose("clicks")(fn),
        "event": lambda: firehose("clicks", {"id": 1}),
        "typed": typed,
        "invalid": lambda: firehose("clicks", {"id": "x"}),
        "nobody": lambda: firehose("others", {"id": 1}),
    }


def results(result: str, event: Any) -> dict[str, Any]:
    """The reply that says the same of every record."""
    records = [{"recordId": each["recordId"], "result": result, "data": each["data"]} for each in event["records"]]
    return {"records": records}


REPLIES: dict[str, Any] = {
    "all well": results("Ok", firehose("clicks", {"id": 1})),
    "one of three fails": ABSENT,
    "all fail": results("ProcessingFailed", firehose("clicks", {"id": 1})),
    "invalid payload": results("ProcessingFailed", firehose("clicks", {"id": "x"})),
    "nobody": results("ProcessingFailed", firehose("others", {"id": 1})),
    "declined": ABSENT,
    "deadline": results("ProcessingFailed", firehose("clicks", {"id": 1})),
}

# What an app without any route answers.
EMPTY: dict[str, Any] = {}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.firehose("*")
    def work(data: bytes) -> None: ...
