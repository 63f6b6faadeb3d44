"""What stands around the call of a job that asks for it: `jitter=`, `overlap=` and `timeout=`.

A middleware of the trigger's own, inside all others; importing this module costs nothing, using it an event loop.
"""

from __future__ import annotations

from zlib import crc32

from lambdarouter.core.store import key_of, new_owner
from lambdarouter.errors import InFlight, StoreError
from lambdarouter.sources.cron.ledger import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lambdarouter.core.invocation import Call
    from lambdarouter.core.route import Outcome, Settings
    from lambdarouter.core.store import Entry
    from lambdarouter.sources.cron.source import Tick
    from lambdarouter.sources.cron.trigger import CronTrigger

__all__ = ["delay", "guarded"]

# The longest an invocation lasts; a lease where there is no deadline.
_LONGEST = 900.0
# How long to wait between two looks at a lease, in seconds: at first, and at last.
_FIRST_PAUSE, _LAST_PAUSE = 0.05, 1.0


def delay(job: str, slot: str, jitter: float) -> float:
    """The seconds by which a slot's run is put off, below `jitter`; the same at every attempt."""
    return crc32(f"{job} {slot}".encode()) / 2**32 * jitter


async def guarded(call: Call) -> AsyncIterator[None]:
    """Put the run off, take the lease, and stop it when its time is over."""
    import asyncio  # noqa: PLC0415 - loaded: this is awaited

    assert call.route is not None  # noqa: S101 - for the type checker: a job's route
    trigger: CronTrigger = call.route.trigger  # type: ignore[assignment]
    tick: Tick = call.record  # type: ignore[assignment]
    assert tick.jobs is not None  # noqa: S101 - for the type checker: matching says whose jobs they are
    name, settings = tick.jobs.name(call.route), tick.jobs.registry.settings
    if trigger.jitter is not None and settings.jitter:
        await asyncio.sleep(delay(name, tick.id, trigger.jitter))
    lease = None
    if trigger.overlap != "allow":
        lease = _Lease(call, name, settings)
        refused = await lease.take(wait=trigger.overlap == "queue")
        if refused is not None:
            call.reply = refused
            return
    limit, over = asyncio.timeout(trigger.timeout), True
    try:
        async with limit:
            try:
                yield
            except asyncio.CancelledError:
                # By the timeout or at the deadline: a thread goes on, and the lease with it until it runs out.
                over = call.route.handler.is_async
                raise
    except TimeoutError as error:
        if not limit.expired():
            raise
        msg = f"{name} was stopped: its slot {tick.id} took longer than timeout={trigger.timeout:g} s"
        raise TimeoutError(msg) from error
    finally:
        if lease is not None and over:
            await lease.give_back()


class _Lease:
    """The right to run a job, for one call at a time, in all environments."""

    def __init__(self, call: Call, name: str, settings: Settings) -> None:
        assert settings.store is not None  # noqa: S101 - for the type checker: the routes refused the job otherwise
        self._store = settings.store
        self._run_anyway = settings.on_store_error == "run"
        self._call = call
        self._name = name
        self._key = key_of("cron.lease", call.context.function_name, name)
        self._owner = new_owner()

    async def take(self, *, wait: bool) -> Outcome | None:
        """Take the lease, if need be once it is free; None, or what becomes of the slot without it.

        Raises InFlight where the run that holds it is one for this very slot, StoreError where it cannot be asked for.
        """
        import asyncio  # noqa: PLC0415 - loaded: this is awaited

        try:
            standing = await self._acquire()
            pause = _FIRST_PAUSE
            while standing is not None and wait:
                await asyncio.sleep(min(pause, standing.seconds + _FIRST_PAUSE))
                pause = min(2 * pause, _LAST_PAUSE)
                standing = await self._acquire()
        except Exception as error:
            if not self._run_anyway:
                msg = f"{self._name} was not run: the store could not be asked whether another run of it is over"
                raise StoreError(msg) from error
            _warn("the store could not be asked whether another run of a job is over: it runs", error)
            return None
        if standing is None:
            return None
        slot = self._call.record.id
        if standing.mark == slot:
            # The tick was delivered again, or its first attempt was killed: to skip the slot could lose it.
            msg = (
                f"{self._name} is running for this very slot, {slot}, or was killed while it did; "
                f"its lease ends in {standing.seconds:.0f} s"
            )
            raise InFlight(msg)
        route = self._call.route
        assert route is not None  # noqa: S101 - for the type checker: a job's route
        return route.source.decline(self._call.record, route, f'overlap="skip": the run of {standing.mark} is not over')

    async def give_back(self) -> None:
        """Free the job. Where that fails, the lease ends by itself; the run is over all the same."""
        try:
            await ask(self._store, self._store.release, self._key, self._owner)
        except Exception as error:  # noqa: BLE001 - whatever a store's client raises
            _warn("the store could not be told that a job's run is over: its lease runs out", error)

    async def _acquire(self) -> Entry | None:
        seconds = min(self._call.context.remaining(), _LONGEST)
        standing: Entry | None = await ask(
            self._store, self._store.acquire, self._key, self._owner, seconds, self._call.record.id
        )
        return standing


def _warn(what: str, error: Exception) -> None:
    from lambdarouter.core.log import warn  # noqa: PLC0415 - only where something went wrong

    warn(what, error)
