"""What handlers send to WebSocket connections, as a test sees it."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import App, Connection, ConnectionInfo, HttpError
from lambdarouter.testing import AsyncTestClient, Sent, TestClient


class Said(BaseModel):
    to: str
    text: str


@pytest.fixture
def app() -> App:
    """Passes messages on, and says in a route response whether they arrived."""
    app = App()

    @app.websocket("say")
    def say(said: Said, connection: Connection) -> str:
        arrived = connection.to(said.to).send(said)
        connection.send("done")
        return "sent" if arrived else "gone"

    @app.websocket("say later")
    async def say_later(said: Said, connection: Connection) -> str:
        return "sent" if await connection.to(said.to).asend(said.text) else "gone"

    @app.websocket("throw")
    def throw(other: str, connection: Connection) -> bool:
        return connection.to(other).close()

    @app.websocket("$connect")
    def connect() -> None: ...

    @app.websocket("$disconnect")
    def disconnect(connection: Connection) -> bool:
        return connection.send("bye")

    @app.post("/announcements")
    def announce() -> None:
        Connection("bob", endpoint="https://example.com/prod").send({"news": 1})

    return app


def test_a_result_has_what_connections_were_sent_in_order(app: App) -> None:
    client = TestClient(app)
    result = client.websocket("say", {"to": "bob", "text": "hi"}, connection="ada")

    assert result.sent == [("bob", '{"to":"bob","text":"hi"}'), ("ada", "done")]
    assert result.sent[0].json() == {"to": "bob", "text": "hi"}
    assert result.reply == {"statusCode": 200, "body": "sent"}
    assert client.websocket("$connect").sent == []


@pytest.mark.anyio
async def test_async_clients_and_handlers_have_it_too(app: App) -> None:
    async with AsyncTestClient(app) as client:
        result = await client.websocket("say later", {"to": "bob", "text": "hi"})

    assert result.sent == [Sent("bob", "hi")]


def test_bytes_that_are_no_text_stay_bytes() -> None:
    app = App()

    @app.websocket("$default")
    def answer(connection: Connection) -> None:
        connection.send(b"\xff")

    assert TestClient(app).websocket("$default", connection="ada").sent == [("ada", b"\xff")]


def test_a_request_and_several_handlers_at_once_may_send_as_well(app: App) -> None:
    @app.sns("news")
    def tell(text: str) -> None:
        Connection("ada").send(text)

    @app.sns("news")
    async def tell_too(text: str) -> None:
        await Connection("bob").asend(text)

    client = TestClient(app)
    assert client.post("/announcements").sent == [("bob", '{"news":1}')]
    assert sorted(client.sns("news", "hi").sent) == [("ada", "hi"), ("bob", "hi")]


def test_who_has_left_or_was_closed_is_gone_until_they_connect(app: App) -> None:
    client = TestClient(app)

    def say() -> Any:
        result = client.websocket("say", {"to": "bob", "text": "hi"})
        return result.reply["body"], len(result.sent)

    assert say() == ("sent", 2)
    assert client.websocket("$disconnect", connection="bob").reply["body"] == "false"
    assert say() == ("gone", 1)
    client.websocket("$connect", connection="bob").unwrap()
    assert say() == ("sent", 2)
    assert client.websocket("throw", "bob").closed == ["bob"]
    assert say() == ("gone", 1)
    assert client.websocket("throw", "bob").closed == []
    assert TestClient(app).websocket("say", {"to": "bob", "text": "hi"}).reply["body"] == "sent"


def guarded() -> tuple[App, list[str]]:
    app, welcome = App(), list[str]()

    @app.websocket("$connect")
    def connect() -> None:
        if not welcome:
            raise HttpError(403)

    @app.post("/hello")
    def hello() -> bool:
        return Connection("bob").send("hello")

    return app, welcome


def test_who_is_refused_is_not_connected() -> None:
    app, welcome = guarded()
    client = TestClient(app)
    client.websocket("$connect", connection="bob")
    assert client.post("/hello").json() is False
    welcome.append("bob")
    client.websocket("$connect", connection="bob")
    assert client.post("/hello").json() is True


@pytest.mark.anyio
async def test_an_async_client_knows_who_was_refused() -> None:
    app, _ = guarded()
    client = AsyncTestClient(app)
    await client.websocket("$connect", connection="bob")
    assert (await client.post("/hello")).json() is False


def test_a_connection_can_be_asked_about() -> None:
    app = App()
    told: list[ConnectionInfo | None] = []

    @app.websocket("$default")
    def ask(connection: Connection) -> None:
        told.extend((connection.info(), connection.to("gone").info()))

    client = TestClient(app)
    client.websocket("$disconnect", connection="gone")
    client.websocket("$default").unwrap()
    assert told[0] is not None
    assert (told[0].source_ip, told[0].connected_at.year) == ("203.0.113.7", 2026)
    assert told[1] is None


def test_boto3_is_not_needed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert TestClient(app).websocket("say", {"to": "bob", "text": "hi"}).sent


def test_any_event_is_taken_that_names_a_connection(app: App) -> None:
    event = {"requestContext": {"connectionId": ["x"], "routeKey": "say", "eventType": "CONNECT"}}
    assert TestClient(app).invoke(event).sent == []
