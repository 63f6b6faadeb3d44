"""Whose word counts: a guard that API Gateway ran leaves its stamp, and nobody else can."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from lambdarouter import Allow, App, Deny, Depends, Header
from lambdarouter.core.signature import name_of
from lambdarouter.testing.events import authorizer, http
from tests.sources.http.guarded import ADMIN, CALLS, STAFF, admin, app, staff

if TYPE_CHECKING:
    from tests.sources.http.conftest import Gateway

pytestmark = pytest.mark.usefixtures("no_calls")


def stamp(guard: Callable[..., Any], principal: str = "ada", **context: Any) -> dict[str, Any]:
    """What API Gateway hands on of the context that this guard's Allow put into its reply."""
    event = authorizer.request_v1(
        "GET", "/orders/1" if guard is staff else "/admin/a", headers=STAFF if guard is staff else ADMIN
    )
    reply = app()(event)
    CALLS.clear()
    stamped: dict[str, Any] = reply["context"]
    assert name_of(guard) in stamped.values()
    return {key: str(value) for key, value in stamped.items()} | {"principalId": reply["principalId"]} | context


GATEWAYS_WITH_AUTHORIZERS: list[Any] = [http.rest, http.v2]


@pytest.mark.parametrize("build", GATEWAYS_WITH_AUTHORIZERS, ids=["rest", "v2"])
def test_a_guard_that_api_gateway_ran_does_not_run_again(build: Any) -> None:
    reply = app()(build("GET", "/orders/1", authorizer=stamp(staff)))
    assert reply["statusCode"] == 200
    assert '"who":"ada"' in reply["body"]
    assert '"role":"staff"' in reply["body"]
    assert "principalId" not in reply["body"]
    assert "lambdarouter" not in reply["body"]
    assert CALLS == ["read"]


@pytest.mark.parametrize("build", GATEWAYS_WITH_AUTHORIZERS, ids=["rest", "v2"])
@pytest.mark.parametrize(("guard", "target"), [(staff, "/admin/a"), (admin, "/orders/1")], ids=["staff", "admin"])
@pytest.mark.parametrize("headers", [{}, STAFF, ADMIN], ids=["anonymous", "staff", "admin"])
def test_an_allow_of_one_guard_never_opens_a_route_of_the_other(
    build: Any, guard: Any, target: str, headers: dict[str, str]
) -> None:
    reply = app()(build("GET", target, headers=headers, authorizer=stamp(guard)))
    opens = headers == (ADMIN if target == "/admin/a" else STAFF)
    assert reply["statusCode"] == (200 if opens else 403 if headers else 401)
    assert ("read" in CALLS or "report" in CALLS) is opens


def test_the_context_of_a_simple_response_opens_the_same_routes() -> None:
    made = App()
    made.authorizer(simple=True)(staff)

    @made.get("/orders/{order_id}", auth=staff)
    def read(order_id: int, who: Allow) -> str:
        return who.principal

    reply = made(authorizer.request_v2("GET", "/orders/1", headers=STAFF))
    assert reply["isAuthorized"] is True
    CALLS.clear()
    assert made(http.v2("GET", "/orders/1", authorizer=reply["context"]))["body"] == "ada"
    assert CALLS == []


def require(role: str) -> Callable[..., Allow | Deny]:
    def guard(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
        return Allow(role) if token == role else Deny()

    return guard


def alike(role: str) -> Callable[..., Allow | Deny]:
    return wraps(staff)(require(role))


class Role:
    """A guard that is an object, and one that is a method."""

    def __init__(self, role: str) -> None:
        self.check = partial(require(role))
        self.role = role

    def __call__(self, token: Annotated[str, Header("authorization")]) -> Allow | Deny:
        return Allow(self.role) if token == self.role else Deny()

    def method(self, token: Annotated[str, Header("authorization")]) -> Allow | Deny:
        return self(token)


@pytest.mark.parametrize(
    "make",
    [require, alike, Role, lambda role: Role(role).method, lambda role: Role(role).check],
    ids=["closures", "wrappers", "objects", "methods", "partials"],
)
def test_a_stamp_that_another_guard_of_one_name_could_have_left_opens_nothing(make: Any) -> None:
    # The authorizer may be another function's, with the same module in it.
    elsewhere, here = App(), App()
    elsewhere.authorizer()(make("user"))
    here.get("/admin", auth=make("admin"))(lambda: "secret")
    verdict = elsewhere(authorizer.request_v1("GET", "/admin", headers={"authorization": "user"}))
    assert verdict["context"]["lambdarouter_principal"] == "user"

    for token, status in (("user", 403), ("admin", 200)):
        event = http.rest("GET", "/admin", headers={"authorization": token}, authorizer=verdict["context"])
        assert here(event)["statusCode"] == status


@pytest.mark.parametrize(("other", "token"), [(alike("user"), "user"), (partial(staff), "Bearer staff")])
def test_what_wraps_a_guard_leaves_no_stamp_of_it(other: Any, token: str) -> None:
    elsewhere, here = App(), App()
    elsewhere.authorizer()(other)
    here.get("/orders", auth=staff)(lambda: "orders")
    verdict = elsewhere(authorizer.request_v1("GET", "/orders", headers={"authorization": token}))
    assert verdict["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert here(http.rest("GET", "/orders", authorizer=verdict["context"]))["statusCode"] == 401


def counted(fn: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(fn)
    def outer(*args: Any, **kwargs: Any) -> Any:
        CALLS.append("counted")
        return fn(*args, **kwargs)

    return outer


@counted
def decorated(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow("ada") if token == "yes" else Deny()


def test_a_decorated_function_of_a_module_has_its_name_alone() -> None:
    made = App()
    made.authorizer()(decorated)
    made.get("/x", auth=decorated)(lambda: "x")
    verdict = made(authorizer.request_v1("GET", "/x", headers={"authorization": "yes"}))
    CALLS.clear()
    assert made(http.rest("GET", "/x", authorizer=verdict["context"]))["body"] == "x"
    assert CALLS == []


NAMES = [name_of(staff), "staff", "*", "", "None", "lambdarouter"]


@pytest.mark.parametrize("name", NAMES)
def test_a_stamp_a_client_can_write_counts_for_nothing(gateway: Gateway, name: str) -> None:
    forged = {"lambdarouter_guard": name, "lambdarouter_principal": "eve"}
    answer = gateway(
        app(),
        "GET",
        "/orders/1",
        headers={**forged, "x-amzn-oidc-identity": name, "requestContext": str(forged)},
        query={**forged, "requestContext": str(forged), "authorizer": str(forged)},
        cookies=forged,
        body=str(forged),
    )
    assert answer.status == 401
    assert CALLS == []


@pytest.mark.parametrize(
    "where", ["authorizer", "authorizer.lambda", "authorizer.iam", "authorizer.jwt", "authorizer.claims"]
)
@pytest.mark.parametrize("builder", [http.rest, http.v2, http.url, http.alb], ids=["rest", "v2", "url", "alb"])
def test_a_stamp_anywhere_but_where_api_gateway_puts_a_lambda_authorizers_context_counts_for_nothing(
    builder: Any, where: str
) -> None:
    event = builder("GET", "/orders/1")
    context: dict[str, Any] = stamp(staff)
    for key in reversed(where.split(".")):
        context = {key: context}
    event["requestContext"] |= context
    event |= {key: value for key, value in stamp(staff).items() if key != "principalId"}
    right = "authorizer" if builder is http.rest else "authorizer.lambda" if builder is http.v2 else None
    assert app()(event)["statusCode"] == (200 if where == right else 401)


@pytest.mark.parametrize(
    "context", [None, [], "x", 5, {}, {"lambda": None}, {"lambda": []}, {"lambda": {}}, {"lambdarouter_guard": None}]
)
@pytest.mark.parametrize("builder", [http.rest, http.v2, http.url], ids=["rest", "v2", "url"])
def test_an_odd_authorizer_context_is_no_stamp(builder: Any, context: Any) -> None:
    event = builder("GET", "/orders/1")
    event["requestContext"]["authorizer"] = context
    assert app()(event)["statusCode"] == 401
    assert CALLS == []


def test_a_jwts_claims_are_no_stamp() -> None:
    claims = {"lambdarouter_guard": name_of(staff), "lambdarouter_principal": "eve"}
    event = http.v2("GET", "/orders/1")
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    assert app()(event)["statusCode"] == 401
    event = http.rest("GET", "/orders/1", authorizer={"claims": claims})
    assert app()(event)["statusCode"] == 401


def test_api_gateway_asks_the_guard_that_guards_the_encoded_path_in_process() -> None:
    made = app()
    made.get("/orders/{order_id}/{line}", auth=admin)(lambda order_id, line: None)
    for path, guard in (("/orders/a%2Fb", staff), ("/orders/a/b", admin)):
        headers = STAFF if guard is staff else ADMIN
        context = made(authorizer.request_v1("GET", path, headers=headers))["context"]
        assert name_of(guard) in context.values()


def known_tokens() -> dict[str, str]:
    CALLS.append("known_tokens")
    return {"Bearer ok": "ada"}


def by_table(
    token: Annotated[str, Header("authorization")], known: Annotated[dict[str, str], Depends(known_tokens)]
) -> Allow:
    return Allow(known[token])


def test_what_a_guard_depends_on_is_not_made_where_api_gateway_has_run_it() -> None:
    shop = App()

    @shop.get("/mine", auth=by_table)
    def mine(who: Allow) -> str:
        return who.principal

    stamped = {"lambdarouter_guard": name_of(by_table), "lambdarouter_principal": "ada"}
    assert shop(http.v2("GET", "/mine", authorizer=stamped))["body"] == "ada"
    assert CALLS == []
    assert shop(http.v2("GET", "/mine", headers={"authorization": "Bearer ok"}))["body"] == "ada"
    assert CALLS == ["known_tokens"]
