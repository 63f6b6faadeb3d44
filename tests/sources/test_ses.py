from __future__ import annotations

from typing import Any

import pytest

from lambdarouter import App, BatchError, Declined, Disposition, NoRouteError, SesMail
from tests.sources.mail import CONTINUE, fixture, mail_event, outcome, read, status

# Filters


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        (None, "ok"),
        ("help@example.com", "ok"),
        ("HELP@Example.com", "ok"),
        ("*@example.com", "ok"),
        ("h?lp@*", "ok"),
        ("*", "ok"),
        (["sales@example.com", "help@example.com"], "ok"),
        ("help@example.org", "unclaimed"),
        ("help@example.co", "unclaimed"),
        ("elp@example.com", "unclaimed"),
        (["sales@example.com", "info@example.com"], "unclaimed"),
    ],
)
def test_a_route_claims_mail_by_any_recipient_of_the_envelope(recipient: Any, expected: str) -> None:
    event = mail_event(recipients=["other@example.net", "Help@EXAMPLE.com"])
    assert status(event, recipient=recipient) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"sender": "ada@example.org"}, "ok"),
        ({"sender": "*@Example.ORG"}, "ok"),
        ({"sender": ["*@example.net", "ada@*"]}, "ok"),
        ({"sender": "*@example.net"}, "declined"),
        ({"subject": "*order 17*"}, "ok"),
        ({"subject": ["offer*", "*ORDER*"]}, "ok"),
        ({"subject": "order"}, "declined"),
        ({"spam": "PASS"}, "ok"),
        ({"virus": ["FAIL", "PASS"]}, "ok"),
        ({"spf": "GRAY"}, "ok"),
        ({"dkim": "PROCESSING_FAILED"}, "ok"),
        ({"dmarc": "DISABLED"}, "ok"),
        ({"spam": "FAIL"}, "declined"),
        ({"dmarc": ["PASS", "GRAY"]}, "declined"),
        ({"recipient": "help@example.com", "sender": "*@example.org", "subject": "*order*", "spf": "GRAY"}, "ok"),
        ({"recipient": "help@example.com", "sender": "*@example.org", "subject": "*order*", "spf": "PASS"}, "declined"),
    ],
)
def test_a_route_declines_mail_by_sender_subject_and_verdict(options: Any, expected: str) -> None:
    event = mail_event(subject="Where is Order 17?", spf="GRAY", dkim="PROCESSING_FAILED", dmarc="DISABLED")
    completion = outcome(event, **options)
    assert [each.status for each in completion.outcomes] == [expected]
    assert completion.reply == ({"disposition": "STOP_RULE"} if expected == "ok" else CONTINUE)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sender": "*@example.net"}, "the sender is 'ada@example.org', not *@example.net"),
        ({"subject": ["a", "b"]}, "the subject is 'Hi', not a|b"),
        ({"virus": ["FAIL", "GRAY"]}, "the virus verdict is 'PASS', not FAIL or GRAY"),
    ],
)
def test_declined_mail_says_why(options: Any, said: str) -> None:
    (only,) = outcome(mail_event(), **options).outcomes
    assert isinstance(only, Declined)
    assert only.value == said


def test_declined_mail_fails_where_the_route_says_so() -> None:
    completion = outcome(mail_event(), sender="*@example.net", unmatched="fail")
    assert isinstance(completion.error, NoRouteError)
    assert "the sender is 'ada@example.org'" in str(completion.error)


def test_mail_that_no_route_names_goes_on() -> None:
    completion = outcome(mail_event(), recipient="sales@example.com")
    assert completion.reply == CONTINUE
    (only,) = completion.outcomes
    assert isinstance(only, Declined)
    assert only.value == "no route names help@example.com"
    assert App()(mail_event()) == CONTINUE


def test_a_verdict_that_the_event_does_not_have_matches_no_filter() -> None:
    event = fixture("verdict_disabled_and_dmarc_missing")
    mail = read(event)
    assert (mail.dmarc, mail.spam) == ("", event["Records"][0]["ses"]["receipt"]["spamVerdict"]["status"])
    everything = ["PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED"]
    assert status(event, dmarc=everything) == "declined"


# Dispositions


@pytest.mark.parametrize(
    ("values", "disposition"),
    [
        ([None], "CONTINUE"),
        ([Disposition.STOP_RULE], "STOP_RULE"),
        (["STOP_RULE_SET"], "STOP_RULE_SET"),
        (["CONTINUE", None, "STOP_RULE"], "STOP_RULE"),
        ([Disposition.STOP_RULE_SET, Disposition.CONTINUE, "STOP_RULE"], "STOP_RULE_SET"),
        ([None, None], "CONTINUE"),
    ],
)
def test_the_strictest_disposition_wins(values: list[Any], disposition: str) -> None:
    app = App()

    def returning(value: Any) -> Any:
        def handler() -> Any:
            return value

        return handler

    for value in values:
        app.ses()(returning(value))
    reply = app(mail_event())
    assert reply == {"disposition": disposition}
    assert type(reply["disposition"]) is str


@pytest.mark.parametrize("value", ["stop_rule", "STOP", "", True, False, 0, {}, [], {"disposition": "STOP_RULE"}])
def test_a_value_that_is_no_disposition_raises_instead_of_meaning_continue(value: Any) -> None:
    app = App()

    @app.ses()
    def inbox(mail: SesMail) -> Any:
        return value

    with pytest.raises(TypeError, match=r"inbox returned .*mail handlers return a Disposition"):
        app(mail_event())


def test_a_failing_handler_fails_the_invocation_however_ses_invoked_it() -> None:
    for event in (fixture("ticket"), fixture("invoked_asynchronously")):
        app, ran = App(), []

        @app.ses()
        async def stop(mail: SesMail) -> Disposition:
            ran.append(mail.id)  # noqa: B023 - called before the next round
            return Disposition.STOP_RULE_SET

        @app.ses()
        def fail() -> None:
            raise OSError("the mailbox is full")

        with pytest.raises(OSError, match="the mailbox is full"):
            app(event)
        assert len(ran) == 1


def test_several_failures_are_raised_together() -> None:
    app = App()

    def fail() -> None:
        raise OSError

    def wrong() -> str:
        return "?"

    app.ses()(fail)
    app.ses()(wrong)
    with pytest.raises(BatchError) as caught:
        app(mail_event())
    assert [type(error) for error in caught.value.exceptions] == [OSError, TypeError]
