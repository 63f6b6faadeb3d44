"""Every exception the framework raises; the type says whose fault it is.

::

    LambdarouterError
    ├── ConfigurationError        the developer's: raised while the module is imported
    ├── EventError                the event's
    │   ├── UnknownEventError       no source recognises it
    │   ├── InvalidEventError       AWS's envelope lacks a field or holds a wrong one
    │   └── NoRouteError            a known source, but no route names this topic, queue, path …
    ├── InvalidPayloadError       the sender's: the payload does not fit the handler's annotation
    │   └── MalformedPayloadError   it cannot even be decoded (JSON, UTF-8, base64)
    ├── HttpError                 raised on purpose by a handler, a dependency or a guard
    │   ├── BadRequest              400
    │   ├── Unauthorized            401, and API Gateway's exact word for it
    │   ├── Forbidden               403
    │   ├── NotFound                404
    │   ├── Conflict                409
    │   ├── TooManyRequests         429
    │   └── ServiceUnavailable      503
    ├── NotAttempted              an earlier record of the same ordering key failed, or memory was short
    ├── PartialFailure            raised on purpose by a whole-batch handler: these of its records failed
    ├── DeadlineExceeded          the invocation's time ran out
    ├── InFlight                  another invocation is at the same record: once=
    ├── StoreError                the app's store could not be asked
    └── RuntimeApiError           Lambda's Runtime API, or the connection to it, failed
    BatchError                    an ExceptionGroup: several calls of one event failed

One failure is re-raised as itself, never wrapped.

What only handlers raise, `HttpError` by the names of its statuses, is in `core.status`: each class takes 20 µs of every
start. All others are here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Self, TypedDict, Unpack

    class Members(TypedDict, total=False):
        """What every `HttpError` takes beside its detail."""

        headers: Mapping[str, str] | None
        type: str | None
        title: str | None
        instance: str | None
        extensions: Mapping[str, Any] | None


__all__ = [
    "BatchError",
    "ConfigurationError",
    "DeadlineExceeded",
    "EventError",
    "HttpError",
    "InFlight",
    "InvalidEventError",
    "InvalidPayloadError",
    "LambdarouterError",
    "MalformedPayloadError",
    "NoRouteError",
    "NotAttempted",
    "PartialFailure",
    "RuntimeApiError",
    "StoreError",
    "Unauthorized",
    "UnknownEventError",
    "causes_of",
    "check_header",
    "described",
    "has_utf8",
    "listed",
    "printable",
    "text_of",
]


class LambdarouterError(Exception):
    """The root of the tree; never raised itself."""


class ConfigurationError(LambdarouterError):
    """The app is put together wrongly. Raised at import, before any event is lost.

    `where` names the function, file and line at fault once they are known.
    """

    def __init__(self, message: str, where: str | None = None) -> None:
        super().__init__(message)
        self.where = where

    def __str__(self) -> str:
        message = str(self.args[0])
        return message if self.where is None else f"{self.where}: {message}"


class EventError(LambdarouterError):
    """What arrived cannot be handled by this app."""


class UnknownEventError(EventError):
    """No source recognises the event."""


class InvalidEventError(EventError):
    """A field of AWS's envelope is missing, null or of the wrong type; the message names its path."""


class NoRouteError(EventError):
    """The source is known, but no route of the app names what the event came from."""


class InvalidPayloadError(LambdarouterError):
    """The payload does not fit the handler's annotation.

    `errors` lists what is wrong, one dict each: `loc` (a tuple that starts with where it was found: "body",
    "query", "message" …), `msg`, and pydantic's `type`.
    """

    def __init__(self, message: str, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.errors: list[Mapping[str, Any]] = list(errors)


class MalformedPayloadError(InvalidPayloadError):
    """The payload is not the JSON, UTF-8 or base64 that it claims to be."""


class HttpError(LambdarouterError):
    """Answer an HTTP request with `status` (400 to 599) as problem+json (RFC 9457).

    `detail` is shown to the client, and so are the document's other members: `type` (a URI that names the kind of
    problem), `title`, `instance`, and `extensions` of one's own. Outside HTTP it is an error like any other.
    """

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        type: str | None = None,  # noqa: A002 - RFC 9457's names
        title: str | None = None,
        instance: str | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        if not 400 <= status <= 599:  # noqa: PLR2004 - the range of HTTP's error statuses
            msg = f"HttpError is for statuses 400 to 599, not {status}: return a Response for the others"
            raise ValueError(msg)
        if detail is not None and not isinstance(detail, str):
            msg = f"HttpError's detail is text, not {detail.__class__.__name__}"
            raise TypeError(msg)
        if extensions and (taken := _MEMBERS.intersection(extensions)):
            msg = f"HttpError's extensions hold {min(taken)!r}, which is a member of every problem document"
            raise ValueError(msg)
        if headers:
            for name, value in headers.items():
                check_header(name, value)
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.headers: dict[str, str] = dict(headers) if headers else {}
        self.type = type
        self.title = title
        self.instance = instance
        self.extensions: dict[str, Any] = dict(extensions) if extensions else {}

    def __str__(self) -> str:
        return f"{self.status}" if self.detail is None else f"{self.status}: {self.detail}"


_MEMBERS = frozenset(("type", "title", "status", "detail", "instance"))


def check_header(name: object, value: object) -> None:
    """Raise ValueError for a header that could not be sent, or would smuggle in another one."""
    if not isinstance(name, str) or not name or not _TOKEN.issuperset(name):
        msg = f"the header {name!r:.60} cannot be sent: a name is made of letters, digits and !#$%&'*+-.^_`|~"
        raise ValueError(msg)
    if not isinstance(value, str) or not _NO_VALUE.isdisjoint(value) or not has_utf8(value):
        msg = f"the header {name!r} with the value {value!r:.60} cannot be sent: it is a str, on one line"
        raise ValueError(msg)


# RFC 9110, 5.6.2
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NO_VALUE = frozenset("\r\n\0")


def has_utf8(text: str) -> bool:
    """Whether text can leave the function; half a surrogate pair has no UTF-8, and cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Unauthorized(HttpError):  # noqa: N818 - the word API Gateway's authorizers know
    """401. From an authorizer, API Gateway answers 401 only to the exact message "Unauthorized"."""

    def __init__(self, detail: str | None = None, **more: Unpack[Members]) -> None:
        super().__init__(401, detail, **more)

    def __str__(self) -> str:
        return "Unauthorized"


class DeadlineExceeded(LambdarouterError):  # noqa: N818 - named after the condition, as in gRPC
    """The call was stopped, or not started, because the invocation's deadline was near."""


class InFlight(LambdarouterError):  # noqa: N818 - an outcome, not a mistake
    """The record was not run, because another invocation is at it: to be delivered again, and skipped or run then."""


class StoreError(LambdarouterError):
    """The app's store could not be asked, so the call was not made; `__cause__` is the client's own error."""


class RuntimeApiError(LambdarouterError):
    """Lambda's Runtime API refused a call, sent what is no answer, or cannot be reached. Only our runtime calls it."""


class NotAttempted(LambdarouterError):  # noqa: N818 - an outcome, not a mistake
    """The record was not run: one before it with the same ordering key failed, or the memory was nearly used up."""


class PartialFailure(LambdarouterError):  # noqa: N818 - what the batch was, not what went wrong
    """Raised by a whole-batch handler: `failed`, records of its batch or their ids, failed; the others are done.

    `message` says why. Its cause (`raise … from error`) is logged with it.
    """

    def __init__(self, failed: Iterable[Any], message: str = "the handler names this record as failed") -> None:
        super().__init__(message)
        self.failed: list[Any] = list(failed)


class BatchError(ExceptionGroup[Exception], LambdarouterError):
    """Several calls of one event failed; `exceptions` holds each as it was raised.

    Its text names the first of them.
    """

    def __str__(self) -> str:
        # All that AWS's runtime writes of an error, and an invoker is told, is its text.
        causes = causes_of(self)
        told = [described(error) for error in causes[:_MOST_TOLD]]
        if len(causes) > _MOST_TOLD:
            told.append(f"and {len(causes) - _MOST_TOLD} more")
        return f"{self.message}: {'; '.join(told)}"

    def derive(self, excs: Sequence[Exception]) -> Self:  # type: ignore[override]
        """Keep the type when `except*` or `split` takes the group apart."""
        return type(self)(self.message, excs)


# Of what may be many, and of what may be any sender's.
_MOST_TOLD = 3
_LONGEST_TEXT = 200


def causes_of(group: BaseExceptionGroup[Any]) -> list[BaseException]:
    """A group's errors, those last that only follow from another."""
    return sorted(group.exceptions, key=lambda error: isinstance(error, NotAttempted))


def described(error: BaseException) -> str:
    """Type and text, in one line and cut: the text may be any sender's."""
    text = printable(_cut(text_of(error)))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def listed(problems: Sequence[Mapping[str, Any]]) -> str:
    """The first of an `InvalidPayloadError`'s problems, by their places: its text, in one line."""
    told = "; ".join(
        [_cut(f"{'.'.join([str(part) for part in each['loc']])}: {each['msg']}") for each in problems[:_MOST_TOLD]]
    )
    if len(problems) > _MOST_TOLD:
        told += f" (and {len(problems) - _MOST_TOLD} more)"
    return told if told.isprintable() else printable(told)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def text_of(error: BaseException | None) -> str:
    """An error's text, even where its own `__str__` fails."""
    try:
        return str(error)
    except Exception as failed:  # noqa: BLE001 - the error's own
        return f"a {type(error).__name__}, whose text cannot be made: {type(failed).__name__}"


def printable(text: str) -> str:
    """The text in one line, and without what would steer a terminal: both may come from whoever sent an event."""
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
