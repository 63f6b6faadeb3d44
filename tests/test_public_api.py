"""The public names: which they are, where they come from, and that each is documented."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import pydoc
from typing import Any

import pytest

import lambdarouter
from lambdarouter import App, Router, testing
from lambdarouter.sources import ROOMS

PUBLIC = [
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


def modules() -> list[str]:
    return [
        module.name
        for module in pkgutil.walk_packages(lambdarouter.__path__, "lambdarouter.")
        if not module.name.endswith("__main__")
    ]


def test_the_public_names_are_these() -> None:
    assert sorted(lambdarouter.__all__) == sorted(PUBLIC)
    assert len(set(lambdarouter.__all__)) == len(lambdarouter.__all__)
    assert sorted(name for names in lambdarouter._MODULES.values() for name in names) == sorted(PUBLIC)


def test_dir_shows_the_public_names_and_no_others() -> None:
    assert dir(lambdarouter) == sorted(PUBLIC)


def test_a_star_import_gives_the_public_names() -> None:
    namespace: dict[str, Any] = {}
    exec("from lambdarouter import *", namespace)  # noqa: S102
    assert namespace.keys() - {"__builtins__"} == set(PUBLIC)


def test_a_name_that_is_not_there_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="module 'lambdarouter' has no attribute 'Sns'"):
        _ = lambdarouter.Sns
    with pytest.raises(ImportError, match="Sns"):
        exec("from lambdarouter import Sns")  # noqa: S102
    assert not hasattr(lambdarouter, "App_")


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_defined_in_one_module_which_lists_it(name: str) -> None:
    value = getattr(lambdarouter, name)
    defined = value.__module__
    assert defined.startswith("lambdarouter.")
    assert value.__name__ == name
    assert name in importlib.import_module(defined).__all__
    assert getattr(lambdarouter, name) is value


@pytest.mark.parametrize("name", PUBLIC)
def test_no_public_name_has_a_second_home(name: str) -> None:
    value = getattr(lambdarouter, name)
    homes = {
        module
        for module in modules()
        if name in getattr(importlib.import_module(module), "__all__", ())
        and getattr(importlib.import_module(module), name, None) is value
    }
    # A package may list what one of its own modules defines: `sources.http` its `Response`.
    assert value.__module__ in homes
    assert all(value.__module__.startswith(home) for home in homes)


@pytest.mark.parametrize("room", ROOMS)
def test_what_the_handlers_of_a_room_annotate_is_public(room: str) -> None:
    module = importlib.import_module(f"lambdarouter.sources.{room}")
    (source,) = [value for name, value in vars(module).items() if name in module.__all__ and name.endswith("Source")]
    public = set(PUBLIC) - {"Record", "Event", "View"}

    def is_public(kind: type) -> bool:
        return any(base.__name__ in public for base in kind.__mro__)

    # Of a room with several kinds of records, each has its own, or they have one in common.
    kinds = list(getattr(source, "views", {}).values())
    assert is_public(source.record) or (kinds and all(map(is_public, kinds)))


@pytest.mark.parametrize("module", modules())
def test_every_module_lists_its_names_and_says_what_it_is(module: str) -> None:
    loaded = importlib.import_module(module)
    assert loaded.__doc__
    for name in loaded.__all__:
        assert hasattr(loaded, name)


def documented() -> list[tuple[str, Any]]:
    found = {}
    for module in modules():
        loaded = importlib.import_module(module)
        for name in loaded.__all__:
            value = getattr(loaded, name)
            if getattr(value, "__module__", "").startswith("lambdarouter.") and (
                inspect.isclass(value) or inspect.isfunction(value)
            ):
                found[f"{value.__module__}.{value.__qualname__}"] = value
    return sorted(found.items())


@pytest.mark.parametrize(("name", "value"), documented(), ids=lambda v: v if isinstance(v, str) else "")
def test_every_public_class_function_and_method_is_documented(name: str, value: Any) -> None:
    def says_something(documented_: Any, of: str) -> None:
        text = inspect.getdoc(documented_) or ""
        assert text.strip(), of
        assert text.splitlines()[0][0].isupper() or text[0] in '`@"(0123456789', of

    says_something(value, name)
    if not inspect.isclass(value):
        return
    for attribute, member in vars(value).items():
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if not attribute.startswith("_") and inspect.isfunction(function):
            says_something(function, f"{name}.{attribute}")


@pytest.mark.parametrize("owner", [App, Router])
def test_help_shows_every_decorator_with_its_options(owner: type) -> None:
    app = owner()
    text = pydoc.plain(pydoc.render_doc(app.sns))
    for option in ("topic", "attributes", "concurrency", "unmatched", "once"):
        assert option in text
    assert list(inspect.signature(app.sns).parameters) == [
        "topic",
        "attributes",
        "via",
        "concurrency",
        "unmatched",
        "once",
    ]
    assert next(iter(inspect.signature(app.get).parameters)) == "path"


def test_what_tests_use_is_listed_too() -> None:
    assert testing.__all__
    assert dir(testing) == sorted(testing.__all__)
    for name in testing.__all__:
        assert hasattr(testing, name)
