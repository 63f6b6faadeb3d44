"""The context object that handlers get: AWS's, attribute for attribute."""

from __future__ import annotations

import os
from time import time

from lambdarouter.errors import InvalidEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.runtime.mobile import ClientContext, CognitoIdentity
    from lambdarouter.runtime.protocol import Invocation

__all__ = ["LambdaContext"]

# Lambda's longest invocation is 15 minutes; an emulator has been seen to give one a month.
_LONGEST_MS = 90 * 60 * 1000
_W3C = ("traceparent", "tracestate", "baggage")


class LambdaContext:
    """What Lambda says about an invocation. Attributes that are not told are None, as AWS's runtime has them.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    # The same for the life of the environment: read once.
    function_name: str | None = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    function_version: str | None = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
    memory_limit_in_mb: str | None = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    log_group_name: str | None = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
    log_stream_name: str | None = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self.aws_request_id: str = invocation.request_id
        # AWS's name for it: tools read it.
        self._epoch_deadline_time_in_ms = invocation.deadline_ms or int(time() * 1000) + _LONGEST_MS

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda kills the function, never below 0."""
        left = self._epoch_deadline_time_in_ms - int(time() * 1000)
        return 0 if left < 0 else min(left, _LONGEST_MS)

    @property
    def invoked_function_arn(self) -> str | None:
        """The ARN that the caller used; it ends in the alias or version if the caller named one."""
        return self._invocation.function_arn or None

    @property
    def tenant_id(self) -> str | None:
        """The tenant of a function with tenant isolation."""
        return self._invocation.tenant_id or None

    @property
    def trace_id(self) -> str:
        """X-Ray's trace header; where invocations run side by side, only this tells it."""
        return self._invocation.trace_id

    @property
    def client_context(self) -> ClientContext | None:
        """What a mobile client told of itself. Raises `InvalidEventError` where that is no JSON."""
        from lambdarouter.runtime.mobile import ClientContext  # noqa: PLC0415 - only mobile clients tell

        found = self._read("client context", self._invocation.client_context)
        return None if found is None else ClientContext(found)

    @property
    def identity(self) -> CognitoIdentity:
        """Who called through Amazon Cognito. Raises `InvalidEventError` where that is no JSON."""
        from lambdarouter.runtime.mobile import CognitoIdentity  # noqa: PLC0415 - as above

        return CognitoIdentity(self._read("Cognito identity", self._invocation.cognito_identity) or {})

    def w3c(self) -> dict[str, str]:
        """The W3C trace context at the time of the invocation."""
        found = (self._read("client context", self._invocation.client_context) or {}).get("w3c")
        if not isinstance(found, dict):
            return {}
        return {name: found[name] for name in _W3C if isinstance(found.get(name), str)}

    def log(self, message: object) -> None:
        """Write to the function's log, as it is."""
        from lambdarouter.runtime.log import log  # noqa: PLC0415 - hardly anybody uses it

        log.write(str(message))

    def _read(self, what: str, text: str) -> dict[str, Any] | None:
        """A header's JSON, read once."""
        if not text:
            return None
        known: dict[str, Any] | None = self.__dict__.get(what)
        if known is None:
            import json  # noqa: PLC0415 - only where it came

            try:
                known = json.loads(text)
            except ValueError as error:
                msg = f"the {what} that Lambda passed on is not JSON: {error}"
                raise InvalidEventError(msg) from error
            if not isinstance(known, dict):
                msg = f"the {what} that Lambda passed on is no JSON object but {text:.60}"
                raise InvalidEventError(msg)
            self.__dict__[what] = known
        return known

    def __repr__(self) -> str:
        return (
            f"LambdaContext([aws_request_id={self.aws_request_id},log_group_name={self.log_group_name},"
            f"log_stream_name={self.log_stream_name},function_name={self.function_name},"
            f"memory_limit_in_mb={self.memory_limit_in_mb},function_version={self.function_version},"
            f"invoked_function_arn={self.invoked_function_arn},client_context={self.client_context},"
            f"identity={self.identity},tenant_id={self.tenant_id}])"
        )
