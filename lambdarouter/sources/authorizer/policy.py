"""What a verdict covers, as an IAM policy.

API Gateway keeps the policy and applies it to every request with the same credential, so it must be right for each
route it reaches, not only for the one that was asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

__all__ = ["Coverage", "overlap"]


class Coverage:
    """The routes of one guard, and those of other guards that its wildcards would reach.

    Resources are `METHOD/path`, with `*` for any text, slashes included: that is how IAM reads them.
    """

    __slots__ = ("allowed", "denied")

    def __init__(
        self,
        guard: Callable[..., Any],
        patterns: Iterable[tuple[Callable[..., Any] | None, str, str]],
        covers: Sequence[str],
    ) -> None:
        own: dict[str, None] = {resource: None for resource in covers}
        others: dict[str, None] = {}
        for owner, method, path in patterns:
            if owner is guard:
                own[method + path] = None
            elif owner is not None:
                others[method + path] = None
        self.allowed = list(own)
        self.denied = [other for other in others if any(overlap(other, resource) for resource in own)]

    def policy(self, api: str, asked: str, *, allow: bool) -> dict[str, Any]:
        """The policy document for this API and stage; `asked` is the resource of the request itself."""
        allowed = self.allowed if asked in self.allowed else [*self.allowed, asked]
        statements = [_statement("Allow" if allow else "Deny", api, allowed)]
        if allow and self.denied:
            statements.append(_statement("Deny", api, self.denied))
        return {"Version": "2012-10-17", "Statement": statements}


def _statement(effect: str, api: str, resources: list[str]) -> dict[str, Any]:
    arns = [f"{api}/{resource}" for resource in resources]
    return {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arns}


def overlap(one: str, other: str) -> bool:
    """Whether some text matches both patterns, where `*` is any text and everything else itself."""
    # Two patterns that begin differently, which most do, are told apart at once.
    head, tail = one.partition("*")[0], other.partition("*")[0]
    shared = min(len(head), len(tail))
    if head[:shared] != tail[:shared]:
        return False
    # The positions in `other` that some text can have reached, for each position in `one`.
    reached = _skip_stars(other, {0})
    for character in one:
        if character == "*":
            reached = set(range(min(reached), len(other) + 1)) if reached else set()
        else:
            reached = _skip_stars(
                other,
                {at if other[at] == "*" else at + 1 for at in reached if at < len(other) and other[at] in ("*", character)},
            )
    return len(other) in reached


def _skip_stars(pattern: str, positions: set[int]) -> set[int]:
    """A `*` may stand for no text at all."""
    found = set(positions)
    for position in positions:
        at = position
        while at < len(pattern) and pattern[at] == "*":
            at += 1
            found.add(at)
    return found
