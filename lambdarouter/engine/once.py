"""`once=`: a call under a lease, and a done marker when it went well.

In order: middleware is entered, dependencies are made, *the lease is taken*, the handler runs, dependencies are cleaned
up, middleware is left, *the done marker is written*. So a repeated record passes everything that may refuse it before
it is skipped, and nothing that could still fail comes after the marker. A failure gives the lease back. What the
deadline stops, or a crash, leaves it to run out: it ends when Lambda would have killed the invocation.
"""

from __future__ import annotations

from math import isfinite

from lambdarouter.core.batch import takes_batch
from lambdarouter.core.route import Outcome, Skipped
from lambdarouter.core.signature import call_kind
from lambdarouter.core.store import key_of, new_owner
from lambdarouter.engine.attempt import in_thread, is_ours, own_cancellation
from lambdarouter.errors import ConfigurationError, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.once import Once, Repeats
    from lambdarouter.core.route import Match, Route, Settings
    from lambdarouter.core.store import Store
    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.work import Work

    MakeCall = Callable[[Work, Match, Invocation, Here, "Lease"], Awaitable[Any]]

__all__ = ["Lease", "Protection", "protect", "settle"]

# Seconds of a lease where the invocation has no deadline: as long as Lambda lets one take.
_UNLIMITED = 900.0


def protect(route: Route, settings: Settings, namesakes: int) -> Protection:
    """What `once=` means for a route; `namesakes` is how many protected routes before it have a handler of its name."""
    once = route.trigger.once
    assert once is not None  # noqa: S101 - the caller asked
    if settings.store is None:
        msg = "once= needs a store: App(store=...), with one of lambdarouter.stores"
        raise ConfigurationError(msg)
    if "generator" in call_kind(route.handler.fn):
        raise ConfigurationError(_STREAMED)
    if takes_batch(route.handler):
        msg = "once= is for each record, and the handler takes the whole batch: take one record"
        raise ConfigurationError(msg)
    if once.key is None and not route.source.known_by_id:
        msg = (
            f"once=True cannot tell what {route.source.decorator} gets again: give once= a function of the record that "
            "returns its key"
        )
        raise ConfigurationError(msg)
    # Two routes of one handler are two pieces of work, and lambdas of a module all have one name.
    scope = route.name if not namesakes else f"{route.name}#{namesakes + 1}"
    return Protection(once, route.source.repeats(), settings, scope)


class Protection:
    """`once=` of one route: whatever its calls need to know."""

    __slots__ = ("once", "repeats", "scope", "settings")

    def __init__(self, once: Once, repeats: Repeats, settings: Settings, scope: str) -> None:
        self.once: Once = once
        self.repeats: Repeats = repeats
        self.settings: Settings = settings
        self.scope: str = scope

    @property
    def store(self) -> Store:
        """The app's store, as it is now: a test has one of its own."""
        assert self.settings.store is not None  # noqa: S101 - for the type checker: `protect` has looked
        return self.settings.store

    @property
    def run_anyway(self) -> bool:
        """Whether a call is made that the store could not be asked about."""
        return self.settings.on_store_error == "run"

    async def attempt(self, work: Work, index: int, invocation: Invocation, here: Here, make_call: MakeCall) -> None:
        """Make the call at most once under its key; its outcome is there before the store is told."""
        match = work.matches[index]
        lease, kept = Lease(self), None
        try:
            value = await make_call(work, match, invocation, here, lease)
            if isinstance(value, Outcome):  # a middleware's word on what becomes of the record
                work.done[index], kept = work.source.settled(match, value), b""
            elif lease.skipped:
                # Middleware has had its say; what counts is the reply as it was sent.
                result = work.source.result(match, lease.reply)
                work.done[index] = Skipped(match.record, match.route, result)
            else:
                result = work.source.result(match, value)
                kept = self.repeats.keep(_unstreamed(value), result) if lease.held else None
                work.done[index] = Outcome(match.record, match.route, result)
        except Exception as error:  # noqa: BLE001 - user code: an error is data here
            work.done[index] = work.source.failed(match, error)
        except BaseException as error:
            failure = own_cancellation(error)
            if failure is None:
                raise
            work.done[index] = Outcome(match.record, match.route, error=failure)
        if not lease.held:
            return
        lease.kept = kept
        if invocation is not work and match.route.handler.shares:  # type: ignore[union-attr] # it has one
            # What the calls of the event share is cleaned up later, and may still fail then.
            work.unsettled.append((index, lease))
        else:
            await lease.settle(work, index, here)


def _unstreamed(value: Any) -> Any:
    if getattr(value, "chunks", None) is not None:
        raise TypeError(_STREAMED)
    return value


_STREAMED = "once= cannot keep a streamed reply: return it whole, or leave once= away"


class Lease:
    """One call's hold on its key."""

    __slots__ = ("held", "kept", "key", "mark", "owner", "protection", "reply", "skipped")

    def __init__(self, protection: Protection) -> None:
        self.protection: Protection = protection
        # One of these, or neither: the handler runs under a lease; it does not run, because it did before.
        self.held: bool = False
        self.skipped: bool = False
        self.key: str = ""
        self.owner: str = ""
        self.mark: str = ""
        # What the marker will keep of the reply; None: nothing was final, so there will be no marker.
        self.kept: bytes | None = None
        # What the handler replied before, where it is skipped.
        self.reply: Any = None

    async def take(self, work: Work, match: Match, here: Here) -> bool:
        """Take the key. False: it is done already, see `reply`. Raises where another is at it, or it has none."""
        repeats, once = self.protection.repeats, self.protection.once
        key = repeats.key(match, once, work.event)
        if not key:
            if once.required:
                raise repeats.missing(match)
            return True
        self.key = key_of("once", work.context.function_name, self.protection.scope, key)
        self.mark, self.owner = repeats.mark(match), new_owner()
        remaining = work.context.remaining()
        seconds = max(remaining, 0.1) if isfinite(remaining) else _UNLIMITED
        store = self.protection.store
        try:
            entry = await _ask(work, here, store, store.acquire, self.key, self.owner, seconds, self.mark)
        except Exception as error:
            if not self.protection.run_anyway:
                msg = f"{match.record.id} was not run: the store could not be asked whether it was handled before"
                raise StoreError(msg) from error
            _log("the store could not be asked: the call is made unprotected", error)
            return True
        if entry is None:
            self.held = True
            return True
        if entry.mark != self.mark:
            raise repeats.differs(match)
        if not entry.done:
            raise repeats.busy(match, entry.seconds)
        self.reply = repeats.again(match, entry.value)
        self.skipped = True
        return False

    async def settle(self, work: Work, index: int, here: Here) -> None:
        """Mark the key as done, or give it back, as the call's outcome is. The store's failure changes no outcome."""
        outcome, store = work.done[index], self.protection.store
        if outcome is None:
            return  # stopped by the deadline: the lease ends as soon
        try:
            if outcome.error is not None or self.kept is None:
                await _ask(work, here, store, store.release, self.key, self.owner)
                return
            ttl = self.protection.once.ttl
            mine = await _ask(work, here, store, store.finish, self.key, self.owner, ttl, self.mark, self.kept)
        except Exception as error:  # noqa: BLE001 - the store's client
            # The work is done: to report it failed would have it done again for sure.
            _log("the store could not be told how a call ended; its lease runs out", error)
            return
        if not mine:
            _log("a call outlived its lease, and another invocation has its key: it may have run twice", None)


async def settle(work: Work, here: Here) -> None:
    """Settle what had to wait for the end of what the calls shared."""
    while work.unsettled:
        index, lease = work.unsettled.pop()
        try:
            work.deadline.inside = here.driven
            await lease.settle(work, index, here)
        except BaseException as error:
            if not is_ours(error, work.deadline):
                raise
            return
        finally:
            work.deadline.inside = False


async def _ask(work: Work, here: Here, store: Store, method: Callable[..., Any], *args: Any) -> Any:
    """Call a store: in this thread where it holds nobody up, else in another."""
    if here.driven or not store.blocking:
        return method(*args)
    return await in_thread(work, None, method, *args)


def _log(what: str, error: Exception | None) -> None:
    from lambdarouter.core.log import warn  # noqa: PLC0415 - only where something went wrong

    warn(what, error)
