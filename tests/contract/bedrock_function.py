"""The contract of the bedrock_function room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App
from lambdarouter.testing.events import bedrock_function
from tests.contract.table import ABSENT


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.bedrock_function("place")
        def place(count: int) -> None: ...

    return {
        "one": lambda app, fn: app.bedrock_function("place")(fn),
        "event": lambda: bedrock_function("place", {"count": "1"}),
        "value": {"a": 1},
        "typed": typed,
        "invalid": lambda: bedrock_function("place", {"count": "x"}),
        "nobody": lambda: bedrock_function("cancel"),
        "nobody has": lambda app: app.bedrock_function("place")(lambda: None),
    }


class Answer:
    """An agent's reply with this state, and with this text."""

    def __init__(self, state: str | None, text: str) -> None:
        self.state = state
        self.text = text

    def __eq__(self, reply: object) -> bool:
        assert isinstance(reply, dict)
        assert reply["response"].keys() == {"actionGroup", "function", "functionResponse"}
        answer = reply["response"]["functionResponse"]
        return bool(answer.get("responseState") == self.state and self.text in answer["responseBody"]["TEXT"]["body"])

    __hash__ = None  # type: ignore[assignment]


REPLIES: dict[str, Any] = {
    "all well": Answer(None, '{"a":1}'),
    "one of three fails": ABSENT,
    "all fail": Answer("FAILURE", "failed"),
    "invalid payload": Answer("REPROMPT", "count"),
    "nobody": Answer("REPROMPT", "no such function"),
    "declined": ABSENT,
    "deadline": Answer("FAILURE", "failed"),
}

# What an app without any route answers.
EMPTY = Answer("REPROMPT", "no such function")


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.bedrock_function("*")
    def any_function() -> str:
        return "well"
