"""Nothing of an event stays once its errors are answered, not even for the garbage collector to find."""

from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from lambdarouter import App, Call, Depends, HttpError, Router
from lambdarouter.testing.events import http, sqs
from tests.engine.batch import LambdaContext


def is_let_go(app: App, event: Any) -> bool:
    """Whether an event's context, which whatever is known of the event holds, is gone as soon as the event is over."""
    app.start()
    context = LambdaContext(60)
    gone = weakref.ref(context)
    gc.disable()
    try:
        app(event, context)
        del context
        return gone() is None
    finally:
        gc.enable()


def nothing(app: App) -> None: ...


def middleware(app: App) -> None:
    @app.middleware
    def layer(call: Call) -> Iterator[None]:
        yield


def async_middleware(app: App) -> None:
    @app.middleware
    async def layer(call: Call) -> AsyncIterator[None]:
        yield


def middleware_that_answers(app: App) -> None:
    @app.middleware
    def layer(call: Call) -> Iterator[None]:
        try:
            yield
        except HttpError:
            call.reply = "met"


def middleware_that_raises(app: App) -> None:
    @app.middleware
    def layer(call: Call) -> Iterator[None]:
        try:
            yield
        except HttpError as error:
            raise KeyError from error


def exception_handler(app: App) -> None:
    @app.exception_handler(HttpError)
    def answer(error: HttpError) -> str:
        return "met"


def exception_handler_that_raises(app: App) -> None:
    @app.exception_handler(HttpError)
    async def answer(error: HttpError) -> str:
        raise KeyError from error


def another_exception_handler(app: App) -> None:
    @app.exception_handler(KeyError)
    def answer(error: KeyError) -> None: ...


def torn_down() -> Iterator[None]:
    yield


async def torn_down_later() -> AsyncIterator[None]:
    yield


def fails_to_be_made() -> None:
    raise HttpError(403)


def fails_to_be_torn_down() -> Iterator[None]:
    try:
        yield
    except HttpError as error:
        raise KeyError from error


AROUND = [
    nothing,
    middleware,
    async_middleware,
    middleware_that_answers,
    middleware_that_raises,
    exception_handler,
    exception_handler_that_raises,
    another_exception_handler,
]


def failing(status: int, *, waits: bool) -> Callable[[], Any]:
    def fails() -> None:
        raise HttpError(status)

    async def fails_later() -> None:
        fails()

    return fails_later if waits else fails


@pytest.mark.parametrize("status", [409, 500])
@pytest.mark.parametrize("waits", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("around", AROUND)
def test_a_request_whose_error_is_answered_is_let_go(
    around: Callable[[App], None], status: int, *, waits: bool
) -> None:
    app = App()
    around(app)
    app.get("/")(failing(status, waits=waits))
    for _ in range(2):  # the first event starts the environment, and so goes the long way
        assert is_let_go(app, http.v2("GET", "/"))


@pytest.mark.parametrize("around", AROUND)
def test_a_request_that_no_route_takes_is_let_go(around: Callable[[App], None]) -> None:
    app = App()
    around(app)
    app.get("/")(failing(409, waits=False))
    for path in ("/", "/nowhere"):
        for _ in range(2):
            assert is_let_go(app, http.v2("POST", path))


@pytest.mark.parametrize("waits", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("dependency", [torn_down, torn_down_later, fails_to_be_made, fails_to_be_torn_down])
def test_a_request_whose_dependencies_see_its_error_is_let_go(dependency: Callable[[], Any], *, waits: bool) -> None:
    app, router = App(), Router(dependencies=[Depends(dependency)])
    router.get("/")(failing(409, waits=waits))
    app.include(router)
    for _ in range(2):
        assert is_let_go(app, http.v2("GET", "/"))


@pytest.mark.parametrize("waits", [False, True], ids=["sync", "async"])
def test_a_batch_whose_failures_are_reported_is_let_go(*, waits: bool) -> None:
    app = App()

    def work(message: str) -> None:
        if message != "fine":
            raise KeyError(message)

    async def work_later(message: str) -> None:
        work(message)

    app.sqs("jobs", concurrency=1)(work_later if waits else work)  # a thread may hold its last call for an instant
    for _ in range(2):
        assert is_let_go(app, sqs("jobs", "fine", "bad", "worse"))
