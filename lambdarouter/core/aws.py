"""AWS's own APIs, for replies that travel through one: clients with short time limits, made once per environment."""

from __future__ import annotations

from _thread import allocate_lock

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["client"]

_clients: dict[str, Any] = {}
_lock = allocate_lock()  # boto3's default session may not make two clients at once


def client(service: str) -> Any:
    """The client that boto3 has for a service ("codepipeline"), in the region of the function.

    A call is given up after a second without a connection or two without an answer, and tried three times: what it
    says has to be said before the invocation's deadline. Raises `ConfigurationError` where boto3 is not installed.
    """
    with _lock:
        if service not in _clients:
            try:
                import boto3  # noqa: PLC0415 - a quarter of a second, only for who calls AWS
                from botocore.config import Config  # noqa: PLC0415
            except ImportError as error:
                msg = f"answering needs AWS's {service} API, and boto3 is not installed: pip install lambdarouter[aws]"
                raise ConfigurationError(msg) from error
            config = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 3, "mode": "standard"})
            _clients[service] = boto3.client(service, config=config)  # type: ignore[call-overload]
        return _clients[service]
