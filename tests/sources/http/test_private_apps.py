"""Apps and routers with a guard: every route of theirs is private, unless it says otherwise."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

from typing import Annotated, Any

import pytest

from lambdarouter import Allow, App, ConfigurationError, Context, Deny, Depends, Header, OpenApi, Request, Router
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import authorizer
from tests.sources.http.conftest import Gateway

CALLS: list[str] = []


def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    CALLS.append("staff")
    return Allow("ada", role="staff") if token == "staff" else Deny()


async def admin(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    CALLS.append("admin")
    return Allow("root") if token == "admin" else Deny()


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


def effect(verdict: Any) -> str:
    """What an authorizer's policy says first."""
    return str(verdict["policyDocument"]["Statement"][0]["Effect"])


def whole() -> App:
    app = App(auth=staff, openapi=OpenApi(path="/openapi.json"))
    app.authorizer()(staff)

    @app.get("/private")
    def private(auth: Allow) -> str:
        return auth.principal

    @app.get("/public", public=True)
    def public(request: Request) -> str:
        return repr(request.auth)

    @app.get("/admin", auth=admin)
    def administer() -> str:
        return "admin"

    router = Router(prefix="/r", auth=admin)

    @router.get("/private")
    def inner() -> str:
        return "inner"

    @router.get("/public", public=True)
    def open_inner() -> str:
        return "open"

    @router.get("/staff", auth=staff)
    def staff_inner() -> str:
        return "staff"

    app.include(router)
    return app


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/private", "staff", 200),
        ("/private", "admin", 403),
        ("/private", None, 401),
        ("/public", None, 200),
        ("/admin", "admin", 200),
        ("/admin", "staff", 403),
        ("/admin", None, 401),
        ("/r/private", "admin", 200),
        ("/r/private", "staff", 403),
        ("/r/public", None, 200),
        ("/r/staff", "staff", 200),
        ("/r/staff", "admin", 403),
        ("/openapi.json", None, 401),
        ("/openapi.json", "staff", 200),
        ("/nowhere", None, 404),
    ],
)
def test_a_route_is_as_private_as_what_it_stands_in(
    gateway: Gateway, path: str, token: str | None, status: int
) -> None:
    headers = {} if token is None else {"authorization": token}
    assert gateway(whole(), "GET", path, headers=headers).status == status
    assert len(CALLS) <= 1


def test_a_guard_runs_once_and_before_anything_of_the_route(gateway: Gateway) -> None:
    app = App(auth=staff)

    def never() -> None:
        raise AssertionError

    @app.post("/x")
    def handler(body: dict[str, Any], made: Annotated[None, Depends(never)]) -> None: ...

    assert gateway(app, "POST", "/x", body="{", headers={"authorization": "other"}).status == 403
    assert CALLS == ["staff"]


def test_a_routers_middleware_and_the_guards_verdict_are_there(gateway: Gateway) -> None:
    answer = gateway(whole(), "GET", "/private", headers={"authorization": "staff"})
    assert answer.body == b"ada"


@pytest.mark.parametrize("kind", ["rest", "v2"])
def test_the_stamp_of_the_apps_guard_spares_the_second_run_and_opens_no_other_route(kind: str) -> None:
    app, gateway = whole(), Gateway(kind)
    event = authorizer.request_v2("GET", "/private", headers={"authorization": "staff"})
    verdict = app.complete(event).unwrap()
    assert effect(verdict) == "Allow"
    context = verdict["context"]
    CALLS.clear()
    assert gateway(app, "GET", "/private", authorizer=context).body == b"ada"
    assert CALLS == []
    assert gateway(app, "GET", "/admin", authorizer=context).status == 401
    assert gateway(app, "GET", "/r/private", authorizer=context).status == 401
    assert gateway(app, "GET", "/r/staff", authorizer=context).status == 200


def test_api_gateway_asks_the_guard_of_the_route_that_the_request_is_for() -> None:
    app = whole()
    app.authorizer()(admin)
    client = TestClient(app)
    assert effect(client.authorize("GET", "/private", headers={"authorization": "staff"}).unwrap()) == "Allow"
    assert effect(client.authorize("GET", "/r/private", headers={"authorization": "staff"}).unwrap()) == "Deny"


def test_other_sources_have_no_guard() -> None:
    app = App(auth=staff)
    ran: list[str] = []

    @app.sns("topic")
    def handler(message: str, context: Context) -> None:
        ran.append(message)

    assert TestClient(app).sns("topic", "x").error is None
    assert ran == ["x"]


def test_a_route_is_public_or_guarded_not_both() -> None:
    with pytest.raises(ConfigurationError, match="the one or the other"):
        App().get("/x", auth=staff, public=True)(lambda: None)


@pytest.mark.parametrize("make", [App, Router])
def test_a_guard_is_a_function(make: Any) -> None:
    with pytest.raises(ConfigurationError, match="auth is"):
        make(auth="staff")
