"""The contract of the chime_sip room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, NoRouteError, SipEvent
from lambdarouter.testing.events import chime_sip
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.chime_sip("NEW_*")(fn),
        "event": chime_sip,
        "value": [{"Type": "Hangup"}],
        "nobody": lambda: chime_sip("HANGUP"),
    }


REPLIES: dict[str, Any] = {
    "all well": {"SchemaVersion": "1.0", "Actions": [{"Type": "Hangup"}]},
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

    @app.chime_sip()
    def nothing(call: SipEvent) -> None: ...
