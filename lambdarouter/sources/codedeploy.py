"""CodeDeploy: handlers that validate a deployment at one of its lifecycle events.

::

    @app.codedeploy()
    def smoke(hook: DeploymentHook) -> None: ...

The deployment goes on where the handler returns, and fails where it raises. CodeDeploy is told through its API, before
the deadline too: a hook that is not answered holds up the deployment for an hour. This needs boto3
(`lambdarouter[aws]`) and the permission `codedeploy:PutLifecycleEventHookExecutionStatus`. The event does not say which
lifecycle event it is: hooks that differ need functions of their own.

Delivery: asynchronous; the function is invoked again only where CodeDeploy could not be told.
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

from __future__ import annotations

from lambdarouter.core.aws import client
from lambdarouter.core.single import FilterTrigger, SingleRecord
from lambdarouter.core.told import ToldSource
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

    from lambdarouter.core.route import Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["CodeDeploySource", "CodeDeployTrigger", "DeploymentHook"]


class DeploymentHook(SingleRecord):
    """One lifecycle event of a deployment."""

    _id_path = ("DeploymentId",)

    deployment_id: str = field("DeploymentId", default="")
    execution_id: str = field("LifecycleEventHookExecutionId")


class CodeDeploySource(ToldSource):
    """Deployment hooks: one handler, whose success or failure CodeDeploy is told."""

    names: tuple[str, ...] = ("codedeploy",)
    decorator = "@app.codedeploy()"
    record: type[View] = DeploymentHook

    def tell(self, event: DeploymentHook, outcome: Outcome) -> None:
        """Put the status of the hook's execution."""
        client("codedeploy").put_lifecycle_event_hook_execution_status(
            deploymentId=event.deployment_id,
            lifecycleEventHookExecutionId=event.execution_id,
            status="Succeeded" if outcome.error is None else "Failed",
        )


class CodeDeployTrigger(FilterTrigger):
    """`@app.codedeploy()`: validate a deployment at a lifecycle event.

    `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = CodeDeploySource

    def __init__(self, **shared: Unpack[Shared]) -> None:
        super().__init__({}, **shared)
