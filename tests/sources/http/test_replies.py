"""Handlers' values into replies, in each gateway's shape."""

from __future__ import annotations

import datetime as dt
import json
import math
import uuid
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import App, Body, ConfigurationError, HttpError, Response
from tests.sources.http.conftest import Gateway

if TYPE_CHECKING:
    from tests.sources.http.conftest import Answer

JSON, TEXT, BINARY = "application/json", "text/plain; charset=utf-8", "application/octet-stream"


class Order(BaseModel):
    id: int
    sku: str = "none"


class Secretive(Order):
    password: str = "hunter2"


@dataclass
class Line:
    sku: str


class Opaque:
    pass


def ask(gateway: Gateway, value: Any, returns: Any = ..., **options: Any) -> Answer:
    """The answer of a route whose handler returns the value, declared as `returns`."""

    def handler() -> Any:
        return value() if callable(value) else value

    handler.__annotations__.pop("return")
    if returns is not ...:
        handler.__annotations__["return"] = returns
    app = App()
    app.get("/x", **options)(handler)
    return gateway(app, "GET", "/x")


@pytest.mark.parametrize(
    ("value", "media", "body"),
    [
        ({"a": [1, None, "é"]}, JSON, '{"a":[1,null,"é"]}'),
        ([], JSON, "[]"),
        ((1, 2), JSON, "[1,2]"),
        (5, JSON, "5"),
        (0, JSON, "0"),
        (True, JSON, "true"),
        (False, JSON, "false"),
        (1.5, JSON, "1.5"),
        (math.nan, JSON, "null"),
        (Order(id=1), JSON, '{"id":1,"sku":"none"}'),
        ([Order(id=1)], JSON, '[{"id":1,"sku":"none"}]'),
        (Line("a"), JSON, '{"sku":"a"}'),
        (dt.date(2026, 1, 2), JSON, '"2026-01-02"'),
        ({"at": dt.datetime(2026, 1, 2, tzinfo=dt.UTC)}, JSON, '{"at":"2026-01-02T00:00:00Z"}'),
        (uuid.UUID(int=1), JSON, '"00000000-0000-0000-0000-000000000001"'),
        (Decimal("1.10"), JSON, '"1.10"'),
        ({1}, JSON, "[1]"),
        ("text ☃", TEXT, "text ☃"),
        ("", TEXT, ""),
        (b"bytes \xff", BINARY, b"bytes \xff"),
        (b"", BINARY, b""),
    ],
    ids=repr,
)
def test_a_value_is_written_by_its_type(gateway: Gateway, value: Any, media: str, body: Any) -> None:
    answer = ask(gateway, value)
    assert answer.status == 200
    assert answer.header("content-type") == media
    assert answer.body == (body if isinstance(body, bytes) else body.encode())
    assert answer.raw["isBase64Encoded"] is isinstance(value, bytes)


def test_none_is_204_without_a_body(gateway: Gateway) -> None:
    answer = ask(gateway, None)
    assert (answer.status, answer.body, answer.header("content-type")) == (204, b"", None)


@pytest.mark.parametrize(
    "returns", [None, Any, Order | None, dict[str, int] | None, list[Order] | None, str | None], ids=str
)
def test_none_is_204_wherever_it_is_declared(gateway: Gateway, returns: Any) -> None:
    answer = ask(gateway, None, returns)
    assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize("value", [None, "text", b"bytes", {"a": 1}, Order(id=1)], ids=repr)
@pytest.mark.parametrize("status", [200, 201, 202, 418, 503])
def test_status_is_that_of_every_value_but_a_response(gateway: Gateway, value: Any, status: int) -> None:
    assert ask(gateway, value, status=status).status == status
    assert ask(gateway, Response("x", 299), status=status).status == 299


# --- Declared return types -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returns", "value", "body"),
    [
        (Order, Order(id=1), {"id": 1, "sku": "none"}),
        (Order, {"id": "1", "password": "hunter2"}, {"id": 1, "sku": "none"}),
        (Order, Secretive(id=1), {"id": 1, "sku": "none"}),
        (list[Order], [Secretive(id=1)], [{"id": 1, "sku": "none"}]),
        (Order | None, Secretive(id=1), {"id": 1, "sku": "none"}),
        (Order | Response, Secretive(id=1), {"id": 1, "sku": "none"}),
        (Order | Response | None, {"id": 1, "password": "hunter2"}, {"id": 1, "sku": "none"}),
        (Line, {"sku": "a", "password": "hunter2"}, {"sku": "a"}),
        (dict[str, Order], {"a": Secretive(id=1)}, {"a": {"id": 1, "sku": "none"}}),
        (list[Order] | Line, [Secretive(id=1)], [{"id": 1, "sku": "none"}]),
    ],
    ids=str,
)
def test_a_field_the_declared_type_does_not_have_never_leaves(
    gateway: Gateway, returns: Any, value: Any, body: Any
) -> None:
    answer = ask(gateway, value, returns)
    assert (answer.status, answer.json) == (200, body)
    assert answer.header("content-type") == JSON


@pytest.mark.parametrize("returns", [Response, Order | Response, Response | None, Any, dict[str, Any]], ids=str)
def test_a_response_is_sent_as_it_is_whatever_is_declared(gateway: Gateway, returns: Any) -> None:
    answer = ask(gateway, Response("as it is", 203, {"X-Tag": "t"}), returns)
    assert (answer.status, answer.body, answer.header("x-tag")) == (203, b"as it is", "t")


@pytest.mark.parametrize(
    ("returns", "value"),
    [
        (Order, {"id": "hunter2"}),
        (Order, None),
        (Order, "hunter2"),
        (Order | Response, {"id": "hunter2"}),
        (list[Order], Order(id=1)),
        (Line, {}),
        (dict[str, Order], {"a": 1}),
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_its_declared_type_is_500_and_logged(
    gateway: Gateway, returns: Any, value: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = ask(gateway, value, returns)
    assert answer.status == 500
    assert set(answer.problem) == {"title", "status", "request_id"}
    assert "does not fit its declared return type" in capfd.readouterr().err


@pytest.mark.parametrize("returns", [Opaque, list[Opaque], Opaque | None], ids=str)
def test_a_declared_type_that_holds_no_data_is_refused_at_registration(send: Gateway, returns: Any) -> None:
    with pytest.raises(ConfigurationError, match="has no JSON form"):
        ask(send, None, returns)


@pytest.mark.parametrize("value", [object(), Opaque(), [object()], "half a pair \ud800", {"a": "\ud800"}], ids=ascii)
def test_a_value_without_a_json_form_is_500_and_logged(
    gateway: Gateway, value: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ask(gateway, value).status == 500
    assert "Traceback" in capfd.readouterr().err


# --- Responses -------------------------------------------------------------------------------------------------------


def test_a_response_has_its_status_body_headers_and_cookies(gateway: Gateway) -> None:
    response = Response(b"\x89PNG", 201, {"Content-Type": "image/png", "X-Tag": "t"}, ["sid=1; Path=/; HttpOnly"])
    answer = ask(gateway, lambda: response)
    assert (answer.status, answer.body) == (201, b"\x89PNG")
    assert answer.header("content-type") == "image/png"
    assert answer.header("x-tag") == "t"
    assert answer.headers["set-cookie"] == ["sid=1; Path=/; HttpOnly"]


@pytest.mark.parametrize(
    ("response", "status"), [(Response(), 204), (Response(""), 200), (Response(b""), 200), (Response(None, 302), 302)]
)
def test_a_response_without_a_body_is_204_unless_it_says_otherwise(
    gateway: Gateway, response: Response, status: int
) -> None:
    answer = ask(gateway, lambda: response)
    assert (answer.status, answer.body) == (status, b"")


def test_several_cookies_all_arrive(gateway: Gateway) -> None:
    cookies = [f"c{n}={n}; Path=/; Expires=Thu, 01 Jan 2026 00:00:00 GMT" for n in range(70)]
    if gateway.one_cookie:
        cookies = cookies[:1]
    answer = ask(gateway, lambda: Response("x", cookies=cookies))
    assert answer.headers["set-cookie"] == cookies


@pytest.mark.parametrize("name", ["lattice v1", "lattice v2"])
def test_a_cookie_that_vpc_lattice_could_not_send_is_a_500_that_says_so(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = ask(Gateway(name), lambda: Response("x", headers={"set-cookie": "a=1"}, cookies=["b=2"]))
    assert answer.status == 500
    assert "one value for each header" in capfd.readouterr().err


def test_cookies_among_the_headers_arrive_beside_the_others(gateway: Gateway) -> None:
    if gateway.one_cookie:
        return
    answer = ask(
        gateway, lambda: Response("x", headers=[("Set-Cookie", "a=1"), ("set-cookie", "b=2")], cookies=["c=3"])
    )
    assert sorted(answer.headers["set-cookie"]) == ["a=1", "b=2", "c=3"]


def test_several_values_of_a_header_all_arrive_whatever_the_case_of_its_name(gateway: Gateway) -> None:
    answer = ask(gateway, lambda: Response("x", headers=[("Vary", "accept"), ("vary", "origin"), ("X-One", "1")]))
    assert [value.strip() for value in (answer.header("vary") or "").split(",")] == ["accept", "origin"]
    assert answer.header("x-one") == "1"


def test_each_gateway_gets_the_keys_it_reads(gateway: Gateway) -> None:
    single = ask(gateway, lambda: Response("x", headers={"X-Tag": "t"}, content_type="text/html"))
    several = ask(
        gateway,
        lambda: Response(
            "x", headers=[("x-tag", "a"), ("x-tag", "b"), ("x-one", "1")], cookies=["c=1"], content_type="text/html"
        ),
    )
    kind = {"content-type": "text/html"}
    plain: dict[str, Any] = {"statusCode": 200, "body": "x", "isBase64Encoded": False}
    expected: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "rest": (
            plain | {"headers": kind | {"x-tag": "t"}},
            plain | {"headers": kind | {"x-one": "1", "set-cookie": "c=1"}, "multiValueHeaders": {"x-tag": ["a", "b"]}},
        ),
        "alb": (
            plain | {"statusDescription": "200 OK", "headers": kind | {"x-tag": "t"}},
            plain
            | {
                "statusDescription": "200 OK",
                "headers": kind | {"x-tag": "a, b", "x-one": "1", "set-cookie": "c=1"},
            },
        ),
        "lattice v1": (
            plain | {"headers": kind | {"x-tag": "t"}},
            plain | {"headers": kind | {"x-tag": "a, b", "x-one": "1", "set-cookie": "c=1"}},
        ),
        "alb multi-value": (
            plain
            | {"statusDescription": "200 OK", "multiValueHeaders": {"x-tag": ["t"], "content-type": ["text/html"]}},
            plain
            | {
                "statusDescription": "200 OK",
                "multiValueHeaders": {
                    "x-tag": ["a", "b"],
                    "x-one": ["1"],
                    "content-type": ["text/html"],
                    "set-cookie": ["c=1"],
                },
            },
        ),
    }
    v2 = (
        plain | {"headers": kind | {"x-tag": "t"}},
        plain | {"headers": kind | {"x-tag": "a,b", "x-one": "1"}, "cookies": ["c=1"]},
    )
    assert (single.raw, several.raw) == expected.get(gateway.name.replace("lattice v2", "lattice v1"), v2)


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X-Tag": "a\r\nSet-Cookie: admin=1"}},
        {"headers": {"X-Tag": "a\nb"}},
        {"headers": {"X-Tag\r\nX-Other": "a"}},
        {"headers": {"X-Tag": "a\0"}},
        {"headers": {"X-Tag": "\ud800"}},
        {"headers": {"X Tag": "a"}},
        {"headers": {"X-Täg": "a"}},
        {"headers": {"X-Tag:": "a"}},
        {"headers": {"": "a"}},
        {"headers": {"X-Tag": 5}},
        {"headers": [("X-Tag", None)]},
        {"headers": [(5, "x")]},
        {"cookies": ["a=1\r\nX-Other: 1"]},
        {"cookies": [5]},
        {"cookies": "a=1"},
        {"status": 100},
        {"status": 600},
        {"status": "200"},
        {"status": 200.5},
        {"body": {"a": 1}},
        {"body": 5},
        {"body": "\ud800"},
    ],
    ids=str,
)
def test_a_response_that_could_not_be_sent_is_refused_where_it_is_made(
    gateway: Gateway, options: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((ValueError, TypeError)):
        Response(**options)
    answer = ask(gateway, lambda: Response(**options))
    assert answer.status == 500
    assert "x-other" not in answer.headers
    assert "Traceback" in capfd.readouterr().err


def test_a_status_may_be_one_of_the_standard_librarys(gateway: Gateway) -> None:
    assert ask(gateway, lambda: Response("x", HTTPStatus.IM_A_TEAPOT)).status == 418
    assert ask(gateway, "x", status=HTTPStatus.ACCEPTED).status == 202


def test_a_response_tells_its_size() -> None:
    assert repr(Response("äb", 201)) == "<Response 201, 2 characters>"
    assert repr(Response(b"abc")) == "<Response 200, 3 bytes>"
    assert repr(Response()) == "<Response 204, 0 characters>"


def test_a_route_writes_its_declared_type_time_and_again(gateway: Gateway) -> None:
    app = App()

    @app.get("/x/{id}")
    def read(id: int) -> Order:  # noqa: A002
        return Secretive(id=id)

    assert [gateway(app, "GET", f"/x/{n}").json["id"] for n in range(3)] == [0, 1, 2]


def test_one_replys_headers_are_not_anothers(send: Gateway) -> None:
    first = ask(send, {"a": 1})
    first.raw["headers"]["x-leak"] = "1"
    assert ask(send, {"a": 1}).header("x-leak") is None


# --- Size ------------------------------------------------------------------------------------------------------------

LIMIT, ALB_LIMIT = 6_291_556, 1_048_576


def travelling(raw: Any) -> int:
    """The size of the reply as AWS's runtime for Python 3.11 writes it: what is not ASCII, it escapes."""
    return len(json.dumps(raw))


@pytest.mark.parametrize("unit", ["a", "ü", "☃", "😀", '"', "\\", "\n", "\x00", "\x7f", 'aaaa"', b"\xff"], ids=ascii)
def test_a_reply_just_within_the_limit_is_sent_and_one_over_it_is_a_500_that_names_both(
    gateway: Gateway, unit: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    limit = ALB_LIMIT if gateway.name.startswith("alb") else LIMIT
    weight = 4 / 3 if isinstance(unit, bytes) else len(json.dumps(unit)) - 2
    within = ask(gateway, unit * int((limit - 4_096) / weight))
    assert within.status == 200
    assert travelling(within.raw) <= limit
    over = ask(gateway, unit * int((limit + 1_024) / weight))
    assert over.status == 500
    assert travelling(over.raw) < 1_000
    assert set(over.problem) == {"title", "status", "request_id"}
    logged = " ".join(capfd.readouterr().err.split())
    assert f"takes {limit}" in logged.replace("│ ", "")


def test_headers_and_cookies_count_towards_the_limit(gateway: Gateway) -> None:
    limit = ALB_LIMIT if gateway.name.startswith("alb") else LIMIT
    for part in (limit // 3 - 1_000, limit // 3 + 1_000):
        text = "a" * part
        answer = ask(gateway, Response(text, headers={"x-note": text}, cookies=[text]))
        assert answer.status == (200 if part < limit // 3 else 500)
        assert travelling(answer.raw) <= limit
    assert ask(gateway, Response("", headers={"x-note": "a" * limit})).status == 500


def test_more_cookies_than_an_alb_has_spellings_for_are_a_500_there_and_nowhere_else(
    gateway: Gateway, capfd: pytest.CaptureFixture[str]
) -> None:
    if gateway.one_cookie:
        return
    cookies = [f"c{number}=1" for number in range(513)]
    assert len(ask(gateway, Response("", cookies=cookies[:512])).headers["set-cookie"]) == 512
    answer = ask(gateway, Response("", headers={"set-cookie": cookies[0]}, cookies=cookies[1:]))
    assert answer.status == (500 if gateway.name == "alb" else 200)
    assert ("multi_value_headers" in capfd.readouterr().err) is (gateway.name == "alb")


def test_what_is_refused_for_its_size_is_told_under_debug(gateway: Gateway) -> None:
    app = App(debug=True)
    app.get("/x")(lambda: "a" * 7_000_000)
    assert "6291556" in gateway(app, "GET", "/x").problem["detail"] or gateway.name.startswith("alb")


def test_errors_of_a_hostile_body_do_not_outgrow_the_reply(gateway: Gateway) -> None:
    app = App()

    @app.post("/x")
    def create(numbers: Annotated[list[int], Body()]) -> None: ...

    answer = gateway(app, "POST", "/x", json=["x"] * 100_000)
    assert answer.status == 422
    assert travelling(answer.raw) < ALB_LIMIT
    assert answer.problem["detail"].endswith("(and 99997 more)")
    assert len(answer.problem["errors"]) == 100

    @app.put("/x")
    def update(numbers: dict[str, int]) -> None: ...

    answer = gateway(app, "PUT", "/x", json={"☃" * 1_000_000: "x"})
    assert answer.problem == {"title": "Unprocessable Content", "status": 422}


def test_an_http_errors_detail_does_not_outgrow_the_reply_either(gateway: Gateway) -> None:
    app = App()

    @app.get("/x")
    def read() -> None:
        raise HttpError(400, "x" * 7_000_000)

    answer = gateway(app, "GET", "/x")
    assert answer.problem == {"title": "Bad Request", "status": 400}
