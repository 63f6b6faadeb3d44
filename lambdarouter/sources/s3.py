"""S3: a handler for what happens to the objects of a bucket.

::

    @app.s3("uploads", events="ObjectCreated:*", suffix=[".jpg", ".png"])
    def thumbnail(record: S3Record) -> None: ...


    @app.s3("uploads", events="ObjectRemoved:*", via="sqs:uploads-queue")
    def forget(record: S3Record) -> None: ...

`bucket` is a name, an ARN, or a glob of either. `events` (kinds, or globs of them), `prefix` and `suffix` (of the key)
decline the rest. `S3Record` is passed by its type; its `key` is decoded. One decorator takes S3's own notifications and
what S3 sends through EventBridge, under the same kinds. `via` says in which envelopes they come: the queue, the topic,
or both (`via=["sqs:uploads-queue", "sns:uploads"]`).

Delivery: asynchronous, at least once, in no order. All matching handlers run, side by side, and are joined; if any
raises, the invocation fails, and Lambda runs all of them again (twice by default, then the function's dead-letter queue
or destination). Objects of a bucket that no route names fail the invocation. The test event that S3 sends when
notifications are set up is taken note of, and no handler called.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_words, nearest, several_of
from lambdarouter.core.conversion import timestamp, url_encoded_key
from lambdarouter.core.envelope import hops_of
from lambdarouter.core.pattern import Patterns, Resources
from lambdarouter.core.route import Declined
from lambdarouter.core.source import Source
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.view import Event, Record, field
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.envelope import Via
    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["S3Event", "S3Record", "S3Source", "S3Trigger"]


def _kind_of_event(raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw.removeprefix("s3:")


class S3Record(Record):
    """What happened to one object, in either of S3's two forms."""

    # The kind of event, without "s3:": "ObjectCreated:Put".
    event_name: str = field("eventName", of=_kind_of_event)
    time: datetime = field("eventTime", of=timestamp)
    region: str = field("awsRegion", default="")
    bucket: str = field("s3", "bucket", "name")
    # Decoded: as it is called in the bucket.
    key: str = field("s3", "object", "key", of=url_encoded_key)
    # In bytes; None for what is no longer there.
    size: int | None = field("s3", "object", "size", of=int, default=None)
    etag: str | None = field("s3", "object", "eTag", default=None)
    version_id: str | None = field("s3", "object", "versionId", default=None)
    # Of two events of one key, the later has the greater one (as text, padded on the right with zeros).
    sequencer: str | None = field("s3", "object", "sequencer", default=None)
    source_ip: str | None = field("requestParameters", "sourceIPAddress", default=None)
    # Who did it: an id, or for a service its domain.
    principal: str | None = field("userIdentity", "principalId", default=None)
    request_id: str | None = field("responseElements", "x-amz-request-id", default=None)
    # Which of the bucket's notification configurations; only in S3's own notifications.
    configuration_id: str | None = field("s3", "configurationId", default=None)
    # Whether this is S3's test, which is about no object.
    is_test = False

    @property
    def id(self) -> str:
        """Bucket, key, kind, and S3's sequencer of the event."""
        parts = [self.peek("s3", "bucket", "name"), self.peek("s3", "object", "key"), self.peek("eventName")]
        sequencer = self.peek("s3", "object", "sequencer") or self.peek("s3", "object", "versionId")
        if None in parts or sequencer is None:
            return self.locate()
        return "/".join([*filter(None, parts), sequencer])

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return self.peek("s3", "bucket", "arn") or f"arn:aws:s3:::{self.bucket}"


_CREATED = {
    "PutObject": "Put",
    "POST Object": "Post",
    "CopyObject": "Copy",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
}
_REMOVED = {"Delete Marker Created": "DeleteMarkerCreated", "Permanently Deleted": "Delete"}
_OTHERS = {
    "Object Restore Initiated": "ObjectRestore:Post",
    "Object Restore Completed": "ObjectRestore:Completed",
    "Object Restore Expired": "ObjectRestore:Delete",
    "Object Tags Added": "ObjectTagging:Put",
    "Object Tags Deleted": "ObjectTagging:Delete",
    "Object ACL Updated": "ObjectAcl:Put",
    "Object Storage Class Changed": "LifecycleTransition",
    "Object Access Tier Changed": "IntelligentTiering",
}


class _BridgedRecord(S3Record):
    """The same through EventBridge, which has it under other keys, and the key as it is."""

    time: datetime = field("time", of=timestamp)
    region: str = field("region", default="")
    bucket: str = field("detail", "bucket", "name")
    key: str = field("detail", "object", "key")
    size: int | None = field("detail", "object", "size", of=int, default=None)
    etag: str | None = field("detail", "object", "etag", default=None)
    version_id: str | None = field("detail", "object", "version-id", default=None)
    sequencer: str | None = field("detail", "object", "sequencer", default=None)
    source_ip: str | None = field("detail", "source-ip-address", default=None)
    principal: str | None = field("detail", "requester", default=None)
    request_id: str | None = field("detail", "request-id", default=None)

    @property
    def event_name(self) -> str:  # type: ignore[override] # in this form, from several fields
        """The kind, in the words of S3's notifications; a detail type that these do not know, as it is."""
        kind, reason = self.peek("detail-type") or "", self.peek("detail", "reason") or ""
        if kind == "Object Created":
            return f"ObjectCreated:{_CREATED.get(reason, reason)}"
        if kind == "Object Deleted":
            removed = _REMOVED.get(self.peek("detail", "deletion-type") or "", "Delete")
            return f"LifecycleExpiration:{removed}" if "Lifecycle" in reason else f"ObjectRemoved:{removed}"
        return _OTHERS.get(kind, kind)

    @property
    def id(self) -> str:
        """EventBridge's id of the event."""
        return self.peek("id") or self.locate()

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        resources = self.raw.get("resources")
        first = resources[0] if isinstance(resources, list) and resources else None
        return first if isinstance(first, str) and first else f"arn:aws:s3:::{self.bucket}"


class _TestRecord(S3Record):
    """S3's test of a notification configuration."""

    event_name: str = field("Event", of=_kind_of_event)
    time: datetime = field("Time", of=timestamp)
    bucket: str = field("Bucket")
    key: str = field("Key", default="")
    is_test = True

    @property
    def id(self) -> str:
        """What it is."""
        return "s3:TestEvent"


def _list_of_records(raw: Any) -> list[S3Record]:
    return [S3Record(record, "Records", index) for index, record in enumerate(raw)]


class S3Event(Event):
    """An event of S3; in S3's own form it has `records`."""

    records: list[S3Record] = field("Records", of=_list_of_records, default=list)


class S3Source(Source):
    """Objects: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("s3", "s3.eventbridge", "s3.test")
    decorator = "@app.s3(bucket)"
    event: type[Event] = S3Event
    record: type[View] = S3Record

    def split(self, event: S3Event) -> Sequence[S3Record]:
        """S3's records; of the other forms, the event itself."""
        raw = event.raw
        if raw.get("Event") == "s3:TestEvent":
            return [_TestRecord(raw)]
        if "detail-type" in raw:
            return [_BridgedRecord(raw)]
        return super().split(event)  # type: ignore[return-value]

    def match(self, record: S3Record, routes: Any) -> Sequence[Match | Outcome]:
        """A test is for nobody, and fine."""
        if record.is_test:
            return [Declined(record, None, "S3's test of a notification configuration")]
        return super().match(record, routes)

    def origin(self, record: S3Record) -> str:
        """The bucket, by name."""
        return f"the S3 bucket {record.bucket!r}"


class S3Trigger(Trigger):
    """`@app.s3("uploads")`: run for what happens to the objects of this bucket.

    `bucket`: a name, an ARN, or a glob of either, or a list of them. `events`: the kinds wanted, such as
    "ObjectCreated:*" or "ObjectRemoved:Delete", or a list of them; without, all. `prefix`, `suffix`: what the key
    begins and ends with, or a list of which one will do. `via`: the envelopes in which they come, outermost first
    ("sqs:uploads-queue"). `shared`: the options of every trigger.
    """

    __slots__ = ("_buckets", "_events", "_prefix", "_suffix", "via")

    source: type[Source] = S3Source

    def __init__(
        self,
        bucket: str | Sequence[str],
        *,
        events: str | Sequence[str] | None = None,
        prefix: str | Sequence[str] | None = None,
        suffix: str | Sequence[str] | None = None,
        via: Via = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(**shared)
        self._buckets = Resources(bucket, "bucket", "s3")
        self._events = None if events is None else Patterns(_kinds(events), "events")
        self._prefix = _texts(prefix, "prefix")
        self._suffix = _texts(suffix, "suffix")
        self.via: tuple[Any, ...] = hops_of(via)

    def claims(self, record: S3Record) -> bool:
        """By the bucket's name or ARN."""
        return self._buckets.match(record.bucket_arn)

    def declines(self, record: S3Record) -> str | None:
        """By kind and key."""
        if self._events is not None and not self._events.match(record.event_name):
            return f"the event is {record.event_name!r}, not {self._events.text}"
        if self._prefix and not record.key.startswith(self._prefix):
            return f"the key {record.key!r:.200} does not begin with {' or '.join(map(repr, self._prefix))}"
        if self._suffix and not record.key.endswith(self._suffix):
            return f"the key {record.key!r:.200} does not end with {' or '.join(map(repr, self._suffix))}"
        return None

    def describe(self) -> str:
        """The bucket and the filters."""
        shown = [self._buckets.text]
        shown += [] if self._events is None else [self._events.text]
        shown += [f"prefix={'|'.join(self._prefix)}"] if self._prefix else []
        shown += [f"suffix={'|'.join(self._suffix)}"] if self._suffix else []
        return " ".join(shown)


# Each family with the kinds S3 has in it; those without are kinds themselves.
_FAMILIES = {
    "ObjectCreated": ("Put", "Post", "Copy", "CompleteMultipartUpload"),
    "ObjectRemoved": ("Delete", "DeleteMarkerCreated"),
    "ObjectRestore": ("Post", "Completed", "Delete"),
    "ReducedRedundancyLostObject": (),
    "Replication": (
        "OperationFailedReplication",
        "OperationNotTracked",
        "OperationMissedThreshold",
        "OperationReplicatedAfterThreshold",
    ),
    "LifecycleExpiration": ("Delete", "DeleteMarkerCreated"),
    "LifecycleTransition": (),
    "IntelligentTiering": (),
    "ObjectTagging": ("Put", "Delete"),
    "ObjectAcl": ("Put",),
    "ObjectAnnotation": ("Put", "Delete"),
    "ObjectRetention": ("Put",),
}


def _kinds(events: Any) -> list[str]:
    kinds = [kind.removeprefix("s3:") if isinstance(kind, str) else kind for kind in several_of(events)]
    for kind in kinds:
        family, colon, _ = kind.partition(":") if isinstance(kind, str) else ("", "", "")
        known = [f"{family}:{each}" for each in _FAMILIES.get(family, ())]
        if family not in _FAMILIES and "*" not in family:
            meant = nearest(family, _FAMILIES)
            msg = f"events is {events!r}{meant}; S3's kinds are {', '.join(_FAMILIES)}, as in 'ObjectCreated:*'"
            raise ConfigurationError(msg)
        if known and not colon:
            msg = f"events is {kind!r}, which can never match: write '{kind}:*', or one of {', '.join(known)}"
            raise ConfigurationError(msg)
        check_words("events", kind, known, lambda word: True)
    return kinds


def _texts(value: Any, what: str) -> tuple[str, ...]:
    if value is None:
        return ()
    texts = tuple(several_of(value))
    if not texts or not all(isinstance(text, str) and text for text in texts):
        msg = f"{what} is {value!r}; it is text, or a list of texts of which one will do"
        raise ConfigurationError(msg)
    return texts
