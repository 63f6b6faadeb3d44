"""What peers do with replies, shown by running them, and what we do instead.

FastAPI (Starlette) behind Mangum, as most users of Python on Lambda have it.
"""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from mangum import Mangum
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse as TheirFile, StreamingResponse as TheirStream

from lambdarouter import App, Cors, FileResponse, HttpError
from lambdarouter.testing import LambdaContext, TestClient
from lambdarouter.testing.events import http

SHOP = "https://shop.example.com"


@pytest.fixture(autouse=True)
def _quiet_and_with_a_loop() -> Iterator[None]:
    """Mangum runs in the thread's event loop, and logs what it swallows."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    asyncio.set_event_loop(None)
    loop.close()


def their_reply(app: FastAPI, event: Any, *, lifespan: Any = "off") -> Any:
    context: Any = LambdaContext()
    reply: Any = Mangum(app, lifespan=lifespan)(event, context)
    return reply


def ours_of(app: App, event: Any) -> Any:
    reply: Any = app.complete(event).unwrap()
    return reply


def test_an_error_is_no_error_of_the_function_for_mangum_and_can_be_one_for_us() -> None:
    theirs, ours = FastAPI(), App(raise_server_errors=True)

    @theirs.get("/x")
    def their_fail() -> None:
        raise ZeroDivisionError

    @ours.get("/x")
    def our_fail() -> None:
        raise ZeroDivisionError

    # The invocation went well: Lambda's Errors metric stays at 0.
    assert their_reply(theirs, http.v2("GET", "/x"))["statusCode"] == 500
    assert isinstance(ours.complete(http.v2("GET", "/x")).error, ZeroDivisionError)


def test_a_page_cannot_read_starlettes_500_and_can_read_ours() -> None:
    theirs, ours = FastAPI(), App(cors=Cors(SHOP))
    theirs.add_middleware(CORSMiddleware, allow_origins=[SHOP])

    @theirs.get("/x")
    def their_fail() -> None:
        raise ZeroDivisionError

    @ours.get("/x")
    def our_fail() -> None:
        raise ZeroDivisionError

    event = http.v2("GET", "/x", headers={"origin": SHOP})
    assert "access-control-allow-origin" not in their_reply(theirs, event)["headers"]
    assert ours_of(ours, event)["headers"]["access-control-allow-origin"] == SHOP


def test_starlette_allows_every_origin_to_act_as_the_user_where_we_refuse_the_setting() -> None:
    theirs = FastAPI()
    theirs.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
    theirs.get("/x")(lambda: "x")

    event = http.v2("GET", "/x", headers={"origin": "https://evil.example.org"}, cookies={"sid": "1"})
    headers = their_reply(theirs, event)["headers"]
    assert headers["access-control-allow-origin"] == "https://evil.example.org"
    assert headers["access-control-allow-credentials"] == "true"
    with pytest.raises(Exception, match="every page could act as the user"):
        Cors("*", credentials=True)


def test_starlette_compresses_for_a_client_that_refuses_gzip() -> None:
    text = "again and again, " * 100
    theirs, ours = FastAPI(), App(compress=True)
    theirs.add_middleware(GZipMiddleware)
    theirs.get("/x")(lambda: text)
    ours.get("/x")(lambda: text)

    event = http.v2("GET", "/x", headers={"accept-encoding": "gzip;q=0"})
    assert their_reply(theirs, event)["headers"]["content-encoding"] == "gzip"
    assert "content-encoding" not in ours_of(ours, event)["headers"]


def test_starlettes_tag_is_the_same_for_another_file_of_a_deployment_package(tmp_path: Path) -> None:
    path = tmp_path / "app.js"
    theirs, ours = FastAPI(), App()
    theirs.get("/x")(lambda: TheirFile(path))
    ours.get("/x")(lambda: FileResponse(path))
    theirs_tags, our_tags = set(), set()
    for content in ("one", "two"):
        path.write_text(content)
        os.utime(path, (315_532_800, 315_532_800))  # 1980-01-01: what a reproducible zip archive gives every file
        theirs_tags.add(their_reply(theirs, http.v2("GET", "/x"))["headers"]["etag"])
        our_tags.add(ours_of(ours, http.v2("GET", "/x"))["headers"]["etag"])
    # Browsers would go on with the old one.
    assert len(theirs_tags) == 1
    assert len(our_tags) == 2


def test_mangum_gathers_a_stream_whoever_asks_and_we_hand_it_on() -> None:
    made: list[str] = []

    async def pieces() -> AsyncIterator[str]:
        for piece in ("a", "b", "c"):
            made.append(piece)
            yield piece

    theirs, ours = FastAPI(), App()
    theirs.get("/x")(lambda: TheirStream(pieces()))

    @ours.get("/x")
    async def stream() -> AsyncIterator[str]:
        async for piece in pieces():
            yield piece

    assert their_reply(theirs, http.v2("GET", "/x"))["body"] == "abc"
    made.clear()
    assert TestClient(ours).stream("GET", "/x", take=1).chunks == [b"a"]
    assert made == ["a"]


def test_an_error_in_the_middle_of_a_stream_loses_fastapis_reply_and_is_a_500_of_ours() -> None:
    theirs, ours = FastAPI(), App()

    async def pieces() -> AsyncIterator[str]:
        yield "half of "
        raise ZeroDivisionError

    theirs.get("/x")(lambda: TheirStream(pieces()))

    @ours.get("/x")
    async def stream() -> AsyncIterator[str]:
        async for piece in pieces():
            yield piece

    # A 200 has started already, though nothing has been sent: Mangum says 500 in a body of plain text.
    reply = their_reply(theirs, http.v2("GET", "/x"))
    assert (reply["statusCode"], reply["headers"]["content-type"]) == (500, "text/plain; charset=utf-8")
    mine = ours_of(ours, http.v2("GET", "/x"))
    assert (mine["statusCode"], mine["headers"]["content-type"]) == (500, "application/problem+json")


def test_fastapi_lets_a_client_read_less_of_an_error_than_rfc_9457_has() -> None:
    theirs, ours = FastAPI(), App()

    @ours.get("/x")
    def fail() -> None:
        raise HttpError(409, "sold", type="https://example.com/sold", instance="/orders/1")

    missing = their_reply(theirs, http.v2("GET", "/x"))
    assert (missing["headers"]["content-type"], missing["body"]) == ("application/json", '{"detail":"Not Found"}')
    answered = ours_of(ours, http.v2("GET", "/x"))
    assert answered["headers"]["content-type"] == "application/problem+json"
    assert '"instance":"/orders/1"' in answered["body"]


def test_the_lifespan_runs_for_every_request_of_mangum_and_once_for_us() -> None:
    from contextlib import asynccontextmanager

    starts: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        starts.append("start")
        yield
        starts.append("stop")

    theirs, ours = FastAPI(lifespan=lifespan), App(lifespan=lifespan)
    theirs.get("/x")(lambda: "x")
    ours.get("/x")(lambda: "x")
    for _ in range(3):
        their_reply(theirs, http.v2("GET", "/x"), lifespan="on")
    assert starts == ["start", "stop"] * 3
    starts.clear()
    for _ in range(3):
        ours_of(ours, http.v2("GET", "/x"))
    assert starts == ["start"]
    ours.close()
