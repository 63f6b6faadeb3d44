"""One method for every source: the event builders as methods of the client.

A method has its builder's signature and name; of a builder with several kinds, also the kind's (`kafka_msk`).
"""

from __future__ import annotations

from functools import wraps
from typing import Any, Generic, ParamSpec, overload

from lambdarouter.testing import events
from lambdarouter.testing.steps import DecisionT, Driven, ResponseT, ResultT, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["Send", "Sends"]

P = ParamSpec("P")


class Send(Generic[P]):
    """A descriptor: on a client, the function that builds an event with `build`, and invokes the app with it."""

    def __init__(self, build: Callable[P, Any]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: Driven[ResultT, Any, Any], owner: type) -> Callable[P, ResultT]: ...
    def __get__(self, client: Driven[ResultT, Any, Any] | None, owner: type) -> Self | Callable[P, ResultT]:
        if client is None:
            return self
        build = self.build

        @wraps(build)
        def send(*args: P.args, **kwargs: P.kwargs) -> ResultT:
            return client.drive(single(build(*args, **kwargs)))

        return send


class Sends(Driven[ResultT, ResponseT, DecisionT]):
    """The part of a client that sends what is no HTTP request, no question to an authorizer and no tick."""

    alarm = Send(events.alarm)
    alexa = Send(events.alexa)
    alexa_home = Send(events.alexa_home)
    analytics = Send(events.analytics)
    appsync_authorizer = Send(events.appsync_authorizer)
    appsync_batch = Send(events.appsync.batch)
    appsync_events = Send(events.appsync_events)
    appsync_resolver = Send(events.appsync.resolver)
    bedrock = Send(events.bedrock)
    bedrock_function = Send(events.bedrock_function)
    chime_sip = Send(events.chime_sip)
    cloudformation = Send(events.cloudformation)
    cloudformation_hook = Send(events.cloudformation_hook)
    cloudformation_macro = Send(events.cloudformation_macro)
    cloudfront = Send(events.cloudfront)
    codecommit = Send(events.codecommit)
    codedeploy = Send(events.codedeploy)
    codepipeline = Send(events.codepipeline)
    cognito = Send(events.cognito)
    cognito_sync = Send(events.cognito_sync)
    config = Send(events.config)
    connect = Send(events.connect)
    connect_campaign = Send(events.connect_campaign)
    dashboard = Send(events.dashboard)
    destination = Send(events.destination)
    destination_stream = Send(events.destination_stream)
    documentdb = Send(events.documentdb)
    dynamodb = Send(events.dynamodb)
    ecs_deployment = Send(events.ecs_deployment)
    eventbridge = Send(events.eventbridge)
    firehose = Send(events.firehose)
    iot_authorizer = Send(events.iot_authorizer)
    iot_button = Send(events.iot.button)
    iot_one_click = Send(events.iot.one_click)
    iot_provisioning = Send(events.iot_provisioning)
    iot_registry = Send(events.iot.registry)
    ivs_chat = Send(events.ivs_chat)
    kafka_msk = Send(events.kafka.msk)
    kafka_self_managed = Send(events.kafka.self_managed)
    kinesis = Send(events.kinesis)
    lex_v1 = Send(events.lex.v1)
    lex_v2 = Send(events.lex.v2)
    logs = Send(events.logs)
    mq_activemq = Send(events.mq.activemq)
    mq_rabbitmq = Send(events.mq.rabbitmq)
    pipes = Send(events.pipes)
    s3 = Send(events.s3.notification)
    s3_batch = Send(events.s3_batch)
    s3_eventbridge = Send(events.s3.eventbridge)
    s3_object_lambda = Send(events.s3_object_lambda)
    s3_test = Send(events.s3.test)
    sagemaker_consolidation = Send(events.sagemaker.consolidation)
    sagemaker_prehuman = Send(events.sagemaker.prehuman)
    secrets = Send(events.secrets)
    ses = Send(events.ses)
    sns = Send(events.sns)
    sqs = Send(events.sqs)
    transfer_authorizer = Send(events.transfer_authorizer)
    transfer_workflow = Send(events.transfer_workflow)
    vpn_authorizer = Send(events.vpn_authorizer)
    websocket = Send(events.websocket)
    workmail = Send(events.workmail)
