"""Errors as replies: problem documents (RFC 9457)."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.http import status_of
from lambdarouter.errors import HttpError, InvalidPayloadError
from lambdarouter.sources.http.response import TITLES, Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["problem", "status_of"]

_PROBLEM = ("content-type", "application/problem+json")
# A problem is shown in full up to here: what a client makes of a request must not outgrow the gateway's limit.
_MOST_ERRORS, _LONGEST_PROBLEM = 100, 100_000


def problem(error: Exception, request: str, *, debug: bool) -> Response:
    """An error as problem+json (RFC 9457). What is not the client's to know stays out, unless `debug`. Never raises."""
    status = status_of(error)
    document: dict[str, Any] = {"title": TITLES.get(status, "Error"), "status": status}
    least = codec.encode(document)
    headers: list[tuple[str, str]] = []
    try:
        if isinstance(error, HttpError):
            # The document is what it is: a media type of the error's own would be a second one.
            headers = [pair for pair in error.headers.items() if pair[0].lower() != "content-type"]
        document |= _told(error, debug=debug)
        if status >= 500:  # noqa: PLR2004 - so that a report from a user leads to the log line
            document["request_id"] = _sendable(request)
        text = codec.encode(document)
        if len(text) > _LONGEST_PROBLEM:  # a location may hold a name that the client made up
            text = least
        return Response(text, status, [*headers, _PROBLEM])
    except Exception:  # noqa: BLE001 - an exception whose text cannot be had must not cost the client its answer
        return Response(least, status, [_PROBLEM])


def _told(error: Exception, *, debug: bool) -> dict[str, Any]:
    """What a client is told of an error beside its status."""
    if isinstance(error, HttpError):
        members = {"type": error.type, "title": error.title, "detail": error.detail, "instance": error.instance}
        told = {name: _sendable(text) for name, text in members.items() if text is not None}
        return told | error.extensions
    if isinstance(error, InvalidPayloadError):
        told = {"detail": _sendable(str(error))}
        return told | {"errors": error.errors[:_MOST_ERRORS]} if error.errors else told
    return {"detail": _sendable(f"{type(error).__name__}: {error}")} if debug else {}


def _sendable(text: str) -> str:
    """The text with half surrogate pairs escaped: they have no UTF-8, and a client's JSON may hold them."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
