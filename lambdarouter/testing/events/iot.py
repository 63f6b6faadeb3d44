"""Presses of IoT buttons, and changes in the thing registry.

Shape after the events of AWS IoT buttons, of IoT 1-Click and of the IoT Core registry.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, MOMENT, epoch_millis, identifier, iso_millis

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["button", "one_click", "registry"]


def button(click: str = "SINGLE", *, serial: str = "G030PM0123456789") -> dict[str, Any]:
    """Build a press of an AWS IoT button ("iot.button")."""
    return {"serialNumber": serial, "clickType": click, "batteryVoltage": "2000mV"}


def one_click(click: str = "SINGLE", *, device: str = "G030PM0123456789", placement: str = "kitchen") -> dict[str, Any]:
    """Build a press of a device of IoT 1-Click ("iot.one_click")."""
    return {
        "deviceEvent": {"buttonClicked": {"clickType": click, "reportedTime": iso_millis(MOMENT)}},
        "deviceInfo": {"attributes": {}, "type": "button", "deviceId": device, "remainingLife": 99.5},
        "placementInfo": {
            "projectName": "home",
            "placementName": placement,
            "attributes": {},
            "devices": {"button": device},
        },
    }


def registry(thing: str, operation: str = "CREATED") -> dict[str, Any]:
    """Build a change of a thing ("iot.registry")."""
    return {
        "eventType": "THING_EVENT",
        "eventId": identifier("event", thing, operation),
        "timestamp": epoch_millis(MOMENT),
        "operation": operation,
        "accountId": ACCOUNT,
        "thingId": identifier("thing", thing),
        "thingName": thing,
        "versionNumber": 1,
        "thingTypeName": None,
        "attributes": {},
    }
