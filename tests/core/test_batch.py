"""Batch semantics, shown with the SQS room."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from pydantic import BaseModel

from lambdarouter import (
    App,
    BatchError,
    ConfigurationError,
    Context,
    DeadlineExceeded,
    Depends,
    Event,
    InvalidPayloadError,
    NotAttempted,
    PartialFailure,
    Record,
    Router,
    SqsRecord,
    field,
)
from lambdarouter.core.batch import PartialSource, PartialTrigger
from lambdarouter.sources.sqs import SqsEvent, SqsTrigger
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import sqs
from tests.engine.batch import LambdaContext, fresh
from tests.pace import in_real_time, seconds


class Job(BaseModel):
    id: int


def failures(reply: Any) -> list[str]:
    return [item["itemIdentifier"] for item in reply["batchItemFailures"]]


# --- partial= --------------------------------------------------------------------------------------------------------


def test_with_partial_false_any_failure_raises() -> None:
    app = App()

    @app.sqs("jobs", partial=False)
    def work(job: Job) -> None: ...

    assert isinstance(TestClient(app).sqs("jobs", {"id": 1}, {"id": "x"}).error, InvalidPayloadError)
    assert TestClient(app).sqs("jobs", {"id": 1}, {"id": 2}).reply == {"batchItemFailures": []}


def test_one_route_with_partial_false_speaks_for_the_mapping_that_sent_the_batch() -> None:
    app = App()
    app.sqs("jobs", partial=False, attributes={"kind": "a"})(lambda: None)

    @app.sqs("jobs")
    def fails(body: str) -> None:
        if body == "b":
            raise ValueError

    event = sqs("jobs", "a", attributes={"kind": "a"})
    event["Records"] += sqs("jobs", "b", attributes={"kind": "b"})["Records"]
    assert isinstance(app.complete(event).error, ValueError)


@pytest.mark.parametrize("options", [{"partial": 1}, {"partial": "no"}, {"on_invalid": "ignore"}, {"on_invalid": None}])
def test_an_option_that_means_nothing_is_refused(options: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(options))} is"):
        SqsTrigger("jobs", **options)


# --- on_invalid= -----------------------------------------------------------------------------------------------------


def test_an_invalid_payload_can_be_dropped_with_a_line_in_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    app = App()

    @app.sqs("jobs", on_invalid="drop")
    def work(job: Job) -> int:
        if job.id == 3:
            raise ValueError
        return job.id

    completion = TestClient(app).sqs("jobs", {"id": 1}, {"id": "x"}, "{", {"id": 3})
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "declined", "declined", "failed"]
    assert completion.outcomes[1].value.startswith("dropped: ")
    assert failures(completion.reply) == [completion.outcomes[3].record.id]
    err = capfd.readouterr().err
    assert err.count("record dropped") == 2
    assert completion.outcomes[1].record.id in err


# --- The whole batch -------------------------------------------------------------------------------------------------


def whole(answer: Any, **options: Any) -> App:
    app = App()

    @app.sqs("jobs", **options)
    def load(batch: list[SqsRecord]) -> Any:
        found = answer(batch)
        if isinstance(found, Exception):
            raise found
        return found

    return app


NAMING: dict[str, Any] = {
    "a list of records": lambda batch: [batch[1]],
    "a tuple of ids": lambda batch: (batch[1].id,),
    "a set of ids": lambda batch: {batch[1].id},
    "a record": lambda batch: batch[1],
    "an id": lambda batch: batch[1].id,
    "AWS's reply": lambda batch: {"batchItemFailures": [{"itemIdentifier": batch[1].message_id}]},
    "the error, with records": lambda batch: PartialFailure([batch[1]], "disk full"),
    "the error, with ids": lambda batch: PartialFailure(iter([batch[1].id])),
}


@pytest.mark.parametrize("answer", NAMING.values(), ids=NAMING)
def test_a_whole_batch_handler_names_the_failed_records(answer: Any) -> None:
    event = sqs("jobs", "a", "b", "c")
    completion = whole(answer).complete(event)
    assert failures(completion.reply) == [event["Records"][1]["messageId"]]
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "failed", "ok"]
    assert isinstance(completion.outcomes[1].error, PartialFailure)


@pytest.mark.parametrize("answer", [None, [], {"batchItemFailures": []}], ids=repr)
def test_a_whole_batch_handler_that_names_nobody_is_done_with_all(answer: Any) -> None:
    completion = whole(lambda batch: answer).complete(sqs("jobs", "a", "b"))
    assert completion.reply == {"batchItemFailures": []}
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "ok"]


@pytest.mark.parametrize(
    "answer",
    [
        ["no such id"],
        2,
        [None],
        True,
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [5]},
        {"batchItemFailures": None},
    ],
    ids=repr,
)
def test_an_answer_that_names_no_records_of_the_batch_fails_all_of_them(answer: Any) -> None:
    completion = whole(lambda batch: answer).complete(sqs("jobs", "a", "b"))
    assert isinstance(completion.error, TypeError)
    assert "does not name records of its batch" in str(completion.error)
    assert [outcome.status for outcome in completion.outcomes] == ["failed", "failed"]


def test_any_other_error_fails_the_whole_batch_as_itself() -> None:
    error = ValueError("no")
    assert whole(lambda batch: error).complete(sqs("jobs", "a", "b")).error is error


def test_a_whole_batch_handler_is_called_once_with_the_records_of_its_route_alone() -> None:
    app, batches = App(), list[list[str]]()

    @app.sqs("jobs", attributes={"kind": "a"})
    async def load(messages: list[SqsRecord], context: Context, event: SqsEvent) -> None:
        await asyncio.sleep(0)
        batches.append([message.body for message in messages])
        assert len(event.records) == 4

    @app.sqs("jobs", attributes={"kind": "b"})
    def each(body: str) -> str:
        return body

    event = sqs("jobs", "1", "2", attributes={"kind": "a"})
    event["Records"] += sqs("jobs", "3", "4", attributes={"kind": "b"})["Records"]
    completion = app.complete(event)
    assert batches == [["1", "2"]]
    assert completion.reply == {"batchItemFailures": []}
    assert [outcome.status for outcome in completion.outcomes].count("ok") == 4


@in_real_time
def test_a_batch_that_is_late_has_failed_record_by_record() -> None:
    app = App()

    @app.sqs("jobs")
    async def load(batch: list[SqsRecord]) -> None:
        await asyncio.Event().wait()

    event = sqs("jobs", "1", "2")
    event["Records"] += sqs("others", "3")["Records"]
    app.sqs("others")(lambda: None)
    completion = app.complete(event, LambdaContext(seconds(0.15)))
    assert failures(completion.reply) == [record["messageId"] for record in event["Records"][:2]]
    assert [type(outcome.error) for outcome in completion.outcomes] == [DeadlineExceeded, DeadlineExceeded, type(None)]
    assert "and 1 more" in str(completion.outcomes[0].error)


def first(record: SqsRecord) -> str:
    return record.body


def test_a_handler_of_the_batch_cannot_take_one_of_its_records_too() -> None:
    app = App()

    with pytest.raises(ConfigurationError, match="'message' is of one record"):

        @app.sqs("jobs")
        def load(batch: list[SqsRecord], message: SqsRecord) -> None: ...

    with pytest.raises(ConfigurationError, match="'record' is of one record"):

        @app.sqs("jobs")
        def load_too(batch: list[SqsRecord], text: Annotated[str, Depends(first)]) -> None: ...


def count_of(records: list[SqsRecord]) -> int:
    return len(records)


def test_a_dependency_may_take_the_batch_and_the_handler_is_then_called_once() -> None:
    app, seen = App(), []

    @app.sqs("jobs")
    def handle(count: Annotated[int, Depends(count_of)]) -> None:
        seen.append(count)

    assert TestClient(app).invoke(sqs("jobs", 1, 2, 3)).reply == {"batchItemFailures": []}
    assert seen == [3]


def test_a_routers_dependency_that_takes_the_batch_does_not_go_with_a_handler_of_one_record() -> None:
    app, router, seen = App(), Router(dependencies=[Depends(count_of)]), []
    router.sqs("all")(lambda: seen.append("all"))
    app.include(router)
    TestClient(app).invoke(sqs("all", 1, 2)).unwrap()
    assert seen == ["all"]

    def handle(job: int) -> None: ...

    with pytest.raises(ConfigurationError, match="the parameter 'job' is of one record"):
        router.sqs("one")(handle)


def test_a_list_of_something_else_is_a_payload() -> None:
    app = App()

    @app.sqs("jobs")
    def work(jobs: list[Job]) -> int:
        return len(jobs)

    completion = TestClient(app).sqs("jobs", [{"id": 1}, {"id": 2}])
    assert completion.outcomes[0].value == 2


# --- Many ------------------------------------------------------------------------------------------------------------

MODES: dict[str, dict[str, Any]] = {
    "async": {"is_async": True},
    "threads": {},
    "inline": {"concurrency": 1},
    "one task": {"is_async": True, "concurrency": 1},
}


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(seed=st.integers(0, 2**32), share=st.sampled_from([0.0, 0.001, 0.05, 0.5]))
def test_10000_records_of_1000_groups_keep_their_order_and_each_is_done_or_failed(
    mode: str, seed: int, share: float
) -> None:
    rng = random.Random(seed)  # noqa: S311 - which records fail
    groups = [str(rng.randrange(1000)) for _ in range(10_000)]
    bad = {str(number) for number in range(10_000) if rng.random() < share}
    options = dict(MODES[mode])
    is_async = options.pop("is_async", False)
    app, done = App(), defaultdict[str, list[int]](list)

    def handle(message: SqsRecord) -> None:
        if message.body in bad:
            raise ValueError(message.body)
        assert message.group_id is not None
        done[message.group_id].append(int(message.body))

    async def handle_async(message: SqsRecord) -> None:
        if message.body.endswith("7"):
            await asyncio.sleep(0)
        handle(message)

    app.sqs("jobs.fifo", **options)(handle_async if is_async else handle)
    event = sqs("jobs.fifo", *map(str, range(10_000)), group=groups)
    body_of = {record["messageId"]: record["body"] for record in event["Records"]}

    failed = {body_of[message_id] for message_id in failures(app(event))}

    finished = {str(number) for numbers in done.values() for number in numbers}
    assert finished | failed == set(body_of.values())
    assert not finished & failed
    expected, stopped = set[str](), set[str]()
    for number, group in enumerate(groups):
        if group in stopped or str(number) in bad:
            stopped.add(group)
            expected.add(str(number))
    assert failed == expected
    for numbers in done.values():
        assert numbers == sorted(numbers)


@in_real_time
@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("concurrency", [None, 1])
def test_at_the_deadline_what_is_done_is_done_and_the_rest_is_reported(
    concurrency: int | None, *, is_async: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    from time import monotonic, sleep

    app, done = App(deadline_margin=seconds(0.25)), list[str]()  # the reply to so many takes a slow machine a while

    async def slow(body: str) -> None:
        await asyncio.sleep(seconds(0.02))
        done.append(body)

    def slow_sync(body: str) -> None:
        sleep(seconds(0.02))
        done.append(body)

    app.sqs("jobs", concurrency=concurrency)(slow if is_async else slow_sync)
    event = sqs("jobs", *map(str, range(5000)))
    end = monotonic() + seconds(0.5)
    completion = app.complete(event, LambdaContext(seconds(0.5)))

    assert monotonic() < end
    failed = {outcome.record.id for outcome in completion.failed}
    assert set(failures(completion.reply)) == failed
    ids = {record["body"]: record["messageId"] for record in event["Records"]}
    assert 0 < len(done) < 5000
    # What a thread finished after the reply was made is done, and reported failed: it may come again.
    assert {ids[body] for body in done} | failed == set(ids.values())
    # Not one line for each.
    assert capfd.readouterr().err.count("call failed") == 100


MEMORY = """
import sys
from lambdarouter import App, SqsRecord
from lambdarouter.testing import LambdaContext
from lambdarouter.testing.events import sqs

app, kept = App(), []

def around(call):
    yield

if WRAPPED:
    app.middleware(around)

@app.sqs("jobs", concurrency=CONCURRENCY)
def work(body: str):
    kept.append(bytearray(8 << 20))
    for at in range(0, 8 << 20, 4096):
        kept[-1][at] = 1
    from time import sleep
    sleep(0.002)

app.sqs("first", concurrency=1)(lambda: None)
completion = app.complete(sqs("jobs", *map(str, range(100))), LambdaContext(memory=256))
done = sum(outcome.error is None for outcome in completion.outcomes)
assert 1 < done < 100, done
assert len(kept) == done
assert len(completion.reply["batchItemFailures"]) == 100 - done
error = next(outcome.error for outcome in completion.outcomes if outcome.error is not None)
print(type(error).__name__, error)
# However large the process is already, the first record of a batch is run.
completion = app.complete(sqs("first", "a", "b"), LambdaContext(memory=64))
assert [outcome.status for outcome in completion.outcomes] == ["ok", "ok"] or len(completion.failed) == 1
"""


def memory(concurrency: str, *, wrapped: bool = False) -> str:
    return MEMORY.replace("CONCURRENCY", concurrency).replace("WRAPPED", str(wrapped))


@pytest.mark.parametrize("concurrency", ["1", "None"])
@pytest.mark.parametrize("wrapped", [False, True], ids=["", "middleware"])
def test_near_the_functions_memory_no_more_records_are_started_and_the_log_says_so(
    concurrency: str, *, wrapped: bool
) -> None:
    ran = fresh(memory(concurrency, wrapped=wrapped), AWS_LAMBDA_FUNCTION_NAME="app")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("NotAttempted ")
    assert "of 256 MB of memory" in ran.stdout
    assert ran.stderr.count("memory is short: no more records were started") >= 1
    assert "call failed" not in ran.stderr


def test_outside_of_lambda_nobody_measures_the_memory() -> None:
    ran = fresh(memory("1").partition("done = ")[0] + "assert not completion.failed")
    assert ran.returncode == 0, ran.stderr


def test_of_a_batch_that_is_raised_what_failed_is_logged_and_what_was_never_run_is_not(
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = App()

    @app.sqs("jobs.fifo")
    def work(body: str) -> None:
        raise ValueError(body)

    completion = TestClient(app).sqs("jobs.fifo", "a", "b", group="g")
    assert isinstance(completion.error, BatchError)
    assert [type(error) for error in completion.error.exceptions] == [ValueError, NotAttempted]
    log = capfd.readouterr().err
    assert log.count("call failed") == 1
    assert f"record={completion.outcomes[0].record.id}" in log
    assert "ValueError: a" in log


def test_an_error_that_is_raised_alone_is_not_logged_as_well(capfd: pytest.CaptureFixture[str]) -> None:
    app = App()

    @app.sqs("jobs", partial=False)
    def work(body: str) -> None:
        if body == "a":
            raise ValueError

    assert isinstance(TestClient(app).sqs("jobs", "a", "b").error, ValueError)
    assert capfd.readouterr().err == ""


def test_without_statm_nothing_is_known_of_the_memory_and_everything_runs() -> None:
    program = memory("1").partition("done = ")[0]
    program = "import lambdarouter.engine.memory as memory\nmemory._STATM = '/nowhere'\n" + program
    ran = fresh(program + "assert not completion.failed", AWS_LAMBDA_FUNCTION_NAME="app")
    assert ran.returncode == 0, ran.stderr


def test_sync_handlers_in_turn_may_return_awaitables_which_keep_their_place() -> None:
    app, ran = App(), list[str]()

    async def later(body: str) -> None:
        await asyncio.sleep(0)
        ran.append(body)
        if body == "2":
            raise ValueError

    @app.sqs("jobs.fifo", concurrency=1)
    def work(body: str) -> Any:
        if body in "024":
            return later(body)
        ran.append(body)
        return None

    completion = TestClient(app).sqs("jobs.fifo", *"012345", group=["a", "b", "a", "b", "a", "b"])
    assert ran == ["0", "1", "2", "3", "5"]
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "ok", "failed", "ok", "failed", "ok"]


def test_a_cancellation_that_nobody_asked_for_is_that_records_failure() -> None:
    app = App()

    @app.sqs("jobs", concurrency=1)
    def work(body: str) -> None:
        if body == "a":
            raise asyncio.CancelledError

    completion = TestClient(app).sqs("jobs", "a", "b")
    assert [outcome.status for outcome in completion.outcomes] == ["failed", "ok"]
    assert isinstance(completion.outcomes[0].error, RuntimeError)


# --- Sources of one's own --------------------------------------------------------------------------------------------


class Letter(Record):
    text: str = field("text")

    @property
    def id(self) -> str:
        return str(self.raw["id"])


class Letters(Event):
    records: list[Any] = field("Records", of=lambda raw: [Letter(each, "Records", n) for n, each in enumerate(raw)])


class PostSource(PartialSource):
    """Letters from boxes, whose name alone decides who gets them; some come from none."""

    names = ("post",)
    decorator = "@app.on(PostTrigger())"
    event = Letters
    record = Letter
    payload = "text"
    whence = "box"

    def recognises(self, event: Any) -> bool:
        return isinstance(event, dict) and "post" in event


class PostTrigger(PartialTrigger):
    __slots__ = ("asked", "box")
    source = PostSource

    def __init__(self, box: Any = None, **options: Any) -> None:
        super().__init__(**options)
        self.box = box
        self.asked = list[Any]()

    def claims(self, record: Letter) -> bool:
        self.asked.append(record.raw.get("box"))
        return bool(record.raw.get("box") == self.box)


def test_records_of_no_origin_are_each_asked_about_and_those_of_one_once() -> None:
    app, seen = App(), list[str]()
    nowhere, north, odd = PostTrigger(None), PostTrigger("north"), PostTrigger(["north"])
    app.on(nowhere)(lambda letter: seen.append(f"nowhere {letter.text}"))
    app.on(north)(lambda letter: seen.append(f"north {letter.text}"))
    app.on(odd)(lambda letter: seen.append(f"odd {letter.text}"))
    boxes: list[Any] = ["north", None, "north", None, ["north"]]
    post = [{"id": n, "text": str(n), "box": box} for n, box in enumerate(boxes)]
    completion = app.complete({"post": 1, "Records": post})
    assert [outcome.status for outcome in completion.outcomes] == ["ok"] * 5
    assert sorted(seen) == ["north 0", "north 2", "nowhere 1", "nowhere 3", "odd 4"]
    assert nowhere.asked[-4:] == ["north", None, None, ["north"]]


def test_a_failed_record_is_reported_by_its_id_unless_the_source_knows_better() -> None:
    app = App()
    app.on(PostTrigger())(lambda letter: 1 // int(letter.text))
    post = [{"id": f"letter {n}", "text": n} for n in "1023"]
    assert failures(app({"post": 1, "Records": post})) == ["letter 0"]
