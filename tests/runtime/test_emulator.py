"""Our runtime in AWS's own emulator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.runtime.emulator import emulated

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


def test_an_event_is_echoed_with_what_lambda_says_about_the_invocation(
    require: Callable[[str], str], tmp_path: Path
) -> None:
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
    assert 0 < echo["left"] <= 3000
    assert (echo["tenant"], echo["custom"], echo["title"]) == ("blue", {"beach": "Praia"}, "Tides")
    assert echo["w3c"] == {"traceparent": "00-1-2-01"}
    assert second.json["event"] == "again"
    assert second.json["id"] != echo["id"]
    assert (second.json["tenant"], second.json["custom"]) == (None, None)


def test_large_events_and_replies_pass(require: Callable[[str], str], tmp_path: Path) -> None:
    code = "def handler(event, context):\n    return event"
    with emulated(require("aws-lambda-rie"), tmp_path, code) as function:
        for size in (0, 1_000, 3_000, 500_000, 5_000_000):
            assert function.invoke("x" * size).json == "x" * size
