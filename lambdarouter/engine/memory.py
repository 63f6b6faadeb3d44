"""Memory pressure: a function that outgrows its memory is killed, and the whole batch comes again.

Above a share of the function's memory no new record is started; the rest is reported failed, and comes again when there
is room. The first record of an event always runs: else a function that is large to begin with would never get anywhere.
"""

from __future__ import annotations

from time import monotonic

from lambdarouter.core.context import on_lambda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from lambdarouter.core.context import Context

__all__ = ["Memory"]

_SHARE = 0.9
_STATM = "/proc/self/statm"
# Seconds between two readings (10 µs each): asked for every record, of which there may be 10,000 in 10 ms.
_INTERVAL = 0.001


class Memory:
    """The resident set of this process against the memory of its function. `short` tells whether it was too large."""

    __slots__ = ("_limit", "_mb", "_page", "_started", "due", "short")

    def __init__(self, mb: int) -> None:
        from resource import getpagesize  # noqa: PLC0415 - not on every system; on Lambda

        self._mb = mb
        self._page = getpagesize()
        self._limit = int(mb * 1024 * 1024 * _SHARE)
        # When to read again, in `time.monotonic()` seconds; until then, asking is a waste of time.
        self.due: float = 0.0
        self._started = False
        self.short: bool = False

    @classmethod
    def of(cls, context: Context) -> Self | None:
        """The memory to watch, or None where no limit applies: only Lambda measures a function by its context."""
        mb = context.memory_limit_mb if on_lambda() else 0
        return cls(mb) if mb > 0 else None

    def is_short(self) -> bool:
        """Whether no more records should be started. Asked before each; the first may always start."""
        if self.short:
            return True
        now = monotonic()
        if now < self.due:
            return False
        self.due = now + _INTERVAL
        if self._started and self._resident() > self._limit:
            # Never taken back: threads ask at the same time, and what one of them was told holds for all.
            self.short = True
        self._started = True
        return self.short

    def describe(self) -> str:
        """What is used of what there is, for the log."""
        used = self._resident() // (1024 * 1024)
        return f"the function uses {used} of {self._mb} MB of memory, and starts nothing above {_SHARE:.0%}"

    def _resident(self) -> int:
        try:
            with open(_STATM, "rb") as file:  # noqa: PTH123 - pathlib is slower, and not loaded
                return int(file.read().split()[1]) * self._page
        except (OSError, ValueError, IndexError):
            return 0  # no such file here: nothing is known
