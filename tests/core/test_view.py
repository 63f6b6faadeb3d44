"""Views: AWS's JSON, read when it is asked for, and exact about what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter import Event, InvalidEventError, Record, View, field, timestamp
from lambdarouter.core.view import kind_of


class Item(Record):
    name: str = field("Sns", "Message")
    count: int = field("Sns", "Count")
    size: float = field("Sns", "Size")
    live: bool = field("Sns", "Live")
    tags: list[Any] = field("Sns", "Tags", of=list)
    extra: dict[str, Any] = field("Sns", "Extra", of=dict, default=dict)
    subject: str | None = field("Sns", "Subject", default=None)
    fallback: str = field("Sns", "Fallback", default="none")
    at: datetime = field("At", of=timestamp)

    whole: int = field(of=len)


# Annotated types are for editors; `of` is what is checked.
Item.__dict__["count"].of = int
Item.__dict__["size"].of = float
Item.__dict__["live"].of = bool


def item(**sns: Any) -> Item:
    return Item({"Sns": sns}, "Records", 3)


def test_a_field_is_the_value_at_its_path() -> None:
    view = item(Message="hello", Count=2, Size=1.5, Live=True, Tags=[1])
    assert (view.name, view.count, view.size, view.live, view.tags) == ("hello", 2, 1.5, True, [1])
    assert view.whole == 1


def test_a_field_is_read_when_it_is_asked_for_and_then_kept() -> None:
    raw: dict[str, Any] = {"Sns": {}}
    view = Item(raw)
    raw["Sns"]["Message"] = "late"
    assert view.name == "late"
    raw["Sns"]["Message"] = "later still"
    assert view.name == "late"


def test_a_conversion_runs_once() -> None:
    calls: list[int] = []

    def convert(value: int) -> int:
        calls.append(value)
        return value

    class Counted(View):
        value: int = field("n", of=convert)

    view = Counted({"n": 5})
    assert (view.value, view.value, calls) == (5, 5, [5])


def test_unknown_fields_are_kept_in_raw_and_break_nobody() -> None:
    raw = {"Sns": {"Message": "x", "New": {"from": "AWS"}}}
    view = Item(raw)
    assert view.name == "x"
    assert view.raw is raw


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"Sns": None},
        {"Sns": {}},
        {"Sns": {"Message": None}},
        {"Sns": []},
        {"Sns": "text"},
        {"Sns": 5},
        None,
        [],
        "x",
        7,
    ],
)
def test_a_mandatory_value_that_is_missing_or_null_is_named_by_its_path(raw: Any) -> None:
    with pytest.raises(InvalidEventError, match=r"^Records\[3\]\.Sns\.Message is missing or null"):
        _ = Item(raw, "Records", 3).name


@pytest.mark.parametrize("raw", [{}, {"Sns": None}, {"Sns": {"Subject": None, "Extra": None, "Fallback": None}}, None])
def test_a_default_stands_for_what_is_missing_or_null_and_types_are_called(raw: Any) -> None:
    view = Item(raw)
    assert (view.subject, view.extra, view.fallback) == (None, {}, "none")
    assert Item(raw).extra is not view.extra


def test_empty_values_are_values() -> None:
    view = item(Subject="", Fallback="", Extra={}, Count=0, Live=False)
    assert (view.subject, view.fallback, view.count, view.live) == ("", "", 0, False)


JSON = [None, True, 1, 1.5, "text", [1], {"a": 1}]
FITS: dict[str, Any] = {
    "name": lambda v: isinstance(v, str),
    "count": lambda v: type(v) is int,
    "size": lambda v: type(v) in (int, float),
    "live": lambda v: type(v) is bool,
    "tags": lambda v: isinstance(v, list),
}
PATHS = {"name": "Message", "count": "Count", "size": "Size", "live": "Live", "tags": "Tags"}


@pytest.mark.parametrize("value", JSON, ids=repr)
@pytest.mark.parametrize("attribute", FITS)
def test_a_value_of_another_json_type_is_refused_with_what_was_seen_and_expected(attribute: str, value: Any) -> None:
    view = item(**{PATHS[attribute]: value})
    if FITS[attribute](value):
        assert getattr(view, attribute) == value
        return
    with pytest.raises(InvalidEventError) as caught:
        getattr(view, attribute)
    message = str(caught.value)
    assert message.startswith(f"Records[3].Sns.{PATHS[attribute]} is ")
    if value is not None:
        assert kind_of(value) in message
        assert ", expected a" in message


def test_a_boolean_is_no_number() -> None:
    with pytest.raises(InvalidEventError, match=r"Count is a boolean \(True\), expected a number"):
        _ = item(Count=True).count


def test_a_message_shows_a_short_sample_of_a_scalar_and_nothing_of_the_rest() -> None:
    with pytest.raises(InvalidEventError) as caught:
        _ = item(Count="x" * 1000).count
    assert len(str(caught.value)) < 160
    with pytest.raises(InvalidEventError) as caught:
        _ = item(Message={"password": "hunter2"}).name
    assert "hunter2" not in str(caught.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.sampled_from(["Sns", "Message", "At"]), s),
    )
)
def test_no_json_makes_a_view_fail_in_another_way(raw: Any) -> None:
    view = Item(raw)
    for attribute in ("name", "count", "size", "live", "tags", "extra", "subject", "fallback", "at"):
        try:
            getattr(view, attribute)
        except InvalidEventError as error:
            assert "Sns." in str(error) or "At" in str(error)  # noqa: PT017 - others are the point
    assert view.id == "the event"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.678Z", datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ],
)
def test_a_timestamp_has_a_zone_utc_where_it_names_none(text: str, moment: datetime) -> None:
    assert timestamp(text) == moment
    assert Item({"At": text}).at.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize("value", ["", "yesterday", 1735689600, {}, True])
def test_what_is_no_timestamp_is_refused_with_its_path(value: Any) -> None:
    with pytest.raises(InvalidEventError, match=r"^At is .*, expected a timestamp$"):
        _ = Item({"At": value}).at


def test_views_tell_where_they_stand() -> None:
    assert Item({}, "Records", 0).locate("Sns") == "Records[0].Sns"
    assert Event({}).locate() == "the event"
    assert Event({}).locate("time") == "time"
    assert Item({}, "Records", 7).id == "Records[7]"
    assert repr(Item({}, "Records", 7)) == "<Item Records[7]>"


def test_a_field_of_the_class_is_its_declaration() -> None:
    assert Item.name is Item.__dict__["name"]


def test_kinds_are_called_what_json_calls_them() -> None:
    assert [kind_of(v) for v in JSON] == [
        "null",
        "a boolean",
        "a number",
        "a number",
        "a string",
        "a list",
        "an object",
    ]
    assert kind_of(b"") == "a bytes"
