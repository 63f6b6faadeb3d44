"""What a verdict covers, as an IAM policy.

API Gateway keeps the policy and applies it to every request with the same credential, so it must be right for each
route it reaches, not only for the one that was asked for.
"""

from __future__ import annotations

from lambdarouter.core.signature import name_of, place_of
from lambdarouter.errors import ConfigurationError, NoRouteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

__all__ = ["Coverage", "Reach"]


class Coverage:
    """The routes of one guard, and those of other guards that its wildcards would reach.

    Resources are `METHOD/path`, with `*` for any text, slashes included: that is how IAM reads them. In `patterns`, `*`
    is the text of one segment, and `**`, at the end, the rest of the path, which may be empty. Raises
    `ConfigurationError` where another guard has this one's name, and so would take its stamp for its own.
    """

    __slots__ = ("_allowed", "_denied", "allowed", "apart", "denied")

    def __init__(
        self,
        guard: Callable[..., Any] | None,
        patterns: Iterable[tuple[Callable[..., Any] | None, str, str]],
        covers: Sequence[str],
    ) -> None:
        own: dict[str, None] = dict.fromkeys(covers)
        others: dict[str, None] = {}
        for owner, method, path in patterns:
            if owner is None:
                continue
            if owner == guard:
                own[method + path] = None
            else:
                if name_of(owner) == name_of(guard):
                    msg = f"{place_of(owner)} and {place_of(guard)} guard routes under one name: rename one of them"
                    raise ConfigurationError(msg)
                others[method + path] = None
        # A route of the guard's own without a wildcard reaches nothing but itself.
        reach = Reach(others)
        reached = {resource: reach.of(resource) for resource in own if "*" in resource or resource in covers}
        denied = {other for found in reached.values() for other in found}
        self.allowed: list[str] = _written(own)
        self.denied: list[str] = _written(other for other in others if other in denied)
        self.apart: list[str] = _written(resource for resource in own if not reached.get(resource))
        self._allowed = [resource.split("*") for resource in self.allowed]
        self._denied = [resource.split("*") for resource in self.denied]

    def policy(self, api: str, asked: str, *, allow: bool) -> dict[str, Any]:
        """The policy document for this API and stage; `asked` is the resource of the request itself.

        Raises `NoRouteError` where the client wrote a wildcard into a path that the policy would have to list.
        """
        known = any(_matches(parts, asked) for parts in self._allowed)
        if not allow:
            return _document(_statement("Deny", api, self.allowed if known else [*self.allowed, asked]))
        disputed = any(_matches(parts, asked) for parts in self._denied)
        if known and not disputed:
            allowed = self.allowed
        elif "*" in asked or "?" in asked:
            msg = (
                f"{asked!r:.120} holds a wildcard of IAM's, so that allowing it would allow other requests too: refused"
            )
            raise NoRouteError(msg)
        else:
            # Disputed: a route of this guard's within another's pattern, which the Deny would refuse as well. It is
            # allowed by itself, and what is near the other's routes is left for the next question.
            allowed = [*(self.apart if disputed else self.allowed), asked]
        statements = [_statement("Allow", api, list(dict.fromkeys(allowed)))]
        if self.denied and not disputed:
            statements.append(_statement("Deny", api, self.denied))
        return _document(*statements)


def _written(resources: Iterable[str]) -> list[str]:
    """Resources as a policy lists them: once each, and none that the wildcard of another at its end covers."""
    written = dict.fromkeys(resource.replace("**", "*") for resource in resources)
    return [resource for resource in written if not (resource.endswith("*/") and resource[:-1] in written)]


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(effect: str, api: str, resources: list[str]) -> dict[str, Any]:
    arns = [f"{api}/{resource}" for resource in resources]
    return {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arns}


def _matches(parts: list[str], text: str) -> bool:
    """Whether a pattern, split at its `*`, matches the text, in which a `*` that a client wrote stands for itself.

    Each part is taken where it first stands, never again: clients choose the text, and must not choose the time.
    """
    head, tail = parts[0], parts[-1]
    if len(parts) == 1:
        return text == head
    if not (text.startswith(head) and text.endswith(tail)):
        return False
    at, end = len(head), len(text) - len(tail)
    for part in parts[1:-1]:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return at <= end


class Reach:
    """Which of some routes a pattern reaches: it matches a request of theirs.

    In a pattern `*` is any text, in a route the text of one segment, and `**` the rest of a path. IAM's wildcard
    crosses slashes and a path parameter does not: `GET/orders/*` reaches `GET/orders/*/admin`, but
    `GET/orders/*/admin` does not reach `GET/orders/*`.

    Apps have hundreds of routes for each guard, too many to compare in pairs. So all routes are one automaton, run once
    for each pattern. Its states are the bits of an integer: one for each position in each route, and above each route's
    a sentinel that is never a state.
    """

    __slots__ = ("_ends", "_loops", "_rests", "_sentinels", "_starts", "_steps")

    def __init__(self, routes: Iterable[str]) -> None:
        self._ends: dict[str, int] = {}
        # By the pattern's next character: the states that it leads on from. "*", a parameter, is any but a slash.
        self._steps = {"*": 0}
        self._starts = self._loops = self._rests = self._sentinels = 0
        at = 0
        for route in routes:
            self._starts |= 1 << at
            for character in route.removesuffix("**"):
                self._steps[character] = self._steps.get(character, 0) | 1 << at
                at += 1
                if character == "*":
                    self._loops |= 1 << at  # the parameter may go on
            if route.endswith("**"):
                self._rests |= 1 << at  # anything may follow, or nothing
            self._ends[route] = 1 << at
            self._sentinels |= 1 << at + 1
            at += 2

    def of(self, pattern: str) -> list[str]:
        """The routes that the pattern reaches, in their order."""
        states, parameters, rests = self._starts, self._steps["*"], self._rests
        for character in pattern:
            if character == "*":
                # All states from each route's lowest on: the borrow of the subtraction stops at the sentinel.
                states = (states | (self._sentinels - states)) & ~self._sentinels
            elif character == "/":
                states = (states & self._steps.get(character, 0)) << 1 | states & rests
            else:
                steps = self._steps.get(character, 0) | parameters
                states = (states & steps) << 1 | states & (self._loops | rests)
            if not states:
                return []
        return [route for route, end in self._ends.items() if states & end]
