"""The contract of the s3 room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, BatchError, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import s3
from tests.contract.table import ABSENT, RAISES, Boom, ByName


def kit(name: str) -> dict[str, Any]:
    build = s3.notification if name == "s3" else s3.eventbridge
    return {
        "one": lambda app, fn: app.s3("uploads")(fn),
        "several": lambda app, fn: app.s3("uploads")(fn),
        "event": lambda: build("uploads", "a.jpg"),
        "declining": lambda app, fn: app.s3("uploads", suffix=".png")(fn),
        "nobody": lambda: build("others", "a.jpg"),
    }


def but_the_test(what: Any) -> ByName:
    """No handler is called for S3's test event."""
    return ByName({"s3": what, "s3.eventbridge": what, "s3.test": ABSENT})


REPLIES: dict[str, Any] = {
    "all well": but_the_test(None),
    "one of three fails": but_the_test(Boom),
    "all fail": but_the_test(BatchError),
    "invalid payload": ABSENT,
    "nobody": but_the_test(NoRouteError),
    "declined": but_the_test(None),
    "deadline": but_the_test(DeadlineExceeded),
}

# What an app without any route answers.
EMPTY = ByName({"s3": RAISES, "s3.eventbridge": RAISES, "s3.test": None})


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.s3("*")
    def seen() -> None: ...
