"""The standard library's `logging`, as AWS's runtime sets it up: one handler on the root logger.

It is set up when something first imports `logging`, which takes 12 ms that a function without it is spared.
https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

from __future__ import annotations

from lambdarouter.core.context import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any

    from lambdarouter.runtime.log import Log

__all__ = ["set_up"]

# What a record has of its own; what else it has, the caller gave as `extra`.
_OWN = {
    *("name", "msg", "args", "levelname", "levelno", "pathname", "filename", "module", "exc_info", "exc_text"),
    *("stack_info", "lineno", "funcName", "created", "msecs", "relativeCreated", "thread", "threadName"),
    *("processName", "process", "taskName", "message", "asctime"),
}


def set_up(logging: Any, log: Log) -> None:
    """Have what goes through `logging`, the module, written to the function's log."""
    import json  # noqa: PLC0415 - only for lines in JSON
    from time import gmtime, strftime  # noqa: PLC0415 - as above

    class Handler(logging.Handler):  # type: ignore[misc] # a module in a variable
        """Writes a record as AWS's runtime does."""

        def emit(self, record: logging.LogRecord) -> None:
            try:
                text = _object(record) if log.structured else _line(record)
                log.write(text, record.levelno, structured=log.structured)
            except Exception:  # noqa: BLE001 - as every handler of the library: a log line ends no invocation
                self.handleError(record)

    formatter = logging.Formatter()

    def when(record: logging.LogRecord) -> str:
        return strftime("%Y-%m-%dT%H:%M:%S", gmtime(record.created)) + f".{int(record.msecs):03}Z"

    def _line(record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + formatter.formatException(record.exc_info)
        if record.stack_info:
            text += "\n" + record.stack_info
        return f"[{record.levelname}]\t{when(record)}\t{_request_id(log)}\t{text}"

    def _object(record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "timestamp": when(record),
            "level": record.levelname,
            # A dict is kept as an object.
            "message": record.msg if isinstance(record.msg, dict) and not record.args else record.getMessage(),
            "logger": record.name,
            "requestId": _request_id(log) or None,
            "tenantId": getattr(_context(log), "tenant_id", None),
        }
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, _ = record.exc_info
            told["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
            told["errorType"], told["errorMessage"] = kind.__name__, str(error)
            told["stackTrace"] = formatter.formatException(record.exc_info).splitlines()
        extra = {name: value for name, value in vars(record).items() if name not in _OWN and name not in told}
        told = {name: value for name, value in (told | extra).items() if value is not None}
        return json.dumps(told, ensure_ascii=False, default=str)

    root = logging.getLogger()
    root.addHandler(Handler())
    if log.level:
        root.setLevel(log.level)


def _context(log: Log) -> Any:
    """The invocation's context: in a thread that the handler started itself, the one that began last."""
    return running.get() or log.context


def _request_id(log: Log) -> str:
    return getattr(_context(log), "aws_request_id", "")
