"""`once=` of HTTP: the Idempotency-Key header, and replies that are sent again.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64

from lambdarouter.core.once import LARGEST, Repeats
from lambdarouter.errors import HttpError
from lambdarouter.sources.http.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.core.once import Once
    from lambdarouter.core.route import Match
    from lambdarouter.sources.http.request import HttpRequest

__all__ = ["Idempotency"]

_LONGEST = 255
# Replies that say "not now": the next attempt may fare better, so it is made.
_NOT_FINAL = (408, 425, 429)


class Idempotency(Repeats):
    """Requests with one Idempotency-Key, of one caller, are one request: its reply is kept and sent again."""

    def key(self, match: Match, once: Once, event: Any) -> str | None:
        """The header's key (or the function's), and whose it is. Raises `HttpError` 400 for what is no key."""
        request: HttpRequest = match.record
        key = _header(request) if once.key is None else super().key(match, once, event)
        if not key:
            return None
        caller = _caller(request)
        return f"{len(caller)}:{caller}:{key}"

    def mark(self, match: Match) -> str:
        """The request's fingerprint: method, path, query and body."""
        from hashlib import sha256  # noqa: PLC0415 - only for routes with once=

        request: HttpRequest = match.record
        # JSON: no two requests are written alike.
        said = json.dumps([request.method, request.path, list(request.query.multi_items())])
        return sha256(said.encode() + b"\n" + request.body).hexdigest()

    def missing(self, match: Match) -> Exception:
        """400, as the draft has it."""
        return HttpError(400, "this request needs an Idempotency-Key header")

    def busy(self, match: Match, seconds: float) -> Exception:
        """409: to be tried again in a moment, though at worst it takes until the lease has run out."""
        detail = "a request with this Idempotency-Key is being handled"
        return HttpError(409, detail, headers={"retry-after": "1"})

    def differs(self, match: Match) -> Exception:
        """422, as the draft has it."""
        return HttpError(422, "this Idempotency-Key was used for another request")

    def keep(self, value: Any, result: Any) -> bytes | None:
        """The reply in full; None for one that is not final, b"" for one that is too large."""
        response: Response = result
        if response.status >= 500 or response.status in _NOT_FINAL:  # noqa: PLR2004 - HTTP's server errors
            return None
        body = response.body
        kept = json.dumps(
            {
                "status": response.status,
                "headers": [list(pair) for pair in response.headers],
                "cookies": list(response.cookies),
                "binary": isinstance(body, bytes),
                "body": b2a_base64(body, newline=False).decode() if isinstance(body, bytes) else body,
            },
            separators=(",", ":"),
        ).encode()
        return kept if len(kept) <= LARGEST else b""

    def again(self, match: Match, kept: bytes) -> Response:
        """The reply as it was sent. Raises `HttpError` 409 where it was too large to keep."""
        if not kept:
            raise HttpError(409, "this request was handled before; its reply was too large to be kept")
        reply = json.loads(kept)
        body = a2b_base64(reply["body"]) if reply["binary"] else reply["body"]
        return _Repeat(body, reply["status"], [(name, value) for name, value in reply["headers"]], reply["cookies"])


class _Repeat(Response):
    __slots__ = ()

    is_repeat = True


def _header(request: HttpRequest) -> str | None:
    """The key: a structured header's string, in quotes; or, as many clients send it, without."""
    values = request.headers.all("idempotency-key")
    if not values:
        return None
    text = values[0].strip()
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        text = text[1:-1]
    if len(values) > 1 or not 0 < len(text) <= _LONGEST or not _KEY.issuperset(text):
        msg = f"the Idempotency-Key is one key of at most {_LONGEST} visible ASCII characters, such as a UUID"
        raise HttpError(400, msg)
    return text


# Visible ASCII, without what quotes, escapes, or separates several values.
_KEY = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('",\\')


def _caller(request: HttpRequest) -> str:
    """Who a key belongs to: the guard's principal, else the gateway's; "" where nobody asked."""
    return request.auth.principal if request.auth is not None else request.identity.principal or ""
