"""What AWS delivers next, after an event and what came of it.

A failure is only half a test of a source that delivers at least once: the other half is the next delivery, with what
the app has kept of this one::

    event = sqs("jobs", order, order)
    while event is not None:
        event = redelivery(event, client.invoke(event))
"""

from __future__ import annotations

from copy import deepcopy

from lambdarouter.engine.classify import classify
from lambdarouter.testing.batch import Batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    from lambdarouter.core.route import Completion

    Entry: TypeAlias = tuple[str, Any]  # a partition, and a record of it

__all__ = ["redelivery"]

_ATTEMPTS = 3  # of an asynchronous invocation: Lambda repeats it twice


def redelivery(event: Any, completion: Completion, *, attempt: int = 1) -> Any:
    """The next event that AWS makes of `event`, after its `completion`; None where there is none.

    - SQS: the messages that were reported, or all where the invocation failed, received once more. The mapping is taken
      to have `ReportBatchItemFailures`. It goes on for ever: the queue's `maxReceiveCount` is not known here.
    - Kinesis and DynamoDB: all from the first reported record on. Kafka: the same of each partition.
    - Amazon MQ, DocumentDB and Firehose: the batch, where the invocation failed.
    - S3 Batch Operations, and the output of Kinesis Data Analytics: what is to be tried again.
    - What AWS invokes asynchronously (SNS, S3, EventBridge, cron …): the event, where the invocation failed; Lambda
      does so twice, and `attempt` says which one this was.

    Who invokes synchronously and waits (HTTP, authorizers, Cognito, Lex …) has been told, and gets None.
    """
    name = classify(event)
    if completion.error is not None:
        return _again(event, name, attempt)
    if name not in _REPORTING:
        return None
    batch = Batch(event)
    batch.records = list(_REPORTING[name](batch, completion.reply))
    return _received_again(batch) if batch.records else None


def _again(event: Any, name: str, attempt: int) -> Any:
    """The whole event after an error."""
    if name in _BATCHES:
        return _received_again(Batch(event))
    if name in _ASYNCHRONOUS or (name == "ses" and _is_asynchronous(event)):
        return deepcopy(event) if attempt < _ATTEMPTS else None
    return None


def _is_asynchronous(mail: Any) -> bool:
    action = mail["Records"][0]["ses"]["receipt"]["action"]
    return bool(action.get("invocationType") == "Event")


def _received_again(batch: Batch) -> Any:
    """The event with what its source counts."""
    for _, record in batch.records:
        if batch.name.startswith("mq."):
            record["redelivered"] = True
        elif record.get("messageId") and isinstance(record.get("attributes"), dict):
            count = int(record["attributes"].get("ApproximateReceiveCount", 1))
            record["attributes"]["ApproximateReceiveCount"] = str(count + 1)
        elif isinstance(tried := record.get("lambdaDeliveryRecordMetadata"), dict):
            tried["retryHint"] = tried.get("retryHint", 0) + 1
    return batch.event()


def _failed_items(batch: Batch, reply: Any) -> Iterator[Entry]:
    """Messages that are named; of a stream, what begins with the lowest that is. All where a name is unknown."""
    named = {item["itemIdentifier"] for item in _listed(reply, "batchItemFailures")}
    if not named <= {_identifier(record) for _, record in batch.records}:
        yield from batch.records
        return
    lowest = min((int(each) for each in named if each.isdigit()), default=None)
    for entry in batch.records:
        identifier = _identifier(entry[1])
        # A message's id is no number; a sequence number is.
        if identifier in named or (lowest is not None and int(identifier) >= lowest):
            yield entry


def _identifier(record: Any) -> str:
    numbered = record.get("kinesis") or record.get("dynamodb") or record
    found = numbered.get("sequenceNumber") or numbered.get("SequenceNumber") or record.get("messageId")
    return str(found)


def _failed_offsets(batch: Batch, reply: Any) -> Iterator[Entry]:
    """Of each partition that is named, what begins with the lowest offset. All where a name is unknown."""
    lowest: dict[str, int] = {}
    for item in _listed(reply, "batchItemFailures"):
        partition, offset = item["itemIdentifier"]["partition"], item["itemIdentifier"]["offset"]
        lowest[partition] = min(offset, lowest.get(partition, offset))
    known = {(partition, record["offset"]) for partition, record in batch.records}
    for partition, record in batch.records:
        if not lowest.items() <= known or record["offset"] >= lowest.get(partition, record["offset"] + 1):
            yield partition, record


def _temporary(batch: Batch, reply: Any) -> Iterator[Entry]:
    again = {each["taskId"] for each in _listed(reply, "results") if each["resultCode"] == "TemporaryFailure"}
    return (entry for entry in batch.records if entry[1]["taskId"] in again)


def _undelivered(batch: Batch, reply: Any) -> Iterator[Entry]:
    again = {each["recordId"] for each in _listed(reply, "records") if each["result"] == "DeliveryFailed"}
    return (entry for entry in batch.records if entry[1]["recordId"] in again)


def _listed(reply: Any, name: str) -> list[Any]:
    """A list in the reply; empty where there is none (of an enrichment, null …)."""
    found = reply.get(name) if isinstance(reply, dict) else None
    return found or []


# Whose reply says what is to come again.
_REPORTING: dict[str, Callable[[Batch, Any], Iterator[Entry]]] = {
    "sqs": _failed_items,
    "kinesis": _failed_items,
    "dynamodb": _failed_items,
    "pipes": _failed_items,
    "kafka.msk": _failed_offsets,
    "kafka.self_managed": _failed_offsets,
    "s3.batch": _temporary,
    "analytics": _undelivered,
}
# Whose batch comes again after an error.
_BATCHES = {*_REPORTING, "mq.activemq", "mq.rabbitmq", "documentdb", "firehose"}
# What AWS invokes without waiting.
_ASYNCHRONOUS = {
    "alarm",
    "cloudformation",
    "codecommit",
    "codedeploy",
    "codepipeline",
    "config",
    "cron.rule",
    "cron.scheduler",
    "destination",
    "destination.stream",
    "eventbridge",
    "iot.button",
    "iot.one_click",
    "iot.registry",
    "logs",
    "s3",
    "s3.eventbridge",
    "s3.test",
    "sns",
    "transfer.workflow",
}
