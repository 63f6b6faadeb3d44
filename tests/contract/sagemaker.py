"""The contract of the sagemaker room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import sagemaker
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    kind: Any = name.partition(".")[2]

    def event(job: str) -> Any:
        if kind == "prehuman":
            return sagemaker.prehuman(job, {"source": "x"})
        return sagemaker.consolidation(job, "s3://example/x.json")

    return {
        "one": lambda app, fn: app.sagemaker(kind, job="reviews")(fn),
        "event": lambda: event("reviews"),
        "value": {"a": 1},
        "nobody": lambda: event("others"),
        "nobody has": lambda app: app.sagemaker(kind, job="reviews")(lambda: None),
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
    app.sagemaker("prehuman")(lambda: {"taskInput": {}})
    app.sagemaker("consolidation")(lambda: [1])
