"""A client that sends an app what AWS would send it, and returns what came of it.

`Client` makes an event of every call and hands it to `invoke`; `TestClient` handles it there and then,
`AsyncTestClient` in the test's own event loop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping
from contextlib import contextmanager
from datetime import datetime
from json import dumps
from typing import Any, Generic, TypeVar

from lambdarouter.app import App
from lambdarouter.core.route import Completion
from lambdarouter.testing.context import LambdaContext
from lambdarouter.testing.events import authorizer, cron, http, ses, sns, sqs
from lambdarouter.testing.stream import Streamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal, Self, TypedDict, Unpack

    Gateway = Literal["http.rest", "http.v2", "http.url", "http.alb", "http.lattice_v1", "http.lattice_v2"]
    Kind = Literal["authorizer.token", "authorizer.request_v1", "authorizer.request_v2", "authorizer.websocket"]

    class RequestOptions(TypedDict, total=False):
        """What a request may have; from `stage` on, what only some gateways know."""

        gateway: Gateway
        headers: Mapping[str, str | Sequence[str]] | None
        query: Mapping[str, str | Sequence[str]] | None
        cookies: Mapping[str, str] | None
        body: str | bytes | None
        json: Any
        stage: str
        authorizer: Mapping[str, Any] | None
        resource: str
        route_key: str
        stage_variables: Mapping[str, str] | None
        iam: Mapping[str, Any] | None
        multi_value: bool
        identity: Mapping[str, Any] | None


__all__ = ["AsyncTestClient", "Client", "TestClient"]

R = TypeVar("R")

_GATEWAYS = {
    "http.rest": http.rest,
    "http.v2": http.v2,
    "http.url": http.url,
    "http.alb": http.alb,
    "http.lattice_v1": http.lattice_v1,
    "http.lattice_v2": http.lattice_v2,
}
_AUTHORIZERS = {
    "authorizer.token": authorizer.token,
    "authorizer.request_v1": authorizer.request_v1,
    "authorizer.request_v2": authorizer.request_v2,
    "authorizer.websocket": authorizer.websocket,
}


class Client(ABC, Generic[R]):
    """What both clients share: one method for each kind of event.

    Every method returns what `invoke` makes of the event: a `Completion`, or a coroutine of one.
    """

    __test__ = False  # for pytest, which would collect classes whose names start with Test

    def __init__(self, app: App, *, context: LambdaContext | None = None) -> None:
        if not isinstance(app, App):
            msg = f"app is {app!r}; a client sends its events to a lambdarouter.App"
            raise TypeError(msg)
        self.app = app
        self._context = LambdaContext() if context is None else context
        self._calls = 0

    @abstractmethod
    def invoke(self, event: Any, context: Any = None) -> R:
        """Send any event. `context` is passed on as it is; by default each call gets a new one of the client's kind."""

    def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send an HTTP request through `gateway`: "http.v2" (the default), "http.rest", or another event's name.

        `headers`, `query`: names to a value or a list of values; `cookies`; `body` (text or bytes) or `json`.
        `lambdarouter.testing.events.http` tells what else each gateway knows.
        """
        return self.invoke(self._request_event(method, path, options))

    def _request_event(self, method: str, path: str, options: RequestOptions) -> Any:
        given: dict[str, Any] = dict(options)
        build: Any = _one_of(_GATEWAYS, given.pop("gateway", "http.v2"), "gateway")
        _check_request(path, **{name: given.get(name) for name in ("headers", "query", "cookies")})
        return build(method, path, **given)

    def get(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a GET request; options as for `request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a POST request; options as for `request`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a PUT request; options as for `request`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a PATCH request; options as for `request`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a DELETE request; options as for `request`."""
        return self.request("DELETE", path, **options)

    def head(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send a HEAD request; options as for `request`."""
        return self.request("HEAD", path, **options)

    def options(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Send an OPTIONS request; options as for `request`."""
        return self.request("OPTIONS", path, **options)

    def authorize(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        token: str | None = None,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        kind: Kind | None = None,
        stage: str | None = None,
    ) -> R:
        """Ask the app's authorizer what API Gateway asks it about a request.

        `token` is the whole Authorization header, such as "Bearer abc". `kind` is "authorizer.token" where there is a
        token and nothing else, else "authorizer.request_v2". A WebSocket authorizer ("authorizer.websocket") is asked
        about `$connect`, whatever the method and path.
        """
        alone = token is not None and headers is None and query is None
        kind = kind or ("authorizer.token" if alone else "authorizer.request_v2")
        build: Any = _one_of(_AUTHORIZERS, kind, "kind")
        _check_request(path, headers=headers, query=query)
        options: dict[str, Any] = {} if stage is None else {"stage": stage}
        if kind == "authorizer.token":
            if token is None or not alone:
                msg = "a TOKEN authorizer is asked about a token and nothing else: give token=, no headers= or query="
                raise TypeError(msg)
            return self.invoke(build(method, path, token, **options))
        sent = dict(headers or {}) if token is None else {"Authorization": token, **(headers or {})}
        about = () if kind == "authorizer.websocket" else (method, path)
        return self.invoke(build(*about, headers=sent, query=query, **options))

    def tick(self, time: datetime | str, *, rule: str | None = None, schedule: str | None = None) -> R:
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

    def sns(
        self,
        topic: str,
        *messages: Any,
        subject: str | None = None,
        attributes: Mapping[str, str | float | bytes | Sequence[str]] | None = None,
    ) -> R:
        """Publish to an SNS topic, a name or an ARN: one record for each message; what is not text is sent as JSON."""
        return self.invoke(sns(topic, *messages, subject=subject, attributes=attributes))

    def ses(
        self,
        *,
        recipients: str | Sequence[str],
        sender: str = "sender@example.com",
        subject: str | None = "",
        headers: Mapping[str, str | Sequence[str]] | None = None,
        **receipt: str,
    ) -> R:
        """Receive a mail through Amazon SES.

        `receipt`: the verdicts (`spam="FAIL"`, `virus`, `spf`, `dkim`, `dmarc`) and the rest of what
        `lambdarouter.testing.events.ses` takes.
        """
        return self.invoke(ses(recipients=recipients, sender=sender, subject=subject, headers=headers, **receipt))

    def sqs(
        self,
        queue: str,
        *bodies: Any,
        attributes: Mapping[str, str | float | bytes] | None = None,
        group: str | Sequence[str] | None = None,
    ) -> R:
        """Send a batch of SQS messages, from a queue's name or ARN; a body that is not text is sent as JSON."""
        return self.invoke(sqs(queue, *bodies, attributes=attributes, group=group))

    def _next_context(self) -> LambdaContext:
        self._calls += 1
        return self._context.renewed(self._calls)


class TestClient(Client[Completion]):
    """Sends an app the events AWS would send, and returns each one's `Completion`.

    ::

        with TestClient(app) as client:
            assert client.get("/orders/17").reply["statusCode"] == 200
            assert client.sns("orders", {"id": 17}).error is None

    What Lambda would see as an error is the completion's `error`, never raised. `with` enters the app's lifespan and
    leaves it; without `with`, it is entered before the first event, as on Lambda, and not left. `context` is what the
    context of every call is like: `TestClient(app, context=LambdaContext(timeout=3))`.
    """

    def invoke(self, event: Any, context: Any = None) -> Completion:
        """Send any event. `context` is passed on as it is; by default each call gets a new one of the client's kind."""
        with _advice():
            return _checked(self.app.complete(event, self._next_context() if context is None else context))

    def stream_event(self, event: Any, context: Any = None, *, take: int | None = None) -> Streamed:
        """Send any event as a front end that streams. `take`: hang up after so many chunks."""
        streamed = Streamed(take)
        with _advice():
            streamed.completion = _checked(
                self.app.complete(event, self._next_context() if context is None else context, sink=streamed)
            )
        return streamed

    def stream(self, method: str, path: str, take: int | None = None, **options: Unpack[RequestOptions]) -> Streamed:
        """Send an HTTP request as a front end that streams; options as for `request`.

        ::

            streamed = client.stream("GET", "/numbers", take=2)
            assert streamed.chunks == [b"1", b"2"]
        """
        return self.stream_event(self._request_event(method, path, options), take=take)

    def close(self) -> None:
        """Leave the app's lifespan, where it was entered; what `with` does at its end."""
        with _advice():
            self.app.close()

    def __enter__(self) -> Self:
        with _advice():
            self.app.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncTestClient(Client[Coroutine[Any, Any, Completion]]):
    """`TestClient` for async tests: the app runs in the test's event loop, and every call is awaited.

    ::

        async with AsyncTestClient(app) as client:
            assert (await client.get("/orders/17")).reply["statusCode"] == 200
    """

    async def invoke(self, event: Any, context: Any = None) -> Completion:
        """Send any event. `context` is passed on as it is; by default each call gets a new one of the client's kind."""
        return _checked(await self.app.acomplete(event, self._next_context() if context is None else context))

    async def stream_event(self, event: Any, context: Any = None, *, take: int | None = None) -> Streamed:
        """Send any event as a front end that streams. `take`: hang up after so many chunks."""
        streamed = Streamed(take)
        streamed.completion = _checked(
            await self.app.acomplete(event, self._next_context() if context is None else context, sink=streamed)
        )
        return streamed

    async def stream(
        self, method: str, path: str, take: int | None = None, **options: Unpack[RequestOptions]
    ) -> Streamed:
        """Send an HTTP request as a front end that streams; options as for `request`."""
        return await self.stream_event(self._request_event(method, path, options), take=take)

    async def aclose(self) -> None:
        """Leave the app's lifespan, where it was entered; what `async with` does at its end."""
        await self.app.aclose()

    async def __aenter__(self) -> Self:
        await self.app.astart()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _one_of(builders: Mapping[str, Any], name: str, what: str) -> Any:
    try:
        return builders[name]
    except KeyError:
        msg = f"{what} is {name!r}; it is one of {', '.join(builders)}"
        raise ValueError(msg) from None


def _check_request(path: Any, **maps: Any) -> None:
    if not isinstance(path, str):
        msg = f"path is {path!r}; it is text, such as '/orders/17'"
        raise TypeError(msg)
    if not path.startswith("/"):
        msg = f"path is {path!r}; it starts with a slash, such as '/orders/17'"
        raise ValueError(msg)
    for name, value in maps.items():
        if value is not None and not isinstance(value, Mapping):
            msg = f"{name} is {value!r}; it is a mapping, such as {{'name': 'value'}}"
            raise TypeError(msg)


def _check_time(time: Any) -> None:
    wanted = f"time is {time!r}; it is a datetime or ISO 8601 text such as '2026-01-01T03:00Z'"
    if isinstance(time, str):
        try:
            datetime.fromisoformat(time)
        except ValueError:
            raise ValueError(wanted) from None
    elif not isinstance(time, datetime):
        raise TypeError(wanted)


@contextmanager
def _advice() -> Iterator[None]:
    """Add to what the app says of a running event loop what a test does about it."""
    try:
        yield
    except RuntimeError as error:
        if "inside a running event loop" in str(error):
            error.add_note("in an async test, use AsyncTestClient")
        raise


def _checked(completion: Completion) -> Completion:
    """Lambda sends replies as JSON: one that has no such form is an error there, so it is one here."""
    try:
        dumps(completion.reply)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"Lambda cannot send this reply as JSON: {error}"
        failure = TypeError(msg)
        failure.__cause__ = error
        return Completion(completion.name, completion.outcomes, error=failure)
    return completion
