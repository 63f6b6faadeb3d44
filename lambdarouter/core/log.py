"""The framework's log: structlog, set up when the first line is written (90 ms that only apps that log pay).

On Lambda one JSON object a line; elsewhere readable. Every line written during a call carries the request id, the
source, the handler and the record's id. An app that configured structlog itself keeps its configuration.
"""

from __future__ import annotations

import sys

from lambdarouter.core.context import on_lambda
from lambdarouter.core.invocation import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from structlog.typing import EventDict, FilteringBoundLogger

__all__ = ["call_fields", "logger"]


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
                structlog.processors.dict_tracebacks,
                structlog.processors.EventRenamer("message"),
                structlog.processors.JSONRenderer(),
            ]
        else:
            shared.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
        structlog.configure(
            processors=shared,
            # Looked up for each line: tests and runtimes replace sys.stderr.
            logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
            cache_logger_on_first_use=False,
        )
    log: FilteringBoundLogger = structlog.get_logger("lambdarouter")
    return log


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
