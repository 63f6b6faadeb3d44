"""The contract of the iot_provisioning room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import App, ProvisioningRequest
from lambdarouter.testing.events import iot_provisioning
from tests.contract.table import ABSENT, Order


def kit(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.iot_provisioning("sensors")
        def known(parameters: Order) -> bool:
            return True

    return {
        "one": lambda app, fn: app.iot_provisioning("sensors")(fn),
        "event": lambda: iot_provisioning("sensors", {"id": 1}),
        "value": True,
        "typed": typed,
        "invalid": lambda: iot_provisioning("sensors", {"id": "x"}),
        "nobody": lambda: iot_provisioning("lamps"),
        "nobody has": lambda app: app.iot_provisioning("sensors")(lambda: True),
    }


REPLIES: dict[str, Any] = {
    "all well": {"allowProvisioning": True},
    "one of three fails": ABSENT,
    "all fail": {"allowProvisioning": False},
    "invalid payload": {"allowProvisioning": False},
    "nobody": {"allowProvisioning": False},
    "declined": ABSENT,
    "deadline": {"allowProvisioning": False},
}

# What an app without any route answers.
EMPTY = {"allowProvisioning": False}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.iot_provisioning()
    def known(request: ProvisioningRequest) -> bool:
        return True
