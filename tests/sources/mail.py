"""Mail, and what a handler for it gets and answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lambdarouter import App, Completion, SesMail
from lambdarouter.testing.events import ses

__all__ = ["CONTINUE", "fixture", "mail_event", "outcome", "read", "status"]

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ses"
CONTINUE = {"disposition": "CONTINUE"}


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def mail_event(
    recipients: Any = "help@example.com", sender: str = "ada@example.org", subject: str | None = "Hi", **options: Any
) -> dict[str, Any]:
    return ses(recipients=recipients, sender=sender, subject=subject, **options)


def read(event: Any) -> SesMail:
    """The mail as a handler for all mail gets it."""
    app, seen = App(), list[SesMail]()

    @app.ses()
    def keep(mail: SesMail) -> None:
        seen.append(mail)

    assert app(event) == CONTINUE
    return seen[0]


def outcome(event: Any, **options: Any) -> Completion:
    app = App()

    @app.ses(**options)
    def handler() -> str:
        return "STOP_RULE"

    return app.complete(event)


def status(event: Any, **options: Any) -> str:
    (only,) = outcome(event, **options).outcomes
    return only.status if only.route is not None else "unclaimed"
