"""Guards in process: what lets a request in, what keeps it out, and whose word counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    Allow,
    App,
    Body,
    Call,
    ConfigurationError,
    Context,
    Cookie,
    Deny,
    Depends,
    Header,
    HttpError,
    OpenApi,
    Outcome,
    Path,
    Query,
    RedirectResponse,
    Request,
    Response,
    Unauthorized,
)
from tests.sources.http.guarded import ADMIN, CALLS, STAFF, admin, app, staff

if TYPE_CHECKING:
    from tests.sources.http.conftest import Gateway

pytestmark = pytest.mark.usefixtures("no_calls")


class Order(BaseModel):
    id: int


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/orders/1", STAFF, 200),
        ("/orders/1", ADMIN, 403),
        ("/orders/1", {"Authorization": "Bearer nonsense"}, 403),
        ("/orders/1", {}, 401),
        ("/admin/a", ADMIN, 200),
        ("/admin/a", STAFF, 403),
        ("/admin/a", {}, 401),
        ("/open", {}, 200),
        ("/open", STAFF, 200),
    ],
)
def test_each_route_asks_its_own_guard(gateway: Gateway, target: str, headers: dict[str, str], status: int) -> None:
    answer = gateway(app(), "GET", target, headers=headers)
    assert answer.status == status
    handlers = [call for call in CALLS if call in ("read", "report")]
    assert len(handlers) == (1 if status == 200 and target != "/open" else 0)
    guards = [call for call in CALLS if call in ("staff", "admin")]
    assert guards == (
        []
        if target == "/open" or (not headers and "orders" in target)
        else ["staff" if "orders" in target else "admin"]
    )


def test_the_handler_learns_who_it_is(gateway: Gateway) -> None:
    answer = gateway(app(), "GET", "/orders/1", headers=STAFF)
    assert answer.json == {"who": "ada", "context": {"role": "staff"}}


def test_a_401_carries_the_challenge(gateway: Gateway) -> None:
    answer = gateway(app(), "GET", "/admin/a")
    assert answer.problem == {"title": "Unauthorized", "status": 401, "detail": "no token"}
    assert answer.header("www-authenticate") == "Bearer"


def test_a_403_tells_nothing(gateway: Gateway) -> None:
    answer = gateway(app(), "GET", "/orders/1", headers=ADMIN)
    assert answer.problem == {"title": "Forbidden", "status": 403}


# --- What guards do --------------------------------------------------------------------------------------------------


def ask(gateway: Gateway, guard: Any, target: str = "/x", path: str = "/x", **request: Any) -> Any:
    made = App()

    @made.get(path, auth=guard)
    def handler(who: Allow) -> str:
        CALLS.append("handler")
        return who.principal

    return gateway(made, "GET", target, **request)


@pytest.mark.parametrize("value", [None, True, "ada", {}, 1, Allow, Deny, "Allow"], ids=str)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_guard_that_returns_no_verdict_lets_nobody_in(
    gateway: Gateway,
    value: Any,
    colour: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def guard() -> Any:
        return value

    async def async_guard() -> Any:
        return value

    answer = ask(gateway, async_guard if colour == "async" else guard)
    assert answer.status == 500
    assert CALLS == []
    assert "a verdict is Allow(...) or Deny()" in capfd.readouterr().err


# --- What a 401 says of them -----------------------------------------------------------------------------------------


def by_bearer(authorization: Annotated[str, Header()]) -> Allow:
    raise Unauthorized


def by_key(key: Annotated[str, Header("x-api-key")]) -> Allow:
    raise Unauthorized


def by_either(
    authorization: Annotated[str | None, Header()] = None, sid: Annotated[str | None, Cookie()] = None
) -> Allow:
    raise Unauthorized


def by_request(request: Request) -> Allow:
    raise HttpError(401)


def by_its_own_word(authorization: Annotated[str, Header()] = "") -> Allow:
    raise Unauthorized(headers={"WWW-Authenticate": "DPoP"})


CHALLENGES: list[tuple[Any, str | None]] = [
    (by_bearer, "Bearer"),
    (by_key, None),
    (by_either, "Bearer"),
    (by_request, "Bearer"),
    (by_its_own_word, "DPoP"),
]


@pytest.mark.parametrize("headers", [{}, {"authorization": "x", "x-api-key": "x"}], ids=["without", "with"])
@pytest.mark.parametrize(("guard", "challenge"), CHALLENGES)
def test_a_401_says_which_credentials_its_guard_takes(
    gateway: Gateway, guard: Any, challenge: str | None, headers: dict[str, str]
) -> None:
    answer = ask(gateway, guard, headers=headers)
    assert (answer.status, answer.header("www-authenticate")) == (401, challenge)


@pytest.mark.parametrize(
    ("scheme", "challenge"),
    [
        ({"type": "http", "scheme": "Basic"}, 'Basic realm="API"'),
        ({"type": "http", "scheme": "bearer"}, "Bearer"),
        ({"type": "openIdConnect", "openIdConnectUrl": "https://id.example.com"}, "Bearer"),
        ({"type": "oauth2", "flows": {}}, "Bearer"),
        ({"type": "apiKey", "in": "header", "name": "authorization"}, None),
        ({"type": "http", "scheme": "digest"}, None),
    ],
)
def test_a_401_says_what_the_app_has_said_of_the_guard(
    gateway: Gateway, scheme: dict[str, Any], challenge: str | None
) -> None:
    app = App(openapi=OpenApi("API", "1", security_schemes={"by_bearer": scheme}), auth=by_bearer)
    app.get("/x")(lambda: "never")
    answer = gateway(app, "GET", "/x")
    assert (answer.status, answer.header("www-authenticate")) == (401, challenge)


def test_an_exception_handlers_401_says_it_too(gateway: Gateway) -> None:
    app = App(auth=by_bearer)
    app.get("/x")(lambda: "never")

    @app.exception_handler(401)
    def who(error: HttpError) -> Response:
        return Response("who are you?", 401)

    answer = gateway(app, "GET", "/x")
    assert (answer.body, answer.header("www-authenticate")) == (b"who are you?", "Bearer")


def test_an_exception_handler_that_leads_elsewhere_does_not_say_it(gateway: Gateway) -> None:
    app = App(auth=by_bearer)
    app.get("/x")(lambda: "never")

    @app.exception_handler(Unauthorized)
    def sign_in(error: Unauthorized) -> Response:
        return RedirectResponse("/login")

    assert gateway(app, "GET", "/x").header("www-authenticate") is None


def test_a_401_that_middleware_gives_says_it_too(gateway: Gateway) -> None:
    app = App(auth=by_bearer)
    app.get("/x")(lambda: "never")

    @app.middleware
    def closed(call: Call) -> Iterator[None]:
        call.reply = Outcome(call.record, call.route, error=Unauthorized())
        return
        yield

    answer = gateway(app, "GET", "/x")
    assert (answer.status, answer.header("www-authenticate")) == (401, "Bearer")


def test_what_middleware_says_counts(gateway: Gateway) -> None:
    app = App(auth=by_bearer)
    app.get("/x")(lambda: "never")

    @app.middleware
    def realm(call: Call) -> Iterator[None]:
        assert isinstance(call.record, Request)
        try:
            yield
        except Unauthorized:
            call.record.response_headers["www-authenticate"] = 'Bearer realm="shop"'
            raise

    assert gateway(app, "GET", "/x").headers["www-authenticate"] == ['Bearer realm="shop"']


def test_no_other_reply_says_it(gateway: Gateway) -> None:
    def guard(authorization: Annotated[str, Header()]) -> Allow | Deny:
        return Allow(authorization) if authorization == "ada" else Deny()

    assert ask(gateway, guard, headers={"authorization": "ada"}).header("www-authenticate") is None
    assert ask(gateway, guard, headers={"authorization": "bob"}).header("www-authenticate") is None


def test_a_401_of_a_route_without_a_guard_says_nothing(gateway: Gateway) -> None:
    app = App()

    @app.get("/x")
    def handler() -> None:
        raise Unauthorized

    assert gateway(app, "GET", "/x").header("www-authenticate") is None


# --- What guards may do ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [RuntimeError("hunter2"), KeyError("x"), ValueError()], ids=repr)
def test_a_guard_that_crashes_lets_nobody_in_and_is_logged(
    gateway: Gateway, error: Exception, capfd: pytest.CaptureFixture[str]
) -> None:
    def guard() -> Allow:
        raise error

    answer = ask(gateway, guard)
    assert answer.status == 500
    assert b"hunter2" not in answer.body
    assert CALLS == []
    assert type(error).__name__ in capfd.readouterr().err


def test_a_guard_may_refuse_with_any_http_error(gateway: Gateway) -> None:
    def guard() -> Allow:
        raise HttpError(429, "slow down")

    assert ask(gateway, guard).status == 429
    assert CALLS == []


def by_header(token: Annotated[str, Header("x-token")]) -> Allow:
    return Allow(token)


def by_query(token: Annotated[int, Query("token")]) -> Allow:
    return Allow(str(token))


def by_cookie(sid: Annotated[str, Cookie()]) -> Allow:
    return Allow(sid)


def by_path(tenant: Annotated[str, Path()]) -> Allow:
    return Allow(tenant)


def by_nothing() -> Allow:
    return Allow("anybody")


def by_everything(request: Request, context: Context, key: Annotated[str, Header("x-key")] = "none") -> Allow:
    return Allow(f"{request.method} {context.request_id}{key}")


def unannotated(request) -> Allow:  # type: ignore[no-untyped-def] # noqa: ANN001
    return Allow(request.path)


@pytest.mark.parametrize(
    ("guard", "request_", "principal"),
    [
        (by_header, {"headers": {"X-Token": "t"}}, "t"),
        (by_query, {"query": {"token": "17"}}, "17"),
        (by_cookie, {"cookies": {"sid": "s"}}, "s"),
        (by_nothing, {}, "anybody"),
        (by_everything, {}, "GET none"),
        (unannotated, {}, "/acme"),
        (by_path, {}, "acme"),
    ],
    ids=lambda v: getattr(v, "__name__", None),
)
def test_a_guard_takes_what_it_needs(gateway: Gateway, guard: Any, request_: dict[str, Any], principal: str) -> None:
    answer = ask(gateway, guard, "/acme", "/{tenant}", **request_)
    assert (answer.status, answer.body.decode()) == (200, principal)


@pytest.mark.parametrize(
    ("guard", "request_"),
    [
        (by_header, {}),
        (by_query, {}),
        (by_query, {"query": {"token": "not a number"}}),
        (by_cookie, {}),
        (by_cookie, {"cookies": {"other": "s"}}),
        (by_path, {}),
    ],
    ids=lambda v: getattr(v, "__name__", None) or str(v),
)
def test_a_credential_that_is_missing_or_unreadable_is_401_and_not_422(
    gateway: Gateway, guard: Any, request_: dict[str, Any]
) -> None:
    answer = ask(gateway, guard, **request_)
    assert answer.status == 401
    assert "not a number" not in answer.body.decode()
    assert CALLS == []


@pytest.mark.parametrize("query", ["", "?n=x", "?n=1"])
def test_a_401_beats_what_else_is_wrong_with_the_request(gateway: Gateway, query: str) -> None:
    made = App()

    @made.post("/x/{id}", auth=staff)
    def create(id: int, n: int, order: Order) -> None: ...  # noqa: A002

    for body, media in (("{", "application/json"), ("x", "text/plain"), ("", "application/json")):
        headers = {"content-type": media}
        assert gateway(made, "POST", f"/x/abc{query}", body=body, headers=headers).status == 401
        assert gateway(made, "POST", f"/x/abc{query}", body=body, headers=headers | ADMIN).status == 403
    assert gateway(made, "POST", "/x/abc", json={"id": 1}, headers=STAFF).status == 422


def first() -> Iterator[str]:
    CALLS.append("first")
    try:
        yield "session"
    finally:
        CALLS.append("first closed")


def second() -> str:
    CALLS.append("second")
    return "second"


def sessioned(session: Annotated[str, Depends(first)], token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    CALLS.append("guard")
    return Allow(session) if token == "Bearer staff" else Deny()


def test_a_guard_and_what_it_depends_on_come_before_everything_else_and_once(gateway: Gateway) -> None:
    made = App()

    @made.get("/x", auth=sessioned)
    def handler(
        other: Annotated[str, Depends(second)],
        session: Annotated[str, Depends(first)],
        who: Allow,
        again: Annotated[Any, Depends(sessioned)],
    ) -> list[Any]:
        CALLS.append("handler")
        return [session, who.principal, other]

    assert gateway(made, "GET", "/x", headers=STAFF).json == ["session", "session", "second"]
    # The last "guard" is the handler's own dependency on the same function, which is not the guard.
    assert CALLS == ["first", "guard", "second", "guard", "handler", "first closed"]
    CALLS.clear()
    assert gateway(made, "GET", "/x", headers=ADMIN).status == 403
    assert CALLS == ["first", "guard", "first closed"]


def test_an_async_guard_guards_sync_and_async_handlers(gateway: Gateway) -> None:
    made = App()

    @made.get("/sync", auth=admin)
    def handler() -> str:
        return "sync"

    @made.get("/async", auth=admin)
    async def async_handler(who: Allow) -> str:
        await asyncio.sleep(0)
        return who.principal

    assert gateway(made, "GET", "/sync", headers=ADMIN).body == b"sync"
    assert gateway(made, "GET", "/async", headers=ADMIN).body == b"root"
    assert gateway(made, "GET", "/async", headers=STAFF).status == 403


def test_one_guard_of_two_routes_judges_each_request_anew(gateway: Gateway) -> None:
    made = app()
    for headers, status in ((STAFF, 200), ({}, 401), (ADMIN, 403), (STAFF, 200)):
        assert gateway(made, "GET", "/orders/1", headers=headers).status == status


# --- What registration refuses ---------------------------------------------------------------------------------------


def test_a_verdict_without_a_guard_is_refused_and_says_what_is_missing() -> None:
    def handler(who: Allow) -> None: ...

    with pytest.raises(ConfigurationError, match=r"'who' is an Allow, .* set auth= on the route"):
        App().get("/x")(handler)


def generator_guard() -> Iterator[Allow]:
    yield Allow("x")


def payload_guard(order: Order) -> Allow:
    return Allow("x")


@pytest.mark.parametrize("guard", [generator_guard, payload_guard])
def test_a_guard_that_could_not_be_asked_is_refused(guard: Any) -> None:
    with pytest.raises(ConfigurationError, match="handler"):
        App().get("/x", auth=guard)(handler_of_nothing)


def handler_of_nothing() -> None: ...


@pytest.mark.parametrize("guard", ["staff", 5, True])
def test_a_guard_is_a_function(guard: Any) -> None:
    with pytest.raises(ConfigurationError, match="auth"):
        App().get("/x", auth=guard)(handler_of_nothing)


@pytest.mark.parametrize("principal", [None, 5, b"ada", {}])
def test_an_allow_needs_the_principals_name(principal: Any) -> None:
    with pytest.raises(TypeError, match="takes the principal's name as a str"):
        Allow(principal)


def test_a_mark_that_the_source_has_no_use_for_is_refused() -> None:
    def guard_with_body(order: Annotated[Order, Body()]) -> Allow:
        return Allow("x")

    def announce(token: Annotated[str, Header()]) -> None: ...

    with pytest.raises(ConfigurationError, match="nobody can fill the parameter 'order: Order'"):
        App().get("/x", auth=guard_with_body)(handler_of_nothing)
    with pytest.raises(ConfigurationError, match="nobody can fill the parameter 'token: str'"):
        App().sns("orders")(announce)


def test_verdicts_tell_no_secrets() -> None:
    assert repr(Allow("ada", token="hunter2")) == "Allow('ada', token)"
    assert repr(Deny(reason="hunter2")) == "Deny()"
    assert Deny(reason="x").context == {"reason": "x"}


@pytest.mark.parametrize("annotation", [Allow, Allow | None], ids=str)
def test_an_allow_that_may_be_missing_is_the_guards_verdict_all_the_same(gateway: Gateway, annotation: Any) -> None:
    def read(who=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        return who.principal

    read.__annotations__["who"] = annotation
    guarded = App()
    guarded.get("/x", auth=lambda: Allow("ada"))(read)
    assert gateway(guarded, "GET", "/x").body == b"ada"
