"""The event builders: AWS's shapes, key for key, and the same event for the same arguments."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter.engine.classify import classify
from lambdarouter.testing.events import BUILDERS, EXAMPLES, authorizer, cron, example, http, ses, sns

ROOT = Path(__file__).parents[2]
FIXTURES = sorted((ROOT / "fixtures").glob("*/*.json"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_classifies_as_the_name_it_has(name: str) -> None:
    assert classify(example(name)) == name


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same_call_gives_an_equal_event_that_shares_nothing(name: str) -> None:
    first, second = example(name), example(name)
    assert first == second
    deface(first)
    assert second == example(name)


def deface(value: Any) -> None:
    if isinstance(value, dict):
        for each in value.values():
            deface(each)
        value["defaced"] = True
    elif isinstance(value, list):
        for each in value:
            deface(each)
        value.append("defaced")


def test_examples_are_the_same_in_every_process() -> None:
    program = (
        "import json; from lambdarouter.testing.events import EXAMPLES;"
        "print(json.dumps({name: build() for name, build in EXAMPLES.items()}))"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, text=True)
    assert json.loads(run.stdout) == {name: build() for name, build in EXAMPLES.items()}


def test_there_is_a_builder_for_every_name_but_that_of_plain_json() -> None:
    assert BUILDERS.keys() == EXAMPLES.keys() - {"invoke"}


def test_an_unknown_example_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(LookupError, match=r"'http.v3'.*http.rest.*authorizer.token.*sns"):
        example("http.v3")


def test_a_rest_request_is_shown_in_single_and_multi_value_maps() -> None:
    event = http.rest("get", "/a", headers={"X-Tag": ["one", "two"]}, query={"q": ["1", "a b"]})
    assert event["httpMethod"] == "GET"
    assert event["headers"]["X-Tag"] == "two"
    assert event["multiValueHeaders"]["X-Tag"] == ["one", "two"]
    assert event["queryStringParameters"] == {"q": "a b"}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "a b"]}
    assert event["requestContext"]["path"] == "/prod/a"


def test_without_query_and_body_rest_sends_null_v2_and_url_nothing_and_alb_empty_values() -> None:
    rest, v2, url, alb = (build("GET", "/a") for build in (http.rest, http.v2, http.url, http.alb))
    assert [rest[key] for key in ("queryStringParameters", "stageVariables", "body")] == [None] * 3
    assert not {"queryStringParameters", "body", "cookies", "pathParameters"} & (v2.keys() | url.keys())
    assert alb["queryStringParameters"] == {}
    assert alb["body"] == ""


def test_only_an_http_api_decodes_the_path() -> None:
    sent = "/books/a%2Fb%20c"
    assert http.rest("GET", sent)["path"] == sent
    assert http.url("GET", sent)["rawPath"] == sent
    assert http.alb("GET", sent)["path"] == sent
    assert http.v2("GET", sent)["rawPath"] == "/books/a/b c"


def test_what_may_not_stand_in_a_url_is_percent_encoded() -> None:
    assert http.rest("GET", "/books/señor y mar")["path"] == "/books/se%C3%B1or%20y%20mar"


def test_a_query_string_in_the_path_comes_before_the_query() -> None:
    event = http.v2("GET", "/a?x=1&y=", query={"x": ["2", "&"]})
    assert event["rawPath"] == "/a"
    assert event["rawQueryString"] == "x=1&y=&x=2&x=%26"
    assert event["queryStringParameters"] == {"x": "1,2,&", "y": ""}


def test_a_load_balancer_leaves_the_query_encoded_and_keeps_the_last_value_or_the_list() -> None:
    single = http.alb("GET", "/a", query={"q": ["one", "a b&"]}, headers={"X-Tag": ["one", "two"]})
    assert single["queryStringParameters"] == {"q": "a%20b%26"}
    assert single["headers"]["x-tag"] == "two"
    assert not [key for key in single if key.startswith("multi")]
    multi = http.alb("GET", "/a", query={"q": ["one", "a b&"]}, headers={"X-Tag": ["one", "two"]}, multi_value=True)
    assert multi["multiValueQueryStringParameters"] == {"q": ["one", "a%20b%26"]}
    assert multi["multiValueHeaders"]["x-tag"] == ["one", "two"]
    assert not {"headers", "queryStringParameters"} & multi.keys()


@pytest.mark.parametrize("build", [http.v2, http.url])
def test_payload_2_joins_lower_case_headers_and_lists_cookies(build: Callable[..., dict[str, Any]]) -> None:
    event = build("GET", "/a", headers={"X-Tag": ["one", "two"], "Cookie": "a=1; b=2"}, cookies={"c": "3"})
    assert event["headers"]["x-tag"] == "one,two"
    assert event["cookies"] == ["a=1", "b=2", "c=3"]
    assert not {"cookie", "X-Tag"} & event["headers"].keys()


def test_other_gateways_get_cookies_in_one_header() -> None:
    cookies = {"a": "1", "b": "2"}
    assert http.rest("GET", "/a", cookies=cookies)["headers"]["Cookie"] == "a=1; b=2"
    assert http.alb("GET", "/a", cookies=cookies)["headers"]["cookie"] == "a=1; b=2"


@pytest.mark.parametrize("build", [http.rest, http.v2, http.url, http.alb])
def test_bodies_are_text_bytes_or_json(build: Callable[..., dict[str, Any]]) -> None:
    text = build("POST", "/a", body="ñ")
    assert (text["body"], text["isBase64Encoded"]) == ("ñ", False)
    binary = build("POST", "/a", body=b"\xff")
    assert (b64decode(binary["body"]), binary["isBase64Encoded"]) == (b"\xff", True)
    data = build("POST", "/a", json={"a": "ñ"})
    headers = {name.lower(): value for name, value in data["headers"].items()}
    assert json.loads(data["body"]) == {"a": "ñ"}
    assert (headers["content-type"], headers["content-length"]) == ("application/json", "10")
    with pytest.raises(TypeError, match="one body"):
        build("POST", "/a", body="", json={})


def test_headers_that_are_given_stand_in_place_of_the_gateways_own() -> None:
    event = http.rest("POST", "/a", headers={"host": "api.example.com", "content-type": "text/json"}, json=1)
    assert event["headers"]["host"] == "api.example.com"
    assert event["headers"]["content-type"] == "text/json"
    assert not {"Host", "Content-Type"} & event["headers"].keys()


def test_json_takes_models_and_refuses_what_is_neither() -> None:
    class Order(BaseModel):
        id: int
        due: datetime

    event = http.v2("POST", "/a", json=[Order(id=1, due=datetime(2026, 1, 1, tzinfo=UTC))])
    assert json.loads(event["body"]) == [{"id": 1, "due": "2026-01-01T00:00:00Z"}]
    with pytest.raises(TypeError, match="object cannot be sent as JSON"):
        http.v2("POST", "/a", json=object())


@pytest.mark.parametrize(
    ("template", "path", "parameters"),
    [
        ("/{proxy+}", "/orders/17", {"proxy": "orders/17"}),
        ("/orders/{id}/lines/{line}", "/orders/17/lines/a%20b", {"id": "17", "line": "a%20b"}),
        ("/orders/{rest+}", "/orders/17/lines", {"rest": "17/lines"}),
        ("/orders", "/orders", None),
        ("/orders/{id}", "/orders", {"id": ""}),
    ],
)
def test_path_parameters_are_read_from_the_resource(
    template: str, path: str, parameters: dict[str, str] | None
) -> None:
    assert http.rest("GET", path, resource=template)["pathParameters"] == parameters
    decoded = {name: value.replace("%20", " ") for name, value in (parameters or {}).items()}
    assert http.v2("GET", path, route_key=f"GET {template}").get("pathParameters", {}) == decoded


def test_the_root_of_a_rest_api_has_a_resource_of_its_own() -> None:
    event = http.rest("GET", "/")
    assert (event["resource"], event["pathParameters"]) == ("/", None)


def test_a_named_stage_is_in_front_of_an_http_apis_path() -> None:
    event = http.v2("GET", "/orders/17", stage="live")
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/live/orders/17"
    assert http.v2("GET", "/orders/17")["rawPath"] == "/orders/17"


def test_an_authorizers_context_stands_where_the_gateway_puts_it() -> None:
    context = {"principalId": "ada"}
    assert http.rest("GET", "/", authorizer=context)["requestContext"]["authorizer"] == context
    assert http.v2("GET", "/", authorizer=context)["requestContext"]["authorizer"] == {"lambda": context}
    assert http.url("GET", "/", iam=context)["requestContext"]["authorizer"] == {"iam": context}
    assert "authorizer" not in http.v2("GET", "/")["requestContext"]


API = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5"


def test_the_arn_of_an_authorizer_event_names_stage_method_and_path() -> None:
    assert authorizer.token("get", "/orders/17?x=1", "t")["methodArn"] == f"{API}/prod/GET/orders/17"
    assert authorizer.token("GET", "/", "t", stage="live")["methodArn"] == f"{API}/live/GET/"
    assert authorizer.request_v1("POST", "/orders")["methodArn"] == f"{API}/prod/POST/orders"
    assert authorizer.request_v2("GET", "/a")["routeArn"] == f"{API}/$default/GET/a"
    live = authorizer.request_v2("GET", "/a", stage="live")
    assert (live["routeArn"], live["rawPath"]) == (f"{API}/live/GET/a", "/live/a")
    assert authorizer.websocket(stage="live")["methodArn"] == f"{API}/live/$connect"


def test_an_authorizer_is_not_shown_the_body() -> None:
    for event in (authorizer.request_v1("POST", "/a"), authorizer.request_v2("POST", "/a")):
        assert not {"body", "isBase64Encoded"} & event.keys()


def test_empty_maps_are_objects_in_a_v1_authorizer_event() -> None:
    event = authorizer.request_v1("GET", "/")
    maps = ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables")
    assert [event[key] for key in maps] == [{}] * 4


def test_the_identity_source_is_the_authorization_header_or_null() -> None:
    with_header = authorizer.request_v2("GET", "/", headers={"Authorization": "Bearer t"})
    assert with_header["identitySource"] == ["Bearer t"]
    assert authorizer.request_v2("GET", "/")["identitySource"] is None


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-01T03:00Z",
        "2026-01-01T03:00:00.987+00:00",
        "2026-01-01T04:00+01:00",
        "2026-01-01T03:00",
        datetime(2026, 1, 1, 3),  # noqa: DTZ001 -- a time without a zone is UTC
        datetime(2025, 12, 31, 22, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_a_tick_has_its_time_in_utc_to_the_second(time: datetime | str) -> None:
    assert cron.rule(time)["time"] == "2026-01-01T03:00:00Z"
    assert cron.scheduler(time)["time"] == "2026-01-01T03:00:00Z"


def test_rules_and_schedules_are_named_by_name_or_arn() -> None:
    rule = "arn:aws:events:eu-west-1:123456789012:rule/nightly"
    assert cron.rule("2026-01-01", rule="nightly")["resources"] == [rule]
    assert cron.rule("2026-01-01", rule=rule)["resources"] == [rule]
    schedule = "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/nightly"
    for named in ("nightly", "default/nightly", schedule):
        assert cron.scheduler("2026-01-01", schedule=named)["resources"] == [schedule]


def test_two_ticks_have_two_ids() -> None:
    assert cron.rule("2026-01-01T03:00Z")["id"] != cron.rule("2026-01-01T04:00Z")["id"]


def test_a_notification_is_text_or_json_and_each_is_a_record() -> None:
    records = sns("orders", "plain", {"id": 17, "to": "ñ"}, [1])["Records"]
    assert [record["Sns"]["Message"] for record in records] == ["plain", '{"id":17,"to":"ñ"}', "[1]"]
    assert len({record["Sns"]["MessageId"] for record in records}) == 3
    assert {record["Sns"]["TopicArn"] for record in records} == {"arn:aws:sns:eu-west-1:123456789012:orders"}


def test_a_topic_may_be_an_arn() -> None:
    arn = "arn:aws:sns:us-east-1:111122223333:orders.fifo"
    record = sns(arn, "m")["Records"][0]
    assert record["Sns"]["TopicArn"] == arn
    assert record["EventSubscriptionArn"].startswith(f"{arn}:")


def test_an_sns_event_without_a_message_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one message"):
        sns("orders")


def test_message_attributes_have_the_types_of_sns() -> None:
    attributes: Mapping[str, str | float | bytes | Sequence[str]] = {
        "s": "x",
        "n": 7,
        "f": 1.5,
        "b": b"\x00\xff",
        "a": ["x", "y"],
    }
    sent = sns("orders", "m", attributes=attributes)["Records"][0]["Sns"]["MessageAttributes"]
    assert sent == {
        "s": {"Type": "String", "Value": "x"},
        "n": {"Type": "Number", "Value": "7"},
        "f": {"Type": "Number", "Value": "1.5"},
        "b": {"Type": "Binary", "Value": "AP8="},
        "a": {"Type": "String.Array", "Value": '["x","y"]'},
    }
    with pytest.raises(TypeError, match=r"attribute 'urgent'.*not bool"):
        sns("orders", "m", attributes={"urgent": True})


def received(**options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    given = {"recipients": "in@example.com", "sender": "Ada <ada@example.org>", "subject": "Hi"} | options
    record = ses(**given)["Records"][0]["ses"]
    return record["mail"], record["receipt"]


def test_a_mails_envelope_has_bare_addresses_and_its_headers_the_names() -> None:
    mail, receipt = received(recipients=["a@example.com", "b@example.com"])
    assert mail["source"] == mail["commonHeaders"]["returnPath"] == "ada@example.org"
    assert mail["commonHeaders"]["from"] == ["Ada <ada@example.org>"]
    assert mail["destination"] == receipt["recipients"] == mail["commonHeaders"]["to"]
    assert mail["destination"] is not receipt["recipients"]


def test_headers_of_a_mail_are_added_or_stand_in_place_of_its_own() -> None:
    mail, _ = received(
        headers={
            "to": '"Out, Let" <list@example.com>',
            "Cc": "x@example.com, Y <y@example.com>",
            "X": ["1", "2"],
        }
    )
    assert mail["commonHeaders"]["to"] == ['"Out, Let" <list@example.com>']
    assert mail["commonHeaders"]["cc"] == ["x@example.com", "Y <y@example.com>"]
    sent = [(header["name"], header["value"]) for header in mail["headers"]]
    assert [value for name, value in sent if name == "X"] == ["1", "2"]
    assert [name for name, _ in sent if name.lower() == "to"] == ["to"]


def test_a_mail_without_subject_has_no_such_header() -> None:
    mail, _ = received(subject=None)
    assert "subject" not in mail["commonHeaders"]
    assert "Subject" not in {header["name"] for header in mail["headers"]}


def test_verdicts_are_those_asked_for_and_the_policy_comes_with_a_failure() -> None:
    _, receipt = received(spam="FAIL", virus="GRAY", spf="PROCESSING_FAILED", dkim="DISABLED", dmarc="FAIL")
    verdicts = {key.removesuffix("Verdict"): value["status"] for key, value in receipt.items() if "Verdict" in key}
    assert verdicts == {
        "spam": "FAIL",
        "virus": "GRAY",
        "spf": "PROCESSING_FAILED",
        "dkim": "DISABLED",
        "dmarc": "FAIL",
    }
    assert receipt["dmarcPolicy"] == "none"
    assert "dmarcPolicy" not in received()[1]


def test_the_action_says_how_the_mail_came() -> None:
    assert received(invocation_type="Event")[1]["action"]["invocationType"] == "Event"
    assert received(action="S3")[1]["action"].keys() == {"type", "topicArn", "bucketName", "objectKey"}
    assert received(action="SNS")[1]["action"].keys() == {"type", "topicArn"}


def test_every_example_has_fixtures() -> None:
    assert EXAMPLES.keys() <= {path.parent.name for path in FIXTURES}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_fixture_classifies_as_its_folder(path: Path) -> None:
    assert classify(json.loads(path.read_text(encoding="utf-8"))) == path.parent.name
