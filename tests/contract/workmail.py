"""The contract of the workmail room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import workmail
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.workmail(recipient="shop@example.com")(fn),
        "event": lambda: workmail("shop@example.com"),
        "value": {"a": 1},
        "nobody": lambda: workmail("others@example.com"),
        "nobody has": lambda app: app.workmail(recipient="shop@example.com")(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": {"a": 1},
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": ABSENT,
    "nobody": NoRouteError,
    "declined": ABSENT,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.workmail()
    def mail() -> None: ...
