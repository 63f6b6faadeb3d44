from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formataddr
from typing import Annotated, Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter import App, ConfigurationError, Depends, Header, InvalidEventError, InvalidPayloadError, SesMail
from lambdarouter.sources.ses import SesEvent, SesTrigger
from tests.sources.mail import fixture, mail_event, outcome, read, status

# The mail


def test_the_mail_shows_envelope_headers_and_verdicts() -> None:
    event = mail_event(
        recipients=["help@example.com", "sales@example.com"],
        sender="Ada Byron <ada@example.org>",
        headers={"To": "help@example.com", "Cc": ["a@example.net", "b@example.net"], "X-Tag": ["one", "two"]},
        spam="GRAY",
        virus="FAIL",
    )
    mail = read(event)
    raw = event["Records"][0]["ses"]["mail"]
    assert mail.id == mail.message_id == raw["messageId"]
    assert mail.timestamp == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert mail.envelope_sender == mail.sender == "ada@example.org"
    assert mail.recipients == mail.destination == ["help@example.com", "sales@example.com"]
    assert mail.from_ == ["Ada Byron <ada@example.org>"]
    assert mail.to == ["help@example.com"]
    assert mail.cc == ["a@example.net", "b@example.net"]
    assert mail.subject == "Hi"
    assert mail.headers.all("x-tag") == ["one", "two"]
    assert (mail.spam, mail.virus, mail.spf, mail.dkim, mail.dmarc) == ("GRAY", "FAIL", "PASS", "PASS", "PASS")
    assert mail.headers_truncated is False
    assert read(fixture("headers_truncated")).headers_truncated is True


def topic_of(mail: SesMail) -> str:
    return mail.subject.partition(":")[0]


def test_headers_are_typed_parameters() -> None:
    app = App()
    got: dict[str, Any] = {}

    @app.ses()
    def inbox(  # noqa: PLR0917 - one of each
        event: SesEvent,
        x_priority: Annotated[int, Header()],
        tags: Annotated[list[str], Header("X-Tag")],
        first: Annotated[str, Header("x-TAG")],
        sent: Annotated[datetime, Header("x-sent")],
        topic: Annotated[str, Depends(topic_of)],
        reply_to: Annotated[str | None, Header()] = None,
    ) -> None:
        got.update(locals())

    headers = {"X-Priority": "2", "X-Tag": ["one", "two, three"], "X-Sent": "2026-01-01T09:00:00Z"}
    event = mail_event(subject="order: 17", headers=headers)
    app(event)
    assert got.pop("event").raw is event
    assert {name: value for name, value in got.items() if name not in ("app", "got")} == {
        "x_priority": 2,
        "tags": ["one", "two, three"],
        "first": "one",
        "sent": datetime(2026, 1, 1, 9, tzinfo=UTC),
        "topic": "order",
        "reply_to": None,
    }


@pytest.mark.parametrize(
    ("headers", "said"), [({}, "header.X-Priority"), ({"X-Priority": "high"}, "header.X-Priority")]
)
def test_a_header_that_is_missing_or_does_not_fit_fails_the_mail(headers: Any, said: str) -> None:
    app = App()

    @app.ses()
    def inbox(priority: Annotated[int, Header("X-Priority")]) -> None: ...

    with pytest.raises(InvalidPayloadError, match=said):
        app(mail_event(headers=headers))


def test_a_bounce_has_an_empty_sender_in_its_envelope() -> None:
    mail = read(fixture("bounce_with_empty_sender"))
    assert mail.envelope_sender == ""
    assert mail.sender == "mailer-daemon@example.com"


@pytest.mark.parametrize(
    ("entries", "sender"),
    [
        (["ada@example.org"], "ada@example.org"),
        (["Ada Byron <ada@example.org>"], "ada@example.org"),
        (['"Byron, Ada" <ada@example.org>'], "ada@example.org"),
        (["=?UTF-8?Q?Ada=40home?= <ada@example.org>"], "ada@example.org"),
        (["ada@example.org (Ada, at home)"], "ada@example.org"),
        (["(a \\) comment) Ada <ada@example.org>"], "ada@example.org"),
        (['"say \\"hi\\" boss@example.com" <ada@example.org>'], "ada@example.org"),
        ([" \tAda <ada@example.org>\n"], "ada@example.org"),
        # A name that looks like an address is a name.
        (['"boss@example.com" <me@example.org>'], "me@example.org"),
        (["(boss@example.com) me@example.org"], "me@example.org"),
        # Several addresses, of which DMARC's verdict is on one.
        (["ada@example.org, bob@example.net"], ""),
        (["ada@example.org", "bob@example.net"], ""),
        (["Boss <boss@example.com>", "boss"], ""),
        (["ada@example.org", ""], "ada@example.org"),
        # What can be read in two ways is nobody's.
        (["boss@example.com <me@example.org>"], ""),
        (["Byron, Ada <ada@example.org>"], ""),
        (["boss@example.com(<me@example.org>"], ""),
        (["boss@example.com) <me@example.org>"], ""),
        (['"boss@example.com <me@example.org>'], ""),
        (["<boss@example.com> me@example.org"], ""),
        (["<boss@example.com><me@example.org>"], ""),
        (["<boss@example.com"], ""),
        (["boss@example.com@example.org"], ""),
        (["boss@example.com me@example.org"], ""),
        (["boss@example.com;me@example.org"], ""),
        (["boss@example.com, <me@example.org> x"], ""),
        (["boss@example.com\x00"], ""),
        (["Team: boss@example.com, me@example.org;"], ""),
        (["@example.com"], ""),
        (["boss@"], ""),
        (["boss"], ""),
        ([""], ""),
        # Without the header, the envelope says it.
        ([], "envelope@example.net"),
        (None, "envelope@example.net"),
        ([7, None], "envelope@example.net"),
    ],
)
def test_the_sender_is_the_one_address_of_from(entries: Any, sender: str) -> None:
    event = mail_event(sender="envelope@example.net")
    event["Records"][0]["ses"]["mail"]["commonHeaders"]["from"] = entries
    assert read(event).sender == sender


@given(
    name=st.text(st.characters(categories=["L", "N", "P", "S"])),
    local=st.from_regex(r"[a-z0-9+_-]{1,12}", fullmatch=True),
)
def test_whatever_the_display_name_the_address_is_the_one_in_the_brackets(name: str, local: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    event = mail_event()
    event["Records"][0]["ses"]["mail"]["commonHeaders"]["from"] = [f'"{quoted}" <{local}@example.org>']
    assert read(event).sender == f"{local}@example.org"
    assert formataddr(("", read(event).sender)) == f"{local}@example.org"


@given(name=st.text())
def test_no_display_name_makes_mail_of_one_domain_mail_of_another(name: str) -> None:
    for attempt in (name, f"boss@example.com {name}", f"{name} boss@example.com", f"<boss@example.com>{name}"):
        event = mail_event(sender="boss@example.com")
        event["Records"][0]["ses"]["mail"]["commonHeaders"]["from"] = [f"{attempt}<me@example.org>"]
        assert not read(event).sender.endswith("@example.com")


def test_common_headers_may_be_missing() -> None:
    event = mail_event(sender="Ada <ada@example.org>")
    del event["Records"][0]["ses"]["mail"]["commonHeaders"]
    mail = read(event)
    assert (mail.subject, mail.from_, mail.to, mail.cc) == ("", [], [], [])
    assert mail.sender == "ada@example.org"
    assert status(event, subject="*") == "ok"
    assert read(fixture("no_subject")).subject == ""


# Envelopes that are not what AWS documents

SOUND: dict[str, Any] = {"mail": {}, "receipt": {}}


@pytest.mark.parametrize(
    ("part", "attribute", "said"),
    [
        ({"mail": {"messageId": None}}, "message_id", "Records[0].ses.mail.messageId is missing or null"),
        ({"mail": {"messageId": 7}}, "message_id", "Records[0].ses.mail.messageId is a number (7), expected a string"),
        ({"mail": {"timestamp": "now"}}, "timestamp", "Records[0].ses.mail.timestamp is a string ('now'), expected a "),
        ({"mail": None}, "message_id", "Records[0].ses.mail.messageId is missing or null"),
        ({"mail": {"source": []}}, "envelope_sender", "Records[0].ses.mail.source is a list, expected a string"),
        ({"mail": {"headers": {}}}, "headers", "Records[0].ses.mail.headers is an object, expected a list of headers"),
        ({"mail": {"destination": "a@b"}}, "destination", "Records[0].ses.mail.destination is a string ('a@b'), ex"),
        ({"mail": {"commonHeaders": {"from": "a@b"}}}, "sender", "Records[0].ses.mail.commonHeaders.from is a string"),
        ({"mail": {"commonHeaders": {"subject": 1}}}, "subject", "Records[0].ses.mail.commonHeaders.subject is a num"),
        ({"mail": {"headersTruncated": "no"}}, "headers_truncated", "Records[0].ses.mail.headersTruncated is a string"),
        ({"receipt": {"recipients": "a@b"}}, "recipients", "Records[0].ses.receipt.recipients is a string ('a@b'), e"),
        ({"receipt": {"spamVerdict": {"status": 1}}}, "spam", "Records[0].ses.receipt.spamVerdict.status is a number"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_an_error_that_names_its_path(part: Any, attribute: str, said: str) -> None:
    app = App()

    @app.ses()
    def inbox(mail: SesMail) -> None:
        getattr(mail, attribute)

    completion = app.complete({"Records": [{"eventSource": "aws:ses", "ses": SOUND | part}]})
    assert isinstance(completion.error, InvalidEventError)
    assert str(completion.error).startswith(said)
    assert completion.outcomes[0].status == "failed"
    assert completion.outcomes[0].record.id == "Records[0]"  # SES's id is missing too, and an id never raises


def test_headers_that_are_none_are_left_out() -> None:
    event = mail_event()
    odd = [
        None,
        "x",
        {},
        {"name": "A"},
        {"name": 1, "value": "b"},
        {"name": "A", "value": 1},
        {"name": "B", "value": "b"},
    ]
    event["Records"][0]["ses"]["mail"]["headers"] = odd
    assert list(read(event).headers.multi_items()) == [("B", "b")]


def test_recipients_that_cannot_be_read_fail_instead_of_passing_the_filter_by() -> None:
    event = mail_event()
    event["Records"][0]["ses"]["receipt"]["recipients"] = "help@example.com"
    completion = outcome(event, recipient="*@example.com")
    assert isinstance(completion.error, InvalidEventError)


# Configuration


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"recipient": ""}, "recipient is '', which can never match"),
        ({"recipient": []}, "recipient is .* can never match"),
        ({"recipient": "support.example.com"}, r"has no @ and can never match.*'\*@support.example.com'"),
        ({"recipient": ["*@example.com", "example.org"]}, "recipient 'example.org' has no @"),
        ({"sender": "example.org"}, "sender 'example.org' has no @"),
        ({"sender": [""]}, "sender is"),
        ({"sender": 5}, "sender is 5, which can never match"),
        ({"subject": b"Hi"}, "subject is b'Hi', which can never match"),
        ({"spam": 5}, "spam is 5; SES's verdicts are"),
        ({"virus": True}, "virus is True; SES's verdicts are"),
        ({"dmarc": [["PASS"]]}, "dmarc is"),
        ({"subject": " "}, "subject is ' ', which can never match"),
        ({"spam": "pass"}, "spam is 'pass'; SES's verdicts are PASS, FAIL"),
        ({"virus": []}, "virus is"),
        ({"dmarc": ["PASS", "NONE"]}, r"dmarc is \['PASS', 'NONE'\]"),
        ({"dkim": ""}, "dkim is ''"),
        ({"unmatched": "drop"}, "unmatched is 'drop'"),
        ({"concurrency": -1}, "concurrency is -1"),
    ],
)
def test_a_filter_that_can_never_match_is_refused_at_import_with_function_file_and_line(
    options: Any, said: str
) -> None:
    app = App()

    def inbox() -> None: ...

    with pytest.raises(ConfigurationError, match=said) as caught:
        app.ses(**options)(inbox)
    place = f"inbox ({__file__}:{inbox.__code__.co_firstlineno}): "
    assert place in str(caught.value)
    assert app.routes == []


def test_mail_has_no_payload_so_a_model_cannot_be_filled() -> None:
    app = App()
    with pytest.raises(ConfigurationError, match=r"'body: dict'; it could be SesMail, SesEvent, Context, Annotated"):

        @app.ses()
        def inbox(body: dict) -> None: ...  # type: ignore[type-arg]


def test_a_trigger_describes_its_filter() -> None:
    trigger = SesTrigger(
        recipient=["a@example.com", "*@example.org"], subject="Hi*", spam=["FAIL", "GRAY"], virus="FAIL"
    )
    assert repr(trigger) == "SesTrigger(recipient=a@example.com|*@example.org subject=Hi* spam=FAIL|GRAY virus=FAIL)"
    assert repr(SesTrigger()) == "SesTrigger(all mail)"
