"""SageMaker Ground Truth: the two functions of a custom labeling job.

::

    @app.sagemaker("prehuman")
    def prepare(task: PrehumanEvent) -> dict:
        return {"taskInput": {"text": task.data_object["source"]}}


    @app.sagemaker("consolidation")
    def consolidate(job: ConsolidationEvent) -> list: ...

`kind` is "prehuman" (before an object is shown to workers) or "consolidation" (when their answers are there); `job` is
the labeling job's name or a glob, or a list of them. The event is passed by its type. Ground Truth gets the value as
JSON.

Delivery: synchronous, for each object before, and for a batch of answers afterwards. A handler that raises, and a job
of no route, fail the object or the batch.
https://docs.aws.amazon.com/sagemaker/latest/dg/sms-custom-templates-step3-lambda-requirements.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_characters, check_choices
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["ConsolidationEvent", "LabelingEvent", "PrehumanEvent", "SageMakerSource", "SageMakerTrigger"]

_KINDS = ("prehuman", "consolidation")


class LabelingEvent(SingleRecord):
    """What both functions get."""

    job_arn: str = field("labelingJobArn")

    @property
    def job(self) -> str:
        """The labeling job's name."""
        return self.job_arn.rpartition("/")[2]


class PrehumanEvent(LabelingEvent):
    """One object, before a worker sees it."""

    # The manifest's line: "source" or "source-ref", and the rest of it.
    data_object: dict[str, Any] = field("dataObject", of=dict, default=dict)


class ConsolidationEvent(LabelingEvent):
    """The workers' answers of a batch of objects, in a file on S3."""

    label_attribute: str = field("labelAttributeName", default="")
    role_arn: str = field("roleArn", default="")
    s3_uri: str = field("payload", "s3Uri", default="")
    label_categories: list[Any] = field("labelCategories", of=list, default=list)


class SageMakerSource(SynchronousSource):
    """Labeling jobs: one handler, its value."""

    names: tuple[str, ...] = ("sagemaker.prehuman", "sagemaker.consolidation")
    decorator = "@app.sagemaker(kind)"
    record: type[View] = LabelingEvent
    views: Mapping[str, type[View]] = {
        "sagemaker.prehuman": PrehumanEvent,
        "sagemaker.consolidation": ConsolidationEvent,
    }

    def origin(self, record: LabelingEvent) -> str:
        """The kind and the job."""
        return f"the {record.classified} event of the labeling job {record.job!r}"


class SageMakerTrigger(FilterTrigger):
    """`@app.sagemaker("prehuman")`: answer one of the two functions of a labeling job.

    `kind`: "prehuman" or "consolidation"; `job`: the labeling job's name or a glob, or a list of them. `shared`: the
    options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = SageMakerSource

    def __init__(
        self,
        kind: Literal["prehuman", "consolidation"],
        *,
        job: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        check_choices("kind", kind, _KINDS, several=False)
        super().__init__({"job": job}, names=(f"sagemaker.{kind}",), **shared)
        check_characters("job", job, "-")
