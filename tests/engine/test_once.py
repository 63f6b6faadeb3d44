"""`once=`: which calls are made when a record comes again, and what is kept of them."""

from __future__ import annotations

import pytest

from lambdarouter import App, ConfigurationError, Skipped
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import events


def test_after_a_failure_only_what_failed_runs_again() -> None:
    app = App(store=MemoryStore())
    ran: list[str] = []

    @app.sns("orders", once=True)
    def announce(message: str) -> None:
        ran.append("announce")

    @app.sns("orders", once=True)
    async def audit(message: str) -> None:
        ran.append("audit")
        if ran.count("audit") == 1:
            raise RuntimeError("the audit log is full")

    event = events.sns("orders", "17")
    with pytest.raises(RuntimeError, match="full"):
        app(event)
    completion = app.complete(event)

    assert sorted(ran) == ["announce", "audit", "audit"]
    assert completion.error is None
    skipped, done = completion.outcomes
    assert isinstance(skipped, Skipped)
    assert (skipped.status, done.status) == ("skipped", "ok")


def test_once_without_a_store_is_refused_where_the_handler_is_registered() -> None:
    app = App()

    def announce(message: str) -> None: ...

    with pytest.raises(ConfigurationError, match=r"announce .*: once= needs a store: App\(store="):
        app.sns("orders", once=True)(announce)
