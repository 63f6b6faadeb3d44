"""What stands around the call of a job that asks for it: `jitter=`, `overlap=` and `timeout=`.

A middleware of the trigger's own, inside all others; importing this module costs nothing, using it an event loop.
"""

from __future__ import annotations

from zlib import crc32

from lambdarouter.core.route import Declined
from lambdarouter.core.store import key_of, new_owner
from lambdarouter.sources.cron.ledger import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lambdarouter.core.invocation import Call
    from lambdarouter.core.store import Entry, Store
    from lambdarouter.sources.cron.source import Tick
    from lambdarouter.sources.cron.trigger import CronTrigger

__all__ = ["delay", "guarded"]

# The longest an invocation lasts; a lease where there is no deadline.
_LONGEST = 900.0
# How long to wait between two looks at a lease, in seconds: at first, and at last.
_FIRST_WAIT, _LAST_WAIT = 0.05, 1.0


def delay(job: str, slot: str, jitter: float) -> float:
    """The seconds by which a slot's run is put off, below `jitter`; the same at every attempt."""
    return crc32(f"{job} {slot}".encode()) / 2**32 * jitter


async def guarded(call: Call) -> AsyncIterator[None]:
    """Put the run off, take the lease, and stop it when its time is over."""
    import asyncio  # noqa: PLC0415 - loaded: this is awaited

    assert call.route is not None  # noqa: S101 - for the type checker: a job's route
    trigger: CronTrigger = call.route.trigger  # type: ignore[assignment]
    tick: Tick = call.record  # type: ignore[assignment]
    if trigger.jitter is not None:
        await asyncio.sleep(delay(call.route.name, tick.id, trigger.jitter))
    store, key, owner = None, "", ""
    if trigger.overlap != "allow":
        assert tick.jobs is not None  # noqa: S101 - for the type checker: matching says whose
        store = tick.jobs.registry.settings.store
        assert store is not None  # noqa: S101 - the same: the routes refused the job otherwise
        key, owner = key_of("cron.lease", call.context.function_name, call.route.name), new_owner()
        held = await _lease(call, store, key, owner)
        if held is not None:
            call.reply = held
            return
    try:
        limit = asyncio.timeout(trigger.timeout)
        try:
            async with limit:
                yield
        except TimeoutError as error:
            if not limit.expired():
                raise
            msg = f"{call.route.name} was stopped: its slot {tick.id} took longer than timeout={trigger.timeout:g} s"
            raise TimeoutError(msg) from error
    finally:
        if store is not None:
            await ask(store, store.release, key, owner)


async def _lease(call: Call, store: Store, key: str, owner: str) -> Declined | None:
    """Take the job's lease, once it is free with overlap="queue"; None, or what becomes of the slot without one."""
    import asyncio  # noqa: PLC0415 - loaded: this is awaited

    assert call.route is not None  # noqa: S101 - for the type checker: a job's route
    trigger: CronTrigger = call.route.trigger  # type: ignore[assignment]
    tick, wait = call.record, _FIRST_WAIT
    while True:
        seconds = min(call.context.remaining(), _LONGEST)
        standing: Entry | None = await ask(store, store.acquire, key, owner, seconds, tick.id)
        if standing is None:
            return None
        if trigger.overlap == "skip":
            if standing.mark == tick.id:
                # The tick was delivered again, or its first attempt died: to skip the slot could lose it.
                msg = (
                    f"{call.route.name} is running for this very slot, {tick.id}, or was killed while it did; "
                    f"its lease ends in {standing.seconds:.0f} s"
                )
                raise RuntimeError(msg)
            return Declined(tick, call.route, f'overlap="skip": the run of {standing.mark} is not over')
        await asyncio.sleep(min(wait, standing.seconds + _FIRST_WAIT))
        wait = min(2 * wait, _LAST_WAIT)
