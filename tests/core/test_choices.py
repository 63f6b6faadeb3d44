"""Options that are AWS's own words: a wrong one is refused where it is written, in the same way in every room."""

from __future__ import annotations

from typing import Any

import pytest

from lambdarouter import App, ConfigurationError
from lambdarouter.core.trigger import check_choices


@pytest.mark.parametrize("given", [None, "A", "B", ["A"], ("A", "B"), {"B"}])
def test_a_word_or_a_list_of_words_or_nothing_is_taken(given: Any) -> None:
    check_choices("state", given, ("A", "B"))


@pytest.mark.parametrize("given", ["a", "", [], ["A", "C"], 7, [None], True])
def test_anything_else_is_refused_with_what_there_is(given: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_choices("state", given, ("A", "B"))
    assert str(caught.value) == f"state is {given!r}; it is one of A, B"


@pytest.mark.parametrize(
    ("room", "options", "said"),
    [
        ("alarm", {"name": "a", "state": "alarm"}, "state is 'alarm'"),
        ("appsync_events", {"channel": "/a", "operation": "publish"}, "operation is 'publish'"),
        ("cloudformation", {"resource_type": "Custom::A", "on": []}, r"on is \[\]"),
        ("cloudfront", {"event_type": "request"}, "event_type is 'request'"),
        ("destination", {"condition": "Failure"}, "condition is 'Failure'"),
        ("dynamodb", {"table": "a", "events": "UPDATE"}, "events is 'UPDATE'"),
        ("iot", {"kind": "lamp"}, "kind is 'lamp'"),
        ("lex", {"invocation": "Hook"}, "invocation is 'Hook'"),
        ("s3_object_lambda", {"operation": "PUT"}, "operation is 'PUT'"),
        ("sagemaker", {"kind": "posthuman"}, "kind is 'posthuman'"),
        ("workmail", {"direction": "inbound"}, "direction is 'inbound'"),
    ],
)
def test_each_room_refuses_a_wrong_word_at_import(room: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said + "; it is one of"):
        getattr(App(), room)(**options)(lambda: None)


@pytest.mark.parametrize(
    ("room", "option"),
    [
        ("codecommit", "branch"),
        ("cognito", "pool"),
        ("destination", "function"),
        ("destination_stream", "stream"),
        ("secrets", "secret"),
        ("workmail", "recipient"),
    ],
)
def test_an_option_is_called_in_errors_and_lists_as_it_is_written(room: str, option: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{option} is '', which can never match"):
        getattr(App(), room)(**{option: ""})(lambda: None)
    app = App()
    getattr(app, room)(**{option: "shop"})(lambda: None)
    assert app.routes[0].trigger.describe() in (f"{option}=shop", "shop")
