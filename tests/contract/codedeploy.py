"""The contract of the codedeploy room; what CodeDeploy is told is in its tests."""

from __future__ import annotations

from typing import Any

from lambdarouter import App
from lambdarouter.testing.events import codedeploy
from tests.aws_endpoint import endpoint as around
from tests.contract.table import ABSENT

__all__ = ["EMPTY", "REPLIES", "around", "kit", "register"]


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.codedeploy()(fn),
        "event": codedeploy,
        "nobody": codedeploy,
    }


REPLIES: dict[str, Any] = {
    "all well": None,
    "one of three fails": ABSENT,
    "all fail": None,
    "invalid payload": ABSENT,
    "nobody": None,
    "declined": ABSENT,
    "deadline": None,
}

# What an app without any route answers.
EMPTY = None


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.codedeploy()
    def smoke() -> None: ...
