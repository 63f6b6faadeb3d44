"""Whatever goes wrong, the client gets a problem document, and learns nothing that is not for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from lambdarouter import (
    App,
    DeadlineExceeded,
    Depends,
    HttpError,
    InvalidPayloadError,
    MalformedPayloadError,
    Unauthorized,
)
from lambdarouter.testing.events import http

if TYPE_CHECKING:
    from tests.sources.http.conftest import Answer, Gateway


def ask(gateway: Gateway, error: BaseException | Any, *, debug: bool = False, is_async: bool = False) -> Answer:
    return gateway(refusing(error, debug=debug, is_async=is_async), "GET", "/x")


def refusing(error: BaseException | Any, *, debug: bool = False, is_async: bool = False) -> App:
    app = App(debug=debug)

    def handler() -> None:
        raise error

    async def async_handler() -> None:
        raise error

    app.get("/x")(async_handler if is_async else handler)
    return app


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (HttpError(400), "Bad Request"),
        (HttpError(402), "Payment Required"),
        (HttpError(403), "Forbidden"),
        (HttpError(404), "Not Found"),
        (HttpError(409), "Conflict"),
        (HttpError(418), "Error"),
        (HttpError(429), "Too Many Requests"),
        (Unauthorized(), "Unauthorized"),
    ],
    ids=str,
)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_http_error_is_its_status_as_a_problem_and_not_logged(
    gateway: Gateway,
    error: HttpError,
    title: str,
    colour: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = refusing(error, is_async=colour == "async")
    answer = gateway(app, "GET", "/x")
    assert answer.status == error.status
    assert answer.problem == {"title": title, "status": error.status}
    assert gateway.complete(app, "GET", "/x").outcomes[0].error is error
    assert capfd.readouterr().err == ""


def test_an_http_errors_detail_and_headers_are_the_clients(gateway: Gateway) -> None:
    answer = ask(gateway, HttpError(429, "slow ☃ down", headers={"Retry-After": "30"}))
    assert answer.problem == {"title": "Too Many Requests", "status": 429, "detail": "slow ☃ down"}
    assert answer.header("retry-after") == "30"
    challenge = ask(gateway, Unauthorized("who?", headers={"WWW-Authenticate": "Bearer"}))
    assert challenge.problem["detail"] == "who?"
    assert challenge.header("www-authenticate") == "Bearer"


def test_an_http_error_of_the_servers_own_is_logged_and_traceable(
    gateway: Gateway, capfd: pytest.CaptureFixture[str]
) -> None:
    app = refusing(HttpError(503, "come back later"))
    answer = gateway(app, "GET", "/x")
    assert answer.problem["detail"] == "come back later"
    assert answer.problem["request_id"]
    assert answer.problem["request_id"] == gateway.complete(app, "GET", "/x").outcomes[0].record.id
    assert "503" in capfd.readouterr().err


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_crash_is_500_without_details_and_logged_with_its_traceback(
    gateway: Gateway,
    colour: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    answer = ask(gateway, RuntimeError("password hunter2"), is_async=colour == "async")
    assert answer.status == 500
    assert set(answer.problem) == {"title", "status", "request_id"}
    assert b"hunter2" not in answer.body
    logged = capfd.readouterr().err
    assert "RuntimeError: password hunter2" in logged
    assert "test_errors.py" in logged
    assert "handler" in logged


def test_debug_tells_the_client_what_went_wrong(gateway: Gateway) -> None:
    answer = ask(gateway, RuntimeError("boom"), debug=True)
    assert answer.problem["detail"] == "RuntimeError: boom"


def test_debug_is_off_unless_it_is_asked_for(gateway: Gateway) -> None:
    assert "detail" not in ask(gateway, KeyError("secret")).problem


def test_an_error_inside_a_reply_is_a_500_like_any_other(gateway: Gateway) -> None:
    class Moody:
        def __str__(self) -> str:
            raise RuntimeError

    for error in (ValueError(Moody()), KeyError(Moody())):
        assert ask(gateway, error).status == 500


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidPayloadError("no"), 422),
        (InvalidPayloadError("no", [{"loc": ("body", 1), "msg": "no", "type": "value_error"}]), 422),
        (MalformedPayloadError("no"), 400),
        (DeadlineExceeded("late"), 504),
    ],
    ids=["invalid", "invalid with reasons", "malformed", "late"],
)
def test_the_frameworks_errors_have_their_statuses(gateway: Gateway, error: Exception, status: int) -> None:
    answer = ask(gateway, error)
    assert answer.status == status
    assert answer.problem.get("detail") == ("no" if status < 500 else None)


@pytest.mark.parametrize("status", [200, 302, 399, 600, 0])
def test_an_http_error_is_for_errors_only(status: int) -> None:
    with pytest.raises(ValueError, match="return a Response for the others"):
        HttpError(status)


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X-Tag": "a\r\nSet-Cookie: admin=1"}},
        {"headers": {"X-Tag": 5}},
        {"headers": {"X\n": "5"}},
        {"headers": {"X Tag": "5"}},
        {"headers": {"X-Tag": "\ud800"}},
        {"detail": {"a": 1}},
        {"detail": b"no"},
    ],
    ids=str,
)
def test_an_http_error_that_could_not_be_sent_is_a_500(
    gateway: Gateway, options: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((ValueError, TypeError)):
        HttpError(400, **options)
    app = App()

    @app.get("/x")
    def handler() -> None:
        raise HttpError(400, **options)

    answer = gateway(app, "GET", "/x")
    assert answer.status == 500
    assert "set-cookie" not in answer.headers
    assert capfd.readouterr().err


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


class UnspeakablePayloadError(InvalidPayloadError):
    def __str__(self) -> str:
        raise RuntimeError


def with_header(error: HttpError, name: Any, value: Any) -> HttpError:
    error.headers[name] = value  # past the check that its constructor makes
    return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnspeakableError(), 500),
        (UnspeakablePayloadError("no"), 422),
        (InvalidPayloadError("no", [{"loc": ("body", "\ud800"), "msg": "no", "type": "value_error"}]), 422),
        (InvalidPayloadError("no", [{"loc": ("body", object()), "msg": "no", "type": "value_error"}]), 422),
        (with_header(HttpError(409), "x-tag", "a\nb"), 409),
        (with_header(HttpError(409), 5, "a"), 409),
    ],
    ids=["str raises", "payload's str raises", "surrogate in a location", "no JSON", "header's value", "header's name"],
)
@pytest.mark.parametrize("debug", [False, True])
def test_an_error_that_cannot_be_told_is_answered_with_its_status_all_the_same(
    gateway: Gateway, error: Exception, status: int, debug: Any
) -> None:
    answer = ask(gateway, error, debug=debug)
    assert answer.status == status
    assert set(answer.problem) <= {"title", "status", "request_id"}


def test_half_a_surrogate_pair_from_a_clients_json_does_not_cost_it_the_answer(gateway: Gateway) -> None:
    app = App()

    @app.post("/x")
    def refuse(order: dict) -> None:  # type: ignore[type-arg]
        raise HttpError(404, f"no order {order['id']} ☃")

    answer = gateway(app, "POST", "/x", body='{"id": "\\ud800"}', headers={"content-type": "application/json"})
    assert answer.problem["detail"] == "no order \\ud800 ☃"
    assert ask(gateway, HttpError(404, "\ud800")).problem["detail"] == "\\ud800"
    assert ask(gateway, InvalidPayloadError("\udfff")).problem["detail"] == "\\udfff"
    assert ask(gateway, ValueError("\ud800"), debug=True).problem["detail"] == "ValueError: \\ud800"


def test_a_problem_has_one_content_type_whatever_headers_its_error_brings(gateway: Gateway) -> None:
    answer = ask(gateway, HttpError(409, headers={"Content-Type": "text/html", "X-Tag": "t"}))
    assert answer.headers["content-type"] == ["application/problem+json"]
    assert answer.header("x-tag") == "t"


def test_an_error_tells_its_status_and_detail() -> None:
    assert str(HttpError(404)) == "404"
    assert str(HttpError(404, "no such order")) == "404: no such order"
    assert str(Unauthorized("who?")) == "Unauthorized"


def failing() -> int:
    raise HttpError(409, "taken")


def crashing() -> Iterator[int]:
    yield 1
    raise RuntimeError("teardown")


def test_an_error_in_a_dependency_answers_for_the_handler(gateway: Gateway, capfd: pytest.CaptureFixture[str]) -> None:
    app = App()

    @app.get("/a")
    def read(v: Annotated[int, Depends(failing)]) -> None:
        raise AssertionError

    @app.get("/b")
    def write(v: Annotated[int, Depends(crashing)]) -> str:
        return "done"

    assert gateway(app, "GET", "/a").status == 409
    assert capfd.readouterr().err == ""
    assert gateway(app, "GET", "/b").status == 500
    assert "RuntimeError: teardown" in capfd.readouterr().err


def test_a_404_a_405_and_a_422_are_not_logged(gateway: Gateway, capfd: pytest.CaptureFixture[str]) -> None:
    app = App()

    @app.get("/x")
    def read(n: int) -> None: ...

    assert [gateway(app, *ask_).status for ask_ in (("GET", "/y"), ("PUT", "/x"), ("GET", "/x?n=a"))] == [404, 405, 422]
    assert capfd.readouterr().err == ""


def test_an_app_without_routes_answers_404_to_every_gateway(gateway: Gateway) -> None:
    answer = gateway(App(), "GET", "/")
    assert answer.problem == {"title": "Not Found", "status": 404}


def test_a_problem_says_which_request_it_was_for() -> None:
    app = App()

    @app.get("/x")
    def handler() -> None:
        raise RuntimeError

    for build in (http.rest, http.v2, http.url):
        event = build("GET", "/x")
        assert event["requestContext"]["requestId"] in app(event)["body"]
    assert "Root=1-" in app(http.alb("GET", "/x"))["body"]
    event = http.rest("GET", "/x")
    del event["requestContext"]["requestId"]
    assert "the request" in app(event)["body"]
