"""Series: the calls of one event that differ in their record alone, and what came of them.

A batch may have 10,000 records, nearly always of one origin and for one handler, which mostly does well. What is the
same for all of them is said once; a record's view, its match and its outcome are made where somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Sequence

from lambdarouter.core.codec import Decoder
from lambdarouter.core.route import Match, Outcome
from lambdarouter.core.source import Source, whole_record
from lambdarouter.core.view import text_key
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, overload

    from lambdarouter.core.batch import BatchSource
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.route import Route
    from lambdarouter.core.view import Record

    # A function of a raw record and its index; the key of a text in the record, and a function of that text.
    Call = Callable[[Any, int], Any]
    Text = tuple[str, Callable[[str], Any]] | tuple[None, None]

__all__ = ["UNDONE", "Outcomes", "Series", "series_of"]

# In the place of a handler's value, while there is none.
UNDONE: Any = type("UNDONE", (), {"__repr__": lambda _: "UNDONE"})()


class Series(Sequence[Match]):
    """The calls of `route` for the raw `records` of an event, which stand there in the list of that `name`.

    `values` are what the handler returned, or `UNDONE`; `odd` are the outcomes that are more than a value.
    """

    __slots__ = ("name", "odd", "records", "route", "values")

    def __init__(self, route: Route, records: Sequence[Any], name: str) -> None:
        self.route: Route = route
        self.records: Sequence[Any] = records
        self.name: str = name
        self.values: list[Any] = [UNDONE] * len(records)
        self.odd: dict[int, Outcome] = {}

    def __len__(self) -> int:
        return len(self.records)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> Match: ...
        @overload
        def __getitem__(self, index: slice) -> list[Match]: ...

    def __getitem__(self, index: int | slice) -> Match | list[Match]:
        if isinstance(index, slice):
            return [self[each] for each in range(len(self))[index]]
        return Match(self.route, self.record(range(len(self))[index]))

    def record(self, index: int) -> Record:
        """The view of a record: another one each time."""
        view: Any = self.route.source.record
        record: Record = view(self.records[index], self.name, index)
        return record

    def ways(self, invocation: Invocation) -> tuple[Call, Text]:
        """How the handler is called: for any record; and for the text under a key of it, where it takes nothing else.

        The function of the text gives the handler's argument. It may raise anything: the call says what is wrong.
        """
        handler, view, name = self.route.handler, self.route.source.record, self.name
        fn, getters = handler.fn, handler.getters
        if not getters:
            return lambda raw, index: fn(), (None, None)
        if len(getters) > 1 or getters[0][0].keyword:
            return lambda raw, index: handler.call(self[index], invocation), (None, None)
        if getters[0][1] is whole_record:
            return lambda raw, index: fn(view(raw, name, index)), (None, None)
        return lambda raw, index: handler.call(self[index], invocation), self._text(getters[0][0].convert)

    def _text(self, convert: Callable[[Any], Any] | None) -> Text:
        source = self.route.source
        key = text_key(source.record, source.payload or "")
        if key is None or convert is None:
            return None, None
        try:
            return key, convert.bare() if type(convert) is Decoder else convert
        except ConfigurationError:
            return None, None  # which is each record's failure


def series_of(source: BatchSource, event: Any, routes: Any) -> Series | None:
    """The event's records as one series: all of one origin, which is one route's, and in no order.

    None where they differ, and where the source finds its records elsewhere or makes something of what is returned.
    """
    kind, records = type(source), event.raw.get("Records")
    if type(records) is not list or len(records) < 2:  # noqa: PLR2004 - one is no series
        return None
    if kind.split is not Source.split or kind.result is not Source.result:
        return None
    try:
        whence, origin = source.whence, records[0][source.whence]
        # Compared, not put into a set: these strings came from JSON, and each would be hashed for the first time.
        if [True for record in records if record[whence] != origin] or source.is_ordered_by(origin):
            return None
        first: Any = source.record(records[0], "Records", 0)
        claimed = [route for route in routes if route.trigger.claims(first)]
    except Exception:  # noqa: BLE001 - a record without its origin, or one that is no text: to be told one by one
        return None
    if len(claimed) != 1 or claimed[0].trigger.is_filtered:
        return None
    return Series(claimed[0], records, "Records")


class Outcomes(Sequence[Outcome]):
    """One outcome for each call of a series that is over."""

    __slots__ = ("_made", "_series", "failed")

    def __init__(self, series: Series) -> None:
        self._series = series
        # A thread that was left behind may still add to them.
        self._made = odd = dict(series.odd)
        # Those that hold an error.
        self.failed: list[Outcome] = [odd[index] for index in sorted(odd) if odd[index].error is not None]

    def __len__(self) -> int:
        return len(self._series)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> Outcome: ...
        @overload
        def __getitem__(self, index: slice) -> list[Outcome]: ...

    def __getitem__(self, index: int | slice) -> Outcome | list[Outcome]:
        series = self._series
        if isinstance(index, slice):
            return [self[each] for each in range(len(self))[index]]
        index = range(len(self))[index]
        outcome = self._made.get(index)
        if outcome is None:
            outcome = self._made[index] = Outcome(series.record(index), series.route, series.values[index])
        return outcome

    def __repr__(self) -> str:
        return repr(list(self))
