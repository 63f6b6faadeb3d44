"""The stores that tests run over, and how each is opened: in this process and in those that a test starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lambdarouter.core.store import Store
from lambdarouter.stores.dynamodb import DynamoDbStore
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.stores.redis import RedisStore
from lambdarouter.stores.sqlite import SqliteStore
from tests.servers import aws_client

__all__ = ["SHARED", "TABLE", "Clock", "dynamodb_place", "opened", "redis_place", "sqlite_place"]

# Those that several processes can use.
SHARED = ("sqlite", "dynamodb", "redis")
TABLE = "once"


class Clock:
    """The time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def sqlite_place(directory: Path) -> str:
    return str(directory / "store.db")


def dynamodb_place(endpoint: str) -> str:
    """The emulator's endpoint, with the table in it."""
    client = aws_client("dynamodb", endpoint)
    store = DynamoDbStore(TABLE)
    if TABLE not in client.list_tables()["TableNames"]:
        client.create_table(**store.table_definition)
        client.update_time_to_live(**store.time_to_live)
    return endpoint


def redis_place(port: int) -> str:
    return f"redis://127.0.0.1:{port}"


def opened(kind: str, place: str, clock: Callable[[], float] = time.time, prefix: str = "") -> Store:
    """A store, at its place: a file, an endpoint, a URL."""
    if kind == "memory":
        return MemoryStore(clock=clock)
    if kind == "sqlite":
        return SqliteStore(place, clock=clock)
    if kind == "dynamodb":
        client: Any = aws_client("dynamodb", place)
        return DynamoDbStore(TABLE, client=client, clock=clock, prefix=prefix)
    return RedisStore(place, prefix=f"lambdarouter:{prefix}")
