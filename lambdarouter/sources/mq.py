"""Amazon MQ: a handler for every message of a queue; ActiveMQ and RabbitMQ.

::

    @app.mq("orders")
    async def placed(order: Order, message: MqMessage) -> None: ...

`queue` is a name or a glob. One parameter takes the data: `bytes` as they came, `str` as UTF-8, anything else as
validated JSON. `MqMessage` (`ActiveMqMessage`, `RabbitMqMessage`) and `MqEvent` are passed by their type.

Delivery: in batches, at least once. There is no partial failure: if any handler raises, the invocation fails, and the
whole batch comes again. `on_invalid="drop"` keeps a message that can never be read from coming for ever. A message of a
queue that no route names fails the invocation.
https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

from __future__ import annotations

from lambdarouter.core.batch import BatchSource, BatchTrigger
from lambdarouter.core.conversion import base64_text, milliseconds_since_1970, plain_text
from lambdarouter.core.pattern import Patterns
from lambdarouter.core.view import Event, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.batch import BatchShared
    from lambdarouter.core.source import Source
    from lambdarouter.core.view import View

__all__ = ["ActiveMqMessage", "MqEvent", "MqMessage", "MqSource", "MqTrigger", "RabbitMqMessage"]


def _physical_name(destination: Any) -> str:
    # AWS's documentation has both spellings.
    if not isinstance(destination, dict):
        raise TypeError
    name = destination.get("physicalname") or destination.get("physicalName")
    if not isinstance(name, str):
        raise TypeError
    return name


class MqMessage(Record):
    """One message: what both brokers have."""

    data: bytes = field("data", of=base64_text)
    redelivered: bool = field("redelivered", of=bool, default=False)
    # The queue's name.
    queue: str

    @property
    def id(self) -> str:
        """The broker's id of the message, and where it stands: senders choose it, or leave it out."""
        found = self.peek("messageID") or self.peek("basicProperties", "messageId")
        return self.locate() if found is None else f"{found} ({self.locate()})"


class ActiveMqMessage(MqMessage):
    """A message of ActiveMQ."""

    queue: str = field("destination", of=_physical_name)
    message_id: str = field("messageID")
    # "jms/text-message" or "jms/bytes-message".
    message_type: str = field("messageType", default="")
    correlation_id: str | None = field("correlationId", default=None)
    reply_to: str | None = field("replyTo", default=None)
    type: str | None = field("type", default=None)
    connection_id: str | None = field("connectionId", default=None)
    delivery_mode: int | None = field("deliveryMode", of=int, default=None)
    priority: int | None = field("priority", of=int, default=None)
    # In milliseconds, as text.
    expiration: str | None = field("expiration", of=plain_text, default=None)
    timestamp: datetime | None = field("timestamp", of=milliseconds_since_1970, default=None)
    broker_in: datetime | None = field("brokerInTime", of=milliseconds_since_1970, default=None)
    broker_out: datetime | None = field("brokerOutTime", of=milliseconds_since_1970, default=None)
    properties: dict[str, Any] = field("properties", of=dict, default=dict)


def _map_of_headers(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise TypeError
    return {name: _header(value) for name, value in raw.items()}


def _header(value: Any) -> Any:
    """Text comes as {"bytes": [signed numbers]}; the other types as they are."""
    if isinstance(value, dict) and isinstance(numbers := value.get("bytes"), list):
        return bytes(number & 0xFF for number in numbers).decode("utf-8", "replace")
    return value


class RabbitMqMessage(MqMessage):
    """A message of RabbitMQ. Its `queue` and `virtual_host` stand in the event."""

    queue = ""
    virtual_host = ""
    message_id: str | None = field("basicProperties", "messageId", default=None)
    content_type: str | None = field("basicProperties", "contentType", default=None)
    content_encoding: str | None = field("basicProperties", "contentEncoding", default=None)
    headers: dict[str, Any] = field("basicProperties", "headers", of=_map_of_headers, default=dict)
    delivery_mode: int | None = field("basicProperties", "deliveryMode", of=int, default=None)
    priority: int | None = field("basicProperties", "priority", of=int, default=None)
    correlation_id: str | None = field("basicProperties", "correlationId", default=None)
    reply_to: str | None = field("basicProperties", "replyTo", default=None)
    # In milliseconds, as text.
    expiration: str | None = field("basicProperties", "expiration", of=plain_text, default=None)
    # Text such as "Jan 1, 1970, 12:33:41 AM".
    timestamp: str | None = field("basicProperties", "timestamp", default=None)
    type: str | None = field("basicProperties", "type", default=None)
    user_id: str | None = field("basicProperties", "userId", default=None)
    app_id: str | None = field("basicProperties", "appId", default=None)
    body_size: int | None = field("basicProperties", "bodySize", of=int, default=None)


class MqEvent(Event):
    """A batch of messages of one broker."""

    broker_arn: str = field("eventSourceArn", default="")
    # ActiveMQ's.
    messages: list[Any] = field("messages", of=list, default=list)
    # RabbitMQ's, by "queue::virtual host".
    by_queue: dict[str, Any] = field("rmqMessagesByQueue", of=dict, default=dict)


class MqSource(BatchSource):
    """Messages: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("mq.activemq", "mq.rabbitmq")
    decorator = "@app.mq(queue)"
    event: type[Event] = MqEvent
    record: type[View] = MqMessage
    payload: str | None = "data"
    known_by_id = False  # senders choose the ids

    def split(self, event: MqEvent) -> Sequence[MqMessage]:
        """One record for each message."""
        messages: list[MqMessage] = [
            ActiveMqMessage(raw, "messages", index) for index, raw in enumerate(event.messages)
        ]
        for name, raws in event.by_queue.items():
            for index, raw in enumerate(raws or ()):
                message = RabbitMqMessage(raw, f"rmqMessagesByQueue.{name}", index)
                message.queue, _, message.virtual_host = name.partition("::")
                messages.append(message)
        return messages

    def provide_view(self, parameter: Any) -> Any:
        """The message, also by the broker's own type."""
        if parameter.annotation in (ActiveMqMessage, RabbitMqMessage) and parameter.marker is None:
            parameter.where = "record"
            return lambda match, invocation: match.record
        return super().provide_view(parameter)

    def origin(self, record: MqMessage) -> str:
        """The queue."""
        return f"the queue {record.queue!r} of Amazon MQ"


class MqTrigger(BatchTrigger):
    """`@app.mq("orders")`: run for the messages of this queue.

    `queue`: a name or a glob, or a list of them. `shared`: the options of every trigger of batches.
    """

    __slots__ = ("_queues",)

    source: type[Source] = MqSource

    def __init__(self, queue: str | Sequence[str], **shared: Unpack[BatchShared]) -> None:
        super().__init__(**shared)
        self._queues = Patterns(queue, "queue")

    def claims(self, record: MqMessage) -> bool:
        """By the queue's name."""
        return self._queues.match(record.queue)

    def describe(self) -> str:
        """The queue."""
        return self._queues.text
