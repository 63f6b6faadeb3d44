"""Time, for tests that cannot do without it.

A test marked `in_real_time` that fails is run again, five times as slow, and then once more: a busy machine upsets one
run, a fault all three. Such a test takes its times from `seconds`.
"""

from __future__ import annotations

import os

import pytest

__all__ = ["VARIABLE", "in_real_time", "seconds"]

# An environment variable, so that the programs that a test starts keep pace with it.
VARIABLE = "LAMBDAROUTER_TESTS_PACE"

in_real_time = pytest.mark.flaky(reruns=2)


def seconds(at_best: float) -> float:
    """So many seconds, at the pace of this run of the test."""
    return at_best * float(os.environ.get(VARIABLE, "1"))
