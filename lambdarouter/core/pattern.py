"""Glob patterns for names that AWS or a sender writes: `*` is any text, `?` one character, all else itself."""

from __future__ import annotations

from fnmatch import fnmatchcase

from lambdarouter.core.check import check_resources, several_of
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Patterns", "Resources"]


class Patterns:
    """One pattern or several; a name matches when any of them does. `fold=True` ignores case.

    Raises `ConfigurationError` for none at all and for an empty one, which could never match.
    """

    __slots__ = ("_fold", "_globs", "_patterns", "text")

    def __init__(self, patterns: str | Sequence[str], what: str, *, fold: bool = False) -> None:
        several = several_of(patterns)
        if not several or not all(isinstance(pattern, str) and pattern.strip() for pattern in several):
            msg = f"{what} is {patterns!r}, which can never match: it is a name or a glob such as 'orders-*', or a list"
            raise ConfigurationError(msg)
        self.text = "|".join(several)
        self._fold = fold
        self._patterns = [pattern.lower() if fold else pattern for pattern in several]
        # fnmatch reads "[...]" as one character of a set; mail has subjects such as "[URGENT] help".
        self._globs = [pattern.replace("[", "[[]") for pattern in self._patterns]

    def __iter__(self) -> Iterator[str]:
        return iter(self._patterns)

    def match(self, name: str) -> bool:
        """Whether the name matches any pattern, as a whole."""
        if self._fold:
            name = name.lower()
        return name in self._patterns or any(fnmatchcase(name, glob) for glob in self._globs)


class Resources:
    """The AWS resources a route names: by name, by ARN, or by a glob of either, or by a list of them.

    `service` is the ARN's third part, `kind` what stands there before the name; `what` is what the option is called.
    Raises `ConfigurationError` for a pattern that can never match: see `check_resources`.
    """

    __slots__ = ("_known", "_name", "_patterns", "text")

    def __init__(
        self,
        patterns: str | Sequence[str],
        what: str,
        service: str,
        name: Callable[[str], str] = lambda arn: arn.rpartition(":")[2],
        kind: str | None = "",
    ) -> None:
        self._patterns = Patterns(patterns, what)
        self._name = name
        # Per ARN: all records of an event have the same, and an app has few.
        self._known: dict[str, bool] = {}
        self.text: str = self._patterns.text
        check_resources(what, list(self._patterns), service, kind=kind)

    def match(self, arn: str) -> bool:
        """Whether any pattern matches the name of the resource, or its whole ARN."""
        known = self._known.get(arn)
        if known is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            known = self._patterns.match(self._name(arn)) or self._patterns.match(arn)
            self._known[arn] = known
        return known


_MOST_KNOWN = 1000
