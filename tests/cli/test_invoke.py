from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.text import Text

from lambdarouter.testing.events import EXAMPLES, http, sns
from tests.cli.conftest import FIXTURES, ROOT, SHOP, Run, RunProcess
from tests.pace import in_real_time, seconds

ORDER = {"id": 17, "isbn": "9780141439518", "quantity": 2, "email": "ada@example.com"}


def shop(event: Any) -> tuple[str, ...]:
    return ("invoke", str(SHOP), "--data", json.dumps(event))


def told(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


# One line for each event --------------------------------------------------------------------------------------


def test_an_event_has_one_line_with_its_source_the_handlers_run_the_outcome_and_the_reply(run: Run) -> None:
    result = run(*shop(sns("orders", ORDER)))

    assert result.exit_code == 0
    header, line = result.stdout.splitlines()
    assert header.split() == ["event", "source", "handlers", "outcome", "reply"]
    assert re.split(" {2,}", line) == ["--data", "sns", "announce, audit", "2 ok", "null"]


def test_several_files_after_one_option_are_all_sent_and_counted(run: Run, tmp_path: Path) -> None:
    files = []
    for name in ("a", "b", "c"):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(http.v2("GET", "/health")))
        files.append(str(file))

    result = run("invoke", str(SHOP), "--event", *files)

    lines = result.stdout.splitlines()
    assert [line.split()[:3] for line in lines[1:4]] == [[file, "http.v2", "health"] for file in files]
    assert lines[-1] == "3 events, 0 errors"


def test_several_examples_and_several_texts_are_all_sent(run: Run) -> None:
    texts = ("--data", json.dumps(http.v2("GET", "/health")), "--data", json.dumps(sns("orders", ORDER)))
    result = run("invoke", str(SHOP), "--example", "http.url", "--example", "sns", *texts, "--json")
    assert result.exit_code == 0
    assert [(event["event"], event["source"]) for event in told(result.stdout)] == [
        ("--data 1", "http.v2"),
        ("--data 2", "sns"),
        ("example http.url", "http.url"),
        ("example sns", "sns"),
    ]


def test_an_event_may_come_from_standard_input(run: Run) -> None:
    result = run("invoke", str(SHOP), "--event", "-", stdin=json.dumps(http.rest("GET", "/health")))
    assert "standard input  http.rest  health" in result.stdout
    assert '200 {"ok":true}' in result.stdout


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_every_example_can_be_sent_by_its_name(run: Run, name: str) -> None:
    result = run("invoke", str(SHOP), "--example", name, "--json")
    assert told(result.stdout)[0]["source"] == name
    assert told(result.stdout)[0]["event"] == f"example {name}"


def test_a_handler_called_for_several_records_is_named_once_with_a_count(run: Run) -> None:
    result = run(*shop(sns("orders", ORDER, ORDER)))
    assert "announce ×2, audit ×2  4 ok" in result.stdout


def test_an_http_reply_starts_with_its_status_and_an_authorizers_with_its_verdict(run: Run) -> None:
    assert 'ok       200 {"ok":true}' in run(*shop(http.alb("GET", "/health"))).stdout
    assert "failed   404 Not Found (GET /nowhere)" in run(*shop(http.alb("GET", "/nowhere"))).stdout
    allowed = run("invoke", str(SHOP), "--example", "authorizer.token").stdout
    assert "Allow ada {" in allowed


# What Lambda would see --------------------------------------------------------------------------------------


def test_an_error_that_lambda_would_see_is_shown_as_such_and_is_exit_status_1(run: Run) -> None:
    result = run(*shop(sns("nobody", "hello")))
    assert result.exit_code == 1
    assert "failed   ERROR NoRouteError: no route for the SNS topic 'nobody'" in result.stdout
    assert "Traceback" not in result.output


@pytest.mark.parametrize("event", [None, 3, [], "text", {}, {"Records": []}, {"what": "is this"}])
def test_what_is_no_event_is_an_error_and_not_a_traceback(run: Run, event: Any) -> None:
    result = run(*shop(event))
    assert result.exit_code == 1
    assert "ERROR UnknownEventError: nothing was run" in result.stdout
    assert "Traceback" not in result.output


def test_several_errors_of_one_event_are_all_shown_with_the_line_that_raised_them(run: Run) -> None:
    result = run(*shop(sns("both-fail", "x")))
    source = SHOP.read_text().splitlines()
    line = source.index("    raise ValueError(text)") + 1
    assert "2 failed" in result.stdout
    assert "ERROR BatchError: 2 of 2 calls failed" in result.stdout
    assert f"ValueError: x ({SHOP.relative_to(ROOT)}:{line})" in result.stdout.replace(f"{ROOT}/", "")
    assert "KeyError: 'x'" in result.stdout


def test_a_crash_that_the_reply_keeps_quiet_about_is_shown_beside_it_and_is_no_error_of_lambdas(run: Run) -> None:
    result = run(*shop(http.v2("GET", "/crash")))
    assert result.exit_code == 0
    assert "crash     failed   500 Internal Server Error (GET /crash)" in result.stdout
    assert "RuntimeError: boom (" in result.stdout
    assert "shop.py:" in result.stdout
    assert "Traceback" not in result.output


def test_a_traceback_is_shown_on_request_without_the_frameworks_frames(run: Run) -> None:
    result = run(*shop(http.v2("GET", "/crash")), "--traceback")
    assert "Traceback (most recent call last):" in result.stdout
    assert 'raise RuntimeError("boom")' in result.stdout
    assert "engine" not in result.output


def test_an_error_of_the_framework_has_no_frames_to_show(run: Run) -> None:
    result = run(*shop(sns("nobody", "x")), "--traceback")
    assert result.stdout.rstrip().splitlines()[-1].startswith("--data: lambdarouter.errors.NoRouteError: ")
    assert "Traceback" not in result.stdout


def test_an_error_before_any_handler_is_traced_too(run: Run) -> None:
    result = run(*shop(None), "--traceback")
    assert "\n--data: lambdarouter.errors.UnknownEventError: " in result.stdout


@in_real_time
def test_a_handler_that_hangs_is_stopped_at_the_timeout(run_process: RunProcess) -> None:
    result = run_process(*shop(sns("hangs", "x")), "--timeout", str(seconds(0.3)))
    # A status of its own would mean that the deadline's alarm rang on while the process ended.
    assert result.returncode == 1
    assert "ERROR DeadlineExceeded: shop.hang was not done" in result.stdout


@in_real_time
def test_the_deadline_is_thirty_seconds_away_or_as_told(run: Run) -> None:
    assert "ERROR TimeoutError: 30 (" in run(*shop(sns("time-left", "x"))).stdout
    assert "ERROR TimeoutError: 7 (" in run(*shop(sns("time-left", "x")), "--timeout", "7").stdout


def test_what_a_handler_sends_to_a_connection_is_not_kept_back_as_in_a_test(
    run_process: RunProcess, tmp_path: Path
) -> None:
    (tmp_path / "chat.py").write_text(
        "import sys\n"
        "from lambdarouter import App, Connection\n"
        "sys.modules['boto3'] = None\n"
        "app = App()\n"
        "@app.websocket('$default')\n"
        "def answer(connection: Connection): connection.send('hi')\n"
    )
    (line,) = told(run_process("invoke", str(tmp_path / "chat.py"), "--example", "websocket", "--json").stdout)
    assert "boto3 is not installed" in line["outcomes"][0]["error"]["errorMessage"]


def test_a_handler_that_ends_the_process_is_an_error_and_the_next_event_is_still_sent(run: Run, tmp_path: Path) -> None:
    for name, topic in (("1", "exits"), ("2", "orders")):
        (tmp_path / f"{name}.json").write_text(json.dumps(sns(topic, ORDER)))
    result = run("invoke", str(SHOP), "--event", str(tmp_path / "1.json"), str(tmp_path / "2.json"))
    assert result.exit_code == 1
    assert "ERROR ExitError: the function ended the process, status 3" in result.stdout
    assert "2 ok" in result.stdout
    assert "2 events, 1 error" in result.stdout


def test_an_event_cannot_steer_the_terminal(run: Run) -> None:
    event = json.dumps(sns("both-fail", "\x1b[2Jgone\n\nline LONE")).replace("LONE", r"\ud800")
    result = run("invoke", str(SHOP), "--data", event, FORCE_COLOR="1", COLUMNS="200")
    assert r"\x1b[2Jgone line \ud800" in result.stdout
    assert "\x1b[2J" not in result.stdout


# For programs -----------------------------------------------------------------------------------------------


def test_json_is_one_object_a_line_with_everything_in_full(run: Run) -> None:
    result = run(*shop(http.v2("GET", "/orders/17", headers={"authorization": "Bearer staff-token"})), "--json")
    assert result.exit_code == 0
    (event,) = told(result.stdout)
    assert list(event) == ["event", "source", "handlers", "outcomes", "reply", "error"]
    assert event["source"] == "http.v2"
    assert event["handlers"] == ["shop.read"]
    assert event["outcomes"][0]["status"] == "ok"
    assert event["reply"]["body"] == '{"id":17}'
    assert event["error"] is None


def test_json_has_errors_as_lambda_words_them_and_why_a_route_declined(run: Run) -> None:
    (failed,) = told(run(*shop(sns("orders", "no order")), "--json").stdout)
    assert failed["reply"] is None
    assert failed["error"]["errorType"] == "MalformedPayloadError"
    assert failed["error"]["errorMessage"].startswith("message: Invalid JSON")
    assert [outcome["status"] for outcome in failed["outcomes"]] == ["failed", "ok"]
    assert failed["outcomes"][0]["error"] == failed["error"]
    (tick,) = told(run("invoke", str(SHOP), "--example", "cron.rule", "--json").stdout)
    assert tick["outcomes"][1]["status"] == "declined"
    assert tick["outcomes"][1]["reason"].startswith("not due in")
    assert tick["handlers"] == ["shop.sweep"]


def test_json_has_stack_traces_on_request(run: Run) -> None:
    (event,) = told(run(*shop(sns("both-fail", "x")), "--json", "--traceback").stdout)
    assert any("shop.py" in line for line in event["outcomes"][0]["error"]["stackTrace"])
    assert any("shop.py" in line for line in event["error"]["stackTrace"])
    assert not any("engine" in line for line in event["error"]["stackTrace"])


def test_what_the_app_prints_and_logs_stays_out_of_the_output(run: Run) -> None:
    result = run(*shop(sns("orders", ORDER)), "--json")
    assert len(told(result.stdout)) == 1
    printed = [line.split()[0] for line in result.stderr.splitlines()]
    assert printed == ["opened", "audited", "closed"]


def test_a_teardown_that_fails_is_shown_and_changes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "brittle.py").write_text(
        "from contextlib import asynccontextmanager\n"
        "from lambdarouter import App\n"
        "@asynccontextmanager\n"
        "async def lifespan(app):\n"
        "    yield\n"
        "    raise ConnectionError('gone already')\n"
        "app = App(lifespan=lifespan)\n"
        "@app.get('/')\n"
        "def root(): ...\n"
    )
    result = run("invoke", str(tmp_path / "brittle.py"), "--example", "http.url")
    assert result.exit_code == 0
    assert "the app's teardown failed" in result.stderr
    assert "brittle.py" in result.stderr
    assert "ConnectionError: gone already" in result.stderr


# Used wrongly -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Error: no event: give --event FILE…, --data JSON or --example NAME\n"),
        (("--data", "{"), "Error: --data is not JSON: Expecting property name"),
        (("--data", "[" * 100_000), "Error: --data is not JSON: "),
        (("--event", "gone.json"), "Error: gone.json cannot be read: No such file or directory\n"),
        (("--event", "."), "Error: . cannot be read: Is a directory\n"),
        (("--event", "-"), "Error: standard input is not JSON: Expecting value"),
        (("--example", "kafka"), "Error: no example event is named 'kafka': there are http.rest, "),
    ],
)
def test_an_event_that_cannot_be_read_is_one_clear_line_and_status_2(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    result = run("invoke", str(SHOP), *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_file_that_is_no_text_is_refused_and_a_byte_order_mark_is_not(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(b"\xff\xfe{}")
    assert f"{file} is not UTF-8 text: invalid start byte at byte 0" in run("classify", str(file)).stderr
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(sns("orders", "m")).encode())
    assert run("classify", str(file)).stdout.split()[-1] == "sns"


def test_the_files_beside_wrong_ones_are_sent_all_the_same_and_the_status_is_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(sns("orders", ORDER)))
    (tmp_path / "wrong.json").write_text("{")
    names = [str(tmp_path / name) for name in ("wrong.json", "good.json", "gone.json")]
    result = run("invoke", str(SHOP), "--event", *names, "--json")
    assert result.exit_code == 2
    assert result.stderr.count("Error: ") == 2
    assert [event["event"] for event in told(result.stdout)] == [names[1]]


@pytest.mark.parametrize("timeout", ["0", "-1", "soon"])
def test_a_timeout_is_a_number_of_seconds_above_zero(run: Run, timeout: str) -> None:
    result = run(*shop(None), "--timeout", timeout)
    assert result.exit_code == 2
    assert "--timeout" in result.stderr


# The table ----------------------------------------------------------------------------------------------------


def test_every_fixture_gets_its_name_a_line_and_no_traceback(run_process: RunProcess) -> None:
    files = [str(file.relative_to(ROOT)) for file in FIXTURES]

    result = run_process("invoke", str(SHOP), "--event", *files, cwd=ROOT)

    assert result.returncode == 1
    assert "Traceback" not in result.stdout + result.stderr
    header, *lines, summary = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == files
    assert [line.split()[1] for line in lines] == [file.parent.name for file in FIXTURES]
    column = header.index("outcome")
    statuses = {line[column:].split("  ")[0].strip() for line in lines}
    assert {"ok", "failed", "2 ok"} <= statuses
    errors = sum(" ERROR " in line for line in lines)
    assert errors > 0
    assert summary == f"{len(files)} events, {errors} errors"


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_terminal_shows_a_line_for_each_event_and_never_cuts_the_status(run: Run, width: int) -> None:
    files = [str(file) for file in FIXTURES if file.parent.name in ("sns", "cron.rule", "authorizer.request_v1")]

    result = run("invoke", str(SHOP), "--event", *files, FORCE_COLOR="1", COLUMNS=str(width))

    lines = [Text.from_ansi(line).plain for line in result.stdout.splitlines()]
    assert max(cell_len(line) for line in lines[: len(files) + 1]) <= width
    start, end = lines[0].index("outcome"), lines[0].index("reply")
    for file, line in zip(files, lines[1:], strict=False):
        event = line.split()[0]
        assert file.endswith(event.lstrip("…"))
        assert Path(file).parent.name in line
        assert line[start:end].replace(",", "").split()[-1] in ("ok", "failed", "declined", "–")


def test_a_terminal_shows_the_errors_in_full_below_the_table(run: Run) -> None:
    files = [str(file) for file in FIXTURES if file.parent.name == "sns"]
    result = run("invoke", str(SHOP), "--event", *files, FORCE_COLOR="1", COLUMNS="80")
    text = " ".join(Text.from_ansi(result.stdout).plain.split())
    file = next(file for file in files if file.endswith("unknown_topic.json"))
    assert f"{file} ERROR NoRouteError: no route for the SNS topic 'newsletters': register a handler with" in text


def test_a_single_event_in_a_terminal_has_its_reply_wrapped_and_not_cut(run: Run) -> None:
    result = run(*shop(http.v2("GET", "/crash")), FORCE_COLOR="1", COLUMNS="80")
    column = Text.from_ansi(result.stdout).plain.splitlines()[0].index("reply")
    reply = "".join(line[column:].strip() for line in Text.from_ansi(result.stdout).plain.splitlines()[1:])
    assert reply.startswith("500")
    assert "RuntimeError: boom" in reply
    assert "…" not in result.stdout


def test_an_end_of_the_process_has_no_call_to_be_traced_to(run: Run) -> None:
    result = run(*shop(sns("exits", "x")), "--traceback")
    assert result.exit_code == 1
    assert result.stdout.rstrip().endswith("the function ended the process, status 3")
    assert result.stdout.count("status 3") == 2  # in the table, and below it


def test_of_a_reply_of_several_lines_a_terminals_table_shows_the_first_and_that_there_are_more(run: Run) -> None:
    events = (sns("both-fail", "x"), http.v2("GET", "/" + "x" * 80))  # the second is what makes the column wide
    data = [word for event in events for word in ("--data", json.dumps(event))]
    result = run("invoke", str(SHOP), *data, FORCE_COLOR="1", COLUMNS="300")
    first, second = Text.from_ansi(result.stdout).plain.splitlines()[1:3]
    assert first.rstrip().endswith("ERROR BatchError: 2 of 2 calls failed …")
    assert not second.rstrip().endswith("…")
