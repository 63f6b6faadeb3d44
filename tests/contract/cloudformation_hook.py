"""The contract of the cloudformation_hook room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, CloudFormationHookEvent
from lambdarouter.testing.events import cloudformation_hook
from tests.contract.table import ABSENT, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.cloudformation_hook("Custom::Order")
        def check(properties: Order) -> None: ...

    return {
        "one": lambda app, fn: app.cloudformation_hook("Custom::*")(fn),
        "event": lambda: cloudformation_hook("Custom::Order", {"id": 1}),
        "typed": typed,
        "invalid": lambda: cloudformation_hook("Custom::Order", {"id": "x"}),
        "declining": lambda app, fn: app.cloudformation_hook("Custom::*", point="DELETE_PRE_PROVISION")(fn),
        "nobody": lambda: cloudformation_hook("AWS::S3::Bucket"),
    }


REPLIES: dict[str, Any] = {
    "all well": {"hookStatus": "SUCCESS"},
    "one of three fails": ABSENT,
    "all fail": {"hookStatus": "FAILED", "errorCode": "InternalFailure"},
    "invalid payload": {"hookStatus": "FAILED", "errorCode": "InternalFailure"},
    "nobody": {"hookStatus": "FAILED", "errorCode": "InternalFailure"},
    "declined": {"hookStatus": "SUCCESS"},
    "deadline": {"hookStatus": "FAILED", "errorCode": "InternalFailure"},
}

# What an app without any route answers.
EMPTY = {"hookStatus": "FAILED", "errorCode": "InternalFailure"}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.cloudformation_hook()
    def check(event: CloudFormationHookEvent) -> None: ...
