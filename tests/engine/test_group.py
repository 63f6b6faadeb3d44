"""Workers are joined: none outlives the group, whatever ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from lambdarouter.engine.group import Group
from tests.engine.batch import BOUND


class Workers:
    """Workers that wait for one another, or for ever, and say when they have cleaned up."""

    def __init__(self) -> None:
        self.tasks = set[asyncio.Task[Any]]()
        self.started = asyncio.Event()
        self.cleaned = 0

    async def waits(self) -> None:
        self.started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.cleaned += 1

    async def fails(self) -> None:
        await self.started.wait()
        msg = "the worker's own"
        raise ValueError(msg)

    async def ends(self) -> None: ...

    async def start(self, *workers: Callable[[], Coroutine[Any, Any, None]], error: Exception | None = None) -> None:
        async with Group(self.tasks) as group:
            for worker in workers:
                group.start(worker)
            if error is not None:
                await self.started.wait()
                raise error


def run(main: Any) -> Any:
    return asyncio.run(asyncio.wait_for(main, BOUND))


@pytest.mark.parametrize("rounds", [0, 1, 3])
def test_a_group_is_left_when_all_have_ended(rounds: int) -> None:
    async def main() -> None:
        workers, ended = Workers(), list[int]()

        async def worker() -> None:
            for _ in range(rounds):
                await asyncio.sleep(0)
            ended.append(len(workers.tasks))

        async with Group(workers.tasks) as group:
            for _ in range(3):
                group.start(worker)
        assert len(ended) == 3
        assert min(ended) >= 1  # whoever runs can be stopped
        assert not workers.tasks

    run(main())


def test_a_failure_ends_the_others_and_is_raised_as_itself() -> None:
    async def main() -> None:
        workers = Workers()
        with pytest.raises(ValueError, match="the worker's own"):
            await workers.start(workers.waits, workers.waits, workers.fails, workers.waits)
        assert (workers.cleaned, workers.tasks) == (2, set())

    run(main())


def test_an_error_where_workers_are_started_ends_them() -> None:
    async def main() -> None:
        workers = Workers()
        with pytest.raises(LookupError):
            await workers.start(workers.waits, error=LookupError())
        assert (workers.cleaned, workers.tasks) == (1, set())

    run(main())


def test_who_is_cancelled_in_a_group_cancels_its_workers_and_waits_for_them() -> None:
    async def main() -> None:
        workers = Workers()
        task = asyncio.create_task(workers.start(workers.waits, workers.ends))
        await workers.started.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (workers.cleaned, workers.tasks) == (1, set())

    run(main())


def test_a_worker_that_is_cancelled_before_it_began_is_not_waited_for() -> None:
    async def main() -> None:
        workers = Workers()
        async with Group(workers.tasks) as group:
            group.start(workers.waits)
            for task in tuple(workers.tasks):
                task.cancel()
        assert not workers.tasks

    run(main())
