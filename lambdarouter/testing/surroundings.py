"""What stands around a call in a test: the environment's variables, and what the app was told of its surroundings."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from os import environ
from weakref import WeakKeyDictionary

from lambdarouter.stores.memory import MemoryStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Lock
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from lambdarouter.app import App
    from lambdarouter.core.store import Store

__all__ = ["Loan", "environment", "environment_in_turn"]


@contextmanager
def environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Set these variables, None for one that is not to be there, and put back what there was."""
    before = {name: environ.get(name) for name in variables}
    _set(variables)
    try:
        yield
    finally:
        _set(before)


@asynccontextmanager
async def environment_in_turn(variables: Mapping[str, str | None]) -> AsyncIterator[None]:
    """`environment` for calls that may run side by side: the process has one, so they wait for each other."""
    if not variables:
        yield
        return
    import asyncio  # noqa: PLC0415 - who only builds events does without

    loop = asyncio.get_running_loop()
    async with _turns.setdefault(loop, asyncio.Lock()):
        with environment(variables):
            yield


_turns: WeakKeyDictionary[AbstractEventLoop, Lock] = WeakKeyDictionary()


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            environ.pop(name, None)
        else:
            environ[name] = value


class Loan:
    """A store that an app has for a time, in the place of its own: while a call runs, and between `begin` and `end`.

    An app that has none gets none. No job waits meanwhile because of its `jitter=`.
    """

    def __init__(self, app: App, store: Store | None, clock: Callable[[], float]) -> None:
        self._settings = app._engine.settings  # noqa: SLF001 - what an app shows of itself are its routes
        self._lent = store or MemoryStore(clock=clock)
        self._own: Store | None = None
        self._users = 0
        self._begun = False

    def __enter__(self) -> None:
        if not self._users:
            self._own = self._settings.store
            self._settings.store = self._lent if self._own is not None else None
            self._settings.jitter = False
        self._users += 1

    def __exit__(self, *_: object) -> None:
        self._users -= 1
        if not self._users:
            self._settings.store = self._own
            self._settings.jitter = True

    def begin(self) -> None:
        """Lend it until `end`."""
        if not self._begun:
            self._begun = True
            self.__enter__()

    def end(self) -> None:
        """Give it back, where it was lent by `begin`."""
        if self._begun:
            self._begun = False
            self.__exit__()
