"""The contract of the ses room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Annotated, Any

from lambdarouter import App, BatchError, DeadlineExceeded, Disposition, Header, InvalidPayloadError
from lambdarouter.testing.events import ses
from tests.contract.table import Boom


def kit(name: str) -> dict[str, Any]:
    mail: Any = lambda subject="17": ses(recipients="shop@example.com", sender="ada@example.com", subject=subject)  # noqa: E731

    def typed(app: App) -> None:
        @app.ses()
        def inbox(priority: Annotated[int, Header("Subject")]) -> None: ...

    return {
        "one": lambda app, fn: app.ses(recipient="shop@example.com")(fn),
        "several": lambda app, fn: app.ses(recipient="*@example.com")(fn),
        "event": mail,
        "typed": typed,
        "invalid": lambda: mail(subject="not a number"),
        "declining": lambda app, fn: app.ses(recipient="shop@example.com", sender="eve@example.com")(fn),
        "nobody": lambda: ses(recipients="else@example.org", sender="ada@example.com", subject="17"),
    }


REPLIES: dict[str, Any] = {
    "all well": {"disposition": "CONTINUE"},
    "one of three fails": Boom,
    "all fail": BatchError,
    "invalid payload": InvalidPayloadError,
    "nobody": {"disposition": "CONTINUE"},
    "declined": {"disposition": "CONTINUE"},
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = {"disposition": "CONTINUE"}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.ses()
    def inbox() -> Disposition:
        return Disposition.STOP_RULE
