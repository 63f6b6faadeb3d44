"""The builders' examples against other people's real events: what all of these have, a built one has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambdarouter.engine.classify import classify
from lambdarouter.testing.events import EXAMPLES


@pytest.fixture(scope="module")
def keys_of_all(corpus: Path) -> dict[str, set[str]]:
    """By classified name, the top-level keys that every full sample has."""
    found: dict[str, set[str]] = {}
    for line in (corpus / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        event: Any = json.loads((corpus / entry["path"]).read_text(encoding="utf-8"))
        if entry["quality"] == "full" and isinstance(event, dict):
            name = classify(event)
            found[name] = found.get(name, set(event)) & set(event)
    return found


# What every sample has by chance: its own parameters, or the keys of a version that is no longer sent.
OWN = {"dashboard": {"original"}, "alexa.home": {"header", "payload"}}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_the_keys_that_every_real_event_has(name: str, keys_of_all: dict[str, set[str]]) -> None:
    event = EXAMPLES[name]()

    if isinstance(event, dict) and name != "invoke":
        assert keys_of_all.get(name, set()) - OWN.get(name, set()) <= set(event)
