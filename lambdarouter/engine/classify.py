"""Which AWS service sent this event? One ordered table of rules; the first that holds gives the name.

The rules look at structure only: at keys and values that AWS writes and a user of the deployed service
cannot. No body, message, query or payload is ever read, so nobody picks a handler by what they send. (One
header is: the `host` of a request in format 2.0 that lacks the `domainName` AWS always sends. It tells an
HTTP API from a function URL, no more.)

A key is *present* when its value is not null: an empty string, `0` or `{}` is there. Every step down checks
the type it steps into, so any JSON value gets an answer. What no rule recognises is `"invoke"`: the function
was called directly, or by a state machine, a schedule with an input of its own or an IoT rule.

The numbers in the comments count the rules in order, and the order matters: authorizer events look like
requests, so they are told apart first.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Event: TypeAlias = dict[str, Any]
    Rules: TypeAlias = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

__all__ = ["NAMES", "classify"]


def classify(event: object) -> str:
    """Name the source of `event`, which may be any JSON value: `"http.v2"`, `"sns"`, `"authorizer.token"`.

    The name is one of `NAMES`; `"invoke"` says that no AWS service is known to send such an event. Never
    raises and never changes the event.
    """
    if not isinstance(event, dict):
        return _batch(event)
    # Most events are requests. One without any mark of the rules before theirs can skip those.
    # (One `in` each: a set's isdisjoint() takes three times as long as all five.)
    if (
        "requestContext" in event
        and "type" not in event
        and "Records" not in event
        and "eventSource" not in event
        and "Event" not in event
        and "DurableExecutionArn" not in event
    ):
        name = _request(event)
        if name is not None:
            return name
    # 0: a durable execution replays through AWS's own SDK; the framework refuses it by name.
    if event.get("DurableExecutionArn") is not None and event.get("CheckpointToken") is not None:
        return "durable"
    return (
        _records(event)
        or _polled(event)
        or _authorizer(event)
        or _request(event)
        or _lattice_v1(event)
        or _appsync(event)
        or _bus(event)
        or _telemetry(event)
        or _cognito(event)
        or _first(_CALLERS, event)
        or _registry(event)
        or _first(_HOOKS, event)
        or "invoke"
    )


def _batch(items: object) -> str:
    # 1: only AppSync's BatchInvoke and EventBridge Pipes send a bare list; every item must say so.
    if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
        infos = [item.get("info") for item in items]
        if all(isinstance(info, dict) and info.get("fieldName") is not None for info in infos):
            return "appsync.batch"
        if all(item.get("eventSource") is not None for item in items):
            return "pipes"
    return "invoke"


# 4: the `eventSource` of a record …
_RECORD_SOURCES = {
    "aws:sqs": "sqs",
    "aws:s3": "s3",
    "aws:dynamodb": "dynamodb",
    "aws:kinesis": "kinesis",
    "aws:ses": "ses",
    "aws:codecommit": "codecommit",
}
# … and the payload keys that tell without it.
_RECORD_PAYLOADS = ("s3", "ses", "dynamodb", "kinesis")


# `in` comes first where nearly every event lacks the key: a miss costs half of what `get` does.
def _records(event: Event) -> str | None:
    if "Records" not in event or not isinstance(records := event["Records"], list):
        return None
    if not records:
        return _window_end(event)
    record = records[0]
    if not isinstance(record, dict):
        return None
    if record.get("cf") is not None:  # 2: Lambda@Edge
        return "cloudfront"
    if record.get("EventSource") == "aws:sns" or record.get("Sns") is not None:  # 3: SNS alone capitalises it
        return "sns"
    source = record.get("eventSource")  # 4
    if isinstance(source, str) and source in _RECORD_SOURCES:
        return _RECORD_SOURCES[source]
    return next((key for key in _RECORD_PAYLOADS if record.get(key) is not None), None)


def _window_end(event: Event) -> str | None:
    # 5: a tumbling window closes without records; only its stream's ARN says whose it is.
    stream = event.get("eventSourceARN")
    if event.get("window") is not None and isinstance(stream, str):
        service = stream.split(":")[2:3]
        return next((name for name in ("dynamodb", "kinesis") if service == [name]), None)
    return None


# 7: event source mappings that put their batch at the top level.
_EVENT_SOURCES = {
    "aws:kafka": "kafka.msk",
    "SelfManagedKafka": "kafka.self_managed",
    "aws:SelfManagedKafka": "kafka.self_managed",
    "aws:mq": "mq.activemq",
    "aws:amq": "mq.activemq",
    "aws:rmq": "mq.rabbitmq",
    "aws:docdb": "documentdb",
}


def _polled(event: Event) -> str | None:
    if event.get("Event") == "s3:TestEvent":  # 6: sent once, when a bucket's notifications are configured
        return "s3.test"
    if "eventSource" in event and isinstance(source := event["eventSource"], str):
        return _EVENT_SOURCES.get(source)
    return None


def _authorizer(event: Event) -> str | None:
    if "type" not in event:
        return None
    kind = event["type"]
    if kind == "TOKEN":  # 8: REST API, TOKEN authorizer
        return "authorizer.token" if event.get("methodArn") is not None else None
    if kind != "REQUEST":
        return None
    # 9: REST, WebSocket and HTTP API, REQUEST authorizers. The v2 format names its ARN routeArn.
    has_route = event.get("routeArn") is not None
    if not has_route and event.get("methodArn") is None:
        return None
    context = event.get("requestContext")
    if isinstance(context, dict) and (context.get("connectionId") is not None or context.get("eventType") is not None):
        return "authorizer.websocket"
    return "authorizer.request_v2" if has_route or event.get("version") == "2.0" else "authorizer.request_v1"


def _request(event: Event) -> str | None:
    context = event.get("requestContext")
    if not isinstance(context, dict):
        return None
    if "elb" in context and context["elb"] is not None:  # 10: Application Load Balancer
        return "http.alb"
    # 11: VPC Lattice, event version 2
    if ("serviceNetworkArn" in context and context["serviceNetworkArn"] is not None) or (
        "serviceArn" in context and context["serviceArn"] is not None
    ):
        return "http.lattice_v2"
    # 12: WebSocket API. A connectionId alone is not enough: REST events have been seen with one.
    if (
        "connectionId" in context
        and context["connectionId"] is not None
        and (context.get("eventType") in ("CONNECT", "MESSAGE", "DISCONNECT") or context.get("routeKey") is not None)
    ):
        return "websocket"
    # 13: HTTP API, payload format 2.0, which function URLs share
    if "http" in context and isinstance(context["http"], dict):
        domain = context.get("domainName")
        if not isinstance(domain, str):
            domain = _host(event)
        # An ASGI server's requests come as a function URL's (lambdarouter/asgi.py).
        is_url = ".lambda-url." in domain or ("asgi" in context and context["asgi"] is not None)
        return "http.url" if is_url else "http.v2"
    # 14: REST API, and HTTP API with payload format 1.0
    is_rest = (
        event.get("httpMethod") is not None
        or context.get("resourcePath") is not None
        or context.get("resourceId") is not None
    )
    return "http.rest" if is_rest else None


def _host(event: Event) -> str:
    headers = event.get("headers")
    host = headers.get("host") if isinstance(headers, dict) else None
    return host if isinstance(host, str) else ""


def _lattice_v1(event: Event) -> str | None:
    # 15: VPC Lattice, event version 1, the one HTTP event in snake_case and without a requestContext
    if event.get("raw_path") is not None and event.get("method") is not None:
        return "http.lattice_v1"
    return None


def _appsync(event: Event) -> str | None:
    # 16: AppSync Lambda authorization; a methodArn would make it API Gateway's.
    if event.get("authorizationToken") is not None and event.get("methodArn") is None:
        context = event.get("requestContext")
        if isinstance(context, dict) and (context.get("queryString") is not None or context.get("apiId") is not None):
            return "authorizer.appsync"
    info = event.get("info")
    if isinstance(info, dict):
        # 17: AppSync Events, channel namespace handler
        if info.get("channel") is not None or info.get("channelNamespace") is not None:
            return "appsync.events"
        # 18: AppSync direct Lambda resolver
        if info.get("fieldName") is not None and info.get("parentTypeName") is not None:
            return "appsync.resolver"
    # 18: Amplify's template for resolvers
    if event.get("typeName") is not None and event.get("fieldName") is not None:
        return "appsync.resolver"
    return None


def _bus(event: Event) -> str | None:
    # 19: EventBridge. PutEvents refuses sources that start with "aws." but takes any detail-type.
    kind = event.get("detail-type")
    source = event.get("source")
    if not isinstance(kind, str) or not isinstance(source, str):
        return None
    if source == "aws.scheduler":  # EventBridge Scheduler without an input of its own
        return "cron.scheduler"
    if source == "aws.events" and kind == "Scheduled Event":  # a scheduled rule
        return "cron.rule"
    if source == "aws.s3":  # S3's own events name their bucket; CloudTrail's records of S3 calls do not
        detail = event.get("detail")
        if isinstance(detail, dict) and detail.get("bucket") is not None:
            return "s3.eventbridge"
    return "eventbridge"


def _telemetry(event: Event) -> str | None:
    # 20: CloudWatch alarm action
    if event.get("alarmArn") is not None and event.get("alarmData") is not None:
        return "alarm"
    logs = event.get("awslogs")
    if isinstance(logs, dict) and logs.get("data") is not None:  # 21: CloudWatch Logs subscription filter
        return "logs"
    # 22: Kinesis Data Analytics preprocessing, and Data Firehose transformation
    records = event.get("records")
    if records is not None and event.get("applicationArn") is not None:
        return "analytics"
    if isinstance(records, list) and event.get("invocationId") is not None:
        return "firehose"
    return "firehose" if event.get("deliveryStreamArn") is not None else None


def _cognito(event: Event) -> str | None:
    # 23: user pool trigger, known or not
    if event.get("triggerSource") is not None and event.get("userPoolId") is not None:
        return "cognito"
    # 24: Cognito Sync
    if event.get("eventType") == "SyncTrigger" or (
        event.get("identityPoolId") is not None and event.get("datasetName") is not None
    ):
        return "cognito.sync"
    return None


def _rules(*rows: tuple[str, str]) -> Rules:
    # A row is a name and the keys that must all be present; "a/b" is key b of the object at a.
    return tuple(
        (name, tuple((outer, inner) for outer, _, inner in (key.partition("/") for key in keys.split())))
        for name, keys in rows
    )


# The other services that invoke a function, told by their keys alone. ("CodePipeline.job" is one key.)
_CALLERS = _rules(
    # 25: CloudFormation custom resource; the CDK's provider framework sends no ResponseURL
    ("cloudformation", "RequestType ResponseURL"),
    ("cloudformation", "RequestType ResourceProperties"),
    # 26: Secrets Manager rotation
    ("secrets", "Step SecretId ClientRequestToken"),
    # 27: AWS Config rule, CodePipeline's Lambda action, CodeDeploy lifecycle hook
    ("config", "invokingEvent resultToken"),
    ("codepipeline", "CodePipeline.job"),
    ("codedeploy", "LifecycleEventHookExecutionId"),
    # 28: Lex V2 and V1 code hooks, Alexa custom skill, Alexa Smart Home (payload v3, then v2)
    ("lex.v2", "sessionState bot"),
    ("lex.v1", "currentIntent bot"),
    ("alexa.skill", "request/type session"),
    ("alexa.skill", "request/type context/System"),
    ("alexa.home", "directive/header"),
    ("alexa.home", "header/namespace"),
    # 29: Bedrock Agents action group, by API schema or by function details
    ("bedrock.api", "actionGroup agent apiPath"),
    ("bedrock.function", "actionGroup agent function"),
    # 30: Amazon Connect flow
    ("connect", "Details/ContactData"),
    # 31, 32: S3 Object Lambda, S3 Batch Operations
    ("s3.object_lambda", "userRequest xAmzRequestId"),
    ("s3.batch", "invocationSchemaVersion tasks"),
    # 33: Lambda destination of an asynchronous invocation
    ("destination", "requestPayload requestContext/condition"),
    # 34: on-failure destination of an event source mapping
    ("destination.stream", "DDBStreamBatchInfo"),
    ("destination.stream", "KinesisBatchInfo"),
    ("destination.stream", "KafkaBatchInfo"),
    # 33 again: the payload is its caller's to write, and may be null. After 34, whose records look the same.
    ("destination", "responseContext requestContext/condition"),
    # 35: Transfer Family identity provider, Client VPN connection handler, IoT Core custom authorizer
    ("authorizer.transfer", "serverId username protocol"),
    ("authorizer.vpn", "connection-id endpoint-id"),
    ("authorizer.iot", "protocolData signatureVerified"),
    # 36: IoT button, IoT 1-Click, IoT Core pre-provisioning hook
    ("iot.button", "serialNumber clickType"),
    ("iot.one_click", "deviceEvent deviceInfo"),
    ("iot.provisioning", "claimCertificateId"),
)


def _registry(event: Event) -> str | None:
    # 36: IoT Core registry: THING_EVENT, THING_TYPE_EVENT, THING_GROUP_MEMBERSHIP_EVENT …
    kind = event.get("eventType")
    if isinstance(kind, str) and kind.startswith("THING_") and kind.endswith("_EVENT"):
        return "iot.registry"
    return None


_HOOKS = _rules(
    # 36: CloudWatch custom widget, SageMaker Ground Truth (after, then before annotation), WorkMail, and
    # Connect outbound campaigns
    ("dashboard", "widgetContext"),
    ("sagemaker.consolidation", "labelingJobArn payload"),
    ("sagemaker.prehuman", "labelingJobArn"),
    ("workmail", "envelope flowDirection"),
    ("connect.campaign", "InvocationMetadata Items"),
    # 37: CloudFormation macro and Lambda hook, ECS deployment lifecycle hook, Transfer Family workflow step,
    # IVS Chat message review, Chime SDK SIP media application
    ("cloudformation.macro", "transformId fragment"),
    ("cloudformation.hook", "hookTypeName actionInvocationPoint"),
    ("ecs.deployment", "lifecycleStage executionId resourceArn"),
    ("transfer.workflow", "token serviceMetadata"),
    ("ivs.chat", "RoomArn MessageId Sender"),
    ("chime.sip", "InvocationEventType CallDetails"),
)


def _first(rules: Rules, event: Event) -> str | None:
    for name, marks in rules:
        for outer, inner in marks:
            value = event.get(outer)
            if inner:
                value = value.get(inner) if isinstance(value, dict) else None
            if value is None:
                break
        else:
            return name
    return None


NAMES: frozenset[str] = frozenset(
    (
        *("durable", "appsync.batch", "pipes", "cloudfront", "sns", "s3.test", "invoke"),
        *("authorizer.token", "authorizer.request_v1", "authorizer.request_v2", "authorizer.websocket"),
        *("http.alb", "http.lattice_v1", "http.lattice_v2", "http.v2", "http.url", "http.rest", "websocket"),
        *("authorizer.appsync", "appsync.events", "appsync.resolver"),
        *("eventbridge", "s3.eventbridge", "cron.rule", "cron.scheduler"),
        *("alarm", "logs", "analytics", "firehose", "cognito", "cognito.sync", "iot.registry"),
        *_RECORD_SOURCES.values(),
        *_EVENT_SOURCES.values(),
        *(name for rules in (_CALLERS, _HOOKS) for name, _ in rules),
    )
)
"""Every name `classify` can answer."""
