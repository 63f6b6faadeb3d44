"""The handler that runtimes load: the contender that the environment names, with one route."""

from __future__ import annotations

import os
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tests.benchmarks.cases import Handler

__all__ = ["handler"]

handler: Handler = import_module("tests.benchmarks.contenders." + os.environ["BENCHMARKS_SERVE"]).plain("v2", 1)
