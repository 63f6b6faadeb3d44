"""What a client sends of the sources: their event builders as methods."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from lambdarouter.testing.events import ses, sns, sqs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Sends"]

R = TypeVar("R")


class Sends(ABC, Generic[R]):
    """What a client sends; all but HTTP requests, API Gateway's questions to an authorizer, and ticks."""

    @abstractmethod
    def invoke(self, event: Any, context: Any = None) -> R:
        """Send any event."""

    def sns(
        self,
        topic: str,
        *messages: Any,
        subject: str | None = None,
        attributes: Mapping[str, str | float | bytes | Sequence[str]] | None = None,
    ) -> R:
        """Publish to an SNS topic, a name or an ARN: one record for each message; what is not text is sent as JSON."""
        return self.invoke(sns(topic, *messages, subject=subject, attributes=attributes))

    def ses(
        self,
        *,
        recipients: str | Sequence[str],
        sender: str = "sender@example.com",
        subject: str | None = "",
        headers: Mapping[str, str | Sequence[str]] | None = None,
        **receipt: str,
    ) -> R:
        """Receive a mail through Amazon SES.

        `receipt`: the verdicts (`spam="FAIL"`, `virus`, `spf`, `dkim`, `dmarc`) and the rest of what
        `lambdarouter.testing.events.ses` takes.
        """
        return self.invoke(ses(recipients=recipients, sender=sender, subject=subject, headers=headers, **receipt))

    def sqs(
        self,
        queue: str,
        *bodies: Any,
        attributes: Mapping[str, str | float | bytes] | None = None,
        group: str | Sequence[str] | None = None,
    ) -> R:
        """Send a batch of SQS messages, from a queue's name or ARN; a body that is not text is sent as JSON."""
        return self.invoke(sqs(queue, *bodies, attributes=attributes, group=group))
