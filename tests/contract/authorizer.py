"""The contract of the authorizer room: see `tests/contract/table.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from lambdarouter import Allow, App, DeadlineExceeded, Header, NoRouteError, Unauthorized
from lambdarouter.testing.events import authorizer
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    credential = {"Authorization": "Bearer ok"}
    events: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "authorizer.token": (
            lambda: authorizer.token("GET", "/x", "Bearer ok"),
            lambda: authorizer.token("GET", "/x", "") | {"authorizationToken": None},
        ),
        "authorizer.request_v1": (
            lambda: authorizer.request_v1("GET", "/x", headers=credential),
            lambda: authorizer.request_v1("GET", "/x"),
        ),
        "authorizer.request_v2": (
            lambda: authorizer.request_v2("GET", "/x", headers=credential),
            lambda: authorizer.request_v2("GET", "/x"),
        ),
        "authorizer.websocket": (lambda: authorizer.websocket(headers=credential), authorizer.websocket),
    }

    def typed(app: App) -> None:
        @app.authorizer()
        def guard(token: Annotated[str, Header("authorization")]) -> Allow:
            return Allow(token)

    return {
        "one": lambda app, fn: app.authorizer()(fn),
        "value": Allow("ada"),
        "event": events[name][0],
        "typed": typed,
        "invalid": events[name][1],
        "nobody": events[name][0],
        "nobody has": lambda app: app.get("/x")(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": {"principalId": "ada"},
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": Unauthorized,
    "nobody": NoRouteError,
    "declined": ABSENT,
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.authorizer()
    def guard(token: Annotated[str, Header("authorization")]) -> Allow:
        return Allow(token)

    app.get("/guarded", auth=guard)(lambda: None)
