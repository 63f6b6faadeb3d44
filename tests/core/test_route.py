"""The nouns of dispatch: what they say of themselves, and how failures are told."""

from __future__ import annotations

from typing import Any

import pytest

from lambdarouter import App, BatchError, Completion, Declined, Delivery, Match, NotAttempted, Outcome, Record
from lambdarouter.core.route import failure_of
from lambdarouter.testing.events import cron, http, sns


def announce(message: str) -> str:
    if message == "bad":
        raise ValueError(message)
    return message


def app() -> App:
    made = App()
    made.sns("orders", attributes={"kind": "created"})(announce)
    return made


def test_a_route_names_its_handler_and_where_it_stands() -> None:
    (route,) = app().routes
    assert route.name == f"{__name__}.announce"
    assert route.place == f"{__name__}.announce ({__file__}:{announce.__code__.co_firstlineno})"
    assert repr(route) == f"<Route SnsTrigger(orders kind=created) -> {__name__}.announce>"
    assert route.handler.fn is announce


def test_an_outcome_is_ok_declined_or_failed() -> None:
    completion = app().complete(sns("orders", "good", "bad", attributes={"kind": "created"}))
    good, bad = completion.outcomes
    assert (good.status, good.value, good.error) == ("ok", "good", None)
    assert (bad.status, bad.value) == ("failed", None)
    assert isinstance(bad.error, ValueError)
    assert completion.failed == [bad]
    assert good.route is bad.route is not None
    assert good.record.id != bad.record.id
    assert " ok: 'good'>" in repr(good)
    assert " failed: ValueError('bad')>" in repr(bad)
    (declined,) = app().complete(sns("orders", "good", attributes={"kind": "changed"})).outcomes
    assert isinstance(declined, Declined)
    assert declined.status == "declined"
    assert repr(declined).startswith("<Declined ")


def test_a_completion_has_a_reply_or_an_error() -> None:
    good = app().complete(sns("orders", "good", attributes={"kind": "created"}))
    assert good.unwrap() is None
    assert (good.name, good.error, good.failed) == ("sns", None, [])
    bad = app().complete(sns("orders", "bad", attributes={"kind": "created"}))
    with pytest.raises(ValueError, match=r"^bad$"):
        bad.unwrap()
    assert repr(bad).startswith("<Completion sns [<Outcome ")
    assert repr(bad).endswith(" error=ValueError('bad')>")
    assert repr(Completion("sns")) == "<Completion sns [] reply=None>"


def test_one_failure_is_itself_and_several_are_a_batch_error() -> None:
    record = Record({})
    first, second = ValueError("first"), KeyError("second")
    fine, lone, other = Outcome(record), Outcome(record, error=first), Outcome(record, error=second)
    assert failure_of([]) is None
    assert failure_of([fine, fine]) is None
    assert failure_of([fine, lone]) is first
    assert failure_of([lone, Outcome(record, error=first)]) is first
    several = failure_of([lone, fine, other])
    assert isinstance(several, BatchError)
    assert several.exceptions == (first, second)
    assert "2 of 3 calls failed" in str(several)


def test_a_batch_errors_text_names_the_first_causes_and_says_how_many_more_there_are() -> None:
    causes = [NotAttempted("later"), ValueError("a"), KeyError(), ValueError("b")]
    assert str(BatchError("2 of 4 calls failed", causes[1:3])) == "2 of 4 calls failed: ValueError: a; KeyError"
    assert (
        str(BatchError("4 of 4 calls failed", causes))
        == "4 of 4 calls failed: ValueError: a; KeyError; ValueError: b; and 1 more"
    )
    assert BatchError("x", causes[:2]).exceptions == tuple(causes[:2])


def test_a_batch_errors_text_is_one_short_line_whatever_the_causes_say() -> None:
    class Broken(Exception):  # noqa: N818 - its text is
        def __str__(self) -> str:
            raise RuntimeError

    hostile = ValueError("a\r\n[ERROR]\u2028forged \x1b[31m \udc80" + "x" * 1_000_000)
    text = str(BatchError("2 of 2 calls failed", [hostile, Broken()]))
    assert text.startswith("2 of 2 calls failed: ValueError: a [ERROR] forged \\x1b[31m \\udc80xxx")
    assert text.endswith("x…; Broken: a Broken, whose text cannot be made: RuntimeError")
    assert text.isprintable()
    assert len(text) < 400


def test_a_batch_error_stays_one_when_it_is_taken_apart() -> None:
    batch = BatchError("2 of 2 calls failed", [ValueError("a"), KeyError("b")])
    caught: list[Any] = []
    try:
        raise batch
    except* ValueError as group:
        caught.append(group)
    except* KeyError as group:
        caught.append(group)
    assert [type(group) for group in caught] == [BatchError, BatchError]


def test_routes_are_told_in_order_source_by_source() -> None:
    made = app()
    made.get("/x")(lambda: None)
    made.sns("stock")(announce)
    made.cron("@daily")(lambda: None)
    assert [repr(route.trigger) for route in made.routes] == [
        "SnsTrigger(orders kind=created)",
        "SnsTrigger(stock)",
        "HttpTrigger(GET /x)",
        "CronTrigger(@daily (UTC))",
    ]


def test_a_match_and_a_delivery_hold_what_they_are_made_from() -> None:
    record = Record({})
    match = Match(None, record, Outcome(record))
    assert match.route is None
    assert match.record is record
    assert match.ready is not None
    delivery = Delivery(lambda: None, {"ok": True})
    assert delivery.send() is None
    assert delivery.reply == {"ok": True}


def test_every_record_has_an_outcome_whoever_takes_it() -> None:
    made = App()
    for event in (sns("orders", "a", "b"), http.rest("GET", "/x"), cron.rule("2026-01-01T03:00Z")):
        completion = made.complete(event)
        assert len(completion.outcomes) == len(event.get("Records", [1]))
        assert all(outcome.route is None for outcome in completion.outcomes)
