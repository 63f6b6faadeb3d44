"""The context: whatever a runtime passes, typed attributes and the time that is left."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from lambdarouter import Context
from lambdarouter.core.context import on_lambda


def lambda_context(**attributes: Any) -> Any:
    """What AWS's runtime passes."""
    given = {
        "aws_request_id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        "function_name": "back-office",
        "function_version": "$LATEST",
        "invoked_function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:back-office:live",
        "memory_limit_in_mb": "128",
        "tenant_id": "tenant-1",
        "get_remaining_time_in_millis": lambda: 3000,
    }
    return SimpleNamespace(**given | attributes)


def test_what_lambda_says_is_there_by_name() -> None:
    raw = lambda_context()
    context = Context(raw)
    assert context.raw is raw
    assert context.request_id == "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
    assert context.function_name == "back-office"
    assert context.function_version == "$LATEST"
    assert context.function_arn.endswith(":live")
    assert context.memory_limit_mb == 128
    assert context.tenant_id == "tenant-1"


@pytest.mark.parametrize("raw", [None, object(), {}, SimpleNamespace(aws_request_id=None, memory_limit_in_mb=None)])
def test_what_lambda_does_not_say_is_empty(raw: Any) -> None:
    context = Context(raw)
    assert context.request_id == context.function_name == context.function_version == context.function_arn == ""
    assert context.tenant_id == ""
    assert context.memory_limit_mb == 0
    assert context.deadline is None
    assert context.remaining() == float("inf")


@pytest.mark.parametrize(("said", "megabytes"), [("512", 512), (512, 512), ("much", 0), ([], 0), (None, 0)], ids=repr)
def test_the_memory_is_a_number_however_it_is_said(said: Any, megabytes: int) -> None:
    assert Context(lambda_context(memory_limit_in_mb=said)).memory_limit_mb == megabytes


def test_the_deadline_is_reckoned_from_the_time_that_is_left() -> None:
    before = time.monotonic()
    context = Context(lambda_context())
    after = time.monotonic()
    assert context.deadline is not None
    assert before + 3 <= context.deadline <= after + 3
    assert 0 < context.remaining() <= 3


@pytest.mark.parametrize("said", [None, lambda: None, lambda: "3000"], ids=["no function", "nothing", "text"])
def test_who_does_not_say_how_much_time_is_left_sets_no_deadline(said: Any) -> None:
    assert Context(lambda_context(get_remaining_time_in_millis=said)).deadline is None


def test_the_time_that_is_left_never_falls_below_zero() -> None:
    assert Context(lambda_context(get_remaining_time_in_millis=lambda: -5000)).remaining() == 0


def test_a_limit_no_function_has_is_not_believed() -> None:
    month = Context(lambda_context(get_remaining_time_in_millis=lambda: 30 * 24 * 3600 * 1000))
    assert month.remaining() <= 90 * 60


def test_lambda_is_recognised_by_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    assert not on_lambda()
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "back-office")
    assert on_lambda()
