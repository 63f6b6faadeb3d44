"""What a client sends besides HTTP requests: one method for each kind of event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lambdarouter.testing.events import authorizer, cron, ses, sns, sqs
from lambdarouter.testing.form import text_pairs
from lambdarouter.testing.requests import check_path, grouped, one_of
from lambdarouter.testing.steps import DecisionT, Driven, ResponseT, ResultT, decision, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    Kind = Literal["authorizer.token", "authorizer.request_v1", "authorizer.request_v2", "authorizer.websocket"]

__all__ = ["Sends"]

_AUTHORIZERS = {
    "authorizer.token": authorizer.token,
    "authorizer.request_v1": authorizer.request_v1,
    "authorizer.request_v2": authorizer.request_v2,
    "authorizer.websocket": authorizer.websocket,
}


class Sends(Driven[ResultT, ResponseT, DecisionT]):
    """The part of a client that makes an event of a source's own words, and sends it."""

    def invoke(self, event: Any, context: Any = None) -> ResultT:
        """Send any event. `context` is passed on as it is; by default each call gets a new one of the client's kind."""
        return self.drive(single(event, context))

    def authorize(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        token: str | None = None,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        params: Mapping[str, Any] | None = None,
        kind: Kind | None = None,
        stage: str | None = None,
    ) -> DecisionT:
        """Ask the app's authorizer what API Gateway asks it about a request.

        `token` is the whole Authorization header, such as "Bearer abc". `kind` is "authorizer.token" where there is a
        token and nothing else, else "authorizer.request_v2". A WebSocket authorizer ("authorizer.websocket") is asked
        about `$connect`, whatever the method and path.
        """
        alone = token is not None and headers is None and params is None
        kind = kind or ("authorizer.token" if alone else "authorizer.request_v2")
        build: Any = one_of(_AUTHORIZERS, kind, "kind")
        check_path(path)
        options: dict[str, Any] = {} if stage is None else {"stage": stage}
        if kind == "authorizer.token":
            if token is None or not alone:
                msg = "a TOKEN authorizer is asked about a token and nothing else: give token=, no headers= or params="
                raise TypeError(msg)
            return self.drive(decision(build(method, path, token, **options)))
        sent = grouped(text_pairs(headers, "headers"))
        if token is not None:
            sent = {"Authorization": [token], **sent}
        about = () if kind == "authorizer.websocket" else (method, path)
        event = build(*about, headers=sent, query=grouped(text_pairs(params, "params")), **options)
        return self.drive(decision(event))

    def tick(self, time: datetime | str, *, rule: str | None = None, schedule: str | None = None) -> ResultT:
        """Send the tick of an EventBridge rule (by default "hourly"), or of an EventBridge Scheduler `schedule`.

        `time` is a datetime or ISO 8601 text such as "2026-01-01T03:00Z".
        """
        _check_time(time)
        if schedule is None:
            return self.invoke(cron.rule(time, rule="hourly" if rule is None else rule))
        if rule is not None:
            msg = "a tick comes from a rule or from a schedule: give rule= or schedule=, not both"
            raise TypeError(msg)
        return self.invoke(cron.scheduler(time, schedule=schedule))

    def sns(
        self,
        topic: str,
        *messages: Any,
        subject: str | None = None,
        attributes: Mapping[str, str | float | bytes | Sequence[str]] | None = None,
    ) -> ResultT:
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
    ) -> ResultT:
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
    ) -> ResultT:
        """Send a batch of SQS messages, from a queue's name or ARN; a body that is not text is sent as JSON."""
        return self.invoke(sqs(queue, *bodies, attributes=attributes, group=group))


def _check_time(time: Any) -> None:
    wanted = f"time is {time!r}; it is a datetime or ISO 8601 text such as '2026-01-01T03:00Z'"
    if isinstance(time, str):
        try:
            datetime.fromisoformat(time)
        except ValueError:
            raise ValueError(wanted) from None
    elif not isinstance(time, datetime):
        raise TypeError(wanted)
