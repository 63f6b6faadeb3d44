"""The contract of the cognito room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, NoRouteError
from lambdarouter.testing.events import cognito
from tests.contract.table import ABSENT, RAISES, Boom


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.cognito("PreSignUp")(fn),
        "event": lambda: cognito("PreSignUp_SignUp"),
        "value": {"autoConfirmUser": True},
        "declining": lambda app, fn: app.cognito("PreSignUp", client="another")(fn),
        "nobody": lambda: cognito("PostConfirmation_ConfirmSignUp"),
        "nobody has": lambda app: app.cognito("PreSignUp")(lambda: None),
    }


REPLIES: dict[str, Any] = {
    "all well": cognito("PreSignUp_SignUp") | {"response": {"autoConfirmUser": True}},
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": ABSENT,
    "nobody": NoRouteError,
    "declined": cognito("PreSignUp_SignUp"),
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.cognito()
    def any_trigger() -> None: ...
