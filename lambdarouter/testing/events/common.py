"""What the event builders share: ARNs, identifiers and times, all worked out from the builder's arguments.

Nothing here reads a clock or a random source: the same call gives the same event, byte for byte, every time.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from json import dumps
from uuid import NAMESPACE_URL, uuid5

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "ACCOUNT",
    "MOMENT",
    "REGION",
    "arn",
    "clf",
    "epoch_millis",
    "identifier",
    "iso",
    "iso_millis",
    "json_text",
    "moment",
    "opaque_id",
]

ACCOUNT = "123456789012"
REGION = "eu-west-1"
MOMENT = datetime(2026, 1, 1, 9, 0, 0, tzinfo=UTC)
"""When everything happens that is given no time of its own."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def arn(service: str, resource: str) -> str:
    """Name a resource of the builders' account and region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def identifier(*parts: str) -> str:
    """Make a UUID that only `parts` decide."""
    return str(uuid5(NAMESPACE_URL, "\n".join(parts)))


def opaque_id(*parts: str) -> str:
    """Make an id as API Gateway writes extended request ids and connection ids: 15 characters and a ``=``."""
    return b64encode(uuid5(NAMESPACE_URL, "\n".join(parts)).bytes)[:15].decode() + "="


def json_text(value: Any) -> str:
    """Write `value` as compact JSON; models (anything with pydantic's ``model_dump``) in their JSON mode."""
    return dumps(value, separators=(",", ":"), ensure_ascii=False, default=_dump_model)


def _dump_model(value: Any) -> Any:
    dump = getattr(value, "model_dump", None)
    if dump is None:
        message = f"{type(value).__name__} is neither JSON nor a model with model_dump()"
        raise TypeError(message)
    return dump(mode="json")


def moment(time: datetime | str) -> datetime:
    """Read `time`, a datetime or ISO 8601 text such as ``2026-01-01T03:00Z``; UTC where it names no zone."""
    at = datetime.fromisoformat(time) if isinstance(time, str) else time
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def iso(at: datetime) -> str:
    """Write a time as EventBridge does: ``2026-01-01T03:00:00Z``, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_millis(at: datetime) -> str:
    """Write a time as SNS and SES do: ``2026-01-01T03:00:00.000Z``."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def clf(at: datetime) -> str:
    """Write a time as API Gateway does, in Common Log Format: ``01/Jan/2026:03:00:00 +0000``."""
    # Not strftime's %b: it follows the locale.
    return f"{at.day:02}/{_MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S} +0000"


def epoch_millis(at: datetime) -> int:
    """Count the milliseconds since 1970."""
    return int(at.timestamp() * 1000)
