"""Real sample events of public projects, from a folder beside the project; none of them is part of it."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from lambdarouter.engine.classify import NAMES, classify
from tests.confusion import CORPUS, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

MANIFEST = CORPUS / "manifest.jsonl"

pytestmark = pytest.mark.skipif(not MANIFEST.is_file(), reason="no corpus of sample events beside the project")

# These carry the mark of a source and are broken elsewhere: the room of that source can refuse them. The one
# of SQS says "aws:s3" and has no `s3`. None is "invoke", where a route of the app would run on it.
INVALID = {
    "invalid/apigw_rest": "http.rest",
    "invalid/apigw_websocket": "http.rest",
    "invalid/function_url": "http.url",
    "invalid/sqs": "s3",
}


def samples(*qualities: str) -> list[tuple[str, str, Any]]:
    """Path, name and event of the samples of these qualities."""
    rows = [json.loads(line) for line in MANIFEST.read_text(encoding="utf-8").splitlines()]
    return [
        (
            row["path"],
            INVALID.get(row["label"]) or name_of(row["label"]),
            json.loads((CORPUS / row["path"]).read_text(encoding="utf-8")),
        )
        for row in rows
        if row["quality"] in qualities
    ]


def test_every_complete_sample_gets_exactly_its_name() -> None:
    complete = samples("full", "redacted")
    assert [(path, classify(event)) for path, name, event in complete if classify(event) != name] == []
    assert len(complete) > 700


def test_a_trimmed_sample_gets_its_name_or_nobodys(record_property: Callable[[str, object], None]) -> None:
    partial = [(path, name, classify(event)) for path, name, event in samples("partial")]
    right = sum(name == answer for _, name, answer in partial)
    record_property("partial samples recognised", f"{right} of {len(partial)}")
    assert [trio for trio in partial if trio[2] not in {trio[1], "invoke"}] == []
    # Seven lack their mark: five requests have no requestContext, two SQS records no eventSource.
    assert len(partial) - right <= 7


def test_an_authorizer_keeps_its_name_however_trimmed() -> None:
    authorizers = [sample for sample in samples("full", "partial", "redacted") if sample[1].startswith("authorizer.")]
    assert [path for path, name, event in authorizers if classify(event) != name] == []
    assert len(authorizers) > 15


def test_a_sample_that_nobody_sends_belongs_to_no_source() -> None:
    # Other spellings of AWS's keys. "invoke" runs a route only where the app has one for direct invocations.
    assert {classify(event) for _, _, event in samples("nonwire")} == {"invoke"}


def test_an_invalid_sample_goes_to_the_room_that_refuses_it() -> None:
    assert [(path, classify(event)) for path, name, event in samples("invalid") if classify(event) != name] == []


def test_classifying_leaves_every_sample_as_it_was() -> None:
    for path, _, event in samples("full", "redacted", "partial", "nonwire", "invalid"):
        before = copy.deepcopy(event)
        assert classify(event) in NAMES
        assert event == before, path
