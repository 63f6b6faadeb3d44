"""The way of an event: classify, parse, split, match, run, respond.

`Engine.invoke` is the one path; `Engine.call` drives the same coroutine without an event loop as far as that goes.
"""

from __future__ import annotations

from lambdarouter.core.context import Context
from lambdarouter.core.invocation import Invocation, current
from lambdarouter.core.route import Completion, Delivery, Match, Outcome
from lambdarouter.engine.deadline import Deadline, Interrupted
from lambdarouter.engine.drive import Here, run_without_loop
from lambdarouter.engine.run import Work, is_ours, run
from lambdarouter.errors import DeadlineExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lambdarouter.core.route import Settings
    from lambdarouter.core.source import Source
    from lambdarouter.core.view import View
    from lambdarouter.engine.environment import Environment
    from lambdarouter.engine.middleware import Middleware
    from lambdarouter.engine.registrar import Registrar

__all__ = ["Engine"]


class _Flight:
    """One event on its way through the engine: what is known of it so far, for whoever has to answer in its stead."""

    __slots__ = ("context", "deadline", "event", "items", "name", "source", "view", "work")

    def __init__(self, event: Any, context: Context, deadline: Deadline) -> None:
        self.event = event
        self.context = context
        self.deadline = deadline
        self.name = "invoke"
        self.source: Source | None = None
        self.view: View | None = None
        # Calls to make and outcomes clear without one, in the order of the records.
        self.items: Sequence[Match | Outcome] = ()
        self.work: Work | None = None

    def outcomes(self) -> list[Outcome]:
        """One for each item; what is not done by now has exceeded the deadline."""
        results = [] if self.work is None else self.work.results()
        if len(results) == len(self.items):
            return results
        ran = iter(results)
        return [next(ran) if type(item) is Match else item for item in self.items]  # type: ignore[misc]


class Engine:
    """An app's engine: its routes, its settings, its middleware, its environment."""

    __slots__ = ("environment", "middleware", "registrar", "settings")

    def __init__(self, registrar: Registrar, settings: Settings, environment: Environment) -> None:
        self.registrar = registrar
        self.settings = settings
        self.environment = environment
        self.middleware: list[Middleware] = []

    def call(self, event: Any, raw_context: Any) -> Completion:
        """Handle an event in this thread; an event loop is used only where something awaits or several calls run."""
        flight = self._flight(event, raw_context)
        flight.deadline.start()
        try:
            coroutine = self._fly(flight, Here(driven=True))
            done, completion = run_without_loop(coroutine)
            if not done:
                from lambdarouter.engine.loop import drive  # noqa: PLC0415 - asyncio: only where it is needed

                completion = drive(coroutine, flight.deadline, lambda: self._abandon(flight))
        except Interrupted:
            # Between the call and the engine's own code: what is done counts, the rest is late.
            completion = self._abandon(flight)
        finally:
            flight.deadline.finish()
            current.set(None)
        return completion  # type: ignore[no-any-return]

    async def invoke(self, event: Any, raw_context: Any) -> Completion:
        """Handle an event in the running event loop."""
        import asyncio  # noqa: PLC0415 - the caller runs a loop

        flight = self._flight(event, raw_context)
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._fly(flight, Here(driven=False)))
        over = asyncio.Event()
        task.add_done_callback(lambda _: over.set())
        flight.deadline.start()
        flight.deadline.enter(loop, task, over.set)
        try:
            await over.wait()
            return task.result() if task.done() else self._abandon(flight)
        finally:
            flight.deadline.finish()
            if not flight.deadline.stopped:
                task.cancel()  # does nothing to a task that is done: this is for a caller that was cancelled

    def _flight(self, event: Any, raw_context: Any) -> _Flight:
        context = Context(raw_context)
        return _Flight(event, context, Deadline(context, self.settings.deadline_margin))

    async def _fly(self, flight: _Flight, here: Here) -> Completion:
        try:
            flight.name, source, routes = self.registrar.find(flight.event)
            if not self.environment.started:
                await self.environment.start(here)
            flight.source = source
            flight.view = source.parse(flight.event, flight.name)
            self._match(flight, routes)
            if flight.work is not None:
                await run(flight.work, here)
        except Exception as error:  # noqa: BLE001 - the lifespan's, or the event's own: Lambda is to see it
            return Completion(flight.name, flight.outcomes(), error=error)
        except BaseException as error:
            if not is_ours(error, flight.deadline):
                raise
            return Completion(flight.name, flight.outcomes(), error=_late(flight))
        return await self._finish(flight, here)

    def _match(self, flight: _Flight, routes: Any) -> None:
        """The verbs split and match; what goes wrong with one record is that record's outcome."""
        source: Any = flight.source
        items: list[Match | Outcome] = []
        for record in source.split(flight.view):
            try:
                items += source.match(record, routes)
            except Exception as error:  # noqa: BLE001 - a filter may be user code
                items.append(Outcome(record, error=error))
        if source.wraps_unmatched and self.middleware:
            items = [item if type(item) is Match else Match(None, item.record, item) for item in items]  # type: ignore[arg-type]
        flight.items = items
        matches = [item for item in items if type(item) is Match]
        if matches:
            invocation = Invocation(flight.name, flight.view, flight.context, self.environment.scope)  # type: ignore[arg-type]
            flight.work = Work(source, invocation, matches, flight.deadline, self.middleware)

    async def _finish(self, flight: _Flight, here: Here) -> Completion:
        """The verb respond, and the delivery of a reply that travels another way."""
        outcomes = flight.outcomes()
        source: Any = flight.source
        try:
            reply = source.respond(flight.view, outcomes)
            if type(reply) is Delivery:
                reply = await self._deliver(reply, flight, here)
        except Exception as error:  # noqa: BLE001 - respond raises what Lambda is to see
            return Completion(flight.name, outcomes, error=error)
        for outcome in outcomes:
            if outcome.error is not None and source.reports(outcome):
                self._report(flight, outcome)
        return Completion(flight.name, outcomes, reply)

    async def _deliver(self, delivery: Delivery, flight: _Flight, here: Here) -> Any:
        try:
            flight.deadline.inside = here.driven
            sent = delivery.send()
            if sent is not None:
                await here.loop()
                await sent
        except BaseException as error:
            if not is_ours(error, flight.deadline):
                raise
            raise _late(flight) from error
        finally:
            flight.deadline.inside = False
        return delivery.reply

    def _abandon(self, flight: _Flight) -> Completion:
        """Answer for an event whose code could not be stopped: what is done counts, the rest has failed."""
        self.environment.tainted = True
        if flight.source is None or flight.view is None:
            return Completion(flight.name, error=_late(flight))
        coroutine = self._finish(flight, Here(driven=True))
        done, completion = run_without_loop(coroutine)
        if not done:
            coroutine.close()
            return Completion(flight.name, flight.outcomes(), error=_late(flight))
        return completion  # type: ignore[no-any-return]

    def _report(self, flight: _Flight, outcome: Outcome) -> None:
        from lambdarouter.core.log import logger  # noqa: PLC0415 - structlog: only where something went wrong

        logger().error(
            "call failed",
            exc_info=outcome.error,
            request_id=flight.context.request_id,
            source=flight.name,
            record=outcome.record.id,
            handler="" if outcome.route is None else outcome.route.name,
        )


def _late(flight: _Flight) -> DeadlineExceeded:
    return DeadlineExceeded(
        f"the {flight.name} event was not done {flight.deadline.margin:g} s before the invocation's deadline"
    )
