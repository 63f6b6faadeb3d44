"""What every trigger has: concurrency, unmatched, and no opinion of its own."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Unpack

import pytest

from lambdarouter import ConfigurationError, Record, Trigger

if TYPE_CHECKING:
    from lambdarouter.core.trigger import Shared


@pytest.mark.parametrize("concurrency", [0, -1, "10", 1.5])
def test_a_concurrency_that_is_no_number_of_calls_is_refused(concurrency: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"concurrency is .*; it is a number of calls, 1 or more"):
        Trigger(concurrency=concurrency)


@pytest.mark.parametrize("concurrency", [None, 1, 10, 1000])
def test_a_concurrency_is_a_number_of_calls_or_the_default(concurrency: int | None) -> None:
    assert Trigger(concurrency=concurrency).concurrency == concurrency


def test_a_boolean_is_no_number_of_calls() -> None:
    with pytest.raises(ConfigurationError, match="concurrency is True"):
        Trigger(concurrency=True)


@pytest.mark.parametrize("unmatched", ["raise", "", None, True])
def test_unmatched_is_ignore_or_fail(unmatched: Any) -> None:
    with pytest.raises(ConfigurationError, match='it is "ignore" or "fail"'):
        Trigger(unmatched=unmatched)


def test_a_trigger_claims_everything_and_declines_nothing_by_default() -> None:
    trigger = Trigger()
    assert trigger.claims(Record({}))
    assert trigger.declines(Record({})) is None
    assert trigger.prefixed("/v1") is trigger
    assert trigger.tagged(["orders"]) is trigger
    assert trigger.describe() == ""
    assert repr(trigger) == "Trigger()"
    assert (trigger.concurrency, trigger.unmatched) == (None, "ignore")


class Base(Trigger):
    __slots__ = ()

    def __init__(self, topic: str, *, kind: str = "", **shared: Unpack[Shared]) -> None:
        super().__init__(**shared)


class Plain(Base):
    """Takes what its base takes."""


class Own(Base):
    """Hands nothing on."""

    def __init__(self, only: str = "") -> None:
        super().__init__("orders")


@pytest.mark.parametrize(
    ("trigger", "names"),
    [
        (Trigger, ["concurrency", "unmatched", "once"]),
        (Base, ["topic", "kind", "concurrency", "unmatched", "once"]),
        (Plain, ["topic", "kind", "concurrency", "unmatched", "once"]),
        (Own, ["only"]),
    ],
)
def test_a_triggers_signature_has_every_option_that_is_handed_on(trigger: type[Trigger], names: list[str]) -> None:
    assert list(inspect.signature(trigger).parameters) == names
