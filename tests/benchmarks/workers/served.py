"""The handler that runtimes load: the contender that the environment names, with one route."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tests.benchmarks.cases import Handler

__all__ = ["handler"]

name = "tests.benchmarks.contenders." + os.environ["BENCHMARKS_SERVE"]
__import__(name)  # what `importlib` would do, less a module: not every runtime loads that one
handler: Handler = sys.modules[name].plain("v2", 1)
