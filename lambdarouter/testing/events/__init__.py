"""Event builders: real AWS events from a few arguments, one file per source.

Plain functions that return a fresh dict with every key AWS documents, the same for the same arguments in
every run; account 123456789012, region eu-west-1. `http`, `authorizer`, `cron`, `appsync`, `iot`, `kafka`, `lex`,
`mq`, `s3` and `sagemaker` have one function per gateway or kind; the others are functions::

    from lambdarouter.testing.events import cron, http, sns

    http.rest("GET", "/orders/17", headers={"Authorization": "Bearer …"})
    cron.rule("2026-01-01T03:00Z")
    sns("orders", {"id": 17}, attributes={"kind": "created"})

`BUILDERS` has them by the name that `lambdarouter.classify` gives their events. `EXAMPLES` has one ready event of
every name; `example` looks one up.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from lambdarouter.testing.events import appsync, authorizer, cron, http, iot, kafka, lex, mq, s3, sagemaker
from lambdarouter.testing.events.alarm import alarm
from lambdarouter.testing.events.alexa import alexa
from lambdarouter.testing.events.alexa_home import alexa_home
from lambdarouter.testing.events.appsync_events import appsync_events
from lambdarouter.testing.events.bedrock import bedrock
from lambdarouter.testing.events.bedrock_function import bedrock_function
from lambdarouter.testing.events.cloudformation import cloudformation
from lambdarouter.testing.events.cloudfront import cloudfront
from lambdarouter.testing.events.codecommit import codecommit
from lambdarouter.testing.events.cognito import cognito
from lambdarouter.testing.events.cognito_sync import cognito_sync
from lambdarouter.testing.events.config import config
from lambdarouter.testing.events.connect import connect
from lambdarouter.testing.events.connect_campaign import connect_campaign
from lambdarouter.testing.events.dashboard import dashboard
from lambdarouter.testing.events.destination import destination
from lambdarouter.testing.events.destination_stream import destination_stream
from lambdarouter.testing.events.developer_tools import codedeploy, codepipeline
from lambdarouter.testing.events.dynamodb import dynamodb
from lambdarouter.testing.events.eventbridge import eventbridge
from lambdarouter.testing.events.hook import (
    chime_sip,
    cloudformation_hook,
    cloudformation_macro,
    ecs_deployment,
    s3_object_lambda,
    transfer_workflow,
)
from lambdarouter.testing.events.kinesis import kinesis
from lambdarouter.testing.events.pipes import pipes
from lambdarouter.testing.events.secrets import secrets
from lambdarouter.testing.events.ses import ses
from lambdarouter.testing.events.sns import sns
from lambdarouter.testing.events.sqs import sqs
from lambdarouter.testing.events.streams import analytics, documentdb, firehose, logs, s3_batch
from lambdarouter.testing.events.verdict import (
    appsync_authorizer,
    iot_authorizer,
    iot_provisioning,
    ivs_chat,
    transfer_authorizer,
    vpn_authorizer,
)
from lambdarouter.testing.events.websocket import websocket
from lambdarouter.testing.events.workmail import workmail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = [
    "BUILDERS",
    "EXAMPLES",
    "alarm",
    "alexa",
    "alexa_home",
    "analytics",
    "appsync",
    "appsync_authorizer",
    "appsync_events",
    "authorizer",
    "bedrock",
    "bedrock_function",
    "chime_sip",
    "cloudformation",
    "cloudformation_hook",
    "cloudformation_macro",
    "cloudfront",
    "codecommit",
    "codedeploy",
    "codepipeline",
    "cognito",
    "cognito_sync",
    "config",
    "connect",
    "connect_campaign",
    "cron",
    "dashboard",
    "destination",
    "destination_stream",
    "documentdb",
    "dynamodb",
    "ecs_deployment",
    "eventbridge",
    "example",
    "firehose",
    "http",
    "iot",
    "iot_authorizer",
    "iot_provisioning",
    "ivs_chat",
    "kafka",
    "kinesis",
    "lex",
    "logs",
    "mq",
    "pipes",
    "s3",
    "s3_batch",
    "s3_object_lambda",
    "sagemaker",
    "secrets",
    "ses",
    "sns",
    "sqs",
    "transfer_authorizer",
    "transfer_workflow",
    "vpn_authorizer",
    "websocket",
    "workmail",
]

_STAFF = {"Authorization": "Bearer staff-token"}
_ADMIN = {"Authorization": "Bearer admin-token"}
_ORDER = {"id": 17, "isbn": "9780141439518", "quantity": 2, "email": "ada@example.com"}

EXAMPLES: Mapping[str, partial[Any]] = MappingProxyType(
    {
        "http.rest": partial(http.rest, "GET", "/books/9780141439518"),
        "http.v2": partial(http.v2, "POST", "/orders", headers=_STAFF, json=_ORDER),
        "http.url": partial(http.url, "GET", "/health"),
        "http.alb": partial(http.alb, "GET", "/admin/report", headers=_ADMIN),
        "http.lattice_v1": partial(http.lattice_v1, "GET", "/books/9780141439518"),
        "http.lattice_v2": partial(http.lattice_v2, "POST", "/orders", headers=_STAFF, json=_ORDER),
        "alarm": partial(alarm, "checkout-errors"),
        "alexa.home": partial(alexa_home, "Alexa.PowerController", "TurnOn", endpoint="lamp-1"),
        "alexa.skill": partial(alexa, intent="OrderIntent", slots={"item": "tea"}),
        "analytics": partial(analytics, "clicks-app", _ORDER),
        "appsync.batch": partial(appsync.batch, "Order", "customer", {"id": 17}, {"id": 18}),
        "appsync.events": partial(appsync_events, "/orders/new", _ORDER),
        "appsync.resolver": partial(appsync.resolver, "Query", "order", {"orderId": 17}, user="ada"),
        "authorizer.appsync": partial(appsync_authorizer, "staff"),
        "authorizer.iot": partial(iot_authorizer, "staff"),
        "authorizer.request_v1": partial(authorizer.request_v1, "GET", "/admin/report", headers=_ADMIN),
        "authorizer.request_v2": partial(authorizer.request_v2, "POST", "/orders", headers=_STAFF),
        "authorizer.token": partial(authorizer.token, "GET", "/orders/17", "Bearer staff-token"),
        "authorizer.transfer": partial(transfer_authorizer, "ada", "staff"),
        "authorizer.vpn": partial(vpn_authorizer),
        "authorizer.websocket": partial(authorizer.websocket, headers=_STAFF),
        "bedrock.api": partial(bedrock, "GET", "/orders/{orderId}", {"orderId": 17}),
        "bedrock.function": partial(bedrock_function, "placeOrder", {"item": "tea", "quantity": 2}),
        "chime.sip": partial(chime_sip),
        "cloudformation": partial(cloudformation, "Create", "Custom::Shelf", {"books": "12"}),
        "cloudformation.hook": partial(cloudformation_hook, "AWS::S3::Bucket", {"BucketName": "uploads"}),
        "cloudformation.macro": partial(cloudformation_macro, "Tagged", {"Type": "AWS::S3::Bucket"}, {"owner": "ada"}),
        "cloudfront": partial(cloudfront, "viewer-request", "/books"),
        "codecommit": partial(codecommit, "shop", "refs/heads/main"),
        "codedeploy": partial(codedeploy),
        "codepipeline": partial(codepipeline, _ORDER),
        "cognito": partial(cognito, "PreSignUp_SignUp", {"validationData": None}),
        "cognito.sync": partial(cognito_sync, "settings", {"volume": "11"}),
        "config": partial(config, "encrypted-buckets", {"resourceId": "uploads"}, {"kms": "true"}),
        "connect": partial(connect, {"action": "lookup", "customerId": "4"}),
        "connect.campaign": partial(connect_campaign, "welcome", {"name": "Ada"}),
        "cron.rule": partial(cron.rule, "2026-01-01T03:00Z"),
        "cron.scheduler": partial(cron.scheduler, "2026-01-01T03:00Z"),
        "dashboard": partial(dashboard, "shop", {"region": "eu"}, title="Orders"),
        "destination": partial(destination, "orders", _ORDER),
        "destination.stream": partial(destination_stream, "orders", table=True),
        "documentdb": partial(documentdb, "orders", {"_id": {"$oid": "63eeb6e7d418cd98afb1c1d7"}, **_ORDER}),
        "dynamodb": partial(dynamodb, "orders", (None, _ORDER)),
        "ecs.deployment": partial(ecs_deployment, "POST_SCALE_UP"),
        "eventbridge": partial(eventbridge, "shop.orders", "OrderPlaced", _ORDER),
        "firehose": partial(firehose, "clicks", _ORDER),
        "iot.button": partial(iot.button),
        "iot.one_click": partial(iot.one_click, "DOUBLE"),
        "iot.provisioning": partial(iot_provisioning, "sensors", {"SerialNumber": "S-1"}),
        "iot.registry": partial(iot.registry, "lamp"),
        "ivs.chat": partial(ivs_chat, "hello"),
        "kafka.msk": partial(kafka.msk, "orders", _ORDER),
        "kafka.self_managed": partial(kafka.self_managed, "orders", _ORDER),
        "kinesis": partial(kinesis, "clicks", _ORDER),
        "lex.v1": partial(lex.v1, "BookHotel", {"city": "Madrid", "nights": "2"}),
        "lex.v2": partial(lex.v2, "BookHotel", {"city": "Madrid", "nights": "2"}),
        "logs": partial(logs, "/aws/lambda/orders", "ERROR nothing in stock"),
        "mq.activemq": partial(mq.activemq, "orders", _ORDER),
        "mq.rabbitmq": partial(mq.rabbitmq, "orders", _ORDER),
        "pipes": partial(pipes, sqs("jobs", _ORDER)),
        "s3": partial(s3.notification, "uploads", "photos/summer holiday.jpg"),
        "s3.batch": partial(s3_batch, "uploads", "photos/summer holiday.jpg"),
        "s3.eventbridge": partial(s3.eventbridge, "uploads", "photos/summer.jpg"),
        "s3.object_lambda": partial(s3_object_lambda),
        "s3.test": partial(s3.test, "uploads"),
        "sagemaker.consolidation": partial(sagemaker.consolidation, "reviews", "s3://example/answers.json"),
        "sagemaker.prehuman": partial(sagemaker.prehuman, "reviews", {"source": "Good tea"}),
        "secrets": partial(secrets, "createSecret", "shop/db"),
        "ses": partial(
            ses,
            recipients="orders@support.harbour.example.com",
            sender="Ada Byron <ada@example.com>",
            subject="Where is order 17?",
        ),
        "sns": partial(sns, "orders", _ORDER, subject="Order 17", attributes={"kind": "created"}),
        "sqs": partial(sqs, "jobs", _ORDER),
        "transfer.workflow": partial(transfer_workflow, "in/report.csv"),
        "websocket": partial(websocket, "$default", {"id": 17}),
        "workmail": partial(workmail, "orders@example.com", subject="Where is order 17?"),
        "invoke": partial(dict, orderId=17, action="refund"),
    }
)
"""Classified name to a call of its builder that gives one example event; the events suit ``examples/monolith``."""

BUILDERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {name: call.func for name, call in EXAMPLES.items() if name != "invoke"}
)
"""Classified name to the function that builds such events; "invoke" is any JSON, and needs none."""


def example(name: str) -> Any:
    """Build the example event of the classified `name`; any other is a LookupError that lists the names."""
    try:
        build = EXAMPLES[name]
    except KeyError:
        message = f"no example event is named {name!r}: there are {', '.join(EXAMPLES)}"
        raise LookupError(message) from None
    return build()
