"""The concurrent loop: AWS_LAMBDA_MAX_CONCURRENCY invocations at once, in one process.

Lambda Managed Instances keep as many `/invocation/next` open as the function may have invocations at once. Each is
polled by a thread of its own, on a connection of its own, which hands the event to the one event loop, on the main
thread, and answers with what comes of it. Async handlers share that loop; sync ones run in threads of anyio's.

A poller waits no longer than its invocation has time, so that it answers even where another invocation's code blocks
the loop. https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from functools import partial

import anyio

from lambdarouter.engine.loop import event_loop
from lambdarouter.errors import DeadlineExceeded
from lambdarouter.runtime.log import ERROR, WARNING, log
from lambdarouter.runtime.loop import Exit, Loop, TerminatedError
from lambdarouter.runtime.memory import resident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from typing import Any

    from lambdarouter.core.stream import Sink
    from lambdarouter.runtime.client import Client
    from lambdarouter.runtime.context import LambdaContext
    from lambdarouter.runtime.loop import Completed, Target

__all__ = ["Concurrent"]

# Of a deadline's margin, kept for sending the answer once nothing else can be waited for.
_LAST = 0.03


class Concurrent:
    """Serves `count` invocations at once. Ends by raising, as `Loop` does.

    A handler that ends the process (`sys.exit`) fails its own invocation only: the others are not its to end.
    """

    def __init__(
        self,
        target: Target,
        connect: Callable[[], Client],
        count: int,
        *,
        streaming: bool = False,
        memory: int = 0,
    ) -> None:
        self._target = target
        self._connect = connect
        self._count = count
        self._streaming = streaming
        self._memory = memory
        self._loop = event_loop()
        # A thread that could not be stopped keeps its place; by the time all are taken, the environment is given up.
        self._threads: anyio.CapacityLimiter | None = None
        self._busy = 0
        # Whether an invocation could not even be cancelled, because the event loop did not come round.
        self._blocked = False
        self._lock = threading.Lock()
        self._over: asyncio.Future[None] = self._loop.create_future()

    def run(self) -> None:
        """Serve for ever."""
        self._loop.run_until_complete(self._open())
        self._wake_for_signals()
        for number in range(self._count):
            # Daemons: nothing wakes a thread that waits for the next invocation.
            threading.Thread(target=self._poll, name=f"poller-{number}", daemon=True).start()
        while True:
            try:
                self._loop.run_until_complete(self._over)
            except (SystemExit, KeyboardInterrupt) as error:
                # asyncio lets these out of the loop, whoever raised them; a handler's is reported by its poller.
                if not self._busy or isinstance(error, TerminatedError):
                    raise

    def _wake_for_signals(self) -> None:
        """Have every signal wake the event loop.

        Python's handler, which raises `TerminatedError`, runs between two bytecodes. A signal that comes after the last
        of them and before the loop sleeps would otherwise wait for the next invocation.
        """
        read, write = os.pipe()
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self._loop.add_reader(read, os.read, read, 512)

    async def _open(self) -> None:
        self._threads = anyio.CapacityLimiter(2 * self._count)

    def _poll(self) -> None:
        client = self._connect()
        serve = Loop(self, client, streaming=self._streaming, threads=self._threads).serve
        try:
            while True:
                invocation = client.next()
                with self._lock:
                    self._busy += 1
                try:
                    serve(invocation)
                except Exit:
                    log.note(WARNING, "the handler asked to end the process", requestId=invocation.request_id)
                finally:
                    with self._lock:
                        self._busy -= 1
                if self._blocked or self._target.tainted or (self._memory and resident() >= self._memory):
                    self._give_up()
        except BaseException as error:  # noqa: BLE001 - of the API: whatever it is, it is the end of the process
            self._end(error)

    def _give_up(self) -> None:
        """Once no other invocation is in progress, end the process: what could not be stopped still runs in it."""
        with self._lock:
            if self._busy:
                return
        log.note(WARNING, "something could not be stopped, or memory has grown too large: this environment is given up")
        # From this thread: the main one may be what could not be stopped.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)

    def _end(self, error: BaseException) -> None:
        def end() -> None:
            if not self._over.done():
                self._over.set_exception(error)
            else:
                log.note(ERROR, str(error))

        self._loop.call_soon_threadsafe(end)

    # A target, as the classic loop sees it: an event is handled in the event loop, and waited for here. ---------------

    @property
    def tainted(self) -> bool:
        """Never: it is looked at when the others are done, too."""
        return False

    def start(self) -> None:
        """It was started before it was served."""

    def __call__(self, event: Any, context: LambdaContext, *, sink: Sink | None = None) -> Any:
        """Handle an event in the event loop, and wait for it, for as long as the invocation has time."""
        work = partial(self._target.acomplete, event, context, sink=sink, threads=self._threads)
        done: Future[Completed] = asyncio.run_coroutine_threadsafe(work(), self._loop)
        try:
            completion = done.result(max(0.0, context.get_remaining_time_in_millis() / 1000 - _LAST))
        except TimeoutError:
            if done.cancel():  # unless it is done by now
                self._blocked = True
                msg = "the event could not be handled in time: another invocation's code blocks the event loop"
                raise DeadlineExceeded(msg) from None
            completion = done.result()
        return completion.unwrap()
