"""A builder's arguments, and what is read of them in the view."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

__all__ = ["AT", "ORDER", "SENT", "TIME", "Trip"]

TIME = "2026-02-03T04:05:06+00:00"
AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
ORDER = {"id": 17, "to": "Zoë"}
SENT = json.dumps(ORDER, separators=(",", ":"), ensure_ascii=False)


class Trip:
    """The arguments of a builder, all of them but those in `without`, which says why.

    `reads`: what is read of the first record, or of the event where the record has no such attribute: an attribute,
    a key of it after a dot, or a function of the record, to the value expected.
    """

    def __init__(self, *args: Any, reads: dict[Any, Any], without: dict[str, str] | None = None, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs
        self.reads = reads
        self.without = without or {}
