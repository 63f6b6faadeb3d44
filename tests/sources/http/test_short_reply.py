"""`app(event)` makes nearly every reply in a short way: it is the reply that the long way makes."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, field_serializer

from lambdarouter import App, Cors, Depends, HttpError, JsonResponse
from lambdarouter.core.invocation import current
from lambdarouter.testing.events import http
from tests.engine.batch import LambdaContext

GATEWAYS: dict[str, Any] = {
    "rest": http.rest,
    "v2": http.v2,
    "url": http.url,
    "alb": http.alb,
    "lattice": http.lattice_v2,
}


class Queued(JsonResponse):
    """A reply of the app's own kind."""


class Order(BaseModel):
    id: int


VALUES: dict[str, Any] = {
    "object": {"id": 17, "ü": ["ß", None, 1.5]},
    "list": [1, 2],
    "model in a list": [Order(id=1)],
    "empty": {},
    "none": None,
    "text": "hello",
    "bytes": b"\x00\xff",
    "status": ({"id": 17}, 201),
    "response": JsonResponse({"id": 17}, 202, {"x-a": "b"}),
    "long": {"x": "y" * 100_000},
    "too long": {"x": "y" * 7_000_000},
    "not JSON": {"x": object()},
}


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("status", [None, 201, 204])
def test_both_ways_make_the_same_reply(gateway: str, value: str, status: int | None) -> None:
    app, waiting = App(), App()

    @waiting.get("/x", status=status)
    async def waits() -> Any:
        return VALUES[value]

    app.get("/x", status=status)(lambda: VALUES[value])
    event = GATEWAYS[gateway]("GET", "/x")
    reply = app.complete(event).reply
    assert [app(event) for _ in range(2)] == [reply] * 2
    assert [waiting(event), waiting(event), waiting.complete(event).reply] == [reply] * 3


FINISHED: dict[str, dict[str, Any]] = {
    "cors": {"cors": Cors("https://a.example", expose=["x-a"])},
    "security": {"security_headers": True},
    "compress": {"compress": 1},
}


def around(app: App, what: str) -> Any:
    """What a handler at this path has around it."""
    if what == "middleware":

        @app.middleware
        def sees(call: Any) -> Any:
            yield

    return Annotated[str, Depends(lambda: "made")] if what == "dependency" else str


@pytest.mark.parametrize("what", ["nothing", "middleware", "dependency"])
@pytest.mark.parametrize("finished", FINISHED)
@pytest.mark.parametrize("value", ["object", "none", "response", "long", "too long", "not JSON"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_both_ways_finish_a_reply_alike(method: str, value: str, finished: str, what: str) -> None:
    app = App(**FINISHED[finished])

    def handler(asked: Any = "") -> Any:
        return VALUES[value]

    handler.__annotations__["asked"] = around(app, what)
    app.get("/x", etag=True)(handler)
    headers = {"origin": "https://a.example", "accept-encoding": "gzip"}
    for gateway in GATEWAYS.values():
        event = gateway(method, "/x", headers=headers)
        reply = app.complete(event).reply
        assert [app(event) for _ in range(2)] == [reply] * 2
        too_long = 200 if finished == "compress" or method == "HEAD" else 500  # which make it short
        status = {"none": 204, "response": 202, "too long": too_long, "not JSON": 500}.get(value, 200)
        assert reply["statusCode"] == status


REFUSED: dict[str, Any] = {
    "404": ("GET", "/y", None),
    "405": ("PUT", "/x", None),
    "what there is": ("OPTIONS", "/x", None),
    "redirect": ("GET", "/x/", None),
    "preflight": ("OPTIONS", "/c", {"origin": "https://a.example", "access-control-request-method": "GET"}),
    "404 with CORS": ("OPTIONS", "/y", {"origin": "https://a.example", "access-control-request-method": "GET"}),
}


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("request_", REFUSED)
def test_both_ways_answer_alike_what_no_route_takes(gateway: str, request_: str) -> None:
    method, path, headers = REFUSED[request_]
    app, seen = App(trailing_slash="redirect"), App(trailing_slash="redirect")

    @seen.middleware
    def sees(call: Any) -> Any:
        assert call.route is None
        yield

    for each in (app, seen):
        each.get("/x")(lambda: {"a": 1})
        each.get("/c", cors=Cors("https://a.example"))(lambda: {"a": 1})
    event = GATEWAYS[gateway](method, path, headers=headers or {})
    reply = app.complete(event).reply
    assert [app(event), app(event), seen(event), seen.complete(event).reply] == [reply] * 4


def test_what_no_route_takes_is_an_error_for_who_asks() -> None:
    app = App()
    app.get("/x")(lambda: {"a": 1})
    for method, path, status, headers in (("GET", "/y", 404, {}), ("PUT", "/x", 405, {"allow": "GET, HEAD, OPTIONS"})):
        event = http.v2(method, path)
        app(event)
        (outcome,) = app.complete(event).outcomes
        error = outcome.error
        assert isinstance(error, HttpError)
        assert (error.status, error.headers, outcome.status) == (status, headers, "failed")
        assert outcome.error is error
        assert app.complete(event).outcomes[0].error is not error


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_both_ways_make_the_same_reply_of_a_declared_type(gateway: str) -> None:
    app, waiting = App(), App()

    @app.get("/orders/{order_id}")
    def read(order_id: int) -> Order | Queued | None:
        if order_id > 100:
            raise HttpError(410)
        if order_id == 18:
            return Queued({"id": 18}, 202)
        return Order(id=order_id) if order_id else None

    @waiting.get("/orders/{order_id}")
    async def wait(order_id: int) -> Order | Queued | None:
        return read(order_id)

    for order in ("17", "18", "0", "101", "x"):
        event = GATEWAYS[gateway]("GET", f"/orders/{order}")
        reply = app.complete(event).reply
        assert [app(event) for _ in range(2)] == [reply] * 2
        assert [waiting(event), waiting(event), waiting.complete(event).reply] == [reply] * 3


def test_a_long_reply_is_written_once() -> None:
    app, written = App(), list[int]()

    class Text(BaseModel):
        text: str

        @field_serializer("text")
        def note(self, text: str) -> str:
            written.append(len(text))
            return text

    @app.get("/x")
    def long() -> Text:
        return Text(text="y" * 100_000)

    for _ in range(2):
        assert app(http.v2("GET", "/x"))["statusCode"] == 200
    assert written == [100_000, 100_000]


def test_the_call_in_progress_is_known_on_the_short_way() -> None:
    app = App()

    @app.get("/x")
    def tells() -> list[str]:
        call = current.get()
        assert call is not None
        invocation, matches, index = call
        route = matches[index].route
        assert route is not None
        return [invocation.name, invocation.context.request_id, route.name.rpartition(".")[2]]

    @app.get("/async")
    async def waits() -> list[str]:
        return tells()

    for path, name in {"/x": "tells", "/async": "waits"}.items():
        for _ in range(2):
            context = LambdaContext(30)
            assert app(http.v2("GET", path), context)["body"] == f'["http.v2","{context.aws_request_id}","{name}"]'
    assert current.get() is None
