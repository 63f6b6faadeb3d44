"""Directives to a device of Alexa Smart Home.

Shape after "Message guide" of the Alexa Smart Home Skill API, version 3.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import identifier, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["alexa_home"]


def alexa_home(
    namespace: str, name: str, payload: Mapping[str, Any] | None = None, *, endpoint: str | None = None
) -> dict[str, Any]:
    """Build a directive ("alexa.home"); `endpoint` is the device's id, which a discovery has none of."""
    directive: dict[str, Any] = {
        "header": {
            "namespace": namespace,
            "name": name,
            "payloadVersion": "3",
            "messageId": identifier(namespace, name),
        },
        "payload": json_value(payload or {}),
    }
    if endpoint is not None:
        scope = {"type": "BearerToken", "token": "access-token"}
        directive["endpoint"] = {"scope": scope, "endpointId": endpoint, "cookie": {}}
    return {"directive": directive}
