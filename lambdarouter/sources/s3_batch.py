"""S3 Batch Operations: a handler for every task of a job.

::

    @app.s3_batch("archive")
    def copy(task: S3BatchTask) -> str:
        return f"copied {task.key}"

`bucket` is a name, an ARN, or a glob of either. `S3BatchTask` and `S3BatchEvent` are passed by their type; the task's
`key` is decoded. What the handler returns goes into the job's report. The first route that takes a task answers for it.

Delivery: synchronous, one task per event (or a few), at least once. A handler that raises makes the task a
`TemporaryFailure`, which S3 tries again; one that raises `PermanentFailure`, a task of a bucket that no route names,
and one whose key cannot be decoded, is a `PermanentFailure`, which S3 only reports.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.batch import PickingSource
from lambdarouter.core.conversion import url_encoded_key
from lambdarouter.core.pattern import Resources
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.view import Event, Record, field
from lambdarouter.errors import InvalidEventError, InvalidPayloadError, LambdarouterError, NoRouteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["PermanentFailure", "S3BatchEvent", "S3BatchSource", "S3BatchTask", "S3BatchTrigger"]

# What fails again when the same task comes again.
_LASTING = (NoRouteError, InvalidEventError, InvalidPayloadError)
_MOST_TEXT = 1024  # of a result's text that S3 keeps


class PermanentFailure(LambdarouterError):  # noqa: N818 - S3's own word
    """Raised by a handler: the task can never succeed, so S3 shall not try it again."""


class S3BatchTask(Record):
    """One task: an object of the job's manifest."""

    task_id: str = field("taskId")
    # Decoded: as it is called in the bucket.
    key: str = field("s3Key", of=url_encoded_key)
    version_id: str | None = field("s3VersionId", default=None)
    # The job's, which stand in the event.
    job_id = ""
    user_arguments: dict[str, str] = {}  # noqa: RUF012 - nobody changes it: each task gets its event's

    @property
    def id(self) -> str:
        """The task's id, or where it stands."""
        return self.peek("taskId") or self.locate()

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return self.peek("s3BucketArn") or f"arn:aws:s3:::{self.peek('s3Bucket') or ''}"

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.bucket_arn.rpartition(":")[2]


class S3BatchEvent(Event):
    """Tasks of one job, in schema 1.0 or 2.0."""

    invocation_id: str = field("invocationId")
    schema: str = field("invocationSchemaVersion")
    job_id: str = field("job", "id", default="")
    # What the job was created with; schema 2.0.
    user_arguments: dict[str, str] = field("job", "userArguments", of=dict, default=dict)
    tasks: list[Any] = field("tasks", of=list)


class S3BatchSource(PickingSource):
    """Tasks: one handler for each, a result for every id."""

    names: tuple[str, ...] = ("s3.batch",)
    decorator = "@app.s3_batch(bucket)"
    event: type[Event] = S3BatchEvent
    record: type[View] = S3BatchTask

    def split(self, event: S3BatchEvent) -> Sequence[S3BatchTask]:
        """One record for each task."""
        tasks = [S3BatchTask(raw, "tasks", index) for index, raw in enumerate(event.tasks)]
        for task in tasks:
            task.job_id, task.user_arguments = event.job_id, event.user_arguments
        return tasks

    def result(self, match: Match, value: Any) -> Any:
        """Text, or the JSON of anything else."""
        return "" if value is None else value if isinstance(value, str) else codec.encode(value)

    def respond(self, event: S3BatchEvent, outcomes: Sequence[Outcome]) -> Any:
        """A result for every task."""
        return {
            "invocationSchemaVersion": event.schema,
            "treatMissingKeysAs": "PermanentFailure",
            "invocationId": event.invocation_id,
            "results": [self._one(outcome) for outcome in outcomes],
        }

    def _one(self, outcome: Outcome) -> dict[str, str]:
        task, error = outcome.record.peek("taskId"), outcome.error
        if task is None:
            msg = f"{outcome.record.locate('taskId')} is missing or null; no result can be told without"
            raise InvalidEventError(msg) from error
        if error is None:
            code, text = "Succeeded", str(outcome.value or "")
        else:
            permanent = isinstance(error, (PermanentFailure, *_LASTING))
            code, text = "PermanentFailure" if permanent else "TemporaryFailure", f"{type(error).__name__}: {error}"
        return {"taskId": task, "resultCode": code, "resultString": text[:_MOST_TEXT]}

    def origin(self, record: S3BatchTask) -> str:
        """The bucket."""
        return f"a task of the bucket {record.bucket!r}"


class S3BatchTrigger(Trigger):
    """`@app.s3_batch("archive")`: run for the tasks of jobs on this bucket.

    `bucket`: a name, an ARN, or a glob of either, or a list of them; without, any. `shared`: the options of every
    trigger.
    """

    __slots__ = ("_buckets",)

    source: type[Source] = S3BatchSource

    def __init__(self, bucket: str | Sequence[str] = "*", **shared: Unpack[Shared]) -> None:
        super().__init__(**shared)
        self._buckets = Resources(bucket, "bucket", "s3", kind=None)

    def claims(self, record: S3BatchTask) -> bool:
        """By the bucket's name or ARN."""
        return self._buckets.match(record.bucket_arn)

    def describe(self) -> str:
        """The bucket."""
        return self._buckets.text
