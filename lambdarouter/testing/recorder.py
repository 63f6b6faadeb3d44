"""The recorder: an app's events as scenario files, redacted, with what came of them as what is expected.

It runs in the deployed function, so it loads nothing of the testing kit but what reads a completion.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from typing import Any

from lambdarouter.core.context import Context
from lambdarouter.core.log import report, warn
from lambdarouter.engine.classify import classify
from lambdarouter.engine.deadline import Deadline, Interrupted
from lambdarouter.engine.invoke import Engine
from lambdarouter.testing.redact import Redaction
from lambdarouter.testing.response import Response
from lambdarouter.testing.result import Result, failed_positions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio import CapacityLimiter

    from lambdarouter.app import App
    from lambdarouter.core.route import Completion
    from lambdarouter.core.stream import Sink

    Write = Callable[[str, str], object]
    Redact = Callable[[Any], Any]

__all__ = ["record"]

_MARGIN = 0.25  # seconds before the deadline, in which the reply leaves
_BAD = 400


def record(app: App, to: str | os.PathLike[str] | Write, *, redact: Redact | None = None) -> None:
    """Write each event that the app handles from now on, redacted, as a scenario file of its own.

    ::

        record(app, "/tmp/recorded")

    `to`: a directory, which is made; or a function of the file's name and text that keeps it, in a bucket, say. It is
    called after the event has been handled and before Lambda gets the reply; what is not done a quarter of a second
    before the function's timeout is given up. `redact`: by default `Redaction()`; any function of a JSON value that
    returns another.

    What goes wrong is logged, and nothing else: the reply is the app's.
    """
    engine = app._engine  # noqa: SLF001 - what an app shows of itself are its routes
    write = to if callable(to) else _directory(to)
    app._engine = _Recording(engine, write, Redaction() if redact is None else redact)  # noqa: SLF001 - as above


class _Recording(Engine):
    """An app's engine that writes down what it handles."""

    __slots__ = ("_redact", "_write")

    def __init__(self, engine: Engine, write: Write, redact: Redact) -> None:
        super().__init__(engine.registrar, engine.settings, engine.environment, engine.middleware, engine.rescues)
        self._write, self._redact = write, redact

    def handle(self, event: Any, raw_context: Any, sink: Sink | None = None, whole: bool = False) -> Any:  # noqa: FBT001, FBT002 - as the engine's
        context, text = Context(raw_context), _text(event)
        completion: Completion = super().handle(event, raw_context, sink, True)  # noqa: FBT003
        deadline = Deadline(context.deadline, _MARGIN)
        deadline.start()
        try:
            # What blocks is interrupted, as a handler would be.
            deadline.inside = True
            self._keep(text, completion, context)
        except Interrupted:
            _late(context)
        finally:
            deadline.inside = False
            deadline.finish()
        return completion if whole else completion.unwrap()

    async def invoke(
        self, event: Any, raw_context: Any, sink: Sink | None = None, threads: CapacityLimiter | None = None
    ) -> Completion:
        from anyio import move_on_after, to_thread  # noqa: PLC0415 - the caller runs a loop

        context, text = Context(raw_context), _text(event)
        completion = await super().invoke(event, raw_context, sink, threads)
        with move_on_after(context.remaining() - _MARGIN) as scope:
            await to_thread.run_sync(self._keep, text, completion, context, abandon_on_cancel=True)
        if scope.cancelled_caught:
            _late(context)
        return completion

    def _keep(self, text: str, completion: Completion, context: Context) -> None:
        if context.remaining() <= _MARGIN:
            _late(context)
            return
        try:
            self._write(_name(completion, context), self._scenario(json.loads(text), completion, context))
        except Exception as error:  # noqa: BLE001 - the user's function, and any event: no reply is lost for it
            warn("an event was not recorded", error)

    def _scenario(self, event: Any, completion: Completion, context: Context) -> str:
        invocation = {"event": event, "expect": _expectation(Result(completion, event))}
        if context.tenant_id:
            invocation["given"] = {"tenant_id": context.tenant_id}
        redacted = self._redact(invocation)
        if classify(redacted["event"]) != classify(event):
            msg = "the redacted event would be taken for one of another source; have `keep=` keep what tells it"
            raise ValueError(msg)
        if isinstance(event, str):  # which would be a file's name
            redacted["invoke"] = {"event": redacted.pop("event")}
        region = os.environ.get("AWS_REGION")
        scenario = {**({"region": region} if region else {}), "invocations": [redacted]}
        return json.dumps(scenario, indent=2)


def _late(context: Context) -> None:
    """Say, in a hurry, that there was no time."""
    report(None, "an event was not recorded: there was no time left", hurry=True, request_id=context.request_id)


def _text(event: Any) -> str:
    """The event before a handler changes it; of one that is no JSON, what will not be read."""
    try:
        return json.dumps(event)
    except (TypeError, ValueError, RecursionError):
        return repr(type(event))


def _name(completion: Completion, context: Context) -> str:
    """A name that no other has, and that sorts by time."""
    request = re.sub(r"[^\w-]", "", context.request_id) or os.urandom(8).hex()
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{completion.name}-{request}.scenario.json"


def _directory(to: str | os.PathLike[str]) -> Write:
    def write(name: str, text: str) -> None:
        os.makedirs(to, exist_ok=True)  # noqa: PTH103 - pathlib takes time to load
        path = os.path.join(to, name)  # noqa: PTH118 - as above
        with open(f"{path}.part", "w", encoding="utf-8") as file:  # noqa: PTH123 - as above
            file.write(text)
        os.replace(f"{path}.part", path)  # noqa: PTH105 - as above

    return write


def _expectation(result: Result) -> dict[str, Any]:
    """What came of an event, as far as another run can be asked for it."""
    expect: dict[str, Any] = {"source": result.name, "ran": list(result.ran)}
    if result.error is not None:
        return {**expect, "error": type(result.error).__name__, "failed": failed_positions(result)}
    if result.name.startswith("http."):
        return {**expect, **_answer(Response(result, result.event, "", ""))}
    return {**expect, "reply": json.loads(json.dumps(result.reply))}


def _answer(response: Response) -> dict[str, Any]:
    """An HTTP reply's status, and its body where that is for all who ask: a mistake's names the request."""
    if not response.is_sent:
        return {}  # it was streamed
    answer: dict[str, Any] = {"status": response.status}
    if response.status < _BAD and not response.reply.get("isBase64Encoded"):
        try:
            answer["json"] = response.json()
        except ValueError:
            answer["text"] = response.text
    return answer
