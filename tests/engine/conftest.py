from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

__all__ = ["release"]


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Set when the test is over, so that what could not be stopped ends with it."""
    event = threading.Event()
    yield event
    event.set()
