"""The contract of the pipes room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import pipes, sqs
from tests.contract.table import RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.sqs("orders", via="pipes:target")
        def work(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.sqs("orders", via="pipes:target")(fn),
        "several": lambda app, fn: app.sqs("orders", via="pipes:target")(fn),
        "event": lambda: pipes(sqs("orders", {"id": 1})),
        "typed": typed,
        "invalid": lambda: pipes(sqs("orders", {"id": "x"})),
        "declining": lambda app, fn: app.sqs("orders", via="pipes:target", attributes={"kind": "a"})(fn),
        "nobody": lambda: pipes(sqs("others", "x")),
    }


# One item in the list, so a failure is of every item: raised.
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

    @app.pipes("target")
    def work() -> None: ...
