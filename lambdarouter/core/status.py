"""`HttpError` by the names of its statuses, for handlers to raise. Loaded where an app names one."""

from __future__ import annotations

from lambdarouter.errors import HttpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

    from lambdarouter.errors import Members

__all__ = [
    "BadRequest",
    "Conflict",
    "Forbidden",
    "NotFound",
    "ServiceUnavailable",
    "TooManyRequests",
]


class BadRequest(HttpError):  # noqa: N818 - the family is named after the statuses, as web frameworks have it
    """400: what the client sent makes no sense."""

    def __init__(self, detail: str | None = None, **more: Unpack[Members]) -> None:
        super().__init__(400, detail, **more)


class Forbidden(HttpError):  # noqa: N818
    """403: we know who it is, and they may not."""

    def __init__(self, detail: str | None = None, **more: Unpack[Members]) -> None:
        super().__init__(403, detail, **more)


class NotFound(HttpError):  # noqa: N818
    """404: there is nothing, or nothing that the client may know of."""

    def __init__(self, detail: str | None = None, **more: Unpack[Members]) -> None:
        super().__init__(404, detail, **more)


class Conflict(HttpError):  # noqa: N818
    """409: not in the state that it is in."""

    def __init__(self, detail: str | None = None, **more: Unpack[Members]) -> None:
        super().__init__(409, detail, **more)


class TooManyRequests(HttpError):  # noqa: N818
    """429: later; `headers={"retry-after": "30"}` says when."""

    def __init__(self, detail: str | None = None, **more: Unpack[Members]) -> None:
        super().__init__(429, detail, **more)


class ServiceUnavailable(HttpError):  # noqa: N818
    """503: not now; `headers={"retry-after": "30"}` says when."""

    def __init__(self, detail: str | None = None, **more: Unpack[Members]) -> None:
        super().__init__(503, detail, **more)
