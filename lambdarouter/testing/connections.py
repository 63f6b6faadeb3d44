"""WebSocket connections in a test: API Gateway's management API, which keeps what handlers send.

It stands in the place of boto3's client while an event is handled, so that nothing leaves the process.
"""

from __future__ import annotations

from contextlib import contextmanager
from json import loads
from types import SimpleNamespace
from typing import Any, NamedTuple

from lambdarouter.core.connection import management
from lambdarouter.engine.classify import classify
from lambdarouter.testing.events.common import MOMENT
from lambdarouter.testing.events.request import SOURCE_IP, USER_AGENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

__all__ = ["Connections", "Management", "Sent"]


class Sent(NamedTuple):
    """A message that a WebSocket connection was sent: the connection's id, and text, or bytes that are none."""

    connection: str
    data: str | bytes

    def json(self) -> Any:
        """What the message says in JSON."""
        return loads(self.data)


class Connections:
    """Who is connected: everybody but those whose `$disconnect` was sent, or whom a handler has closed."""

    def __init__(self) -> None:
        self._gone: set[str] = set()
        # Whether messages are to arrive: then AWS is called, and nothing is known of them.
        self.real: bool = False

    @contextmanager
    def during(self, event: Any) -> Iterator[Management]:
        """Have what is sent while the event is handled go to the API that this gives."""
        kind, connection = _client(event)
        if kind in {"CONNECT", "DISCONNECT"}:
            self._gone.add(connection)
        api = Management(self._gone)
        token = management.set(None if self.real else api)
        try:
            yield api
        finally:
            management.reset(token)
            if kind == "CONNECT" and not api.refused:
                self._gone.discard(connection)


class _GoneError(Exception):
    """The connection is not there."""


class Management:
    """The management API during one event, with the methods of boto3's client that `Connection` calls."""

    exceptions: Final[SimpleNamespace] = SimpleNamespace(GoneException=_GoneError)

    def __init__(self, gone: set[str]) -> None:
        self.sent: list[Sent] = []
        self.closed: list[str] = []
        # Whether the event failed: a client whose `$connect` does is not let in.
        self.refused: bool = False
        self._gone = gone

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> dict[str, Any]:  # noqa: N803 - as boto3 has it
        """Keep the message."""
        self._reach(ConnectionId)
        try:
            self.sent.append(Sent(ConnectionId, Data.decode()))
        except UnicodeDecodeError:
            self.sent.append(Sent(ConnectionId, Data))
        return {}

    def delete_connection(self, *, ConnectionId: str) -> dict[str, Any]:  # noqa: N803
        """Close the connection."""
        self._reach(ConnectionId)
        self._gone.add(ConnectionId)
        self.closed.append(ConnectionId)
        return {}

    def get_connection(self, *, ConnectionId: str) -> dict[str, Any]:  # noqa: N803
        """Tell of the client that the builder has."""
        self._reach(ConnectionId)
        identity = {"SourceIp": SOURCE_IP, "UserAgent": USER_AGENT}
        return {"ConnectedAt": MOMENT, "LastActiveAt": MOMENT, "Identity": identity}

    def _reach(self, connection: str) -> None:
        if connection in self._gone:
            raise _GoneError


def _client(event: Any) -> tuple[str, str]:
    """What a client of a WebSocket API did, and its connection's id; "None" where the event is none of those."""
    context = event["requestContext"] if classify(event) == "websocket" else {}
    return str(context.get("eventType")), str(context.get("connectionId"))
