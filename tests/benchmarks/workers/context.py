"""Lambda's context object, as far as handlers ask it."""

from __future__ import annotations

__all__ = ["Context"]


class Context:
    """What a handler may ask of it."""

    function_name = "benchmarks"
    function_version = "$LATEST"
    memory_limit_in_mb = "256"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:benchmarks"
    aws_request_id = "52fdfc07-2182-154f-163f-5f0f9a621d72"
    log_group_name = "/aws/lambda/benchmarks"
    log_stream_name = "benchmarks"
    identity = client_context = tenant_id = None

    def get_remaining_time_in_millis(self) -> int:
        """Half a minute, always."""
        return 30_000
