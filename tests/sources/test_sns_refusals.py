from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdarouter import App, Completion, ConfigurationError, InvalidEventError, SnsRecord
from lambdarouter.sources.sns import SnsEvent, SnsTrigger
from lambdarouter.testing.events import sns
from tests.sources.topic import ARN, Order, Refund, recorder, statuses


class Client:
    """No data: what a dependency would be."""


# Envelopes that are not what AWS documents

READERS: dict[str, Callable[[SnsRecord], Any]] = {
    "TopicArn": lambda record: record.topic,
    "Message": lambda record: record.message,
    "MessageId": lambda record: record.message_id,
    "Timestamp": lambda record: record.timestamp,
    "Subject": lambda record: record.subject,
    "MessageAttributes": lambda record: record.attributes,
}
MISSING = object()


def reading(key: str, value: object) -> tuple[list[Any], Completion]:
    app, got = App(), []

    @app.sns("*")
    def read(record: SnsRecord) -> None:
        got.append(READERS[key](record))

    event = sns("orders", "x", "intact")
    if value is MISSING:
        del event["Records"][0]["Sns"][key]
    else:
        event["Records"][0]["Sns"][key] = value
    return got, app.complete(event)


@pytest.mark.parametrize("value", [MISSING, None, 7, True, [], {}])
@pytest.mark.parametrize("key", ["TopicArn", "Message", "MessageId", "Timestamp"])
def test_a_mandatory_field_that_is_missing_null_or_wrong_is_an_error_that_names_its_path(
    key: str, value: object
) -> None:
    got, completion = reading(key, value)
    assert isinstance(completion.error, InvalidEventError)
    assert str(completion.error).startswith(f"Records[0].Sns.{key} is ")
    assert statuses(completion) == ["failed", "ok"]
    assert len(got) == 1


def test_a_timestamp_that_is_none_says_what_it_is_and_what_was_expected() -> None:
    _, completion = reading("Timestamp", "yesterday")
    assert str(completion.error) == "Records[0].Sns.Timestamp is a string ('yesterday'), expected a timestamp"


@pytest.mark.parametrize(("key", "default"), [("Subject", None), ("MessageAttributes", {})])
@pytest.mark.parametrize("value", [MISSING, None])
def test_an_optional_field_may_be_missing_or_null(key: str, default: object, value: object) -> None:
    got, completion = reading(key, value)
    assert completion.error is None
    assert default in got


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("Subject", 7, "Records[0].Sns.Subject is a number (7), expected a string"),
        ("MessageAttributes", [], "Records[0].Sns.MessageAttributes is a list, expected a map of attributes"),
        ("MessageAttributes", "x", "Records[0].Sns.MessageAttributes is a string ('x'), expected a map of attributes"),
    ],
)
def test_an_optional_field_of_a_wrong_type_is_an_error_that_names_its_path(key: str, value: Any, said: str) -> None:
    assert str(reading(key, value)[1].error) == said


@pytest.mark.parametrize("item", [None, 7, "x", [], {}, {"EventSource": "aws:sns"}, {"Sns": None}, {"Sns": []}])
def test_a_record_that_is_none_fails_by_itself(item: Any) -> None:
    app = App()
    seen = recorder(app, "orders")
    event = sns("orders", "intact")
    event["Records"].append(item)
    completion = app.complete(event)
    assert isinstance(completion.error, InvalidEventError)
    assert str(completion.error).startswith("Records[1].Sns.TopicArn is missing")
    assert statuses(completion) == ["ok", "failed"]
    assert completion.outcomes[1].record.id == "Records[1]"
    assert len(seen) == 1


def test_the_events_own_list_of_records_is_checked_when_it_is_read() -> None:
    with pytest.raises(InvalidEventError, match=r"Records is a number \(5\), expected a list of records"):
        _ = SnsEvent({"Records": 5}).records


# Configuration


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("", "can never match"),
        ("  ", "can never match"),
        ([], "can never match"),
        (["orders", ""], "can never match"),
        ("ord ers", "topic is 'ord ers', which can never match"),
        ("orders[eu]", "can never match"),
        (5, "topic is 5, which can never match"),
        ("bestellungen-größe", "can never match"),
        ("orders/eu", "can never match"),
        ("eu-west-1:123456789012:orders", "can never match"),
        (["orders", "ord/ers"], "topic is 'ord/ers', which can never match"),
        ("arn:aws:sqs:eu-west-1:123456789012:orders", "no ARN of that kind: arn:aws:sns:REGION:ACCOUNT:NAME"),
        ("arn:aws:sns:eu-west-1:123456789012", "no ARN of that kind"),
        (f"{ARN}:6b0e71bd-7e97-4d97-80ce-4a0994e55286", "no ARN of that kind"),
    ],
)
def test_a_topic_that_can_never_match_is_refused_at_import_with_function_file_and_line(topic: Any, said: str) -> None:
    app = App()
    with pytest.raises(ConfigurationError, match=said) as caught:

        @app.sns(topic)
        def announce() -> None: ...

    line = announce_line(caught)
    assert "announce" in str(caught.value)
    assert f"{Path(__file__).name}:{line}" in str(caught.value)
    assert app.routes == []


def announce_line(caught: pytest.ExceptionInfo[ConfigurationError]) -> int:
    """The line of the decorator that was refused: the entry of this file in the traceback."""
    return next(entry.lineno + 1 for entry in reversed(caught.traceback) if Path(entry.path) == Path(__file__))


@pytest.mark.parametrize("wanted", [[], (), [None], None, {"a": 1}, [["a"]], object()])
def test_an_attribute_filter_that_can_never_match_is_refused_at_import(wanted: Any) -> None:
    app = App()
    with pytest.raises(ConfigurationError, match=r"attributes\['kind'\] is .* can never match"):
        app.sns("orders", attributes={"kind": wanted})(lambda: None)
    assert app.routes == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"unmatched": "raise"}, "unmatched is 'raise'"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"concurrency": "many"}, "concurrency is 'many'"),
        ({"attributes": 5}, "attributes is 5; it maps names"),
        ({"attributes": ["kind"]}, r"attributes is \['kind'\]; it maps names"),
        ({"attributes": {5: "created"}}, "attributes is {5: 'created'}; it maps names"),
    ],
)
def test_wrong_options_are_refused_at_import(options: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        App().sns("orders", **options)(lambda: None)


def test_a_decorator_without_parentheses_is_refused_instead_of_dropping_its_function() -> None:
    def announce() -> None: ...

    with pytest.raises(ConfigurationError, match=r"announce.*@app\.sns\(\.\.\.\), with parentheses"):
        App().sns(announce)  # type: ignore[arg-type]


def test_two_parameters_for_one_message_are_refused_at_import() -> None:
    app = App()
    with pytest.raises(ConfigurationError, match="first and second would both take the payload"):

        @app.sns("orders")
        def announce(first: Order, second: Refund) -> None: ...


def test_a_parameter_that_nobody_can_fill_is_refused_with_what_it_could_be() -> None:
    app = App()
    with pytest.raises(ConfigurationError, match=r"'client: Client'.*SnsRecord, SnsEvent, Context"):

        @app.sns("orders")
        def announce(order: Order, client: Client) -> None: ...


def test_a_trigger_describes_its_filter() -> None:
    trigger = SnsTrigger(["orders", "returns"], attributes={"kind": "created", "n": [1, 2]})
    assert repr(trigger) == "SnsTrigger(orders|returns kind=created n=1|2)"
