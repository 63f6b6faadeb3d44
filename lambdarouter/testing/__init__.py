"""The testing kit: a client that sends an app the events AWS would send, and the events themselves.

`TestClient` and `AsyncTestClient` for sync and async tests, `LambdaContext` for the context they pass, `Streamed` for
what they get of a streamed reply, and the event builders in `lambdarouter.testing.events`.
"""

from __future__ import annotations

from lambdarouter.testing.client import AsyncTestClient, TestClient
from lambdarouter.testing.context import LambdaContext
from lambdarouter.testing.stream import Streamed

__all__ = ["AsyncTestClient", "LambdaContext", "Streamed", "TestClient"]
