from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pytest

from lambdarouter import Allow, App, Cookie, Deny, Header, InvalidEventError, Path as PathParameter, Query, Request
from lambdarouter.testing.events import authorizer, http

FIXTURES = Path(__file__).parents[3] / "fixtures"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"authorizer.{name}.json").read_text())


def judged(event: Any) -> Request:
    """The request as the only guard of an app gets it."""
    app, seen = App(), list[Request]()

    @app.authorizer()
    def guard(request: Request) -> Allow:
        seen.append(request)
        return Allow("ada")

    app(event)
    return seen[0]


def token(arn: object) -> dict[str, Any]:
    return {"type": "TOKEN", "authorizationToken": "Bearer x", "methodArn": arn}


QUERY = {"page": "2", "tag": ["a", "b"]}
HEADERS = {"Authorization": "Bearer x", "X-Tag": "one"}


@pytest.mark.parametrize(
    "event",
    [
        authorizer.request_v1("POST", "/orders/17", headers=HEADERS, query=QUERY, cookies={"sid": "s1"}),
        authorizer.request_v2("POST", "/orders/17", headers=HEADERS, query=QUERY, cookies={"sid": "s1"}),
        authorizer.request_v2("POST", "/orders/17", headers=HEADERS, query=QUERY, cookies={"sid": "s1"}, stage="test"),
    ],
    ids=["v1", "v2", "v2 in a named stage"],
)
def test_a_guard_sees_method_path_headers_query_and_cookies_of_the_request(event: Any) -> None:
    request = judged(event)
    assert (request.method, request.path) == ("POST", "/orders/17")
    assert request.headers.get("AUTHORIZATION") == "Bearer x"
    assert request.headers.get("x-tag") == "one"
    assert request.query.get("page") == "2"
    assert request.cookies == {"sid": "s1"}
    assert request.client_ip == "203.0.113.7"
    assert request.id == event["requestContext"]["requestId"]
    assert request.raw is event


def test_a_token_is_the_authorization_header_of_a_request_that_has_nothing_else() -> None:
    request = judged(authorizer.token("DELETE", "/orders/17", "Bearer x"))
    assert (request.method, request.path) == ("DELETE", "/orders/17")
    assert list(request.headers.multi_items()) == [("authorization", "Bearer x")]
    assert (len(request.query), request.cookies, request.client_ip) == (0, {}, "")
    assert request.id == "the request"


def test_a_websocket_connects_without_a_method_by_its_route_key() -> None:
    request = judged(authorizer.websocket(headers={"Authorization": "x"}, query={"room": "1"}))
    assert (request.method, request.path) == ("", "$connect")
    assert request.query.get("room") == "1"
    assert request.headers.get("authorization") == "x"


def test_an_http_api_with_payload_1_is_read_as_a_rest_api_is() -> None:
    request = judged(fixture("request_v1/admin_http_api_payload_1"))
    assert (request.method, request.path, request.stage) == ("GET", "/admin/report", "$default")
    assert request.headers.get("Authorization") == "Bearer admin-token"


def test_cookies_of_payload_2_may_stand_in_the_header_too() -> None:
    event = authorizer.request_v2("GET", "/a")
    event["headers"]["cookie"] = "sid=s1; b=2"
    for cookies in (None, [], [7], "sid=s2"):
        assert judged(event | {"cookies": cookies}).cookies == {"sid": "s1", "b": "2"}


def test_a_guard_takes_headers_query_cookies_and_path_parameters_by_their_marks() -> None:
    app, got = App(), list[Any]()

    @app.authorizer()
    def guard(
        token: Annotated[str, Header("authorization")],
        page: Annotated[int, Query()],
        sid: Annotated[str, Cookie()],
        proxy: Annotated[str, PathParameter()],
        request: Request,
    ) -> Allow | Deny:
        got.append((token, page, sid, proxy, request.path))
        return Allow("ada")

    event = authorizer.request_v1("GET", "/orders/17", headers=HEADERS, query=QUERY, cookies={"sid": "s1"})
    event["pathParameters"] = {"proxy": "orders/17", "odd": None}
    app(event)
    assert got == [("Bearer x", 2, "s1", "orders/17", "/orders/17")]


def test_a_list_of_query_parameters_is_read_from_payload_2_as_a_route_reads_it() -> None:
    app, got = App(), list[Any]()

    @app.authorizer()
    def guard(tag: Annotated[list[str], Query()], request: Request) -> Allow:
        got.append((tag, request.query.all("page")))
        return Allow("ada")

    app(authorizer.request_v2("GET", "/a?tag=a&tag=b,c&page=%2B1"))
    app(authorizer.request_v1("GET", "/a?tag=a&tag=b,c&page=%2B1"))
    assert got == [(["a", "b,c"], ["+1"])] * 2


def per_order(order_id: Annotated[str, PathParameter()]) -> Allow | Deny:
    return Allow("ada") if order_id == "a/17" else Deny()


@pytest.mark.parametrize(
    "event",
    [
        authorizer.token("GET", "/orders/a%2F17", "x"),
        authorizer.request_v1("GET", "/orders/a%2F17"),
        authorizer.request_v1("GET", "/orders/a%2F17") | {"pathParameters": {"order_id": "8", "proxy": "orders/8"}},
        http.rest("GET", "/orders/a%2F17"),
    ],
    ids=["token", "request", "request with other parameters", "in process"],
)
def test_a_guard_gets_the_path_parameters_of_the_guarded_route_wherever_it_runs(event: Any) -> None:
    app = App()
    app.authorizer()(per_order)

    @app.get("/orders/{order_id}", auth=per_order)
    def read(order_id: str) -> str:
        return order_id

    reply = app(event)
    if "statusCode" in reply:
        assert (reply["statusCode"], reply["body"]) == (200, "a/17")
    else:
        assert reply["principalId"] == "ada"


# ARNs


@pytest.mark.parametrize(
    ("arn", "method", "path"),
    [
        (f"{ARN}/GET/orders/17", "GET", "/orders/17"),
        (f"{ARN}/GET/", "GET", "/"),
        (f"{ARN}/GET", "GET", "/"),
        (f"{ARN}/GET/orders/", "GET", "/orders/"),
        (f"{ARN}/GET//orders", "GET", "//orders"),
        (f"{ARN}/GET/a:b/c", "GET", "/a:b/c"),
        (f"{ARN}/GET/gr%C3%B6%C3%9Fe/a%2Fb", "GET", "/größe/a/b"),
        (f"{ARN}/GET/100%", "GET", "/100%"),
        ("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/$default/GET/a", "GET", "/a"),
        ("arn:aws-cn:execute-api:cn-north-1:123456789012:a1b2c3d4e5/prod/GET/a", "GET", "/a"),
        ("arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:a1b2c3d4e5/prod/GET/a", "GET", "/a"),
        ("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/$connect", "", "$connect"),
        ("arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/test-invoke-stage/GET/", "GET", "/"),
    ],
)
def test_method_and_path_are_those_of_the_arn_and_the_policy_is_for_its_api_and_stage(
    arn: str, method: str, path: str
) -> None:
    request = judged(token(arn))
    assert (request.method, request.path) == (method, path)
    app = App()
    app.authorizer()(lambda: Allow("ada"))
    assert app(token(arn))["policyDocument"]["Statement"][0]["Resource"] == [arn]


def test_where_the_arn_and_the_event_disagree_the_arn_counts() -> None:
    # The policy is compared with the ARN; a path that a client rewrote somewhere must not choose the guard.
    event = authorizer.request_v1("GET", "/orders/17", headers=HEADERS)
    event |= {"path": "/public", "httpMethod": "POST", "resource": "/public"}
    assert (judged(event).method, judged(event).path) == ("GET", "/orders/17")


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "*",
        "GET /orders/17",
        "arn:aws:execute-api:eu-west-1:123456789012",
        "arn:aws:execute-api:eu-west-1:123456789012:",
        "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5",
        f"{ARN}",
        f"{ARN}/",
        f"{ARN}//orders",
        "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5//GET/orders",
        "arn:aws:execute-api:eu-west-1:123456789012:/prod/GET/orders",
        "arn:aws:lambda:eu-west-1:123456789012:function:authorizer/prod/GET/orders",
        "urn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders",
    ],
)
@pytest.mark.parametrize("kind", ["TOKEN", "REQUEST"])
def test_an_arn_that_is_none_is_refused_before_any_guard_runs(kind: str, arn: str) -> None:
    app, ran = App(), []

    @app.authorizer()
    def guard() -> Allow:
        ran.append(True)
        return Allow("ada")

    event = {"type": kind, "methodArn": arn, "authorizationToken": "x", "headers": {}}
    with pytest.raises(InvalidEventError, match=r"methodArn is .*, expected\s+arn:aws:execute-api:REGION"):
        app(event)
    assert ran == []


@pytest.mark.parametrize("arn", [7, True, [], {}, [ARN]])
def test_an_arn_that_is_no_text_is_refused(arn: object) -> None:
    for event in (token(arn), {"type": "REQUEST", "version": "2.0", "routeArn": arn}):
        app = App()
        app.authorizer()(lambda: Allow("ada"))
        with pytest.raises(InvalidEventError, match=r"(method|route)Arn is a"):
            app(event)


def test_payload_2_without_its_route_arn_is_refused() -> None:
    app = App()
    app.authorizer()(lambda: Allow("ada"))
    with pytest.raises(InvalidEventError, match="routeArn is missing or null"):
        app({"type": "REQUEST", "version": "2.0", "methodArn": f"{ARN}/GET/a"})
