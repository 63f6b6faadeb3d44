"""Coroutines without an event loop, until one asks for it.

The engine is written once, as coroutines. A coroutine that never suspends can be run by hand: one sync handler for one
record goes straight through, and asyncio is never imported. Code that is about to await says so first, with
`await here.loop()`: that suspends the coroutine once, and whoever drives it (the main thread, a worker thread) goes on
with it in an event loop.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator
    from typing import Any

    from anyio import CapacityLimiter

__all__ = ["Here", "run_without_loop"]


class Here:
    """Where a coroutine runs: driven by hand, with no event loop, until it asks for one.

    `threads`, in a loop that other calls use too: the limiter of the threads in which a sync handler then runs.
    """

    # No __slots__ and no arguments: one is made for most events, which else takes more than twice as long.
    def __init__(self) -> None:
        self.driven: bool = True
        self.threads: CapacityLimiter | None = None

    @classmethod
    def in_loop(cls, threads: CapacityLimiter | None = None) -> Here:
        """In an event loop."""
        here = cls()
        here.driven, here.threads = False, threads
        return here

    async def loop(self, awaitable: Any = None) -> None:
        """Go on in an event loop; nothing happens where that is so already.

        `awaitable` is what it is wanted for. Where there is no loop to be had, it is closed: nobody will await it.
        """
        if self.driven:
            self.driven = False
            try:
                await _LOOP
            except GeneratorExit:
                if hasattr(awaitable, "close"):
                    awaitable.close()
                raise


class _Loop:
    def __await__(self) -> Generator[_Loop, None, None]:
        yield self


_LOOP = _Loop()


def run_without_loop(coroutine: Coroutine[Any, Any, Any]) -> tuple[bool, Any]:
    """Run a coroutine as far as it gets without an event loop: (True, its result), or (False, None) where it wants one.

    In the latter case the caller makes a task of it: a started coroutine goes on where it was.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        return True, done.value
    return False, None
