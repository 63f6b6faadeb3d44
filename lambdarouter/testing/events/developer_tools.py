"""What CodePipeline and CodeDeploy send.

Shapes after "JSON event example" in the CodePipeline user guide, and "AppSpec 'hooks' section" in CodeDeploy's.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, identifier, json_text, opaque_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["codedeploy", "codepipeline"]


def codepipeline(
    parameters: Any = None, *, function: str = "shop", continuation_token: str | None = None
) -> dict[str, Any]:
    """Build a job of a pipeline's Lambda action ("codepipeline"); `parameters` that are no text are sent as JSON."""
    configuration = {"FunctionName": function}
    if parameters is not None:
        configuration["UserParameters"] = parameters if isinstance(parameters, str) else json_text(parameters)
    location = {
        "s3Location": {"bucketName": "pipeline-artifacts", "objectKey": "shop/Source/a1b2c3d.zip"},
        "type": "S3",
    }
    data: dict[str, Any] = {
        "actionConfiguration": {"configuration": configuration},
        "inputArtifacts": [{"location": location, "revision": None, "name": "Source"}],
        "outputArtifacts": [],
        "artifactCredentials": {
            "accessKeyId": "EXAMPLE",
            "secretAccessKey": "example",
            "sessionToken": "example",
        },
    }
    if continuation_token is not None:
        data["continuationToken"] = continuation_token
    return {"CodePipeline.job": {"id": identifier("job", function), "accountId": ACCOUNT, "data": data}}


def codedeploy(deployment: str = "d-ABCDEF123") -> dict[str, Any]:
    """Build a lifecycle event of a deployment ("codedeploy")."""
    return {"DeploymentId": deployment, "LifecycleEventHookExecutionId": opaque_id("hook", deployment)}
