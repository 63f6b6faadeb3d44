"""Chime SIP: handlers for the events of a phone call, which say what is done next on it.

::

    @app.chime_sip("NEW_INBOUND_CALL")
    def greet(call: SipEvent) -> list[dict]:
        tag = call.participants[0]["ParticipantTag"]
        return [{"Type": "Speak", "Parameters": {"Text": "Hello", "ParticipantTag": tag}}]

`event_type` is the invocation's event type, or a glob, or a list of them; `application` narrows a handler to SIP media
applications. The handler returns a list of actions, at most ten, or None, which leaves those that run as they are.
`SipReply` adds attributes, which come back with each further event of the call.

Delivery: synchronous, within 20 seconds. A handler that raises, is late or does not exist ends the call.
https://docs.aws.amazon.com/chime-sdk/latest/dg/invoke-on-call-leg.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_characters, check_words
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource, plain
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["ChimeSipSource", "ChimeSipTrigger", "SipEvent", "SipReply"]

_MOST_ACTIONS = 10


class SipEvent(SingleRecord):
    """One event of a call."""

    _id_path = ("CallDetails", "TransactionId")

    # "NEW_INBOUND_CALL", "ACTION_SUCCESSFUL", "HANGUP" …
    event_type: str = field("InvocationEventType")
    sequence: int = field("Sequence", of=int, default=0)
    transaction_id: str = field("CallDetails", "TransactionId", default="")
    application: str = field("CallDetails", "SipMediaApplicationId", default="")
    # Each with its CallId, ParticipantTag, To, From, Direction, StartTimeInMilliseconds and Status.
    participants: list[dict[str, Any]] = field("CallDetails", "Participants", of=list, default=list)
    # What a `SipReply` left.
    attributes: dict[str, str] = field("CallDetails", "TransactionAttributes", of=dict, default=dict)
    # Of the action that the event is about.
    action: dict[str, Any] = field("ActionData", of=dict, default=dict)


class SipReply:
    """Actions to take, and attributes that the call's further events are to bring along."""

    __slots__ = ("actions", "attributes")

    def __init__(self, actions: Sequence[Any] = (), *, attributes: Mapping[str, str] | None = None) -> None:
        self.actions: Sequence[Any] = actions
        self.attributes: Mapping[str, str] | None = attributes


class ChimeSipSource(SynchronousSource):
    """Events of calls: one handler says what is done next."""

    names: tuple[str, ...] = ("chime.sip",)
    decorator = "@app.chime_sip(event_type)"
    record: type[View] = SipEvent

    def origin(self, record: SipEvent) -> str:
        """The event's type."""
        return f"the SIP event {record.peek('InvocationEventType')!r}"

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """The reply of actions. Raises TypeError for what is no list, ValueError for too many."""
        reply = value if isinstance(value, SipReply) else SipReply(() if value is None else value)
        actions = plain(list(reply.actions)) if isinstance(reply.actions, (list, tuple)) else None
        if actions is None or not all(isinstance(action, dict) for action in actions):
            msg = f"a SIP handler returns a list of actions, SipReply(...) or None, not {value!r:.60}"
            raise TypeError(msg)
        if len(actions) > _MOST_ACTIONS:
            msg = f"there are {len(actions)} actions, and a reply may have {_MOST_ACTIONS}"
            raise ValueError(msg)
        # None leaves the actions that run; an empty list would stop them.
        told: dict[str, Any] = {"SchemaVersion": "1.0", "Actions": None if value is None else actions}
        if reply.attributes is not None:
            told["TransactionAttributes"] = dict(reply.attributes)
        return told

    def reply(self, event: SipEvent, outcome: Outcome) -> Any:
        """The handler's; where the filter declined, everything goes on as it does."""
        return outcome.value if outcome.status == "ok" else {"SchemaVersion": "1.0", "Actions": None}


class ChimeSipTrigger(FilterTrigger):
    """`@app.chime_sip("NEW_INBOUND_CALL")`: say what is done next on a call.

    `event_type`: an invocation event type or a glob, or a list of them; without, every one. `application`: the id of a
    SIP media application, or a list of them. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = ChimeSipSource

    def __init__(
        self,
        event_type: str | Sequence[str] | None = None,
        *,
        application: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"event_type": event_type, "application": application}, **shared)
        check_words("event_type", event_type, _TYPES, str.isupper)
        check_characters("application", application, "-")


_TYPES = (
    "NEW_INBOUND_CALL",
    "NEW_OUTBOUND_CALL",
    "RINGING",
    "CALL_ANSWERED",
    "CALL_UPDATE_REQUESTED",
    "DIGITS_RECEIVED",
    "ACTION_SUCCESSFUL",
    "ACTION_FAILED",
    "ACTION_INTERRUPTED",
    "INVALID_LAMBDA_RESPONSE",
    "HANGUP",
)
