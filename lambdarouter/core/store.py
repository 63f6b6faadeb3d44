"""Store: what an app remembers beyond one invocation, so that a record or a slot is not handled twice.

Two things stand under keys. An *entry* is first the lease of whoever works on the key, then perhaps a done marker; both
end by themselves. A *note* is a small text that stays, such as the last tick seen. Each method is one atomic step, for
threads, processes and machines alike; several at once get one winner.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object  # typing costs a cold start; at run time a store is whatever has the methods

__all__ = ["Entry", "Store", "key_of", "new_owner"]


class Entry:
    """What keeps a key from being acquired: another's lease, or (`done`) a done marker.

    `mark` is what its owner said of the work when it acquired the key, `value` what it left at the end (b"" for a
    lease), `seconds` how long the entry still stands.
    """

    __slots__ = ("done", "mark", "owner", "seconds", "value")

    def __init__(self, *, done: bool, owner: str, mark: str = "", value: bytes = b"", seconds: float = 0.0) -> None:
        self.done: bool = done
        self.owner: str = owner
        self.mark: str = mark
        self.value: bytes = value
        self.seconds: float = seconds

    def __repr__(self) -> str:
        return f"<Entry {'done' if self.done else 'leased'} by {self.owner}, {self.seconds:.3f} s left>"


class Store(Protocol):
    """What `App(store=...)` takes. Methods block, may be called from any thread, and raise what their client raises.

    `blocking`: whether they wait for a disk or a network, so that an event loop's calls go through a thread. Keys are
    text of at most 1,024 bytes; an owner is a name of one attempt that nobody else uses (`new_owner`).
    """

    blocking: bool

    def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
        """Lease a free key for so long: None, or the entry that stands in the way. The holder itself renews its lease.

        A lease or done marker whose time has passed is not there, whether the store has removed it or not.
        """

    def finish(self, key: str, owner: str, seconds: float, mark: str = "", value: bytes = b"") -> bool:
        """Put a done marker in the place of the owner's lease, for so long. False: another has the key by now.

        It does so as well where the lease has run out and nobody has taken the key since: the work is done.
        """

    def release(self, key: str, owner: str) -> None:
        """Give up the owner's lease. One that is another's, or gone, and a done marker stay as they are."""

    def read(self, key: str) -> str | None:
        """The note under a key, as last swapped in, or None."""

    def swap(self, key: str, old: str | None, new: str) -> bool:
        """Write a note if it still is `old` (None: if there is none). False: somebody else was faster."""


def key_of(kind: str, function: str, *names: str) -> str:
    """A store's key: what for ("once", "cron" …), the Lambda function's name, and the rest; hashed where it is long.

    Only the last of `names` may contain a colon.
    """
    key = ":".join((kind, function, *names))
    if len(key) > _LONGEST or not key.isascii():
        import hashlib  # noqa: PLC0415 - for the few keys that are long or foreign

        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        readable = "".join(c for c in f"{kind}:{function}" if c.isascii())[:200]
        return f"{readable}:sha256:{digest}"
    return key


_LONGEST = 512


def new_owner() -> str:
    """A name for one attempt, that no other has."""
    return os.urandom(12).hex()
