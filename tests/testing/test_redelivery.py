"""What AWS delivers next: by source, after each way of failing, until there is nothing left."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from lambdarouter import App, Completion, KinesisRecord, PermanentFailure, S3BatchTask, SqsRecord, Tick
from lambdarouter.engine.classify import classify
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import TestClient, duplicated, events, redelivery
from lambdarouter.testing.events import EXAMPLES, example


class Flaky:
    """A handler that fails for what is in `bad`, as often as that says, and notes what it is called for."""

    def __init__(self, **bad: int) -> None:
        self.bad = bad
        self.seen: list[str] = []

    def __call__(self, text: str) -> None:
        self.seen.append(text)
        if self.bad.get(text, 0):
            self.bad[text] -= 1
            raise RuntimeError(text)


def deliveries(client: TestClient, event: Any) -> list[Any]:
    """Every event that AWS delivers, until nothing is left."""
    found: list[Any] = []
    while event is not None:
        assert len(found) < 20, "it never ends"
        found.append(event)
        event = redelivery(event, client.invoke(event), attempt=len(found))
    return found


def client_of(room: str, origin: str, handler: Flaky, **options: Any) -> TestClient:
    app = App()

    def handle(text: str) -> None:
        handler(text)

    getattr(app, room)(origin, **options)(handle)
    return TestClient(app)


def test_messages_that_failed_come_again_received_once_more() -> None:
    work = Flaky(b=2, c=1)
    sent = deliveries(client_of("sqs", "jobs", work, concurrency=1), events.sqs("jobs", "a", "b", "c"))

    assert work.seen == ["a", "b", "c", "b", "c", "b"]
    counts = [[(r.body, r.receive_count) for r in map(SqsRecord, event["Records"])] for event in sent]
    assert counts == [[("a", 1), ("b", 1), ("c", 1)], [("b", 2), ("c", 2)], [("b", 3)]]


def test_where_every_message_failed_the_invocation_did_and_all_come_again() -> None:
    work = Flaky(a=1, b=1)
    first, second = deliveries(client_of("sqs", "jobs", work), events.sqs("jobs", "a", "b"))

    assert [record["messageId"] for record in second["Records"]] == [record["messageId"] for record in first["Records"]]
    assert {record["attributes"]["ApproximateReceiveCount"] for record in second["Records"]} == {"2"}


def test_of_a_message_group_the_rest_comes_again_in_order() -> None:
    work = Flaky(b=1)
    event = events.sqs("jobs.fifo", "a", "b", "x", "c", group=["1", "1", "2", "1"])

    _, again = deliveries(client_of("sqs", "jobs.fifo", work, concurrency=1), event)

    assert [record["body"] for record in again["Records"]] == ["b", "c"]
    assert work.seen[-2:] == ["b", "c"]


def test_a_duplicate_comes_again_with_its_equal() -> None:
    event = duplicated(events.sqs("jobs", "a", "b"), 1)
    failed = {"batchItemFailures": [{"itemIdentifier": event["Records"][2]["messageId"]}]}

    again = redelivery(event, Completion("sqs", reply=failed))

    assert [record["body"] for record in again["Records"]] == ["b", "b"]


@pytest.mark.parametrize("identifier", ["unknown", "", None])
@pytest.mark.parametrize("event", [events.sqs("jobs", "a", "b"), events.kinesis("clicks", "a", "b")])
def test_a_name_that_is_no_records_brings_the_whole_batch_again(event: Any, identifier: Any) -> None:
    reply = {"batchItemFailures": [{"itemIdentifier": identifier}]}
    again = redelivery(event, Completion(classify(event), reply=reply))
    assert len(again["Records"]) == 2


@pytest.mark.parametrize("reply", [None, {}, {"batchItemFailures": None}, {"batchItemFailures": []}, "ok"])
def test_a_reply_that_names_nothing_is_success(reply: Any) -> None:
    assert redelivery(events.sqs("jobs", "a"), Completion("sqs", reply=reply)) is None


def test_a_stream_goes_on_from_the_lowest_record_that_failed() -> None:
    work = Flaky(b=1, d=2)
    event = events.kinesis("clicks", "a", "b", "c", "d", "e", partition_key=["1", "2", "3", "4", "5"])

    sent = deliveries(client_of("kinesis", "clicks", work, concurrency=1), event)

    data = [[KinesisRecord(raw).data.decode() for raw in each["Records"]] for each in sent]
    assert data == [["a", "b", "c", "d", "e"], ["b", "c", "d", "e"], ["d", "e"]]


def test_a_tables_changes_go_on_from_the_lowest_that_failed() -> None:
    failures = [2]
    app = App()

    @app.dynamodb("orders", concurrency=1)
    def changed(keys: dict[str, int]) -> None:
        if keys["id"] in failures:
            failures.clear()
            raise RuntimeError

    event = events.dynamodb("orders", *((None, {"id": number}) for number in (1, 2, 3)))
    _, again = deliveries(TestClient(app), event)

    assert [record["dynamodb"]["Keys"]["id"]["N"] for record in again["Records"]] == ["2", "3"]


def test_partitions_go_on_each_from_its_first_failure() -> None:
    work = Flaky(b=1, y=1)
    event = events.kafka.msk("orders", "a", "b", "c", "x", "y", "p", partition=[0, 0, 0, 1, 1, 2])

    _, again = deliveries(client_of("kafka", "orders", work, partial=True, concurrency=1), event)

    offsets = {name: [record["offset"] for record in records] for name, records in again["records"].items()}
    assert offsets == {"orders-0": [16, 17], "orders-1": [16]}


def test_without_partial_failures_all_partitions_come_again() -> None:
    event = events.kafka.msk("orders", "a", "b", partition=[0, 1])
    _, again = deliveries(client_of("kafka", "orders", Flaky(b=1)), event)
    assert again == event


def test_an_offset_that_is_no_records_brings_all_partitions_again() -> None:
    event = events.kafka.msk("orders", "a", "b", partition=[0, 1])
    reply = {"batchItemFailures": [{"itemIdentifier": {"partition": "orders-0", "offset": 99}}]}
    assert redelivery(event, Completion("kafka.msk", reply=reply)) == event


@pytest.mark.parametrize("build", [events.mq.activemq, events.mq.rabbitmq])
def test_a_brokers_messages_come_again_as_redelivered(build: Callable[..., Any]) -> None:
    first, second = deliveries(client_of("mq", "orders", Flaky(a=1)), build("orders", "a", "b"))

    (messages,) = second.get("rmqMessagesByQueue", {"": second.get("messages")}).values()
    assert [message["redelivered"] for message in messages] == [True, True]
    assert first != second


def test_a_pipes_items_come_again_as_their_source_does() -> None:
    queue = deliveries(
        client_of("sqs", "jobs", Flaky(b=1), via="pipes:target"), events.pipes(events.sqs("jobs", "a", "b"))
    )
    stream = deliveries(
        client_of("kinesis", "clicks", Flaky(a=1), via="pipes:target", concurrency=1),
        events.pipes(events.kinesis("clicks", "x", "a", "b", partition_key=["1", "2", "3"])),
    )

    assert [[(item["body"], item["attributes"]["ApproximateReceiveCount"]) for item in each] for each in queue] == [
        [("a", "1"), ("b", "1")],
        [("b", "2")],
    ]
    assert [len(each) for each in stream] == [3, 2]


def test_of_a_job_only_what_may_succeed_later_comes_again() -> None:
    app, tries = App(), []

    @app.s3_batch("b")
    def copy(task: S3BatchTask) -> None:
        tries.append(task.key)
        if task.key == "never":
            raise PermanentFailure("it is gone")
        if task.key == "later" and tries.count("later") < 3:
            raise RuntimeError

    sent = deliveries(TestClient(app), events.s3_batch("b", "now", "never", "later"))

    assert [[task["s3Key"] for task in each["tasks"]] for each in sent] == [
        ["now", "never", "later"],
        ["later"],
        ["later"],
    ]


def test_what_an_application_could_not_deliver_comes_again_with_the_number_of_tries() -> None:
    sent = deliveries(client_of("analytics", "app", Flaky(b=1)), events.analytics("app", "a", "b"))

    hints = [[each["lambdaDeliveryRecordMetadata"]["retryHint"] for each in event["records"]] for event in sent]
    assert hints == [[0, 0], [1]]


def test_a_transformation_that_failed_for_a_record_is_over() -> None:
    assert len(deliveries(client_of("firehose", "clicks", Flaky(b=9)), events.firehose("clicks", "a", "b"))) == 1


def test_lambda_repeats_an_asynchronous_event_twice() -> None:
    work = Flaky(a=9)
    sent = deliveries(client_of("sns", "orders", work), events.sns("orders", "a"))

    assert work.seen == ["a"] * 3
    assert sent[0] == sent[1] == sent[2]
    assert sent[0] is not sent[1]


def test_with_once_only_the_job_that_failed_runs_again() -> None:
    app, ran = App(store=MemoryStore()), []

    @app.cron("@hourly", once=True)
    def well(tick: Tick) -> None:
        ran.append("well")

    @app.cron("@hourly", once=True)
    def badly(tick: Tick) -> None:
        ran.append("badly")
        if len(ran) < 3:
            raise RuntimeError

    deliveries(TestClient(app), events.cron.rule("2026-01-01T03:00Z"))

    assert sorted(ran) == ["badly", "badly", "well"]


def test_mail_comes_again_where_its_rule_does_not_wait() -> None:
    event, waited = (
        events.ses(recipients="a@example.com", sender="b@example.com", subject="s", invocation_type=invocation_type)
        for invocation_type in ("Event", "RequestResponse")
    )
    failed = Completion("ses", error=RuntimeError())
    assert redelivery(event, failed) == event
    assert redelivery(waited, failed) is None


# Who waits for an answer, and has been told.
SYNCHRONOUS = {
    "alexa.home", "alexa.skill", "appsync.batch", "appsync.events", "appsync.resolver", "authorizer.appsync",
    "authorizer.iot", "authorizer.request_v1", "authorizer.request_v2", "authorizer.token", "authorizer.transfer",
    "authorizer.vpn", "authorizer.websocket", "bedrock.api", "bedrock.function", "chime.sip", "cloudformation.hook",
    "cloudformation.macro", "cloudfront", "cognito", "cognito.sync", "connect", "connect.campaign", "dashboard",
    "ecs.deployment", "http.alb", "http.lattice_v1", "http.lattice_v2", "http.rest", "http.url", "http.v2",
    "invoke", "iot.provisioning", "ivs.chat", "lex.v1", "lex.v2", "s3.object_lambda", "sagemaker.consolidation",
    "sagemaker.prehuman", "secrets", "ses", "websocket", "workmail",
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_error_brings_an_event_again_unless_somebody_waited_for_it(name: str) -> None:
    event = example(name)
    before = deepcopy(event)

    again = redelivery(event, Completion(name, error=RuntimeError()))

    assert (again is None) is (name in SYNCHRONOUS)
    assert event == before
    assert again is None or classify(again) == name


@pytest.mark.parametrize("name", EXAMPLES)
def test_success_brings_nothing_again(name: str) -> None:
    assert redelivery(example(name), Completion(name)) is None
