"""SQS batches of one queue and one handler take a short way; what comes of them is what the long way gives."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import gc
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, Field, PydanticUserError

from lambdarouter import App, Call, Completion, Context, SqsRecord
from lambdarouter.core.log import call_fields
from lambdarouter.core.series import Outcomes, Series
from lambdarouter.sources.sqs import SqsEvent
from lambdarouter.testing.events import sqs
from tests.engine.batch import BOUND, LambdaContext, statuses
from tests.engine.hang import ASYNC, LATE, SYNC, in_time, make_app
from tests.pace import in_real_time


class Order(BaseModel):
    id: int


def judge(text: Any) -> Any:
    if "bad" in repr(text):
        raise ValueError(text)
    return text


def takes_nothing() -> str:
    return "ran"


def takes_record(message: SqsRecord) -> Any:
    return judge(message.body)


def takes_text(body: str) -> Any:
    return judge(body)


def takes_bytes(body: bytes) -> Any:
    return judge(body)


def takes_object(body: dict[str, Any]) -> Any:
    return judge(body)


def takes_plain_object(body: dict) -> Any:  # type: ignore[type-arg] # the annotation that needs no pydantic
    return judge(body)


def takes_order(order: Order) -> Any:
    return judge(order)


def takes_short_text(body: Annotated[str, Field(max_length=3)]) -> Any:
    return judge(body)


def takes_default(body: str = "none") -> Any:
    return judge(body)


def takes_keyword(*, body: str) -> Any:
    return judge(body)


def takes_keyword_record(*, message: SqsRecord) -> Any:
    return judge(message.body)


def takes_several(body: str, message: SqsRecord, event: SqsEvent, context: Context) -> Any:
    return judge((body, message.id, len(event.records), context.request_id))


def takes_event(event: SqsEvent) -> Any:
    return len(event.raw["Records"])


async def awaits_record(message: SqsRecord) -> Any:
    await asyncio.sleep(0)
    return judge(message.body)


async def awaits_nothing(order: Order) -> Any:
    return judge(order)


def gives_awaitable(message: SqsRecord) -> Any:
    return awaits_record(message)


def gives_some_awaitables(body: str) -> Any:
    return asyncio.sleep(0, judge(body)) if len(body) % 2 else judge(body)


HANDLERS: list[Callable[..., Any]] = [
    takes_nothing,
    takes_record,
    takes_text,
    takes_bytes,
    takes_object,
    takes_plain_object,
    takes_order,
    takes_short_text,
    takes_default,
    takes_keyword,
    takes_keyword_record,
    takes_several,
    takes_event,
    awaits_record,
    awaits_nothing,
    gives_awaitable,
    gives_some_awaitables,
]

bodies = st.sampled_from(['{"id": 1}', '{"id": "x"}', "bad", "[]", "", "12", None, 7, {"id": 1}])
spoils = st.sampled_from(
    [lambda raw: raw] * 20  # or hardly any batch would be in order
    + [
        lambda raw: raw | {"messageId": None},
        lambda raw: {key: value for key, value in raw.items() if key != "body"},
        lambda raw: raw | {"eventSourceARN": None},
        lambda raw: raw | {"eventSourceARN": ["a list"]},
        lambda raw: raw | {"eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:others"},
        lambda raw: None,
        lambda raw: "text",
        lambda raw: {},
    ]
)


def pass_on(call: Call) -> Iterator[None]:
    yield


def summary(completion: Completion) -> Any:
    return (
        [
            (
                type(each),
                each.status,
                each.record.id,
                each.record.raw,
                each.route is None,
                repr(each.value),
                repr(each.error),
            )
            for each in completion.outcomes
        ],
        completion.reply,
        repr(completion.error),
        [each.record.id for each in completion.failed],
    )


@pytest.mark.parametrize("concurrency", [1, 3, None])
@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.__name__)
@given(messages=st.lists(st.tuples(bodies, spoils), min_size=1, max_size=6))
def test_a_batch_ends_as_it_does_where_each_record_takes_the_long_way(
    handler: Callable[..., Any], concurrency: int | None, messages: list[tuple[Any, Any]]
) -> None:
    event: dict[str, Any] = sqs("jobs", *["x"] * len(messages))
    event["Records"] = [
        spoil(raw | {"body": body}) for raw, (body, spoil) in zip(event["Records"], messages, strict=True)
    ]
    short, long = App(), App()
    long.middleware(pass_on)
    for app in (short, long):
        app.sqs("jobs", concurrency=concurrency)(handler)
    assert summary(short.complete(event, LambdaContext(BOUND))) == summary(long.complete(event, LambdaContext(BOUND)))


def test_the_calls_are_a_sequence_too() -> None:
    app = App()
    app.sqs("jobs")(takes_text)
    (route,) = app._engine.registrar.all()
    event = sqs("jobs", "a", "b", "c")
    series = Series(route, event["Records"], "Records")
    assert [match.record.raw for match in series] == event["Records"]
    assert [match.record.locate() for match in series[1:]] == ["Records[1]", "Records[2]"]
    assert series[-1].record.body == "c"


def test_a_type_that_pydantic_refuses_fails_each_record() -> None:
    class Odd:
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            msg = "odd"
            raise PydanticUserError(msg, code=None)

    app = App()

    @app.sqs("jobs", concurrency=1)
    def handler(body: Odd) -> None: ...

    completion = app.complete(sqs("jobs", "a", "b"))
    assert statuses(completion) == ["ConfigurationError", "ConfigurationError"]


@pytest.mark.parametrize("spoil", [{"body": '{"id": "s3cret"}'}, {"body": 7}, {}])
def test_a_refused_body_is_told_without_what_was_tried_first(spoil: dict[str, Any]) -> None:
    app = App()
    app.sqs("jobs", concurrency=1)(takes_order)
    event = sqs("jobs", '{"id": 1}', '{"id": 2}')
    del event["Records"][1]["body"]
    event["Records"][1] |= spoil
    (failed,) = app.complete(event).failed
    told = "".join(traceback.format_exception(failed.error))
    assert "During handling" not in told
    assert "s3cret" not in told


@pytest.mark.parametrize("queue", [["a list"], None, 7])
def test_messages_of_what_is_no_queue_are_no_series(queue: Any) -> None:
    app = App()
    app.sqs("*", concurrency=1)(takes_text)
    event = sqs("jobs", "a", "b")
    for raw in event["Records"]:
        raw["eventSourceARN"] = queue
    assert statuses(app.complete(event)) == ["InvalidEventError"] * 2


def test_the_outcomes_are_a_sequence_and_stay_the_same() -> None:
    app = App()
    app.sqs("jobs", concurrency=1)(takes_text)
    outcomes = app.complete(sqs("jobs", "a", "bad", "c")).outcomes
    assert isinstance(outcomes, Outcomes)
    assert len(outcomes) == 3
    assert [each.value for each in outcomes] == ["a", None, "c"]
    assert outcomes[-1] is outcomes[2]
    assert outcomes[:2] == [outcomes[0], outcomes[1]]
    assert outcomes.failed == [outcomes[1]]
    assert repr(outcomes) == repr([outcomes[0], outcomes[1], outcomes[2]])
    with pytest.raises(IndexError):
        outcomes[3]


def sees_record(message: SqsRecord) -> None: ...


def sees_order(order: Order) -> None: ...


async def sees_both(order: Order, message: SqsRecord) -> None: ...


async def pauses(order: Order) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("concurrency", [1, None])
@pytest.mark.parametrize("handler", [sees_record, sees_order, sees_both, pauses])
def test_nothing_is_kept_of_a_record_that_went_well(handler: Callable[..., Any], concurrency: int | None) -> None:
    app = App()
    app.sqs("jobs", concurrency=concurrency)(handler)
    event = sqs("jobs", *['{"id": 1}'] * 1000)
    app.complete(event)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        completion = app.complete(event)
        kept = len(gc.get_objects()) - before
    finally:
        gc.enable()
    assert len(completion.outcomes) == 1000
    # A match, a view and an outcome each would be 3,000; a thread is some twenty.
    assert kept < 500


@pytest.mark.parametrize(("pause", "concurrency", "most"), [(False, 50, 1), (True, 50, 50), (True, 1, 1)])
def test_no_more_tasks_are_started_than_are_needed(*, pause: bool, concurrency: int, most: int) -> None:
    app, tasks = App(), set[object]()

    @app.sqs("jobs", concurrency=concurrency)
    async def handler() -> None:
        tasks.add(asyncio.current_task())
        if pause:
            await asyncio.sleep(0)

    app(sqs("jobs", *"x" * 1000))
    assert len(tasks) <= most


def test_a_log_line_is_of_the_record_whose_call_wrote_it() -> None:
    app, seen = App(), list[tuple[str, str]]()

    @app.sqs("jobs", concurrency=1)
    def handler(message: SqsRecord) -> None:
        fields = call_fields(None, "", {})
        seen.append((fields["record"], fields["handler"]))
        assert fields["record"] == message.id

    event = sqs("jobs", "a", "b", "c")
    app(event)
    ids = [raw["messageId"] for raw in event["Records"]]
    assert seen == [(each, f"{__name__}.{handler.__qualname__}") for each in ids]


def test_what_an_async_call_leaves_behind_logs_as_of_that_call() -> None:
    app, seen = App(), list[bool]()

    async def later(message: SqsRecord, others: asyncio.Event) -> None:
        await others.wait()
        seen.append(call_fields(None, "", {})["record"] == message.id)

    @app.sqs("jobs", concurrency=1)
    async def handler(body: str, message: SqsRecord) -> None:
        left.append(asyncio.create_task(later(message, done)))
        if body == "c":
            done.set()
            await asyncio.gather(*left)

    @app.sqs("others", concurrency=1)
    async def of_record(message: SqsRecord) -> None:
        left.append(asyncio.create_task(later(message, done)))
        if message.body == "c":
            done.set()
            await asyncio.gather(*left)

    for queue in ("jobs", "others"):
        left, done = list[asyncio.Task[None]](), asyncio.Event()
        assert app(sqs(queue, "a", "b", "c")) == {"batchItemFailures": []}
    assert seen == [True] * 6


def test_after_an_awaitable_a_worker_thread_goes_on_with_what_is_left() -> None:
    app, threads = App(), set[int]()

    @app.sqs("jobs", concurrency=2)
    def handler(body: str) -> Any:
        threads.add(threading.get_ident())
        return asyncio.sleep(0) if body == "awaited" else None

    assert app(sqs("jobs", *["awaited", "", ""] * 5)) == {"batchItemFailures": []}
    assert threading.get_ident() not in threads


def test_a_message_that_the_route_declines_is_none_of_a_series() -> None:
    app = App()
    app.sqs("jobs", attributes={"kind": "urgent"}, concurrency=1)(takes_text)
    event = sqs("jobs", "a", "b", attributes={"kind": "urgent"})
    event["Records"][1]["messageAttributes"] = {}
    assert statuses(app.complete(event)) == ["ok", "declined"]


@pytest.mark.parametrize("queue", ["jobs", "jobs.fifo"])
@pytest.mark.parametrize("concurrency", [1, None])
def test_a_cancelled_error_of_the_handlers_own_is_that_records_failure(concurrency: int | None, queue: str) -> None:
    app = App()

    @app.sqs(queue, concurrency=concurrency)
    def handler(body: str) -> None:
        if body == "cancelled":
            raise asyncio.CancelledError

    event = sqs(queue, "a", "cancelled", "b", group=["1", "2", "3"] if queue.endswith(".fifo") else None)
    assert statuses(app.complete(event)) == ["ok", "RuntimeError", "ok"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("is_async", [False, True])
def test_what_ends_the_program_passes(end: type[BaseException], *, is_async: bool) -> None:
    app, ran = App(), list[str]()

    def ends(body: str) -> None:
        ran.append(body)
        if body == "end":
            raise end

    async def ends_async(body: str) -> None:
        await asyncio.sleep(0)
        ends(body)

    app.sqs("jobs", concurrency=1)(ends_async if is_async else ends)
    with pytest.raises(end):
        app(sqs("jobs", "a", "end", "b"))
    assert ran == ["a", "end"]


@in_real_time
@pytest.mark.parametrize("hang", ["sleep", "spin", "swallow_exceptions"])
def test_at_the_limit_a_record_in_turn_is_interrupted_and_those_after_it_do_not_run(hang: str) -> None:
    app, started, release = make_app(), list[str](), threading.Event()

    @app.sqs("jobs", concurrency=1)
    def handler(body: str) -> None:
        started.append(body)
        if body == "hang":
            SYNC[hang](release)

    completion = in_time(app, sqs("jobs", "a", "hang", "b"))
    assert statuses(completion) == ["ok", LATE, LATE]
    assert started == ["a", "hang"]
    assert [each["itemIdentifier"] for each in completion.reply["batchItemFailures"]] == [
        each.record.id for each in completion.outcomes[1:]
    ]


@in_real_time
@pytest.mark.parametrize("hang", ASYNC)
@pytest.mark.parametrize("concurrency", [1, 2, None])
def test_at_the_limit_what_awaits_is_cancelled_and_what_waits_its_turn_does_not_run(
    hang: str, concurrency: int | None
) -> None:
    app, started, release = make_app(), list[str](), threading.Event()
    hangs, tainted = ASYNC[hang]

    @app.sqs("jobs", concurrency=concurrency)
    async def handler(body: str) -> None:
        started.append(body)
        if body == "hang":
            await hangs(release)

    completion = in_time(app, sqs("jobs", "a", *["hang"] * 3, "b"))
    release.set()
    if concurrency == 1:
        assert (statuses(completion), started) == (["ok", LATE, LATE, LATE, LATE], ["a", "hang"])
    else:
        assert statuses(completion)[:4] == ["ok", LATE, LATE, LATE]
    assert app._engine.environment.tainted is tainted


@in_real_time
def test_at_the_limit_threads_are_left_behind() -> None:
    app, release = make_app(), threading.Event()

    @app.sqs("jobs")
    def handler(body: str) -> None:
        if body == "hang":
            release.wait(60)

    completion = in_time(app, sqs("jobs", "a", "hang", "b"))
    release.set()
    assert statuses(completion) == ["ok", LATE, "ok"]
    assert app._engine.environment.tainted


def test_an_event_without_time_left_runs_nothing() -> None:
    app = App()

    @app.sqs("jobs", concurrency=1)
    def handler() -> None:
        raise AssertionError

    assert statuses(app.complete(sqs("jobs", "a", "b"), LambdaContext(0))) == [LATE, LATE]
