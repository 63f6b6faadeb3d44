"""Glob patterns for names that AWS or a sender writes: `*` is any text, `?` one character, all else itself."""

from __future__ import annotations

from fnmatch import fnmatchcase

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

__all__ = ["Patterns"]


class Patterns:
    """One pattern or several; a name matches when any of them does. `fold=True` ignores case.

    Raises `ConfigurationError` for none at all and for an empty one, which could never match.
    """

    __slots__ = ("_fold", "_globs", "_patterns", "text")

    def __init__(self, patterns: str | Sequence[str], what: str, *, fold: bool = False) -> None:
        several: list[Any] = list(patterns) if isinstance(patterns, (list, tuple, set, frozenset)) else [patterns]
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
