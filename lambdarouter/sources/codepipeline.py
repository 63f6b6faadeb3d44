"""CodePipeline: handlers for a pipeline's Lambda actions.

::

    @app.codepipeline()
    def check(parameters: Order, job: PipelineJob) -> dict[str, str]: ...

One parameter takes the action's `UserParameters`: `str` as they came, anything else as validated JSON. `function`
narrows a handler to the actions that name this function, where several share the app.

A handler returns None, the action's output variables (text by name) or a `Continue`: the pipeline then invokes the
function again, with its token. The pipeline is told through its API, on failure and before the deadline too: an action
that is not answered stands still until its time limit of 20 minutes. This needs boto3 (`lambdarouter[aws]`) and the
permissions `codepipeline:PutJobSuccessResult` and `codepipeline:PutJobFailureResult`.

Delivery: asynchronous; the function is invoked again only where the pipeline could not be told.
https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html
"""

from __future__ import annotations

from lambdarouter.core.aws import client
from lambdarouter.core.single import FilterTrigger, SingleRecord, plain
from lambdarouter.core.told import ToldSource
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["CodePipelineSource", "CodePipelineTrigger", "Continue", "PipelineJob"]

_JOB = "CodePipeline.job"
_CONFIGURATION = (_JOB, "data", "actionConfiguration", "configuration")
_LONGEST_MESSAGE = 5000


class PipelineJob(SingleRecord):
    """One run of an action.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_JobData.html
    """

    _id_path = (_JOB, "id")

    job_id: str = field(_JOB, "id")
    account_id: str = field(_JOB, "accountId", default="")
    function: str = field(*_CONFIGURATION, "FunctionName", default="")
    parameters: str | None = field(*_CONFIGURATION, "UserParameters", default=None)
    # Each with its `name`, `revision`, and `location` in S3.
    input_artifacts: list[dict[str, Any]] = field(_JOB, "data", "inputArtifacts", of=list, default=list)
    output_artifacts: list[dict[str, Any]] = field(_JOB, "data", "outputArtifacts", of=list, default=list)
    # For the artifacts: accessKeyId, secretAccessKey, sessionToken.
    credentials: dict[str, str] = field(_JOB, "data", "artifactCredentials", of=dict, default=dict)
    # What a `Continue` gave; None in the first invocation.
    continuation_token: str | None = field(_JOB, "data", "continuationToken", default=None)


class Continue:
    """The action is not done yet: invoke the function again, with this token (`PipelineJob.continuation_token`)."""

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token: str = token


class CodePipelineSource(ToldSource):
    """Lambda actions: one handler, whose success or failure the pipeline is told."""

    names: tuple[str, ...] = ("codepipeline",)
    decorator = "@app.codepipeline()"
    record: type[View] = PipelineJob
    payload: str | None = "parameters"

    def origin(self, record: PipelineJob) -> str:
        """The function that the action names."""
        return f"the pipeline action of the function {record.function!r}"

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """What PutJobSuccessResult takes besides the job's id."""
        if isinstance(value, Continue):
            return {"continuationToken": value.token}
        return {} if value is None else {"outputVariables": _variables(plain(value))}

    def tell(self, event: PipelineJob, outcome: Outcome) -> None:
        """Put the job's result."""
        error, api = outcome.error, client("codepipeline")
        if error is None:
            api.put_job_success_result(jobId=event.job_id, **outcome.value)
        else:
            message = f"{type(error).__name__}: {error}"[:_LONGEST_MESSAGE]
            api.put_job_failure_result(jobId=event.job_id, failureDetails={"type": "JobFailed", "message": message})


def _variables(value: Any) -> Mapping[str, str]:
    if isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
        return value
    msg = f"a pipeline action's output variables are text by name, not {value!r:.60}"
    raise TypeError(msg)


class CodePipelineTrigger(FilterTrigger):
    """`@app.codepipeline()`: run a pipeline's Lambda action.

    `function`: the action's function, by name or glob, or a list of them; without, every one. `shared`: the options of
    every trigger.
    """

    __slots__ = ()

    source: type[Source] = CodePipelineSource

    def __init__(self, *, function: str | Sequence[str] | None = None, **shared: Unpack[Shared]) -> None:
        super().__init__({"function": function}, **shared)
