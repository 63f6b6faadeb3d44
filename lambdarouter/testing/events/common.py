"""What the event builders share: ARNs, identifiers and times, all worked out from the builder's arguments.

Nothing here reads a clock or a random source: the same call gives the same event, byte for byte, every time.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from json import loads
from uuid import NAMESPACE_URL, uuid5

from lambdarouter.core import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = [
    "ACCOUNT",
    "MOMENT",
    "REGION",
    "arn",
    "base64_of",
    "clf",
    "epoch_millis",
    "hints_of",
    "identifier",
    "iso",
    "iso_millis",
    "json_text",
    "json_value",
    "moment",
    "one_each",
    "opaque_id",
    "scalar",
    "text_of",
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
    """Write `value` as compact JSON, models, dataclasses, dates, enums, sets and so on as pydantic does.

    Raises TypeError for what has no such form.
    """
    try:
        return codec.encode(value)
    except TypeError as error:
        message = f"{type(value).__name__} cannot be sent as JSON: {error}"
        raise TypeError(message) from error


def json_value(value: Any) -> Any:
    """Write `value` as `json_text` does, where AWS has it in the event as JSON; the event shares nothing with it."""
    return loads(json_text(value))


def text_of(value: Any) -> str:
    """Take text as it is, and write anything else as JSON."""
    return value if isinstance(value, str) else json_text(value)


def base64_of(value: Any) -> str:
    """Write bytes as base64, text as that of its UTF-8, and anything else as that of its JSON."""
    return b64encode(value if isinstance(value, bytes) else text_of(value).encode()).decode()


def scalar(value: Any) -> Any:
    """Take text, bytes, numbers and lists as they are; of an enum, a UUID, a date … what JSON has in its place."""
    plain = isinstance(value, (str, bytes, int, float, Decimal, list, tuple)) and not isinstance(value, Enum)
    return value if plain else json_value(value)


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


def one_each(name: str, given: Any, count: int) -> Sequence[Any]:
    """Give each of `count` records its own: of a sequence one each, and of anything else that.

    Raises ValueError where a sequence has more or fewer; `name` is the argument's.
    """
    if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):
        return [given] * count
    if len(given) != count:
        message = f"{name} has {len(given)} for {count} records: give one for all of them, or a list with one for each"
        raise ValueError(message)
    return given


@cache
def hints_of(build: Callable[..., Any]) -> dict[str, Any]:
    """Read the types of a builder's parameters, which name what the builders import for type checkers only."""
    from collections.abc import Mapping  # noqa: PLC0415 - only for who asks
    from typing import Any, Literal, get_type_hints  # noqa: PLC0415

    names = {"Any": Any, "Literal": Literal, "Mapping": Mapping, "Sequence": Sequence}
    return get_type_hints(build, localns={**names, "datetime": datetime})
