"""The contract of the iot room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import iot
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    kind: Any = name.partition(".")[2]
    another: Any = "button" if kind != "button" else "registry"
    other: dict[str, Any] = {"operation": "DELETED"} if kind == "registry" else {"click": "LONG"}
    event = {"button": iot.button(), "one_click": iot.one_click(), "registry": iot.registry("lamp")}[kind]

    return {
        "one": lambda app, fn: app.iot(kind)(fn),
        "event": lambda: event,
        "value": {"a": 1},
        "declining": lambda app, fn: app.iot(kind, **other)(fn),
        "nobody": lambda: event,
        "nobody has": lambda app: app.iot(another)(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": {"a": 1},
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": ABSENT,
    "nobody": NoRouteError,
    "declined": None,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.iot()
    def any_event() -> None: ...
