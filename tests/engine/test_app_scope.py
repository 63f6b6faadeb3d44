"""Dependencies with scope="app": one instance for the environment."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import App, Completion, ConfigurationError, Context, Depends, Header, Router
from lambdarouter.testing.events import http, sns
from tests.engine.batch import BOUND, BatchRecord, BatchTrigger, batch
from tests.engine.lifespan import Lifespan


class Pool:
    def __init__(self) -> None:
        self.closed = False


def pool_of(kind: str, made: list[Pool]) -> Callable[[], Any]:
    def function() -> Pool:
        made.append(Pool())
        return made[-1]

    async def async_function() -> Pool:
        await asyncio.sleep(0)
        return function()

    def generator() -> Generator[Pool, None, None]:
        pool = function()
        yield pool
        pool.closed = True

    async def async_generator() -> AsyncGenerator[Pool, None]:
        async with asyncio.timeout(60):
            pool = function()
            yield pool
        pool.closed = True

    every: dict[str, Callable[[], Any]] = {
        "function": function,
        "async function": async_function,
        "generator": generator,
        "async generator": async_generator,
    }
    return every[kind]


@pytest.mark.parametrize("with_lifespan", [True, False])
@pytest.mark.parametrize("kind", ["function", "async function", "generator", "async generator"])
def test_an_app_dependency_is_made_once_before_the_first_event_and_torn_down_at_the_end(
    kind: str, *, with_lifespan: bool
) -> None:
    made, seen = list[Pool](), list[Pool]()
    lifespan = Lifespan()
    app = App(lifespan=lifespan) if with_lifespan else App()
    pool = pool_of(kind, made)

    @app.on(BatchTrigger())
    def handler(mine: Annotated[Pool, Depends(pool, scope="app")]) -> None:
        assert not mine.closed
        seen.append(mine)

    @app.sns("orders")
    async def other(mine: Annotated[Pool, Depends(pool, scope="app")]) -> None:
        seen.append(mine)

    assert made == []
    app.on(BatchTrigger("without"))(lambda: seen.append(*made))
    app(batch({"to": "without"}))  # made before the first event, though this one does not need it
    app(batch("x"))
    app(batch("x", "y"))
    app(sns("orders", "x"))
    assert len(made) == 1
    assert seen == made * 5
    app.close()
    assert made[0].closed is ("generator" in kind)


def test_an_app_dependency_may_need_another() -> None:
    log = list[str]()

    def settings() -> Generator[str, None, None]:
        log.append("settings")
        yield "settings"
        log.append("settings end")

    async def pool(of: Annotated[str, Depends(settings, scope="app")]) -> AsyncGenerator[str, None]:
        log.append("pool")
        yield f"pool of {of}"
        log.append("pool end")

    def session(of: Annotated[str, Depends(pool, scope="app")]) -> str:
        log.append("session")
        return f"session of {of}"

    app = App(lifespan=Lifespan())

    @app.on(BatchTrigger())
    def handler(mine: Annotated[str, Depends(session)]) -> str:
        return mine

    for _ in range(2):
        assert app.complete(batch("x")).outcomes[0].value == "session of pool of settings"
    app.close()
    assert log == ["settings", "pool", "session", "session", "pool end", "settings end"]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_start_that_fails_half_way_tears_down_what_was_made(colour: str) -> None:
    log, failing = list[str](), [True]

    def settings() -> Generator[str, None, None]:
        log.append("settings")
        try:
            yield "settings"
        finally:
            log.append("settings end")

    def pool(of: Annotated[str, Depends(settings, scope="app")]) -> str:
        if failing:
            failing.clear()
            raise ConnectionError("no database")
        return f"pool of {of}"

    async def pool_async(of: Annotated[str, Depends(settings, scope="app")]) -> str:
        return pool(of)

    app = App()

    @app.on(BatchTrigger())
    def handler(mine: Annotated[str, Depends(pool if colour == "sync" else pool_async, scope="app")]) -> str:
        return mine

    assert isinstance(app.complete(batch("x")).error, ConnectionError)
    assert log == ["settings", "settings end"]
    assert app.complete(batch("x")).outcomes[0].value == "pool of settings"
    app.close()
    assert log == ["settings", "settings end"] * 2


def per_invocation() -> int:
    return 1


def reads_the_context(context: Context) -> str:
    return context.request_id


def reads_the_record(record: BatchRecord) -> str:
    return record.text


def reads_a_header(token: Annotated[str, Header("authorization")]) -> str:
    return token


def needs_an_invocation(value: Annotated[int, Depends(per_invocation)]) -> int:
    return value


@pytest.mark.parametrize(
    ("dependency", "trigger"),
    [
        (reads_the_context, "batch"),
        (reads_the_record, "batch"),
        (needs_an_invocation, "batch"),
        (reads_the_context, "http"),
        (reads_a_header, "http"),
        (needs_an_invocation, "http"),
    ],
)
def test_an_app_dependency_that_needs_an_invocation_is_refused_at_import(
    dependency: Callable[..., Any], trigger: str
) -> None:
    app = App()

    def handler(value: Annotated[Any, Depends(dependency, scope="app")]) -> None: ...

    register = app.on(BatchTrigger()) if trigger == "batch" else app.get("/")
    with pytest.raises(ConfigurationError, match='scope="app"') as caught:
        register(handler)
    assert dependency.__name__ in str(caught.value)
    assert "test_app_scope.py:" in str(caught.value)


def test_an_app_dependencys_parameters_with_defaults_are_left_to_them() -> None:
    """A settings class has fields with defaults; no request may fill them."""
    app = App()

    class Settings(BaseModel):
        table: str = "orders"
        debug: bool = False

    def flags(table: str = "from code") -> str:
        return table

    @app.get("/")
    def handler(
        settings: Annotated[Settings, Depends(Settings, scope="app")], code: Annotated[str, Depends(flags, scope="app")]
    ) -> str:
        return f"{settings.table} {settings.debug} {code}"

    reply = app(http.v2("GET", "/", query={"table": "users", "debug": "true"}))
    assert reply["body"] == "orders False from code"


def test_one_function_with_both_scopes_is_two_dependencies() -> None:
    app, made = App(), list[int]()

    def counter() -> int:
        made.append(1)
        return len(made)

    @app.on(BatchTrigger())
    def handler(
        shared: Annotated[int, Depends(counter, scope="app")], own: Annotated[int, Depends(counter)]
    ) -> tuple[int, int]:
        return shared, own

    assert [app.complete(batch("x")).outcomes[0].value for _ in range(2)] == [(1, 2), (1, 3)]


def test_app_dependencies_of_an_included_router_are_made_too() -> None:
    app, router, made = App(), Router(), list[Pool]()
    pool = pool_of("function", made)

    @router.sns("orders")
    def handler(mine: Annotated[Pool, Depends(pool, scope="app")]) -> None: ...

    app.include(router)
    for _ in range(2):
        app(sns("orders", "x"))
    assert len(made) == 1


def test_overlapping_first_events_share_what_a_sync_function_gave_to_await() -> None:
    app, made, seen, called = App(), list[Pool](), list[Pool](), list[str]()
    connect = pool_of("async function", made)

    def pool() -> Any:
        called.append("pool")
        return connect()

    @app.sns("orders")
    def handler(mine: Annotated[Pool, Depends(pool, scope="app")]) -> None:
        seen.append(mine)

    async def at_once() -> None:
        await asyncio.gather(*[app.acomplete(sns("orders", "x")) for _ in range(3)])
        await app.aclose()

    # Nobody could stop a loop of this thread that waits for itself.
    thread = threading.Thread(target=asyncio.run, args=(at_once(),), daemon=True)
    thread.start()
    thread.join(60)
    assert called == ["pool"]
    assert len(made) == 1
    assert seen == made * 3


def test_what_was_made_before_a_sync_function_gave_something_to_await_is_kept() -> None:
    app, log = App(), list[str]()

    def pool() -> Generator[str, None, None]:
        log.append("open")
        yield "pool"
        log.append("close")

    async def connect(name: str) -> str:
        await asyncio.sleep(0)
        return f"connection of {name}"

    def connection(of: Annotated[str, Depends(pool, scope="app")]) -> Any:
        log.append("connect")
        return connect(of)

    @app.on(BatchTrigger())
    def handler(mine: Annotated[str, Depends(connection, scope="app")]) -> str:
        return mine

    for _ in range(2):
        assert app.complete(batch("x")).outcomes[0].value == "connection of pool"
    app.close()
    assert log == ["open", "connect", "close"]


@pytest.mark.parametrize("then", ["an event", "the end"])
def test_a_start_for_which_no_loop_was_to_be_had_waits_for_one(then: str) -> None:
    app, log = App(), list[str]()

    def pool() -> Generator[str, None, None]:
        log.append("open")
        try:
            yield "pool"
        finally:
            log.append("close")

    async def connect(name: str) -> str:
        return f"connection of {name}"

    def connection(of: Annotated[str, Depends(pool, scope="app")]) -> Any:
        return connect(of)

    @app.on(BatchTrigger())
    def handler(mine: Annotated[str, Depends(connection, scope="app")]) -> str:
        return mine

    async def inside_a_loop() -> None:
        app(batch("x"))

    with pytest.raises(RuntimeError, match="inside a running event loop"):
        asyncio.run(inside_a_loop())
    assert log == ["open"]
    if then == "an event":
        assert app.complete(batch("x")).outcomes[0].value == "connection of pool"
        assert log == ["open"]
    app.close()
    assert log == ["open", "close"]


def waits_in(function: str, thread: threading.Thread) -> bool:
    """Whether it is in the function itself, in nothing that this calls: at a lock, say."""
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is not None and frame.f_code.co_qualname == function


def test_first_events_in_several_threads_share_one_start(release: threading.Event) -> None:
    app, made, entered = App(), list[Pool](), threading.Event()

    def pool() -> Pool:
        made.append(Pool())
        entered.set()
        assert release.wait(BOUND)
        return made[-1]

    @app.on(BatchTrigger())
    def handler(mine: Annotated[Pool, Depends(pool, scope="app")]) -> None:
        assert mine is made[0]

    completions = list[Completion]()
    first, *others = [
        threading.Thread(target=lambda: completions.append(app.complete(batch("x"))), daemon=True) for _ in range(4)
    ]
    first.start()
    assert entered.wait(BOUND)
    for thread in others:
        thread.start()
    end = time.monotonic() + BOUND
    while not all(waits_in("Environment.start", thread) for thread in others):
        assert time.monotonic() < end
        time.sleep(0.001)
    release.set()
    for thread in (first, *others):
        thread.join(BOUND)
    assert len(made) == 1
    assert [completion.outcomes[0].error for completion in completions] == [None] * 4


def test_a_wrong_scope_is_refused() -> None:
    with pytest.raises(ConfigurationError, match='"invocation" or "app"'):
        Depends(per_invocation, scope="request")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="a dependency is a function"):
        Depends("per_invocation")  # type: ignore[arg-type]
