"""Conditional requests and ranges: what the client has already, and the part that it wants.

https://www.rfc-editor.org/rfc/rfc9110.html#name-conditional-requests
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambdarouter.sources.http.request import HttpRequest

__all__ = ["etag_of", "precondition", "requested_range"]


def etag_of(body: bytes) -> str:
    """A strong entity tag: the same for the same bytes."""
    from hashlib import blake2b  # noqa: PLC0415 - 5 ms, for those who want tags

    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def _tags(text: str) -> list[str]:
    return [tag.strip() for tag in text.split(",")]


def _seconds(date: str | None) -> float | None:
    """An HTTP date as seconds since 1970; None for what is none."""
    if date is None:
        return None
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - 18 ms, for requests with a date

    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _all(request: HttpRequest, name: str) -> str | None:
    """A header's values as one list, None where it is absent."""
    values = request.headers.all(name)
    return ", ".join(values) if values else None


def precondition(request: HttpRequest, etag: str | None, modified: float | None = None) -> int | None:
    """304 or 412 where the request's conditions say so, in the order of RFC 9110, 13.2.2; else None.

    `modified`: when the representation last changed, in seconds since 1970.
    """
    reads = request.method in ("GET", "HEAD")
    if_match, unmodified_since = _all(request, "if-match"), _seconds(request.headers.get("if-unmodified-since"))
    if if_match is not None:
        # Strongly: a weak tag never matches.
        if if_match.strip() != "*" and (etag is None or etag.startswith("W/") or etag not in _tags(if_match)):
            return 412
    elif unmodified_since is not None and modified is not None and int(modified) > unmodified_since:
        return 412
    if_none_match = _all(request, "if-none-match")
    if if_none_match is not None:
        weak = [tag.removeprefix("W/") for tag in _tags(if_none_match)]
        if if_none_match.strip() == "*" or (etag is not None and etag.removeprefix("W/") in weak):
            return 304 if reads else 412
        return None
    modified_since = _seconds(request.headers.get("if-modified-since"))
    if reads and modified_since is not None and modified is not None and int(modified) <= modified_since:
        return 304
    return None


def requested_range(
    request: HttpRequest, size: int, etag: str | None, modified: float | None
) -> tuple[int, int] | bool | None:
    """The bytes that a GET wants, as (first, after the last): None for all of them, False where there are none such.

    Several ranges in one request, a unit that is not bytes, and what is no range are answered with all of it, as
    RFC 9110 allows; so is a range of a representation that has changed since (If-Range).
    """
    text = request.headers.get("range")
    if text is None or request.method != "GET" or not _is_current(request.headers.get("if-range"), etag, modified):
        return None
    unit, _, spec = text.partition("=")
    first, dash, last = (part.strip() for part in spec.partition("-"))
    if unit.strip().lower() != "bytes" or not dash or not all(part.isascii() for part in (first, last)):
        return None
    if first == "" and last.isdigit():
        length = int(last[:_DIGITS])
        return (max(0, size - length), size) if length and size else False
    if not first.isdigit() or not (last == "" or last.isdigit()):
        return None
    start, end = int(first[:_DIGITS]), size if last == "" else min(size, int(last[:_DIGITS]) + 1)
    if last != "" and int(last[:_DIGITS]) < start:
        return None
    return (start, end) if start < size else False


# Of a position, so many digits are read: more than any file has, and no work for a client to make.
_DIGITS = 18


def _is_current(if_range: str | None, etag: str | None, modified: float | None) -> bool:
    if if_range is None:
        return True
    if if_range.startswith(('"', "W/")):
        return if_range == etag and not if_range.startswith("W/")
    return modified is not None and _seconds(if_range) == int(modified)
