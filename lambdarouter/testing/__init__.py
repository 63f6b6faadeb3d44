"""The testing kit: a client that sends an app the events AWS would send, and the events themselves.

`TestClient` and `AsyncTestClient` for sync and async tests; `Result`, `Response` (of HTTP) and `Decision` (of an
authorizer) for what came of an event, `Streamed` for what they get of a streamed reply, `Sent` for what WebSocket
connections get, `Elapsed` for what ran while a client's clock went on; `LambdaContext` for the context they pass; and
the event builders in `lambdarouter.testing.events`. `corrupted`, `duplicated` and `reordered` change a batch;
`redelivery` is what AWS delivers next. `run_scenario` runs a scenario file, and `record` writes some of what a deployed
app handles.

`strategies` are the events of every source for hypothesis, and need it.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.testing.batch import corrupted, duplicated, reordered
    from lambdarouter.testing.client import AsyncTestClient, TestClient
    from lambdarouter.testing.clock import Elapsed
    from lambdarouter.testing.connections import Sent
    from lambdarouter.testing.context import LambdaContext
    from lambdarouter.testing.recorder import record
    from lambdarouter.testing.redact import Redaction
    from lambdarouter.testing.redelivery import redelivery
    from lambdarouter.testing.response import Response
    from lambdarouter.testing.result import Decision, Result
    from lambdarouter.testing.scenario.file import ScenarioError
    from lambdarouter.testing.scenario.run import ScenarioRun, run_scenario
    from lambdarouter.testing.strategy import strategies as strategies
    from lambdarouter.testing.stream import Streamed

# Not `strategies`: `import *` does without hypothesis.
__all__ = [
    "AsyncTestClient",
    "Decision",
    "Elapsed",
    "LambdaContext",
    "Redaction",
    "Response",
    "Result",
    "ScenarioError",
    "ScenarioRun",
    "Sent",
    "Streamed",
    "TestClient",
    "corrupted",
    "duplicated",
    "record",
    "redelivery",
    "reordered",
    "run_scenario",
]

# Loaded when it is asked for: pytest loads the plugin beside this in every run, whatever is tested.
_MODULE_OF = {
    "AsyncTestClient": "client",
    "Decision": "result",
    "Elapsed": "clock",
    "LambdaContext": "context",
    "Redaction": "redact",
    "Response": "response",
    "Result": "result",
    "ScenarioError": "scenario.file",
    "ScenarioRun": "scenario.run",
    "Sent": "connections",
    "Streamed": "stream",
    "TestClient": "client",
    "corrupted": "batch",
    "duplicated": "batch",
    "record": "recorder",
    "redelivery": "redelivery",
    "reordered": "batch",
    "run_scenario": "scenario.run",
    "strategies": "strategy",
}


def __getattr__(name: str) -> Any:
    if name == "events":
        return import_module(f"{__name__}.events")
    module = _MODULE_OF.get(name)
    if module is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        value = getattr(import_module(f"{__name__}.{module}"), name)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        message = "strategies are for hypothesis, which is not there: pip install 'lambdarouter[hypothesis]'"
        raise ModuleNotFoundError(message, name=error.name) from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
