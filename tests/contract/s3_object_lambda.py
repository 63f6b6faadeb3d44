"""The contract of the s3_object_lambda room, whose replies to HEAD requests are returned; GET is in its tests."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, ObjectRequest
from lambdarouter.testing.events import s3_object_lambda
from tests.aws_endpoint import object_endpoint as around
from tests.contract.table import ABSENT

__all__ = ["EMPTY", "REPLIES", "around", "kit", "register"]


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.s3_object_lambda("HEAD", access_point="*/redacted")(fn),
        "event": lambda: s3_object_lambda("HEAD"),
        "value": {"statusCode": 200, "headers": {"Content-Length": "5"}},
        "nobody": lambda: s3_object_lambda("HEAD", access_point="plain"),
    }


REPLIES: dict[str, Any] = {
    "all well": {"headers": {"Content-Length": "5"}},
    "one of three fails": ABSENT,
    "all fail": 500,
    "invalid payload": ABSENT,
    "nobody": 500,
    "declined": ABSENT,
    "deadline": 500,
}


# What an app without any route answers to a GET request, once the error has been written.
EMPTY = None


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.s3_object_lambda()
    def body(request: ObjectRequest) -> str:
        return request.url

    @app.s3_object_lambda(["HEAD", "LIST"])
    def told(request: ObjectRequest) -> dict[str, int]:
        return {"statusCode": 200}
