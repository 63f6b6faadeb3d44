"""The contract of every room, on one table: what Lambda is told where all is well, and in every failure.

A room has a module of its name beside this one, with

- `kit(name)`: how each mode of `MODES` is brought about, for a classified name of the room;
- `REPLIES`: what Lambda is then to be told, by mode: a reply (of an object, the keys that count; an int is its
  `statusCode`), an exception class that is raised, or `ABSENT`; `ByName`, where the room's names differ;
- `EMPTY`: what an app without any route answers: a reply (or its keys that count), or `RAISES`;
- `register(app)`: handlers for every event of the room's fixtures;
- `around()`, where its replies go through an API: a context manager in which there is one.

A kit's keys: `one(app, fn)` registers `fn`, and `several`, where an event can have several, is called for each of
them; `event()` is for these handlers. `typed(app)` registers a handler that wants something of the payload that
`invalid()` does not have; `nobody()` is an event that no route takes, after `nobody has(app)`; `declining(app, fn)`
registers `fn` so that its filter refuses `event()`. `value` is what a handler returns.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pydantic import BaseModel

from lambdarouter.sources import ROOMS

__all__ = ["ABSENT", "MODES", "RAISES", "ROOM_OF", "Boom", "ByName", "Order", "contract", "expected"]

ROOM_OF = {name: room for room, (_, names) in ROOMS.items() for name in names}
MODES = ["all well", "one of three fails", "all fail", "invalid payload", "nobody", "declined", "deadline"]
# The room has no such case.
ABSENT: Any = ...
RAISES: Any = object()


class Order(BaseModel):
    """What payloads hold."""

    id: int


class Boom(Exception):  # noqa: N818
    """What handlers raise."""


class ByName(dict[str, Any]):
    """An expectation for each classified name of a room."""


def expected(what: Any, name: str) -> Any:
    """The expectation for a classified name."""
    return what[name] if isinstance(what, ByName) else what


def contract(room: str) -> Any:
    """The room's module."""
    return import_module(f"tests.contract.{room}")
