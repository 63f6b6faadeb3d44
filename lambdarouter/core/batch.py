"""Batches: sources of many records that can report which of them failed, and handlers that take all of them at once.

A `BatchSource` calls a handler for each record, or once for the whole batch where a parameter is annotated as a list
of its records (`batch: list[SqsRecord]`). A `PartialSource` replies with the failed records, which alone are delivered
again, if the event source mapping has `ReportBatchItemFailures`; what it has for a `partial=False` route raises.
"""

from __future__ import annotations

from lambdarouter.core.envelope import hops_of
from lambdarouter.core.route import Declined, Match, Outcome, Routes, failed_of, failure_of
from lambdarouter.core.series import Outcomes, series_of
from lambdarouter.core.source import Source
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.view import Record
from lambdarouter.errors import ConfigurationError, InvalidEventError, InvalidPayloadError, NotAttempted, PartialFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Literal, Unpack

    from lambdarouter.core.envelope import Via
    from lambdarouter.core.handler import Getter, Handler
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.once import Repeats
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Registry, Route
    from lambdarouter.core.series import Series
    from lambdarouter.core.trigger import Shared

    class BatchShared(Shared, total=False):
        """The options of every trigger of a `BatchSource`."""

        on_invalid: Literal["fail", "drop"]

    class PartialShared(BatchShared, total=False):
        """The options of every trigger of a `PartialSource`."""

        partial: bool
        via: Via


__all__ = [
    "Batch",
    "BatchMatch",
    "BatchRoutes",
    "BatchSource",
    "BatchTrigger",
    "Dropped",
    "PartialSource",
    "PartialTrigger",
    "PickingSource",
    "takes_batch",
]


class BatchTrigger(Trigger):
    """The base of triggers whose source sends many records.

    `on_invalid`: what becomes of a record whose payload does not fit the handler's annotation: it may "fail" (and come
    again, and again, and end in a dead-letter queue where there is one), or be dropped with a line in the log ("drop").
    `shared`: the options of every trigger.
    """

    __slots__ = ("on_invalid",)

    def __init__(self, *, on_invalid: Literal["fail", "drop"] = "fail", **shared: Unpack[Shared]) -> None:
        super().__init__(**shared)
        if on_invalid not in ("fail", "drop"):
            msg = f'on_invalid is {on_invalid!r}; it is "fail" or "drop"'
            raise ConfigurationError(msg)
        self.on_invalid = on_invalid


class PartialTrigger(BatchTrigger):
    """The base of triggers whose source can be told which records failed.

    `partial`: whether the event source mapping has `ReportBatchItemFailures`. The event does not show it; without it
    AWS ignores the reply and takes every record for done, so then it has to be False: any failure raises.
    `via`: "pipes:target" or "pipes:enrichment" where a pipe of EventBridge hands the records over. `shared`: the
    options of every batch trigger.
    """

    __slots__ = ("partial", "via")

    def __init__(self, *, partial: bool = True, via: Via = None, **shared: Unpack[BatchShared]) -> None:
        super().__init__(**shared)
        self.via: tuple[Any, ...] = hops_of(via)
        if type(partial) is not bool:
            msg = f"partial is {partial!r}; it is True or False"
            raise ConfigurationError(msg)
        self.partial: bool = partial


class BatchRoutes(Routes):
    """Routes of a batch source; those in `whole` are called once for all of their records."""

    __slots__ = ("whole",)

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self.whole: list[Route] = []

    def add(self, route: Route) -> None:
        """Take a route in. Raises `ConfigurationError` for one that takes the batch and a record of it."""
        if takes_batch(route.handler):
            other = next((p.name for p in _parameters(route.handler) if p.where not in _OF_A_BATCH), None)
            if other is not None:
                msg = (
                    f"the parameter {other!r} is of one record, and the handler takes the whole batch: take it from "
                    "the records of the list"
                )
                raise ConfigurationError(msg)
            self.whole.append(route)
        super().add(route)


def takes_batch(handler: Handler) -> bool:
    """Whether the handler, or what it depends on, has a parameter for the list of its records."""
    return any(parameter.where == "batch" for parameter in _parameters(handler))


def _parameters(handler: Handler) -> list[Parameter]:
    return [*handler.parameters, *(p for each in handler.dependencies for p in each.handler.parameters)]


# Where a parameter of a whole-batch handler may come from; "": no event fills it.
_OF_A_BATCH = ("batch", "event", "window", "")


class Batch(Record):
    """What a whole-batch handler is called for: the `records` of one event that its route takes."""

    def __init__(self, records: list[Any]) -> None:
        super().__init__([])
        self.records = records

    def take(self, record: Record) -> None:
        """Add a record."""
        self.records.append(record)
        self.raw.append(record.raw)

    @property
    def id(self) -> str:
        """The first record's id, and how many more there are."""
        if not self.records:
            return "no records"
        more = f" and {len(self.records) - 1} more" if len(self.records) > 1 else ""
        return f"{self.records[0].id}{more}"

    def apart(self, outcome: Outcome) -> Sequence[Outcome]:
        """The call's outcome, as one for each record. Without any record, it stands for itself."""
        if not self.records:
            return (outcome,)
        failed: Any = ()
        error = outcome.error
        if isinstance(error, PartialFailure):
            failed = error.failed
        elif error is None:
            failed = _named(outcome.value)
            error = PartialFailure(failed)
        else:
            return [Outcome(record, outcome.route, error=error) for record in self.records]
        # AWS's own name for a record (a sequence number) is as good as its id.
        identify = getattr(getattr(outcome.route, "source", None), "identifier", lambda record: record.id)
        known = {identify(record): record.id for record in self.records} | {each.id: each.id for each in self.records}
        marks = {item.id if isinstance(item, Record) else item for item in failed if isinstance(item, (Record, str))}
        strange = len(marks) < len(failed) and any(not isinstance(item, (Record, str)) for item in failed)
        if strange or not marks <= known.keys():
            # Whatever it meant: none of these may be taken for done.
            msg = (
                f"a whole-batch handler returned or raised {failed!r:.200}, which does not name records of its batch: "
                "return None, or a list of the failed records or of their ids"
            )
            wrong = TypeError(msg)
            return [Outcome(record, outcome.route, error=wrong) for record in self.records]
        marks = {known[mark] for mark in marks}
        return [
            Outcome(record, outcome.route, error=error) if record.id in marks else Outcome(record, outcome.route)
            for record in self.records
        ]


def _named(value: Any) -> Any:
    """The failed records in what a handler returned: None, a list of them, or the reply that AWS documents."""
    if isinstance(value, dict) and isinstance(listed := value.get("batchItemFailures"), list):
        return [item.get("itemIdentifier") if isinstance(item, dict) else item for item in listed]
    if value is None:
        return ()
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


class Dropped(Declined):
    """A record whose payload did not fit, of a route with `on_invalid="drop"`."""

    __slots__ = ()


class BatchSource(Source):
    """A source of many records.

    `groups`: whether a handler may take all of them at once. `whence`: the record's key whose value alone decides which
    triggers claim it (the queue's ARN), so that they are asked once for each value; "" where it takes more.
    """

    routes: type[Routes] = BatchRoutes
    groups: bool = True
    whence: str = ""

    def match_all(self, event: Any, routes: Any) -> list[Match | Outcome] | Series:
        """Match each record; those of a whole-batch route are one call."""
        if self.whence and routes.envelopes is None:
            series = None if routes.whole else series_of(self, event, routes)
            if series is not None:
                return series
            items = self._match_each(event, routes)
        else:
            items = super().match_all(event, routes)  # type: ignore[assignment] # records of any kind: no series
        return _gathered(items, routes.whole) if routes.whole else items

    def is_ordered_by(self, origin: Any) -> bool:
        """Whether records of this origin may have ordering keys: by default, if the source has any."""
        return type(self).ordering_key is not Source.ordering_key

    def _match_each(self, event: Any, routes: Any) -> list[Match | Outcome]:
        """Match each record, as `match` does, with the work done once that is the same for all of one origin."""
        items: list[Match | Outcome] = []
        known: dict[str, list[tuple[Route, bool]]] = {}
        whence = self.whence
        for record in self.split(event):
            try:
                raw: Any = record.raw
                origin = raw.get(whence) if type(raw) is dict else None
                claimed = known.get(origin) if type(origin) is str else None
                if claimed is None:
                    claimed = [(each, each.trigger.is_filtered) for each in routes if each.trigger.claims(record)]
                    if type(origin) is str:
                        known[origin] = claimed
                for route, filtered in claimed:
                    reason = route.trigger.declines(record) if filtered else None
                    items.append(Match(route, record) if reason is None else self.decline(record, route, reason))
                if not claimed:
                    items.append(self.unclaimed(record, routes))
            except Exception as error:  # noqa: BLE001 - a filter may be user code
                items.append(Outcome(record, error=error))
        return items

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """`list[SqsRecord]` (of the source's record) is the whole batch."""
        declared = parameter.annotation
        if parameter.marker is None and getattr(declared, "__origin__", None) is list:
            (of,) = declared.__args__
            if isinstance(of, type) and issubclass(of, Record) and issubclass(self.record, of):
                if not self.groups:
                    msg = f"{self.decorator} calls its handlers for one record at a time: take a {of.__name__}"
                    raise ConfigurationError(msg)
                parameter.where = "batch"
                return _records
        return super().provide(parameter, trigger)

    def choices(self) -> str:
        """What a parameter may be."""
        batch = f"list[{self.record.__name__}] for the whole batch, " if self.groups else ""
        return batch + super().choices()

    def failed(self, match: Match, error: Exception) -> Outcome:
        """The error, or with `on_invalid="drop"` a payload that does not fit is dropped, and logged."""
        route = match.route
        drops = route is not None and getattr(route.outermost, "on_invalid", "") == "drop"
        if drops and isinstance(error, InvalidPayloadError):
            from lambdarouter.core.log import logger  # noqa: PLC0415 - only where something is dropped

            logger().warning("record dropped", record=match.record.id, error=f"{type(error).__name__}: {error}")
            return Dropped(match.record, route, f"dropped: {error}")
        return super().failed(match, error)

    def reports(self, outcome: Outcome) -> bool:
        """Not for what was never run: the failure before it, or the memory, has a line of its own."""
        return not isinstance(outcome.error, NotAttempted)


def _records(match: Match, invocation: Invocation) -> Any:
    return match.record.records


class BatchMatch(Match):
    """The one call for many records; the engine asks for no ordering key."""


def _gathered(items: Iterable[Match | Outcome], whole: Sequence[Route]) -> list[Match | Outcome]:
    gathered: list[Match | Outcome] = []
    calls: dict[int, Match] = {}
    for item in items:
        if not isinstance(item, Match) or item.route not in whole:
            gathered.append(item)
            continue
        call = calls.get(id(item.route))
        if call is None:
            call = calls[id(item.route)] = BatchMatch(item.route, Batch([]))
            gathered.append(call)
        call.record.take(item.record)
    return gathered


class PickingSource(BatchSource):
    """A source that wants one answer for each record: that of the first route whose filter accepts it."""

    groups = False
    known_by_id = False  # these are ids within one event

    def repeats(self) -> Repeats:
        """With the answer that was given."""
        from lambdarouter.core.once import Answers  # noqa: PLC0415 - only for routes that ask for it

        return Answers()

    def match(self, record: Any, routes: Any) -> Sequence[Match | Outcome]:
        """The one call; where every filter says no, the first one's outcome."""
        return [self.match_first(record, routes)]


class PartialSource(BatchSource):
    """A source that is told which of its records failed.

    `rest_fails`: whether the records of a failed one's ordering key that come after it are reported with it, because
    AWS would else delete them, and deliver the failed one after them.
    """

    rest_fails: bool = False

    def identifier(self, record: Any) -> Any:
        """How the reply names the record, or None where AWS gave it no name: an unknown one fails the whole batch."""
        return record.id

    def delivered(self, record: Any) -> Any:
        """What AWS delivers again for a record: the record of the event that it is, or came in."""
        return record.outermost

    def respond(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """The failed records. Raises where every record failed, and where a route has `partial=False`."""
        return self.reply(event, self._failures(outcomes))

    def reply(self, event: Any, failures: Sequence[Any]) -> Any:
        """The reply for these identifiers."""
        return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failures]}

    def _failures(self, outcomes: Sequence[Outcome]) -> list[Any]:
        failures = failed_of(outcomes)
        if not failures:
            return []
        if isinstance(outcomes, Outcomes):
            # Each is of a record of its own, and in no order: the others have no say.
            reported = [self.delivered(outcome.record) for outcome in failures]
            whole = len(failures) == len(outcomes) or not _is_partial(failures[0].route)
        else:
            failed = {id(self.delivered(outcome.record)) for outcome in failures}
            records = {id(record): record for record in (self.delivered(outcome.record) for outcome in outcomes)}
            reported = self._reported(list(records.values()), failed)
            whole = len(failed) == len(records) or not all(_is_partial(outcome.route) for outcome in outcomes)
        # Without ReportBatchItemFailures AWS ignores the reply and takes all records for done: so where there is
        # nothing to tell the failed ones from, raising is the safer way to say it.
        if whole:
            raise failure_of(outcomes) or AssertionError
        identifiers = [self.identifier(record) for record in reported]
        if None in identifiers:
            msg = "a record that failed has no identifier to report it by, so the whole batch has failed"
            raise InvalidEventError(msg) from failure_of(outcomes)
        return identifiers

    def _reported(self, records: list[Any], failed: set[int]) -> list[Any]:
        if not self.rest_fails:
            return [record for record in records if id(record) in failed]
        stopped, reported = set(), []
        for record in sorted(records, key=_position):
            key = self._key(record)
            if id(record) in failed or key in stopped:
                reported.append(record)
                if key is not None:
                    stopped.add(key)
        return reported

    def _key(self, record: Any) -> str | None:
        try:
            return self.ordering_key(record)
        except Exception:  # noqa: BLE001 - where it cannot be told, the record has failed for it
            return None


def _is_partial(route: Route | None) -> bool:
    return route is None or getattr(route.outermost, "partial", True)


def _position(record: Record) -> int:
    return record._index or 0  # noqa: SLF001 - a view of our own
