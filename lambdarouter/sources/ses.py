"""SES: a handler for mail that an SES receipt rule hands to Lambda.

::

    @app.ses(recipient="*@support.example.com", virus="PASS")
    def inbox(mail: SesMail, priority: Annotated[int, Header("X-Priority")] = 3) -> Disposition | None: ...

`recipient`, `sender` and `subject` are globs, or lists of them, and ignore case. `spam`, `virus`, `spf`, `dkim` and
`dmarc` are the verdicts, or lists of verdicts, that the route wants. Mail for a recipient that a route names is
declined where another filter says no. `SesMail` is passed by its type, a mail header by `Annotated[T, Header(name)]`.
The event has the mail's headers, not its body: have an S3 action before the Lambda action store it under `message_id`.

Delivery: all matching handlers run and are joined; the strictest `Disposition` any of them returned is the reply, and
None means CONTINUE. It counts only when the rule invokes synchronously (RequestResponse, 30 seconds); an asynchronous
invocation that raises is repeated. Mail that no route names goes on (CONTINUE): register `@app.ses()` to decide.
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html
"""

from __future__ import annotations

from enum import StrEnum

from lambdarouter.core.check import check_addresses, several_of
from lambdarouter.core.conversion import list_of_strings, timestamp
from lambdarouter.core.envelope import hops_of
from lambdarouter.core.http import Header, provide_marked
from lambdarouter.core.pattern import Patterns
from lambdarouter.core.request import Values
from lambdarouter.core.route import Declined
from lambdarouter.core.source import Source
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.view import Event, Record, field
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Literal, TypeAlias, Unpack

    from lambdarouter.core.envelope import Via
    from lambdarouter.core.handler import Getter
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

    Verdict: TypeAlias = Literal["PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED"]

__all__ = ["Disposition", "SesEvent", "SesMail", "SesSource", "SesTrigger"]

_VERDICTS = ("PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED")
_VERDICT_FIELDS = ("spam", "virus", "spf", "dkim", "dmarc")


class Disposition(StrEnum):
    """What SES does with the mail next, from the mildest to the strictest."""

    CONTINUE = "CONTINUE"
    STOP_RULE = "STOP_RULE"
    STOP_RULE_SET = "STOP_RULE_SET"


_SEVERITY = tuple(Disposition)


def _list_of_headers(raw: Any) -> Values:
    if not isinstance(raw, list):
        raise TypeError
    pairs = ((item.get("name"), item.get("value")) for item in raw if isinstance(item, dict))
    return Values(((n, v) for n, v in pairs if isinstance(n, str) and isinstance(v, str)), fold=True)


def _verdict(name: str) -> Any:
    return field("ses", "receipt", f"{name}Verdict", "status", default="")


def _addresses_in(text: str) -> list[str]:
    """The addresses of a From header, "" for one that can be read in more than one way.

    `boss@example.com <me@example.org>` must not pass for the boss while the verdict of DMARC is on example.org: the
    parser of `email.policy` reports such defects, where `email.utils.getaddresses` used to guess.
    """
    from email.errors import InvalidHeaderDefect, NonPrintableDefect  # noqa: PLC0415 - 30 ms with the policy, for ...
    from email.policy import default  # noqa: PLC0415 - ... mail that is filtered by sender

    try:
        header = default.header_factory("from", " ".join(text.split()))
        if any(isinstance(defect, (InvalidHeaderDefect, NonPrintableDefect)) for defect in header.defects):
            return [""]
        if any(group.display_name is not None for group in header.groups):
            return [""]
        return [address.addr_spec for address in header.addresses]
    except Exception:  # noqa: BLE001 - hostile headers have found bugs in the parser before
        return [""]


class SesMail(Record):
    """A received mail: envelope, headers and SES's verdicts, but not the body."""

    message_id: str = field("ses", "mail", "messageId")
    timestamp: datetime = field("ses", "mail", "timestamp", of=timestamp)
    # The envelope's MAIL FROM: where bounces go. Empty for a bounce.
    envelope_sender: str = field("ses", "mail", "source", default="")
    # The envelope's recipients that the receipt rule matched.
    recipients: list[str] = field("ses", "receipt", "recipients", of=list_of_strings, default=list)
    destination: list[str] = field("ses", "mail", "destination", of=list_of_strings, default=list)
    subject: str = field("ses", "mail", "commonHeaders", "subject", default="")
    # The From header's entries as they stand: "Ada <ada@example.com>".
    from_: list[str] = field("ses", "mail", "commonHeaders", "from", of=list_of_strings, default=list)
    to: list[str] = field("ses", "mail", "commonHeaders", "to", of=list_of_strings, default=list)
    cc: list[str] = field("ses", "mail", "commonHeaders", "cc", of=list_of_strings, default=list)
    # All headers, several of one name too. SES cuts them off at 10 KB and says so.
    headers: Values = field("ses", "mail", "headers", of=_list_of_headers, default=Values)
    headers_truncated: bool = field("ses", "mail", "headersTruncated", of=bool, default=False)
    # PASS, FAIL, GRAY, PROCESSING_FAILED or DISABLED; empty where the event has none.
    spam: str = _verdict("spam")
    virus: str = _verdict("virus")
    spf: str = _verdict("spf")
    dkim: str = _verdict("dkim")
    dmarc: str = _verdict("dmarc")

    @property
    def id(self) -> str:
        """SES's message id, the name under which an S3 action stores the mail."""
        found = self.peek("ses", "mail", "messageId")
        return self.locate() if found is None else found

    @property
    def sender(self) -> str:
        """The address in the From header; without that header, the envelope's sender.

        Anyone can write it: see `dmarc`. Empty where the header can be read in more than one way, or has more than one
        address: the verdict of DMARC would be on one of them, and nothing says on which.
        """
        if not self.from_:
            return self.envelope_sender
        addresses = [address for text in self.from_ for address in _addresses_in(text)]
        return addresses[0] if len(addresses) == 1 else ""


class SesEvent(Event):
    """The event an SES receipt rule sends."""


class SesSource(Source):
    """Received mail: all matching handlers, the strictest disposition."""

    names: tuple[str, ...] = ("ses",)
    decorator = "@app.ses(recipient=...)"
    event: type[Event] = SesEvent
    record: type[View] = SesMail

    def enclosed(self, content: Any) -> Any:
        """The notification of an SNS action: the same mail and receipt; `raw` has its `content`, where it is sent."""
        if not isinstance(content, dict) or content.get("notificationType") != "Received":
            return None
        return {"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": content}]}

    def unclaimed(self, record: SesMail, routes: Any) -> Outcome:
        """Nobody wants the mail: SES goes on with its rules."""
        return Declined(record, None, f"no route names {', '.join(record.recipients) or 'its recipients'}")

    def result(self, match: Match, value: Any) -> Disposition | None:
        """A `Disposition`, or None; anything else is a mistake that would silently mean CONTINUE."""
        if value is None:
            return None
        try:
            return Disposition(value)
        except ValueError as error:
            msg = f"{match.route.name if match.route else ''} returned {value!r}; mail handlers return a Disposition"
            raise TypeError(msg) from error

    def respond(self, event: Any, outcomes: Sequence[Outcome]) -> dict[str, str]:
        """The strictest disposition."""
        super().respond(event, outcomes)
        said = [outcome.value for outcome in outcomes if isinstance(outcome.value, Disposition)]
        strictest = max(said, key=_SEVERITY.index, default=Disposition.CONTINUE)
        return {"disposition": strictest.value}

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """The mail, and its headers."""
        return self.provide_view(parameter) if parameter.marker is None else provide_marked(parameter, (Header,))

    def choices(self) -> str:
        """What a parameter may be."""
        return "SesMail, SesEvent, Context, Annotated[T, Header(name)], Annotated[T, Depends(f)]"


class SesTrigger(Trigger):
    """`@app.ses(recipient="*@support.example.com")`: run for received mail.

    `recipient`, `sender`, `subject`: globs or lists of globs, whatever the case. `spam`, `virus`, `spf`, `dkim`,
    `dmarc`: the verdict, or list of verdicts, wanted. Without any: all mail. `via`: the topic through which it comes,
    from a receipt rule's SNS action ("sns:mail"); nobody waits for a disposition then. `shared`: the options of every
    trigger.
    """

    __slots__ = ("_recipient", "_sender", "_subject", "_verdicts", "via")

    source: type[Source] = SesSource

    def __init__(
        self,
        *,
        recipient: str | Sequence[str] | None = None,
        sender: str | Sequence[str] | None = None,
        subject: str | Sequence[str] | None = None,
        spam: Verdict | Sequence[Verdict] | None = None,
        virus: Verdict | Sequence[Verdict] | None = None,
        spf: Verdict | Sequence[Verdict] | None = None,
        dkim: Verdict | Sequence[Verdict] | None = None,
        dmarc: Verdict | Sequence[Verdict] | None = None,
        via: Via = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(**shared)
        self.via: tuple[Any, ...] = hops_of(via)
        self._recipient = _addresses(recipient, "recipient")
        self._sender = _addresses(sender, "sender")
        self._subject = None if subject is None else Patterns(subject, "subject", fold=True)
        wanted = zip(_VERDICT_FIELDS, (spam, virus, spf, dkim, dmarc), strict=True)
        self._verdicts = {name: _verdicts(name, verdicts) for name, verdicts in wanted if verdicts is not None}

    def claims(self, record: SesMail) -> bool:
        """By recipient of the envelope."""
        return self._recipient is None or any(map(self._recipient.match, record.recipients))

    def declines(self, record: SesMail) -> str | None:
        """By sender, subject and verdicts."""
        if self._sender is not None and not self._sender.match(record.sender):
            return f"the sender is {record.sender!r}, not {self._sender.text}"
        if self._subject is not None and not self._subject.match(record.subject):
            return f"the subject is {record.subject!r:.80}, not {self._subject.text}"
        for name, wanted in self._verdicts.items():
            verdict = getattr(record, name)
            if verdict not in wanted:
                return f"the {name} verdict is {verdict!r}, not {' or '.join(wanted)}"
        return None

    def describe(self) -> str:
        """The filters that are set."""
        patterns = {"recipient": self._recipient, "sender": self._sender, "subject": self._subject}
        shown = [f"{name}={pattern.text}" for name, pattern in patterns.items() if pattern is not None]
        shown += [f"{name}={'|'.join(wanted)}" for name, wanted in self._verdicts.items()]
        return " ".join(shown) or "all mail"


def _addresses(patterns: str | Sequence[str] | None, what: str) -> Patterns | None:
    if patterns is None:
        return None
    made = Patterns(patterns, what, fold=True)
    check_addresses(what, list(made))
    return made


def _verdicts(name: str, wanted: Any) -> tuple[str, ...]:
    verdicts = tuple(several_of(wanted))
    if not verdicts or any(verdict not in _VERDICTS for verdict in verdicts):
        msg = f"{name} is {wanted!r}; SES's verdicts are {', '.join(_VERDICTS)}"
        raise ConfigurationError(msg)
    return verdicts
