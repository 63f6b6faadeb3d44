"""The contract of the alexa room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import alexa
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.alexa("IntentRequest", intent="OrderIntent")
        def handler(count: int) -> None: ...

    return {
        "one": lambda app, fn: app.alexa("IntentRequest", intent="OrderIntent")(fn),
        "event": lambda: alexa(intent="OrderIntent", slots={"count": "2"}),
        "value": {"a": 1},
        "typed": typed,
        "invalid": lambda: alexa(intent="OrderIntent", slots={"count": "two"}),
        "nobody": lambda: alexa("SessionEndedRequest"),
        "nobody has": lambda app: app.alexa("LaunchRequest")(lambda: None),
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

    @app.alexa()
    def turn() -> Any:
        return {"version": "1.0"}
