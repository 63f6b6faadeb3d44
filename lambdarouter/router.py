"""`Router`: the handlers of one module, for apps in several. One line per source.

An `App` is the router in which all routes end up: what it includes is handed on to it, registration by registration.
"""

from __future__ import annotations

from lambdarouter import sources
from lambdarouter.core.decorator import decorator
from lambdarouter.core.parameter import Depends
from lambdarouter.core.signature import call_kind, place_of
from lambdarouter.core.trigger import Trigger
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any, Final, Literal, TypeVar

    from lambdarouter.core.decorator import Registers
    from lambdarouter.core.handler import Handler
    from lambdarouter.core.http import Allow, Deny
    from lambdarouter.core.invocation import Middleware
    from lambdarouter.sources.http.cors import Cors

    Guard = Callable[..., Allow | Deny | Awaitable[Allow | Deny]]
    F = TypeVar("F", bound=Callable[..., Any])
    M = TypeVar("M", bound=Middleware)

__all__ = ["Registration", "Router", "checked_prefix"]


class Registration:
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
        self.trigger: Trigger = trigger
        self.fn: Callable[..., Any] = fn
        # The middleware of the routers around it, outermost first: the lists themselves, which may still grow.
        self.layers: tuple[list[Middleware], ...] = layers
        # The exception handlers of the routers around it, likewise.
        self.rescues: tuple[dict[Any, Handler], ...] = rescues
        # What the routers around it depend on, outermost first.
        self.dependencies: tuple[Depends, ...] = dependencies


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
        self.prefix: str = checked_prefix(prefix)
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
        self._entries: list[Registration] = []
        self._parents: list[tuple[Router, str]] = []
        self._middleware: list[Middleware] = []
        self._rescues: dict[Any, Handler] = {}

    # An app is where the routes end up: nothing can include it.
    _includable = True

    route: Final = decorator(lambda: sources.http.HttpTrigger)
    get: Final = decorator(lambda: sources.http.get)
    post: Final = decorator(lambda: sources.http.post)
    put: Final = decorator(lambda: sources.http.put)
    patch: Final = decorator(lambda: sources.http.patch)
    delete: Final = decorator(lambda: sources.http.delete)
    head: Final = decorator(lambda: sources.http.head)
    options: Final = decorator(lambda: sources.http.options)

    alarm: Final = decorator(lambda: sources.alarm.AlarmTrigger)
    alexa: Final = decorator(lambda: sources.alexa.AlexaTrigger)
    alexa_home: Final = decorator(lambda: sources.alexa_home.AlexaHomeTrigger)
    analytics: Final = decorator(lambda: sources.analytics.AnalyticsTrigger)
    appsync: Final = decorator(lambda: sources.appsync.AppSyncTrigger)
    appsync_authorizer: Final = decorator(lambda: sources.appsync_authorizer.AppSyncAuthorizerTrigger)
    appsync_events: Final = decorator(lambda: sources.appsync_events.AppSyncEventsTrigger)
    authorizer: Final = decorator(lambda: sources.authorizer.AuthorizerTrigger)
    bedrock: Final = decorator(lambda: sources.bedrock.BedrockTrigger)
    bedrock_function: Final = decorator(lambda: sources.bedrock_function.BedrockFunctionTrigger)
    chime_sip: Final = decorator(lambda: sources.chime_sip.ChimeSipTrigger)
    cloudformation: Final = decorator(lambda: sources.cloudformation.CloudFormationTrigger)
    cloudformation_hook: Final = decorator(lambda: sources.cloudformation_hook.CloudFormationHookTrigger)
    cloudformation_macro: Final = decorator(lambda: sources.cloudformation_macro.CloudFormationMacroTrigger)
    cloudfront: Final = decorator(lambda: sources.cloudfront.CloudFrontTrigger)
    codecommit: Final = decorator(lambda: sources.codecommit.CodeCommitTrigger)
    codedeploy: Final = decorator(lambda: sources.codedeploy.CodeDeployTrigger)
    codepipeline: Final = decorator(lambda: sources.codepipeline.CodePipelineTrigger)
    cognito: Final = decorator(lambda: sources.cognito.CognitoTrigger)
    cognito_sync: Final = decorator(lambda: sources.cognito_sync.CognitoSyncTrigger)
    config: Final = decorator(lambda: sources.config.ConfigTrigger)
    connect: Final = decorator(lambda: sources.connect.ConnectTrigger)
    connect_campaign: Final = decorator(lambda: sources.connect_campaign.ConnectCampaignTrigger)
    cron: Final = decorator(lambda: sources.cron.CronTrigger)
    dashboard: Final = decorator(lambda: sources.dashboard.DashboardTrigger)
    destination: Final = decorator(lambda: sources.destination.DestinationTrigger)
    destination_stream: Final = decorator(lambda: sources.destination_stream.DestinationStreamTrigger)
    documentdb: Final = decorator(lambda: sources.documentdb.DocumentDbTrigger)
    dynamodb: Final = decorator(lambda: sources.dynamodb.DynamoDbTrigger)
    ecs_deployment: Final = decorator(lambda: sources.ecs_deployment.EcsDeploymentTrigger)
    eventbridge: Final = decorator(lambda: sources.eventbridge.EventBridgeTrigger)
    firehose: Final = decorator(lambda: sources.firehose.FirehoseTrigger)
    invoke: Final = decorator(lambda: sources.invoke.InvokeTrigger)
    iot: Final = decorator(lambda: sources.iot.IotTrigger)
    iot_authorizer: Final = decorator(lambda: sources.iot_authorizer.IotAuthorizerTrigger)
    iot_provisioning: Final = decorator(lambda: sources.iot_provisioning.IotProvisioningTrigger)
    ivs_chat: Final = decorator(lambda: sources.ivs_chat.IvsChatTrigger)
    kafka: Final = decorator(lambda: sources.kafka.KafkaTrigger)
    kinesis: Final = decorator(lambda: sources.kinesis.KinesisTrigger)
    lex: Final = decorator(lambda: sources.lex.LexTrigger)
    logs: Final = decorator(lambda: sources.logs.LogsTrigger)
    mq: Final = decorator(lambda: sources.mq.MqTrigger)
    pipes: Final = decorator(lambda: sources.pipes.PipesTrigger)
    s3: Final = decorator(lambda: sources.s3.S3Trigger)
    s3_batch: Final = decorator(lambda: sources.s3_batch.S3BatchTrigger)
    s3_object_lambda: Final = decorator(lambda: sources.s3_object_lambda.S3ObjectLambdaTrigger)
    sagemaker: Final = decorator(lambda: sources.sagemaker.SageMakerTrigger)
    secrets: Final = decorator(lambda: sources.secrets.SecretsTrigger)
    ses: Final = decorator(lambda: sources.ses.SesTrigger)
    sns: Final = decorator(lambda: sources.sns.SnsTrigger)
    sqs: Final = decorator(lambda: sources.sqs.SqsTrigger)
    transfer_authorizer: Final = decorator(lambda: sources.transfer_authorizer.TransferAuthorizerTrigger)
    transfer_workflow: Final = decorator(lambda: sources.transfer_workflow.TransferWorkflowTrigger)
    vpn_authorizer: Final = decorator(lambda: sources.vpn_authorizer.VpnAuthorizerTrigger)
    websocket: Final = decorator(lambda: sources.websocket.WebSocketTrigger)
    workmail: Final = decorator(lambda: sources.workmail.WorkMailTrigger)

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
        if not callable(fn):
            # Web frameworks' take the protocol: "http".
            msg = (
                f"{fn!r} is no middleware: `@app.middleware` goes directly above a function, without a call; it wraps "
                'calls of every source, and `call.source` says which ("http.v2", "sqs")'
            )
            raise ConfigurationError(msg)
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
        if router is self or not isinstance(router, Router) or not router._includable:
            msg = f"a {type(router).__name__} cannot be included here; include a Router of another module"
            raise ConfigurationError(msg)
        if self._is_inside(router):
            msg = "two routers cannot include each other: their routes would have no end of paths"
            raise ConfigurationError(msg)
        prefix = checked_prefix(prefix)
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
            self._take(Registration(make(), fn), "")
        except ConfigurationError as error:
            error.where = error.where or place_of(fn)
            raise

    def _inherited(self, trigger: Trigger) -> Trigger:
        return trigger if self._cors is None and self._auth is None else trigger.inherits(self._cors, self._auth)

    def _take(self, entry: Registration, prefix: str) -> None:
        prefix = self.prefix + prefix
        trigger = entry.trigger.prefixed(prefix) if prefix else entry.trigger
        own = Registration(
            self._inherited(trigger.tagged(self._tags) if self._tags else trigger),
            entry.fn,
            (self._middleware, *entry.layers),
            (self._rescues, *entry.rescues),
            (*self._dependencies, *entry.dependencies),
        )
        self._entries.append(own)
        for parent, at in self._parents:
            parent._take(own, at)  # noqa: SLF001


def checked_prefix(prefix: str) -> str:
    """A path prefix, as it is. Raises `ConfigurationError` for what is none."""
    if not isinstance(prefix, str) or (prefix and (not prefix.startswith("/") or prefix.endswith("/"))):
        msg = f'the prefix {prefix!r} must start with "/" and not end with one, such as "/v1"'
        raise ConfigurationError(msg)
    return prefix
