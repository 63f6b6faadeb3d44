"""The contract of the cloudfront room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import cloudfront
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.cloudfront("viewer-request")(fn),
        "event": lambda: cloudfront("viewer-request", "/a"),
        "value": {"status": "204"},
        "nobody": lambda: cloudfront("origin-response", "/a"),
        "nobody has": lambda app: app.cloudfront("viewer-request")(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": {"status": "204"},
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

    @app.cloudfront()
    def edge() -> None: ...
