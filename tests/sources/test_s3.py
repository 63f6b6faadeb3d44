"""The S3 room."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, InvalidEventError, NoRouteError, S3Record
from lambdarouter.sources.s3 import S3Event, S3Source, S3Trigger
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import s3


def records(event: Any, name: str = "s3") -> list[Any]:
    source: Any = S3Source()
    return list(source.split(source.parse(event, name)))


def test_both_forms_say_the_same_of_an_object() -> None:
    key = "photos/summer holiday+1 (ü).jpg"
    own = records(s3.notification("uploads", key, version_id="v"))[0]
    bridged = records(s3.eventbridge("uploads", key))[0]
    for record in (own, bridged):
        assert (record.bucket, record.key, record.size, record.region) == ("uploads", key, 1024, "eu-west-1")
        assert (record.event_name, record.bucket_arn) == ("ObjectCreated:Put", "arn:aws:s3:::uploads")
        assert record.time == datetime(2026, 1, 1, 9, tzinfo=UTC)
        assert record.source_ip == "192.0.2.10"
        assert record.etag
        assert record.sequencer
        assert record.principal
        assert record.request_id
    assert (own.version_id, own.configuration_id) == ("v", "example-configuration")
    assert (bridged.version_id, bridged.configuration_id) == (None, None)
    assert bridged.id == bridged.raw["id"]


@pytest.mark.parametrize(
    ("detail_type", "reason", "deletion_type", "kind"),
    [
        ("Object Created", "CopyObject", None, "ObjectCreated:Copy"),
        ("Object Created", "POST Object", None, "ObjectCreated:Post"),
        ("Object Created", "SomethingNew", None, "ObjectCreated:SomethingNew"),
        ("Object Deleted", "DeleteObject", "Permanently Deleted", "ObjectRemoved:Delete"),
        ("Object Deleted", "DeleteObject", "Delete Marker Created", "ObjectRemoved:DeleteMarkerCreated"),
        ("Object Deleted", "Lifecycle Expiration", "Delete Marker Created", "LifecycleExpiration:DeleteMarkerCreated"),
        ("Object Restore Completed", "", None, "ObjectRestore:Completed"),
        ("Object Tags Added", "", None, "ObjectTagging:Put"),
        ("Object Levitated", "", None, "Object Levitated"),
    ],
)
def test_kinds_from_eventbridge_have_the_words_of_notifications(
    detail_type: str, reason: str, deletion_type: str | None, kind: str
) -> None:
    event = s3.eventbridge("b", "k", detail_type=detail_type, reason=reason, deletion_type=deletion_type)
    assert records(event)[0].event_name == kind


def test_ids_tell_two_events_of_one_key_apart_and_never_raise() -> None:
    first, second = records(s3.notification("b", "k", "k"))
    assert first.id != second.id
    assert first.id.startswith("b/k/ObjectCreated:Put/")
    assert S3Record({"s3": None}, "Records", 2).id == "Records[2]"
    assert S3Record(None).id == "the event"
    for raw in ({"detail-type": 1, "resources": [5], "detail": {"bucket": {"name": "b"}}},):
        (record,) = records(raw)
        assert (record.id, record.bucket_arn, record.event_name) == ("the event", "arn:aws:s3:::b", "")


@pytest.mark.parametrize("name", [5, ["ObjectCreated:Put"], {}])
def test_a_kind_that_is_no_text_is_the_events_fault(name: Any) -> None:
    event = s3.notification("b", "k")
    event["Records"][0]["eventName"] = name
    with pytest.raises(InvalidEventError, match="eventName"):
        _ = records(event)[0].event_name


@pytest.mark.parametrize("key", ["%FF", 5, ["a"]])
def test_a_key_that_is_no_text_is_the_events_fault(key: Any) -> None:
    event = s3.notification("b", "k")
    event["Records"][0]["s3"]["object"]["key"] = key
    with pytest.raises(InvalidEventError, match="url encoded key"):
        _ = records(event)[0].key


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, "ok"),
        ({"events": "ObjectCreated:*"}, "ok"),
        ({"events": ["s3:ObjectRemoved:*", "s3:ObjectCreated:Put"]}, "ok"),
        ({"events": "*"}, "ok"),
        ({"events": "ObjectRemoved:*"}, "declined"),
        ({"prefix": "my photos/"}, "ok"),
        ({"prefix": ["x", "my"]}, "ok"),
        ({"prefix": "my+photos/"}, "declined"),
        ({"suffix": (".png", ".jpg")}, "ok"),
        ({"suffix": ".png"}, "declined"),
        ({"suffix": ".png", "unmatched": "fail"}, "failed"),
    ],
    ids=str,
)
@pytest.mark.parametrize("build", [s3.notification, s3.eventbridge])
def test_kind_prefix_and_suffix_decline_the_rest(options: dict[str, Any], status: str, build: Any) -> None:
    app = App()
    app.s3("uploads", **options)(lambda: None)
    completion = app.complete(build("uploads", "my photos/1.jpg"))
    assert [outcome.status for outcome in completion.outcomes] == [status]


@pytest.mark.parametrize("bucket", ["uploads", "up*", "arn:aws:s3:::uploads", ["x", "uploads"]])
def test_a_bucket_is_named_by_name_arn_or_glob(bucket: Any) -> None:
    app = App()
    app.s3(bucket)(lambda event: None)

    @app.s3(bucket)
    def whole(event: S3Event) -> int:
        return len(event.records)

    completion = app.complete(s3.notification("uploads", "a", "b"))
    assert [outcome.value for outcome in completion.outcomes] == [None, 2, None, 2]
    assert isinstance(app.complete(s3.notification("others", "a")).error, NoRouteError)


@pytest.mark.parametrize(
    "options",
    [
        {"bucket": ""},
        {"bucket": "arn:aws:sqs:::uploads"},
        {"events": "ObjectEaten:*"},
        {"events": 5},
        {"events": []},
        {"prefix": ""},
        {"suffix": []},
        {"suffix": [1]},
        {"via": 5},
        {"via": []},
        {"via": "sqs"},
        {"via": ["sqs:"]},
    ],
    ids=str,
)
def test_options_that_can_never_match_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(options))} is"):
        S3Trigger(**{"bucket": "uploads", **options})


def test_the_test_event_is_fine_and_calls_nobody() -> None:
    app = App()
    app.s3("uploads")(lambda: 1 / 0)
    completion = TestClient(app).invoke(s3.test("uploads"))
    assert (completion.reply, completion.error) == (None, None)
    assert [outcome.status for outcome in completion.outcomes] == ["declined"]
    (record,) = records(s3.test("uploads"), "s3.test")
    assert (record.bucket, record.event_name, record.key) == ("uploads", "TestEvent", "")
    assert record.time.year == 2026


def test_the_builder_wants_an_object() -> None:
    with pytest.raises(ValueError, match="at least one object"):
        s3.notification("uploads")


def test_a_trigger_describes_itself() -> None:
    trigger = S3Trigger("uploads", events=["s3:ObjectCreated:*"], prefix="a", suffix=["b", "c"])
    assert repr(trigger) == "S3Trigger(uploads ObjectCreated:* prefix=a suffix=b|c)"
