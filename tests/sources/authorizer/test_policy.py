from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from lambdarouter import Allow, App, Completion, ConfigurationError, Deny, NoRouteError, Request
from lambdarouter.sources.authorizer.policy import Coverage, Reach
from lambdarouter.testing.events import authorizer, http

API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod"
Guard = Callable[[Request], Allow | Deny]


# An IAM evaluator of our own, after "Policy evaluation logic" and "Using wildcards in resource ARNs" in the IAM user
# guide: `*` is any text, slashes included, `?` is one character, an explicit Deny wins, and what nobody allows is
# denied.


def matches(pattern: str, text: str) -> bool:
    reached = {0}
    for character in pattern:
        if character == "*":
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(text) and character in ("?", text[at])}
    return len(text) in reached


def allows(policy: Any, resource: str) -> bool:
    assert policy["Version"] == "2012-10-17"
    effects = set()
    for statement in policy["Statement"]:
        assert statement["Action"] == "execute-api:Invoke"
        assert statement["Resource"]
        if any(matches(pattern, resource) for pattern in statement["Resource"]):
            effects.add(statement["Effect"])
    return effects == {"Allow"}


def test_the_evaluator_reads_policies_as_iam_does() -> None:
    assert matches("a/*/c", "a/b/b/c")
    assert matches("a/*", "a/")
    assert matches("a?c", "abc")
    assert not matches("a?c", "ac")
    assert not matches("a/*/c", "a/c")
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ["a/*"]}
    document = {"Version": "2012-10-17", "Statement": [statement, statement | {"Effect": "Deny", "Resource": ["a/b*"]}]}
    assert allows(document, "a/c")
    assert not allows(document, "a/bc")
    assert not allows(document, "b")


class Api:
    """An app whose routes are `(method, path, number of the guard or None)`; its guards allow everybody."""

    def __init__(self, *routes: tuple[str, str, int | None], guards: int = 3, **options: Any) -> None:
        self.app = App(base_path="/base")
        self.guards = [self.guard(number) for number in range(guards)]
        for number, guard in enumerate(self.guards):
            self.app.authorizer(**(options if number == 0 else {}))(guard)
        for method, path, owner in routes:
            self.route(method, path, owner)

    @staticmethod
    def guard(number: int) -> Guard:
        def guard(request: Request) -> Allow | Deny:
            return Deny() if request.headers.get("authorization") == "no" else Allow(f"guard {number}")

        guard.__qualname__ = f"guard_{number}"
        return guard

    def route(self, method: str, path: str, owner: int | None) -> None:
        def handler(request: Request) -> str:
            return path

        auth = None if owner is None else self.guards[owner]
        self.app.route(path, methods=[method], auth=auth)(handler)

    def ask(self, method: str, path: str, token: str = "") -> Completion:
        return self.app.complete(authorizer.token(method, path, token))

    def policy(self, method: str, path: str) -> Any:
        return self.ask(method, path).unwrap()["policyDocument"]

    def owner(self, method: str, path: str) -> str | None:
        """The guard of the route that answers this request, found by sending it."""
        completion = self.app.complete(http.rest(method, path, headers={"authorization": "yes"}))
        route = completion.outcomes[0].route
        if route is None or route.trigger.auth is None:  # type: ignore[attr-defined]
            return None
        return str(route.trigger.auth.__qualname__)  # type: ignore[attr-defined]


def everything(policy: Any) -> list[tuple[str, list[str]]]:
    return [(each["Effect"], [arn.removeprefix(f"{API}/") for arn in each["Resource"]]) for each in policy["Statement"]]


def resources(policy: Any) -> list[tuple[str, list[str]]]:
    """Without HEAD, the slash at a path's end and the base path, which every route has as well."""
    return [
        (
            effect,
            [each for each in listed if not each.startswith("HEAD") and each[-1] != "/" and "/base" not in each],
        )
        for effect, listed in everything(policy)
    ]


# What an Allow covers


def test_a_policy_names_head_for_get_and_both_forms_of_a_path_with_and_without_the_base_path() -> None:
    api = Api(("GET", "/a", 0), ("POST", "/b/{x}", 0), ("GET", "/c/{x:int}/{rest:path}", 1), ("GET", "/c/{x}/y", 0))
    bases = ("", "/base")
    allowed = [f"{verb}{base}/a{slash}" for slash in ("", "/") for verb in ("GET", "HEAD") for base in bases]
    allowed += [f"POST{base}/b/*" for base in bases]
    allowed += [f"{verb}{base}/c/*/y{slash}" for slash in ("", "/") for verb in ("GET", "HEAD") for base in bases]
    denied = [f"{verb}{base}/c/*/*" for verb in ("GET", "HEAD") for base in bases]
    assert everything(api.policy("GET", "/a")) == [("Allow", allowed), ("Deny", denied)]


def test_an_allow_covers_all_routes_with_its_guard_and_no_others() -> None:
    api = Api(("GET", "/a", 0), ("POST", "/a", 0), ("GET", "/b/{x}", 0), ("GET", "/c", 1), ("GET", "/d", None))
    assert resources(api.policy("GET", "/a")) == [("Allow", ["GET/a", "POST/a", "GET/b/*"])]
    assert api.policy("GET", "/b/1") == api.policy("GET", "/a")
    assert resources(api.policy("GET", "/c")) == [("Allow", ["GET/c"])]


def test_the_root_has_one_form() -> None:
    api = Api(("GET", "/", 0))
    allowed = [f"{verb}{base}/" for verb in ("GET", "HEAD") for base in ("", "/base")]
    assert everything(api.policy("GET", "/")) == [("Allow", allowed)]


def test_where_a_wildcard_would_reach_a_route_of_another_guard_a_deny_stands_beside_it() -> None:
    api = Api(("GET", "/orders/{id}", 0), ("GET", "/orders/{id}/admin", 1), ("GET", "/users/{id}", 1))
    assert resources(api.policy("GET", "/orders/17")) == [("Allow", ["GET/orders/*"]), ("Deny", ["GET/orders/*/admin"])]
    assert resources(api.policy("GET", "/orders/17/admin")) == [("Allow", ["GET/users/*", "GET/orders/*/admin"])]


def test_a_route_without_wildcards_reaches_nothing_else_so_it_needs_no_deny() -> None:
    api = Api(("GET", "/users/me", 0), ("GET", "/users/{id}", 1))
    assert resources(api.policy("GET", "/users/me")) == [("Allow", ["GET/users/me"])]
    policy = api.policy("GET", "/users/17")
    assert resources(policy) == [("Allow", ["GET/users/*"]), ("Deny", ["GET/users/me"])]
    assert not allows(policy, f"{API}/GET/users/me")


def test_a_route_within_a_denied_pattern_of_another_guard_is_allowed_by_itself() -> None:
    api = Api(("GET", "/users/{id}", 0), ("GET", "/users/me/settings", 0), ("GET", "/users/{id}/settings", 1))
    policy = api.policy("GET", "/users/me/settings")
    assert resources(policy) == [("Allow", ["GET/users/me/settings"])]
    assert resources(api.policy("GET", "/users/17"))[1] == ("Deny", ["GET/users/*/settings"])


def test_covers_adds_routes_of_other_functions() -> None:
    covers = ["GET /reports/*", "* /files/*"]
    api = Api(("GET", "/a", 0), ("GET", "/reports/secret", 1), guards=2, covers=covers)
    assert resources(api.policy("GET", "/a")) == [
        ("Allow", ["GET/reports/*", "*/files/*", "GET/a"]),
        ("Deny", ["GET/reports/secret"]),
    ]
    # A covered route that is another guard's in this app stays that guard's.
    literal = Api(("GET", "/a", 0), ("GET", "/b/{x}", 1), guards=2, covers="GET /b/1")
    assert not allows(literal.policy("GET", "/a"), f"{API}/GET/b/1")


@pytest.mark.parametrize(
    "covers", ["/reports", "GET", "ANY /reports", "GET reports", "GET /reports/?", ["GET /a", ""], " /reports"]
)
def test_what_covers_cannot_mean_is_refused_at_import(covers: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"covers holds .* \* for any text or method, such as"):
        Api(guards=1, covers=covers)


def test_a_request_for_a_route_of_another_function_is_allowed_as_it_was_asked_by_the_only_guard() -> None:
    api = Api(("GET", "/a", 0), guards=1)
    assert resources(api.policy("GET", "/elsewhere/17")) == [("Allow", ["GET/a", "GET/elsewhere/17"])]


@pytest.mark.parametrize("path", ["/*", "/elsewhere/*", "/e?sewhere", "/elsewhere/*/17"])
def test_a_wildcard_that_a_client_wrote_into_its_path_never_becomes_one_of_the_policys(path: str) -> None:
    api = Api(("GET", "/a", 0), guards=1)
    event = {"type": "TOKEN", "authorizationToken": "yes", "methodArn": f"{API}/GET{path}"}
    completion = api.app.complete(event)
    if completion.error is None:
        policy = completion.reply["policyDocument"]
        assert not any(allows(policy, f"{API}/GET/{other}") for other in ("b", "elsewhere/1", "elsewhere/1/17"))
    else:
        assert isinstance(completion.error, NoRouteError)
        assert "wildcard" in str(completion.error)


def test_the_value_of_a_path_parameter_may_hold_anything() -> None:
    api = Api(("GET", "/files/{name}", 0), ("GET", "/{x}/secret", 1))
    for value in ("a*b", "*", "a?b", "${aws:username}", "%2A", "x" * 600):
        event = {"type": "TOKEN", "authorizationToken": "yes", "methodArn": f"{API}/GET/files/{value}"}
        policy = api.app(event)["policyDocument"]
        assert allows(policy, event["methodArn"])
        assert all(len(arn) <= 512 for statement in policy["Statement"] for arn in statement["Resource"])
    refused = {"type": "TOKEN", "authorizationToken": "yes", "methodArn": f"{API}/GET/*/secret"}
    policy = api.app(refused)["policyDocument"]  # a path that route 1 answers
    assert not allows(policy, f"{API}/GET/files/a")


def test_an_encoded_slash_parts_no_segments_for_the_guard_either() -> None:
    api = Api(("GET", "/a/b", 0), ("GET", "/{x}", 1))
    assert api.owner("GET", "/a%2Fb") == "guard_1"
    completion = api.app.complete({"type": "TOKEN", "authorizationToken": "x", "methodArn": f"{API}/GET/a%2Fb"})
    assert completion.outcomes[0].route is not None
    assert completion.reply["principalId"] == "guard 1"


def test_a_deny_covers_what_an_allow_would_and_the_request_itself() -> None:
    api = Api(("GET", "/a", 0), ("GET", "/a/{x}", 0), ("GET", "/a/x/b", 1))
    for path, denied in (("/a", ["GET/a", "GET/a/*"]), ("/a/1", ["GET/a", "GET/a/*"])):
        policy = api.ask("GET", path, "no").reply["policyDocument"]
        assert resources(policy) == [("Deny", denied)]
    only = Api(("GET", "/a", 0), guards=1)
    assert resources(only.ask("GET", "/b", "no").reply["policyDocument"]) == [("Deny", ["GET/a", "GET/b"])]


def test_two_guards_of_one_name_are_refused_because_each_would_honour_the_others_stamp() -> None:
    app = App()

    def make() -> Guard:
        def guard(request: Request) -> Allow:
            return Allow("anybody")

        return guard

    app.authorizer()(make())
    app.get("/a", auth=make())(lambda: None)
    with pytest.raises(ConfigurationError, match="guard routes under one name"):
        app(authorizer.token("GET", "/elsewhere", "x"))


# Every policy of random route sets, against every request

SEGMENTS = ["x", "y", "{p}", "{p:int}", "{p:path}"]
PATHS = ["/" + "/".join(parts) for length in (1, 2, 3) for parts in itertools.product("xz1", repeat=length)]
PATHS += [f"{path}/" for path in PATHS[:12]]
METHODS = ("GET", "HEAD", "POST")


@st.composite
def apis(draw: st.DrawFn) -> Api:
    guards = draw(st.integers(2, 3))
    api = Api(guards=guards)
    path = st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3)
    method = st.sampled_from(["GET", "GET", "POST", "HEAD"])
    slash = st.sampled_from(["", "", "/"])
    owner = st.none() | st.integers(0, guards - 1)
    for verb, segments, end, number in draw(st.lists(st.tuples(method, path, slash, owner), min_size=2, max_size=7)):
        named = [
            segment.replace("p", f"p{at}", 1) if "{" in segment else segment for at, segment in enumerate(segments)
        ]
        try:
            api.route(verb, "/" + "/".join(named) + end, number)
        except ConfigurationError:
            continue  # answered already, or goes on after a {p:path}
    return api


@given(api=apis())
def test_an_allow_opens_the_request_asked_for_and_never_a_route_of_another_guard(api: Api) -> None:
    owners = {(method, path): api.owner(method, path) for method in METHODS for path in PATHS}
    guarded = {request: owner for request, owner in owners.items() if owner is not None}
    assume(guarded)
    policies: dict[str, tuple[Any, str]] = {}
    for (method, path), owner in guarded.items():
        reply = api.ask(method, path).unwrap()
        policy = reply["policyDocument"]
        assert reply["context"]["lambdarouter_guard"].endswith(owner)
        assert allows(policy, f"{API}/{method}{path}"), (method, path)
        policies[repr(policy)] = (policy, owner)
    for policy, owner in policies.values():
        opened = [request for request in guarded if allows(policy, f"{API}/{request[0]}{request[1]}")]
        assert {guarded[request] for request in opened} == {owner}


@given(api=apis())
def test_a_verdict_of_deny_opens_nothing_and_keeps_no_route_of_another_guard_shut_for_good(api: Api) -> None:
    for path in PATHS[:12]:
        if api.owner("GET", path) is None:
            continue
        policy = api.ask("GET", path, "no").unwrap()["policyDocument"]
        assert {statement["Effect"] for statement in policy["Statement"]} == {"Deny"}
        assert any(matches(arn, f"{API}/GET{path}") for arn in policy["Statement"][0]["Resource"])
        assert not any(allows(policy, f"{API}/GET{other}") for other in PATHS)


# Of parameters of one segment each.
PATTERNS = st.text(alphabet="ab/*", max_size=6).filter(lambda pattern: "**" not in pattern)


def reaches(pattern: str, route: str) -> bool:
    return Reach([route]).of(pattern) == [route]


def reaches_by_search(pattern: str, route: str) -> bool:
    """The same for one route, by trying all ways to read both."""
    if route.endswith("**"):
        return reaches_rest_by_search(pattern, route.removesuffix("**"))
    todo, seen = [(0, 0, False)], set[tuple[int, int, bool]]()
    while todo:
        state = at, here, inside = todo.pop()
        if state in seen:
            continue
        seen.add(state)
        if (at, here) == (len(pattern), len(route)):
            return True
        star, segment = pattern[at : at + 1] == "*", route[here : here + 1] == "*"
        if star:
            todo.append((at + 1, here, inside))
        if segment and inside:
            todo.append((at, here + 1, False))
        if at == len(pattern) or here == len(route):
            continue
        following = at if star else at + 1
        if segment and (star or pattern[at] != "/"):
            todo.append((following, here, True))
        elif not segment and (star or pattern[at] == route[here]):
            todo.append((following, here + 1, False))
    return False


def reaches_rest_by_search(pattern: str, route: str) -> bool:
    """Whether the pattern, or a part of it up to somewhere, reaches a route after which anything may follow."""
    heads = {pattern[:at] for at in range(len(pattern) + 1)}
    heads |= {pattern[: at + 1] for at, character in enumerate(pattern) if character == "*"}
    return any(reaches_by_search(head, route) for head in heads)


# As the router writes them: the rest of a path stands at the end, and in no other place.
ROUTES = st.text(alphabet="ab/*").filter(lambda text: "**" not in text.removesuffix("**") and not text.endswith("***"))


@given(st.text(alphabet="ab/*"), st.lists(ROUTES, max_size=6, unique=True))
def test_among_many_routes_a_pattern_reaches_those_that_it_reaches_by_themselves(
    pattern: str, routes: list[str]
) -> None:
    assert Reach(routes).of(pattern) == [route for route in routes if reaches_by_search(pattern, route)]


@given(
    resource=st.text(alphabet="ab/*").filter(lambda text: "**" not in text), asked=st.text(alphabet="ab/*?", min_size=1)
)
def test_a_resource_matches_what_was_asked_as_iam_would_where_clients_wildcards_are_text(
    resource: str, asked: str
) -> None:
    policy = Coverage(None, (), [resource]).policy(API, asked, allow=False)
    expected = [resource] if matches(resource, asked) else [resource, asked]
    assert everything(policy) == [("Deny", expected)]


def test_hundreds_of_routes_and_a_long_path_are_reckoned_at_once() -> None:
    def one(request: Request) -> Deny:
        return Deny()

    def two(request: Request) -> Deny:
        return Deny()

    owned = [(one, "GET", f"/api/v1/*/thing{number}/*") for number in range(300)]
    others = [(two, "GET", f"/api/v1/*/other{number}/*/x") for number in range(300)]
    coverage = Coverage(one, [*owned, *others], ())
    for path in ("a" * 8000, "a/" * 4000):
        coverage.policy(API, f"GET/api/v1/{path}", allow=False)
    assert len(coverage.denied) == 300


def answers(route: str, text: str) -> bool:
    """Whether a route, whose `*` is one segment or a part of one, answers this request."""
    return re.fullmatch("[^/]+".join(map(re.escape, route.split("*"))), text) is not None


@given(pattern=PATTERNS, route=PATTERNS)
def test_a_pattern_reaches_a_route_exactly_where_it_matches_a_request_of_it(pattern: str, route: str) -> None:
    # If there is such a request, then one in which every parameter is short.
    values = ["".join(text) for length in (1, 2, 3) for text in itertools.product("ab", repeat=length)]
    parts = route.split("*")
    found = False
    for chosen in itertools.product(values, repeat=len(parts) - 1):
        text = "".join(itertools.chain.from_iterable(zip(parts, (*chosen, ""), strict=True)))
        assert answers(route, text)
        found = found or matches(pattern, text)
        if found:
            break
    assert not found or reaches(pattern, route)
    assume(pattern.count("a") + pattern.count("b") <= 3 and route.count("*") <= 3)
    assert reaches(pattern, route) is found


@pytest.mark.parametrize(
    ("pattern", "route", "expected"),
    [
        ("GET/orders/*", "GET/orders/*/admin", True),
        ("GET/orders/*/admin", "GET/orders/*", False),
        ("GET/*/b/*", "GET/a/*/c", True),
        ("GET/*/b/*", "GET/a/*", False),
        ("GET/a*", "GET/*", True),
        ("GET/a/*", "GET/a/", True),
        ("GET/*", "POST/*", False),
        ("*/files/*", "POST/files/*", True),
        ("*/files/*", "GET/a/files/*", True),
        ("GET/a", "GET/a", True),
        ("GET/a", "GET/*", True),
        ("GET/a/b", "GET/*", False),
        ("GET/", "GET/*", False),
        ("GET/files/", "GET/files/**", True),
        ("GET/files", "GET/files/**", False),
        ("GET/files/a/b", "GET/files/**", True),
        ("GET/*/b", "GET/files/**", True),
        ("GET/other/*", "GET/files/**", False),
    ],
)
def test_wildcards_cross_slashes_and_parameters_do_not(pattern: str, route: str, *, expected: bool) -> None:
    assert reaches(pattern, route) is expected
