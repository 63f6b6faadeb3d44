"""A WebSocket connection of API Gateway's, and its management API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
"""

from __future__ import annotations

from _contextvars import ContextVar

from lambdarouter.core import codec
from lambdarouter.core.aws import client
from lambdarouter.core.invocation import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any, TypeVar

    T = TypeVar("T")

__all__ = ["Connection", "ConnectionInfo", "management"]

# The client of the management API that a test has in the place of boto3's.
management: ContextVar[Any] = ContextVar("lambdarouter_management", default=None)

_LIMIT = 131_072  # bytes of a message


class ConnectionInfo:
    """What API Gateway knows of a connection: since when it is, when it was last used, from where."""

    __slots__ = ("connected_at", "last_active_at", "source_ip", "user_agent")

    def __init__(self, told: Any) -> None:
        identity = told.get("Identity") or {}
        self.connected_at: datetime = told["ConnectedAt"]
        self.last_active_at: datetime | None = told.get("LastActiveAt")
        self.source_ip: str | None = identity.get("SourceIp")
        self.user_agent: str | None = identity.get("UserAgent")


class Connection:
    """A client that is connected, or was.

    `id`: API Gateway's, to keep and to come back to. `endpoint`: the API's "https://{api}.execute-api.{region}.
    amazonaws.com/{stage}"; boto3's own settings (AWS_ENDPOINT_URL) go before it. Needs boto3 (`lambdarouter[aws]`) and
    the permission `execute-api:ManageConnections`.
    """

    __slots__ = ("endpoint", "id")

    def __init__(self, id: str, *, endpoint: str | None = None) -> None:  # noqa: A002 - what it is
        self.id: str = id
        self.endpoint: str | None = endpoint

    def to(self, id: str) -> Connection:  # noqa: A002
        """Another connection of the same API."""
        return Connection(id, endpoint=self.endpoint)

    def send(self, data: Any) -> bool:
        """Send text, bytes, or anything else as JSON; whether the client is still there.

        Raises ValueError for a message above 128 KB, which API Gateway refuses, RuntimeError for a client whose
        `$connect` is being handled, and what boto3 raises (no permission, too many calls).
        """
        message = data if isinstance(data, (bytes, str)) else codec.encode(data)
        message = message.encode() if isinstance(message, str) else message
        if len(message) > _LIMIT:
            msg = f"the message has {len(message)} bytes, and a WebSocket API takes {_LIMIT}: send it in pieces"
            raise ValueError(msg)
        return self._call(lambda api: api.post_to_connection(ConnectionId=self.id, Data=message)) is not None

    def close(self) -> bool:
        """Close the connection; whether it was still there."""
        return self._call(lambda api: api.delete_connection(ConnectionId=self.id)) is not None

    def info(self) -> ConnectionInfo | None:
        """What API Gateway knows of it, None where it is gone."""
        told = self._call(lambda api: api.get_connection(ConnectionId=self.id))
        return None if told is None else ConnectionInfo(told)

    async def asend(self, data: Any) -> bool:
        """`send`, in a thread."""
        return await _in_thread(lambda: self.send(data))

    async def aclose(self) -> bool:
        """`close`, in a thread."""
        return await _in_thread(self.close)

    async def ainfo(self) -> ConnectionInfo | None:
        """`info`, in a thread."""
        return await _in_thread(self.info)

    def _call(self, call: Callable[[Any], Any]) -> Any:
        """What the API answers; None for a connection that is gone."""
        api = management.get() or client("apigatewaymanagementapi", self.endpoint)
        try:
            return call(api)
        except api.exceptions.GoneException:
            if not self._is_opening():
                return None
        msg = (
            "the client is not connected yet: API Gateway connects it when the handler of $connect has returned; send "
            "it something in answer to its first message, or let another handler do it"
        )
        raise RuntimeError(msg)

    def _is_opening(self) -> bool:
        """Whether the call in progress is that of its `$connect`."""
        call = current.get()
        if call is None or call[0].name != "websocket":
            return False
        request: Any = call[0].event
        return bool(request.event_type == "CONNECT" and request.connection_id == self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Connection) and (self.id, self.endpoint) == (other.id, other.endpoint)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Connection({self.id!r})"


async def _in_thread(fn: Callable[[], T]) -> T:
    from anyio import to_thread  # noqa: PLC0415 - an event loop runs this

    return await to_thread.run_sync(fn)
