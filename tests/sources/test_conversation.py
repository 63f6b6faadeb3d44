"""The rooms of conversations: lex, alexa, alexa_home, connect and connect_campaign."""

from __future__ import annotations

from typing import Any

import pytest

from lambdarouter import (
    AlexaEvent,
    AlexaHomeDirective,
    App,
    CampaignEvent,
    ConfigurationError,
    ConnectEvent,
    Context,
    InvalidPayloadError,
    LexEvent,
    NoRouteError,
)
from lambdarouter.sources.lex import LexV1Event
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import alexa, alexa_home, connect, connect_campaign, lex


def reply(app: App, event: Any) -> Any:
    return TestClient(app).invoke(event).unwrap()


# Lex ----------------------------------------------------------------------------------------------------------


def test_a_turn_is_closed_delegated_or_asks_in_the_form_of_v2() -> None:
    event = lex.v2("BookHotel", {"city": "Madrid", "nights": None}, session={"member": "yes"})
    turn = LexEvent(event)
    turn.session_attributes["seen"] = "1"

    closed = turn.close("Done.", state="Failed")
    state = closed["sessionState"]
    assert state["dialogAction"] == {"type": "Close"}
    assert (state["intent"]["name"], state["intent"]["state"]) == ("BookHotel", "Failed")
    assert state["sessionAttributes"] == {"member": "yes", "seen": "1"}
    assert closed["messages"] == [{"contentType": "PlainText", "content": "Done."}]
    assert "messages" not in turn.delegate()
    assert turn.elicit("nights")["sessionState"]["dialogAction"] == {"type": "ElicitSlot", "slotToElicit": "nights"}
    assert event["sessionState"]["intent"]["state"] == "ReadyForFulfillment"
    assert event["sessionState"]["sessionAttributes"] == {"member": "yes"}
    event["sessionState"]["activeContexts"] = None
    assert "activeContexts" not in LexEvent(event).delegate()["sessionState"]


def test_a_turn_is_closed_delegated_or_asks_in_the_form_of_v1() -> None:
    turn = LexV1Event(lex.v1("BookHotel", {"city": "Madrid"}, session={"member": "yes"}))

    assert turn.close("Done.") == {
        "sessionAttributes": {"member": "yes"},
        "dialogAction": {
            "type": "Close",
            "fulfillmentState": "Fulfilled",
            "message": {"contentType": "PlainText", "content": "Done."},
        },
    }
    assert turn.delegate()["dialogAction"] == {"type": "Delegate", "slots": {"city": "Madrid"}}
    assert turn.elicit("nights")["dialogAction"] == {
        "type": "ElicitSlot",
        "slotToElicit": "nights",
        "intentName": "BookHotel",
        "slots": {"city": "Madrid"},
    }


def test_slots_are_parameters_in_both_versions() -> None:
    app = App()

    @app.lex("Book*", invocation="FulfillmentCodeHook", bot="Hotel")
    def book(turn: LexEvent, nights: int, check_in: str | None = None) -> Any:
        return turn.close(f"{nights} {check_in} {turn.intent} {turn.confirmation}")

    event = lex.v2("BookHotel", {"nights": "2", "checkIn": "monday"})
    assert reply(app, event)["messages"][0]["content"] == "2 monday BookHotel None"
    event = lex.v1("BookHotel", {"nights": "2", "checkIn": None})
    assert reply(app, event)["dialogAction"]["message"]["content"] == "2 None BookHotel None"
    with pytest.raises(InvalidPayloadError, match="nights"):
        reply(app, lex.v2("BookHotel", {"nights": "two"}))
    with pytest.raises(NoRouteError, match="the intent 'Cancel' of the Lex bot 'Hotel'"):
        reply(app, lex.v2("Cancel"))


def test_a_slot_of_several_values_is_its_first() -> None:
    event = lex.v2("BookHotel", {"city": "Madrid"})
    value = event["sessionState"]["intent"]["slots"]["city"]
    event["sessionState"]["intent"]["slots"]["extras"] = {"shape": "List", "value": None, "values": [value]}
    event["sessionState"]["intent"]["slots"]["odd"] = {"value": 5}

    assert LexEvent(event).slots == {"city": "Madrid", "extras": "Madrid", "odd": None}


def test_a_view_of_one_version_needs_a_trigger_of_that_version() -> None:
    with pytest.raises(
        ConfigurationError, match=r"is a LexV1Event, but .*another shape \(lex\.v2\).* annotate LexEvent"
    ):

        @App().lex("BookHotel")
        def book(turn: LexV1Event) -> None: ...

    with pytest.raises(ConfigurationError, match="it is one of DialogCodeHook, FulfillmentCodeHook"):
        App().lex("BookHotel", invocation="Dialog")(lambda: None)  # type: ignore[arg-type]


def test_a_reply_that_is_no_object_is_the_handlers_failure() -> None:
    app = App()
    app.lex()(lambda: "Done.")
    with pytest.raises(TypeError, match=r"the handler returned a string; .*turn\.close\('Done'\)"):
        reply(app, lex.v2("BookHotel"))


# Alexa --------------------------------------------------------------------------------------------------------


def test_a_skill_says_something() -> None:
    app = App()

    @app.alexa(intent="OrderIntent", skill="amzn1.ask.skill.example")
    def order(turn: AlexaEvent, item: str, pick_up: str = "now") -> Any:
        turn.attributes["asked"] = item
        assert (turn.request, turn.locale, turn.confirmation) == ("IntentRequest", "en-US", "NONE")
        assert turn.user_id == "amzn1.ask.account.EXAMPLE"
        assert turn.id == turn.raw["request"]["requestId"]
        return turn.say(f"{item} {pick_up}", reprompt="Anything else?")

    said = reply(app, alexa(intent="OrderIntent", slots={"item": "tea", "pickUp": None}, attributes={"n": 1}))
    assert said["response"]["outputSpeech"]["text"] == "tea now"
    assert said["response"]["reprompt"]["outputSpeech"]["text"] == "Anything else?"
    assert said["response"]["shouldEndSession"] is False
    assert said["sessionAttributes"] == {"n": 1, "asked": "tea"}
    assert AlexaEvent(alexa()).say("Hi")["response"]["shouldEndSession"] is True


def test_another_skill_and_another_request_are_nobodys() -> None:
    app = App()
    app.alexa("LaunchRequest", skill="amzn1.ask.skill.example")(lambda context: None)

    with pytest.raises(NoRouteError, match=r"the Alexa request 'LaunchRequest': "):
        reply(app, alexa(skill="amzn1.ask.skill.other"))
    with pytest.raises(NoRouteError, match=r"'IntentRequest' \(OrderIntent\)"):
        reply(app, alexa(intent="OrderIntent"))


def test_a_request_without_a_session_or_a_system_is_read_where_it_is() -> None:
    event = alexa()
    event["context"] = None
    assert AlexaEvent(event).skill == "amzn1.ask.skill.example"
    assert AlexaEvent(event).user_id == "amzn1.ask.account.EXAMPLE"
    assert (AlexaEvent({}).skill, AlexaEvent({}).user_id, AlexaEvent({}).slots) == ("", "", {})


def test_a_directive_is_read_in_every_version() -> None:
    app = App()

    @app.alexa_home("Alexa.*Control*", ["TurnOn", "TurnOnRequest"])
    def switch(payload: dict[str, Any], directive: AlexaHomeDirective, context: Context) -> Any:
        return [directive.namespace, directive.name, directive.payload_version, directive.endpoint_id, payload]

    event = alexa_home("Alexa.PowerController", "TurnOn", {"a": 1}, endpoint="lamp")
    assert reply(app, event) == ["Alexa.PowerController", "TurnOn", "3", "lamp", {"a": 1}]
    assert AlexaHomeDirective(event).id == event["directive"]["header"]["messageId"]
    header = {"namespace": "Alexa.ConnectedHome.Control", "name": "TurnOnRequest", "payloadVersion": "2"}
    assert reply(app, {"header": header, "payload": {}}) == [*header.values(), "", {}]
    with pytest.raises(NoRouteError, match=r"the Alexa directive 'Discover' of 'Alexa\.Discovery'"):
        reply(app, alexa_home("Alexa.Discovery", "Discover"))
    assert AlexaHomeDirective({"directive": {"header": None}}).namespace == ""
    assert AlexaHomeDirective({}).id == "the event"


# Connect ------------------------------------------------------------------------------------------------------


def test_a_block_names_its_handler_in_a_parameter() -> None:
    app = App()

    @app.connect(parameters={"action": ["lookup", "find-*"]})
    def lookup(customer_id: int, contact: ConnectEvent) -> dict[str, str]:
        assert (contact.channel, contact.queue, contact.attributes) == ("VOICE", "Orders", {"tier": "gold"})
        return {"customer": str(customer_id)}

    @app.connect(parameters={"action": "log"})
    def log() -> None: ...

    def event(action: str) -> Any:
        return connect({"action": action, "customerId": "4"}, attributes={"tier": "gold"}, queue="Orders")

    assert reply(app, event("lookup")) == reply(app, event("find-it")) == {"customer": "4"}
    assert reply(app, event("log")) == {}
    with pytest.raises(NoRouteError, match=r"with the parameters action, customerId: .*action=lookup\|find-\*"):
        reply(app, event("other"))
    with pytest.raises(NoRouteError, match=r"with the parameters \(none\)"):
        reply(app, connect())


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        ("gold", TypeError, "the handler returned a string; a flow takes an object"),
        ({"a": "x" * 33_000}, ValueError, "33008"),
    ],
)
def test_what_connect_would_not_take_is_the_handlers_failure(value: Any, error: type[Exception], said: str) -> None:
    app = App()
    app.connect()(lambda: value)
    with pytest.raises(error, match=said):
        reply(app, connect())


def test_what_a_parameter_cannot_be_is_refused() -> None:
    for decorate, said in (
        (App().connect(), "a parameter of the block"),
        (App().lex(), "a slot of the intent"),
        (App().alexa(), "a slot of the intent"),
        (App().alexa_home(), "one parameter for the payload"),
    ):

        def handler(event: CampaignEvent) -> None: ...

        with pytest.raises(ConfigurationError, match=said):
            decorate(handler)


def test_a_campaigns_profiles_are_read() -> None:
    app = App()

    @app.connect_campaign("welcome-*")
    def welcome(event: CampaignEvent) -> Any:
        return [event.campaign, [profile["CustomerData"] for profile in event.profiles]]

    assert reply(app, connect_campaign("welcome-1", {"name": "Ada"})) == ["welcome-1", ['{"name":"Ada"}']]
    with pytest.raises(NoRouteError, match="the Connect campaign 'farewell'"):
        reply(app, connect_campaign("farewell"))
