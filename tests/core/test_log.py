"""The log: nothing while all is well, and one line with everything when something is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.batch import fresh

SETUP = """
import sys
from lambdarouter import App, BatchError, HttpError
from lambdarouter.testing.events import http, sns
from tests.engine.batch import BatchTrigger, LambdaContext, batch
app = App()
"""


def lines(program: str, **environment: str) -> list[dict[str, Any]]:
    """Run a program as on Lambda and read its log."""
    ran = fresh(SETUP + program, AWS_LAMBDA_FUNCTION_NAME="orders", **environment)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""
    return [json.loads(line) for line in ran.stderr.splitlines()]


def test_while_all_is_well_nothing_is_logged_and_structlog_is_not_loaded() -> None:
    assert (
        lines("""
@app.on(BatchTrigger())
async def handler(text: str): ...

@app.sns("fail")
def fails():
    raise ValueError

app.get("/missing")(lambda: (_ for _ in ()).throw(HttpError(404)))
app(batch("a", "b"), LambdaContext(60))
app.complete(sns("fail", "x"))                 # Lambda sees this error, and logs it
app(http.v2("GET", "/nowhere"))                # what clients do wrong is not for the log
app(http.v2("GET", "/missing"))
assert "structlog" not in sys.modules
""")
        == []
    )


FAILING = """
@app.on(BatchTrigger())
def handler(text: str):
    secret_in_a_variable = "hunter" + "2"
    if text == "fail":
        raise ValueError("this one")

reply = app(batch("a", "fail", "b"), LambdaContext(60, "request-1"))
assert reply == {"failed": ["1"]}
"""


def test_a_failure_that_lambda_does_not_see_is_logged_once_with_everything() -> None:
    (line,) = lines(FAILING)
    assert (line["level"], line["message"]) == ("ERROR", "call failed")
    assert (line["requestId"], line["source"], line["record"], line["handler"]) == (
        "request-1",
        "example.batch",
        "1",
        "__main__.handler",
    )
    assert line["timestamp"].endswith("Z")
    assert (line["errorType"], line["errorMessage"]) == ("ValueError", "this one")
    assert "in handler" in line["stackTrace"][-2]


def test_of_several_failures_that_lambda_sees_as_one_error_each_is_logged_with_everything() -> None:
    found = lines("""
@app.sns("fail")
def first(message: str):
    raise ValueError("one")

@app.sns("fail")
def second(message: str):
    raise KeyError("two")

app.sns("fail")(lambda message: None)
try:
    app(sns("fail", "x"), LambdaContext(60, "request-1"))
except BatchError:
    pass
""")
    assert {(line["handler"], line["errorType"], line["errorMessage"]) for line in found} == {
        ("__main__.first", "ValueError", "one"),
        ("__main__.second", "KeyError", "'two'"),
    }
    assert len(found) == 2
    for line in found:
        assert (line["level"], line["message"], line["requestId"]) == ("ERROR", "call failed", "request-1")
        assert line["record"]
        assert f"in {line['handler'].removeprefix('__main__.')}" in line["stackTrace"][-2]


def test_an_authorizers_refusal_is_not_logged_and_its_failure_is_raised() -> None:
    assert (
        lines("""
from lambdarouter.testing.events import authorizer
app.authorizer()(lambda: (_ for _ in ()).throw(errors.pop()))
errors = [HttpError(403), HttpError(401), HttpError(429), ValueError()]
seen = [app.complete(authorizer.token("GET", "/x", "t")).error for _ in range(4)]
assert [type(error).__name__ for error in seen] == ["ValueError", "HttpError", "Unauthorized", "NoneType"], seen
""")
        == []
    )


def test_a_log_holds_no_local_variables_which_may_be_secret() -> None:
    (line,) = lines(FAILING)
    assert "hunter2" not in json.dumps(line)
    ran = fresh(SETUP + FAILING)
    assert "hunter2" not in ran.stderr


def test_away_from_lambda_the_log_is_for_people() -> None:
    ran = fresh(SETUP + FAILING)
    assert ran.returncode == 0, ran.stderr
    assert "call failed" in ran.stderr
    assert "Traceback (most recent call last):" in ran.stderr
    assert "ValueError: this one" in ran.stderr
    assert "request_id=request-1" in ran.stderr
    assert ran.stderr.count("call failed") == 1


def test_a_500_is_logged_with_its_traceback() -> None:
    (line,) = lines("""
@app.get("/")
def handler():
    return 1 // 0

assert app(http.v2("GET", "/"), LambdaContext(60, "request-1"))["statusCode"] == 500
""")
    assert (line["source"], line["handler"], line["requestId"]) == ("http.v2", "__main__.handler", "request-1")
    assert line["errorType"] == "ZeroDivisionError"


def test_a_record_without_a_route_is_logged_without_a_handler() -> None:
    (line,) = lines("""
app.on(BatchTrigger())(lambda: None)
assert app(batch({"to": "nobody"})) == {"failed": ["0"]}
""")
    assert line["handler"] == ""
    assert line["errorType"] == "NoRouteError"


@pytest.mark.parametrize("colour", ["", "async "])
@pytest.mark.parametrize("records", ["'a'", "'a', 'b', 'c'"])
def test_lines_that_handlers_write_carry_the_call(colour: str, records: str) -> None:
    found = lines(f"""
import structlog
from lambdarouter.core.log import logger
log = logger()

@app.on(BatchTrigger())
{colour}def handler(text: str):
    log.info("working", text=text)
    structlog.get_logger().warning("through structlog", record="mine")

log.info("before")
app(batch({records}), LambdaContext(60, "request-1"))
log.info("after")
""")
    assert [line["message"] for line in (found[0], found[-1])] == ["before", "after"]
    assert "requestId" not in found[0]
    assert "requestId" not in found[-1]
    during = found[1:-1]
    texts = [text.strip(" '") for text in records.split(",")]
    assert len(during) == 2 * len(texts)
    for line in during:
        assert (line["requestId"], line["source"], line["handler"]) == (
            "request-1",
            "example.batch",
            "__main__.handler",
        )
    for index, text in enumerate(texts):
        (line,) = [line for line in during if line.get("text") == text]
        assert (line["record"], line["level"]) == (str(index), "INFO")
    assert [line["record"] for line in during if line["level"] == "WARNING"] == ["mine"] * len(texts)


def test_middleware_and_dependencies_write_with_the_call_too() -> None:
    found = lines("""
from typing import Annotated
from lambdarouter import Depends
from lambdarouter.core.log import logger

@app.middleware
def around(call):
    logger().info("in")
    yield
    logger().info("out")

def session(record):
    logger().info("open")
    yield
    logger().info("close")

@app.on(BatchTrigger())
def handler(it: Annotated[None, Depends(session)]): ...

app(batch("a", "b"), LambdaContext(60, "request-1"))
""")
    assert len(found) == 8
    for record in "01":
        mine = [line["message"] for line in found if line["record"] == record]
        assert mine == ["in", "open", "close", "out"]


def test_an_apps_own_configuration_of_structlog_is_kept() -> None:
    assert (
        lines("""
import structlog
from lambdarouter.core.log import call_fields
written = []

def keep(logger, method, fields):
    written.append(fields)
    raise structlog.DropEvent

structlog.configure(processors=[call_fields, keep])

@app.on(BatchTrigger())
def handler():
    structlog.get_logger().info("mine")
    raise ValueError

app(batch("a"), LambdaContext(60, "request-1"))
assert [fields["event"] for fields in written] == ["mine", "call failed"]
assert all(fields["request_id"] == "request-1" for fields in written)
assert written[0]["handler"] == "__main__.handler"
""")
        == []
    )


def test_a_front_end_that_shows_outcomes_itself_may_keep_the_framework_quiet() -> None:
    assert (
        lines("""
from lambdarouter.core.log import quiet

app.on(BatchTrigger())(lambda: 1 // 0)
with quiet():
    app(batch("a"))
""")
        == []
    )


def test_near_the_deadline_a_warning_is_written_without_structlog_too() -> None:
    (line,) = lines("""
from lambdarouter.core.log import report

report(None, "memory is short", hurry=True, request_id="request-1", memory="300 of 256 MB")
assert "structlog" not in sys.modules
""")
    assert line == {
        "level": "WARNING",
        "message": "memory is short",
        "requestId": "request-1",
        "memory": "300 of 256 MB",
    }


@pytest.mark.parametrize("given", ["True", "error", "(type(error), error, error.__traceback__)"])
def test_an_error_is_told_however_it_is_given(given: str) -> None:
    (line,) = lines(f"""
from lambdarouter.core.log import logger

try:
    1 // 0
except ZeroDivisionError as error:
    logger().error("failed", exc_info={given})
""")
    assert (line["message"], line["errorType"]) == ("failed", "ZeroDivisionError")
    assert line["stackTrace"][-1].startswith("ZeroDivisionError: ")
    assert "exc_info" not in line


def test_what_a_runtime_writes_lines_with_gets_each_with_its_level() -> None:
    ran = fresh(
        SETUP
        + """
from lambdarouter.core.log import Output, logger

written = []
Output.write = lambda line, level: written.append((line, level))
log = logger()
for name in ("debug", "info", "warning", "error", "critical", "fatal", "exception", "msg"):
    getattr(log, name)(name)
import json
assert [(json.loads(line)["message"], level) for line, level in written] == [
    ("debug", 10), ("info", 20), ("warning", 30), ("error", 40), ("critical", 50), ("fatal", 50), ("exception", 40),
    ("msg", 20),
], written
""",
        AWS_LAMBDA_FUNCTION_NAME="orders",
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_middleware_of_a_record_without_a_route_writes_without_a_handler() -> None:
    (line,) = lines("""
from lambdarouter.core.log import logger

@app.middleware
def around(call):
    logger().info("seen")
    yield

app(http.v2("GET", "/nowhere"), LambdaContext(60, "request-1"))
""")
    assert (line["message"], line["source"], line["requestId"]) == ("seen", "http.v2", "request-1")
    assert line["record"]
    assert "handler" not in line
