"""The contract of the appsync_authorizer room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import Allow, App, AppSyncAuthorization, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import appsync_authorizer
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.appsync_authorizer(api="shop")(fn),
        "event": lambda: appsync_authorizer("t", api="shop"),
        "value": Allow("ada"),
        "nobody": lambda: appsync_authorizer("t", api="blog"),
        "nobody has": lambda app: app.appsync_authorizer(api="shop")(lambda: Allow("ada")),
    }


REPLIES: dict[str, Any] = {
    "all well": {"isAuthorized": True},
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

    @app.appsync_authorizer()
    def session(request: AppSyncAuthorization) -> Allow:
        return Allow(request.token)
