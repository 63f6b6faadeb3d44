"""The contract of the kinesis room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import kinesis
from tests.contract.table import RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.kinesis("clicks")
        def work(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.kinesis("clicks")(fn),
        "several": lambda app, fn: app.kinesis("clicks")(fn),
        "event": lambda: kinesis("clicks", {"id": 1}),
        "typed": typed,
        "invalid": lambda: kinesis("clicks", {"id": "x"}),
        "declining": lambda app, fn: app.kinesis("clicks", partition_key="ada")(fn),
        "nobody": lambda: kinesis("others", "x"),
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

    @app.kinesis("*")
    def work(data: bytes) -> None: ...
