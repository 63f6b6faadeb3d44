"""Source: how one kind of event is read and answered. Five of the six verbs are its methods.

A room subclasses `Source` and overrides what differs. Everything here is the commonest case: records that every
matching route handles, no order, and a reply that is null when all is well and an error when anything failed.

The family, of which a room takes the nearest:

    Source                  many records, every matching handler, null or an error: sns, s3
      SingleSource          the event is the one record: alarm, eventbridge (core/single.py)
        SynchronousSource   one handler, whose value its caller waits for: cognito, cloudfront (core/single.py)
          VerdictSource     a yes or a no, which is a no where anything fails: vpn_authorizer (core/verdict.py)
          HookSource        it may go on, it may not, or ask again: ecs_deployment (core/hook.py)
          ToldSource        success or failure, told through an API: codepipeline (core/told.py)
          ArgumentSource    a call whose arguments are parameters by name: connect, lex (core/argument.py)
            AgentSource     an agent's call, with its attributes: bedrock (core/agent.py)
      BatchSource           a handler for each record, or for the whole batch: mq, logs (core/batch.py)
        PartialSource       the reply names the records that failed: sqs, kafka (core/batch.py)
          StreamSource      of one shard, with windows: kinesis, dynamodb (core/window.py)
        PickingSource       one handler for each record, one answer for each: s3_batch (core/batch.py)
          TransformSource   a record in, a record out: firehose, analytics (core/transform.py)
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.handler import plan
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.route import Declined, Match, Outcome, Routes, failure_of
from lambdarouter.core.scalar import members_of, text_converter
from lambdarouter.core.view import Event, Record, View
from lambdarouter.errors import ConfigurationError, InvalidPayloadError, NoRouteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from lambdarouter.core.context import Context
    from lambdarouter.core.handler import Getter, Handler
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.once import Repeats
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.series import Series
    from lambdarouter.core.trigger import Trigger

__all__ = ["Source", "is_payload", "payload_getter", "whole_record"]


class Source:
    """The base of every room's source. Stateless: one instance serves all events of all apps.

    Class attributes: `names`, the classified names it takes; `adopts`, those it takes where the app has no route for
    them in the room that they belong to; `decorator`, how a user registers a route, for messages;
    `event` and `record`, its view types, which handlers may annotate; `payload`, the record's attribute that holds
    the sender's text (None where there is none); `routes`, the structure its routes are kept in; `wraps_unmatched`,
    whether the app's middleware also sees records that no route took; `prepares`, whether matching waits for `prepare`;
    `streams`, whether a handler may yield its reply piece by piece (`respond` then finds `Chunks` in the outcome, and
    returns a `Stream`): for events of one record; `reserve`, how many seconds of the invocation's time are kept for
    sending a `Delivery`; `encloses`, whether the payload of a record may be another source's event, which a route
    declares with `via=`; `known_by_id`, whether a record's id is its own and the same in every delivery, so that
    `once=True` can tell by it.
    """

    names: tuple[str, ...] = ()
    adopts: tuple[str, ...] = ()
    decorator: str = "@app.on(...)"
    event: type[Event] = Event
    record: type[View] = Record
    payload: str | None = None
    routes: type[Routes] = Routes
    wraps_unmatched: bool = False
    encloses: bool = False
    prepares: bool = False
    streams: bool = False
    reserve: float = 0.0
    known_by_id: bool = True

    def recognises(self, event: Any) -> bool:
        """Whether a third-party source takes this event; asked only where AWS's own sources do not."""
        return False

    def parse(self, event: Any, name: str) -> View:
        """Wrap the raw event in its view. Nothing is copied or validated."""
        return self.event(event)

    async def prepare(self, event: Any, routes: Any, context: Context, *, in_loop: bool) -> None:
        """Find out what matching needs to know and the event does not say; with `in_loop`, without blocking."""

    def split(self, event: Any) -> Sequence[Record]:
        """Cut the event into independent records: by default, its `Records`."""
        records = event.raw.get("Records") or ()
        return [self.record(raw, "Records", index) for index, raw in enumerate(records)]  # type: ignore[misc]

    def match(self, record: Any, routes: Any) -> Sequence[Match | Outcome]:
        """The calls to make for a record, and the outcomes that are already clear. At least one of either."""
        found: list[Match | Outcome] = []
        for route in routes:
            if route.trigger.claims(record):
                reason = route.trigger.declines(record)
                found.append(Match(route, record) if reason is None else self.decline(record, route, reason))
        return found or [self.unclaimed(record, routes)]

    def match_first(self, record: Any, routes: Any) -> Match | Outcome:
        """`match`, where exactly one answers: the first route that takes it; where all decline, the first of these."""
        declined: Outcome | None = None
        for route in routes:
            if route.trigger.claims(record):
                reason = route.trigger.declines(record)
                if reason is None:
                    return Match(route, record)
                declined = declined or self.decline(record, route, reason)
        return declined or self.unclaimed(record, routes)

    def match_all(self, event: Any, routes: Any) -> list[Match | Outcome] | Series:
        """Split an event and match each of its records; what goes wrong with one record is that record's outcome.

        Calls that differ in their record alone may be a `Series`.
        """
        items: list[Match | Outcome] = []
        envelopes = routes.envelopes
        for record in self.split(event):
            try:
                held = None if envelopes is None else envelopes.match(record)
                if held is not None:
                    items += held
                    if not any(route.trigger.claims(record) for route in routes):
                        continue
                items += self.match(record, routes)
            except Exception as error:  # noqa: BLE001 - a filter may be user code
                items.append(Outcome(record, error=error))
        return items

    def enclosed(self, content: Any) -> Any:
        """The event that the decoded content of an envelope is to this source, or None: by default the content."""
        return content

    def decline(self, record: Record, route: Any, reason: str) -> Outcome:
        """The outcome of a record that the route's filter refused."""
        if route.trigger.unmatched == "fail":
            error = NoRouteError(f'{route.name} declined {record.id} and has unmatched="fail": {reason}')
            return Outcome(record, route, error=error)
        return Declined(record, route, reason)

    def unclaimed(self, record: Any, routes: Any) -> Outcome:
        """The outcome of a record that no route names; `NoRouteError` says which decorator would take it."""
        known = ", ".join(sorted({route.trigger.describe() for route in routes})) or "none"
        msg = (
            f"no route for {self.origin(record)}: register a handler with {self.decorator} "
            f"(routes of this source: {known})"
        )
        return Outcome(record, error=NoRouteError(msg))

    def origin(self, record: Any) -> str:
        """What the record came from, for messages: "the SNS topic orders"."""
        return f"{self.names[0] if self.names else type(self).__name__} ({record.id})"

    def ordering_key(self, record: Any) -> str | None:
        """Records of one event with equal keys run one after the other, and not after a failure; None: no order."""
        return None

    def is_ordered(self, event: Any) -> bool:
        """Whether `ordering_key` is worth asking for this event's records: by default, if the source has one."""
        return type(self).ordering_key is not Source.ordering_key

    def respond(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """Fold the outcomes into the reply, or raise. By default null, or the failures: AWS then delivers again."""
        failure = failure_of(outcomes)
        if failure is not None:
            raise failure
        return None

    def short_reply(self, match: Match, value: Any) -> Any:
        """`respond` to an event whose one call returned this, in short; `EMPTY` where there is no short way.

        What it leaves out is the outcome, which nobody sees then.
        """
        return EMPTY

    def result(self, match: Match, value: Any) -> Any:
        """What a handler's value means to this source. Raising here makes it the record's failure."""
        return value

    def failed(self, match: Match, error: Exception) -> Outcome:
        """The outcome of a call that raised: by default, that error."""
        return Outcome(match.record, match.route, error=error)

    def settled(self, match: Match, outcome: Outcome) -> Outcome:
        """What an outcome means that middleware answered a call with: by default, itself. Raises as `result` does."""
        return outcome

    def rescuer(self, error: Exception, layers: Sequence[Mapping[Any, Handler]]) -> Handler | None:
        """The exception handler that answers in the place of the error of an event's one call.

        `layers` are what there is, innermost first.
        """
        return None

    def rescued(self, match: Match, value: Any) -> Outcome:
        """The outcome of a call that an exception handler answered with `value`; the error is in `match.ready`."""
        raise NotImplementedError

    def reports(self, outcome: Outcome) -> bool:
        """Whether a failed outcome that does not fail the invocation is worth an error in the log: by default, yes."""
        return True

    def repeats(self) -> Repeats:
        """What this source knows of records that come again, for routes with `once=`: by default, that ids tell."""
        from lambdarouter.core.once import Repeats  # noqa: PLC0415 - only for routes that ask for it

        return Repeats()

    def plan(self, fn: Callable[..., Any], trigger: Trigger) -> Handler:
        """Plan a handler of this source. Raises `ConfigurationError` for a signature that cannot be called."""
        handler = plan(
            fn, lambda parameter: self.provide(parameter, trigger), choices=self.choices(), streams=self.streams
        )
        for parameter in handler.parameters:
            if parameter.annotation is EMPTY and not parameter.where:
                msg = (
                    f"the parameter {parameter.name!r} has a default and no annotation, so no event would ever fill "
                    f"it: annotate it, as in `{parameter.name}: bool = False`, or settle it with functools.partial"
                )
                raise ConfigurationError(msg)
        return handler

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """How a handler's parameter is filled, or None where this source cannot.

        By default: the record or event view by its type, and for the one remaining parameter the payload (where only
        parameters with defaults remain, for the annotated one).
        """
        getter = self.provide_view(parameter)
        if getter is not None or self.payload is None or parameter.marker is not None or parameter.annotation is EMPTY:
            return getter
        if members_of(parameter.annotation) in ((str,), (bytes,)):  # with None or without
            getter = _converted(parameter, self.payload, _as_it_came(parameter, self.payload))
        else:
            getter = payload_getter(parameter, self.payload)
        if getter is None or parameter.required:
            return getter
        parameter.convert = None
        return _or_default(getter, self.payload, parameter.default)

    def provide_view(self, parameter: Parameter) -> Getter | None:
        """The record or the event, for a parameter annotated with its type or not annotated at all."""
        wanted = parameter.annotation
        if wanted is EMPTY and parameter.required:
            parameter.where = "record"
            return whole_record
        if parameter.marker is None and isinstance(wanted, type) and issubclass(wanted, View):
            if issubclass(self.record, wanted):
                parameter.where = "record"
                return whole_record
            if issubclass(self.event, wanted):
                parameter.where = "event"
                return _event
        return None

    def choices(self) -> str:
        """What a parameter may be, for the message where it is nothing of the sort."""
        views = {view.__name__: None for view in (self.record, self.event) if view not in (Record, Event)}
        payload = f", one parameter for the {self.payload}" if self.payload else ""
        return f"{', '.join([*views, 'Context'])}, Annotated[T, Depends(f)]{payload}"


def whole_record(match: Match, invocation: Invocation) -> Any:
    """The getter of a parameter for the record."""
    return match.record


def _event(match: Match, invocation: Invocation) -> Any:
    return invocation.event


def _or_default(get: Getter, attribute: str, default: Any) -> Getter:
    """The default where there is no payload."""
    return lambda match, invocation: default if getattr(match.record, attribute) is None else get(match, invocation)


def payload_getter(parameter: Parameter, attribute: str, what: str | None = None) -> Getter | None:
    """The record's `attribute` (its text) as the parameter's annotation: str and bytes as they came, else JSON.

    `what` names the text in errors; by default as the attribute is called. None for a class that holds no payload (it
    is neither plain data nor known to pydantic): someone forgot `Depends`.
    """
    declared, what = parameter.declared, what or attribute
    if not is_payload(parameter.annotation):
        return None
    if members_of(parameter.annotation) in ((str,), (bytes,)):  # with None or without
        return _converted(parameter, attribute, _as_it_came(parameter, what))
    if declared in (dict, list):
        return _converted(parameter, attribute, lambda text: _plain(text, declared, what))
    return _converted(parameter, attribute, codec.Decoder(declared, what))


def _converted(parameter: Parameter, attribute: str, convert: Callable[[Any], Any]) -> Getter:
    parameter.where, parameter.convert = "payload", convert
    return lambda match, invocation: convert(getattr(match.record, attribute))


def _as_it_came(parameter: Parameter, what: str) -> Callable[[Any], Any]:
    """The text, or its bytes, within the constraints that the annotation may add."""
    as_bytes, check = members_of(parameter.annotation) == (bytes,), None
    if parameter.declared is not parameter.annotation:
        check = text_converter(parameter.declared, (what,))

    def convert(value: Any) -> Any:
        if as_bytes and isinstance(value, str):
            value = value.encode("utf-8", "surrogatepass")
        elif not as_bytes and isinstance(value, bytes):
            value = codec.text(value, what)
        return value if check is None else check(value)

    return convert


def _plain(text: str | bytes, kind: type, what: str) -> Any:
    """JSON that must be an object (`dict`) or an array (`list`), without pydantic."""
    value = codec.decode(text, what)
    if not isinstance(value, kind):
        expected = "an object" if kind is dict else "an array"
        msg = f"the {what} is JSON, but not {expected}"
        raise InvalidPayloadError(
            msg, [{"loc": (what,), "msg": f"Input should be {expected}", "type": f"{kind.__name__}_type"}]
        )
    return value


def is_payload(annotation: Any) -> bool:
    """Whether data can be turned into this type: a builtin, a generic, an enum, a dataclass, a model, a TypedDict.

    Inside a generic `object` is any data, as `Any` is: `dict[str, object]`. On its own it says nothing, and is refused.
    """
    if getattr(annotation, "__args__", None):
        members = [item for item in annotation.__args__ if isinstance(item, type) and item not in (type(None), object)]
        return all(map(is_payload, members))
    if not isinstance(annotation, type) or (annotation.__module__, annotation.__name__) == ("typing", "Any"):
        return True  # Any (a class since 3.11), Literal, NewType, a type alias: pydantic's to judge
    marks = ("__pydantic_validator__", "__dataclass_fields__", "__total__", "_fields", "__get_pydantic_core_schema__")
    if any(hasattr(annotation, mark) for mark in marks):
        return True
    data = ("builtins", "datetime", "uuid", "decimal", "enum", "ipaddress", "pathlib", "collections")
    return any(base.__module__.partition(".")[0] in data for base in annotation.__mro__ if base is not object)
