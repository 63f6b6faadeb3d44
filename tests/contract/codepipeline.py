"""The contract of the codepipeline room; what the pipeline is told is in its tests."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, PipelineJob
from lambdarouter.testing.events import codepipeline
from tests.aws_endpoint import endpoint as around
from tests.contract.table import ABSENT, Order

__all__ = ["EMPTY", "REPLIES", "around", "kit", "register"]


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.codepipeline()
        def check(parameters: Order) -> None: ...

    return {
        "one": lambda app, fn: app.codepipeline(function="shop")(fn),
        "event": lambda: codepipeline({"id": 1}),
        "value": {"Version": "17"},
        "typed": typed,
        "invalid": lambda: codepipeline({"id": "x"}),
        "nobody": codepipeline,
    }


REPLIES: dict[str, Any] = {
    "all well": None,
    "one of three fails": ABSENT,
    "all fail": None,
    "invalid payload": None,
    "nobody": None,
    "declined": ABSENT,
    "deadline": None,
}

# What an app without any route answers.
EMPTY = None


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.codepipeline()
    def check(job: PipelineJob) -> None: ...
