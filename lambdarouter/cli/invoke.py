"""`lambdarouter invoke APP`: send an app events and show what comes of each."""

from __future__ import annotations

import json
import os
import sys
from contextlib import redirect_stdout
from functools import partial
from time import monotonic
from typing import Annotated, Any, NoReturn

import typer
from rich.text import Text

from lambdarouter.cli.input import NoEventError, from_file, from_text, read, shown
from lambdarouter.cli.origin import stack_trace
from lambdarouter.cli.output import fail, indented, is_terminal, table, write
from lambdarouter.cli.row import KilledError, calls, errors, reason, row
from lambdarouter.cli.target import Target, load
from lambdarouter.core.log import quiet
from lambdarouter.core.route import Completion, Declined, Outcome
from lambdarouter.engine.classify import classify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdarouter.app import App
    from lambdarouter.testing import LambdaContext, TestClient

__all__ = ["client_of", "close", "invoke", "leave"]


class ExitError(Exception):
    """A handler ended the process; Lambda reports Runtime.ExitError."""


def invoke(
    target: Target,
    more: Annotated[
        list[str] | None, typer.Argument(metavar="FILE", help="Files with an event each, as after --event.")
    ] = None,
    *,
    event: Annotated[
        list[str] | None, typer.Option(metavar="FILE...", help="Files with an event each, as JSON; - is stdin.")
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option(metavar="JSON", help="The event itself; several times for several.")
    ] = None,
    example: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help='An example event, such as "sns" or "http.v2"; several times for several.'),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line for each event, with the full reply.")
    ] = False,
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where every failure was raised.")] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.001, help="The function's timeout, for each event.")
    ] = 30.0,
) -> None:
    """Send events to an app, each as an invocation of its own, and show what Lambda would see.

    Exit status 1: Lambda would see an error for one of them; 2: one could not be read. What the app prints goes to
    stderr.
    """
    from lambdarouter.testing import LambdaContext

    events, complete = read(_readers([*(event or ()), *(more or ())], data or [], example or []))
    if not events:
        raise typer.Exit(2)
    app = load(target)
    client = client_of(app, context=LambdaContext(timeout=timeout))
    done: list[tuple[str, Completion]] = []
    try:
        for name, content in events:
            completion = _send(client, content, timeout)
            done.append((name, completion))
            if as_json:
                write(json.dumps(_told(name, completion, traceback=traceback)))
    finally:
        close(client)
    if not as_json:
        _show(done)
        if traceback:
            _trace(done)
    status = int(any(completion.error is not None for _, completion in done)) if complete else 2
    leave(app, status)


def _readers(files: list[str], data: list[str], examples: list[str]) -> list[tuple[str, Callable[[], Any]]]:
    """Every event's name, and how to get it."""
    readers: list[tuple[str, Callable[[], Any]]] = [(shown(file), partial(from_file, file)) for file in files]
    for number, text in enumerate(data, 1):
        name = "--data" if len(data) == 1 else f"--data {number}"
        readers.append((name, partial(from_text, text, name)))
    readers += [(f"example {name}", partial(_example, name)) for name in examples]
    if not readers:
        fail("no event: give --event FILE…, --data JSON or --example NAME")
    return readers


def _example(name: str) -> Any:
    from lambdarouter.testing.events import example

    try:
        return example(name)
    except LookupError as error:
        raise NoEventError(error.args[0]) from error


def _send(client: TestClient, event: Any, timeout: float) -> Completion:
    began = monotonic()
    with redirect_stdout(sys.stderr), quiet():
        try:
            completion: Completion = client.invoke(event)
        except SystemExit as error:
            completion = Completion(
                classify(event), error=ExitError(f"the function ended the process, status {error.code}")
            )
    late = monotonic() - began - timeout
    if late <= 0:
        return completion
    killed = KilledError(f"the reply came {late:.1f} s after the timeout; Lambda would have sent none")
    killed.__cause__ = completion.error
    return Completion(completion.name, completion.outcomes, error=killed)


def client_of(app: App, context: LambdaContext | None = None) -> TestClient:
    """A client whose app has what it has on AWS: its own store, and WebSocket connections that get what is sent."""
    from lambdarouter.testing import TestClient

    client = TestClient(app, context=context, store=app.store)
    client._connections.real = True  # noqa: SLF001 - no option of tests
    return client


def leave(app: App, status: int) -> NoReturn:
    """Exit, even where something could not be stopped: its thread or task would keep the process from ending."""
    if app.tainted:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    raise typer.Exit(status)


def close(client: TestClient) -> None:
    """Leave the lifespan. On Lambda nobody would see it fail; here the developer does."""
    try:
        with redirect_stdout(sys.stderr):
            client.close()
    except Exception as error:  # noqa: BLE001 - the app's teardown may raise anything
        typer.echo(f"the app's teardown failed\n{stack_trace(error)}", err=True)


# For people -------------------------------------------------------------------------------------------------


def _show(done: list[tuple[str, Completion]]) -> None:
    """One line for each event; what a terminal has no room for there comes below."""
    several = len(done) > 1
    columns = ("event", "source", "handlers", "outcome", "reply")
    table(columns, [row(*end) for end in done], whole=("source", "outcome"), wrap=not several)
    if not several:
        return
    if is_terminal():
        for name, completion in done:
            told = errors(completion)
            if told:
                write(f"\n{name}")
                indented(Text("\n").join(told))
        write("")
    count = sum(completion.error is not None for _, completion in done)
    write(f"{len(done)} events, {count} {'error' if count == 1 else 'errors'}")


def _trace(done: list[tuple[str, Completion]]) -> None:
    for name, completion in done:
        raised = [outcome.error for outcome in completion.failed if outcome.error is not None]
        if completion.error is not None and not raised:
            raised = [completion.error]
        for error in raised:
            write(f"\n{name}: {stack_trace(error)}")


# For programs -----------------------------------------------------------------------------------------------


def _told(name: str, completion: Completion, *, traceback: bool) -> dict[str, Any]:
    return {
        "event": name,
        "source": completion.name,
        "handlers": list(dict.fromkeys(outcome.route.name for outcome in calls(completion) if outcome.route)),
        "outcomes": [_outcome(outcome, traceback=traceback) for outcome in completion.outcomes],
        "reply": completion.reply,
        "error": _error(completion.error, traceback=traceback),
    }


def _outcome(outcome: Outcome, *, traceback: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "record": outcome.record.id,
        "handler": None if outcome.route is None else outcome.route.name,
        "status": outcome.status,
    }
    if isinstance(outcome, Declined):
        told["reason"] = str(outcome.value)
    if outcome.error is not None:
        told["error"] = _error(outcome.error, traceback=traceback)
    return told


def _error(error: BaseException | None, *, traceback: bool) -> dict[str, Any] | None:
    """An error in the words of Lambda's own error replies, and what it was raised from."""
    if error is None:
        return None
    told: dict[str, Any] = {"errorType": type(error).__name__, "errorMessage": str(error)}
    if because := reason(error):
        told["because"] = because
    if traceback:
        told["stackTrace"] = stack_trace(error).splitlines()
    return told
