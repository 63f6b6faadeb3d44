"""Options that are known to be wrong when the app is imported: no event could ever be what they say.

What may still be right passes: a glob that could fit, and a word that AWS may add to an open set. `None` is an option
that is left out. All raise `ConfigurationError`, and say what to write instead.
"""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any

__all__ = [
    "check_addresses",
    "check_beginning",
    "check_characters",
    "check_choices",
    "check_resources",
    "check_words",
    "nearest",
    "several_of",
]


def check_choices(option: str, given: Any, choices: Collection[str], *, several: bool = True) -> None:
    """Refuse what is none of AWS's words, or a list with another in it; `several=False`: every list."""
    words = _listed(given)
    wrong = [word for word in words if word not in choices]
    if wrong or (isinstance(given, _LISTS) and not (several and words)):
        meant = nearest(wrong[0], choices) if wrong else ""
        msg = f"{option} is {given!r}{meant}; it is one of {', '.join(choices)}"
        raise ConfigurationError(msg)


def check_words(
    option: str, given: Any, known: Collection[str], others: Callable[[str], bool] = lambda word: False
) -> None:
    """Refuse a word that AWS never says: none of those `known`, nor of the `others` that it may add. Globs pass."""
    spellings = {word.casefold(): word for word in known}
    for word in _listed(given):
        if not _is_glob(word) and word not in known and (word.casefold() in spellings or not others(word)):
            msg = f"{option} is {word!r}, which can never match{nearest(word, known)}; AWS says {', '.join(known)}"
            raise ConfigurationError(msg)


def check_beginning(option: str, given: Any, *beginnings: str) -> None:
    """Refuse what begins otherwise: an id without its "s-", a channel without its "/"."""
    for pattern in _listed(given):
        if not _begins(pattern, *beginnings):
            said = " or ".join(map(repr, beginnings))
            msg = f"{option} is {pattern!r}, which can never match: what AWS sends begins with {said}"
            raise ConfigurationError(msg)


def check_characters(option: str, given: Any, marks: str) -> None:
    """Refuse a name with a character that names of its kind do not have: others than letters, digits and `marks`."""
    for pattern in _listed(given):
        if not _is_of(pattern, marks):
            name = _name_in(pattern, marks)
            meant = f"; write the name alone, perhaps {name!r}" if name else ""
            has = ", ".join(("letters", "digits", *marks))
            msg = f"{option} is {pattern!r}, which can never match: such a name has only {has}{meant}"
            raise ConfigurationError(msg)


def check_resources(option: str, given: Any, service: str, *, marks: str = "-_.", kind: str | None = "") -> None:
    """Refuse what is neither a name of such a resource nor its ARN, nor a glob of either.

    `service`: the ARN's third part, or several, `|` between them. `kind`: what stands before the name in the ARN's last
    part ("table/"), None where that differs. `marks`: what names have beside letters and digits.
    """
    for pattern in _listed(given):
        if not (_begins(pattern, "arn:") and (":" in pattern or "/" in pattern)):
            check_characters(option, pattern, marks)
            continue
        parts = pattern.split(":", 5)
        # A wildcard may stand for several parts.
        short = len(parts) < _PARTS and not _is_glob(pattern)
        other = not _is_glob("".join(parts[:3])) and parts[2:3] not in [[each] for each in service.split("|")]
        name = "" if kind is None or _is_glob("".join(parts[:5])) else "".join(parts[5:])
        odd = (bool(name) and not _begins(name, kind or "")) or (kind == "" and not _is_of(name, marks))
        if short or other or odd:
            example = f"arn:aws:{service.partition('|')[0]}:REGION:ACCOUNT:{kind or ''}NAME"
            msg = f"{option} is {pattern!r}, which is no ARN of that kind: {example}, or the name alone, or a glob"
            raise ConfigurationError(msg)


def check_addresses(option: str, given: Any) -> None:
    """Refuse what no mail address can be."""
    for pattern in _listed(given):
        if "@" not in pattern and "*" not in pattern:
            msg = f"{option} {pattern!r} has no @ and can never match an address: for a domain write '*@{pattern}'"
            raise ConfigurationError(msg)


def several_of(given: Any) -> list[Any]:
    """The values of an option that takes one or several."""
    return list(given) if isinstance(given, _LISTS) else [given]


def nearest(word: Any, words: Iterable[str]) -> str:
    """The word that may have been meant, as the middle of a message; nothing where none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - for the message only

    spellings = {each.casefold(): each for each in words}
    close = get_close_matches(str(word).casefold(), spellings, n=1)
    return f", perhaps {spellings[close[0]]!r}" if close else ""


_LISTS = (list, tuple, set, frozenset)
_PARTS = 6  # arn:partition:service:region:account:name


def _name_in(pattern: str, marks: str) -> str:
    """The name at the end of an ARN, a path or a URL; "" where nobody can tell."""
    if "/" not in pattern and not pattern.startswith("arn:"):
        return ""  # a name with a qualifier, perhaps
    if "://" in pattern and (not marks or "/" in marks):
        return ""  # an id, of which a URL need not tell, or a name that may begin anywhere in it
    name = pattern.rstrip("/").rpartition(":")[2]
    if "/" not in marks:
        name = name.rpartition("/")[2]
    return name if name != pattern and not _is_glob(name) and _is_of(name, marks) else ""


def _listed(given: Any) -> list[Any]:
    return [] if given is None else several_of(given)


def _is_glob(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def _is_of(pattern: str, marks: str) -> bool:
    return all((character.isascii() and character.isalnum()) or character in f"{marks}*?" for character in pattern)


def _begins(pattern: str, *beginnings: str) -> bool:
    """Whether it begins so, or could, from its first wildcard on."""
    if not _is_glob(pattern):
        return pattern.startswith(beginnings)
    fixed = pattern.partition("*")[0].partition("?")[0]
    return any(fixed.startswith(beginning) or beginning.startswith(fixed) for beginning in beginnings)
