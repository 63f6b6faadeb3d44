"""SNS notifications as a subscribed function receives them.

Shape after "Invoking Lambda functions with Amazon SNS notifications" in the Lambda developer guide. Two
spellings are SNS's own: ``EventSource`` with a capital letter, and ``SigningCertUrl``, which its HTTP
deliveries call SigningCertURL.
"""

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal

from lambdarouter.testing.events.common import (
    MOMENT,
    REGION,
    arn,
    identifier,
    iso_millis,
    json_text,
    moment,
    scalar,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

__all__ = ["sns"]

_ENDPOINT = f"https://sns.{REGION}.amazonaws.com"


def sns(
    topic: str,
    *messages: Any,
    subject: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build one record for each of `messages`, from `topic`, a name or an ARN ("sns").

    A message that is not text is sent as JSON. `attributes` become every record's MessageAttributes: text a
    String, a number a Number, bytes a Binary (base64), a list a String.Array (JSON text). `time`: when they were
    published. AWS delivers one record per event; several show what an app does with them.
    """
    if not messages:
        message = "an SNS event carries at least one message"
        raise ValueError(message)
    topic_arn = topic if topic.startswith("arn:") else arn("sns", topic)
    subscription = f"{topic_arn}:{identifier('subscription', topic_arn)}"
    texts = [text_of(message) for message in messages]
    records = [
        {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": {
                "Type": "Notification",
                "MessageId": identifier(topic_arn, str(number), text),
                "TopicArn": topic_arn,
                "Subject": subject,
                "Message": text,
                "Timestamp": iso_millis(moment(time)),
                "SignatureVersion": "1",
                "Signature": "RXhhbXBsZVNpZ25hdHVyZQ==",
                "SigningCertUrl": f"{_ENDPOINT}/SimpleNotificationService-example.pem",
                "UnsubscribeUrl": f"{_ENDPOINT}/?Action=Unsubscribe&SubscriptionArn={subscription}",
                "MessageAttributes": {name: _attribute(name, value) for name, value in (attributes or {}).items()},
            },
        }
        for number, text in enumerate(texts)
    ]
    return {"Records": records}


def _attribute(name: str, given: Any) -> dict[str, str]:
    value = scalar(given)
    if isinstance(value, str):
        return {"Type": "String", "Value": value}
    if isinstance(value, bytes):
        return {"Type": "Binary", "Value": b64encode(value).decode()}
    if isinstance(value, (list, tuple)):
        return {"Type": "String.Array", "Value": json_text(value)}
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return {"Type": "Number", "Value": str(value)}
    message = f"attribute {name!r}: SNS has text, numbers, bytes and lists, not {type(given).__name__}"
    raise TypeError(message)
