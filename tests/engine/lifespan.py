"""A lifespan that can be looked at."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from lambdarouter import App

__all__ = ["Lifespan"]


class Lifespan:
    """A lifespan that writes down what happens to it; its first `failures` starts fail."""

    def __init__(self, failures: int = 0) -> None:
        self.log: list[str] = []
        self.tasks: list[Any] = []
        self.failures = failures
        self.app: Any = None

    @contextlib.asynccontextmanager
    async def __call__(self, app: App) -> AsyncIterator[None]:
        self.app = app
        self.tasks.append(asyncio.current_task())
        self.log.append("start")
        if self.failures:
            self.failures -= 1
            raise ConnectionError("no database")
        async with asyncio.timeout(60):  # must be left in the task that entered it
            yield
        self.log.append("end")
        self.tasks.append(asyncio.current_task())
