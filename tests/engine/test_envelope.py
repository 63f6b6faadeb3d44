"""`via=`: events inside another source's records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    ConfigurationError,
    Depends,
    InvalidPayloadError,
    MalformedPayloadError,
    NoRouteError,
    S3Record,
    SesMail,
    SnsRecord,
    SqsRecord,
)
from lambdarouter.sources.alarm import AlarmEvent
from lambdarouter.sources.eventbridge import EventBridgeEvent
from lambdarouter.sources.s3 import S3Event, S3Source, S3Trigger
from lambdarouter.sources.sqs import SqsTrigger
from lambdarouter.testing.events import eventbridge, s3, ses, sns, sqs
from lambdarouter.testing.events.common import json_text


class Order(BaseModel):
    id: int


def notification(topic: str, message: Any, **options: Any) -> dict[str, Any]:
    """What a queue gets of a topic, without raw message delivery."""
    found: dict[str, Any] = sns(topic, message, **options)["Records"][0]["Sns"]
    return found


def test_s3_in_sqs_fails_the_message_that_held_the_object() -> None:
    app, seen = App(), list[str]()

    @app.s3("uploads", via="sqs:uploads-queue")
    def work(record: S3Record) -> None:
        seen.append(record.key)
        if record.key == "b":
            raise ValueError

    event = sqs("uploads-queue", s3.notification("uploads", "a", "b", "c"), s3.notification("uploads", "d"))
    completion = app.complete(event)
    assert sorted(seen) == ["a", "b", "c", "d"]
    assert completion.reply == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "failed", "ok", "ok"]
    inner = completion.outcomes[1].record
    assert isinstance(inner.outermost, SqsRecord)
    assert inner.locate("s3") == "Records[0] > Records[1].s3"


def test_sns_in_sqs_is_the_notification() -> None:
    app = App()

    @app.sns("orders", attributes={"kind": "created"}, via="sqs:orders-queue")
    def announce(order: Order, record: SnsRecord) -> Any:
        return order.id, record.topic, record.attributes

    event = sqs(
        "orders-queue",
        notification("orders", {"id": 1}, attributes={"kind": "created"}),
        notification("orders", {"id": 2}, attributes={"kind": "other"}),
    )
    completion = app.complete(event)
    assert completion.outcomes[0].value == (1, "orders", {"kind": "created"})
    assert completion.outcomes[1].status == "declined"
    assert completion.reply == {"batchItemFailures": []}


def test_eventbridge_in_sqs_is_the_event() -> None:
    app = App()

    @app.eventbridge("shop.orders", via="sqs:bus-queue")
    def placed(order: Order, event: EventBridgeEvent) -> Any:
        return order.id, event.detail_type

    completion = app.complete(sqs("bus-queue", eventbridge("shop.orders", "OrderPlaced", {"id": 3})))
    assert completion.outcomes[0].value == (3, "OrderPlaced")


def test_s3_comes_through_eventbridge_in_a_queue_too() -> None:
    app = App()
    app.s3("uploads", via="sqs:q")(lambda record: record.key)
    completion = app.complete(sqs("q", s3.eventbridge("uploads", "a b")))
    assert completion.outcomes[0].value == "a b"


def test_s3_in_sns_raises_as_sns_does() -> None:
    app = App()

    @app.s3("uploads", via="sns:uploads-topic")
    def work(record: S3Record) -> None:
        if record.key == "b":
            raise ValueError

    assert app.complete(sns("uploads-topic", s3.notification("uploads", "a"))).reply is None
    assert isinstance(app.complete(sns("uploads-topic", s3.notification("uploads", "b"))).error, ValueError)


def test_s3_in_sns_in_sqs_goes_all_the_way() -> None:
    app = App()

    @app.s3("uploads", via=["sqs:fanout", "sns:uploads-topic"])
    def work(record: S3Record) -> str:
        assert isinstance(record.outer, SnsRecord)
        if record.key == "bad":
            raise ValueError
        return record.key

    event = sqs("fanout", *[notification("uploads-topic", s3.notification("uploads", key)) for key in ("a", "bad")])
    completion = app.complete(event)
    assert completion.outcomes[0].value == "a"
    assert completion.reply == {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}
    assert completion.outcomes[0].record.locate() == "Records[0] > Records[0] > Records[0]"


def test_with_raw_message_delivery_the_topic_is_no_hop() -> None:
    app = App()
    app.s3("uploads", via="sqs:fanout")(lambda record: record.key)
    raw = s3.notification("uploads", "a")
    assert app.complete(sqs("fanout", raw)).outcomes[0].value == "a"

    app = App()
    app.s3("uploads", via=["sqs:fanout", "sns:t"])(lambda record: record.key)
    error = app.complete(sqs("fanout", raw)).error
    assert isinstance(error, InvalidPayloadError)
    assert "raw message delivery" in str(error)


def test_ses_in_sns_is_the_mail_of_an_sns_action() -> None:
    app = App()

    @app.ses(recipient="*@example.com", via="sns:mail")
    def inbox(mail: SesMail) -> Any:
        return mail.recipients, mail.raw["ses"]["content"]

    action = ses(recipients="a@example.com", sender="b@example.com", subject="s")["Records"][0]["ses"]
    completion = app.complete(sns("mail", {"notificationType": "Received", "content": "From: …", **action}))
    assert completion.outcomes[0].value == (["a@example.com"], "From: …")
    assert completion.reply is None
    bounce = app.complete(sns("mail", {"notificationType": "Bounce", **action}))
    assert isinstance(bounce.error, InvalidPayloadError)


def test_an_alarm_in_sns_is_the_alarm_of_an_sns_action() -> None:
    app, seen = App(), list[Any]()

    @app.alarm("checkout-*", state="ALARM", via="sns:alarms")
    def page(alarm: AlarmEvent) -> None:
        seen.append((alarm.name, alarm.state, alarm.previous_state, alarm.reason, alarm.account_id, alarm.region))
        assert alarm.changed == alarm.time

    message = {
        "AlarmName": "checkout-errors",
        "AlarmDescription": "Too many errors",
        "AWSAccountId": "123456789012",
        "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed",
        "StateChangeTime": "2026-01-01T09:00:00.236+0000",
        "Region": "EU (Ireland)",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-errors",
        "OldStateValue": "OK",
        "Trigger": {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Threshold": 1.0},
    }
    assert app.complete(sns("alarms", message)).error is None
    assert seen == [("checkout-errors", "ALARM", "OK", "Threshold Crossed", "123456789012", "eu-west-1")]
    assert app.complete(sns("alarms", {**message, "NewStateValue": "OK"})).outcomes[0].status == "declined"
    assert isinstance(app.complete(sns("alarms", {"Records": []})).error, InvalidPayloadError)


def test_mail_in_an_envelope_that_nobody_wants_is_not_acknowledged() -> None:
    app = App()
    app.ses(recipient="*@example.com", via="sns:mail")(lambda: None)
    action = ses(recipients="a@example.org", sender="b@example.com", subject="s")["Records"][0]["ses"]
    completion = app.complete(sns("mail", {"notificationType": "Received", **action}))
    assert isinstance(completion.error, NoRouteError)


@pytest.mark.parametrize("hops", ["sqs:q", "sns:q", ["sqs:q", "sns:t"]], ids=str)
def test_s3s_test_event_is_swallowed_in_any_declared_envelope(hops: Any) -> None:
    app = App()
    app.s3("uploads", via=hops)(lambda: 1 / 0)
    test = s3.test("uploads")
    event = {"sqs:q": sqs("q", test), "sns:q": sns("q", test)}.get(str(hops), sqs("q", notification("t", test)))
    completion = app.complete(event)
    assert completion.error is None
    assert [outcome.status for outcome in completion.outcomes] == ["declined"]


def test_nothing_is_unwrapped_that_no_route_declares() -> None:
    app, seen = App(), list[str]()
    app.s3("uploads")(lambda: 1 / 0)
    app.sns("orders")(lambda: 1 / 0)

    @app.sqs("jobs")
    def work(body: str) -> None:
        seen.append(body)

    bodies = [json_text(s3.notification("uploads", "a")), json_text(notification("orders", "x"))]
    assert app(sqs("jobs", *bodies)) == {"batchItemFailures": []}
    assert sorted(seen) == sorted(bodies)


def test_an_envelope_of_another_queue_is_not_opened() -> None:
    app = App()
    app.s3("uploads", via="sqs:uploads-queue")(lambda: None)
    completion = app.complete(sqs("others", s3.notification("uploads", "a")))
    assert isinstance(completion.error, NoRouteError)
    assert "the SQS queue 'others'" in str(completion.error)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("not json", MalformedPayloadError),
        ("[]", InvalidPayloadError),
        ("null", InvalidPayloadError),
        ('{"Records": []}', InvalidPayloadError),
        ('{"id": 1}', InvalidPayloadError),
        (json_text(notification("orders", {"id": 1})), InvalidPayloadError),
        (json_text(s3.notification("elsewhere", "a")), NoRouteError),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_in_a_declared_envelope_has_to_be_what_was_declared(body: str, error: type[Exception]) -> None:
    app = App()
    app.s3("uploads", via="sqs:q")(lambda: None)
    event = sqs("q", body, s3.notification("uploads", "fine"))
    completion = app.complete(event)
    assert [type(outcome.error) for outcome in completion.outcomes] == [error, type(None)]
    assert completion.reply == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}


class Sieve(S3Source):
    """A source of one's own that looks over what has no bytes."""

    def split(self, event: S3Event) -> Sequence[S3Record]:
        return [record for record in super().split(event) if record.size]


class SieveTrigger(S3Trigger):
    source = Sieve


def test_what_is_in_a_declared_envelope_has_to_hold_a_record() -> None:
    app = App()
    app.on(SieveTrigger("uploads", via="sqs:q"))(lambda: None)
    event = sqs("q", s3.notification("uploads", "a", size=0), s3.notification("uploads", "b", size=1))
    completion = app.complete(event)
    assert [type(outcome.error) for outcome in completion.outcomes] == [InvalidPayloadError, type(None)]
    assert "Records[0] holds an event without any record" in str(completion.outcomes[0].error)
    assert completion.reply == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}


def test_a_queue_may_hold_events_of_several_declared_sources_and_have_a_handler_of_its_own() -> None:
    app, seen = App(), list[tuple[str, str]]()
    app.s3("uploads", via="sqs:mixed")(lambda record: seen.append(("s3", record.key)))
    app.s3("scans", via="sqs:mixed")(lambda record: seen.append(("scans", record.key)))
    app.sns("orders", via="sqs:mixed")(lambda record: seen.append(("sns", record.message)))
    app.s3("deep", via=["sqs:mixed", "sns:s3-topic"])(lambda record: seen.append(("deep", record.key)))
    app.sqs("mixed")(lambda record: seen.append(("sqs", "")))
    event = sqs(
        "mixed",
        s3.notification("uploads", "a"),
        s3.notification("scans", "b"),
        notification("orders", "c"),
        notification("s3-topic", s3.notification("deep", "d")),
    )
    assert app(event) == {"batchItemFailures": []}
    assert sorted(seen) == [("deep", "d"), ("s3", "a"), ("scans", "b"), ("sns", "c"), *[("sqs", "")] * 4]


def test_a_fifo_queue_keeps_the_order_of_what_its_messages_hold() -> None:
    app, seen = App(), list[str]()

    @app.sns("orders", via="sqs:orders.fifo")
    def work(message: str) -> None:
        seen.append(message)
        if message == "1":
            raise ValueError

    event = sqs("orders.fifo", *[notification("orders", str(n)) for n in range(3)], group="g")
    completion = app.complete(event)
    assert seen == ["0", "1"]
    assert len(completion.reply["batchItemFailures"]) == 2


def test_a_hop_may_be_a_trigger_with_options_of_its_own() -> None:
    app = App()

    @app.sns("orders", via=SqsTrigger("q", partial=False, attributes=None))
    def work(order: Order) -> None: ...

    event = sqs("q", notification("orders", {"id": 1}), notification("orders", {"id": "x"}))
    assert isinstance(app.complete(event).error, InvalidPayloadError)

    app = App()

    @app.sns("orders", via=SqsTrigger("q", on_invalid="drop"))
    def work_too(order: Order) -> None: ...

    assert app(event) == {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("via", "message"),
    [
        ("carrier:pigeon", "there is no source 'carrier'; those that hold events of others are pipes, sns, sqs"),
        ("ses:x", "not enough for @app.ses"),
        ("s3:uploads", "whose records hold no events of other sources; those of pipes, sns, sqs do"),
        ("sqs:arn:aws:sns:x", "is no ARN of that kind"),
    ],
)
def test_a_hop_that_cannot_be_is_refused(via: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        App().s3("uploads", via=via)(lambda: None)


def first(event: S3Event) -> int:
    return len(event.records)


def test_the_event_is_the_outer_sources_so_a_handler_cannot_take_its_own() -> None:
    with pytest.raises(ConfigurationError, match="'event' is of the whole event"):

        @App().s3("uploads", via="sqs:q")
        def work(event: S3Event) -> None: ...

    with pytest.raises(ConfigurationError, match="'event' is of the whole event"):

        @App().s3("uploads", via="sqs:q")
        def work_too(count: Annotated[int, Depends(first)]) -> None: ...


def test_the_routes_of_an_app_list_those_with_envelopes() -> None:
    app = App()
    app.s3("uploads", via="sqs:q")(lambda: None)
    (route,) = app.routes
    assert repr(route.trigger) == "S3Trigger(uploads)"
    assert [repr(hop) for hop in route.hops] == ["SqsTrigger(q)"]


def test_a_filter_that_fails_inside_an_envelope_fails_that_record() -> None:
    app = App()
    app.s3("uploads", prefix="a", via="sqs:q")(lambda: None)
    inner = s3.notification("uploads", "a")
    inner["Records"][0]["s3"]["object"]["key"] = "%FF"
    event = sqs("q", inner, s3.notification("uploads", "a"))
    assert len(app(event)["batchItemFailures"]) == 1
