"""Runs in a contender's environment: checks and measures cases, and prints the values as JSON.

``python -P calls.py CONTENDER SECONDS`` reads a list of cases (`tests.benchmarks.cases.Case`, as objects) as JSON, all
of one handler.
A case's `measure` says what its value is:

call    the median time of a call, each with an event of its own
build   the time to make the handler once more
peak    the bytes that were allocated at the worst moment of one call
"""

from __future__ import annotations

import gc
import json
import logging
import sys
import tracemalloc
import warnings
from importlib import import_module
from time import perf_counter

from tests.benchmarks.workers.context import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.benchmarks.cases import Handler

__all__ = ["check", "main"]

# A preflight may be answered with 200 as well, a wrong body with 400.
_ALSO = {204: 200, 422: 400}


def check(reply: Any, case: dict[str, Any]) -> None:
    """Raise `SystemExit` unless the reply is the one that the case expects."""
    if case["status"] is None:
        right = reply is None or reply == {"batchItemFailures": []}
    else:
        right = int(reply["statusCode"]) in (case["status"], _ALSO.get(case["status"]))
        right = right and case["text"] in (reply.get("body") or "")
    if not right:
        sys.exit(f"{case['name']}: {str(reply)[:500]}")


def _call(handler: Handler, texts: list[str], seconds: float) -> float:
    context, loads = Context(), json.loads
    values: list[float] = []
    for number in range(3 if seconds else 0):
        handler(loads(texts[number % len(texts)]), context)
    end = perf_counter() + seconds
    while len(values) < 3 or perf_counter() < end:
        event = loads(texts[len(values) % len(texts)])
        start = perf_counter()
        handler(event, context)
        values.append(perf_counter() - start)
        if not seconds:
            break
    return sorted(values)[len(values) // 2]


def _build(build: Callable[..., Handler], options: dict[str, Any]) -> float:
    gc.collect()
    start = perf_counter()
    build(**options)
    return perf_counter() - start


def _peak(handler: Handler, text: str) -> float:
    event = json.loads(text)
    tracemalloc.start()
    handler(event, Context())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def main(contender: str, seconds: float, cases: list[dict[str, Any]]) -> list[float]:
    """The cases' values, after their replies were checked."""
    module = import_module(f"tests.benchmarks.contenders.{contender}")
    build, options = getattr(module, cases[0]["build"]), cases[0]["options"]
    values, handler = [], None
    for case in cases:
        handler = handler or build(**options)
        texts = [json.dumps(event) for event in case["events"]]
        check(handler(json.loads(texts[0]), Context()), case)
        if case["measure"] == "build":
            handler = None
            value = _build(build, options)
        elif case["measure"] == "peak":
            value = _peak(handler, texts[0])
        else:
            value = _call(handler, texts, seconds)
        values.append(value / case["per"])
    return values


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    print("\n" + json.dumps(main(sys.argv[1], float(sys.argv[2]), json.load(sys.stdin))))  # noqa: T201
