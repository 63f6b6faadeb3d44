"""The model of the validated requests: ten fields, as pydantic."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

__all__ = ["Job", "Order"]


class Order(BaseModel):
    """The body of a POST."""

    id: int
    sku: str
    name: str
    qty: int
    price: float
    currency: str
    gift: bool
    tags: list[str]
    email: str
    created: datetime


class Job(BaseModel):
    """The body of a queue's message."""

    order: int
    sku: str
