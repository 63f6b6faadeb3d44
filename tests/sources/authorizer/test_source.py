from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest

from lambdarouter import (
    Allow,
    App,
    ConfigurationError,
    Context,
    Deny,
    Depends,
    Header,
    HttpError,
    NoRouteError,
    Request,
    Unauthorized,
)
from lambdarouter.testing.events import authorizer

ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod"
STAMP = "lambdarouter_guard"

EVENTS: dict[str, Callable[[str, str, str], Any]] = {
    "token": authorizer.token,
    "v1": lambda method, path, token: authorizer.request_v1(method, path, headers={"Authorization": token}),
    "v2": lambda method, path, token: authorizer.request_v2(method, path, headers={"Authorization": token}),
    "websocket": lambda method, path, token: authorizer.websocket(headers={"Authorization": token}),
}
HTTP_EVENTS = ["token", "v1", "v2"]


def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow("ada", role="staff", level=3, ratio=0.5, night=True) if token == "staff" else Deny(reason="unknown")


async def admin(request: Request) -> Allow | Deny:
    return Allow("root") if request.headers.get("authorization") == "admin" else Deny()


def answer() -> str:
    return "in"


STAFF, ADMIN = f"{__name__}.staff", f"{__name__}.admin"


@pytest.fixture
def app() -> App:
    """Two guards, a route of each, and one that nobody guards."""
    app = App()
    app.authorizer()(staff)
    app.authorizer()(admin)
    app.get("/orders", auth=staff)(answer)
    app.get("/report", auth=admin)(answer)
    app.get("/public")(answer)
    return app


def only(**options: Any) -> App:
    """An app with one authorizer and no routes."""
    app = App()
    app.authorizer(**options)(staff)
    return app


def guard_app(guard: Any) -> App:
    app = App()
    app.authorizer()(guard)
    return app


# Which guard runs, and what it answers


@pytest.mark.parametrize("kind", HTTP_EVENTS)
def test_the_guard_of_the_route_runs_and_its_name_is_stamped_into_the_context(app: App, kind: str) -> None:
    build = EVENTS[kind]
    reply = app(build("GET", "/orders", "staff"))
    assert reply["principalId"] == "ada"
    assert reply["context"] == {
        "role": "staff",
        "level": 3,
        "ratio": 0.5,
        "night": True,
        STAMP: STAFF,
        "lambdarouter_principal": "ada",
    }
    assert reply["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    reply = app(build("GET", "/report", "admin"))
    assert (reply["principalId"], reply["context"][STAMP]) == ("root", ADMIN)
    # The credential of one guard means nothing to the other.
    for path, token in (("/report", "staff"), ("/orders", "admin")):
        reply = app(build("GET", path, token))
        assert reply["policyDocument"]["Statement"][0]["Effect"] == "Deny"
        assert STAMP not in reply["context"]


@pytest.mark.parametrize("kind", HTTP_EVENTS)
@pytest.mark.parametrize(("method", "path"), [("GET", "/public"), ("GET", "/unknown"), ("POST", "/orders")])
def test_a_request_for_no_guarded_route_is_refused_where_several_guards_could_be_meant(
    app: App, kind: str, method: str, path: str
) -> None:
    with pytest.raises(NoRouteError, match=rf"{method} {path} is no guarded route.*{STAFF}, {ADMIN}.*refused"):
        app(EVENTS[kind](method, path, "staff"))


@pytest.mark.parametrize("kind", list(EVENTS))
def test_the_only_authorizer_answers_for_what_the_app_does_not_know(kind: str) -> None:
    build = EVENTS[kind]
    assert only()(build("GET", "/elsewhere", "staff"))["context"][STAMP] == STAFF
    reply = only()(build("GET", "/elsewhere", "?"))
    assert (reply["principalId"], reply["context"]) == ("denied", {"reason": "unknown"})
    assert [each["Effect"] for each in reply["policyDocument"]["Statement"]] == ["Deny"]


@pytest.mark.parametrize("kind", list(EVENTS))
def test_an_app_without_authorizers_refuses(kind: str) -> None:
    with pytest.raises(NoRouteError, match=r"no authorizer for .*@app\.authorizer\(\)"):
        App()(EVENTS[kind]("GET", "/orders", "staff"))


def test_a_route_whose_guard_is_no_authorizer_is_refused_even_by_the_only_one() -> None:
    app = only()
    app.get("/report", auth=admin)(answer)
    with pytest.raises(NoRouteError, match=rf"GET /report is guarded by {ADMIN}, which @app\.authorizer\(\) does not"):
        app(authorizer.token("GET", "/report", "staff"))


class Realm:
    def check(self) -> Allow:
        return Allow("ada")


def test_a_guard_may_be_a_bound_method() -> None:
    realm, app = Realm(), App()
    app.authorizer()(realm.check)
    app.get("/a", auth=realm.check)(answer)
    app.get("/b", auth=staff)(answer)
    app.authorizer()(staff)
    reply = app(authorizer.token("GET", "/a", "?"))
    allowed = [f"{ARN}/GET/a", f"{ARN}/HEAD/a", f"{ARN}/GET/a/", f"{ARN}/HEAD/a/"]
    assert reply["policyDocument"]["Statement"][0]["Resource"] == allowed


def test_a_websocket_is_opened_by_a_policy_for_its_connect_route_alone() -> None:
    app = only(covers="GET /reports/*")
    event = EVENTS["websocket"]("", "", "staff")
    reply = app(event)
    assert reply["policyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": [event["methodArn"]]}],
    }
    assert event["methodArn"].endswith("/$connect")


def test_a_verdict_over_8_kb_is_refused_where_a_websocket_api_would_refuse_it_silently() -> None:
    def talkative() -> Allow:
        return Allow("ada", story="x" * 8000)

    app = guard_app(talkative)
    with pytest.raises(ValueError, match=r"talkative: the verdict has 8\d\d\d bytes as JSON.*WebSocket API takes 8192"):
        app(EVENTS["websocket"]("", "", "staff"))
    assert app(EVENTS["v1"]("GET", "/a", "staff"))["principalId"] == "ada"


def test_simple_responses_answer_payload_2_and_policies_everything_else() -> None:
    app = only(simple=True)
    assert app(EVENTS["v2"]("GET", "/a", "staff")) == {
        "isAuthorized": True,
        "context": {
            "role": "staff",
            "level": 3,
            "ratio": 0.5,
            "night": True,
            STAMP: STAFF,
            "lambdarouter_principal": "ada",
        },
    }
    assert app(EVENTS["v2"]("GET", "/a", "?")) == {"isAuthorized": False, "context": {"reason": "unknown"}}
    for kind in ("token", "v1", "websocket"):
        assert "policyDocument" in app(EVENTS[kind]("GET", "/a", "staff"))
    assert "policyDocument" in only()(EVENTS["v2"]("GET", "/a", "staff"))


def rich() -> Allow:
    return Allow("ada", groups=["a", "b"])


def test_lists_and_objects_in_the_context_are_for_simple_responses_only() -> None:
    app = App()
    app.authorizer(simple=True)(rich)
    assert app(EVENTS["v2"]("GET", "/a", ""))["context"]["groups"] == ["a", "b"]
    with pytest.raises(TypeError, match=r"rich: the context value 'groups' is a list.*json\.dumps"):
        app(EVENTS["v1"]("GET", "/a", ""))


@pytest.mark.parametrize("value", [None, [], {}, b"x", object()])
def test_a_context_value_that_api_gateway_would_choke_on_is_a_clear_error(value: Any) -> None:
    for verdict in (Allow("ada", it=value), Deny(it=value)):
        app = guard_app(lambda: verdict)  # noqa: B023 - called at once
        with pytest.raises(TypeError, match=f"the context value 'it' is a {type(value).__name__}"):
            app(EVENTS["token"]("GET", "/a", ""))


def forger() -> Allow:
    return Allow("ada", **{STAMP: ADMIN, "lambdarouter_principal": "root"})


def test_a_guard_cannot_be_made_to_stamp_another_name() -> None:
    reply = guard_app(forger)(EVENTS["token"]("GET", "/a", ""))
    assert reply["context"][STAMP].endswith("forger")
    assert reply["context"]["lambdarouter_principal"] == "ada"


# Refusals


@pytest.mark.parametrize("kind", list(EVENTS))
@pytest.mark.parametrize("error", [Unauthorized(), Unauthorized("expired"), HttpError(401), HttpError(401, "who?")])
def test_unauthorized_is_the_exact_word_that_api_gateway_knows(kind: str, error: Exception) -> None:
    def guard() -> Allow:
        raise error

    completion = guard_app(guard).complete(EVENTS[kind]("GET", "/a", ""))
    assert type(completion.error) is Unauthorized
    assert str(completion.error) == "Unauthorized"
    assert completion.reply is None


@pytest.mark.parametrize("kind", list(EVENTS))
def test_an_http_error_403_is_a_deny(kind: str) -> None:
    def guard() -> Allow:
        raise HttpError(403, "not today")

    reply = guard_app(guard)(EVENTS[kind]("GET", "/a", ""))
    assert [each["Effect"] for each in reply["policyDocument"]["Statement"]] == ["Deny"]
    assert (reply["principalId"], reply["context"]) == ("denied", {})


@pytest.mark.parametrize("kind", list(EVENTS))
@pytest.mark.parametrize("error", [RuntimeError("database gone"), HttpError(500), HttpError(429), KeyError("sub")])
def test_a_guard_that_crashes_raises_so_that_nothing_is_kept(kind: str, error: Exception) -> None:
    async def guard() -> Allow:
        raise error

    completion = guard_app(guard).complete(EVENTS[kind]("GET", "/a", ""))
    assert completion.error is error
    assert completion.reply is None


@pytest.mark.parametrize("kind", list(EVENTS))
@pytest.mark.parametrize("value", [None, True, "ada", {"isAuthorized": True}, {"principalId": "ada"}, Allow, 1])
def test_whatever_is_no_verdict_lets_nobody_in(kind: str, value: Any) -> None:
    def guard() -> Any:
        return value

    with pytest.raises(TypeError, match=r"guard returned \w+; a verdict is Allow\(\.\.\.\) or Deny\(\)"):
        guard_app(guard)(EVENTS[kind]("GET", "/a", ""))


@pytest.mark.parametrize("headers", [None, {}, {"authorization": None}, {"authorization": 7}, [], "authorization: x"])
@pytest.mark.parametrize("kind", ["v1", "v2", "websocket"])
def test_a_credential_that_is_missing_is_unauthorized(kind: str, headers: Any) -> None:
    event = EVENTS[kind]("GET", "/a", "staff") | {"headers": headers, "multiValueHeaders": None}
    completion = only().complete(event)
    assert type(completion.error) is Unauthorized
    assert str(completion.error) == "Unauthorized"


@pytest.mark.parametrize("token", [None, 7, [], {}])
def test_a_token_that_is_no_text_is_unauthorized(token: Any) -> None:
    with pytest.raises(Unauthorized):
        only()(authorizer.token("GET", "/a", "x") | {"authorizationToken": token})


def claims(token: Annotated[str, Header("authorization")]) -> dict[str, str]:
    if token == "broken":
        raise Unauthorized
    return {"sub": token}


def test_a_guard_has_dependencies_and_the_context() -> None:
    def guard(who: Annotated[dict[str, str], Depends(claims)], context: Context) -> Allow:
        return Allow(who["sub"], deadline=context.remaining() > 0)

    app = guard_app(guard)
    assert app(EVENTS["v1"]("GET", "/a", "ada"))["principalId"] == "ada"
    with pytest.raises(Unauthorized):
        app(EVENTS["v1"]("GET", "/a", "broken"))


def test_middleware_wraps_guards_as_it_does_every_call() -> None:
    app, seen = only(), list[str]()

    @app.middleware
    def log(call: Any) -> Any:
        seen.append(call.source)
        yield
        seen.append(repr(call.reply))

    app(EVENTS["v1"]("GET", "/a", "staff"))
    assert seen == ["authorizer.request_v1", repr(Allow("ada", role=1, level=1, ratio=1, night=1))]


# Registration


def test_two_authorizers_of_one_name_are_refused() -> None:
    app = App()
    app.authorizer()(staff)
    with pytest.raises(ConfigurationError, match=rf"{STAFF} .*is registered as an authorizer already") as caught:
        app.authorizer(simple=True)(staff)
    assert f"{STAFF} ({__file__}:" in str(caught.value)

    def make() -> Any:
        def guard() -> Allow:
            return Allow("ada")

        return guard

    app.authorizer()(make())
    with pytest.raises(ConfigurationError, match="registered as an authorizer already"):
        app.authorizer()(make())
    assert len(app.routes) == 2


def test_a_guard_has_no_body_and_no_plain_parameters() -> None:
    app = App()
    with pytest.raises(ConfigurationError, match=r"'token: str'; it could be Request, Context, Annotated"):

        @app.authorizer()
        def guard(token: str) -> Allow:
            return Allow(token)


def test_an_authorizer_describes_how_it_answers() -> None:
    app = only(simple=True)
    app.authorizer()(admin)
    assert [route.trigger.describe() for route in app.routes] == ["simple", "policy"]
