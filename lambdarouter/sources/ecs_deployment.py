"""ECS deployment: hooks for the lifecycle stages of a service's deployment.

::

    @app.ecs_deployment("POST_TEST_TRAFFIC_SHIFT")
    def smoke(hook: EcsDeploymentHook) -> NonCompliant | InProgress | None:
        if not hook.details:
            return InProgress(after=60, details={"started": "yes"})
        return None

`stage` is the lifecycle stage, or a glob, or a list of them; without, every one. The deployment goes on where the
handler returns None, is rolled back where it returns `NonCompliant` or raises, and is asked again after `InProgress`.

Delivery: synchronous. A hook that is not answered rolls the deployment back.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_words
from lambdarouter.core.hook import HookSource, InProgress, NonCompliant
from lambdarouter.core.single import FilterTrigger, SingleRecord
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["EcsDeploymentHook", "EcsDeploymentSource", "EcsDeploymentTrigger"]


class EcsDeploymentHook(SingleRecord):
    """One lifecycle stage of a deployment."""

    _id_path = ("executionId",)

    stage: str = field("lifecycleStage")
    execution_id: str = field("executionId")
    # Of the service's deployment.
    resource_arn: str = field("resourceArn")
    # What the service's definition, and an earlier `InProgress`, say.
    details: dict[str, Any] = field("hookDetails", of=dict, default=dict)


class EcsDeploymentSource(HookSource):
    """Lifecycle stages: one handler says whether the deployment goes on."""

    names: tuple[str, ...] = ("ecs.deployment",)
    decorator = "@app.ecs_deployment(stage)"
    record: type[View] = EcsDeploymentHook

    def origin(self, record: EcsDeploymentHook) -> str:
        """The stage, and the service's deployment."""
        return f"the stage {record.peek('lifecycleStage')!r} of the deployment {record.peek('resourceArn')!r}"

    def succeeded(self, record: EcsDeploymentHook) -> dict[str, Any]:
        """It goes on."""
        return {"hookStatus": "SUCCEEDED"}

    def refused(self, record: EcsDeploymentHook, verdict: NonCompliant) -> dict[str, Any]:
        """It is rolled back."""
        return {"hookStatus": "FAILED"}

    def waiting(self, record: EcsDeploymentHook, verdict: InProgress) -> dict[str, Any]:
        """The hook is called again, after 30 s by default."""
        reply: dict[str, Any] = {"hookStatus": "IN_PROGRESS"}
        if verdict.after is not None:
            reply["callBackDelay"] = verdict.after
        if verdict.details is not None:
            reply["hookDetails"] = verdict.details
        return reply

    def broken(self, record: EcsDeploymentHook, error: Exception) -> dict[str, Any]:
        """It is rolled back."""
        return {"hookStatus": "FAILED"}


class EcsDeploymentTrigger(FilterTrigger):
    """`@app.ecs_deployment("POST_SCALE_UP")`: say whether a deployment goes on at this stage.

    `stage`: a lifecycle stage or a glob, or a list of them; without, every one. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = EcsDeploymentSource

    def __init__(self, stage: str | Sequence[str] | None = None, **shared: Unpack[Shared]) -> None:
        super().__init__({"stage": stage}, **shared)
        check_words("stage", stage, _STAGES, str.isupper)


_STAGES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
)
