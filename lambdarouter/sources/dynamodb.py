"""DynamoDB streams: a handler for every change of a table's items, or for the whole batch.

::

    @app.dynamodb("orders", events=["INSERT", "MODIFY"])
    async def changed(order: Order, change: DynamoDbRecord) -> None: ...


    @app.dynamodb("orders", events="MODIFY")
    def compare(old: Order, new: Order) -> None: ...

`table` is a name, a stream's ARN, or a glob of either. `events` ("INSERT", "MODIFY", "REMOVE") declines the others: a
change nobody wants is done with, and holds up nothing. One parameter takes the item: its new image, of a removed item
the old one. Parameters called `new`, `old` and `keys` take these. `DynamoDbRecord` and `DynamoDbEvent` are passed by
their type. Items are Python values: numbers are `int`, or `Decimal` where they have a fraction, binary is `bytes`, sets
are sets. In a tumbling window, a handler of the batch may take the `Window` and its state.

Delivery: a shard's changes in order, at least once. The changes of an item run in order, the items side by side. A
failed one is reported, and Lambda goes on from the lowest that failed: those after it come again, also what went well.
It does so for a day, unless the event source mapping limits the retries. `partial=False` where the mapping has no
`ReportBatchItemFailures`. Changes of a table that no route names are reported.
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

from binascii import Error as Base64Error, a2b_base64

from lambdarouter.core.batch import PartialTrigger
from lambdarouter.core.check import check_choices
from lambdarouter.core.conversion import seconds_since_1970
from lambdarouter.core.pattern import Resources
from lambdarouter.core.value import value_getter
from lambdarouter.core.view import Record, field
from lambdarouter.core.window import StreamEvent, StreamSource
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Literal, TypeAlias, Unpack

    from lambdarouter.core.batch import PartialShared
    from lambdarouter.core.handler import Getter
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Trigger
    from lambdarouter.core.view import Event, View

    Kind: TypeAlias = Literal["INSERT", "MODIFY", "REMOVE"]

__all__ = ["DynamoDbEvent", "DynamoDbRecord", "DynamoDbSource", "DynamoDbTrigger"]

_KINDS = ("INSERT", "MODIFY", "REMOVE")


def _number(text: Any) -> Any:
    if not isinstance(text, str):
        raise TypeError
    if text.lstrip("-").isdigit():
        return int(text)
    from decimal import Decimal, InvalidOperation  # noqa: PLC0415 - for numbers that need it

    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError from error


def _binary(text: Any) -> bytes:
    try:
        return a2b_base64(text, strict_mode=True)
    except Base64Error as error:
        raise ValueError from error


def _of(kind: type) -> Any:
    def checked(raw: Any) -> Any:
        if not isinstance(raw, kind):
            raise TypeError
        return raw

    return checked


_string = _of(str)

_READ: dict[str, Any] = {
    "S": _string,
    "N": _number,
    "B": _binary,
    "BOOL": _of(bool),
    "NULL": lambda raw: None,
    "M": lambda raw: {name: _value(each) for name, each in raw.items()},
    "L": lambda raw: [_value(each) for each in raw],
    "SS": lambda raw: {_string(each) for each in raw},
    "NS": lambda raw: {_number(each) for each in raw},
    "BS": lambda raw: {_binary(each) for each in raw},
}


def _value(raw: Any) -> Any:
    ((kind, value),) = raw.items()
    return _READ[kind](value)


def _item(raw: Any) -> dict[str, Any]:
    try:
        return {name: _value(each) for name, each in raw.items()}
    except (AttributeError, KeyError, RecursionError) as error:
        raise ValueError from error


class DynamoDbRecord(Record):
    """One change of one item. Which images there are depends on the stream's view type.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
    """

    # "INSERT", "MODIFY" or "REMOVE".
    event_name: str = field("eventName")
    event_id: str = field("eventID", default="")
    keys: dict[str, Any] = field("dynamodb", "Keys", of=_item)
    new_image: dict[str, Any] | None = field("dynamodb", "NewImage", of=_item, default=None)
    old_image: dict[str, Any] | None = field("dynamodb", "OldImage", of=_item, default=None)
    sequence_number: str = field("dynamodb", "SequenceNumber")
    # In bytes.
    size: int | None = field("dynamodb", "SizeBytes", of=int, default=None)
    # "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE" or "NEW_AND_OLD_IMAGES".
    view_type: str | None = field("dynamodb", "StreamViewType", default=None)
    # To the second.
    changed: datetime | None = field("dynamodb", "ApproximateCreationDateTime", of=seconds_since_1970, default=None)
    stream_arn: str = field("eventSourceARN")
    region: str = field("awsRegion", default="")
    # Who removed it, where that was a service: DynamoDB itself, for its time to live.
    principal: str | None = field("userIdentity", "principalId", default=None)

    @property
    def id(self) -> str:
        """The event's id."""
        return self.peek("eventID") or self.peek("dynamodb", "SequenceNumber") or self.locate()

    @property
    def table(self) -> str:
        """The table's name, without the rest of its stream's ARN."""
        return table_of(self.stream_arn)

    @property
    def item(self) -> dict[str, Any] | None:
        """The item: its new image, of a removed one the old image; None where the stream has neither."""
        return self.old_image if self.new_image is None else self.new_image

    @property
    def is_expired(self) -> bool:
        """Whether DynamoDB removed it, because its time to live had passed."""
        return self.event_name == "REMOVE" and self.principal == "dynamodb.amazonaws.com"


def table_of(arn: str) -> str:
    """The table's name in its stream's ARN (`…:table/NAME/stream/LABEL`)."""
    return arn.rpartition(":table/")[2].partition("/")[0]


class DynamoDbEvent(StreamEvent):
    """A batch of one shard."""


_BY_NAME = {"new": "new_image", "new_image": "new_image", "old": "old_image", "old_image": "old_image", "keys": "keys"}


class DynamoDbSource(StreamSource):
    """Changes: all matching handlers, the failed ones by sequence number."""

    names: tuple[str, ...] = ("dynamodb",)
    decorator = "@app.dynamodb(table)"
    event: type[Event] = DynamoDbEvent
    record: type[View] = DynamoDbRecord
    whence = "eventSourceARN"

    def ordering_key(self, record: DynamoDbRecord) -> str | None:
        """The item, by its keys."""
        raw = record.raw["dynamodb"]["Keys"] if record.keys else {}
        return repr(sorted(raw.items()))

    def identifier(self, record: DynamoDbRecord) -> str | None:
        """The sequence number."""
        return record.peek("dynamodb", "SequenceNumber") or None

    def origin(self, record: DynamoDbRecord) -> str:
        """The table, by name."""
        return f"the DynamoDB table {record.table!r}"

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The images and the keys by name, and the item as the one remaining parameter."""
        getter = super().provide(parameter, trigger)
        if getter is not None:
            return getter
        attribute = _BY_NAME.get(parameter.name)
        if attribute is None:
            return value_getter(parameter, "item", beyond_json=True)
        getter = value_getter(parameter, attribute, parameter.name, beyond_json=True)
        if getter is not None:
            parameter.where = "image"  # there may be several of these, and an item beside
        return getter

    def choices(self) -> str:
        """What a parameter may be."""
        return f"{super().choices()}, one parameter for the item, or `new`, `old` and `keys`"


class DynamoDbTrigger(PartialTrigger):
    """`@app.dynamodb("orders")`: run for the changes of this table's items.

    `table`: a name, a stream's ARN, or a glob of either, or a list of them. `events`: "INSERT", "MODIFY", "REMOVE", or
    a list of them; without, all. `shared`: the options of every trigger whose source can be told which records failed.
    """

    __slots__ = ("_events", "_tables")

    source: type[Source] = DynamoDbSource

    def __init__(
        self,
        table: str | Sequence[str],
        *,
        events: Kind | Sequence[Kind] | None = None,
        **shared: Unpack[PartialShared],
    ) -> None:
        super().__init__(**shared)
        self._tables = Resources(table, "table", "dynamodb", table_of, "table/")
        for pattern in [table] if isinstance(table, str) else table:
            if pattern.startswith("arn:") and not any(part in pattern for part in ("/stream/", "*", "?")):
                msg = (
                    f"table is {pattern!r}, the ARN of a table, and events have its stream's: write "
                    f"{table_of(pattern)!r}, or '{pattern}/stream/*'"
                )
                raise ConfigurationError(msg)
        check_choices("events", events, _KINDS)
        several = isinstance(events, (list, tuple, set, frozenset))
        self._events: tuple[Any, ...] | None = None if events is None else tuple(events) if several else (events,)

    def claims(self, record: DynamoDbRecord) -> bool:
        """By the table's name or the stream's ARN."""
        return self._tables.match(record.stream_arn)

    def declines(self, record: DynamoDbRecord) -> str | None:
        """By kind."""
        if self._events is None or record.event_name in self._events:
            return None
        return f"the change is {record.event_name!r}, not {' or '.join(map(repr, self._events))}"

    def describe(self) -> str:
        """The table, and the kinds."""
        return self._tables.text if self._events is None else f"{self._tables.text} {'|'.join(map(str, self._events))}"
