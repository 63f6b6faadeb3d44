"""Message attributes: small typed values beside a message, which SNS and SQS share, and the filter by them."""

from __future__ import annotations

from collections.abc import Mapping

from lambdarouter.core.check import several_of
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    AttributeValue: TypeAlias = str | bytes | int | float | bool

__all__ = ["Attributes"]


class Attributes:
    """The message attributes a route wants: a mapping of each name to the value, or to the values of which one will do.

    Of an attribute that is a list, one element has to fit. Raises `ConfigurationError` for what can never match.
    """

    __slots__ = ("_wanted", "text")

    def __init__(self, attributes: Mapping[str, AttributeValue | Sequence[AttributeValue]] | None) -> None:
        if attributes is None:
            attributes = {}
        if not isinstance(attributes, Mapping) or not all(isinstance(name, str) for name in attributes):
            msg = f"attributes is {attributes!r}; it maps names of message attributes to the values that are wanted"
            raise ConfigurationError(msg)
        self._wanted = {name: _wanted(name, value) for name, value in attributes.items()}
        self.text: str = " ".join(f"{name}={'|'.join(map(str, wanted))}" for name, wanted in self._wanted.items())

    def __bool__(self) -> bool:
        return bool(self._wanted)

    def decline(self, attributes: Mapping[str, Any]) -> str | None:
        """Why these attributes are not the wanted ones, or None where they are."""
        for name, wanted in self._wanted.items():
            value = attributes.get(name)
            values = value if isinstance(value, list) else [value]
            if not any(item in wanted for item in values):
                return f"attribute {name!r} is {value!r}, not {' or '.join(map(repr, wanted))}"
        return None


def _wanted(name: str, value: Any) -> tuple[Any, ...]:
    wanted = tuple(several_of(value))
    if not wanted or not all(isinstance(each, (str, bytes, int, float)) for each in wanted):
        msg = f"attributes[{name!r}] is {value!r}, which can never match: it is text, a number or bytes, or a list"
        raise ConfigurationError(msg)
    return wanted
