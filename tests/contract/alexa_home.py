"""The contract of the alexa_home room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import alexa_home
from tests.contract.table import ABSENT, RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.alexa_home("Alexa.PowerController")
        def handler(payload: Order) -> None: ...

    return {
        "one": lambda app, fn: app.alexa_home("Alexa.PowerController")(fn),
        "event": lambda: alexa_home("Alexa.PowerController", "TurnOn", {"id": 1}, endpoint="lamp"),
        "value": {"a": 1},
        "typed": typed,
        "invalid": lambda: alexa_home("Alexa.PowerController", "TurnOn", {"id": "x"}, endpoint="lamp"),
        "nobody": lambda: alexa_home("Alexa.Discovery", "Discover"),
        "nobody has": lambda app: app.alexa_home("Alexa.PowerController")(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": {"a": 1},
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": InvalidPayloadError,
    "nobody": NoRouteError,
    "declined": ABSENT,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.alexa_home()
    def directive() -> Any:
        return {"event": {}}
