"""Coroutines that never suspend are run by hand; the others go on in a loop where they were."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest

from lambdarouter.engine.drive import Here, run_without_loop


class Recorded:
    """An awaitable that knows whether somebody closed it."""

    def __init__(self) -> None:
        self.closed = False

    def __await__(self) -> Generator[None, None, str]:
        yield
        return "value"

    def close(self) -> None:
        self.closed = True


def test_a_coroutine_that_never_suspends_is_done_at_once() -> None:
    async def inner() -> int:
        return 7

    async def outer() -> int:
        return await inner() + 1

    assert run_without_loop(outer()) == (True, 8)


def test_its_error_is_raised() -> None:
    async def fails() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        run_without_loop(fails())


def test_a_coroutine_that_wants_a_loop_goes_on_in_one_where_it_was() -> None:
    here, seen = Here(), list[str]()

    async def wants() -> str:
        seen.append("before")
        await here.loop()
        seen.append("after")
        await here.loop()  # it is there already
        await asyncio.sleep(0)
        return "value"

    coroutine = wants()
    assert run_without_loop(coroutine) == (False, None)
    assert seen == ["before"]
    assert not here.driven
    assert asyncio.run(coroutine) == "value"
    assert seen == ["before", "after"]


def test_what_is_to_be_awaited_is_closed_where_no_loop_is_to_be_had() -> None:
    async def wants(awaitable: object) -> None:
        await Here().loop(awaitable)

    awaitable = Recorded()
    coroutine = wants(awaitable)
    assert run_without_loop(coroutine) == (False, None)
    coroutine.close()
    assert awaitable.closed
    coroutine = wants(object())  # a future, say, which has no close
    assert run_without_loop(coroutine) == (False, None)
    coroutine.close()
