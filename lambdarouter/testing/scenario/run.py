"""Scenarios, run: each invocation sent by a client of the app, and what came of it compared with what was to come."""

from __future__ import annotations

from copy import deepcopy
from inspect import Parameter, signature
from json import dumps, loads
from pathlib import Path
from typing import Any

from lambdarouter.core.route import Completion
from lambdarouter.testing.client import TestClient
from lambdarouter.testing.response import Response
from lambdarouter.testing.result import Decision, Result, failed_positions
from lambdarouter.testing.scenario.difference import differences
from lambdarouter.testing.scenario.file import ScenarioError, load
from lambdarouter.testing.scenario.model import Scenario
from lambdarouter.testing.surroundings import environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambdarouter.app import App
    from lambdarouter.testing.scenario.model import Expectation, Invocation

__all__ = ["Checked", "ScenarioRun", "check", "run_scenario"]

_MOST = 20  # differences of one invocation that are told


class EndedError(Exception):
    """A handler ended the process; Lambda reports Runtime.ExitError."""


class Checked:
    """What came of one invocation of a scenario: its `result`, and the `differences` from what was expected, as lines.

    `result` is a `Result`, of HTTP a `Response`, of an authorizer a `Decision`.
    """

    def __init__(self, name: str, result: Result, expected: Expectation) -> None:
        self.name = name
        self.result = result
        self.differences: list[str] = _differences(expected, result)

    def __repr__(self) -> str:
        return f"{self.name}: {'; '.join(self.differences) or 'as expected'}"


class ScenarioRun:
    """What came of a scenario: the `checked` invocations, one by one."""

    def __init__(self, checked: list[Checked]) -> None:
        self.checked = checked

    @property
    def failures(self) -> list[str]:
        """What was not as expected, as lines that name the invocation: `assert run.failures == []`."""
        return [f"{each.name}: {line}" for each in self.checked for line in each.differences]

    def __repr__(self) -> str:
        failed = sum(bool(each.differences) for each in self.checked)
        return f"<ScenarioRun {len(self.checked)} invocations, {failed} failed>"


def run_scenario(app: App, scenario: Scenario | Path | str) -> ScenarioRun:
    """Send an app the invocations of a scenario, or of the file of one, in order.

    They share a `TestClient`, and so the app's lifespan, a store in memory, and cookies. Raises `ScenarioError` for a
    file that is none, and what the app's lifespan raises.
    """
    if not isinstance(scenario, Scenario):
        scenario = load(Path(scenario))
    with environment(scenario.environment), TestClient(app) as client:
        return ScenarioRun(list(check(client, scenario)))


def check(client: TestClient, scenario: Scenario) -> Iterator[Checked]:
    """Send the invocations, and yield what came of each as it comes. Raises `ScenarioError` for what cannot be sent."""
    for number, invocation in enumerate(scenario.invocations):
        result = _sent(client, invocation, f"{scenario.where}: invocations[{number}].{invocation.method}")
        name = invocation.name or f"{number + 1} {result.name if invocation.method == 'invoke' else invocation.method}"
        yield Checked(name, result, invocation.expect)


def _sent(client: TestClient, invocation: Invocation, place: str) -> Result:
    method = getattr(client.given(**dict(invocation.given)), invocation.method)
    # A handler may change its event, which YAML's anchors share.
    arguments = deepcopy(invocation.arguments)
    try:
        result: Result = _call(method, arguments)
    except (TypeError, ValueError, LookupError) as error:
        msg = f"{place}: {error}"
        raise ScenarioError(msg) from error
    except SystemExit as error:
        ended = EndedError(f"the function ended the process, status {error.code}")
        return Result(Completion("", error=ended), None)
    return result


def _call(method: Any, arguments: dict[str, Any]) -> Any:
    """Call with named arguments, of which that of `*messages` is a list."""
    parameters = list(signature(method).parameters.values())
    if not any(each.kind is Parameter.VAR_KEYWORD for each in parameters):
        names = [each.name for each in parameters]
        unknown = next((name for name in arguments if name not in names), None)
        if unknown is not None:
            msg = f"there is no argument {unknown!r}; there are {', '.join(names)}"
            raise TypeError(msg)
    spread = next((at for at, each in enumerate(parameters) if each.kind is Parameter.VAR_POSITIONAL), None)
    if spread is None or parameters[spread].name not in arguments:
        return method(**arguments)
    several = arguments.pop(parameters[spread].name)
    if not isinstance(several, list):
        msg = f"{parameters[spread].name} is {several!r:.80}; it is a list"
        raise TypeError(msg)
    before = [arguments.pop(each.name) for each in parameters[:spread] if each.name in arguments]
    return method(*before, *several, **arguments)


def _differences(expected: Expectation, result: Result) -> list[str]:
    lines = list(_compared(expected, result))
    if len(lines) > _MOST:
        lines[_MOST:] = [f"{len(lines) - _MOST} more differences"]
    if lines:  # an error of the whole is a difference itself
        lines += [line for line in result.failures() if not line.startswith("error: ")]
    return lines


def _compared(expected: Expectation, result: Result) -> Iterator[str]:
    if expected.says("source"):
        yield from differences(expected.source, result.name, "source")
    yield from _errors(expected, result)
    if expected.says("ran"):
        yield from _listed(expected.ran, list(result.ran), "ran")
    if expected.says("failed") or not (expected.says("reply") or expected.says("status") or expected.says("error")):
        yield from _listed(expected.failed or [], failed_positions(result), "failed")
    if expected.says("reply"):
        yield from differences(expected.reply, loads(dumps(result.reply)), "reply")
    if expected.says("allowed"):
        yield from differences(expected.allowed, Decision(result, result.event).allowed, "allowed")
    yield from _http(expected, result)


def _listed(expected: Any, seen: Any, name: str) -> Iterator[str]:
    """Names and positions say more together."""
    if expected != seen:
        yield f"{name}: expected {dumps(expected)}, saw {dumps(seen)}"


def _errors(expected: Expectation, result: Result) -> Iterator[str]:
    """An error is expected by its type, or by its type and its text."""
    error = result.error
    told = None if error is None else f"{type(error).__name__}: {error}"
    if error is None or expected.error not in (type(error).__name__, told):
        yield from differences(expected.error, told, "error")


def _http(expected: Expectation, result: Result) -> Iterator[str]:
    """What is said of an HTTP reply, whichever the gateway."""
    said = [name for name in ("status", "headers", "body", "text") if expected.says(name)]
    if not said:
        return
    response = Response(result, result.event, "", "")
    if not response.is_sent:
        yield f"{said[0]}: expected an HTTP reply, saw {result.reply!r:.80}"
        return
    if "status" in said:
        yield from differences(expected.status, response.status, "status")
    for name, value in (expected.headers or {}).items():
        seen: Any = response.headers.all(name)
        seen = seen if isinstance(value, list) else response.headers.get(name)
        yield from differences(value, seen, f"headers.{name}")
    if "body" in said:
        try:
            yield from differences(expected.body, response.json(), "json")
        except ValueError:
            yield f"json: expected JSON, saw {response.text!r:.80}"
    if "text" in said:
        yield from differences(expected.text, response.text, "text")
