"""One ASGI application behind Mangum and mounted: where the peer's way costs, and what ours does instead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from mangum import Mangum

from lambdarouter import App
from lambdarouter.testing import LambdaContext, TestClient
from lambdarouter.testing.events import authorizer, http

# Mangum asks for the thread's current event loop, which Lambda's runtime has and pytest has not.
pytestmark = pytest.mark.usefixtures("current_loop")


def living() -> tuple[FastAPI, list[str]]:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("stop")

    application = FastAPI(lifespan=lifespan)
    application.get("/")(lambda: "served")
    return application, events


def mount(application: FastAPI) -> App:
    app = App()
    app.mount("/", application)
    return app


def test_mangum_enters_and_leaves_the_lifespan_for_each_request_and_a_mount_once() -> None:
    application, theirs = living()
    peer = Mangum(application)
    for _ in range(3):
        assert peer(http.v2("GET", "/"), LambdaContext())["statusCode"] == 200  # type: ignore[arg-type]
    assert theirs == ["start", "stop"] * 3

    application, ours = living()
    app = mount(application)
    for _ in range(3):
        assert TestClient(app).get("/").reply["statusCode"] == 200
    assert ours == ["start"]
    app.close()
    assert ours == ["start", "stop"]


def test_mangum_sends_a_stream_when_all_of_it_is_made_and_a_mount_piece_by_piece() -> None:
    made: list[str] = []

    async def pieces() -> AsyncIterator[str]:
        for piece in ("one", "two", "three"):
            made.append(piece)
            yield piece

    application = FastAPI()
    application.get("/")(lambda: StreamingResponse(pieces(), media_type="text/plain"))

    assert Mangum(application, lifespan="off")(http.url("GET", "/"), LambdaContext())["body"] == "onetwothree"  # type: ignore[arg-type]
    assert made == ["one", "two", "three"]

    made.clear()
    # A front end that hangs up after the first piece: the others are never made, but for the one on its way.
    streamed = TestClient(mount(application)).stream("GET", "/", take=1)
    assert streamed.chunks == [b"one"]
    assert "three" not in made


def test_mangum_runs_the_route_of_a_request_that_an_authorizer_is_asked_about_and_a_mount_does_not() -> None:
    ran: list[str] = []
    application = FastAPI()
    application.get("/orders")(lambda: ran.append("route"))
    event = authorizer.request_v1("GET", "/orders")

    assert Mangum(application, lifespan="off")(event, LambdaContext())["statusCode"] == 200  # type: ignore[arg-type]
    assert ran == ["route"]

    ran.clear()
    completion = TestClient(mount(application)).invoke(event)
    assert completion.error is not None
    assert not ran


@pytest.mark.parametrize("gateway", [http.rest, http.v2, http.url, http.alb])
def test_a_body_that_is_no_base64_ends_mangums_function_and_is_a_400_of_ours(gateway: object) -> None:
    application = FastAPI()
    application.post("/")(lambda: "served")
    event = gateway("POST", "/", body="x") | {"isBase64Encoded": True}  # type: ignore[operator]

    with pytest.raises(ValueError, match=r"base64-encoded string"):
        Mangum(application, lifespan="off")(event, LambdaContext())  # type: ignore[arg-type]
    assert TestClient(mount(application)).invoke(event).reply["statusCode"] == 400
