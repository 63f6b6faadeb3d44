from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    Allow,
    App,
    Context,
    Deny,
    Depends,
    Disposition,
    Header,
    Query,
    Request,
    SesMail,
    SnsRecord,
    Tick,
    UnknownEventError,
)
from lambdarouter.testing import AsyncTestClient, LambdaContext, TestClient
from tests.pace import in_real_time, seconds
from tests.testing.parcel import ParcelTrigger

GATEWAYS = ("http.v2", "http.rest", "http.url", "http.alb")


class Order(BaseModel):
    id: int
    isbn: str = "9780141439518"


def back_office() -> App:
    app = App()

    @app.authorizer()
    def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
        return Allow("ada") if token == "Bearer staff" else Deny()

    @app.get("/orders/{order_id}", auth=staff)
    async def read(order_id: int, who: Allow) -> Order:
        return Order(id=order_id, isbn=who.principal)

    @app.post("/orders", status=201)
    def create(order: Order, tag: Annotated[list[str], Query()] = []) -> dict[str, Any]:  # noqa: B006 - never changed
        return {"id": order.id, "tag": tag}

    @app.route("/echo", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def echo(request: Request) -> dict[str, str]:
        return {"method": request.method}

    @app.get("/crash")
    def crash() -> None:
        raise RuntimeError("boom")

    @app.cron(every="3h")
    def sweep(tick: Tick) -> str:
        return tick.time.isoformat()

    @app.sns("orders")
    async def announce(order: Order) -> int:
        if order.id < 0:
            raise ValueError(order.id)
        return order.id

    @app.ses(recipient="*@support.example.com")
    def ticket(mail: SesMail) -> Disposition:
        return Disposition.STOP_RULE if mail.subject == "spam" else Disposition.CONTINUE

    return app


@pytest.fixture
def client() -> TestClient:
    return TestClient(back_office())


# HTTP -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_request_goes_through_the_gateway_that_is_asked_for(client: TestClient, gateway: Any) -> None:
    completion = client.post("/orders", gateway=gateway, json=Order(id=17), params={"tag": ["a", "b"]})

    assert completion.name == gateway
    assert completion.reply["statusCode"] == 201
    # A load balancer without multi-value headers keeps the last of several values.
    tags = '["b"]' if gateway == "http.alb" else '["a","b"]'
    if gateway in ("http.rest", "http.alb"):
        assert completion.reply["body"] == f'{{"id":17,"tag":{tags}}}'


def test_the_gateway_is_an_http_api_where_none_is_named(client: TestClient) -> None:
    assert client.get("/echo").name == "http.v2"


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_each_verb_has_a_method_and_request_takes_any(client: TestClient, method: str) -> None:
    answer = {"method": method.upper()}
    for completion in (getattr(client, method)("/echo"), client.request(method, "/echo")):
        assert completion.outcomes[0].error is None
        assert completion.reply["body"] == f'{{"method":"{answer["method"]}"}}'


def test_head_is_a_method_too(client: TestClient) -> None:
    assert client.head("/nowhere").reply["statusCode"] == 404


def test_headers_and_what_only_one_gateway_knows_are_passed_on(client: TestClient) -> None:
    guarded = client.get("/orders/17", headers={"Authorization": "Bearer staff"}, gateway="http.v2", stage="live")
    assert guarded.reply["statusCode"] == 200
    assert '"ada"' in guarded.reply["body"]
    assert client.get("/orders/17", headers={"Authorization": "Bearer x"}).reply["statusCode"] == 403


def test_a_gateway_that_does_not_exist_is_refused_with_the_names_of_those_that_do(client: TestClient) -> None:
    with pytest.raises(ValueError, match=r"gateway is 'nlb'; it is one of http\.rest, http\.v2, http\.url, http\.alb"):
        client.get("/echo", gateway="nlb")  # type: ignore[arg-type]


def test_what_a_gateway_does_not_know_is_refused(client: TestClient) -> None:
    with pytest.raises(TypeError, match="multi_value"):
        client.get("/echo", gateway="http.rest", multi_value=True)


# The other sources ------------------------------------------------------------------------------------------


def test_sns_sends_one_record_for_each_message(client: TestClient) -> None:
    completion = client.sns("orders", {"id": 1}, Order(id=2), subject="new", attributes={"kind": "created"})

    assert completion.name == "sns"
    assert [outcome.value for outcome in completion.outcomes] == [1, 2]
    assert completion.unwrap() is None


@pytest.mark.parametrize("time", ["2026-01-01T03:00Z", datetime(2026, 1, 1, 3, tzinfo=UTC)])
@pytest.mark.parametrize(
    ("options", "name"),
    [({}, "cron.rule"), ({"rule": "nightly"}, "cron.rule"), ({"schedule": "nightly"}, "cron.scheduler")],
)
def test_a_tick_comes_from_a_rule_or_from_a_schedule(client: TestClient, time: Any, options: Any, name: str) -> None:
    completion = client.tick(time, **options)
    assert completion.name == name
    assert [outcome.value for outcome in completion.outcomes] == ["2026-01-01T03:00:00+00:00"]
    assert client.tick("2026-01-01T04:00Z", **options).outcomes[0].status == "declined"


def test_a_tick_of_a_rule_and_a_schedule_at_once_is_refused(client: TestClient) -> None:
    with pytest.raises(TypeError, match="not both"):
        client.tick("2026-01-01T03:00Z", rule="a", schedule="b")


def test_a_mail_has_the_subject_and_the_verdicts_it_is_given(client: TestClient) -> None:
    assert client.ses(recipients="in@support.example.com").reply == {"disposition": "CONTINUE"}
    completion = client.ses(recipients=["in@support.example.com"], sender="a@b.example", subject="spam", spam="FAIL")
    assert completion.reply == {"disposition": "STOP_RULE"}
    mail = completion.outcomes[0].record.raw["ses"]
    assert mail["receipt"]["spamVerdict"] == {"status": "FAIL"}
    assert mail["mail"]["source"] == "a@b.example"


def test_an_authorizer_is_asked_about_a_token_or_a_request(client: TestClient) -> None:
    asked = [
        (client.authorize("GET", "/orders/17", token="Bearer staff"), "authorizer.token"),
        (client.authorize("GET", "/orders/17", headers={"Authorization": "Bearer staff"}), "authorizer.request_v2"),
        (
            client.authorize("GET", "/orders/17", token="Bearer staff", kind="request_v1", stage="live"),
            "authorizer.request_v1",
        ),
        (client.authorize(token="Bearer staff", kind="websocket"), "authorizer.websocket"),
        (client.authorize("GET", "/orders/17", token="Bearer staff", params={"a": "b"}), "authorizer.request_v2"),
    ]
    for completion, name in asked:
        assert completion.name == name
        assert completion.outcomes[0].value.principal == "ada"
    assert isinstance(client.authorize("GET", "/orders/17", token="Bearer x").outcomes[0].value, Deny)


@pytest.mark.parametrize("given", [{}, {"token": "t", "headers": {}}, {"token": "t", "params": {}}])
def test_a_token_authorizer_is_asked_about_a_token_and_nothing_else(client: TestClient, given: Any) -> None:
    with pytest.raises(TypeError, match="a token and nothing else"):
        client.authorize("GET", "/orders/17", kind="token", **given)


def test_an_unknown_kind_of_authorizer_is_refused(client: TestClient) -> None:
    with pytest.raises(ValueError, match="kind is 'request'; it is one of token, request_v1, request_v2, websocket"):
        client.authorize("GET", "/", token="t", kind="request")  # type: ignore[arg-type]


# What Lambda would see ------------------------------------------------------------------------------------


def test_an_error_that_lambda_would_see_is_in_the_completion_and_not_raised(client: TestClient) -> None:
    completion = client.sns("orders", {"id": -1})
    assert (type(completion.error), completion.reply) == (ValueError, None)
    assert completion.failed[0].error is completion.error
    assert isinstance(client.invoke({"what": "is this"}).error, UnknownEventError)
    assert isinstance(client.invoke(None).error, UnknownEventError)


def test_a_crash_behind_http_is_a_reply_of_500(client: TestClient) -> None:
    completion = client.get("/crash")
    assert completion.error is None
    assert completion.reply["statusCode"] == 500
    assert isinstance(completion.failed[0].error, RuntimeError)


@pytest.mark.parametrize("reply", [object(), b"bytes", {1, 2}, datetime(2026, 1, 1, tzinfo=UTC)])
def test_a_reply_without_a_json_form_is_an_error_as_it_is_on_lambda(reply: Any) -> None:
    app = App()

    @app.on(ParcelTrigger())
    def deliver() -> Any:
        return reply

    completion = TestClient(app).invoke({"parcel": 1})

    assert isinstance(completion.error, TypeError)
    assert "Lambda cannot send this reply as JSON" in str(completion.error)
    assert [outcome.status for outcome in completion.outcomes] == ["ok"]


# The context ------------------------------------------------------------------------------------------------


def contexts(app: App) -> list[Context]:
    seen: list[Context] = []

    @app.sns("contexts")
    def note(context: Context) -> None:
        seen.append(context)

    return seen


def test_each_call_has_a_request_id_of_its_own_and_the_same_in_every_run() -> None:
    ids = []
    for _ in range(2):
        app = App()
        seen = contexts(app)
        client = TestClient(app)
        client.sns("contexts", "a")
        client.sns("contexts", "a")
        ids.append([context.request_id for context in seen])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


@in_real_time
def test_the_context_is_like_the_one_given_to_the_client() -> None:
    app = App()
    seen = contexts(app)
    given = LambdaContext(timeout=3, function_name="shop", function_version="7", memory=512, tenant_id="blue")
    TestClient(app, context=given).sns("contexts", "a")

    (context,) = seen
    assert context.function_name == "shop"
    assert context.function_version == "7"
    assert context.function_arn == "arn:aws:lambda:eu-west-1:123456789012:function:shop"
    assert context.memory_limit_mb == 512
    assert context.tenant_id == "blue"
    assert 0 < context.remaining() <= 3


def test_a_call_may_have_a_context_of_any_kind() -> None:
    app = App()
    seen = contexts(app)
    mine = LambdaContext(request_number=99)
    TestClient(app).invoke({"Records": [{"EventSource": "aws:sns", "Sns": {"TopicArn": "a:contexts"}}]}, mine)
    assert seen[0].raw is mine


@in_real_time
def test_the_time_left_counts_down_from_the_timeout_and_never_below_zero() -> None:
    context = LambdaContext(timeout=0.001)
    first = LambdaContext().get_remaining_time_in_millis()
    assert 29_000 < first <= 30_000
    assert isinstance(first, int)
    passed = threading.Event()
    passed.wait(0.01)
    assert context.get_remaining_time_in_millis() == 0
    assert context.renewed(2).timeout == 0.001


def test_a_context_has_the_attributes_that_aws_documents() -> None:
    context = LambdaContext()
    assert context.memory_limit_in_mb == "128"
    assert context.log_group_name == "/aws/lambda/app"
    assert context.log_stream_name.startswith("2026/01/01/[$LATEST]")
    assert context.identity.cognito_identity_id is None
    assert context.identity.cognito_identity_pool_id is None
    assert context.client_context is None
    assert repr(context) == f"<LambdaContext app {context.aws_request_id}>"


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_timeout_is_above_zero(timeout: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        LambdaContext(timeout=timeout)


@in_real_time
def test_a_handler_that_hangs_is_stopped_at_the_contexts_deadline() -> None:
    app = App()
    never = threading.Event()

    @app.sns("slow")
    def hang(record: SnsRecord) -> None:
        never.wait(60)

    completion = TestClient(app, context=LambdaContext(timeout=seconds(0.3))).sns("slow", "a")
    assert type(completion.error).__name__ == "DeadlineExceeded"


# The lifespan -----------------------------------------------------------------------------------------------


LOG: list[str] = []


@pytest.fixture(autouse=True)
def log() -> list[str]:
    LOG.clear()
    return LOG


def pool() -> Iterator[str]:
    LOG.append("open")
    yield "pool"
    LOG.append("shut")


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    LOG.append("in")
    yield
    LOG.append("out")


def living(app: App) -> App:
    @app.sns("orders")
    def work(record: SnsRecord, made: Annotated[str, Depends(pool, scope="app")]) -> None:
        LOG.append(made)

    @app.sns("news")
    async def read(record: SnsRecord) -> None:
        LOG.append("news")

    return app


def test_with_enters_the_lifespan_before_the_first_event_and_leaves_it(log: list[str]) -> None:
    with TestClient(living(App(lifespan=lifespan))) as client:
        assert log == ["in", "open"]
        assert client.sns("orders", "a").error is None
        assert client.sns("news", "a").error is None
    assert log == ["in", "open", "pool", "news", "shut", "out"]


def test_the_same_client_can_enter_the_lifespan_again(log: list[str]) -> None:
    client = TestClient(living(App(lifespan=lifespan)))
    for _ in range(2):
        with client:
            client.sns("orders", "a")
    assert log == ["in", "open", "pool", "shut", "out"] * 2


def test_without_with_the_lifespan_is_entered_at_the_first_event_and_left_by_close(log: list[str]) -> None:
    client = TestClient(living(App(lifespan=lifespan)))
    client.close()
    assert log == []
    client.sns("orders", "a")
    client.sns("orders", "a")
    assert log == ["in", "open", "pool", "pool"]
    client.close()
    assert log[4:] == ["shut", "out"]


def test_starting_an_app_twice_starts_it_once(log: list[str]) -> None:
    app = living(App(lifespan=lifespan))
    app.start()
    app.start()
    app.close()
    app.close()
    assert log == ["in", "open", "shut", "out"]


def test_dependencies_of_the_app_without_a_lifespan_are_made_and_torn_down_too(log: list[str]) -> None:
    with TestClient(living(App())) as client:
        client.sns("orders", "a")
    assert log == ["open", "pool", "shut"]


def test_a_lifespan_that_fails_is_raised_where_the_test_enters_it_and_is_the_error_of_an_event_elsewhere() -> None:
    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        raise ConnectionError("no database")
        yield

    app = App(lifespan=lifespan)
    with pytest.raises(ConnectionError, match="no database"), TestClient(app):
        pass
    assert isinstance(TestClient(app).sns("orders", "a").error, ConnectionError)


def test_a_teardown_that_fails_is_raised_at_the_end() -> None:
    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        yield
        raise ConnectionError("was gone already")

    client = TestClient(App(lifespan=lifespan))
    with pytest.raises(ConnectionError, match="was gone already"), client:
        pass


# Async tests ------------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_an_async_test_awaits_every_call_in_its_own_event_loop(log: list[str]) -> None:
    async with AsyncTestClient(living(App(lifespan=lifespan))) as client:
        assert log == ["in", "open"]
        assert (await client.sns("news", "a")).error is None
        assert (await client.get("/nowhere")).reply["statusCode"] == 404
        assert isinstance((await client.invoke(None)).error, UnknownEventError)
    assert log == ["in", "open", "news", "shut", "out"]


@pytest.mark.anyio
async def test_an_async_client_knows_every_source() -> None:
    client = AsyncTestClient(back_office())
    assert (await client.post("/orders", json={"id": 1})).reply["statusCode"] == 201
    assert (await client.tick("2026-01-01T03:00Z")).outcomes[0].status == "ok"
    assert (await client.ses(recipients="a@support.example.com")).reply == {"disposition": "CONTINUE"}
    assert (await client.authorize("GET", "/orders/1", token="Bearer staff")).error is None
    assert (await client.sns("orders", {"id": 1}, {"id": -1})).failed[0].status == "failed"


@pytest.mark.anyio
async def test_an_event_may_start_the_lifespan_in_the_tests_loop_and_aclose_leaves_it(log: list[str]) -> None:
    client = AsyncTestClient(living(App(lifespan=lifespan)))
    await client.aclose()
    await client.sns("news", "a")
    await client.aclose()
    assert log == ["in", "open", "news", "shut", "out"]


@pytest.mark.anyio
async def test_a_sync_client_in_an_async_test_says_what_to_use() -> None:
    app = living(App(lifespan=lifespan))
    advice = "a TestClient was called inside a running event loop, .* use `async with AsyncTestClient"
    with pytest.raises(RuntimeError, match=advice), TestClient(app):
        pass
    with pytest.raises(RuntimeError, match=advice):
        TestClient(back_office()).sns("orders", {"id": 1})


def test_another_runtime_error_of_a_lifespan_is_raised_as_it_is() -> None:
    @asynccontextmanager
    async def broken(app: App) -> AsyncIterator[None]:
        raise RuntimeError("no database")
        yield

    with pytest.raises(RuntimeError, match=r"^no database$"), TestClient(App(lifespan=broken)):
        pass


@pytest.mark.anyio
async def test_a_sync_client_works_in_an_async_test_where_nothing_awaits() -> None:
    with TestClient(back_office()) as client:
        assert client.post("/orders", json={"id": 1}).reply["statusCode"] == 201


def test_pytest_does_not_take_the_clients_for_tests() -> None:
    assert not TestClient.__test__
    assert not AsyncTestClient.__test__
