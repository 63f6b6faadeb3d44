"""The contract of the appsync room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import appsync
from tests.contract.table import ABSENT, RAISES, Boom, ByName


def kit(name: str) -> dict[str, Any]:
    def event(number: Any = 1) -> Any:
        if name == "appsync.batch":
            return appsync.batch("Query", "order", None, arguments={"orderId": number})
        return appsync.resolver("Query", "order", {"orderId": number})

    def typed(app: App) -> None:
        @app.appsync("Query", "order")
        def order(order_id: int) -> None: ...

    return {
        "one": lambda app, fn: app.appsync("Query", "order")(fn),
        "event": event,
        "value": {"id": 1},
        "typed": typed,
        "invalid": lambda: event("x"),
        "nobody": event,
        "nobody has": lambda app: app.appsync("Query", "customer")(lambda: None),
    }


class Failed:
    """A batch of one item that failed with this type of error."""

    def __init__(self, kind: type[Exception]) -> None:
        self.kind = kind

    def __eq__(self, reply: object) -> bool:
        assert isinstance(reply, list)
        [item] = reply
        assert isinstance(item.pop("errorMessage"), str)
        return bool(item == {"data": None, "errorType": self.kind.__name__})

    __hash__ = None  # type: ignore[assignment]


class Unclaimed:
    """A batch whose every item is an error that names the decorator."""

    def __eq__(self, reply: object) -> bool:
        assert isinstance(reply, list)
        return bool(reply) and all("@app.appsync(" in item["errorMessage"] for item in reply)

    __hash__ = None  # type: ignore[assignment]


def failure(kind: type[Exception]) -> ByName:
    return ByName({"appsync.resolver": kind, "appsync.batch": Failed(kind)})


REPLIES: dict[str, Any] = {
    "all well": ByName({"appsync.resolver": {"id": 1}, "appsync.batch": [{"data": {"id": 1}}]}),
    "one of three fails": ABSENT,
    "all fail": failure(Boom),
    "invalid payload": failure(InvalidPayloadError),
    "nobody": failure(NoRouteError),
    "declined": ABSENT,
    "deadline": failure(DeadlineExceeded),
}

# What an app without any route answers.
EMPTY = ByName({"appsync.resolver": RAISES, "appsync.batch": Unclaimed()})


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.appsync()
    def any_field() -> None: ...
