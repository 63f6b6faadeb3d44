"""Exception handlers: who answers for which error, and with what."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    BadRequest,
    ConfigurationError,
    Conflict,
    Context,
    DeadlineExceeded,
    Depends,
    Forbidden,
    Header,
    HttpError,
    InvalidPayloadError,
    NotFound,
    Request,
    Response,
    Router,
    ServiceUnavailable,
    StreamingResponse,
    TooManyRequests,
    Unauthorized,
)
from lambdarouter.core.invocation import current
from lambdarouter.testing import LambdaContext, TestClient
from lambdarouter.testing.events import http
from tests.pace import in_real_time, seconds
from tests.sources.http.conftest import Gateway


class OutOfStock(Exception):  # noqa: N818
    def __init__(self, sku: str = "tea") -> None:
        super().__init__(sku)
        self.sku = sku


class SoldOut(OutOfStock):
    pass


class Order(BaseModel):
    id: int


def failing(error: Exception, app: App | None = None) -> App:
    """An app whose route /x raises the error."""
    app = App() if app is None else app

    @app.get("/x")
    def fail() -> None:
        raise error

    return app


def test_an_error_is_answered_by_the_handler_for_its_class(gateway: Gateway) -> None:
    app = failing(OutOfStock())

    @app.exception_handler(OutOfStock)
    def out_of_stock(error: OutOfStock, request: Request, context: Context) -> Response:
        return Response(f"no {error.sku} at {request.path}", 409, {"x-tag": "t"})

    answer = gateway(app, "GET", "/x")
    assert (answer.status, answer.body, answer.header("x-tag")) == (409, b"no tea at /x", "t")


def test_an_async_handler_answers_as_well(send: Gateway) -> None:
    app = failing(OutOfStock())

    @app.exception_handler(OutOfStock)
    async def out_of_stock(error: OutOfStock) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"sku": error.sku}

    answer = send(app, "GET", "/x")
    assert (answer.status, answer.json) == (500, {"sku": "tea"})


@pytest.mark.parametrize("of_router", [False, True], ids=["app", "router"])
@pytest.mark.parametrize("waits", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("answers", ["sync", "async", "raises", "other"])
def test_every_event_of_an_environment_is_answered_like_its_first(
    answers: str, capfd: pytest.CaptureFixture[str], *, waits: bool, of_router: bool
) -> None:
    app, router, asked = App(), Router(), list[Any]()

    def answer(error: Exception) -> str:
        asked.append(current.get())
        if answers == "raises":
            raise SoldOut from error
        return "gone"

    async def answer_later(error: Exception) -> str:
        await asyncio.sleep(0)
        return answer(error)

    def fail() -> None:
        raise OutOfStock

    async def fail_later() -> None:
        await asyncio.sleep(0)
        fail()

    router.get("/x")(fail_later if waits else fail)
    of = KeyError if answers == "other" else OutOfStock
    (router if of_router else app).exception_handler(of)(answer_later if answers == "async" else answer)
    app.include(router)
    event = http.v2("GET", "/x")
    replies = [app(event) for _ in range(3)]
    completions = [app.complete(event) for _ in range(3)]
    replies += [completion.reply for completion in completions]
    body = '"title":"Internal Server Error"' if answers in ("raises", "other") else "gone"
    for reply in replies:
        assert reply["statusCode"] == 500
        assert body in reply["body"]
    kind = {"raises": SoldOut, "other": OutOfStock}.get(answers, OutOfStock)
    assert [type(completion.outcomes[0].error) for completion in completions] == [kind] * 3
    assert capfd.readouterr().err.count("call failed") == 6
    assert len(asked) == (0 if answers == "other" else 6)
    assert None not in asked, "log lines of an exception handler tell of its call"


def test_the_not_found_hook_answers_every_event_and_not_only_the_first(send: Gateway) -> None:
    app = App()
    app.not_found(lambda: {"nothing": "here"})
    for _ in range(3):
        answer = send(app, "GET", "/x")
        assert (answer.status, answer.json) == (404, {"nothing": "here"})


def test_what_it_returns_has_the_errors_status_unless_it_says_otherwise(send: Gateway) -> None:
    app = failing(HttpError(418, "short and stout"))

    @app.exception_handler(HttpError)
    def any_error(error) -> Any:  # type: ignore[no-untyped-def] # noqa: ANN001 - the error needs no annotation
        return {"error": error.detail}

    answer = send(app, "GET", "/x")
    assert (answer.status, answer.json) == (418, {"error": "short and stout"})


@pytest.mark.parametrize(
    ("registered", "answered"),
    [
        ([SoldOut, 500, OutOfStock, Exception], SoldOut),
        ([Exception, OutOfStock, 500], 500),
        ([Exception, OutOfStock], OutOfStock),
        ([Exception], Exception),
        ([ValueError, 404], None),
    ],
)
def test_the_nearest_handler_answers(send: Gateway, registered: list[Any], answered: Any) -> None:
    app = failing(SoldOut())
    for of in registered:
        app.exception_handler(of)(lambda of=of: Response(str(of), 299))
    answer = send(app, "GET", "/x")
    assert answer.status == (500 if answered is None else 299)
    if answered is not None:
        assert answer.body.decode() == str(answered)


def test_a_routers_handler_comes_before_that_of_what_includes_it(send: Gateway) -> None:
    app, outer, inner = App(), Router(prefix="/outer"), Router(prefix="/inner")
    outer.include(inner)
    app.include(outer)
    for router, name in ((app, "app"), (outer, "outer"), (inner, "inner")):

        @router.get("/stock")
        def stock() -> None:
            raise OutOfStock

        @router.get("/conflict")
        def conflict() -> None:
            raise Conflict

        if router is not inner:
            router.exception_handler(Conflict)(lambda name=name: Response(name))
        router.exception_handler(OutOfStock)(lambda name=name: Response(name))

    def body(path: str) -> str:
        return send(app, "GET", path).body.decode()

    assert [body("/stock"), body("/outer/stock"), body("/outer/inner/stock")] == ["app", "outer", "inner"]
    assert [body("/conflict"), body("/outer/conflict"), body("/outer/inner/conflict")] == ["app", "outer", "outer"]


def test_what_no_route_takes_is_answered_by_the_not_found_hook(gateway: Gateway) -> None:
    app = failing(NotFound("gone"))

    @app.not_found
    def nothing(request: Request) -> dict[str, str]:
        return {"nothing at": request.path}

    for path in ("/nowhere", "/x"):
        answer = gateway(app, "GET", path)
        assert (answer.status, answer.json) == (404, {"nothing at": path})


def test_a_405_can_be_answered_and_is_not_the_not_found_hooks(send: Gateway) -> None:
    app = failing(OutOfStock())
    app.not_found(lambda: Response("never"))
    assert send(app, "DELETE", "/x").status == 405
    app.exception_handler(405)(lambda: Response("not like that", 405))
    assert send(app, "DELETE", "/x").body == b"not like that"


def test_what_does_not_fit_is_answered_by_its_class_or_status(send: Gateway) -> None:
    app = App()

    @app.post("/x")
    def create(order: Order) -> None: ...

    @app.exception_handler(InvalidPayloadError)
    def invalid(error: InvalidPayloadError) -> list[Any]:
        return [item["loc"] for item in error.errors]

    answer = send(app, "POST", "/x", json={"id": "x"})
    assert (answer.status, answer.json) == (422, [["body", "id"]])
    assert send(app, "POST", "/x", body="{", headers={"content-type": "application/json"}).status == 400


@pytest.mark.parametrize("where", ["middleware", "dependency", "guard"])
def test_errors_around_a_handler_are_answered_too(send: Gateway, where: str) -> None:
    app = App()
    app.exception_handler(OutOfStock)(lambda: Response("answered", 409))

    def fail() -> Any:
        raise OutOfStock

    def fine() -> Any: ...

    if where == "middleware":

        @app.middleware
        def layer(call: Any) -> Iterator[None]:
            fail()
            yield

    @app.get("/x", auth=fail if where == "guard" else None)
    def handler(made: Annotated[str, Depends(fail if where == "dependency" else fine)]) -> None: ...

    assert send(app, "GET", "/x").body == b"answered"


def test_middleware_sees_the_error_before_an_exception_handler_answers_it(send: Gateway) -> None:
    app = failing(OutOfStock())
    seen: list[str] = []

    @app.middleware
    def layer(call: Any) -> Iterator[None]:
        try:
            yield
        except OutOfStock:
            seen.append("middleware")
            raise

    @app.exception_handler(OutOfStock)
    def answer() -> Response:
        seen.append("handler")
        return Response(status=409)

    assert send(app, "GET", "/x").status == 409
    assert seen == ["middleware", "handler"]


def test_what_an_exception_handler_raises_takes_the_errors_place(
    send: Gateway, capfd: pytest.CaptureFixture[str]
) -> None:
    app = failing(OutOfStock())

    @app.exception_handler(OutOfStock)
    def translate(error: OutOfStock) -> None:
        raise Conflict(f"no {error.sku}") from error

    assert send(app, "GET", "/x").problem["detail"] == "no tea"

    broken = failing(OutOfStock())

    @broken.exception_handler(OutOfStock)
    def fail() -> None:
        raise ZeroDivisionError

    assert send(broken, "GET", "/x").status == 500
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_an_answered_error_is_logged_only_as_a_5xx(send: Gateway, capfd: pytest.CaptureFixture[str]) -> None:
    app = failing(OutOfStock())
    app.exception_handler(OutOfStock)(lambda: Response("no", 409))
    assert send(app, "GET", "/x").status == 409
    assert send.complete(app, "GET", "/x").outcomes[0].error is None
    assert "OutOfStock" not in capfd.readouterr().err

    page = failing(OutOfStock())
    page.exception_handler(Exception)(lambda: Response("<h1>Sorry</h1>", 500, {"content-type": "text/html"}))
    answer = send(page, "GET", "/x")
    assert answer.body == b"<h1>Sorry</h1>"
    assert isinstance(send.complete(page, "GET", "/x").outcomes[0].error, OutOfStock)
    assert "OutOfStock" in capfd.readouterr().err


def test_an_exception_handler_may_stream() -> None:
    app = failing(OutOfStock())
    app.exception_handler(OutOfStock)(lambda: StreamingResponse(iter(["a", "b"]), 409))
    streamed = TestClient(app).stream("GET", "/x")
    assert streamed.chunks == [b"a", b"b"]
    assert streamed.head is not None
    assert streamed.head["statusCode"] == 409


def test_an_exception_handler_may_answer_with_a_stream_that_has_begun() -> None:
    app, asked = App(), list[str]()

    def pieces() -> Iterator[str]:
        for piece in "ab":
            asked.append(piece)
            yield piece

    begun = StreamingResponse(pieces(), 409)
    app.get("/x")(lambda: begun)

    @app.middleware
    def layer(call: Any) -> Iterator[None]:
        yield
        raise OutOfStock

    app.exception_handler(OutOfStock)(lambda: begun)
    streamed = TestClient(app).stream("GET", "/x")
    assert streamed.chunks == [b"a", b"b"]
    assert asked == ["a", "b"]
    assert streamed.head is not None
    assert streamed.head["statusCode"] == 409


def test_a_gathered_stream_that_fails_is_answered_too_once() -> None:
    app = App()
    did = []

    def resource() -> Iterator[None]:
        try:
            yield
        except OutOfStock:
            did.append("rollback")
            raise

    @app.get("/x")
    def pieces(made: Annotated[None, Depends(resource)]) -> Iterator[str]:
        yield "a"
        raise OutOfStock

    @app.exception_handler(OutOfStock)
    def again() -> StreamingResponse:
        def pieces() -> Iterator[str]:
            yield "no"
            if len(did) > 1:
                raise OutOfStock

        did.append("handler")
        return StreamingResponse(pieces(), 409)

    reply = TestClient(app).get("/x").unwrap()
    assert (reply["statusCode"], reply["body"]) == (500, reply["body"])
    assert did == ["rollback", "handler"]


def test_dependencies_of_a_stream_see_the_error_that_a_handler_answers() -> None:
    app = App()
    did = []

    def resource() -> Iterator[None]:
        try:
            yield
        except OutOfStock:
            did.append("rollback")
            raise

    @app.get("/x")
    def pieces(made: Annotated[None, Depends(resource)]) -> Iterator[str]:
        yield "a"

    @app.middleware
    def layer(call: Any) -> Iterator[None]:
        yield
        raise OutOfStock

    app.exception_handler(OutOfStock)(lambda: Response("no", 409))
    assert TestClient(app).get("/x").unwrap()["statusCode"] == 409
    assert did == ["rollback"]


@in_real_time
def test_where_the_deadline_stops_an_exception_handler_the_error_is_answered_as_ever() -> None:
    app = failing(OutOfStock(), App(deadline_margin=seconds(0.2)))

    @app.exception_handler(OutOfStock)
    async def hang() -> None:
        await asyncio.sleep(60)

    reply = TestClient(app, context=LambdaContext(timeout=seconds(0.4))).get("/x").unwrap()
    assert reply["statusCode"] == 500


def test_an_exception_handler_that_awaits_what_was_cancelled_fails_like_any_other(
    send: Gateway, capfd: pytest.CaptureFixture[str]
) -> None:
    app = failing(OutOfStock())

    @app.exception_handler(OutOfStock)
    async def cancelled() -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    assert send(app, "GET", "/x").status == 500
    error = send.complete(app, "GET", "/x").outcomes[0].error
    assert isinstance(error, RuntimeError)
    assert isinstance(error.__cause__, asyncio.CancelledError)
    assert "it awaited what was cancelled" in capfd.readouterr().err


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("waits", [False, True], ids=["sync", "async"])
def test_what_ends_the_program_in_an_exception_handler_passes(kind: type[BaseException], *, waits: bool) -> None:
    app = failing(OutOfStock())

    def stop() -> None:
        raise kind(3)

    async def stop_later() -> None:
        await asyncio.sleep(0)
        stop()

    app.exception_handler(OutOfStock)(stop_later if waits else stop)
    for _ in range(2):  # the second event finds the environment started
        with pytest.raises(kind):
            app(http.v2("GET", "/x"))


@in_real_time
def test_what_ends_the_program_passes_where_the_deadline_stops_an_exception_handler() -> None:
    app = failing(OutOfStock(), App(deadline_margin=seconds(0.2)))

    @app.exception_handler(OutOfStock)
    async def hang() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise SystemExit(3)

    with pytest.raises(SystemExit):
        app(http.v2("GET", "/x"), LambdaContext(timeout=seconds(0.4)))


@pytest.mark.parametrize(
    ("of", "message"),
    [(200, "for an exception class, or for a status"), ("x", "for an exception class"), (KeyboardInterrupt, "for an")],
)
def test_what_cannot_be_handled_is_refused(of: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        App().exception_handler(of)(lambda: None)


def test_a_handler_that_cannot_be_called_is_refused() -> None:
    app = App()

    def both(a: OutOfStock, b: OutOfStock) -> None: ...

    def needs(order: Order) -> None: ...

    def made() -> str:
        return "x"

    def depends(x: Annotated[str, Depends(made)]) -> None: ...

    def reads(x: Annotated[str, Header()]) -> None: ...

    refused: list[tuple[Any, str]] = [
        (both, "would both take"),
        (needs, "nobody can fill"),
        (depends, "no dependencies"),
        (reads, "nobody can fill"),
        ("text", "is no exception handler"),
    ]
    for fn, message in refused:
        with pytest.raises(ConfigurationError, match=message):
            app.exception_handler(OutOfStock)(fn)
    app.exception_handler(OutOfStock)(lambda: None)
    with pytest.raises(ConfigurationError, match="is handled already"):
        app.exception_handler(OutOfStock)(lambda: None)


# --- Problem documents -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (BadRequest, 400),
        (Unauthorized, 401),
        (Forbidden, 403),
        (NotFound, 404),
        (Conflict, 409),
        (TooManyRequests, 429),
        (ServiceUnavailable, 503),
    ],
)
def test_the_family_of_http_errors_has_a_name_for_the_common_ones(send: Gateway, kind: Any, status: int) -> None:
    answer = send(failing(kind("why", headers={"retry-after": "1"})), "GET", "/x")
    assert (answer.status, answer.problem["detail"], answer.header("retry-after")) == (status, "why", "1")


def test_a_problem_document_has_every_member_of_rfc_9457(gateway: Gateway) -> None:
    error = Forbidden(
        "your balance is 30, and that costs 50",
        type="https://example.com/probs/out-of-credit",
        title="You do not have enough credit.",
        instance="/account/12345/msgs/abc",
        extensions={"balance": 30, "accounts": ["/account/12345"]},
    )
    assert gateway(failing(error), "GET", "/x").problem == {
        "type": "https://example.com/probs/out-of-credit",
        "title": "You do not have enough credit.",
        "status": 403,
        "detail": "your balance is 30, and that costs 50",
        "instance": "/account/12345/msgs/abc",
        "balance": 30,
        "accounts": ["/account/12345"],
    }


@pytest.mark.parametrize("member", ["type", "title", "status", "detail", "instance"])
def test_an_extension_cannot_pass_for_a_member(member: str) -> None:
    with pytest.raises(ValueError, match=member):
        HttpError(400, extensions={member: "x"})


def test_an_extension_without_a_json_form_does_not_cost_the_answer(send: Gateway) -> None:
    assert send(failing(HttpError(400, extensions={"x": object()})), "GET", "/x").status == 400


# --- Errors that Lambda is to see ------------------------------------------------------------------------------------


def test_a_500_may_count_as_an_error_of_the_function() -> None:
    client = TestClient(failing(OutOfStock(), App(raise_server_errors=True)))
    assert isinstance(client.get("/x").error, OutOfStock)
    assert client.get("/y").unwrap()["statusCode"] == 404


@pytest.mark.parametrize("error", [HttpError(503), InvalidPayloadError("x"), NotFound()])
def test_an_error_that_is_meant_as_an_answer_never_counts(error: Exception) -> None:
    assert TestClient(failing(error, App(raise_server_errors=True))).get("/x").error is None


def test_an_error_that_an_exception_handler_answers_does_not_count() -> None:
    app = failing(OutOfStock(), App(raise_server_errors=True))
    app.exception_handler(500)(lambda: Response("sorry", 500))
    assert TestClient(app).get("/x").unwrap()["body"] == "sorry"


@in_real_time
def test_a_deadline_counts_as_an_error_of_the_function() -> None:
    app = App(deadline_margin=seconds(0.2), raise_server_errors=True)

    @app.get("/x")
    async def hang() -> None:
        await asyncio.sleep(60)

    assert isinstance(TestClient(app, context=LambdaContext(timeout=seconds(0.4))).get("/x").error, DeadlineExceeded)


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_raise_server_errors_is_true_or_false(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="raise_server_errors"):
        App(raise_server_errors=value)
