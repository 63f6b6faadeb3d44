"""The page of the builders shows them as they are; its examples run in tests/test_docs.py."""

from __future__ import annotations

from tests.testing.events_page import PAGE, page


def test_the_page_of_the_builders_shows_every_signature_docstring_and_example() -> None:
    assert PAGE.read_text("utf-8") == page(), "make it anew: python -m tests.testing.events_page"
