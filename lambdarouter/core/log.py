"""The framework's log: structlog, set up when the first line is written (90 ms that only apps that log pay).

On Lambda one JSON object a line, with the keys that AWS's runtime writes and CloudWatch finds, from the level on that
the function's logging configuration asks for; elsewhere readable. Every line written during a call carries the request
id, the source, the handler and the record's id. An app that configured structlog itself keeps its configuration.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar

from lambdarouter.core import codec
from lambdarouter.core.context import Context, on_lambda, running
from lambdarouter.core.invocation import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from structlog.typing import EventDict, FilteringBoundLogger

__all__ = ["Output", "aws_fields", "call_fields", "logger", "quiet", "report", "warn"]

_quiet: ContextVar[bool] = ContextVar("lambdarouter_quiet", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Write none of the framework's own lines meanwhile: for a front end that shows every outcome itself."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


class Output:
    """The last step of a line: to stderr, or where a runtime has it go. structlog calls it by the level's name."""

    # What takes a line and its level; a runtime puts its own here.
    write: Callable[[str, int], None] | None = None

    @classmethod
    def _put(cls, line: str, level: int) -> None:
        if cls.write is None:
            sys.stderr.write(line + "\n")  # looked up for each line: tests and runtimes replace it
        else:
            cls.write(line, level)

    def debug(self, line: str) -> None:
        """Write at DEBUG."""
        self._put(line, 10)

    def info(self, line: str) -> None:
        """Write at INFO."""
        self._put(line, 20)

    def warning(self, line: str) -> None:
        """Write at WARNING."""
        self._put(line, 30)

    def error(self, line: str) -> None:
        """Write at ERROR."""
        self._put(line, 40)

    def critical(self, line: str) -> None:
        """Write at CRITICAL."""
        self._put(line, 50)

    msg = info
    log = info
    warn = warning
    err = error
    failure = error
    exception = error
    fatal = critical


def logger() -> FilteringBoundLogger:
    """The framework's logger; sets structlog up on first use where the app has not."""
    import structlog  # noqa: PLC0415 - only apps that log pay for it

    if not structlog.is_configured():
        shared: list[Any] = [
            call_fields,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="timestamp"),
        ]
        if on_lambda() and os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() != "TEXT":
            shared += [aws_fields, structlog.processors.JSONRenderer(default=str, ensure_ascii=False)]
        else:
            shared.append(
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
                )
            )
        structlog.configure(
            processors=shared,
            wrapper_class=structlog.make_filtering_bound_logger(_level()),
            logger_factory=lambda *_: Output(),
            cache_logger_on_first_use=False,
        )
    log: FilteringBoundLogger = structlog.get_logger("lambdarouter")
    return log


_LEVELS = {"INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "FATAL": 50, "CRITICAL": 50}


def _level() -> int:
    """The lowest level that is written: everything, where Lambda does not say."""
    return _LEVELS.get(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper(), 0)


def report(error: Exception | None, message: str = "call failed", *, hurry: bool, **fields: str) -> None:
    """Log what Lambda does not see: a failed call's error, or a warning where there is no error.

    In a `hurry`, with the deadline near, structlog is not imported for it: the reply would be late. The line is then
    JSON without a traceback.
    """
    if _quiet.get():
        return
    if hurry and "structlog" not in sys.modules:
        level = "WARNING" if error is None else "ERROR"
        fields = {("requestId" if name == "request_id" else name): value for name, value in fields.items()}
        line = {"level": level, "message": message, **fields}
        if error is not None:
            line |= {"errorType": type(error).__name__, "errorMessage": str(error)}
        getattr(Output(), level.lower())(codec.encode(line))
    elif error is None:
        logger().warning(message, **fields)
    else:
        logger().error(message, exc_info=error, **fields)


def warn(what: str, error: Exception | None) -> None:
    """Log what went wrong beside a call, and changed nothing of its outcome."""
    if not _quiet.get():
        logger().warning(what, exc_info=error)


def call_fields(_logger: Any, _method: str, fields: EventDict) -> EventDict:
    """A structlog processor: add the call in progress. For apps with a configuration of their own."""
    call = current.get()
    if call is not None:
        invocation, matches, index = call
        match = matches[index]
        fields.setdefault("request_id", invocation.context.request_id)
        fields.setdefault("source", invocation.name)
        fields.setdefault("record", match.record.id)
        if match.route is not None:
            fields.setdefault("handler", match.route.name)
    elif running.get() is not None:
        fields.setdefault("request_id", Context(running.get()).request_id)
    return fields


def aws_fields(_logger: Any, _method: str, fields: EventDict) -> EventDict:
    """A structlog processor: the names and values that AWS's runtime gives a line in its JSON format.

    `timestamp`, `level`, `message`, `requestId`, `xray_trace_id`, and of an error `errorType`, `errorMessage` and
    `stackTrace`, without the frames' local variables: they hold payloads, tokens and passwords.
    """
    error = fields.pop("exc_info", None)
    told: EventDict = {
        "timestamp": fields.pop("timestamp", ""),
        "level": str(fields.pop("level", "")).upper(),
        "message": fields.pop("event", ""),
    }
    request_id = fields.pop("request_id", "")
    if request_id:
        told["requestId"] = request_id
    trace = Context(running.get()).trace_id
    if trace:
        told["xray_trace_id"] = trace.partition(";")[0].removeprefix("Root=")
    told.update(fields)
    if error is True:
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        from traceback import format_exception  # noqa: PLC0415 - loaded by structlog

        told["errorType"] = type(error).__name__
        told["errorMessage"] = str(error)
        told["stackTrace"] = format_exception(error)
    return told
