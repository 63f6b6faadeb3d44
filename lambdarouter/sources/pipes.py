"""EventBridge Pipes: a bare list of items, each of them a record of the queue or stream that the pipe reads.

::

    @app.sqs("orders", via="pipes:target")
    def placed(order: Order, message: SqsRecord) -> None: ...


    @app.pipes("enrichment")
    def enrich(item: PipesItem) -> dict[str, str]:
        return {"from": item.origin}

A pipe calls a function as its target, or as its enrichment; the event does not say which, so the decorator does. With
`via="pipes:target"` (or `"pipes:enrichment"`) in the decorator of the items' own source, the handler is called as for
an event of that source. `@app.pipes(role)` takes every item as it is.

Delivery: synchronous or asynchronous, as the pipe is set up; at least once. As a target, failed items of SQS, Kinesis
and DynamoDB are reported in the form of their source, and where every item failed, the invocation fails. As an
enrichment, the reply is the list of what the handlers returned, in order; any failure fails the invocation. A list of a
source that no route names fails the invocation.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
"""

from __future__ import annotations

from lambdarouter.core.batch import BatchTrigger, PartialSource
from lambdarouter.core.check import check_beginning
from lambdarouter.core.pattern import Patterns
from lambdarouter.core.route import Declined, failure_of
from lambdarouter.core.view import Event, Record, field
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal, TypeAlias, Unpack

    from lambdarouter.core.batch import BatchShared
    from lambdarouter.core.handler import Getter
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Trigger
    from lambdarouter.core.view import View

    Role: TypeAlias = Literal["target", "enrichment"]

__all__ = ["PipesEvent", "PipesItem", "PipesSource", "PipesTrigger"]

# What stands under `kinesis` in a record of an event source mapping; a pipe has it beside the rest.
_KINESIS = ("kinesisSchemaVersion", "partitionKey", "sequenceNumber", "data", "approximateArrivalTimestamp")


class PipesItem(Record):
    """One item, as the pipe read it (and its filter and input template left it)."""

    # "aws:sqs", "aws:kinesis", "aws:dynamodb" …
    event_source: str = field("eventSource")

    @property
    def id(self) -> str:
        """The message's or the record's id."""
        return self.peek("messageId") or self.peek("eventID") or self.locate()

    @property
    def origin(self) -> str:
        """The ARN of the queue or stream that the pipe reads; empty where the item does not say."""
        return self.peek("eventSourceARN") or self.peek("eventSourceArn") or ""

    @property
    def event(self) -> dict[str, Any]:
        """The event that an event source mapping would have made of it."""
        raw: dict[str, Any] = self.raw
        if raw.get("eventSource") == "aws:kinesis" and "kinesis" not in raw:
            inner = {key: raw[key] for key in _KINESIS if key in raw}
            raw = {key: value for key, value in raw.items() if key not in _KINESIS} | {"kinesis": inner}
        return {"Records": [raw]}


class PipesEvent(Event):
    """The list of items."""


class PipesSource(PartialSource):
    """Items: all matching handlers; failed items, or the list of results."""

    names: tuple[str, ...] = ("pipes",)
    decorator = "@app.pipes(role)"
    event: type[Event] = PipesEvent
    record: type[View] = PipesItem
    payload: str | None = "event"
    groups = False
    encloses = True
    rest_fails = True

    def split(self, event: PipesEvent) -> Sequence[PipesItem]:
        """One record for each item."""
        return [PipesItem(raw, "", index) for index, raw in enumerate(event.raw)]

    def ordering_key(self, record: PipesItem) -> str | None:
        """A FIFO queue's message group, a stream's partition key, a table's item."""
        if record.event_source == "aws:sqs":
            return record.peek("attributes", "MessageGroupId") if record.origin.endswith(".fifo") else None
        if record.event_source == "aws:dynamodb":
            return repr(record.raw["dynamodb"].get("Keys"))
        return record.peek("partitionKey")

    def identifier(self, record: PipesItem) -> str | None:
        """The message's id, or the sequence number; other sources have no partial failures."""
        return record.peek("messageId") or record.peek("sequenceNumber") or record.peek("dynamodb", "SequenceNumber")

    def respond(self, event: PipesEvent, outcomes: Sequence[Outcome]) -> Any:
        """The failed items; where a route is an enrichment, the results of all of them."""
        routes = [outcome.route for outcome in outcomes if outcome.route is not None]
        if not any(getattr(route.outermost, "role", "") == "enrichment" for route in routes):
            return super().respond(event, outcomes)
        failure = failure_of(outcomes)
        if failure is not None:
            raise failure
        results: dict[int, Any] = {}
        for outcome in outcomes:
            # What no handler wanted goes on as it came.
            item = outcome.record.outermost
            if isinstance(outcome, Declined):
                results.setdefault(id(item), item.raw)
            else:
                results[id(item)] = outcome.value
        return list(results.values())

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The item or the event by type: what an item holds is up to its source, whose decorator knows it."""
        return self.provide_view(parameter)

    def choices(self) -> str:
        """What a parameter may be."""
        return "PipesItem, PipesEvent, Context, Annotated[T, Depends(f)]"

    def origin(self, record: PipesItem) -> str:
        """What the pipe reads."""
        return f"an item that a pipe read from {record.origin or record.event_source!r}"


class PipesTrigger(BatchTrigger):
    """`@app.pipes("target")`: run for every item of a pipe, as it is.

    `role`: "target" or "enrichment", as which the pipe calls the function. `origin`: the ARN of what the pipe reads, or
    a glob, or a list of them; without, any. `shared`: the options of every trigger of batches.
    """

    __slots__ = ("_origins", "role")

    source: type[Source] = PipesSource

    def __init__(self, role: Role, *, origin: str | Sequence[str] | None = None, **shared: Unpack[BatchShared]) -> None:
        super().__init__(**shared)
        if role not in ("target", "enrichment"):
            msg = f'role is {role!r}; a pipe calls the function as its "target" or as its "enrichment"'
            raise ConfigurationError(msg)
        self.role = role
        self._origins = None if origin is None else Patterns(origin, "origin")
        check_beginning("origin", origin, "arn:")

    def claims(self, record: PipesItem) -> bool:
        """By the ARN of what the pipe reads."""
        return self._origins is None or self._origins.match(record.origin)

    def describe(self) -> str:
        """The role, and the origin."""
        return self.role if self._origins is None else f"{self.role} {self._origins.text}"
