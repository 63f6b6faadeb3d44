"""What the one line of an event says of its reply, and of what went wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.text import Text

from lambdarouter.cli.row import reason
from lambdarouter.testing.events import authorizer, http, sns
from tests.cli.conftest import Run
from tests.pace import in_real_time, seconds

DEPOT = """
import time
from typing import Annotated

from pydantic import BaseModel

from lambdarouter import Allow, App, Header, HttpError, Unauthorized
from tests.pace import seconds

app = App()


class Order(BaseModel):
    quantity: int


@app.authorizer()
def staff(key: Annotated[str, Header("x-api-key")]) -> Allow:
    if key != "right":
        raise Unauthorized("the key is not known")
    return Allow(key)


@app.get("/guarded", auth=staff)
def guarded() -> None: ...


@app.post("/orders")
def order(order: Order) -> None: ...


@app.get("/gone")
def gone() -> None:
    raise HttpError(410, "it was here before " + "and before " * 40)


@app.get("/plain")
def plain() -> dict[str, object]:
    return {"title": "Emma", "status": "lent"}


@app.get("/scan")
def scan() -> bytes:
    return b"\\xff"


@app.invoke()
def direct() -> dict[str, object]:
    return {"statusCode": 404, "body": '{"status": 404, "title": "Not Found"}'}


@app.sns("chained")
def chained(text: str) -> None:
    try:
        int(text)
    except ValueError as error:
        raise RuntimeError("no number") from error


@app.sns("stubborn")
def stubborn(text: str) -> None:
    end = time.monotonic() + seconds(1)
    while time.monotonic() < end:
        try:
            time.sleep(0.05)
        except BaseException:
            pass
"""


@pytest.fixture
def depot(tmp_path: Path) -> str:
    (tmp_path / "depot.py").write_text(DEPOT)
    return str(tmp_path / "depot.py")


def reply_to(run: Run, depot: str, event: Any) -> str:
    header, line = run("invoke", depot, "--data", json.dumps(event)).stdout.splitlines()
    return line[header.index("reply") :]


@pytest.mark.parametrize(
    ("event", "reply"),
    [
        (http.v2("GET", "/orders/17?a=b"), "404 Not Found (GET /orders/17)"),
        (http.alb("PUT", "/orders"), "405 Method Not Allowed (PUT /orders)"),
        (http.rest("POST", "/orders", json={"quantity": "x"}), "422 body.quantity: Input should be a valid integer"),
        (http.url("GET", "/guarded"), "401 header.x-api-key: Field required"),
        (http.v2("GET", "/plain"), '200 {"title":"Emma","status":"lent"}'),
        (http.v2("GET", "/scan"), "200 (base64)"),
        ({"direct": 1}, "404 Not Found"),
    ],
)
def test_a_problem_is_its_status_and_what_it_is_about(run: Run, depot: str, event: Any, reply: str) -> None:
    found = reply_to(run, depot, event)
    assert found.startswith(reply)
    assert "(" not in found.removeprefix(reply)


def test_a_request_without_a_path_is_a_problem_that_names_none(run: Run, depot: str) -> None:
    event = http.v2("GET", "/gone")
    del event["rawPath"]
    result = run("invoke", depot, "--data", json.dumps(event))
    assert "Traceback" not in result.output
    assert " 500 Internal Server Error InvalidEventError: rawPath is missing or null" in result.stdout


@pytest.mark.parametrize("build", [authorizer.request_v1, authorizer.request_v2])
def test_the_reason_why_a_guard_refused_is_told(run: Run, depot: str, build: Any) -> None:
    event = build("GET", "/guarded")
    assert reply_to(run, depot, event) == "ERROR Unauthorized: Unauthorized, because: header.x-api-key: Field required"
    (line,) = run("invoke", depot, "--data", json.dumps(event), "--json").stdout.splitlines()
    told = json.loads(line)
    assert told["error"]["because"] == "header.x-api-key: Field required"
    assert told["outcomes"][0]["error"] == told["error"]


def test_the_detail_that_a_guard_gives_is_told(run: Run, depot: str) -> None:
    event = authorizer.request_v2("GET", "/guarded", headers={"x-api-key": "wrong"})
    assert reply_to(run, depot, event) == "ERROR Unauthorized: Unauthorized, because: the key is not known"


def test_errors_that_were_raised_from_each_other_have_no_end_and_no_reason() -> None:
    error = ValueError("x")
    error.__cause__ = error
    assert reason(error) == ""


def test_an_error_raised_from_another_names_it(run: Run, depot: str) -> None:
    reply = reply_to(run, depot, sns("chained", "x"))
    assert "RuntimeError: no number, because: ValueError: invalid literal for int()" in reply
    assert re.search(r"depot\.py:\d+\)$", reply)


def test_a_reason_that_the_error_itself_tells_is_not_repeated(run: Run, depot: str) -> None:
    event = http.v2("POST", "/orders", body="{", headers={"content-type": "application/json"})
    (line,) = run("invoke", depot, "--data", json.dumps(event), "--json").stdout.splitlines()
    error = json.loads(line)["outcomes"][0]["error"]
    assert error["errorType"] == "MalformedPayloadError"
    assert "because" not in error


@in_real_time
def test_a_reply_after_the_timeout_is_one_that_lambda_would_not_have_sent(run: Run, depot: str) -> None:
    event = json.dumps(sns("stubborn", "x"))
    result = run("invoke", depot, "--data", event, "--timeout", str(seconds(0.4)))
    assert result.exit_code == 1
    late = re.search(
        r" KILLED: the reply came (\d+\.\d+) s after the timeout; Lambda would have sent none", result.stdout
    )
    assert late is not None
    assert float(late[1]) < seconds(1)
    result = run("invoke", depot, "--data", event, "--timeout", str(seconds(0.4)), "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["error"]["errorType"] == "KilledError"
    assert told["reply"] is None


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_what_a_terminal_has_no_room_for_ends_in_an_ellipsis(run: Run, depot: str, width: int) -> None:
    events = [http.v2("GET", "/gone"), sns("chained", "x"), http.v2("POST", "/orders", json={})]
    data = [word for event in events for word in ("--data", json.dumps(event))]
    result = run("invoke", depot, *data, FORCE_COLOR="1", COLUMNS=str(width))
    lines = [Text.from_ansi(line).plain.rstrip() for line in result.stdout.splitlines()][: len(events) + 1]
    assert max(map(cell_len, lines)) <= width
    assert all(line.endswith("…") for line in lines[1:3])


def test_a_long_reply_in_a_pipe_ends_in_an_ellipsis(run: Run, depot: str) -> None:
    reply = reply_to(run, depot, http.v2("GET", "/gone"))
    assert len(reply) == 300
    assert reply.endswith("…")
