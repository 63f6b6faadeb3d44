"""What S3 sends of a bucket's objects: its own notifications, through EventBridge, and its test.

Shapes after "Event message structure" and "EventBridge event message structure" in the S3 user guide.
"""

from __future__ import annotations

from urllib.parse import quote_plus

from lambdarouter.testing.events.common import ACCOUNT, MOMENT, REGION, identifier, iso, iso_millis, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

__all__ = ["eventbridge", "notification", "test"]

_ETAG = "d41d8cd98f00b204e9800998ecf8427e"


def notification(
    bucket: str,
    *keys: str,
    event: str = "ObjectCreated:Put",
    size: int = 1024,
    etag: str = _ETAG,
    version_id: str | None = None,
    principal: str = "AWS:AIDAEXAMPLEPRINCIPAL",
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build one record for each of `keys` ("s3"), which are URL-encoded as S3 does; `event` is the kind.

    `size` in bytes; `principal`: who did it; `time`: when.
    """
    if not keys:
        message = "a notification is about at least one object"
        raise ValueError(message)
    about = {"principal": principal, "time": iso_millis(moment(time))}
    records = [_record(bucket, key, event, number, **about) for number, key in enumerate(keys)]
    for record in records:
        found = record["s3"]["object"]
        if not event.startswith("ObjectRemoved"):
            found |= {"size": size, "eTag": etag}
        if version_id is not None:
            found["versionId"] = version_id
    return {"Records": records}


def _record(bucket: str, key: str, event: str, number: int, *, principal: str, time: str) -> dict[str, Any]:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": time,
        "eventName": event,
        "userIdentity": {"principalId": principal},
        "requestParameters": {"sourceIPAddress": "192.0.2.10"},
        "responseElements": {
            "x-amz-request-id": "C3D13FE58DE4C810",
            "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "example-configuration",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3NL1KOZZKEXAMPLE"},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": {"key": quote_plus(key, safe="/"), "sequencer": f"{0x0055AED6DCD90281E5 + number:018X}"},
        },
    }


def eventbridge(
    bucket: str,
    key: str,
    *,
    detail_type: str = "Object Created",
    reason: str = "PutObject",
    size: int = 1024,
    etag: str = _ETAG,
    version_id: str | None = None,
    time: datetime | str = MOMENT,
    **detail: Any,
) -> dict[str, Any]:
    """Build S3's event on a bus ("s3.eventbridge"); `detail` adds to its detail (`deletion_type="…"`)."""
    return {
        "version": "0",
        "id": identifier("s3", bucket, key, detail_type),
        "detail-type": detail_type,
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": iso(moment(time)),
        "region": REGION,
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {
                "key": key,
                "size": size,
                "etag": etag,
                **({} if version_id is None else {"version-id": version_id}),
                "sequencer": "00617F08299329D189",
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": ACCOUNT,
            "source-ip-address": "192.0.2.10",
            "reason": reason,
            **{name.replace("_", "-"): value for name, value in detail.items()},
        },
    }


def test(bucket: str) -> dict[str, Any]:
    """Build the event that S3 sends when a bucket's notifications are set up ("s3.test")."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": iso_millis(MOMENT),
        "Bucket": bucket,
        "RequestId": "5582815E1AEA5ADF",
        "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
    }
