"""What a request tells of itself, whichever gateway it came through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter import App, Identity, Request
from lambdarouter.core.identity import identity_of
from lambdarouter.testing.events import http
from tests.sources.http.conftest import _BUILDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sources.http.conftest import Gateway


def seen(event: Any) -> Any:
    """The request that a handler gets for the event."""
    app, requests = App(), list[Any]()

    @app.route("/{rest:path}", methods=["GET", "POST"])
    def handler(request: Request) -> None:
        requests.append(request)

    app(event)
    (request,) = requests
    return request


def test_a_request_is_told_alike_by_every_gateway(gateway: Gateway) -> None:
    headers = {"X-Tag": "t", "Cookie": "a=1; b=2"}
    request = seen(gateway.build("POST", "/x?q=1&q2=a%20b", headers=headers, body="hello"))
    assert (request.method, request.path, request.text, request.body) == ("POST", "/x", "hello", b"hello")
    assert list(request.query.multi_items()) == [("q", "1"), ("q2", "a b")]
    assert (request.headers["x-tag"], request.headers.get("X-TAG")) == ("t", "t")
    assert request.cookies == {"a": "1", "b": "2"}
    assert request.client_ip == "203.0.113.7"
    assert request.scheme == "https"
    assert request.host.endswith((".amazonaws.com", ".on.aws"))
    assert request.raw_query in ("q=1&q2=a%20b", "q=1&q2=a+b")
    assert request.gateway_context == request.raw.get("requestContext", {})


def test_without_a_query_the_query_string_is_empty(gateway: Gateway) -> None:
    assert seen(gateway.build("GET", "/x")).raw_query == ""


@pytest.mark.parametrize(("name", "sent"), [("alb", "http"), ("lattice v1", "http"), ("lattice v2", "http")])
def test_who_may_be_reached_without_tls_says_so(name: str, sent: str) -> None:
    assert seen(_BUILDERS[name]("GET", "/x", headers={"X-Forwarded-Proto": sent})).scheme == sent


def test_what_a_client_writes_into_headers_is_neither_its_address_nor_its_host_nor_its_scheme(gateway: Gateway) -> None:
    made_up = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7", "X-Forwarded-Proto": "ftp", "Forwarded": "for=1.2.3.4"}
    request = seen(gateway.build("GET", "/x", headers=made_up))
    assert request.client_ip == "203.0.113.7"
    assert request.scheme == "https"
    # Who asks for it, gets it.
    assert request.forwarded_for == ["198.51.100.1", "203.0.113.7"]


@pytest.mark.parametrize(
    ("header", "host"),
    [("API.example.com:8443", "api.example.com"), ("[2001:DB8::1]:80", "[2001:db8::1]"), ("[::1]", "[::1]"), ("", "")],
)
def test_a_host_header_is_read_without_its_port(header: str, host: str) -> None:
    assert seen(http.alb("GET", "/x", headers={"Host": header})).host == host


@pytest.mark.parametrize("headers", [None, {}, [], {"x-forwarded-for": None}, {"x-forwarded-for": ["a"]}, "x"])
@pytest.mark.parametrize("build", [http.alb, http.lattice_v1, http.lattice_v2])
def test_odd_headers_tell_no_address(build: Callable[..., Any], headers: Any) -> None:
    request = seen(build("GET", "/x") | {"headers": headers})
    assert request.client_ip in ("", "a")
    assert request.host == ""


# --- Identity --------------------------------------------------------------------------------------------------------

CLAIMS = {"sub": "ada", "scope": "read write", "email": "ada@example.com"}
SIGNER = "arn:aws:iam::123456789012:user/ada"
CERTIFICATE = {"subjectDN": "CN=ada", "issuerDN": "CN=ca", "serialNumber": "1"}


def rest_with(**context: Any) -> Any:
    event = http.rest("GET", "/x")
    identity = event["requestContext"]["identity"] | context.pop("identity", {})
    event["requestContext"] |= context | {"identity": identity}
    return event


def v2_with(authorizer: Any = None, **context: Any) -> Any:
    event = http.v2("GET", "/x")
    event["requestContext"] |= context | ({} if authorizer is None else {"authorizer": authorizer})
    return event


@pytest.mark.parametrize(
    ("event", "kind", "principal"),
    [
        (rest_with(authorizer={"claims": CLAIMS}), "jwt", "ada"),
        (v2_with({"jwt": {"claims": CLAIMS, "scopes": ["read", "write"]}}), "jwt", "ada"),
        (v2_with({"jwt": {"claims": CLAIMS, "scopes": None}}), "jwt", "ada"),
        (rest_with(authorizer={"claims": {"scope": "read write"}}), "jwt", None),
        (rest_with(identity={"userArn": SIGNER, "accountId": "123456789012"}), "iam", SIGNER),
        (v2_with({"iam": {"userArn": SIGNER, "accountId": "123456789012"}}), "iam", SIGNER),
        (http.url("GET", "/x", iam={"userArn": SIGNER}), "iam", SIGNER),
        (http.lattice_v2("GET", "/x", identity={"type": "AWS_IAM", "principal": SIGNER}), "iam", SIGNER),
        (rest_with(authorizer={"principalId": "ada", "role": "staff", "integrationLatency": 5}), "lambda", "ada"),
        (v2_with({"lambda": {"role": "staff"}}), "lambda", None),
        (rest_with(identity={"clientCert": CERTIFICATE}), "certificate", "CN=ada"),
        (v2_with(authentication={"clientCert": CERTIFICATE}), "certificate", "CN=ada"),
        (rest_with(), None, None),
        (v2_with({"lambda": None}), None, None),
        (v2_with(), None, None),
        (http.url("GET", "/x"), None, None),
        (http.alb("GET", "/x", headers={"x-amzn-oidc-identity": "ada"}), None, None),
        (http.lattice_v1("GET", "/x"), None, None),
        (http.lattice_v2("GET", "/x"), None, None),
    ],
)
def test_there_is_one_view_of_whom_the_gateway_authenticated(event: Any, kind: str | None, principal: str) -> None:
    identity = seen(event).identity
    assert (identity.kind, identity.principal) == (kind, principal)
    assert bool(identity) is (kind is not None)
    if kind == "jwt":
        assert identity.scopes == ("read", "write")
        assert identity.claims["scope"] == "read write"
    if kind == "iam":
        assert SIGNER in identity.iam.values()
    if kind == "lambda":
        assert identity.context["role"] == "staff"
        assert "integrationLatency" not in identity.context
    if kind == "certificate":
        assert identity.certificate == CERTIFICATE


def test_a_certificate_stands_beside_a_token() -> None:
    event = v2_with({"jwt": {"claims": CLAIMS}}, authentication={"clientCert": CERTIFICATE})
    identity = seen(event).identity
    assert (identity.kind, identity.certificate) == ("jwt", CERTIFICATE)


def test_a_handler_may_take_the_identity_by_its_type() -> None:
    app = App()

    @app.get("/me")
    def me(who: Identity) -> str:
        return f"{who.kind} {who.principal}"

    event = v2_with({"jwt": {"claims": CLAIMS, "scopes": None}}) | {"rawPath": "/me"}
    assert app(event)["body"] == "jwt ada"


def test_the_identity_is_not_what_the_apps_own_guard_says() -> None:
    request = seen(v2_with({"jwt": {"claims": CLAIMS, "scopes": None}}))
    assert request.auth is None
    assert repr(request.identity) == "Identity('jwt', 'ada')"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = ["authorizer", "identity", "authentication", "clientCert", "jwt", "claims", "scopes", "scope", "iam", "lambda"]
shaped = st.recursive(
    json_values,
    lambda inner: st.dictionaries(st.sampled_from([*names, "sub", "userArn", "principalId"]), inner, max_size=4),
    max_leaves=12,
)


@given(context=shaped)
def test_no_context_breaks_the_view(context: Any) -> None:
    for raw in ({"requestContext": context}, {"requestContext": {"authorizer": context}}, context):
        identity = identity_of(raw)
        assert identity.kind in (None, "jwt", "iam", "lambda", "certificate")
        assert all(isinstance(scope, str) for scope in identity.scopes)
