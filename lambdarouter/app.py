"""The lobby: `App`, and `Router` for apps in several modules. One line per source."""

from __future__ import annotations

from lambdarouter import sources
from lambdarouter.core.decorator import decorator
from lambdarouter.core.parameter import Depends
from lambdarouter.core.route import Settings
from lambdarouter.core.signature import call_kind, place_of
from lambdarouter.core.trigger import Trigger
from lambdarouter.engine import snapshot
from lambdarouter.engine.environment import Environment
from lambdarouter.engine.invoke import Engine
from lambdarouter.engine.registrar import Registrar
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from typing import Any, Literal, Self, TypeVar

    from anyio import CapacityLimiter

    from lambdarouter.core.decorator import Registers
    from lambdarouter.core.handler import Handler
    from lambdarouter.core.http import Allow, Deny
    from lambdarouter.core.route import Completion, Route
    from lambdarouter.core.store import Store
    from lambdarouter.core.stream import Sink
    from lambdarouter.engine.middleware import Middleware
    from lambdarouter.sources.http import OpenApi
    from lambdarouter.sources.http.cors import Cors
    from lambdarouter.sources.http.form import Limits

    Guard = Callable[..., Allow | Deny | Awaitable[Allow | Deny]]
    F = TypeVar("F", bound=Callable[..., Any])
    H = TypeVar("H", bound=Callable[[], Any])
    M = TypeVar("M", bound=Middleware)

__all__ = ["App", "Router"]


class _Entry:
    """A registration as a router keeps it, to hand on to whatever includes the router."""

    __slots__ = ("dependencies", "fn", "layers", "rescues", "trigger")

    def __init__(
        self,
        trigger: Trigger,
        fn: Callable[..., Any],
        layers: tuple[list[Middleware], ...] = (),
        rescues: tuple[dict[Any, Handler], ...] = (),
        dependencies: tuple[Depends, ...] = (),
    ) -> None:
        self.trigger = trigger
        self.fn = fn
        # The middleware of the routers around it, outermost first: the lists themselves, which may still grow.
        self.layers = layers
        # The exception handlers of the routers around it, likewise.
        self.rescues = rescues
        # What the routers around it depend on, outermost first.
        self.dependencies = dependencies


class Router:
    """Handlers of one module, to be included in an app (or in another router).

    ::

        router = Router(prefix="/orders")


        @router.get("/{order_id}")
        def read(order_id: int) -> Order: ...


        app.include(router)

    `prefix` goes before the paths of its HTTP routes. `dependencies`: what runs before each of its handlers, of every
    source, though none takes what it returns: `[Depends(f)]`. `tags`: of its routes, in the OpenAPI document. Its
    middleware wraps its own routes, inside the app's. `auth`, `cors`: the guard and the CORS of its HTTP routes that
    have none of their own; a route with `public=True` has no guard. Routers include routers; prefixes, dependencies and
    tags add up.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        dependencies: Sequence[Depends] = (),
        tags: Sequence[str] = (),
        auth: Guard | None = None,
        cors: Cors | None = None,
    ) -> None:
        self.prefix = _checked(prefix)
        if auth is not None or cors is not None:
            sources.http.check_guard(auth)
            sources.http.check_cors(cors)
        self._auth, self._cors = auth, cors
        if not isinstance(dependencies, (list, tuple)) or not all(isinstance(item, Depends) for item in dependencies):
            msg = f"dependencies is {dependencies!r}; it is a list such as [Depends(f)]"
            raise ConfigurationError(msg)
        if isinstance(tags, str) or not all(isinstance(tag, str) for tag in tags):
            msg = f'tags is {tags!r}; it is a list of names such as ["orders"]'
            raise ConfigurationError(msg)
        self._dependencies = tuple(dependencies)
        self._tags = tuple(tags)
        self._entries: list[_Entry] = []
        self._parents: list[tuple[Router, str]] = []
        self._middleware: list[Middleware] = []
        self._rescues: dict[Any, Handler] = {}

    route = decorator(lambda: sources.http.HttpTrigger)
    get = decorator(lambda: sources.http.get)
    post = decorator(lambda: sources.http.post)
    put = decorator(lambda: sources.http.put)
    patch = decorator(lambda: sources.http.patch)
    delete = decorator(lambda: sources.http.delete)
    head = decorator(lambda: sources.http.head)
    options = decorator(lambda: sources.http.options)
    alarm = decorator(lambda: sources.alarm.AlarmTrigger)
    alexa = decorator(lambda: sources.alexa.AlexaTrigger)
    alexa_home = decorator(lambda: sources.alexa_home.AlexaHomeTrigger)
    appsync = decorator(lambda: sources.appsync.AppSyncTrigger)
    appsync_authorizer = decorator(lambda: sources.appsync_authorizer.AppSyncAuthorizerTrigger)
    appsync_events = decorator(lambda: sources.appsync_events.AppSyncEventsTrigger)
    analytics = decorator(lambda: sources.analytics.AnalyticsTrigger)
    authorizer = decorator(lambda: sources.authorizer.AuthorizerTrigger)
    bedrock = decorator(lambda: sources.bedrock.BedrockTrigger)
    bedrock_function = decorator(lambda: sources.bedrock_function.BedrockFunctionTrigger)
    cloudformation = decorator(lambda: sources.cloudformation.CloudFormationTrigger)
    cloudfront = decorator(lambda: sources.cloudfront.CloudFrontTrigger)
    codecommit = decorator(lambda: sources.codecommit.CodeCommitTrigger)
    cognito = decorator(lambda: sources.cognito.CognitoTrigger)
    cognito_sync = decorator(lambda: sources.cognito_sync.CognitoSyncTrigger)
    chime_sip = decorator(lambda: sources.chime_sip.ChimeSipTrigger)
    cloudformation_hook = decorator(lambda: sources.cloudformation_hook.CloudFormationHookTrigger)
    cloudformation_macro = decorator(lambda: sources.cloudformation_macro.CloudFormationMacroTrigger)
    codedeploy = decorator(lambda: sources.codedeploy.CodeDeployTrigger)
    codepipeline = decorator(lambda: sources.codepipeline.CodePipelineTrigger)
    config = decorator(lambda: sources.config.ConfigTrigger)
    connect = decorator(lambda: sources.connect.ConnectTrigger)
    connect_campaign = decorator(lambda: sources.connect_campaign.ConnectCampaignTrigger)
    cron = decorator(lambda: sources.cron.CronTrigger)
    documentdb = decorator(lambda: sources.documentdb.DocumentDbTrigger)
    dynamodb = decorator(lambda: sources.dynamodb.DynamoDbTrigger)
    dashboard = decorator(lambda: sources.dashboard.DashboardTrigger)
    destination = decorator(lambda: sources.destination.DestinationTrigger)
    destination_stream = decorator(lambda: sources.destination_stream.DestinationStreamTrigger)
    eventbridge = decorator(lambda: sources.eventbridge.EventBridgeTrigger)
    firehose = decorator(lambda: sources.firehose.FirehoseTrigger)
    invoke = decorator(lambda: sources.invoke.InvokeTrigger)
    kafka = decorator(lambda: sources.kafka.KafkaTrigger)
    kinesis = decorator(lambda: sources.kinesis.KinesisTrigger)
    ecs_deployment = decorator(lambda: sources.ecs_deployment.EcsDeploymentTrigger)
    iot_authorizer = decorator(lambda: sources.iot_authorizer.IotAuthorizerTrigger)
    iot_provisioning = decorator(lambda: sources.iot_provisioning.IotProvisioningTrigger)
    ivs_chat = decorator(lambda: sources.ivs_chat.IvsChatTrigger)
    logs = decorator(lambda: sources.logs.LogsTrigger)
    mq = decorator(lambda: sources.mq.MqTrigger)
    pipes = decorator(lambda: sources.pipes.PipesTrigger)
    s3 = decorator(lambda: sources.s3.S3Trigger)
    s3_batch = decorator(lambda: sources.s3_batch.S3BatchTrigger)
    s3_object_lambda = decorator(lambda: sources.s3_object_lambda.S3ObjectLambdaTrigger)
    secrets = decorator(lambda: sources.secrets.SecretsTrigger)
    iot = decorator(lambda: sources.iot.IotTrigger)
    lex = decorator(lambda: sources.lex.LexTrigger)
    sagemaker = decorator(lambda: sources.sagemaker.SageMakerTrigger)
    ses = decorator(lambda: sources.ses.SesTrigger)
    sns = decorator(lambda: sources.sns.SnsTrigger)
    sqs = decorator(lambda: sources.sqs.SqsTrigger)
    websocket = decorator(lambda: sources.websocket.WebSocketTrigger)
    workmail = decorator(lambda: sources.workmail.WorkMailTrigger)
    transfer_authorizer = decorator(lambda: sources.transfer_authorizer.TransferAuthorizerTrigger)
    transfer_workflow = decorator(lambda: sources.transfer_workflow.TransferWorkflowTrigger)
    vpn_authorizer = decorator(lambda: sources.vpn_authorizer.VpnAuthorizerTrigger)

    def on(self, trigger: Trigger) -> Registers:
        """Register a handler for any trigger: a third-party source's, or a built-in one made by hand."""
        if not isinstance(trigger, Trigger):
            msg = f"on() takes a trigger, made with its options, such as SnsTrigger('orders'); {trigger!r} is none"
            raise ConfigurationError(msg, place_of(trigger) if callable(trigger) else None)

        def decorate(fn: Any, /) -> Any:
            self.register(lambda: trigger, fn)
            return fn

        return decorate

    def mount(
        self,
        path: str,
        app: Any,
        *,
        auth: Guard | None = None,
        public: bool = False,
        wsgi: bool = False,
        lifespan: Literal["auto", "on", "off"] = "auto",
    ) -> None:
        """Hand every request at `path` and below it to an ASGI application, in process: of FastAPI, Starlette, Django.

        Routes of the app win over a mount. `auth`, `public`: the guard in front of it, or none, as of any route.
        `wsgi`: it is a WSGI application (of Flask), which needs the extra `wsgi`. `lifespan`: whether it has one;
        "auto" finds out, "on" makes it an error where it has none. It is entered once per environment; its failure is
        the first event's.
        """
        from lambdarouter.sources.http import mount  # noqa: PLC0415 - asyncio: only where something is mounted

        handler = mount.handler_of(app, wsgi=wsgi, lifespan=lifespan)
        for trigger in mount.triggers_of(path, auth=auth, public=public):
            self.register(lambda trigger=trigger: trigger, handler)  # type: ignore[misc]

    def middleware(self, fn: M) -> M:
        """Wrap every call of this router's routes: a generator function of the `Call` that yields once."""
        if call_kind(fn) not in ("generator", "async generator"):
            msg = "middleware is a generator function of the call that yields once: `def timed(call): ...; yield; ...`"
            raise ConfigurationError(msg, place_of(fn))
        self._middleware.append(fn)
        return fn

    def exception_handler(self, of: type[Exception] | int) -> Callable[[F], F]:
        """Answer HTTP requests that fail: `of` is an exception class, or a status. Sync or async.

        ::

            @app.exception_handler(OutOfStock)
            def out_of_stock(error: OutOfStock, request: Request) -> Response: ...

        Any parameters of these: the error, `Request`, `Context`. What it returns is the reply, as from a handler, with
        the error's status. The innermost router's handler counts, and the one for the error's own class before the one
        for its status, before those for base classes. Errors of other events are for middleware.
        """

        def decorate(fn: F) -> F:
            from lambdarouter.sources.http.rescue import plan_rescue  # noqa: PLC0415 - only where there is any

            handler = plan_rescue(of, fn)
            if of in self._rescues:
                msg = f"{of!r} is handled already, by {self._rescues[of].place}"
                raise ConfigurationError(msg, place_of(fn))
            self._rescues[of] = handler
            return fn

        return decorate

    def not_found(self, fn: F) -> F:
        """Answer what no route takes, and every other 404: `exception_handler(404)`."""
        return self.exception_handler(404)(fn)

    def include(self, router: Router, *, prefix: str = "") -> None:
        """Take over all routes of a router, those it gets later too. Raises `ConfigurationError` on a conflict."""
        if router is self or isinstance(router, App) or not isinstance(router, Router):
            msg = f"a {type(router).__name__} cannot be included here; include a Router of another module"
            raise ConfigurationError(msg)
        if self._is_inside(router):
            msg = "two routers cannot include each other: their routes would have no end of paths"
            raise ConfigurationError(msg)
        prefix = _checked(prefix)
        router._parents.append((self, prefix))
        for entry in router._entries:
            self._take(entry, prefix)

    def _is_inside(self, router: Router) -> bool:
        return any(parent is router or parent._is_inside(router) for parent, _ in self._parents)  # noqa: SLF001

    def register(self, make: Callable[[], Trigger], fn: Callable[..., Any]) -> None:
        """Register `fn` for the trigger that `make` returns; what the decorators call."""
        if not callable(fn):
            msg = f"{fn!r} is no handler: the decorator goes directly above a function"
            raise ConfigurationError(msg)
        try:
            self._take(_Entry(make(), fn), "")
        except ConfigurationError as error:
            error.where = error.where or place_of(fn)
            raise

    def _inherited(self, trigger: Trigger) -> Trigger:
        return trigger if self._cors is None and self._auth is None else trigger.inherits(self._cors, self._auth)

    def _take(self, entry: _Entry, prefix: str) -> None:
        prefix = self.prefix + prefix
        trigger = entry.trigger.prefixed(prefix) if prefix else entry.trigger
        own = _Entry(
            self._inherited(trigger.tagged(self._tags) if self._tags else trigger),
            entry.fn,
            (self._middleware, *entry.layers),
            (self._rescues, *entry.rescues),
            (*self._dependencies, *entry.dependencies),
        )
        self._entries.append(own)
        for parent, at in self._parents:
            parent._take(own, at)  # noqa: SLF001


def _checked(prefix: str) -> str:
    if not isinstance(prefix, str) or (prefix and (not prefix.startswith("/") or prefix.endswith("/"))):
        msg = f'the prefix {prefix!r} must start with "/" and not end with one, such as "/v1"'
        raise ConfigurationError(msg)
    return prefix


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
            base_path=[_checked(base) for base in bases if base],
            trailing_slash=trailing_slash,
            limits=limits,
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

    def __call__(self, event: Any, context: Any = None) -> Any:
        """Handle an event and return the reply Lambda is to send, or raise the error it is to see."""
        return self._engine.call(event, context).unwrap()

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
        return self._engine.call(event, context, sink)

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
        snapshot.before_snapshot(fn)
        return fn

    def after_restore(self, fn: H) -> H:
        """Call this function, sync or async, in each environment that is made from a snapshot, before its first event.

        For what must differ between environments, or be fresh. It has ten seconds.
        """
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
    def routes(self) -> list[Route]:
        """Every route, source by source, in order of registration."""
        return self._engine.registrar.all()

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document of the app's HTTP routes, as JSON's own types.

        Raises `ConfigurationError` for a type that has no JSON schema, and an operation id that is given twice.
        """
        if self._openapi is None:
            self._openapi = sources.http.OpenApi()
        return self._openapi.document(self._http_routes(), self._limits)

    def _http_routes(self) -> list[Route]:
        return [route for route in self.routes if isinstance(route.trigger, sources.http.HttpTrigger)]

    def _take(self, entry: _Entry, prefix: str) -> None:
        trigger = self._inherited(entry.trigger.prefixed(prefix) if prefix else entry.trigger)
        route = self._engine.registrar.add(trigger, entry.fn, entry.layers, entry.dependencies)
        route.rescues = entry.rescues


def _replies(cors: Any, compress: Any, security_headers: Any) -> Any:
    """What the app says of all HTTP replies, if anything; then its room is loaded."""
    if cors is None and compress is False and security_headers is False:
        return None
    from lambdarouter.sources.http.finish import Replies  # noqa: PLC0415 - only where it is wanted

    sources.http.check_cors(cors)
    return Replies(cors=cors, compress=compress, security_headers=security_headers)


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
