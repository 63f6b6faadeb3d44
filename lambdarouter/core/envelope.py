"""Envelopes: an event that travels inside another source's record, such as S3's inside a message of SQS.

A route declares it: `@app.s3("uploads", via="sqs:uploads-queue")`. Nothing else is ever unwrapped: were the content to
decide, whoever can write to a queue could choose among all the handlers of the app.
"""

from __future__ import annotations

from lambdarouter.core.trigger import Trigger
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

    Hop: TypeAlias = str | Trigger
    Via: TypeAlias = Hop | Sequence[Hop] | None

__all__ = ["hops_of"]


def hops_of(via: Via) -> tuple[Hop, ...]:
    """The way of an event to the function, outermost first: what Lambda gets, then what that holds, and so on.

    A hop is `"source:name"` ("sqs:uploads-queue", "sns:uploads"; the name may be an ARN or a glob), or a trigger for
    more options (`SqsTrigger("uploads-queue", partial=False)`). Raises `ConfigurationError`.
    """
    if via is None:
        return ()
    several: list[Any] = list(via) if isinstance(via, (list, tuple)) else [via]
    for hop in several:
        source, colon, name = hop.partition(":") if isinstance(hop, str) else ("", "", "")
        if not isinstance(hop, Trigger) and not (source and colon and name):
            msg = (
                f"via is {via!r}; it is the way from Lambda to the event, such as 'sqs:uploads-queue', or "
                "['sqs:uploads-queue', 'sns:uploads'] where the queue holds what the topic sent"
            )
            raise ConfigurationError(msg)
    if not several:
        msg = "via is empty; leave it out for events that reach the function as they are"
        raise ConfigurationError(msg)
    return tuple(several)
