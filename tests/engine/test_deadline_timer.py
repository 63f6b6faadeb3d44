"""The timer behind the deadline: for its own event only, and never in the way of the app."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from typing import Annotated, Any

from lambdarouter import Depends, Record
from lambdarouter.engine.deadline import uninterrupted
from tests.engine.batch import BatchTrigger, LambdaContext, batch, fresh, statuses
from tests.engine.hang import LATE, in_time, limit, make_app, margin, sleep, still_works, swallow_always
from tests.pace import in_real_time

pytestmark = in_real_time


def test_an_event_without_a_deadline_is_never_interrupted(release: threading.Event) -> None:
    app = make_app()

    @app.on(BatchTrigger())
    def handler(text: str) -> None:
        if text == "hang":
            sleep(release)
        time.sleep(limit() + margin())

    assert statuses(in_time(app, batch("hang"))) == [LATE]
    # The timer that was armed for the first event rings on while the second runs.
    assert statuses(app.complete(batch("slow"))) == ["ok"]


def test_the_timer_of_an_event_that_was_done_early_rings_in_no_later_one(release: threading.Event) -> None:
    app = make_app()

    @app.on(BatchTrigger())
    def blocks(text: str) -> None:
        time.sleep(0.0 if text == "quick" else 3 * limit())

    @app.on(BatchTrigger("async"))
    async def awaits(text: str) -> None:
        await asyncio.sleep(0.0 if text == "quick" else 3 * limit())

    for to in ("", "async"):
        assert statuses(app.complete(batch({"to": to, "text": "quick"}), LambdaContext(limit() + margin()))) == ["ok"]
        assert statuses(app.complete(batch({"to": to, "text": "slow"}))) == ["ok"]
        assert statuses(app.complete(batch({"to": to, "text": "quick"}), LambdaContext(limit() + margin()))) == ["ok"]
        assert statuses(app.complete(batch({"to": to, "text": "slow"}), LambdaContext(60))) == ["ok"]


def test_a_timer_that_rings_early_rings_again_in_time(release: threading.Event) -> None:
    app = make_app()

    @app.on(BatchTrigger())
    def handler(text: str) -> None:
        if text == "hang":
            sleep(release)

    # The first event's timer is left as it is for the second.
    assert statuses(app.complete(batch("quick"), LambdaContext(limit() / 2 + margin()))) == ["ok"]
    assert statuses(in_time(app, batch("hang"))) == [LATE]


def test_a_timer_that_was_taken_away_is_set_anew_in_the_next_event(release: threading.Event) -> None:
    app = make_app()

    @app.on(BatchTrigger())
    def handler(text: str) -> None:
        if text == "hang":
            sleep(release)
        signal.setitimer(signal.ITIMER_REAL, 0)  # as a library's own time limit does when it ends

    assert statuses(app.complete(batch("x"), LambdaContext(limit() + margin()))) == ["ok"]
    assert statuses(in_time(app, batch("hang"))) == [LATE]


WITHOUT_SIGNAL = """
import os, sys, time
from lambdarouter import App

pace = float(os.environ["LAMBDAROUTER_TESTS_PACE"])  # tests.pace would import signal
app = App(deadline_margin=0.1 * pace)

class Context:
    def __init__(self):
        self.end = time.monotonic() + 0.5 * pace

    def get_remaining_time_in_millis(self):
        return (self.end - time.monotonic()) * 1000

@app.get("/{seconds:int}")
def wait(seconds):
    time.sleep(seconds)
    return {}

def ask(seconds):
    request = {"version": "2.0", "rawPath": f"/{seconds}", "requestContext": {"http": {"method": "GET"}}}
    return app(request, Context())["statusCode"]

statuses = [ask(0), ask(0), ask(20), ask(0)]
child = os.fork()
if child == 0:
    os._exit(ask(20) == 504)
print(*statuses, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), ask(20), "signal" in sys.modules)
"""


def test_a_timer_that_nobody_can_have_taken_away_is_not_asked_and_still_rings() -> None:
    done = fresh(WITHOUT_SIGNAL)
    # The child is a process without a timer, until it sets its own.
    assert done.stdout.split() == ["200", "200", "504", "200", "1", "504", "False"], done.stderr


def test_a_ring_that_is_late_itself_blames_nobody(release: threading.Event) -> None:
    app, done = make_app(), []

    @app.on(BatchTrigger())
    async def handler() -> None:
        time.sleep(limit() + margin() / 16)  # noqa: ASYNC251 - the first ring asks whether anybody blocks the loop
        # As far as the timer can tell, the process now stands still.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(margin() / 4)  # noqa: ASYNC251
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
        done.append("went on")

    assert statuses(in_time(app, batch("x"))) == ["ok"]
    assert done == ["went on"]


def test_the_engines_own_code_is_not_interrupted(release: threading.Event) -> None:
    app, done = make_app(), []

    @uninterrupted
    def starts_a_thread() -> None:
        time.sleep(limit() + margin() / 2)
        done.append("started")

    @app.on(BatchTrigger())
    async def handler() -> None:
        await asyncio.sleep(0)
        starts_a_thread()
        await asyncio.Event().wait()

    assert statuses(in_time(app, batch("x"))) == [LATE]
    assert done == ["started"]
    still_works(app)


def in_another_thread(work: Callable[[], Any]) -> Any:
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join(60)
    assert results
    return results[0]


def test_off_the_main_thread_what_awaits_is_cancelled(release: threading.Event) -> None:
    app = make_app()

    @app.on(BatchTrigger())
    async def handler(text: str) -> None:
        if text == "hang":
            await asyncio.Event().wait()
        await asyncio.sleep(limit() if text == "slow" else 0)

    def events() -> list[list[str]]:
        return [
            statuses(in_time(app, batch("a", "hang"))),
            statuses(app.complete(batch("quick"), LambdaContext(limit() + margin()))),
            # What was set for the event before must not cut this one short.
            *(statuses(app.complete(batch("slow"))) for _ in range(3)),
            # It rings early for the one behind it, or has to ring earlier than it was set.
            statuses(app.complete(batch("quick"), LambdaContext(limit() / 2 + margin()))),
            statuses(in_time(app, batch("hang"))),
            statuses(app.complete(batch("quick"), LambdaContext(60))),
            statuses(in_time(app, batch("hang"))),
        ]

    assert in_another_thread(events) == [["ok", LATE], *[["ok"]] * 5, [LATE], ["ok"], [LATE]]
    assert not app._engine.environment.tainted


def test_off_the_main_thread_what_swallows_its_cancellation_is_left_behind(release: threading.Event) -> None:
    app = make_app()

    @app.on(BatchTrigger())
    async def handler() -> None:
        await swallow_always(release)

    def events() -> list[list[str]]:
        late = statuses(in_time(app, batch("x")))
        release.set()
        return [late, statuses(app.complete(batch("x", "y")))]  # the same loop, in which the first one can end now

    assert in_another_thread(events) == [[LATE], ["ok", "ok"]]
    assert app._engine.environment.tainted


def test_off_the_main_thread_a_sync_handler_that_ends_late_is_done(release: threading.Event) -> None:
    app = make_app()

    @app.on(BatchTrigger(concurrency=1))
    def handler() -> None:
        time.sleep(2 * limit())

    def event() -> list[str]:
        return statuses(app.complete(batch("x", "y"), LambdaContext(limit() + margin())))

    assert in_another_thread(event) == ["ok", LATE]


def test_an_awaitable_that_is_given_after_the_limit_is_closed() -> None:
    app = make_app()
    given: list[Any] = []

    async def later() -> None: ...

    @app.on(BatchTrigger())
    def handler() -> Any:
        time.sleep(2 * limit())
        given.append(later())
        return given[0]

    def event() -> list[str]:
        assert statuses(app.complete({"batch": []})) == []
        return statuses(in_time(app, batch("x")))

    assert in_another_thread(event) == [LATE]
    assert given[0].cr_frame is None


FOREIGN = """
import asyncio, signal, time
from lambdarouter import App
from tests.engine.batch import BatchTrigger, LambdaContext, batch, statuses
from tests.pace import seconds

rings = []
def mine(signum, frame):
    rings.append(signum)

signal.signal(signal.SIGALRM, mine)
signal.setitimer(signal.ITIMER_REAL, seconds(0.1))
app = App(deadline_margin=seconds(0.3))

@app.on(BatchTrigger())
async def awaits():
    await asyncio.Event().wait()

@app.on(BatchTrigger("sync"))
def blocks():
    time.sleep(seconds(0.6))

assert statuses(app.complete(batch("x"), LambdaContext(seconds(0.5)))) == ["DeadlineExceeded"]
assert not app._engine.environment.tainted
# Nobody can stop this one: the signal is the app's own.
assert statuses(app.complete(batch({"to": "sync"}), LambdaContext(seconds(0.5)))) == ["ok"]
assert signal.getsignal(signal.SIGALRM) is mine
assert len(rings) == 1, rings
"""


def test_a_signal_handler_of_the_apps_own_is_left_alone() -> None:
    ran = fresh(FOREIGN)
    assert ran.returncode == 0, ran.stderr


FOREIGN_LATER = """
import asyncio, signal, time
from lambdarouter import App
from tests.engine.batch import BatchTrigger, LambdaContext, batch, statuses
from tests.pace import seconds

app, rings = App(deadline_margin=seconds(0.1)), []

@app.on(BatchTrigger())
def takes_the_signal():
    signal.signal(signal.SIGALRM, lambda *_: rings.append(1))

@app.on(BatchTrigger("sync"))
def blocks():
    time.sleep(seconds(0.3))

assert statuses(app.complete(batch("x"), LambdaContext(60))) == ["ok"]
theirs = signal.getsignal(signal.SIGALRM)
assert statuses(app.complete(batch({"to": "sync"}), LambdaContext(seconds(0.2)))) == ["ok"]
assert signal.getsignal(signal.SIGALRM) is theirs
assert not rings, rings
signal.setitimer(signal.ITIMER_REAL, 0.01)
time.sleep(seconds(0.1))
assert len(rings) == 1, rings
"""


def test_a_signal_handler_that_the_app_sets_later_is_left_alone_too() -> None:
    ran = fresh(FOREIGN_LATER)
    assert ran.returncode == 0, ran.stderr


def test_of_several_events_in_one_loop_only_a_late_one_is_interrupted(release: threading.Event) -> None:
    app, order = make_app(), []

    @app.on(BatchTrigger())
    async def handler(text: str) -> None:
        await asyncio.sleep(0)
        try:
            if text == "waits":
                await asyncio.Event().wait()
            time.sleep(3 * limit())  # noqa: ASYNC251 - beyond the limit of the one that waits
        finally:
            order.append(text)

    async def events() -> list[list[str]]:
        late = app.acomplete(batch("waits"), LambdaContext(limit() + margin()))
        blocks = app.acomplete(batch("blocks"), LambdaContext(60))
        return [statuses(completion) for completion in await asyncio.gather(late, blocks)]

    assert asyncio.run(events()) == [[LATE], ["ok"]]
    assert order == ["blocks", "waits"]
    still_works(app)


def test_of_several_events_in_one_loop_each_that_blocks_beyond_its_limit_is_interrupted(
    release: threading.Event,
) -> None:
    app = make_app()

    @app.on(BatchTrigger())
    async def handler(text: str) -> None:
        await asyncio.sleep(0)
        if text == "blocks":
            await asyncio.create_task(in_a_task_of_its_own())

    async def in_a_task_of_its_own() -> None:
        time.sleep(60)  # noqa: ASYNC251 - as it should not

    async def events() -> list[list[str]]:
        patient = app.acomplete(batch("a"), LambdaContext(60))
        blocks = app.acomplete(batch("blocks"), LambdaContext(limit() + margin()))
        rest = app.acomplete(batch("b"), LambdaContext(60))
        return [statuses(completion) for completion in await asyncio.gather(patient, blocks, rest)]

    assert asyncio.run(events()) == [["ok"], [LATE], ["ok"]]
    still_works(app)


def test_of_several_events_in_one_loop_the_calls_of_one_that_blocks_are_known_by_their_event(
    release: threading.Event,
) -> None:
    app = make_app()

    def read(record: Record) -> str:
        return record.id

    @app.on(BatchTrigger())
    async def handler(text: str, _id: Annotated[str, Depends(read)]) -> None:  # each call has a scope of its own
        await asyncio.sleep(0)
        if text == "blocks":
            time.sleep(60)  # noqa: ASYNC251 - as it should not

    async def events() -> list[list[str]]:
        patient = app.acomplete(batch("a", "b"), LambdaContext(60))
        blocks = app.acomplete(batch("blocks", "c"), LambdaContext(limit() + margin()))
        return [statuses(completion) for completion in await asyncio.gather(patient, blocks)]

    patient, blocks = asyncio.run(events())
    assert patient == ["ok", "ok"]
    assert blocks[0] == LATE
    still_works(app)


FIRST_IN_A_THREAD = """
import threading, time
from lambdarouter import App
from tests.engine.batch import BatchTrigger, LambdaContext, batch, statuses
from tests.pace import seconds

app, seen, there, release = App(deadline_margin=seconds(0.3)), [], threading.Event(), threading.Event()

@app.on(BatchTrigger())
def handler(text: str):
    if text == "first":
        there.set()
        release.wait(60)
    else:
        time.sleep(seconds(0.3) if text == "slow" else 60)

def first():
    seen.append(app.complete(batch("first"), LambdaContext(seconds(0.4))))

thread = threading.Thread(target=first)
thread.start()
there.wait()
# The first one is late meanwhile, which is nothing to the main thread.
assert statuses(app.complete(batch("slow"), LambdaContext(60))) == ["ok"]
assert statuses(app.complete(batch("blocks"), LambdaContext(seconds(0.5)))) == ["DeadlineExceeded"]
release.set()
thread.join()
assert statuses(seen[0]) == ["ok"]
"""


def test_a_first_event_off_the_main_thread_does_without_the_timer_and_leaves_it_to_the_main_thread() -> None:
    ran = fresh(FIRST_IN_A_THREAD)
    assert ran.returncode == 0, ran.stderr
