"""What one event does to its surroundings is gone with it."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import signal
import threading
from collections.abc import AsyncGenerator, Generator
from contextvars import ContextVar
from typing import Annotated, Any

import pytest

from lambdarouter import App, Call, ConfigurationError, Depends, HttpError, Router
from lambdarouter.core.invocation import current
from lambdarouter.sources.sns import SnsSource, SnsTrigger
from lambdarouter.testing.events import http, sns
from tests.engine.batch import BatchTrigger, LambdaContext, batch, statuses
from tests.pace import in_real_time, seconds

USER: ContextVar[str] = ContextVar("user", default="nobody")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_context_variable_that_a_handler_sets_is_gone_with_its_event(asynchronous: bool) -> None:  # noqa: FBT001
    app = App()

    def sets() -> str:
        found = USER.get()
        USER.set("ada")
        return found

    async def sets_later() -> str:
        await asyncio.sleep(0)
        return sets()

    app.get("/")(sets_later if asynchronous else sets)
    assert [app(http.v2("GET", "/"))["body"] for _ in range(3)] == ["nobody"] * 3
    assert USER.get() == "nobody"


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_what_a_dependency_and_a_middleware_set_they_can_reset(asynchronous: bool, several: bool) -> None:  # noqa: FBT001
    app = App()
    seen: list[str] = []

    @app.middleware
    def as_root(call: Call) -> Generator[None, None, None]:
        token = USER.set("root")
        yield
        USER.reset(token)

    def as_ada() -> Generator[int, None, None]:
        token = USER.set("ada")
        try:
            yield 1
        finally:
            USER.reset(token)

    def handles(text: str, one: Annotated[int, Depends(as_ada)]) -> None:
        seen.append(USER.get())

    async def handles_later(text: str, one: Annotated[int, Depends(as_ada)]) -> None:
        await asyncio.sleep(0)
        handles(text, one)

    async def gives_an_awaitable(text: str, one: int) -> None:
        await handles_later(text, one)

    app.on(BatchTrigger())(handles_later if asynchronous else handles)
    completion = app.complete(batch(*("ab" if several else "a")))
    assert statuses(completion) == ["ok"] * (2 if several else 1), completion.failed
    if not several:
        assert seen == ["ada"]
    assert USER.get() == "nobody"


def test_a_handler_that_calls_another_app_is_still_the_call_in_progress() -> None:
    inner, outer = App(), App()
    inner.get("/")(lambda: None)

    @outer.get("/")
    def asks() -> bool:
        inner(http.v2("GET", "/"))
        call, (route,) = current.get(), outer._engine.registrar.all()
        return call is not None and call[1][call[2]].route is route

    assert outer(http.v2("GET", "/"))["body"] == "true"
    assert current.get() is None


@in_real_time
@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread")
def test_awaiting_code_is_cancelled_in_time_though_it_has_put_the_signal_to_use() -> None:
    app = App(deadline_margin=seconds(0.5))

    @app.get("/")
    async def handler() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)  # as a library's own time limit does when it ends
        await asyncio.sleep(60)

    assert app(http.v2("GET", "/"), LambdaContext(seconds(0.7)))["statusCode"] == 504


def test_a_routers_middleware_wraps_the_routes_above_it_too() -> None:
    app, router = App(), Router(prefix="/r")

    @router.get("/x")
    def handler() -> str:
        return "open"

    app.include(router)

    @router.middleware
    def refuse(call: Call) -> Generator[None, None, None]:
        raise HttpError(403)
        yield

    assert app(http.v2("GET", "/r/x"))["statusCode"] == 403


def test_a_log_line_that_cannot_be_written_costs_no_reply(capsys: pytest.CaptureFixture[str]) -> None:
    import structlog

    def broken(*_: Any) -> Any:
        raise KeyError("nope")

    app = App()

    @app.get("/")
    def handler() -> None:
        raise ValueError("the handler's")

    structlog.configure(processors=[broken])
    try:
        assert app(http.v2("GET", "/"))["statusCode"] == 500
    finally:
        structlog.reset_defaults()
    assert "KeyError: 'nope'" in capsys.readouterr().err


def test_two_sources_of_one_name_are_refused() -> None:
    class MySource(SnsSource):
        pass

    class MyTrigger(SnsTrigger):
        source = MySource

    app = App()
    app.on(MyTrigger("a"))(lambda: None)
    with pytest.raises(ConfigurationError, match=r"SnsSource and MySource both take 'sns' events"):
        app.sns("b")(lambda: None)
    assert app(sns("a", "hello")) is None


@pytest.mark.anyio
async def test_who_cancels_an_invocation_waits_for_its_clean_up() -> None:
    app, cleaned = App(deadline_margin=5), []

    @app.get("/")
    async def handler() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            cleaned.append(True)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(app.acomplete(http.v2("GET", "/")), 0.05)
    assert cleaned == [True]


@in_real_time
def test_a_lifespan_that_hangs_while_it_is_entered_does_not_hold_up_the_end() -> None:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def hangs(app: App) -> AsyncGenerator[None]:
        await asyncio.sleep(60)
        yield

    app = App(lifespan=hangs, deadline_margin=seconds(0.5))
    app.get("/")(lambda: None)
    assert app.complete(http.v2("GET", "/"), LambdaContext(seconds(0.7))).error is not None
    app.close()


def test_an_app_whose_loop_is_gone_can_be_closed_and_started_anew() -> None:
    from contextlib import asynccontextmanager

    entered: list[str] = []

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncGenerator[None]:
        entered.append("in")
        yield
        entered.append("out")

    app = App(lifespan=lifespan)
    app.get("/")(lambda: None)
    asyncio.run(app.acomplete(http.v2("GET", "/")))
    app.close()
    app(http.v2("GET", "/"))
    app.close()
    assert entered[-2:] == ["in", "out"]


def test_threads_that_come_first_together_make_one_app_dependency() -> None:
    app, made = App(), []
    barrier = threading.Barrier(5)

    def store() -> object:
        made.append(object())
        return made[0]

    @app.get("/")
    def handler(it: Annotated[object, Depends(store, scope="app")]) -> None: ...

    def come() -> None:
        barrier.wait()
        app(http.v2("GET", "/"))

    threads = [threading.Thread(target=come) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_route_that_is_registered_late_has_its_app_dependency_once() -> None:
    app, made = App(), []
    app.start()

    def store() -> int:
        made.append(1)
        return 7

    @app.get("/")
    def handler(it: Annotated[int, Depends(store, scope="app")]) -> int:
        return it

    assert [app(http.v2("GET", "/"))["body"] for _ in range(3)] == ["7"] * 3
    assert made == [1]
    app.close()


def test_a_lifespan_that_is_no_context_manager_is_told_so() -> None:
    def yields(app: App) -> Generator[None, None, None]:
        yield

    app = App(lifespan=yields)  # type: ignore[arg-type]
    app.get("/")(lambda: None)
    with pytest.raises(ConfigurationError, match="lifespan= is an @asynccontextmanager function"):
        app(http.v2("GET", "/"))


def test_an_app_that_was_started_in_another_loop_is_not_closed_behind_its_back() -> None:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncGenerator[None]:
        yield

    app = App(lifespan=lifespan)
    app.start()
    with pytest.raises(RuntimeError, match="started in another event loop"):
        asyncio.run(app.aclose())
    app.close()
