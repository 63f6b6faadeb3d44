"""What came of one event, in short: a row of the table that `lambdarouter invoke` shows people."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from rich.text import Text

from lambdarouter.cli.origin import place
from lambdarouter.core.request import Request
from lambdarouter.core.route import Completion, Declined, Outcome
from lambdarouter.errors import BatchError, EventError, HttpError, LambdarouterError, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KilledError", "calls", "errors", "reason", "row"]

_LONGEST_CELL = 300
_STATUSES = ("ok", "failed", "skipped", "declined")


class KilledError(Exception):
    """The reply came after the function's timeout: Lambda had killed the function, and reports Sandbox.Timedout."""


def row(name: str, completion: Completion) -> tuple[Text, ...]:
    """Name, source, handlers, outcome and reply of an event."""
    return (
        Text(name),
        Text(completion.name),
        Text(_handlers(completion)),
        Text(_statuses(completion), style="yellow" if completion.failed else ""),
        _reply(completion),
    )


def calls(completion: Completion) -> list[Outcome]:
    """The outcomes behind which a function was called."""
    return [
        outcome for outcome in completion.outcomes if outcome.route is not None and not isinstance(outcome, Declined)
    ]


def errors(completion: Completion) -> list[Text]:
    """The error that Lambda would see, with what it is made of; else the failures the reply keeps quiet about."""
    if completion.error is not None:
        kind = "KILLED: " if isinstance(completion.error, KilledError) else "ERROR "
        seen = Text(f"{kind}{_message(completion.error)}", style="red")
        return [seen, *(Text(_message(error), style="red") for error in _members(completion.error))]
    return [
        Text(_message(outcome.error), style="yellow")
        for outcome in completion.failed
        if outcome.error is not None and _is_hidden(outcome)
    ]


def _is_hidden(outcome: Outcome) -> bool:
    """Whether a reply says nothing of the failure: the app's own mistake, or an event that AWS would not send."""
    if outcome.route is None:
        return isinstance(outcome.error, EventError)
    return outcome.route.source.reports(outcome)


def reason(error: BaseException) -> str:
    """Why, where the error's own text does not say so: its detail, or that of what it was raised from; else empty."""
    said = str(error)
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        # `Unauthorized` keeps its detail to itself: its text is for API Gateway.
        words = (link.detail or "") if isinstance(link, HttpError) else str(link)
        if words not in said:
            return words if isinstance(link, LambdarouterError) else f"{type(link).__name__}: {words}"
        link = link.__cause__
    return ""


def _handlers(completion: Completion) -> str:
    """The functions that were called, without their modules."""
    called = Counter(outcome.route.name.rpartition(".")[2] for outcome in calls(completion) if outcome.route)
    return ", ".join(name if times == 1 else f"{name} ×{times}" for name, times in called.items()) or "–"


def _statuses(completion: Completion) -> str:
    statuses = Counter(outcome.status for outcome in completion.outcomes)
    if len(completion.outcomes) == 1:
        return next(iter(statuses))
    return ", ".join(f"{statuses[status]} {status}" for status in _STATUSES if statuses[status]) or "–"


def _reply(completion: Completion) -> Text:
    """The error that Lambda would see; else the reply in short, and below it the failures that it keeps quiet about."""
    told = errors(completion)
    return Text("\n").join(told if completion.error is not None else [Text(_short(completion)), *told])


def _members(error: BaseException) -> Sequence[BaseException]:
    return error.exceptions if isinstance(error, BaseExceptionGroup) else ()


def _message(error: BaseException) -> str:
    """Type and text, and the reason; and where the developer's code raised it, unless the error is the framework's."""
    said = error.message if isinstance(error, BatchError) else str(error)  # each cause gets a line of its own
    told = said if isinstance(error, KilledError) else f"{type(error).__name__}: {said}"
    because = reason(error)
    told = printable(f"{told}, because: {because}" if because else told)
    where = "" if isinstance(error, LambdarouterError) else place(error)
    return _cut(told) + (f" ({where})" if where else "")


def _short(completion: Completion) -> str:
    """What matters most in the reply first: an HTTP status, an authorizer's verdict."""
    reply = completion.reply
    if isinstance(reply, dict) and "statusCode" in reply:
        return _cut(printable(f"{reply['statusCode']} {_body(reply, completion.outcomes)}"))
    if isinstance(reply, dict) and isinstance(policy := reply.get("policyDocument"), dict):
        return _cut(printable(f"{_verdict(policy)} {reply.get('principalId')} {_plain(reply.get('context') or {})}"))
    return _cut(printable(_plain(reply)))


def _body(reply: dict[str, Any], outcomes: Sequence[Outcome]) -> str:
    """The body of an HTTP reply; of a problem document (RFC 9457) its detail, or its title and what was asked for."""
    if reply.get("isBase64Encoded"):
        return "(base64)"
    body = str(reply.get("body") or "")
    try:
        problem = json.loads(body)
    except ValueError:
        return body
    if not isinstance(problem, dict) or problem.get("status") != reply["statusCode"] or "title" not in problem:
        return body
    if problem.get("detail"):
        return str(problem["detail"])
    return f"{problem['title']}{_asked(outcomes[0].record if outcomes else None)}"


def _asked(request: object) -> str:
    """What an HTTP request asks for; empty where the event does not say, or is none."""
    if not isinstance(request, Request):
        return ""
    try:
        return f" ({request.method} {request.path})"
    except EventError:
        return ""


def _verdict(policy: dict[str, Any]) -> str:
    effects = dict.fromkeys(statement["Effect"] for statement in policy["Statement"])
    return " and ".join(effects)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"
