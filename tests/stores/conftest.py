"""A place for each kind of store, made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stores.kinds import dynamodb_place, redis_place, sqlite_place

__all__ = ["place_of"]


@pytest.fixture
def place_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """`place_of("redis")`: where such a store is; the servers start with the first that asks."""

    def place_of(kind: str) -> str:
        if kind == "sqlite":
            return sqlite_place(tmp_path)
        if kind == "dynamodb":
            return dynamodb_place(request.getfixturevalue("ministack"))
        return redis_place(request.getfixturevalue("redis_port")) if kind == "redis" else ""

    return place_of
