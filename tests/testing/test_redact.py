"""Redaction: nothing that is secret survives, however it is packed, and an event is still what it was."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter import classify
from lambdarouter.testing import Redaction
from lambdarouter.testing.events import EXAMPLES, example
from tests.sources.test_corpus_views import unreadable

redact = Redaction(key="a key of the tests")


def strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with the name it stands under, and what is packed into it, in this test's own way."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from strings(key, "")
            yield from strings(each, key)
    elif isinstance(value, list):
        if value and all(type(each) is int for each in value):
            yield from strings(bytes(each % 256 for each in value).decode("latin-1"), name)
        for each in value:
            yield from strings(each, name)
    elif isinstance(value, str):
        yield name, value
        for packed in packed_in(value):
            yield from strings(packed, name)


def packed_in(text: str) -> Iterator[Any]:
    for unpack in (json.loads, lambda text: b64decode(text, validate=True).decode("latin-1")):
        try:
            packed = unpack(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(packed, str) and packed.startswith("\x1f\x8b"):
            packed = gzip.decompress(packed.encode("latin-1")).decode()
        if packed != text:
            yield packed


def shape(value: Any) -> Any:
    """What a value is made of."""
    if isinstance(value, dict):
        return [(key if "@" not in key else "", shape(each)) for key, each in value.items()]
    return [shape(each) for each in value] if isinstance(value, list) else type(value)


MARKS = (
    r"[\w.+-]+@[\w-]+\.[\w.-]*\w",
    r"(?<![\d.])(?:\d{1,2}|1\d\d)\.(?:\d{1,2}|1\d\d)\.(?:\d{1,2}|1\d\d)\.(?:\d{1,2}|1\d\d)(?![\d.])",
    r"(?<=:)\d{12}(?=:)",
    r"\bA[KS]IA[A-Z0-9]{12,}",
)
SECRET_NAMES = re.compile(r"authorization|x-api-key|.*password|.*secretAccessKey|.*sessionToken", re.IGNORECASE)


def marks(event: Any) -> set[str]:
    """What must not survive, of an event."""
    found = {mark for _, text in strings(event) for pattern in MARKS for mark in re.findall(pattern, text)}
    for name, text in strings(event):
        if SECRET_NAMES.fullmatch(name) and len(text) > 7 and any(map(str.isalnum, text.rpartition(" ")[2])):
            found.add(text)
    return found


def survivors(event: Any, redacted: Any) -> set[str]:
    left = [text for name, text in strings(redacted) if name]  # a name may be a word that is a secret elsewhere
    return {
        mark
        for mark in marks(event)
        for text in left
        # Twelve digits are no account within a longer number, or at the end of a UUID.
        if mark in text and (not mark.isdigit() or re.search(rf"(?<![\w-]){mark}(?!\w)", text))
    }


def check(event: Any) -> None:
    name, before = classify(event), json.dumps(event)

    redacted = redact(event)

    assert json.dumps(event) == before
    assert classify(redacted) == name
    assert shape(redacted) == shape(event)
    assert survivors(event, redacted) == set()
    assert redact(event) == redacted


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_redacted_and_stays_what_it_is(name: str) -> None:
    event = example(name)
    check(event)
    assert unreadable(redact(event), name) == unreadable(event, name)


def test_every_sample_of_other_projects_is_redacted_and_stays_what_it_is(corpus: Path) -> None:
    paths = [json.loads(line)["path"] for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines()]
    events = {path: json.loads((corpus / path).read_text("utf-8")) for path in paths}
    left = {}
    for path, event in events.items():
        redacted = redact(event)
        assert classify(redacted) == classify(event), path
        assert shape(redacted) == shape(event), path
        if found := survivors(event, redacted):
            left[path] = found
        known, changed = unreadable(event, classify(event)), unreadable(redacted, classify(event))
        assert [fault.partition(": ")[0] for fault in changed] == [fault.partition(": ")[0] for fault in known], path
    assert len(events) > 800
    assert left == {}


MARK = "Quite7Secret9Word"
packings: list[Callable[[Any], Any]] = [
    lambda value: {"deeper": [value]},
    json.dumps,
    lambda value: b64encode(json.dumps(value).encode()).decode(),
    lambda value: b64encode(gzip.compress(json.dumps(value).encode())).decode(),
]
secrets: list[Any] = [
    {"Authorization": f"Bearer {MARK}"},
    {"authorization": [{"key": "Authorization", "value": MARK}]},
    {"headers": [{"name": "X-Api-Key", "value": MARK}]},
    {"cookies": [f"session={MARK}", "theme=dark"]},
    {"Set-Cookie": f"session={MARK}; Path=/; HttpOnly"},
    {"password": {"S": MARK}},
    {"clientSecret": [MARK]},
    {"credentials": {"anything": MARK}},
    {"rawQueryString": f"a=1&access_token={MARK}"},
    {"body": f"grant_type=password&password={MARK}"},
    {"url": f"https://example.com/?X-Amz-Signature={MARK}&x=1"},
    {"token": list(MARK.encode())},
    {"log": f"refused Bearer {MARK}xxxx, {MARK}", "apiKey": MARK},
    {"pathParameters": {"token": MARK}, "path": f"/reset/{MARK}"},
    {"password": b64encode(MARK.encode()).decode(), "text": MARK},
    {"password": f"{MARK}\ud800", "path": f"/reset/{MARK}%ED%A0%80"},
]


@given(st.sampled_from(secrets), st.lists(st.sampled_from(packings), max_size=4))
def test_no_secret_survives_however_deep_it_is_packed(secret: Any, how: list[Callable[[Any], Any]]) -> None:
    value: Any = secret
    for pack in how:
        value = pack(value)

    redacted = redact({"event": value})

    assert [text for _, text in strings(redacted) if MARK in text] == []
    if not isinstance(value, str):
        assert shape(redacted["event"]) == shape(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["token", "Cookie", "value", "name"]), inner)
    ),
)


@given(json_values)
def test_any_json_can_be_redacted(value: Any) -> None:
    redacted = redact(value)
    assert shape(json.loads(json.dumps(redacted))) == shape(redacted)
    assert shape(redacted) == shape(value) or "@" in json.dumps(value)


# What replaces what --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("from ada@byron.example.org, to ada@byron.example.org", r"from (user-[0-9a-f]{8}@example\.com), to \1"),
        ("q=ada%40example.org", r"q=user-[0-9a-f]{8}%40example\.com"),
        ("10.1.2.3:80", r"198\.1[89]\.\d+\.\d+:80"),
        ("2a02:26f7::c1:4000 at 12:30:45", r"2001:db8::[0-9a-f]+:[0-9a-f]+ at 12:30:45"),
        ("arn:aws:sqs:eu-west-1:111122223333:jobs", r"arn:aws:sqs:eu-west-1:\d{12}:jobs"),
        ("arn:aws:s3:::uploads", r"arn:aws:s3:::uploads"),
        ("uploads-111122223333-eu", r"uploads-\d{12}-eu"),
        ("9ae8c4f1-3c1b-4d2f-8e55-111122223333", "9ae8c4f1-3c1b-4d2f-8e55-111122223333"),
        ("call +15550101234 now", r"call \+999\d{8} now"),
        ("AKIAIOSFODNN7EXAMPLE", r"AKIA[A-Z0-9]{16}"),
        ("ghp_abcdefghijklmnop", r"ghp_[a-z]{16}"),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIB3z\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n[A-Z]{4}[0-9][a-z]\n-----END PRIVATE KEY-----",
        ),
        ("q=ada.king%2Bshop%40example.org", r"q=user-[0-9a-f]{8}%40example\.com"),
        (
            "redis://:hunter2@localhost:6379 and http://localhost:80/a@b",
            r"redis://:[a-z]{6}\d@localhost:6379 and \S+/a@b",
        ),
        ("the basic idea, std::vector and v1.2", "the basic idea, std::vector and v1.2"),
    ],
)
def test_what_is_found_is_replaced_by_its_like(text: str, like: str) -> None:
    redacted = redact({"text": text})["text"]
    assert re.fullmatch(like, redacted), redacted
    assert (redacted == text) == (
        re.fullmatch(like, text) is not None and not re.search(r"hunter|\d{12}:|AKIA|ghp|MII|-\d{12}-", text)
    )


@pytest.mark.parametrize(
    "body",
    [
        "user[password]=hunter2222&x=1",
        "user%5Bpassword%5D=hunter2222&x=1",
        '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2222\r\n--b--\r\n',
        '--b\r\nContent-Disposition: form-data; name="api_key"\r\nContent-Type: text/plain\r\n\r\nhunter2222\r\n--b--',
    ],
)
def test_secret_fields_of_forms_are_replaced(body: str) -> None:
    for packed, unpack in ((body, str), (b64encode(body.encode()).decode(), lambda text: b64decode(text).decode())):
        redacted = unpack(redact({"body": packed})["body"])
        before, after = body.split("hunter2222")
        assert re.fullmatch(rf"{re.escape(before)}[a-z]{{6}}\d{{4}}{re.escape(after)}", redacted), redacted
        assert redacted != body


def test_a_value_is_replaced_by_the_same_wherever_it_stands() -> None:
    event = {
        "rawQueryString": "token=supersecretvalue&email=ada%2Bshop%40example.org",
        "queryStringParameters": {"token": "supersecretvalue", "email": "ada+shop@example.org"},
    }

    redacted = redact(event)

    parameters = redacted["queryStringParameters"]
    assert redacted["rawQueryString"] == f"token={parameters['token']}&email={parameters['email'].replace('@', '%40')}"
    assert parameters["token"] != "supersecretvalue"


def test_the_claims_of_a_load_balancers_token_are_redacted() -> None:
    # It pads the parts, which others do not.
    claims = b64encode(b'{"sub":"ada","name":"Ada Byron","email":"a@b.org"}').decode()
    redacted = redact({"x-amzn-oidc-data": f"eyJhbGciOiJFUzI1NiJ9.{claims}.c2lnbmVkcw=="})["x-amzn-oidc-data"]
    assert claims.endswith("=")
    made = redacted.split(".")[1]
    assert json.loads(b64decode(made + "=" * (-len(made) % 4)))["sub"] != "ada"


def test_a_web_token_is_still_one() -> None:
    def part(value: Any) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    token = f"{part({'alg': 'RS256'})}.{part({'sub': 'ada', 'exp': 1767225600})}.c2lnbmVk"

    for redacted in (
        redact({"Authorization": f"Bearer {token}"})["Authorization"],
        redact({"text": f"Bearer {token}"})["text"],
    ):
        scheme, made = redacted.split(" ")
        _, claims, signature = made.split(".")
        told = json.loads(b64decode(claims + "=" * (-len(claims) % 4)))
        assert scheme == "Bearer"
        assert told.keys() == {"sub", "exp"}
        assert told["sub"] != "ada"
        assert signature != "c2lnbmVk"


def test_what_only_looks_like_a_web_token_is_replaced_as_a_whole() -> None:
    assert re.fullmatch(r"[\w-]{6}\.[\w-]{4}\.[\w-]{4}", redact({"text": "eyJhbG.eyJh.c2ln"})["text"])
    assert redact({"text": "eyJhbG.eyJh.c2ln"})["text"] != "eyJhbG.eyJh.c2ln"


def test_a_basic_authorization_is_still_a_name_and_a_password() -> None:
    made = redact({"authorization": f"Basic {b64encode(b'ada:lovelace').decode()}"})["authorization"]
    name, _, password = b64decode(made.removeprefix("Basic ")).decode().partition(":")
    assert (len(name), len(password)) == (3, 8)
    assert name != "ada"


def test_numbers_that_are_secret_are_others_of_their_length() -> None:
    redacted = redact({"pin": 1234, "password": 1.5, "otp": True, "token": None, "cvc": -12})
    assert redacted["pin"] != 1234
    assert 1000 <= redacted["pin"] <= 9999
    assert (redacted["password"], redacted["otp"], redacted["token"]) == (0.5, True, None)
    assert 10 <= redacted["cvc"] <= 19


def test_javas_signed_bytes_stay_signed() -> None:
    redacted = redact({"token": [-61, -87, 65, 66]})["token"]
    assert redacted[2:] != [65, 66]
    assert all(-128 <= each < 128 for each in redacted)


def test_binary_content_keeps_its_length() -> None:
    octets = b"\xff\xfe ada@example.org \x00"
    redacted = b64decode(redact({"data": b64encode(octets).decode()})["data"])
    assert b"ada@" not in redacted
    assert len(redacted) == len(octets)


def test_what_is_kept_named_and_matched_is_the_users() -> None:
    own = Redaction(names=["given-name"], patterns=[r"IBAN \w+"], keep=["*@support.example.com", "111122223333"])

    redacted = own(
        {
            "to": "orders@support.example.com",
            "by": "ada@example.com",
            "arn": "arn:aws:sqs:eu-west-1:111122223333:jobs",
            "givenName": "Augusta",
            "token": "*@support.example.com",
            "text": "IBAN DE02120300000000202051",
        }
    )

    assert redacted["to"] == "orders@support.example.com"
    assert redacted["by"] != "ada@example.com"
    assert redacted["arn"] == "arn:aws:sqs:eu-west-1:111122223333:jobs"
    assert redacted["givenName"] != "Augusta"
    assert redacted["token"] == "*@support.example.com"
    assert "DE02120300000000202051" not in redacted["text"]
    assert Redaction(patterns=["x+"], keep=["xx"])({"a": "xx x"})["a"].startswith("xx ")
    with pytest.raises(re.error):
        Redaction(patterns=["("])


def test_one_key_replaces_alike_and_another_does_not() -> None:
    value = {"email": "ada@example.com", "token": "abc-def"}
    assert Redaction(key="a")(value) == Redaction(key="a")(value)
    assert Redaction(key="a")(value) != Redaction(key="b")(value)
    assert Redaction()(value) != Redaction()(value)


def test_what_cannot_be_unpacked_is_text() -> None:
    bomb = b64encode(gzip.compress(bytes(17 * 1024 * 1024))).decode()
    for text in ("{", "[" * 100_000, "e30.x", b64encode(b"\x1f\x8bnone").decode(), bomb):
        assert redact({"a": text})["a"] == text
        assert redact({"token": text})["token"] is not None


def test_redaction_takes_no_longer_for_text_that_is_made_for_it() -> None:
    # Where each place could begin what never ends, a careless pattern would take hours.
    for text in (
        "a",
        "eyJ",
        "a.b-",
        "-----BEGIN A-----",
        "1:",
        "a=",
        "bearer ",
        "a@",
        "+1",
        "a%2B",
        "://:",
        "://a:@",
        'name="a"\n\n',
    ):
        assert isinstance(redact({"a": text * 5_000, "token": text * 5_000})["a"], str)
