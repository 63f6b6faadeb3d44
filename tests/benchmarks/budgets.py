"""What lambdarouter may cost, at most, beside somebody else in the same run."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BUDGETS", "Budget"]


class Budget(NamedTuple):
    """A case of lambdarouter's against the same case of `other`'s, or against its own `other_case`.

    `at_most`: the ratio; or with `unit`, seconds: of the difference, or where there is no `other`, of the value itself.
    """

    topic: str
    case: str
    other: str
    at_most: float
    unit: str = ""
    other_case: str = ""
    contender: str = "lambdarouter"

    def measured(self, values: Mapping[str, Mapping[str, Sequence[float]]]) -> float | None:
        """The median over the rounds, each with both of that round; None where either was not measured."""
        own = values.get(self.case, {}).get(self.contender)
        other = values.get(self.other_case or self.case, {}).get(self.other)
        if own is None or (other is None and self.other):
            return None
        if other is None:
            return median(own)
        pairs = list(zip(own, other, strict=True))
        return median(one - two for one, two in pairs) if self.unit else median(one / two for one, two in pairs)


def _both(case: str, *limits: tuple[str, float]) -> list[Budget]:
    topics = ("http_api", "rest_api")
    return [Budget(topic, case, other, limit) for topic in topics for other, limit in limits]


def _framework(case: str) -> list[Budget]:
    limits = [*_both(case, ("bare", 2.5), ("powertools", 0.2)), Budget("rest_api", case, "chalice", 0.2)]
    return sorted(limits, key=lambda budget: budget.topic)


_PLAIN, _VALIDATED = "20 plain routes", "20 validated routes"
_OWN = "lambdarouter + bare"

BUDGETS: Sequence[Budget] = (
    Budget("cold", _PLAIN, "bare", 1.3),
    Budget("cold", _PLAIN, "chalice", 0.65),
    Budget("cold", _PLAIN, "powertools", 0.25),
    Budget("cold", _VALIDATED, "bare_pydantic", 1.15),
    Budget("cold", _VALIDATED, "powertools_validation", 0.78),
    Budget("cold", _VALIDATED, "fastapi", 0.45),
    Budget("memory", _PLAIN, "bare", 1.15),
    Budget("memory", _VALIDATED, "bare_pydantic", 1.05),
    *_framework("GET static"),
    *_framework("GET a parameter"),
    *_both("POST 10 fields", ("bare_pydantic", 2), ("powertools_validation", 0.1)),
    *_both("404", ("bare", 10)),
    *_both("422", ("bare_pydantic", 3)),
    *_both("preflight", ("bare", 8)),
    Budget("http_api", "async GET", "bare", 10e-6, "s"),
    Budget("rest_api", "async GET", "bare", 10e-6, "s"),
    Budget("replies", "a JSON reply, 65536", "bare", 0.35),
    Budget("routes", "a parameter, 5000", "lambdarouter", 1.3, other_case="a parameter, 1"),
    Budget("routes", "static, 5000", "lambdarouter", 1.3, other_case="static, 1"),
    Budget("registration", "a route, 5000", "", 50e-6, "s"),
    Budget("batch", "sync, a record", "powertools", 0.7),
    Budget("batch", "sync, JSON, a record", "powertools", 0.5),
    Budget("batch", "sync, a model, a record", "powertools_validation", 0.2),
    Budget("batch", "sync, 10 block 50 ms", "powertools", 0.15),
    Budget("batch", "async, a record", "powertools", 0.2),
    Budget("batch", "async, 1,000 await 10 ms", "powertools", 0.8),
    Budget("loop", "from event to event", "raw socket + bare", 1.2, contender=_OWN),
    Budget("loop", "from event to event", "awslambdaric + bare", 0.2, contender=_OWN),
    Budget("loop", "from event to event", "awslambdaric + Powertools", 0.18, contender="lambdarouter + lambdarouter"),
    Budget("first", "to the first request", "awslambdaric + bare", 0.65, contender=_OWN),
)
