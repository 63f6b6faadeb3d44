"""Batches that Data Firehose and Kinesis Data Analytics hand over, S3's batch tasks, DocumentDB's changes, log events.

Shapes after the services' pages on Lambda: see the rooms of these names.
"""

from __future__ import annotations

import gzip
from base64 import b64encode

from lambdarouter.testing.events.common import (
    ACCOUNT,
    MOMENT,
    REGION,
    arn,
    base64_of,
    epoch_millis,
    identifier,
    json_text,
    json_value,
    moment,
    text_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

__all__ = ["analytics", "documentdb", "firehose", "logs", "s3_batch"]


def firehose(
    stream: str, *data: Any, partition_key: str | None = None, time: datetime | str = MOMENT
) -> dict[str, Any]:
    """Build one record for each of `data` ("firehose"); what is neither text nor bytes is sent as JSON.

    With a `partition_key`, a Kinesis stream feeds the delivery stream. `time`: when the first arrived.
    """
    arrived = epoch_millis(moment(time))
    source = {} if partition_key is None else {"sourceKinesisStreamArn": arn("kinesis", "stream/clicks")}
    return {
        "invocationId": identifier("firehose", stream),
        **source,
        "deliveryStreamArn": arn("firehose", f"deliverystream/{stream}"),
        "region": REGION,
        "records": [
            {
                "recordId": f"{49546986683135544286507457936321625675700192471156785154 + number}",
                "approximateArrivalTimestamp": arrived + number,
                "data": base64_of(each),
                **_metadata(number, partition_key, arrived),
            }
            for number, each in enumerate(_some(data))
        ],
    }


def _metadata(number: int, partition_key: str | None, arrived: int) -> dict[str, Any]:
    if partition_key is None:
        return {}
    metadata = {
        "shardId": "shardId-000000000000",
        "partitionKey": partition_key,
        "approximateArrivalTimestamp": arrived,
        "sequenceNumber": str(49546986683135544286507457936321625675700192471156785154 + number),
        "subsequenceNumber": 0,
    }
    return {"kinesisRecordMetadata": metadata}


def analytics(application: str, *data: Any, stream: str | None = None, retry_hint: int = 0) -> dict[str, Any]:
    """Build one record for each of `data` ("analytics"): the application's output, or with a `stream`, its input.

    What is neither text nor bytes is sent as JSON. `retry_hint`: how often the output was tried before.
    """
    hint: dict[str, Any] = {"lambdaDeliveryRecordMetadata": {"retryHint": retry_hint}}
    of_input = {} if stream is None else {"streamArn": arn("kinesis", f"stream/{stream}")}
    return {
        "invocationId": identifier("analytics", application),
        "applicationArn": arn("kinesisanalytics", f"application/{application}"),
        **of_input,
        "records": [
            {
                "recordId": f"{49572672223665514422805246926656954630972486059535892482 + number}",
                "data": base64_of(each),
                **(hint if stream is None else _position(number)),
            }
            for number, each in enumerate(_some(data))
        ],
    }


def _position(number: int) -> dict[str, Any]:
    metadata = {
        "sequenceNumber": str(49572672223665514422805246926656954630972486059535892482 + number),
        "partitionKey": "1",
        "shardId": "shardId-000000000000",
        "approximateArrivalTimestamp": epoch_millis(MOMENT),
    }
    return {"kinesisStreamRecordMetadata": metadata}


def s3_batch(
    bucket: str, *keys: str, version_id: str | None = None, arguments: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Build one task for each of `keys` ("s3.batch"), which are URL-encoded as S3 does.

    `version_id`: every object's. `arguments`: the job's; with them the event is in schema 2.0, else in 1.0.
    """
    from urllib.parse import quote_plus  # noqa: PLC0415 - as in the room

    job: dict[str, Any] = {"id": identifier("job", bucket)}
    place: dict[str, str] = {"s3BucketArn": f"arn:aws:s3:::{bucket}"}
    if arguments is not None:
        job["userArguments"] = dict(arguments)
        place = {"s3Bucket": bucket}
    return {
        "invocationSchemaVersion": "1.0" if arguments is None else "2.0",
        "invocationId": b64encode(identifier("invocation", bucket).encode()).decode(),
        "job": job,
        "tasks": [
            {
                "taskId": b64encode(identifier(bucket, key, str(number)).encode()).decode(),
                "s3Key": quote_plus(key),
                "s3VersionId": version_id,
                **place,
            }
            for number, key in enumerate(_some(keys))
        ],
    }


def documentdb(
    collection: str,
    *documents: Any,
    database: str = "shop",
    operation: str = "insert",
    update: Any = None,
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build one change for each of `documents` ("documentdb"), which have an `_id`; of a delete it is all there is.

    `update` is an update's updateDescription: `{"updatedFields": …, "removedFields": …}`. `time`: when they changed.
    """
    described = {} if update is None else {"updateDescription": update}
    return {
        "eventSourceArn": arn("rds", "cluster:orders"),
        "events": [
            {
                "event": {
                    "_id": {"_data": f"0163eeb6e7000000090100000009{number:08}41e1"},
                    "clusterTime": {"$timestamp": {"t": int(moment(time).timestamp()), "i": number + 1}},
                    "documentKey": _key(document),
                    **({} if operation == "delete" else {"fullDocument": document}),
                    "ns": {"db": database, "coll": collection},
                    "operationType": operation,
                    **json_value(described),
                }
            }
            for number, document in enumerate(map(json_value, _some(documents)))
        ],
        "eventSource": "aws:docdb",
    }


def _key(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict) or "_id" not in document:
        message = f"{document!r:.80} is no document: one is an object with an _id"
        raise ValueError(message)
    return {"_id": document["_id"]}


def logs(
    group: str,
    *messages: Any,
    stream: str = "2026/01/01/[$LATEST]0",
    extracted: Mapping[str, str] | None = None,
    control: bool = False,
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build one log event for each of `messages` ("logs"); what is not text is sent as JSON.

    `extracted`: what a filter pattern with named fields found in each. `time`: when the first was logged. `control`:
    CloudWatch's message to see whether the function is there.
    """
    logged = epoch_millis(moment(time))
    content = {
        "messageType": "CONTROL_MESSAGE" if control else "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": ["example-filter"],
        "logEvents": [
            {
                "id": str(37199773595581154154810589279545129148442535997644275712 + number),
                "timestamp": logged + number,
                "message": text_of(message),
                **({} if extracted is None else {"extractedFields": dict(extracted)}),
            }
            for number, message in enumerate(_some(messages))
        ],
    }
    return {"awslogs": {"data": b64encode(gzip.compress(json_text(content).encode(), mtime=0)).decode()}}


def _some(items: tuple[Any, ...]) -> tuple[Any, ...]:
    if not items:
        message = "a batch has at least one record"
        raise ValueError(message)
    return items
