"""Patterns of names: globs, whole names, and nothing that could never match."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from lambdarouter import ConfigurationError
from lambdarouter.core.pattern import Patterns, Resources


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("orders", "orders", True),
        ("orders", "orders-eu", False),
        ("orders", "my-orders", False),
        ("orders", "Orders", False),
        ("orders-*", "orders-eu", True),
        ("orders-*", "orders-", True),
        ("orders-?", "orders-a", True),
        ("orders-?", "orders-", False),
        ("*", "", True),
        (["a", "b-*"], "b-1", True),
        (["a", "b-*"], "c", False),
        (("a",), "a", True),
        ("orders[eu]", "orders[eu]", True),
        ("orders[eu]", "orderse", False),
        ("[URGENT]*", "[URGENT] help", True),
        ("[URGENT]*", "Unrelated", False),
        ("[!a]?", "[!a]b", True),
        ("[!a]?", "bc", False),
        ("*]", "[a]", True),
    ],
)
def test_a_name_matches_as_a_whole(pattern: Any, name: str, matches: bool) -> None:  # noqa: FBT001
    assert Patterns(pattern, "topic").match(name) is matches


def test_case_counts_unless_it_is_folded() -> None:
    folded = Patterns(["Ada@*.Example.com"], "sender", fold=True)
    assert folded.match("ada@MAIL.example.COM")
    assert not Patterns("Ada@*", "sender").match("ada@example.com")


@given(st.text(min_size=1).filter(str.strip))
def test_every_name_matches_itself(name: str) -> None:
    assert Patterns(name, "topic").match(name)
    assert Patterns(name, "topic", fold=True).match(name)


@pytest.mark.parametrize("pattern", ["", " ", [], (), ["a", ""], [1], [None], 5, None, b"a", {"a": 1}])
def test_what_could_never_match_is_refused_and_named(pattern: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^topic is .* which can never match"):
        Patterns(pattern, "topic")


def test_patterns_are_listed_and_told() -> None:
    patterns = Patterns(["Orders", "stock-*"], "topic", fold=True)
    assert list(patterns) == ["orders", "stock-*"]
    assert patterns.text == "Orders|stock-*"


def test_what_is_known_of_resources_does_not_grow_with_their_number() -> None:
    asked = list[str]()

    def name(arn: str) -> str:
        asked.append(arn)
        return arn.rpartition(":")[2]

    resources = Resources("orders-*", "queue", "sqs", name)
    arns = [f"arn:aws:sqs:eu-west-1:123456789012:{'orders' if n % 2 else 'jobs'}-{n}" for n in range(5_000)]
    found = [resources.match(arn) for arn in arns]
    assert found == [n % 2 == 1 for n in range(5_000)]
    assert resources.match(arns[-1])
    assert asked == arns, "each is looked at once"
    assert not resources.match(arns[0])
    assert asked == [*arns, arns[0]], "unless it is forgotten"
