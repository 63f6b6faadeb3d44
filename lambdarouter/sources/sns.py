"""SNS: a handler for every notification of a topic.

::

    @app.sns("orders", attributes={"kind": ["created", "changed"]})
    async def announce(order: Order, record: SnsRecord) -> None: ...

`topic` is a name, an ARN, or a glob of either. `attributes` maps message attributes to the value, or the values, that
the route wants; a notification with others is declined. One parameter takes the message: `str` as it came, anything
else as validated JSON. `SnsRecord` and `SnsEvent` are passed by their type.

Delivery: asynchronous, at least once, in no order (a FIFO topic delivers to Lambda through SQS only). All matching
handlers run, side by side, and are joined. SNS knows no partial failure: if any handler raises, the invocation fails,
and Lambda runs all of them again (twice by default, then the function's dead-letter queue or destination). A
notification of a topic that no route names fails the invocation.
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import json
from binascii import Error as Base64Error, a2b_base64

from lambdarouter.core.attribute import Attributes
from lambdarouter.core.conversion import timestamp
from lambdarouter.core.envelope import hops_of
from lambdarouter.core.pattern import Resources
from lambdarouter.core.source import Source
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.view import Event, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.attribute import AttributeValue
    from lambdarouter.core.envelope import Via
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["SnsEvent", "SnsRecord", "SnsSource", "SnsTrigger"]


def _map_of_attributes(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise TypeError
    return {
        name: _attribute(item.get("Type"), item.get("Value")) for name, item in raw.items() if isinstance(item, dict)
    }


def _attribute(kind: object, value: object) -> Any:
    """An attribute in its declared type; one that does not hold what it declares stays the text it is."""
    if not isinstance(value, str) or not isinstance(kind, str):
        return value
    try:
        if kind == "Binary":
            return a2b_base64(value, strict_mode=True)
        if kind in _JSON_TYPES:
            found = json.loads(value)
            return found if type(found) in _JSON_TYPES[kind] else value
    except (ValueError, Base64Error, RecursionError):
        pass
    return value


_JSON_TYPES = {"Number": (int, float), "String.Array": (list,)}


class SnsRecord(Record):
    """One notification.

    https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
    """

    message: str = field("Sns", "Message")
    subject: str | None = field("Sns", "Subject", default=None)
    topic_arn: str = field("Sns", "TopicArn")
    message_id: str = field("Sns", "MessageId")
    timestamp: datetime = field("Sns", "Timestamp", of=timestamp)
    # By name: numbers as int or float, binary as bytes, arrays as lists.
    attributes: dict[str, Any] = field("Sns", "MessageAttributes", of=_map_of_attributes, default=dict)
    subscription_arn: str = field("EventSubscriptionArn", default="")

    @property
    def id(self) -> str:
        """The notification's MessageId."""
        found = self.peek("Sns", "MessageId")
        return self.locate() if found is None else found

    @property
    def topic(self) -> str:
        """The topic's name, without the rest of its ARN."""
        return self.topic_arn.rpartition(":")[2]


def _list_of_records(raw: Any) -> list[SnsRecord]:
    return [SnsRecord(record, "Records", index) for index, record in enumerate(raw)]


class SnsEvent(Event):
    """The event SNS sends; AWS documents one record, and more are handled."""

    records: list[SnsRecord] = field("Records", of=_list_of_records)


class SnsSource(Source):
    """Notifications: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("sns",)
    decorator = "@app.sns(topic)"
    event: type[Event] = SnsEvent
    record: type[View] = SnsRecord
    payload: str | None = "message"
    encloses = True

    def enclosed(self, content: Any) -> Any:
        """A notification as a queue holds it: the message and all about it, without the record around."""
        if not isinstance(content, dict) or content.get("Type") != "Notification" or "TopicArn" not in content:
            return None
        return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": content}]}

    def origin(self, record: SnsRecord) -> str:
        """The topic, by name."""
        return f"the SNS topic {record.topic!r}"


class SnsTrigger(Trigger):
    """`@app.sns("orders")`: run for notifications of this topic.

    `topic`: a name, an ARN, or a glob of either, or a list of them. `attributes`: message attributes and the value, or
    list of values, that this handler wants of each. `via`: the queue through which they come ("sqs:orders-queue").
    `shared`: the options of every trigger.
    """

    __slots__ = ("_attributes", "_topics", "via")

    source: type[Source] = SnsSource

    def __init__(
        self,
        topic: str | Sequence[str],
        *,
        attributes: Mapping[str, AttributeValue | Sequence[AttributeValue]] | None = None,
        via: Via = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(**shared)
        self._topics = Resources(topic, "topic", "sns")
        self._attributes = Attributes(attributes)
        self.via: tuple[Any, ...] = hops_of(via)

    def claims(self, record: SnsRecord) -> bool:
        """By topic name or ARN."""
        return self._topics.match(record.topic_arn)

    def declines(self, record: SnsRecord) -> str | None:
        """By message attribute."""
        return self._attributes.decline(record.attributes) if self._attributes else None

    def describe(self) -> str:
        """The topic, and the attributes."""
        return f"{self._topics.text} {self._attributes.text}".rstrip()
