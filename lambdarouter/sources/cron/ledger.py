"""The ledger: which ticks of a rule have been seen, so that a missed one is known, and a late one knows it was missed.

Every tick that is the latest so far takes over the time since the one before: its *predecessor*. That stays so, however
often it is delivered: a repetition finds the same predecessor. A tick that comes late, after its time was taken over,
finds its *successor* instead. One too old to be a late delivery is a replay (or the latest one was made by hand, for
some future time): it has no place here, and stands for itself.

The note is JSON: runs of ticks at even distances, `[[first, last, step], …]`, in seconds since the Unix epoch. A year
of punctual ticks is one run.
"""

from __future__ import annotations

import json

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from lambdarouter.core.store import Store

    Run: TypeAlias = list[int]

__all__ = ["Place", "ask", "claim"]

# Seconds. EventBridge and Scheduler try for up to a day to deliver, Lambda for six hours more.
_LATEST_DELIVERY = 2 * 86400
_ATTEMPTS = 100


class Place:
    """Where a tick stands among those seen, in seconds since the epoch.

    `before`: the last one before it, None for the first ever. `after`: for one that came too late, the first after it.
    Neither: it stands for itself.
    """

    __slots__ = ("after", "before")

    def __init__(self, *, before: int | None = None, after: int | None = None) -> None:
        self.before: int | None = before
        self.after: int | None = after


async def ask(store: Store, method: Callable[..., Any], *args: Any) -> Any:
    """Call a method of the store, or a function that does, off the event loop where the store blocks."""
    if not store.blocking:
        return method(*args)
    from anyio import to_thread  # noqa: PLC0415 - for stores that wait for a disk or a network

    return await to_thread.run_sync(method, *args)


def claim(store: Store, key: str, end: int, remember: int) -> Place:
    """Enter a tick that ends at `end` into the ledger under `key`, and say where it stands.

    `remember`: for how many seconds back missed ticks matter. Raises what the store raises.
    """
    for _ in range(_ATTEMPTS):
        old = store.read(key)
        runs = _read(old, key)
        if runs and end < runs[-1][1] - max(remember, _LATEST_DELIVERY):
            return Place()
        place = _place(runs, end)
        if place is not None:
            return place
        before = runs[-1][1] if runs else None
        _append(runs, end)
        kept = [run for run in runs if run[1] >= end - max(remember, _LATEST_DELIVERY)]
        if store.swap(key, old, json.dumps(kept, separators=(",", ":"))):
            return Place(before=before)
    msg = f"the ledger {key!r} changed {_ATTEMPTS} times while a tick was being entered"
    raise RuntimeError(msg)


def _place(runs: list[Run], end: int) -> Place | None:
    """The place of a tick that is no later than the latest; None: it is the latest."""
    before: int | None = None
    for first, last, step in runs:
        if end < first:
            return Place(before=before, after=first)
        if end <= last:
            number, rest = divmod(end - first, step) if step else (0, 0)
            if rest:
                return Place(before=first + number * step, after=first + (number + 1) * step)
            return Place(before=end - step if number else before)
        before = last
    return None


def _append(runs: list[Run], end: int) -> None:
    if runs:
        first, last, step = runs[-1]
        if first == last:
            runs[-1] = [first, end, end - first]
            return
        if last + step == end:
            runs[-1][1] = end
            return
    runs.append([end, end, 0])


def _read(note: str | None, key: str) -> list[Run]:
    if note is None:
        return []
    try:
        return [[int(first), int(last), int(step)] for first, last, step in json.loads(note)]
    except (ValueError, TypeError):
        msg = f"the store's note {key!r} is {note!r:.60}, no ledger of ticks: is the key somebody else's?"
        raise ConfigurationError(msg) from None
