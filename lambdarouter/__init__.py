"""lambdarouter: one App, one AWS Lambda function, every trigger.

Importing this package imports nothing but itself: each name is loaded from its module when it is first used.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.app import App
    from lambdarouter.core.connection import Connection, ConnectionInfo
    from lambdarouter.core.context import Context
    from lambdarouter.core.conversion import timestamp
    from lambdarouter.core.hook import InProgress, NonCompliant
    from lambdarouter.core.http import Allow, Body, Cookie, Deny, Header, Path, Query
    from lambdarouter.core.identity import Identity
    from lambdarouter.core.invocation import Call
    from lambdarouter.core.once import Once
    from lambdarouter.core.parameter import Depends
    from lambdarouter.core.request import Request
    from lambdarouter.core.route import Completion, Declined, Delivery, Match, Outcome, Route, Routes, Skipped
    from lambdarouter.core.source import Source
    from lambdarouter.core.status import (
        BadRequest,
        Conflict,
        Forbidden,
        NotFound,
        ServiceUnavailable,
        TooManyRequests,
    )
    from lambdarouter.core.stream import Stream
    from lambdarouter.core.transform import Transformed
    from lambdarouter.core.trigger import Trigger
    from lambdarouter.core.view import Event, Record, View, field
    from lambdarouter.core.window import Window
    from lambdarouter.engine.classify import classify
    from lambdarouter.errors import (
        BatchError,
        ConfigurationError,
        DeadlineExceeded,
        EventError,
        HttpError,
        InFlight,
        InvalidEventError,
        InvalidPayloadError,
        LambdarouterError,
        MalformedPayloadError,
        NoRouteError,
        NotAttempted,
        PartialFailure,
        RuntimeApiError,
        StoreError,
        Unauthorized,
        UnknownEventError,
    )
    from lambdarouter.router import Router
    from lambdarouter.sources.alarm import AlarmEvent
    from lambdarouter.sources.alexa import AlexaEvent
    from lambdarouter.sources.alexa_home import AlexaHomeDirective
    from lambdarouter.sources.analytics import AnalyticsRecord
    from lambdarouter.sources.appsync import AppSyncEvent
    from lambdarouter.sources.appsync_authorizer import AppSyncAllow, AppSyncAuthorization
    from lambdarouter.sources.appsync_events import ChannelEvent, UnauthorizedException
    from lambdarouter.sources.bedrock import BedrockCall
    from lambdarouter.sources.bedrock_function import BedrockFunctionCall
    from lambdarouter.sources.chime_sip import SipEvent, SipReply
    from lambdarouter.sources.cloudformation import CustomResource, Provisioned
    from lambdarouter.sources.cloudformation_hook import CloudFormationHookEvent
    from lambdarouter.sources.cloudformation_macro import MacroEvent
    from lambdarouter.sources.cloudfront import CloudFrontEvent
    from lambdarouter.sources.codecommit import CodeCommitRecord
    from lambdarouter.sources.codedeploy import DeploymentHook
    from lambdarouter.sources.codepipeline import Continue, PipelineJob
    from lambdarouter.sources.cognito import (
        CognitoEvent,
        CreateAuthChallengeResponse,
        CustomMessageResponse,
        DefineAuthChallengeResponse,
        InboundFederationResponse,
        PreSignUpResponse,
        TokenGenerationResponse,
        UserMigrationResponse,
        VerifyAuthChallengeResponse,
    )
    from lambdarouter.sources.cognito_sync import CognitoSyncEvent
    from lambdarouter.sources.config import Compliance, ConfigEvent, Evaluation
    from lambdarouter.sources.connect import ConnectEvent
    from lambdarouter.sources.connect_campaign import CampaignEvent
    from lambdarouter.sources.cron import Tick
    from lambdarouter.sources.dashboard import DashboardEvent
    from lambdarouter.sources.destination import DestinationEvent
    from lambdarouter.sources.destination_stream import FailedBatch
    from lambdarouter.sources.documentdb import DocumentDbChange
    from lambdarouter.sources.dynamodb import DynamoDbRecord
    from lambdarouter.sources.ecs_deployment import EcsDeploymentHook
    from lambdarouter.sources.eventbridge import EventBridgeEvent
    from lambdarouter.sources.firehose import FirehoseRecord
    from lambdarouter.sources.http import (
        JsonResponse,
        RedirectResponse,
        Response,
        StreamingResponse,
        register_converter,
    )
    from lambdarouter.sources.http.cors import Cors
    from lambdarouter.sources.http.event_stream import ServerSentEvent
    from lambdarouter.sources.http.file import FileResponse
    from lambdarouter.sources.http.form import File, Form, FormData, Limits, UploadFile
    from lambdarouter.sources.http.openapi import OpenApi
    from lambdarouter.sources.invoke import InvokeEvent
    from lambdarouter.sources.iot import IotButtonEvent, IotOneClickEvent, IotRegistryEvent
    from lambdarouter.sources.iot_authorizer import IotAllow, IotAuthorizerEvent
    from lambdarouter.sources.iot_provisioning import ProvisioningRequest
    from lambdarouter.sources.ivs_chat import ChatMessage, ChatReview
    from lambdarouter.sources.kafka import KafkaRecord
    from lambdarouter.sources.kinesis import KinesisRecord
    from lambdarouter.sources.lex import LexEvent
    from lambdarouter.sources.logs import LogEvent
    from lambdarouter.sources.mq import MqMessage
    from lambdarouter.sources.pipes import PipesItem
    from lambdarouter.sources.s3 import S3Record
    from lambdarouter.sources.s3_batch import PermanentFailure, S3BatchTask
    from lambdarouter.sources.s3_object_lambda import ObjectReply, ObjectRequest
    from lambdarouter.sources.sagemaker import ConsolidationEvent, PrehumanEvent
    from lambdarouter.sources.secrets import RotationEvent, Secret, SecretRotation
    from lambdarouter.sources.ses import Disposition, SesMail
    from lambdarouter.sources.sns import SnsRecord
    from lambdarouter.sources.sqs import SqsRecord
    from lambdarouter.sources.transfer_authorizer import TransferAllow, TransferLogin
    from lambdarouter.sources.transfer_workflow import WorkflowStep
    from lambdarouter.sources.vpn_authorizer import VpnConnection
    from lambdarouter.sources.websocket import WebSocketRequest
    from lambdarouter.sources.workmail import WorkMailEvent

_MODULES = {
    "app": ("App",),
    "core.connection": ("Connection", "ConnectionInfo"),
    "core.context": ("Context",),
    "core.conversion": ("timestamp",),
    "core.hook": ("InProgress", "NonCompliant"),
    "core.http": ("Allow", "Body", "Cookie", "Deny", "Header", "Path", "Query"),
    "core.identity": ("Identity",),
    "core.invocation": ("Call",),
    "core.once": ("Once",),
    "core.parameter": ("Depends",),
    "core.request": ("Request",),
    "core.route": ("Completion", "Declined", "Delivery", "Match", "Outcome", "Route", "Routes", "Skipped"),
    "core.source": ("Source",),
    "core.status": ("BadRequest", "Conflict", "Forbidden", "NotFound", "ServiceUnavailable", "TooManyRequests"),
    "core.stream": ("Stream",),
    "core.transform": ("Transformed",),
    "core.trigger": ("Trigger",),
    "core.view": ("Event", "Record", "View", "field"),
    "core.window": ("Window",),
    "engine.classify": ("classify",),
    "errors": (
        "BatchError",
        "ConfigurationError",
        "DeadlineExceeded",
        "EventError",
        "HttpError",
        "InFlight",
        "InvalidEventError",
        "InvalidPayloadError",
        "LambdarouterError",
        "MalformedPayloadError",
        "NoRouteError",
        "NotAttempted",
        "PartialFailure",
        "RuntimeApiError",
        "StoreError",
        "Unauthorized",
        "UnknownEventError",
    ),
    "router": ("Router",),
    "sources.alarm": ("AlarmEvent",),
    "sources.alexa": ("AlexaEvent",),
    "sources.alexa_home": ("AlexaHomeDirective",),
    "sources.analytics": ("AnalyticsRecord",),
    "sources.appsync": ("AppSyncEvent",),
    "sources.appsync_authorizer": ("AppSyncAllow", "AppSyncAuthorization"),
    "sources.appsync_events": ("ChannelEvent", "UnauthorizedException"),
    "sources.bedrock": ("BedrockCall",),
    "sources.bedrock_function": ("BedrockFunctionCall",),
    "sources.chime_sip": ("SipEvent", "SipReply"),
    "sources.cloudformation": ("CustomResource", "Provisioned"),
    "sources.cloudformation_hook": ("CloudFormationHookEvent",),
    "sources.cloudformation_macro": ("MacroEvent",),
    "sources.cloudfront": ("CloudFrontEvent",),
    "sources.codecommit": ("CodeCommitRecord",),
    "sources.codedeploy": ("DeploymentHook",),
    "sources.codepipeline": ("Continue", "PipelineJob"),
    "sources.cognito": (
        "CognitoEvent",
        "CreateAuthChallengeResponse",
        "CustomMessageResponse",
        "DefineAuthChallengeResponse",
        "InboundFederationResponse",
        "PreSignUpResponse",
        "TokenGenerationResponse",
        "UserMigrationResponse",
        "VerifyAuthChallengeResponse",
    ),
    "sources.cognito_sync": ("CognitoSyncEvent",),
    "sources.config": ("Compliance", "ConfigEvent", "Evaluation"),
    "sources.connect": ("ConnectEvent",),
    "sources.connect_campaign": ("CampaignEvent",),
    "sources.cron": ("Tick",),
    "sources.dashboard": ("DashboardEvent",),
    "sources.destination": ("DestinationEvent",),
    "sources.destination_stream": ("FailedBatch",),
    "sources.documentdb": ("DocumentDbChange",),
    "sources.dynamodb": ("DynamoDbRecord",),
    "sources.ecs_deployment": ("EcsDeploymentHook",),
    "sources.eventbridge": ("EventBridgeEvent",),
    "sources.firehose": ("FirehoseRecord",),
    "sources.http": (
        "JsonResponse",
        "RedirectResponse",
        "Response",
        "StreamingResponse",
        "register_converter",
    ),
    "sources.http.cors": ("Cors",),
    "sources.http.event_stream": ("ServerSentEvent",),
    "sources.http.file": ("FileResponse",),
    "sources.http.form": ("File", "Form", "FormData", "Limits", "UploadFile"),
    "sources.http.openapi": ("OpenApi",),
    "sources.invoke": ("InvokeEvent",),
    "sources.iot": ("IotButtonEvent", "IotOneClickEvent", "IotRegistryEvent"),
    "sources.iot_authorizer": ("IotAllow", "IotAuthorizerEvent"),
    "sources.iot_provisioning": ("ProvisioningRequest",),
    "sources.ivs_chat": ("ChatMessage", "ChatReview"),
    "sources.kafka": ("KafkaRecord",),
    "sources.kinesis": ("KinesisRecord",),
    "sources.lex": ("LexEvent",),
    "sources.logs": ("LogEvent",),
    "sources.mq": ("MqMessage",),
    "sources.pipes": ("PipesItem",),
    "sources.s3": ("S3Record",),
    "sources.s3_batch": ("PermanentFailure", "S3BatchTask"),
    "sources.s3_object_lambda": ("ObjectReply", "ObjectRequest"),
    "sources.sagemaker": ("ConsolidationEvent", "PrehumanEvent"),
    "sources.secrets": ("RotationEvent", "Secret", "SecretRotation"),
    "sources.ses": ("Disposition", "SesMail"),
    "sources.sns": ("SnsRecord",),
    "sources.sqs": ("SqsRecord",),
    "sources.transfer_authorizer": ("TransferAllow", "TransferLogin"),
    "sources.transfer_workflow": ("WorkflowStep",),
    "sources.vpn_authorizer": ("VpnConnection",),
    "sources.websocket": ("WebSocketRequest",),
    "sources.workmail": ("WorkMailEvent",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "AlarmEvent",
    "AlexaEvent",
    "AlexaHomeDirective",
    "Allow",
    "AnalyticsRecord",
    "App",
    "AppSyncAllow",
    "AppSyncAuthorization",
    "AppSyncEvent",
    "BadRequest",
    "BatchError",
    "BedrockCall",
    "BedrockFunctionCall",
    "Body",
    "Call",
    "CampaignEvent",
    "ChannelEvent",
    "ChatMessage",
    "ChatReview",
    "CloudFormationHookEvent",
    "CloudFrontEvent",
    "CodeCommitRecord",
    "CognitoEvent",
    "CognitoSyncEvent",
    "Completion",
    "Compliance",
    "ConfigEvent",
    "ConfigurationError",
    "Conflict",
    "ConnectEvent",
    "Connection",
    "ConnectionInfo",
    "ConsolidationEvent",
    "Context",
    "Continue",
    "Cookie",
    "Cors",
    "CreateAuthChallengeResponse",
    "CustomMessageResponse",
    "CustomResource",
    "DashboardEvent",
    "DeadlineExceeded",
    "Declined",
    "DefineAuthChallengeResponse",
    "Delivery",
    "Deny",
    "Depends",
    "DeploymentHook",
    "DestinationEvent",
    "Disposition",
    "DocumentDbChange",
    "DynamoDbRecord",
    "EcsDeploymentHook",
    "Evaluation",
    "Event",
    "EventBridgeEvent",
    "EventError",
    "FailedBatch",
    "File",
    "FileResponse",
    "FirehoseRecord",
    "Forbidden",
    "Form",
    "FormData",
    "Header",
    "HttpError",
    "Identity",
    "InFlight",
    "InProgress",
    "InboundFederationResponse",
    "InvalidEventError",
    "InvalidPayloadError",
    "InvokeEvent",
    "IotAllow",
    "IotAuthorizerEvent",
    "IotButtonEvent",
    "IotOneClickEvent",
    "IotRegistryEvent",
    "JsonResponse",
    "KafkaRecord",
    "KinesisRecord",
    "LambdarouterError",
    "LexEvent",
    "Limits",
    "LogEvent",
    "MacroEvent",
    "MalformedPayloadError",
    "Match",
    "MqMessage",
    "NoRouteError",
    "NonCompliant",
    "NotAttempted",
    "NotFound",
    "ObjectReply",
    "ObjectRequest",
    "Once",
    "OpenApi",
    "Outcome",
    "PartialFailure",
    "Path",
    "PermanentFailure",
    "PipelineJob",
    "PipesItem",
    "PreSignUpResponse",
    "PrehumanEvent",
    "Provisioned",
    "ProvisioningRequest",
    "Query",
    "Record",
    "RedirectResponse",
    "Request",
    "Response",
    "RotationEvent",
    "Route",
    "Router",
    "Routes",
    "RuntimeApiError",
    "S3BatchTask",
    "S3Record",
    "Secret",
    "SecretRotation",
    "ServerSentEvent",
    "ServiceUnavailable",
    "SesMail",
    "SipEvent",
    "SipReply",
    "Skipped",
    "SnsRecord",
    "Source",
    "SqsRecord",
    "StoreError",
    "Stream",
    "StreamingResponse",
    "Tick",
    "TokenGenerationResponse",
    "TooManyRequests",
    "TransferAllow",
    "TransferLogin",
    "Transformed",
    "Trigger",
    "Unauthorized",
    "UnauthorizedException",
    "UnknownEventError",
    "UploadFile",
    "UserMigrationResponse",
    "VerifyAuthChallengeResponse",
    "View",
    "VpnConnection",
    "WebSocketRequest",
    "Window",
    "WorkMailEvent",
    "WorkflowStep",
    "classify",
    "field",
    "register_converter",
    "timestamp",
]


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    module = f"{__name__}.{module}"
    __import__(module)  # what `importlib` would do, less a module
    value = getattr(sys.modules[module], name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
