"""`once=` as an option, and a store's keys."""

from __future__ import annotations

import inspect
from inspect import signature
from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, Match, Once, Record, Router, Trigger
from lambdarouter.core.decorator import decorator
from lambdarouter.core.once import Repeats
from lambdarouter.core.store import Entry, key_of, new_owner


def test_every_decorator_but_the_authorizers_has_the_option() -> None:
    app = App()
    decorators = {
        name: signature(getattr(app, name))
        for name in dir(Router)
        if not name.startswith("_") and isinstance(inspect.getattr_static(Router, name), decorator)
    }
    assert len(decorators) > 10
    assert [name for name, found in decorators.items() if "once" not in found.parameters] == ["authorizer"]


def by_id(record: Record) -> str:
    return record.id


def test_a_trigger_is_not_protected_by_default() -> None:
    assert Trigger().once is None
    assert Trigger(once=False).once is None


def test_once_is_true_a_function_or_says_it_in_full() -> None:
    full = Once(by_id, ttl=60, required=False)
    plain, function = Trigger(once=True).once, Trigger(once=by_id).once

    assert plain is not None
    assert (plain.key, plain.ttl, plain.required) == (None, 86_400, True)
    assert function is not None
    assert function.key is by_id
    assert Trigger(once=full).once is full


@pytest.mark.parametrize("once", ["yes", 1, Once, None, []])
def test_anything_else_is_refused(once: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"once is .*; it is True, a function of the record .* or Once\("):
        Trigger(once=once)


async def awaits(record: Record) -> str:
    return record.id


@pytest.mark.parametrize("key", [awaits, "id"])
def test_a_key_is_a_plain_function(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="it is a plain function of the record that returns text"):
        Once(key)


@pytest.mark.parametrize("ttl", [0, -1, True, "1d", float("nan"), float("inf"), 10**12])
def test_a_time_to_live_is_a_number_of_seconds(ttl: Any) -> None:
    with pytest.raises(ConfigurationError, match="it is a number of seconds, above 0 and at most ten years"):
        Once(ttl=ttl)


def test_required_is_a_boolean() -> None:
    with pytest.raises(ConfigurationError, match="required='no'; it is True or False"):
        Once(required="no")  # type: ignore[arg-type]


def test_two_records_of_one_key_that_a_source_tells_apart_are_not_one() -> None:
    match = Match(None, Record({}, "Records", 3))
    assert "Records[3] has the key of another record" in str(Repeats().differs(match))


def test_a_key_says_what_it_is_for_and_whose() -> None:
    assert key_of("once", "shop", "app.work", "m-1") == "once:shop:app.work:m-1"


@pytest.mark.parametrize("name", ["x" * 600, "Ω", "\ud800"])
def test_a_key_that_is_long_or_foreign_is_hashed(name: str) -> None:
    key = key_of("once", "shop", "app.work", name)

    assert key.startswith("once:shop:sha256:")
    assert len(key) < 512
    assert key.isascii()
    assert key == key_of("once", "shop", "app.work", name)
    assert key != key_of("once", "shop", "app.work", name + "2")


def test_owners_are_never_the_same() -> None:
    assert len({new_owner() for _ in range(1000)}) == 1000


def test_an_entry_shows_whose_it_is_and_how_long() -> None:
    assert repr(Entry(done=False, owner="ada", seconds=1.5)) == "<Entry leased by ada, 1.500 s left>"
