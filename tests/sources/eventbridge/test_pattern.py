"""Event patterns: the examples of AWS's documentation, the traps of lists, and what EventBridge refuses."""

from __future__ import annotations

import time
from typing import Any

import pytest

from lambdarouter import ConfigurationError
from lambdarouter.sources.eventbridge import EventPattern

EC2 = {
    "version": "0",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "time": "2017-12-22T18:43:48Z",
    "region": "us-west-1",
    "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
    "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated", "c-count": 7, "x-limit": 12.5},
}
METRIC = {"detail": {"Location": "New York", "Day": "Monday", "metricType": "MetricType1", "scope": None, "c": 11}}

MATCHES: list[tuple[Any, Any]] = [
    ({"source": ["aws.ec2"], "detail": {"state": ["terminated"]}}, EC2),
    ({"source": ["aws.s3", "aws.ec2"]}, EC2),
    ({"resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"]}, EC2),
    ({"time": [{"prefix": "2017-12-22"}]}, EC2),
    ({"region": [{"prefix": {"equals-ignore-case": "US-"}}]}, EC2),
    ({"detail-type": [{"suffix": "Notification"}]}, EC2),
    ({"detail-type": [{"suffix": {"equals-ignore-case": "NOTIFICATION"}}]}, EC2),
    ({"detail-type": [{"equals-ignore-case": "ec2 instance state-change notification"}]}, EC2),
    ({"detail": {"state": [{"anything-but": "initializing"}]}}, EC2),
    ({"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}]}}, EC2),
    ({"detail": {"x-limit": [{"anything-but": 123}]}}, EC2),
    ({"detail": {"x-limit": [{"anything-but": [100, 200, 300]}]}}, EC2),
    ({"detail": {"state": [{"anything-but": {"prefix": "init"}}]}}, EC2),
    ({"detail": {"state": [{"anything-but": {"suffix": ["ing", "able"]}}]}}, EC2),
    ({"detail": {"state": [{"anything-but": {"equals-ignore-case": ["STOPPED", "Running"]}}]}}, EC2),
    ({"detail": {"state": [{"anything-but": {"wildcard": "init*ing"}}]}}, EC2),
    ({"detail": {"c-count": [{"numeric": [">", 0, "<=", 7]}], "x-limit": [{"numeric": ["=", 12.5]}]}}, EC2),
    ({"detail": {"c-count": [{"numeric": ["<", 10]}]}}, EC2),
    ({"detail": {"c-count": [{"numeric": [">=", 7]}]}}, EC2),
    ({"detail": {"c-count": [7.0]}}, EC2),
    ({"detail": {"state": [{"exists": True}], "nowhere": [{"exists": False}]}}, EC2),
    ({"detail": {"c-count": [{"exists": False}, {"numeric": ["=", 7]}]}}, EC2),
    ({"nowhere": {"at": {"all": [{"exists": False}]}}}, EC2),
    ({"a": [{"exists": False}]}, {"a": []}),
    ({"detail": {"sourceIPAddress": [{"cidr": "10.0.0.0/24"}]}}, {"detail": {"sourceIPAddress": "10.0.0.9"}}),
    ({"ip": [{"cidr": "2001:db8::/32"}]}, {"ip": "2001:db8::1"}),
    ({"ip": [{"cidr": "10.0.0.9"}]}, {"ip": "10.0.0.9"}),
    ({"FilePath": [{"wildcard": "dir/*.png"}]}, {"FilePath": "dir/a/b.png"}),
    ({"FilePath": [{"wildcard": "*"}]}, {"FilePath": ""}),
    ({"FilePath": [{"wildcard": r"a\*\\b"}]}, {"FilePath": "a*\\b"}),
    ({"FilePath": [{"wildcard": "a*b*c"}]}, {"FilePath": "abbbc"}),
    ({"detail": {"responseElements": [None]}}, {"detail": {"responseElements": None}}),
    ({"detail": {"name": [""]}}, {"detail": {"name": ""}}),
    ({"detail": {"live": [True]}}, {"detail": {"live": True}}),
    ({"detail": {"$or": [{"Location": ["New York"]}, {"Day": ["Sunday"]}]}}, METRIC),
    ({"$or": [{"source": ["x"]}, {"detail": {"Day": ["Monday"]}}]}, METRIC),
    (
        {
            "detail": {
                "$or": [
                    {"c": [{"numeric": [">", 0, "<=", 5]}]},
                    {"metricType": ["MetricType1"], "$or": [{"Day": ["Friday"]}, {"scope": [None]}]},
                ]
            }
        },
        METRIC,
    ),
    ({"a": ["x"]}, {"a": ["y", ["z", "x"]]}),
    ({"a": {"b": ["x"], "c": [2]}}, {"a": [{"b": "x", "c": 1}, {"b": "x", "c": 2}]}),
    ({"a": [{"anything-but": "x"}]}, {"a": ["x", "y"]}),
    ({"a": [{"anything-but": "x"}]}, {"a": 5}),
]

MISSES: list[tuple[Any, Any]] = [
    ({"source": ["aws.s3"]}, EC2),
    ({"source": ["AWS.EC2"]}, EC2),
    ({"detail": {"state": ["terminated"], "c-count": [8]}}, EC2),
    ({"region": [{"prefix": "eu-"}]}, EC2),
    ({"detail": {"c-count": [{"prefix": "7"}]}}, EC2),
    ({"detail": {"c-count": ["7"]}}, EC2),
    ({"detail": {"state": [{"anything-but": ["terminated"]}]}}, EC2),
    ({"detail": {"state": [{"anything-but": {"prefix": ["init", "term"]}}]}}, EC2),
    ({"detail": {"nowhere": [{"anything-but": "x"}]}}, EC2),
    ({"detail": {"c-count": [{"numeric": [">", 7]}]}}, EC2),
    ({"detail": {"c-count": [{"numeric": ["<", 7]}]}}, EC2),
    ({"detail": {"x-limit": [{"numeric": [">", 0, "<", 12.5]}]}}, EC2),
    ({"detail": {"state": [{"numeric": [">", 0]}]}}, EC2),
    ({"detail": {"state": [{"exists": False}]}}, EC2),
    ({"detail": {"nowhere": [{"exists": True}]}}, EC2),
    # Existence is of values, not of objects or empty lists.
    ({"detail": [{"exists": True}]}, EC2),
    ({"a": [{"exists": True}]}, {"a": []}),
    ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "10.0.1.9"}),
    ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "nowhere"}),
    ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": 167772160}),
    ({"f": [{"wildcard": "dir/*.png"}]}, {"f": "dir/a.jpg"}),
    ({"f": [{"wildcard": "dir/*.png"}]}, {"f": "other/a.png"}),
    # Two parts of the wildcard cannot be one and the same text.
    ({"f": [{"wildcard": "ab*ba"}]}, {"f": "aba"}),
    ({"f": [{"wildcard": "a*b*b"}]}, {"f": "ab"}),
    ({"f": [{"wildcard": "a*x*c"}]}, {"f": "abc"}),
    ({"f": [{"wildcard": "abc"}]}, {"f": "abcd"}),
    ({"f": [{"wildcard": "a*"}]}, {"f": 1}),
    ({"detail": {"live": [True]}}, {"detail": {"live": 1}}),
    ({"detail": {"live": [1]}}, {"detail": {"live": True}}),
    ({"detail": {"name": [None]}}, {"detail": {}}),
    ({"detail": {"$or": [{"Location": ["Rome"]}, {"Day": ["Sunday"]}]}}, METRIC),
    ({"detail": {"c": [12], "$or": [{"Location": ["New York"]}, {"Day": ["Sunday"]}]}}, METRIC),
    # One object of the list has to fit as a whole.
    ({"a": {"b": ["x"], "c": [2]}}, {"a": [{"b": "x", "c": 1}, {"b": "y", "c": 2}]}),
    ({"a": {"b": [{"exists": False}]}}, {"a": [{"b": 1}, {"c": 2}]}),
    ({"a": {"b": ["x"]}}, {"a": "x"}),
    ({"a": {"b": {"c": [{"exists": False}]}}}, {"a": [{"b": {"c": 1}}, {"b": 2}]}),
    ({"a": ["x"]}, None),
]

REFUSED: list[tuple[Any, str]] = [
    ({}, "no object with fields"),
    ("aws.ec2", "no object with fields"),
    ({"detail": {}}, "at detail"),
    ({1: ["x"]}, "no name of a field"),
    ({"source": "aws.ec2"}, r"has to be in a list"),
    ({"source": []}, "empty list"),
    ({"source": [["x"]]}, "a list; values are"),
    ({"source": [{}]}, "0 operators"),
    ({"source": [{"prefix": "a", "suffix": "b"}]}, "2 operators"),
    ({"source": [{"regex": "a"}]}, "'regex' is no operator"),
    ({"source": [{"prefix": 1}]}, "at source.prefix: 1 is a number"),
    ({"source": [{"prefix": {"wildcard": "a"}}]}, "neither a string nor"),
    ({"source": [{"exists": "no"}]}, "neither True nor False"),
    ({"source": [{"exists": 0}]}, "neither True nor False"),
    ({"source": [{"equals-ignore-case": None}]}, "null, expected a string"),
    ({"source": [{"wildcard": "a**b"}]}, "two wildcards"),
    ({"source": [{"wildcard": r"a\b"}]}, "backslash"),
    ({"source": [{"wildcard": "a\\"}]}, "backslash"),
    ({"source": [{"cidr": "10.0.0.0/40"}]}, "no block of addresses"),
    ({"source": [{"numeric": 5}]}, "no comparison"),
    ({"source": [{"numeric": [">", 1, "<"]}]}, "no comparison"),
    ({"source": [{"numeric": ["!=", 1]}]}, "none of"),
    ({"source": [{"numeric": [[], 1]}]}, "none of"),
    ({"source": [{"numeric": [">", "1"]}]}, "no number from"),
    ({"source": [{"numeric": [">", 5_000_000_001]}]}, "no number from"),
    ({"source": [{"numeric": ["<", 5, ">", 1]}]}, "no range"),
    ({"source": [{"numeric": [">", 5, "<", 1]}]}, "no number is in"),
    ({"source": [{"anything-but": []}]}, "neither a string or a number"),
    ({"source": [{"anything-but": ["a", 1]}]}, "neither a string or a number"),
    ({"source": [{"anything-but": {"cidr": "10.0.0.0/24"}}]}, "none of the operators"),
    ({"source": [{"anything-but": {"prefix": ""}}]}, "neither a string nor a list"),
    ({"$or": [{"source": ["a"]}]}, "two objects or more"),
    ({"$or": {"source": ["a"]}}, "two objects or more"),
    ({"$or": [{"source": ["a"]}, {}]}, "no object with fields"),
    ({"source": [{3, 4}]}, "values are strings"),
]


@pytest.mark.parametrize(("pattern", "event"), MATCHES)
def test_an_event_that_fits_matches(pattern: Any, event: Any) -> None:
    assert EventPattern(pattern).matches(event)


@pytest.mark.parametrize(("pattern", "event"), MISSES)
def test_an_event_that_does_not_fit_does_not_match(pattern: Any, event: Any) -> None:
    assert not EventPattern(pattern).matches(event)


@pytest.mark.parametrize(("pattern", "said"), REFUSED)
def test_a_pattern_that_eventbridge_would_refuse_is_refused(pattern: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        EventPattern(pattern)


def test_a_hostile_event_costs_no_more_than_its_length() -> None:
    nested: Any = "x"
    for _ in range(100_000):
        nested = [nested]
    glob = EventPattern({"f": [{"wildcard": "*a*a*a*a*a*a*a*a*b"}]})
    started = time.process_time()

    assert EventPattern({"a": ["x"]}).matches({"a": nested})
    assert not glob.matches({"f": "a" * 100_000})
    # Going back would take longer than anyone waits.
    assert time.process_time() - started < 5


def test_a_pattern_shows_itself() -> None:
    assert str(EventPattern({"source": ["a", {"prefix": "b"}]})) == '{"source":["a",{"prefix":"b"}]}'
