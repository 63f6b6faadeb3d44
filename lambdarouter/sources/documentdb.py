"""Amazon DocumentDB: a handler for every change of a collection.

::

    @app.documentdb("orders", operations=["insert", "update", "replace"])
    async def changed(order: Order, change: DocumentDbChange) -> None: ...

`collection` is a name, or "database.collection", or a glob of either. `operations` ("insert", "update", "replace",
"delete", "drop", …) declines the others. One parameter takes the full document, in MongoDB's extended JSON as it came;
None where the change has none. `DocumentDbChange` and `DocumentDbEvent` are passed by their type.

Delivery: a change stream in order, at least once, in batches. The changes of a document run in order, the documents
side by side. There is no partial failure: if any handler raises, the invocation fails, and the whole batch comes again.
A change of a collection that no route names fails the invocation.
https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html
"""

from __future__ import annotations

from lambdarouter.core.batch import BatchSource, BatchTrigger
from lambdarouter.core.check import check_words
from lambdarouter.core.conversion import seconds_since_1970
from lambdarouter.core.pattern import Patterns
from lambdarouter.core.value import value_getter
from lambdarouter.core.view import Event, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.batch import BatchShared
    from lambdarouter.core.handler import Getter
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Trigger
    from lambdarouter.core.view import View

__all__ = ["DocumentDbChange", "DocumentDbEvent", "DocumentDbSource", "DocumentDbTrigger"]


class DocumentDbChange(Record):
    """One event of a change stream.

    https://docs.aws.amazon.com/documentdb/latest/developerguide/change_streams.html
    """

    # "insert", "update", "replace", "delete", "drop", "dropDatabase", "rename" or "invalidate".
    operation: str = field("event", "operationType")
    resume_token: str = field("event", "_id", "_data", default="")
    database: str = field("event", "ns", "db", default="")
    # Empty where the whole database is dropped.
    collection: str = field("event", "ns", "coll", default="")
    # The document's key, in MongoDB's extended JSON.
    key: dict[str, Any] = field("event", "documentKey", of=dict, default=dict)
    # None for a delete, and for an update unless the mapping's FullDocument is UpdateLookup.
    document: dict[str, Any] | None = field("event", "fullDocument", of=dict, default=None)
    # What an update changed: updatedFields, removedFields …
    update: dict[str, Any] | None = field("event", "updateDescription", of=dict, default=None)
    time: datetime | None = field("event", "clusterTime", "$timestamp", "t", of=seconds_since_1970, default=None)

    @property
    def id(self) -> str:
        """The resume token of the change."""
        return self.peek("event", "_id", "_data") or self.locate()

    @property
    def namespace(self) -> str:
        """Database and collection: "shop.orders"."""
        return f"{self.database}.{self.collection}" if self.collection else self.database


class DocumentDbEvent(Event):
    """A batch of one change stream."""

    cluster_arn: str = field("eventSourceArn", default="")
    events: list[Any] = field("events", of=list)


class DocumentDbSource(BatchSource):
    """Changes: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("documentdb",)
    decorator = "@app.documentdb(collection)"
    event: type[Event] = DocumentDbEvent
    record: type[View] = DocumentDbChange

    def split(self, event: DocumentDbEvent) -> Sequence[DocumentDbChange]:
        """One record for each change."""
        return [DocumentDbChange(raw, "events", index) for index, raw in enumerate(event.events)]

    def ordering_key(self, record: DocumentDbChange) -> str | None:
        """The document; what concerns a whole collection has its name."""
        return f"{record.namespace} {sorted(record.key.items())!r}"

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The document as the one remaining parameter."""
        return super().provide(parameter, trigger) or value_getter(parameter, "document")

    def origin(self, record: DocumentDbChange) -> str:
        """The collection."""
        return f"the DocumentDB collection {record.namespace!r}"


_OPERATIONS = ("insert", "update", "replace", "delete", "drop", "dropDatabase", "rename", "invalidate")


class DocumentDbTrigger(BatchTrigger):
    """`@app.documentdb("orders")`: run for the changes of this collection.

    `collection`: a name, "database.collection", or a glob of either, or a list of them; without, all. `operations`: an
    operation or a glob, or a list of them; without, all. `shared`: the options of every trigger of batches.
    """

    __slots__ = ("_collections", "_operations")

    source: type[Source] = DocumentDbSource

    def __init__(
        self,
        collection: str | Sequence[str] = "*",
        *,
        operations: str | Sequence[str] | None = None,
        **shared: Unpack[BatchShared],
    ) -> None:
        super().__init__(**shared)
        self._collections = Patterns(collection, "collection")
        self._operations = None if operations is None else Patterns(operations, "operations")
        check_words("operations", operations, _OPERATIONS, lambda word: word[0].islower())

    def claims(self, record: DocumentDbChange) -> bool:
        """By the collection's name, with the database's or without."""
        return self._collections.match(record.collection) or self._collections.match(record.namespace)

    def declines(self, record: DocumentDbChange) -> str | None:
        """By operation."""
        if self._operations is None or self._operations.match(record.operation):
            return None
        return f"the operation is {record.operation!r}, not {self._operations.text}"

    def describe(self) -> str:
        """The collection, and the operations."""
        text = self._collections.text
        return text if self._operations is None else f"{text} {self._operations.text}"
