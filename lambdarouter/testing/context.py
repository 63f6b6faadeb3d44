"""The context object that AWS's Python runtime passes beside the event, for tests and local runs."""

from __future__ import annotations

from time import monotonic

from lambdarouter.testing.events.common import arn, identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

__all__ = ["CognitoIdentity", "LambdaContext"]


class CognitoIdentity:
    """Who called through Amazon Cognito: nobody, in a test."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self) -> None:
        self.cognito_identity_id: str | None = None
        self.cognito_identity_pool_id: str | None = None


class LambdaContext:
    """Lambda's context object, with the attributes and types that AWS's runtime gives it.

    `timeout`: seconds from its making to the deadline, the function's timeout. `memory`: MB. `request_number`: makes
    the request id; the same number gives the same id. The function's ARN is in the event builders' account and region.
    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def __init__(
        self,
        *,
        timeout: float = 30.0,
        function_name: str = "app",
        function_version: str = "$LATEST",
        memory: int = 128,
        tenant_id: str | None = None,
        request_number: int = 1,
    ) -> None:
        _check_above_0("timeout", timeout, (int, float), "a number of seconds")
        _check_above_0("memory", memory, (int,), "a whole number of MB")
        self.timeout = timeout
        self.function_name = function_name
        self.function_version = function_version
        self.invoked_function_arn: str = arn("lambda", f"function:{function_name}")
        self.memory_limit_in_mb: str = str(memory)  # text: the runtime reads it from the environment
        self.aws_request_id: str = identifier("request", function_name, str(request_number))
        self.log_group_name: str = f"/aws/lambda/{function_name}"
        self.log_stream_name: str = (
            f"2026/01/01/[{function_version}]{identifier('log', function_name).replace('-', '')}"
        )
        self.identity: CognitoIdentity = CognitoIdentity()
        self.client_context: None = None
        self.tenant_id = tenant_id
        self._deadline = monotonic() + timeout

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the deadline, never below 0."""
        return max(0, int((self._deadline - monotonic()) * 1000))

    def renewed(self, request_number: int) -> Self:
        """The same function's context for another invocation: a request id of its own, and the whole timeout."""
        return type(self)(
            timeout=self.timeout,
            function_name=self.function_name,
            function_version=self.function_version,
            memory=int(self.memory_limit_in_mb),
            tenant_id=self.tenant_id,
            request_number=request_number,
        )

    def changed(self, *, timeout: float | None = None, memory: int | None = None, tenant_id: str | None = None) -> Self:
        """One that differs in what is given."""
        return type(self)(
            timeout=self.timeout if timeout is None else timeout,
            function_name=self.function_name,
            function_version=self.function_version,
            memory=int(self.memory_limit_in_mb) if memory is None else memory,
            tenant_id=self.tenant_id if tenant_id is None else tenant_id,
        )

    def __repr__(self) -> str:
        return f"<LambdaContext {self.function_name} {self.aws_request_id}>"


def _check_above_0(name: str, given: Any, kinds: tuple[type, ...], wanted: str) -> None:
    msg = f"{name} is {given!r}; it is {wanted} above 0"
    kind = TypeError if isinstance(given, bool) or not isinstance(given, kinds) else ValueError
    if kind is TypeError or not given > 0:
        raise kind(msg)
