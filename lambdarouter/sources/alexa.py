"""Alexa skills: a handler for each kind of request, and for each intent.

::

    @app.alexa("IntentRequest", intent="OrderIntent", skill="amzn1.ask.skill.example")
    def order(item: str, turn: AlexaEvent) -> dict:
        return turn.say(f"Ordered {item}.")

`request` is the request's type ("LaunchRequest", "IntentRequest", "SessionEndedRequest" …) or a glob, `intent` the
intent's name or a glob, `skill` the skill's id; lists of them, too. Parameters are the intent's slots, by name.
`AlexaEvent` is passed by its type; `say` makes a plain reply, and any other object is sent as it is.

Delivery: synchronous, within 8 seconds. A handler that raises, and a request of no route, fail the turn. Give `skill`:
without it, the function answers every skill that may invoke it.
https://docs.aws.amazon.com/lambda/latest/dg/services-alexa.html
"""

from __future__ import annotations

from lambdarouter.core.argument import ArgumentSource
from lambdarouter.core.check import check_beginning, check_characters, check_words
from lambdarouter.core.conversion import copy_of_object
from lambdarouter.core.single import FilterTrigger, SingleRecord
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["AlexaEvent", "AlexaSource", "AlexaTrigger"]


def _slots(raw: Any) -> dict[str, str]:
    """Slot to what was said; those that are open are left out."""
    slots = raw.items() if isinstance(raw, dict) else ()
    values = ((name, slot.get("value")) for name, slot in slots if isinstance(slot, dict))
    return {name: value for name, value in values if isinstance(value, str)}


class AlexaEvent(SingleRecord):
    """One request to a skill. `attributes` is a copy: `say` sends it as the handler left it."""

    _id_path = ("request", "requestId")

    request: str = field("request", "type")
    locale: str = field("request", "locale", default="")
    intent: str = field("request", "intent", "name", default="")
    slots: dict[str, str] = field("request", "intent", "slots", of=_slots, default=dict)
    confirmation: str = field("request", "intent", "confirmationStatus", default="NONE")
    dialog_state: str = field("request", "dialogState", default="")
    session_id: str = field("session", "sessionId", default="")
    is_new: bool = field("session", "new", of=bool, default=False)
    attributes: dict[str, Any] = field("session", "attributes", of=copy_of_object, default=dict)
    device_id: str = field("context", "System", "device", "deviceId", default="")

    @property
    def skill(self) -> str:
        """The skill's id; requests outside of a session have it elsewhere."""
        return (
            self.peek("context", "System", "application", "applicationId")
            or self.peek("session", "application", "applicationId")
            or ""
        )

    @property
    def user_id(self) -> str:
        """The user's id, of this skill alone."""
        return self.peek("context", "System", "user", "userId") or self.peek("session", "user", "userId") or ""

    def say(self, text: str, *, reprompt: str | None = None) -> dict[str, Any]:
        """A reply that says `text`; with `reprompt`, what to say while waiting, the session stays open."""
        response: dict[str, Any] = {
            "outputSpeech": {"type": "PlainText", "text": text},
            "shouldEndSession": reprompt is None,
        }
        if reprompt is not None:
            response["reprompt"] = {"outputSpeech": {"type": "PlainText", "text": reprompt}}
        return {"version": "1.0", "sessionAttributes": self.attributes, "response": response}


class AlexaSource(ArgumentSource):
    """Requests to skills: one handler, its reply."""

    names: tuple[str, ...] = ("alexa.skill",)
    decorator = "@app.alexa(request)"
    record: type[View] = AlexaEvent
    arguments = "slots"
    argument = "a slot of the intent"

    def origin(self, record: AlexaEvent) -> str:
        """The request, and the intent."""
        return f"the Alexa request {record.request!r}{f' ({record.intent})' if record.intent else ''}"


class AlexaTrigger(FilterTrigger):
    """`@app.alexa("IntentRequest", intent="OrderIntent")`: answer these requests to a skill.

    `request`: the request's type or a glob; `intent`: the intent's name or a glob; `skill`: the skill's id; or lists of
    them. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = AlexaSource

    def __init__(
        self,
        request: str | Sequence[str] | None = None,
        *,
        intent: str | Sequence[str] | None = None,
        skill: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"request": request, "intent": intent, "skill": skill}, **shared)
        # Interfaces have requests of their own: "AudioPlayer.PlaybackStarted".
        check_words("request", request, _REQUESTS, lambda word: "." in word or word.endswith("Request"))
        # A built-in intent may have its signature in its name: "AMAZON.SearchAction<object@WeatherForecast[weather]>".
        check_characters("intent", intent, "_.<>@[]")
        check_beginning("skill", skill, "amzn1.ask.skill.")


_REQUESTS = (
    "LaunchRequest",
    "IntentRequest",
    "SessionEndedRequest",
    "SessionResumedRequest",
    "CanFulfillIntentRequest",
)
