"""The contract of the ivs_chat room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, ChatMessage
from lambdarouter.testing.events import ivs_chat
from tests.contract.table import ABSENT


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.ivs_chat("*/support")(fn),
        "event": lambda: ivs_chat("hello"),
        "value": "hello",
        "nobody": lambda: ivs_chat("hello", room="sales"),
        "nobody has": lambda app: app.ivs_chat("*/support")(lambda: "x"),
    }


REPLIES: dict[str, Any] = {
    "all well": {"ReviewResult": "ALLOW", "Content": "hello"},
    "one of three fails": ABSENT,
    "all fail": {"ReviewResult": "DENY"},
    "invalid payload": ABSENT,
    "nobody": {"ReviewResult": "DENY"},
    "declined": ABSENT,
    "deadline": {"ReviewResult": "DENY"},
}

# What an app without any route answers.
EMPTY = {"ReviewResult": "DENY"}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.ivs_chat()
    def review(message: ChatMessage) -> str:
        return message.content
