"""`once=`: what a route asks for, and what a source knows of records that come again."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.signature import call_kind
from lambdarouter.errors import ConfigurationError, InFlight, InvalidEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lambdarouter.core.route import Match

__all__ = ["LARGEST", "Answers", "Once", "Repeats", "once_of"]

# Bytes of a reply that is kept: with what stands around it, within DynamoDB's 400 KB for an item.
LARGEST = 256 * 1024


class Once:
    """`once=Once(...)` on a route: handle each record once, as far as the store remembers.

    `key`: a function of the record that returns what makes it the same when it comes again (text); by default AWS's id
    of it, a job's slot, a request's Idempotency-Key. `ttl`: for how long after the end it is known, in seconds; a day
    by default. `required`: whether a record without a key fails (a request: 400), or else is handled unprotected.
    """

    __slots__ = ("key", "required", "ttl")

    def __init__(
        self, key: Callable[[Any], str | None] | None = None, *, ttl: float = 86_400, required: bool = True
    ) -> None:
        if key is not None and (not callable(key) or call_kind(key) != "function"):
            msg = f"once has the key {key!r}; it is a plain function of the record that returns text"
            raise ConfigurationError(msg)
        if type(ttl) not in (int, float) or not 0 < ttl < _LONGEST:
            msg = f"once has the ttl {ttl!r}; it is a number of seconds, above 0 and at most ten years"
            raise ConfigurationError(msg)
        if type(required) is not bool:
            msg = f"once has required={required!r}; it is True or False"
            raise ConfigurationError(msg)
        self.key: Callable[[Any], str | None] | None = key
        self.ttl: float = ttl
        self.required: bool = required


_LONGEST = 10 * 366 * 86_400


def once_of(option: Any) -> Once:
    """What a decorator's `once=` means, where it is not False. Raises `ConfigurationError`."""
    if isinstance(option, Once):
        return option
    if option is True:
        return Once()
    if isinstance(option, type) or not callable(option):
        msg = f"once is {option!r}; it is True, a function of the record that returns its key, or Once(...)"
        raise ConfigurationError(msg)
    return Once(option)


class Repeats:
    """What makes a record the same when it comes again, and how it is answered then; a source may know better."""

    def key(self, match: Match, once: Once, event: Any) -> str | None:
        """The record's key; None or "" where it has none. Raises what the route's own function raises."""
        record = match.record
        if once.key is None:
            if record.id.startswith(record.locate()):
                return None  # an id that only says where the record stands is the same in every event
            # A stream's sequence numbers, and a cluster's offsets, are its own: another's may be the same.
            stream = record.peek("eventSourceARN") or event.peek("eventSourceArn")
            return f"{stream} {record.id}" if stream else str(record.id)
        key = once.key(record)
        if key is not None and not isinstance(key, str):
            msg = f"the key function of once= returned {type(key).__name__} for {record.id}; a key is a str"
            raise TypeError(msg)
        return key

    def mark(self, match: Match) -> str:
        """What must be equal where keys are, else it is another record under the same key; by default, nothing."""
        return ""

    def missing(self, match: Match) -> Exception:
        """The error of a record without a key."""
        return InvalidEventError(
            f"{match.record.id} has no id by which it could be known when it comes again: give once= a function of the "
            "record, or let such records by with Once(required=False)"
        )

    def busy(self, match: Match, seconds: float) -> Exception:
        """The error of a record that another invocation is at, for `seconds` at most."""
        return InFlight(
            f"{match.record.id} is being handled by another invocation, or was by one that died: its lease ends in "
            f"{seconds:.1f} s"
        )

    def differs(self, match: Match) -> Exception:
        """The error of another record under a key that is taken."""
        return InFlight(f"{match.record.id} has the key of another record")

    def keep(self, value: Any, result: Any) -> bytes | None:
        """What is kept of a handler's `value` and the source's `result` of it, or None where it is not final.

        By default the value as JSON, where it has that form and is not too large; else b"".
        """
        if value is None:
            return b""
        try:
            kept = codec.encode(value).encode()
        except Exception:  # noqa: BLE001 - a value of the user's that has no JSON form, in whichever way
            return b""
        return kept if len(kept) <= LARGEST else b""

    def again(self, match: Match, kept: bytes) -> Any:
        """The value of a record that was handled before, from what was kept. Raises where it cannot be given again."""
        return codec.decode(kept, "kept reply") if kept else None


class Answers(Repeats):
    """Of a source whose caller waits for the value: one that could not be kept is not replaced by another."""

    def keep(self, value: Any, result: Any) -> bytes | None:
        """The value as JSON, or a sign that it could not be kept."""
        return super().keep(value, result) or (b"" if value is None else _LOST)

    def again(self, match: Match, kept: bytes) -> Any:
        """The value. Raises ValueError where it could not be kept."""
        if kept == _LOST:
            msg = f"{match.record.id} was handled before, and its value could not be kept: it was too large, or no JSON"
            raise ValueError(msg)
        return super().again(match, kept)


_LOST = b"lost"  # which is no JSON
