"""WorkMail: a handler for the mail that an email flow rule hands to Lambda.

::

    @app.workmail(recipient="*@support.example.com")
    def inbound(mail: WorkMailEvent) -> dict:
        return {"actions": [{"action": {"type": "DEFAULT"}, "allRecipients": True}]}

`direction` is "INBOUND" or "OUTBOUND"; `sender` and `recipient` are addresses or globs, or lists of them.
`WorkMailEvent` is passed by its type. WorkMail gets the value as JSON.

Delivery: as the rule says: a synchronous "Run Lambda" action waits 15 seconds for the actions that the handler returns,
an asynchronous one does not look at them. The first handler that fits runs. A handler that raises, and mail of no
route, leave it to the rule what becomes of the mail.
https://docs.aws.amazon.com/workmail/latest/adminguide/lambda.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_addresses, check_choices
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["WorkMailEvent", "WorkMailSource", "WorkMailTrigger"]

_DIRECTIONS = ("INBOUND", "OUTBOUND")


def _addresses(raw: Any) -> list[str]:
    items = (each.get("address") for each in raw if isinstance(each, dict)) if isinstance(raw, list) else ()
    return [item for item in items if isinstance(item, str)]


class WorkMailEvent(SingleRecord):
    """A mail that is sent or received: its envelope and subject, not its body."""

    _id_path = ("messageId",)

    message_id: str = field("messageId")
    invocation_id: str = field("invocationId", default="")
    # "INBOUND" or "OUTBOUND".
    direction: str = field("flowDirection", default="")
    # The Sender or From header: anyone can write it.
    sender: str = field("sender", "address", default="")
    envelope_sender: str = field("envelope", "mailFrom", "address", default="")
    recipients: list[str] = field("envelope", "recipients", of=_addresses, default=list)
    subject: str = field("subject", default="")
    # Whether the subject or the recipients were cut off.
    truncated: bool = field("truncated", of=bool, default=False)


class WorkMailSource(SynchronousSource):
    """Mail: one handler, its value."""

    names: tuple[str, ...] = ("workmail",)
    decorator = "@app.workmail(recipient=...)"
    record: type[View] = WorkMailEvent

    def origin(self, record: WorkMailEvent) -> str:
        """The recipients."""
        return f"mail for {', '.join(record.recipients) or 'nobody'}"


class WorkMailTrigger(FilterTrigger):
    """`@app.workmail(recipient="*@support.example.com")`: run for mail.

    `direction`: "INBOUND" or "OUTBOUND"; `sender`, `recipient`: addresses or globs, or lists of them; without, all
    mail. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = WorkMailSource
    reads: Mapping[str, str] = {"recipient": "recipients"}

    def __init__(
        self,
        *,
        direction: Literal["INBOUND", "OUTBOUND"] | None = None,
        sender: str | Sequence[str] | None = None,
        recipient: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        check_choices("direction", direction, _DIRECTIONS)
        super().__init__({"direction": direction, "sender": sender, "recipient": recipient}, **shared)
        check_addresses("sender", sender)
        check_addresses("recipient", recipient)
