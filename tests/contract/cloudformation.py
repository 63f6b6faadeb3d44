"""The contract of the cloudformation room, where replies are returned: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, CustomResource, DeadlineExceeded, InvalidPayloadError, NoRouteError
from lambdarouter.testing.events import cloudformation
from tests.contract.table import ABSENT, RAISES, Boom, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.cloudformation("Custom::Order")
        def order(properties: Order) -> None: ...

    return {
        "one": lambda app, fn: app.cloudformation("Custom::*")(fn),
        "event": lambda: cloudformation("Update", "Custom::Order", {"id": "1"}, physical_id="order-1"),
        "value": {"Arn": "arn"},
        "typed": typed,
        "invalid": lambda: cloudformation("Update", "Custom::Order", {"id": "x"}),
        "declining": lambda app, fn: app.cloudformation("Custom::Order", on="Create")(fn),
        "nobody": lambda: cloudformation("Create", "AWS::CloudFormation::CustomResource"),
    }


REPLIES: dict[str, Any] = {
    "all well": {"PhysicalResourceId": "order-1", "Data": {"Arn": "arn"}},
    "one of three fails": ABSENT,
    "all fail": Boom,
    "invalid payload": InvalidPayloadError,
    "nobody": NoRouteError,
    "declined": {"PhysicalResourceId": "order-1"},
    "deadline": DeadlineExceeded,
}

# What an app without any route answers.
EMPTY = RAISES


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.cloudformation()
    def shelf(resource: CustomResource) -> dict[str, Any]:
        return resource.properties
