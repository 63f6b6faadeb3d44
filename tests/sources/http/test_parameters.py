"""Requests into parameters: paths, queries, headers and cookies, through every gateway."""

from __future__ import annotations

import enum
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from pydantic import Field, SecretStr

from lambdarouter import (
    App,
    ConfigurationError,
    Context,
    Cookie,
    Depends,
    Header,
    JsonResponse,
    Path,
    Query,
    Request,
    Response,
)
from lambdarouter.testing.events import http
from tests.sources.http.one_parameter import Order, app_with, got, reasons

if TYPE_CHECKING:
    from tests.sources.http.conftest import Gateway


class Colour(enum.Enum):
    RED = "red"


Isbn = NewType("Isbn", str)


# --- Query -----------------------------------------------------------------------------------------------------------

QUERIES: list[tuple[Any, dict[str, Any], Any]] = [
    (str, {"p": "hello"}, "hello"),
    (str, {"p": ""}, ""),
    (str, {"p": "a b+c&d=e%20ü☃"}, "a b+c&d=e%20ü☃"),
    (int, {"p": "17"}, 17),
    (float, {"p": "-1.5"}, -1.5),
    (bool, {"p": "true"}, True),
    (bool, {"p": "no"}, False),
    (date, {"p": "2026-01-31"}, date(2026, 1, 31)),
    (UUID, {"p": "00000000-0000-0000-0000-000000000001"}, UUID(int=1)),
    (Colour, {"p": "red"}, Colour.RED),
    (Literal["a", "b"], {"p": "b"}, "b"),
    (Isbn, {"p": "978"}, "978"),
    (SecretStr, {"p": "hunter2"}, SecretStr("hunter2")),
    (int | str, {"p": "x"}, "x"),
    (int | None, {"p": "17"}, 17),
    (date | None, {"p": "2026-01-31"}, date(2026, 1, 31)),
    (Annotated[int, Field(ge=1, le=9)], {"p": "9"}, 9),
    (Annotated[str, Query("other-name")], {"other-name": "x"}, "x"),
    (Annotated[int, Query("n"), Field(ge=1)], {"n": "1"}, 1),
    (list[int], {"p": "1"}, [1]),
    (Annotated[list[str], Query("ids")], {"ids": "a"}, ["a"]),
    (Annotated[list[int], Field(max_length=2)], {"p": "1"}, [1]),
]


@pytest.mark.parametrize(("annotation", "query", "value"), QUERIES, ids=str)
def test_a_query_parameter_is_converted_into_its_type(
    gateway: Gateway, annotation: Any, query: dict[str, Any], value: Any
) -> None:
    assert got(gateway(app_with(annotation), "GET", "/x", query=query)) == repr(value)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(list[int], [1, 2, 2]), (set[int], {1, 2}), (tuple[int, ...], (1, 2, 2)), (list[int] | None, [1, 2, 2])],
    ids=str,
)
def test_a_list_takes_every_value_of_its_name(gateway: Gateway, annotation: Any, value: Any) -> None:
    answer = gateway(app_with(annotation), "GET", "/x", query={"p": ["1", "2", "2"]})
    assert got(answer) == repr(type(value)([2]) if gateway.keeps_last else value)


def test_a_scalar_takes_the_first_value_of_its_name(gateway: Gateway) -> None:
    answer = gateway(app_with(int), "GET", "/x", query={"p": ["1", "2"]})
    assert got(answer) == ("2" if gateway.keeps_last else "1")


@pytest.mark.parametrize(
    "annotation", [str, int, list[int], Annotated[str, Header()], Annotated[str, Cookie()]], ids=str
)
def test_what_is_absent_is_its_default_or_422(gateway: Gateway, annotation: Any) -> None:
    assert got(gateway(app_with(annotation, "a default"), "GET", "/x")) == "'a default'"
    answer = gateway(app_with(annotation), "GET", "/x")
    assert answer.status == 422
    (error,) = answer.problem["errors"]
    assert error["msg"] == "Field required"
    assert error["type"] == "missing"
    assert error["loc"][1] == "p"


def test_an_optional_parameter_without_a_default_is_required(send: Gateway) -> None:
    assert reasons(send(app_with(int | None), "GET", "/x")) == [["query", "p"]]


@pytest.mark.parametrize(
    ("annotation", "query"),
    [
        (int, "x"),
        (int, ""),
        (int, "1.5"),
        (bool, "maybe"),
        (date, "2026-02-31"),
        (Colour, "blue"),
        (Literal["a"], "b"),
        (Annotated[int, Field(ge=1)], "0"),
        (int, "9" * 5000),
        (list[int], "x"),
    ],
    ids=lambda v: str(v)[:30],
)
def test_a_value_that_does_not_fit_is_422_naming_the_place_and_not_the_value(
    gateway: Gateway, annotation: Any, query: str
) -> None:
    app = app_with(annotation)
    answer = gateway(app, "GET", "/x", query={"p": query})
    (location,) = reasons(answer)
    assert location[:2] == ["query", "p"]
    (error,) = answer.problem["errors"]
    assert set(error) == {"loc", "msg", "type"}
    assert gateway.complete(app, "GET", "/x", query={"p": query}).outcomes[0].status == "failed"


def test_an_event_without_any_query_has_none(gateway: Gateway) -> None:
    app = app_with(str, "none")
    keys = ("queryStringParameters", "multiValueQueryStringParameters", "rawQueryString", "query_string_parameters")
    event = {key: value for key, value in gateway.build("GET", "/x?p=1").items() if key not in keys}
    assert "'none'" in app(event)["body"]
    nulls: dict[str, Any] = dict.fromkeys(key for key in keys if key in gateway.build("GET", "/x?p=1"))
    assert "'none'" in app(event | nulls)["body"]


@given(value=st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_through_a_query_as_it_was(value: str) -> None:
    app = app_with(str)
    for build in (http.rest, http.v2, http.url, http.alb, http.lattice_v1, http.lattice_v2):
        assert app(build("GET", "/x", query={"p": value}))["body"] == repr(value)


# --- Path ------------------------------------------------------------------------------------------------------------


def test_a_name_in_the_path_is_the_path_parameter_whatever_its_type(gateway: Gateway) -> None:
    assert got(gateway(app_with(int, path="/x/{p}"), "GET", "/x/17")) == "17"
    assert got(gateway(app_with(date, path="/x/{p}"), "GET", "/x/2026-01-31")) == repr(date(2026, 1, 31))
    assert got(gateway(app_with(Annotated[int, Path("n")], path="/x/{n}"), "GET", "/x/17")) == "17"
    assert got(gateway(app_with(Annotated[int, Field(ge=1)], path="/x/{p}"), "GET", "/x/17?p=18")) == "17"


def test_a_path_parameter_that_does_not_fit_is_422(gateway: Gateway) -> None:
    assert reasons(gateway(app_with(int, path="/x/{p}"), "GET", "/x/abc")) == [["path", "p"]]


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (Annotated[str, Path()], "'/x' has no such parameter"),
        (Annotated[str, Path("other")], "'/x' has no such parameter"),
        (Annotated[list[str], Cookie()], "a cookie has one value"),
        (Annotated[list[str], Path()], "no such parameter"),
        (Response, "'p' is a Response, which a handler returns .* request.response_headers"),
        (JsonResponse, "'p' is a JsonResponse, which"),
    ],
    ids=str,
)
def test_a_parameter_that_the_request_cannot_have_is_refused(annotation: Any, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        app_with(annotation)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda mark: mark(ge=1, le=9), "(ge=1, le=9): its one argument is the name that is sent, {}('q')"),
        (
            lambda mark: mark(alias="user-id"),
            "(alias='user-id'): its one argument is the name that is sent, {}('user-id')",
        ),
        (lambda mark: mark("a", default=3), "(default=3): its one argument"),
        (lambda mark: mark(...), "(Ellipsis): its one argument"),
    ],
)
@pytest.mark.parametrize("mark", [Query, Header, Cookie, Path])
def test_a_mark_takes_a_name_and_says_whose_all_else_is(make: Any, told: str, mark: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(mark)
    message = str(caught.value)
    assert message.startswith(mark.__name__ + told.format(mark.__name__))
    assert f"Annotated[int, {mark.__name__}(), Field(ge=1)]" in message


def test_a_list_in_the_path_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="a path has one value"):
        app_with(list[str], path="/x/{p}")


# --- Headers and cookies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", ["X-Request-Id", "x-request-id", "X-REQUEST-ID"])
@pytest.mark.parametrize("header", [Header("X-Request-ID"), Header("x-request-id")], ids=lambda header: header.name)
def test_a_headers_name_is_matched_in_any_case(gateway: Gateway, sent: str, header: Header) -> None:
    assert got(gateway(app_with(Annotated[str, header]), "GET", "/x", headers={sent: "r-1"})) == "'r-1'"


def test_a_header_is_called_as_its_parameter_with_hyphens(gateway: Gateway) -> None:
    app = App()

    @app.get("/x")
    def read(x_request_id: Annotated[int, Header()], accept: Annotated[str, Header] = "none") -> list[Any]:
        return [x_request_id, accept]

    assert gateway(app, "GET", "/x", headers={"X-Request-Id": "17"}).json == [17, "*/*"]


def test_several_headers_of_one_name_are_a_list_where_the_gateway_keeps_them_apart(gateway: Gateway) -> None:
    answer = gateway(app_with(Annotated[list[str], Header("x-tag")]), "GET", "/x", headers={"X-Tag": ["a", "b"]})
    apart = {"rest": ["a", "b"], "alb multi-value": ["a", "b"], "lattice v2": ["a", "b"], "alb": ["b"]}
    expected = apart.get(gateway.name, ["a,b"])
    assert got(answer) == repr(expected)


@pytest.mark.parametrize("empty", [None, {}, [], "x", {"x-tag": None}, {"x-tag": 5}])
def test_headers_that_are_absent_or_odd_are_none(gateway: Gateway, empty: Any) -> None:
    event = gateway.build("GET", "/x")
    app = app_with(Annotated[str, Header("x-tag")], "none")
    for key in ("headers", "multiValueHeaders"):
        if key in event and gateway.name != "url":  # a function URL is known by its host
            event[key] = empty
    event.pop("cookies", None)
    if gateway.name == "rest":
        del event["multiValueHeaders"]
    assert app(event)["statusCode"] == 200


def test_cookies_are_read_by_name(gateway: Gateway) -> None:
    app = App()

    @app.get("/x")
    def read(
        sid: Annotated[str, Cookie()], n: Annotated[int, Cookie("count")], q: Annotated[str, Cookie()] = "none"
    ) -> list[Any]:
        return [sid, n, q]

    assert gateway(app, "GET", "/x", cookies={"sid": "a=b", "count": "3"}).json == ["a=b", 3, "none"]


def test_of_several_cookies_with_one_name_the_first_counts_and_quotes_are_dropped(send: Gateway) -> None:
    header = 'sid="first"; broken; =x; sid=second;  theme = dark'
    app = App()

    @app.get("/x")
    def read(request: Request) -> dict[str, str]:
        return request.cookies

    cookies = send(app, "GET", "/x", headers={"Cookie": header}).json
    assert cookies["sid"] == "first"
    assert "broken" not in cookies


def test_http_apis_cookies_are_found_in_their_list_or_in_a_header() -> None:
    app = app_with(Annotated[str, Cookie()], "none")
    event = http.v2("GET", "/x")
    assert app(event | {"cookies": ["a=1", "p=2"]})["body"] == "'2'"
    assert app(event | {"cookies": None, "headers": {"cookie": "p=3"}})["body"] == "'3'"
    assert app(event | {"cookies": [None, 5]})["body"] == "'none'"


# --- By type ---------------------------------------------------------------------------------------------------------


def test_the_request_tells_what_the_client_sent(gateway: Gateway) -> None:
    seen: list[Request] = []
    app = App()

    @app.post("/orders/{id}")
    def read(request: Request, context: Context) -> None:
        seen.append(request)

    gateway(app, "POST", "/orders/a%20b?q=1", headers={"X-Tag": "t"}, cookies={"sid": "s"}, body="{}")
    (request,) = seen
    assert request.method == "POST"
    assert request.path == ("/orders/a b" if gateway.decodes_paths else "/orders/a%20b")
    assert request.path_params == {"id": "a b"}
    assert request.client_ip == "203.0.113.7"
    assert request.headers["X-TAG"] == "t"
    assert request.query["q"] == "1"
    assert request.cookies == {"sid": "s"}
    assert request.id
    assert request.auth is None


def test_alb_trusts_only_the_address_it_saw_itself() -> None:
    seen: list[str] = []
    app = App()
    app.get("/x")(lambda: None)

    @app.get("/ip")
    def read(request: Request) -> None:
        seen.append(request.client_ip)

    app(http.alb("GET", "/ip", headers={"X-Forwarded-For": "10.0.0.1, 192.0.2.9"}))
    event = http.alb("GET", "/ip")
    del event["headers"]["x-forwarded-for"]
    app(event)
    assert seen == ["192.0.2.9", ""]


def test_everything_at_once(gateway: Gateway) -> None:
    app = App()

    @app.put("/orders/{order_id}")
    def update(  # noqa: PLR0917
        order: Order,
        order_id: int,
        q: list[str],
        request: Request,
        context: Context,
        dry: bool = False,  # noqa: FBT001, FBT002
        *,
        agent: Annotated[str, Header("user-agent")],
        sid: Annotated[str | None, Cookie()] = None,
    ) -> list[Any]:
        return [order.id, order_id, q, dry, agent, sid, request.method, context.request_id]

    answer = gateway(app, "PUT", "/orders/17?q=a&dry=on", json={"id": 3}, headers={"User-Agent": "me"})
    assert answer.json == [3, 17, ["a"], True, "me", None, "PUT", ""]


def test_a_default_without_an_annotation_is_refused_as_no_request_would_ever_fill_it() -> None:
    def search(q: str, page=1) -> None: ...  # type: ignore[no-untyped-def] # noqa: ANN001

    with pytest.raises(ConfigurationError, match=r"'page' has a default and no annotation.* annotate it"):
        App().get("/x")(search)


def test_a_default_without_an_annotation_may_be_a_path_parameters(gateway: Gateway) -> None:
    app = App()

    @app.get("/x/{name}")
    def read(name="nobody") -> str:  # type: ignore[no-untyped-def] # noqa: ANN001
        return str(name)

    assert gateway(app, "GET", "/x/ada").body == b"ada"


def factory(size=3) -> int:  # type: ignore[no-untyped-def] # noqa: ANN001
    return int(size)


def test_what_a_dependency_leaves_to_its_defaults_is_its_own_affair(gateway: Gateway) -> None:
    app = App()

    @app.get("/x")
    def read(size: Annotated[int, Depends(factory)]) -> int:
        return size

    assert gateway(app, "GET", "/x?size=9").json == 3
