"""`lambdarouter invoke APP`: send an app events and show what comes of each."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import redirect_stdout
from typing import Annotated, Any

import typer
from rich.text import Text

from lambdarouter.cli.event import from_file, from_text, shown
from lambdarouter.cli.origin import place, stack_trace
from lambdarouter.cli.output import fail, indented, is_terminal, printable, table, write
from lambdarouter.cli.target import Target, load
from lambdarouter.core.log import quiet
from lambdarouter.core.route import Completion, Declined, Outcome
from lambdarouter.engine.classify import classify
from lambdarouter.errors import LambdarouterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdarouter.testing import TestClient

__all__ = ["invoke"]

_LONGEST_CELL = 300
_STATUSES = ("ok", "failed", "declined")


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
    data: Annotated[str | None, typer.Option(metavar="JSON", help="The event itself.")] = None,
    example: Annotated[
        str | None, typer.Option(metavar="NAME", help='An example event, such as "sns" or "http.v2".')
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

    Exit status 1: Lambda would see an error for one of them. What the app prints goes to stderr.
    """
    from lambdarouter.testing import LambdaContext, TestClient

    events = _events([*(event or ()), *(more or ())], data, example)
    client = TestClient(load(target), context=LambdaContext(timeout=timeout))
    done: list[tuple[str, Completion]] = []
    try:
        for name, content in events:
            completion = _send(client, content)
            done.append((name, completion))
            if as_json:
                write(json.dumps(_told(name, completion, traceback=traceback)))
    finally:
        _close(client)
    if not as_json:
        _show(done)
        if traceback:
            _trace(done)
    raise typer.Exit(any(completion.error is not None for _, completion in done))


def _events(files: list[str], data: str | None, example: str | None) -> list[tuple[str, Any]]:
    """Every event with its name, read before the first is sent."""
    events = [(shown(file), from_file(file)) for file in files]
    if data is not None:
        events.append(("--data", from_text(data, "--data")))
    if example is not None:
        from lambdarouter.testing.events import example as build

        try:
            events.append((f"example {example}", build(example)))
        except LookupError as error:
            fail(str(error.args[0]))
    if not events:
        fail("no event: give --event FILE…, --data JSON or --example NAME")
    return events


def _send(client: TestClient, event: Any) -> Completion:
    with redirect_stdout(sys.stderr), quiet():
        try:
            return client.invoke(event)
        except SystemExit as error:
            return Completion(classify(event), error=ExitError(f"the function ended the process, status {error.code}"))


def _close(client: TestClient) -> None:
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
    table(columns, [_row(*end) for end in done], whole=("source", "outcome"), wrap=not several)
    if not several:
        return
    if is_terminal():
        for name, completion in done:
            errors = _errors(completion)
            if errors:
                write(f"\n{name}")
                indented(Text("\n").join(errors))
        write("")
    count = sum(completion.error is not None for _, completion in done)
    write(f"{len(done)} events, {count} {'error' if count == 1 else 'errors'}")


def _row(name: str, completion: Completion) -> tuple[Text, ...]:
    return (
        Text(name),
        Text(completion.name),
        Text(_handlers(completion)),
        Text(_statuses(completion), style="yellow" if completion.failed else ""),
        _reply(completion),
    )


def _handlers(completion: Completion) -> str:
    """The functions that were called, without their modules."""
    called = Counter(outcome.route.name.rpartition(".")[2] for outcome in _calls(completion) if outcome.route)
    return ", ".join(name if times == 1 else f"{name} ×{times}" for name, times in called.items()) or "–"


def _calls(completion: Completion) -> list[Outcome]:
    return [
        outcome for outcome in completion.outcomes if outcome.route is not None and not isinstance(outcome, Declined)
    ]


def _statuses(completion: Completion) -> str:
    statuses = Counter(outcome.status for outcome in completion.outcomes)
    if len(completion.outcomes) == 1:
        return next(iter(statuses))
    return ", ".join(f"{statuses[status]} {status}" for status in _STATUSES if statuses[status]) or "–"


def _reply(completion: Completion) -> Text:
    """The error that Lambda would see; else the reply in short, and below it the failures that it keeps quiet about."""
    errors = _errors(completion)
    return Text("\n").join(errors if completion.error is not None else [Text(_short(completion.reply)), *errors])


def _errors(completion: Completion) -> list[Text]:
    if completion.error is not None:
        seen = Text(f"ERROR {_message(completion.error)}", style="red")
        return [seen, *(Text(_message(error), style="red") for error in _members(completion.error))]
    return [
        Text(_message(outcome.error), style="yellow")
        for outcome in completion.failed
        if outcome.error is not None and outcome.route is not None and outcome.route.source.reports(outcome)
    ]


def _members(error: BaseException) -> Sequence[BaseException]:
    return error.exceptions if isinstance(error, BaseExceptionGroup) else ()


def _message(error: BaseException) -> str:
    """Type and text; and where the developer's code raised it, unless the error is the framework's own."""
    told = printable(f"{type(error).__name__}: {error}")
    where = "" if isinstance(error, LambdarouterError) else place(error)
    return _cut(told) + (f" ({where})" if where else "")


def _short(reply: Any) -> str:
    """What matters most in the reply first: an HTTP status, an authorizer's verdict."""
    if isinstance(reply, dict) and "statusCode" in reply:
        body = "(base64)" if reply.get("isBase64Encoded") else str(reply.get("body") or "")
        return _cut(printable(f"{reply['statusCode']} {body}"))
    if isinstance(reply, dict) and isinstance(policy := reply.get("policyDocument"), dict):
        return _cut(printable(f"{_verdict(policy)} {reply.get('principalId')} {_plain(reply.get('context') or {})}"))
    return _cut(printable(_plain(reply)))


def _verdict(policy: dict[str, Any]) -> str:
    effects = dict.fromkeys(statement["Effect"] for statement in policy["Statement"])
    return " and ".join(effects)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"


def _trace(done: list[tuple[str, Completion]]) -> None:
    for name, completion in done:
        errors = [outcome.error for outcome in completion.failed if outcome.error is not None]
        if completion.error is not None and not errors:
            errors = [completion.error]
        for error in errors:
            write(f"\n{name}: {stack_trace(error)}")


# For programs -----------------------------------------------------------------------------------------------


def _told(name: str, completion: Completion, *, traceback: bool) -> dict[str, Any]:
    return {
        "event": name,
        "source": completion.name,
        "handlers": list(dict.fromkeys(outcome.route.name for outcome in _calls(completion) if outcome.route)),
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
    """An error in the words of Lambda's own error replies."""
    if error is None:
        return None
    told: dict[str, Any] = {"errorType": type(error).__name__, "errorMessage": str(error)}
    if traceback:
        told["stackTrace"] = stack_trace(error).splitlines()
    return told
