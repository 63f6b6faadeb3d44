"""What every room promises: its name, its decorator, its documentation, and no silent success.

A new room is covered when it is in the directory (`lambdarouter.sources.ROOMS`): these tests fail until it has
fixtures, an example event, a page and a decorator. Its replies are in test_contract_replies.py.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter import (
    App,
    Completion,
    Record,
    Router,
    Source,
    Trigger,
    UnknownEventError,
    classify,
)
from lambdarouter.core.decorator import decorator
from lambdarouter.engine.classify import NAMES
from lambdarouter.sources import ROOMS, source_of
from lambdarouter.testing.events import EXAMPLES
from tests.contract.table import RAISES, ROOM_OF, contract, expected

ROOT = Path(__file__).parents[1]
FIXTURES = sorted((ROOT / "fixtures").glob("*/*.json"))
NAMES_OF_ROOMS = [name for _, names in ROOMS.values() for name in names]


def load(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def label(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


# --- The directory ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FIXTURES, ids=label)
def test_every_fixture_is_classified_as_its_folder_says(file: Path) -> None:
    event = load(file)
    assert classify(event) == file.parent.name
    assert App().complete(event).name == file.parent.name


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_of_itself_what_the_directory_says(room: str) -> None:
    class_name, names = ROOMS[room]
    for name in names:
        source = source_of(name)
        assert source is not None
        assert issubclass(source, Source)
        assert (source.__name__, source.names) == (class_name, names)
        assert source.__module__.split(".")[:3] == ["lambdarouter", "sources", room]
        assert name in NAMES


def test_no_name_is_claimed_by_two_rooms_and_others_belong_to_none() -> None:
    assert len(set(NAMES_OF_ROOMS)) == len(NAMES_OF_ROOMS)
    for name in {*NAMES, "invoke"} - {*NAMES_OF_ROOMS}:
        assert source_of(name) is None


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_decorator_a_trigger_and_a_page(room: str) -> None:
    source = source_of(ROOMS[room][1][0])
    assert source is not None
    attribute = source.decorator.removeprefix("@app.").partition("(")[0]
    assert isinstance(vars(Router)[attribute], decorator)
    module = __import__(f"lambdarouter.sources.{room}", fromlist=["x"])
    trigger = getattr(module, source.__name__.removesuffix("Source") + "Trigger")
    assert issubclass(trigger, Trigger)
    assert trigger.source is source
    assert {source.__name__, trigger.__name__} <= set(module.__all__)
    page = (ROOT / "docs" / "sources" / f"{room}.md").read_text(encoding="utf-8")
    assert f"@app.{attribute}" in page
    assert module.__doc__
    assert "https://docs.aws.amazon.com/" in module.__doc__
    index = (ROOT / "docs" / "sources" / "index.md").read_text(encoding="utf-8")
    assert f"{room}.md" in index


@pytest.mark.parametrize("name", NAMES_OF_ROOMS)
def test_every_name_has_an_example_and_a_fixture_that_its_source_can_read(name: str) -> None:
    source = source_of(name)
    assert source is not None
    events = [EXAMPLES[name](), *(load(file) for file in FIXTURES if file.parent.name == name)]
    assert len(events) > 1
    for event in events:
        assert classify(event) == name
        view = source().parse(event, name)
        assert view.raw is event
        records = source().split(view)
        assert records
        for record in records:
            assert isinstance(record, Record)
            assert isinstance(record, source.record)
            assert isinstance(record.id, str)
            assert record.id
            key = source().ordering_key(record)
            assert key is None or isinstance(key, str)
        assert len({record.id for record in records}) == len(records)


def test_every_example_is_of_a_room() -> None:
    assert set(EXAMPLES) == set(NAMES_OF_ROOMS)
    assert {file.parent.name for file in FIXTURES} == {*NAMES_OF_ROOMS, "invoke"}


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("durable", {"DurableExecutionArn": "arn", "CheckpointToken": "t"}),
    ],
)
def test_a_known_event_that_no_room_takes_yet_is_refused_under_its_own_name(name: str, event: Any) -> None:
    completion = whole().complete(event)
    assert completion.name == name
    assert isinstance(completion.error, UnknownEventError)
    assert completion.outcomes == []


# --- Any JSON --------------------------------------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(event=anything)
def test_any_json_is_classified_and_answered_without_a_crash(event: Any) -> None:
    name = classify(event)
    assert name == "invoke" or name in NAMES
    completion = App().complete(event)
    assert isinstance(completion, Completion)
    assert completion.name == name
    assert isinstance(completion.error, UnknownEventError)


@given(data=st.data(), value=anything)
def test_a_known_event_with_any_json_in_any_place_gets_a_completion(data: st.DataObject, value: Any) -> None:
    name = data.draw(st.sampled_from(NAMES_OF_ROOMS))
    event = EXAMPLES[name]()
    at: Any = event
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else list(range(len(at)))))
        if not at[key] or not isinstance(at[key], (dict, list)) or data.draw(st.booleans()):
            break
        at = at[key]
    at[key] = value
    completion = whole().complete(event)
    assert isinstance(completion, Completion)
    assert completion.name == classify(event)
    if completion.error is None:
        json.dumps(completion.reply, allow_nan=False)


def test_an_unclaimed_record_says_which_decorator_would_take_it() -> None:
    for room in ("sns", "authorizer"):
        error = App().complete(EXAMPLES[ROOMS[room][1][0]]()).error
        assert f"@app.{room}(" in str(error)


@pytest.mark.parametrize("file", FIXTURES, ids=label)
def test_an_app_without_routes_never_answers_with_silent_success(file: Path) -> None:
    room = ROOM_OF.get(file.parent.name)
    with getattr(contract(room), "around", nullcontext)() if room else nullcontext():
        completion = App().complete(load(file))
    wanted = RAISES if room is None else expected(contract(room).EMPTY, file.parent.name)
    if wanted is RAISES:
        assert completion.error is not None
        assert completion.reply is None
        return
    assert completion.error is None
    assert "ok" not in [outcome.status for outcome in completion.outcomes]
    if isinstance(wanted, dict):
        assert wanted.items() <= completion.reply.items()
    else:
        assert completion.reply == wanted


def whole() -> App:
    """An app with a handler for everything."""
    app = App()
    for room in ROOMS:
        contract(room).register(app)
    return app


@pytest.mark.parametrize("file", FIXTURES, ids=label)
def test_every_fixture_gets_a_reply_that_is_json_or_an_error(file: Path) -> None:
    completion = whole().complete(load(file))
    assert completion.name == file.parent.name
    if completion.error is None:
        assert json.loads(json.dumps(completion.reply, allow_nan=False)) == completion.reply
        assert completion.outcomes
    else:
        assert completion.reply is None
        assert str(completion.error)
