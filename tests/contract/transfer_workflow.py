"""The contract of the transfer_workflow room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, WorkflowStep
from lambdarouter.testing.events import transfer_workflow
from tests.aws_endpoint import endpoint as around
from tests.contract.table import ABSENT

__all__ = ["EMPTY", "REPLIES", "around", "kit", "register"]


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.transfer_workflow(workflow="w-1*")(fn),
        "event": lambda: transfer_workflow("report.csv"),
        "nobody": lambda: transfer_workflow("report.csv", workflow="w-2234567890abcdef0"),
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

    @app.transfer_workflow()
    def scan(step: WorkflowStep) -> None: ...
