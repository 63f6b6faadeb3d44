"""What a verdict covers, as an IAM policy.

API Gateway keeps the policy and applies it to every request with the same credential, so it must be right for each
route it reaches, not only for the one that was asked for.
"""

from __future__ import annotations

from lambdarouter.core.signature import name_of, place_of
from lambdarouter.errors import ConfigurationError, NoRouteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

__all__ = ["Coverage", "reaches"]


class Coverage:
    """The routes of one guard, and those of other guards that its wildcards would reach.

    Resources are `METHOD/path`, with `*` for any text, slashes included: that is how IAM reads them. Raises
    `ConfigurationError` where another guard has this one's name, and so would take its stamp for its own.
    """

    __slots__ = ("allowed", "apart", "denied")

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
        reaching = [resource for resource in own if "*" in resource or resource in covers]
        self.allowed = list(own)
        self.denied = [other for other in others if any(reaches(resource, other) for resource in reaching)]
        self.apart = [
            resource
            for resource in own
            if resource not in reaching or not any(reaches(resource, other) for other in self.denied)
        ]

    def policy(self, api: str, asked: str, *, allow: bool) -> dict[str, Any]:
        """The policy document for this API and stage; `asked` is the resource of the request itself.

        Raises `NoRouteError` where the client wrote a wildcard into a path that the policy would have to list.
        """
        text = asked.replace("*", "\0")  # what a client wrote stands for itself
        known = any(reaches(resource, text) for resource in self.allowed)
        if not allow:
            return _document(_statement("Deny", api, self.allowed if known else [*self.allowed, asked]))
        disputed = any(reaches(other, text) for other in self.denied)
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


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(effect: str, api: str, resources: list[str]) -> dict[str, Any]:
    arns = [f"{api}/{resource}" for resource in resources]
    return {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arns}


def reaches(pattern: str, route: str) -> bool:
    """Whether `pattern`, in which `*` is any text, matches a request of `route`, in which `*` is one segment's text.

    IAM's wildcard crosses slashes and a path parameter does not: `GET/orders/*` reaches `GET/orders/*/admin`, but
    `GET/orders/*/admin` does not reach `GET/orders/*`.
    """
    # Two that begin differently, which most do, are told apart at once.
    head, tail = pattern.partition("*")[0], route.partition("*")[0]
    shared = min(len(head), len(tail))
    if head[:shared] != tail[:shared]:
        return False
    # (position in the pattern, position in the route, whether the route's segment there has a character yet)
    todo, seen = [(0, 0, False)], {(0, 0, False)}
    while todo:
        state = todo.pop()
        if state[:2] == (len(pattern), len(route)):
            return True
        following = set(_steps(pattern, route, *state)) - seen
        seen |= following
        todo += following
    return False


def _steps(pattern: str, route: str, at: int, here: int, inside: bool) -> Iterator[tuple[int, int, bool]]:  # noqa: FBT001
    star, segment = pattern[at : at + 1] == "*", route[here : here + 1] == "*"
    if star:
        yield at + 1, here, inside  # it may stand for no text
    if segment and inside:
        yield at, here + 1, False
    if at == len(pattern) or here == len(route):
        return
    # One character more, of both.
    if segment and (star or pattern[at] != "/"):
        yield at if star else at + 1, here, True
    elif not segment and (star or pattern[at] == route[here]):
        yield at if star else at + 1, here + 1, False
