"""Kinesis Data Analytics for SQL: a handler for the records before the application, or for what it delivers.

::

    @app.analytics("clicks-app")
    def clean(order: Order) -> dict[str, int]:
        return {"id": order.id}

`application` is a name, an ARN, or a glob of either. One parameter takes the data, as for Data Firehose. Where the
function prepares the application's input (the event then has the stream's ARN), what the handler returns is the new
data, and `Transformed` may drop a record; where it is the application's output, the value is not used.
`AnalyticsRecord` and `AnalyticsEvent` are passed by their type. The first route that takes a record answers for it.

Delivery: synchronous, in batches, at least once. Every record gets its result: a handler that raises makes it
`ProcessingFailed`, or as output `DeliveryFailed`, which is delivered again. So are those that no route names.
https://docs.aws.amazon.com/kinesisanalytics/latest/dev/how-it-works-output-lambda.html
"""

from __future__ import annotations

from lambdarouter.core.batch import BatchTrigger
from lambdarouter.core.conversion import base64_text
from lambdarouter.core.pattern import Resources
from lambdarouter.core.transform import TransformSource
from lambdarouter.core.view import Event, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.batch import BatchShared
    from lambdarouter.core.route import Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.view import View

__all__ = ["AnalyticsEvent", "AnalyticsRecord", "AnalyticsSource", "AnalyticsTrigger"]


class AnalyticsRecord(Record):
    """One record."""

    record_id: str = field("recordId")
    data: bytes = field("data", of=base64_text)
    # Of an output: how often it was tried before.
    retry_hint: int = field("lambdaDeliveryRecordMetadata", "retryHint", of=int, default=0)
    # Which stands in the event.
    application_arn = ""

    @property
    def id(self) -> str:
        """The record's id, or where it stands."""
        return self.peek("recordId") or self.locate()


class AnalyticsEvent(Event):
    """A batch of records of one application."""

    invocation_id: str = field("invocationId", default="")
    application_arn: str = field("applicationArn")
    # The stream that feeds the application, where the function prepares its input; None where it takes the output.
    stream_arn: str | None = field("streamArn", default=None)
    records: list[Any] = field("records", of=list)


class AnalyticsSource(TransformSource):
    """Records: one handler for each, a result for every id."""

    names: tuple[str, ...] = ("analytics",)
    decorator = "@app.analytics(application)"
    event: type[Event] = AnalyticsEvent
    record: type[View] = AnalyticsRecord

    def split(self, event: AnalyticsEvent) -> Sequence[AnalyticsRecord]:
        """One record for each."""
        records = [AnalyticsRecord(raw, "records", index) for index, raw in enumerate(event.records)]
        for record in records:
            record.application_arn = event.application_arn
        return records

    def respond(self, event: AnalyticsEvent, outcomes: Sequence[Outcome]) -> Any:
        """As a transformation where there is a stream before; else whether each was delivered."""
        reply = super().respond(event, outcomes)
        if event.stream_arn is not None:
            return reply
        return {
            "records": [
                {"recordId": each["recordId"], "result": "Ok" if outcome.error is None else "DeliveryFailed"}
                for each, outcome in zip(reply["records"], outcomes, strict=True)
            ]
        }

    def origin(self, record: AnalyticsRecord) -> str:
        """The application."""
        return f"the analytics application {_name(record.application_arn)!r}"


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


class AnalyticsTrigger(BatchTrigger):
    """`@app.analytics("clicks-app")`: run for the records of this application.

    `application`: a name, an ARN, or a glob of either, or a list of them. `shared`: the options of every trigger of
    batches.
    """

    __slots__ = ("_applications",)

    source: type[Source] = AnalyticsSource

    def __init__(self, application: str | Sequence[str] = "*", **shared: Unpack[BatchShared]) -> None:
        super().__init__(**shared)
        self._applications = Resources(application, "application", "kinesisanalytics", _name, "application/")

    def claims(self, record: AnalyticsRecord) -> bool:
        """By the application's name or ARN."""
        return self._applications.match(record.application_arn)

    def describe(self) -> str:
        """The application."""
        return self._applications.text
