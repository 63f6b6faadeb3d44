"""A client that sends an app what AWS would send it, and returns what came of it.

What can be sent is in `requests` and `sends`. `TestClient` handles an event there and then, `AsyncTestClient` in the
test's own event loop.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from itertools import count
from json import dumps
from typing import Any, ParamSpec, TypeVar

from lambdarouter.app import App
from lambdarouter.core.route import Completion
from lambdarouter.engine.claims import claims
from lambdarouter.testing.authorize import Authorizes
from lambdarouter.testing.clock import Clock, Elapsed, Now, rules_of
from lambdarouter.testing.connections import Connections
from lambdarouter.testing.context import LambdaContext
from lambdarouter.testing.cookies import Cookies
from lambdarouter.testing.events import cron
from lambdarouter.testing.override import Override
from lambdarouter.testing.requests import Requests
from lambdarouter.testing.response import Response
from lambdarouter.testing.result import Decision, Result
from lambdarouter.testing.sends import Sends
from lambdarouter.testing.steps import DecisionT, ResponseT, ResultT, single
from lambdarouter.testing.stream import Streamed, stream_steps
from lambdarouter.testing.surroundings import Loan, environment, environment_in_turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Self, Unpack

    from lambdarouter.core.store import Store
    from lambdarouter.testing.connections import Management
    from lambdarouter.testing.requests import RequestOptions
    from lambdarouter.testing.steps import Step, Steps

__all__ = ["AsyncTestClient", "Client", "TestClient"]

P = ParamSpec("P")
T = TypeVar("T")


class Client(
    Requests[ResultT, ResponseT, DecisionT],
    Authorizes[ResultT, ResponseT, DecisionT],
    Sends[ResultT],
):
    """What both clients share: one method for each kind of event, most of them those of `Sends`.

    Every method returns a `Result`, a `Response` or a `Decision`, or a coroutine of one.
    """

    __test__ = False  # for pytest, which would collect classes whose names start with Test

    def __init__(
        self,
        app: App,
        *,
        context: LambdaContext | None = None,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        store: Store | None = None,
        strict: bool = False,
    ) -> None:
        if not isinstance(app, App):
            msg = f"app is {app!r}; a client sends its events to a lambdarouter.App"
            raise TypeError(msg)
        self.app = app
        self.headers: Mapping[str, str | Sequence[str]] = headers or {}
        self.cookies: Cookies = Cookies()
        self._context = LambdaContext() if context is None else context
        self._calls = count(1)
        self._env: Mapping[str, str | None] = {}
        self._strict = strict
        self._connections = Connections()
        self._now = Now()
        self._loan = Loan(app, store, self._now.seconds)
        self._overrides: list[Override] = []

    def given(
        self,
        *,
        timeout: float | None = None,
        memory: int | None = None,
        tenant_id: str | None = None,
        env: Mapping[str, str | None] | None = None,
    ) -> Self:
        """The same client in other circumstances: it has the same app, cookies, store and clock.

        ::

            client.given(timeout=3, env={"STAGE": "dev"}).sns("orders", {"id": 17})

        `timeout` (seconds), `memory` (MB) and `tenant_id` are the context's. `env`: environment variables during each
        call, None for one that is not set; with `AsyncTestClient`, calls that have some wait for each other.
        """
        other = copy(self)
        other._context = self._context.changed(timeout=timeout, memory=memory, tenant_id=tenant_id)  # noqa: SLF001
        other._env = {**self._env, **(env or {})}  # noqa: SLF001 - its own kind
        return other

    def override(self, dependency: Callable[..., Any], fake: Callable[..., Any]) -> Override:
        """Have handlers depend on another function instead: `client.override(get_db, fake_db)`.

        At once, and until the end of `with client.override(...)`, or the client's own. `dependency` is what handlers
        name in `Depends`, or a guard (`auth=`); `fake` may be sync, async or a generator, and have dependencies and
        parameters itself. What is made once for the app is made when the app starts, or is next asked for it.

        Raises `ConfigurationError` where no handler depends on `dependency`, and for a parameter of `fake` that nobody
        can fill where it is asked for.
        """
        override = Override(self.app, dependency, fake)
        self._overrides.append(override)
        return override

    def _end(self) -> None:
        """Leave the app as it was."""
        while self._overrides:
            self._overrides.pop().undo()
        self._loan.end()

    def invoke(self, event: Any, context: Any = None) -> ResultT:
        """Send any event. `context` is passed on as it is; by default each call gets a new one of the client's kind."""
        return self.drive(single(event, context))

    def _send(self, build: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        return self.invoke(build(*args, **kwargs))

    def tick(self, time: datetime | str, *, rule: str | None = None, schedule: str | None = None) -> ResultT:
        """Send the tick of an EventBridge rule, or of an EventBridge Scheduler `schedule`.

        `time` is a datetime or ISO 8601 text such as "2026-01-01T03:00Z". The rule is the one that `App(tick=…)` names,
        and "hourly" where it names none or several. The clock stays as it is.
        """
        _check_time(time)
        if schedule is None:
            names = list(rules_of(self.app)) if rule is None else [rule]
            return self.invoke(cron.rule(time, rule=names[0] if len(names) == 1 else "hourly"))
        if rule is not None:
            msg = "a tick comes from a rule or from a schedule: give rule= or schedule=, not both"
            raise TypeError(msg)
        return self.invoke(cron.scheduler(time, schedule=schedule))

    def _check(self, event: Any) -> None:
        """In strict mode, refuse an event that several would take."""
        if not self._strict:
            return
        names = claims(event, dict.fromkeys(route.source for route in self.app.routes))
        if len(names) > 1:
            msg = f"the event is claimed by {' and by '.join(names)}; {names[0]} gets it"
            raise ValueError(msg)

    def _next_context(self, step: Step) -> Any:
        return self._context.renewed(next(self._calls)) if step.context is None else step.context


class TestClient(Client[Result, Response, Decision]):
    """Sends an app the events AWS would send, and returns the `Result` of each.

    ::

        with TestClient(app) as client:
            assert client.get("/orders/17").status == 200
            assert client.sns("orders", {"id": 17}).error is None

    What Lambda would see as an error is the result's `error`, never raised. `with` enters the app's lifespan and
    leaves it; without `with`, it is entered before the first event, as on Lambda, and not left.

    `context` is what the context of every call is like: `TestClient(app, context=LambdaContext(timeout=3))`; `headers`
    are those of every request. An app that has a store has a `MemoryStore` in its place, new with each client, or the
    client's `store`. What handlers send to WebSocket connections is in the result's `sent`. `strict`: whether an event
    that two sources would take raises ValueError, where else the first of them gets it: AWS's own come before an app's.
    """

    @property
    def clock(self) -> Clock[Elapsed]:
        """The clock of the app's cron: `client.clock.advance(hours=3).ran`."""
        return Clock(self.app, self._now, self.drive)

    def drive(self, steps: Steps[T]) -> T:
        """Take the steps, and return what the generator returns."""
        try:
            step = next(steps)
            while True:
                step = steps.send(self._take(step))
        except StopIteration as end:
            result: T = end.value
            return result

    def _take(self, step: Step) -> Result:
        self._check(step.event)
        with _advice(), environment(self._env), self._loan, self._connections.during(step.event) as api:
            completion = self.app.complete(step.event, self._next_context(step), sink=step.sink)
            api.refused = completion.error is not None or bool(completion.failed)
        return _result(completion, step, api)

    def stream_event(self, event: Any, context: Any = None, *, take: int | None = None) -> Streamed:
        """Send any event as a front end that streams. `take`: hang up after so many chunks."""
        return self.drive(stream_steps(event, context, take))

    def stream(self, method: str, path: str, take: int | None = None, **options: Unpack[RequestOptions]) -> Streamed:
        """Send an HTTP request as a front end that streams; options as for `request`.

        ::

            streamed = client.stream("GET", "/numbers", take=2)
            assert streamed.chunks == [b"1", b"2"]
        """
        return self.drive(self._stream(method, path, take, dict(options)))

    def close(self) -> None:
        """Leave the app's lifespan, where it was entered; what `with` does at its end."""
        try:
            with _advice(), environment(self._env):
                self.app.close()
        finally:
            self._end()

    def __enter__(self) -> Self:
        self._loan.begin()
        try:
            with _advice(), environment(self._env):
                self.app.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncTestClient(
    Client[Coroutine[Any, Any, Result], Coroutine[Any, Any, Response], Coroutine[Any, Any, Decision]]
):
    """`TestClient` for async tests: the app runs in the test's event loop, and every call is awaited.

    ::

        async with AsyncTestClient(app) as client:
            assert (await client.get("/orders/17")).status == 200
    """

    @property
    def clock(self) -> Clock[Coroutine[Any, Any, Elapsed]]:
        """The clock of the app's cron: `(await client.clock.advance(hours=3)).ran`."""
        return Clock(self.app, self._now, self.drive)

    async def drive(self, steps: Steps[T]) -> T:
        """Take the steps, and return what the generator returns."""
        try:
            step = next(steps)
            while True:
                step = steps.send(await self._take(step))
        except StopIteration as end:
            result: T = end.value
            return result

    async def _take(self, step: Step) -> Result:
        self._check(step.event)
        async with environment_in_turn(self._env):
            with self._loan, self._connections.during(step.event) as api:
                completion = await self.app.acomplete(step.event, self._next_context(step), sink=step.sink)
                api.refused = completion.error is not None or bool(completion.failed)
        return _result(completion, step, api)

    async def stream_event(self, event: Any, context: Any = None, *, take: int | None = None) -> Streamed:
        """Send any event as a front end that streams. `take`: hang up after so many chunks."""
        return await self.drive(stream_steps(event, context, take))

    async def stream(
        self, method: str, path: str, take: int | None = None, **options: Unpack[RequestOptions]
    ) -> Streamed:
        """Send an HTTP request as a front end that streams; options as for `request`."""
        return await self.drive(self._stream(method, path, take, dict(options)))

    async def aclose(self) -> None:
        """Leave the app's lifespan, where it was entered; what `async with` does at its end."""
        try:
            async with environment_in_turn(self._env):
                await self.app.aclose()
        finally:
            self._end()

    async def __aenter__(self) -> Self:
        self._loan.begin()
        try:
            async with environment_in_turn(self._env):
                await self.app.astart()
        except BaseException:
            self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@contextmanager
def _advice() -> Iterator[None]:
    """Say of a running event loop what a test does about it, where the app says what an app does."""
    try:
        yield
    except RuntimeError as error:
        if "inside a running event loop" not in str(error):
            raise
        msg = (
            "a TestClient was called inside a running event loop, and the app needs one of its own (an async handler, "
            "several calls at once, a lifespan): in an async test, use `async with AsyncTestClient(app) as client` and "
            "await what its methods return"
        )
        raise RuntimeError(msg) from error


def _result(completion: Completion, step: Step, api: Management) -> Result:
    """Lambda sends replies as JSON: one that has no such form is an error there, so it is one here."""
    try:
        dumps(completion.reply)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"Lambda cannot send this reply as JSON: {error}"
        failure = TypeError(msg)
        failure.__cause__ = error
        completion = Completion(completion.name, completion.outcomes, error=failure)
    result = Result(completion, step.event)
    result.sent, result.closed = api.sent, api.closed
    return result


def _check_time(time: Any) -> None:
    wanted = f"time is {time!r}; it is a datetime or ISO 8601 text such as '2026-01-01T03:00Z'"
    if isinstance(time, str):
        try:
            datetime.fromisoformat(time)
        except ValueError:
            raise ValueError(wanted) from None
    elif not isinstance(time, datetime):
        raise TypeError(wanted)
