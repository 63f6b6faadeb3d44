"""The contract of the lex room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, InvalidPayloadError, LexEvent, NoRouteError
from lambdarouter.testing.events import lex
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    turn = lex.v2 if name == "lex.v2" else lex.v1

    def typed(app: App) -> None:
        @app.lex("BookHotel")
        def handler(nights: int) -> None: ...

    return {
        "one": lambda app, fn: app.lex("BookHotel")(fn),
        "event": lambda: turn("BookHotel", {"nights": "2"}),
        "value": {"a": 1},
        "typed": typed,
        "invalid": lambda: turn("BookHotel", {"nights": "two"}),
        "nobody": lambda: turn("Cancel"),
        "nobody has": lambda app: app.lex("BookHotel")(lambda: None),
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

    @app.lex()
    def any_turn(turn: LexEvent) -> Any:
        return turn.delegate()
