"""A client that sends an app what AWS would send it, and returns what came of it.

What can be sent is in `requests` and `sends`. `TestClient` handles an event there and then, `AsyncTestClient` in the
test's own event loop.
"""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Coroutine, Mapping
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from datetime import datetime
from itertools import count
from json import dumps
from typing import Any, TypeVar

from lambdarouter.app import App
from lambdarouter.core.route import Completion
from lambdarouter.testing.context import LambdaContext
from lambdarouter.testing.cookies import Cookies
from lambdarouter.testing.events import authorizer, cron
from lambdarouter.testing.form import text_pairs
from lambdarouter.testing.requests import Requests, check_path, grouped, one_of
from lambdarouter.testing.response import Response
from lambdarouter.testing.result import Decision, Result
from lambdarouter.testing.sends import Sends
from lambdarouter.testing.steps import DecisionT, ResponseT, ResultT, decision, single
from lambdarouter.testing.stream import Streamed, stream_steps
from lambdarouter.testing.surroundings import StoreLoan, environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from typing import Literal, Self, Unpack

    from lambdarouter.core.store import Store
    from lambdarouter.testing.requests import RequestOptions
    from lambdarouter.testing.steps import Step, Steps

    Kind = Literal["authorizer.token", "authorizer.request_v1", "authorizer.request_v2", "authorizer.websocket"]

__all__ = ["AsyncTestClient", "Client", "TestClient"]

T = TypeVar("T")

_AUTHORIZERS = {
    "authorizer.token": authorizer.token,
    "authorizer.request_v1": authorizer.request_v1,
    "authorizer.request_v2": authorizer.request_v2,
    "authorizer.websocket": authorizer.websocket,
}


class Client(Requests[ResultT, ResponseT, DecisionT], Sends[ResultT]):
    """What both clients share: one method for each kind of event.

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
    ) -> None:
        if not isinstance(app, App):
            msg = f"app is {app!r}; a client sends its events to a lambdarouter.App"
            raise TypeError(msg)
        self.app = app
        self.headers = headers or {}
        self.cookies = Cookies()
        self._context = LambdaContext() if context is None else context
        self._calls = count(1)
        self._env: Mapping[str, str | None] = {}
        # Of the process, so for one call at a time.
        self._turn = Lock()
        self._loan = StoreLoan(app, store)

    def given(
        self,
        *,
        timeout: float | None = None,
        memory: int | None = None,
        tenant_id: str | None = None,
        env: Mapping[str, str | None] | None = None,
    ) -> Self:
        """The same client in other circumstances: it has the same app, cookies and store.

        ::

            client.given(timeout=3, env={"STAGE": "dev"}).sns("orders", {"id": 17})

        `timeout` (seconds), `memory` (MB) and `tenant_id` are the context's. `env`: environment variables during each
        call, None for one that is not set; with `AsyncTestClient`, calls that have some wait for each other.
        """
        other = copy(self)
        other._context = self._context.changed(timeout=timeout, memory=memory, tenant_id=tenant_id)  # noqa: SLF001
        other._env = {**self._env, **(env or {})}  # noqa: SLF001 - its own kind
        return other

    def invoke(self, event: Any, context: Any = None) -> ResultT:
        """Send any event. `context` is passed on as it is; by default each call gets a new one of the client's kind."""
        return self.drive(single(event, context))

    def authorize(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        token: str | None = None,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        params: Mapping[str, Any] | None = None,
        kind: Kind | None = None,
        stage: str | None = None,
    ) -> DecisionT:
        """Ask the app's authorizer what API Gateway asks it about a request.

        `token` is the whole Authorization header, such as "Bearer abc". `kind` is "authorizer.token" where there is a
        token and nothing else, else "authorizer.request_v2". A WebSocket authorizer ("authorizer.websocket") is asked
        about `$connect`, whatever the method and path.
        """
        alone = token is not None and headers is None and params is None
        kind = kind or ("authorizer.token" if alone else "authorizer.request_v2")
        build: Any = one_of(_AUTHORIZERS, kind, "kind")
        check_path(path)
        options: dict[str, Any] = {} if stage is None else {"stage": stage}
        if kind == "authorizer.token":
            if token is None or not alone:
                msg = "a TOKEN authorizer is asked about a token and nothing else: give token=, no headers= or params="
                raise TypeError(msg)
            return self.drive(decision(build(method, path, token, **options)))
        sent = grouped(text_pairs(headers, "headers"))
        if token is not None:
            sent = {"Authorization": [token], **sent}
        about = () if kind == "authorizer.websocket" else (method, path)
        event = build(*about, headers=sent, query=grouped(text_pairs(params, "params")), **options)
        return self.drive(decision(event))

    def tick(self, time: datetime | str, *, rule: str | None = None, schedule: str | None = None) -> ResultT:
        """Send the tick of an EventBridge rule (by default "hourly"), or of an EventBridge Scheduler `schedule`.

        `time` is a datetime or ISO 8601 text such as "2026-01-01T03:00Z".
        """
        _check_time(time)
        if schedule is None:
            return self.invoke(cron.rule(time, rule="hourly" if rule is None else rule))
        if rule is not None:
            msg = "a tick comes from a rule or from a schedule: give rule= or schedule=, not both"
            raise TypeError(msg)
        return self.invoke(cron.scheduler(time, schedule=schedule))

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
    client's `store`.
    """

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
        with _advice(), environment(self._env), self._loan:
            completion = self.app.complete(step.event, self._next_context(step), sink=step.sink)
        return _result(completion, step)

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
            self._loan.end()

    def __enter__(self) -> Self:
        self._loan.begin()
        try:
            with _advice(), environment(self._env):
                self.app.start()
        except BaseException:
            self._loan.end()
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
        async with self._surroundings():
            with self._loan:
                completion = await self.app.acomplete(step.event, self._next_context(step), sink=step.sink)
        return _result(completion, step)

    @asynccontextmanager
    async def _surroundings(self) -> AsyncIterator[None]:
        if not self._env:
            yield
            return
        async with self._turn:
            with environment(self._env):
                yield

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
            async with self._surroundings():
                await self.app.aclose()
        finally:
            self._loan.end()

    async def __aenter__(self) -> Self:
        self._loan.begin()
        try:
            async with self._surroundings():
                await self.app.astart()
        except BaseException:
            self._loan.end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@contextmanager
def _advice() -> Iterator[None]:
    """Add to what the app says of a running event loop what a test does about it."""
    try:
        yield
    except RuntimeError as error:
        if "inside a running event loop" in str(error):
            error.add_note("in an async test, use AsyncTestClient")
        raise


def _result(completion: Completion, step: Step) -> Result:
    """Lambda sends replies as JSON: one that has no such form is an error there, so it is one here."""
    try:
        dumps(completion.reply)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"Lambda cannot send this reply as JSON: {error}"
        failure = TypeError(msg)
        failure.__cause__ = error
        completion = Completion(completion.name, completion.outcomes, error=failure)
    return Result(completion, step.event)


def _check_time(time: Any) -> None:
    wanted = f"time is {time!r}; it is a datetime or ISO 8601 text such as '2026-01-01T03:00Z'"
    if isinstance(time, str):
        try:
            datetime.fromisoformat(time)
        except ValueError:
            raise ValueError(wanted) from None
    elif not isinstance(time, datetime):
        raise TypeError(wanted)
