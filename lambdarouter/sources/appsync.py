"""AppSync: a handler for each field that a Lambda function resolves.

::

    @app.appsync("Query", "order")
    def read(order_id: int, event: AppSyncEvent) -> Order | None: ...


    @app.appsync("Order", "customer")
    async def customers(batch: list[AppSyncEvent]) -> list[dict | Exception]: ...

`type_name` and `field_name` are names or globs, or lists of them. Parameters are the field's arguments, by name
(`order_id` takes `orderId` too), validated into their annotations; `AppSyncEvent` is passed by its type. The field gets
the value as JSON.

A resolver that batches sends several fields at once. A plain handler is called for each, side by side; one that takes
`list[AppSyncEvent]` is called once, and returns a list with a value, or an exception, for each.

Delivery: synchronous, within AppSync's 30 seconds. A handler that raises fails its field, or in a batch that item, with
the error's type and message. So does a field that no route names.
https://docs.aws.amazon.com/appsync/latest/devguide/direct-lambda-reference.html
"""

from __future__ import annotations

from lambdarouter.core.argument import ArgumentSource
from lambdarouter.core.check import check_characters
from lambdarouter.core.conversion import any_value, map_of_headers, object_if_any
from lambdarouter.core.route import Outcome, failure_of
from lambdarouter.core.single import FilterTrigger, SingleRecord, plain
from lambdarouter.core.view import Event, View, field
from lambdarouter.errors import ConfigurationError, InvalidEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.handler import Getter
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match, Route
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared, Trigger

__all__ = ["AppSyncBatch", "AppSyncEvent", "AppSyncIdentity", "AppSyncSource", "AppSyncTrigger"]


def _strings(raw: Any) -> list[str]:
    return [each for each in raw if isinstance(each, str)] if isinstance(raw, list) else []


class AppSyncIdentity(View):
    """Who calls: what there is depends on how the API authorizes. What is not there reads as empty."""

    sub: str = field("sub", default="")
    username: str = field("username", default="")
    issuer: str = field("issuer", default="")
    claims: dict[str, Any] = field("claims", of=object_if_any, default=dict)
    groups: list[str] = field("groups", of=_strings, default=list)
    source_ip: list[str] = field("sourceIp", of=_strings, default=list)
    # With IAM.
    account_id: str = field("accountId", default="")
    user_arn: str = field("userArn", default="")
    cognito_identity_id: str = field("cognitoIdentityId", default="")
    # With a Lambda authorizer.
    resolver_context: dict[str, Any] = field("resolverContext", of=object_if_any, default=dict)


def _identity(raw: Any) -> AppSyncIdentity | None:
    return AppSyncIdentity(raw, "identity") if isinstance(raw, dict) else None


class AppSyncEvent(SingleRecord):
    """One field to resolve.

    https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html
    """

    arguments: dict[str, Any] = field("arguments", of=object_if_any, default=dict)
    # None with an API key.
    identity: AppSyncIdentity | None = field("identity", of=_identity, default=None)
    # The object that the field belongs to, None at the root.
    source: Any = field("source", of=any_value, default=None)
    headers: dict[str, str] = field("request", "headers", of=map_of_headers, default=dict)
    stash: dict[str, Any] = field("stash", of=object_if_any, default=dict)
    prev: dict[str, Any] = field("prev", of=object_if_any, default=dict)
    variables: dict[str, Any] = field("info", "variables", of=object_if_any, default=dict)
    # What of the value is asked for, such as ["id", "customer/name"].
    selection: list[str] = field("info", "selectionSetList", of=_strings, default=list)

    # The whole batch, for a handler that takes it.
    batch: list[AppSyncEvent]

    @property
    def type_name(self) -> str:
        """The type that has the field: "Query", "Mutation" or one of the schema's."""
        return self.peek("info", "parentTypeName") or self.peek("typeName") or ""

    @property
    def field_name(self) -> str:
        """The field."""
        return self.peek("info", "fieldName") or self.peek("fieldName") or ""


class AppSyncBatch(Event):
    """Several fields of one resolver."""

    events: list[AppSyncEvent]


class AppSyncSource(ArgumentSource):
    """Fields: one handler each, its value; in a batch a list of `{"data"}` and of errors."""

    names: tuple[str, ...] = ("appsync.resolver", "appsync.batch")
    decorator = "@app.appsync(type_name, field_name)"
    record: type[View] = AppSyncEvent
    argument = "an argument of the field"
    as_text = False

    def parse(self, event: Any, name: str) -> View:
        """The field, or the batch."""
        if name != "appsync.batch":
            record = AppSyncEvent(event)
            record.batch = [record]
            return record
        batch = AppSyncBatch(event)
        batch.events = [AppSyncEvent(raw, "", index) for index, raw in enumerate(event)]
        for record in batch.events:
            record.batch = batch.events
        return batch

    def split(self, event: Any) -> Sequence[AppSyncEvent]:
        """One record for each field."""
        return event.events if isinstance(event, AppSyncBatch) else (event,)

    def match(self, record: AppSyncEvent, routes: Any) -> Sequence[Match | Outcome]:
        """The first route that names the field; one that takes the whole batch is called for the first item only."""
        found = super().match(record, routes)
        route = found[0].route
        if _takes_batch(route):
            first = record.batch[0]
            if (record.type_name, record.field_name) != (first.type_name, first.field_name):
                msg = f"the batch has fields of several resolvers: {first.field_name!r} and {record.field_name!r}"
                return (Outcome(record, route, error=InvalidEventError(msg)),)
            return found if record is first else ()
        return found

    def origin(self, record: AppSyncEvent) -> str:
        """The field."""
        return f"the AppSync field {record.type_name}.{record.field_name}"

    def result(self, match: Match, value: Any) -> Any:
        """The value as JSON; of a handler that takes the batch, a list of what `_entry` makes of each."""
        if not _takes_batch(match.route):
            return plain(value)
        batch = match.record.batch
        if not isinstance(value, (list, tuple)) or len(value) != len(batch):
            seen = f"{len(value)} values" if isinstance(value, (list, tuple)) else type(value).__name__
            msg = f"the handler returned {seen} for a batch of {len(batch)}; it returns a list with one for each"
            raise TypeError(msg)
        return [
            Outcome(record, match.route, error=each)
            if isinstance(each, Exception)
            else Outcome(record, match.route, plain(each))
            for record, each in zip(batch, value, strict=True)
        ]

    def respond(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """The value, or the list of them."""
        items: dict[int, Outcome] = {}
        for outcome in outcomes:
            items.update((id(item.record), item) for item in _items(outcome))
        if not isinstance(event, AppSyncBatch):
            return super().respond(event, [items[id(event)]])
        answers = [items[id(record)] for record in event.events]
        if any(answer.route is not None and answer.route.trigger.raw for answer in answers):  # type: ignore[attr-defined]
            failure = failure_of(answers)
            if failure is not None:
                raise failure
            return [answer.value for answer in answers]
        return [_entry(answer) for answer in answers]

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The event, the batch, and the field's arguments by name."""
        wanted = parameter.annotation
        if getattr(wanted, "__origin__", None) is list and wanted.__args__ == (AppSyncEvent,):
            parameter.where = "batch"
            return lambda match, invocation: match.record.batch
        return super().provide(parameter, trigger)

    def plan(self, fn: Any, trigger: Trigger) -> Any:
        """Plan the handler; one that takes the batch cannot take the arguments of a single field."""
        handler = super().plan(fn, trigger)
        kinds = {parameter.where for parameter in handler.parameters}
        if "batch" in kinds and kinds & {"argument", "record"}:
            msg = "a handler that takes list[AppSyncEvent] is called once for all: the arguments are each event's own"
            raise ConfigurationError(msg)
        return handler

    def choices(self) -> str:
        """What a parameter may be."""
        return f"list[AppSyncEvent], {super().choices()}"


def _takes_batch(route: Route | None) -> bool:
    """Whether the handler is called once for all: its signature says so."""
    return route is not None and any(parameter.where == "batch" for parameter in route.handler.parameters)


def _items(outcome: Outcome) -> Sequence[Outcome]:
    """An outcome for each item: a handler of the whole batch made several, or failed for all of them."""
    record: Any = outcome.record
    if not _takes_batch(outcome.route) or record is not record.batch[0]:
        return (outcome,)
    if outcome.error is None:
        return outcome.value  # type: ignore[no-any-return]
    return [Outcome(each, outcome.route, error=outcome.error) for each in record.batch]


def _entry(item: Outcome) -> dict[str, Any]:
    if item.error is None:
        return {"data": item.value}
    return {"data": None, "errorMessage": str(item.error), "errorType": type(item.error).__name__}


class AppSyncTrigger(FilterTrigger):
    """`@app.appsync("Query", "order")`: resolve this field.

    `type_name`, `field_name`: names or globs, or lists of them; without, any. `raw`: a batch's values go to AppSync as
    they are, for a resolver with a response template of its own; a failed item then fails the batch. `shared`: the
    options of every trigger.
    """

    __slots__ = ("raw",)

    source: type[Source] = AppSyncSource

    def __init__(
        self,
        type_name: str | Sequence[str] | None = None,
        field_name: str | Sequence[str] | None = None,
        *,
        raw: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"type_name": type_name, "field_name": field_name}, **shared)
        check_characters("type_name", type_name, "_")
        check_characters("field_name", field_name, "_")
        self.raw: bool = raw
