"""Conversions: what fields of views make of AWS's JSON values, and what they say of others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdarouter.core import conversion
from lambdarouter.core.view import View, field
from lambdarouter.errors import InvalidEventError


@pytest.mark.parametrize(
    ("read", "raw", "expected"),
    [
        (conversion.any_value, [1, None], [1, None]),
        (conversion.base64_text, "YQ==", b"a"),
        (conversion.plain_text, 7, "7"),
        (conversion.whole_number, "7", 7),
        (conversion.milliseconds_since_1970, "1500", datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)),
        (conversion.seconds_since_1970, 1.5, datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)),
        (conversion.url_encoded_key, "a+b%2Bc", "a b+c"),
        (conversion.list_of_strings, ["a", 1, None], ["a"]),
        (conversion.object_if_any, [], {}),
        (conversion.map_of_headers, {"X-Id": "1", "X-No": 1}, {"x-id": "1"}),
        (conversion.copy_of_object, None, {}),
    ],
)
def test_a_value_is_read_as_what_it_stands_for(read: Any, raw: Any, expected: Any) -> None:
    assert read(raw) == expected


@pytest.mark.parametrize(
    ("read", "raw", "said"),
    [
        (conversion.base64_text, "é", "expected a base64 text"),
        (conversion.base64_text, "YQ", "expected a base64 text"),
        (conversion.plain_text, True, "expected a plain text"),
        (conversion.whole_number, "seven", "expected a whole number"),
        (conversion.milliseconds_since_1970, 10**30, "expected a milliseconds since 1970"),
        (conversion.seconds_since_1970, "now", "expected a seconds since 1970"),
        (conversion.url_encoded_key, "%ff", "expected a url encoded key"),
        (conversion.url_encoded_key, 7, "expected a url encoded key"),
        (conversion.list_of_strings, "a", "expected a list of strings"),
        (conversion.json_object, [], "expected a json object"),
    ],
)
def test_a_value_that_does_not_stand_for_it_is_an_error_that_names_both(read: Any, raw: Any, said: str) -> None:
    class Seen(View):
        value = field("value", of=read)

    with pytest.raises(InvalidEventError, match=said) as caught:
        _ = Seen({"value": raw}, "Records", 3).value
    assert str(caught.value).startswith("Records[3].value is ")


def test_a_copy_is_deep_and_leaves_the_event_as_it_came() -> None:
    raw = {"a": [{"b": 1}]}
    copy = conversion.json_object(raw)
    copy["a"][0]["b"] = 2
    assert raw == {"a": [{"b": 1}]}
