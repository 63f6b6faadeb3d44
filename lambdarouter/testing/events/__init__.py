"""Event builders: real AWS events from a few arguments, one file per source.

Plain functions that return a fresh dict with every key AWS documents, the same for the same arguments in
every run; account 123456789012, region eu-west-1. `http`, `authorizer`, `cron`, `appsync`, `lex`, `iot` and
`sagemaker` have one function per gateway or kind; the others are functions::

    from lambdarouter.testing.events import cron, http, sns

    http.rest("GET", "/orders/17", headers={"Authorization": "Bearer …"})
    cron.rule("2026-01-01T03:00Z")
    sns("orders", {"id": 17}, attributes={"kind": "created"})

`EXAMPLES` has one ready event of every name that `lambdarouter.classify` gives these; `example` looks one up.
"""

from __future__ import annotations

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

EXAMPLES: Mapping[str, Callable[[], Any]] = MappingProxyType(
    {
        "http.rest": lambda: http.rest("GET", "/books/9780141439518"),
        "http.v2": lambda: http.v2("POST", "/orders", headers=_STAFF, json=_ORDER),
        "http.url": lambda: http.url("GET", "/health"),
        "http.alb": lambda: http.alb("GET", "/admin/report", headers=_ADMIN),
        "http.lattice_v1": lambda: http.lattice_v1("GET", "/books/9780141439518"),
        "http.lattice_v2": lambda: http.lattice_v2("POST", "/orders", headers=_STAFF, json=_ORDER),
        "authorizer.token": lambda: authorizer.token("GET", "/orders/17", "Bearer staff-token"),
        "authorizer.request_v1": lambda: authorizer.request_v1("GET", "/admin/report", headers=_ADMIN),
        "authorizer.request_v2": lambda: authorizer.request_v2("POST", "/orders", headers=_STAFF),
        "authorizer.websocket": lambda: authorizer.websocket(headers=_STAFF),
        "cloudformation": lambda: cloudformation("Create", "Custom::Shelf", {"books": "12"}),
        "codedeploy": codedeploy,
        "codepipeline": lambda: codepipeline(_ORDER),
        "config": lambda: config("encrypted-buckets", {"resourceId": "uploads"}, {"kms": "true"}),
        "cron.rule": lambda: cron.rule("2026-01-01T03:00Z"),
        "cron.scheduler": lambda: cron.scheduler("2026-01-01T03:00Z"),
        "invoke": lambda: {"orderId": 17, "action": "refund"},
        "alarm": lambda: alarm("checkout-errors"),
        "alexa.skill": lambda: alexa(intent="OrderIntent", slots={"item": "tea"}),
        "alexa.home": lambda: alexa_home("Alexa.PowerController", "TurnOn", endpoint="lamp-1"),
        "bedrock.api": lambda: bedrock("GET", "/orders/{orderId}", {"orderId": 17}),
        "bedrock.function": lambda: bedrock_function("placeOrder", {"item": "tea", "quantity": 2}),
        "cloudfront": lambda: cloudfront("viewer-request", "/books"),
        "codecommit": lambda: codecommit("shop", "refs/heads/main"),
        "connect": lambda: connect({"action": "lookup", "customerId": "4"}),
        "connect.campaign": lambda: connect_campaign("welcome", {"name": "Ada"}),
        "dashboard": lambda: dashboard("shop", {"region": "eu"}, title="Orders"),
        "destination": lambda: destination("orders", _ORDER),
        "destination.stream": lambda: destination_stream("orders", table=True),
        "iot.button": iot.button,
        "iot.one_click": lambda: iot.one_click("DOUBLE"),
        "iot.registry": lambda: iot.registry("lamp"),
        "lex.v2": lambda: lex.v2("BookHotel", {"city": "Madrid", "nights": "2"}),
        "lex.v1": lambda: lex.v1("BookHotel", {"city": "Madrid", "nights": "2"}),
        "sagemaker.prehuman": lambda: sagemaker.prehuman("reviews", {"source": "Good tea"}),
        "sagemaker.consolidation": lambda: sagemaker.consolidation("reviews", "s3://example/answers.json"),
        "workmail": lambda: workmail("orders@example.com", subject="Where is order 17?"),
        "appsync.resolver": lambda: appsync.resolver("Query", "order", {"orderId": 17}, user="ada"),
        "appsync.batch": lambda: appsync.batch("Order", "customer", {"id": 17}, {"id": 18}),
        "appsync.events": lambda: appsync_events("/orders/new", _ORDER),
        "cognito": lambda: cognito("PreSignUp_SignUp", {"validationData": None}),
        "cognito.sync": lambda: cognito_sync("settings", {"volume": "11"}),
        "eventbridge": lambda: eventbridge("shop.orders", "OrderPlaced", _ORDER),
        "sns": lambda: sns("orders", _ORDER, subject="Order 17", attributes={"kind": "created"}),
        "authorizer.appsync": lambda: appsync_authorizer("staff"),
        "authorizer.iot": lambda: iot_authorizer("staff"),
        "authorizer.transfer": lambda: transfer_authorizer("ada", "staff"),
        "authorizer.vpn": vpn_authorizer,
        "iot.provisioning": lambda: iot_provisioning("sensors", {"SerialNumber": "S-1"}),
        "ivs.chat": lambda: ivs_chat("hello"),
        "cloudformation.hook": lambda: cloudformation_hook("AWS::S3::Bucket", {"BucketName": "uploads"}),
        "cloudformation.macro": lambda: cloudformation_macro("Tagged", {"Type": "AWS::S3::Bucket"}, {"owner": "ada"}),
        "ecs.deployment": lambda: ecs_deployment("POST_SCALE_UP"),
        "transfer.workflow": lambda: transfer_workflow("in/report.csv"),
        "chime.sip": chime_sip,
        "s3.object_lambda": s3_object_lambda,
        "secrets": lambda: secrets("createSecret", "shop/db"),
        "ses": lambda: ses(
            recipients="orders@support.harbour.example.com",
            sender="Ada Byron <ada@example.com>",
            subject="Where is order 17?",
        ),
        "sqs": lambda: sqs("jobs", _ORDER),
        "s3": lambda: s3.notification("uploads", "photos/summer holiday.jpg"),
        "s3.eventbridge": lambda: s3.eventbridge("uploads", "photos/summer.jpg"),
        "s3.test": lambda: s3.test("uploads"),
        "dynamodb": lambda: dynamodb("orders", (None, _ORDER)),
        "kinesis": lambda: kinesis("clicks", _ORDER),
        "analytics": lambda: analytics("clicks-app", _ORDER),
        "documentdb": lambda: documentdb("orders", {"_id": {"$oid": "63eeb6e7d418cd98afb1c1d7"}, **_ORDER}),
        "firehose": lambda: firehose("clicks", _ORDER),
        "kafka.msk": lambda: kafka.msk("orders", _ORDER),
        "kafka.self_managed": lambda: kafka.self_managed("orders", _ORDER),
        "logs": lambda: logs("/aws/lambda/orders", "ERROR nothing in stock"),
        "mq.activemq": lambda: mq.activemq("orders", _ORDER),
        "mq.rabbitmq": lambda: mq.rabbitmq("orders", _ORDER),
        "s3.batch": lambda: s3_batch("uploads", "photos/summer holiday.jpg"),
        "websocket": lambda: websocket("$default", {"id": 17}),
        "pipes": lambda: pipes(sqs("jobs", _ORDER)),
    }
)
"""Classified name to a function that gives one example event; the events suit ``examples/monolith``."""


def example(name: str) -> Any:
    """Build the example event of the classified `name`; any other is a LookupError that lists the names."""
    try:
        build = EXAMPLES[name]
    except KeyError:
        message = f"no example event is named {name!r}: there are {', '.join(EXAMPLES)}"
        raise LookupError(message) from None
    return build()
