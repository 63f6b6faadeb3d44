"""Many invocations at once in one process, as on Lambda Managed Instances."""

from __future__ import annotations

import json
import time
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lambdarouter import App
from lambdarouter.core.route import Completion
from lambdarouter.runtime.concurrent import Concurrent
from lambdarouter.testing.events import http
from tests.engine.batch import LambdaContext
from tests.pace import in_real_time, seconds
from tests.runtime.local import Api, api, runtime, serving


def environment(count: int, **more: str) -> dict[str, str]:
    return {"AWS_LAMBDA_MAX_CONCURRENCY": str(count), **more}


def all_at_once(function: Api, events: list[Any]) -> list[Any]:
    calls = [function.call(event, request_id=f"request-{n}", trace_id=f"Root=1-{n}") for n, event in enumerate(events)]
    return [call.reply() for call in calls]


# Nobody goes on before all are there: had they not overlapped, they would wait for ever.
ASYNC = """
import asyncio, contextvars
from lambdarouter import App, Context
import lambdarouter.core.log

app, mine, there, all_there = App(), contextvars.ContextVar("mine"), [], asyncio.Event()

async def handler(event, context):
    mine.set(event)
    there.append(event)
    if len(there) % 200 == 0:
        all_there.set()
    await all_there.wait()
    await asyncio.sleep(0)
    return [event, mine.get(), context.aws_request_id, context.trace_id]
"""

APP = """
import asyncio, contextvars
from lambdarouter import App, Context, Request

app, mine, there, all_there = App(), contextvars.ContextVar("mine"), [], asyncio.Event()
handler = app

@app.get("/{number}")
async def read(number: int, context: Context):
    mine.set(number)
    there.append(number)
    if len(there) % 200 == 0:
        all_there.set()
    await all_there.wait()
    await asyncio.sleep(0)
    return [number, mine.get(), context.request_id, context.raw.trace_id]
"""

SYNC = """
import contextvars, threading
mine, barrier = contextvars.ContextVar("mine"), threading.Barrier(40)

def handler(event, context):
    mine.set(event)
    barrier.wait(30)
    return [event, mine.get(), context.aws_request_id, context.trace_id]
"""

APP_SYNC = """
import contextvars, threading
from lambdarouter import App, Context
mine, barrier = contextvars.ContextVar("mine"), threading.Barrier(40)
handler = app = App()

@app.get("/{number}")
def read(number: int, context: Context):
    mine.set(number)
    barrier.wait(30)
    return [number, mine.get(), context.request_id, context.raw.trace_id]
"""


@pytest.mark.parametrize(("code", "count"), [(ASYNC, 200), (SYNC, 40)])
def test_overlapping_invocations_of_a_plain_handler_see_only_their_own(tmp_path: Path, code: str, count: int) -> None:
    with serving(tmp_path, code, environment=environment(count)) as function:
        for _ in range(2):
            replies = all_at_once(function, list(range(count)))
            assert [reply.json for reply in replies] == [[n, n, f"request-{n}", f"Root=1-{n}"] for n in range(count)]


@pytest.mark.parametrize(("code", "count"), [(APP, 200), (APP_SYNC, 40)])
def test_overlapping_invocations_of_an_app_see_only_their_own(tmp_path: Path, code: str, count: int) -> None:
    with serving(tmp_path, code, environment=environment(count)) as function:
        for _ in range(2):
            replies = all_at_once(function, [http.v2("GET", f"/{n}") for n in range(count)])
            assert [json.loads(reply.json["body"]) for reply in replies] == [
                [n, n, f"request-{n}", f"Root=1-{n}"] for n in range(count)
            ]


def test_streams_of_overlapping_invocations_advance_side_by_side(tmp_path: Path) -> None:
    code = """
import threading
barrier = threading.Barrier(3)

def handler(event, context):
    for number in range(3):
        barrier.wait(30)
        yield f"{event}{number} "
"""
    variables = environment(3, LAMBDAROUTER_INVOKE_MODE="RESPONSE_STREAM")
    with serving(tmp_path, code, environment=variables) as function:
        replies = all_at_once(function, ["a", "b", "c"])

    assert [reply.body for reply in replies] == [b"a0 a1 a2 ", b"b0 b1 b2 ", b"c0 c1 c2 "]


ODD = """
import asyncio, sys, time, threading

go = threading.Event()

async def handler(event, context):
    match event:
        case "exit": sys.exit(3)
        case "error": raise ValueError("bad")
        case "waits": await asyncio.Event().wait()
        case "blocks": time.sleep(60)
        case "go": go.set()
        case "wait":
            while not go.is_set():
                await asyncio.sleep(0.01)
    return event
"""


def test_what_goes_wrong_in_one_invocation_is_its_own(tmp_path: Path) -> None:
    with serving(tmp_path, ODD, environment=environment(4)) as function:
        waiting = function.call("wait")
        for _ in range(2):
            assert function.invoke("error").json["errorType"] == "ValueError"
            assert function.invoke("exit").json["errorType"] == "Runtime.ExitError"
        assert function.invoke("go").json == "go"
        assert waiting.reply().json == "wait"


@in_real_time
@pytest.mark.parametrize("event", ["waits", "blocks"])
def test_what_hangs_is_reported_in_time_and_the_others_go_well(tmp_path: Path, event: str) -> None:
    with serving(tmp_path, ODD, timeout=seconds(1), environment=environment(3)) as function:
        with ThreadPoolExecutor() as pool:
            late = pool.submit(function.invoke, event)
            time.sleep(seconds(0.2))
            assert late.result().json["errorType"] == "DeadlineExceeded"
        assert function.invoke("next").json == "next"


@in_real_time
def test_an_invocation_is_answered_in_time_even_where_another_blocks_the_event_loop(tmp_path: Path) -> None:
    code = """
import time
async def handler(event, context):
    while event == "blocks":
        try:
            time.sleep(60)
        except BaseException:
            pass
    return event
"""
    with (
        api(timeout=seconds(1)) as function,
        runtime(function.port, tmp_path, code, environment=environment(2)) as program,
    ):
        first = function.call("blocks")
        time.sleep(seconds(0.3))
        second = function.call("innocent")
        assert first.reply().json["errorType"] == second.reply().json["errorType"] == "DeadlineExceeded"
        assert program.wait(seconds(10)) == 1


@in_real_time
def test_a_thread_that_cannot_be_stopped_is_reported_and_the_process_given_up_when_all_are_done(
    tmp_path: Path,
) -> None:
    code = """
import time
def handler(event, context):
    time.sleep(event)
    return event
"""
    with (
        api(timeout=seconds(1)) as function,
        runtime(function.port, tmp_path, code, environment=environment(3)) as program,
    ):
        stuck = function.call(seconds(30))
        time.sleep(seconds(0.5))
        other = function.call(seconds(0.8))
        assert stuck.reply().json["errorType"] == "DeadlineExceeded"
        assert other.reply().json == seconds(0.8)
        assert program.wait(seconds(10)) == 1
    assert "given up" in (tmp_path / "log").read_text()


class Overtaken(Future[Any]):
    """An event that is done in the moment in which its poller gives it up."""

    def cancel(self) -> bool:
        self.set_result(Completion("invoke", reply="in time"))
        return super().cancel()


def test_an_event_that_is_done_at_the_last_moment_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(work: Coroutine[Any, Any, Any], _loop: object) -> Future[Any]:
        work.close()
        return Overtaken()

    monkeypatch.setattr("asyncio.run_coroutine_threadsafe", begin)
    context: Any = LambdaContext(0)
    assert Concurrent(App(), pytest.fail, 1)({}, context) == "in time"
