"""The contract of the iot_authorizer room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, IotAllow, IotAuthorizerEvent
from lambdarouter.testing.events import iot_authorizer
from tests.contract.table import ABSENT


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.iot_authorizer()(fn),
        "event": iot_authorizer,
        "value": IotAllow("device1", []),
        "nobody": iot_authorizer,
    }


REPLIES: dict[str, Any] = {
    "all well": {"isAuthenticated": True},
    "one of three fails": ABSENT,
    "all fail": {"isAuthenticated": False},
    "invalid payload": ABSENT,
    "nobody": {"isAuthenticated": False},
    "declined": ABSENT,
    "deadline": {"isAuthenticated": False},
}

# What an app without any route answers.
EMPTY = {"isAuthenticated": False}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.iot_authorizer()
    def device(request: IotAuthorizerEvent) -> IotAllow:
        return IotAllow("device1", [])
