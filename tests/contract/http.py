"""The contract of the http room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App
from lambdarouter.testing.events import http
from tests.contract.table import ABSENT, Order


def kit(name: str) -> dict[str, Any]:
    build: Any = getattr(http, name.removeprefix("http."))

    def typed(app: App) -> None:
        @app.post("/x")
        def create(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.post("/x")(fn),
        "event": lambda: build("POST", "/x", json={"id": 1}),
        "typed": typed,
        "invalid": lambda: build("POST", "/x", json={"id": "x"}),
        "nobody": lambda: build("POST", "/y"),
    }


REPLIES: dict[str, Any] = {
    "all well": 204,
    "one of three fails": ABSENT,
    "all fail": 500,
    "invalid payload": 422,
    "nobody": 404,
    "declined": ABSENT,
    "deadline": 504,
}

# What an app without any route answers.
EMPTY = {"statusCode": 404}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.get("/books/{isbn}")
    def book(isbn: str) -> dict[str, str]:
        return {"isbn": isbn}

    @app.post("/orders", status=201)
    def create(order: Order) -> Order:
        return order
