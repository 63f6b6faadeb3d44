"""The store of one process: for tests, and for trying things out.

::

    app = App(store=MemoryStore())

On Lambda every execution environment has a memory of its own, which ends when AWS likes: there it protects nothing.
"""

from __future__ import annotations

import threading
from time import time

from lambdarouter.core.store import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MemoryStore"]


class MemoryStore:
    """Entries and notes in this process. `clock` tells the time in seconds; tests have one of their own."""

    blocking = False

    def __init__(self, *, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # With the time at which each ends.
        self._entries: dict[str, tuple[Entry, float]] = {}
        self._notes: dict[str, str] = {}
        self._sweep_at = 1000

    def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
        """See `Store.acquire`."""
        with self._lock:
            now = self._clock()
            standing = self._standing(key, now)
            if standing is not None and (standing.done or standing.owner != owner):
                return standing
            if len(self._entries) >= self._sweep_at:
                self._entries = {k: kept for k, kept in self._entries.items() if kept[1] > now}
                self._sweep_at = max(1000, 2 * len(self._entries))
            self._entries[key] = Entry(done=False, owner=owner, mark=mark), now + seconds
            return None

    def finish(self, key: str, owner: str, seconds: float, mark: str = "", value: bytes = b"") -> bool:
        """See `Store.finish`."""
        with self._lock:
            now = self._clock()
            standing = self._standing(key, now)
            if standing is not None and standing.owner != owner:
                return False
            self._entries[key] = Entry(done=True, owner=owner, mark=mark, value=value), now + seconds
            return True

    def release(self, key: str, owner: str) -> None:
        """See `Store.release`."""
        with self._lock:
            standing = self._standing(key, self._clock())
            if standing is not None and standing.owner == owner and not standing.done:
                del self._entries[key]

    def read(self, key: str) -> str | None:
        """See `Store.read`."""
        with self._lock:
            return self._notes.get(key)

    def swap(self, key: str, old: str | None, new: str) -> bool:
        """See `Store.swap`."""
        with self._lock:
            if self._notes.get(key) != old:
                return False
            self._notes[key] = new
            return True

    def _standing(self, key: str, now: float) -> Entry | None:
        """The entry under the key, if its time has not passed."""
        entry, until = self._entries.get(key, (None, now))
        if entry is None or until <= now:
            return None
        return Entry(done=entry.done, owner=entry.owner, mark=entry.mark, value=entry.value, seconds=until - now)
