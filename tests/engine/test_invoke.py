"""An event's way: what is called, what is not, and what Lambda gets to see."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Annotated, Any, ClassVar

import pytest

from lambdarouter import (
    App,
    Call,
    Completion,
    Declined,
    Depends,
    InvalidEventError,
    NoRouteError,
    UnknownEventError,
)
from lambdarouter.core.route import Route, Routes
from lambdarouter.testing.events import cron, http, sns, sqs
from tests.engine.batch import BatchRecord, BatchSource, BatchTrigger, LambdaContext, batch, fresh, statuses


def test_a_sync_handler_of_one_record_needs_no_event_loop() -> None:
    ran = fresh("""
import sys
from lambdarouter import App
from lambdarouter.testing.events import cron, http, sns, sqs
app, seen = App(), []
app.get("/")(lambda: {"ok": True})
app.sns("orders")(lambda: seen.append("sns"))
app.cron(every="1h")(lambda: seen.append("cron"))

class Context:
    aws_request_id = "request"
    def get_remaining_time_in_millis(self):
        return 3000

assert app(http.v2("GET", "/"), Context())["statusCode"] == 200
assert app(sns("orders", "x"), Context()) is None
assert app(cron.rule("2026-01-01T03:00Z"), Context()) is None
assert seen == ["sns", "cron"]
unwanted = {"asyncio", "anyio", "pydantic", "structlog", "croniter"}
print(sorted(unwanted & sys.modules.keys()))
""")
    assert ran.stdout.strip() == "[]", ran.stderr


def test_what_ends_the_process_when_an_event_was_just_matched_ends_it() -> None:
    over: list[int] = []

    class Ending(Routes):
        @property
        def whole(self) -> Sequence[Route]:  # type: ignore[override] # as a signal's handler could anywhere
            if over:
                raise SystemExit(over[0])
            return ()

    class EndingSource(BatchSource):
        routes = Ending

    class EndingTrigger(BatchTrigger):
        source = EndingSource

    app = App()
    app.on(EndingTrigger(concurrency=1))(lambda: None)
    assert statuses(app.complete(batch("x", "y"))) == ["ok", "ok"]
    over.append(7)
    with pytest.raises(SystemExit, match="7"):
        app(batch("x", "y"))


@pytest.mark.parametrize("records", [1, 3])
def test_whether_to_await_is_asked_of_each_value_that_a_handler_returns(records: int) -> None:
    class Later:
        def __await__(self) -> Generator[None, None, str]:
            yield from ()
            return "awaited"

    app, values = App(), iter([{"a": 1}, Later(), {"b": 2}, "text", Later(), Later(), None, Later(), Later()])
    app.on(BatchTrigger(concurrency=1))(lambda: next(values))
    found = [outcome.value for _ in range(9 // records) for outcome in app.complete(batch(*["x"] * records)).outcomes]
    assert found == [{"a": 1}, "awaited", {"b": 2}, "text", "awaited", "awaited", None, "awaited", "awaited"]


def test_a_model_is_not_asked_whether_to_await_it_in_every_event() -> None:
    class Told(type):
        asked: ClassVar[list[str]] = []

        def __getattr__(cls, name: str) -> Any:
            cls.asked.append(name)
            raise AttributeError(name)

    class Value(metaclass=Told):
        pass

    app = App()
    app.on(BatchTrigger())(Value)
    app.sqs("jobs", concurrency=1)(lambda record: Value())
    for _ in range(4):
        assert statuses(app.complete(batch("x"))) == ["ok"]
        assert app(sqs("jobs", "1", "2", "3")) == {"batchItemFailures": []}
    assert Told.asked.count("__await__") == 2  # once for each handler


def test_the_completion_tells_everything() -> None:
    app = App()

    @app.sns("orders", attributes={"kind": "created"})
    def handler(text: str) -> str:
        return text.upper()

    completion = app.complete(sns("orders", "x", attributes={"kind": "created"}))
    (outcome,) = completion.outcomes
    assert (completion.name, completion.reply, completion.error, completion.failed) == ("sns", None, None, [])
    assert (outcome.status, outcome.value, outcome.error) == ("ok", "X", None)
    assert outcome.route is app.routes[0]
    assert isinstance(completion, Completion)


def test_a_record_that_a_filter_declines_is_success_and_says_why() -> None:
    app = App()
    app.sns("orders", attributes={"kind": "created"})(lambda: 1 // 0)
    completion = app.complete(sns("orders", "x", attributes={"kind": "deleted"}))
    (outcome,) = completion.outcomes
    assert type(outcome) is Declined
    assert outcome.status == "declined"
    assert outcome.value == "attribute 'kind' is 'deleted', not 'created'"
    assert completion.unwrap() is None


def test_a_declined_record_fails_where_the_route_says_so() -> None:
    app = App()

    @app.sns("orders", attributes={"kind": "created"}, unmatched="fail")
    def handler() -> None: ...

    with pytest.raises(NoRouteError, match=r'handler declined .* and has unmatched="fail": attribute'):
        app(sns("orders", "x", attributes={"kind": "deleted"}))


def test_a_record_that_no_route_names_fails_and_says_which_decorator_would_take_it() -> None:
    app = App()
    app.sns("orders")(lambda: None)
    with pytest.raises(NoRouteError) as caught:
        app(sns("invoices", "x"))
    assert str(caught.value) == (
        "no route for the SNS topic 'invoices': register a handler with @app.sns(topic) (routes of this source: orders)"
    )


def test_an_event_of_a_source_without_routes_is_unclaimed() -> None:
    app = App()
    with pytest.raises(NoRouteError, match=r"@app\.sns\(topic\) \(routes of this source: none\)"):
        app(sns("orders", "x"))
    assert app(http.v2("GET", "/"))["statusCode"] == 404
    assert app(cron.rule("2026-01-01T03:00Z")) is None


def test_one_record_that_cannot_be_read_fails_alone() -> None:
    app, seen = App(), list[str]()

    @app.sns("orders")
    def handler(text: str) -> None:
        seen.append(text)

    event = sns("orders", "a", "b", "c")
    del event["Records"][1]["Sns"]["TopicArn"]
    completion = app.complete(event, LambdaContext(60))
    assert statuses(completion) == ["ok", "InvalidEventError", "ok"]
    assert sorted(seen) == ["a", "c"]
    with pytest.raises(InvalidEventError, match=r"Records\[1\]\.Sns\.TopicArn is missing or null"):
        app(event, LambdaContext(60))


def test_one_record_whose_filter_raises_fails_alone() -> None:
    class Picky(BatchTrigger):
        __slots__ = ()

        def declines(self, record: BatchRecord) -> str | None:
            if record.text == "fail":
                raise ZeroDivisionError
            return None

    app = App()
    app.on(Picky())(lambda: None)
    completion = app.complete(batch("a", "fail", "b"), LambdaContext(60))
    assert statuses(completion) == ["ok", "ZeroDivisionError", "ok"]
    assert completion.reply == {"failed": ["1"]}


@pytest.mark.parametrize("records", [1, 0])
def test_an_event_that_cannot_be_split_raises(records: int) -> None:
    app = App()
    app.on(BatchTrigger())(lambda: None)
    completion = app.complete({"batch": 7})
    assert isinstance(completion.error, TypeError)
    assert completion.outcomes == []


def test_a_value_that_the_source_refuses_fails_the_call() -> None:
    class Strict(BatchSource):
        def result(self, match: Any, value: Any) -> Any:
            if not isinstance(value, str):
                raise TypeError("a string, please")
            return value

    class StrictTrigger(BatchTrigger):
        __slots__ = ()
        source = Strict

    app = App()
    app.on(StrictTrigger())(lambda record: 7 if record.text == "fail" else "fine")
    assert statuses(app.complete(batch("a", "fail"), LambdaContext(60))) == ["ok", "TypeError"]


def test_an_event_nobody_knows_says_what_was_seen() -> None:
    app = App()
    with pytest.raises(UnknownEventError, match=r"an object with 'a', 'b'\. .*@app\.on\(\.\.\.\)"):
        app({"a": 1, "b": 2})
    with pytest.raises(UnknownEventError, match="an object with no keys"):
        app({})
    with pytest.raises(UnknownEventError, match="'k7' …"):
        app({f"k{n}": n for n in range(20)})
    with pytest.raises(UnknownEventError, match="a list"):
        app([])
    with pytest.raises(UnknownEventError, match=r"NoneType|null"):
        app(None)


def test_a_durable_functions_event_is_refused_by_name() -> None:
    event = {
        "DurableExecutionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/a/b",
        "CheckpointToken": "token",
        "InitialExecutionState": {"Operations": [], "NextMarker": ""},
    }
    app = App()
    for _ in range(2):
        assert app.complete(event).name == "durable"
        app.start()
        with pytest.raises(UnknownEventError, match="aws-durable-execution-sdk-python"):
            app(event)


def test_a_known_event_that_no_room_takes_is_refused_by_name() -> None:
    with pytest.raises(UnknownEventError, match="durable execution SDK"):
        App()({"DurableExecutionArn": "arn", "CheckpointToken": "t"})


@pytest.mark.parametrize("word", ["", "async "])
def test_a_program_that_ends_in_one_of_several_calls_ends_without_a_word(word: str) -> None:
    program = (
        "import sys\n"
        "from lambdarouter import App\n"
        "from lambdarouter.testing.events import sns\n"
        "app = App()\n"
        "@app.sns('orders')\n"
        f"{word}def end(message: str): sys.exit(3)\n"
        "@app.sns('orders')\n"
        f"{word}def other(message: str): ...\n"
        "app(sns('orders', 'm'))\n"
    )
    ended = fresh(program)

    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "", "")


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("where", ["handler", "middleware", "dependency"])
def test_what_ends_the_process_passes_through(kind: type[BaseException], colour: str, where: str) -> None:
    app, cleaned = App(), list[str]()

    def stop() -> None:
        raise kind(3)

    async def stop_async() -> None:
        raise kind(3)

    def session() -> Generator[None, None, None]:
        try:
            yield
        finally:
            cleaned.append("session")

    def handler(first: None, second: None) -> None: ...

    handler.__annotations__ |= {
        "first": Annotated[None, Depends(session)],
        "second": Annotated[None, Depends(stop if colour == "sync" else stop_async)],
    }
    if where == "handler":
        app.sns("orders")(stop if colour == "sync" else stop_async)
    elif where == "dependency":
        app.sns("orders")(handler)
    else:

        @app.middleware
        def around(call: Call) -> Generator[None, None, None]:
            stop()
            yield

        app.sns("orders")(lambda: None)
    for _ in range(2):  # the second event finds the environment started
        cleaned.clear()
        with pytest.raises(kind):
            app(sns("orders", "x"))
        assert cleaned == (["session"] if where == "dependency" else [])


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_ends_the_process_passes_through_several_calls(colour: str) -> None:
    """In a process of its own: it is not meant to go on."""
    ran = fresh(f"""
import sys
from lambdarouter import App
from lambdarouter.testing.events import sns
app = App()

@app.sns("orders")
{"async " if colour == "async" else ""}def handler(text: str):
    if text == "stop":
        sys.exit(3)

app(sns("orders", "a", "stop", "b"))
""")
    assert ran.returncode == 3, ran.stderr
