"""The invocation's context: Lambda's object behind one typed face, and the time that is left."""

from __future__ import annotations

import os
from _contextvars import ContextVar  # what `contextvars` itself is, less a module
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Context", "end_of", "on_lambda", "running"]

# Lambda's context object of the invocation in progress, for log lines; our runtime sets it.
running: ContextVar[Any] = ContextVar("lambdarouter_invocation", default=None)

# Lambda's longest invocation is 15 minutes; an emulator has been seen to report a month.
_LONGEST = 90 * 60.0


def end_of(raw: Any) -> float | None:
    """The `time.monotonic()` second at which Lambda kills the function, by its own context; None: nobody says."""
    try:
        seconds: float = min(raw.get_remaining_time_in_millis() / 1000, _LONGEST)
    except (AttributeError, TypeError):
        return None
    return monotonic() + seconds


def on_lambda() -> bool:
    """Whether this process runs in a Lambda execution environment (or its emulator)."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


class Context:
    """What Lambda says about the invocation; every value is empty where it said nothing.

    `raw` is the object the runtime passed, or None. `deadline` is the `time.monotonic()` second at which Lambda
    kills the function, or None where there is no limit (a test, a local run).
    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    __slots__ = ("deadline", "raw")

    def __init__(self, raw: Any = None) -> None:
        self.raw: Any = raw
        self.deadline: float | None = end_of(raw)

    def remaining(self) -> float:
        """Seconds until Lambda's deadline, never below 0; infinite where there is none."""
        return float("inf") if self.deadline is None else max(0.0, self.deadline - monotonic())

    @property
    def request_id(self) -> str:
        """The invocation's id, the same for every attempt of an asynchronous one."""
        return self._text("aws_request_id")

    @property
    def function_name(self) -> str:
        """The function's name without version or alias."""
        return self._text("function_name")

    @property
    def function_version(self) -> str:
        """The version that runs: a number or `$LATEST`."""
        return self._text("function_version")

    @property
    def function_arn(self) -> str:
        """The ARN the caller used; it ends in the alias or version if the caller named one."""
        return self._text("invoked_function_arn")

    @property
    def memory_limit_mb(self) -> int:
        """The function's memory in MB, 0 where unknown."""
        try:
            return int(getattr(self.raw, "memory_limit_in_mb", 0) or 0)
        except (TypeError, ValueError):
            return 0

    @property
    def tenant_id(self) -> str:
        """The tenant of a function with tenant isolation."""
        return self._text("tenant_id")

    @property
    def trace_id(self) -> str:
        """X-Ray's trace header, such as "Root=1-…;Parent=…;Sampled=1"; empty where the invocation is not traced."""
        return self._text("trace_id") or os.environ.get("_X_AMZN_TRACE_ID", "")

    def _text(self, name: str) -> str:
        value = getattr(self.raw, name, None)
        return value if isinstance(value, str) else ""
