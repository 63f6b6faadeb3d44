"""Calls side by side: workers, in tasks or in threads, all of which take from one queue.

One thread or task per worker, never per record, in one task group; and no more of them than are needed: they start in
rounds, each of which finds what those before it left, and where nothing ever waits, the first does everything.
"""

from __future__ import annotations

from contextvars import copy_context
from functools import partial

from lambdarouter.core.signature import call_kind
from lambdarouter.engine.attempt import in_thread, is_ours, this_task
from lambdarouter.engine.deadline import uninterrupted
from lambdarouter.engine.drive import Here, run_without_loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Event, Task
    from collections import deque
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from contextvars import Context
    from typing import Any, Literal, TypeAlias, TypeVar

    from anyio import CapacityLimiter
    from anyio.abc import TaskGroup

    from lambdarouter.core.invocation import Middleware
    from lambdarouter.core.route import Route
    from lambdarouter.engine.work import Work

    T = TypeVar("T")
    # Makes calls until the queue is empty; True: one wanted an event loop and got it, the others are to be made where
    # this began.
    Calls: TypeAlias = Callable[[Here], Coroutine[Any, Any, bool]]

    # Where a route's calls are made: in tasks of the loop; in this thread, as the handler may not be thread-safe; in
    # worker threads; or in tasks whose sync handlers alone are called in threads, as something around them awaits.
    Place: TypeAlias = Literal["tasks", "here", "threads", "tasks and threads"]

__all__ = ["Crew", "drained", "is_async", "most_at_once", "place_of", "side_by_side"]

_CONCURRENT_TASKS, _CONCURRENT_THREADS = 100, 10

# Of the workers' tasks. Where none is given, anyio makes one for each: 4,000 of the 215,000 instructions of a worker.
_NAME = "lambdarouter worker"


class Crew:
    """At most so many workers. Each makes `calls`, taken from where all take them; `left` says how many are there."""

    __slots__ = ("_begun", "_calls", "_here", "_left", "_most", "_started", "_this_task", "_work", "limiter", "place")

    def __init__(self, work: Work, place: Place, most: int, left: Callable[[], int], calls: Calls) -> None:
        from asyncio import current_task  # noqa: PLC0415 - loaded: crews work in a loop

        self._work = work
        self._left = left
        self._calls = calls
        self._most = min(most, left())
        self._started = 0
        # An item for each worker that is at work, or was.
        self._begun: list[None] = []
        self.place: Place = place
        self.limiter: CapacityLimiter | None = None
        if place in ("threads", "tasks and threads"):
            from anyio import CapacityLimiter  # noqa: PLC0415 - only where threads are used

            self.limiter = CapacityLimiter(self._most)
        # The same for all its tasks.
        self._here = Here.in_loop(self.limiter)
        # Kept: to import it in each worker takes 6,000 of the worker's 215,000 instructions.
        self._this_task: Callable[[], Any] = current_task

    def grow(self, group: TaskGroup, news: Event) -> bool:
        """Start as many workers again as there are. False: there may be no more, or there is nothing for them to do.

        Until all have begun, nobody knows whether more are needed; `news` is set when a thread has, or is done.
        """
        if len(self._begun) < self._started:
            return True
        more = min(self._started or 1, self._most - self._started, self._left())
        for _ in range(more):
            group.start_soon(self._run, news, name=_NAME)
        self._started += more
        return more > 0

    async def _run(self, news: Event) -> None:
        task, tasks = self._this_task(), self._work.deadline.tasks
        tasks.add(task)
        try:
            if self.place == "threads":
                await self._thread(news)
            else:
                self._begun.append(None)
                await self._calls(self._here)
        finally:
            tasks.discard(task)

    async def _thread(self, news: Event) -> None:
        from asyncio import get_running_loop  # noqa: PLC0415 - in a loop it is loaded

        tell = partial(get_running_loop().call_soon_threadsafe, news.set)
        try:
            await in_thread(self._work, self.limiter, self._in_thread, this_task(), tell)
        except BaseException as error:
            # At the limit the thread is left behind: its calls stay without an outcome, which is reported.
            if not is_ours(error, self._work.deadline):
                raise
        finally:
            news.set()

    def _in_thread(self, worker: Task[Any], tell: Callable[[], object]) -> None:
        self._begun.append(None)
        tell()
        while not self._work.deadline.stopped:
            coroutine, context = self._calls(Here()), copy_context()
            if context.run(run_without_loop, coroutine)[0]:
                return
            # It wants an event loop after all (a sync function gave an awaitable): the one that waits for this thread.
            from anyio import from_thread  # noqa: PLC0415 - loaded: this is one of its threads

            from_thread.run(_adopt, self._work, coroutine, context, worker)


@uninterrupted
async def side_by_side(work: Work, crews: Sequence[Crew]) -> None:
    """Have these crews make their calls, and wait for all. Runs in an event loop."""
    from asyncio import Event, sleep  # noqa: PLC0415 - in a loop it is loaded

    from anyio import create_task_group  # noqa: PLC0415 - only for several calls

    deadline, news = work.deadline, Event()
    # The workers are stopped one by one; this task waits for them.
    root = this_task()
    deadline.tasks.discard(root)
    try:
        async with create_task_group() as group:
            # What blocks this thread comes last: it would keep the others from starting.
            for here in (False, True):
                growing = [crew for crew in crews if (crew.place == "here") is here]
                while growing and not (deadline.stopped or deadline.expired):
                    news.clear()
                    growing = [crew for crew in growing if crew.grow(group, news)]
                    if growing and all(crew.place == "threads" for crew in growing):
                        await news.wait()
                    await sleep(0)  # lets them begin, which may be all that it takes
    finally:
        deadline.tasks.add(root)


async def _adopt(work: Work, coroutine: Coroutine[Any, Any, bool], context: Context, worker: Task[Any]) -> None:
    from asyncio import get_running_loop  # noqa: PLC0415 - a started coroutine goes on only as a task

    task = get_running_loop().create_task(coroutine, context=context)
    # Meanwhile this is what the limit stops: the thread does nothing but wait for it.
    work.deadline.tasks.discard(worker)
    work.deadline.tasks.add(task)
    try:
        await task
    finally:
        work.deadline.tasks.discard(task)
        work.deadline.tasks.add(worker)


def drained(queue: deque[T]) -> Iterator[T]:
    """What is in a queue from which others take, too, threads among them."""
    while True:
        try:
            yield queue.popleft()
        except IndexError:
            return


def place_of(route: Route, middleware: Sequence[Middleware]) -> Place:
    """Where the calls of a route are made."""
    if route.handler.is_async:
        return "tasks"
    if route.trigger.concurrency == 1:
        return "here"
    return "tasks and threads" if is_async(route, middleware) else "threads"


def most_at_once(route: Route) -> int:
    """How many calls of a route may be made at once."""
    return route.trigger.concurrency or (_CONCURRENT_TASKS if route.handler.is_async else _CONCURRENT_THREADS)


def is_async(route: Route, middleware: Sequence[Middleware]) -> bool:
    """Whether any part of the route's calls awaits."""
    return (
        route.handler.is_async
        or any(dependency.is_async for dependency in route.handler.dependencies)
        or any(call_kind(layer) == "async generator" for layer in (*middleware, *route.middleware))
    )
