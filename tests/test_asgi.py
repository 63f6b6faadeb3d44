"""The app's HTTP side under an ASGI server."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio
import httpx
import pytest

from lambdarouter import (
    Allow,
    App,
    ConfigurationError,
    Deny,
    Depends,
    Header,
    HttpError,
    Request,
    Response,
    StreamingResponse,
)
from lambdarouter.asgi import asgi
from tests import pace
from tests.servers import served

pytestmark = pytest.mark.anyio


def client_of(app: App, **options: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(asgi(app, **options), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://shop.example.com")


def scope(path: str = "/", **more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"shop.example.com")],
        "client": ("192.0.2.7", 5000),
        "server": ("127.0.0.1", 80),
        **more,
    }


class Peer:
    """An ASGI server's side of one connection: it can hang up."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks) or [b""]
        self.sent: list[Any] = []
        self.hung_up = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self.chunks:
            return {"type": "http.request", "body": self.chunks.pop(0), "more_body": bool(self.chunks)}
        await self.hung_up.wait()
        if self.chunks:
            return await self.receive()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


async def test_a_request_takes_the_way_of_all_events_and_its_reply_comes_back() -> None:
    app = App()
    seen: list[str] = []

    @app.middleware
    def note(call: Any) -> Iterator[None]:
        seen.append(call.source)
        yield

    @app.post("/orders/{order_id}", status=201)
    async def create(order_id: int, order: dict[str, int], request: Request, tag: list[str] | None = None) -> Any:
        return {"id": order_id, "order": order, "tag": tag, "host": request.headers["host"], "ip": request.client_ip}

    async with client_of(app) as client:
        reply = await client.post("/orders/7?tag=a&tag=b%20c", json={"n": 1})

    assert reply.status_code == 201
    expected = {"id": 7, "order": {"n": 1}, "tag": ["a", "b c"], "host": "shop.example.com", "ip": "127.0.0.1"}
    assert reply.json() == expected
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["content-length"] == str(len(reply.content))
    assert seen == ["http.url"]


async def test_an_encoded_path_is_decoded_once_and_an_encoded_slash_parts_no_segments() -> None:
    app = App()

    @app.get("/files/{name}")
    def read(name: str) -> str:
        return name

    async with client_of(app) as client:
        assert (await client.get("/files/a%2Fb%20%C3%A9%2525")).text == "a/b é%25"
        assert (await client.get("/files/%FF")).status_code == 400


async def test_cookies_come_in_and_go_out_one_by_one() -> None:
    app = App()

    @app.get("/")
    def read(request: Request) -> Response:
        return Response(json.dumps(request.cookies), cookies=["a=1; Secure", "b=2"])

    async with client_of(app) as client:
        reply = await client.get("/", headers={"cookie": "x=1; y=2"})

    assert reply.json() == {"x": "1", "y": "2"}
    assert reply.headers.get_list("set-cookie") == ["a=1; Secure", "b=2"]


@pytest.mark.parametrize("streams", [False, True])
async def test_a_header_that_is_no_latin_1_goes_out_as_utf_8(*, streams: bool) -> None:
    app = App()
    texts = {"x-a": "\u00e9", "x-b": "\u65e5\u672c"}

    @app.get("/")
    def read() -> Response:
        made: Response = (
            StreamingResponse(iter(["a", "b"]), headers=texts) if streams else Response("ab", headers=texts)
        )
        return made.set_cookie("seen", "1", path="/\u65e5")

    async with client_of(app) as client:
        reply = await client.get("/")
    assert (reply.status_code, reply.text) == (200, "ab")
    raw = dict(reply.headers.raw)
    assert (raw[b"x-a"], raw[b"x-b"]) == (b"\xe9", "\u65e5\u672c".encode())
    assert "Path=/\u65e5;".encode() in raw[b"set-cookie"]


async def test_binary_bodies_are_the_same_bytes_in_both_directions() -> None:
    app = App()
    blob = bytes(range(256))

    @app.post("/")
    def echo(request: Request) -> bytes:
        return request.body

    async with client_of(app) as client:
        for media in ("image/png", "text/plain", "application/json"):
            assert (await client.post("/", content=blob, headers={"content-type": media})).content == blob


async def test_errors_are_problem_documents() -> None:
    app = App()

    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError("secret")

    @app.get("/refuses")
    def refuses() -> None:
        raise HttpError(409, "taken")

    async with client_of(app) as client:
        replies = [await client.get(path) for path in ("/fails", "/refuses", "/nowhere")]

    assert [reply.status_code for reply in replies] == [500, 409, 404]
    assert {reply.headers["content-type"] for reply in replies} == {"application/problem+json"}
    assert "secret" not in replies[0].text


async def test_an_app_without_routes_answers_404() -> None:
    async with client_of(App()) as client:
        assert (await client.get("/")).status_code == 404


async def test_a_guard_always_runs_and_a_stamp_that_a_client_makes_up_counts_for_nothing() -> None:
    app = App()

    def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
        return Allow("ada") if token == "let me in" else Deny()

    @app.get("/", auth=staff)
    def read(who: Allow) -> str:
        return who.principal

    async with client_of(app) as client:
        assert (await client.get("/")).status_code == 401
        assert (await client.get("/", headers={"lambdarouter_guard": "x", "authorization": "no"})).status_code == 403
        assert (await client.get("/", headers={"authorization": "let me in"})).text == "ada"


async def test_what_the_server_knows_of_the_client_cannot_be_made_up() -> None:
    app = App()

    @app.get("/")
    def read(request: Request) -> list[str | None]:
        return [request.client_ip, *(request.headers.get(f"x-forwarded-{name}") for name in ("for", "proto"))]

    async with client_of(app) as client:
        reply = await client.get("/", headers={"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"})

    assert reply.json() == ["127.0.0.1", "127.0.0.1", "http"]


@pytest.mark.parametrize(
    ("root", "path", "raw", "expected"),
    [
        ("", "/a", b"/a", "/a"),
        ("/v1", "/v1/a", b"/v1/a", "/a"),
        ("/v1/", "/v1/a", b"/v1/a", "/a"),
        ("/v1", "/v1", b"/v1", "/"),
        ("/v1", "/v12/a", b"/v12/a", "/v12/a"),
        ("/v 1", "/v 1/a", b"/v%201/a", "/a"),
        ("/v1", "/v1/a b%/c", None, "/a%20b%25/c"),
        ("", "/a", b"/a?x=1", "/a"),
        ("", "", b"", "/"),
    ],
)
async def test_the_path_is_what_stands_below_where_the_application_is_mounted(
    root: str, path: str, raw: bytes | None, expected: str
) -> None:
    app = App()
    seen: list[str] = []

    @app.middleware
    def note(call: Any) -> Iterator[None]:
        seen.append(call.record.raw["rawPath"])
        yield

    peer = Peer()
    await asgi(app)(scope(path, root_path=root, raw_path=raw), peer.receive, peer.send)

    assert seen == [expected]


@pytest.mark.parametrize("kind", ["http", "https"])
async def test_host_and_scheme_are_those_of_the_request(kind: str) -> None:
    app = App()

    @app.get("/")
    def read(request: Request) -> str:
        seen: Any = request
        return f"{seen.scheme}://{seen.host}"

    peer = Peer()
    await asgi(app)(scope(scheme=kind), peer.receive, peer.send)

    assert peer.body.decode() == f"{kind}://shop.example.com"


async def test_a_server_that_tells_little_is_enough() -> None:
    app = App()

    @app.get("/")
    def read(request: Request) -> str:
        return f"{request.headers['host']} {request.client_ip!r}"

    peer = Peer()
    least = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await asgi(app)(least, peer.receive, peer.send)

    assert peer.body == b"localhost ''"


async def test_a_body_in_several_pieces_is_one() -> None:
    app = App()

    @app.post("/")
    def echo(request: Request) -> str:
        return request.text

    peer = Peer(b"one", b"", b"two")
    await asgi(app)(scope(method="POST"), peer.receive, peer.send)

    assert peer.body == b"onetwo"


async def test_a_body_beyond_the_limit_is_413_and_no_handler_sees_it() -> None:
    app = App()
    ran: list[int] = []
    app.post("/")(lambda: ran.append(1))

    async with client_of(app, max_body=10) as client:
        assert (await client.post("/", content=b"x" * 11)).status_code == 413
        assert not ran
        assert (await client.post("/", content=b"x" * 10)).status_code == 204
    async with client_of(app, max_body=None) as client:
        assert (await client.post("/", content=b"x" * 7_000_000)).status_code == 204


async def test_a_reply_may_be_larger_than_lambdas() -> None:
    app = App()

    @app.get("/")
    def read() -> str:
        return "x" * 7_000_000

    async with client_of(app) as client:
        assert len((await client.get("/")).content) == 7_000_000


@pace.in_real_time
async def test_a_request_that_takes_longer_than_the_timeout_is_504() -> None:
    app = App()

    @app.get("/")
    async def read() -> None:
        await asyncio.sleep(3600)

    async with client_of(app, timeout=pace.seconds(0.3)) as client:
        assert (await client.get("/")).status_code == 504


async def test_head_has_the_headers_and_no_body() -> None:
    app = App()

    @app.get("/")
    def read() -> str:
        return "text"

    @app.get("/stream")
    async def stream() -> AsyncIterator[str]:
        yield "text"

    for path in ("/", "/stream"):
        peer = Peer()
        await asgi(app)(scope(path, method="HEAD"), peer.receive, peer.send)
        assert peer.status == 200
        assert dict(peer.sent[0]["headers"])[b"content-type"] == b"text/plain; charset=utf-8"
        assert peer.body == b""


async def test_sync_handlers_run_side_by_side() -> None:
    app = App()
    both = threading.Barrier(2)

    @app.get("/")
    def read() -> str:
        both.wait(60)
        return "met"

    async with client_of(app) as client:
        replies = await asyncio.gather(client.get("/"), client.get("/"))

    assert [reply.text for reply in replies] == ["met", "met"]


async def test_async_handlers_run_side_by_side() -> None:
    app = App()
    first, second = asyncio.Event(), asyncio.Event()

    @app.get("/{name}")
    async def read(name: str) -> str:
        mine, other = (first, second) if name == "a" else (second, first)
        mine.set()
        await other.wait()
        return name

    async with client_of(app) as client:
        replies = await asyncio.gather(client.get("/a"), client.get("/b"))

    assert [reply.text for reply in replies] == ["a", "b"]


async def test_a_stream_is_sent_piece_by_piece() -> None:
    app = App()
    peer = Peer()
    sent: list[int] = []

    @app.get("/")
    async def stream() -> AsyncIterator[str]:
        for piece in ("one", "two"):
            sent.append(len(peer.sent))
            yield piece

    await asgi(app)(scope(), peer.receive, peer.send)

    assert [message["type"] for message in peer.sent] == ["http.response.start"] + ["http.response.body"] * 3
    assert [message.get("body") for message in peer.sent[1:]] == [b"one", b"two", b""]
    assert [message["more_body"] for message in peer.sent[1:]] == [True, True, False]
    assert sent == [0, 2]


async def test_a_sync_stream_is_sent_piece_by_piece_and_blocks_nobody() -> None:
    app = App()
    threads: set[str] = set()

    @app.get("/")
    def stream() -> Iterator[bytes]:
        for piece in (b"one", b"two"):
            threads.add(threading.current_thread().name)
            yield piece

    @app.get("/made")
    def made() -> Response:
        return StreamingResponse(iter(["a", "b"]), 202, {"x-kind": "made"}, ["a=1"])

    peer = Peer()
    await asgi(app)(scope(), peer.receive, peer.send)
    assert peer.body == b"onetwo"
    assert threading.current_thread().name not in threads

    async with client_of(app) as client:
        reply = await client.get("/made")
    assert (reply.status_code, reply.text, reply.headers["x-kind"]) == (202, "ab", "made")
    assert reply.headers["set-cookie"] == "a=1"


async def test_a_client_that_hangs_up_closes_the_stream() -> None:
    app = App()
    peer = Peer()
    ended: list[str] = []

    def connection() -> Iterator[str]:
        yield "open"
        ended.append("dependency")

    @app.get("/")
    async def stream(connection: Annotated[str, Depends(connection)]) -> AsyncIterator[str]:
        try:
            yield "one"
            # What some servers say once more, before there is news.
            peer.chunks.append(b"")
            peer.hung_up.set()
            await asyncio.sleep(3600)
        finally:
            ended.append("generator")

    await asgi(app)(scope(), peer.receive, peer.send)

    assert peer.body == b"one"
    assert ended == ["generator", "dependency"]
    assert peer.sent[-1]["more_body"]


async def test_a_client_that_is_gone_before_its_body_is_complete_reaches_no_handler() -> None:
    app = App()
    ran: list[int] = []
    app.get("/")(lambda: ran.append(1))
    peer = Peer()
    peer.chunks.clear()
    peer.hung_up.set()

    await asgi(app)(scope(), peer.receive, peer.send)

    assert not ran
    assert not peer.sent


async def test_a_stream_that_fails_before_its_first_piece_is_an_ordinary_error() -> None:
    app = App()

    @app.get("/")
    async def stream() -> AsyncIterator[str]:
        raise HttpError(409)
        yield ""

    async with client_of(app) as client:
        assert (await client.get("/")).status_code == 409


async def test_a_stream_that_fails_later_breaks_the_connection_off() -> None:
    app = App()
    peer = Peer()

    @app.get("/")
    async def stream() -> AsyncIterator[str]:
        yield "one"
        raise LookupError("later")

    with pytest.raises(LookupError, match="later"):
        await asgi(app)(scope(), peer.receive, peer.send)

    assert peer.body == b"one"
    assert peer.sent[-1]["more_body"]


async def lifespan(application: Any, *messages: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    coming = [{"type": f"lifespan.{message}"} for message in messages]

    async def receive() -> dict[str, Any]:
        return coming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
    return sent


async def test_the_servers_lifespan_is_the_apps() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def live(app: App) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("end")

    sent = await lifespan(asgi(App(lifespan=live)), "startup", "shutdown")

    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert events == ["start", "end"]


@pytest.mark.parametrize("phase", ["startup", "shutdown"])
async def test_a_lifespan_that_fails_is_told_to_the_server(phase: str) -> None:
    @asynccontextmanager
    async def live(app: App) -> AsyncIterator[None]:
        if phase == "startup":
            raise LookupError("no database")
        yield
        raise LookupError("no database")

    messages = ["startup"] if phase == "startup" else ["startup", "shutdown"]
    sent = await lifespan(asgi(App(lifespan=live)), *messages)

    assert sent[-1] == {"type": f"lifespan.{phase}.failed", "message": "LookupError: no database"}


async def test_without_a_lifespan_protocol_the_first_request_starts_the_app_and_a_failure_is_500() -> None:
    starts: list[int] = []

    @asynccontextmanager
    async def live(app: App) -> AsyncIterator[None]:
        starts.append(1)
        if len(starts) == 1:
            raise LookupError("no database yet")
        yield

    app = App(lifespan=live)
    app.get("/")(lambda: "here")

    async with client_of(app) as client:
        refused = await client.get("/")
        assert refused.status_code == 500
        assert "database" not in refused.text
        assert [(await client.get("/")).text for _ in range(2)] == ["here", "here"]
    assert len(starts) == 2
    await app.aclose()


async def test_a_websocket_is_refused_and_anything_else_is_an_error() -> None:
    peer = Peer()
    await asgi(App())({"type": "websocket"}, peer.receive, peer.send)
    assert peer.sent[0]["type"] == "websocket.close"

    with pytest.raises(ValueError, match="'lifestyle'"):
        await asgi(App())({"type": "lifestyle"}, peer.receive, peer.send)


@pytest.mark.parametrize(
    "options", [{"max_body": 0}, {"timeout": -1}, {"timeout": "3"}, {"threads": None}, {"threads": True}]
)
async def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        asgi(App(), **options)


async def test_what_is_no_app_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="not Request"):
        asgi(Request({}))  # type: ignore[arg-type]


def test_uvicorn_serves_the_app_with_its_lifespan_and_streams() -> None:
    events: list[str] = []
    release = threading.Event()

    @asynccontextmanager
    async def live(app: App) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("end")

    app = App(lifespan=live)

    @app.get("/")
    def read(request: Request) -> str:
        return request.path

    @app.get("/stream")
    async def stream() -> AsyncIterator[str]:
        yield "one"
        await anyio.to_thread.run_sync(release.wait, 60)
        yield "two"

    with served(asgi(app)) as url:
        assert httpx.get(url).text == "/"
        assert httpx.head(url).status_code in (200, 405)
        with httpx.stream("GET", f"{url}/stream") as reply:
            pieces = reply.iter_text()
            assert next(pieces) == "one"
            release.set()
            assert "".join(pieces) == "two"
    assert events == ["start", "end"]
