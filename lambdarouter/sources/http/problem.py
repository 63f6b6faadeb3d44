"""Errors as replies: problem documents (RFC 9457)."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.http import status_of
from lambdarouter.core.route import Answer
from lambdarouter.errors import HttpError, InvalidPayloadError
from lambdarouter.sources.http.response import TITLES, Response, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.core.route import Route
    from lambdarouter.sources.http.request import HttpRequest

__all__ = ["PROBLEM_HEADERS", "Refusal", "problem", "status_of"]

# Of nearly all problems, which have no headers of their own: see `JSON_HEADERS`.
PROBLEM_HEADERS = [("content-type", "application/problem+json")]
# A problem is shown in full up to here: what a client makes of a request must not outgrow the gateway's limit.
_MOST_ERRORS, _LONGEST_PROBLEM = 100, 100_000
# The documents of statuses of which there is no more to say, as of most requests that no route takes.
_least: dict[int, str] = {}


def problem(error: Exception, request: HttpRequest, *, debug: bool) -> Response:
    """An error as problem+json (RFC 9457). What is not the client's to know stays out, unless `debug`. Never raises."""
    status = status_of(error)
    try:
        told = _told(error, debug=debug)
        if status >= 500:  # noqa: PLR2004 - so that a report from a user leads to the log line
            told["request_id"] = _sendable(request.id)
        text = codec.encode({"title": _title(status), "status": status, **told}) if told else _bare(status)
        if len(text) > _LONGEST_PROBLEM:  # a location may hold a name that the client made up
            text = _bare(status)
        if isinstance(error, HttpError) and error.headers:
            # The document is what it is: a media type of the error's own would be a second one.
            own = [pair for pair in error.headers.items() if pair[0].lower() != "content-type"]
            return Response(text, status, [*own, *PROBLEM_HEADERS])
        return made(text, status, PROBLEM_HEADERS)
    except Exception:  # noqa: BLE001 - an exception whose text cannot be had must not cost the client its answer
        return made(_bare(status), status, PROBLEM_HEADERS)


class Refusal(Answer):
    """What a request gets that no route takes: the document of its status, with `headers`.

    The error is made for who asks: middleware, exception handlers, tests. It takes longer than all else together.
    """

    __slots__ = ("_error", "_headers", "_status")

    def __init__(self, record: HttpRequest, status: int, headers: dict[str, str] | None = None) -> None:
        self.record: HttpRequest = record
        self.route: Route | None = None
        self.value: Any = made(
            _bare(status), status, [*headers.items(), *PROBLEM_HEADERS] if headers else PROBLEM_HEADERS
        )
        self._status = status
        self._headers = headers
        self._error: Exception | None = None

    @property
    def error(self) -> Exception | None:  # type: ignore[override] # nobody sets it
        """404, or 405."""
        error = self._error
        if error is None:
            error = self._error = HttpError(self._status, headers=self._headers)
        return error


def _title(status: int) -> str:
    return TITLES.get(status, "Error")


def _bare(status: int) -> str:
    """The document that says no more than the status."""
    text = _least.get(status)
    if text is None:
        text = _least[status] = codec.encode({"title": _title(status), "status": status})
    return text


def _told(error: Exception, *, debug: bool) -> dict[str, Any]:
    """What a client is told of an error beside its status."""
    told: dict[str, Any] = {}
    if isinstance(error, HttpError):
        for name in _MEMBERS:
            text = getattr(error, name)
            if text is not None:
                told[name] = _sendable(text)
        if error.extensions:
            told |= error.extensions
    elif isinstance(error, InvalidPayloadError):
        told["detail"] = _sendable(str(error))
        if error.errors:
            told["errors"] = error.errors[:_MOST_ERRORS]
    elif debug:
        told["detail"] = _sendable(f"{type(error).__name__}: {error}")
    return told


_MEMBERS = ("type", "title", "detail", "instance")


def _sendable(text: str) -> str:
    """The text with half surrogate pairs escaped: they have no UTF-8, and a client's JSON may hold them."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
