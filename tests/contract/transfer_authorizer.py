"""The contract of the transfer_authorizer room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, TransferAllow, TransferLogin
from lambdarouter.testing.events import transfer_authorizer
from tests.contract.table import ABSENT


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.transfer_authorizer(username="ada")(fn),
        "event": lambda: transfer_authorizer("ada", "x"),
        "value": TransferAllow("role"),
        "nobody": lambda: transfer_authorizer("eve", "x"),
        "nobody has": lambda app: app.transfer_authorizer(username="ada")(lambda: TransferAllow("role")),
    }


REPLIES: dict[str, Any] = {
    "all well": {"Role": "role"},
    "one of three fails": ABSENT,
    "all fail": {},
    "invalid payload": ABSENT,
    "nobody": {},
    "declined": ABSENT,
    "deadline": {},
}

# What an app without any route answers.
EMPTY: dict[str, Any] = {}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.transfer_authorizer()
    def user(login: TransferLogin) -> TransferAllow:
        return TransferAllow("role")
