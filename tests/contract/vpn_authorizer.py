"""The contract of the vpn_authorizer room: see `tests/contract/table.py`."""

from __future__ import annotations

from typing import Any

from lambdarouter import Allow, App, VpnConnection
from lambdarouter.testing.events import vpn_authorizer
from tests.contract.table import ABSENT


def kit(name: str) -> dict[str, Any]:
    return {
        "one": lambda app, fn: app.vpn_authorizer(endpoint="cvpn-endpoint-office")(fn),
        "event": lambda: vpn_authorizer(endpoint="cvpn-endpoint-office"),
        "value": Allow("ada"),
        "nobody": lambda: vpn_authorizer(endpoint="lab"),
        "nobody has": lambda app: app.vpn_authorizer(endpoint="cvpn-endpoint-office")(lambda: Allow("ada")),
    }


REPLIES: dict[str, Any] = {
    "all well": {"allow": True},
    "one of three fails": ABSENT,
    "all fail": {"allow": False},
    "invalid payload": ABSENT,
    "nobody": {"allow": False},
    "declined": ABSENT,
    "deadline": {"allow": False},
}

# What an app without any route answers.
EMPTY = {"allow": False}


def register(app: App) -> None:
    """Handlers for every event of the room's fixtures."""

    @app.vpn_authorizer()
    def laptop(connection: VpnConnection) -> Allow:
        return Allow(connection.username)
