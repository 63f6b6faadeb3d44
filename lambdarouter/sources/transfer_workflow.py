"""Transfer workflow: custom steps of the workflows that AWS Transfer Family runs on uploaded files.

::

    @app.transfer_workflow()
    def scan(step: WorkflowStep) -> None:
        print(step.bucket, step.key, step.username)

The step succeeds where the handler returns, and fails where it raises; the workflow is told through its API, before the
deadline too. This needs boto3 (`lambdarouter[aws]`) and the permission `transfer:SendWorkflowStepState`. `workflow` and
`server` narrow a handler to these.

Delivery: asynchronous; the function is invoked again only where the workflow could not be told.
https://docs.aws.amazon.com/transfer/latest/userguide/custom-step-details.html
"""

from __future__ import annotations

from lambdarouter.core.aws import client
from lambdarouter.core.check import check_beginning
from lambdarouter.core.single import FilterTrigger, SingleRecord
from lambdarouter.core.told import ToldSource
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from lambdarouter.core.route import Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["TransferWorkflowSource", "TransferWorkflowTrigger", "WorkflowStep"]

_EXECUTION = ("serviceMetadata", "executionDetails")
_TRANSFER = ("serviceMetadata", "transferDetails")


class WorkflowStep(SingleRecord):
    """One custom step, for one file."""

    _id_path = ("token",)

    token: str = field("token")
    workflow: str = field(*_EXECUTION, "workflowId")
    execution_id: str = field(*_EXECUTION, "executionId")
    server: str = field(*_TRANSFER, "serverId", default="")
    session: str = field(*_TRANSFER, "sessionId", default="")
    username: str = field(*_TRANSFER, "userName", default="")
    # "S3" or "EFS"; the others are of one or the other.
    domain: str = field("fileLocation", "domain", default="")
    bucket: str = field("fileLocation", "bucket", default="")
    key: str = field("fileLocation", "key", default="")
    version_id: str | None = field("fileLocation", "versionId", default=None)
    etag: str | None = field("fileLocation", "eTag", default=None)
    file_system: str = field("fileLocation", "fileSystemId", default="")
    path: str = field("fileLocation", "path", default="")


class TransferWorkflowSource(ToldSource):
    """Custom steps: one handler, whose success or failure the workflow is told."""

    names: tuple[str, ...] = ("transfer.workflow",)
    decorator = "@app.transfer_workflow()"
    record: type[View] = WorkflowStep

    def origin(self, record: WorkflowStep) -> str:
        """The workflow, and the server."""
        return f"a step of the workflow {record.peek(*_EXECUTION, 'workflowId')!r} of the server {record.server!r}"

    def tell(self, event: WorkflowStep, outcome: Outcome) -> None:
        """Send the step's state."""
        client("transfer").send_workflow_step_state(
            WorkflowId=event.workflow,
            ExecutionId=event.execution_id,
            Token=event.token,
            Status="SUCCESS" if outcome.error is None else "FAILURE",
        )


class TransferWorkflowTrigger(FilterTrigger):
    """`@app.transfer_workflow()`: take a custom step of a workflow.

    `workflow`, `server`: ids or globs, or lists of them; without, any. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = TransferWorkflowSource

    def __init__(
        self,
        *,
        workflow: str | Sequence[str] | None = None,
        server: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"workflow": workflow, "server": server}, **shared)
        check_beginning("workflow", workflow, "w-")
        check_beginning("server", server, "s-")
