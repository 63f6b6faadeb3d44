"""The framework's log: structlog, set up when the first line is written (90 ms that only apps that log pay).

On Lambda one JSON object a line; elsewhere readable. Every line written during a call carries the request id, the
source, the handler and the record's id. An app that configured structlog itself keeps its configuration.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar

from lambdarouter.core import codec
from lambdarouter.core.context import on_lambda
from lambdarouter.core.invocation import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from structlog.typing import EventDict, FilteringBoundLogger

__all__ = ["call_fields", "logger", "quiet", "report", "warn"]

_quiet: ContextVar[bool] = ContextVar("lambdarouter_quiet", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Write none of the framework's own lines meanwhile: for a front end that shows every outcome itself."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


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
        if on_lambda():
            shared += [
                # Without the frames' local variables: they hold payloads, tokens and passwords.
                structlog.processors.ExceptionRenderer(
                    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
                ),
                structlog.processors.EventRenamer("message"),
                structlog.processors.JSONRenderer(),
            ]
        else:
            shared.append(
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
                )
            )
        structlog.configure(
            processors=shared,
            # Looked up for each line: tests and runtimes replace sys.stderr.
            logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
            cache_logger_on_first_use=False,
        )
    log: FilteringBoundLogger = structlog.get_logger("lambdarouter")
    return log


def report(error: Exception | None, message: str = "call failed", *, hurry: bool, **fields: str) -> None:
    """Log what Lambda does not see: a failed call's error, or a warning where there is no error.

    In a `hurry`, with the deadline near, structlog is not imported for it: the reply would be late. The line is then
    JSON without a traceback.
    """
    if _quiet.get():
        return
    if hurry and "structlog" not in sys.modules:
        line = {"level": "warning" if error is None else "error", "message": message, **fields}
        if error is not None:
            line["error"] = f"{type(error).__name__}: {error}"
        sys.stderr.write(codec.encode(line) + "\n")
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
        invocation, match = call
        fields.setdefault("request_id", invocation.context.request_id)
        fields.setdefault("source", invocation.name)
        fields.setdefault("record", match.record.id)
        if match.route is not None:
            fields.setdefault("handler", match.route.name)
    return fields
