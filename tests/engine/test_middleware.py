"""Middleware wraps each call of every source, sync and async alike."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import nullcontext, suppress
from typing import Any

import pytest

from lambdarouter import (
    Allow,
    App,
    Call,
    Cors,
    Declined,
    HttpError,
    NoRouteError,
    Once,
    Outcome,
    Response,
    Router,
    StreamingResponse,
)
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing.events import EXAMPLES, authorizer, cron, http, sns, sqs
from tests.contract.table import ROOM_OF, contract
from tests.engine.batch import BatchSource, BatchTrigger, LambdaContext, batch, fresh, statuses

Layer = Callable[[Call], Any]


def sync_layer(name: str, seen: list[str]) -> Layer:
    def layer(call: Call) -> Generator[None, None, None]:
        seen.append(f"{name} in")
        try:
            yield
        finally:
            seen.append(f"{name} out")

    return layer


def async_layer(name: str, seen: list[str]) -> Layer:
    async def layer(call: Call) -> AsyncGenerator[None, None]:
        await asyncio.sleep(0)
        seen.append(f"{name} in")
        try:
            yield
        finally:
            await asyncio.sleep(0)
            seen.append(f"{name} out")

    return layer


LAYERS = {"sync": sync_layer, "async": async_layer}


def handler_of(colour: str, value: Any = None, error: Exception | None = None) -> Callable[[], Any]:
    def handler() -> Any:
        if error is not None:
            raise error
        return value

    async def handler_async() -> Any:
        await asyncio.sleep(0)
        return handler()

    return handler if colour == "sync" else handler_async


@pytest.mark.parametrize("handler", ["sync", "async"])
@pytest.mark.parametrize("inner", LAYERS)
@pytest.mark.parametrize("outer", LAYERS)
def test_the_apps_middleware_is_outside_its_routers_and_the_first_is_the_outermost(
    outer: str, inner: str, handler: str
) -> None:
    app, router, seen = App(), Router(), list[str]()
    app.middleware(LAYERS[outer]("app 1", seen))
    app.middleware(LAYERS[inner]("app 2", seen))
    router.middleware(LAYERS[outer]("router 1", seen))
    router.middleware(LAYERS[inner]("router 2", seen))
    router.sns("orders")(handler_of(handler))
    app.include(router)
    app(sns("orders", "x"))
    names = ["app 1", "app 2", "router 1", "router 2"]
    assert seen == [*(f"{name} in" for name in names), *(f"{name} out" for name in reversed(names))]


def test_a_routers_middleware_wraps_its_own_routes_only() -> None:
    app, router, seen = App(), Router(), list[str]()
    router.middleware(sync_layer("router", seen))
    router.sns("mine")(lambda: None)
    app.sns("other")(lambda: None)
    app.include(router)
    app(sns("other", "x"))
    assert seen == []
    app(sns("mine", "x"))
    assert seen == ["router in", "router out"]


def test_middleware_registered_after_a_route_wraps_it_in_the_app() -> None:
    app, seen = App(), list[str]()
    app.sns("orders")(lambda: None)
    app.middleware(sync_layer("late", seen))
    app(sns("orders", "x"))
    assert seen == ["late in", "late out"]


def test_middleware_sees_the_call() -> None:
    app, calls = App(), list[Call]()

    @app.middleware
    def look(call: Call) -> Generator[None, None, None]:
        calls.append(call)
        assert call.reply is None
        yield
        assert call.reply == "value"

    @app.sns("orders")
    def handler() -> str:
        return "value"

    app.complete(sns("orders", "x"), LambdaContext(60, "request-1")).unwrap()
    (call,) = calls
    assert call.source == "sns"
    assert call.record.id
    assert call.route is not None
    assert call.route.handler.fn is handler
    assert call.context.request_id == "request-1"
    assert repr(call).startswith("<Call sns ")


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "s3.test"])  # which calls nobody
def test_middleware_applies_to_every_source(name: str) -> None:
    app, sources = App(tick="1h"), list[str]()
    room = contract(ROOM_OF[name])

    @app.middleware
    def look(call: Call) -> Generator[None, None, None]:
        sources.append(call.source)
        yield

    room.register(app)
    with getattr(room, "around", nullcontext)():
        app.complete(EXAMPLES[name]())
    assert set(sources) == {name}


@pytest.mark.parametrize("colour", LAYERS)
def test_middleware_may_answer_without_yielding(colour: str) -> None:
    app, seen = App(), list[str]()
    app.middleware(sync_layer("outer", seen))

    def answer(call: Call) -> Generator[None, None, None]:
        if call.record.raw["text"] != "skip":
            yield
        else:
            call.reply = "answered"

    async def answer_async(call: Call) -> AsyncGenerator[None, None]:
        if call.record.raw["text"] != "skip":
            yield
        else:
            call.reply = "answered"

    app.middleware(answer if colour == "sync" else answer_async)
    app.middleware(sync_layer("inner", seen))
    app.on(BatchTrigger(concurrency=1))(handler_of("sync", "called"))
    completion = app.complete(batch("skip"))
    assert [outcome.value for outcome in completion.outcomes] == ["answered"]
    assert seen == ["outer in", "outer out"]
    completion = app.complete(batch("x", "skip"))
    assert [outcome.value for outcome in completion.outcomes] == ["called", "answered"]


@pytest.mark.parametrize("of", ["app", "router"])
@pytest.mark.parametrize("colour", LAYERS)
def test_middleware_that_neither_yields_nor_answers_fails_the_call(colour: str, of: str) -> None:
    app, router, seen, outer = App(), Router(), list[str](), list[str]()

    def around(call: Call) -> Generator[None, None, None]:
        call.reply = "the outer one's, which is not the answer of the inner one"
        try:
            yield
        except RuntimeError as met:
            outer.append(str(met))
            raise

    def silent(call: Call) -> Generator[None, None, None]:
        if call.source.startswith("http."):
            yield

    async def silent_async(call: Call) -> AsyncGenerator[None, None]:
        if call.source.startswith("http."):
            yield

    app.middleware(around)
    (app if of == "app" else router).middleware(silent if colour == "sync" else silent_async)
    router.sqs("jobs")(lambda body: seen.append("called"))
    router.get("/")(lambda: "called")
    router.on(BatchTrigger())(lambda: seen.append("called"))
    app.include(router)
    error = app.complete(sqs("jobs", "a")).error
    assert re.match(r"the middleware \S+silent\S* ended without its yield, and without an answer", str(error))
    assert app(batch("a", "b")) == {"failed": ["0", "1"]}
    assert len(outer) == 3
    assert seen == []
    assert app(http.v2("GET", "/"))["statusCode"] == 200


@pytest.mark.parametrize("colour", LAYERS)
def test_none_is_an_answer_where_middleware_says_so(colour: str) -> None:
    app, seen = App(), list[str]()

    def answer(call: Call) -> Generator[None, None, None]:
        assert call.reply is None
        call.reply = None
        return
        yield

    async def answer_async(call: Call) -> AsyncGenerator[None, None]:
        call.reply = None
        return
        yield

    app.middleware(answer if colour == "sync" else answer_async)
    app.sqs("jobs")(lambda body: seen.append("called"))
    app.get("/")(lambda: seen.append("called"))
    assert app(sqs("jobs", "a", "b")) == {"batchItemFailures": []}
    assert app(http.v2("GET", "/"))["statusCode"] == 204
    assert app(http.v2("GET", "/nowhere"))["statusCode"] == 204
    assert seen == []


@pytest.mark.parametrize("colour", LAYERS)
def test_middleware_may_change_the_reply(colour: str) -> None:
    app = App()

    def louder(call: Call) -> Generator[None, None, None]:
        yield
        call.reply = call.reply.upper()

    async def louder_async(call: Call) -> AsyncGenerator[None, None]:
        yield
        call.reply = call.reply.upper()

    app.middleware(louder if colour == "sync" else louder_async)
    app.on(BatchTrigger())(handler_of("sync", "called"))
    app.get("/")(handler_of("async", "called"))
    assert [outcome.value for outcome in app.complete(batch("x", "y")).outcomes] == ["CALLED", "CALLED"]
    assert app(http.v2("GET", "/"))["body"] == "CALLED"


@pytest.mark.parametrize("colour", LAYERS)
@pytest.mark.parametrize("records", [1, 3])
def test_middleware_may_meet_an_error_and_answer(colour: str, records: int) -> None:
    app = App()

    def meet(call: Call) -> Generator[None, None, None]:
        try:
            yield
        except KeyError:
            call.reply = "met"

    async def meet_async(call: Call) -> AsyncGenerator[None, None]:
        try:
            yield
        except KeyError:
            call.reply = "met"

    app.middleware(meet if colour == "sync" else meet_async)
    app.on(BatchTrigger())(handler_of("sync", error=KeyError("x")))
    app.on(BatchTrigger("other"))(handler_of("sync", error=ValueError("x")))
    completion = app.complete(batch(*["x"] * records, {"to": "other"}))
    assert [outcome.value for outcome in completion.outcomes] == ["met"] * records + [None]
    assert statuses(completion) == ["ok"] * records + ["ValueError"]


@pytest.mark.parametrize("colour", LAYERS)
def test_middleware_may_change_the_error(colour: str) -> None:
    app, seen = App(), list[type]()

    def outer(call: Call) -> Generator[None, None, None]:
        try:
            yield
        except Exception as error:
            seen.append(type(error))
            raise

    def change(call: Call) -> Generator[None, None, None]:
        try:
            yield
        except KeyError as error:
            raise LookupError("changed") from error

    async def change_async(call: Call) -> AsyncGenerator[None, None]:
        try:
            yield
        except KeyError as error:
            raise LookupError("changed") from error

    app.middleware(outer)
    app.middleware(change if colour == "sync" else change_async)
    app.sns("orders")(handler_of("sync", error=KeyError("x")))
    with pytest.raises(LookupError, match="changed") as caught:
        app(sns("orders", "x"))
    assert isinstance(caught.value.__cause__, KeyError)
    assert seen == [LookupError]


@pytest.mark.parametrize("colour", LAYERS)
def test_an_error_that_no_middleware_meets_is_raised_as_itself(colour: str) -> None:
    app, seen, error = App(), list[str](), ValueError("mine")
    app.middleware(LAYERS[colour]("a", seen))
    app.middleware(LAYERS[colour]("b", seen))
    app.sns("orders")(handler_of("sync", error=error))
    with pytest.raises(ValueError, match="mine") as caught:
        app(sns("orders", "x"))
    assert caught.value is error
    assert seen == ["a in", "b in", "b out", "a out"]


@pytest.mark.parametrize("colour", LAYERS)
@pytest.mark.parametrize("error", [None, ValueError("x")])
def test_middleware_that_yields_twice_is_an_error(colour: str, error: Exception | None) -> None:
    app, outer = App(), list[type]()

    def around(call: Call) -> Generator[None, None, None]:
        try:
            yield
        except RuntimeError as met:
            outer.append(type(met))
            raise

    def twice(call: Call) -> Generator[None, None, None]:
        with suppress(ValueError):
            yield
        yield

    async def twice_async(call: Call) -> AsyncGenerator[None, None]:
        with suppress(ValueError):
            yield
        yield

    app.middleware(around)
    app.middleware(twice if colour == "sync" else twice_async)
    app.sns("orders")(handler_of("sync", error=error))
    with pytest.raises(RuntimeError, match=r"the middleware .*twice.* yielded twice"):
        app(sns("orders", "x"))
    assert outer == [RuntimeError]


@pytest.mark.parametrize("colour", LAYERS)
def test_middleware_that_raises_before_its_yield_fails_the_call_with_its_error(colour: str) -> None:
    app, seen, error = App(), list[str](), PermissionError("no")

    def refuse(call: Call) -> Generator[None, None, None]:
        raise error
        yield

    async def refuse_async(call: Call) -> AsyncGenerator[None, None]:
        raise error
        yield

    app.middleware(sync_layer("outer", seen))
    app.middleware(refuse if colour == "sync" else refuse_async)
    app.middleware(sync_layer("inner", seen))
    app.sns("orders")(lambda: seen.append("called"))
    with pytest.raises(PermissionError) as caught:
        app(sns("orders", "x"))
    assert caught.value is error
    assert seen == ["outer in", "outer out"]


@pytest.mark.parametrize("colour", LAYERS)
def test_an_http_error_of_a_middleware_is_the_answer(colour: str) -> None:
    app = App()

    def refuse(call: Call) -> Generator[None, None, None]:
        raise HttpError(429)
        yield

    async def refuse_async(call: Call) -> AsyncGenerator[None, None]:
        raise HttpError(429)
        yield

    app.middleware(refuse if colour == "sync" else refuse_async)
    app.get("/")(lambda: None)
    assert app(http.rest("GET", "/"))["statusCode"] == 429


@pytest.mark.parametrize("colour", LAYERS)
@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("POST", "/here", 405)])
def test_middleware_sees_requests_that_no_route_takes_and_may_answer_them(
    colour: str, method: str, path: str, status: int
) -> None:
    app, seen = App(), list[Any]()

    def look(call: Call) -> Generator[None, None, None]:
        assert call.route is None
        assert "nobody" in repr(call)
        try:
            yield
        except HttpError as error:
            seen.append(error.status)
            if call.record.raw["headers"].get("x-answer"):
                call.reply = Response("mine", status=200)
            else:
                raise

    async def look_async(call: Call) -> AsyncGenerator[None, None]:
        assert call.route is None
        try:
            yield
        except HttpError as error:
            seen.append(error.status)
            if call.record.raw["headers"].get("x-answer"):
                call.reply = Response("mine", status=200)
            else:
                raise

    app.middleware(look if colour == "sync" else look_async)
    app.get("/here")(lambda: None)
    assert app(http.v2(method, path))["statusCode"] == status
    answered = app(http.v2(method, path, headers={"x-answer": "1"}))
    assert (answered["statusCode"], answered["body"]) == (200, "mine")
    assert seen == [status, status]


@pytest.mark.parametrize("concurrency", [1, None])
@pytest.mark.parametrize("of_router", [False, True], ids=["app", "router"])
def test_middleware_sees_every_record_of_a_queues_batch(concurrency: int | None, *, of_router: bool) -> None:
    app, router, seen = App(), Router(), list[str]()
    layer = sync_layer("layer", seen)
    router.sqs("jobs", concurrency=concurrency)(lambda body: None)
    (router if of_router else app).middleware(layer)
    app.include(router)
    for _ in range(2):
        seen.clear()
        assert app(sqs("jobs", *"abc")) == {"batchItemFailures": []}
        assert sorted(seen) == ["layer in"] * 3 + ["layer out"] * 3


class Wrapped(BatchSource):
    """Its middleware is to see what no route takes."""

    wraps_unmatched = True


class WrappedTrigger(BatchTrigger):
    __slots__ = ()
    source = Wrapped


@pytest.mark.parametrize("concurrency", [1, None])
def test_middleware_sees_each_record_of_several_that_no_route_takes(concurrency: int | None) -> None:
    app, seen = App(), list[str]()

    @app.middleware
    def look(call: Call) -> Generator[None, None, None]:
        seen.append(f"{call.record.id} {'nobody' if call.route is None else 'handler'}")
        try:
            yield
        except NoRouteError:
            if call.record.raw["text"] != "answer":
                raise
            call.reply = "mine"

    app.on(WrappedTrigger(concurrency=concurrency))(lambda: "handler's")
    event = batch({"to": "nobody"}, {}, {"to": "nobody", "text": "answer"}, {})
    completion = app.complete(event, LambdaContext(60))
    assert statuses(completion) == ["NoRouteError", "ok", "ok", "ok"]
    assert [outcome.value for outcome in completion.outcomes] == [None, "handler's", "mine", "handler's"]
    assert sorted(seen) == ["0 nobody", "1 handler", "2 nobody", "3 handler"]


def test_a_declined_or_unclaimed_record_of_another_source_is_no_call() -> None:
    app, seen = App(), list[str]()
    app.middleware(sync_layer("layer", seen))
    app.sns("orders", attributes={"kind": "created"})(lambda: None)
    app.complete(sns("orders", "x"))
    app.complete(sns("nobody", "x"))
    app.complete(cron.rule("2026-01-01T03:00Z"))
    assert seen == []


def test_sync_middleware_around_one_sync_handler_needs_no_event_loop() -> None:
    ran = fresh("""
import sys
from lambdarouter import App
app = App()

@app.middleware
def layer(call):
    yield
    call.reply = {"changed": True}

app.get("/")(lambda: {"changed": False})
from lambdarouter.testing.events import http
assert app(http.v2("GET", "/"))["body"] == '{"changed":true}'
assert app(http.v2("GET", "/nowhere"))["statusCode"] == 404
print(sorted({"asyncio", "anyio", "structlog"} & sys.modules.keys()))
""")
    assert ran.stdout.strip() == "[]", ran.stderr


def test_an_outcome_that_a_middleware_gives_again_counts_again() -> None:
    app, known, called = App(), dict[str, Outcome](), list[str]()

    @app.middleware
    def poison(call: Call) -> Generator[None, None, None]:
        body = call.record.raw["body"]
        if body in known:
            call.reply = known[body]
            return
        try:
            yield
        except KeyError as error:
            call.reply = known[body] = Outcome(call.record, call.route, error=error)

    @app.sqs("jobs", concurrency=1)
    def work(message: str) -> None:
        called.append(message)
        if message == "bad":
            raise KeyError(message)

    event = sqs("jobs", "fine", "bad")
    replies = [app(event) for _ in range(3)]
    assert replies == [{"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}] * 3
    assert called == ["fine", "bad", "fine", "fine"]


def answers_with(given: list[Any]) -> Layer:
    """A middleware that answers every call with an outcome: its class, then what it has beside record and route."""

    def layer(call: Call) -> Generator[None, None, None]:
        kind, *values = given
        call.reply = kind(call.record, call.route, *values)
        return
        yield

    return layer


@pytest.mark.parametrize("once", [False, True], ids=["", "once"])
def test_an_outcome_that_answers_a_request_has_a_response_or_an_error(
    capfd: pytest.CaptureFixture[str], *, once: bool
) -> None:
    app, given = App(debug=True, cors=Cors(["https://example.com"]), store=MemoryStore()), list[Any]()
    app.middleware(answers_with(given))
    app.get("/open", once=once and Once(required=False))(lambda: None)
    event = http.v2("GET", "/open", headers={"Origin": "https://example.com"})

    given[:] = Outcome, Response("closed", 503)
    reply = app(event)
    assert (reply["statusCode"], reply["body"]) == (503, "closed")
    assert reply["headers"]["access-control-allow-origin"] == "https://example.com"

    given[:] = Outcome, None, HttpError(409)
    assert app(event)["statusCode"] == 409
    assert capfd.readouterr().err == ""

    for name, *values in (("Declined", "not today"), ("Outcome", StreamingResponse(iter("ab")))):
        given[:] = Declined if name == "Declined" else Outcome, *values
        for path in ("/open", "/nowhere"):
            reply = app(http.v2("GET", path))
            assert reply["statusCode"] == 500
            assert f"answered GET {path} with {name}(...), which has neither an error nor a whole" in reply["body"]
            assert "call failed" in capfd.readouterr().err


def test_an_outcome_that_answers_an_authorizers_event_has_a_verdict_or_an_error() -> None:
    app, given = App(), [Declined, "not today"]
    app.middleware(answers_with(given))
    app.authorizer()(guard := lambda request: Allow("nobody"))
    app.get("/open", auth=guard)(lambda: None)
    event = authorizer.request_v2("GET", "/open")

    with pytest.raises(TypeError, match=r"returned str; a verdict is Allow\(\.\.\.\) or Deny\(\)"):
        app(event)
    given[:] = Outcome, Allow("somebody")
    assert app(event)["principalId"] == "somebody"
