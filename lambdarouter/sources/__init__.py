"""The directory of rooms: which module takes which event. A room is imported when its decorator is first used.

Adding a source: its room beside this file, a line in each table here, and its decorator in `router.py`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Not `from lambdarouter.sources import ...`: mypy does not find a package's submodules in itself.
    from types import ModuleType

    import lambdarouter.sources.alarm as alarm  # noqa: PLR0402
    import lambdarouter.sources.alexa as alexa  # noqa: PLR0402
    import lambdarouter.sources.alexa_home as alexa_home  # noqa: PLR0402
    import lambdarouter.sources.analytics as analytics  # noqa: PLR0402
    import lambdarouter.sources.appsync as appsync  # noqa: PLR0402
    import lambdarouter.sources.appsync_authorizer as appsync_authorizer  # noqa: PLR0402
    import lambdarouter.sources.appsync_events as appsync_events  # noqa: PLR0402
    import lambdarouter.sources.authorizer as authorizer  # noqa: PLR0402
    import lambdarouter.sources.bedrock as bedrock  # noqa: PLR0402
    import lambdarouter.sources.bedrock_function as bedrock_function  # noqa: PLR0402
    import lambdarouter.sources.chime_sip as chime_sip  # noqa: PLR0402
    import lambdarouter.sources.cloudformation as cloudformation  # noqa: PLR0402
    import lambdarouter.sources.cloudformation_hook as cloudformation_hook  # noqa: PLR0402
    import lambdarouter.sources.cloudformation_macro as cloudformation_macro  # noqa: PLR0402
    import lambdarouter.sources.cloudfront as cloudfront  # noqa: PLR0402
    import lambdarouter.sources.codecommit as codecommit  # noqa: PLR0402
    import lambdarouter.sources.codedeploy as codedeploy  # noqa: PLR0402
    import lambdarouter.sources.codepipeline as codepipeline  # noqa: PLR0402
    import lambdarouter.sources.cognito as cognito  # noqa: PLR0402
    import lambdarouter.sources.cognito_sync as cognito_sync  # noqa: PLR0402
    import lambdarouter.sources.config as config  # noqa: PLR0402
    import lambdarouter.sources.connect as connect  # noqa: PLR0402
    import lambdarouter.sources.connect_campaign as connect_campaign  # noqa: PLR0402
    import lambdarouter.sources.cron as cron  # noqa: PLR0402
    import lambdarouter.sources.dashboard as dashboard  # noqa: PLR0402
    import lambdarouter.sources.destination as destination  # noqa: PLR0402
    import lambdarouter.sources.destination_stream as destination_stream  # noqa: PLR0402
    import lambdarouter.sources.documentdb as documentdb  # noqa: PLR0402
    import lambdarouter.sources.dynamodb as dynamodb  # noqa: PLR0402
    import lambdarouter.sources.ecs_deployment as ecs_deployment  # noqa: PLR0402
    import lambdarouter.sources.eventbridge as eventbridge  # noqa: PLR0402
    import lambdarouter.sources.firehose as firehose  # noqa: PLR0402
    import lambdarouter.sources.http as http  # noqa: PLR0402
    import lambdarouter.sources.invoke as invoke  # noqa: PLR0402
    import lambdarouter.sources.iot as iot  # noqa: PLR0402
    import lambdarouter.sources.iot_authorizer as iot_authorizer  # noqa: PLR0402
    import lambdarouter.sources.iot_provisioning as iot_provisioning  # noqa: PLR0402
    import lambdarouter.sources.ivs_chat as ivs_chat  # noqa: PLR0402
    import lambdarouter.sources.kafka as kafka  # noqa: PLR0402
    import lambdarouter.sources.kinesis as kinesis  # noqa: PLR0402
    import lambdarouter.sources.lex as lex  # noqa: PLR0402
    import lambdarouter.sources.logs as logs  # noqa: PLR0402
    import lambdarouter.sources.mq as mq  # noqa: PLR0402
    import lambdarouter.sources.pipes as pipes  # noqa: PLR0402
    import lambdarouter.sources.s3 as s3  # noqa: PLR0402
    import lambdarouter.sources.s3_batch as s3_batch  # noqa: PLR0402
    import lambdarouter.sources.s3_object_lambda as s3_object_lambda  # noqa: PLR0402
    import lambdarouter.sources.sagemaker as sagemaker  # noqa: PLR0402
    import lambdarouter.sources.secrets as secrets  # noqa: PLR0402
    import lambdarouter.sources.ses as ses  # noqa: PLR0402
    import lambdarouter.sources.sns as sns  # noqa: PLR0402
    import lambdarouter.sources.sqs as sqs  # noqa: PLR0402
    import lambdarouter.sources.transfer_authorizer as transfer_authorizer  # noqa: PLR0402
    import lambdarouter.sources.transfer_workflow as transfer_workflow  # noqa: PLR0402
    import lambdarouter.sources.vpn_authorizer as vpn_authorizer  # noqa: PLR0402
    import lambdarouter.sources.websocket as websocket  # noqa: PLR0402
    import lambdarouter.sources.workmail as workmail  # noqa: PLR0402
    from lambdarouter.core.source import Source

__all__ = [
    "ROOMS",
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
    "firehose",
    "http",
    "invoke",
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
    "source_of",
    "sqs",
    "transfer_authorizer",
    "transfer_workflow",
    "vpn_authorizer",
    "websocket",
    "workmail",
]

# Room -> its source class and the classified names it takes. The room says the same (a test compares): this copy
# answers, without importing a room, which one an event belongs to that no route of the app names.
ROOMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "alarm": ("AlarmSource", ("alarm",)),
    "alexa": ("AlexaSource", ("alexa.skill",)),
    "alexa_home": ("AlexaHomeSource", ("alexa.home",)),
    "analytics": ("AnalyticsSource", ("analytics",)),
    "appsync": ("AppSyncSource", ("appsync.resolver", "appsync.batch")),
    "appsync_authorizer": ("AppSyncAuthorizerSource", ("authorizer.appsync",)),
    "appsync_events": ("AppSyncEventsSource", ("appsync.events",)),
    "authorizer": (
        "AuthorizerSource",
        ("authorizer.token", "authorizer.request_v1", "authorizer.request_v2", "authorizer.websocket"),
    ),
    "bedrock": ("BedrockSource", ("bedrock.api",)),
    "bedrock_function": ("BedrockFunctionSource", ("bedrock.function",)),
    "chime_sip": ("ChimeSipSource", ("chime.sip",)),
    "cloudformation": ("CloudFormationSource", ("cloudformation",)),
    "cloudformation_hook": ("CloudFormationHookSource", ("cloudformation.hook",)),
    "cloudformation_macro": ("CloudFormationMacroSource", ("cloudformation.macro",)),
    "cloudfront": ("CloudFrontSource", ("cloudfront",)),
    "codecommit": ("CodeCommitSource", ("codecommit",)),
    "codedeploy": ("CodeDeploySource", ("codedeploy",)),
    "codepipeline": ("CodePipelineSource", ("codepipeline",)),
    "cognito": ("CognitoSource", ("cognito",)),
    "cognito_sync": ("CognitoSyncSource", ("cognito.sync",)),
    "config": ("ConfigSource", ("config",)),
    "connect": ("ConnectSource", ("connect",)),
    "connect_campaign": ("ConnectCampaignSource", ("connect.campaign",)),
    "cron": ("CronSource", ("cron.rule", "cron.scheduler")),
    "dashboard": ("DashboardSource", ("dashboard",)),
    "destination": ("DestinationSource", ("destination",)),
    "destination_stream": ("DestinationStreamSource", ("destination.stream",)),
    "documentdb": ("DocumentDbSource", ("documentdb",)),
    "dynamodb": ("DynamoDbSource", ("dynamodb",)),
    "ecs_deployment": ("EcsDeploymentSource", ("ecs.deployment",)),
    "eventbridge": ("EventBridgeSource", ("eventbridge",)),
    "firehose": ("FirehoseSource", ("firehose",)),
    "http": ("HttpSource", ("http.rest", "http.v2", "http.url", "http.alb", "http.lattice_v1", "http.lattice_v2")),
    "invoke": ("InvokeSource", ("invoke",)),
    "iot": ("IotSource", ("iot.button", "iot.one_click", "iot.registry")),
    "iot_authorizer": ("IotAuthorizerSource", ("authorizer.iot",)),
    "iot_provisioning": ("IotProvisioningSource", ("iot.provisioning",)),
    "ivs_chat": ("IvsChatSource", ("ivs.chat",)),
    "kafka": ("KafkaSource", ("kafka.msk", "kafka.self_managed")),
    "kinesis": ("KinesisSource", ("kinesis",)),
    "lex": ("LexSource", ("lex.v2", "lex.v1")),
    "logs": ("LogsSource", ("logs",)),
    "mq": ("MqSource", ("mq.activemq", "mq.rabbitmq")),
    "pipes": ("PipesSource", ("pipes",)),
    "s3": ("S3Source", ("s3", "s3.eventbridge", "s3.test")),
    "s3_batch": ("S3BatchSource", ("s3.batch",)),
    "s3_object_lambda": ("S3ObjectLambdaSource", ("s3.object_lambda",)),
    "sagemaker": ("SageMakerSource", ("sagemaker.prehuman", "sagemaker.consolidation")),
    "secrets": ("SecretsSource", ("secrets",)),
    "ses": ("SesSource", ("ses",)),
    "sns": ("SnsSource", ("sns",)),
    "sqs": ("SqsSource", ("sqs",)),
    "transfer_authorizer": ("TransferAuthorizerSource", ("authorizer.transfer",)),
    "transfer_workflow": ("TransferWorkflowSource", ("transfer.workflow",)),
    "vpn_authorizer": ("VpnAuthorizerSource", ("authorizer.vpn",)),
    "websocket": ("WebSocketSource", ("websocket",)),
    "workmail": ("WorkMailSource", ("workmail",)),
}
_ROOM_OF = {name: room for room, (_, names) in ROOMS.items() for name in names}


def source_of(name: str) -> type[Source] | None:
    """The source that takes events classified so, or None where no room does."""
    room = _ROOM_OF.get(name)
    if room is None:
        return None
    source: type[Source] = getattr(_loaded(room), ROOMS[room][0])
    return source


def _loaded(room: str) -> ModuleType:
    module = f"{__name__}.{room}"
    __import__(module)  # what `importlib` would do, less a module
    return sys.modules[module]


def __getattr__(name: str) -> ModuleType:
    if name in ROOMS:
        return _loaded(name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
