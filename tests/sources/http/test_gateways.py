"""What differs from gateway to gateway: how a request is read where the event is odd, and how a reply is shaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, strategies as st

from lambdarouter import App, Header, Request
from lambdarouter.core.request import Values, pairs
from lambdarouter.testing.events import EXAMPLES, http

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.http.conftest import Gateway

BUILDERS: dict[str, Any] = {"rest": http.rest, "v2": http.v2, "url": http.url, "alb": http.alb}


def echo() -> App:
    app = App()

    @app.route("/x", methods=["GET", "POST"])
    def handler(request: Request) -> dict[str, Any]:
        return {
            "method": request.method,
            "path": request.path,
            "stage": request.stage,
            "ip": request.client_ip,
            "headers": sorted(request.headers.multi_items()),
            "query": sorted(request.query.multi_items()),
            "cookies": request.cookies,
        }

    return app


def test_the_same_request_is_the_same_through_every_gateway(gateway: Gateway) -> None:
    answer = gateway(echo(), "GET", "/x?a=1&b=%20&c=", headers={"X-Tag": "t"}, cookies={"sid": "s"})
    seen = answer.json
    assert seen["method"] == "GET"
    assert seen["path"] == "/x"
    assert seen["ip"] == "203.0.113.7"
    assert seen["query"] == [["a", "1"], ["b", " "], ["c", ""]]
    assert seen["cookies"] == {"sid": "s"}
    assert ["x-tag", "t"] in [[name.lower(), value] for name, value in seen["headers"]]


@pytest.mark.parametrize("name", BUILDERS)
def test_every_key_that_a_gateway_may_leave_out_or_null_is_dispensable(name: str) -> None:
    event = BUILDERS[name]("GET", "/x?a=1", headers={"X-Tag": "t"})
    needed = {"requestContext", "httpMethod", "path", "rawPath", "version"}
    if name == "url":
        needed.add("headers")  # by its host a function URL is told from an HTTP API where the domain name is gone
    for key in event.keys() - needed:
        assert echo()({k: v for k, v in event.items() if k != key})["statusCode"] == 200, key
        assert echo()(event | {key: None})["statusCode"] == 200, key


@pytest.mark.parametrize("name", BUILDERS)
def test_keys_that_aws_adds_break_nothing(name: str) -> None:
    event = BUILDERS[name]("GET", "/x")
    event["requestContext"]["new"] = {"from": "AWS"}
    assert echo()(event | {"new": [1]})["statusCode"] == 200


def test_a_rest_apis_maps_of_several_values_win_over_those_of_one() -> None:
    event = http.rest("GET", "/x") | {
        "headers": {"X-Tag": "last"},
        "multiValueHeaders": {"X-Tag": ["first", "last"], "X-Odd": "no list", "X-Null": None, "X-Number": [5, "five"]},
        "queryStringParameters": {"a": "2"},
        "multiValueQueryStringParameters": {"a": ["1", "2"]},
    }
    seen = json.loads(echo()(event)["body"])
    assert seen["headers"] == [["X-Number", "five"], ["X-Tag", "first"], ["X-Tag", "last"]]
    assert seen["query"] == [["a", "1"], ["a", "2"]]


def test_an_empty_map_of_several_values_leaves_the_other_standing() -> None:
    event = http.rest("GET", "/x") | {"headers": {"X-Tag": "t", "X-Null": None}, "multiValueHeaders": {}}
    assert json.loads(echo()(event)["body"])["headers"] == [["X-Tag", "t"]]


def test_an_http_api_with_payload_1_0_is_answered_as_a_rest_api() -> None:
    event = http.rest("GET", "/x", stage="$default") | {"version": "1.0"}
    assert json.loads(echo()(event)["body"])["stage"] == "$default"


@pytest.mark.parametrize(
    ("raw", "pairs_"),
    [
        ("", []),
        ("a=1&a=2", [["a", "1"], ["a", "2"]]),
        ("a=1%2C2&b=+x", [["a", "1,2"], ["b", " x"]]),
        ("a", [["a", ""]]),
        ("a=&=b", [["", "b"], ["a", ""]]),
        ("%ff=%zz", [["\ufffd", "%zz"]]),
        ("a=1;b=2", [["a", "1;b=2"]]),
    ],
)
def test_payload_2_0s_query_is_read_from_its_raw_string(raw: str, pairs_: Any) -> None:
    for build in (http.v2, http.url):
        event = build("GET", "/x") | {"rawQueryString": raw, "queryStringParameters": {"not": "read"}}
        assert json.loads(echo()(event)["body"])["query"] == pairs_


@given(st.text(alphabet="ab=&;#?%+ü 25", max_size=20))
def test_a_query_is_read_as_the_standard_library_reads_it(raw: str) -> None:
    seen = json.loads(echo()(http.v2("GET", "/x") | {"rawQueryString": raw})["body"])["query"]
    assert seen == sorted([name, value] for name, value in parse_qsl(raw, keep_blank_values=True))


@pytest.mark.parametrize("raw", [5, {}, [], True])
def test_a_raw_query_string_that_is_none_is_a_500(raw: Any, capfd: pytest.CaptureFixture[str]) -> None:
    completion = echo().complete(http.v2("GET", "/x") | {"rawQueryString": raw})
    assert completion.unwrap()["statusCode"] == 500
    assert "rawQueryString is" in capfd.readouterr().err


@pytest.mark.parametrize("multi_value", [False, True])
def test_albs_query_is_decoded_names_and_values(multi_value: Any) -> None:
    event = http.alb("GET", "/x", query={"a b": "c&d=é+"}, multi_value=multi_value)
    assert json.loads(echo()(event)["body"])["query"] == [["a b", "c&d=é+"]]


def test_alb_answers_in_the_mode_of_the_request_even_with_no_headers_in_it() -> None:
    app = App()
    app.get("/x")(lambda: "x")
    assert "multiValueHeaders" in app(http.alb("GET", "/x", multi_value=True) | {"multiValueHeaders": {}})
    assert "headers" in app(http.alb("GET", "/x") | {"headers": {}})


def test_alb_gets_a_status_description() -> None:
    app = App()
    app.get("/x")(lambda: "x")
    assert app(http.alb("GET", "/x"))["statusDescription"] == "200 OK"
    assert app(http.alb("GET", "/y"))["statusDescription"].startswith("404")


def test_a_request_without_an_id_still_has_a_name() -> None:
    seen: list[str] = []
    app = App()

    @app.get("/x")
    def read(request: Request) -> None:
        seen.append(request.id)

    event = http.v2("GET", "/x")
    del event["requestContext"]["requestId"]
    app(event)
    alb = http.alb("GET", "/x")
    del alb["headers"]["x-amzn-trace-id"]
    app(alb)
    assert seen == ["the request", "the request"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(name=st.sampled_from(list(BUILDERS)), data=st.data())
def test_no_event_of_a_gateway_however_odd_makes_lambda_fail(name: str, data: st.DataObject) -> None:
    app = App()

    @app.route("/x", methods=["GET", "POST"])
    def handler(request: Request, agent: Annotated[str, Header("user-agent")] = "", a: int = 0) -> Any:
        return [request.client_ip, request.cookies, list(request.query.multi_items()), request.stage]

    event = BUILDERS[name]("GET", "/x?a=1", headers={"X": "1"}, cookies={"a": "1"})
    key = data.draw(st.sampled_from(sorted(event.keys() - {"requestContext"})))
    event[key] = data.draw(json_values)
    inner = data.draw(
        st.sampled_from(sorted(event["requestContext"].keys() - {"http", "elb", "resourcePath"}) or ["x"])
    )
    event["requestContext"][inner] = data.draw(json_values)
    completion = app.complete(event)
    if completion.name.startswith("http."):
        reply = completion.unwrap()
        json.dumps(reply).encode()
        assert reply["statusCode"] in (200, 404, 405, 422, 500)


# --- Values ----------------------------------------------------------------------------------------------------------


def test_values_are_a_mapping_of_names_to_one_or_several_values() -> None:
    values = Values([("A", "1"), ("b", "2"), ("a", "3")], fold=True)
    assert values.get("a") == values["A"] == "1"
    assert values.all("a") == ["1", "3"]
    assert values.all("c") == []
    assert values.get("c") is None
    assert values.get("c", "d") == "d"
    assert "B" in values
    assert "c" not in values
    no_name: object = 5
    assert no_name not in values
    assert list(values) == ["A", "b"]
    assert len(values) == 2
    assert list(values.multi_items()) == [("A", "1"), ("A", "3"), ("b", "2")]
    assert values == Values([("a", "1"), ("a", "3"), ("B", "2")], fold=True)
    assert values != Values([("a", "1")])
    assert values == {"A": "1", "B": "2"} == values
    assert values != {"a": "3", "b": "2"}
    assert values != [("a", "1")]
    assert Values([("A", "1")]) == {"A": "1"} != Values([("a", "1")])
    assert values != {"a": "1"}
    assert repr(values) == "Values({'a': ['1', '3'], 'b': ['2']})"
    with pytest.raises(KeyError, match="c"):
        _ = values["c"]
    with pytest.raises(TypeError):
        hash(values)


def test_values_go_wherever_a_mapping_does() -> None:
    values = Values([("A", "1"), ("b", "2"), ("a", "3")], fold=True)
    assert isinstance(values, Mapping)
    assert dict(values) == dict(values.items()) == {**values} == {"A": "1", "b": "2"}
    assert list(values.keys()) == ["A", "b"]
    assert list(values.values()) == ["1", "2"]
    assert "B" in values.keys()  # noqa: SIM118 - the view is what is looked at
    match values:
        case {"b": found}:
            assert found == "2"
        case _:
            pytest.fail("no mapping to match")


def test_names_keep_their_case_unless_folded() -> None:
    values = Values([("A", "1"), ("a", "2")])
    assert (values.get("A"), values.get("a"), len(values)) == ("1", "2", 2)


def test_a_list_of_all_values_is_the_askers_own() -> None:
    values = Values([("a", "1")])
    values.all("a").append("2")
    assert values.all("a") == ["1"]


def test_maps_that_are_none_give_no_pairs() -> None:
    assert list(pairs(None, None)) == list(pairs([], "x")) == list(pairs({"a": 5}, {"a": 5})) == []


def test_the_fixtures_of_every_gateway_get_a_reply(fixtures: Path) -> None:
    files = sorted(fixtures.glob("http.*/*.json"))
    assert {file.parent.name for file in files} == {name for name in EXAMPLES if name.startswith("http.")}
    for file in files:
        completion = echo().complete(json.loads(file.read_text()))
        assert completion.name == file.parent.name
        assert completion.unwrap()["statusCode"] in (200, 404, 405)


@pytest.fixture
def fixtures(request: pytest.FixtureRequest) -> Path:
    return request.config.rootpath / "fixtures"
