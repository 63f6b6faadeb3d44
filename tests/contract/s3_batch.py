"""The contract of the s3_batch room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App
from lambdarouter.testing.events import s3_batch
from tests.contract.table import ABSENT


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.s3_batch("uploads")(fn),
        "event": lambda: s3_batch("uploads", "a"),
        "nobody": lambda: s3_batch("others", "a"),
    }


def result(code: str, text: str) -> dict[str, Any]:
    """The reply for one task, but for the ids."""
    task = s3_batch("uploads", "a")["tasks"][0]["taskId"]
    return {"results": [{"taskId": task, "resultCode": code, "resultString": text}], "invocationSchemaVersion": "1.0"}


class Unsaid:
    """The reply that says this of every task, whatever the text beside it."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __eq__(self, reply: object) -> bool:
        assert isinstance(reply, dict)
        return {each["resultCode"] for each in reply["results"]} == {self.code}

    __hash__ = object.__hash__


REPLIES: dict[str, Any] = {
    "all well": result("Succeeded", ""),
    "one of three fails": ABSENT,
    "all fail": result("TemporaryFailure", "Boom: "),
    "invalid payload": ABSENT,
    "nobody": Unsaid("PermanentFailure"),
    "declined": ABSENT,
    "deadline": Unsaid("TemporaryFailure"),
}

# What an app without any route answers.
EMPTY = Unsaid("PermanentFailure")


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.s3_batch("*")
    def work() -> None: ...
