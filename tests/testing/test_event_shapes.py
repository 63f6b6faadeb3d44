"""The builders' shapes: with any of their arguments, their name, and JSON that survives."""

from __future__ import annotations

import json

import pytest

from lambdarouter.engine.classify import classify
from lambdarouter.testing.events import EXAMPLES
from tests.testing.builds import leanest_and_fullest


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_builder_gives_its_name_with_any_arguments(name: str) -> None:
    assert {classify(event) for event in leanest_and_fullest(name)} == {name}


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_a_builder_gives_survives_json(name: str) -> None:
    for event in leanest_and_fullest(name):
        assert json.loads(json.dumps(event, allow_nan=False)) == event
