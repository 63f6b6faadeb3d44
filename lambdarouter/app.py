"""The lobby: `App`, where the routes of all sources meet the engine."""

from __future__ import annotations

from lambdarouter import sources
from lambdarouter.core.route import Settings
from lambdarouter.engine.environment import Environment
from lambdarouter.engine.invoke import Engine
from lambdarouter.engine.registrar import Registrar
from lambdarouter.errors import ConfigurationError
from lambdarouter.router import Router, checked_prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from typing import Any, Literal, Self, TypeVar

    from anyio import CapacityLimiter

    from lambdarouter.core.route import Completion, Route
    from lambdarouter.core.store import Store
    from lambdarouter.core.stream import Sink
    from lambdarouter.router import Guard, Registration
    from lambdarouter.sources.http.cors import Cors
    from lambdarouter.sources.http.form import Limits
    from lambdarouter.sources.http.openapi import OpenApi

    H = TypeVar("H", bound=Callable[[], Any])

__all__ = ["App"]


class App(Router):
    """One app, one Lambda function, every trigger. The instance is the handler: `handler = app`.

    `tick`: how often the app's EventBridge rule or schedule fires, such as "1h" (the default) or "5m"; with several
    rules, a mapping of each rule's name to its period. `deadline_margin`: how long before Lambda's deadline unfinished
    work is given up and the reply sent, in seconds. `debug`: whether a 500 tells the client what went wrong.
    `lifespan`: an async context manager of the app, entered once per execution environment, before the first event.
    `store`: where the app remembers what it has handled (`lambdarouter.stores`), for `once=` and cron.
    `on_store_error`: where the store cannot be asked, "fail" the call, so that AWS tries again, or "run" it all the
    same, and log.
    `openapi`: the head of the app's OpenAPI document, and whether the app serves it.

    `auth`: the guard of every HTTP route that has none of its own and is not `public=True`. `cors`: who may read
    replies from pages of other origins. `compress`: whether replies are compressed as the client accepts it, or from
    how many bytes on (True: 1024). `security_headers`: whether replies carry the usual ones, or which ones instead.
    `raise_server_errors`: whether an HTTP request that fails with a 500 or 504 fails the invocation, instead of being
    answered, so that it counts in Lambda's Errors metric; the gateway then answers 502.

    For HTTP: `base_path`, one path or several that are taken off the front of a request's path, where a gateway leaves
    such there ("/v1"); what a custom domain's mapping adds to the path of a REST API is taken off without it, and so is
    a stage. `trailing_slash`: whether a route answers to its path with and without a slash at the end ("ignore"), to
    its own alone ("strict"), or sends whoever asks for the other there ("redirect", 308). `limits`: how much of a body
    is read, where a route does not say.
    """

    _includable = False

    def __init__(
        self,
        *,
        tick: str | Mapping[str, str] | None = None,
        deadline_margin: float = 0.1,
        debug: bool = False,
        base_path: str | Sequence[str] = (),
        trailing_slash: Literal["ignore", "strict", "redirect"] = "ignore",
        limits: Limits | None = None,
        lifespan: Callable[[Any], AbstractAsyncContextManager[Any]] | None = None,
        store: Store | None = None,
        on_store_error: Literal["fail", "run"] = "fail",
        openapi: OpenApi | None = None,
        raise_server_errors: bool = False,
        auth: Guard | None = None,
        cors: Cors | None = None,
        compress: bool | int = False,
        security_headers: bool | Mapping[str, str] = False,
    ) -> None:
        super().__init__(auth=auth)
        _check(tick, deadline_margin, lifespan, debug=debug, raise_server_errors=raise_server_errors)
        _check_store(store, on_store_error)
        if limits is not None:
            sources.http.check_limits(limits)
        bases = (base_path,) if isinstance(base_path, str) else tuple(base_path)
        if trailing_slash not in ("ignore", "strict", "redirect"):
            msg = f'trailing_slash is {trailing_slash!r}; it is "ignore", "strict" or "redirect"'
            raise ConfigurationError(msg)
        settings = Settings(
            tick=tick,
            deadline_margin=deadline_margin,
            debug=debug,
            store=store,
            on_store_error=on_store_error,
            raise_server_errors=raise_server_errors,
            replies=_replies(cors, compress, security_headers),
            base_path=[checked_prefix(base) for base in bases if base],
            trailing_slash=trailing_slash,
            limits=limits,
            security_schemes=None if openapi is None else openapi.security_schemes,
        )
        registrar = Registrar(settings)
        # The app's own middleware wraps every call: the engine reads the same list.
        self._engine = Engine(
            registrar, settings, Environment(self, registrar, lifespan), self._middleware, self._rescues
        )
        self._openapi, self._limits = openapi, limits
        if openapi is not None:
            for path, handler in openapi.pages(self._http_routes, limits).items():
                self.get(path, documented=False, public=openapi.public)(handler)

    def __call__(self, event: Any, context: Any = None, *, sink: Sink | None = None) -> Any:
        """Handle an event and return the reply Lambda is to send, or raise the error it is to see.

        `sink`: see `complete`.
        """
        return self._engine.handle(event, context, sink)

    @property
    def handler(self) -> Self:
        """The app itself: `handler = app.handler` for those who like it spelled out."""
        return self

    async def acomplete(
        self, event: Any, context: Any = None, *, sink: Sink | None = None, threads: CapacityLimiter | None = None
    ) -> Completion:
        """Handle an event in the running event loop; the completion holds every outcome, and the reply or the error.

        `sink` is for whoever can stream: a function of the `Stream` that a streamed reply is, which consumes it at
        once, or in the awaitable it returns. The completion's reply is then None, and its error what broke the stream
        off. Without a sink, and for every other reply, the reply is what a buffered invocation returns.

        `threads` is for whoever handles several events side by side in one loop: sync handlers then run in threads, as
        many at once as the limiter lets.
        """
        return await self._engine.invoke(event, context, sink, threads)

    def complete(self, event: Any, context: Any = None, *, sink: Sink | None = None) -> Completion:
        """Handle an event as `app(event)` does, and return the completion instead of the reply.

        `sink`: see `acomplete`. The stream's chunks may be an async iterator; a sink then returns an awaitable.
        """
        completion: Completion = self._engine.handle(event, context, sink, True)  # noqa: FBT003
        return completion

    def start(self) -> None:
        """Enter the lifespan and make the app's dependencies, ahead of the first event. Raises what they raise."""
        self._engine.start()

    def close(self) -> None:
        """Tear down what was started, the lifespan last; where nothing was, nothing happens. Raises what they raise."""
        self._engine.stop()

    async def astart(self) -> None:
        """`start`, in the running event loop."""
        await self._engine.start_here()

    async def aclose(self) -> None:
        """`close`, in the running event loop: the one in which the app was started."""
        await self._engine.stop_here()

    def before_snapshot(self, fn: H) -> H:
        """Call this function, sync or async, before SnapStart takes its snapshot; the last registered first.

        For what must not be in a snapshot: connections, secrets, temporary credentials. The lifespan has begun by then
        in our runtime, not in AWS's.
        """
        from lambdarouter.engine import snapshot  # noqa: PLC0415 - only for SnapStart

        snapshot.before_snapshot(fn)
        return fn

    def after_restore(self, fn: H) -> H:
        """Call this function, sync or async, in each environment that is made from a snapshot, before its first event.

        For what must differ between environments, or be fresh. It has ten seconds.
        """
        from lambdarouter.engine import snapshot  # noqa: PLC0415 - only for SnapStart

        snapshot.after_restore(fn)
        return fn

    @property
    def has_teardown(self) -> bool:
        """Whether `close` has anything to do: a lifespan, or a dependency with scope="app" that yields."""
        return self._engine.environment.has_teardown

    @property
    def tainted(self) -> bool:
        """Whether something could not be stopped at a deadline and still runs: the process should be replaced.

        A thread left so also keeps Python from ending; leave with `os._exit`.
        """
        return self._engine.environment.tainted

    @property
    def store(self) -> Store | None:
        """Where the app remembers what it has handled; in a test, the client's."""
        return self._engine.settings.store

    @property
    def routes(self) -> list[Route]:
        """Every route, source by source, in order of registration."""
        return self._engine.registrar.all()

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document of the app's HTTP routes, as JSON's own types.

        Raises `ConfigurationError` for a type that has no JSON schema, and an operation id that is given twice.
        """
        if self._openapi is None:
            self._openapi = _openapi("API")
        return self._openapi.document(self._http_routes(), self._limits)

    def bedrock_api_schema(self, group: str | None = None) -> dict[str, Any]:
        """The OpenAPI 3.0 document of the `@app.bedrock` routes, as a Bedrock agent's action group takes it.

        `group`: the action group's name; None: all routes. Title and version are those of `App(openapi=)`. Raises
        `ConfigurationError` for what Bedrock cannot take.
        https://docs.aws.amazon.com/bedrock/latest/userguide/agents-api-schema.html
        """
        told = self._openapi or _openapi(group or "API")
        routes = [route for route in self.routes if isinstance(route.trigger, sources.bedrock.BedrockTrigger)]
        return sources.bedrock.api_schema(routes, group, told.title, told.version)

    def bedrock_function_schema(self, group: str | None = None, *, max_parameters: int = 5) -> dict[str, Any]:
        """The function schema of the `@app.bedrock_function` routes: `{"functions": [...]}`.

        `group`: the action group's name; None: all routes. `max_parameters`: your account's quota of parameters per
        function, by default AWS's. Raises `ConfigurationError` for what Bedrock cannot take.
        https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_FunctionSchema.html
        """
        of_functions = sources.bedrock_function.BedrockFunctionTrigger
        routes = [route for route in self.routes if isinstance(route.trigger, of_functions)]
        return sources.bedrock_function.function_schema(routes, group, max_parameters)

    def _http_routes(self) -> list[Route]:
        return [route for route in self.routes if isinstance(route.trigger, sources.http.HttpTrigger)]

    def _take(self, entry: Registration, prefix: str) -> None:
        trigger = self._inherited(entry.trigger.prefixed(prefix) if prefix else entry.trigger)
        self._engine.registrar.add(trigger, entry.fn, entry.layers, entry.rescues, entry.dependencies)


def _replies(cors: Any, compress: Any, security_headers: Any) -> Any:
    """What the app says of all HTTP replies, if anything; then its room is loaded."""
    if cors is None and compress is False and security_headers is False:
        return None
    from lambdarouter.sources.http.finish import Replies  # noqa: PLC0415 - only where it is wanted

    sources.http.check_cors(cors)
    return Replies(cors=cors, compress=compress, security_headers=security_headers)


def _openapi(title: str) -> OpenApi:
    """The head of a document of an app that says nothing of it."""
    from lambdarouter.sources.http.openapi import OpenApi  # noqa: PLC0415 - only for who asks

    return OpenApi(title)


def _check(tick: Any, deadline_margin: Any, lifespan: Any, **switches: Any) -> None:
    """Refuse an app's options where they are given, rather than at its first event."""
    # bool is an int.
    if type(deadline_margin) not in (int, float) or not 0 < deadline_margin < _LONGEST:
        msg = f"deadline_margin is {deadline_margin!r}; it is a number of seconds, above 0 and below {_LONGEST}"
        raise ConfigurationError(msg)
    for name, value in switches.items():
        if type(value) is not bool:
            msg = f"{name} is {value!r}; it is True or False: the text of an environment variable would always be true"
            raise ConfigurationError(msg)
    if lifespan is not None and not callable(lifespan):
        msg = f"lifespan is {lifespan!r}; it is a function of the app that returns an async context manager"
        raise ConfigurationError(msg)
    if tick is not None:
        periods = list(tick.values()) if hasattr(tick, "values") else [tick]
        if not all(isinstance(period, str) for period in periods):
            msg = f'tick is {tick!r}; it is a period such as "1h", or maps the names of rules to their periods'
            raise ConfigurationError(msg)
        sources.cron.check_tick(tick)


def _check_store(store: Any, on_store_error: Any) -> None:
    members = ("acquire", "finish", "release", "read", "swap", "blocking")
    if store is not None and (isinstance(store, type) or not all(hasattr(store, name) for name in members)):
        msg = f"store is {store!r}; it is an object with the methods of lambdarouter.core.store.Store"
        raise ConfigurationError(msg)
    if on_store_error not in ("fail", "run"):
        msg = f'on_store_error is {on_store_error!r}; it is "fail" or "run"'
        raise ConfigurationError(msg)


_LONGEST = 900  # seconds that Lambda lets an invocation take
