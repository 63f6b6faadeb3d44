"""From method and path to the handler, through every gateway."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from lambdarouter import App, ConfigurationError, Request, Router
from lambdarouter.testing.events import http

if TYPE_CHECKING:
    from tests.sources.http.conftest import Gateway


def named(name: str) -> Any:
    """A handler that tells its name and the path parameters it got."""

    def handler(request: Request) -> dict[str, Any]:
        return {"handler": name, **request.path_params}

    return handler


def app_of(*paths: str, method: str = "GET") -> App:
    app = App()
    for path in paths:
        app.route(path, methods=[method])(named(path))
    return app


PATHS = (
    "/",
    "/orders",
    "/orders/{id}",
    "/orders/new",
    "/orders/{id}/lines",
    "/orders/{id}/lines/{line}",
    "/{kind}/new",
)


@pytest.mark.parametrize(
    ("target", "handler", "params"),
    [
        ("/", "/", {}),
        ("/orders", "/orders", {}),
        ("/orders/17", "/orders/{id}", {"id": "17"}),
        ("/orders/new", "/orders/new", {}),
        ("/orders/17/lines", "/orders/{id}/lines", {"id": "17"}),
        ("/orders/new/lines", "/orders/{id}/lines", {"id": "new"}),
        ("/orders/17/lines/2", "/orders/{id}/lines/{line}", {"id": "17", "line": "2"}),
        ("/books/new", "/{kind}/new", {"kind": "books"}),
        ("/orders/{id}", "/orders/{id}", {"id": "{id}"}),
        ("/orders/..", "/orders/{id}", {"id": ".."}),
    ],
)
def test_a_path_leads_to_its_handler(gateway: Gateway, target: str, handler: str, params: dict[str, str]) -> None:
    answer = gateway(app_of(*PATHS), "GET", target)
    assert answer.status == 200
    assert answer.json == {"handler": handler, **params}


@pytest.mark.parametrize(
    "target",
    ["/order", "//orders", "/orders//lines", "/orders/17/lines//", "/orders//", "/ORDERS", "/books", "//"],
)
def test_a_path_that_no_route_has_is_404(gateway: Gateway, target: str) -> None:
    answer = gateway(app_of(*PATHS), "GET", target)
    assert answer.status == 404
    assert answer.problem == {"title": "Not Found", "status": 404}


@pytest.mark.parametrize("order", list(itertools.permutations(["/a/b", "/a/{x}", "/{x}/b", "/{x}/{y}"])), ids=str)
def test_literal_segments_win_from_left_to_right_whatever_the_order_of_registration(
    send: Gateway, order: tuple[str, ...]
) -> None:
    app = app_of(*order)
    answers = [send(app, "GET", target).json["handler"] for target in ("/a/b", "/a/1", "/1/b", "/1/1")]
    assert answers == ["/a/b", "/a/{x}", "/{x}/b", "/{x}/{y}"]


def test_a_method_is_looked_for_in_less_literal_routes_too(gateway: Gateway) -> None:
    app = app_of("/orders/new")
    app.delete("/orders/{id}")(named("delete"))
    assert gateway(app, "DELETE", "/orders/new").json == {"handler": "delete", "id": "new"}
    assert gateway(app, "PUT", "/orders/new").header("allow") == "DELETE, GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("target", "allow"),
    [("/orders", "GET, HEAD, OPTIONS, POST"), ("/orders/17", "DELETE, GET, HEAD, OPTIONS, PATCH")],
)
def test_a_known_path_with_another_method_is_405_with_what_it_allows(gateway: Gateway, target: str, allow: str) -> None:
    app = App()
    app.route("/orders", methods=["POST", "GET"])(named("orders"))
    app.route("/orders/{id}", methods=["GET", "PATCH"])(named("order"))
    app.delete("/orders/{other}")(named("delete"))
    answer = gateway(app, "PUT", target)
    assert answer.status == 405
    assert answer.header("allow") == allow
    assert answer.problem == {"title": "Method Not Allowed", "status": 405}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_every_method_has_its_decorator(gateway: Gateway, method: str) -> None:
    app = App()
    getattr(app, method.lower())("/x")(named(method))
    answer = gateway(app, method, "/x")
    assert answer.status == 200
    # What a HEAD request asks for is the headers.
    assert answer.body == (b"" if method == "HEAD" else b'{"handler":"%s"}' % method.encode())


def test_an_unheard_of_method_is_405(gateway: Gateway) -> None:
    assert gateway(app_of("/x"), "BREW", "/x").status == 405


# --- Encoding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["a b", "a+b", "ünïcode", "☃", "😀", "100%", "%41", "a?b", "a#b", "a;b", "a&b=c", '"', "\x01"]
)
def test_a_path_parameter_is_decoded_exactly_once(gateway: Gateway, value: str) -> None:
    answer = gateway(app_of("/orders/{id}"), "GET", "/orders/" + quote(value, safe=""))
    assert answer.json == {"handler": "/orders/{id}", "id": value}


def test_an_encoded_slash_stays_in_its_parameter_where_the_gateway_leaves_it(gateway: Gateway) -> None:
    app = app_of("/orders/{id}", "/orders/{id}/{line}")
    handler = "/orders/{id}/{line}" if gateway.decodes_paths else "/orders/{id}"
    assert gateway(app, "GET", "/orders/a%2Fb").json["handler"] == handler
    assert gateway(app_of("/a/b"), "GET", "/a%2Fb").status == (200 if gateway.decodes_paths else 404)


def test_a_static_path_is_found_in_its_encoded_form(gateway: Gateway) -> None:
    assert gateway(app_of("/bücher/neu"), "GET", "/b%C3%BCcher/neu").status == 200


@pytest.mark.parametrize("target", ["/orders/%ff", "/orders/%C3", "/orders/%ED%A0%80"])
def test_a_path_that_is_not_utf_8_is_400(gateway: Gateway, target: str) -> None:
    answer = gateway(app_of("/orders/{id}"), "GET", target)
    if gateway.decodes_paths:
        assert answer.status == 200  # the gateway has put something in its place already
    else:
        assert answer.status == 400
        assert "UTF-8" in answer.problem["detail"]


@pytest.mark.parametrize("target", ["/orders/%", "/orders/%4", "/orders/%zz", "/orders/%u1234"])
def test_a_percent_sign_that_encodes_nothing_is_itself(send: Gateway, target: str) -> None:
    app = app_of("/orders/{id}")
    event = http.rest("GET", "/orders/x") | {"path": target}
    assert app(event)["statusCode"] == 200
    assert target.rpartition("/")[2] in app(event)["body"]


# --- Events as nobody expects them -----------------------------------------------------------------------------------


def test_a_path_of_ten_thousand_segments_is_404(gateway: Gateway) -> None:
    app = app_of("/{a}", "/{a}/{b}", "/a/b/c")
    assert gateway(app, "GET", "/a" * 10_000).status == 404
    assert gateway(app, "GET", "/" * 10_000).status == 404
    assert gateway(app, "GET", "/" + "a" * 100_000).status == 200


def test_a_route_may_be_as_deep_as_it_likes(gateway: Gateway) -> None:
    path = "/a/{p}" + "/b" * 500
    assert gateway(app_of(path), "GET", path.replace("{p}", "x")).json["p"] == "x"


@pytest.mark.parametrize("path", [None, 5, [], {}, True])
@pytest.mark.parametrize("builder", [http.rest, http.alb, http.v2, http.url])
def test_an_event_without_a_path_is_a_500_and_no_crash(
    builder: Any, path: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    event = builder("GET", "/x")
    event["rawPath" if "rawPath" in event else "path"] = path
    completion = app_of("/x").complete(event)
    assert completion.unwrap()["statusCode"] == 500
    assert "InvalidEventError" in capfd.readouterr().err


def test_an_empty_path_is_404() -> None:
    assert app_of("/", "/{x}")(http.rest("GET", "/") | {"path": ""})["statusCode"] == 404


# --- What registration refuses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("orders", 'does not start with "/"'),
        ("", 'does not start with "/"'),
        (None, 'does not start with "/"'),
        ("/orders?x=1", "holds a query"),
        ("/orders#top", "holds a query or a fragment"),
        ("/orders/<id>", "written {name}"),
        ("/orders/{id", "written {name}"),
        ("/orders/id}", "written {name}"),
        ("/orders/{a}{b}", "written {name}"),
        ("/orders/{a}-{b}", "written {name}"),
        ("/orders/x{a}", "written {name}"),
        ("/orders/{}", "written {name}"),
        ("/orders/{1st}", "written {name}"),
        ("/orders/{a b}", "written {name}"),
        ("/orders/{proxy+}", "written {name}"),
        ("/orders/<id>", "here '/orders/{id}'"),
        ("/orders/<int:id>/lines/<line>", "here '/orders/{id:int}/lines/{line}'"),
        ("/{proxy+}", "here '/{proxy:path}'"),
        ("/orders/{id:integer}", "no converter is called 'integer': there are int, float, uuid and path"),
        ("/orders/{:int}", "written {name}"),
        ("/orders/{id:}", "written {name}"),
        ("/orders/*", "written {name}"),
        ("/{rest:path}/x", "it comes last"),
        ("/{rest:path}/", "it comes last"),
        ("/orders/{id}/lines/{id}", "names a parameter twice"),
    ],
)
def test_a_malformed_path_is_refused_with_the_function_and_the_reason(path: Any, reason: str) -> None:
    def handler() -> None: ...

    with pytest.raises(ConfigurationError) as caught:
        App().get(path)(handler)
    message = str(caught.value)
    assert reason in message
    assert f"handler ({__file__}:{handler.__code__.co_firstlineno})" in message
    assert repr(path) in message


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"methods": "GET"}, "it is a list"),
        ({"methods": []}, "it is a list"),
        ({"methods": ["get"]}, "unknown method 'get'"),
        ({"methods": ["GET", "BREW"]}, "unknown method 'BREW'"),
        ({"status": 100}, "200 to 599"),
        ({"status": 600}, "200 to 599"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        App().route("/x", **options)(lambda: None)


@pytest.mark.parametrize(
    ("first", "second"), [("/x", "/x"), ("/x/{a}", "/x/{a}"), ("/x/{a}", "/x/{b}"), ("/{a}/x/{b}", "/{b}/x/{a}")]
)
def test_a_path_used_twice_is_refused_naming_both_functions(first: str, second: str) -> None:
    def earlier() -> None: ...

    def later() -> None: ...

    app = App()
    app.route(first, methods=["POST", "GET"])(earlier)
    with pytest.raises(ConfigurationError) as caught:
        app.route(second, methods=["PUT", "GET"])(later)
    message = str(caught.value)
    for fn in (earlier, later):
        assert f"{fn.__name__} ({__file__}:{fn.__code__.co_firstlineno})" in message
    assert f"GET {second} is answered already" in message
    assert first in message
    # Nothing of the refused route is left behind.
    assert len(app.routes) == 1
    assert app(http.rest("PUT", first.replace("{a}", "1").replace("{b}", "2")))["statusCode"] == 405


def test_one_path_may_have_a_handler_for_each_method_and_a_method_named_twice_counts_once() -> None:
    app = App()
    app.route("/x", methods=["GET", "GET"])(lambda: None)
    app.post("/x")(lambda: None)
    assert [route.trigger.describe() for route in app.routes] == ["GET /x", "POST /x"]


def test_a_routers_prefix_goes_before_its_paths_however_deep(gateway: Gateway) -> None:
    inner, outer, app = Router(prefix="/{tenant}"), Router(prefix="/v1"), App()
    inner.get("/orders/{id}", status=202)(named("read"))
    outer.include(inner, prefix="/shops")
    app.include(outer)
    answer = gateway(app, "GET", "/v1/shops/acme/orders/17")
    assert (answer.status, answer.json) == (202, {"handler": "read", "tenant": "acme", "id": "17"})
    assert app.routes[0].trigger.describe() == "GET /v1/shops/{tenant}/orders/{id}"


def test_an_empty_path_is_the_routers_prefix_itself(gateway: Gateway) -> None:
    app, orders = App(), Router(prefix="/orders")

    @orders.get("")
    def every() -> str:
        return "every order"

    app.include(orders)
    assert gateway(app, "GET", "/orders").body == b"every order"
    assert gateway(app, "GET", "/orders/").body == b"every order"


def test_a_conflict_through_a_router_names_both_functions_too() -> None:
    def earlier() -> None: ...

    def later() -> None: ...

    app, router = App(), Router(prefix="/v1")
    app.get("/v1/x")(earlier)
    router.get("/x")(later)
    with pytest.raises(ConfigurationError, match=r"later .* by .*earlier"):
        app.include(router)


@pytest.mark.parametrize(("path", "decoded"), [("/a%20b", "/a b"), ("/x/{id}/%C3%BC", "/x/{id}/ü")])
def test_a_route_that_is_percent_encoded_could_never_match_and_is_refused(path: str, decoded: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(f"write it {decoded!r}")):
        app_of(path)


def test_a_percent_sign_in_a_route_that_encodes_nothing_is_itself(gateway: Gateway) -> None:
    app = app_of("/100%", "/5%zz")
    assert gateway(app, "GET", "/100%25").status == 200
    assert gateway(app, "GET", "/5%25zz").status == 200
