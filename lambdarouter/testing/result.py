"""What came of one event: a completion that also knows the event, who ran, and how to say what went wrong.

pytest shows the `repr` of what an assertion asks (`assert response.status == 200`), so that is where it is told.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TypeVar

from lambdarouter.core.batch import takes_batch
from lambdarouter.core.route import Completion, Declined, Outcome, Skipped
from lambdarouter.core.signature import code_of
from lambdarouter.errors import BatchError, InFlight, NotAttempted, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import CodeType
    from typing import Any

    from lambdarouter.testing.connections import Sent

__all__ = ["Decision", "Ran", "Result", "explained", "failed_positions", "short_name"]

T = TypeVar("T")
_MOST_FAILURES = 3  # that a repr tells in full


class Result(Completion):
    """A `Completion` with the `event` that was sent.

    `sent`: the messages that WebSocket connections were sent meanwhile; `closed`: the ids of those that were closed.
    """

    def __init__(self, completion: Completion, event: Any) -> None:
        super().__init__(completion.name, completion.outcomes, completion.reply, completion.error)
        self.event = event
        before = completion if isinstance(completion, Result) else None
        self.sent: list[Sent] = [] if before is None else before.sent
        self.closed: list[str] = [] if before is None else before.closed

    @property
    def ran(self) -> list[str]:
        """The names of the handlers that ran, record by record: `["announce", "audit"]`.

        A function's own name, without its module. Those that declined or were skipped are not among them, nor those
        that were not reached: their arguments were invalid, say, or a guard refused. One in whose place middleware
        answered, or raised, is: nothing tells its outcome from another. One that takes a whole batch is there once.
        """
        ran: Ran[str] = Ran(self.failures)
        ran += map(short_name, self.reached())
        return ran

    def reached(self) -> Iterator[Outcome]:
        """The outcomes of the calls whose handlers ran."""
        whole: set[int] = set()
        for outcome in self.outcomes:
            if outcome.route is None or id(outcome.route) in whole or not _was_reached(outcome):
                continue
            if takes_batch(outcome.route.handler):
                whole.add(id(outcome.route))
            yield outcome

    def told(self) -> str:
        """What a person reads first, in one line: who failed, on which record, with which error."""
        return "; ".join(self.failures()) or f"reply={self.reply!r:.80} ran={list(self.ran)}"

    def failures(self) -> list[str]:
        """A line for each of the first failures, and the error that Lambda sees where it is none of theirs."""
        failed = self.failed
        lines = [_failure(outcome) for outcome in failed[:_MOST_FAILURES]]
        if len(failed) > _MOST_FAILURES:
            lines.append(f"{len(failed) - _MOST_FAILURES} more")
        if self.error is not None and not any(outcome.error is self.error for outcome in failed):
            lines.insert(0, f"error: {_error(self.error)}")
        return lines

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.told()}>"


class Ran(list[T]):
    """What ran, which knows what failed: an assertion sees no more of a result than this."""

    def __init__(self, failures: Callable[[], list[str]]) -> None:
        super().__init__()
        self.failures: Callable[[], list[str]] = failures


class Decision(Result):
    """An authorizer's answer, read as API Gateway reads it."""

    @property
    def allowed(self) -> bool:
        """Whether the request that was asked about would be let in. An error is a no."""
        if self.error is not None or not isinstance(self.reply, dict):
            return False
        if "isAuthorized" in self.reply:
            return self.reply["isAuthorized"] is True
        asked = self.event.get("methodArn") or self.event.get("routeArn") or ""
        effects = {effect for effect, resource in _statements(self.policy) if _covers(resource, asked)}
        return effects == {"Allow"}

    @property
    def context(self) -> Mapping[str, Any]:
        """What routes are told of the caller; empty where there is nothing."""
        return (self.reply or {}).get("context") or {}

    @property
    def policy(self) -> Mapping[str, Any] | None:
        """The IAM policy of the answer; None where it is a plain yes or no, or there is none."""
        policy: Mapping[str, Any] | None = (self.reply or {}).get("policyDocument")
        return policy


def explained(op: str, left: Any, right: Any) -> list[str] | None:
    """What pytest is to say of a comparison that failed (its hook `pytest_assertrepr_compare`): who failed, and why.

    None where it is of nothing here, or nothing failed.
    """
    lines: list[str] = []
    for side in (left, right):
        if isinstance(side, Ran):
            lines += side.failures()
        elif isinstance(side, list):
            lines += [_failure(each) for each in side if isinstance(each, Outcome) and each.error is not None]
    if not lines:
        return None
    return [f"{_shown(left)} {op} {_shown(right)}", *lines]


def _shown(side: Any) -> Any:
    return (
        [short_name(each) if isinstance(each, Outcome) else each for each in side] if isinstance(side, list) else side
    )


def failed_positions(result: Completion) -> list[int]:
    """The positions of the records that failed, at any handler; those of envelopes where they came in some."""
    positions: dict[str, int] = {}
    for outcome in result.outcomes:
        positions.setdefault(outcome.record.outermost.locate(), len(positions))
    return sorted({positions[outcome.record.outermost.locate()] for outcome in result.failed})


def short_name(outcome: Outcome) -> str:
    """The name of an outcome's handler, without its module; "nobody" where no route took the record."""
    return "nobody" if outcome.route is None else outcome.route.name.rpartition(".")[2]


def _failure(outcome: Outcome) -> str:
    record = getattr(outcome.record, "id", None)
    return f"{short_name(outcome)} failed on {record}: {_error(outcome.error)}"


def _error(error: BaseException | None) -> str:
    text = error.message if isinstance(error, BatchError) else str(error)  # each failed call gets a line of its own
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


# An outcome does not say whether its error came before the handler, from it or after it; the error's traceback does.
_BEFORE = (
    "lambdarouter.core.handler",
    "lambdarouter.core.series",
    "lambdarouter.engine.dependency",
    "lambdarouter.sources.cron.source",
    "lambdarouter.sources.http.mistakes",
)


def _was_reached(outcome: Outcome) -> bool:
    if isinstance(outcome, (Declined, Skipped)) or isinstance(outcome.error, (InFlight, NotAttempted, StoreError)):
        return False
    assert outcome.route is not None  # noqa: S101 - for the type checker: its caller has looked
    code = code_of(outcome.route.handler.fn)
    frames = list(_frames(outcome.error))
    if any(frame is code for frame, _ in frames):
        return True
    return not any(module in _BEFORE and frame.co_name != "clean" for frame, module in frames)


def _frames(error: BaseException | None) -> Iterator[tuple[CodeType, str]]:
    """The code that an error came through, with its module; that of what caused it, too."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            yield trace.tb_frame.f_code, trace.tb_frame.f_globals.get("__name__", "")
            trace = trace.tb_next
        error = error.__cause__


def _statements(policy: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    for statement in (policy or {}).get("Statement") or ():
        resources = statement["Resource"]
        for resource in [resources] if isinstance(resources, str) else resources:
            yield statement["Effect"], resource


def _covers(resource: str, asked: str) -> bool:
    """IAM's wildcards are `*` and `?`, and a bracket is one."""
    return fnmatchcase(asked, resource.replace("[", "[[]"))
