"""What lives as long as the execution environment: the app's lifespan, and its dependencies with scope="app"."""

from __future__ import annotations

from _thread import allocate_lock

from lambdarouter.core.context import Context
from lambdarouter.core.invocation import Invocation
from lambdarouter.core.route import Match
from lambdarouter.core.view import Event, Record
from lambdarouter.engine.dependency import clean, make
from lambdarouter.engine.drive import Here, run_without_loop
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Event as AsyncEvent, Future, Task
    from collections.abc import Callable, Coroutine, Generator, Iterable
    from contextlib import AbstractAsyncContextManager
    from typing import Any

    from lambdarouter.core.handler import Dependency
    from lambdarouter.engine.registrar import Registrar

    Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]

__all__ = ["Environment"]


class Environment:
    """Started once, before the first event is handled; async parts live in one long-lived task of the event loop.

    That task enters and leaves the lifespan, and makes and tears down the app's dependencies: context managers and
    cancel scopes must be left in the task that entered them.
    """

    __slots__ = (
        "_app",
        "_begun",
        "_lifespan",
        "_lock",
        "_loop",
        "_ready",
        "_registrar",
        "_stop",
        "host",
        "scope",
        "tainted",
    )

    def __init__(self, app: Any, registrar: Registrar, lifespan: Lifespan | None) -> None:
        self._app = app
        self._registrar = registrar
        self._lifespan = lifespan
        self._lock = allocate_lock()
        # A start that came upon something to await, until the host goes on with it.
        self._begun: _Begun | None = None
        self._loop: AbstractEventLoop | None = None
        # The task in which async parts live, None where there are none: it ends with its loop.
        self.host: Task[None] | None = None
        self._ready: Future[None] | None = None
        self._stop: AsyncEvent | None = None
        # The parent of every invocation once started; holds the dependencies with scope="app".
        self.scope: Invocation | None = None
        # Something could not be stopped at a deadline and still runs: the environment should be recycled.
        self.tainted: bool = False

    @property
    def has_teardown(self) -> bool:
        """Whether `stop` has anything to do."""
        shared = self._registrar.shared.values()
        return self._lifespan is not None or any("generator" in dependency.kind for dependency in shared)

    @property
    def started(self) -> bool:
        """Whether the lifespan is entered, in a loop that still lives."""
        return self.scope is not None and (self.host is None or self._lives())

    def _lives(self) -> bool:
        return self._loop is not None and not self._loop.is_closed() and self.host is not None and not self.host.done()

    async def start(self, here: Here) -> None:
        """Enter the lifespan, then make the app's dependencies. A failure is the event's; the next one tries again."""
        shared = self._registrar.shared.values()
        if self._lifespan is None and not any(dependency.is_async for dependency in shared):
            # Threads are kept in turn; the one that waited finds it done. Whoever has the lock must not await: another
            # task of the same loop may wait for it, and with it the loop.
            with self._lock:
                if self.started:
                    return
                if self._begun is None and not self._lives():
                    scope = _scope()
                    making = _make(shared, scope, Here())
                    if run_without_loop(making)[0]:
                        self.scope = scope
                        return
                    self._begun = _Begun(making, scope)  # a sync function gave an awaitable
        await here.loop()
        import asyncio  # noqa: PLC0415 - we are in a loop

        loop = asyncio.get_running_loop()
        with self._lock:
            if self._ready is None or not self._lives():
                self._loop, self._ready, self._stop = loop, loop.create_future(), asyncio.Event()
                self.host = loop.create_task(self._live(self._ready, self._stop, self._begun))
                self._begun = None
                _hosts.add(self.host)
                self.host.add_done_callback(_hosts.discard)
            elif self._loop is not loop:
                msg = "the app's lifespan is being entered in another event loop; an app lives in one loop at a time"
                raise RuntimeError(msg)
            ready = self._ready
        # Several first events may wait for the one start; cancelling one of them does not cancel it.
        await asyncio.shield(ready)

    async def _live(self, ready: Future[None], stop: AsyncEvent, begun: _Begun | None) -> None:
        from contextlib import AsyncExitStack  # noqa: PLC0415 - with asyncio loaded it costs nothing

        here = Here.in_loop()
        scope = _scope() if begun is None else begun.scope
        try:
            async with AsyncExitStack() as stack:
                if self._lifespan is not None:
                    await stack.enter_async_context(_entered(self._lifespan(self._app)))
                await (_make(self._registrar.shared.values(), scope, here) if begun is None else begun)
                self.scope = scope
                ready.set_result(None)
                try:
                    await stop.wait()
                finally:  # at the end of the program this task is cancelled
                    await _close(scope, here)
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)
            ready.exception()  # whoever waits is told; where nobody does any more, nobody is to be warned

    async def stop(self, here: Here) -> None:
        """Tear down what `start` made, in reverse order. Raises what a teardown raises."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.close()  # no loop was to be had for it
        if self.host is None:
            scope, self.scope = self.scope, None
            if scope is not None:
                await _close(scope, here)
            return
        alive = self._lives()
        if alive:
            await here.loop()
            import asyncio  # noqa: PLC0415 - we are in a loop

            if self._loop is not asyncio.get_running_loop():
                msg = "the app was started in another event loop, and its lifespan can be left only there"
                raise RuntimeError(msg)
        host, self.host, self._ready, stop = self.host, None, None, self._stop
        entered, self.scope = self.scope is not None, None
        if not alive or stop is None:
            return  # it ended with its loop
        if entered:
            stop.set()
            await host
        else:
            host.cancel()  # it hangs while it enters: nobody will wait for it


class _Begun:
    """The app's dependencies half made, without a loop: the rest is awaited, as a begun coroutine cannot be."""

    __slots__ = ("_making", "scope")

    def __init__(self, making: Coroutine[Any, Any, None], scope: Invocation) -> None:
        self._making = making
        self.scope = scope

    def __await__(self) -> Generator[Any, None, None]:
        return self._making.__await__()

    def close(self) -> None:
        self._making.close()


# An event loop knows its tasks weakly: without this, one whose app is dropped would be destroyed where it waits,
# and the lifespan never be left.
_hosts: set[Task[None]] = set()


async def _make(shared: Iterable[Dependency], scope: Invocation, here: Here) -> None:
    """Make the app's dependencies: all of them, or none."""
    try:
        await make(shared, _NOBODY, scope, here)
    except BaseException as error:  # noqa: BLE001 - user code, and what stops it: it is raised again
        failure = await clean(scope, error, here)
        assert failure is not None  # noqa: S101 - for the type checker: there was one
        raise failure  # noqa: B904 - mostly the error itself


def _entered(made: Any) -> AbstractAsyncContextManager[Any]:
    if not hasattr(made, "__aenter__"):
        msg = f"lifespan= is an @asynccontextmanager function of the app; it returned {made!r:.80}"
        raise ConfigurationError(msg)
    manager: AbstractAsyncContextManager[Any] = made
    return manager


async def _close(scope: Invocation, here: Here) -> None:
    failure = await clean(scope, None, here)
    if failure is not None:
        raise failure


_NOBODY = Match(None, Record(None))


def _scope() -> Invocation:
    scope = Invocation(Context())
    scope.name, scope.event = "app", Event(None)
    return scope
