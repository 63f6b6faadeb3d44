"""Lex: a handler for each intent of a bot, V2 or V1.

::

    @app.lex("BookHotel", invocation="FulfillmentCodeHook")
    def book(city: str, nights: int, turn: LexEvent) -> dict:
        return turn.close(f"Booked {nights} nights in {city}.")

`intent` and `bot` are names or globs, or lists of them; `invocation` is "DialogCodeHook" or "FulfillmentCodeHook".
Parameters are the intent's slots, by name (`check_in` takes `checkIn` too). `LexEvent` is passed by its type, and makes
the replies of its version: `close`, `delegate` and `elicit`. A handler may return a reply of its own making as well.

Delivery: synchronous, within 30 seconds. A handler that raises, and an intent of no route, fail the turn: the bot says
that something went wrong.
https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html
https://docs.aws.amazon.com/lexv2/latest/dg/lambda-response-format.html
"""

from __future__ import annotations

from lambdarouter.core.argument import ArgumentSource
from lambdarouter.core.check import check_characters, check_choices
from lambdarouter.core.conversion import copied, copy_of_object
from lambdarouter.core.single import FilterTrigger, SingleRecord, plain
from lambdarouter.core.view import field, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, TypeAlias, Unpack

    from lambdarouter.core.route import Match
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

    Invocation: TypeAlias = Literal["DialogCodeHook", "FulfillmentCodeHook"]

__all__ = ["LexEvent", "LexSource", "LexTrigger", "LexV1Event"]

_INVOCATIONS = ("DialogCodeHook", "FulfillmentCodeHook")


def _slots(raw: Any) -> dict[str, str | None]:
    """Slot to what Lex makes of it; None while it is open, the first of several values."""
    slots = raw.items() if isinstance(raw, dict) else ()
    return {name: _slot(value) for name, value in slots}


def _slot(raw: Any) -> str | None:
    if isinstance(raw, dict):
        values = raw.get("values")
        if isinstance(values, list) and values:
            return _slot(values[0])
        inner = raw.get("value")
        raw = inner.get("interpretedValue") if isinstance(inner, dict) else None
    return raw if isinstance(raw, str) else None


class LexEvent(SingleRecord):
    """One turn of a conversation with a bot. `session_attributes` is a copy: what a handler changes, Lex keeps."""

    _id_path = ("sessionId",)

    bot: str = field("bot", "name", default="")
    invocation: str = field("invocationSource", default="")
    session_id: str = field("sessionId", default="")
    transcript: str = field("inputTranscript", default="")
    locale: str = field("bot", "localeId", default="")
    intent: str = field("sessionState", "intent", "name", default="")
    slots: dict[str, str | None] = field("sessionState", "intent", "slots", of=_slots, default=dict)
    # None, Confirmed or Denied.
    confirmation: str = field("sessionState", "intent", "confirmationState", default="None")
    session_attributes: dict[str, str] = field("sessionState", "sessionAttributes", of=copy_of_object, default=dict)
    request_attributes: dict[str, str] = field("requestAttributes", of=copy_of_object, default=dict)

    def close(self, message: str | None = None, *, state: Literal["Fulfilled", "Failed"] = "Fulfilled") -> Any:
        """The reply that ends the intent."""
        return self._reply({"type": "Close"}, message, state)

    def delegate(self) -> Any:
        """The reply that leaves the next step to the bot."""
        return self._reply({"type": "Delegate"}, None, None)

    def elicit(self, slot: str, message: str | None = None) -> Any:
        """The reply that asks for a slot."""
        return self._reply({"type": "ElicitSlot", "slotToElicit": slot}, message, None)

    def _reply(self, action: dict[str, Any], message: str | None, state: str | None) -> dict[str, Any]:
        sent = self.raw["sessionState"]
        intent = copy_of_object(sent.get("intent"))
        if state is not None:
            intent["state"] = state
        session = {"sessionAttributes": self.session_attributes, "dialogAction": action, "intent": intent}
        if isinstance(sent.get("activeContexts"), list):
            session["activeContexts"] = copied(sent["activeContexts"])
        reply: dict[str, Any] = {"sessionState": session}
        if message is not None:
            reply["messages"] = [{"contentType": "PlainText", "content": message}]
        return reply


class LexV1Event(LexEvent):
    """A turn with a bot of Lex V1."""

    _id_path = ("userId",)

    session_id: str = field("userId", default="")
    intent: str = field("currentIntent", "name", default="")
    slots: dict[str, str | None] = field("currentIntent", "slots", of=_slots, default=dict)
    confirmation: str = field("currentIntent", "confirmationStatus", default="None")
    session_attributes: dict[str, str] = field("sessionAttributes", of=copy_of_object, default=dict)

    def _reply(self, action: dict[str, Any], message: str | None, state: str | None) -> dict[str, Any]:
        if state is not None:
            action["fulfillmentState"] = state
        else:
            action["slots"] = self.slots
        if action["type"] == "ElicitSlot":
            action["intentName"] = self.intent
        if message is not None:
            action["message"] = {"contentType": "PlainText", "content": message}
        return {"sessionAttributes": self.session_attributes, "dialogAction": action}


class LexSource(ArgumentSource):
    """Turns of a conversation: one handler, its reply."""

    names: tuple[str, ...] = ("lex.v2", "lex.v1")
    decorator = "@app.lex(intent)"
    record: type[View] = LexEvent
    arguments = "slots"
    argument = "a slot of the intent"
    views: Mapping[str, type[View]] = {"lex.v2": LexEvent, "lex.v1": LexV1Event}

    def origin(self, record: LexEvent) -> str:
        """The intent and the bot."""
        return f"the intent {record.intent!r} of the Lex bot {record.bot!r}"

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """The reply. Raises TypeError for anything that Lex would not understand."""
        reply = plain(value)
        if not isinstance(reply, dict):
            msg = (
                f"the handler returned {kind_of(reply)}; a turn's handler returns its reply, such as turn.close('Done')"
            )
            raise TypeError(msg)
        return reply


class LexTrigger(FilterTrigger):
    """`@app.lex("BookHotel")`: answer the turns of this intent.

    `intent`, `bot`: names or globs, or lists of them; without, any. `invocation`: "DialogCodeHook" for each turn,
    "FulfillmentCodeHook" once the slots are filled. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = LexSource

    def __init__(
        self,
        intent: str | Sequence[str] | None = None,
        *,
        invocation: Invocation | None = None,
        bot: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        check_choices("invocation", invocation, _INVOCATIONS)
        super().__init__({"intent": intent, "invocation": invocation, "bot": bot}, **shared)
        check_characters("intent", intent, "_-.")
        check_characters("bot", bot, "_-")
