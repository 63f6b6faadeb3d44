"""What type checkers see. mypy and pyright check this file; it runs as well, so that what it says is also true.

An option of the wrong type is an error where `type: ignore` stands: mypy refuses an ignore that it does not need.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any, assert_type

import pytest

from lambdarouter import (
    Allow,
    App,
    BatchError,
    Call,
    Completion,
    ConfigurationError,
    Connection,
    Context,
    Cors,
    Deny,
    Depends,
    Disposition,
    Header,
    Identity,
    Limits,
    Once,
    Outcome,
    Request,
    Response,
    Route,
    Router,
    SesMail,
    SnsRecord,
    Tick,
    UploadFile,
    classify,
    register_converter,
)
from lambdarouter.sources.sns import SnsTrigger
from lambdarouter.testing.events import http


def handler(order_id: int, name: str = "none") -> dict[str, str]:
    return {name: str(order_id)}


async def async_handler(order_id: int) -> list[int]:
    return [order_id]


def guard(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow(token)


async def async_guard(request: Request) -> Allow:
    return Allow(request.path)


def nothing() -> None: ...


def not_a_generator(call: Call) -> None: ...


@pytest.mark.anyio
@pytest.mark.parametrize("owner", [App, Router])
async def test_every_http_decorator_hands_the_function_back_as_it_is(owner: type[Router]) -> None:
    app = owner()
    path = "/{order_id}"
    read = app.get(path)(handler)
    read_later = app.get(path + "/later", status=202, auth=guard)(async_handler)
    posted = app.post(path, status=201)(handler)
    put = app.put(path, auth=async_guard)(handler)
    patched = app.patch(path)(handler)
    deleted = app.delete(path)(handler)
    head = app.head(path)(handler)
    options = app.options(path)(handler)
    routed = app.route("/r" + path, methods=["GET", "POST"], status=200, auth=None)(handler)
    for kept in (read, posted, put, patched, deleted, head, options, routed):
        assert_type(kept(1, name="x"), dict[str, str])
        assert kept is handler
    assert_type(await read_later(1), list[int])
    assert read_later is async_handler


def test_wrong_options_of_http_decorators_are_errors() -> None:
    app = App()
    app.get()  # type: ignore[call-arg]
    app.get("/x", methods=["GET"])  # type: ignore[call-arg]
    app.get("/x", statuss=200)  # type: ignore[call-arg]
    app.get("/x", status="200")  # type: ignore[arg-type]
    app.get("/x", auth="staff")  # type: ignore[arg-type]
    app.get("/x", auth=nothing)  # type: ignore[arg-type]
    app.route("/x", methods=5)  # type: ignore[arg-type]
    app.route(5)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        app.get("/x", status="200")(nothing)  # type: ignore[arg-type]


@pytest.mark.anyio
@pytest.mark.parametrize("owner", [App, Router])
async def test_the_authorizer_decorator_hands_the_guard_back_as_it_is(owner: type[Router]) -> None:
    app = owner()
    kept = app.authorizer(simple=True, covers=["GET /reports/*"])(guard)
    assert_type(kept("x"), Allow | Deny)
    assert kept is guard
    kept_later = app.authorizer()(async_guard)
    assert_type(await kept_later(Request({"path": "/"})), Allow)
    app.authorizer(simple="yes")  # type: ignore[arg-type]
    app.authorizer(covers=5)  # type: ignore[arg-type]
    app.authorizer(ttl=300)  # type: ignore[call-arg]


@pytest.mark.parametrize("owner", [App, Router])
def test_the_cron_decorator_hands_the_job_back_as_it_is(owner: type[Router]) -> None:
    app = owner()

    def job(tick: Tick) -> int:
        assert_type(tick.time, datetime)
        assert_type(tick.slot, datetime)
        return 1

    assert_type(app.cron("0 */3 * * *", timezone="Europe/Madrid")(job)(Tick({"time": "2026-01-01T00:00:00Z"})), int)
    assert app.cron(every="3h", offset="1h", concurrency=1, tags=["a"])(job) is job
    app.cron(at=["2026-03-01T09:00", datetime(2026, 3, 2, tzinfo=UTC)], timezone="Europe/Madrid")
    app.cron("@daily", dst="both", enabled=lambda: True, unmatched="fail")
    app.cron("@daily", dst="twice")  # type: ignore[arg-type]
    app.cron("@daily", catch_up="all", horizon="6h", timeout=30, jitter=0.5, overlap="queue", once=True)
    app.cron("@daily", enabled=lambda tick: tick.slot.hour > 3)
    app.cron("@daily", catch_up="some")  # type: ignore[arg-type]
    app.cron("@daily", timeout="30s")  # type: ignore[arg-type]
    app.cron("@daily", overlap="never")  # type: ignore[arg-type]
    app.cron(3)  # type: ignore[arg-type]
    app.cron(every=3)  # type: ignore[arg-type]
    app.cron("@daily", tz="UTC")  # type: ignore[call-arg]


@pytest.mark.parametrize("owner", [App, Router])
def test_the_sns_decorator_hands_the_handler_back_as_it_is(owner: type[Router]) -> None:
    app = owner()

    def announce(message: str, record: SnsRecord) -> str:
        assert_type(record.message, str)
        assert_type(record.subject, str | None)
        assert_type(record.timestamp, datetime)
        assert_type(record.attributes, dict[str, Any])
        return message

    kept = app.sns("orders", attributes={"kind": ["created"], "count": 5}, unmatched="fail")(announce)
    assert kept is announce
    again = app.sns(["a", "b-*"], concurrency=2)(kept)
    app.sns("orders", once=lambda record: record.message)
    app.sns("orders", once=Once(ttl=60, required=False))
    on = app.on(SnsTrigger("orders"))(again)
    raw: Any = {"Sns": {"Message": "", "Timestamp": "2026-01-01T00:00:00Z"}}
    assert_type(on("x", SnsRecord(raw)), str)
    app.sns()  # type: ignore[call-arg]
    app.sns(5)  # type: ignore[arg-type]
    app.sns("orders", attributes=["kind"])  # type: ignore[arg-type]
    app.sns("orders", unmatched="raise")  # type: ignore[arg-type]
    app.sns("orders", concurrency="10")  # type: ignore[arg-type]
    app.sns("orders", batch=5)  # type: ignore[call-arg]
    app.sns("orders", once="yes")  # type: ignore[arg-type]
    app.sns("orders", once=len)  # type: ignore[arg-type]


@pytest.mark.anyio
@pytest.mark.parametrize("owner", [App, Router])
async def test_the_ses_decorator_hands_the_handler_back_as_it_is(owner: type[Router]) -> None:
    app = owner()

    async def inbox(mail: SesMail) -> Disposition:
        assert_type(mail.recipients, list[str])
        assert_type(mail.sender, str)
        assert_type(mail.headers.get("Subject"), str | None)
        return Disposition.CONTINUE

    kept = app.ses(recipient="*@example.com", spam=["PASS", "GRAY"], virus="PASS")(inbox)
    assert_type(await kept(SesMail({})), Disposition)
    app.ses(spam="MAYBE")  # type: ignore[arg-type]
    app.ses("*@example.com")  # type: ignore[call-arg]
    app.ses(subject=5)  # type: ignore[arg-type]


def test_what_is_decorated_has_to_be_callable() -> None:
    app = App()
    with pytest.raises(ConfigurationError):
        app.get("/x")(5)  # type: ignore[type-var]
    with pytest.raises(ConfigurationError):
        app.on(SnsTrigger("orders"))("handler")  # type: ignore[type-var]
    with pytest.raises(ConfigurationError):
        app.sns(nothing)  # type: ignore[arg-type]


def test_middleware_is_handed_back_as_it_is_and_has_to_be_a_generator_function() -> None:
    from collections.abc import AsyncGenerator, Generator

    app = App()

    @app.middleware
    def timed(call: Call) -> Generator[None]:
        assert_type(call.source, str)
        assert_type(call.route, Route | None)
        assert_type(call.context, Context)
        yield

    @app.middleware
    async def traced(call: Call) -> AsyncGenerator[None]:
        yield

    one: Callable[[Call], Generator[None]] = timed
    other: Callable[[Call], AsyncGenerator[None]] = traced
    assert (one, other) == (timed, traced)
    with pytest.raises(ConfigurationError, match=r"not_a_generator .*middleware is a generator function"):
        App().middleware(not_a_generator)  # type: ignore[type-var]
    with pytest.raises(ConfigurationError, match=r"nothing .*middleware is a generator function"):
        App().middleware(nothing)  # type: ignore[type-var]


def test_an_app_answers_with_what_lambda_wants_or_with_a_completion() -> None:
    app = App(tick={"hourly": "1h"}, deadline_margin=0.5, debug=False)
    app.get("/x")(nothing)
    event = http.rest("GET", "/x")
    completion = app.complete(event)
    assert_type(completion, Completion)
    assert_type(completion.name, str)
    assert_type(completion.error, Exception | None)
    assert_type(completion.failed, list[Outcome])
    assert_type(completion.outcomes[0].status, str)
    assert_type(app.handler, App)
    assert_type(app.routes, list[Route])
    assert_type(classify(event), str)
    awaitable: Awaitable[Completion] = app.acomplete(event)
    awaitable.close()  # type: ignore[attr-defined]
    reply: dict[str, Any] = app(event)
    assert reply["statusCode"] == 204
    if completion.error:
        App(tick=5)  # type: ignore[arg-type]
        App(debug="yes")  # type: ignore[arg-type]
        App("name")  # type: ignore[call-arg]


def test_what_http_routes_and_apps_take_for_their_replies_is_typed() -> None:
    app = App(auth=guard, cors=Cors("*"), compress=512, security_headers={"x": "1"}, raise_server_errors=True)
    router = Router(auth=async_guard, cors=Cors(["https://a.example.com"]))
    read = app.get("/a/{order_id}", public=True, etag=True, cors=Cors("*"))(handler)
    assert_type(read(1, name="x"), dict[str, str])
    with pytest.raises(ConfigurationError):
        App(cors="*")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        app.get("/b", public="yes")(handler)  # type: ignore[arg-type]

    def answer(error: ValueError) -> str:
        return str(error)

    async def answer_later(error: ValueError) -> Response:
        return Response(str(error))

    assert_type(app.exception_handler(ValueError)(answer)(ValueError("x")), str)
    later: Coroutine[Any, Any, Response] = router.not_found(answer_later)(ValueError())
    later.close()
    assert_type(Response("x").set_cookie("a", "1", same_site="lax"), Response)
    with pytest.raises(ConfigurationError):
        app.exception_handler("x")(answer)  # type: ignore[arg-type]


def test_websocket_routes_keep_their_function_and_know_their_options() -> None:
    app = App()

    def say(message: str, connection: Connection) -> str:
        return message

    kept = app.websocket("say", auth=guard, concurrency=1)(say)
    assert_type(kept("x", Connection("c")), str)
    app.websocket("$connect", subprotocols=["chat"], public=True)(lambda: None)
    connection = Connection("c", endpoint="https://example.com/prod")
    assert_type(connection.to("d"), Connection)
    assert_type(connection.id, str)
    with pytest.raises(ConfigurationError):
        app.websocket()(say)  # type: ignore[call-arg]
    with pytest.raises(ConfigurationError):
        app.websocket(5)(say)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        app.websocket("x", auth="guard")(say)  # type: ignore[arg-type]


def test_routers_and_converters_are_typed() -> None:
    Router(prefix="/v1", dependencies=[Depends(nothing)], tags=["a"])
    register_converter("even", lambda text: int(text) // 2)
    App(base_path="/v1", trailing_slash="strict", limits=Limits(parts=5))
    with pytest.raises(ConfigurationError):
        App(trailing_slash="maybe")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        Router(dependencies=[nothing])  # type: ignore[list-item]
    upload = UploadFile(b"x", "a.txt", "text/plain", {})
    assert_type(upload.data, bytes)
    assert_type(Identity().kind, str | None)


def test_the_other_nouns_are_typed() -> None:
    assert_type(Allow("ada", scope="orders").principal, str)
    assert_type(Allow("ada").context, dict[str, Any])
    assert_type(Response(b"x").status, int)
    assert_type(Disposition("CONTINUE"), Disposition)
    with pytest.raises(ConfigurationError):
        Depends(nothing, scope="forever")  # type: ignore[arg-type]
    request = Request({"path": "/x", "httpMethod": "GET"})
    assert_type(request.method, str)
    assert_type(request.auth, Allow | None)
    assert_type(request.cookies, dict[str, str])
    if request.auth is not None:
        assert_type(request.body, bytes)
        assert_type(request.identity, Identity)
    try:
        raise BatchError("2 of 2 calls failed", [ValueError(), KeyError()])
    except* ValueError as group:
        assert_type(group.exceptions, tuple[ValueError | ExceptionGroup[ValueError], ...])
    except* KeyError:
        pass
