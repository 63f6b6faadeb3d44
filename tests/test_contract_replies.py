"""What every room answers, on one table: its reply where all is well, and in every failure.

A new room is covered when it is in the directory (`lambdarouter.sources.ROOMS`): these tests fail until it has a module
in `tests/contract`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from lambdarouter import App
from lambdarouter.sources import ROOMS
from tests.contract.table import ABSENT, MODES, ROOM_OF, Boom, contract, expected
from tests.pace import in_real_time, seconds

CASES = [
    pytest.param(name, mode, marks=[in_real_time] if mode == "deadline" else [])
    for name, room in ROOM_OF.items()
    for mode in MODES
    if expected(contract(room).REPLIES[mode], name) is not ABSENT
]


def handler(kit: dict[str, Any], *, colour: str = "sync", fails: bool = False) -> Callable[..., Any]:
    value = kit.get("value")

    def sync() -> Any:
        if fails:
            raise Boom
        return value

    async def asynchronous() -> Any:
        await asyncio.sleep(0)
        return sync()

    return sync if colour == "sync" else asynchronous


def arranged(kit: dict[str, Any], mode: str, colour: str) -> tuple[App, Any, Any]:
    """An app, the event and the context in which the mode happens."""
    app, event, context = App(), kit["event"](), None
    several = kit.get("several", kit["one"])
    if mode == "all well":
        kit["one"](app, handler(kit, colour=colour))
    elif mode == "one of three fails":
        for number in range(3):
            several(app, handler(kit, colour=colour, fails=number == 1))
    elif mode == "all fail":
        for _ in range(3 if "several" in kit else 1):
            several(app, handler(kit, colour=colour, fails=True))
    elif mode == "invalid payload":
        kit["typed"](app)
        event = kit["invalid"]()
    elif mode == "nobody":
        kit.get("nobody has", lambda app: None)(app)
        event = kit["nobody"]()
    elif mode == "declined":
        kit["declining"](app, handler(kit, fails=True))
    else:

        async def hangs() -> None:
            await asyncio.Event().wait()

        kit["one"](app, hangs)
        # The margin, some time to get there, and what is kept for sending the reply.
        left = 100 + seconds(0.05) * 1000 + (1000 if app.routes[0].source.reserve else 0)
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: left)
    return app, event, context


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize(("name", "mode"), CASES, ids=lambda case: case)
def test_the_reply_is_the_one_that_the_source_wants(
    name: str, mode: str, colour: str, capfd: pytest.CaptureFixture[str]
) -> None:
    room = contract(ROOM_OF[name])
    app, event, context = arranged(room.kit(name), mode, colour)
    wanted = expected(room.REPLIES[mode], name)
    # Rooms whose replies go through an API bring one.
    with getattr(room, "around", nullcontext)():
        completion = app.complete(event, context)
    assert completion.name == name
    assert completion.outcomes
    if isinstance(wanted, type):
        assert type(completion.error) is wanted
        assert completion.reply is None
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever the table says
            app(event, context)
        assert type(caught.value) is wanted
        return
    assert completion.error is None
    assert json.loads(json.dumps(completion.reply)) == completion.reply
    if isinstance(wanted, int):
        assert completion.reply["statusCode"] == wanted
        # What Lambda is not told, the log is.
        assert ("call failed" in capfd.readouterr().err) is (wanted >= 500)
    elif isinstance(wanted, dict):
        assert wanted.items() <= completion.reply.items()
    else:
        assert completion.reply == wanted
    statuses = {outcome.status for outcome in completion.outcomes}
    if mode == "one of three fails":
        assert statuses == {"ok", "failed"}
    else:
        assert statuses == {"ok"} if mode == "all well" else "ok" not in statuses


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_on_the_table(room: str) -> None:
    assert list(contract(room).REPLIES) == MODES
