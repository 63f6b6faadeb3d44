"""A batch of messages of an Amazon MQ broker, ActiveMQ or RabbitMQ.

Shape after "Using Lambda with Amazon MQ" in the Lambda developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import MOMENT, arn, base64_of, epoch_millis, json_value, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

__all__ = ["activemq", "rabbitmq"]

_BROKER = "broker:orders:b-9bcfa592-0000-4000-8000-000000000001"


def activemq(
    queue: str,
    *messages: Any,
    properties: Mapping[str, Any] | None = None,
    correlation_id: str | None = None,
    redelivered: bool = False,
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build one message for each of `messages` ("mq.activemq"); what is neither text nor bytes is sent as JSON.

    `properties`: every message's own. `redelivered`: whether they were delivered before. `time`: when they were sent.
    """
    sent = epoch_millis(moment(time))
    return {
        "eventSource": "aws:mq",
        "eventSourceArn": arn("mq", _BROKER),
        "messages": [
            {
                "messageID": f"ID:b-9bcfa592.mq.eu-west-1.amazonaws.com-37557-1234520418293-4:1:1:1:{number + 1}",
                "messageType": "jms/bytes-message" if isinstance(message, bytes) else "jms/text-message",
                "deliveryMode": 1,
                "replyTo": None,
                "type": None,
                "expiration": 60000,
                "priority": 4,
                "correlationId": correlation_id,
                "redelivered": redelivered,
                "destination": {"physicalName": queue},
                "data": base64_of(message),
                "timestamp": sent,
                "brokerInTime": sent,
                "brokerOutTime": sent + 1,
                "properties": json_value(properties or {}),
            }
            for number, message in enumerate(_some(messages))
        ],
    }


def rabbitmq(
    queue: str,
    *messages: Any,
    virtual_host: str = "/",
    headers: Mapping[str, str | int] | None = None,
    content_type: str = "application/json",
    correlation_id: str | None = None,
    redelivered: bool = False,
) -> dict[str, Any]:
    """Build one message for each of `messages` ("mq.rabbitmq"); what is neither text nor bytes is sent as JSON.

    `headers`: every message's own. `redelivered`: whether they were delivered before.
    """
    return {
        "eventSource": "aws:rmq",
        "eventSourceArn": arn("mq", _BROKER),
        "rmqMessagesByQueue": {
            f"{queue}::{virtual_host}": [
                {
                    "basicProperties": {
                        "contentType": content_type,
                        "contentEncoding": None,
                        "headers": {
                            name: {"bytes": list(value.encode())} if isinstance(value, str) else value
                            for name, value in (headers or {}).items()
                        },
                        "deliveryMode": 1,
                        "priority": 4,
                        "correlationId": correlation_id,
                        "replyTo": None,
                        "expiration": "60000",
                        "messageId": None,
                        "timestamp": "Jan 1, 2026, 9:00:00 AM",
                        "type": None,
                        "userId": "orders",
                        "appId": None,
                        "clusterId": None,
                        "bodySize": 80,
                    },
                    "redelivered": redelivered,
                    "data": base64_of(message),
                }
                for message in _some(messages)
            ]
        },
    }


def _some(messages: tuple[Any, ...]) -> tuple[Any, ...]:
    if not messages:
        message = "a batch has at least one message"
        raise ValueError(message)
    return messages
