"""One method for every source: the event builders as methods, of a client or of whoever else takes their arguments.

A method has its builder's signature and name; of a builder with several kinds, also the kind's (`kafka_msk`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial, wraps
from typing import Any, Final, Generic, ParamSpec, overload

from lambdarouter.testing import events
from lambdarouter.testing.steps import ResultT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["Send", "Sends"]

P = ParamSpec("P")


class Send(Generic[P]):
    """A descriptor: the method that takes the arguments of `build`, which its owner sends as the event of these."""

    def __init__(self, build: Callable[P, Any]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: Sends[ResultT], kind: type) -> Callable[P, ResultT]: ...
    def __get__(self, owner: Sends[ResultT] | None, kind: type) -> Self | Callable[P, ResultT]:
        if owner is None:
            return self
        return wraps(self.build)(partial(owner._send, self.build))  # noqa: SLF001 - its own kind


class Sends(ABC, Generic[ResultT]):
    """What can be sent that is no HTTP request, no question to an authorizer and no tick."""

    @abstractmethod
    def _send(self, build: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        """Do with the event that `build` builds of these arguments what the methods of this object do."""

    alarm: Final = Send(events.alarm)
    alexa: Final = Send(events.alexa)
    alexa_home: Final = Send(events.alexa_home)
    analytics: Final = Send(events.analytics)
    appsync_authorizer: Final = Send(events.appsync_authorizer)
    appsync_batch: Final = Send(events.appsync.batch)
    appsync_events: Final = Send(events.appsync_events)
    appsync_resolver: Final = Send(events.appsync.resolver)
    bedrock: Final = Send(events.bedrock)
    bedrock_function: Final = Send(events.bedrock_function)
    chime_sip: Final = Send(events.chime_sip)
    cloudformation: Final = Send(events.cloudformation)
    cloudformation_hook: Final = Send(events.cloudformation_hook)
    cloudformation_macro: Final = Send(events.cloudformation_macro)
    cloudfront: Final = Send(events.cloudfront)
    codecommit: Final = Send(events.codecommit)
    codedeploy: Final = Send(events.codedeploy)
    codepipeline: Final = Send(events.codepipeline)
    cognito: Final = Send(events.cognito)
    cognito_sync: Final = Send(events.cognito_sync)
    config: Final = Send(events.config)
    connect: Final = Send(events.connect)
    connect_campaign: Final = Send(events.connect_campaign)
    dashboard: Final = Send(events.dashboard)
    destination: Final = Send(events.destination)
    destination_stream: Final = Send(events.destination_stream)
    documentdb: Final = Send(events.documentdb)
    dynamodb: Final = Send(events.dynamodb)
    ecs_deployment: Final = Send(events.ecs_deployment)
    eventbridge: Final = Send(events.eventbridge)
    firehose: Final = Send(events.firehose)
    iot_authorizer: Final = Send(events.iot_authorizer)
    iot_button: Final = Send(events.iot.button)
    iot_one_click: Final = Send(events.iot.one_click)
    iot_provisioning: Final = Send(events.iot_provisioning)
    iot_registry: Final = Send(events.iot.registry)
    ivs_chat: Final = Send(events.ivs_chat)
    kafka_msk: Final = Send(events.kafka.msk)
    kafka_self_managed: Final = Send(events.kafka.self_managed)
    kinesis: Final = Send(events.kinesis)
    lex_v1: Final = Send(events.lex.v1)
    lex_v2: Final = Send(events.lex.v2)
    logs: Final = Send(events.logs)
    mq_activemq: Final = Send(events.mq.activemq)
    mq_rabbitmq: Final = Send(events.mq.rabbitmq)
    pipes: Final = Send(events.pipes)
    s3: Final = Send(events.s3.notification)
    s3_batch: Final = Send(events.s3_batch)
    s3_eventbridge: Final = Send(events.s3.eventbridge)
    s3_object_lambda: Final = Send(events.s3_object_lambda)
    s3_test: Final = Send(events.s3.test)
    sagemaker_consolidation: Final = Send(events.sagemaker.consolidation)
    sagemaker_prehuman: Final = Send(events.sagemaker.prehuman)
    secrets: Final = Send(events.secrets)
    ses: Final = Send(events.ses)
    sns: Final = Send(events.sns)
    sqs: Final = Send(events.sqs)
    transfer_authorizer: Final = Send(events.transfer_authorizer)
    transfer_workflow: Final = Send(events.transfer_workflow)
    vpn_authorizer: Final = Send(events.vpn_authorizer)
    websocket: Final = Send(events.websocket)
    workmail: Final = Send(events.workmail)
