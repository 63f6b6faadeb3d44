"""The contract of the ecs_deployment room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, EcsDeploymentHook
from lambdarouter.testing.events import ecs_deployment
from tests.contract.table import ABSENT


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.ecs_deployment("POST_*")(fn),
        "event": lambda: ecs_deployment("POST_SCALE_UP"),
        "nobody": lambda: ecs_deployment("PRE_SCALE_UP"),
    }


REPLIES: dict[str, Any] = {
    "all well": {"hookStatus": "SUCCEEDED"},
    "one of three fails": ABSENT,
    "all fail": {"hookStatus": "FAILED"},
    "invalid payload": ABSENT,
    "nobody": {"hookStatus": "FAILED"},
    "declined": ABSENT,
    "deadline": {"hookStatus": "FAILED"},
}

# What an app without any route answers.
EMPTY = {"hookStatus": "FAILED"}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.ecs_deployment()
    def check(hook: EcsDeploymentHook) -> None: ...
