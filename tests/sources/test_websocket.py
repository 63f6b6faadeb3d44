"""The websocket room: connecting, messages, guards, and the management API through a real boto3 client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated, Any
from urllib.parse import unquote

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel

from lambdarouter import (
    Allow,
    App,
    ConfigurationError,
    Connection,
    Context,
    Cookie,
    Deny,
    Header,
    HttpError,
    Identity,
    NoRouteError,
    Query,
    Request,
    WebSocketRequest,
)
from lambdarouter.core import aws
from lambdarouter.sources.websocket import WebSocketTrigger
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import authorizer, http, websocket
from tests.aws_endpoint import answering, closing_clients


class Said(BaseModel):
    text: str


def body_of(reply: Any) -> Any:
    return json.loads(reply["body"])


# --- Routes ----------------------------------------------------------------------------------------------------------


def test_each_route_key_has_its_handler_and_default_has_the_rest() -> None:
    app, seen = App(), []

    def note(key: str) -> None:
        @app.websocket(key)
        def handler(request: WebSocketRequest) -> None:
            seen.append((key, request.route_key))

    for key in ("$connect", "$disconnect", "$default", "say"):
        note(key)
    for key in ("$connect", "say", "other", "$default", "$disconnect"):
        assert app(websocket(key, "x")) == {"statusCode": 200}
    assert seen == [
        ("$connect", "$connect"),
        ("say", "say"),
        ("$default", "other"),
        ("$default", "$default"),
        ("$disconnect", "$disconnect"),
    ]


@pytest.mark.parametrize(("key", "status"), [("$connect", 404), ("say", 404), ("$default", 404), ("$disconnect", 200)])
def test_what_nobody_takes_is_404_but_for_a_client_that_is_gone(key: str, status: int) -> None:
    app = App()
    app.websocket("other")(lambda: None)
    assert app(websocket(key))["statusCode"] == status


def test_default_takes_no_client_that_connects() -> None:
    app = App()
    app.websocket("$default")(lambda: None)
    assert app(websocket("$connect"))["statusCode"] == 404


def test_a_route_key_has_one_handler() -> None:
    def earlier() -> None: ...

    app = App()
    app.websocket("say")(earlier)
    with pytest.raises(ConfigurationError, match=r"'say' has a handler already: .*earlier"):
        app.websocket("say")(lambda: None)
    assert len(app.routes) == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"route_key": ""}, "route_key is ''"),
        ({"route_key": None}, "route_key is None"),
        ({"route_key": "x", "auth": "staff"}, "it is the function"),
        ({"route_key": "x", "auth": lambda: None, "public": True}, "the one or the other"),
        ({"route_key": "x", "public": "no"}, "it is True or False"),
        ({"route_key": "x", "subprotocols": ["a"]}, "alone"),
        ({"route_key": "$connect", "subprotocols": "a"}, "it is a list"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        WebSocketTrigger(**options)


# --- Parameters ------------------------------------------------------------------------------------------------------


def test_a_client_that_connects_tells_headers_cookies_and_a_query() -> None:
    app = App()

    @app.websocket("$connect")
    def connect(
        room: str,
        tags: list[str],
        token: Annotated[str, Header("authorization")],
        session: Annotated[str, Cookie()],
        page: Annotated[int, Query()] = 1,
    ) -> list[Any]:
        return [room, tags, token, session, page]

    event = websocket(
        "$connect",
        headers={"Authorization": "t", "Cookie": "session=s"},
        query={"room": "tea", "tags": ["a", "b"]},
    )
    assert body_of(app(event)) == ["tea", ["a", "b"], "t", "s", 1]
    refused = app(websocket("$connect"))
    assert refused["statusCode"] == 422
    assert body_of(refused)["errors"][0]["loc"] == ["query", "room"]


@pytest.mark.parametrize(
    ("annotation", "message", "expected"),
    [
        (str, "hello", "hello"),
        (str, b"hello", "hello"),
        (bytes, b"\x00\xff", b"\x00\xff"),
        (bytes, "hello", b"hello"),
        (dict, {"a": 1}, {"a": 1}),
        (Said, {"text": "hi"}, Said(text="hi")),
        (Said, b'{"text": "hi"}', Said(text="hi")),
        (list[int], [1, 2], [1, 2]),
        (int | str, "5", 5),
    ],
    ids=repr,
)
def test_a_message_is_what_the_handler_says(annotation: Any, message: Any, expected: Any) -> None:
    app, got = App(), []

    def say(message: Any, connection: Connection, context: Context) -> None:
        got.append(message)

    say.__annotations__["message"] = annotation
    app.websocket("say")(say)
    assert app(websocket("say", message)) == {"statusCode": 200}
    assert got == [expected]


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (websocket("say", "{"), 400),
        (websocket("say", {"text": 5}), 422),
        (websocket("say", b"x") | {"body": "not base64!"}, 400),
        (websocket("say", b"\xff"), 400),
        (websocket("say") | {"body": None}, 400),
    ],
)
def test_a_message_that_does_not_fit_is_refused_and_not_logged(
    event: Any, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    app = App()

    @app.websocket("say")
    def say(message: Said) -> None: ...

    reply = app(event)
    assert reply["statusCode"] == status
    assert body_of(reply)["status"] == status
    assert capfd.readouterr().err == ""


def test_a_binary_message_is_decoded_once_and_a_failure_names_its_route(capfd: pytest.CaptureFixture[str]) -> None:
    app = App()

    @app.websocket("say")
    def say(request: WebSocketRequest) -> bool:
        return request.content is request.content

    assert app(websocket("say", b"\xff"))["body"] == "true"
    completion = app.complete(websocket("other"))
    assert "'other'" in str(completion.outcomes[0].error)


def test_text_that_is_not_utf_8_is_400() -> None:
    app = App()

    @app.websocket("say")
    def say(message: str) -> None: ...

    assert app(websocket("say", b"\xff"))["statusCode"] == 400


@pytest.mark.parametrize("key", ["$connect", "$disconnect"])
def test_there_is_no_message_where_a_client_comes_and_goes(key: str) -> None:
    def handler(message: dict[str, Any]) -> None: ...

    with pytest.raises(ConfigurationError, match="nobody can fill the parameter 'message"):
        App().websocket(key)(handler)


def test_the_request_tells_what_happened() -> None:
    app = App()
    seen: list[WebSocketRequest] = []

    @app.websocket("$disconnect")
    def gone_(request: WebSocketRequest) -> None:
        seen.append(request)

    @app.websocket("$default")
    def said_(request: WebSocketRequest) -> None:
        seen.append(request)

    app(websocket("$disconnect", connection="a"))
    app(websocket("x", "hi", connection="a", authorizer={"principalId": "ada"}))
    gone, said = seen
    assert (gone.event_type, gone.disconnect_code, gone.disconnect_reason) == ("DISCONNECT", 1005, "")
    assert (said.event_type, said.route_key, said.text, said.client_ip) == ("MESSAGE", "x", "hi", "203.0.113.7")
    assert gone.connection == said.connection
    assert said.identity.principal == "ada"
    assert gone.headers.get("sec-websocket-version") == "13"
    assert said.headers.get("sec-websocket-version") is None


@given(
    event=st.fixed_dictionaries(
        {}, optional={"body": st.text() | st.none() | st.integers(), "isBase64Encoded": st.booleans()}
    )
)
def test_no_body_breaks_the_room(event: Any) -> None:
    app = App()

    @app.websocket("say")
    def say(message: Said) -> None: ...

    assert app(websocket("say", "x") | event)["statusCode"] in (200, 400, 422)


# --- Replies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "body"), [("hi", "hi"), ({"a": 1}, '{"a":1}'), (Said(text="x"), '{"text":"x"}')])
def test_what_a_handler_returns_is_the_body_for_a_route_response(value: Any, body: str) -> None:
    app = App()
    app.websocket("say")(lambda: value)
    assert app(websocket("say")) == {"statusCode": 200, "body": body}


def test_bytes_are_no_reply_and_a_failure_is_500_and_logged(capfd: pytest.CaptureFixture[str]) -> None:
    app = App()
    app.websocket("say")(lambda: b"x")
    reply = app(websocket("say"))
    assert (reply["statusCode"], body_of(reply)) == (500, {"status": 500})
    assert "connection.send" in capfd.readouterr().err


@pytest.mark.parametrize("status", [401, 403, 404, 503])
def test_a_client_is_refused_with_the_status_that_is_raised(status: int) -> None:
    app = App()

    @app.websocket("$connect")
    def connect() -> None:
        raise HttpError(status, "not today")

    reply = app(websocket("$connect"))
    assert (reply["statusCode"], body_of(reply)["detail"]) == (status, "not today")


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [("json", "json"), ("xml, chat, json", "chat"), (["xml", "json"], "json"), ("xml", None), (None, None)],
)
def test_the_first_subprotocol_that_both_speak_is_agreed_upon(offered: Any, agreed: str | None) -> None:
    app = App()

    @app.websocket("$connect", subprotocols=["chat", "json"])
    def connect(request: WebSocketRequest) -> None:
        assert request.subprotocol == agreed

    reply = app(websocket("$connect", headers={"Sec-WebSocket-Protocol": offered} if offered else None))
    expected = {"statusCode": 200} | ({"headers": {"Sec-WebSocket-Protocol": agreed}} if agreed else {})
    assert reply == expected


# --- Guards ----------------------------------------------------------------------------------------------------------


ASKED: list[str] = []


def staff(request: Request) -> Allow | Deny:
    ASKED.append("staff")
    return Allow("ada", role="staff") if request.headers.get("authorization") == "yes" else Deny()


def admin(request: Request) -> Allow | Deny:
    ASKED.append("admin")
    return Allow("root")


def guarded() -> tuple[App, list[str]]:
    app = App()
    ASKED.clear()
    app.authorizer()(staff)
    app.authorizer()(admin)

    @app.websocket("$connect", auth=staff)
    def connect(who: Allow) -> str:
        return who.principal

    @app.websocket("say", auth=staff)
    def say(message: str, who: Allow, identity: Identity) -> str:
        return f"{who.principal} {who.context['role']} {identity.kind}"

    app.websocket("$disconnect", auth=staff)(lambda: None)
    app.get("/x", auth=admin)(lambda: None)
    return app, ASKED


def test_of_several_authorizers_connect_tells_which_one_is_asked() -> None:
    app, calls = guarded()
    verdict = app(authorizer.websocket(headers={"Authorization": "yes"}))
    assert verdict["principalId"] == "ada"
    assert verdict["policyDocument"]["Statement"][0]["Resource"] == [
        "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/$connect"
    ]
    assert calls == ["staff"]


def test_without_a_guard_of_connect_several_authorizers_refuse() -> None:
    app, _ = guarded()
    other = App()
    for route in app.routes:
        if route.trigger.describe() != "$connect" and not route.trigger.describe().startswith("/"):
            other.on(route.trigger)(route.handler.fn)
    with pytest.raises(NoRouteError, match="which of its authorizers"):
        other(authorizer.websocket())


def test_a_verdict_of_the_gateway_goes_with_every_message_and_is_not_asked_for_again() -> None:
    app, calls = guarded()
    context = app(authorizer.websocket(headers={"Authorization": "yes"}))["context"]
    calls.clear()
    assert app(websocket("$connect", authorizer=context))["body"] == "ada"
    assert app(websocket("say", "hi", authorizer=context))["body"] == "ada staff lambda"
    assert calls == []


def test_where_the_gateway_did_not_ask_connect_does_and_messages_are_refused() -> None:
    app, calls = guarded()
    assert app(websocket("$connect", headers={"Authorization": "yes"}))["statusCode"] == 200
    assert app(websocket("$connect", headers={"Authorization": "no"}))["statusCode"] == 403
    for key in ("say", "$disconnect"):
        reply = app(websocket(key, "hi", headers={"Authorization": "yes"}))
        assert reply["statusCode"] == 403
        assert "messages carry no credentials" in body_of(reply)["detail"]
    assert calls == ["staff"] * 2


def test_a_guard_in_the_place_of_another_is_asked_about_messages_too() -> None:
    app, calls = guarded()
    client = TestClient(app)
    with client.override(staff, lambda: Allow("eve", role="tester")):
        assert client.websocket("say", "hi").unwrap()["body"] == "eve tester None"
    assert client.websocket("say", "hi").unwrap()["statusCode"] == 403
    assert calls == []


def test_the_stamp_of_another_guard_opens_nothing() -> None:
    app, _ = guarded()
    stamp = app(authorizer.token("GET", "/x", "t"))["context"]
    assert stamp["lambdarouter_guard"].endswith("admin")
    assert app(websocket("say", "hi", authorizer=stamp))["statusCode"] == 403


def test_a_message_has_no_guard_whose_name_others_may_have() -> None:
    def guard(request: Request) -> Allow:
        return Allow("anybody")

    app = App()
    app.websocket("$connect", auth=guard)(lambda: None)
    for unclear in (guard, partial(staff), WebSocketGuard().check):
        with pytest.raises(ConfigurationError, match="could have this one"):
            app.websocket("say", auth=unclear)(lambda: None)


class WebSocketGuard:
    def check(self, request: Request) -> Allow:
        return Allow("anybody")


def test_an_app_with_a_guard_guards_its_routes_unless_they_are_public() -> None:
    def nobody(request: Request) -> Deny:
        return Deny()

    app = App(auth=nobody)
    app.authorizer()(nobody)
    app.websocket("$connect")(lambda: None)
    app.websocket("ping", public=True)(lambda: None)
    assert app(websocket("$connect"))["statusCode"] == 403
    assert app(websocket("ping"))["statusCode"] == 200


def test_a_websocket_route_answers_no_http_request_and_the_other_way_round() -> None:
    app = App()
    app.websocket("$default")(lambda: "ws")
    app.get("/{rest:path}")(lambda: "http")
    assert app(http.rest("GET", "/$default"))["body"] == "http"
    assert app(websocket("/x", "GET"))["body"] == "ws"


# --- The management API ----------------------------------------------------------------------------------------------


class Api(ThreadingHTTPServer):
    """API Gateway's management API: keeps what it is told; connections named "gone…" are gone."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.calls: list[tuple[str, str, bytes]] = []


class _Call(BaseHTTPRequestHandler):
    server: Api

    def answer(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.calls.append((self.command, unquote(self.path), data))
        if "gone" in self.path:
            return self.reply(410, {"message": "gone"}, "GoneException")
        if "forbidden" in self.path:
            return self.reply(403, {"message": "no"}, "ForbiddenException")
        identity = {"sourceIp": "203.0.113.7", "userAgent": "curl"}
        info = {"connectedAt": "2026-01-01T09:00:00Z", "lastActiveAt": "2026-01-01T10:00:00Z", "identity": identity}
        return self.reply(204 if self.command == "DELETE" else 200, info if self.command == "GET" else None)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - what the library calls

    def reply(self, status: int, document: Any, error: str = "") -> None:
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        if error:
            self.send_header("X-Amzn-ErrorType", error)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with Api() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", f"http://127.0.0.1:{server.server_port}/prod")
        monkeypatch.setattr(aws, "_clients", {})
        with answering(server), closing_clients():
            yield server


def test_a_handler_answers_on_its_connection_and_on_others(api: Api) -> None:
    app = App()

    @app.websocket("say")
    def say(said: Said, connection: Connection) -> None:
        assert connection.send({"echo": said.text})
        assert connection.send("text")
        assert connection.send(b"\x00")
        assert connection.to("other").send("hi")
        assert not connection.to("gone-1").send("hi")

    event = websocket("say", {"text": "hi"})
    assert app(event) == {"statusCode": 200}
    own = f"/prod/@connections/{event['requestContext']['connectionId']}"
    assert api.calls == [
        ("POST", own, b'{"echo":"hi"}'),
        ("POST", own, b"text"),
        ("POST", own, b"\x00"),
        ("POST", "/prod/@connections/other", b"hi"),
        ("POST", "/prod/@connections/gone-1", b"hi"),
    ]


@pytest.mark.parametrize("is_async", [False, True])
def test_nothing_can_be_sent_to_a_client_that_connects(api: Api, *, is_async: bool) -> None:
    app, others = App(), []

    @app.websocket("$connect")
    async def connect(connection: Connection) -> None:
        others.append(connection.to("gone-2").send("hi"))
        await connection.asend("hi") if is_async else connection.send("hi")

    @app.websocket("$disconnect")
    def disconnect(connection: Connection) -> None:
        others.append(connection.send("bye"))

    completion = app.complete(websocket("$connect", connection="gone-1"))
    assert completion.reply["statusCode"] == 500
    with pytest.raises(RuntimeError, match="not connected yet"):
        raise completion.failed[0].error or AssertionError
    app.complete(websocket("$disconnect", connection="gone-1"))
    assert others == [False, False]


def test_a_connection_can_be_closed_and_asked_about(api: Api) -> None:
    connection = Connection("a b=")
    assert connection.close()
    info = connection.info()
    assert info is not None
    assert (info.source_ip, info.user_agent, info.connected_at.year) == ("203.0.113.7", "curl", 2026)
    assert info.last_active_at is not None
    assert not Connection("gone").close()
    assert Connection("gone").info() is None
    assert [(method, path) for method, path, _ in api.calls[:2]] == [
        ("DELETE", "/prod/@connections/a b="),
        ("GET", "/prod/@connections/a b="),
    ]


def test_async_handlers_wait_for_the_same_in_a_thread(api: Api) -> None:
    async def talk() -> list[Any]:
        connection = Connection("a")
        info = await connection.ainfo()
        return [await connection.asend("x"), await connection.aclose(), info is not None]

    assert asyncio.run(talk()) == [True, True, True]


def test_what_the_api_refuses_otherwise_is_raised(api: Api) -> None:
    with pytest.raises(Exception, match="Forbidden"):
        Connection("forbidden").send("x")


def test_a_message_that_is_too_long_is_refused_before_it_is_sent(api: Api) -> None:
    assert Connection("a").send("x" * 131_072)
    with pytest.raises(ValueError, match="131073 bytes"):
        Connection("a").send("x" * 131_073)
    assert len(api.calls) == 1


@pytest.mark.parametrize(
    ("change", "region", "endpoint"),
    [
        ({}, None, "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"),
        ({"domainName": "ws.example.com"}, "eu-west-1", "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"),
        ({"domainName": "ws.example.com"}, None, "https://ws.example.com/prod"),
        ({"domainName": None, "apiId": None}, None, None),
    ],
)
def test_the_api_is_managed_on_its_own_domain(
    change: Any, region: str | None, endpoint: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    if region:
        monkeypatch.setenv("AWS_REGION", region)
    event = websocket("say")
    event["requestContext"] |= change
    assert WebSocketRequest(event).connection.endpoint == endpoint


def test_clients_are_made_for_each_endpoint_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "_clients", {})
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"):
        monkeypatch.delenv(name, raising=False)
    one = aws.client("apigatewaymanagementapi", "https://one.example.com/prod")
    assert one is aws.client("apigatewaymanagementapi", "https://one.example.com/prod")
    assert one.meta.endpoint_url == "https://one.example.com/prod"
    assert one is not aws.client("apigatewaymanagementapi", "https://two.example.com/prod")


def test_connections_are_compared_by_id_and_api() -> None:
    assert Connection("a") == Connection("a")
    assert len({Connection("a"), Connection("a"), Connection("b")}) == 2
    assert Connection("a") != Connection("a", endpoint="https://x")
    assert repr(Connection("a")) == "Connection('a')"
