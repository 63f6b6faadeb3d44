"""The contract of the cloudformation_macro room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, MacroEvent
from lambdarouter.testing.events import cloudformation_macro
from tests.contract.table import ABSENT, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.cloudformation_macro("Tagged")
        def tagged(fragment: Order) -> Order:
            return fragment

    return {
        "one": lambda app, fn: app.cloudformation_macro("Tagged")(fn),
        "event": lambda: cloudformation_macro("Tagged", {"id": 1}),
        "value": {"id": 2},
        "typed": typed,
        "invalid": lambda: cloudformation_macro("Tagged", {"id": "x"}),
        "nobody": lambda: cloudformation_macro("Other", {}),
    }


REPLIES: dict[str, Any] = {
    "all well": {"status": "success", "fragment": {"id": 2}},
    "one of three fails": ABSENT,
    "all fail": {"status": "failure"},
    "invalid payload": {"status": "failure"},
    "nobody": {"status": "failure"},
    "declined": ABSENT,
    "deadline": {"status": "failure"},
}

# What an app without any route answers.
EMPTY = {"status": "failure"}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.cloudformation_macro("*")
    def same(macro: MacroEvent) -> Any:
        return macro.fragment
