"""The circumstances of a call: the context, the environment's variables, the store; and what strict mode refuses."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from lambdarouter import App, Context, StreamingResponse, Tick, Trigger
from lambdarouter.engine.claims import claims
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import AsyncTestClient, LambdaContext, Response, TestClient
from lambdarouter.testing.events import EXAMPLES, authorizer, example, http, sns
from tests.testing.parcel import ParcelSource, ParcelTrigger


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.delenv("REGION_OF_TEST", raising=False)


def seen() -> dict[str, str | None]:
    return {"stage": os.environ.get("STAGE"), "region": os.environ.get("REGION_OF_TEST")}


def shop() -> App:
    app = App()

    @app.sns("orders")
    def look(context: Context) -> Any:
        return {
            "seconds": round(context.remaining()),
            "memory": context.memory_limit_mb,
            "tenant": context.tenant_id,
            "id": context.request_id,
            **seen(),
        }

    @app.sns("slow")
    async def wait() -> Any:
        before = seen()
        await asyncio.sleep(0)
        return [before, seen()]

    return app


def value(result: Any) -> Any:
    return result.outcomes[0].value


# given ----------------------------------------------------------------------------------------------------------


def test_a_call_may_be_made_in_other_circumstances() -> None:
    client = TestClient(shop(), context=LambdaContext(timeout=60, function_name="shop"))
    other = client.given(timeout=3, memory=512, tenant_id="acme", env={"STAGE": "dev", "REGION_OF_TEST": "eu"})

    calls = [value(each.sns("orders", "a")) for each in (client, other, client, other.given(timeout=9))]

    ids = [call.pop("id") for call in calls]
    assert len(set(ids)) == 4
    plain = {"seconds": 60, "memory": 128, "tenant": "", "stage": "test", "region": None}
    given = {"seconds": 3, "memory": 512, "tenant": "acme", "stage": "dev", "region": "eu"}
    assert calls == [plain, given, plain, given | {"seconds": 9}]
    assert seen() == {"stage": "test", "region": None}


def test_a_variable_may_be_missing_and_is_back_whatever_happens() -> None:
    client = TestClient(shop()).given(env={"STAGE": None, "REGION_OF_TEST": "eu"})
    assert value(client.sns("orders", "a"))["stage"] is None
    with pytest.raises(RuntimeError, match="in the middle"):
        client.drive(broken_off())
    assert seen() == {"stage": "test", "region": None}


def broken_off() -> Any:
    yield from ()
    raise RuntimeError("in the middle")


def test_other_circumstances_are_the_same_client() -> None:
    client = TestClient(shop())
    other = client.given(timeout=3)
    other.cookies["a"] = "b"
    assert (other.app, dict(client.cookies)) == (client.app, {"a": "b"})
    assert type(other) is TestClient


def test_the_lifespan_is_entered_and_left_in_the_circumstances_of_with() -> None:
    log: list[Any] = []

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        log.append(seen()["stage"])
        yield
        log.append(seen()["stage"])

    with TestClient(App(lifespan=lifespan)).given(env={"STAGE": "dev"}):
        pass

    async def test() -> None:
        async with AsyncTestClient(App(lifespan=lifespan)).given(env={"STAGE": "dev"}):
            pass

    asyncio.run(test())
    assert log == ["dev"] * 4


def test_async_calls_side_by_side_see_their_own_environment() -> None:
    async def test() -> None:
        client = AsyncTestClient(shop())
        stages = ["a", "b", "c"]
        results = await asyncio.gather(*(client.given(env={"STAGE": stage}).sns("slow", "x") for stage in stages))
        assert [value(result) for result in results] == [[{"stage": stage, "region": None}] * 2 for stage in stages]

    asyncio.run(test())
    assert seen()["stage"] == "test"


# The store ------------------------------------------------------------------------------------------------------


class Forbidden(MemoryStore):
    """A store that no test is to reach."""

    def acquire(self, *args: Any, **options: Any) -> Any:
        raise AssertionError

    def read(self, key: str) -> str | None:
        raise AssertionError


def remembering(store: MemoryStore) -> App:
    app = App(store=store)

    @app.sns("orders", once=True)
    def announce() -> None: ...

    @app.cron("0 * * * *", catch_up="all")
    def sweep(tick: Tick) -> None: ...

    @app.cron("0 * * * *", overlap="skip")
    async def alone(tick: Tick) -> None: ...

    @app.post("/orders", once=True)
    def create() -> str:
        return "created"

    return app


def check(client: TestClient) -> None:
    assert [client.sns("orders", "a").outcomes[0].status for _ in range(2)] == ["ok", "skipped"]
    assert client.tick("2026-01-01T03:00Z").failed == []
    # The ledger has seen the tick of 03:00, so the slots since then are caught up with.
    assert client.tick("2026-01-01T06:00Z").ran.count("sweep") == 3
    headers = {"Idempotency-Key": "k1"}
    assert [client.post("/orders", headers=headers).status for _ in range(2)] == [200, 200]
    assert client.post("/orders", headers=headers).ran == []


def test_an_apps_store_is_one_in_memory_while_a_client_uses_it() -> None:
    own = Forbidden()
    app = remembering(own)
    check(TestClient(app))
    assert app.store is own
    with TestClient(app) as client:
        check(client)  # and knows nothing of what the first one did
        assert isinstance(app.store, MemoryStore)
        assert app.store is not own
    assert app.store is own


def test_a_store_is_given_back_once_however_often_a_client_is_entered() -> None:
    own = Forbidden()
    app = remembering(own)
    client = TestClient(app)
    with client:
        with client:
            assert isinstance(app.store, MemoryStore)
        assert app.store is own
    assert app.store is own
    check(client)
    assert app.store is own


def test_the_store_may_be_one_of_the_tests() -> None:
    app, mine = remembering(Forbidden()), MemoryStore()
    for status in ("ok", "skipped"):
        with TestClient(app, store=mine) as client:
            assert client.sns("orders", "a").outcomes[0].status == status


def test_an_app_without_a_store_gets_none() -> None:
    app = shop()
    with TestClient(app, store=MemoryStore()):
        assert app.store is None


def test_async_calls_side_by_side_have_one_store() -> None:
    app = remembering(Forbidden())

    async def test() -> None:
        client = AsyncTestClient(app)
        await asyncio.gather(*(client.sns("orders", body) for body in "abc"))
        assert (await client.sns("orders", "a")).outcomes[0].status == "skipped"
        async with client:
            assert (await client.sns("orders", "b")).outcomes[0].status == "skipped"

    asyncio.run(test())
    assert isinstance(app.store, Forbidden)


def test_the_store_is_given_back_where_the_app_does_not_start() -> None:
    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        raise RuntimeError("no start")
        yield

    own = MemoryStore()
    app = App(store=own, lifespan=lifespan)

    async def test() -> None:
        async with AsyncTestClient(app):
            raise AssertionError

    with pytest.raises(RuntimeError, match="no start"):
        TestClient(app).__enter__()
    assert app.store is own
    with pytest.raises(RuntimeError, match="no start"):
        asyncio.run(test())
    assert app.store is own


# Strict mode ----------------------------------------------------------------------------------------------------


class CrateSource(ParcelSource):
    names = ("crate",)


class CrateTrigger(Trigger):
    source = CrateSource


def parcels(*triggers: Trigger) -> App:
    app = App()
    app.sns("orders")(lambda: None)
    for trigger in triggers:
        app.on(trigger)(lambda: None)
    return app


def test_an_event_that_two_sources_claim_is_refused_with_the_names_of_both() -> None:
    app = parcels(ParcelTrigger())
    both = {"parcel": 1, **sns("orders", "a")}

    assert TestClient(app).invoke(both).name == "sns"
    client = TestClient(app, strict=True)
    with pytest.raises(ValueError, match=r"claimed by sns and by parcel \(ParcelSource\); sns gets it"):
        client.invoke(both)
    assert client.invoke({"parcel": 1}).name == "parcel"
    assert client.sns("orders", "a").name == "sns"
    with pytest.raises(ValueError, match=r"claimed by parcel \(ParcelSource\) and by crate \(CrateSource\)"):
        TestClient(parcels(ParcelTrigger(), CrateTrigger()), strict=True).invoke({"parcel": 1})


def test_an_async_client_is_strict_too() -> None:
    client = AsyncTestClient(parcels(ParcelTrigger()), strict=True)
    with pytest.raises(ValueError, match="claimed by sns and by parcel"):
        asyncio.run(client.invoke({"parcel": 1, **sns("orders", "a")}))


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_event_of_aws_is_claimed_twice(name: str) -> None:
    assert claims(example(name)) == ([] if name == "invoke" else [name])


def test_a_mix_of_two_services_is_claimed_by_both() -> None:
    record = {"eventSource": "aws:sqs", "body": "", "s3": {"bucket": {}}}
    assert claims({"Records": [record]}) == ["sqs", "s3"]
    request = http.v2("GET", "/")
    assert claims({**request, "awslogs": {"data": ""}}) == ["http.v2", "logs"]
    assert claims({**authorizer.request_v2("GET", "/"), "raw_path": "/", "method": "GET"}) == [
        "authorizer.request_v2",
        "http.lattice_v1",
    ]
    durable = {"DurableExecutionArn": "a", "CheckpointToken": "b", "awslogs": {"data": ""}}
    assert claims(durable) == ["durable", "logs"]


@pytest.mark.parametrize("event", [None, [], {}, {"Records": []}, {"Records": [None]}, {"Records": "x"}, "x", [1]])
def test_nobody_claims_what_is_no_event(event: Any) -> None:
    assert claims(event) == []


# Streams --------------------------------------------------------------------------------------------------------


def streaming() -> App:
    app = App()

    @app.get("/numbers")
    def numbers() -> StreamingResponse:
        def count() -> Iterator[str]:
            for number in range(5):
                yield f"{number}\n"

        return StreamingResponse(count(), headers={"content-type": "text/plain"}, cookies=["seen=1"])

    @app.get("/plain")
    def plain() -> str:
        return "plain"

    return app


def test_a_stream_is_iterated_or_read_as_text_or_lines() -> None:
    client = TestClient(streaming())
    streamed = client.stream("GET", "/numbers")
    assert list(streamed) == [b"0\n", b"1\n", b"2\n", b"3\n", b"4\n"]
    assert (streamed.status, streamed.headers["content-type"]) == (200, "text/plain")
    assert streamed.lines() == ["0", "1", "2", "3", "4"]
    assert client.stream("GET", "/numbers", take=2).text == "0\n1\n"
    assert dict(client.cookies) == {"seen": "1"}
    assert repr(streamed).startswith("<Streamed {'statusCode': 200")


def test_what_did_not_stream_is_in_the_completion() -> None:
    streamed = TestClient(streaming()).stream("GET", "/plain")
    assert isinstance(streamed.completion, Response)
    assert (streamed.completion.text, list(streamed), streamed.text) == ("plain", [], "")
    with pytest.raises(RuntimeError, match=r"no stream had begun: <Response http.v2 GET /plain 200: 'plain'>"):
        _ = streamed.status


def test_an_async_client_streams_too() -> None:
    app = streaming()

    @app.get("/async")
    async def numbers() -> AsyncIterator[str]:
        for number in range(5):
            yield f"{number}\n"

    async def test() -> None:
        client = AsyncTestClient(app)
        assert list(await client.stream("GET", "/numbers", take=1)) == [b"0\n"]
        assert list(await client.stream("GET", "/async", take=2)) == [b"0\n", b"1\n"]
        assert (await client.stream_event(http.v2("GET", "/async"))).lines() == ["0", "1", "2", "3", "4"]

    asyncio.run(test())
