"""The router: precedence, converters, both forms of a path, and what no number of routes may cost."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote
from uuid import UUID

import pytest
from annotated_types import Gt
from hypothesis import assume, given, strategies as st

from lambdarouter import (
    Allow,
    App,
    ConfigurationError,
    Depends,
    HttpError,
    Path,
    Request,
    Response,
    Router,
    register_converter,
)
from lambdarouter.sources.http import path as converters
from lambdarouter.testing.events import authorizer, http

if TYPE_CHECKING:
    from tests.sources.http.conftest import Gateway


def named(name: str) -> Any:
    """A handler that tells its name and the path parameters it got."""

    def handler(request: Request) -> dict[str, Any]:
        return {"handler": name, **request.path_params}

    return handler


def app_of(*paths: str, **options: Any) -> App:
    app = App(**options)
    for path in paths:
        app.get(path)(named(path))
    return app


def month(text: str) -> date:
    """2026-05, as the first of May."""
    return date.fromisoformat(f"{text}-01")


@pytest.fixture
def own_converters() -> Iterator[None]:
    """Converters that end with the test."""
    before = dict(converters._own)
    converters._own.clear()
    yield
    converters._own.clear()
    converters._own.update(before)


# --- Precedence ------------------------------------------------------------------------------------------------------

KINDS = ("/x/a", "/x/{v:int}", "/x/{v:float}", "/x/{v:uuid}", "/x/{v}", "/x/{v:path}", "/{p:path}")
SAMPLES = {
    "/x/a": "/x/a",
    "/x/1": "/x/{v:int}",
    "/x/-1": "/x/{v:int}",
    "/x/1.5": "/x/{v:float}",
    "/x/123e4567-E89B-12d3-a456-426614174000": "/x/{v:uuid}",
    "/x/b": "/x/{v}",
    "/x/b/c": "/x/{v:path}",
    "/x/1/2": "/x/{v:path}",
    "/y/1": "/{p:path}",
    "/": "/{p:path}",
}


@pytest.mark.parametrize("seed", range(6))
def test_static_comes_before_typed_before_plain_before_the_rest_whatever_the_order(send: Gateway, seed: int) -> None:
    rotated = KINDS[seed:] + KINDS[:seed]
    app = app_of(*(rotated if seed % 2 else reversed(rotated)))
    assert {path: send(app, "GET", path).json["handler"] for path in SAMPLES} == SAMPLES


def test_what_comes_first_from_the_left_counts_most(send: Gateway) -> None:
    app = app_of("/{tenant}/dashboard", "/static/{file:path}", "/{n:int}/{x}", "/{a}/1")
    assert send(app, "GET", "/static/dashboard").json["handler"] == "/static/{file:path}"
    assert send(app, "GET", "/7/1").json["handler"] == "/{n:int}/{x}"
    assert send(app, "GET", "/a/1").json["handler"] == "/{a}/1"


@pytest.mark.parametrize("first", ["/x/a/", "/x/{v:int}"])
def test_what_is_more_literal_than_a_last_parameter_wins_in_any_order(send: Gateway, first: str) -> None:
    target = first.replace("{v:int}", "17").rstrip("/")
    for paths in ((first, "/x/{v}"), ("/x/{v}", first)):
        app = app_of(*paths, "/y/{v}", "/{v}")
        assert send(app, "GET", target).json["handler"] == first
        assert send(app, "GET", "/x/b").json == {"handler": "/x/{v}", "v": "b"}
        assert send(app, "GET", target.replace("x", "y")).json["handler"] == "/y/{v}"
    v2 = http.v2("GET", "/") | {"rawPath": "17"}
    assert app(v2)["statusCode"] == 404, "no path without a slash at its start"


def test_a_last_parameter_is_never_empty_and_one_before_it_no_name(send: Gateway) -> None:
    app = app_of("/x/{v}", "/{a}/x/{v}")
    assert send(app, "GET", "/x/").status == 404
    assert send(app, "GET", "/b/x/5").json == {"handler": "/{a}/x/{v}", "a": "b", "v": "5"}
    assert send(app, "GET", "/a/x/5").json == {"handler": "/{a}/x/{v}", "a": "a", "v": "5"}


def test_two_routes_are_the_same_only_with_the_same_converters() -> None:
    app = app_of("/x/{a}", "/x/{a:int}", "/x/{a:path}")
    for again in ("/x/{b}", "/x/{b:str}", "/x/{b:int}", "/x/{b:path}"):
        with pytest.raises(ConfigurationError, match=r"is answered already, by .*handler"):
            app.get(again)(named(again))


# --- Converters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fits", "misfits"),
    [
        ("int", ["0", "17", "-17", "007", "9" * 400], ["", "1.0", "1_0", " 1", "+1", "\u0661", "-", "x", "1e3"]),
        (
            "float",
            ["0", "1.5", "-1.5", "17"],
            ["1.", ".5", "1e3", "nan", "inf", "1,5", "-", "1.5.1", "1_0.1", "9" * 400, "-" + "9" * 400],
        ),
        (
            "uuid",
            ["123e4567-e89b-12d3-a456-426614174000"],
            [
                "123e4567e89b12d3a456426614174000",
                "{123e4567-e89b-12d3-a456-426614174000}",
                "g23e4567-e89b-12d3-a456-426614174000",
            ],
        ),
    ],
)
def test_a_converter_takes_its_own_spelling_and_leaves_the_rest(
    gateway: Gateway, kind: str, fits: list[str], misfits: list[str]
) -> None:
    app = app_of(f"/x/{{v:{kind}}}")
    for text in fits:
        assert gateway(app, "GET", f"/x/{text}").json["v"] == text
    for text in misfits:
        assert gateway(app, "GET", "/x/" + quote(text, safe="")).status == 404


def test_a_converter_is_shown_by_its_name() -> None:
    assert repr(converters.PATH) == "<Converter path>"


def test_an_integer_that_python_will_not_read_is_another_route(send: Gateway) -> None:
    app = app_of("/x/{n:int}", "/x/{text}")
    assert send(app, "GET", "/x/" + "9" * 5000).json["handler"] == "/x/{text}"


def test_a_parameter_gets_its_converters_value_or_its_text_as_it_is_annotated(send: Gateway) -> None:
    app = App()

    @app.get("/a/{n:int}/{x:float}/{u:uuid}/{rest:path}")
    def typed(n: int, x: float, u: UUID, rest: str) -> list[str]:
        return [repr(value) for value in (n, x, u, rest)]

    @app.get("/b/{n:int}/{x:float}/{u:uuid}")
    def bare(n, x, u) -> list[str]:  # type: ignore[no-untyped-def] # noqa: ANN001
        return [type(value).__name__ for value in (n, x, u)]

    @app.get("/c/{n:int}/{m:int}")
    def otherwise(n: str, m: Annotated[int, Path(), Gt(5)]) -> list[str | int]:
        return [n, m]

    uuid = "123e4567-e89b-12d3-a456-426614174000"
    assert send(app, "GET", f"/a/-7/1.50/{uuid}/x/y").json == ["-7", "1.5", f"UUID('{uuid}')", "'x/y'"]
    assert send(app, "GET", f"/b/7/1/{uuid}").json == ["int", "float", "UUID"]
    assert send(app, "GET", "/c/007/8").json == ["007", 8]
    answer = send(app, "GET", "/c/007/3")
    assert (answer.status, answer.problem["errors"][0]["loc"]) == (422, ["path", "m"])


@pytest.mark.usefixtures("own_converters")
def test_a_converter_of_ones_own_is_tried_first_and_gives_its_value(send: Gateway) -> None:
    register_converter("month", month)
    register_converter("month", month)
    app = App()

    @app.get("/bills/{when:month}")
    def of_month(when: date) -> str:
        return f"month {when}"

    @app.get("/bills/{n:int}")
    def by_number(n: int) -> str:
        return f"number {n}"

    @app.get("/bills/{when:month}/text")
    def text(when: str) -> str:
        return f"text {when}"

    @app.get("/bills/{when:month}/after")
    def after(when: Annotated[date, Gt(date(2026, 1, 1))]) -> str:
        return f"after {when}"

    assert send(app, "GET", "/bills/2026-05").body == b"month 2026-05-01"
    assert send(app, "GET", "/bills/2026").body == b"number 2026"
    assert send(app, "GET", "/bills/2026-13").status == 404
    assert send(app, "GET", "/bills/2026-05/text").body == b"text 2026-05"
    assert send(app, "GET", "/bills/2026-05/after").body == b"after 2026-05-01"
    assert send(app, "GET", "/bills/2025-05/after").status == 422


@pytest.mark.usefixtures("own_converters")
def test_a_module_that_is_loaded_again_brings_its_converter_again() -> None:
    def load(answer: str) -> App:
        def shout(text: str) -> str:
            return f"{text}{answer}"

        register_converter("shout", shout)
        app = App()

        @app.get("/{text:shout}")
        def handler(text) -> str:  # type: ignore[no-untyped-def] # noqa: ANN001
            return str(text)

        return app

    first, second = load("!"), load("?")
    assert first(http.rest("GET", "/a"))["body"] == "a!"
    assert second(http.rest("GET", "/a"))["body"] == "a?"


@pytest.mark.usefixtures("own_converters")
@pytest.mark.parametrize(
    ("name", "convert", "reason"),
    [
        ("int", int, r"'int' is taken already \(built in\)"),
        ("two words", int, "a converter's name is 'two words'"),
        (None, int, "a converter's name is None"),
        ("hex", "[0-9a-f]+", "is a function of the text"),
        ("month", int, r"'month' is taken already \(.*month\)"),
    ],
)
def test_a_converter_that_cannot_be_is_refused(name: Any, convert: Any, reason: str) -> None:
    register_converter("month", month)
    with pytest.raises(ConfigurationError, match=reason):
        register_converter(name, convert)


def test_what_a_converter_raises_beside_value_error_is_a_500_and_not_another_route(
    send: Gateway, own_converters: None, capfd: pytest.CaptureFixture[str]
) -> None:
    register_converter("broken", lambda text: {"a": 1}[text])
    assert send(app_of("/{x:broken}"), "GET", "/1").status == 500
    assert "KeyError" in capfd.readouterr().err


# --- The rest of a path ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "rest"),
    [
        ("/f/a", "a"),
        ("/f/a/b.txt", "a/b.txt"),
        ("/f/", ""),
        ("/f/a/", "a/"),
        ("/f//a", "/a"),
        ("/f/a%2Fb%20c", "a/b c"),
    ],
)
def test_the_rest_of_a_path_is_all_of_it_with_its_slashes(gateway: Gateway, target: str, rest: str) -> None:
    assert gateway(app_of("/f/{rest:path}"), "GET", target).json["rest"] == rest


def test_the_rest_of_a_path_begins_after_a_slash(gateway: Gateway) -> None:
    assert gateway(app_of("/f/{rest:path}"), "GET", "/f").status == 404


def test_a_catch_all_leaves_405_to_the_paths_that_are_known(gateway: Gateway) -> None:
    app = app_of("/{rest:path}")
    app.post("/orders")(named("post"))
    assert gateway(app, "GET", "/orders").json["handler"] == "/{rest:path}"
    assert gateway(app, "PUT", "/orders").header("allow") == "GET, HEAD, OPTIONS, POST"


# --- The slash at the end --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "statuses"),
    [
        ("ignore", [200, 200, 200, 200, 404]),
        ("strict", [200, 404, 404, 200, 404]),
        ("redirect", [200, 308, 308, 200, 404]),
    ],
)
def test_the_slash_at_the_end_is_what_the_app_says(gateway: Gateway, policy: Any, statuses: list[int]) -> None:
    app = app_of("/a/{x}", "/b/", trailing_slash=policy)
    answers = [gateway(app, "GET", target) for target in ("/a/1", "/a/1/", "/b", "/b/", "/c/")]
    assert [answer.status for answer in answers] == statuses


def test_a_redirect_is_relative_and_keeps_what_the_client_sent(gateway: Gateway) -> None:
    app = app_of("/a/{x}", "/b/{y}/", trailing_slash="redirect")
    without = gateway(app, "GET", "/a/x%20%C3%BC%3A1/?q=1&r=%26")
    assert without.header("location") == "../x%20%C3%BC%3A1?q=1&r=%26"
    assert gateway(app, "GET", "/b/x:y").header("location") == "./x%3Ay/"
    assert gateway(app, "POST", "/b/x").status == 404
    assert gateway(app_of("/x", trailing_slash="redirect"), "GET", "//").status == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [("q=\u00e9 1", "q=%C3%A9%201"), ("a\r\nset-cookie: b", "a%0D%0Aset-cookie:%20b"), ("\0", "%00"), ("\ud800", "?")],
)
def test_a_redirect_sends_a_query_that_is_none_encoded(query: str, said: str) -> None:
    app = app_of("/x/", trailing_slash="redirect")
    event = http.v2("GET", "/x") | {"rawQueryString": query}
    reply = app.complete(event).reply
    assert (reply["statusCode"], reply["headers"]["location"]) == (308, f"./x/?{said}")


def test_each_form_may_have_a_route_of_its_own_and_a_method_of_its_own(gateway: Gateway) -> None:
    app = app_of("/a", "/a/", "/{x}", "/{x}/")
    app.post("/a")(named("post"))
    for path in ("/a", "/a/"):
        assert gateway(app, "GET", path).json["handler"] == path
        assert gateway(app, "POST", path).json["handler"] == "post"
        assert gateway(app, "PUT", path).header("allow") == "GET, HEAD, OPTIONS, POST"
    assert gateway(app, "GET", "/1/").json == {"handler": "/{x}/", "x": "1"}


def test_the_form_that_is_asked_for_wins_over_no_more_literal_path(send: Gateway) -> None:
    app = app_of("/orders/{id}", "/{rest:path}")
    assert send(app, "GET", "/orders/17/").json["handler"] == "/orders/{id}"
    strict = app_of("/orders/{id}", "/{rest:path}", trailing_slash="strict")
    assert send(strict, "GET", "/orders/17/").json == {"handler": "/{rest:path}", "rest": "orders/17/"}


@pytest.mark.parametrize("policy", ["tolerate", None, True])
def test_a_policy_that_there_is_not_is_refused(policy: Any) -> None:
    with pytest.raises(ConfigurationError, match='"ignore", "strict" or "redirect"'):
        App(trailing_slash=policy)


# --- HEAD and OPTIONS ------------------------------------------------------------------------------------------------


def test_head_is_get_without_the_body(gateway: Gateway) -> None:
    app = App()

    @app.get("/a/{x}")
    def read(x: str) -> Response:
        return Response(x, headers={"etag": '"1"', "content-type": "text/plain"})

    answer = gateway(app, "HEAD", "/a/1")
    assert (answer.status, answer.body, answer.header("etag")) == (200, b"", '"1"')
    assert gateway(app, "HEAD", "/b").body == b""


@pytest.mark.parametrize("head_first", [True, False])
def test_a_head_route_is_asked_instead_of_get_whichever_came_first(send: Gateway, *, head_first: bool) -> None:
    app = App()

    def register_head() -> None:
        app.head("/a")(lambda: Response(None, headers={"x-from": "head"}))

    if head_first:
        register_head()
    app.get("/a")(lambda: "get")
    if not head_first:
        register_head()
    assert send(app, "HEAD", "/a").header("x-from") == "head"
    assert send(app, "GET", "/a").body == b"get"
    with pytest.raises(ConfigurationError, match="HEAD /a is answered already"):
        register_head()


def test_options_says_which_methods_there_are_without_asking_the_guard(gateway: Gateway) -> None:
    app = App()

    @app.authorizer()
    def nobody(request: Request) -> Allow:
        raise HttpError(403)

    app.get("/a", auth=nobody)(lambda: "secret")
    app.delete("/a", auth=nobody)(lambda: None)
    answer = gateway(app, "OPTIONS", "/a")
    assert (answer.status, answer.header("allow")) == (204, "DELETE, GET, HEAD, OPTIONS")
    assert gateway(app, "OPTIONS", "/b").status == 404
    app.options("/a")(lambda: "own")
    assert gateway(app, "OPTIONS", "/a").body == b"own"


def test_a_guard_is_asked_for_head_too(gateway: Gateway) -> None:
    app = App()

    @app.authorizer()
    def nobody(request: Request) -> Allow:
        raise HttpError(403)

    app.get("/a/{x}", auth=nobody)(lambda: "secret")
    for method, path in itertools.product(("GET", "HEAD"), ("/a/1", "/a/1/")):
        assert gateway(app, method, path).status == 403


# --- Base paths ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "expected"),
    [("/v1/a", "/a"), ("/v2/a", "/a"), ("/a", "/a"), ("/v1", "/"), ("/v1/", "/"), ("/v1/v2/a", None), ("/v11/a", None)],
)
def test_a_base_path_is_taken_off_once(gateway: Gateway, target: str, expected: str | None) -> None:
    answer = gateway(app_of("/", "/a", base_path=["/v1", "/v2"]), "GET", target)
    assert answer.status == (404 if expected is None else 200)
    assert expected is None or answer.json["handler"] == expected


@pytest.mark.parametrize("base", ["v1", "/v1/", "/", 1])
def test_a_base_path_that_is_none_is_refused(base: Any) -> None:
    with pytest.raises(ConfigurationError, match="must start"):
        App(base_path=[base])


def behind_a_custom_domain(event: dict[str, Any], path: str) -> dict[str, Any]:
    event["requestContext"] |= {"domainName": "api.example.com", "domainPrefix": "api"}
    return event | {"rawPath" if "rawPath" in event else "path": path}


@pytest.mark.parametrize(
    ("resource", "sent", "path"),
    [
        ("/{proxy+}", "/orders/17", "/shop/orders/17"),
        ("/{proxy+}", "/orders/17", "/shop/eu/orders/17"),
        ("/{proxy+}", "/orders/17", "/orders/17"),
        ("/{proxy+}", "/orders/17", "/orders/orders/17"),
        ("/orders/{id}", "/orders/17", "/shop/orders/17"),
        ("/orders/{id}", "/orders/a%20b", "/shop/orders/a%20b"),
        ("/orders/{proxy+}", "/orders/17", "/shop/orders/17"),
        ("/", "/", "/shop"),
        ("/", "/", "/shop/"),
        ("/", "/", "/"),
    ],
)
def test_the_base_path_of_a_custom_domains_mapping_is_no_part_of_the_path(resource: str, sent: str, path: str) -> None:
    app = app_of("/", "/orders/{id}")
    rest = behind_a_custom_domain(http.rest("GET", sent, resource=resource), path)
    assert app(rest)["statusCode"] == 200
    assert app(rest | {"version": "1.0"})["statusCode"] == 200
    v2 = behind_a_custom_domain(http.v2("GET", sent, route_key=f"ANY {resource}"), path.replace("%20", " "))
    assert app(v2)["statusCode"] == 200


def test_where_the_event_does_not_tell_the_mapping_the_path_stays_as_it_is() -> None:
    app = app_of("/shop/orders")
    for event in (http.v2("GET", "/shop/orders"), http.rest("GET", "/shop/orders") | {"resource": None}):
        assert app(behind_a_custom_domain(event, "/shop/orders"))["statusCode"] == 200


# --- Routers ---------------------------------------------------------------------------------------------------------


def test_a_routers_dependencies_run_before_its_handlers_and_after_the_guard(send: Gateway) -> None:
    ran: list[str] = []
    app = App()

    @app.authorizer()
    def guard(request: Request) -> Allow:
        ran.append("guard")
        if "refuse" in request.query:
            raise HttpError(403)
        return Allow("ada")

    def outer(request: Request) -> None:
        ran.append(f"outer {request.path}")

    def inner(n: int = 0) -> Iterator[None]:
        ran.append(f"inner {n}")
        yield
        ran.append("inner ends")

    def own() -> str:
        ran.append("own")
        return "own"

    deep = Router(prefix="/deep", dependencies=[Depends(inner)], tags=["deep"])
    top = Router(dependencies=[Depends(outer)], tags=["top"])

    def read(value: Any, again: None) -> str:
        ran.append("handler")
        return str(value)

    read.__annotations__ |= {"value": Annotated[str, Depends(own)], "again": Annotated[None, Depends(inner)]}
    deep.get("/x", auth=guard, tags=["x"])(read)
    top.include(deep)
    app.include(top, prefix="/v1")
    assert send(app, "GET", "/v1/deep/x?n=3").body == b"own"
    assert ran == ["guard", "outer /v1/deep/x", "inner 3", "own", "handler", "inner ends"]
    ran.clear()
    assert send(app, "GET", "/v1/deep/x?refuse").status == 403
    assert ran == ["guard"]
    assert app.routes[1].trigger.described.tags == ("top", "deep", "x")  # type: ignore[attr-defined]


def test_a_routers_dependency_may_refuse_the_request(gateway: Gateway) -> None:
    def closed() -> None:
        raise HttpError(503, "closed")

    router, app = Router(dependencies=[Depends(closed)]), App()
    router.get("/x")(lambda: "open")
    app.get("/y")(lambda: "open")
    app.include(router)
    assert gateway(app, "GET", "/x").status == 503
    assert gateway(app, "GET", "/y").status == 200


@pytest.mark.parametrize("dependencies", [lambda: None, [lambda: None], Depends(lambda: None), "x"])
def test_dependencies_that_are_none_are_refused(dependencies: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"it is a list such as \[Depends\(f\)\]"):
        Router(dependencies=dependencies)


@pytest.mark.parametrize("tags", ["orders", [1]])
def test_tags_that_are_none_are_refused(tags: Any) -> None:
    with pytest.raises(ConfigurationError, match="it is a list of names"):
        Router(tags=tags)


# --- Guards and the router agree -------------------------------------------------------------------------------------


def test_the_guard_that_api_gateway_asks_is_the_routes_own_for_every_kind_of_path() -> None:
    app = App(base_path="/base")

    def guard_of(name: str) -> Any:
        def guard(request: Request) -> Allow:
            return Allow(name)

        guard.__qualname__ = f"guard_{name}"
        return app.authorizer()(guard)

    for name, path in {"int": "/x/{n:int}", "plain": "/x/{n}", "rest": "/{r:path}", "static": "/x/a"}.items():
        app.get(path, auth=guard_of(name))(named(path))
    for path, name in {
        "/x/1": "int",
        "/x/1/": "int",
        "/x/b": "plain",
        "/x/a/": "static",
        "/x/1/2": "rest",
        "/": "rest",
        "/base/x/1": "int",
        "/x/%31": "int",
    }.items():
        for method in ("GET", "HEAD"):
            assert app(authorizer.token(method, path, "t"))["principalId"] == name, (method, path)


# --- Against a reference ---------------------------------------------------------------------------------------------

METHODS = ["GET", "POST", "HEAD", "OPTIONS"]
RANK = {"": 0, "int": 1, "float": 2, "uuid": 3, "str": 4, "path": 5}
pieces = st.sampled_from(["a", "b", "", "{:int}", "{:float}", "{:str}", "{:path}"])
pattern = st.lists(pieces, min_size=1, max_size=4).filter(lambda parts: "{:path}" not in parts[:-1])
route_sets = st.lists(st.tuples(st.sampled_from(METHODS), pattern), max_size=12)
segments = st.sampled_from(["a", "b", "", "1", "-2", "1.5", "x y", "%", "ü", "{", "?", "/", "1/2"])


def kind_of(piece: str) -> str:
    return piece[2:-1] if piece.startswith("{") else ""


def fits(kind: str, text: str) -> bool:
    if kind == "str":
        return text != ""
    try:
        return str(int(text)) == text if kind == "int" else str(float(text)) in (text, f"{text}.0")
    except ValueError:
        return False


def read(pieces: list[str], parts: list[str]) -> list[str] | None:
    """The parameters' texts where the pattern is the path, piece by piece; None where it is not."""
    texts: list[str] = []
    for index, piece in enumerate(pieces):
        kind = kind_of(piece)
        if index == len(parts):
            return None
        if kind == "path":
            return [*texts, "/".join(parts[index:])]
        if kind == "" and piece != parts[index]:
            return None
        if kind and not fits(kind, parts[index]):
            return None
        if kind:
            texts.append(parts[index])
    return texts if len(pieces) == len(parts) else None


def bare(parts: list[str]) -> list[str]:
    """Without the slash at the end."""
    return parts[:-1] if len(parts) > 1 and parts[-1] == "" and parts != ["", ""] else parts


def reference(routes: list[tuple[str, list[str]]], method: str, parts: list[str], *, strict: bool) -> Any:
    """The slow and obvious matcher: of all routes that fit, the one whose pieces come first from the left."""
    fitting = []
    for verb, pieces_ in routes:
        exact = read(pieces_, parts)
        other = None if strict or pieces_[-1] == "{:path}" else read(bare(pieces_), bare(parts))
        texts = exact if exact is not None else other
        if texts is not None:
            rank = [RANK[kind_of(piece)] for piece in bare(pieces_)]
            fitting.append((rank, exact is None, verb, pieces_, texts))
    given_ = {"HEAD": ["HEAD", "GET"]}.get(method, [method])
    found = [
        (rank, inexact, given_.index(verb), pieces_, texts)
        for rank, inexact, verb, pieces_, texts in fitting
        if verb in given_
    ]
    if found:
        _, _, _, pieces_, texts = min(found, key=lambda each: each[:3])
        return 200, pieces_, texts
    allowed = {verb for _, _, verb, _, _ in fitting}
    if "GET" in allowed:
        allowed.add("HEAD")
    if allowed:
        return (204 if method == "OPTIONS" else 405), allowed | {"OPTIONS"}, None
    return 404, None, None


def path_of(parts: list[str]) -> str:
    return "/" + "/".join(piece.replace("{", f"{{p{at}") for at, piece in enumerate(parts))


def registered(routes: list[tuple[str, list[str]]], policy: Any) -> tuple[App, list[tuple[str, list[str]]]]:
    app = App(trailing_slash=policy)
    taken: list[tuple[str, list[str]]] = []
    for method, parts in routes:
        path = path_of(parts)
        try:
            app.route(path, methods=[method])(named(path))
        except ConfigurationError:
            assert (method, parts) in taken
        else:
            taken.append((method, parts))
    return app, taken


@given(
    routes=route_sets,
    method=st.sampled_from([*METHODS, "PUT"]),
    parts=st.lists(segments, min_size=1, max_size=5),
    strict=st.booleans(),
)
def test_every_path_leads_where_the_obvious_matcher_says(
    routes: list[tuple[str, list[str]]], method: str, parts: list[str], *, strict: bool
) -> None:
    app, taken = registered(routes, "strict" if strict else "ignore")
    status, expected, texts = reference(taken, method, parts, strict=strict)
    events = [http.rest(method, "/") | {"path": "/" + "/".join(quote(part, safe="") for part in parts)}]
    if not any("/" in part for part in parts):
        events.append(http.v2(method, "/") | {"rawPath": "/" + "/".join(parts)})
    for event in events:
        completion = app.complete(event)
        reply, outcome = completion.unwrap(), completion.outcomes[0]
        assert reply["statusCode"] == status
        if status == 200:
            assert outcome.route is not None
            assert outcome.route.trigger.path == path_of(expected)  # type: ignore[attr-defined]
            assert list(outcome.record.path_params.values()) == texts  # type: ignore[attr-defined]
        elif expected is not None:
            assert set(reply["headers"]["allow"].split(", ")) == expected


@given(path=st.text(), routes=route_sets, policy=st.sampled_from(["ignore", "strict", "redirect"]))
def test_no_path_string_crashes_the_router(path: str, routes: list[tuple[str, list[str]]], policy: str) -> None:
    app, _ = registered(routes, policy)
    for event in (http.v2("GET", "/") | {"rawPath": path}, http.rest("GET", "/") | {"path": path}):
        assert app(event)["statusCode"] in (200, 308, 400, 404, 405)
        assert path.startswith("/") or app(event)["statusCode"] in (400, 404)


@given(path=st.text(max_size=40))
def test_no_route_path_is_neither_taken_nor_refused(path: str) -> None:
    app = App()
    try:
        app.get("/" + path)(named("x"))
    except ConfigurationError:
        return
    assume("{" not in path)
    assert app(http.v2("GET", "/") | {"rawPath": "/" + path})["statusCode"] == 200


# --- Cost ------------------------------------------------------------------------------------------------------------


def calls_to_route(app: App, event: dict[str, Any]) -> int:
    """The Python and C functions that are called for an event, at least: a ring of the timer may fall into it."""
    app(event)
    return min(_calls(app, event) for _ in range(3))


def _calls(app: App, event: dict[str, Any]) -> int:
    gc.disable()
    calls = 0

    def count(frame: Any, kind: str, argument: Any) -> None:
        nonlocal calls
        calls += kind in ("call", "c_call")

    sys.setprofile(count)
    try:
        app(event)
    finally:
        sys.setprofile(None)
        gc.enable()
    return calls


@pytest.mark.parametrize(
    "template",
    ["/static/n{}", "/n{}/{{id}}", "/n{}/{{id:int}}/x", "/{{tenant}}/n{}", "/n{}/{{rest:path}}"],
)
def test_a_request_costs_as_many_steps_among_5000_routes_as_alone(template: str) -> None:
    last = template.format(4999).replace("{id:int}", "7").replace("{id}", "7").replace("{tenant}", "t")
    last = last.replace("{rest:path}", "a/b")
    one, many = App(), App()
    one.get(template.format(4999))(named("last"))
    for number in range(5000):
        many.get(template.format(number))(named("last"))
    for path in (last, last + "/", "/nowhere/at/all", "/" + "a/" * 50):
        event = http.rest("GET", path)
        assert calls_to_route(many, event) == calls_to_route(one, event), path


def test_5000_routes_of_every_kind_are_tried_by_shape() -> None:
    app = App()
    shapes = ["/n{}", "/n{}/{{a}}", "/n{}/{{a:int}}", "/n{}/{{a}}/x", "/n{}/{{a:path}}"]
    for number, shape in itertools.product(range(1000), shapes):
        app.get(shape.format(number))(named(shape))
    steps = {calls_to_route(app, http.rest("GET", f"/n{number}/7/x")) for number in (0, 500, 999)}
    assert len(steps) == 1


def test_paths_of_any_length_leave_nothing_behind() -> None:
    app = app_of("/{a}", "/{a}/{rest:path}")
    for length in range(1, 300):
        app(http.rest("GET", "/x" * length))
    table: Any = app._engine.registrar._named["http.rest"][2]
    assert len(table._plans) == 3
