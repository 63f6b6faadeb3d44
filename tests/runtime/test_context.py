"""The context object, and errors as Lambda is told of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from lambdarouter import App, BatchError, Context, InvalidEventError, NotAttempted, UnknownEventError
from lambdarouter.runtime.client import address
from lambdarouter.runtime.context import LambdaContext
from lambdarouter.runtime.fault import Fault
from lambdarouter.runtime.log import log
from lambdarouter.runtime.protocol import Invocation, Message


def context(**headers: str) -> LambdaContext:
    told = {b"lambda-runtime-aws-request-id": b"id-1"}
    told |= {f"lambda-runtime-{name.replace('_', '-')}".encode(): value.encode() for name, value in headers.items()}
    return LambdaContext(Invocation(Message(b"HTTP/1.1 200 OK", told)))


def in_ms(seconds: float) -> str:
    return str(int((time.time() + seconds) * 1000))


def test_the_time_that_is_left_is_never_negative_nor_beyond_reason() -> None:
    assert 9_000 < context(deadline_ms=in_ms(10)).get_remaining_time_in_millis() <= 10_000
    assert context(deadline_ms=in_ms(-10)).get_remaining_time_in_millis() == 0
    # An emulator has been seen to give a month; and where nothing is told, nothing is cut short.
    assert context(deadline_ms=in_ms(3e6)).get_remaining_time_in_millis() == 90 * 60 * 1000
    assert context().get_remaining_time_in_millis() > 80 * 60 * 1000


def test_who_called_through_cognito_is_told() -> None:
    identity = context(cognito_identity='{"cognitoIdentityId":"a","cognitoIdentityPoolId":"b"}').identity
    assert (identity.cognito_identity_id, identity.cognito_identity_pool_id) == ("a", "b")
    assert context().identity.cognito_identity_id is None
    assert "cognito_identity_id=a" in repr(identity)


def test_what_a_mobile_client_tells_of_itself_is_read() -> None:
    told = '{"client":{"installation_id":"i","app_title":"Shop","odd":1},"custom":{"a":1},"env":{"locale":"en"}}'
    found: Any = context(client_context=told).client_context
    assert (found.client.installation_id, found.client.app_title, found.client.app_version_name) == ("i", "Shop", None)
    assert (found.custom, found.env) == ({"a": 1}, {"locale": "en"})
    assert "installation_id=i" in repr(found)
    other: Any = context(client_context='{"client":5}').client_context
    assert other.client is None


@pytest.mark.parametrize("text", ["{", "[]", "1"])
def test_what_is_no_json_object_is_refused_when_it_is_asked_for(text: str) -> None:
    found = context(client_context=text, cognito_identity=text)
    with pytest.raises(InvalidEventError, match="client context"):
        _ = found.client_context
    with pytest.raises(InvalidEventError, match="Cognito identity"):
        _ = found.identity


def test_it_tells_the_framework_and_people_the_same() -> None:
    found = context(trace_id="Root=1-2", aws_tenant_id="blue", invoked_function_arn="arn:x", client_context='{"w3c":1}')
    framework = Context(found)
    assert (framework.request_id, framework.tenant_id, framework.function_arn) == ("id-1", "blue", "arn:x")
    assert framework.trace_id == "Root=1-2"
    assert found.w3c() == {}
    assert "aws_request_id=id-1" in repr(found)
    assert "client=None" in repr(found)


def test_its_log_writes_a_line_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    context().log({"a": 1})
    log.write("b\n")
    assert capsys.readouterr().out == "{'a': 1}\nb\n"


class Odd_1(Exception):  # noqa: N801, N818 - a name that Lambda does not take for a type
    def __str__(self) -> str:
        raise RuntimeError


def failed(error: Exception) -> Fault:
    with pytest.raises(type(error)) as caught:
        raises(error)
    return Fault(caught.value, request_id="id-1")


def raises(error: Exception) -> None:
    raise error


def test_an_error_is_told_in_lambdas_form() -> None:
    told = json.loads(failed(ValueError("bad")).body())
    assert (told["errorType"], told["errorMessage"], told["requestId"]) == ("ValueError", "bad", "id-1")
    assert "in raises" in told["stackTrace"][-1]
    assert failed(ValueError()).kind == "Function.ValueError"


@pytest.mark.parametrize(
    ("call", "error", "lines"),
    [
        pytest.param(lambda: App()({}), UnknownEventError, 0, id="what it found wrong"),
        pytest.param(lambda: address(None), AttributeError, 1, id="a mistake in it"),  # type: ignore[arg-type]
    ],
)
def test_of_the_frameworks_own_stack_only_its_mistakes_are_told(
    call: Callable[[], Any], error: type[Exception], lines: int
) -> None:
    with pytest.raises(error) as caught:
        call()
    here = caught.tb.tb_next
    assert here is not None  # this test and the lambda, in whose place the runtime's loop would be
    told = Fault(caught.value.with_traceback(here.tb_next)).told()
    assert (told["errorType"], len(told["stackTrace"])) == (error.__name__, lines)


def test_a_type_that_lambda_would_not_count_is_unhandled_and_a_broken_text_no_second_error() -> None:
    fault = failed(Odd_1())
    assert (fault.kind, fault.name) == ("Function.Unhandled", "Odd_1")
    assert "whose text cannot be made: RuntimeError" in fault.message


def caught(error: Exception) -> Exception:
    try:
        raises(error)
    except type(error) as raised:
        return raised
    raise AssertionError


def test_of_a_group_the_stacks_of_the_first_causes_are_told_with_what_was_raised() -> None:
    inner = ExceptionGroup("tasks", [caught(ValueError("a\nb")), caught(KeyError())])
    fault = failed(BatchError("3 of 3 calls failed", [NotAttempted("later"), inner, OSError("far")]))
    stack = fault.told()["stackTrace"]
    assert [line for line in stack if not line.startswith("  File")] == [
        "ExceptionGroup: tasks (2 sub-exceptions)\n",
        "ValueError: a b\n",
        "KeyError\n",
        "and 2 more\n",
    ]
    assert "in raises" in stack[stack.index("ValueError: a b\n") - 1]
    assert stack[-2] == "KeyError\n"


def test_a_group_of_few_is_told_whole_and_what_is_none_has_its_own_stack_alone() -> None:
    stack = failed(ExceptionGroup("tasks", [ValueError("a")])).stack()
    assert "in raises" in stack[-2]
    assert stack[-1] == "ValueError: a\n"
    assert len(failed(ValueError("a")).stack()) == len(stack) - 1


def test_xrays_cause_names_the_places_and_is_left_out_where_it_is_too_long() -> None:
    fault = failed(ValueError("caf\u00e9"))
    cause = json.loads(fault.cause())
    (exception,) = cause["exceptions"]
    assert fault.cause().isascii()
    assert (exception["type"], exception["message"], exception["stack"][-1]["label"]) == (
        "ValueError",
        "caf\u00e9",
        "raises",
    )
    assert cause["paths"] == [__file__]
    assert failed(ValueError("\u00e9" * 200_000)).cause() == b""
    assert len(failed(ValueError("x" * 1_000_000)).message) == 256 * 1024
