"""What middleware sees of a call, and what the calls of one event share."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from types import SimpleNamespace
from typing import Annotated, Any

import pytest

from lambdarouter import App, Call, Depends, Request, Response, SnsRecord
from lambdarouter.core.http import GuardedRoutes
from lambdarouter.core.route import Settings
from lambdarouter.testing.events import http, sns

CALLS: list[str] = []


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


def first() -> Iterator[str]:
    yield "first"
    CALLS.append("first closed")


def second(of: Annotated[str, Depends(first)]) -> Iterator[str]:
    yield f"second of {of}"
    CALLS.append("second closed")


def of_record(record: SnsRecord) -> str:
    CALLS.append(f"made for {record.message}")
    return record.message


def test_middleware_sees_the_record_the_route_the_context_and_the_source() -> None:
    seen: list[Call] = []
    app = App()

    @app.middleware
    def watch(call: Call) -> Generator[None]:
        seen.append(call)
        yield

    @app.get("/x")
    def read() -> str:
        return "read"

    raw = SimpleNamespace(aws_request_id="r-1")
    for target in ("/x", "/y"):
        app(http.v2("GET", target), raw)
    taken, unmatched = seen
    assert (taken.source, taken.context.request_id, taken.reply) == ("http.v2", "r-1", "read")
    assert isinstance(taken.record, Request)
    assert taken.route is app.routes[0]
    assert unmatched.route is None
    assert repr(taken).startswith(f"<Call http.v2 {__name__}.")
    assert repr(unmatched).startswith("<Call http.v2 nobody <")


def test_dependencies_with_teardowns_are_closed_last_made_first() -> None:
    app = App()

    @app.get("/x")
    def read(v: Annotated[str, Depends(second)], again: Annotated[str, Depends(first)]) -> list[str]:
        CALLS.append("handler")
        return [v, again]

    assert app(http.rest("GET", "/x"))["body"] == '["second of first","first"]'
    assert CALLS == ["handler", "second closed", "first closed"]


def test_calls_share_what_reads_no_record_and_have_their_own_of_what_does() -> None:
    app = App()

    def handler(
        v: Annotated[str, Depends(of_record)], shared: Annotated[str, Depends(first, scope="invocation")]
    ) -> str:
        return f"{v} {shared}"

    app.sns("orders", concurrency=1)(handler)
    completion = app.complete(sns("orders", "a", "b"))
    assert [outcome.value for outcome in completion.outcomes] == ["a first", "b first"]
    assert CALLS == ["made for a", "made for b", "first closed"]


def test_routes_behind_guards_are_for_sources_to_spell_out() -> None:
    registry: Any = SimpleNamespace(settings=Settings(), tables=lambda kind: [])
    routes = GuardedRoutes(registry)
    with pytest.raises(NotImplementedError):
        routes.guard_for("GET", "/x")
    with pytest.raises(NotImplementedError):
        routes.patterns()


def test_a_gateway_has_to_say_how_it_is_answered() -> None:
    from lambdarouter.sources.http.request import HttpRequest

    with pytest.raises(NotImplementedError):
        HttpRequest({}).answer(Response("x"))
