"""ASGI applications below a path of the app."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import pytest
from structlog.testing import capture_logs

from lambdarouter import Allow, App, ConfigurationError, Deny, Header, Router
from lambdarouter.testing import LambdaContext, TestClient
from lambdarouter.testing.events import http
from tests import pace

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
GATEWAYS = ("http.rest", "http.v2", "http.url", "http.alb", "http.lattice_v1", "http.lattice_v2")
# What the URL's path begins with: the builders' REST API is asked on its own domain, where the stage comes first.
STAGES = dict.fromkeys(GATEWAYS, "") | {"http.rest": "/prod"}


async def start(send: Send, status: int = 200, headers: Any = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def finish(send: Send, body: bytes = b"", *, more: bool = False) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


class Recorder:
    """An application without a lifespan that keeps what it is asked, and says what it is told to."""

    def __init__(
        self, body: bytes = b"ok", status: int = 200, headers: Any = ((b"content-type", b"text/plain"),)
    ) -> None:
        self.scopes: list[Any] = []
        self.bodies: list[bytes] = []
        self._reply = status, headers, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            msg = "HTTP only"
            raise ValueError(msg)
        self.scopes.append(scope)
        self.bodies.append((await receive())["body"])
        status, headers, body = self._reply
        await start(send, status, headers)
        await finish(send, body)


def mounted(path: str = "/legacy", **options: Any) -> tuple[TestClient, Recorder]:
    app, recorder = App(), Recorder()
    app.mount(path, recorder, **options)
    return TestClient(app), recorder


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_the_scope_tells_the_request_whichever_gateway_it_came_through(gateway: Any) -> None:
    client, recorder = mounted()

    reply = client.request(
        "POST",
        "/legacy/a b/ü",
        gateway=gateway,
        params={"q": "one two", "empty": ""},
        headers={"X-Kind": "test", "host": "shop.example.com"},
        cookies={"a": "1", "b": "2"},
        body=b"\x00\xff",
    ).reply

    assert reply["statusCode"] == 200
    assert reply["body"] == "ok"
    (scope,) = recorder.scopes
    assert scope["type"] == "http"
    assert scope["asgi"]["version"] == "3.0"
    assert scope["method"] == "POST"
    assert scope["http_version"] == "1.1"
    stage = STAGES[gateway]
    assert scope["path"] == f"{stage}/legacy/a b/ü"
    assert scope["raw_path"] == f"{stage}/legacy/a%20b/%C3%BC".encode()
    assert scope["root_path"] == f"{stage}/legacy"
    assert scope["query_string"] in (b"q=one%20two&empty=", b"q=one+two&empty=")
    headers = dict(scope["headers"])
    assert all(isinstance(part, bytes) for pair in scope["headers"] for part in pair)
    assert headers[b"x-kind"] == b"test"
    assert headers[b"cookie"] == b"a=1; b=2"
    assert headers[b"content-length"] == b"2"
    assert scope["client"] is not None
    assert scope["server"][1] == 443
    assert scope["scheme"] == "https"
    assert recorder.bodies == [b"\x00\xff"]


def test_the_event_and_the_context_are_in_the_scope() -> None:
    client, recorder = mounted()
    event, context = http.v2("GET", "/legacy/x"), LambdaContext()

    client.invoke(event, context)

    assert recorder.scopes[0]["aws.event"] is event
    assert recorder.scopes[0]["aws.context"] is context


@pytest.mark.parametrize(
    ("mount", "path", "root", "shown"),
    [
        ("/legacy", "/legacy", "/legacy", "/legacy/"),
        ("/legacy", "/legacy/", "/legacy", "/legacy/"),
        ("/legacy", "/legacy/a/", "/legacy", "/legacy/a/"),
        ("/legacy", "/legacy//a", "/legacy", "/legacy//a"),
        ("/a/b", "/a/b/c/d", "/a/b", "/a/b/c/d"),
        ("/", "/", "", "/"),
        ("", "/c/d", "", "/c/d"),
    ],
)
def test_the_root_path_is_the_mounts_and_the_path_begins_with_it(mount: str, path: str, root: str, shown: str) -> None:
    client, recorder = mounted(mount)

    for gateway in GATEWAYS:
        assert client.get(path, gateway=gateway).reply["statusCode"] == 200  # type: ignore[arg-type]
        scope = recorder.scopes.pop()
        assert (scope["root_path"], scope["path"]) == (STAGES[gateway] + root, STAGES[gateway] + shown)


def test_an_encoded_slash_stays_encoded_in_the_raw_path() -> None:
    client, recorder = mounted()

    client.invoke(http.url("GET", "/legacy/x") | {"rawPath": "/legacy/a%2Fb/c%20d"})

    (scope,) = recorder.scopes
    assert scope["raw_path"] == b"/legacy/a%2Fb/c%20d"
    assert (scope["root_path"], scope["path"]) == ("/legacy", "/legacy/a/b/c d")


@pytest.mark.parametrize(
    ("event", "root"),
    [
        (http.rest("GET", "/legacy/x", stage="prod"), "/prod/legacy"),
        (http.v2("GET", "/legacy/x", stage="prod"), "/prod/legacy"),
        (http.v2("GET", "/legacy/x"), "/legacy"),
    ],
)
def test_the_stage_of_the_apis_own_domain_is_part_of_the_root_path(event: Any, root: str) -> None:
    client, recorder = mounted()

    client.invoke(event)

    (scope,) = recorder.scopes
    assert (scope["root_path"], scope["path"]) == (root, f"{root}/x")


def test_the_urls_of_a_custom_domain_have_no_stage() -> None:
    client, recorder = mounted()
    event = http.v2("GET", "/legacy/x", stage="prod")
    event["requestContext"] |= {"domainName": "shop.example.com", "domainPrefix": "shop"}

    client.invoke(event)

    assert (recorder.scopes[0]["root_path"], recorder.scopes[0]["path"]) == ("/legacy", "/legacy/x")


@pytest.mark.parametrize(
    ("headers", "server"),
    [
        ({"host": "shop.example.com"}, ("shop.example.com", 443)),
        ({"host": "shop.example.com:8443"}, ("shop.example.com", 8443)),
        ({"host": "shop.example.com", "x-forwarded-port": "8080"}, ("shop.example.com", 8080)),
        ({"host": "shop.example.com", "x-forwarded-proto": "http"}, ("shop.example.com", 80)),
        ({"host": "shop.example.com:http"}, ("shop.example.com", 443)),
        ({}, ("localhost", 443)),
    ],
)
def test_the_server_is_the_host_that_was_asked(headers: dict[str, str], server: tuple[str, int]) -> None:
    client, recorder = mounted()
    event = http.alb("GET", "/legacy") | {"headers": headers}

    client.invoke(event)

    assert recorder.scopes[0]["server"] == server


def test_a_header_that_is_no_latin_1_is_utf_8() -> None:
    client, recorder = mounted()

    client.get("/legacy", headers={"x-a": "é", "x-b": "日本"})

    headers = dict(recorder.scopes[0]["headers"])
    assert (headers[b"x-a"], headers[b"x-b"]) == (b"\xe9", "日本".encode())


def test_an_application_whose_types_only_type_checkers_know_is_mounted() -> None:
    async def application(scope: "Unknown", receive: Receive, send: Send) -> None:  # type: ignore[name-defined] # noqa: F821
        await start(send)
        await finish(send)

    app = App()
    app.mount("/", application, lifespan="off")

    assert TestClient(app).get("/").reply["statusCode"] == 200


def test_a_mount_of_a_router_is_below_its_prefix() -> None:
    app, router, recorder = App(), Router(prefix="/v1"), Recorder()
    router.mount("/legacy", recorder)
    app.include(router)

    assert TestClient(app).get("/v1/legacy/x").reply["statusCode"] == 200
    assert recorder.scopes[0]["root_path"] == "/v1/legacy"


def test_routes_of_the_app_win_over_a_mount_and_the_rest_is_the_mounts() -> None:
    app, recorder = App(), Recorder(b"mounted")
    app.mount("/", recorder)
    app.get("/own")(lambda: "own")
    client = TestClient(app)

    assert client.get("/own").reply["body"] == "own"
    assert client.get("/other").reply["body"] == "mounted"
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        assert client.request(method, "/x").reply["statusCode"] == 200
    assert [scope["method"] for scope in recorder.scopes[1:]] == [
        *("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
    ]


def test_headers_of_the_reply_come_back_and_cookies_one_by_one() -> None:
    app = App()
    headers = [
        (b"Content-Type", b"text/html; charset=utf-8"),
        (b"X-A", b"1"),
        (b"x-a", b"2"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"connection", b"close"),
    ]
    app.mount("/", Recorder("grüß".encode(), 201, headers))

    reply = TestClient(app).get("/").reply

    assert (reply["statusCode"], reply["body"], reply["isBase64Encoded"]) == (201, "grüß", False)
    assert reply["headers"] == {"content-type": "text/html; charset=utf-8", "x-a": "1,2"}
    assert reply["cookies"] == ["a=1", "b=2"]


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-type", b"image/png")],
        [(b"content-type", b"text/plain")],
        [(b"content-type", b"text/plain"), (b"content-encoding", b"gzip")],
        [],
    ],
)
def test_a_body_that_is_no_text_comes_back_as_the_same_bytes(headers: Any) -> None:
    app = App()
    app.mount("/", Recorder(b"\x00\xff", headers=headers))

    reply = TestClient(app).get("/").reply

    assert reply["isBase64Encoded"]
    assert base64.b64decode(reply["body"]) == b"\x00\xff"


def test_an_empty_reply_has_no_body() -> None:
    app = App()
    app.mount("/", Recorder(b"", 204, ()))

    reply = TestClient(app).get("/").reply

    assert (reply["statusCode"], reply["body"]) == (204, "")


def test_the_application_is_told_of_the_body_once_and_then_that_the_client_is_gone() -> None:
    heard: list[Any] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(await receive())
        await start(send)
        await finish(send)
        heard.append(await receive())
        await finish(send, b"too late")

    app = App()
    app.mount("/", application, lifespan="off")
    reply = TestClient(app).post("/", body="x").reply

    app.close()

    assert heard == [{"type": "http.request", "body": b"x", "more_body": False}, {"type": "http.disconnect"}]
    assert reply["body"] == ""


class Living:
    """An application with a lifespan, as frameworks have it."""

    def __init__(self, fails: str = "") -> None:
        self.events: list[str] = []
        self.fails = fails

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.events.append(f"request {scope['state']}")
            scope["state"]["mine"] = True
            await start(send)
            await finish(send)
            return
        for phase in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{phase}"
            self.events.append(phase)
            if self.fails == phase:
                await send({"type": f"lifespan.{phase}.failed", "message": "no database"})
                raise LookupError(phase)
            scope["state"]["pool"] = 7
            await send({"type": f"lifespan.{phase}.complete"})


def test_a_lifespan_is_entered_once_for_all_requests_and_left_with_the_app() -> None:
    app, living = App(), Living()
    app.mount("/a", living)
    app.mount("/b", living)
    client = TestClient(app)

    for path in ("/a", "/b/x", "/a/y"):
        assert client.get(path).reply["statusCode"] == 200
    app.close()

    # The state is a copy for each request, as servers have it.
    assert living.events == ["startup", *["request {'pool': 7}"] * 3, "shutdown"]


def test_a_failed_startup_is_the_first_events_error_and_the_next_event_tries_again() -> None:
    app, living = App(), Living(fails="startup")
    app.mount("/a", living)
    client = TestClient(app)

    completion = client.get("/a")
    assert isinstance(completion.error, RuntimeError)
    assert "no database" in str(completion.error)
    assert isinstance(completion.error.__cause__, LookupError)

    living.fails = ""
    assert client.get("/a").reply["statusCode"] == 200
    assert living.events[:2] == ["startup", "startup"]
    app.close()


def test_a_failed_shutdown_is_raised_where_the_app_is_closed() -> None:
    app = App()
    app.mount("/a", Living(fails="shutdown"))
    TestClient(app).get("/a")

    with pytest.raises(RuntimeError, match="shutdown of the mounted application has failed: no database"):
        app.close()


def test_the_apps_own_lifespan_is_around_that_of_a_mount() -> None:
    living = Living()

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        living.events.append("app starts")
        yield
        living.events.append("app ends")

    app = App(lifespan=lifespan)
    app.mount("/a", living)
    app.start()
    app.close()

    assert living.events == ["app starts", "startup", "shutdown", "app ends"]


def test_an_application_without_a_lifespan_is_mounted_all_the_same_but_where_it_must_have_one() -> None:
    client, _ = mounted()
    assert client.get("/legacy").reply["statusCode"] == 200

    client, _ = mounted(lifespan="on")
    completion = client.get("/legacy")
    assert isinstance(completion.error, ValueError)
    assert str(completion.error) == "HTTP only"


def test_a_lifespan_that_ends_on_its_own_is_none() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await start(send, 200, [(b"content-type", b"text/plain")])
            await finish(send, b"served")

    app = App()
    app.mount("/", application)

    assert TestClient(app).get("/").reply["body"] == "served"
    app.close()


def test_a_streamed_reply_is_streamed_where_the_front_end_can_and_whole_where_it_cannot() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 202, [(b"content-type", b"text/plain"), (b"set-cookie", b"a=1")])
        for piece in (b"", b"one", b"two"):
            await finish(send, piece, more=True)
        await finish(send, b"three")

    app = App()
    app.mount("/", application, lifespan="off")
    client = TestClient(app)

    reply = client.get("/").reply
    assert (reply["statusCode"], reply["body"], reply["cookies"]) == (202, "onetwothree", ["a=1"])

    streamed = client.stream_event(http.url("GET", "/"))
    assert streamed.head == {"statusCode": 202, "headers": {"content-type": "text/plain"}, "cookies": ["a=1"]}
    assert streamed.chunks == [b"one", b"two", b"three"]


def test_a_reply_in_one_piece_is_no_stream_though_its_end_comes_apart() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200, [(b"content-type", b"text/plain"), (b"content-length", b"3")])
        await finish(send, b"one", more=True)
        await finish(send)

    app = App()
    app.mount("/", application, lifespan="off")

    streamed = TestClient(app).stream_event(http.url("GET", "/"))
    assert streamed.head is None
    assert streamed.completion.reply["body"] == "one"


def test_a_client_that_hangs_up_ends_the_application() -> None:
    ended: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await start(send)
            while True:
                await finish(send, b"again", more=True)
        finally:
            ended.append("application")

    app = App()
    app.mount("/", application, lifespan="off")

    streamed = TestClient(app).stream_event(http.url("GET", "/"), take=2)
    assert streamed.chunks == [b"again"] * 2
    assert ended == ["application"]


@pytest.mark.parametrize("streams", [False, True])
def test_background_tasks_are_finished_before_the_reply_returns(*, streams: bool) -> None:
    ran: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        if streams:
            await finish(send, b"one", more=True)
        await finish(send, b"two")
        await asyncio.sleep(0)
        ran.append("background task")

    app = App()
    app.mount("/", application, lifespan="off")

    assert TestClient(app).get("/").reply["statusCode"] == 200
    assert ran == ["background task"]


@pytest.mark.parametrize("sends", [0, 1, 2])
def test_an_application_that_fails_is_a_500_that_is_logged_once(sends: int) -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if sends:
            await start(send)
        if sends > 1:
            await finish(send, b"half", more=True)
        msg = "secret"
        raise LookupError(msg)

    app = App()
    app.mount("/", application, lifespan="off")
    with capture_logs() as logs:
        reply = TestClient(app).get("/").reply

    assert reply["statusCode"] == 500
    assert "secret" not in reply["body"]
    assert len(logs) == 1


def test_an_application_that_answers_its_own_error_is_heard_and_the_error_is_logged() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 500)
        await finish(send, b"sorry")
        msg = "secret"
        raise LookupError(msg)

    app = App()
    app.mount("/", application, lifespan="off")
    with capture_logs() as logs:
        reply = TestClient(app).get("/").reply

    assert (reply["statusCode"], base64.b64decode(reply["body"])) == (500, b"sorry")
    (entry,) = logs
    assert "secret" in repr(entry)


@pytest.mark.parametrize("sends", [0, 1, 2])
def test_an_application_that_ends_without_a_whole_reply_is_a_500(sends: int) -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if sends:
            await start(send)
        if sends > 1:
            await finish(send, b"half", more=True)

    app = App()
    app.mount("/", application, lifespan="off")
    completion = TestClient(app).get("/x")

    assert completion.reply["statusCode"] == 500
    assert "without a whole reply to GET /x" in str(completion.outcomes[0].error)


def test_what_is_no_part_of_a_reply_is_an_error_of_the_applications() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    app = App()
    app.mount("/", application, lifespan="off")

    assert "'websocket.accept'" in str(TestClient(app).get("/").outcomes[0].error)


@pace.in_real_time
def test_an_application_that_is_not_done_at_the_deadline_is_stopped_and_504() -> None:
    ended: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("application")

    app = App()
    app.mount("/", application, lifespan="off")
    context = LambdaContext(timeout=pace.seconds(0.5))

    assert TestClient(app).invoke(http.v2("GET", "/"), context).reply["statusCode"] == 504
    assert ended == ["application"]


@pace.in_real_time
def test_a_background_task_that_is_not_done_at_the_deadline_costs_no_client_its_reply() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 200, [(b"content-type", b"text/plain")])
        await finish(send, b"done")
        await asyncio.sleep(3600)

    app = App()
    app.mount("/", application, lifespan="off")
    context = LambdaContext(timeout=pace.seconds(0.5))
    with capture_logs() as logs:
        reply = TestClient(app).invoke(http.v2("GET", "/"), context).reply

    assert (reply["statusCode"], reply["body"]) == (200, "done")
    assert "still at work after its reply" in repr(logs)


def test_a_guard_is_in_front_of_everything_that_is_mounted() -> None:
    def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
        return Allow("ada") if token == "let me in" else Deny()

    client, recorder = mounted(auth=staff)

    for path in ("/legacy", "/legacy/", "/legacy/x/y"):
        assert client.get(path).reply["statusCode"] == 401
        assert client.options(path, headers={"authorization": "no"}).reply["statusCode"] == 403
        assert not recorder.scopes
        assert client.get(path, headers={"authorization": "let me in"}).reply["statusCode"] == 200
        recorder.scopes.clear()


def test_a_mount_of_a_private_app_is_private_unless_it_is_public() -> None:
    def staff(token: Annotated[str, Header("authorization")]) -> Allow:
        return Allow(token)

    app = App(auth=staff)
    app.mount("/private", Recorder())
    app.mount("/open", Recorder(), public=True)
    client = TestClient(app)

    assert client.get("/private/x").reply["statusCode"] == 401
    assert client.get("/open/x").reply["statusCode"] == 200


def test_middleware_is_around_a_mount() -> None:
    app = App()
    app.mount("/", Recorder())
    seen: list[Any] = []

    @app.middleware
    def note(call: Any) -> Iterator[None]:
        yield
        seen.append(call.reply.status)

    TestClient(app).get("/x")
    assert seen == [200]


def test_a_mount_is_listed_under_its_applications_name_and_is_not_in_the_document() -> None:
    app = App()
    app.mount("/legacy", Recorder())

    assert {route.name for route in app.routes} == {f"{Recorder.__module__}.Recorder"}
    assert {route.trigger.describe() for route in app.routes} == {"* /legacy", "* /legacy/{mounted_path:path}"}
    assert app.openapi()["paths"] == {}


def wsgi_application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("201 Created", [("Content-Type", "application/json"), ("Set-Cookie", "a=1")])
    told = {name: environ[name] for name in ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")}
    return [json.dumps(told | {"body": body.decode()}).encode()]


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_wsgi_application_is_served_through_the_library(gateway: Any) -> None:
    app = App()
    app.mount("/old", wsgi_application, wsgi=True)

    reply = TestClient(app).post("/old/x", gateway=gateway, params={"a": "1"}, body="hello").reply

    assert reply["statusCode"] == 201
    assert json.loads(reply["body"]) == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": f"{STAGES[gateway]}/old",
        "PATH_INFO": "/x",
        "QUERY_STRING": "a=1",
        "body": "hello",
    }


def test_a_wsgi_application_that_fails_is_a_500() -> None:
    def application(environ: Any, start_response: Any) -> Any:
        msg = "secret"
        raise LookupError(msg)

    app = App()
    app.mount("/old", application, wsgi=True)
    completion = TestClient(app).get("/old")

    assert completion.reply["statusCode"] == 500
    assert isinstance(completion.outcomes[0].error, LookupError)


def test_without_the_library_a_wsgi_application_is_refused_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "a2wsgi", None)
    with pytest.raises(ConfigurationError, match=r"lambdarouter\[wsgi\]"):
        App().mount("/old", wsgi_application, wsgi=True)


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        (("/x", 7), {}, "cannot be mounted"),
        (("/x", wsgi_application), {}, "wsgi=True"),
        (("x", Recorder()), {}, "'x' of a mount"),
        (("/x/", Recorder()), {}, "'/x/' of a mount"),
        ((None, Recorder()), {}, "None of a mount"),
        (("/x", Recorder()), {"lifespan": True}, "lifespan is True"),
        (("/x", Recorder()), {"auth": "staff"}, "auth is 'staff'"),
    ],
)
def test_what_cannot_be_mounted_is_refused_at_import(arguments: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        App().mount(*arguments, **options)


def test_two_mounts_at_one_path_are_a_conflict() -> None:
    app = App()
    app.mount("/x", Recorder())
    with pytest.raises(ConfigurationError, match="answered already"):
        app.mount("/x", Recorder())
