"""What waits for a function's word: CloudFormation's hooks and macros, ECS deployments, Transfer workflows, calls.

Shapes after each service's page on the function that it calls.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, MOMENT, REGION, arn, epoch_millis, identifier, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

__all__ = [
    "chime_sip",
    "cloudformation_hook",
    "cloudformation_macro",
    "ecs_deployment",
    "s3_object_lambda",
    "transfer_workflow",
]


def cloudformation_hook(
    target: str = "AWS::S3::Bucket",
    properties: Mapping[str, Any] | None = None,
    *,
    point: str = "CREATE_PRE_PROVISION",
    logical_id: str = "Bucket",
    invocation: int = 1,
    callback_context: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build an operation that a hook looks at ("cloudformation.hook"): on a resource, or a "STACK" or "CHANGE_SET"."""
    if target in ("STACK", "CHANGE_SET"):
        data: dict[str, Any] = {
            "targetName": target,
            "targetType": target,
            "targetLogicalId": arn("cloudformation", "stack/shop/1"),
            "payload": "https://example.com/presigned",
        }
    else:
        data = {
            "targetName": target,
            "targetType": "RESOURCE",
            "targetLogicalId": logical_id,
            "targetModel": {"resourceProperties": json_value(properties or {})},
        }
        if point.startswith("UPDATE"):
            data["targetModel"]["previousResourceProperties"] = {}
    return {
        "clientRequestToken": identifier("hook", target, point),
        "awsAccountId": ACCOUNT,
        "stackId": arn("cloudformation", "stack/shop/1"),
        "changeSetId": None,
        "hookTypeName": "Shop::Lambda::Hook",
        "hookTypeVersion": "00000001",
        "hookModel": {"LambdaFunction": arn("lambda", "function:shop")},
        "actionInvocationPoint": point,
        "requestData": data,
        "requestContext": {"invocation": invocation, "callbackContext": json_value(callback_context)},
    }


def cloudformation_macro(
    name: str,
    fragment: Any,
    parameters: Mapping[str, Any] | None = None,
    *,
    template_parameters: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build a fragment of a template to be rewritten by the macro `name` ("cloudformation.macro")."""
    return {
        "region": REGION,
        "accountId": ACCOUNT,
        "fragment": json_value(fragment),
        "transformId": f"{ACCOUNT}::{name}",
        "params": json_value(parameters or {}),
        "requestId": identifier("macro", name),
        "templateParameterValues": json_value(template_parameters or {}),
    }


def ecs_deployment(stage: str, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Build a lifecycle stage of a service's deployment ("ecs.deployment")."""
    event: dict[str, Any] = {
        "executionId": identifier("ecs", stage),
        "lifecycleStage": stage,
        "resourceArn": arn("ecs", "service-deployment/shop/api/1234567890abcdef"),
    }
    if details is not None:
        event["hookDetails"] = json_value(details)
    return event


def transfer_workflow(
    key: str, *, bucket: str = "uploads", username: str = "ada", workflow: str = "w-1234567890abcdef0"
) -> dict[str, Any]:
    """Build a custom step of a workflow, for a file in S3 ("transfer.workflow")."""
    return {
        "token": identifier("step", key).replace("-", ""),
        "serviceMetadata": {
            "executionDetails": {"workflowId": workflow, "executionId": identifier("execution", key)},
            "transferDetails": {
                "sessionId": "0123456789abcdef",
                "userName": username,
                "serverId": "s-1234567890abcdef0",
            },
        },
        "fileLocation": {
            "domain": "S3",
            "bucket": bucket,
            "key": key,
            "eTag": identifier("etag", key).replace("-", ""),
            "versionId": None,
        },
    }


def chime_sip(
    event_type: str = "NEW_INBOUND_CALL",
    *,
    attributes: Mapping[str, str] | None = None,
    action: Mapping[str, Any] | None = None,
    application: str = "example-application",
) -> dict[str, Any]:
    """Build an event of a phone call ("chime.sip"); `action` is the one that the event is about."""
    event: dict[str, Any] = {
        "SchemaVersion": "1.0",
        "Sequence": 1,
        "InvocationEventType": event_type,
        "CallDetails": {
            "TransactionId": identifier("call", application),
            "AwsAccountId": ACCOUNT,
            "AwsRegion": REGION,
            "SipMediaApplicationId": application,
            "Participants": [
                {
                    "CallId": identifier("leg", application),
                    "ParticipantTag": "LEG-A",
                    "To": "+15550100",
                    "From": "+15550101",
                    "Direction": "Inbound",
                    "StartTimeInMilliseconds": str(epoch_millis(MOMENT)),
                    "Status": "Connected",
                }
            ],
        },
    }
    if attributes is not None:
        event["CallDetails"]["TransactionAttributes"] = json_value(attributes)
    if action is not None:
        event["ActionData"] = json_value(action)
    return event


def s3_object_lambda(
    operation: Literal["GET", "HEAD", "LIST"] = "GET", key: str = "report.txt", *, access_point: str = "redacted"
) -> dict[str, Any]:
    """Build a request through an Object Lambda access point ("s3.object_lambda")."""
    context = {"inputS3Url": f"https://uploads.s3-accesspoint.{REGION}.amazonaws.com/{key}?X-Amz-Signature=example"}
    if operation == "GET":
        context |= {"outputRoute": "io-use1-001", "outputToken": "example"}
    name = {"GET": "getObjectContext", "HEAD": "headObjectContext", "LIST": "listObjectsV2Context"}[operation]
    host = f"{access_point}-{ACCOUNT}.s3-object-lambda.{REGION}.amazonaws.com"
    return {
        "xAmzRequestId": identifier("object", operation, key),
        name: context,
        "configuration": {
            "accessPointArn": arn("s3-object-lambda", f"accesspoint/{access_point}"),
            "supportingAccessPointArn": arn("s3", "accesspoint/uploads"),
            "payload": "",
        },
        "userRequest": {"url": f"https://{host}/{key}", "headers": {"Host": host, "Accept-Encoding": "identity"}},
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "EXAMPLE",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/ada",
            "accountId": ACCOUNT,
            "accessKeyId": "EXAMPLE",
            "userName": "ada",
        },
        "protocolVersion": "1.00",
    }
