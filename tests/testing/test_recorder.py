"""The recorder: what it writes replays, and whatever goes wrong with it leaves the reply alone."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import pytest

from lambdarouter import App, CognitoEvent, Header, HttpError, InvokeEvent, Request, Response, SnsRecord
from lambdarouter.testing import AsyncTestClient, LambdaContext, Redaction, TestClient, events, record, run_scenario
from tests.pace import in_real_time, seconds

MAIL = "ada@byron.example.org"


def made_app() -> App:  # noqa: C901 - a handler of each kind
    app = App()

    @app.sns("orders")
    def announce(order: dict[str, Any]) -> None:
        if order["id"] < 0:
            raise ValueError(order["email"])

    @app.sqs("jobs", concurrency=1)
    def work(job: int) -> None:
        if job < 0:
            raise ValueError(job)

    @app.get("/me")
    def me(token: Annotated[str, Header("authorization")], request: Request) -> dict[str, str]:
        return {"token": token, "email": request.headers["x-mail"]}

    @app.get("/text")
    def text() -> str:
        return "plain"

    @app.get("/picture")
    def picture() -> Response:
        return Response(b"\xff\xfe", headers={"content-type": "image/png"})

    @app.get("/teapot")
    def teapot() -> None:
        raise HttpError(418, "short and stout")

    @app.get("/numbers")
    async def numbers() -> AsyncIterator[str]:
        yield "1"
        yield "2"

    @app.cognito("PreSignUp_SignUp")
    def sign_up(event: CognitoEvent) -> None:
        event.raw["response"]["autoConfirmUser"] = True

    @app.invoke(when=lambda payload: isinstance(payload, dict) and "take" in payload)
    def take(event: InvokeEvent) -> Any:
        return event.raw["take"]

    @app.invoke(when=lambda payload: payload == "ping")
    def ping() -> str:
        return "pong"

    return app


def recorded(directory: Path) -> list[Any]:
    return [json.loads(file.read_text("utf-8")) for file in sorted(directory.iterdir())]


def sent() -> list[Any]:
    return [
        events.sns("orders", {"id": 17, "email": MAIL}),
        events.sns("orders", {"id": -1, "email": MAIL}),
        events.sqs("jobs", 1, -2, 3),
        events.http.rest(
            "GET", "/me", headers={"Authorization": "Bearer hush-hush-42", "Cookie": "session=s1", "X-Mail": MAIL}
        ),
        events.http.v2("GET", "/text"),
        events.http.alb("GET", "/picture"),
        events.http.url("GET", "/teapot"),
        events.http.v2("GET", "/gone"),
        events.cognito("PreSignUp_SignUp", user="ada"),
        {"take": {"email": MAIL, "apiKey": "abc-def"}},
        "ping",
    ]


def test_what_is_recorded_replays(tmp_path: Path) -> None:
    app = made_app()
    record(app, tmp_path / "recorded", redact=Redaction(keep=["17"]))
    with TestClient(app, context=LambdaContext(tenant_id="acme")) as client:
        for event in sent():
            client.invoke(event)

    files = sorted((tmp_path / "recorded").iterdir())
    assert len(files) == len(sent())
    for file in files:
        assert MAIL not in file.read_text("utf-8")
        assert "hush-hush-42" not in file.read_text("utf-8")
        assert run_scenario(made_app(), file).failures == []
    assert json.loads(files[0].read_text("utf-8"))["invocations"][0]["given"] == {"tenant_id": "acme"}


def test_what_came_of_an_event_is_what_is_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    app = made_app()
    record(app, str(tmp_path))
    client = TestClient(app)
    for event in sent():
        client.invoke(event)

    scenarios = recorded(tmp_path)
    assert {scenario["region"] for scenario in scenarios} == {"eu-north-1"}
    expected = [scenario["invocations"][0]["expect"] for scenario in scenarios]
    assert expected[0] == {"source": "sns", "ran": ["announce"], "reply": None}
    assert expected[1] == {"source": "sns", "ran": ["announce"], "error": "ValueError", "failed": [0]}
    assert len(expected[2]["reply"]["batchItemFailures"]) == 1
    assert expected[3]["json"].keys() == {"token", "email"}
    assert expected[4] == {"source": "http.v2", "ran": ["text"], "status": 200, "text": "plain"}
    assert expected[5] == {"source": "http.alb", "ran": ["picture"], "status": 200}
    assert expected[6] == {"source": "http.url", "ran": ["teapot"], "status": 418}
    assert expected[7] == {"source": "http.v2", "ran": [], "status": 404}
    # A handler that changes its event, as this one is meant to, does not change what was sent.
    assert scenarios[8]["invocations"][0]["event"]["response"]["autoConfirmUser"] is False
    assert expected[8]["reply"]["response"]["autoConfirmUser"] is True


def test_a_function_keeps_it_instead_of_a_directory() -> None:
    kept: dict[str, str] = {}
    app = made_app()
    record(app, kept.__setitem__)

    assert app({"take": 1}, LambdaContext()) == 1
    assert app({"take": 2}) == 2

    assert len(kept) == 2
    assert all(name.endswith(".scenario.json") and "-invoke-" in name for name in kept)


def test_a_streamed_reply_is_not_expected(tmp_path: Path) -> None:
    app = made_app()
    record(app, tmp_path)

    assert TestClient(app).stream("GET", "/numbers").chunks == [b"1", b"2"]

    (scenario,) = recorded(tmp_path)
    assert scenario["invocations"][0]["expect"] == {"source": "http.v2", "ran": ["numbers"]}


@pytest.mark.anyio
async def test_in_an_event_loop_it_writes_in_a_thread(tmp_path: Path) -> None:
    app = made_app()
    record(app, tmp_path)
    async with AsyncTestClient(app) as client:
        assert (await client.get("/text")).text == "plain"
    assert len(recorded(tmp_path)) == 1


# What goes wrong ------------------------------------------------------------------------------------------------


def fail(*_: object) -> None:
    raise PermissionError("the bucket is closed")


@pytest.mark.parametrize(
    ("to", "redact", "event", "said"),
    [
        (fail, None, {"take": 1}, "the bucket is closed"),
        ("/dev/null/recorded", None, {"take": 1}, "Error"),
        (print, lambda document: 1 / 0, {"take": 1}, "ZeroDivisionError"),
        (print, lambda document: {"event": sent()[0]}, {"take": 1}, "would be taken for one of another source"),
    ],
    ids=["write", "directory", "redact", "source"],
)
def test_what_goes_wrong_is_logged_and_the_reply_is_the_apps(
    capsys: pytest.CaptureFixture[str], to: Any, redact: Any, event: Any, said: str
) -> None:
    app = made_app()
    record(app, to, redact=redact)

    assert app(event) == 1

    told = capsys.readouterr()
    assert "an event was not recorded" in told.err
    assert said in told.err
    assert told.out == ""


def test_an_event_that_is_no_json_is_not_recorded(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    app = made_app()
    record(app, tmp_path)
    assert app({"take": 1, "set": {1}}) == 1
    assert "an event was not recorded" in capsys.readouterr().err
    assert recorded(tmp_path) == []


def hang(*_: object) -> None:
    threading.Event().wait(60)


@in_real_time
@pytest.mark.parametrize("timeout", [0.24, 0.6], ids=["none", "too little"])
def test_where_no_time_is_left_the_reply_comes_first(capsys: pytest.CaptureFixture[str], timeout: float) -> None:
    app = made_app()
    record(app, hang)
    assert app({"take": 1}, LambdaContext(timeout=seconds(timeout))) == 1
    assert "an event was not recorded: there was no time left" in capsys.readouterr().err


@in_real_time
@pytest.mark.anyio
async def test_in_an_event_loop_a_thread_that_hangs_is_left_behind(capsys: pytest.CaptureFixture[str]) -> None:
    app, released = made_app(), threading.Event()
    record(app, lambda name, text: released.wait(60))
    try:
        completion = await app.acomplete({"take": 1}, LambdaContext(timeout=seconds(0.6)))
    finally:
        released.set()
    assert completion.reply == 1
    assert "an event was not recorded: there was no time left" in capsys.readouterr().err


def test_it_loads_nothing_of_the_kit_that_sends_events() -> None:
    code = (
        "import sys\n"
        "from lambdarouter import App\n"
        "from lambdarouter.testing import record\n"
        "app = App()\n"
        "app.invoke()(lambda event: 1)\n"
        "record(app, lambda name, text: None)\n"
        "app({'a': 1})\n"
        "print([name for name in sys.modules if name.startswith('lambdarouter.testing') or name == 'pytest'])\n"
        "print('pydantic' in sys.modules, 'structlog' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded, others = ran.stdout.splitlines()
    assert sorted(eval(loaded)) == [  # noqa: S307 - a list of names
        "lambdarouter.testing",
        "lambdarouter.testing.packing",
        "lambdarouter.testing.recorder",
        "lambdarouter.testing.redact",
        "lambdarouter.testing.response",
        "lambdarouter.testing.result",
    ]
    assert others == "False False"
    assert ran.stderr == ""


def test_the_record_of_an_event_is_named_after_it(tmp_path: Path) -> None:
    app = made_app()
    record(app, tmp_path)
    context = LambdaContext()
    app(sent()[0], context)
    assert [file.name.partition("-")[2] for file in tmp_path.iterdir()] == [
        f"sns-{context.aws_request_id}.scenario.json"
    ]


def test_a_view_is_none_the_wiser(tmp_path: Path) -> None:
    app = App()
    seen: list[str] = []

    @app.sns("orders")
    def announce(notification: SnsRecord) -> None:
        seen.append(notification.message)

    record(app, tmp_path)
    app(sent()[0])
    assert json.loads(seen[0])["email"] == MAIL
