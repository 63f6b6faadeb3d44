"""Work: an invocation as the engine sees it."""

from __future__ import annotations

from lambdarouter.core.context import Context, end_of
from lambdarouter.core.invocation import Invocation
from lambdarouter.core.route import Match, Outcome
from lambdarouter.engine.deadline import Deadline
from lambdarouter.errors import DeadlineExceeded, NotAttempted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from lambdarouter.core.handler import Handler
    from lambdarouter.core.invocation import Middleware
    from lambdarouter.core.route import Completion, Route
    from lambdarouter.core.series import Series
    from lambdarouter.core.source import Source
    from lambdarouter.core.stream import Chunks, Sink
    from lambdarouter.engine.memory import Memory
    from lambdarouter.engine.once import Lease

__all__ = ["Work"]


class Work(Invocation):
    """What is known of an event so far, for whoever has to answer for it: each verb of the engine adds to it."""

    source: Source
    # Whether it is known what there is to be done for the event: `take` was told.
    matched: bool = False
    # Calls to make and outcomes clear without one, in the order of the records.
    items: Sequence[Match | Outcome] = ()
    # The calls alone; `done[i]` is the outcome of `matches[i]`, None until it is there.
    matches: Sequence[Match] = ()
    done: list[Outcome | None]
    # The matches, where they differ in their record alone; it knows what came of them.
    series: Series | None = None
    # What went wrong with the event so far.
    broken: BaseException | None = None
    # What the one call returned, if it was made and there is more to it than that.
    returned: Any = None
    # The end, where the event needed no coroutine to get there.
    completion: Completion | None = None
    # What consumes a streamed reply; None where nothing streams.
    sink: Sink | None = None
    # What the one call failed with, until exception handlers have seen it.
    unrescued: Exception | None = None
    # What a call failed with that an exception handler has answered: its dependencies are to see it.
    failed: Exception | None = None
    # What handlers yield, to be closed when the event is done.
    chunks: list[Chunks] | None = None
    # Whether calls may be for many records at once, and share their outcome with them.
    grouped = False
    # Watched where several calls run.
    memory: Memory | None = None
    # Calls with once=, and their leases, that rely on what the calls of the event share.
    unsettled: list[tuple[int, Lease]]

    def __init__(  # noqa: PLR0917 - by position: one of these is made for every event
        self,
        raw: Any,
        context: Any,
        margin: float,
        middleware: Sequence[Middleware],
        rescues: Mapping[Any, Handler],
        sink: Sink | None = None,
    ) -> None:
        self.name = "invoke"
        self.parent: Invocation | None = None
        self.raw = raw
        # Lambda's own, and ours.
        self._context = context
        self._made: Context | None = None
        # What of AWS's events this one is; None until it is parsed.
        self.event: Any = None
        self.deadline: Deadline = Deadline(end_of(context), margin)
        self.middleware = middleware
        # The app's exception handlers; those of its routers stand in their routes.
        self.rescues = rescues
        if sink is not None:
            self.sink = sink

    if not TYPE_CHECKING:

        @property
        def context(self) -> Context:
            """Made when it is first asked for: most events need no more of it than their limit."""
            made = self._made
            if made is None:
                made = self._made = Context(self._context)
            return made

    def take(self, items: list[Match | Outcome] | Series) -> None:
        """What matching said of the event's records."""
        self.series = None
        self.items = items
        if not isinstance(items, list):
            self.matches = self.series = items
        else:
            self.matches = [item for item in items if isinstance(item, Match)]
            self.done = [None] * len(self.matches)
        self.matched = True  # last: where this is interrupted, nothing of it counts

    def take_call(self, matches: Any) -> None:
        """`take` where there is one call to make, and nothing else: as nearly always."""
        self.items = self.matches = matches
        self.done = [None]
        self.matched = True

    def has_rescues(self, route: Route | None) -> bool:
        """Whether any exception handler may see an error of this route's call."""
        return bool(self.rescues) or (route is not None and any(route.rescues))

    def outcomes(self, failure: Exception | None = None) -> Sequence[Outcome]:
        """One for each item; a call that is not done by now has failed with the event, or else was late."""
        if not self.matched:
            return []
        if self.series is not None:
            return self._of_series(self.series, failure)
        done = self.done
        if None in done:
            done = [
                outcome or Outcome(match.record, match.route, error=failure or self._undone(match))
                for match, outcome in zip(self.matches, done, strict=True)
            ]
        if len(done) < len(self.items):
            ran = iter(done)
            done = [next(ran) if isinstance(item, Match) else item for item in self.items]
        if self.grouped:
            done = [each for one in done for each in _apart(one)]
        return done  # type: ignore[return-value]

    def _of_series(self, series: Series, failure: Exception | None) -> Sequence[Outcome]:
        from lambdarouter.core.series import UNDONE, Outcomes  # noqa: PLC0415 - loaded: it is there

        # Asked without their indexes first: nearly always, all of them are done.
        if [True for value in series.values if value is UNDONE]:
            for index, value in enumerate(series.values):
                if value is UNDONE and index not in series.odd:
                    match = series[index]
                    series.odd[index] = Outcome(match.record, match.route, error=failure or self._undone(match))
        return Outcomes(series)

    def _undone(self, match: Match) -> Exception:
        if self.memory is not None and self.memory.short and not self.deadline.expired:
            return NotAttempted(f"{match.record.id} was not started: {self.memory.describe()}")
        return DeadlineExceeded(_late(match))

    def late(self) -> DeadlineExceeded:
        """The error of an event that could not be answered any other way in time."""
        return DeadlineExceeded(
            f"the {self.name} event was not done {self.deadline.margin:g} s before the invocation's deadline"
        )


def _apart(outcome: Any) -> Sequence[Outcome]:
    """One outcome for each record of a whole-batch handler's call."""
    apart = getattr(outcome.record, "apart", None)
    return (outcome,) if apart is None else apart(outcome)


def _late(match: Match) -> str:
    who = "it" if match.route is None else match.route.name
    return f"{who} was not done with {match.record.id} before the invocation's deadline, less deadline_margin"
