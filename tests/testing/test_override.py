"""Other dependency functions in the place of an app's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest

from lambdarouter import (
    Allow,
    App,
    ConfigurationError,
    Context,
    Deny,
    Depends,
    Header,
    HttpError,
    Query,
    Request,
    Router,
    SqsRecord,
)
from lambdarouter.core.http import GUARD_KEY, PRINCIPAL_KEY
from lambdarouter.core.signature import name_of
from lambdarouter.testing import AsyncTestClient, TestClient

LOG: list[str] = []


@pytest.fixture(autouse=True)
def log() -> list[str]:
    LOG.clear()
    return LOG


def get_url() -> str:
    LOG.append("real url")
    return "real://"


def get_db(url: Annotated[str, Depends(get_url)]) -> Iterator[str]:
    LOG.append("real db")
    yield url + "db"
    LOG.append("real db closed")


def get_repository(db: Annotated[str, Depends(get_db)]) -> str:
    return f"repository of {db}"


def get_pool() -> Iterator[str]:
    LOG.append("real pool")
    yield "real pool"
    LOG.append("real pool closed")


def guard(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow("ada") if token == "ok" else Deny()


def shop() -> App:
    app = App()

    @app.get("/orders/{order_id}")
    def read(order_id: int, of: Annotated[str, Depends(get_repository)], db: Annotated[str, Depends(get_db)]) -> Any:
        return [order_id, of, db]

    @app.sqs("jobs")
    async def work(body: str, db: Annotated[str, Depends(get_db)]) -> str:
        LOG.append(f"{body} {db}")
        return db

    @app.sns("news")
    def announce(pool: Annotated[str, Depends(get_pool, scope="app")]) -> str:
        return pool

    @app.get("/secret", auth=guard)
    def secret(who: Allow) -> str:
        return who.principal

    return app


def fake_db() -> str:
    return "fake"


def read(client: TestClient) -> Any:
    return client.get("/orders/17").json()


def test_the_fake_takes_the_place_of_the_dependency_wherever_it_stands(log: list[str]) -> None:
    client = TestClient(shop())
    with client.override(get_db, fake_db):
        assert read(client) == [17, "repository of fake", "fake"]
        assert [outcome.value for outcome in client.sqs("jobs", "a").outcomes] == ["fake"]
    # Nor is what only the real one needs.
    assert log == ["real pool", "a fake"]
    assert read(client) == [17, "repository of real://db", "real://db"]
    assert log == ["real pool", "a fake", "real url", "real db", "real db closed"]


def test_without_with_it_holds_until_the_client_ends(log: list[str]) -> None:
    app = shop()
    with TestClient(app) as client:
        client.override(get_url, lambda: "fake://")
        assert read(client) == [17, "repository of fake://db", "fake://db"]
        assert read(client.given(timeout=3))[2] == "fake://db"
    assert read(TestClient(app))[2] == "real://db"


def asynchronous() -> Callable[..., Any]:
    async def fake() -> str:
        await asyncio.sleep(0)
        return "fake"

    return fake


def generator() -> Callable[..., Any]:
    def fake() -> Iterator[str]:
        yield "fake"
        LOG.append("closed")

    return fake


def asynchronous_generator() -> Callable[..., Any]:
    async def fake() -> AsyncIterator[str]:
        yield "fake"
        LOG.append("closed")

    return fake


@pytest.mark.parametrize("make", [asynchronous, generator, asynchronous_generator])
def test_the_fake_may_be_of_any_colour(make: Callable[[], Callable[..., Any]], log: list[str]) -> None:
    client = TestClient(shop())
    with client.override(get_db, make()):
        assert read(client)[2] == "fake"
        assert client.sqs("jobs", "a").outcomes[0].value == "fake"
    assert log.count("closed") == (0 if make is asynchronous else 2)
    assert "real db" not in log


def test_it_holds_in_an_async_test() -> None:
    async def test() -> None:
        async with AsyncTestClient(shop()) as client:
            with client.override(get_db, asynchronous()):
                assert (await client.get("/orders/1")).json()[2] == "fake"
            assert (await client.get("/orders/1")).json()[2] == "real://db"

    asyncio.run(test())


def tenant(name: Annotated[str, Query("tenant")] = "none") -> str:
    return name


def tenants_db(context: Context, of: Annotated[str, Depends(tenant)], request: Request) -> str:
    return f"{of} {context.function_name} {request.path}"


def test_the_fake_has_dependencies_and_parameters_of_its_own() -> None:
    app = App()

    @app.get("/orders/{order_id}")
    def read(order_id: int, db: Annotated[str, Depends(get_db)]) -> str:
        return db

    client = TestClient(app)
    client.override(get_db, tenants_db)
    assert client.get("/orders/17", params={"tenant": "blue"}).text == "blue app /orders/17"


def real() -> str:
    return "real"


def outer(inner: Annotated[str, Depends(real)]) -> str:
    LOG.append(inner)
    return inner


def test_a_fake_that_reads_the_record_is_made_for_each_and_so_is_what_depends_on_it(log: list[str]) -> None:
    app = App()

    @app.sqs("jobs")
    def work(body: str, of: Annotated[str, Depends(outer)]) -> str:
        return of

    def fake(record: SqsRecord) -> str:
        return record.body

    client = TestClient(app)
    assert [outcome.value for outcome in client.sqs("jobs", "a", "b").outcomes] == ["real", "real"]
    assert log == ["real"]
    with client.override(real, fake):
        assert [outcome.value for outcome in client.sqs("jobs", "a", "b").outcomes] == ["a", "b"]
    log.clear()
    assert client.sqs("jobs", "a", "b").outcomes[1].value == "real"
    assert log == ["real"]


def test_a_fake_that_asks_for_what_the_source_does_not_have_is_refused_and_changes_nothing() -> None:
    def fake(token: Annotated[str, Header()]) -> str:
        return token

    client = TestClient(shop())
    with pytest.raises(ConfigurationError, match="nobody can fill the parameter 'token: str'"):
        client.override(get_db, fake)
    assert read(client)[2] == "real://db"


def test_a_dependency_that_no_handler_has_is_refused_with_the_names_of_those_they_have() -> None:
    with pytest.raises(ConfigurationError, match=r"no handler depends on .*fake_db; what they depend on: .*get_db, "):
        TestClient(shop()).override(fake_db, get_db)
    with pytest.raises(ConfigurationError, match=r"what they depend on: none"):
        TestClient(App()).override(get_db, fake_db)


@pytest.mark.parametrize("fake", ["fake", None, 17])
def test_a_fake_is_a_function(fake: Any) -> None:
    with pytest.raises(ConfigurationError, match="a dependency is a function"):
        TestClient(shop()).override(get_db, fake)


def test_the_latest_override_of_a_function_counts_and_the_one_before_comes_back() -> None:
    client = TestClient(shop())
    with client.override(get_db, lambda: "first"):
        with client.override(get_db, lambda: "second"):
            assert read(client)[2] == "second"
        assert read(client)[2] == "first"


def around(db: Annotated[str, Depends(get_db)]) -> str:
    return db


def test_what_a_fake_depends_on_may_be_overridden_too_and_a_circle_is_refused() -> None:
    def needs_pool(pool: Annotated[str, Depends(get_url)]) -> str:
        return f"on {pool}"

    client = TestClient(shop())
    client.override(get_db, needs_pool)
    client.override(get_url, lambda: "fake://")
    assert read(client)[2] == "on fake://"

    with pytest.raises(ConfigurationError, match=r"the overrides go in a circle: .*around -> .*get_db"):
        client.override(get_db, around)
    assert read(client)[2] == "on fake://"


# What is made for the app ---------------------------------------------------------------------------------------


def fake_pool() -> Iterator[str]:
    LOG.append("fake pool")
    yield "fake pool"
    LOG.append("fake pool closed")


async def async_pool() -> AsyncIterator[str]:
    LOG.append("fake pool")
    yield "fake pool"
    LOG.append("fake pool closed")


@pytest.mark.parametrize("fake", [fake_pool, async_pool])
def test_what_is_made_for_the_app_is_the_fake_from_the_start(fake: Any, log: list[str]) -> None:
    client = TestClient(shop())
    client.override(get_pool, fake)
    with client:
        assert log == ["fake pool"]
        assert client.sns("news", "a").outcomes[0].value == "fake pool"
        assert client.sns("news", "a").outcomes[0].value == "fake pool"
    assert log == ["fake pool", "fake pool closed"]


def test_what_is_made_for_the_app_is_made_anew_where_it_was_and_is_back_afterwards(log: list[str]) -> None:
    with TestClient(shop()) as client:
        assert client.sns("news", "a").outcomes[0].value == "real pool"
        with client.override(get_pool, fake_pool):
            assert client.sns("news", "a").outcomes[0].value == "fake pool"
            assert client.sns("news", "a").outcomes[0].value == "fake pool"
        assert client.sns("news", "a").outcomes[0].value == "real pool"
    assert log == ["real pool", "fake pool", "fake pool closed", "real pool closed"]


def test_a_fake_that_was_there_from_the_start_is_gone_with_its_override(log: list[str]) -> None:
    client = TestClient(shop())
    override = client.override(get_pool, fake_pool)
    with client:
        override.undo()
        override.undo()
        assert client.sns("news", "a").outcomes[0].value == "real pool"
    assert log == ["fake pool", "real pool", "real pool closed", "fake pool closed"]


def test_what_another_life_of_the_app_has_made_does_not_come_back(log: list[str]) -> None:
    app = shop()
    with TestClient(app) as client:
        with client.override(get_pool, fake_pool):
            app.close()
            app.start()
        assert client.sns("news", "a").outcomes[0].value == "real pool"
    assert log.count("real pool") == 2


def test_a_fake_of_the_app_may_not_need_an_invocation() -> None:
    def fake(name: str) -> str:
        return name

    with pytest.raises(ConfigurationError, match=r'scope="app" and outlives the invocation|nobody can fill'):
        TestClient(shop()).override(get_pool, fake)


# Guards, routers, and messages ------------------------------------------------------------------------------------


def nobody() -> Deny:
    return Deny()


def test_a_guard_may_be_another() -> None:
    client = TestClient(shop())
    assert client.get("/secret").status == 401
    with client.override(guard, lambda: Allow("bob")):
        assert client.get("/secret").text == "bob"
    with client.override(guard, nobody):
        assert client.get("/secret", headers={"Authorization": "ok"}).status == 403
    assert client.get("/secret", headers={"Authorization": "ok"}).text == "ada"


def test_api_gateway_has_still_run_a_guard_that_is_another() -> None:
    client = TestClient(shop())
    stamp = {GUARD_KEY: name_of(guard), PRINCIPAL_KEY: "eve"}
    client.override(guard, nobody)
    assert client.get("/secret", authorizer=stamp).text == "eve"
    assert client.get("/secret").status == 403


def test_what_a_router_depends_on_may_be_another() -> None:
    def refuse() -> None:
        raise HttpError(402)

    app, router = App(), Router(dependencies=[Depends(refuse)])

    @router.get("/paid")
    def paid(db: Annotated[str, Depends(get_db)]) -> str:
        return db

    app.include(router)
    client = TestClient(app)
    assert client.get("/paid").status == 402
    client.override(refuse, lambda: None)
    assert client.get("/paid").text == "real://db"
    client.override(get_db, fake_db)
    assert client.get("/paid").text == "fake"


def page(size: Annotated[int, Query()], token: Annotated[int, Header()]) -> int:
    return size


def test_a_request_is_not_told_of_what_only_the_real_one_needs() -> None:
    app = App()

    @app.get("/search")
    def search(q: Annotated[int, Query()], limit: Annotated[int, Depends(page)]) -> int:
        return q + limit

    client = TestClient(app)
    real = client.get("/search", params={"q": "x"}).json()
    assert len(real["errors"]) == 3
    client.override(page, lambda: 1)
    assert [each["loc"] for each in client.get("/search", params={"q": "x"}).json()["errors"]] == [["query", "q"]]
    assert client.get("/search", params={"q": "1"}).json() == 2
