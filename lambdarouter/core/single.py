"""Sources whose event is one record, and those of them whose caller waits for a handler's value.

`SingleSource` is for what is delivered asynchronously: every matching handler runs, the reply is null or an error.
`SynchronousSource` is for a caller that waits for one value: the first route that takes the event answers it.
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.pattern import Patterns
from lambdarouter.core.route import Match, Outcome, Routes
from lambdarouter.core.source import Source
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.value import value_getter
from lambdarouter.core.view import Record, View
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.handler import Getter
    from lambdarouter.core.once import Repeats
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Route
    from lambdarouter.core.trigger import Shared

__all__ = ["FilterTrigger", "SingleRecord", "SingleSource", "SynchronousRoutes", "SynchronousSource", "plain"]


class SingleRecord(Record):
    """An event that is one record. `_id_path` leads to AWS's identifier of it, where there is one."""

    _id_path: tuple[str, ...] = ()
    # What `classify` called the event.
    classified = ""

    @property
    def id(self) -> str:
        """AWS's identifier, or "the event"."""
        found = self.peek(*self._id_path) if self._id_path else None
        return found or self.locate()


class SingleSource(Source):
    """The event is the one record.

    `views`: where the names of the source differ in shape, the view of each; `record` is then what these share.
    `value`: the record's attribute that holds a payload, as a JSON value (None where there is none, or `payload` names
    one that is text).
    """

    record: type[View] = SingleRecord
    views: Mapping[str, type[View]] = {}
    value: str | None = None

    def parse(self, event: Any, name: str) -> View:
        """The record."""
        view = self.views.get(name, self.record)(event)
        view.classified = name  # type: ignore[attr-defined] # of a SingleRecord
        return view

    def split(self, event: Any) -> Sequence[Record]:
        """The event is the one record."""
        return (event,)

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The view by its type, and for the one remaining parameter the payload."""
        wanted = parameter.annotation
        if wanted in self.views.values() and wanted is not self.record and parameter.marker is None:
            return self._provide_variant(parameter, trigger)
        if self.value is None:
            return super().provide(parameter, trigger)
        return self.provide_view(parameter) or value_getter(parameter, self.value)

    def _provide_variant(self, parameter: Parameter, trigger: Trigger) -> Getter:
        """The view of some names of the source: the trigger has to say that its events are of these."""
        wanted = parameter.annotation
        fitting = {name for name, view in self.views.items() if issubclass(view, wanted)}
        taken = set(trigger.names) if isinstance(trigger, FilterTrigger) and trigger.names else set(self.views)
        if not taken <= fitting:
            others = ", ".join(sorted(taken - fitting))
            msg = (
                f"the parameter {parameter.name!r} is a {wanted.__name__}, but the handler also gets events of another "
                f"shape ({others}): narrow its trigger, or annotate {self.record.__name__}"
            )
            raise ConfigurationError(msg)
        parameter.where = "record"
        return lambda match, invocation: match.record

    def choices(self) -> str:
        """What a parameter may be."""
        views = {view.__name__: None for view in (self.record, *self.views.values())}
        what = self.value or self.payload
        payload = f", one parameter for the {what}" if what else ""
        return f"{', '.join([*views, 'Context'])}, Annotated[T, Depends(f)]{payload}"


class SynchronousRoutes(Routes):
    """Routes of which exactly one answers: a second with the same filter would never run."""

    __slots__ = ()

    def add(self, route: Route) -> None:
        """Take a route in. Raises `ConfigurationError` where an earlier one takes all of its events."""
        for other in self.routes:
            if other.trigger.describe() == route.trigger.describe():
                msg = (
                    f"{other.place} already answers {route.trigger.describe() or 'every event of this source'}; its "
                    "caller gets one reply, so the second handler would never run"
                )
                raise ConfigurationError(msg)
        super().add(route)


class SynchronousSource(SingleSource):
    """The caller waits for one value: the handler's, as JSON. Routes are asked in order of registration."""

    routes: type[Routes] = SynchronousRoutes
    # What such events have for an id is often that of something they are about, in several of them.
    known_by_id: bool = False

    def repeats(self) -> Repeats:
        """With the value that was given."""
        from lambdarouter.core.once import Answers  # noqa: PLC0415 - only for routes that ask for it

        return Answers()

    def match(self, record: Any, routes: Any) -> Sequence[Match | Outcome]:
        """The first route that takes the record; where all that name it decline, the first of these."""
        return (self.match_first(record, routes),)

    def result(self, match: Match, value: Any) -> Any:
        """The value as plain JSON. Raises TypeError for what has no JSON form."""
        return plain(value)

    def respond(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """The one outcome's value, or its error."""
        super().respond(event, outcomes)
        return self.reply(event, outcomes[0])

    def reply(self, event: Any, outcome: Outcome) -> Any:
        """The reply for an outcome without an error: its value; null where the filter declined."""
        return None if outcome.status == "declined" else outcome.value


def plain(value: Any) -> Any:
    """Turn a value (models, dataclasses, dates …) into what JSON has: objects, arrays, strings, numbers, null."""
    if value is None or type(value) in (str, int, bool):
        return value
    return codec.decode(codec.encode(value), "reply")


class FilterTrigger(Trigger):
    """A trigger whose options are names or globs, which it compares with the record's attributes.

    `named`: the options that tell where the record came from: a record of elsewhere is not this route's. `wanted`:
    those that filter: other records are declined. None filters nothing. `names`: the classified names it takes, of a
    source that has several; none: all of them. `reads`: the record's attribute, for options that are called otherwise.
    """

    __slots__ = ("_named", "_wanted", "names")

    reads: Mapping[str, str] = {}

    def __init__(
        self,
        named: Mapping[str, str | Sequence[str] | None],
        wanted: Mapping[str, str | Sequence[str] | None] | None = None,
        *,
        names: tuple[str, ...] = (),
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(**shared)
        self._named = _patterns(named)
        self._wanted = _patterns(wanted or {})
        self.names: tuple[str, ...] = names

    def named(self, attribute: str) -> Patterns | None:
        """What an attribute that tells where the record came from has to be; None: anything."""
        return self._named.get(attribute)

    def claims(self, record: Any) -> bool:
        """By the attributes that tell where it came from."""
        if self.names and record.classified not in self.names:
            return False
        reads = self.reads
        return all(_fits(getattr(record, reads.get(name, name)), patterns) for name, patterns in self._named.items())

    def declines(self, record: Any) -> str | None:
        """By the attributes that filter."""
        for name, patterns in self._wanted.items():
            value = getattr(record, self.reads.get(name, name))
            if not _fits(value, patterns):
                return f"{name} is {value!r:.80}, not {patterns.text}"
        return None

    def describe(self) -> str:
        """The names, then the filters."""
        filters = {**self._named, **self._wanted}
        return " ".join([*self.names, *(f"{name}={patterns.text}" for name, patterns in filters.items())])


def _patterns(given: Mapping[str, str | Sequence[str] | None]) -> dict[str, Patterns]:
    return {name: Patterns(value, name) for name, value in given.items() if value is not None}


def _fits(value: Any, patterns: Patterns) -> bool:
    """Whether a name fits, or one of a list of names."""
    values = value if isinstance(value, list) else [value]
    return any(isinstance(each, str) and patterns.match(each) for each in values)
