"""The contract of the bedrock room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App
from lambdarouter.testing.events import bedrock
from tests.contract.table import ABSENT, Boom


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.bedrock("GET", "/orders")
        def read(count: int) -> None: ...

    return {
        "one": lambda app, fn: app.bedrock("GET", "/orders")(fn),
        "event": lambda: bedrock("GET", "/orders", {"count": "1"}),
        "value": {"a": 1},
        "typed": typed,
        "invalid": lambda: bedrock("GET", "/orders", {"count": "x"}),
        "nobody": lambda: bedrock("GET", "/others"),
        "nobody has": lambda app: app.bedrock("GET", "/orders")(lambda: None),
    }


class Answer:
    """An agent's reply with this status, and with this text in its body."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text

    def __eq__(self, reply: object) -> bool:
        assert isinstance(reply, dict)
        assert reply.keys() == {"messageVersion", "response", "sessionAttributes", "promptSessionAttributes"}
        response = reply["response"]
        assert response.keys() == {"actionGroup", "apiPath", "httpMethod", "httpStatusCode", "responseBody"}
        body = response["responseBody"]["application/json"]["body"]
        return bool(response["httpStatusCode"] == self.status and self.text in body)

    __hash__ = None  # type: ignore[assignment]


REPLIES: dict[str, Any] = {
    "all well": Answer(200, '{"a":1}'),
    "one of three fails": ABSENT,
    "all fail": Answer(500, "internal error"),
    "invalid payload": Answer(400, "count"),
    "nobody": Answer(404, "no such operation"),
    "declined": ABSENT,
    "deadline": Answer(500, "internal error"),
}

# What an app without any route answers.
EMPTY = Answer(404, "no such operation")


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""
    for method, path in [("GET", "/orders/{orderId}"), ("POST", "/orders")]:
        app.bedrock(method, path)(lambda: "well")

    @app.bedrock("GET", "/crash")
    def crash() -> None:
        raise Boom
