"""An event that no route takes is an error that says which it was: who reads it at night has nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from lambdarouter import App
from lambdarouter.sources import ROOMS
from tests.contract.table import contract

# Nothing in these events tells one from another, or no event of theirs is nobody's.
PLAIN = ("authorizer", "codedeploy", "cron", "http", "invoke", "ses", "websocket")


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in PLAIN])
def test_the_error_of_nobodys_event_says_where_it_came_from(room: str) -> None:
    _, names = ROOMS[room]
    kit: dict[str, Any] = contract(room).kit(names[0])
    app = App()
    kit.get("nobody has", lambda app: None)(app)

    (outcome, *_) = app.complete(kit["nobody"]()).outcomes

    said = str(outcome.error)
    assert said.startswith("no route for ")
    assert not said.startswith(tuple(f"no route for {name} (" for name in names))
    assert f"register a handler with @app.{room}(" in said
