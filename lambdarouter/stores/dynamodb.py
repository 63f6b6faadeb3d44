"""A store in a DynamoDB table: for most apps on Lambda the one to choose.

::

    app = App(store=DynamoDbStore("once"))

Needs the extra `lambdarouter[aws]`; Lambda's own images have boto3. A step is one conditional write: of several at
once, DynamoDB takes one. Nothing else needs to be in the table, and it may be one that you have. DynamoDB deletes what
has expired some days later, so the time is compared in the condition, with the clock of who asks. Clocks that differ
by less than the app's `deadline_margin` do no harm: so long before its lease ends, the work has been stopped.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
"""

from __future__ import annotations

import threading
from contextlib import suppress
from math import ceil, floor
from time import time

from lambdarouter.core.store import Entry, new_owner
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["DynamoDbStore"]

_FREE = "attribute_not_exists(#key) OR #until <= :now"
_OWN = {"done", "mark", "owner", "text", "until", "value"}
_NAMES = {"#owner": "owner", "#done": "done", "#until": "until", "#text": "text"}


class DynamoDbStore:
    """Entries and notes as items of a DynamoDB table.

    `table`: its name or ARN. `key`: its partition key, a string; `sort_key`: its sort key, a string, where it has one
    (the items have "lambdarouter" there); `expires`: the attribute of its time to live. `prefix`: what all keys begin
    with. `client`: a boto3 client of DynamoDB; by default one is made when it is first needed, which waits two seconds
    for an answer and tries three times. `clock` tells the time in seconds; tests have one of their own.

    IAM: dynamodb:PutItem and dynamodb:DeleteItem on the table, and dynamodb:GetItem for cron.
    """

    blocking = True

    def __init__(
        self,
        table: str,
        *,
        key: str = "key",
        sort_key: str | None = None,
        expires: str = "expires",
        prefix: str = "",
        client: Any = None,
        clock: Callable[[], float] = time,
    ) -> None:
        taken = {key, sort_key, expires} & _OWN
        if taken or len({key, sort_key, expires}) < 3:  # noqa: PLR2004 - each of the three
            msg = (
                f"a DynamoDbStore with key={key!r}, sort_key={sort_key!r} and expires={expires!r} cannot be: these are "
                f"three attributes, and the items have others named {', '.join(sorted(_OWN))}"
            )
            raise ConfigurationError(msg)
        self._table = table
        self._key = key
        self._sort_key = sort_key
        self._expires = expires
        self._prefix = prefix
        self._client = client
        self._lock = threading.Lock()
        self._clock = clock

    @property
    def table_definition(self) -> dict[str, Any]:
        """What `client.create_table(**...)` takes: a table with these keys, paid for by the request."""
        keys = [(self._key, "HASH"), *([(self._sort_key, "RANGE")] if self._sort_key else [])]
        return {
            "TableName": self._table,
            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
            "BillingMode": "PAY_PER_REQUEST",
        }

    @property
    def time_to_live(self) -> dict[str, Any]:
        """What `client.update_time_to_live(**...)` takes, so that DynamoDB deletes what has expired."""
        return {
            "TableName": self._table,
            "TimeToLiveSpecification": {"AttributeName": self._expires, "Enabled": True},
        }

    def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
        """See `Store.acquire`."""
        now = self._clock()
        # The owner's own lease: it renews it, or the client repeats a request whose answer was lost.
        condition = f"{_FREE} OR (#owner = :owner AND #done = :leased)"
        item = self._item(key, owner, now + seconds, done=False, mark=mark, value=b"")
        standing = self._put(
            item, condition, {":now": _number(now), ":owner": {"S": owner}, ":leased": {"BOOL": False}}
        )
        if standing is None:
            return None
        return Entry(
            done=standing["done"]["BOOL"],
            owner=standing["owner"]["S"],
            mark=standing["mark"]["S"],
            value=bytes(standing["value"]["B"]),
            seconds=float(standing["until"]["N"]) / 1000 - now,
        )

    def finish(self, key: str, owner: str, seconds: float, mark: str = "", value: bytes = b"") -> bool:
        """See `Store.finish`."""
        now = self._clock()
        item = self._item(key, owner, now + seconds, done=True, mark=mark, value=value)
        condition = f"{_FREE} OR #owner = :owner"
        return self._put(item, condition, {":now": _number(now), ":owner": {"S": owner}}) is None

    def release(self, key: str, owner: str) -> None:
        """See `Store.release`."""
        client = self._connected()
        condition = "#owner = :owner AND #done = :leased"
        with suppress(client.exceptions.ConditionalCheckFailedException):
            client.delete_item(
                TableName=self._table,
                Key=self._at(key),
                ConditionExpression=condition,
                ExpressionAttributeNames=self._names(condition),
                ExpressionAttributeValues={":owner": {"S": owner}, ":leased": {"BOOL": False}},
            )

    def read(self, key: str) -> str | None:
        """See `Store.read`."""
        found = self._connected().get_item(TableName=self._table, Key=self._at(f"note:{key}"), ConsistentRead=True)
        return found["Item"]["text"]["S"] if "Item" in found else None

    def swap(self, key: str, old: str | None, new: str) -> bool:
        """See `Store.swap`."""
        writer = new_owner()
        item = {**self._at(f"note:{key}"), "text": {"S": new}, "owner": {"S": writer}}
        if old is None:
            standing = self._put(item, "attribute_not_exists(#key)", {})
        else:
            standing = self._put(item, "#text = :old", {":old": {"S": old}})
        # Its own: the client repeated a request whose answer was lost.
        return standing is None or standing.get("owner") == {"S": writer}

    def _put(self, item: dict[str, Any], condition: str, values: dict[str, Any]) -> dict[str, Any] | None:
        """Write the item if the condition holds: None, or the item that stands there, {} if there is none."""
        client = self._connected()
        try:
            client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=condition,
                ExpressionAttributeNames=self._names(condition),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **({"ExpressionAttributeValues": values} if values else {}),
            )
        except client.exceptions.ConditionalCheckFailedException as error:
            found: dict[str, Any] = error.response.get("Item", {})
            return found
        return None

    def _names(self, condition: str) -> dict[str, str]:
        """The names of the condition, all of which DynamoDB wants used: some are reserved words."""
        names = _NAMES | {"#key": self._key}
        return {short: name for short, name in names.items() if short in condition}

    def _at(self, key: str) -> dict[str, Any]:
        place: dict[str, Any] = {self._key: {"S": self._prefix + key}}
        if self._sort_key is not None:
            place[self._sort_key] = {"S": "lambdarouter"}
        return place

    def _item(self, key: str, owner: str, until: float, *, done: bool, mark: str, value: bytes) -> dict[str, Any]:
        return {
            **self._at(key),
            "owner": {"S": owner},
            "done": {"BOOL": done},
            "mark": {"S": mark},
            "value": {"B": value},
            # In milliseconds, for the conditions; in whole seconds and never early, for DynamoDB's deletion.
            "until": _number(until, ceil),
            self._expires: {"N": str(ceil(until))},
        }

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                import boto3  # noqa: PLC0415 - slow to import: only when it is used
                from botocore.config import Config  # noqa: PLC0415

                self._client = boto3.client(
                    "dynamodb",
                    config=Config(
                        connect_timeout=2,
                        read_timeout=2,
                        retries={"mode": "standard", "total_max_attempts": 3},
                        tcp_keepalive=True,
                        # As many as there are threads (anyio's 40): each beyond them would connect anew each time.
                        max_pool_connections=50,
                    ),
                )
            return self._client


def _number(seconds: float, rounding: Callable[[float], int] = floor) -> dict[str, str]:
    return {"N": str(rounding(seconds * 1000))}
