"""What handlers depend on: made when needed, once per scope, and cleaned up whatever happens."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Annotated, Any, Literal, Self

import pytest

from lambdarouter import App, ConfigurationError, Context, Depends, Header
from lambdarouter.testing.events import cron, http, sns
from tests.engine.batch import BatchRecord, BatchTrigger, LambdaContext, batch, fresh

KINDS = ["function", "async function", "generator", "async generator", "class", "object", "method"]


def dependency_of(kind: str, log: list[str]) -> Callable[..., Any]:
    """Make a dependency of each kind that gives "made"."""

    def function() -> str:
        log.append("made")
        return "made"

    async def async_function() -> str:
        await asyncio.sleep(0)
        return function()

    def generator() -> Generator[str, None, None]:
        yield function()
        log.append("cleaned")

    async def async_generator() -> AsyncGenerator[str, None]:
        yield await async_function()
        await asyncio.sleep(0)
        log.append("cleaned")

    class Made(str):
        __slots__ = ()

        def __new__(cls) -> Self:
            return super().__new__(cls, function())

    class Maker:
        def __call__(self) -> str:
            return function()

        def method(self) -> str:
            return function()

    made: dict[str, Callable[..., Any]] = {
        "function": function,
        "async function": async_function,
        "generator": generator,
        "async generator": async_generator,
        "class": Made,
        "object": Maker(),
        "method": Maker().method,
    }
    return made[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("records", [1, 3])
def test_a_dependency_of_the_invocation_is_made_once_per_event(kind: str, colour: str, records: int) -> None:
    app, log = App(), list[str]()
    shared = Depends(dependency_of(kind, log), scope="invocation")

    def handler(value: Annotated[str, shared], again: Annotated[str, shared]) -> str:
        assert value is again
        assert "cleaned" not in log
        return value

    async def handler_async(value: Annotated[str, shared]) -> str:
        await asyncio.sleep(0)
        assert "cleaned" not in log
        return value

    app.on(BatchTrigger())(handler if colour == "sync" else handler_async)
    for _ in range(2):
        completion = app.complete(batch(*["x"] * records), LambdaContext(60))
        assert [outcome.value for outcome in completion.outcomes] == ["made"] * records
        assert log == (["made", "cleaned"] if "generator" in kind else ["made"])
        log.clear()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scope", [None, "call"])
@pytest.mark.parametrize("concurrency", [1, None])
def test_a_generator_is_made_for_each_call_and_so_is_what_has_the_scope_of_a_call(
    kind: str, scope: Literal["call"] | None, concurrency: int | None
) -> None:
    app, log = App(), list[str]()
    made = Depends(dependency_of(kind, log), scope=scope)

    @app.on(BatchTrigger(concurrency=concurrency))
    def handler(value: Annotated[str, made], again: Annotated[str, made]) -> None:
        assert value is again

    assert app(batch(*"abc"), LambdaContext(60)) == {"failed": []}
    each = 3 if scope == "call" or "generator" in kind else 1
    assert sorted(log) == ["cleaned"] * each + ["made"] * each if "generator" in kind else ["made"] * each


def test_what_depends_on_something_of_a_call_is_made_for_each_call() -> None:
    app = App()

    def session() -> Generator[list[str], None, None]:
        yield []

    def repository(of: Annotated[list[str], Depends(session)]) -> list[str]:
        return of

    @app.on(BatchTrigger(concurrency=1))
    def handler(text: str, of: Annotated[list[str], Depends(repository)]) -> list[str]:
        of.append(text)
        return of

    completion = app.complete(batch(*"ab"), LambdaContext(60))
    assert [outcome.value for outcome in completion.outcomes] == [["a"], ["b"]]


def test_what_is_shared_by_an_events_calls_cannot_depend_on_what_each_has_its_own_of() -> None:
    def session() -> Generator[str, None, None]:
        yield ""

    def repository(of: Annotated[str, Depends(session)]) -> str:
        return of

    def text_of(record: BatchRecord) -> str:
        return record.text

    for made, why in ((repository, "session, which each of them has its own of"), (text_of, "the record of one")):

        def handler(value: Annotated[str, Depends(made, scope="invocation")]) -> None: ...

        message = rf'has scope="invocation" and is for all calls of an event, so it cannot depend on .*{why}'
        with pytest.raises(ConfigurationError, match=message) as caught:
            App().on(BatchTrigger())(handler)
        assert "test_dependency.py:" in str(caught.value)


def test_a_dependency_works_for_every_source() -> None:
    app, seen = App(), list[str]()

    def where(context: Context) -> str:
        return context.request_id

    @app.get("/")
    @app.sns("orders")
    @app.cron(every="1h")
    def handler(value: Annotated[str, Depends(where)]) -> None:
        seen.append(value)

    for event in (http.v2("GET", "/"), sns("orders", "x"), cron.rule("2026-01-01T03:00Z")):
        app(event, LambdaContext(60, "request"))
    assert seen == ["request"] * 3


@pytest.mark.parametrize("concurrency", [1, None])
def test_a_dependency_that_reads_the_record_is_made_for_each_record(concurrency: int | None) -> None:
    app, log = App(), list[str]()

    def session(record: BatchRecord) -> Generator[str, None, None]:
        yield record.text
        log.append(f"cleaned {record.text}")

    def upper(value: Annotated[str, Depends(session)]) -> str:
        return value.upper()

    @app.on(BatchTrigger(concurrency=concurrency))
    def handler(
        text: str, value: Annotated[str, Depends(upper)], again: Annotated[str, Depends(session)]
    ) -> tuple[str, str]:
        assert text == again
        return value, again

    completion = app.complete(batch(*"abc"), LambdaContext(60))
    assert [outcome.value for outcome in completion.outcomes] == [("A", "a"), ("B", "b"), ("C", "c")]
    assert sorted(log) == ["cleaned a", "cleaned b", "cleaned c"]


def test_a_dependency_may_take_what_handlers_take() -> None:
    app = App()

    def tenant(tenant_id: Annotated[str, Header("x-tenant")], page: int = 1) -> str:
        return f"{tenant_id} {page}"

    @app.get("/things/{thing}")
    def handler(thing: str, value: Annotated[str, Depends(tenant)]) -> str:
        return f"{thing} {value}"

    reply = app(http.v2("GET", "/things/7", headers={"x-tenant": "acme"}, query={"page": "2"}))
    assert reply["body"] == "7 acme 2"
    assert app(http.v2("GET", "/things/7"))["statusCode"] == 422


def test_nested_dependencies_are_made_inside_out_and_cleaned_outside_in() -> None:
    app, log = App(), list[str]()

    def pool() -> Generator[str, None, None]:
        log.append("pool")
        yield "pool"
        log.append("pool closed")

    async def connection(of: Annotated[str, Depends(pool, scope="invocation")]) -> AsyncGenerator[str, None]:
        log.append("connection")
        yield f"{of}.connection"
        log.append("connection closed")

    def repository(
        of: Annotated[str, Depends(connection, scope="invocation")],
        too: Annotated[str, Depends(pool, scope="invocation")],
    ) -> Generator[str, None, None]:
        assert too == "pool"
        log.append("repository")
        yield f"{of}.repository"
        log.append("repository closed")

    @app.on(BatchTrigger())
    def handler(value: Annotated[str, Depends(repository, scope="invocation")]) -> str:
        log.append("handler")
        return value

    for records in (1, 2):
        log.clear()
        completion = app.complete(batch(*["x"] * records), LambdaContext(60))
        assert [outcome.value for outcome in completion.outcomes] == ["pool.connection.repository"] * records
        assert log == [
            "pool",
            "connection",
            "repository",
            *["handler"] * records,
            "repository closed",
            "connection closed",
            "pool closed",
        ]


def test_dependencies_in_a_circle_are_refused_at_import() -> None:
    def later(value: int) -> int:
        return value

    def sooner(value: Annotated[int, Depends(later)]) -> int:
        return value

    later.__annotations__["value"] = Annotated[int, Depends(sooner)]
    app = App()

    def handler(value: Annotated[int, Depends(sooner)]) -> None: ...

    with pytest.raises(ConfigurationError, match=r"circle: .*handler -> .*sooner -> .*later -> .*sooner") as caught:
        app.sns("orders")(handler)
    assert "test_dependency.py:" in str(caught.value)


def test_a_dependency_whose_parameter_nobody_can_fill_is_refused_at_import() -> None:
    def wants(thing: threading.Thread) -> int:
        return 1

    def handler(value: Annotated[int, Depends(wants)]) -> None: ...

    with pytest.raises(ConfigurationError, match="thing: Thread"):
        App().sns("orders")(handler)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("records", [1, 2])
@pytest.mark.parametrize("shared", [None, "invocation"])
def test_a_dependency_is_made_and_cleaned_up_in_one_task(
    kind: str, records: int, shared: Literal["invocation"] | None
) -> None:
    app, tasks = App(), list[Any]()

    async def scope() -> AsyncGenerator[None, None]:
        # A cancel scope, as anyio's clients use, must be left in the task that entered it.
        async with asyncio.timeout(10):
            tasks.append(asyncio.current_task())
            yield
            tasks.append(asyncio.current_task())

    made = Depends(scope, scope=shared)

    def handler(_made: Annotated[None, made]) -> None: ...

    async def handler_async(_made: Annotated[None, made]) -> None: ...

    app.on(BatchTrigger(concurrency=1))(handler if kind == "sync" else handler_async)
    assert app(batch(*["x"] * records), LambdaContext(60)) == {"failed": []}
    assert len(tasks) == 2 * (1 if shared else records)
    assert tasks[::2] == tasks[1::2]
    assert None not in tasks


def test_sync_dependencies_of_one_sync_handler_need_no_event_loop() -> None:
    ran = fresh("""
import sys
from typing import Annotated
from lambdarouter import App, Depends
from lambdarouter.testing.events import sns
app, log = App(), []

def settings():
    return "settings"

def session(of: Annotated[str, Depends(settings, scope="app")]):
    yield of
    log.append("closed")

@app.sns("orders")
def handler(it: Annotated[str, Depends(session)]):
    log.append(it)

app(sns("orders", "x"))
assert log == ["settings", "closed"]
print(sorted({"asyncio", "anyio", "structlog", "inspect"} & sys.modules.keys()))
""")
    assert ran.stdout.strip() == "[]", ran.stderr
