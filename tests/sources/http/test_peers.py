"""Where peers go wrong with routes and parameters, and what is right: each test says what the peer does.

Powertools is aws-lambda-powertools 3.37, Chalice 1.34, Mangum 0.22, Zappa 0.63, Starlette 1.10, FastAPI 0.165: what
they do is known from their code, or from sending them the same events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from fastapi import FastAPI
from mangum import Mangum

from lambdarouter import Allow, App, ConfigurationError, Header, HttpError, Request
from lambdarouter.testing import LambdaContext
from lambdarouter.testing.events import authorizer, http

if TYPE_CHECKING:
    from tests.sources.http.conftest import Gateway


def test_a_known_path_with_another_method_is_405_with_allow(gateway: Gateway) -> None:
    """Powertools answers 404 and no Allow."""
    app = App()
    app.get("/x")(lambda: None)
    answer = gateway(app, "POST", "/x")
    assert (answer.status, answer.header("allow")) == (405, "GET, HEAD, OPTIONS")


def test_head_is_answered_from_get(gateway: Gateway) -> None:
    """Powertools answers 404, FastAPI 405."""
    app = App()
    app.get("/x")(lambda: "x")
    answer = gateway(app, "HEAD", "/x")
    assert (answer.status, answer.body) == (200, b"")


def test_an_annotated_path_parameter_has_its_type_without_further_ado(gateway: Gateway) -> None:
    """Powertools passes a str to `order_id: int`, silently, unless enable_validation=True."""
    app = App()

    @app.get("/orders/{order_id}")
    def read(order_id: int) -> str:
        return type(order_id).__name__

    assert gateway(app, "GET", "/orders/17").body == b"int"
    assert gateway(app, "GET", "/orders/x").status == 422


def test_a_parameter_may_take_the_rest_of_the_path(gateway: Gateway) -> None:
    """Powertools' `<name>` never crosses a slash, and there is no other; in Chalice, `{proxy+}` is API Gateway's."""
    app = App()

    @app.get("/files/{name:path}")
    def read(name: str) -> str:
        return name

    assert gateway(app, "GET", "/files/a/b.txt").body == b"a/b.txt"


def test_powertools_spelling_of_a_parameter_is_refused_at_import_with_ours() -> None:
    """`<id>` would be a literal segment to Starlette, FastAPI and Chalice: a route that is never found."""
    with pytest.raises(ConfigurationError, match=r"here '/orders/\{id\}'"):
        App().get("/orders/<id>")(lambda: None)


def test_the_order_of_registration_decides_nothing(gateway: Gateway) -> None:
    """Starlette and FastAPI take the first route that fits: `/orders/{name}` before `/orders/latest` hides it."""
    app = App()
    app.get("/orders/{name}")(lambda name: "parameter")
    app.get("/orders/latest")(lambda: "literal")
    assert gateway(app, "GET", "/orders/latest").body == b"literal"


def test_a_route_that_is_answered_already_is_refused_at_import() -> None:
    """FastAPI, Starlette and Powertools keep both, and one of them never runs."""

    def earlier() -> None: ...

    app = App()
    app.get("/x/{a}")(earlier)
    with pytest.raises(ConfigurationError, match=r"answered already, by .*earlier"):
        app.get("/x/{b}")(lambda b: None)


def test_an_encoded_slash_stays_in_its_parameter() -> None:
    """Mangum decodes the path before Starlette splits it, so that `a%2Fb` is two segments, and 404."""
    app = App()

    @app.get("/x/{name}")
    def read(name: str) -> str:
        return name

    for build in (http.rest, http.url, http.alb):
        assert app(build("GET", "/x/a%2Fb"))["body"] == "a/b"


@pytest.mark.parametrize("build", [http.lattice_v1, http.lattice_v2, http.v2, http.url])
def test_gateways_that_crash_peers_are_answered(build: Any) -> None:
    """Mangum raises KeyError at VPC Lattice, Zappa returns None or 500; Chalice answers 500 to HTTP APIs and URLs."""
    app = App()
    app.get("/x")(lambda: "x")
    reply = app(build("GET", "/x"))
    assert (reply["statusCode"], reply["body"]) == (200, "x")


@pytest.mark.parametrize(
    "event",
    [
        authorizer.request_v1("GET", "/x"),
        authorizer.request_v2("GET", "/x"),
        authorizer.token("GET", "/x", "Bearer t"),
        authorizer.websocket(),
    ],
)
def test_an_authorizers_event_never_runs_a_route(event: Any) -> None:
    """Mangum, Zappa, Powertools and apig-wsgi run the route, and answer 200, before anybody is authorized."""
    app, ran = App(), []

    @app.route("/{rest:path}", methods=["GET", "POST"])
    def handler(rest: str) -> None:
        ran.append(rest)

    assert app.complete(event).error is not None
    assert not ran


def test_both_forms_of_a_path_have_one_guard(gateway: Gateway) -> None:
    """Powertools' resolver for REST APIs tolerates the slash, and knows nothing of who may ask for which form."""
    app = App()

    @app.authorizer()
    def nobody(request: Request) -> Allow:
        raise HttpError(403)

    app.get("/x", auth=nobody)(lambda: "secret")
    assert {gateway(app, "GET", path).status for path in ("/x", "/x/")} == {403}


def test_all_mistakes_of_a_request_are_told_and_none_of_its_values(gateway: Gateway) -> None:
    """Chalice validates nothing; FastAPI's errors repeat the input, which may be a password."""
    app = App()

    @app.get("/x")
    def read(a: int, token: Annotated[int, Header("x-token")]) -> None: ...

    answer = gateway(app, "GET", "/x?a=secret1", headers={"X-Token": "secret2"})
    assert [error["loc"] for error in answer.problem["errors"]] == [["query", "a"], ["header", "x-token"]]
    assert b"secret" not in answer.body


def test_a_missing_query_parameter_that_looks_like_a_misspelt_path_parameter_is_found_at_import() -> None:
    """In FastAPI, `/orders/{order_id}` with `orderid: int` is a route that answers 422 to everybody."""
    with pytest.raises(ConfigurationError, match="is one of them misspelt"):

        @App().get("/orders/{order_id}")
        def read(orderid: int) -> None: ...


@pytest.mark.usefixtures("current_loop")
def test_fastapi_behind_mangum_does_what_is_said_of_it_here() -> None:
    peer = FastAPI()
    peer.get("/o/{name}")(lambda name: "parameter")
    peer.get("/o/latest")(lambda: "literal")
    peer.get("/p/<id>")(lambda: "never found")
    peer.get("/q/{order_id}")(lambda order_id: None)
    peer.get("/q/{order_id}")(lambda order_id: "never runs")

    def read(orderid: int, secret: int = 0) -> None: ...

    peer.get("/v/{order_id}")(read)
    context: Any = LambdaContext()

    def ask(method: str, path: str, build: Any = http.rest) -> Any:
        return Mangum(peer, lifespan="off")(build(method, path), context)

    assert ask("GET", "/o/latest")["body"] == '"parameter"'
    assert ask("GET", "/p/5")["statusCode"] == 404
    assert ask("GET", "/q/5")["body"] == "null"
    assert ask("HEAD", "/q/5")["statusCode"] == 405
    assert ask("GET", "/o/a%2Fb")["statusCode"] == 404
    assert ask("GET", "/v/5")["statusCode"] == 422
    assert "hunter2" in ask("GET", "/v/5?secret=hunter2")["body"]
    for build in (http.lattice_v1, http.lattice_v2):
        with pytest.raises((RuntimeError, KeyError)):
            ask("GET", "/q/5", build)
    for event in (authorizer.request_v1("GET", "/q/5"), authorizer.request_v2("GET", "/q/5")):
        assert Mangum(peer, lifespan="off")(event, context)["statusCode"] == 200
