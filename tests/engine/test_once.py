"""`once=`: which calls are made when a record comes again, and what is kept of them."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import pytest
import structlog

import lambdarouter
from lambdarouter import (
    App,
    Call,
    ConfigurationError,
    Depends,
    Disposition,
    InFlight,
    InvalidEventError,
    KafkaRecord,
    Once,
    Router,
    Skipped,
    SnsRecord,
    StoreError,
    Tick,
)
from lambdarouter.core.batch import BatchSource
from lambdarouter.core.store import Entry
from lambdarouter.sources import ROOMS, source_of
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import LambdaContext, events
from tests.engine.batch import fresh, statuses
from tests.pace import in_real_time, seconds


class Clock:
    """The time, for a store; a test puts it forward."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class DownError(Exception):
    """What a client raises."""


class Flaky(MemoryStore):
    """A store whose methods fail while they are named in `down`, and that notes the threads it is called in."""

    blocking = True

    def __init__(self, *down: str) -> None:
        super().__init__()
        self.down = set(down)
        self.threads: set[int] = set()

    def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
        self._note("acquire")
        return super().acquire(key, owner, seconds, mark)

    def finish(self, key: str, owner: str, seconds: float, mark: str = "", value: bytes = b"") -> bool:
        self._note("finish")
        return super().finish(key, owner, seconds, mark, value)

    def release(self, key: str, owner: str) -> None:
        self._note("release")
        super().release(key, owner)

    def _note(self, method: str) -> None:
        self.threads.add(threading.get_ident())
        if method in self.down:
            raise DownError(method)


def sns(message: str = "17", *, id_: str | None = "m-1") -> dict[str, Any]:
    event = events.sns("orders", message)
    event["Records"][0]["Sns"]["MessageId"] = id_
    return event


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


# What runs again ------------------------------------------------------------------------------------------------


def test_after_a_failure_only_what_failed_runs_again() -> None:
    app = App(store=MemoryStore())
    ran: list[str] = []

    @app.sns("orders", once=True)
    def announce(message: str) -> None:
        ran.append("announce")

    @app.sns("orders", once=True)
    async def audit(message: str) -> None:
        ran.append("audit")
        if ran.count("audit") == 1:
            raise RuntimeError("the audit log is full")

    with pytest.raises(RuntimeError, match="full"):
        app(sns())
    completion = app.complete(sns())

    assert sorted(ran) == ["announce", "audit", "audit"]
    assert completion.error is None
    skipped, done = completion.outcomes
    assert isinstance(skipped, Skipped)
    assert (skipped.status, done.status) == ("skipped", "ok")
    assert "skipped" in repr(skipped)


def test_another_record_is_another_piece_of_work() -> None:
    app = App(store=MemoryStore())
    ran: list[str] = []

    @app.sns("orders", once=True)
    def announce(message: str) -> None:
        ran.append(message)

    app(sns("1", id_="m-1"))
    app(sns("2", id_="m-2"))

    assert ran == ["1", "2"]


def test_a_record_that_is_done_is_forgotten_after_its_time_to_live() -> None:
    clock = Clock()
    app = App(store=MemoryStore(clock=clock))
    ran: list[str] = []

    @app.sns("orders", once=Once(ttl=60))
    def announce(message: str) -> None:
        ran.append(message)

    app(sns())
    clock.now += 59
    app(sns())
    assert len(ran) == 1
    clock.now += 2
    app(sns())
    assert len(ran) == 2


def test_a_skipped_message_of_a_queue_counts_as_done_and_one_in_flight_is_reported() -> None:
    app = App(store=MemoryStore())
    ran: list[str] = []

    @app.sqs("jobs", once=True)
    async def work(body: str) -> None:
        ran.append(body)
        for _ in range(20):  # until the others have begun
            await asyncio.sleep(0)

    event = events.sqs("jobs", "a", "b", "c")
    # A message that is there twice, as a standard queue may deliver it.
    event["Records"][2]["messageId"] = event["Records"][0]["messageId"]

    first = app.complete(event)
    assert statuses(first) == ["ok", "ok", "InFlight"]
    assert first.reply == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    second = app.complete(event)
    assert statuses(second) == ["skipped", "skipped", "skipped"]
    assert second.reply == {"batchItemFailures": []}
    assert ran == ["a", "b"]


def test_a_tick_that_comes_twice_runs_each_slot_of_each_job_once() -> None:
    app = App(store=MemoryStore())
    ran: list[str] = []

    @app.cron("*/30 * * * *", once=True, concurrency=1)
    def sweep(tick: Tick) -> None:
        ran.append(tick.slot.strftime("%H:%M"))

    tick = events.cron.rule("2026-01-01T09:00:00Z")
    app(tick)
    tick["id"] = "another delivery"
    assert statuses(app.complete(tick)) == ["skipped", "skipped"]
    assert ran == ["08:30", "09:00"]


def test_a_duplicate_while_the_first_is_at_it_fails_as_in_flight(release: threading.Event) -> None:
    app = App(store=MemoryStore())
    at_it = threading.Event()
    ran: list[str] = []

    @app.sns("orders", once=True)
    def announce(message: str) -> None:
        ran.append(message)
        at_it.set()
        assert release.wait(60)

    first = threading.Thread(target=app, args=(sns(),))
    first.start()
    assert at_it.wait(60)
    with pytest.raises(InFlight, match=r"m-1 is being handled by another invocation, .* its lease ends in 900\.0 s"):
        app(sns())
    with pytest.raises(InFlight, match=r"ends in 900\.0 s"):
        app(sns(), LambdaContext(timeout=20, function_name=""))
    release.set()
    first.join()

    assert statuses(app.complete(sns())) == ["skipped"]
    assert ran == ["17"]


def test_a_lease_lasts_until_lambdas_deadline(release: threading.Event) -> None:
    app = App(store=MemoryStore())
    at_it = threading.Event()

    @app.sns("orders", once=True)
    def announce(message: str) -> None:
        at_it.set()
        assert release.wait(60)

    context = LambdaContext(timeout=400)
    first = threading.Thread(target=app, args=(sns(), context))
    first.start()
    assert at_it.wait(60)
    with pytest.raises(InFlight, match=r"ends in (400\.0|3\d\d\.\d) s"):
        app(sns(), context)
    release.set()
    first.join()


def test_functions_that_share_a_store_do_not_share_their_work() -> None:
    store, ran = MemoryStore(), []
    app = App(store=store)

    @app.sns("orders", once=True)
    def announce(message: str) -> None:
        ran.append(message)

    for name in ("shop", "audit"):
        app(sns(), LambdaContext(function_name=name))

    assert len(ran) == 2


def test_two_routes_of_one_handler_and_lambdas_of_one_name_are_separate_work() -> None:
    app = App(store=MemoryStore())
    ran: list[str] = []

    @app.sns("orders", once=True)
    @app.sns("ord*", once=True)
    def announce(message: str) -> None:
        ran.append("announce")

    app.sns("orders", once=True)(lambda: ran.append("first"))
    app.sns("orders", once=True)(lambda: ran.append("second"))

    app(sns())
    app(sns())

    assert sorted(ran) == ["announce", "announce", "first", "second"]


# The key ----------------------------------------------------------------------------------------------------------


def test_a_function_of_the_record_gives_the_key() -> None:
    app = App(store=MemoryStore())
    ran: list[str] = []

    @app.sns("orders", once=lambda record: record.message)
    def announce(message: str) -> None:
        ran.append(message)

    for message, id_ in (("a", "m-1"), ("a", "m-2"), ("b", "m-2")):
        app(sns(message, id_=id_))

    assert ran == ["a", "b"]


def test_a_record_without_an_id_fails_rather_than_be_taken_for_another_at_its_place() -> None:
    app = App(store=MemoryStore())

    @app.sns("orders", once=True)
    def announce(record: SnsRecord) -> None: ...

    with pytest.raises(InvalidEventError, match=r"Records\[0\] has no id .* give once= a function of the record"):
        app(sns(id_=None))


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_record_without_a_key_is_handled_unprotected_where_no_key_is_required(nothing: str | None) -> None:
    app = App(store=MemoryStore())
    ran: list[str] = []

    @app.sns("orders", once=Once(lambda record: nothing, required=False))
    def announce(message: str) -> None:
        ran.append(message)

    assert statuses(app.complete(sns())) == ["ok"]
    assert statuses(app.complete(sns())) == ["ok"]
    assert len(ran) == 2


def test_a_key_that_is_no_text_and_a_key_function_that_raises_fail_the_record() -> None:
    app = App(store=MemoryStore())

    def wrong(record: SnsRecord) -> Any:
        return len(record.message)

    def raises(record: SnsRecord) -> str:
        return record.attributes["key"]  # type: ignore[no-any-return]

    @app.sns("orders", once=wrong)
    @app.sns("orders", once=raises)
    def announce(message: str) -> None: ...

    raised, counted = app.complete(sns()).outcomes
    assert isinstance(raised.error, KeyError)
    assert str(counted.error) == "the key function of once= returned int for m-1; a key is a str"


# What is around it ------------------------------------------------------------------------------------------------


def test_middleware_and_dependencies_run_for_a_repeated_record_and_may_refuse_it() -> None:
    app = App(store=MemoryStore())
    seen: list[str] = []
    refuse: list[str] = []

    @app.middleware
    def watch(call: Call) -> Iterator[None]:
        seen.append("in")
        yield
        seen.append(f"out {call.reply}")

    def user() -> str:
        if refuse:
            raise PermissionError(refuse[0])
        seen.append("user")
        return "ada"

    @app.sns("orders", once=True)
    def announce(message: str, by: Annotated[str, Depends(user)]) -> str:
        seen.append("handler")
        return f"{message} by {by}"

    assert app.complete(sns()).outcomes[0].value == "17 by ada"
    assert app.complete(sns()).outcomes[0].value == "17 by ada"
    assert seen == ["in", "user", "handler", "out 17 by ada", "in", "user", "out 17 by ada"]
    refuse.append("not you")
    assert statuses(app.complete(sns())) == ["PermissionError"]


def _middleware_after(app: App, fail: Callable[[], None]) -> None:
    @app.middleware
    def commit(call: Call) -> Iterator[None]:
        yield
        fail()

    @app.sns("orders", once=True)
    def announce(message: str) -> None: ...


def _teardown(app: App, fail: Callable[[], None]) -> None:
    def session(record: SnsRecord) -> Iterator[None]:
        yield
        fail()

    @app.sns("orders", once=True)
    def announce(of: Annotated[None, Depends(session)]) -> None: ...


def _shared_teardown(app: App, fail: Callable[[], None]) -> None:
    def session() -> Iterator[None]:
        yield
        fail()

    shared = Depends(session, scope="invocation")

    @app.sns("orders", once=True)
    def announce(of: Annotated[None, shared]) -> None: ...

    @app.sns("orders", once=True)
    async def audit(of: Annotated[None, shared]) -> None: ...


@pytest.mark.parametrize("build", [_middleware_after, _teardown, _shared_teardown])
def test_what_fails_after_the_handler_has_the_record_handled_again(
    build: Callable[[App, Callable[[], None]], None],
) -> None:
    app = App(store=MemoryStore())
    failures = [True]

    def fail() -> None:
        if failures.pop():
            failures.append(False)
            raise OSError("the commit failed")
        failures.append(False)

    build(app, fail)

    assert set(statuses(app.complete(sns()))) == {"OSError"}
    assert set(statuses(app.complete(sns()))) == {"ok"}
    assert set(statuses(app.complete(sns()))) == {"skipped"}


@pytest.mark.parametrize("scope", ["call", "invocation"])
def test_what_a_dependency_rolled_back_is_handled_again(scope: Literal["call", "invocation"]) -> None:
    app, saved, mended = App(store=MemoryStore()), list[str](), list[str]()

    def session() -> Iterator[list[str]]:
        pending: list[str] = []
        yield pending
        saved.extend(pending)

    @app.sqs("jobs", once=True, concurrency=1)
    def work(body: str, pending: Annotated[list[str], Depends(session, scope=scope)]) -> None:
        pending.append(body)
        if body == "bad" and not mended:
            raise ValueError(body)

    event = events.sqs("jobs", "a", "bad", "b")
    for _ in range(2):
        outcomes = app.complete(event).outcomes
        assert {outcome.record.raw["body"] for outcome in outcomes if outcome.error is None} == set(saved)
    mended.append("")
    assert app(event) == {"batchItemFailures": []}
    assert sorted(saved) == ["a", "b", "bad"]


@pytest.mark.parametrize("reason", ["InFlight", "StoreError"])
def test_a_call_that_was_not_to_run_is_no_failure_to_what_the_calls_share(reason: str) -> None:
    asked = list[str]()

    class FirstIsHeld(MemoryStore):
        def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
            asked.append(key)
            if len(asked) > 1:
                return super().acquire(key, owner, seconds, mark)
            if reason == "StoreError":
                raise DownError
            return Entry(done=False, owner="another", mark=mark)

    app, saved = App(store=FirstIsHeld()), list[str]()

    def session() -> Iterator[list[str]]:
        pending: list[str] = []
        yield pending
        saved.extend(pending)

    @app.sqs("jobs.fifo", once=True, concurrency=1)
    def work(body: str, pending: Annotated[list[str], Depends(session, scope="invocation")]) -> None:
        pending.append(body)

    completion = app.complete(events.sqs("jobs.fifo", "held", "its next", "other", group=["a", "a", "b"]))
    assert statuses(completion) == [reason, "NotAttempted", "ok"]
    assert saved == ["other"]


def test_a_middleware_that_answers_itself_leaves_no_mark() -> None:
    app, answer = App(store=MemoryStore()), [True]

    @app.middleware
    def early(call: Call) -> Iterator[None]:
        if answer:
            call.reply = "not now"
            return
        yield

    @app.sns("orders", once=True)
    def announce(message: str) -> None: ...

    assert statuses(app.complete(sns())) == ["ok"]
    answer.clear()
    assert statuses(app.complete(sns())) == ["ok"]
    assert statuses(app.complete(sns())) == ["skipped"]


def test_a_handlers_value_is_replied_again_where_the_source_has_a_use_for_it() -> None:
    app = App(store=MemoryStore())
    judged: list[str] = []

    @app.ses(once=True)
    def judge() -> Disposition:
        judged.append("once")
        return Disposition.STOP_RULE_SET

    mail = events.ses(recipients="ada@example.com", sender="bob@example.com", subject="hello")
    assert app(mail) == app(mail) == {"disposition": "STOP_RULE_SET"}
    assert judged == ["once"]


@pytest.mark.parametrize("value", [object(), "x" * 300_000], ids=["no JSON", "too large"])
def test_a_value_that_cannot_be_kept_is_none_the_next_time(value: object) -> None:
    app = App(store=MemoryStore())

    @app.sns("orders", once=True)
    def announce() -> object:
        return value

    assert app.complete(sns()).outcomes[0].value is value
    (outcome,) = app.complete(sns()).outcomes
    assert (outcome.status, outcome.value) == ("skipped", None)


# Where it cannot be ---------------------------------------------------------------------------------------------


def test_once_without_a_store_is_refused_where_the_handler_is_registered() -> None:
    app, router = App(), Router()

    def announce(message: str) -> None: ...

    with pytest.raises(ConfigurationError, match=r"announce .*: once= needs a store: App\(store="):
        app.sns("orders", once=True)(announce)
    router.sns("orders", once=True)(announce)
    with pytest.raises(ConfigurationError, match=r"announce .*: once= needs a store"):
        app.include(router)


def test_a_source_whose_ids_do_not_tell_needs_a_function() -> None:
    app = App(store=MemoryStore())
    ran: list[str] = []

    def total(event: dict[str, Any]) -> dict[str, int]:
        ran.append(event["order"])
        return {"total": len(ran)}

    with pytest.raises(ConfigurationError, match=r"total .*: once=True cannot tell what @app\.invoke.* gets again"):
        app.invoke(once=True)(total)
    app.invoke(once=lambda record: str(record.raw["order"]))(total)

    assert app({"order": "1"}) == app({"order": "1"}) == {"total": 1}
    assert app({"order": "2"}) == {"total": 2}


def test_a_caller_that_waits_for_a_value_that_could_not_be_kept_gets_an_error_and_no_other_value() -> None:
    app = App(store=MemoryStore())

    def large(event: dict[str, Any]) -> str | None:
        return "x" * event["size"] or None

    app.invoke(once=lambda record: str(record.raw["size"]))(large)

    assert app({"size": 0}) is app({"size": 0}) is None
    assert len(app({"size": 300_000})) == 300_000
    with pytest.raises(ValueError, match="was handled before, and its value could not be kept"):
        app({"size": 300_000})


def test_a_cluster_is_part_of_the_key_of_what_it_sends() -> None:
    app, ran = App(store=MemoryStore()), list[str]()

    @app.kafka("orders", once=True)
    def work(record: KafkaRecord) -> None:
        ran.append(record.id)

    event = events.kafka.msk("orders", "a")
    for cluster in ("old", "new", "old"):
        app(event | {"eventSourceArn": f"arn:aws:kafka:eu-west-1:123456789012:cluster/{cluster}/uuid"})

    assert len(ran) == 2


# How a route of each batch room is made, and what its records are.
BATCHES: dict[str, tuple[Callable[[App], Any], type]] = {
    "documentdb": (lambda app: app.documentdb("orders", once=True), lambdarouter.DocumentDbChange),
    "dynamodb": (lambda app: app.dynamodb("orders", once=True), lambdarouter.DynamoDbRecord),
    "kafka": (lambda app: app.kafka("orders", once=True), lambdarouter.KafkaRecord),
    "kinesis": (lambda app: app.kinesis("orders", once=True), lambdarouter.KinesisRecord),
    "logs": (lambda app: app.logs("orders", once=True), lambdarouter.LogEvent),
    "mq": (lambda app: app.mq("orders", once=True), lambdarouter.MqMessage),
    "sqs": (lambda app: app.sqs("orders", once=True), lambdarouter.SqsRecord),
}


def test_every_room_whose_handlers_may_take_the_whole_batch_is_among_these() -> None:
    rooms = {name: source_of(names[0]) for name, (_, names) in ROOMS.items() if names}
    takes = {name for name, room in rooms.items() if room and issubclass(room, BatchSource) and room.groups}

    assert takes == set(BATCHES)


@pytest.mark.parametrize("room", BATCHES)
def test_a_handler_of_the_whole_batch_is_refused(room: str) -> None:
    decorate, record = BATCHES[room]

    def work(records: Any) -> None: ...

    work.__annotations__["records"] = list[record]  # type: ignore[valid-type]

    with pytest.raises(ConfigurationError, match="the handler takes the whole batch: take one record"):
        decorate(App(store=MemoryStore()))(work)


def test_a_handler_whose_dependency_takes_the_whole_batch_is_refused() -> None:
    def total(records: list[lambdarouter.SqsRecord]) -> int:
        return len(records)

    def work(total: Annotated[int, Depends(total)]) -> None: ...

    with pytest.raises(ConfigurationError, match="the handler takes the whole batch: take one record"):
        App(store=MemoryStore()).sqs("jobs", once=True)(work)

    router = Router(dependencies=[Depends(total)])
    router.sqs("jobs", once=True)(lambda: None)
    with pytest.raises(ConfigurationError, match="the handler takes the whole batch: take one record"):
        App(store=MemoryStore()).include(router)


@pytest.mark.parametrize("store", [MemoryStore, object(), "redis://localhost"])
def test_a_store_that_is_none_is_refused(store: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"store is .*; it is an object with the methods of .*\.Store"):
        App(store=store)


def test_on_store_error_is_fail_or_run() -> None:
    with pytest.raises(ConfigurationError, match='on_store_error is \'ignore\'; it is "fail" or "run"'):
        App(on_store_error="ignore")  # type: ignore[arg-type]


# A store that is down -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_where_the_store_cannot_be_asked_the_call_fails_and_is_not_made(colour: str) -> None:
    app, ran = _down("acquire", "fail", colour)

    with pytest.raises(StoreError, match="m-1 was not run: the store could not be asked") as caught:
        app(sns())

    assert isinstance(caught.value.__cause__, DownError)
    assert ran == []


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_where_the_store_cannot_be_asked_the_call_is_made_if_the_app_says_so(colour: str, logged: list[Any]) -> None:
    app, ran = _down("acquire", "run", colour)

    assert statuses(app.complete(sns())) == ["ok"]

    assert ran == ["17"]
    assert [line["event"] for line in logged] == ["the store could not be asked: the call is made unprotected"]


@pytest.mark.parametrize("on_store_error", ["fail", "run"])
def test_a_call_that_went_well_is_no_failure_because_the_store_could_not_be_told(
    on_store_error: Literal["fail", "run"], logged: list[Any]
) -> None:
    app, ran = _down("finish", on_store_error, "sync")

    assert statuses(app.complete(sns())) == ["ok"]
    assert statuses(app.complete(sns())) == ["InFlight"]

    assert ran == ["17"]
    assert logged[0]["event"] == "the store could not be told how a call ended; its lease runs out"


def test_a_calls_own_failure_is_told_though_the_store_could_not_be(logged: list[Any]) -> None:
    app = App(store=Flaky("release"))

    @app.sns("orders", once=True)
    def announce(message: str) -> None:
        raise ValueError(message)

    assert statuses(app.complete(sns())) == ["ValueError"]
    assert "could not be told" in logged[0]["event"]


def _down(method: str, on_store_error: Literal["fail", "run"], colour: str) -> tuple[App, list[str]]:
    app, ran = App(store=Flaky(method), on_store_error=on_store_error), list[str]()

    if colour == "sync":

        @app.sns("orders", once=True)
        def announce(message: str) -> None:
            ran.append(message)
    else:

        @app.sns("orders", once=True)
        async def announce_async(message: str) -> None:
            ran.append(message)

    return app, ran


def test_a_call_that_outlived_its_lease_while_another_took_its_key_is_logged(logged: list[Any]) -> None:
    clock = Clock()
    store = MemoryStore(clock=clock)
    app = App(store=store)

    @app.sns("orders", once=True)
    def announce(message: str) -> None:
        clock.now += 3600
        (key,) = store._entries
        assert store.acquire(key, "another", 60) is None

    assert statuses(app.complete(sns())) == ["ok"]
    assert [line["event"] for line in logged] == [
        "a call outlived its lease, and another invocation has its key: it may have run twice"
    ]


# Loops, threads, deadlines --------------------------------------------------------------------------------------


def test_a_store_that_blocks_is_asked_beside_the_event_loop() -> None:
    store = Flaky()
    app = App(store=store)
    loops: list[int] = []

    @app.sns("orders", once=True)
    async def announce(message: str) -> None:
        loops.append(threading.get_ident())

    async def invoke() -> None:
        await app.acomplete(sns())

    asyncio.run(invoke())
    assert store.threads
    assert not store.threads & set(loops)


def test_a_store_that_does_not_block_is_asked_in_the_event_loop() -> None:
    store = Flaky()
    store.blocking = False
    app = App(store=store)

    @app.sns("orders", once=True)
    async def announce(message: str) -> None: ...

    async def invoke() -> None:
        await app.acomplete(sns())

    asyncio.run(invoke())
    assert store.threads == {threading.get_ident()}


def test_a_sync_handler_of_one_record_needs_no_event_loop_for_it() -> None:
    program = """
import sys
from lambdarouter import App
from lambdarouter.stores.sqlite import SqliteStore
app = App(store=SqliteStore(":memory:"))
ran = []
@app.sns("orders", once=True)
def announce(message: str) -> None: ran.append(message)
event = {"Records": [{"EventSource": "aws:sns", "Sns": {
    "Message": "17", "MessageId": "m-1", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:orders"}}]}
app(event), app(event)
assert ran == ["17"]
print([name for name in ("asyncio", "anyio", "boto3", "redis", "structlog", "pydantic") if name in sys.modules])
"""
    done = fresh(program)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_an_app_without_once_loads_nothing_of_it() -> None:
    program = """
import sys
from lambdarouter import App
app = App()
@app.sns("orders")
def announce(message: str) -> None: ...
app({"Records": [{"EventSource": "aws:sns", "Sns": {
    "Message": "17", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:orders"}}]})
print([name for name in sys.modules if "once" in name or "store" in name])
"""
    done = fresh(program)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_side_by_side_each_record_has_a_lease_of_its_own() -> None:
    store = Flaky()
    app = App(store=store)
    barrier, ran = threading.Barrier(8), list[str]()

    @app.sqs("jobs", once=True)
    def work(body: str) -> None:
        barrier.wait(60)
        ran.append(body)

    event = events.sqs("jobs", *"abcdefgh")
    assert statuses(app.complete(event)) == ["ok"] * 8
    assert statuses(app.complete(event)) == ["skipped"] * 8
    assert sorted(ran) == list("abcdefgh")


@in_real_time
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_the_deadline_stopped_leaves_a_lease_that_ends_with_the_invocation(
    colour: str, release: threading.Event
) -> None:
    app = App(store=MemoryStore(), deadline_margin=seconds(0.1))
    ran: list[str] = []

    if colour == "sync":

        @app.sns("orders", once=True)
        def announce(message: str) -> None:
            ran.append(message)
            if len(ran) == 1:
                release.wait(60)
    else:

        @app.sns("orders", once=True)
        async def announce_async(message: str) -> None:
            ran.append(message)
            if len(ran) == 1:
                await asyncio.sleep(60)

    context = LambdaContext(timeout=seconds(0.3))
    late = app.complete(sns(), context)
    still = app.complete(sns(), LambdaContext(timeout=60))
    while context.get_remaining_time_in_millis():
        release.wait(0.01)
    after = app.complete(sns(), LambdaContext(timeout=60))

    assert statuses(late) == ["DeadlineExceeded"]
    assert statuses(still) == ["InFlight"]
    assert statuses(after) == ["ok"]
    assert len(ran) == 2


def test_a_failure_that_is_a_cancellation_of_the_handlers_own_gives_the_lease_back() -> None:
    app = App(store=MemoryStore())
    calls: list[str] = []

    @app.sns("orders", once=True)
    async def announce(message: str) -> None:
        calls.append(message)
        if len(calls) == 1:
            raise asyncio.CancelledError

    assert statuses(app.complete(sns())) == ["RuntimeError"]
    assert statuses(app.complete(sns())) == ["ok"]


class Stuck(MemoryStore):
    """A store that does not come back from `finish` by itself."""

    blocking = True

    def __init__(self, release: threading.Event) -> None:
        super().__init__()
        self._release = release

    def finish(self, key: str, owner: str, seconds: float, mark: str = "", value: bytes = b"") -> bool:
        self._release.wait(60)
        return super().finish(key, owner, seconds, mark, value)


def session() -> Iterator[None]:
    yield


@in_real_time
@pytest.mark.parametrize("shared", [False, True], ids=["one call", "calls that share a dependency"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_store_that_hangs_at_the_end_costs_a_call_neither_its_success_nor_the_reply(
    colour: str,
    shared: bool,  # noqa: FBT001
    release: threading.Event,
) -> None:
    app = App(store=Stuck(release), deadline_margin=seconds(0.1))
    ran: list[str] = []

    if colour == "sync":

        @app.sqs("jobs", once=True, concurrency=1)
        def work(body: str, of: Annotated[None, Depends(session, scope="invocation")]) -> None:
            ran.append(body)
    else:

        @app.sqs("jobs", once=True)
        async def work_async(body: str, of: Annotated[None, Depends(session, scope="invocation")]) -> None:
            ran.append(body)

    event = events.sqs("jobs", *("ab" if shared else "a"))
    completion = app.complete(event, LambdaContext(timeout=seconds(0.3)))

    assert set(statuses(completion)) == {"ok"}
    assert completion.reply == {"batchItemFailures": []}


@in_real_time
def test_a_shared_clean_up_that_the_deadline_stops_leaves_leases_and_no_marks(release: threading.Event) -> None:
    app = App(store=MemoryStore(), deadline_margin=seconds(0.1))

    def hangs() -> Iterator[None]:
        yield
        release.wait(60)

    @app.sqs("jobs", once=True, concurrency=1)
    def work(body: str, of: Annotated[None, Depends(hangs, scope="invocation")]) -> None: ...

    event = events.sqs("jobs", "a", "b")
    assert statuses(app.complete(event, LambdaContext(timeout=seconds(0.3)))) == ["DeadlineExceeded"] * 2
    release.set()
    assert statuses(app.complete(event, LambdaContext(timeout=60))) in (["InFlight"] * 2, ["ok"] * 2)


def test_a_job_that_does_not_run_because_another_run_is_not_over_is_not_marked_done() -> None:
    store = MemoryStore()
    app = App(store=store)
    ran: list[str] = []

    @app.cron("0 * * * *", once=True, overlap="skip")
    async def sweep(tick: Tick) -> None:
        ran.append(tick.id)
        if len(ran) == 1:
            (outcome,) = (await app.acomplete(events.cron.rule("2026-01-01T10:00:00Z"))).outcomes
            assert outcome.status == "declined"

    app(events.cron.rule("2026-01-01T09:00:00Z"))
    assert statuses(app.complete(events.cron.rule("2026-01-01T10:00:00Z"))) == ["ok"]
    assert statuses(app.complete(events.cron.rule("2026-01-01T09:00:00Z"))) == ["skipped"]
    assert len(ran) == 2


@pytest.mark.parametrize("bodies", ["a", "ab"])
def test_a_program_that_is_ended_in_a_store_ends(bodies: str) -> None:
    app = App(store=Ended())

    @app.sqs("jobs", once=True, concurrency=1)
    def work(body: str, of: Annotated[None, Depends(session)]) -> None: ...

    with pytest.raises(SystemExit):
        app(events.sqs("jobs", *bodies))


class Ended(MemoryStore):
    def finish(self, key: str, owner: str, seconds: float, mark: str = "", value: bytes = b"") -> bool:
        raise SystemExit
