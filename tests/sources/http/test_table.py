"""One table: what a client asks, and what it gets, through every gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field

from lambdarouter import (
    Allow,
    App,
    Body,
    Cookie,
    Deny,
    Depends,
    Form,
    Header,
    HttpError,
    Limits,
    Query,
    Request,
    Router,
    UploadFile,
)

if TYPE_CHECKING:
    from tests.sources.http.conftest import Gateway


class Order(BaseModel):
    id: int
    sku: str = Field(max_length=5)


class Paging(BaseModel):
    page: int = 1
    size: int = Field(10, le=100)


def make() -> App:  # noqa: C901 - one app for the whole table
    app = App(limits=Limits(body=1000, parts=3, field=20))

    @app.authorizer()
    def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
        return Allow("ada") if token == "yes" else Deny()

    @app.get("/orders/latest")
    def latest() -> str:
        return "latest"

    @app.get("/orders/{order_id:int}")
    def by_id(order_id: int, *, verbose: bool = False) -> list[object]:
        return [order_id, verbose]

    @app.get("/orders/{name}")
    def by_name(name: str) -> str:
        return f"called {name}"

    @app.get("/orders/{rest:path}")
    def rest(rest: str) -> str:
        return f"rest {rest}"

    @app.post("/orders", status=201)
    def create(order: Order, trace: Annotated[str, Header("x-trace")] = "none") -> list[object]:
        return [order.id, order.sku, trace]

    @app.get("/search")
    def search(q: str, paging: Annotated[Paging, Query()]) -> list[object]:
        return [q, paging.page, paging.size]

    @app.get("/session")
    def session(session: Annotated[str, Cookie()]) -> str:
        return session

    @app.put("/notes")
    def note(text: Annotated[str | None, Body()] = None) -> str:
        return text or "empty"

    @app.post("/form")
    def form(name: Annotated[str, Form()], photo: UploadFile | None = None) -> list[object]:
        return [name, photo.size if photo else None]

    @app.delete("/orders/{order_id}", auth=staff)
    def remove(order_id: int, who: Allow) -> None: ...

    def known(tenant: str) -> None:
        if tenant != "acme":
            raise HttpError(404, "no such tenant")

    router = Router(prefix="/{tenant}", dependencies=[Depends(known)])

    @router.get("/where")
    def where(tenant: str, request: Request) -> str:
        return f"{tenant} {request.path}"

    app.include(router, prefix="/v1")
    return app


APP = make()
FORM = {"content-type": "application/x-www-form-urlencoded"}
PARTS = {"content-type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
UPLOAD = PART % (b"name", b"", b"tea") + PART % (b"photo", b'; filename="p"', b"\x00\xff") + b"--x--\r\n"
ALLOW = "GET, HEAD, OPTIONS"

# (method, target, options, status, expected): text, a value of JSON, the places of a 422, or the Allow of a 405.
TABLE: list[tuple[str, str, dict[str, Any], int, Any]] = [
    ("GET", "/orders/latest", {}, 200, b"latest"),
    ("GET", "/orders/latest/", {}, 200, b"latest"),
    ("GET", "/orders/17", {}, 200, [17, False]),
    ("GET", "/orders/-17?verbose=1", {}, 200, [-17, True]),
    ("GET", "/orders/17?verbose=maybe", {}, 422, [["query", "verbose"]]),
    ("GET", "/orders/tea", {}, 200, b"called tea"),
    ("GET", "/orders/a%20%C3%BC", {}, 200, "called a ü".encode()),
    ("GET", "/orders/a+b", {}, 200, b"called a+b"),
    ("GET", "/orders/17/lines/2", {}, 200, b"rest 17/lines/2"),
    ("GET", "/orders/", {}, 200, b"rest "),
    ("GET", "/orders", {}, 405, "OPTIONS, POST"),
    ("HEAD", "/orders/17", {}, 200, b""),
    ("OPTIONS", "/orders/latest", {}, 204, b""),
    ("PUT", "/orders/latest", {}, 405, f"DELETE, {ALLOW}"),
    ("PATCH", "/search", {}, 405, ALLOW),
    ("GET", "/nowhere", {}, 404, None),
    ("POST", "/orders", {"json": {"id": 1, "sku": "tea"}}, 201, [1, "tea", "none"]),
    ("POST", "/orders", {"json": {"id": "1", "sku": "tea"}, "headers": {"X-Trace": "t"}}, 201, [1, "tea", "t"]),
    ("POST", "/orders", {"body": b'{"id": 1, "sku": "tea"}'}, 201, [1, "tea", "none"]),
    ("POST", "/orders", {"json": {"id": "x", "sku": "too long"}}, 422, [["body", "id"], ["body", "sku"]]),
    ("POST", "/orders", {}, 422, [["body"]]),
    ("POST", "/orders", {"body": "{"}, 400, [["body"]]),
    ("POST", "/orders", {"body": "<a/>", "headers": {"content-type": "text/xml"}}, 415, None),
    ("POST", "/orders", {"json": {"id": 1, "sku": "x" * 1000}}, 413, None),
    ("GET", "/search?q=a%26b+c&page=2", {}, 200, ["a&b c", 2, 10]),
    ("GET", "/search?page=x&size=1000", {}, 422, [["query", "q"], ["query", "page"], ["query", "size"]]),
    ("GET", "/session", {"cookies": {"session": "s1"}}, 200, b"s1"),
    ("GET", "/session", {}, 422, [["cookie", "session"]]),
    ("PUT", "/notes", {"body": '{"not": "read as JSON"}'}, 200, b'{"not": "read as JSON"}'),
    ("PUT", "/notes", {}, 200, b"empty"),
    ("POST", "/form", {"body": "name=J%C3%BC", "headers": FORM}, 200, ["Jü", None]),
    ("POST", "/form", {"body": UPLOAD, "headers": PARTS}, 200, ["tea", 2]),
    ("POST", "/form", {"body": "other=1", "headers": FORM}, 422, [["form", "name"]]),
    ("POST", "/form", {"body": "name=" + "x" * 21, "headers": FORM}, 413, None),
    ("POST", "/form", {"body": "name=1&a=2&b=3&c=4", "headers": FORM}, 413, None),
    ("POST", "/form", {"body": b"no form", "headers": PARTS}, 400, None),
    ("POST", "/form", {"json": {"name": "x"}}, 415, None),
    ("DELETE", "/orders/17", {}, 401, None),
    ("DELETE", "/orders/17", {"headers": {"authorization": "no"}}, 403, None),
    ("DELETE", "/orders/17/", {"headers": {"authorization": "no"}}, 403, None),
    ("DELETE", "/orders/17", {"headers": {"authorization": "yes"}}, 204, b""),
    ("DELETE", "/orders/x", {"headers": {"authorization": "yes"}}, 422, [["path", "order_id"]]),
    ("GET", "/v1/acme/where", {}, 200, b"acme /v1/acme/where"),
    ("GET", "/v1/other/where", {}, 404, None),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: repr(row)[:60])
def test_every_gateway_gives_the_expected_answer(gateway: Gateway, row: tuple[Any, ...]) -> None:
    method, target, options, status, expected = row
    answer = gateway(APP, method, target, **options)
    assert answer.status == status, answer.body
    if status == 405:
        assert answer.header("allow") == expected
    elif status >= 400:
        assert [error["loc"] for error in answer.problem.get("errors", [])] == (expected or [])
    elif isinstance(expected, bytes):
        assert answer.body == expected
    else:
        assert answer.json == expected
