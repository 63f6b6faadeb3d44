"""Forms and groups as parameters, limits, and all mistakes of a request at once."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from lambdarouter import (
    App,
    Body,
    ConfigurationError,
    Cookie,
    Depends,
    File,
    Form,
    Header,
    InvalidPayloadError,
    Limits,
    Query,
    Request,
    Router,
    UploadFile,
)
from lambdarouter.testing.events import http
from tests.sources.http.conftest import Answer

if TYPE_CHECKING:
    from tests.sources.http.conftest import Gateway

URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
BOUNDARY = "----WebKitFormBoundary7MA4YWxk"
MULTIPART = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(name: str, data: bytes, *, filename: str | None = None, kind: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    media = f"\r\nContent-Type: {kind}" if kind else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}{media}\r\n\r\n'
    return head.encode() + data + b"\r\n"


def multipart(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


class Color(enum.Enum):
    RED = "red"


class Search(BaseModel):
    q: str = Field(min_length=2)
    page: int = 1
    tags: list[str] = []
    since: dt.date | None = None
    color: Annotated[Color | None, Field(alias="colour")] = None


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int


@dataclass
class Point:
    x: int
    y: float = 0.5


class Trace(TypedDict):
    x_request_id: str
    accept_language: str


# --- Forms -----------------------------------------------------------------------------------------------------------


def test_fields_of_either_kind_of_form_are_parameters(gateway: Gateway) -> None:
    app = App()

    @app.post("/x")
    def create(
        name: Annotated[str, Form()],
        tags: Annotated[list[str], Form("tag")],
        age: Annotated[int | None, Form()] = None,
    ) -> list[Any]:
        return [name, tags, age]

    urlencoded = gateway(app, "POST", "/x", headers=URLENCODED, body="name=J%C3%BCrgen+A&tag=a&tag=b%26&age=7")
    assert urlencoded.json == ["Jürgen A", ["a", "b&"], 7]
    body = multipart(part("name", "Jürgen A".encode()), part("tag", b"a"), part("tag", b"b&"))
    assert gateway(app, "POST", "/x", headers=MULTIPART, body=body).json == ["Jürgen A", ["a", "b&"], None]
    # Forms that came as text, too.
    assert gateway(app, "POST", "/x", headers=MULTIPART, body=body.decode()).json == ["Jürgen A", ["a", "b&"], None]


def test_files_are_what_the_client_sent(gateway: Gateway) -> None:
    app = App()

    @app.post("/x")
    def upload(
        photo: UploadFile,
        raw: Annotated[bytes, File()],
        more: list[UploadFile],
        title: Annotated[str, Form()],
        absent: UploadFile | None = None,
    ) -> list[Any]:
        assert photo.open().read() == photo.data
        assert photo.headers["content-type"] == photo.content_type
        return [photo.filename, photo.content_type, photo.size, len(raw), [repr(each) for each in more], title, absent]

    body = multipart(
        part("photo", b"\x00\xff\r\n--x", filename="ä b.png", kind="image/png"),
        part("raw", b"", filename="empty"),
        part("more", b"1", filename=""),
        part("title", b"Tea"),
        part("more", b"22", filename="../../etc/passwd"),
    )
    assert gateway(app, "POST", "/x", headers=MULTIPART, body=body).json == [
        "ä b.png",
        "image/png",
        7,
        0,
        [
            "<UploadFile '', 1 bytes of application/octet-stream>",
            "<UploadFile '../../etc/passwd', 2 bytes of application/octet-stream>",
        ],
        "Tea",
        None,
    ]


@given(data=st.binary(max_size=300), name=st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_any_bytes_come_through_as_they_were(data: bytes, name: str) -> None:
    app, got = App(), []

    @app.post("/x")
    def upload(f: UploadFile) -> None:
        got.append((f.data, f.filename))

    event = http.v2("POST", "/x", headers=MULTIPART, body=multipart(part("f", data, filename=name)))
    if f"\r\n--{BOUNDARY}".encode() not in data:
        assert app(event)["statusCode"] == 204
        assert got == [(data, name)]


@given(body=st.binary(max_size=200))
def test_no_body_breaks_the_form(body: bytes) -> None:
    app = App()

    @app.post("/x")
    def read(request: Request) -> None:
        request.form()

    for headers in (MULTIPART, URLENCODED):
        for sent in (body, multipart(part("a", b"1"))[: len(body)], f"--{BOUNDARY}\r\n".encode() + body):
            assert app(http.v2("POST", "/x", headers=headers, body=sent))["statusCode"] in (204, 400)


def test_a_form_can_be_read_from_the_request(send: Gateway) -> None:
    app = App()

    @app.post("/x")
    def read(request: Request) -> list[Any]:
        form: Any = request.form()
        assert form is request.form()
        return [form.get("a"), form.all("a"), len(form.files()), [f.size for f in form.files("f")], form.file("g")]

    body = multipart(part("a", b"1"), part("f", b"22", filename="f"), part("a", b"3"))
    assert send(app, "POST", "/x", headers=MULTIPART, body=body).json == ["1", ["1", "3"], 1, [2], None]
    assert send(app, "POST", "/x").json == [None, [], 0, [], None]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "application/json"}, "{}", 415),
        ({"content-type": "text/plain"}, "a=1", 415),
        ({"content-type": "multipart/form-data"}, multipart(part("a", b"1")), 400),
        (MULTIPART, b"no boundary in it", 400),
        (MULTIPART, multipart(part("a", b"1"))[:-10], 400),
        (MULTIPART, part("a", b"\xff") + multipart(), 400),
        (MULTIPART, f"--{BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(), 400),
        (URLENCODED, b"a=\xff", 400),
        (URLENCODED, "a=%ff", 400),
        (URLENCODED, "b=1", 422),
        (URLENCODED, "", 422),
        ({}, "", 422),
    ],
)
def test_what_is_no_form_or_lacks_a_field_is_refused(
    gateway: Gateway, headers: dict[str, str], body: Any, status: int
) -> None:
    app = App()

    @app.post("/x")
    def create(a: Annotated[str, Form()]) -> None: ...

    answer = gateway(app, "POST", "/x", headers=headers, body=body)
    assert answer.status == status, answer.body
    if status == 422:
        assert answer.problem["errors"] == [{"loc": ["form", "a"], "msg": "Field required", "type": "missing"}]


def test_a_file_that_is_missing_is_422(send: Gateway) -> None:
    app = App()

    @app.post("/x")
    def create(a: UploadFile) -> None: ...

    answer = send(app, "POST", "/x", headers=MULTIPART, body=multipart(part("a", b"a field")))
    assert answer.problem["errors"] == [{"loc": ["file", "a"], "msg": "Field required", "type": "missing"}]


@pytest.mark.parametrize("of_app", [True, False])
@pytest.mark.parametrize(
    ("limits", "headers", "body", "status"),
    [
        (Limits(parts=2), URLENCODED, "a=1&b=2", 200),
        (Limits(parts=2), URLENCODED, "a=1&b=2&c=3", 413),
        (Limits(parts=2), MULTIPART, multipart(part("a", b"1"), part("b", b"2", filename="f")), 200),
        (Limits(parts=2), MULTIPART, multipart(*[part("a", b"1")] * 3), 413),
        (Limits(field=3), URLENCODED, "a=123", 200),
        (Limits(field=3), URLENCODED, "a=1234", 413),
        (Limits(field=3), URLENCODED, "a=\u00fc1", 200),
        (Limits(field=3), URLENCODED, "a=%C3%BC12", 413),
        (Limits(field=3), URLENCODED, "1234=a", 413),
        (Limits(field=3), MULTIPART, multipart(part("a", b"1"), part("b", b"12345", filename="f")), 200),
        (Limits(field=3), MULTIPART, multipart(part("a", b"1234")), 413),
        (Limits(body=5), URLENCODED, "a=123", 200),
        (Limits(body=5), URLENCODED, "a=1234", 413),
        (Limits(body=5), URLENCODED, b"a=123", 200),
        (Limits(body=5), URLENCODED, b"a=1234", 413),
        (Limits(body=4), URLENCODED, "a=ü", 200),
        (Limits(body=0), URLENCODED, "a", 413),
    ],
)
def test_what_is_too_much_is_413(
    gateway: Gateway, limits: Limits, headers: dict[str, str], body: Any, status: int, *, of_app: bool
) -> None:
    app = App(limits=limits if of_app else Limits(body=1, parts=1, field=1))

    @app.post("/x", limits=None if of_app else limits)
    def create(a: Annotated[str, Form()] = "") -> str:
        return a

    assert gateway(app, "POST", "/x", headers=headers, body=body).status == status


@pytest.mark.parametrize("annotation", [dict, Annotated[str, Body()], Annotated[bytes, Body()]], ids=str)
def test_a_json_or_text_body_may_be_too_large_as_well(gateway: Gateway, annotation: Any) -> None:
    app = App(limits=Limits(body=10))

    def create(body: Any) -> None: ...

    create.__annotations__["body"] = annotation
    app.post("/x")(create)
    assert gateway(app, "POST", "/x", body='{"a": 12345}').status == 413
    assert gateway(app, "POST", "/x", body='{"a": 1}').status == 204


@pytest.mark.parametrize("options", [{"body": -1}, {"parts": 1.5}, {"field": None}, {"body": True}, {"parts": "1"}])
def test_limits_that_are_none_are_refused(options: Any) -> None:
    with pytest.raises(ConfigurationError, match="it is a number, 0 or more"):
        Limits(**options)


@pytest.mark.parametrize("limits", [5, {"body": 5}])
def test_what_is_no_limits_is_refused(limits: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"it is Limits\("):
        App(limits=limits)
    with pytest.raises(ConfigurationError, match=r"it is Limits\("):
        App().post("/x", limits=limits)(lambda: None)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"a": Annotated[str, Form()], "b": dict}, "a request has one body"),
        ({"a": UploadFile, "b": Annotated[str, Body()]}, "a request has one body"),
        ({"a": Annotated[str, File()]}, "it is an UploadFile, bytes, or a list of either"),
        ({"a": UploadFile | bytes}, "it is an UploadFile, bytes, or a list of either"),
        ({"a": Annotated[object, Form()]}, "nobody can fill the parameter 'a"),
    ],
)
def test_a_form_that_could_never_be_is_refused_at_import(parameters: dict[str, Any], reason: str) -> None:
    def create(a: Any, b: Any = None) -> None: ...

    create.__annotations__ = parameters
    with pytest.raises(ConfigurationError, match=reason):
        App().post("/x")(create)


def test_a_file_needs_the_parser_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"install lambdarouter\[multipart\]"):

        @App().post("/x")
        def create(a: UploadFile) -> None: ...


# --- Groups ----------------------------------------------------------------------------------------------------------


def app_with(annotation: Any, default: Any = ...) -> App:
    app = App()

    def handler(group: Any) -> str:
        return repr(group)

    handler.__annotations__["group"] = annotation
    if default is not ...:
        handler.__defaults__ = (default,)
    app.post("/x")(handler)
    return app


def got(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    return answer.body.decode()


def test_a_model_takes_all_query_parameters(gateway: Gateway) -> None:
    app = app_with(Annotated[Search, Query()])
    found = "Search(q='tea', page=2, tags=['a', 'b'], since=datetime.date(2026, 1, 1), color=<Color.RED: 'red'>)"
    query = {"q": "tea", "page": "2", "tags": ["a", "b"], "since": "2026-01-01", "colour": "red"}
    expected = found.replace("'a', 'b'", "'b'") if gateway.keeps_last else found
    assert got(gateway(app, "POST", "/x", query=query)) == expected
    answer = gateway(app, "POST", "/x", query={"q": "t", "page": "x", "colour": "blue"})
    assert answer.status == 422
    assert [error["loc"] for error in answer.problem["errors"]] == [
        ["query", "q"],
        ["query", "page"],
        ["query", "colour"],
    ]


def test_a_model_takes_all_fields_of_a_form(gateway: Gateway) -> None:
    app = app_with(Annotated[Search, Form()])
    answer = gateway(app, "POST", "/x", headers=URLENCODED, body="q=tea&tags=a&tags=b")
    assert got(answer).startswith("Search(q='tea', page=1, tags=['a', 'b']")
    assert gateway(app, "POST", "/x", headers=URLENCODED, body="page=1").problem["errors"][0]["loc"] == ["form", "q"]


def test_headers_and_cookies_make_groups_too(gateway: Gateway) -> None:
    headers = {"X-Request-Id": "r1", "Accept-Language": "de", "cookie": "x=1; y=2"}
    typed = app_with(Annotated[Trace, Header()])
    assert got(gateway(typed, "POST", "/x", headers=headers)) == "{'x_request_id': 'r1', 'accept_language': 'de'}"
    assert got(gateway(app_with(Annotated[Point, Cookie()]), "POST", "/x", headers=headers)) == "Point(x=1, y=2.0)"
    assert gateway(typed, "POST", "/x").problem["errors"][0]["loc"][0] == "header"


def test_a_group_may_have_a_default_and_refuse_what_it_does_not_know(send: Gateway) -> None:
    assert got(send(app_with(Annotated[Strict, Query()], "none"), "POST", "/x")) == "'none'"
    app = app_with(Annotated[Strict, Query()])
    assert got(send(app, "POST", "/x?a=1")) == "Strict(a=1)"
    assert send(app, "POST", "/x?a=1&b=2").problem["errors"][0]["loc"] == ["query", "b"]
    assert send(app, "POST", "/x").status == 422


# --- All mistakes at once --------------------------------------------------------------------------------------------


class Order(BaseModel):
    id: int
    sku: str


def test_everything_that_is_wrong_with_a_request_is_told_at_once(gateway: Gateway) -> None:
    app = App()
    router = Router(dependencies=[Depends(lambda: None)])
    calls = []

    def paging(limit: int, offset: int = 0) -> int:
        return limit + offset

    def create(
        n: int,
        order: Order,
        *,
        page: Annotated[int, Query()],
        since: dt.date,
        token: Annotated[str, Header("x-token")],
        session: Annotated[str, Cookie()],
        limit: Any,
    ) -> None:
        calls.append(1)

    create.__annotations__["limit"] = Annotated[int, Depends(paging)]
    router.post("/orders/{n}")(create)
    app.include(router)
    answer = gateway(app, "POST", "/orders/x?page=p&offset=o", json={"id": "i"})
    assert answer.status == 422
    assert {tuple(error["loc"]) for error in answer.problem["errors"]} == {
        ("path", "n"),
        ("body", "id"),
        ("body", "sku"),
        ("query", "page"),
        ("query", "since"),
        ("query", "limit"),
        ("query", "offset"),
        ("header", "x-token"),
        ("cookie", "session"),
    }
    assert all(error["msg"] and error["type"] for error in answer.problem["errors"])
    assert not calls


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"body": "{"}, 400),
        ({"body": "{}", "headers": {"content-type": "text/xml"}}, 415),
        ({"body": '{"id": 1, "sku": "' + "x" * 100 + '"}'}, 413),
        ({"json": {"id": 1, "sku": "s"}}, 422),
    ],
)
def test_a_body_that_is_refused_as_a_whole_comes_before_what_does_not_fit(
    gateway: Gateway, options: Any, status: int
) -> None:
    app = App(limits=Limits(body=50))

    @app.post("/x")
    def create(page: int, order: Order) -> None: ...

    assert gateway(app, "POST", "/x?page=p", **options).status == status


def test_a_handlers_own_refusal_stays_as_it_is(send: Gateway) -> None:
    app = App()

    @app.get("/x")
    def read(a: int = 0, b: int = 0) -> None:
        raise InvalidPayloadError("no", [{"loc": ("query", "b"), "msg": "is no date", "type": "own"}])

    assert send(app, "GET", "/x").problem["errors"] == [{"loc": ["query", "b"], "msg": "is no date", "type": "own"}]


def test_an_async_handler_is_told_all_mistakes_too(send: Gateway) -> None:
    app = App()

    @app.get("/x")
    async def read(a: int, b: int) -> None: ...

    assert len(send(app, "GET", "/x?a=x").problem["errors"]) == 2


# --- Text bodies, and parameters that are spelt in two ways ----------------------------------------------------------


@pytest.mark.parametrize("annotation", [Annotated[str | None, Body()], Annotated[bytes | None, Body()]], ids=str)
def test_optional_text_is_text_as_it_came(gateway: Gateway, annotation: Any) -> None:
    value = repr(b"[1]" if "bytes" in str(annotation) else "[1]")
    for headers in ({"content-type": "text/plain"}, {"content-type": "application/json"}):
        assert got(gateway(app_with(annotation), "POST", "/x", body="[1]", headers=headers)) == value
    assert got(gateway(app_with(annotation, None), "POST", "/x")) == "None"


def test_a_path_parameter_that_is_spelt_in_two_ways_is_refused_at_import() -> None:
    def read(orderid: int) -> None: ...

    with pytest.raises(ConfigurationError) as caught:
        App().get("/orders/{order_id}")(read)
    message = str(caught.value)
    assert "nobody takes the path parameter {order_id}" in message
    assert "'orderid' is a query parameter" in message
    assert f"read ({__file__}:{read.__code__.co_firstlineno})" in message


def test_a_path_parameter_may_be_nobodys_or_a_dependencys_or_the_requests() -> None:
    app = App()

    @app.get("/a/{tenant}")
    def optional(q: str = "") -> None: ...

    @app.get("/b/{tenant}")
    def marked(q: Annotated[str, Query()]) -> None: ...

    @app.get("/c/{tenant}")
    def asked(q: str, request: Request) -> None: ...

    def of(tenant: str) -> str:
        return tenant

    router = Router(prefix="/{tenant}", dependencies=[Depends(of)])
    router.get("/d")(optional)
    router.get("/e")(lambda: None)

    def required(q: str) -> None: ...

    router.get("/f")(required)
    app.include(router)
    assert len(app.routes) == 6


def test_half_a_surrogate_pair_counts_as_a_character_like_any_other(send: Gateway) -> None:
    app = App(limits=Limits(body=10))

    @app.post("/x")
    def create(body: Annotated[bytes, Body()]) -> int:
        return len(body)

    replies = {}
    for count in (1, 4):
        event = send.build("POST", "/x")
        event["body"] = "\ud800" * count
        replies[count] = Answer(app(event))
    assert replies[1].json == 3
    assert replies[4].status == 413
