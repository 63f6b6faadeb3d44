"""The contract of the appsync_events room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App
from lambdarouter.testing.events import appsync_events
from tests.contract.table import ABSENT, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.appsync_events("/orders/*")
        def published(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.appsync_events("/orders/*")(fn),
        "event": lambda: appsync_events("/orders/new", {"id": 1}),
        "value": {"id": 2},
        "typed": typed,
        "invalid": lambda: appsync_events("/orders/new", {"id": "x"}),
        "nobody": lambda: appsync_events("/others/new", {"id": 1}),
        "nobody has": lambda app: app.appsync_events("/orders/*")(lambda: None),
    }


class Refused:
    """A publication of one event that was refused, with this error."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __eq__(self, reply: object) -> bool:
        assert isinstance(reply, dict)
        [event] = reply["events"]
        return bool(event["id"] and event["error"].startswith(f"{self.kind} - "))

    __hash__ = None  # type: ignore[assignment]


class Unclaimed:
    """A refusal, of an event or a subscription, that names the decorator."""

    def __eq__(self, reply: object) -> bool:
        assert isinstance(reply, dict)
        answers = reply.get("events", [reply])
        return all("@app.appsync_events(" in answer["error"] for answer in answers)

    __hash__ = None  # type: ignore[assignment]


REPLIES: dict[str, Any] = {
    "all well": {"events": [{"id": appsync_events("/orders/new", 1)["events"][0]["id"], "payload": {"id": 2}}]},
    "one of three fails": ABSENT,
    "all fail": Refused(Boom.__name__),
    "invalid payload": Refused("InvalidPayloadError"),
    "nobody": Refused("NoRouteError"),
    "declined": ABSENT,
    "deadline": Refused("DeadlineExceeded"),
}

# What an app without any route answers.
EMPTY = Unclaimed()


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.appsync_events("*")
    def published() -> None: ...

    @app.appsync_events("*", operation="SUBSCRIBE")
    def subscribed() -> None: ...
