"""A topic, the models of its messages, and handlers that keep what they are called with."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from lambdarouter import App, Completion, SnsRecord

__all__ = ["ARN", "Order", "Refund", "recorder", "statuses"]

ARN = "arn:aws:sns:eu-west-1:123456789012:orders"


class Order(BaseModel):
    id: int


class Refund(BaseModel):
    refund: int


def recorder(app: App, *args: Any, **options: Any) -> list[SnsRecord]:
    """Register a handler that keeps the records it is called with."""
    seen: list[SnsRecord] = []

    @app.sns(*args, **options)
    def keep(record: SnsRecord) -> None:
        seen.append(record)

    return seen


def statuses(completion: Completion) -> list[str]:
    return [outcome.status for outcome in completion.outcomes]
