"""The way of an event: classify, parse, split, match, run, respond.

`Engine._through` is the path. `invoke` runs it in the caller's event loop; `handle` drives the same coroutine without
an event loop, as far as that goes. `_straight` is the first part of it without a coroutine, for what most events are:
the one call of a plain handler, and `await_plain` for the awaitable that may return. It costs half as much, and leaves
the rest to `_through`, wherever there is any.
"""

from __future__ import annotations

import sys
from _contextvars import copy_context

from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.route import Answer, Completion, Declined, Delivery, Match, Outcome, failed_of
from lambdarouter.engine.attempt import attempt, is_ours, own_cancellation, rescued
from lambdarouter.engine.classify import classify
from lambdarouter.engine.deadline import Interrupted
from lambdarouter.engine.drive import Here, run_without_loop
from lambdarouter.engine.straight import await_plain, is_plain, make_plain
from lambdarouter.engine.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from contextvars import Context
    from typing import Any

    from anyio import CapacityLimiter

    from lambdarouter.core.handler import Handler
    from lambdarouter.core.invocation import Middleware
    from lambdarouter.core.route import Routes, Settings
    from lambdarouter.core.series import Series
    from lambdarouter.core.source import Source
    from lambdarouter.core.stream import Sink
    from lambdarouter.engine.environment import Environment
    from lambdarouter.engine.registrar import Registrar

__all__ = ["Engine"]


class Engine:
    """An app's engine: its routes, its settings, its middleware, its environment."""

    __slots__ = ("environment", "middleware", "registrar", "rescues", "settings")

    def __init__(
        self,
        registrar: Registrar,
        settings: Settings,
        environment: Environment,
        middleware: list[Middleware],
        rescues: dict[Any, Handler],
    ) -> None:
        self.registrar: Registrar = registrar
        self.settings: Settings = settings
        self.environment: Environment = environment
        self.middleware: list[Middleware] = middleware
        self.rescues: dict[Any, Handler] = rescues

    def handle(
        self,
        event: Any,
        raw_context: Any,
        sink: Sink | None = None,
        whole: bool = False,  # noqa: FBT001, FBT002 - by position, which takes half as long
    ) -> Any:
        """Handle an event in this thread; an event loop is used only where something awaits or several calls run.

        Returns the reply, or raises the error that Lambda is to see; or else the `whole` completion.
        """
        work = Work(event, raw_context, self.settings.deadline_margin, self.middleware, self.rescues, sink)
        deadline = work.deadline
        deadline.start()
        try:
            # A context of its own, with a loop and without: what an event sets is gone with it.
            context = copy_context()
            reply = context.run(self._straight, work, whole)
            return self._rest(work, whole, context) if reply is EMPTY else reply
        except Interrupted:
            # Left behind, or between the call and the engine's own code: what is done counts, the rest is late.
            completion = self._abandon(work)
        finally:
            deadline.finish()
        return completion if whole else completion.unwrap()

    async def invoke(
        self, event: Any, raw_context: Any, sink: Sink | None = None, threads: CapacityLimiter | None = None
    ) -> Completion:
        """Handle an event in the running event loop; with `threads`, a sync handler in one of them."""
        import asyncio  # noqa: PLC0415 - the caller runs a loop

        work = Work(event, raw_context, self.settings.deadline_margin, self.middleware, self.rescues, sink)
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._through(work, Here.in_loop(threads), whole=True))
        over = asyncio.Event()
        task.add_done_callback(lambda _: over.set())
        work.deadline.start()
        work.deadline.enter(loop, task, over.set)
        try:
            await over.wait()
            return task.result() if task.done() else self._abandon(work)
        finally:
            work.deadline.finish()
            if not task.done() and not work.deadline.stopped:
                # The caller was cancelled: so is the event, and its clean-up is waited for, up to a margin.
                task.cancel()
                await asyncio.wait({task}, timeout=self.settings.deadline_margin)

    def start(self) -> None:
        """Start the environment ahead of the first event."""
        if not self.environment.started:
            _to_the_end(self.environment.start(Here()))

    def stop(self) -> None:
        """Tear down what was started; an event that comes after all starts it anew."""
        _to_the_end(self.environment.stop(Here()))

    async def start_here(self) -> None:
        """Start the environment in the running event loop."""
        if not self.environment.started:
            await self.environment.start(Here.in_loop())

    async def stop_here(self) -> None:
        """Tear down what was started in the running event loop."""
        await self.environment.stop(Here.in_loop())

    def _straight(self, work: Work, whole: bool) -> Any:  # noqa: FBT001
        """The verbs, as far as they need no coroutine. Returns what `handle` does, `EMPTY` if there is more to do."""
        environment, deadline, raw = self.environment, work.deadline, work.raw
        parent = environment.scope
        if parent is None or (environment.host is not None and not environment.started):
            return EMPTY
        try:
            # From here on a ring of the deadline's timer may interrupt this thread.
            deadline.inside = True
            name = classify(raw)
            entry = self.registrar.direct.get(name)
            if entry is None:
                work.name = name  # whatever comes of it
                entry = self.registrar.find(name, raw)
                if entry[1].prepares or entry[1].reserve:
                    return EMPTY
            work.name, source, routes = entry
            work.parent, work.source = parent, source
            work.event = event = source.parse(raw, work.name)
            items = source.match_all(event, routes)
            only: Any = items[0] if type(items) is list and len(items) == 1 else None
            if type(only) is Match and (route := only.route) is not None:
                if self.middleware or not (route.alone or is_plain(route)):
                    work.take_call(items)
                else:
                    reply = make_plain(work, items, route, whole)
                    if reply is not EMPTY:
                        return reply
            elif isinstance(only, Answer) and not (whole or self.rescues or self.middleware):
                deadline.answering = True
                return source.respond(event, (only,))
            else:
                self._match(work, source, routes, items)
        except BaseException as error:
            if work.matched:
                raise  # an interruption of what a failed call led to, of which the outcome is known
            work.broken = error  # `_through` answers for it
            return EMPTY
        finally:
            deadline.inside = False
        return self._settle(work, whole)

    def _settle(self, work: Work, whole: bool) -> Any:  # noqa: FBT001
        """Respond, if nothing is left to be called: the event has no route, or its one call is done."""
        if work.series is not None or None in work.done or work.unrescued is not None:
            return EMPTY
        if not whole and len(work.items) == 1 and not work.grouped:
            outcome: Any = work.done[0] if work.done else work.items[0]
            error, source = outcome.error, work.source
            if error is None or not source.reports(outcome):
                # There is nothing to tell beside the reply: a completion less.
                work.deadline.answering = True
                reply = source.respond(work.event, (outcome,))
                if isinstance(reply, Delivery):
                    work.completion = Completion(work.name, (outcome,), reply)
                    return EMPTY  # as below
                if outcome.error is not error and source.reports(outcome):  # it went wrong on the way to the reply
                    self._report(work, outcome)
                # See `_let_go`; this name, too, would hold it.
                outcome.error = None
                return reply
        work.completion = completion = self._respond(work)
        if isinstance(completion.reply, Delivery):
            return EMPTY  # there is more to do, which `_through` does
        if not whole:
            _let_go(work, completion)
        return completion if whole else completion.unwrap()

    def _rest(self, work: Work, whole: bool, context: Context) -> Any:  # noqa: FBT001
        """The rest of the way, which needs coroutines. Returns what `handle` does, unless it is `Interrupted`."""
        if hasattr(work.returned, "__await__"):
            reply = _drive(await_plain(work, whole), context, work.deadline, work.returned)
            if reply is EMPTY:
                reply = context.run(self._settle, work, whole)
            if reply is not EMPTY:
                return reply
            completion = _drive(self._through(work, Here.in_loop(), whole=whole), context, work.deadline)
        else:
            coroutine = self._through(work, Here(), whole=whole)
            done, completion = context.run(run_without_loop, coroutine)
            if not done:
                completion = _drive(coroutine, context, work.deadline)
        if not whole:
            _let_go(work, completion)
        return completion if whole else completion.unwrap()

    async def _through(self, work: Work, here: Here, *, whole: bool) -> Completion:
        """The six verbs."""
        try:
            # The lifespan's dependencies and the routes' filters are user code, too: it may have to be interrupted.
            work.deadline.inside = here.driven
            if not work.matched or work.broken is not None:
                await self._find(work, here)
            if work.unrescued is not None:
                failed, work.unrescued = work.unrescued, None
                await rescued(work, 0, failed, here)
            elif len(work.matches) == 1:
                alone = len(work.items) == 1 and not work.grouped
                await attempt(work, 0, work, here, work.returned, whole=whole or not alone)
            elif work.matches:
                from lambdarouter.engine.run import run  # noqa: PLC0415 - only for several calls

                await run(work, here)
        except Exception as error:  # noqa: BLE001 - the lifespan's, or the event's own: Lambda is to see it
            return Completion(work.name, work.outcomes(error), error=error)
        except BaseException as error:
            failure = work.late() if is_ours(error, work.deadline) else own_cancellation(error)
            if failure is None:
                raise
            return Completion(work.name, work.outcomes(failure), error=failure)
        completion = work.completion or self._respond(work)
        if work.chunks is not None or isinstance(completion.reply, Delivery):
            return await self._send(completion, work, here)
        return completion

    async def _find(self, work: Work, here: Here) -> None:
        """The verbs up to match."""
        if work.broken is not None:
            raise work.broken
        work.name = classify(work.raw)
        work.name, source, routes = self.registrar.find(work.name, work.raw)
        if source.reserve:
            work.deadline.reserve(source.reserve)
        if not self.environment.started:
            await self.environment.start(here)
        work.parent = self.environment.scope
        work.source, work.event = source, source.parse(work.raw, work.name)
        if source.prepares:
            await source.prepare(work.event, routes, work.context, in_loop=not here.driven)
        self._match(work, source, routes, source.match_all(work.event, routes))

    def _match(self, work: Work, source: Source, routes: Routes, items: list[Match | Outcome] | Series) -> None:
        """What becomes of the verbs split and match."""
        if not isinstance(items, list):
            work.take(items)
            return
        if source.wraps_unmatched and (work.middleware or work.rescues):
            items = [_nobodys(item) for item in items]
        if len(items) > 1 and source.is_ordered(work.event):
            items = [_keyed(source, item) for item in items]
        work.take(items)
        if routes.whole:
            work.grouped = True

    def _respond(self, work: Work) -> Completion:
        work.deadline.answering = True
        outcomes = work.outcomes()
        source = work.source
        if work.memory is not None and work.memory.short:
            self._warn(work, "memory is short: no more records were started", memory=work.memory.describe())
        if work.deadline.left_behind:
            self.environment.tainted = True
        try:
            reply = source.respond(work.event, outcomes)
        except Exception as error:  # noqa: BLE001 - respond raises what Lambda is to see
            self._report_all(work, outcomes, error)
            return Completion(work.name, outcomes, error=error)
        self._report_all(work, outcomes, None)
        return Completion(work.name, outcomes, reply)

    def _report_all(self, work: Work, outcomes: Sequence[Outcome], seen: Exception | None) -> None:
        """Log the failures, but for the error that Lambda sees: the runtime writes that, and of a group no member."""
        reported = 0
        for outcome in failed_of(outcomes):
            if outcome.error is not seen and work.source.reports(outcome):
                reported += 1
                if reported <= _MOST_LINES:
                    self._report(work, outcome)
        if reported > _MOST_LINES:
            self._warn(work, "more calls failed", calls=str(reported - _MOST_LINES))

    async def _send(self, completion: Completion, work: Work, here: Here) -> Completion:
        """See a reply to its end that is more than a value for Lambda: a stream, or a delivery."""
        if work.chunks is not None:
            from lambdarouter.engine.stream import finish  # noqa: PLC0415 - only for streams

            completion = await finish(work, completion, self._respond, here)
            if work.deadline.left_behind:
                self.environment.tainted = True
            return completion
        from lambdarouter.engine.delivery import deliver  # noqa: PLC0415 - few sources have any

        await deliver(completion, work, here)
        return completion

    def _abandon(self, work: Work) -> Completion:
        """Answer for an event whose code could not be stopped: what is done counts, the rest has failed."""
        self.environment.tainted = True
        if work.event is None:
            return Completion(work.name, error=work.late())
        completion = self._respond(work)
        if isinstance(completion.reply, Delivery):
            from lambdarouter.engine.delivery import deliver_late  # noqa: PLC0415 - few sources have any

            deliver_late(completion, work)
        elif work.chunks is not None:
            # Of a stream, nobody knows how far it got.
            completion.reply, completion.error = None, work.late()
        return completion

    def _report(self, work: Work, outcome: Outcome) -> None:
        who = "" if outcome.route is None else outcome.route.name
        self._log(work, outcome.error, "call failed", record=outcome.record.id, handler=who)

    def _warn(self, work: Work, message: str, **fields: str) -> None:
        self._log(work, None, message, **fields)

    def _log(self, work: Work, cause: Exception | None, message: str, **fields: str) -> None:
        from lambdarouter.core.log import report  # noqa: PLC0415 - only where something went wrong

        hurry, request_id = work.deadline.expired, work.context.request_id
        try:
            report(cause, message, hurry=hurry, request_id=request_id, source=work.name, **fields)
        except Exception as error:  # noqa: BLE001 - the app's own processors; no reply is lost for a log line
            sys.stderr.write(f"a failed call could not be logged: {type(error).__name__}: {error}\n")


# Of one event: a line is written in 10 to 100 µs, and thousands of records can fail just before the deadline.
_MOST_LINES = 100


def _let_go(work: Work, completion: Completion) -> None:
    """Drop what came of an event that is over.

    The frames of an error hold the work in turn, and with it the event, which only the garbage collector would find
    out. Code that was left behind may still ask.
    """
    if not work.deadline.left_behind:
        completion.outcomes = work.items = work.done = ()  # type: ignore[assignment] # nobody asks any more
        work.failed = None
        if work.series is not None:
            work.series.odd = {}


def _load_drive(*args: Any) -> Any:
    from lambdarouter.engine.loop import drive  # noqa: PLC0415 - asyncio: only where it is needed

    # Kept: to import it for each event takes 2,200 instructions of 125,000.
    global _drive  # noqa: PLW0603 - a module is loaded once for the process
    _drive = drive
    return drive(*args)


_drive: Callable[..., Any] = _load_drive


def _nobodys(item: Match | Outcome) -> Match | Outcome:
    """What no route took, as a call that only middleware sees."""
    if isinstance(item, Outcome) and not isinstance(item, Declined) and item.route is None:
        return Match(None, item.record, item)
    return item


def _keyed(source: Source, item: Match | Outcome) -> Match | Outcome:
    """A call with its ordering key; where the source cannot tell it, that record has failed."""
    if type(item) is Match:  # a whole batch has no key
        try:
            item.key = source.ordering_key(item.record.outermost)
        except Exception as error:  # noqa: BLE001 - the record's, or user code's
            return Outcome(item.record, item.route, error=error)
    return item


def _to_the_end(coroutine: Coroutine[Any, Any, None]) -> None:
    if not run_without_loop(coroutine)[0]:
        from lambdarouter.engine.loop import finish  # noqa: PLC0415 - asyncio: only where it is needed

        finish(coroutine)
