"""Our runtime in AWS's own emulator, in its classic mode: every scenario that it plays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pace import in_real_time, seconds
from tests.runtime.emulator import AWS, OURS, Emulator, emulated

Require = Callable[[str], str]

ECHO = """
def handler(event, context):
    return {
        "event": event,
        "id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "left": context.get_remaining_time_in_millis(),
        "tenant": context.tenant_id,
        "custom": context.client_context and context.client_context.custom,
        "title": context.client_context and context.client_context.client.app_title,
        "w3c": context.w3c(),
    }
"""


def test_an_event_is_echoed_with_what_lambda_says_about_the_invocation(require: Require, tmp_path: Path) -> None:
    context = {
        "custom": {"beach": "Praia"},
        "client": {"app_title": "Tides"},
        "w3c": {"traceparent": "00-1-2-01", "other": 1},
    }
    with emulated(require("aws-lambda-rie"), tmp_path, ECHO) as function:
        first = function.invoke({"kind": "echo"}, client_context=context, headers={"X-Amz-Tenant-Id": "blue"})
        second = function.invoke("again")

    assert first.status == second.status == 200
    echo = first.json
    assert echo["event"] == {"kind": "echo"}
    assert echo["arn"].startswith("arn:aws:lambda:")
    assert 0 < echo["left"] <= 60_000
    assert (echo["tenant"], echo["custom"], echo["title"]) == ("blue", {"beach": "Praia"}, "Tides")
    assert echo["w3c"] == {"traceparent": "00-1-2-01"}
    assert second.json["event"] == "again"
    assert second.json["id"] != echo["id"]
    assert (second.json["tenant"], second.json["custom"]) == (None, None)


def test_large_events_and_replies_pass(require: Require, tmp_path: Path) -> None:
    code = "def handler(event, context):\n    return event"
    with emulated(require("aws-lambda-rie"), tmp_path, code) as function:
        for size in (0, 1_000, 3_000, 500_000, 5_000_000):
            assert function.invoke("x" * size).json == "x" * size


def test_the_largest_reply_passes_and_a_larger_one_is_a_clear_error(require: Require, tmp_path: Path) -> None:
    code = "def handler(event, context):\n    return b'x' * event"
    with emulated(require("aws-lambda-rie"), tmp_path, code) as function:
        assert len(function.invoke(6_291_556).body) == 6_291_556
        refused = function.invoke(6_291_557).json
        assert len(function.invoke(10).body) == 10

    assert refused["errorType"] == "Function.ResponseSizeTooLarge"
    assert "6291557 bytes" in refused["errorMessage"]
    assert "6291556" in refused["errorMessage"]


FAILURES = """
import sys

class Odd(Exception): ...

def handler(event, context):
    match event:
        case "error": raise ValueError("bad")
        case "odd": raise Odd("bad")
        case "memory": raise MemoryError
        case "set": return {"found": [{"tags": {1, 2}}]}
        case "key": return {"found": {(1, 2): 3}}
        case "surrogate": return ["\\ud800"]
        case "circle":
            loop = []; loop.append(loop); return loop
    return "ok"
"""


@pytest.mark.parametrize(
    ("event", "kind", "text"),
    [
        ("error", "ValueError", "bad"),
        ("odd", "Odd", "bad"),
        ("memory", "MemoryError", ""),
        ("set", "Runtime.MarshalError", "the result['found'][0]['tags'] is a set, which is not JSON serializable"),
        ("key", "Runtime.MarshalError", "the result['found'] has the key (1, 2), a tuple; keys are str"),
        ("surrogate", "Runtime.MarshalError", "the result[0] is text with half a surrogate pair"),
        ("circle", "Runtime.MarshalError", "contains itself"),
    ],
)
def test_an_error_is_reported_and_the_next_invocation_goes_well(
    require: Require, tmp_path: Path, event: str, kind: str, text: str
) -> None:
    with emulated(require("aws-lambda-rie"), tmp_path, FAILURES) as function:
        failed = function.invoke(event).json
        assert function.invoke("fine").json == "ok"

    assert failed["errorType"] == kind
    assert text in failed["errorMessage"]
    if kind == "ValueError":
        assert "in handler" in failed["stackTrace"][0]


@pytest.mark.parametrize(
    ("code", "kind", "status"),
    [
        ("import sys\ndef handler(event, context):\n    sys.exit(7)", "Runtime.ExitError", "7"),
        ("def handler(event, context):\n    raise KeyboardInterrupt", "KeyboardInterrupt", "130"),
    ],
)
def test_what_ends_the_process_is_reported_first(
    require: Require, tmp_path: Path, code: str, kind: str, status: str
) -> None:
    with emulated(require("aws-lambda-rie"), tmp_path, code) as function:
        for _ in range(2):  # the second one in a fresh environment
            assert function.invoke("x").json["errorType"] == kind


def test_a_process_that_dies_without_a_word_is_replaced(require: Require, tmp_path: Path) -> None:
    code = "import os\ndef handler(event, context):\n    if event == 'die': os._exit(7)\n    return event"
    with emulated(require("aws-lambda-rie"), tmp_path, code) as function:
        died = function.invoke("die")
        assert function.invoke("lives").json == "lives"

    assert died.json["errorType"] == "Runtime.ExitError"
    assert "exit status 7" in died.json["errorMessage"]


LIFESPAN = """
from contextlib import asynccontextmanager
from lambdarouter import App

@asynccontextmanager
async def lifespan(app):
    raise OSError("no database")
    yield

handler = App(lifespan=lifespan)
"""


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        (
            "import nowhere",
            "Runtime.ImportModuleError",
            "Unable to import module 'function': No module named 'nowhere'",
        ),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'function'"),
        ("other = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'function'"),
        ("handler = 1", "Runtime.HandlerNotFound", "is no function but a int"),
        ("1 // 0", "ZeroDivisionError", "division"),
        ("import sys; sys.exit(3)", "Runtime.ExitError", "exit status 3"),
        (LIFESPAN, "OSError", "no database"),
    ],
)
def test_what_goes_wrong_at_the_start_is_told_to_the_caller(
    require: Require, tmp_path: Path, code: str, kind: str, text: str
) -> None:
    with emulated(require("aws-lambda-rie"), tmp_path, code) as function:
        answer = function.invoke("x")

    assert answer.status == 502
    assert answer.json["errorType"] == kind
    assert text in answer.json["errorMessage"]


HANGS = """
import asyncio, threading, time
from lambdarouter import App

def plain(event, context):
    while True: time.sleep(60)

async def waits(event, context):
    await asyncio.Event().wait()

async def blocks(event, context):
    time.sleep(60)

async def stubborn(event, context):
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

which = {"plain": plain, "waits": waits, "blocks": blocks, "stubborn": stubborn}

def handler(event, context):
    return which[event](event, context) if event in which else event
"""


@in_real_time
@pytest.mark.parametrize("event", ["plain", "waits", "blocks", "stubborn"])
def test_code_that_hangs_is_reported_before_lambda_kills_it(require: Require, tmp_path: Path, event: str) -> None:
    with emulated(require("aws-lambda-rie"), tmp_path, HANGS, timeout=seconds(1)) as function:
        failed = function.invoke(event).json
        assert function.invoke("next").json == "next"
        log = function.log

    assert failed["errorType"] == "DeadlineExceeded"
    assert "Sending SIGKILL" not in log.partition("next")[0]
    assert ("this environment is given up" in log) == (event == "stubborn")


@in_real_time
def test_code_that_nothing_stops_is_killed_and_replaced(require: Require, tmp_path: Path) -> None:
    code = """
import time
def handler(event, context):
    while event == "hang":
        try:
            time.sleep(60)
        except BaseException:
            pass
    return event
"""
    with emulated(require("aws-lambda-rie"), tmp_path, code, timeout=seconds(1)) as function:
        killed = function.invoke("hang")
        assert function.invoke("next").json == "next"

    assert f"Task timed out after {seconds(1):.2f} seconds".encode() in killed.body


STREAMS = """
from lambdarouter import App

app = handler = App()

@app.get("/")
async def pieces():
    for number in range(5):
        yield f"{number},"
"""


def test_a_stream_passes_the_emulator_which_buffers_it(require: Require, tmp_path: Path) -> None:
    from lambdarouter.testing.events import http

    environment = {"LAMBDAROUTER_INVOKE_MODE": "RESPONSE_STREAM"}
    with emulated(require("aws-lambda-rie"), tmp_path, STREAMS, environment=environment) as function:
        for _ in range(3):
            head, _, body = function.invoke(http.url("GET", "/")).body.partition(b"\0" * 8)
            assert b'"statusCode": 200' in head
            assert body == b"0,1,2,3,4,"


# AWS's own runtime beside ours ----------------------------------------------------------------------------------

BOTH = """
import decimal, os, sys

def handler(event, context):
    match event:
        case {"do": "decimal"}: return {"n": decimal.Decimal("12345678901234567890.12345"), "d": [decimal.Decimal("1")]}
        case {"do": "nan"}: return [float("nan"), float("inf")]
        case {"do": "bytes"}: return b"raw"
        case {"do": "unicode"}: return "caf\\u00e9 \\U0001f600"
        case {"do": "keys"}: return {1: "a", None: "b", True: "c", 1.5: "d"}
        case {"do": "tuple"}: return (1, 2)
        case {"do": "none"}: return None
        case {"do": "error"}: raise LookupError("lost", 1)
        case {"do": "set"}: return {1}
        case {"do": "context"}:
            return [
                context.function_name, context.function_version, context.memory_limit_in_mb,
                context.log_group_name, context.log_stream_name, context.tenant_id,
                context.identity.cognito_identity_id, context.client_context is None, context.w3c(),
                context.invoked_function_arn, type(context.get_remaining_time_in_millis()).__name__,
                os.environ.get("_X_AMZN_TRACE_ID"), type(context.aws_request_id).__name__,
            ]
        case {"do": "mobile"}:
            found = context.client_context
            return [found.custom, found.env, found.client.app_title, found.client.installation_id, context.w3c()]
    return event
"""
WORDS = ["decimal", "nan", "bytes", "unicode", "keys", "tuple", "none", "error", "set", "context"]
EVENTS: list[object] = [
    *({"do": word} for word in WORDS),
    *(None, [], {}, "", 0, -1.5, True, "caf\u00e9", "x" * 4000, {"a": [1, {"b": None}]}, 10**30),
]


def test_the_same_events_give_the_same_results_as_with_awss_runtime(require: Require, tmp_path: Path) -> None:
    require("awslambdaric")
    variables = {
        "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
    }

    def results(runtime: tuple[str, ...]) -> list[object]:
        directory = tmp_path / runtime[1]
        directory.mkdir()
        found: list[object] = []
        binary = require("aws-lambda-rie")
        with emulated(binary, directory, BOTH, runtime=runtime, environment=variables) as function:
            for event in EVENTS:
                answer = function.invoke(event)
                found.append((answer.status, _without_chance(answer.json if answer.body != b"raw" else b"raw")))
            mobile = {"custom": {"a": "1"}, "env": {}, "client": {"app_title": "x"}, "w3c": {"baggage": "b", "z": "1"}}
            found += [function.invoke({"do": "mobile"}, client_context=mobile).json]
            found += [function.invoke(b"{not json").json["errorType"]]
        return found

    for ours, theirs, event in zip(results(OURS), results(AWS), [*EVENTS, "mobile", "no json"], strict=True):
        assert ours == theirs or str(ours) == str(theirs), event  # NaN is not equal to itself


def _without_chance(result: object) -> object:
    if isinstance(result, dict) and "requestId" in result:
        told = {key: value for key, value in result.items() if key not in ("requestId", "stackTrace")}
        stack = result["stackTrace"]
        # Ours says which value it was.
        told["errorMessage"] = told["errorMessage"].split(":")[0] if not stack else told["errorMessage"]
        return told | {"stack": [line.split("\n")[0].split("function.py")[-1] for line in stack]}
    return result


def _apps(function: Emulator) -> list[dict[str, object]]:
    from lambdarouter.testing.events import http, sns

    events = [http.v2("GET", "/"), http.rest("GET", "/"), http.url("GET", "/none"), sns("topic", "x"), {"what": 1}]
    found = []
    for event in events:
        answer = function.invoke(event).json
        found.append({key: answer[key] for key in answer if key not in ("requestId", "stackTrace")})
    return found


def test_an_app_behaves_the_same_under_awss_runtime_with_streams_in_one_piece(require: Require, tmp_path: Path) -> None:
    require("awslambdaric")
    results = []
    for runtime in (OURS, AWS):
        directory = tmp_path / runtime[1]
        directory.mkdir()
        with emulated(require("aws-lambda-rie"), directory, STREAMS, runtime=runtime) as function:
            results.append(_apps(function))

    assert results[0] == results[1]
    assert results[0][0]["body"] == "0,1,2,3,4,"
