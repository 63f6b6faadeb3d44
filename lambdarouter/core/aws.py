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


def client(service: str, endpoint: str | None = None) -> Any:
    """The client that boto3 has for a service ("codepipeline"), in the region of the function.

    `endpoint`: the service's own for this caller, where boto3 cannot know it; its settings (AWS_ENDPOINT_URL and the
    service's own) go before.

    A call is given up after a second without a connection or two without an answer, and tried three times: what it
    says has to be said before the invocation's deadline. Raises `ConfigurationError` where boto3 is not installed.
    """
    key = f"{service} {endpoint or ''}".strip()
    with _lock:
        if key not in _clients:
            try:
                import boto3  # noqa: PLC0415 - a quarter of a second, only for who calls AWS
                from botocore.config import Config  # noqa: PLC0415
            except ImportError as error:
                msg = f"answering needs AWS's {service} API, and boto3 is not installed: pip install lambdarouter[aws]"
                raise ConfigurationError(msg) from error
            config = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 3, "mode": "standard"})
            if endpoint is not None and _is_set("AWS_ENDPOINT_URL", f"AWS_ENDPOINT_URL_{service.upper()}"):
                endpoint = None
            made = boto3.client(service, config=config, endpoint_url=endpoint)  # type: ignore[call-overload] # any service
            _clients[key] = made
        return _clients[key]


def _is_set(*names: str) -> bool:
    from os import environ  # noqa: PLC0415 - boto3 has loaded it

    return any(environ.get(name) for name in names)
