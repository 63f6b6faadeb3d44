"""Scenario files: what they may say, what is compared, and what is said of a file that is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import pytest

from lambdarouter import Allow, App, Context, Cookie, Deny, Header, InvokeEvent, Response, SqsRecord
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import Response as HttpResponse, ScenarioError, ScenarioRun, events, run_scenario
from lambdarouter.testing.scenario.file import files, load
from lambdarouter.testing.scenario.model import SENDS, Scenario

seen: list[Any] = []


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    seen.append(f"in {os.environ.get('AWS_REGION')}")
    yield
    seen.append("out")


app = App(lifespan=lifespan, store=MemoryStore())


@app.authorizer()
def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow("ada") if token == "Bearer ok" else Deny()


@app.post("/login")
def login() -> Response:
    return Response(
        "hello", 201, [("x-kind", "greeting"), ("vary", "a"), ("vary", "b")], cookies=["session=s1; Path=/"]
    )


@app.get("/me")
def me(session: Annotated[str, Cookie()]) -> dict[str, Any]:
    return {"session": session, "age": 36, "text": "x" * 200}


@app.sns("orders", once=True)
def announce(order: dict[str, int]) -> None:
    seen.append(order["id"])


@app.sqs("jobs", concurrency=1)
def work(job: int, message: SqsRecord) -> None:
    if job < 0:
        raise ValueError(f"{job} is below 0")


@app.invoke(when=lambda payload: isinstance(payload, dict) and "take" in payload)
def take(event: InvokeEvent, context: Context) -> Any:
    if event.raw["take"] == "exit":
        sys.exit(4)
    event.raw["take"] = "taken"
    return {"tenant": context.tenant_id, "stage": os.environ.get("STAGE"), "region": os.environ.get("AWS_REGION")}


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., ScenarioRun]:
    """Run a scenario of these invocations, by way of a file."""

    def play(*invocations: Any, **more: Any) -> ScenarioRun:
        file = tmp_path / "made.scenario.json"
        file.write_text(json.dumps({**more, "invocations": list(invocations)}))
        return run_scenario(app, file)

    return play


Play = Callable[..., ScenarioRun]


def test_a_region_and_events_are_a_scenario(play: Play) -> None:
    event = {"take": 1}

    run = play({"event": event}, region="eu-north-1")

    assert run.failures == []
    assert run.checked[0].result.reply["region"] == "eu-north-1"
    assert seen == ["in eu-north-1", "out"]
    assert os.environ.get("AWS_REGION") != "eu-north-1"


def test_invocations_share_lifespan_store_and_cookies(play: Play) -> None:
    order = {"sns": {"topic": "orders", "messages": [{"id": 17}]}}

    run = play(order, {**order, "expect": {"ran": []}}, {"post": {"path": "/login"}}, {"get": {"path": "/me"}})

    assert run.failures == []
    assert seen[1:] == [17, "out"]
    assert seen.count(17) == 1
    assert isinstance(run.checked[3].result, HttpResponse)
    assert run.checked[3].result.json()["session"] == "s1"


def test_each_run_has_a_store_of_its_own(play: Play) -> None:
    order = {"sns": {"topic": "orders", "messages": [{"id": 17}]}}
    play(order)
    play(order)
    assert seen.count(17) == 2


def test_circumstances_are_those_of_the_client(play: Play) -> None:
    given = {"timeout": 3, "memory": 512, "tenant_id": "acme", "env": {"STAGE": "dev"}}

    run = play({"event": {"take": 1}, "given": given}, {"event": {"take": 1}}, env={"STAGE": "test"})

    replies = [each.result.reply for each in run.checked]
    assert [(reply["tenant"], reply["stage"]) for reply in replies] == [("acme", "dev"), ("", "test")]


def test_an_event_may_be_in_a_file_beside(tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text(json.dumps(events.sns("orders", {"id": 1})))
    file = tmp_path / "a.scenario.json"
    file.write_text('{"invocations": [{"event": "order.json", "expect": {"source": "sns", "ran": ["announce"]}}]}')
    assert run_scenario(app, str(file)).failures == []


YAML = """
region: eu-west-1
invocations:
  - name: a day, a word and an account
    event: &event {take: 1, day: 2026-01-01, word: yes, account: 012345670123, time: 12:30:00, n: [1, -2.5, 1e3, null]}
    expect: {source: invoke}
  - event: *event
    expect: {source: invoke}
  - event:
      <<: *event
      take: 2
"""


def test_yaml_has_the_scalars_of_json(tmp_path: Path) -> None:
    file = tmp_path / "a.scenario.yml"
    file.write_text(YAML)

    run = run_scenario(app, file)

    # Nor does a handler's change of one event reach those that share its anchor.
    assert run.failures == []
    assert load(file).invocations[1].event == {
        "take": 1,
        "day": "2026-01-01",
        "word": "yes",
        "account": "012345670123",
        "time": "12:30:00",
        "n": [1, -2.5, 1000.0, None],
    }
    assert load(file).invocations[2].event["take"] == 2  # type: ignore[index, call-overload]


def test_every_builder_is_a_way_to_send(play: Play) -> None:
    assert {"sns", "kafka_msk", "s3_eventbridge", "tick", "authorize", "get"} <= set(SENDS)

    run = play({"dynamodb": {"table": "orders", "changes": [[None, {"id": 1}]], "keys": ["id"]}})

    assert run.checked[0].result.name == "dynamodb"
    assert run.checked[0].result.event["Records"][0]["eventName"] == "INSERT"


# What is compared ---------------------------------------------------------------------------------------------

TEXT, ETAG = "x" * 180, {"etag": "x"}
JOBS = {"sqs": {"queue": "jobs", "bodies": [1, -2, 3]}}


@pytest.mark.parametrize(
    "invocation",
    [
        {**JOBS, "expect": {"failed": [1], "ran": ["work", "work", "work"], "source": "sqs"}},
        {"post": {"path": "/login", "gateway": "rest"}, "expect": {"status": 201, "text": "hello"}},
        {"post": {"path": "/login"}, "expect": {"headers": {"X-Kind": "greeting", "Etag": None}}},
        {"post": {"path": "/login", "gateway": "rest"}, "expect": {"headers": {"vary": ["a", "b"]}}},
        {"post": {"path": "/login", "gateway": "alb"}, "expect": {"status": 201}},
        {"get": {"path": "/gone"}, "expect": {"status": 404}},
        {"event": events.http.v2("GET", "/gone"), "expect": {"status": 404}},
        {"authorize": {"token": "Bearer ok"}, "expect": {"allowed": True}},
        {"event": events.authorizer.token("GET", "/x", "Bearer no"), "expect": {"allowed": False}},
        {"sns": {"topic": "gone", "messages": [1]}, "expect": {"error": "NoRouteError", "failed": [0]}},
        {"event": {"take": "exit"}, "expect": {"error": "EndedError: the function ended the process, status 4"}},
        {"event": {"take": 1}, "expect": {"reply": {"tenant": "", "stage": None, "region": "eu-west-1"}}},
        {"tick": {"time": "2026-01-01T03:00Z"}, "expect": {"source": "cron.rule", "reply": None, "ran": []}},
    ],
)
def test_what_is_as_expected_passes(play: Play, invocation: Any) -> None:
    assert play(invocation, region="eu-west-1").failures == []


@pytest.mark.parametrize(
    ("invocation", "said"),
    [
        (JOBS, ["failed: expected [], saw [1]", "work failed on "]),
        (
            {**JOBS, "expect": {"failed": [0], "ran": ["work"]}},
            ['ran: expected ["work"], saw ["work", "work", "work"]'],
        ),
        ({**JOBS, "expect": {"source": "sns"}}, ['source: expected "sns", saw "sqs"']),
        ({**JOBS, "expect": {"reply": None}}, ["reply: expected null, saw {"]),
        (
            {**JOBS, "expect": {"reply": {"batchItemFailures": [], "more": 1}}},
            [
                "reply.batchItemFailures[0]: expected the end of the list, saw {",
                "reply.more: expected 1, saw no such key",
            ],
        ),
        (
            {"event": {"take": 1}, "expect": {"reply": {"tenant": "", "stage": True}}},
            ["reply.stage: expected true, saw null", 'reply.region: expected no such key, saw "eu-west-1"'],
        ),
        ({"event": {}, "expect": {"error": "ValueError"}}, ['error: expected "ValueError", saw "UnknownEventError: ']),
        ({"event": {"take": 1}, "expect": {"error": "ValueError"}}, ['error: expected "ValueError", saw null']),
        ({"event": {}, "expect": {"reply": None}}, ['error: expected null, saw "UnknownEventError: ']),
        ({"event": {"take": 1}, "expect": {"status": 200}}, ["status: expected an HTTP reply, saw {"]),
        (
            {
                "post": {"path": "/login"},
                "expect": {"status": 200, "json": {}, "text": "bye", "headers": {"etag": "x"}},
            },
            [
                "status: expected 200, saw 201",
                'headers.etag: expected "x", saw null',
                "json: expected JSON, saw 'hello'",
                'text: expected "bye", saw "hello"',
            ],
        ),
        (
            {
                "get": {"path": "/me", "cookies": {"session": "s2"}},
                "expect": {"json": {"age": True, "text": "x" * 180}},
            },
            [
                'json.session: expected no such key, saw "s2"',
                "json.age: expected true, saw 36",
                'json.text: expected "…' + "x" * 40 + '", saw "…' + "x" * 60 + '"',
            ],
        ),
        (
            {**JOBS, "expect": {"reply": {"batchItemFailures": [{}, {}]}}},
            ["reply.batchItemFailures[1]: expected {}, saw the end of the list"],
        ),
        ({"authorize": {"token": "Bearer no"}, "expect": {"allowed": True}}, ["allowed: expected true, saw false"]),
        ({"event": {"take": 1}, "expect": {"allowed": True}}, ["allowed: expected true, saw false"]),
        (
            {"event": {"take": 1}, "expect": {"reply": {str(n): n for n in range(50)}}},
            ["reply.19: expected 19, saw no such key", "33 more differences"],
        ),
    ],
)
def test_what_is_not_as_expected_is_told_with_its_place(play: Play, invocation: Any, said: list[str]) -> None:
    run = play({"name": "it", **invocation}, region="eu-west-1")

    for line in said:
        assert any(failure.startswith(f"it: {line}") for failure in run.failures), run.failures
    assert repr(run) == "<ScenarioRun 1 invocations, 1 failed>"
    assert repr(run.checked[0]).startswith("it: ")


def test_an_invocation_without_a_name_has_its_number(play: Play) -> None:
    run = play({"event": {"take": 1}}, {"post": {"path": "/login"}})
    assert [repr(each) for each in run.checked] == ["1 invoke: as expected", "2 post: as expected"]


# Files that are none --------------------------------------------------------------------------------------------


def one(invocation: Any) -> str:
    return json.dumps({"invocations": [invocation]})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "a.json is not JSON: "),
        ("a.yaml", "a: [", "a.yaml is not YAML: "),
        ("a.yaml", "a: 1\na: 2", "the key 'a' is there twice"),
        ("a.yaml", "? [1]\n: 2", "a.yaml is not YAML: "),
        ("a.json", '{"a": 1, "a": 2}', "the key 'a' is there twice"),
        ("a.json", b"\xff", "a.json is not UTF-8 text: "),
        ("a.json", "[]", "a.json: it is []; it is a mapping"),
        ("a.json", '{"invocations": []}', "a.json: invocations: List should have at least 1 item"),
        ("a.json", '{"invocations": 1}', "a.json: invocations: Input should be a valid list"),
        (
            "a.json",
            '{"invocation": []}',
            "invocation: there is no such key; there are invocations, app, region",
        ),
        (
            "a.json",
            '{"invocations": [{"event": 1, "expect": {"replyy": 1}}]}',
            "a.json: invocations[0].expect.replyy: there",
        ),
        (
            "a.json",
            '{"invocations": [{"event": 1, "given": {"timeout": "3"}}]}',
            "a.json: invocations[0].given.timeout: ",
        ),
        (
            "a.json",
            '{"invocations": [{"event": 1, "expect": {"status": "200"}}]}',
            "a.json: invocations[0].expect.status: ",
        ),
        ("a.json", one({}), "invocations[0]: it sends nothing: give an event"),
        ("a.json", one({"event": 1, "sns": {}}), "invocations[0]: it sends event and sns"),
        ("a.json", one({"snss": {}}), "invocations[0]: there is no key 'snss'"),
        ("a.json", one({"sns": [1]}), "invocations[0]: sns is [1]; it is a mapping"),
        ("a.json", one({"event": "gone.json"}), "invocations[0].event: there is no file "),
        (
            "a.json",
            one({"sns": {"topik": 1}}),
            "invocations[0].sns: there is no argument 'topik'; there are topic, messages, ",
        ),
        ("a.json", one({"sns": {"topic": "t", "messages": 1}}), "messages is 1; it is a list"),
        ("a.json", one({"get": {"path": "x"}}), "invocations[0].get: path is 'x'; it starts"),
        ("a.json", one({"get": {"path": "/", "gateway": "x"}}), "invocations[0].get: gateway is 'x'"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused_with_the_place(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(ScenarioError) as caught:
        run_scenario(app, file)

    assert said in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        run_scenario(app, tmp_path / "gone.json")


def test_without_pyyaml_it_says_how_to_install_it(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("invocations: []")
    code = (
        "import sys; sys.modules['yaml'] = None\n"
        "from pathlib import Path\n"
        "from lambdarouter.testing.scenario.file import load\n"
        f"load(Path({str(file)!r}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'a.yaml needs PyYAML: pip install "lambdarouter[yaml]"' in ran.stderr


def test_a_scenario_may_be_made_in_a_test() -> None:
    scenario = Scenario.model_validate({"invocations": [{"get": {"path": "x"}}]})
    with pytest.raises(ScenarioError, match=r"^a scenario: invocations\[0\]\.get: "):
        run_scenario(app, scenario)


def test_a_directory_stands_for_the_scenarios_below(tmp_path: Path) -> None:
    for name in ("b.scenario.yaml", "a.scenario.json", "c.scenario.txt", "d.json", "below/e.scenario.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [str(each.relative_to(tmp_path)) for each in files(tmp_path)]
    assert found == ["a.scenario.json", "b.scenario.yaml", "below/e.scenario.yml"]
    assert files(tmp_path / "d.json") == [tmp_path / "d.json"]
