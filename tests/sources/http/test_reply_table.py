"""The table: request × gateway × expected reply, for everything that a route can answer.

Each row is a route, a request for it, and what the client gets: status, body, and those headers that are named; None
is a header that is not there. Every row holds through every gateway.
"""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    Cors,
    Forbidden,
    HttpError,
    JsonResponse,
    RedirectResponse,
    Response,
    ServerSentEvent,
    StreamingResponse,
)
from tests.sources.http.conftest import Gateway

JSON, TEXT, PROBLEM = "application/json", "text/plain; charset=utf-8", "application/problem+json"
SHOP = "https://shop.example.com"


class Order(BaseModel):
    id: int


@dataclass
class Line:
    sku: str


class OutOfStock(Exception):  # noqa: N818
    pass


def pieces() -> Iterator[str]:
    yield "a"
    yield "ä"


def lines() -> Iterator[Order]:
    yield Order(id=1)
    yield Order(id=2)


def events() -> Iterator[ServerSentEvent]:
    yield ServerSentEvent("a", id="1")


def broken() -> Iterator[str]:
    yield "a"
    raise ZeroDivisionError


def raising(error: Exception) -> Any:
    def handler() -> None:
        raise error

    return handler


@dataclass
class Row:
    """A route (its handler and options), a request, and the reply."""

    handler: Any
    status: int
    body: Any
    headers: dict[str, Any]
    options: dict[str, Any]
    app: dict[str, Any]
    method: str
    sent: dict[str, str]


def row(handler: Any, status: int, body: Any, **more: Any) -> Row:
    given = {"headers": {}, "options": {}, "app": {}, "method": "GET", "sent": {}} | more
    return Row(handler, status, body, **given)


ETAG = '"v1"'
ROWS: dict[str, Row] = {
    # Values.
    "a model": row(lambda: Order(id=1), 200, b'{"id":1}', headers={"content-type": JSON}),
    "a dataclass": row(lambda: Line("a"), 200, b'{"sku":"a"}', headers={"content-type": JSON}),
    "a dict": row(lambda: {"a": "ä"}, 200, '{"a":"ä"}'.encode(), headers={"content-type": JSON}),
    "a list of models": row(lambda: [Order(id=1)], 200, b'[{"id":1}]', headers={"content-type": JSON}),
    "text": row(lambda: "ä", 200, "ä".encode(), headers={"content-type": TEXT}),
    "bytes": row(lambda: b"\xff", 200, b"\xff", headers={"content-type": "application/octet-stream"}),
    "nothing": row(lambda: None, 204, b"", headers={"content-type": None}),
    "a body and a status": row(lambda: ({"a": 1}, 201), 201, b'{"a":1}', headers={"content-type": JSON}),
    "a status of the route": row(lambda: {"a": 1}, 202, b'{"a":1}', options={"status": 202}),
    # Responses.
    "a response": row(lambda: Response("x", 299, {"x-tag": "t"}), 299, b"x", headers={"x-tag": "t"}),
    "a page": row(lambda: Response("x", content_type="text/html"), 200, b"x", headers={"content-type": "text/html"}),
    "data with a status": row(lambda: JsonResponse({"a": 1}, 201), 201, b'{"a":1}', headers={"content-type": JSON}),
    "a redirect": row(lambda: RedirectResponse("/x", 303), 303, b"", headers={"location": "/x"}),
    "a cookie": row(
        lambda: Response("x").set_cookie("a", "1", same_site="strict", partitioned=True),
        200,
        b"x",
        headers={"set-cookie": "a=1; Path=/; Secure; HttpOnly; SameSite=Strict; Partitioned"},
    ),
    "a body where none may be": row(lambda: Response("x", 304), 304, b""),
    # Streams, which these gateways get in one.
    "pieces of text": row(pieces, 200, "aä".encode(), headers={"content-type": TEXT}),
    "pieces of data": row(lines, 200, b'{"id":1}\n{"id":2}\n', headers={"content-type": "application/jsonl"}),
    "events": row(events, 200, b"id: 1\ndata: a\n\n", headers={"content-type": "text/event-stream"}),
    "a response of pieces": row(lambda: StreamingResponse([b"a", b"b"], 203), 203, b"ab"),
    "pieces that fail": row(broken, 500, None, headers={"content-type": PROBLEM}),
    # HEAD.
    "the head of data": row(
        lambda: {"a": 1}, 200, b"", method="HEAD", headers={"content-type": JSON, "content-length": "7"}
    ),
    "the head of pieces": row(pieces, 200, b"", method="HEAD", headers={"content-type": TEXT}),
    "the head of an error": row(raising(Forbidden()), 403, b"", method="HEAD", headers={"content-type": PROBLEM}),
    # Conditions.
    "a tag that the client has": row(
        lambda: Response("x", headers={"etag": ETAG}),
        304,
        b"",
        options={"etag": True},
        sent={"if-none-match": ETAG},
        headers={"etag": ETAG},
    ),
    "a tag that it should have": row(
        lambda: Response("x", headers={"etag": ETAG}), 412, b"", options={"etag": True}, sent={"if-match": '"v0"'}
    ),
    # Errors.
    "an error that is meant": row(
        raising(HttpError(409, headers={"retry-after": "1"})),
        409,
        b'{"title":"Conflict","status":409}',
        headers={"content-type": PROBLEM, "retry-after": "1"},
    ),
    "an error that is not": row(raising(ZeroDivisionError("secret")), 500, None, headers={"content-type": PROBLEM}),
    "an error with a handler": row(raising(OutOfStock()), 409, b"no tea", headers={"content-type": TEXT}),
    # For all replies.
    "compressed": row(
        lambda: "x" * 5000,
        200,
        None,
        app={"compress": True},
        sent={"accept-encoding": "gzip"},
        headers={"content-encoding": "gzip", "vary": "accept-encoding"},
    ),
    "to an allowed origin": row(
        lambda: "x",
        200,
        b"x",
        app={"cors": Cors(SHOP)},
        sent={"origin": SHOP},
        headers={"access-control-allow-origin": SHOP, "vary": "origin"},
    ),
    "to another origin": row(
        lambda: "x",
        200,
        b"x",
        app={"cors": Cors(SHOP)},
        sent={"origin": "https://evil.example.org"},
        headers={"access-control-allow-origin": None, "vary": "origin"},
    ),
    "a preflight": row(
        raising(AssertionError()),
        204,
        b"",
        app={"cors": Cors(SHOP), "auth": raising(AssertionError())},
        method="OPTIONS",
        sent={"origin": SHOP, "access-control-request-method": "GET"},
        headers={"access-control-allow-origin": SHOP, "access-control-allow-methods": "GET, HEAD"},
    ),
    "with security headers": row(
        lambda: "x", 200, b"x", app={"security_headers": True}, headers={"x-content-type-options": "nosniff"}
    ),
    "of a private app": row(lambda: "x", 401, None, app={"auth": raising(HttpError(401))}),
    "of a private app's public route": row(
        lambda: "x", 200, b"x", app={"auth": raising(HttpError(401))}, options={"public": True}
    ),
}


@pytest.mark.parametrize("name", list(ROWS))
def test_every_gateway_gets_the_reply_of_the_table(gateway: Gateway, name: str) -> None:
    wanted = ROWS[name]
    app = App(**wanted.app)
    app.get("/x", **wanted.options)(wanted.handler)
    app.exception_handler(OutOfStock)(lambda: Response("no tea", 409))
    answer = gateway(app, wanted.method, "/x", headers=wanted.sent)
    assert answer.status == wanted.status
    assert {name: answer.header(name) for name in wanted.headers} == wanted.headers
    if wanted.body is not None:
        assert answer.body == wanted.body
    assert b"secret" not in answer.body
